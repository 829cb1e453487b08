//! Outlets as they are now.

use evaluation::AlertFilter;
use evaluation::alerts::{Alert, AlertKind};
use jiff::SignedDuration;
use observations::Row;
use registry::{Enterprise, MonitoringPoint, Outlet, PointDetail, PointId, PointKind, Snapshot};
use rulebook::Period;
use std::collections::HashMap;
use std::sync::Arc;
use web::{AppState, Problem};

/// A row older than this does not say how an outlet is now.
const FRESH: SignedDuration = SignedDuration::from_mins(30);

/// An outlet with its newest values and its open alerts.
#[derive(Clone, Debug)]
pub(super) struct OutletNow {
    pub(super) point: MonitoringPoint,
    pub(super) outlet: Outlet,
    pub(super) enterprise: Enterprise,
    pub(super) newest: Option<Arc<Row>>,
    pub(super) alerts: Vec<Alert>,
    pub(super) is_fresh: bool,
}

/// How an outlet stands, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    Exceeding,
    Alerting,
    Silent,
    Good,
}

impl Standing {
    pub(super) const ALL: [Self; 4] = [Self::Exceeding, Self::Alerting, Self::Silent, Self::Good];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Exceeding => "exceeding",
            Self::Alerting => "alerting",
            Self::Silent => "silent",
            Self::Good => "good",
        }
    }
}

impl OutletNow {
    pub(super) fn standing(&self) -> Standing {
        if self.alerts.iter().any(|alert| alert.subject.kind == AlertKind::Exceedance) {
            Standing::Exceeding
        } else if !self.alerts.is_empty() {
            Standing::Alerting
        } else if !self.is_fresh {
            Standing::Silent
        } else {
            Standing::Good
        }
    }
}

/// Every outlet of the city, in the order of its files.
pub(super) async fn outlets_now(state: &AppState) -> Result<Vec<OutletNow>, Problem> {
    let snapshot = state.snapshot();
    let filter = AlertFilter { open: Some(true), limit: 100_000, ..AlertFilter::default() };
    let mut alerts: HashMap<PointId, Vec<Alert>> = HashMap::new();
    for alert in evaluation::list_alerts(&state.store, &filter).await? {
        alerts.entry(alert.subject.point).or_default().push(alert);
    }
    Ok(snapshot
        .points_of(PointKind::Outlet)
        .filter_map(|point| of(state, &snapshot, point, alerts.remove(&point.id)))
        .collect())
}

/// One outlet.
pub(super) async fn outlet_now(
    state: &AppState,
    point: &MonitoringPoint,
) -> Result<OutletNow, Problem> {
    let filter = AlertFilter {
        open: Some(true),
        points: Some(vec![point.id]),
        limit: 1000,
        ..AlertFilter::default()
    };
    let alerts = evaluation::list_alerts(&state.store, &filter).await?;
    of(state, &state.snapshot(), point, Some(alerts)).ok_or_else(|| no_outlet(&point.code))
}

pub(super) fn no_outlet(code: &str) -> Problem {
    Problem::not_found(
        format!("没有编码为 {code} 的排放口"),
        format!("there is no outlet with the code {code}"),
    )
}

fn of(
    state: &AppState,
    snapshot: &Snapshot,
    point: &MonitoringPoint,
    alerts: Option<Vec<Alert>>,
) -> Option<OutletNow> {
    let PointDetail::Outlet(outlet) = &point.detail else { return None };
    let newest = Period::ALL
        .into_iter()
        .filter_map(|period| state.latest().get(point.id, period))
        .max_by_key(|row| row.received_at);
    let now = state.now();
    let is_fresh = newest.as_ref().is_some_and(|row| now.duration_since(row.received_at) <= FRESH);
    Some(OutletNow {
        point: point.clone(),
        outlet: outlet.clone(),
        enterprise: snapshot.enterprise(outlet.enterprise)?.clone(),
        newest,
        alerts: alerts.unwrap_or_default(),
        is_fresh,
    })
}
