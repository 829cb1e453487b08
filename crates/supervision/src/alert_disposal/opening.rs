//! A case made from an alert: what stands in it, and that each alert makes one only.

use super::rules::Rule;
use super::store::{self, Tied};
use ::store::{Store, StoreError};
use authority::{Organisation, OrganisationId, OrganisationKind};
use cases::{Act, By, CaseError, CaseId, Cases, Channel, NewCase, Place};
use evaluation::alerts::{Alert, AlertKind};
use jiff::{Span, Timestamp};
use registry::{MonitoringPoint, PointDetail, Snapshot};
use rulebook::{Decimal, Text, beijing_offset};

/// The kind of case that an alert becomes.
pub(crate) const KIND: &str = "alert_disposal";
/// The name under which this part of the program acts.
pub(super) const NAME: &str = "alerts";

/// Why an alert did not become a case.
#[derive(Debug, thiserror::Error)]
pub enum DisposalError {
    /// The engine refused.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The store failed.
    #[error("which alert became which case cannot be read or written")]
    Store(#[from] StoreError),
    /// Alerts cannot be read.
    #[error("alerts cannot be read")]
    Alerts(#[from] evaluation::EvaluationError),
    /// The city's files cannot be read.
    #[error("the city's rules cannot be read")]
    City(#[from] registry::RegistryError),
    /// People cannot be looked up.
    #[error("units cannot be looked up")]
    Authority(#[from] authority::AuthorityError),
}

/// What is wrong, in both languages.
pub(super) fn kind(kind: AlertKind) -> Text {
    match kind {
        AlertKind::Exceedance => Text::fixed("超标", "exceedance"),
        AlertKind::MissingData => Text::fixed("数据缺失", "missing data"),
        AlertKind::DeviceOffline => Text::fixed("设备离线", "device offline"),
        AlertKind::ConstantValue => Text::fixed("恒值", "constant value"),
    }
}

/// What an alert is called: point, factor, what is wrong.
pub(super) fn title(snapshot: &Snapshot, alert: &Alert) -> Text {
    let what = kind(alert.subject.kind);
    let point = snapshot.point(alert.subject.point);
    let enterprise = point.and_then(|point| enterprise(snapshot, point));
    let factor = alert.subject.factor.and_then(|factor| snapshot.factor(factor));
    let title = |pick: fn(&registry::Name) -> &str, what: &str| {
        let names = [enterprise.map(|one| &one.name), point.map(|point| &point.name)];
        let place: Vec<&str> = names.into_iter().flatten().map(pick).collect();
        let factor = factor.map(|factor| pick(&factor.name).to_owned());
        let parts = [Some(place.join(" ")), factor, Some(what.to_owned())];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    Text::new(title(|name| &name.zh, &what.zh), title(|name| &name.en, &what.en))
}

fn enterprise<'a>(
    snapshot: &'a Snapshot,
    point: &MonitoringPoint,
) -> Option<&'a registry::Enterprise> {
    match &point.detail {
        PointDetail::Outlet(outlet) => snapshot.enterprise(outlet.enterprise),
        PointDetail::AirStation(_) | PointDetail::WaterSection(_) => None,
    }
}

/// The case that an alert makes. The same alert has the same key, whoever opens it.
pub(super) fn new_case(snapshot: &Snapshot, units: &[Organisation], alert: &Alert) -> NewCase {
    let point = snapshot.point(alert.subject.point);
    let division = point.map_or_else(|| snapshot.city.code.clone(), |point| point.division.clone());
    let title = title(snapshot, alert);
    let mut new = NewCase::new(KIND, &division, Channel::Alert);
    new.title = title.zh.chars().take(80).collect();
    new.text = told(alert);
    new.enterprise =
        point.and_then(|point| enterprise(snapshot, point)).map(|one| one.code.clone());
    new.place = point.and_then(place);
    new.responsible = unit_of(units, &division);
    new.happened_at = Some(alert.opened_at);
    let about = format!("#{} {}", alert.id, title.zh);
    new.fields.insert("alert".into(), about.chars().take(200).collect());
    if let Some(point) = point {
        new.fields.insert("monitoring_point".into(), point.code.clone());
    }
    new.origin_key = Some(format!("alert:{}", alert.id));
    new
}

fn told(alert: &Alert) -> String {
    let at =
        |at: Timestamp| beijing_offset().to_datetime(at).strftime("%Y-%m-%d %H:%M").to_string();
    let value = |value: Option<Decimal>| value.map_or("—".to_owned(), |value| value.to_string());
    format!(
        "自动监测告警 Alert {}:{} {};最新值 last {},最差值 worst {},限值 limit {};共 {} 次 times.",
        alert.id,
        "始于 since",
        at(alert.opened_at),
        value(alert.last_value),
        value(alert.worst_value),
        alert.bound.as_deref().unwrap_or("—"),
        alert.count
    )
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

/// The unit of a division, where the city has made one.
fn unit_of(units: &[Organisation], division: &str) -> Option<OrganisationId> {
    let kinds = [OrganisationKind::County, OrganisationKind::Zone, OrganisationKind::City];
    let is_unit = |unit: &&Organisation| unit.code == division && kinds.contains(&unit.kind);
    units.iter().find(is_unit).map(|unit| unit.id)
}

/// Opens the case of an alert, or gives the one that it has.
///
/// # Errors
/// When they may not or the store fails.
pub(super) async fn open(
    (store, engine): (&Store, &Cases),
    by: &By<'_>,
    (alert, new): (&Alert, NewCase),
    rule: Option<&Rule>,
    now: Timestamp,
) -> Result<CaseId, DisposalError> {
    let opened = engine.open_case(by, new, now).await?;
    let rule_id = rule.map_or(String::new(), |rule| rule.id.clone());
    let tied = Tied { alert: alert.id, case: opened.id, rule: rule_id };
    store::tie(store, &tied, now).await?;
    if let Some(days) = rule.and_then(|rule| rule.explain_days)
        && opened.is_new
    {
        ask(engine, opened.id, days, now).await?;
    }
    Ok(opened.id)
}

/// Asks the enterprise to explain, where the city's rule says so.
async fn ask(engine: &Cases, id: CaseId, days: u32, now: Timestamp) -> Result<(), CaseError> {
    let today = beijing_offset().to_datetime(now).date();
    let by_day = today.checked_add(Span::new().days(days)).unwrap_or(today);
    let mut act = Act::new("ask_at_once", 1);
    act.fields.insert(
        "question".into(),
        "请说明本次告警的原因和已采取的措施。Say what caused the alert and what was done.".into(),
    );
    act.fields.insert("explain_by".into(), by_day.to_string());
    act.action_key = Some("alerts:ask_at_once".into());
    engine.take(&By::System { name: NAME }, id, act, now).await.map(drop)
}
