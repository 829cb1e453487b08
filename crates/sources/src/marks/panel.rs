//! Marks on the enterprise's page, on its timeline, and among what it has to do.

use super::pages::{PATH, path_of_month};
use super::queries::{self, Marked};
use super::{access, words};
use authority::{Action, Principal};
use jiff::{SignedDuration, Timestamp};
use maud::html;
use registry::{EnterpriseId, Medium, MonitoringPoint, PointId, Snapshot};
use rulebook::{Period, beijing_offset};
use std::sync::Arc;
use validity::{MarkFilter, Month, PeriodState, State, Steps, mark_due};
use web::components::{self, Column, Table};
use web::{AppState, Duty, Happening, Panel, Problem, Reader, local_minute};

/// Rows of the panel.
const ROWS: u32 = 10;
/// Marks on a timeline.
const HAPPENED: u32 = 60;

/// The outlets of an enterprise that this reader may look at with this action.
fn outlets<'snapshot>(
    snapshot: &'snapshot Snapshot,
    id: EnterpriseId,
    principal: &Principal,
    action: Action,
) -> Vec<&'snapshot MonitoringPoint> {
    let of_it = snapshot.outlets_of(id);
    of_it.filter(|point| access::may(principal, action, snapshot, point)).collect()
}

fn ids(outlets: &[&MonitoringPoint]) -> Vec<PointId> {
    outlets.iter().map(|point| point.id).collect()
}

/// The newest marks, and the way to the months of each outlet.
pub(super) async fn panel(
    state: AppState,
    reader: Reader,
    id: EnterpriseId,
    principal: Option<Arc<Principal>>,
) -> Result<Option<Panel>, Problem> {
    let Some(principal) = principal else { return Ok(None) };
    let snapshot = state.snapshot();
    let seen = outlets(&snapshot, id, &principal, Action::ReadAlerts);
    if seen.is_empty() {
        return Ok(None);
    }
    let points = Some(ids(&seen));
    let filter = MarkFilter { points, limit: ROWS, ..MarkFilter::default() };
    let found = queries::listed(&state, &filter).await?;
    let month = Month::at(state.now());
    let may_mark =
        seen.iter().any(|point| access::may(&principal, Action::MarkData, &snapshot, point));
    let content = html! {
        @if found.is_empty() {
            (components::empty(
                reader.pick("没有数据标记", "No marks"),
                reader.pick("设备故障、维护、停运或启停的时段由企业标记后显示在这里。",
                    "Stretches that the enterprise marks appear here.")))
        } @else { (table(&snapshot, &reader, &found)) }
        ul class="downloads" {
            @if may_mark {
                li { a class="button" href={ (PATH) "/new" } {
                    (reader.pick("标记一段数据", "Mark a stretch"))
                } }
            }
            @for point in &seen {
                li { a class="button" href=(path_of_month(point, month)) {
                    (reader.name(&point.name)) " "
                    (reader.pick("本月数据状态", "states of this month"))
                } }
            }
        }
    };
    let title = reader.pick("数据标记", "Marks of data").to_owned();
    Ok(Some(Panel { anchor: "marks", order: 31, title, content }))
}

fn table(snapshot: &Snapshot, reader: &Reader, found: &[Marked]) -> maud::Markup {
    let mut table = Table::new(
        reader.pick("标记，新的在前", "Marks, the newest first"),
        vec![
            Column::words(reader.pick("标记", "Mark")),
            Column::words(reader.pick("排放口与因子", "Outlet, factor")),
            Column::words(reader.pick("时段", "Stretch")),
            Column::words(reader.pick("状态", "State")),
        ],
    );
    for marked in found {
        let mark = &marked.mark;
        let (tone, standing) = words::standing(mark, marked.decision());
        table.row(vec![
            html! {
                a href={ (PATH) "/" (mark.id.0) } { (reader.text(&words::kind(mark))) " #" (mark.id.0) }
            },
            html! {
                (snapshot.point(mark.point).map_or("", |point| reader.name(&point.name))) " · "
                (reader.text(&words::factor(snapshot, mark.factor)))
            },
            html! { (words::stretch(mark.from, mark.to)) },
            components::status_badge(tone, reader.text(&standing)),
        ]);
    }
    table.render()
}

