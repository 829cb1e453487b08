//! Which alerts are asked for, in addresses of pages and interface alike.

use evaluation::AlertFilter;
use evaluation::alerts::{Alert, AlertKind};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use registry::{PointId, Snapshot};
use rulebook::beijing_offset;
use serde::Deserialize;
use utoipa::IntoParams;
use web::Problem;

/// Alerts on one page.
pub(super) const A_PAGE: u32 = 100;

#[derive(Debug, Default, Deserialize, IntoParams)]
pub(super) struct Wanted {
    /// `open` (the default), `closed` or `all`.
    pub(super) state: Option<String>,
    /// `exceedance`, `missing_data`, `device_offline` or `constant_value`.
    pub(super) kind: Option<String>,
    /// A division's code.
    pub(super) division: Option<String>,
    /// The first day, Beijing time: `2026-03-01`.
    pub(super) from: Option<String>,
    /// The last day.
    pub(super) to: Option<String>,
    /// The cursor that the last page gave.
    pub(super) after: Option<String>,
}

impl Wanted {
    /// The filter for the store.
    pub(super) fn filter(&self, snapshot: &Snapshot) -> Result<AlertFilter, Problem> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let open = match given(&self.state).as_deref() {
            None | Some("open") => Some(true),
            Some("closed") => Some(false),
            Some("all") => None,
            Some(other) => return Err(wrong("state", other, "open, closed, all")),
        };
        let kind = given(&self.kind)
            .map(|word| AlertKind::parse(&word).ok_or_else(|| wrong("kind", &word, KINDS)))
            .transpose()?;
        let points = given(&self.division).map(|division| points_in(snapshot, &division));
        let from = given(&self.from).map(|text| day("from", &text)).transpose()?;
        let to = given(&self.to).map(|text| day("to", &text)).transpose()?;
        let to = to.and_then(|to| to.tomorrow().ok());
        let after = given(&self.after).map(|text| cursor(&text)).transpose()?;
        let (from, to) = (from.map(midnight), to.map(midnight));
        Ok(AlertFilter { open, kind, points, from, to, after, limit: A_PAGE + 1 })
    }
}

const KINDS: &str = "exceedance, missing_data, device_offline, constant_value";

fn points_in(snapshot: &Snapshot, division: &str) -> Vec<PointId> {
    snapshot.points().filter(|point| point.division == division).map(|point| point.id).collect()
}

fn midnight(day: Date) -> Timestamp {
    beijing_offset().to_timestamp(day.to_datetime(Time::midnight())).unwrap_or(Timestamp::MIN)
}

fn day(name: &str, text: &str) -> Result<Date, Problem> {
    text.parse().map_err(|_| wrong(name, text, "2026-03-01"))
}

fn wrong(name: &str, found: &str, wanted: &str) -> Problem {
    Problem::bad_request(
        format!("{name} 应为 {wanted},而不是 {found:?}"),
        format!("{name} is one of {wanted}, not {found:?}"),
    )
}

fn cursor(text: &str) -> Result<(Timestamp, i64), Problem> {
    let read = || {
        let (seconds, id) = text.split_once('-')?;
        Some((Timestamp::from_second(seconds.parse().ok()?).ok()?, id.parse().ok()?))
    };
    read().ok_or_else(|| wrong("after", text, "the cursor of the last page"))
}

/// Takes the one too many off and makes the cursor of the next page.
pub(super) fn page(mut alerts: Vec<Alert>) -> (Vec<Alert>, Option<String>) {
    let is_more = alerts.len() > A_PAGE as usize;
    alerts.truncate(A_PAGE as usize);
    let last = alerts.last().filter(|_| is_more);
    let next = last.map(|alert| format!("{}-{}", alert.opened_at.as_second(), alert.id));
    (alerts, next)
}
