//! Which alerts are asked for, in addresses of pages and interface alike.

use authority::{Action, Scope, Subject};
use evaluation::AlertFilter;
use evaluation::alerts::{Alert, AlertKind};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use registry::{MonitoringPoint, PointDetail, PointId, Snapshot};
use rulebook::beijing_offset;
use serde::Deserialize;
use utoipa::IntoParams;
use web::{Problem, SignedIn};

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
    /// The filter for the store: what is wanted, within what may be seen.
    pub(super) fn filter(
        &self,
        snapshot: &Snapshot,
        scope: &Scope,
    ) -> Result<AlertFilter, Problem> {
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
        let division = given(&self.division);
        let points = (division.is_some() || *scope != Scope::Everything)
            .then(|| points_in(snapshot, division.as_deref(), scope));
        let from = given(&self.from).map(|text| day("from", &text)).transpose()?;
        let to = given(&self.to).map(|text| day("to", &text)).transpose()?;
        let to = to.and_then(|to| to.tomorrow().ok());
        let after = given(&self.after).map(|text| cursor(&text)).transpose()?;
        let (from, to) = (from.map(midnight), to.map(midnight));
        Ok(AlertFilter { open, kind, points, from, to, after, limit: A_PAGE + 1 })
    }
}

const KINDS: &str = "exceedance, missing_data, device_offline, constant_value";

fn points_in(snapshot: &Snapshot, division: Option<&str>, scope: &Scope) -> Vec<PointId> {
    snapshot
        .points()
        .filter(|point| division.is_none_or(|division| point.division == division))
        .filter(|point| scope.holds(&subject_of(snapshot, point)))
        .map(|point| point.id)
        .collect()
}

/// What an alert at a point is about: the division, and the enterprise of an outlet.
pub fn subject_of(snapshot: &Snapshot, point: &MonitoringPoint) -> Subject {
    let subject = Subject::installation().in_division(point.division.clone());
    match &point.detail {
        PointDetail::Outlet(outlet) => match snapshot.enterprise(outlet.enterprise) {
            Some(enterprise) => subject.of_enterprise(enterprise.code.clone()),
            None => subject,
        },
        PointDetail::AirStation(_) | PointDetail::WaterSection(_) => subject,
    }
}

/// Refuses an alert that lies outside what somebody may see.
pub(super) fn allowed(
    signed_in: &SignedIn,
    snapshot: &Snapshot,
    point: PointId,
) -> Result<(), Problem> {
    let subject = snapshot
        .point(point)
        .map_or_else(Subject::installation, |point| subject_of(snapshot, point));
    signed_in.allowed(Action::ReadAlerts, &subject).map(|_| ())
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

#[cfg(test)]
mod tests {
    use super::*;
    use authority::Limits;

    #[tokio::test]
    async fn a_list_holds_only_points_of_ones_jurisdiction() {
        let store = testkit::sqlite(registry::MIGRATIONS).await;
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../cities/zhangzhou");
        let files = registry::load::read_city(std::path::Path::new(folder)).expect("a right city");
        registry::store::install(&store.store, &files).await.expect("it installs");
        let registry = registry::Registry::open(&store.store).await.expect("a registry");
        let snapshot = registry.snapshot();
        let points = |wanted: &Wanted, limits: Limits| {
            let filter = wanted.filter(&snapshot, &Scope::Within(limits)).expect("a filter");
            let points = filter.points.expect("limited").into_iter();
            points.filter_map(|id| snapshot.point(id)).cloned().collect::<Vec<_>>()
        };
        let county = Limits { divisions: ["350603".to_owned()].into(), ..Limits::default() };
        let all = points(&Wanted::default(), county.clone());
        assert!(all.len() > 3 && all.iter().all(|point| point.division == "350603"), "{all:?}");
        let elsewhere = Wanted { division: Some("350602".into()), ..Wanted::default() };
        assert!(points(&elsewhere, county).is_empty(), "asking for another does not help");
        let works = Limits { enterprises: ["DEMO-0006".to_owned()].into(), ..Limits::default() };
        let own = points(&Wanted::default(), works);
        assert!(!own.is_empty() && own.iter().all(|point| point.code.starts_with("DEMO-0006/")));
        let whole = Wanted::default().filter(&snapshot, &Scope::Everything).expect("a filter");
        assert_eq!(whole.points, None);
    }
}
