//! Counts of what the platform itself holds: points, outlets, alerts, cases, permits.

use super::{Reading, Sources, last_day, year_of};
use crate::GovernanceError;
use authority::{Principal, Role};
use cases::{Cases, StatisticsFilter};
use evaluation::AlertFilter;
use evaluation::alerts::AlertKind;
use plan::indicator::Item;
use registry::{MonitoringPoint, PointKind};
use rulebook::{Decimal, Period};
use std::collections::BTreeSet;

/// Alerts are counted no further.
const ALERTS_MAX: u32 = 1_000_000;

pub(super) async fn gather(
    reading: &Reading<'_>,
    year: i16,
    sources: &mut Sources,
) -> Result<(), GovernanceError> {
    points(reading, year, sources).await?;
    alerts(reading, year, sources).await?;
    permits_held(reading, year, sources).await?;
    if let Some(cases) = &reading.cases {
        of_cases(cases, year, sources).await?;
    }
    Ok(())
}

fn one(key: &str, year: i16, value: impl Into<Decimal>, link: String) -> Item {
    Item { key: key.to_owned(), on: last_day(year), value: value.into(), link }
}

/// The page of a monitoring point.
fn page(point: &MonitoringPoint) -> String {
    match point.kind() {
        PointKind::AirStation => format!("/air/stations/{}", point.code),
        PointKind::WaterSection => format!("/water/sections/{}", point.code),
        PointKind::Outlet => format!("/outlets/{}", point.code),
    }
}

async fn points(
    reading: &Reading<'_>,
    year: i16,
    sources: &mut Sources,
) -> Result<(), GovernanceError> {
    let span = year_of(year);
    let on = last_day(year).min(reading.today());
    for point in reading.snapshot.points().filter(|point| point.is_in_operation(on)) {
        let item = one(&point.name.zh, year, 1, page(point));
        let mut is_heard = false;
        for period in [Period::Hour, Period::Minute, Period::Day] {
            let newest =
                observations::series_newest(reading.store, point.id, period, span.end, 1).await?;
            is_heard |= newest.iter().any(|row| row.observed_at >= span.start);
        }
        let mut keep = |name: &str| {
            sources.entry(name.to_owned()).or_default().push(item.clone());
        };
        keep("points.all");
        if is_heard {
            keep("points.heard");
        }
        if point.kind() == PointKind::Outlet {
            keep("outlets.all");
            if is_heard && reading.snapshot.devices_of(point.id).next().is_some() {
                keep("outlets.watched");
            }
        }
    }
    // Without any value in the year there was nothing to be heard: no share of nothing.
    if !sources.contains_key("points.heard") {
        sources.retain(|name, _| !name.starts_with("points.") && !name.starts_with("outlets."));
    }
    Ok(())
}

async fn alerts(
    reading: &Reading<'_>,
    year: i16,
    sources: &mut Sources,
) -> Result<(), GovernanceError> {
    if !sources.contains_key("points.heard") {
        return Ok(());
    }
    let span = year_of(year);
    for kind in [
        AlertKind::Exceedance,
        AlertKind::MissingData,
        AlertKind::DeviceOffline,
        AlertKind::ConstantValue,
    ] {
        let filter = AlertFilter {
            kind: Some(kind),
            from: Some(span.start),
            to: Some(span.end),
            limit: ALERTS_MAX,
            ..AlertFilter::default()
        };
        let count = evaluation::list_alerts(reading.store, &filter).await?.len();
        let link = format!("/alerts?kind={}", kind.as_str());
        let item = one(kind.as_str(), year, Decimal::from(count), link);
        sources.insert(format!("alerts.{}", kind.as_str()), vec![item]);
    }
    Ok(())
}

async fn permits_held(
    reading: &Reading<'_>,
    year: i16,
    sources: &mut Sources,
) -> Result<(), GovernanceError> {
    let on = last_day(year).min(reading.today());
    let versions = permits::all_in_force(reading.store, on).await?;
    let held: BTreeSet<_> = versions.iter().map(|version| version.permit.enterprise).collect();
    if held.is_empty() {
        return Ok(());
    }
    for enterprise in reading.snapshot.enterprises() {
        let link = format!("/enterprises/{}", enterprise.code);
        let item = one(&enterprise.name.zh, year, 1, link);
        if held.contains(&enterprise.id) {
            let with_permit = sources.entry("permits.enterprises".to_owned()).or_default();
            with_permit.push(item.clone());
        }
        sources.entry("enterprises.all".to_owned()).or_default().push(item);
    }
    Ok(())
}

/// How the work of each kind goes; what nobody has closed or rated gives no number.
async fn of_cases(cases: &Cases, year: i16, sources: &mut Sources) -> Result<(), GovernanceError> {
    let reader = Principal::of_role(Role::Auditor);
    let span = year_of(year);
    for kind in cases.kinds() {
        let filter = StatisticsFilter {
            kind: Some(kind.id.clone()),
            from: Some(span.start),
            to: Some(span.end),
            ..StatisticsFilter::default()
        };
        let (numbers, _, _) = cases.statistics(&reader, &filter).await?;
        if numbers.opened == 0 {
            continue;
        }
        let link = format!("/cases?list=all&kind={}", kind.id);
        let mut keep = |name: &str, number: i64| {
            let item = one(&kind.name.zh, year, number, link.clone());
            sources.insert(format!("cases.{name}.{}", kind.id), vec![item]);
        };
        keep("opened", numbers.opened);
        keep("closed", numbers.closed);
        if numbers.closed > 0 {
            keep("on_time", numbers.on_time);
        }
        if numbers.rated > 0 {
            keep("rated", numbers.rated);
            keep("satisfied", numbers.satisfied);
        }
    }
    Ok(())
}
