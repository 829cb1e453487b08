//! The computation: outlets looked through month by month, episodes kept, old ones superseded. Each
//! night everywhere, each hour where something is over its limit, and when somebody asks.

use super::model::{Computed, Episode};
use super::runs::{episodes, touch};
use super::store::{self, EpisodeError};
use evaluation::AlertFilter;
use evaluation::alerts::AlertKind;
use jiff::{SignedDuration, Timestamp};
use registry::{PointId, PointKind, Snapshot};
use rulebook::{Period, beijing_offset};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::Mutex;
use validity::{Month, MonthRecord};
use web::AppState;

/// So many months before the one under way are looked through at night: late data and decisions
/// reach back as far.
const MONTHS_BACK: i64 = 3;
/// How often it is looked whether something is due.
const LOOK: Duration = Duration::from_mins(5);
/// Minutes after the hour, so that its last values have come.
const AFTER_THE_HOUR: i8 = 10;
/// Alerts of so long ago still have their outlets looked through each hour.
const RECENT: SignedDuration = SignedDuration::from_hours(26);

/// One outlet at a time.
static UNDER_WAY: Mutex<()> = Mutex::const_new(());

/// What a computation did (计算结果).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Computation {
    /// How many outlets were looked through.
    pub outlets: usize,
    /// How many episodes are new.
    pub added: usize,
    /// How many were superseded.
    pub superseded: usize,
}

/// Looks through every outlet now.
///
/// # Errors
/// When the store fails.
pub async fn compute(state: &AppState) -> Result<Computation, EpisodeError> {
    let snapshot = state.snapshot();
    let points: Vec<PointId> =
        snapshot.points_of(PointKind::Outlet).map(|point| point.id).collect();
    compute_at(state, &points, MONTHS_BACK).await
}

/// Looks through some outlets now, so many months back.
///
/// # Errors
/// When the store fails.
pub(super) async fn compute_at(
    state: &AppState,
    points: &[PointId],
    months_back: i64,
) -> Result<Computation, EpisodeError> {
    let snapshot = state.snapshot();
    let mut done = Computation::default();
    for point in points {
        // An officer who asks for one outlet does not wait for all others.
        let _one = UNDER_WAY.lock().await;
        let found = outlet(state, &snapshot, *point, months_back).await?;
        done.outlets += 1;
        done.added += found.added;
        done.superseded += found.superseded;
    }
    Ok(done)
}

async fn outlet(
    state: &AppState,
    snapshot: &Snapshot,
    point: PointId,
    months_back: i64,
) -> Result<Computation, EpisodeError> {
    let now = state.now();
    let Some(oldest) = observations::oldest(&state.store, point, Period::Hour).await? else {
        return Ok(Computation::default());
    };
    let last = Month::at(now);
    let first = Month::at(oldest).max(last.before(months_back));
    // The month before tells where an episode began that reaches into the first one.
    let lead = first.before(1);
    let mut month = if Month::at(oldest) <= lead { lead } else { first };
    let mut records: Vec<MonthRecord> = Vec::new();
    while month <= last {
        records.extend(of_month(state, snapshot, point, month, now).await?);
        month = month.next();
    }
    let found = tokio::task::spawn_blocking(move || episodes(&records)).await;
    let found = found.map_err(|_| EpisodeError::Missing("the computation"))?;
    let from = first.begins();
    let found: Vec<Computed> = found.into_iter().filter(|it| it.ended_at() > from).collect();
    keep(state, point, (from, now), &found).await
}

/// The stored record of a month; of the month under way also the hours of today, which are in none.
async fn of_month(
    state: &AppState,
    snapshot: &Snapshot,
    point: PointId,
    month: Month,
    now: Timestamp,
) -> Result<Vec<MonthRecord>, EpisodeError> {
    let stored = validity::month(&state.store, snapshot, point, month, now).await?;
    if month != Month::at(now) {
        return Ok(vec![stored]);
    }
    let mut today = validity::provisional(&state.store, snapshot, point, month, now).await?;
    today.version = 0;
    if stored.version == 0 {
        return Ok(vec![today]);
    }
    let until = stored.inputs.until;
    today.periods.retain(|period| period.start >= until);
    Ok(vec![stored, today])
}

