//! How the history stands, for officers, commands and metrics.

use super::manifest::manifest_now;
use super::{Forgotten, Month, store};
use crate::error::ObservationError;
use ::store::Store;
use rulebook::Period;
use std::collections::HashSet;

/// The history of one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodStatus {
    /// The period.
    pub period: Period,
    /// Months moved.
    pub months: u64,
    /// The first and the last of them.
    pub span: Option<(Month, Month)>,
    /// Parts, two files each.
    pub parts: u64,
    /// Rows in them.
    pub rows: u64,
    /// Factors of rows in them.
    pub factor_rows: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Rows recorded into moved months, waiting for compaction.
    pub late_rows: u64,
    /// Months whose moved rows are not all deleted from the recent ones.
    pub uncleared: u64,
}

/// A month that has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthStatus {
    /// The period.
    pub period: Period,
    /// The month.
    pub month: Month,
    /// Parts, two files each.
    pub parts: u64,
    /// Rows in them.
    pub rows: u64,
    /// Factors of rows in them.
    pub factor_rows: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Rows recorded since it was written, waiting for compaction.
    pub late_rows: u64,
    /// When it was written.
    pub written_at: jiff::Timestamp,
}

/// How the history stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where it is kept; `None` where nobody said.
    pub place: Option<String>,
    /// Each period.
    pub periods: Vec<PeriodStatus>,
    /// Each month, newest first.
    pub months: Vec<MonthStatus>,
    /// Moves under way or broken off.
    pub moves: u64,
    /// Replaced parts that are still on the disk.
    pub replaced: u64,
    /// Their bytes.
    pub replaced_bytes: u64,
    /// What was forgotten last, newest first.
    pub forgotten: Vec<Forgotten>,
}

/// So many forgotten months are told of.
const FORGOTTEN_SHOWN: u32 = 120;

/// Reads how the history stands.
///
/// # Errors
/// When the store cannot be read.
pub async fn status(store: &Store) -> Result<Status, ObservationError> {
    let manifest = manifest_now(store).await?;
    let states = store::months(store).await?;
    let mut months = Vec::with_capacity(states.len());
    for state in &states {
        let held = manifest.of(state.period).get(&state.month);
        let parts = held.map_or(&[][..], |held| &held.parts);
        months.push(MonthStatus {
            period: state.period,
            month: state.month,
            parts: parts.len() as u64,
            rows: parts.iter().map(|part| part.row_count).sum(),
            factor_rows: parts.iter().map(|part| part.factor_row_count).sum(),
            bytes: parts.iter().map(|part| part.values.bytes + part.rows.bytes).sum(),
            late_rows: state.late_rows,
            written_at: state.sealed_at,
        });
    }
    let periods = Period::ALL.map(|period| {
        let of: Vec<_> = months.iter().filter(|month| month.period == period).collect();
        let sum = |number: fn(&MonthStatus) -> u64| of.iter().map(|month| number(month)).sum();
        let first = of.iter().map(|month| month.month).min();
        let last = of.iter().map(|month| month.month).max();
        let waits = |state: &&store::MonthState| state.period == period && !state.is_cleared;
        PeriodStatus {
            period,
            months: of.len() as u64,
            span: first.zip(last),
            parts: sum(|month| month.parts),
            rows: sum(|month| month.rows),
            factor_rows: sum(|month| month.factor_rows),
            bytes: sum(|month| month.bytes),
            late_rows: sum(|month| month.late_rows),
            uncleared: states.iter().filter(waits).count() as u64,
        }
    });
    months.sort_by_key(|month| (std::cmp::Reverse(month.month), month.period.code()));
    let (replaced, replaced_bytes) = store::retired_bytes(store).await?;
    Ok(Status {
        place: store.objects().map(|objects| objects.place().to_owned()),
        periods: periods.to_vec(),
        months,
        moves: store::moves(store).await?.len() as u64,
        replaced,
        replaced_bytes,
        forgotten: store::forgotten(store, FORGOTTEN_SHOWN).await?,
    })
}

/// The months that were forgotten by rule: rows of them are gone lawfully.
///
/// # Errors
/// When the store cannot be read.
pub async fn forgotten_months(store: &Store) -> Result<HashSet<(Period, Month)>, ObservationError> {
    store::forgotten_months(store).await
}

/// Tells the metrics.
pub(super) async fn tell(store: &Store) -> Result<(), ObservationError> {
    let status = status(store).await?;
    for of in &status.periods {
        let period = of.period.as_str();
        metrics::gauge!("lucid_history_months", "period" => period).set(of.months as f64);
        metrics::gauge!("lucid_history_rows", "period" => period).set(of.rows as f64);
        metrics::gauge!("lucid_history_bytes", "period" => period).set(of.bytes as f64);
        metrics::gauge!("lucid_history_late_rows", "period" => period).set(of.late_rows as f64);
    }
    metrics::gauge!("lucid_history_replaced_bytes").set(status.replaced_bytes as f64);
    Ok(())
}
