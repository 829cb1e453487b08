//! Benchmarks: those of cargo, `standards` beside pandas, Polars and DuckDB, and `history` beside
//! the engines that keep series.

mod history;
mod standards;

use crate::{command, nats};

/// Runs one benchmark, or all of cargo's.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    match arguments.first().map(String::as_str) {
        Some("standards") => standards::run(),
        Some("history") => history::run(&arguments[1..]),
        Some("intake") => command::cargo(&["bench", "--package", "ingest", "--bench", "intake"])
            .variable(nats::VARIABLE, &nats::program()?)
            .run(),
        Some(name) => command::cargo(&["bench", "--workspace", "--bench", name]).run(),
        None => command::cargo(&["bench", "--workspace"]).run(),
    }
}
