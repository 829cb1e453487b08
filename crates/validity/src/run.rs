//! Records of months: the stored one, a new version when inputs changed, any past one again.

use crate::error::ValidityError;
use crate::inputs::{Earlier, History, Inputs, MonthInputs};
use crate::judge::judge_month;
use crate::model::{EnterpriseMark, MarkId, MonthRecord, State, Steps};
use crate::month::{Month, day_of, start_of};
use crate::rules;
use crate::setup::{CityRules, limits_of, setup_of};
use crate::store::{decisions, marks, records};
use jiff::{SignedDuration, Timestamp};
use observations::{Row, last_block, last_block_of, oldest, series_as_of};
use registry::{Medium, PointId, PointKind, Snapshot};
use rulebook::Period;
use std::ops::Range;
use store::Store;

type Result<T> = std::result::Result<T, ValidityError>;

/// So many months are looked back on for a substitution.
const MONTHS_BACK: i64 = 3;
/// More stretches of missing hours are read as one.
const STRETCHES_MAX: usize = 12;
const HOUR: i64 = 3600;

/// What judging asks: the store, the city's nouns, the city's own rules.
#[derive(Clone, Copy)]
struct Bench<'a> {
    store: &'a Store,
    snapshot: &'a Snapshot,
    city: &'a CityRules,
}

/// The record of an outlet's month as things stand: the stored one, or a new version of it where
/// packets, marks, decisions, limits or rules have changed. Whole days are judged, up to the last
/// midnight of Beijing; a month of which no day is over is given unstored, with version 0.
///
/// # Errors
/// When the point is no outlet, or the store fails.
pub async fn month(
    store: &Store,
    snapshot: &Snapshot,
    point: PointId,
    month: Month,
    now: Timestamp,
) -> Result<MonthRecord> {
    let city = CityRules::read(store).await?;
    let bench = Bench { store, snapshot, city: &city };
    let (record, is_new) = bench.current(point, month, now).await?;
    if is_new {
        records::insert(store, std::slice::from_ref(&record)).await?;
    }
    Ok(record)
}

/// Records wait for one commit until there are so many.
const COMMIT_EVERY: usize = 32;

/// The records of many outlets, one after another, each handed to `each` and then dropped.
///
/// # Errors
/// As [`month`].
pub async fn months(
    store: &Store,
    snapshot: &Snapshot,
    points: &[PointId],
    of: Month,
    now: Timestamp,
    mut each: impl FnMut(MonthRecord) + Send,
) -> Result<()> {
    let city = CityRules::read(store).await?;
    let bench = Bench { store, snapshot, city: &city };
    let mut fresh = Vec::new();
    for point in points {
        let (record, is_new) = bench.current(*point, of, now).await?;
        if is_new {
            fresh.push(record.clone());
        }
        if fresh.len() >= COMMIT_EVERY {
            records::insert(store, &fresh).await?;
            fresh.clear();
        }
        each(record);
    }
    records::insert(store, &fresh).await?;
    Ok(())
}

/// Judges the month of every listed outlet anew from what is stored, whether or not anything
/// changed, without keeping the records: for whoever measures or verifies. Each record is handed to
/// `each`; so many outlets are read and judged at once.
///
/// # Errors
/// As [`month`].
pub async fn rejudge(
    store: &Store,
    snapshot: &Snapshot,
    of: Month,
    now: Timestamp,
    at_once: usize,
    mut each: impl FnMut(MonthRecord) + Send,
) -> Result<()> {
    let city = std::sync::Arc::new(CityRules::read(store).await?);
    let shared = std::sync::Arc::new(snapshot.clone());
    let points: Vec<PointId> = snapshot.points_of(PointKind::Outlet).map(|one| one.id).collect();
    let mut waiting = points.into_iter();
    let mut working = tokio::task::JoinSet::new();
    loop {
        while working.len() < at_once.max(1) {
            let Some(point) = waiting.next() else { break };
            let (store, shared, city) = (store.clone(), shared.clone(), city.clone());
            working.spawn(async move {
                let bench = Bench { store: &store, snapshot: &shared, city: &city };
                let inputs = bench.inputs(point, of, last_midnight(of, now)).await?;
                bench.judge(point, of, 0, now, inputs).await
            });
        }
        match working.join_next().await {
            None => return Ok(()),
            Some(done) => each(done.map_err(|_| ValidityError::Broken)??),
        }
    }
}

