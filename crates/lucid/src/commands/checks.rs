//! `lucid checks`: the checks of what people enter, listed, shown, tried.

use clap::Subcommand;
use plausibility::{Check, Problem};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

use crate::arguments::Common;
use crate::configuration::{Settings, keys};
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::say;
use crate::{checks, city};

#[derive(Subcommand, Debug)]
pub(crate) enum ChecksCommand {
    /// Name every check: those that come with the program, and the city's own
    List,
    /// Say all of one check: what it finds, why it matters, what to do, its parameters
    #[command(after_help = "\
Example:
  lucid checks show amount_unit_slip_measured")]
    Show {
        /// The check's id
        id: String,
    },
    /// Read every file of a folder and try its examples
    #[command(after_help = "\
Example:
  lucid checks check cities/zhangzhou/checks

Exit code 1 when something is wrong; each problem names file, line, place and cure.")]
    Check {
        /// The folder, or one file
        folder: PathBuf,
    },
}

pub(crate) fn run(what: &ChecksCommand, common: &Common) -> Outcome {
    match what {
        ChecksCommand::List => list(common),
        ChecksCommand::Show { id } => show(id, common),
        ChecksCommand::Check { folder } => check(folder, common.json),
    }
}

/// Every check of the configured city.
fn all(common: &Common) -> Result<Vec<Check>, Failure> {
    let settings = Settings::load(&common.given())?;
    let own = city::own_files(settings.text(keys::CITY), checks::FOLDER)?;
    Ok(checks::all(&own)?.0)
}

fn list(common: &Common) -> Outcome {
    let all = all(common)?;
    if common.json {
        let described = |check: &Check| {
            json!({ "id": check.id, "version": check.version, "severity": check.severity.as_str(),
                "form": check.applies_to.form.as_str(), "fields": check.applies_to.fields,
                "zh": check.name.zh, "en": check.name.en, "file": check.file })
        };
        say!("{}", json!({ "checks": all.iter().map(described).collect::<Vec<Value>>() }));
        return Ok(Exit::Ok);
    }
    for check in &all {
        let (form, severity) = (check.applies_to.form.as_str(), check.severity.as_str());
        say!("{:<44} {severity:<13} {form:<16} v{}", check.id, check.version);
        say!("{:<44} {} / {}", "", check.name.zh, check.name.en);
    }
    say!("{} checks", all.len());
    Ok(Exit::Ok)
}

fn show(id: &str, common: &Common) -> Outcome {
    let all = all(common)?;
    let check = all.iter().find(|check| check.id == id).ok_or_else(|| {
        let what = format!("there is no check {id:?}");
        Failure::of_use("check.unknown", what, "`lucid checks list` names them all.")
    })?;
    let parameter = |it: &plausibility::Parameter| {
        json!({ "id": it.id, "value": it.value.to_string(), "unit": it.unit,
            "source": it.source.as_str(), "zh": it.basis.zh, "en": it.basis.en })
    };
    let found = check.fires.case(check.applies_to.form).findings(check);
    let example = found.first().map(plausibility::Finding::numbers);
    if common.json {
        let text = |text: &rulebook::Text| json!({ "zh": text.zh, "en": text.en });
        say!(
            "{}",
            json!({ "id": check.id, "version": check.version, "file": check.file,
                "severity": check.severity.as_str(), "form": check.applies_to.form.as_str(),
                "fields": check.applies_to.fields, "name": text(&check.name),
                "what": text(&check.what), "why": text(&check.why), "cure": text(&check.cure),
                "parameters": check.parameters.iter().map(parameter).collect::<Vec<_>>(),
                "example": example.as_ref().map(text) })
        );
        return Ok(Exit::Ok);
    }
    say!("{} v{}, {}", check.id, check.version, check.severity.as_str());
    say!("{} of {}", check.applies_to.fields.join(", "), check.applies_to.form.as_str());
    for (word, text) in [
        ("", &check.name),
        ("what  ", &check.what),
        ("why   ", &check.why),
        ("do    ", &check.cure),
    ] {
        say!("{word}{}", text.zh);
        say!("{word}{}", text.en);
    }
    for it in &check.parameters {
        let (value, unit, source) = (it.value, &it.unit, it.source.as_str());
        say!("{} = {value} {unit} ({source}: {} / {})", it.id, it.basis.zh, it.basis.en);
    }
    if let Some(example) = example {
        say!("example  {}", example.zh);
        say!("example  {}", example.en);
    }
    Ok(Exit::Ok)
}

/// The files of a folder and below it, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if folder.is_file() {
        return Ok(vec![folder.to_owned()]);
    }
    let unread = |error: std::io::Error| {
        let what = format!("{} cannot be read: {error}", folder.display());
        Failure::of_use("check.folder", what, "Name a folder with TOML files of checks.")
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn check(folder: &Path, as_json: bool) -> Outcome {
    let mut problems: Vec<Problem> = Vec::new();
    let found = files(folder)?;
    for file in &found {
        let text = std::fs::read_to_string(file).map_err(|error| {
            let what = format!("{} cannot be read: {error}", file.display());
            Failure::of_use("check.file", what, "Let this user read it; it is UTF-8 text.")
        })?;
        match Check::load(&file.display().to_string(), &text) {
            Ok(check) if as_json => {
                say!("{}", json!({ "file": file.display().to_string(), "id": check.id }));
            }
            Ok(check) => {
                say!("{}: {} is sound, both examples hold", file.display(), check.id);
            }
            Err(more) => problems.extend(more),
        }
    }
    for problem in &problems {
        if as_json {
            say!(
                "{}",
                json!({ "file": problem.file, "line": problem.line, "place": problem.place,
                    "code": problem.code, "zh": problem.what.zh, "en": problem.what.en,
                    "cure": problem.cure.en })
            );
        } else {
            say!("{problem}");
        }
    }
    if found.is_empty() {
        say!("{} holds no check", folder.display());
    }
    Ok(if problems.is_empty() { Exit::Ok } else { Exit::Found })
}