/// Keeps what was found beside what was known of a stretch of time.
async fn keep(
    state: &AppState,
    point: PointId,
    (from, now): (Timestamp, Timestamp),
    found: &[Computed],
) -> Result<Computation, EpisodeError> {
    let to = now.saturating_add(SignedDuration::from_hours(48)).unwrap_or(Timestamp::MAX);
    let known = store::overlapping(&state.store, point, from, to).await?;
    let mut is_kept = vec![false; known.len()];
    let mut fresh = Vec::new();
    for computed in found {
        let fingerprint = store::fingerprint_of(computed)?;
        let same = known.iter().enumerate().position(|(place, held)| {
            !is_kept[place] && held.fingerprint == fingerprint && stays(held, computed)
        });
        match same {
            Some(place) => is_kept[place] = true,
            None => fresh.push(computed),
        }
    }
    let mut done = Computation::default();
    let mut transaction = state.store.begin().await?;
    let mut added = Vec::new();
    for computed in fresh {
        added.push((store::insert(&mut transaction, computed, now).await?, computed));
        done.added += 1;
    }
    for (held, _) in known.iter().zip(&is_kept).filter(|(_, is_kept)| !**is_kept) {
        let next = added.iter().find(|(_, computed)| touch(computed, &held.computed));
        store::supersede(&mut transaction, held.id, next.map(|(id, _)| *id), now).await?;
        done.superseded += 1;
    }
    transaction.commit().await?;
    Ok(done)
}

/// Whether a known episode of the same content stays: it names a stored record, or the new one
/// names none either.
fn stays(held: &Episode, computed: &Computed) -> bool {
    let is_stored = |all: &[super::model::Basis]| all.iter().all(|basis| basis.version > 0);
    is_stored(&held.computed.basis) || !is_stored(&computed.basis)
}

/// Computes each night everywhere and each hour where alerts tell of exceedance, as long as the
/// server runs.
pub async fn serve(state: AppState) {
    let mut done: Option<Timestamp> = None;
    loop {
        let now = state.now();
        let computed = match done {
            Some(last) if !is_another_day(last, now) => {
                if is_hour_due(last, now) {
                    hourly(&state, now).await.map(Some)
                } else {
                    Ok(None)
                }
            }
            _ => compute(&state).await.map(Some),
        };
        match computed {
            Ok(None) => {}
            Ok(Some(found)) => {
                done = Some(now);
                let (outlets, added) = (found.outlets, found.added);
                tracing::info!(outlets, added, "episodes of exceedance were computed");
            }
            Err(problem) => {
                // Tried again in an hour, not at once.
                done = Some(now);
                tracing::error!(%problem, code = problem.code(), "episodes were not computed");
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The outlets with recent alerts of exceedance.
async fn hourly(state: &AppState, now: Timestamp) -> Result<Computation, EpisodeError> {
    let points = recent(state, now).await?;
    compute_at(state, &points, 0).await
}

async fn recent(state: &AppState, now: Timestamp) -> Result<Vec<PointId>, EpisodeError> {
    let since = now.saturating_sub(RECENT).unwrap_or(Timestamp::MIN);
    let open = AlertFilter { open: Some(true), ..of_exceedance() };
    let new = AlertFilter { from: Some(since), ..of_exceedance() };
    let mut points = BTreeSet::new();
    for filter in [open, new] {
        let alerts = evaluation::list_alerts(&state.store, &filter).await?;
        points.extend(alerts.iter().map(|alert| alert.subject.point.0));
    }
    Ok(points.into_iter().map(PointId).collect())
}

fn of_exceedance() -> AlertFilter {
    AlertFilter {
        open: None,
        kind: Some(AlertKind::Exceedance),
        points: None,
        from: None,
        to: None,
        after: None,
        limit: 10_000,
    }
}

fn is_another_day(last: Timestamp, now: Timestamp) -> bool {
    let day = |at| beijing_offset().to_datetime(at).date();
    day(last) != day(now) && beijing_offset().to_datetime(now).hour() >= 1
}

fn is_hour_due(last: Timestamp, now: Timestamp) -> bool {
    let (last, now) = (beijing_offset().to_datetime(last), beijing_offset().to_datetime(now));
    let hour = |at: jiff::civil::DateTime| (at.date(), at.hour());
    hour(last) != hour(now) && now.minute() >= AFTER_THE_HOUR
}
