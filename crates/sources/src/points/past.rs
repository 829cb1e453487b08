//! What a point has reported of late, with what was judged of it.

use super::rule_of;
use evaluation::StoredVerdict;
use jiff::{SignedDuration, Timestamp};
use observations::{Revision, Row, RowKey};
use registry::{FactorId, MonitoringPoint};
use rulebook::Period;
use std::collections::HashMap;
use std::ops::Range;
use web::{AppState, Problem};

/// A stretch of a point's past.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// The rows, oldest first.
    pub(crate) rows: Vec<Row>,
    /// The factors that occur, in the order in which they came.
    pub(crate) factors: Vec<FactorId>,
    /// What was judged.
    pub(crate) verdicts: HashMap<(Timestamp, FactorId), StoredVerdict>,
    /// What rows that were sent again had said before, the newest rows first.
    pub(crate) revisions: Vec<Revision>,
}

/// So many rows that were sent again are looked up for one page.
const REVISED_AT_MOST: usize = 50;

/// How much of the past a page shows for a period.
pub(crate) fn span(period: Period, now: Timestamp) -> Range<Timestamp> {
    let hours = match period {
        Period::RealTime => 2,
        Period::Minute => 12,
        Period::Hour => 72,
        Period::Day => 24 * 62,
    };
    let from = now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(now);
    from..now.saturating_add(SignedDuration::from_secs(1)).unwrap_or(now)
}

/// The hours or days between two rows for which none came; the other periods have no fixed grid.
pub(crate) fn missing_between(before: &Row, after: &Row) -> Vec<Timestamp> {
    missing_times(before.period, before.observed_at, after.observed_at)
}

/// The same by times.
pub(crate) fn missing_times(period: Period, before: Timestamp, after: Timestamp) -> Vec<Timestamp> {
    let step = match period {
        Period::Hour => SignedDuration::from_hours(1),
        Period::Day => SignedDuration::from_hours(24),
        Period::RealTime | Period::Minute => return Vec::new(),
    };
    let mut times = Vec::new();
    let mut at = before.saturating_add(step).unwrap_or(after);
    while at < after {
        times.push(at);
        at = at.saturating_add(step).unwrap_or(after);
    }
    times
}

/// What a point has reported for a period of late.
pub(crate) async fn past(
    state: &AppState,
    point: &MonitoringPoint,
    period: Period,
) -> Result<Past, Problem> {
    let span = span(period, state.now());
    let rows = observations::series(&state.store, point.id, period, span.clone()).await?;
    let mut factors = Vec::new();
    for value in rows.iter().flat_map(|row| &row.values) {
        if !factors.contains(&value.factor) {
            factors.push(value.factor);
        }
    }
    let mut verdicts = HashMap::new();
    if let Some(rule) = rule_of(period) {
        for stored in evaluation::verdicts(&state.store, point.id, rule, span).await? {
            if let Some(factor) = stored.verdict.factor {
                verdicts.insert((stored.verdict.observed_at, factor), stored);
            }
        }
    }
    let mut revisions = Vec::new();
    for row in rows.iter().rev().filter(|row| row.version > 1).take(REVISED_AT_MOST) {
        let key = RowKey { point: point.id, period, observed_at: row.observed_at };
        revisions.extend(observations::revisions(&state.store, key).await?);
    }
    Ok(Past { rows, factors, verdicts, revisions })
}
