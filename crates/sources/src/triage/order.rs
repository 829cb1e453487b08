//! The order (督办单) made of a finding: what stands in it before anybody types, and that a finding
//! has one at a time.

use super::access::Officer;
use super::clocks::{Classes, KIND, Times, UnitClass};
use super::compute::name_of;
use super::model::Finding;
use super::store::{self, Ordered};
use crate::words;
use authority::{Organisation, OrganisationId, OrganisationKind};
use axum::http::StatusCode;
use cases::{By, CaseError, CaseId, Cases, Channel, NewCase, Place};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use registry::{Enterprise, MonitoringPoint, PointDetail, Snapshot};
use rulebook::{Decimal, Text, beijing_offset};
use std::sync::Arc;
use web::{AppState, Problem};

/// A demand is at most so long.
const LONGEST: usize = 2000;

/// An order as the form shows it first.
#[derive(Clone, Debug)]
pub(super) struct Filled {
    /// The class of the unit, and why it is taken for that.
    pub(super) class: UnitClass,
    pub(super) why: Text,
    /// Until which day the enterprise answers: the day on which the check is due.
    pub(super) answer_by: Date,
    /// What is asked.
    pub(super) demand: String,
}

/// What an officer confirms.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) class: UnitClass,
    pub(super) answer_by: Date,
    pub(super) demand: String,
}

/// The engine of this installation.
pub(super) fn engine(state: &AppState) -> Result<Arc<Cases>, Problem> {
    state.handle::<Cases>().ok_or_else(|| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "triage.no_cases",
            "本安装没有启用事项办理,不能下达督办单",
            "this installation does not handle cases; `lucid serve` does",
        )
    })
}

fn day_of(at: Timestamp) -> Date {
    beijing_offset().to_datetime(at).date()
}

pub(super) fn enterprise_of<'a>(
    snapshot: &'a Snapshot,
    finding: &Finding,
) -> Option<(&'a MonitoringPoint, &'a Enterprise)> {
    let point = snapshot.point(finding.point)?;
    match &point.detail {
        PointDetail::Outlet(outlet) => Some((point, snapshot.enterprise(outlet.enterprise)?)),
        PointDetail::AirStation(_) | PointDetail::WaterSection(_) => None,
    }
}

fn no_unit() -> Problem {
    Problem::bad_request(
        "此线索的排放口没有登记所属单位,不能下达督办单",
        "the outlet of this finding has no unit on file: nobody can be ordered",
    )
}

/// What is wrong, in both languages: `化学需氧量 超标、数据缺失`.
pub(super) fn what(snapshot: &Snapshot, finding: &Finding) -> Text {
    let mut parts: Vec<(String, String)> = Vec::new();
    for member in &finding.members {
        let name = name_of(member);
        let factor = member.factor.and_then(|factor| snapshot.factor(factor));
        let part = factor.map_or_else(
            || (name.zh.to_string(), name.en.to_string()),
            |factor| {
                let (zh, en) = (&factor.name.zh, &factor.name.en);
                (format!("{zh} {}", name.zh), format!("{en} {}", name.en))
            },
        );
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    let (zh, en): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    Text::new(zh.join("、"), en.join(", "))
}

/// The order before anybody types.
pub(super) async fn filled(state: &AppState, finding: &Finding) -> Result<Filled, Problem> {
    let (snapshot, now) = (state.snapshot(), state.now());
    let (point, enterprise) = enterprise_of(&snapshot, finding).ok_or_else(no_unit)?;
    let classes = Classes::of(&state.store, Some(&[enterprise.id]), day_of(now)).await?;
    let (class, why) = classes.class(enterprise.id);
    let length = Times::of(state).length(class).map_or(SignedDuration::ZERO, |(length, _)| length);
    let began = beijing_offset().to_datetime(finding.opened_at).strftime("%Y-%m-%d %H:%M");
    let demand = format!(
        "请核实{} {}自 {began} 起的{}:查明原因,采取措施,附现场照片、运行记录等证据反馈。",
        enterprise.name.zh,
        point.name.zh,
        what(&snapshot, finding).zh
    );
    let answer_by = day_of(now.saturating_add(length).unwrap_or(now));
    Ok(Filled { class, why, answer_by, demand })
}

/// Reads what an officer sent; what they left out is as the form showed it.
pub(super) fn read(
    filled: &Filled,
    (class, answer_by, demand): (&str, &str, &str),
    now: Timestamp,
) -> Result<Asked, Problem> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let class = given(class).map(|word| {
        UnitClass::parse(&word).ok_or_else(|| {
            Problem::bad_request(
                "单位类别应为重点排污单位或其他单位",
                "the class of the unit is key or other",
            )
        })
    });
    let answer_by = given(answer_by).map(|day| {
        day.parse::<Date>().ok().filter(|day| *day >= day_of(now)).ok_or_else(|| {
            Problem::bad_request(
                "企业反馈期限应为今天或以后的日期,如 2026-11-30",
                "the answer is due today or later: 2026-11-30",
            )
        })
    });
    let demand = given(demand).unwrap_or_else(|| filled.demand.clone());
    if demand.chars().count() > LONGEST {
        return Err(Problem::bad_request(
            format!("督办要求最多 {LONGEST} 字"),
            format!("what is asked has at most {LONGEST} letters"),
        ));
    }
    Ok(Asked {
        class: class.transpose()?.unwrap_or(filled.class),
        answer_by: answer_by.transpose()?.unwrap_or(filled.answer_by),
        demand,
    })
}

