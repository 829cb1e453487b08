//! `lucid doctor`: what is wrong with this installation, why it matters, how to mend it.

mod deep;
mod machine;
mod network;
mod stored;
mod stream;

pub(crate) use machine::shelf as font_shelf;
use serde_json::json;

use crate::arguments::Common;
use crate::configuration::{Settings, keys};
use crate::exit::{Exit, Outcome};
use crate::opened;
use crate::terminal::say;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grade {
    Good,
    Doubtful,
    Bad,
}

impl Grade {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Doubtful => "doubtful",
            Self::Bad => "bad",
        }
    }
}

/// One thing that was looked at.
struct Check {
    name: &'static str,
    grade: Grade,
    /// What was found.
    what: String,
    /// Why it matters.
    why: &'static str,
    /// How to mend it; empty when all is well.
    cure: String,
}

impl Check {
    fn good(name: &'static str, what: impl Into<String>) -> Self {
        Self { name, grade: Grade::Good, what: what.into(), why: "", cure: String::new() }
    }

    fn doubtful(
        name: &'static str,
        what: impl Into<String>,
        why: &'static str,
        cure: impl Into<String>,
    ) -> Self {
        let (what, cure) = (what.into(), cure.into());
        Self { name, grade: Grade::Doubtful, what, why, cure }
    }

    fn bad(
        name: &'static str,
        what: impl Into<String>,
        why: &'static str,
        cure: impl Into<String>,
    ) -> Self {
        let (what, cure) = (what.into(), cure.into());
        Self { name, grade: Grade::Bad, what, why, cure }
    }
}

pub(crate) fn run(is_deep: bool, common: &Common) -> Outcome {
    let mut checks = Vec::new();
    match Settings::load(&common.given()) {
        Ok(settings) => examine(&settings, is_deep, &mut checks)?,
        Err(failure) => checks.push(Check::bad(
            "configuration",
            failure.what,
            "nothing else can be looked at without it",
            failure.cure,
        )),
    }
    print(&checks, common.json);
    let found = checks.iter().any(|check| check.grade != Grade::Good);
    Ok(if found { Exit::Found } else { Exit::Ok })
}

fn examine(
    settings: &Settings,
    is_deep: bool,
    checks: &mut Vec<Check>,
) -> Result<(), crate::exit::Failure> {
    checks.push(configuration(settings));
    let data = settings.data();
    checks.push(machine::folder(&data));
    checks.push(machine::disk(&data));
    checks.push(machine::clock(&data));
    checks.push(machine::font(settings));
    checks.push(machine::backups(settings));
    let lock = data.is_dir().then(|| opened::lock(&data));
    let is_running = lock.as_ref().is_some_and(|lock| {
        lock.as_ref().err().is_some_and(|failure| failure.code == opened::LOCKED)
    });
    if is_running {
        checks.extend(network::running(settings, opened::doors(&data)));
    } else {
        checks.push(network::port("port of pages", settings, keys::HTTP_LISTEN));
        checks.push(network::port("port of HJ212", settings, keys::HJ212_LISTEN));
    }
    opened::block_on(async {
        checks.extend(stream::examine(settings).await);
        if is_running {
            checks.extend(stream::waiting_beside(settings).await);
        } else {
            stored::examine(settings, checks).await;
        }
        if is_deep {
            deep::examine(settings, is_running, checks).await;
        }
    })
}

fn configuration(settings: &Settings) -> Check {
    let unknown = crate::configuration::unknown_variables();
    if let Some(first) = unknown.first() {
        return Check::doubtful(
            "configuration",
            format!("the environment variable {first} means nothing"),
            "a mistyped setting is silently without effect",
            "`lucid config show --explain` names the variable of each setting",
        );
    }
    match &settings.file {
        Some(file) => Check::good("configuration", format!("{} is sound", file.display())),
        None => Check::good("configuration", "no file; defaults, environment and flags are sound"),
    }
}

fn print(checks: &[Check], as_json: bool) {
    if as_json {
        let all = checks.iter().map(|check| {
            json!({
                "check": check.name,
                "verdict": check.grade.as_str(),
                "what": check.what,
                "why": check.why,
                "cure": check.cure,
            })
        });
        say!("{}", json!(all.collect::<Vec<_>>()));
        return;
    }
    for check in checks {
        say!("{:9} {:14} {}", check.grade.as_str(), check.name, check.what);
        if check.grade != Grade::Good {
            say!("{:24} why:  {}", "", check.why);
            say!("{:24} mend: {}", "", check.cure);
        }
    }
    let count = |grade| checks.iter().filter(|check| check.grade == grade).count();
    let (bad, doubtful) = (count(Grade::Bad), count(Grade::Doubtful));
    say!("{} checks: {bad} bad, {doubtful} doubtful", checks.len());
}
