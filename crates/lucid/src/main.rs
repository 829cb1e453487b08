//! The binary `lucid`: command line, configuration, wiring.

mod arguments;
mod backups;
mod casework;
mod checks;
mod city;
mod clock;
mod commands;
mod configuration;
mod counters;
mod demo_cases;
mod demo_findings;
mod demo_marks;
mod demo_reports;
mod engine;
mod exit;
mod history;
mod live;
mod logging;
mod opened;
mod outbound;
mod people;
mod public_log;
mod requests;
mod server;
mod slices;
mod spreadsheet;
mod sql;
mod stream;
mod telemetry;
mod terminal;
#[cfg(test)]
mod who_reaches_what;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::Arguments;
use terminal::note;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let as_json = arguments.common.json;
    match commands::run(arguments) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if as_json {
                note!("{}", failure.to_json());
            } else {
                note!("lucid: {failure}");
            }
            failure.exit_code()
        }
    }
}
