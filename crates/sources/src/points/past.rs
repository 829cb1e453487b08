//! What a point has reported of late, with what was judged of it.

use super::rule_of;
use evaluation::StoredVerdict;
use jiff::{SignedDuration, Timestamp};
use observations::Row;
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
}

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
    Ok(Past { rows, factors, verdicts })
}
