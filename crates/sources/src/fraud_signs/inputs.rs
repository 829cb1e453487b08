//! What the platform knows of an outlet, in the form in which detectors look at it.

use super::store::SignError;
use detectors::{Event, EventKind, Outlet, OutletId, Receipt, Sample, Series, Span, State};
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use observations::{Marks, Row};
use registry::{FactorId, LimitBound, MonitoringPoint, PointDetail, PointId, PointKind, Snapshot};
use rulebook::{Decimal, Period, beijing_offset};
use std::collections::BTreeMap;
use store::Store;

const HOUR_S: i64 = 3600;

/// What is looked at: hours over the whole window, minutes over its last days.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    pub(super) hours: Span,
    pub(super) minutes: Span,
}

/// Every outlet of the city with what it reported in the windows.
pub(super) async fn outlets(
    store: &Store,
    snapshot: &Snapshot,
    windows: Windows,
    visits: &[(PointId, Date)],
) -> Result<Vec<Outlet>, SignError> {
    let mut outlets = Vec::new();
    for point in snapshot.points_of(PointKind::Outlet) {
        let read =
            |period, span: Span| observations::series(store, point.id, period, span.from..span.to);
        let hours = read(Period::Hour, windows.hours).await?;
        let minutes = read(Period::Minute, windows.minutes).await?;
        let days = visits.iter().filter(|(at, _)| *at == point.id).map(|(_, day)| *day);
        outlets.push(outlet(snapshot, point, &hours, &minutes, days));
    }
    Ok(outlets)
}

/// One outlet from its rows.
pub(super) fn outlet(
    snapshot: &Snapshot,
    point: &MonitoringPoint,
    hours: &[Row],
    minutes: &[Row],
    visits: impl Iterator<Item = Date>,
) -> Outlet {
    let (hour_s, minute_s) = steps(snapshot, point.id);
    let mut outlet = Outlet::new(OutletId(point.id.0));
    outlet.operator = match &point.detail {
        PointDetail::Outlet(of) => of.enterprise.0,
        // Not an outlet: nobody else runs it.
        PointDetail::AirStation(_) | PointDetail::WaterSection(_) => -point.id.0,
    };
    series(snapshot, point, hours, hour_s, &mut outlet);
    series(snapshot, point, minutes, minute_s, &mut outlet);
    outlet.receipts = hours.iter().filter_map(|row| receipt(row, hour_s)).collect();
    outlet.events = visits.map(visit).collect();
    outlet
}

/// Seconds from one hour value to the next and from one minute value to the next.
pub(super) fn steps(snapshot: &Snapshot, point: PointId) -> (i64, i64) {
    let devices = || snapshot.devices_of(point);
    let hour = devices().filter_map(|device| device.hour_interval_h).min().unwrap_or(1);
    let minute = devices().filter_map(|device| device.minute_interval_min).min().unwrap_or(1);
    (i64::from(hour.max(1)) * HOUR_S, i64::from(minute.max(1)) * 60)
}

/// The series of each factor, as measured and as converted, with the limit that binds it.
fn series(
    snapshot: &Snapshot,
    point: &MonitoringPoint,
    rows: &[Row],
    step_s: i64,
    outlet: &mut Outlet,
) {
    type Samples = Vec<Sample<Decimal>>;
    let mut all: BTreeMap<FactorId, (Samples, Samples)> = BTreeMap::new();
    for row in rows {
        for value in &row.values {
            let state = State::of_flag(value.flag);
            let sample = |value| Sample { at: row.observed_at, value, state };
            let (measured, converted) = all.entry(value.factor).or_default();
            measured.push(sample(value.value));
            if value.converted.is_some() {
                converted.push(sample(value.converted));
            }
        }
    }
    for (id, (measured, converted)) in all {
        let Some(factor) = snapshot.factor(id) else { continue };
        let limit = limit(snapshot, point, id, rows);
        let (on_converted, on_measured) = match limit {
            Some((limit, true)) => (Some(limit), None),
            Some((limit, false)) => (None, Some(limit)),
            None => (None, None),
        };
        outlet.series.push(Series::exact(&factor.code, step_s, &measured).with_limit(on_measured));
        if !converted.is_empty() && step_s >= HOUR_S {
            let series = Series::exact(&factor.code, step_s, &converted);
            outlet.converted.push(series.with_limit(on_converted));
        }
    }
}

/// The upper limit in force at the newest row, and whether it binds the converted value; that of
/// the hour before that of the day.
pub(super) fn limit(
    snapshot: &Snapshot,
    point: &MonitoringPoint,
    factor: FactorId,
    rows: &[Row],
) -> Option<(f64, bool)> {
    let at = rows.last()?.observed_at;
    let on = beijing_offset().to_datetime(at).date();
    [Period::Hour, Period::Day].into_iter().find_map(|period| {
        let limit = snapshot.limit(point.id, factor, period, on)?;
        match &limit.bound {
            LimitBound::AtMost(most) => Some((most.to_string().parse().ok()?, limit.on_converted)),
            LimitBound::Within(..) => None,
        }
    })
}

/// When an hour came in and when it ended; `None` for what tells nothing of the clock: files,
/// feeds, what came late, what was sent again.
fn receipt(row: &Row, step_s: i64) -> Option<Receipt> {
    let marks = row.values.first()?.marks;
    let is_foreign = [Marks::FROM_FILE, Marks::FROM_FEED, Marks::LATE]
        .into_iter()
        .any(|mark| marks.contains(mark));
    if is_foreign || row.version > 1 {
        return None;
    }
    // Where hours are reported every fourth hour, each is still one hour.
    let length = SignedDuration::from_secs(step_s.min(HOUR_S));
    let ended_at = row.observed_at.saturating_add(length).ok()?;
    Some(Receipt { received_at: row.received_at, ended_at })
}

fn visit(day: Date) -> Event {
    let midnight = day.to_datetime(Time::midnight());
    let from = beijing_offset().to_timestamp(midnight).unwrap_or(Timestamp::MIN);
    let to = from.saturating_add(SignedDuration::from_hours(24)).unwrap_or(from);
    Event { kind: EventKind::Inspection, from, to }
}
