//! The computation of all indicators, each night and when somebody asks: the same inputs give the
//! same values, a value that changes is superseded and stays.

use super::inputs::{Reading, Sources, gather};
use super::model::{Fresh, Reported, Run};
use super::store;
use crate::city_plan::{CityPlan, city_plan};
use crate::{GovernanceError, brief, duties};
use cases::Cases;
use jiff::{SignedDuration, Timestamp};
use plan::indicator::{
    Baseline, Definition, Formula, Inputs, Item, NoValue, REPORTED, Value, evaluate,
};
use rulebook::{Decimal, beijing_offset};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::Mutex;
use web::AppState;

/// The hour of Beijing at which the night's computation is due.
const NIGHT: i8 = 3;
/// How often it is looked whether one is due, and whether a duty is to be opened.
const LOOK: Duration = Duration::from_mins(1);

/// One computation at a time.
static UNDER_WAY: Mutex<()> = Mutex::const_new(());

/// Computes all indicators of all years of the plan, after whatever computation is under way.
///
/// # Errors
/// When the plan is wrong or the store fails.
pub async fn compute(state: &AppState) -> Result<Run, GovernanceError> {
    let _one = UNDER_WAY.lock().await;
    let began_at = state.now();
    let Some(city) = city_plan(&state.store).await? else {
        let nothing = Run { began_at, ended_at: began_at, computed: 0, changed: 0 };
        return Ok(nothing);
    };
    let snapshot = state.snapshot();
    let reading = Reading {
        store: &state.store,
        snapshot: &snapshot,
        cases: state.handle::<Cases>(),
        now: began_at,
    };
    let reported = store::reported(&state.store).await?;
    let this_year = beijing_offset().to_datetime(began_at).year();
    let mut values = BTreeMap::new();
    let mut fresh = Vec::new();
    for year in first_year(&city, &reported).min(this_year)..=this_year {
        let sources = gather(&reading, year).await?;
        of_year(&city.definitions, year, &sources, &reported, &mut values, &mut fresh);
    }
    let mut transaction = state.store.begin().await?;
    let mut changed = 0;
    for value in &fresh {
        changed += i64::from(store::keep(&mut transaction, value, began_at).await?);
    }
    let run = Run { began_at, ended_at: state.now(), computed: fresh.len() as i64, changed };
    store::keep_run(&mut transaction, &run).await?;
    transaction.commit().await?;
    tracing::info!(computed = run.computed, changed, "indicators were computed");
    Ok(run)
}

/// The first year that anything is compared with.
fn first_year(city: &CityPlan, reported: &[Reported]) -> i16 {
    let baselines = city.definitions.iter().filter_map(|one| match &one.formula {
        Formula::Change { against: Baseline::Year(year), .. } => Some(*year),
        _ => None,
    });
    let years = baselines.chain(reported.iter().map(|one| one.year));
    years.chain([city.plan.head.years.0]).min().unwrap_or(city.plan.head.years.0)
}

/// The values of a year: first those over sources, then those over other values.
fn of_year(
    definitions: &[Definition],
    year: i16,
    sources: &Sources,
    reported: &[Reported],
    values: &mut BTreeMap<(String, i16), Decimal>,
    fresh: &mut Vec<Fresh>,
) {
    let is_change = |one: &&Definition| matches!(one.formula, Formula::Change { .. });
    let first = definitions.iter().filter(|one| !is_change(one));
    for definition in first.chain(definitions.iter().filter(is_change)) {
        let given: Vec<Item> = reported
            .iter()
            .filter(|one| one.indicator == definition.id && one.year == year)
            .map(entered)
            .collect();
        let of_it = definition.formula.sources();
        let mut inputs = Inputs { year, values: values.clone(), ..Inputs::default() };
        inputs.sources.extend(of_it.iter().filter_map(|name| {
            let items = sources.get(*name)?;
            Some(((*name).to_owned(), items.clone()))
        }));
        if of_it.contains(&REPORTED) {
            inputs.sources.insert(
                REPORTED.to_owned(),
                given.iter().next_back().cloned().into_iter().collect(),
            );
        }
        let found = evaluate(definition, &inputs).or_else(|none| fallback(&given, none));
        if let Ok(value) = &found {
            values.insert((definition.id.clone(), year), value.value);
        }
        fresh.push(Fresh::of(&definition.id, year, &definition.edition, &found));
    }
}

/// What a unit reported of a year that the platform has no data of.
fn fallback(given: &[Item], none: NoValue) -> Result<Value, NoValue> {
    let item = given.last().cloned().ok_or(none)?;
    Ok(Value {
        value: item.value,
        inputs: vec![item],
        edition: "as reported".to_owned(),
        is_provisional: false,
    })
}

fn entered(reported: &Reported) -> Item {
    Item {
        key: reported.source.clone(),
        on: beijing_offset().to_datetime(reported.reported_at).date(),
        value: reported.value,
        link: format!("/plan/indicators/{}#reported", reported.indicator),
    }
}

/// Opens duties in time and computes each night, and once after the start, as long as the server
/// runs.
pub async fn serve(state: AppState) {
    loop {
        if let Err(problem) = duties::look(&state).await {
            tracing::error!(%problem, code = problem.code(), "duties were not looked at");
        }
        match is_due(&state).await {
            Ok(false) => {}
            Ok(true) => {
                if let Err(problem) = compute(&state).await {
                    tracing::error!(%problem, code = problem.code(), "indicators not computed");
                }
            }
            Err(problem) => tracing::error!(%problem, "it is not known whether a run is due"),
        }
        if let Err(problem) = brief::issue_due(&state).await {
            tracing::error!(problem = problem.texts().1, "the brief was not issued");
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn is_due(state: &AppState) -> Result<bool, GovernanceError> {
    let Some(last) = store::last_run(&state.store).await? else { return Ok(true) };
    Ok(last.began_at < last_night(state.now()).max(state.started_at))
}

/// The newest moment at which a night's computation was due.
fn last_night(now: Timestamp) -> Timestamp {
    let local = beijing_offset().to_datetime(now);
    let at = local.date().at(NIGHT, 0, 0, 0);
    let today = beijing_offset().to_timestamp(at).unwrap_or(Timestamp::MIN);
    if today <= now {
        today
    } else {
        today.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN)
    }
}
