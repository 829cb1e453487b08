//! Everything that must hold before a change lands, in order of cheapness, with the seconds and
//! the disk that each step takes. A step that does not end is ended.

use crate::command::{Build, cargo, program, target};
use crate::deadline::Watch;
use crate::{browser, chain, frontend, nats, postgres, room, tidy};
use std::time::{Duration, Instant};

/// The binary with everything that it can have.
const SQL: &str = "lucid/sql";

/// Runs every step and prints how long each took.
pub(crate) fn all() -> Result<(), String> {
    let mut clock = Clock { steps: Vec::new() };
    let outcome = steps(&mut clock);
    clock.print();
    outcome
}

fn steps(clock: &mut Clock) -> Result<(), String> {
    clock.step("room on the disk", 1, room::check)?;
    clock.step("tidy", 2, tidy::run)?;
    clock.step("format", 2, || cargo(&["fmt", "--all", "--check"]).run())?;
    clock.step("front end", 10, || frontend::check().and_then(|()| frontend::build()))?;
    clock.step("clippy", 30, || {
        cargo(&["clippy", "--workspace", "--all-targets", "--features", SQL, "--quiet"])
            .arguments(&["--", "-D", "warnings"])
            .run()
    })?;
    clock.step("build tests", 40, || {
        cargo(&["test", "--workspace", "--all-targets", "--features", SQL, "--no-run", "--quiet"])
            .run()
    })?;
    clock.step("tests on SQLite and PostgreSQL", 30, || {
        let server = postgres::Server::start()?;
        let nats = nats::program()?;
        // Every failure in one run, not the first alone.
        cargo(&["test", "--workspace", "--lib", "--bins", "--tests", "--features", SQL])
            .arguments(&["--no-fail-fast"])
            .variable("LUCID_TEST_POSTGRES", server.address())
            .variable(nats::VARIABLE, &nats)
            .variable("LUCID_SLOW_TESTS", "1")
            .run()
    })?;
    clock.step("examples in the documentation", 10, || {
        let rules =
            ["rulebook", "standards", "law", "hj212", "caseflow", "plan", "assessment", "ledger"];
        let named = rules.iter().flat_map(|rule| ["-p", rule]);
        let arguments: Vec<&str> = ["test", "--doc", "--quiet"].into_iter().chain(named).collect();
        cargo(&arguments).run()
    })?;
    clock.step("documentation", 15, || {
        cargo(&["doc", "--workspace", "--no-deps", "--features", SQL, "--quiet"])
            .arguments(&["--document-private-items"])
            .variable("RUSTDOCFLAGS", "-D warnings -A rustdoc::private-intra-doc-links")
            .run()
    })?;
    clock.step("browser", 20, || browser::walk(Build::ByTheTests))?;
    clock.step("chain of many machines", 20, || chain::walk(chain::SMALL, Build::ByTheTests))?;
    clock.step("clean", 1, || {
        let changed = program("git").arguments(&["status", "--porcelain"]).output()?;
        if changed.trim().is_empty() || std::env::var_os("CI").is_none() {
            Ok(())
        } else {
            Err(format!("the checks changed files that git knows:\n{changed}"))
        }
    })
}

struct Clock {
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    took: Duration,
    /// How much less room the disk of the build has afterwards, whoever took it.
    room: Option<u64>,
    passed: bool,
}

impl Clock {
    /// Runs a step, for at most so many minutes.
    fn step(
        &mut self,
        name: &'static str,
        minutes: u64,
        run: impl FnOnce() -> Result<(), String>,
    ) -> Result<(), String> {
        eprintln!("== {name}");
        let start = Instant::now();
        let before = room::free(&target());
        let watch = Watch::begin(name, Duration::from_mins(minutes));
        let outcome = run();
        let killed = watch.end();
        let room = before.zip(room::free(&target()));
        let room = room.map(|(before, after)| before.saturating_sub(after));
        let outcome = match outcome {
            Ok(()) if killed.is_empty() => Ok(()),
            Ok(()) => Err(killed.join("\n  ")),
            Err(problem) if killed.is_empty() => Err(problem),
            Err(problem) => Err(format!("{}\n  {problem}", killed.join("\n  "))),
        };
        self.steps.push(Step { name, took: start.elapsed(), room, passed: outcome.is_ok() });
        outcome.map_err(|problem| format!("{name}: {problem}"))
    }

    fn print(&self) {
        eprintln!();
        for Step { name, took, room, passed } in &self.steps {
            let mark = if *passed { "ok    " } else { "FAILED" };
            let room = room.map_or_else(String::new, |room| format!("+{}", room::gib(room)));
            eprintln!("{mark} {:>6.1} s {room:>10}  {name}", took.as_secs_f64());
        }
    }
}
