//! The inputs of formulas: read through the kernel, in an order that is always the same.

pub(crate) mod air;
mod kept_by_hand;
mod valid_data;
mod water;
mod work;

use crate::GovernanceError;
use crate::duties;
use cases::Cases;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use plan::indicator::Item;
use registry::Snapshot;
use rulebook::beijing_offset;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use store::Store;

/// What inputs are read from.
pub(crate) struct Reading<'state> {
    pub(crate) store: &'state Store,
    pub(crate) snapshot: &'state Snapshot,
    pub(crate) cases: Option<Arc<Cases>>,
    pub(crate) now: Timestamp,
}

impl Reading<'_> {
    fn today(&self) -> Date {
        beijing_offset().to_datetime(self.now).date()
    }
}

/// Values of sources, by name.
pub(crate) type Sources = BTreeMap<String, Vec<Item>>;

/// All that the year holds.
pub(crate) async fn gather(reading: &Reading<'_>, year: i16) -> Result<Sources, GovernanceError> {
    let mut sources = Sources::new();
    air::gather(reading, year, &mut sources).await?;
    water::gather(reading, year, &mut sources).await?;
    work::gather(reading, year, &mut sources).await?;
    duties::gather(reading, year, &mut sources).await?;
    kept_by_hand::gather(reading, year, &mut sources).await?;
    valid_data::gather(reading, year, &mut sources).await?;
    sources.retain(|_, items| !items.is_empty());
    Ok(sources)
}

/// The start of a day in Beijing.
pub(crate) fn midnight(day: Date) -> Timestamp {
    beijing_offset()
        .to_timestamp(day.to_datetime(jiff::civil::Time::midnight()))
        .unwrap_or(Timestamp::MIN)
}

/// A year of Beijing.
pub(crate) fn year_of(year: i16) -> Range<Timestamp> {
    midnight(date(year, 1, 1))..midnight(date(year.saturating_add(1), 1, 1))
}

/// The day that stands for a whole year.
pub(crate) fn last_day(year: i16) -> Date {
    date(year, 12, 31)
}
