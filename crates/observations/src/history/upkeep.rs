//! One round of keeping the history: what was broken off is finished or undone, what is to be
//! forgotten is forgotten, closed months move, late rows are worked in, replaced files are deleted.

use super::manifest::{forget_open, manifest_now, open_part};
use super::moving::{self, Moved, clear_month, write_month};
use super::store::{self, MonthState};
use super::{Month, Rules, Steps, Witness};
use crate::error::ObservationError;
use ::store::Store;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use registry::PointId;
use rulebook::{Period, beijing_offset};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, ObservationError>;

/// A move that was not heard of for so long has been broken off.
const BROKEN_OFF: SignedDuration = SignedDuration::from_mins(5);
/// Files are deleted so long after they were replaced: whoever began to read them has ended.
pub(super) const REPLACED_KEPT: SignedDuration = SignedDuration::from_hours(1);
/// Late rows wait so long for compaction, unless they are more than a hundredth of their month.
const LATE_WAIT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How often the server looks whether a month has closed.
const ROUND: Duration = Duration::from_hours(1);
/// After a round that failed the next comes sooner.
const ROUND_AFTER_FAILURE: Duration = Duration::from_mins(5);

/// A month that was forgotten by rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// The period of its rows.
    pub period: Period,
    /// The month.
    pub month: Month,
    /// When it was forgotten.
    pub at: Timestamp,
    /// How many rows it held.
    pub rows: u64,
    /// The rule: so many months were to be kept.
    pub keep_months: u32,
}

/// What a round did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Months moved for the first time.
    pub moved: Moved,
    /// Months written anew for rows that came late.
    pub compacted: Moved,
    /// Rows deleted that an earlier round had moved and not deleted.
    pub cleared: u64,
    /// Broken-off moves whose files were deleted.
    pub undone: u64,
    /// Months forgotten.
    pub forgotten: Vec<Forgotten>,
    /// Replaced parts whose files were deleted.
    pub deleted: u64,
}

/// Does everything that is due.
///
/// # Errors
/// When the store, or the place of history, refuses; what was done stays done, the rest is due at
/// the next round.
pub async fn round(
    store: &Store,
    rules: &Rules,
    now: Timestamp,
    steps: Steps<'_>,
    witness: Witness<'_>,
) -> Result<Round> {
    let mut round = mend(store, now, steps).await?;
    round.forgotten = forget(store, rules, now, witness).await?;
    round.moved = move_closed(store, rules, now, steps).await?;
    round.compacted = compact(store, false, now, steps).await?;
    round.deleted = delete_replaced(store, now).await?;
    Ok(round)
}

/// Finishes or undoes what an earlier process left: deletes the files of moves that did not become
/// current, deletes recent rows of moves that did.
///
/// # Errors
/// As [`round`].
pub async fn mend(store: &Store, now: Timestamp, steps: Steps<'_>) -> Result<Round> {
    let mut round = Round::default();
    for state in store::moves(store).await? {
        if now.duration_since(state.alive_at) < BROKEN_OFF {
            continue;
        }
        let objects = store.objects().ok_or(ObservationError::NoPlace)?;
        let key = (state.period, state.month);
        moving::undo(store, objects, state.id, &state.token, key).await?;
        tracing::info!(period = state.period.as_str(), month = %state.month,
            "a move that was broken off is undone; it will be made again");
        round.undone += 1;
    }
    for state in store::months(store).await? {
        if !state.is_cleared {
            round.cleared += clear_month(store, state, steps).await?;
        }
    }
    Ok(round)
}

/// Moves the months that are closed and have not moved.
///
/// # Errors
/// As [`round`].
pub async fn move_closed(
    store: &Store,
    rules: &Rules,
    now: Timestamp,
    steps: Steps<'_>,
) -> Result<Moved> {
    let mut moved = Moved::default();
    let due = closed(store, rules, now).await?;
    if due.is_empty() {
        return Ok(moved);
    }
    // Two servers that name two places would each write half of the history.
    ensure_place(store).await?;
    let objects = store.objects().ok_or(ObservationError::NoPlace)?;
    for (period, month) in due {
        if objects.folder().is_some() {
            // What is held back is for packets that come; files elsewhere make room.
            store.ensure_room()?;
        }
        if is_under_way(store, (period, month), now).await? {
            continue;
        }
        let started = Instant::now();
        let one = write_month(store, (period, month), now, steps).await?;
        note(period, "move", one, started);
        tracing::info!(period = period.as_str(), %month, rows = one.rows, bytes = one.bytes,
            "a month has moved into the history");
        moved.add(one);
    }
    Ok(moved)
}

