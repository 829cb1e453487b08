//! The alerts on their enterprise's page, in its timeline and on its desk: for those who may read
//! them, which are officers within their jurisdiction and the enterprise itself.

use super::filter::subject_of;
use super::pages::{list, title};
use authority::{Action, Principal, decide};
use evaluation::AlertFilter;
use evaluation::alerts::Alert;
use maud::html;
use registry::{EnterpriseId, PointId, Snapshot};
use web::components;
use web::{AppState, Duty, Happening, Panel, Problem, Reader};

/// So many go back into the timeline.
const TOLD: u32 = 200;
const SHOWN: usize = 10;

/// The outlets whose alerts this reader may see.
fn points(snapshot: &Snapshot, enterprise: EnterpriseId, principal: &Principal) -> Vec<PointId> {
    let may = |subject| decide(principal, Action::ReadAlerts, &subject).is_allowed();
    snapshot
        .outlets_of(enterprise)
        .filter(|point| may(subject_of(snapshot, point)))
        .map(|point| point.id)
        .collect()
}

async fn alerts(
    state: &AppState,
    enterprise: EnterpriseId,
    principal: Option<&Principal>,
    open: Option<bool>,
) -> Result<Option<Vec<Alert>>, Problem> {
    let Some(principal) = principal else { return Ok(None) };
    let points = points(&state.snapshot(), enterprise, principal);
    if points.is_empty() {
        return Ok(None);
    }
    let filter = AlertFilter { open, points: Some(points), limit: TOLD, ..AlertFilter::default() };
    Ok(Some(evaluation::list_alerts(&state.store, &filter).await?))
}

/// The open alerts and the newest closed ones.
pub(super) async fn panel(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
    principal: Option<&Principal>,
) -> Result<Option<Panel>, Problem> {
    let Some(mut found) = alerts(state, enterprise, principal, None).await? else {
        return Ok(None);
    };
    let open = found.iter().filter(|alert| alert.closed_at.is_none()).count();
    found.sort_by_key(|alert| (alert.closed_at.is_some(), std::cmp::Reverse(alert.opened_at)));
    let shown = &found[..found.len().min(SHOWN.max(open))];
    let content = html! {
        @if found.is_empty() {
            (components::empty(
                reader.pick("没有告警", "No alert"),
                reader.pick("超标、缺数、设备离线等告警发生后在此显示。",
                    "Exceedance, missing data and silent devices are shown here when they occur.")))
        } @else {
            p class="hint" { (reader.pick("未关闭", "open")) " " (open) }
            (list(state, &state.snapshot(), reader, shown))
        }
    };
    Ok(Some(Panel {
        anchor: "alerts",
        order: 50,
        title: reader.pick("告警", "Alerts").to_owned(),
        content,
    }))
}

/// Each alert's beginning and end.
pub(super) async fn timeline(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
    principal: Option<&Principal>,
) -> Result<Vec<Happening>, Problem> {
    let found = alerts(state, enterprise, principal, None).await?.unwrap_or_default();
    let snapshot = state.snapshot();
    let mut told = Vec::with_capacity(found.len() * 2);
    for alert in &found {
        let (title, link) = (title(&snapshot, reader, alert), format!("/alerts/{}", alert.id));
        let one = |at, kind: &str| Happening {
            at,
            kind: kind.to_owned(),
            title: title.clone(),
            link: Some(link.clone()),
        };
        told.push(one(alert.opened_at, reader.pick("告警", "alert")));
        if let Some(at) = alert.closed_at {
            told.push(one(at, reader.pick("告警关闭", "alert closed")));
        }
    }
    Ok(told)
}

/// The open alerts: somebody has to look at each.
pub(super) async fn duties(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
    principal: &Principal,
) -> Result<Vec<Duty>, Problem> {
    let found = alerts(state, enterprise, Some(principal), Some(true)).await?.unwrap_or_default();
    let snapshot = state.snapshot();
    Ok(found
        .iter()
        .map(|alert| Duty {
            due_at: None,
            kind: reader.pick("告警", "alert").to_owned(),
            title: title(&snapshot, reader, alert),
            link: format!("/alerts/{}", alert.id),
        })
        .collect())
}
