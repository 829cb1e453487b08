//! `lucid evaluate METHOD FILE`: whole files through `bulk`, with progress.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bulk::{
    DayDecimals, HourLabel, Measure, Method, PeriodKind, Problem, Refused, Settings, Values,
};
use indicatif::{ProgressBar, ProgressStyle};
use standards::air::Pollutant;

use super::explain;
use crate::arguments::{Judge, Stream};
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::{note, progress};

pub(super) fn run(name: &str, arguments: &Judge, as_json: bool) -> Outcome {
    let method = method(name)?;
    if arguments.explain {
        explain::explain(method, as_json);
        return Ok(Exit::Ok);
    }
    let settings = settings(method, arguments).map_err(|problem| failure(&problem))?;
    of_streams_alone(&arguments.stream)?;
    if arguments.stream.arrow_stream {
        return stream(method, &settings, &arguments.stream, as_json);
    }
    Ok(files(method, &settings, &arguments.files, arguments.output.as_deref(), as_json))
}

/// Refuses what says how a stream is written where there is none.
pub(super) fn of_streams_alone(arguments: &Stream) -> Result<(), Failure> {
    if arguments.values.is_none() || arguments.arrow_stream {
        return Ok(());
    }
    let cure = "Leave --values out: the form of a file is told by its name.";
    Err(Failure::of_use("evaluate.values", "--values goes with --arrow-stream alone", cure))
}

/// The method of a name.
pub(super) fn method(name: &str) -> Result<&'static Method, Failure> {
    bulk::METHODS.iter().find(|method| method.name == name).ok_or_else(|| {
        Failure::of_use("method.unknown", format!("there is no method {name}"), "See --list.")
    })
}

/// Judges files, with a bar on long ones.
pub(super) fn files(
    method: &Method,
    settings: &Settings,
    files: &[PathBuf],
    output: Option<&Path>,
    as_json: bool,
) -> Exit {
    let bar = bar(files);
    let started = Instant::now();
    let mut shown = Instant::now();
    let done = bulk::run(method, settings, files, output, &mut |done, whole| {
        if shown.elapsed() > Duration::from_millis(100) {
            bar.set_length(whole.max(done));
            bar.set_position(done);
            shown = Instant::now();
        }
    });
    bar.finish_and_clear();
    match done {
        Ok(summary) => {
            let seconds = started.elapsed().as_secs_f64();
            let rate = summary.rows as f64 / seconds.max(1e-9);
            if output.is_some() {
                note!(
                    "{} rows in, {} rows out, {seconds:.2} s, {rate:.0} rows/s",
                    summary.rows,
                    summary.written
                );
            }
            if summary.rounded > 0 {
                note!("{} numbers had more than six decimals and were rounded", summary.rounded);
            }
            Exit::Ok
        }
        Err(refused) => {
            report(&refused, as_json);
            Exit::Found
        }
    }
}

/// Judges an Arrow stream from standard input to standard output.
pub(super) fn stream(
    method: &Method,
    settings: &Settings,
    arguments: &Stream,
    as_json: bool,
) -> Outcome {
    if std::io::stdin().is_terminal() {
        let what = "standard input is a terminal, not an Arrow stream";
        let cure = "Pipe a stream in, or name a file instead of --arrow-stream.";
        return Err(Failure::of_use("stream.form", what, cure));
    }
    let values =
        if arguments.values.as_deref() == Some("text") { Values::Text } else { Values::Typed };
    let (from, into) = (Box::new(std::io::stdin()), Box::new(std::io::stdout()));
    match bulk::run_stream(method, settings, from, into, values) {
        Ok(_) => Ok(Exit::Ok),
        Err(refused) => {
            report(&refused, as_json);
            Ok(Exit::Found)
        }
    }
}

/// A bar with rate and remaining time, in what the files can be counted in.
fn bar(files: &[PathBuf]) -> ProgressBar {
    let bar = progress(0, "rows");
    if Measure::of(files) == Measure::Bytes {
        let form = "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        bar.set_style(ProgressStyle::with_template(form).unwrap_or_else(|_| bar.style()));
    }
    bar
}

fn settings(method: &Method, arguments: &Judge) -> Result<Settings, Problem> {
    let mut on = arguments.on.clone();
    for edition in &arguments.edition {
        on.push(method.day_of_edition(edition)?);
    }
    if on.len() > 1 && method.name != "air-period" {
        let what = format!("{} judges by one day or edition at a time", method.name);
        return Err(Problem::of_file("method.edition", what, "Give --on or --edition once."));
    }
    let plot = match &arguments.plot {
        None => None,
        Some(file) => {
            let pollutant = Pollutant::parse(&arguments.plot_item).ok_or_else(|| {
                let what = format!("{:?} is no pollutant", arguments.plot_item);
                Problem::of_file("plot.item", what, "Name so2, no2, co, o3, pm10 or pm25.")
            })?;
            Some((file.clone(), pollutant))
        }
    };
    Ok(Settings {
        on,
        label: if arguments.hours == "start" { HourLabel::Start } else { HourLabel::End },
        period: match arguments.period.as_str() {
            "month" => PeriodKind::Month,
            "quarter" => PeriodKind::Quarter,
            _ => PeriodKind::Year,
        },
        decimals: match arguments.days.as_str() {
            "printed" => DayDecimals::Printed,
            _ => DayDecimals::Exact,
        },
        units: units(&arguments.units)?,
        workers: arguments.threads,
        plot,
        ..Settings::default()
    })
}

/// The units of columns, each as `co=ug/m3`.
pub(super) fn units(given: &[String]) -> Result<Vec<(String, String)>, Problem> {
    let unit = |text: &String| {
        let (column, unit) = text.split_once('=').ok_or_else(|| {
            let what = format!("--unit {text:?} has no =");
            Problem::of_file("method.unit", what, "Write --unit co=ug/m3.")
        })?;
        Ok((column.trim().to_owned(), unit.trim().to_owned()))
    };
    given.iter().map(unit).collect()
}

pub(super) fn failure(problem: &Problem) -> Failure {
    Failure::of_use(problem.code, problem.what.clone(), problem.cure.clone())
}

/// Prints what is wrong, a line each.
fn report(refused: &Refused, as_json: bool) {
    let place = refused.file.display();
    for problem in &refused.problems {
        if as_json {
            let line = serde_json::json!({
                "file": place.to_string(),
                "code": problem.code,
                "row": problem.row,
                "column": problem.column,
                "what": problem.what,
                "cure": problem.cure,
            });
            note!("{line}");
        } else if refused.file == Path::new("") {
            note!("{problem}");
        } else {
            note!("{place}: {problem}");
        }
    }
}