/// Makes sure that the place that is named is where the history is: the file written last is there.
///
/// # Errors
/// [`ObservationError::OtherPlace`] when it is not; when store or place cannot be asked.
pub async fn ensure_place(store: &Store) -> Result<()> {
    let manifest = manifest_now(store).await?;
    let parts = manifest.months.iter().flat_map(BTreeMap::values).flat_map(|held| &held.parts);
    let Some(newest) = parts.max_by_key(|part| part.id) else { return Ok(()) };
    let objects = store.objects().ok_or(ObservationError::NoPlace)?;
    if objects.has(&newest.values.name).await? {
        return Ok(());
    }
    let (file, place) = (newest.values.name.clone(), objects.place().to_owned());
    Err(ObservationError::OtherPlace { file, place })
}

/// The months that are closed, have recent rows and have not moved, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn closed(store: &Store, rules: &Rules, now: Timestamp) -> Result<Vec<(Period, Month)>> {
    let manifest = manifest_now(store).await?;
    let mut found = Vec::new();
    for period in Period::ALL {
        let mut from = Timestamp::MIN;
        while let Some(first) = store::first_since(store, period, from).await? {
            let month = Month::of(first);
            if !rules.is_closed(period, month, now) {
                break;
            }
            if !manifest.of(period).contains_key(&month) {
                found.push((period, month));
            }
            from = month.ends();
        }
    }
    Ok(found)
}

async fn is_under_way(store: &Store, key: (Period, Month), now: Timestamp) -> Result<bool> {
    let moves = store::moves(store).await?;
    Ok(moves.iter().any(|state| {
        (state.period, state.month) == key && now.duration_since(state.alive_at) < BROKEN_OFF
    }))
}

/// Writes months anew into which rows were recorded after they had moved: those where it is due, or
/// all.
///
/// # Errors
/// As [`round`].
pub async fn compact(store: &Store, all: bool, now: Timestamp, steps: Steps<'_>) -> Result<Moved> {
    let mut compacted = Moved::default();
    let manifest = manifest_now(store).await?;
    for state in store::months(store).await? {
        let key = (state.period, state.month);
        let held = manifest.of(state.period).get(&state.month);
        let rows = held.map_or(0, |held| held.parts.iter().map(|part| part.row_count).sum());
        let is_due = all || is_due(state, rows, now);
        if state.late_rows == 0 || !is_due || is_under_way(store, key, now).await? {
            continue;
        }
        let started = Instant::now();
        let one = write_month(store, key, now, steps).await?;
        note(state.period, "compact", one, started);
        tracing::info!(period = state.period.as_str(), month = %state.month,
            late = state.late_rows, rows = one.rows, "late rows are in the history");
        compacted.add(one);
    }
    Ok(compacted)
}

fn is_due(state: MonthState, rows: u64, now: Timestamp) -> bool {
    state.late_rows.saturating_mul(100) >= rows || now.duration_since(state.sealed_at) >= LATE_WAIT
}

/// Forgets the months that are older than the rules keep; without a rule nothing is forgotten.
///
/// # Errors
/// As [`round`].
pub async fn forget(
    store: &Store,
    rules: &Rules,
    now: Timestamp,
    witness: Witness<'_>,
) -> Result<Vec<Forgotten>> {
    let mut forgotten = Vec::new();
    for (period, month, keep_months) in to_forget(store, rules, now).await? {
        let range = month.begins()..month.ends();
        let recent = store::points_within(store, period, &range).await?;
        let manifest = manifest_now(store).await?;
        let held = manifest.of(period).get(&month).cloned().unwrap_or_default();
        let mut points: BTreeSet<PointId> = recent.iter().copied().collect();
        for part in &held.parts {
            points.extend(open_part(store, part).await?.points());
        }
        let mut rows = held.parts.iter().map(|part| part.row_count).sum();
        for point in recent {
            let of = (point, period);
            rows += store::recent_alone(store, of, &range, held.sealed_block).await?;
        }
        let one = Forgotten { period, month, at: now, rows, keep_months };
        store::forget(store, one, witness).await?;
        let points: Vec<PointId> = points.into_iter().collect();
        moving::piecemeal(store, (period, month), &points, None, &|_| {}).await?;
        tracing::warn!(period = period.as_str(), %month, rows, keep_months,
            "a month was forgotten, as the settings say");
        metrics::counter!("lucid_history_forgotten_rows_total", "period" => period.as_str())
            .increment(rows);
        forgotten.push(one);
    }
    Ok(forgotten)
}