/// The newest stored record of an outlet's month, whether or not its inputs have changed since.
///
/// # Errors
/// When the store fails.
pub async fn stored(store: &Store, point: PointId, month: Month) -> Result<Option<MonthRecord>> {
    records::newest(store, point, month).await
}

/// The month up to the last full hour, judged but not stored: its version is 0.
///
/// # Errors
/// As [`month`].
pub async fn provisional(
    store: &Store,
    snapshot: &Snapshot,
    point: PointId,
    of: Month,
    now: Timestamp,
) -> Result<MonthRecord> {
    let city = CityRules::read(store).await?;
    let bench = Bench { store, snapshot, city: &city };
    let full = Timestamp::from_second(now.as_second().div_euclid(HOUR) * HOUR).unwrap_or(now);
    let inputs = bench.inputs(point, of, full.min(of.ends()).max(of.begins())).await?;
    bench.judge(point, of, 0, now, inputs).await
}

/// Judges a past version again from what it names: the same bytes, whatever came later.
///
/// # Errors
/// When there is no such version, or the store fails.
pub async fn recompute(
    store: &Store,
    point: PointId,
    month: Month,
    version: u32,
) -> Result<MonthRecord> {
    let kept = records::version(store, point, month, version).await?;
    let kept = kept.ok_or(ValidityError::NoRecord { point, month, version })?;
    judge(store, point, month, version, kept.computed_at, kept.inputs).await
}

/// Whether a record would rest on the same: the commit read last and the label of the rule tables
/// say nothing by themselves, the rows and numbers that bear on the month are compared.
fn is_same(inputs: &Inputs, held: &Inputs) -> bool {
    let mut inputs = inputs.clone();
    inputs.block = held.block;
    inputs.rules.tables.clone_from(&held.rules.tables);
    inputs == *held
}

/// The last midnight of Beijing within a month: as far as it is judged.
fn last_midnight(of: Month, now: Timestamp) -> Timestamp {
    start_of(day_of(now)).min(of.ends()).max(of.begins())
}

impl Bench<'_> {
    /// The record as things stand, and whether it is not yet stored.
    async fn current(
        &self,
        point: PointId,
        of: Month,
        now: Timestamp,
    ) -> Result<(MonthRecord, bool)> {
        let until = last_midnight(of, now);
        let mut inputs = self.inputs(point, of, until).await?;
        if until <= of.begins() {
            return Ok((self.judge(point, of, 0, now, inputs).await?, false));
        }
        let held = records::newest(self.store, point, of).await?;
        let version = match held {
            None => 1,
            Some(held) => {
                if held.inputs.until == of.ends() {
                    // The registry does not date devices: a month that is over keeps the setup
                    // with which it was judged, whatever was connected or changed later.
                    inputs.setup = held.inputs.setup.clone();
                }
                let block = self.newest_block(point, of, until).await?;
                if block <= held.inputs.block && is_same(&inputs, &held.inputs) {
                    return Ok((held, false));
                }
                held.version.saturating_add(1)
            }
        };
        Ok((self.judge(point, of, version, now, inputs).await?, true))
    }

    /// The first hour or minute of which anything came; the first day of an outlet that sends days
    /// alone.
    async fn heard_since(&self, point: PointId) -> Result<Option<Timestamp>> {
        let hours = oldest(self.store, point, Period::Hour).await?;
        let minutes = oldest(self.store, point, Period::Minute).await?;
        match hours.into_iter().chain(minutes).min() {
            Some(first) => Ok(Some(first)),
            None => Ok(oldest(self.store, point, Period::Day).await?),
        }
    }

    async fn newest_block(&self, point: PointId, of: Month, until: Timestamp) -> Result<i64> {
        let mut newest = 0;
        for period in [Period::Hour, Period::Day, Period::Minute] {
            let range = of.begins()..until;
            newest = newest.max(last_block_of(self.store, point, period, range).await?);
        }
        Ok(newest)
    }

    /// What a record would rest on now.
    async fn inputs(&self, point: PointId, of: Month, until: Timestamp) -> Result<Inputs> {
        let setup = setup_of(self.snapshot, self.city, point)?;
        let block = last_block(self.store).await?;
        let heard_since = self.heard_since(point).await?;
        let filter = marks::MarkFilter {
            points: Some(vec![point]),
            from: Some(of.begins()),
            until: Some(until),
            ..marks::MarkFilter::default()
        };
        let mut marked = marks::marks(self.store, &filter).await?;
        marked.sort_by_key(|mark| mark.id);
        let decided = decisions::decisions(self.store, point, of.begins(), until).await?;
        let mut before = Vec::new();
        for back in (1..=MONTHS_BACK).rev() {
            before.extend(records::newest_head(self.store, point, of.before(back)).await?);
        }
        let day = of.last_day();
        let names = |kind: &str| marked.iter().any(|mark| mark.kind == kind);
        let facility = |word: &str| marked.iter().any(|mark| mark.facility == word);
        let mut kinds = rules::mark_kinds(day);
        kinds.retain(|row| names(&row.kind));
        let mut allowances = rules::allowances(day);
        allowances.retain(|row| facility(&row.facility));
        let withdrawn = |mark: &EnterpriseMark| mark.withdrawn.is_some().then_some(mark.id);
        Ok(Inputs {
            block,
            until,
            heard_since,
            limits: limits_of(self.snapshot, point, of),
            rules: rules::rules(day),
            kinds,
            allowances,
            marks: marked.iter().map(|mark| mark.id).collect(),
            withdrawn: marked.iter().filter_map(withdrawn).collect(),
            decisions: decided.iter().map(|decision| decision.id).collect(),
            before,
            setup,
        })
    }

    async fn judge(
        &self,
        point: PointId,
        of: Month,
        version: u32,
        now: Timestamp,
        inputs: Inputs,
    ) -> Result<MonthRecord> {
        judge(self.store, point, of, version, now, inputs).await
    }
}