/// Marks and decisions, as things that happened.
pub(super) async fn timeline(
    state: AppState,
    reader: Reader,
    id: EnterpriseId,
    principal: Option<Arc<Principal>>,
) -> Result<Vec<Happening>, Problem> {
    let Some(principal) = principal else { return Ok(Vec::new()) };
    let snapshot = state.snapshot();
    let seen = outlets(&snapshot, id, &principal, Action::ReadAlerts);
    let points = Some(ids(&seen));
    let filter = MarkFilter { points, limit: HAPPENED, ..MarkFilter::default() };
    let mut happened = Vec::new();
    for marked in queries::listed(&state, &filter).await? {
        let mark = &marked.mark;
        let what = format!(
            "{} {} {}",
            snapshot.point(mark.point).map_or("", |point| reader.name(&point.name)),
            reader.text(&words::kind(mark)),
            words::stretch(mark.from, mark.to),
        );
        let link = Some(format!("{PATH}/{}", mark.id.0));
        let kind = reader.pick("数据标记", "mark of data").to_owned();
        let happening = |at, title| Happening { at, kind: kind.clone(), title, link: link.clone() };
        happened.push(happening(mark.at, what.clone()));
        for decision in &marked.decisions {
            let verdict = words::verdict(decision.verdict);
            let title = format!("{}: {what}", reader.text(&verdict));
            happened.push(happening(decision.at, title));
        }
    }
    Ok(happened)
}

/// Stretches without valid data that can still be marked in time.
pub(super) async fn duties(
    state: AppState,
    reader: Reader,
    id: EnterpriseId,
    principal: Arc<Principal>,
) -> Result<Vec<Duty>, Problem> {
    let snapshot = state.snapshot();
    let now = state.now();
    // Whatever ended before yesterday can no longer be marked in time.
    let local = beijing_offset().to_datetime(now).date();
    let yesterday = local.yesterday().unwrap_or(local);
    let from = beijing_offset().to_timestamp(yesterday.at(0, 0, 0, 0)).unwrap_or(now);
    let mut duties = Vec::new();
    for point in outlets(&snapshot, id, &principal, Action::ReadAlerts) {
        let record = queries::record(&state, &snapshot, point, Month::at(from), true).await?;
        let is_open = |state: &&PeriodState| {
            let is_gap = matches!(state.state, State::Missing | State::Invalid(_));
            state.period == Period::Hour
                && state.start >= from
                && is_gap
                && state.layers.enterprise.is_none()
                && !state.steps.contains(Steps::NOT_DUE)
                && mark_due(state.end()) > now
        };
        let mut open: Vec<Timestamp> =
            record.periods.iter().filter(is_open).map(|state| state.start).collect();
        open.sort_unstable();
        open.dedup();
        let (Some(first), Some(last)) = (open.first(), open.last()) else { continue };
        let end = last.saturating_add(SignedDuration::from_hours(1)).unwrap_or(*last);
        let medium = match record.inputs.setup.medium {
            Medium::Gas => reader.pick("废气", "waste gas"),
            Medium::Water => reader.pick("废水", "waste water"),
        };
        let (name, hours) = (reader.name(&point.name), open.len());
        let title = match reader.language {
            web::Language::Chinese => format!(
                "{name}（{medium}）自 {} 起有 {hours} 小时数据缺失或无效，尚未标记",
                local_minute(*first)
            ),
            web::Language::English => format!(
                "{name} ({medium}): {hours} h without valid data since {}, not marked",
                local_minute(*first)
            ),
        };
        let field = super::form::field;
        duties.push(Duty {
            due_at: Some(mark_due(
                first.saturating_add(SignedDuration::from_hours(1)).unwrap_or(end),
            )),
            kind: reader.pick("数据标记", "mark of data").to_owned(),
            title,
            link: format!(
                "{PATH}/new?outlet={}&from={}&to={}",
                point.code,
                field(*first),
                field(end)
            ),
        });
    }
    Ok(duties)
}
