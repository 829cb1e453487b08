//! A case made from an episode: what stands in it, and that each episode makes one only. The case
//! of its alert is the case of the episode.

use super::model::Episode;
use super::packet::issuer;
use super::store;
use super::{queries, words};
use ::cases::{By, CaseError, CaseId, Cases, Channel, NewCase, Place, Upload, Visibility};
use authority::{Organisation, OrganisationKind};
use axum::http::StatusCode;
use registry::{MonitoringPoint, PointDetail, Snapshot};
use rulebook::Decimal;
use std::sync::Arc;
use web::{AppState, Problem, SignedIn};

/// The kind of case that an episode becomes, the same as that of an alert.
const KIND: &str = "alert_disposal";

/// Opens the case of an episode, or gives the one that it has.
pub(super) async fn open(
    state: &AppState,
    signed_in: &SignedIn,
    episode: &Episode,
) -> Result<i64, Problem> {
    if let Some(case) = store::case_of(&state.store, episode.id).await? {
        return Ok(case);
    }
    let engine = engine(state)?;
    let alert = queries::alerts(state, episode).await?.first().map(|alert| alert.id);
    let units = state.authority.organisations().await?;
    let mut new = new_case(&state.snapshot(), episode, alert);
    let kinds = [OrganisationKind::County, OrganisationKind::Zone, OrganisationKind::City];
    let is_unit = |unit: &&Organisation| unit.code == new.division && kinds.contains(&unit.kind);
    new.responsible = units.iter().find(is_unit).map(|unit| unit.id);
    let address = &signed_in.origin().address;
    let by = By::Person { principal: signed_in.principal(), address };
    let opened = engine.open_case(&by, new, state.now()).await.map_err(refused)?;
    store::tie(&state.store, episode.id, opened.id.0, state.now()).await?;
    Ok(opened.id.0)
}

/// Attaches the newest packet of an episode to its case, seen by the administration alone.
pub(super) async fn attach(
    state: &AppState,
    signed_in: &SignedIn,
    episode: &Episode,
) -> Result<i64, Problem> {
    let case = store::case_of(&state.store, episode.id).await?;
    let packet = store::packets_of(&state.store, episode.id).await?.pop();
    let (Some(case), Some(packet)) = (case, packet) else {
        return Err(Problem::bad_request(
            "请先登记处置事项并签发证据包",
            "open the case and issue the packet first",
        ));
    };
    let upload = Upload {
        name: format!("evidence-{}-{}.pdf", packet.year, packet.number),
        bytes: issuer(state)?.file(&packet).await?,
        visibility: Visibility::Internal,
    };
    let address = &signed_in.origin().address;
    let by = By::Person { principal: signed_in.principal(), address };
    let engine = engine(state)?;
    engine.attach(&by, CaseId(case), upload, state.now()).await.map_err(refused)?;
    Ok(case)
}

fn engine(state: &AppState) -> Result<Arc<Cases>, Problem> {
    state.handle::<Cases>().ok_or_else(|| {
        Problem::not_found(
            "本安装没有启用事项办理",
            "this installation does not handle cases; `lucid serve` does",
        )
    })
}

/// A refusal of the engine as a problem: a case that somebody may not see is not there for them.
fn refused(error: CaseError) -> Problem {
    let status = match &error {
        CaseError::Unknown => StatusCode::NOT_FOUND,
        CaseError::Denied(_) => StatusCode::FORBIDDEN,
        CaseError::Conflict(_) => StatusCode::CONFLICT,
        _ => StatusCode::BAD_REQUEST,
    };
    match error.texts() {
        Some((zh, en)) => Problem::new(status, error.code(), zh, en),
        None => Problem::internal(&error),
    }
}

/// The case that an episode makes. The key is that of its first alert, where it has one: whoever
/// opens the case of the alert comes to the same case.
fn new_case(snapshot: &Snapshot, episode: &Episode, alert: Option<i64>) -> NewCase {
    let computed = &episode.computed;
    let point = snapshot.point(computed.point);
    let division = point.map_or_else(|| snapshot.city.code.clone(), |point| point.division.clone());
    let title = words::title(snapshot, computed);
    let figures = computed.figures();
    let mut new = NewCase::new(KIND, &division, Channel::Alert);
    new.title = title.zh.chars().take(80).collect();
    new.text = format!(
        "超标过程 #{}：{}，共 {}，最高超标 {} 倍，超标排放量 {} kg。见 /episodes/{}。",
        episode.id,
        words::span(computed),
        words::count(computed.period, figures.periods).zh,
        words::multiple(&figures),
        words::number(figures.over_kg, 3),
        episode.id
    );
    new.enterprise = point.and_then(|point| enterprise(snapshot, point));
    new.place = point.and_then(place);
    new.happened_at = Some(computed.began_at());
    let about = match alert {
        Some(alert) => format!("#{alert} {}", title.zh),
        None => title.zh.to_string(),
    };
    new.fields.insert("alert".into(), about.chars().take(200).collect());
    if let Some(point) = point {
        new.fields.insert("monitoring_point".into(), point.code.clone());
    }
    new.origin_key = Some(match alert {
        Some(alert) => format!("alert:{alert}"),
        None => format!("episode:{}", episode.id),
    });
    new
}

fn enterprise(snapshot: &Snapshot, point: &MonitoringPoint) -> Option<String> {
    match &point.detail {
        PointDetail::Outlet(outlet) => {
            snapshot.enterprise(outlet.enterprise).map(|one| one.code.clone())
        }
        PointDetail::AirStation(_) | PointDetail::WaterSection(_) => None,
    }
}

fn place(point: &MonitoringPoint) -> Option<Place> {
    let position = point.position?;
    let degrees = |value: f64| Decimal::try_from(value).ok().map(|value| value.round_dp(6));
    Some(Place {
        longitude: degrees(position.longitude)?,
        latitude: degrees(position.latitude)?,
        address: point.name.zh.clone(),
    })
}