/// Makes the order, or gives the one that is under way.
pub(super) async fn issue(
    state: &AppState,
    officer: &Officer,
    finding: &Finding,
    asked: &Asked,
) -> Result<Ordered, Problem> {
    let snapshot = state.snapshot();
    let actor = officer.may_order(&snapshot, finding)?;
    let cases = engine(state)?;
    let orders = current(state, finding).await?;
    if let Some(order) = orders.iter().find(|order| order.ended_at.is_none()) {
        return Ok(order.clone());
    }
    let (point, enterprise) = enterprise_of(&snapshot, finding).ok_or_else(no_unit)?;
    let units = state.authority.organisations().await?;
    let what = what(&snapshot, finding);
    let name = words::point(&snapshot, point);
    let mut new = NewCase::new(KIND, &point.division, Channel::Alert);
    new.title = format!("{} · {}", name.zh, what.zh).chars().take(80).collect();
    new.text.clone_from(&asked.demand);
    new.enterprise = Some(enterprise.code.clone());
    new.place = place(point);
    new.responsible = unit_of(&units, &point.division);
    new.happened_at = Some(finding.opened_at);
    let about: String = format!("#{} {}", finding.id.0, what.zh).chars().take(200).collect();
    new.fields.insert("finding".into(), about);
    new.fields.insert("unit_class".into(), asked.class.as_str().into());
    new.fields.insert("demand".into(), asked.demand.clone());
    new.fields.insert("answer_by".into(), asked.answer_by.to_string());
    new.fields.insert("monitoring_point".into(), point.code.clone());
    // Two who confirm at once open the same order.
    new.origin_key = Some(format!("finding:{}:{}", finding.id.0, orders.len() + 1));
    let by = By::Person { principal: officer.as_principal(), address: officer.address() };
    let now = state.now();
    let opened = cases.open_case(&by, new, now).await.map_err(refused)?;
    let ordered = Ordered {
        finding: finding.id,
        case: opened.id,
        number: opened.number,
        at: now,
        who: actor.name.clone(),
        ended_at: None,
    };
    store::tie(&state.store, &actor, &ordered).await?;
    // The order is made; the ranking follows with the next look where this one fails.
    if let Err(problem) = super::compute::look(state, Some(&[finding.point])).await {
        tracing::warn!(%problem, code = problem.code(), "the ranking was not brought up to date");
    }
    Ok(ordered)
}

/// The orders of a finding, the newest first; one whose case was closed is noted as over.
pub(super) async fn current(state: &AppState, finding: &Finding) -> Result<Vec<Ordered>, Problem> {
    let mut orders = store::of_findings(&state.store, std::iter::once(finding.id)).await?;
    let Some(cases) = state.handle::<Cases>() else { return Ok(orders) };
    let ids: Vec<CaseId> = orders.iter().map(|order| order.case).collect();
    for standing in cases.standings(&ids).await? {
        let open = orders.iter_mut().find(|one| one.case == standing.id && one.ended_at.is_none());
        if let (Some(order), Some(closed_at)) = (open, standing.closed_at) {
            store::end(&state.store, order, closed_at).await?;
            order.ended_at = Some(closed_at);
        }
    }
    Ok(orders)
}

/// A refusal of the engine as a problem.
pub(super) fn refused(error: CaseError) -> Problem {
    let status = match &error {
        CaseError::Denied(_) => StatusCode::FORBIDDEN,
        CaseError::Unknown | CaseError::UnknownKind(_) => StatusCode::NOT_FOUND,
        CaseError::Conflict(_) => StatusCode::CONFLICT,
        CaseError::NotStored(_) | CaseError::Stopped => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    match error.texts() {
        Some((zh, en)) => Problem::new(status, error.code(), zh, en),
        None => Problem::internal(&error),
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

/// The unit of a division, where the city has made one.
fn unit_of(units: &[Organisation], division: &str) -> Option<OrganisationId> {
    let kinds = [OrganisationKind::County, OrganisationKind::Zone, OrganisationKind::City];
    let is_unit = |unit: &&Organisation| unit.code == division && kinds.contains(&unit.kind);
    units.iter().find(is_unit).map(|unit| unit.id)
}
