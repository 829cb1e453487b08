//! `lucid plan`: the plan of a city, checked and as it stands.

use clap::Subcommand;
use governance::cockpit::{Overview, overview, status};
use jiff::Timestamp;
use plan::{Level, Problem};
use registry::{Registry, Snapshot};
use serde_json::json;
use std::path::Path;

use crate::arguments::Common;
use crate::city;
use crate::commands::backup::existing;
use crate::configuration::{Settings, keys};
use crate::exit::{Exit, Failure, Outcome};
use crate::opened;
use crate::terminal::say;

#[derive(Subcommand, Debug)]
pub(crate) enum PlanCommand {
    /// Say everything that is wrong with a plan, and what its document leaves open
    #[command(after_help = "\
Examples:
  lucid plan check                             the plan of the configured city
  lucid plan check zhangzhou                   of a built-in city
  lucid plan check /etc/lucid/my-city          of a folder of a city's files
  lucid plan check my-city/plan/duties.toml    of a file, with the others of its folder

Exit code 1 when something is wrong; what the document leaves open is told and is no error.")]
    Check {
        /// A city, its folder, or a file of its plan [default: the configured city]
        what: Option<String>,
    },
    /// Print every measure with its state, values against targets, late duties by unit
    #[command(after_help = "\
Examples:
  lucid plan status
  lucid plan status --json | jq '.measures[] | select(.state == \"late\")'

The same as the page /plan; values are those of the newest computation.")]
    Status,
}

pub(crate) fn run(what: &PlanCommand, common: &Common) -> Outcome {
    match what {
        PlanCommand::Check { what } => check(what.as_deref(), common),
        PlanCommand::Status => stands(common),
    }
}

fn check(what: Option<&str>, common: &Common) -> Outcome {
    let city = match what {
        Some(name) => city_of(name, common)?,
        None => Settings::load(&common.given())?.text(keys::CITY).to_owned(),
    };
    let files = city::read_but_plan(&city)?;
    let problems = match city::plan(&files) {
        Err(problems) => problems,
        Ok(None) => {
            let what = format!("the city {city:?} has no plan");
            let cure = "Put its files into plan/ of the city's folder: docs/reference/plan.md.";
            return Err(Failure::of_use("plan.none", what, cure));
        }
        Ok(Some(plan)) => {
            if !common.json {
                say!(
                    "{}: {} chapters, {} measures, {} targets, {} duties",
                    plan.head.title.zh,
                    plan.chapters.len(),
                    plan.measures.len(),
                    plan.targets.len(),
                    plan.duties.len()
                );
            }
            plan.check(&city::units(&files))
        }
    };
    tell(&problems, common.json);
    let is_wrong = problems.iter().any(|problem| problem.level == Level::Wrong);
    Ok(if is_wrong { Exit::Found } else { Exit::Ok })
}

fn tell(problems: &[Problem], as_json: bool) {
    if as_json {
        let all: Vec<_> = problems
            .iter()
            .map(|it| {
                json!({ "open": it.level == Level::Open, "code": it.code, "file": it.file,
                    "line": it.line, "place": it.place, "zh": it.what.zh, "en": it.what.en,
                    "cure": { "zh": it.cure.zh, "en": it.cure.en } })
            })
            .collect();
        say!("{}", json!({ "problems": all }));
        return;
    }
    for problem in problems {
        say!("{problem}");
    }
    let open = problems.iter().filter(|problem| problem.level == Level::Open).count();
    say!("{} wrong, {open} left open by the document", problems.len() - open);
}

/// The city of a name, or that in whose folder a file of a plan stands.
fn city_of(name: &str, common: &Common) -> Result<String, Failure> {
    let path = Path::new(name);
    if !path.is_file() {
        return Ok(name.to_owned());
    }
    let folder = path.parent().and_then(Path::parent);
    let is_city = |folder: &&Path| folder.join("city.toml").is_file();
    match folder.filter(is_city) {
        Some(folder) => Ok(folder.display().to_string()),
        None if folder.is_some_and(|it| it.as_os_str().is_empty())
            && Path::new("city.toml").is_file() =>
        {
            Ok(".".to_owned())
        }
        None => {
            let city = Settings::load(&common.given())?.text(keys::CITY).to_owned();
            let what = format!("{name} does not stand in plan/ of a city's folder");
            let cure = format!("Name the city: `lucid plan check {city}`, or its folder.");
            Err(Failure::of_use("plan.file", what, cure))
        }
    }
}

fn stands(common: &Common) -> Outcome {
    let settings = Settings::load(&common.given())?;
    existing(&settings)?;
    let (snapshot, seen) = opened::block_on(async {
        let store = opened::store(&settings).await?;
        let registry = Registry::open(&store).await.map_err(|error| {
            Failure::caused(error.code(), &error, "Load a city with `lucid init`.")
        })?;
        let seen = overview(&store, Timestamp::now()).await.map_err(|error| {
            Failure::caused(error.code(), &error, "`lucid plan check` says more.")
        });
        store.close().await;
        Ok::<_, Failure>((registry.snapshot(), seen?))
    })??;
    let Some(seen) = seen else {
        let cure = "Put its files into plan/ of the city's folder, then `lucid init`.";
        return Err(Failure::of_use("plan.none", "the city has no plan", cure));
    };
    if common.json {
        say!("{}", status(&seen, &snapshot));
    } else {
        print(&seen, &snapshot);
    }
    Ok(Exit::Ok)
}

fn print(seen: &Overview, snapshot: &Snapshot) {
    say!("{}", seen.city.plan.head.title.zh);
    for measure in &seen.city.plan.measures {
        let Some(row) = seen.row(measure.number) else { continue };
        say!("{:>2}. {}  [{}]", measure.number, measure.title.zh, row.state.text().zh);
        for indicator in &row.indicators {
            let Some(definition) = seen.city.definition(&indicator.id) else { continue };
            let value = match &indicator.kept {
                None => "尚未计算".to_owned(),
                Some(kept) => match (kept.value, &kept.delivers) {
                    (Some(value), _) => {
                        let provisional = if kept.is_provisional { "（暂时）" } else { "" };
                        format!("{value} {} · {}{provisional}", definition.unit, kept.year)
                    }
                    (None, Some(who)) => format!("缺数据：须由{}提供", who.zh),
                    (None, None) => format!("缺数据：{}", kept.why.zh),
                },
            };
            say!("      {}：{value}", definition.name.zh);
        }
        for target in &row.targets {
            say!("      目标：{}  [{}]", target.target.stated.zh, target.state.text().zh);
        }
        for duty in &row.late {
            let due = duty.due_on.map_or_else(String::new, |day| day.to_string());
            say!("      逾期：{} {} {due}", duty.unit, duty.period);
        }
    }
    if !seen.late_units.is_empty() {
        say!("逾期任务，按单位：");
        for unit in &seen.late_units {
            let name = snapshot.division(&unit.unit).map(|it| it.name.zh.as_str());
            say!("  {}：{}", name.unwrap_or(&unit.unit), unit.count);
        }
    }
    match seen.run {
        Some(run) => say!("指标计算于 {}", run.ended_at),
        None => say!("指标尚未计算：`lucid serve` 启动后自动计算。"),
    }
}