/// Reads what the inputs name and judges it.
async fn judge(
    store: &Store,
    point: PointId,
    month: Month,
    version: u32,
    computed_at: Timestamp,
    inputs: Inputs,
) -> Result<MonthRecord> {
    let range = month.begins()..inputs.until.max(month.begins());
    let block = inputs.block;
    let hours = series_as_of(store, point, Period::Hour, range.clone(), block).await?;
    let days = series_as_of(store, point, Period::Day, range.clone(), block).await?;
    let mut minutes = Vec::new();
    for stretch in stretches_without_hours(&inputs, &hours, range) {
        minutes.extend(series_as_of(store, point, Period::Minute, stretch, block).await?);
    }
    let marks: Vec<MarkId> = inputs.marks.clone();
    let ready = MonthInputs {
        point,
        month,
        version,
        computed_at,
        hours,
        minutes,
        days,
        marks: marks::of_ids(store, &marks).await?,
        decisions: decisions::of_ids(store, &inputs.decisions).await?,
        history: history(store, point, &inputs.before).await?,
        inputs,
    };
    tokio::task::spawn_blocking(move || judge_month(&ready))
        .await
        .map_err(|_| ValidityError::Broken)
}

/// The stretches of which no hours came: their minutes are read.
fn stretches_without_hours(
    inputs: &Inputs,
    hours: &[Row],
    range: Range<Timestamp>,
) -> Vec<Range<Timestamp>> {
    if inputs.setup.medium != Medium::Gas || inputs.setup.minute_interval_min.is_none() {
        return Vec::new();
    }
    let (from, to) = (range.start.as_second(), range.end.as_second());
    let has: std::collections::HashSet<i64> =
        hours.iter().map(|row| row.observed_at.as_second().div_euclid(HOUR)).collect();
    let mut stretches: Vec<(i64, i64)> = Vec::new();
    for hour in from.div_euclid(HOUR)..to.div_euclid(HOUR) {
        if has.contains(&hour) {
            continue;
        }
        match stretches.last_mut() {
            Some((_, end)) if *end == hour * HOUR => *end += HOUR,
            _ => stretches.push((hour * HOUR, (hour + 1) * HOUR)),
        }
    }
    if stretches.len() > STRETCHES_MAX {
        let (first, last) = (stretches.first(), stretches.last());
        stretches = first.zip(last).map(|(first, last)| (first.0, last.1)).into_iter().collect();
    }
    let instant = |second: i64| Timestamp::from_second(second).unwrap_or(range.start);
    stretches.into_iter().map(|(from, to)| instant(from)..instant(to)).collect()
}

/// What earlier records leave, by factor.
async fn history(store: &Store, point: PointId, before: &[Earlier]) -> Result<Vec<History>> {
    let mut all: Vec<History> = Vec::new();
    for earlier in before {
        let found = records::version(store, point, earlier.month, earlier.version).await?;
        let (month, version) = (earlier.month, earlier.version);
        let record = found.ok_or(ValidityError::NoRecord { point, month, version })?;
        take_in(&mut all, &record);
    }
    Ok(all)
}

