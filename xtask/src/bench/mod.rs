//! Benchmarks: those of cargo, and `standards` beside pandas, Polars and DuckDB.

mod standards;

use crate::command;

/// Runs one benchmark, or all of cargo's.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    match arguments.first().map(String::as_str) {
        Some("standards") => standards::run(),
        Some(name) => command::cargo(&["bench", "--workspace", "--bench", name]).run(),
        None => command::cargo(&["bench", "--workspace"]).run(),
    }
}
