//! A case made from an episode: what stands in it, and that each episode makes one only. The case
//! of its alert is the case of the episode.

use super::model::Episode;
use super::store;
use super::{queries, words};
use ::cases::{By, Cases, Channel, NewCase, Place};
use registry::{MonitoringPoint, PointDetail, Snapshot};
use rulebook::Decimal;
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
    let engine = state.handle::<Cases>().ok_or_else(|| {
        Problem::not_found(
            "本安装没有启用事项办理",
            "this installation does not handle cases; `lucid serve` does",
        )
    })?;
    let alert = queries::alerts(state, episode).await?.first().map(|alert| alert.id);
    let units = state.authority.organisations().await?;
    let mut new = new_case(&state.snapshot(), episode, alert);
    new.responsible = units.iter().find(|unit| unit.code == new.division).map(|unit| unit.id);
    let address = &signed_in.origin().address;
    let by = By::Person { principal: signed_in.principal(), address };
    let opened =
        engine.open_case(&by, new, state.now()).await.map_err(|error| match error.texts() {
            Some((zh, en)) => Problem::bad_request(zh, en),
            None => Problem::internal(&error),
        })?;
    store::tie(&state.store, episode.id, opened.id.0, state.now()).await?;
    Ok(opened.id.0)
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
