//! Everything that must hold before a change lands, in order of cheapness, with seconds per step.

use crate::command::{cargo, program};
use crate::{browser, frontend, postgres, tidy};
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
    clock.step("tidy", tidy::run)?;
    clock.step("format", || cargo(&["fmt", "--all", "--check"]).run())?;
    clock.step("front end", || frontend::check().and_then(|()| frontend::build()))?;
    clock.step("clippy", || {
        cargo(&["clippy", "--workspace", "--all-targets", "--features", SQL, "--quiet"])
            .arguments(&["--", "-D", "warnings"])
            .run()
    })?;
    clock.step("build tests", || {
        cargo(&["test", "--workspace", "--all-targets", "--features", SQL, "--no-run", "--quiet"])
            .run()
    })?;
    clock.step("tests on SQLite and PostgreSQL", || {
        let server = postgres::Server::start()?;
        // Every failure in one run, not the first alone.
        cargo(&["test", "--workspace", "--lib", "--bins", "--tests", "--features", SQL])
            .arguments(&["--no-fail-fast"])
            .variable("LUCID_TEST_POSTGRES", server.address())
            .variable("LUCID_SLOW_TESTS", "1")
            .run()
    })?;
    clock.step("examples in the documentation", || {
        let rules =
            ["rulebook", "standards", "law", "hj212", "caseflow", "plan", "assessment", "ledger"];
        let named = rules.iter().flat_map(|rule| ["-p", rule]);
        let arguments: Vec<&str> = ["test", "--doc", "--quiet"].into_iter().chain(named).collect();
        cargo(&arguments).run()
    })?;
    clock.step("documentation", || {
        cargo(&["doc", "--workspace", "--no-deps", "--features", SQL, "--quiet"])
            .arguments(&["--document-private-items"])
            .variable("RUSTDOCFLAGS", "-D warnings -A rustdoc::private-intra-doc-links")
            .run()
    })?;
    clock.step("browser", browser::walk)?;
    clock.step("clean", || {
        let changed = program("git").arguments(&["status", "--porcelain"]).output()?;
        if changed.trim().is_empty() || std::env::var_os("CI").is_none() {
            Ok(())
        } else {
            Err(format!("the checks changed files that git knows:\n{changed}"))
        }
    })
}

struct Clock {
    steps: Vec<(&'static str, Duration, bool)>,
}

impl Clock {
    fn step(
        &mut self,
        name: &'static str,
        run: impl FnOnce() -> Result<(), String>,
    ) -> Result<(), String> {
        eprintln!("== {name}");
        let start = Instant::now();
        let outcome = run();
        self.steps.push((name, start.elapsed(), outcome.is_ok()));
        outcome.map_err(|problem| format!("{name}: {problem}"))
    }

    fn print(&self) {
        eprintln!();
        for (name, took, passed) in &self.steps {
            let mark = if *passed { "ok    " } else { "FAILED" };
            eprintln!("{mark} {:>6.1} s  {name}", took.as_secs_f64());
        }
    }
}
