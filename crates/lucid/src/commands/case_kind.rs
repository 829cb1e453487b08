//! `lucid case-kind`: the kinds of cases, checked and drawn.

use authority::{Action, Role};
use caseflow::{CaseKind, Problem};
use clap::{Subcommand, ValueEnum};
use rulebook::Language;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

use crate::arguments::Common;
use crate::city;
use crate::configuration::{Settings, keys};
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::say;

#[derive(Subcommand, Debug)]
pub(crate) enum CaseKindCommand {
    /// Name every kind: those that come with the program, and the city's own
    List,
    /// Say everything that is wrong with a kind's file
    #[command(after_help = "\
Example:
  lucid case-kind check cities/zhangzhou/case_kinds/well_inspection.toml

Exit code 1 when something is wrong; each problem names file, line, place and cure.")]
    Check {
        /// The file
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Draw the states of a kind and the steps between them
    #[command(after_help = "\
Examples:
  lucid case-kind draw public_complaint
  lucid case-kind draw public_complaint --format svg --language zh -o complaint.svg
  lucid case-kind draw well_inspection.toml --format mermaid")]
    Draw {
        /// The kind's id, or a file
        kind: String,
        /// In which form
        #[arg(long, value_enum, default_value = "text")]
        format: Drawing,
        /// In which language
        #[arg(long, value_enum, default_value = "zh")]
        language: Spoken,
        /// The file to write; standard output when left out
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// The form of a drawing.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Drawing {
    /// Lines of text.
    Text,
    /// A picture.
    Svg,
    /// A state diagram as Mermaid reads it.
    Mermaid,
}

/// The language of a drawing.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Spoken {
    /// Chinese.
    Zh,
    /// English.
    En,
}

pub(crate) fn run(what: &CaseKindCommand, common: &Common) -> Outcome {
    match what {
        CaseKindCommand::List => list(common),
        CaseKindCommand::Check { files } => check(files, common.json),
        CaseKindCommand::Draw { kind, format, language, output } => {
            draw(&find(kind, common)?, *format, *language, output.as_deref())
        }
    }
}

/// Every kind of the configured city.
fn all(common: &Common) -> Result<Vec<CaseKind>, Failure> {
    let settings = Settings::load(&common.given())?;
    let own = city::case_kinds(settings.text(keys::CITY))?;
    supervision::kinds::all(&own).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
        let cure = "`lucid case-kind check FILE` says the same while you mend it.";
        Failure::of_use("case_kind.wrong", lines.join("\n"), cure)
    })
}

fn list(common: &Common) -> Outcome {
    let kinds = all(common)?;
    if common.json {
        let described = |kind: &CaseKind| {
            json!({
                "id": kind.id,
                "version": kind.version,
                "zh": kind.name.zh,
                "en": kind.name.en,
                "file": kind.file,
                "states": kind.states.len(),
                "transitions": kind.transitions.len(),
                "clocks": kind.clocks.len(),
            })
        };
        let kinds: Vec<Value> = kinds.iter().map(described).collect();
        say!("{}", json!({ "kinds": kinds }));
        return Ok(Exit::Ok);
    }
    for kind in &kinds {
        say!("{:<26} {} / {}", kind.id, kind.name.zh, kind.name.en);
        say!(
            "{:<26} version {}, {} states, {} transitions, {} clocks, from {}",
            "",
            kind.version,
            kind.states.len(),
            kind.transitions.len(),
            kind.clocks.len(),
            kind.file
        );
    }
    Ok(Exit::Ok)
}

/// Reads a kind's file and says what is wrong with it.
fn read(file: &Path) -> Result<Result<CaseKind, Vec<Problem>>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let what = format!("{} cannot be read: {error}", file.display());
        Failure::of_use("case_kind.file", what, "Name a TOML file of a kind.")
    })?;
    let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    Ok(CaseKind::parse(&name, &text).and_then(|kind| {
        let actions = Action::ALL.map(Action::as_str);
        let roles = Role::ALL.map(Role::as_str);
        let mut problems = kind.check();
        problems.extend(kind.check_words(&actions, &roles));
        problems.extend(kind.check_duties(|role, action| {
            let role = Role::parse(role);
            role.is_some_and(|role| role.actions().iter().any(|known| known.as_str() == action))
        }));
        if problems.is_empty() { Ok(kind) } else { Err(problems) }
    }))
}

fn check(files: &[PathBuf], as_json: bool) -> Outcome {
    let mut has_problem = false;
    for file in files {
        match read(file)? {
            Ok(kind) if as_json => {
                say!("{}", json!({ "file": file.display().to_string(), "id": kind.id }));
            }
            Ok(kind) => say!(
                "{}: {} ({}) is sound: {} states, {} transitions, {} clocks",
                file.display(),
                kind.id,
                kind.name.zh,
                kind.states.len(),
                kind.transitions.len(),
                kind.clocks.len()
            ),
            Err(problems) => {
                has_problem = true;
                for problem in &problems {
                    if as_json {
                        say!(
                            "{}",
                            json!({ "file": problem.file, "line": problem.line,
                                "place": problem.place, "code": problem.code,
                                "zh": problem.what.zh, "en": problem.what.en,
                                "cure": problem.cure.en })
                        );
                    } else {
                        say!("{problem}");
                    }
                }
            }
        }
    }
    Ok(if has_problem { Exit::Found } else { Exit::Ok })
}

fn find(named: &str, common: &Common) -> Result<CaseKind, Failure> {
    let file = Path::new(named);
    if file.extension().is_some() {
        return read(file)?.map_err(|problems| {
            let lines: Vec<_> = problems.iter().map(Problem::to_string).collect();
            Failure::of_use("case_kind.wrong", lines.join("\n"), "Mend the file first.")
        });
    }
    let kinds = all(common)?;
    let ids: Vec<String> = kinds.iter().map(|kind| kind.id.clone()).collect();
    kinds.into_iter().find(|kind| kind.id == named).ok_or_else(|| {
        let what = format!("there is no kind {named:?}");
        Failure::of_use("case_kind.unknown", what, format!("Known: {}.", ids.join(", ")))
    })
}

fn draw(kind: &CaseKind, format: Drawing, language: Spoken, output: Option<&Path>) -> Outcome {
    let language = match language {
        Spoken::Zh => Language::Chinese,
        Spoken::En => Language::English,
    };
    let drawn = match format {
        Drawing::Text => kind.draw_text(language),
        Drawing::Svg => kind.draw_svg(language),
        Drawing::Mermaid => kind.draw(language),
    };
    match output {
        None => say!("{}", drawn.trim_end()),
        Some(file) => std::fs::write(file, drawn).map_err(|error| {
            let what = format!("{} cannot be written: {error}", file.display());
            Failure::of_environment("case_kind.output", what, "Choose a file that can be written.")
        })?,
    }
    Ok(Exit::Ok)
}