/// The amounts of valid periods and the counts of a record, after those that are there.
fn take_in(all: &mut Vec<History>, record: &MonthRecord) {
    let gas = record.inputs.setup.medium == Medium::Gas;
    let period = if gas { Period::Hour } else { Period::Day };
    for state in record.periods.iter().filter(|state| state.period == period) {
        let place = all.iter().position(|history| history.factor == state.factor);
        let place = place.unwrap_or_else(|| {
            all.push(History::none(state.factor));
            all.len() - 1
        });
        let Some(history) = all.get_mut(place) else { continue };
        if state.state == State::Stopped || state.steps.contains(Steps::NOT_DUE) {
            continue;
        }
        history.due += 1;
        if state.is_valid() {
            history.valid += 1;
            history.trailing = 0;
            history.amounts.extend(state.amount_kg);
        } else {
            history.trailing += 1;
        }
    }
}

/// How often it is looked whether anything is to be judged.
const LOOK: std::time::Duration = std::time::Duration::from_mins(10);
/// The hour of Beijing at which the night's pass is due: late packets of midnight have come.
const NIGHT: i64 = 1;

/// Keeps the records of this and the last month current, as long as the server runs: all outlets
/// at the start and each night, and between the nights those of which old packets came late or
/// about which something was marked or decided.
pub async fn keep_current(store: Store, registry: registry::Registry, clock: fn() -> Timestamp) {
    let mut passed: Option<Timestamp> = None;
    let mut seen = Seen::default();
    loop {
        let now = clock();
        let night = last_night(now);
        let is_due = passed.is_none_or(|at| at < night);
        match pass(&store, &registry, now, is_due, &mut seen).await {
            Ok(()) if is_due => passed = Some(now),
            Ok(()) => {}
            Err(problem) => {
                tracing::error!(%problem, code = problem.code(), "months were not judged");
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn last_night(now: Timestamp) -> Timestamp {
    let due = |day: jiff::civil::Date| {
        start_of(day).saturating_add(SignedDuration::from_hours(NIGHT)).unwrap_or(Timestamp::MIN)
    };
    let today = due(day_of(now));
    if today <= now { today } else { due(day_of(now).yesterday().unwrap_or(day_of(now))) }
}

/// How far the commit log and the marks have been followed.
#[derive(Default)]
struct Seen {
    block: i64,
    mark: i64,
    decision: i64,
    withdrawals: i64,
}

/// Brings records up to date: all of them, or those that something happened to.
async fn pass(
    store: &Store,
    registry: &registry::Registry,
    now: Timestamp,
    is_of_all: bool,
    seen: &mut Seen,
) -> Result<()> {
    let snapshot = registry.snapshot();
    let this = Month::at(now);
    let outlets: Vec<PointId> = snapshot.points_of(PointKind::Outlet).map(|one| one.id).collect();
    let block = last_block(store).await?;
    let events = records::newest_events(store).await?;
    let of: Vec<PointId> = if is_of_all || events.withdrawals != seen.withdrawals {
        outlets
    } else {
        let mut changed = late_points(store, seen.block, this.before(1), now).await?;
        changed.extend(records::points_after(store, seen.mark, seen.decision).await?);
        outlets.into_iter().filter(|point| changed.contains(point)).collect()
    };
    for month in [this.before(1), this] {
        let mut versions = 0_u64;
        months(store, &snapshot, &of, month, now, |record| versions += u64::from(record.version))
            .await?;
        tracing::debug!(%month, outlets = of.len(), versions, "months were brought up to date");
    }
    *seen = Seen {
        block,
        mark: events.mark,
        decision: events.decision,
        withdrawals: events.withdrawals,
    };
    Ok(())
}

/// Blocks read at once.
const BLOCKS: u32 = 256;

/// The outlets of which packets came after a block that tell of days that were over.
async fn late_points(
    store: &Store,
    block: i64,
    from: Month,
    now: Timestamp,
) -> Result<std::collections::HashSet<PointId>> {
    let judged = from.begins()..start_of(day_of(now));
    let mut found = std::collections::HashSet::new();
    let mut cursor = block;
    loop {
        let touched = observations::touched_since(store, cursor, BLOCKS).await?;
        let Some((last, _)) = touched.last() else { return Ok(found) };
        cursor = *last;
        for key in touched.iter().flat_map(|(_, keys)| keys) {
            if key.period != Period::RealTime && judged.contains(&key.observed_at) {
                found.insert(key.point);
            }
        }
    }
}
