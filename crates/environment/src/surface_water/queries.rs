//! The surface water now.

use evaluation::{Newest, StoredVerdict};
use jiff::{SignedDuration, Timestamp};
use observations::{Latest, Row};
use registry::{MonitoringPoint, PointKind, Snapshot};
use rulebook::Period;
use std::sync::Arc;

/// A sample older than this is not "now" any more.
const FRESH: SignedDuration = SignedDuration::from_hours(12);

/// A section with its newest sample and its class.
#[derive(Clone, Debug)]
pub struct SectionNow {
    /// The section.
    pub section: MonitoringPoint,
    /// Its newest sample.
    pub row: Option<Arc<Row>>,
    /// The verdict on it.
    pub verdict: Option<Arc<StoredVerdict>>,
    /// True when the sample is too old to be called now.
    pub is_stale: bool,
}

/// The sections in operation on the day of `now`, in the order of the city's files.
pub fn sections_now(
    snapshot: &Snapshot,
    latest: &Latest,
    newest: &Newest,
    now: Timestamp,
) -> Vec<SectionNow> {
    let today = rulebook::beijing_offset().to_datetime(now).date();
    snapshot
        .points_of(PointKind::WaterSection)
        .filter(|section| section.is_in_operation(today))
        .map(|section| {
            let row = latest.get(section.id, Period::Hour);
            let is_stale =
                row.as_ref().is_none_or(|row| now.duration_since(row.observed_at) > FRESH);
            SectionNow {
                section: section.clone(),
                verdict: newest.get(section.id, super::RULE_CLASS, None),
                row,
                is_stale,
            }
        })
        .collect()
}
