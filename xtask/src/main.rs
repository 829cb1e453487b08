//! The project's own tools: start the demo city, run every check, guard the house rules.
//!
//! `cargo demo` and `cargo check-all` are the two commands of the README.

mod bench;
mod browser;
mod chain;
mod check;
mod command;
mod deadline;
mod frontend;
mod nats;
mod postgres;
mod python;
mod room;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  demo [ARGS]      build the front end and the program, then `lucid demo ARGS`
  check-all        everything that must hold before a change lands (also: ci)
  tidy             the house rules: storeys, map, headers, sizes
  frontend         install and build the front end
  browser          the browser walks against a fresh demo city; --built: with the program as it is
  chain [--small]  the chain of many machines on this one, with kills, beside one machine
  bench [NAME]     the benchmarks; `bench standards` sets the evaluation beside its peers
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let done = match command.as_str() {
        "demo" => demo(&rest),
        "check-all" | "ci" => check::all(),
        "tidy" => tidy::run(),
        "frontend" => frontend::build(),
        "browser" if rest == ["--built"] => browser::walk(command::Build::ByTheTests),
        "browser" => browser::walk(command::Build::Now),
        "chain" => chain::run(&rest),
        "bench" => bench::run(&rest),
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask {command}: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Builds what the demo needs and hands over to it.
fn demo(arguments: &[String]) -> Result<(), String> {
    frontend::build()?;
    command::program(&command::Build::Now.lucid()?).arguments(&["demo"]).strings(arguments).run()
}