/// The months that the rules no longer keep, with the rule.
///
/// # Errors
/// When the store cannot be read.
pub async fn to_forget(
    store: &Store,
    rules: &Rules,
    now: Timestamp,
) -> Result<Vec<(Period, Month, u32)>> {
    let manifest = manifest_now(store).await?;
    let mut found = Vec::new();
    for period in Period::ALL {
        let Some(keep_months) = rules.forget_months(period) else { continue };
        let first_kept = first_kept(now, keep_months);
        let mut months: BTreeSet<Month> =
            manifest.of(period).range(..first_kept).map(|(month, _)| *month).collect();
        let mut from = Timestamp::MIN;
        while let Some(first) = store::first_since(store, period, from).await? {
            let month = Month::of(first);
            if month >= first_kept {
                break;
            }
            months.insert(month);
            from = month.ends();
        }
        found.extend(months.into_iter().map(|month| (period, month, keep_months)));
    }
    Ok(found)
}

/// The first month that is kept where so many whole months before the present one are.
fn first_kept(now: Timestamp, keep_months: u32) -> Month {
    let today = beijing_offset().to_datetime(now).date();
    let first = today.first_of_month().saturating_sub(i64::from(keep_months).months());
    let begins = beijing_offset().to_timestamp(first.at(0, 0, 0, 0));
    Month::of(begins.unwrap_or(Timestamp::MIN))
}

/// Deletes the files of parts that were replaced a while ago, unless somebody holds them.
///
/// # Errors
/// As [`round`].
pub async fn delete_replaced(store: &Store, now: Timestamp) -> Result<u64> {
    let before = now.checked_sub(REPLACED_KEPT).unwrap_or(Timestamp::MIN);
    let mut reader = store.snapshot().await?;
    let retired = store::retired(&mut reader, before, now).await?;
    reader.rollback().await?;
    let mut deleted = 0;
    for part in retired {
        let objects = store.objects().ok_or(ObservationError::NoPlace)?;
        for name in &part.names {
            objects.delete(name).await?;
        }
        store::strike_part(store, part.id).await?;
        forget_open(store, part.id);
        deleted += 1;
    }
    Ok(deleted)
}

fn note(period: Period, work: &'static str, moved: Moved, started: Instant) {
    if moved.months == 0 {
        return;
    }
    metrics::counter!("lucid_history_months_written_total",
        "period" => period.as_str(), "work" => work)
    .increment(moved.months);
    metrics::histogram!("lucid_history_month_seconds", "work" => work).record(started.elapsed());
}

/// Keeps the history as long as the server runs: a round an hour.
///
/// A round that fails is logged and counted, and comes again: nothing is lost by waiting.
pub async fn serve(store: Store, rules: Rules, clock: fn() -> Timestamp, witness: Witness<'_>) {
    loop {
        let done = async {
            ensure_place(&store).await?;
            if rules.moves {
                round(&store, &rules, clock(), &|_| {}, witness).await.map(|_| ())
            } else {
                mend(&store, clock(), &|_| {}).await.map(|_| ())
            }
        };
        let pause = match done.await {
            Ok(()) => {
                metrics::gauge!("lucid_history_failing").set(0.0);
                ROUND
            }
            Err(problem) => {
                metrics::gauge!("lucid_history_failing").set(1.0);
                metrics::counter!("lucid_history_failures_total").increment(1);
                let cause = ::store::with_causes(&problem);
                tracing::error!(%cause, "history is not kept; what is recent stays readable");
                ROUND_AFTER_FAILURE
            }
        };
        if let Err(problem) = super::status::tell(&store).await {
            tracing::debug!(%problem, "the history cannot be measured");
        }
        tokio::time::sleep(pause).await;
    }
}
