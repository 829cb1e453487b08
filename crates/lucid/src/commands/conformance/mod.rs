//! `lucid conformance`: a file of check values against this program.
//!
//! Records that fail are one line each, those that are reported apart too; the last line counts.

mod hj212;

use serde_json::json;
use standards::conformance::{self, Report};

use crate::arguments::Conformance;
use crate::commands::files;
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::say;

pub(crate) fn run(arguments: &Conformance, as_json: bool) -> Outcome {
    let suite = arguments.suite.as_str();
    let rules = conformance::SUITES.iter().map(|suite| suite.name);
    let known: Vec<_> = std::iter::once("hj212").chain(rules).collect();
    if !known.iter().any(|name| name.eq_ignore_ascii_case(suite)) {
        return Err(Failure::of_use(
            "conformance.suite",
            format!("there is no suite {suite:?}"),
            format!("Name one of {}.", known.join(", ")),
        ));
    }
    let bytes = files::read(Some(&arguments.file))?;
    let text = ingest::files::text(&bytes);
    let report = match suite {
        name if name.eq_ignore_ascii_case("hj212") => hj212::run(&text),
        _ => conformance::run(suite, &text).unwrap_or_default(),
    };
    print(suite, &report, as_json);
    if report.passed + report.failed() + report.apart.len() == 0 {
        let what = format!("{} holds no record", arguments.file.display());
        return Err(Failure::of_use("conformance.empty", what, "Is this the right file?"));
    }
    Ok(if report.failures.is_empty() { Exit::Ok } else { Exit::Found })
}

fn print(suite: &str, report: &Report, as_json: bool) {
    if as_json {
        say!(
            "{}",
            json!({
                "suite": suite,
                "passed": report.passed,
                "failed": report.failed(),
                "failures": report.failures,
                "apart": report.apart,
            })
        );
        return;
    }
    for line in report.apart.iter().chain(&report.failures) {
        say!("{line}");
    }
    say!("{}", report.summary());
}
