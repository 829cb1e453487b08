//! The duty desk (值班台): what needs somebody now, the one that most deserves a look first.

use super::super::access::Officer;
use super::super::model::Factor;
use super::super::queries::{self, A_PAGE, Counts, Shown};
use super::super::store::Order;
use super::super::{shown, spark};
use axum::extract::{Query, State};
use maud::{Markup, html};
use registry::{PointId, Snapshot};
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

/// What is asked for in the address.
#[derive(Debug, Default, Deserialize)]
pub(in crate::triage) struct Asked {
    /// `newest`, or nothing for the ranking.
    pub(in crate::triage) order: Option<String>,
    /// A division's code.
    pub(in crate::triage) division: Option<String>,
    /// The cursor that the last page gave.
    pub(in crate::triage) after: Option<String>,
}

impl Asked {
    pub(in crate::triage) fn order(&self) -> Order {
        match self.order.as_deref() {
            Some("newest") => Order::Newest,
            _ => Order::Ranked,
        }
    }

    /// The outlets that are wanted and may be seen; `None` = all.
    pub(in crate::triage) fn points(
        &self,
        snapshot: &Snapshot,
        officer: &Officer,
    ) -> Option<Vec<PointId>> {
        let points = officer.points(snapshot);
        let Some(code) = self.division.as_deref().filter(|code| !code.is_empty()) else {
            return points;
        };
        let outlets = snapshot.points_of(registry::PointKind::Outlet);
        let inside = outlets.filter(|point| point.division == code).map(|point| point.id);
        let is_seen = |id: &PointId| points.as_ref().is_none_or(|points| points.contains(id));
        Some(inside.filter(is_seen).collect())
    }
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let officer = Officer::of(&signed_in)?;
    let snapshot = state.snapshot();
    let counts = queries::counts(&state, &snapshot, &officer).await?;
    let after = queries::cursor(asked.after.as_deref())?;
    let points = asked.points(&snapshot, &officer);
    let (findings, next) = queries::queue(&state, points, (asked.order(), after), A_PAGE).await?;
    let mut rows = Vec::new();
    for finding in findings {
        rows.push(queries::beside(&state, finding).await?);
    }
    let content = html! {
        div data-island="duty" data-feed="/live" {
            (numbers(&reader, &counts))
            (controls(&snapshot, &reader, &asked, officer.may_export().is_ok()))
            div data-duty-queue="" {
                (queue(&state, &snapshot, &reader, &officer, &rows))
                (components::pages(&reader, next.as_deref()))
            }
            (shown::no_proof(&reader))
        }
    };
    Ok(Page::new(reader.pick("值班台", "Duty desk")).render(&state, &reader, content))
}

/// The numbers above the queue.
fn numbers(reader: &Reader, counts: &Counts) -> Markup {
    let link = |path: &str, count: usize| html! { a href=(path) { (count) } };
    html! {
        div class="stats" data-duty-numbers="" {
            (components::stat(reader.pick("待研判线索", "Findings that wait"),
                html! { (counts.waiting) }, None))
            (components::stat(reader.pick("离线设备", "Devices offline"),
                link("/alerts?kind=device_offline", counts.offline), None))
            (components::stat(reader.pick("督办中", "Orders under way"),
                link("/cases?list=all&kind=supervision_order", counts.orders.len()), None))
            (components::stat(reader.pick("临期或超期督办", "Orders running out"),
                html! { (counts.running_out()) }, None))
            (components::stat(reader.pick("待审核标记", "Marks to decide"),
                link("/marks?list=open", usize::try_from(counts.marks).unwrap_or_default()), None))
        }
    }
}

fn controls(snapshot: &Snapshot, reader: &Reader, asked: &Asked, may_export: bool) -> Markup {
    let newest = asked.order() == Order::Newest;
    let ranked = (reader.with("order", "ranked"), reader.pick("按排序", "Ranked"), !newest);
    let newest = (reader.with("order", "newest"), reader.pick("新的在前", "Newest first"), newest);
    let views: Vec<_> =
        [ranked, newest].map(|(path, words, is)| (path, words.to_owned(), is)).into();
    html! {
        (components::tabs(reader.pick("队列顺序", "Order of the queue"), &views))
        form class="filters" method="get" {
            @if let Some(order) = &asked.order { input type="hidden" name="order" value=(order); }
            label {
                (reader.pick("区县", "Division"))
                select name="division" {
                    option value="" { (reader.pick("全部", "all")) }
                    @for division in &snapshot.divisions {
                        option value=(division.code)
                            selected[asked.division.as_deref() == Some(division.code.as_str())] {
                            (reader.name(&division.name))
                        }
                    }
                }
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
            button type="button" data-duty-sound="" aria-pressed="false" hidden {
                (reader.pick("新线索响铃", "Sound for new findings"))
            }
            a class="button" href="/reports?late=yes" { (reader.pick("逾期执行报告", "Late reports")) }
            @if may_export {
                a class="button" href="/duty/queue.xlsx" { (reader.pick("导出队列", "Queue as XLSX")) }
                a class="button" href="/duty/day.xlsx" { (reader.pick("今日日报", "The day as XLSX")) }
            }
        }
        p class="hint" data-duty-keys="" hidden {
            (reader.pick("键盘:J 下一条,K 上一条,Enter 打开。", "Keys: J next, K before, Enter opens."))
        }
    }
}

fn queue(
    state: &AppState,
    snapshot: &Snapshot,
    reader: &Reader,
    officer: &Officer,
    rows: &[Shown],
) -> Markup {
    if rows.is_empty() {
        return components::empty(
            reader.pick("没有待研判的线索", "Nothing waits for a verdict"),
            reader.pick(
                "有新告警时会自动出现在这里;也可放宽筛选条件。",
                "New alarms appear here by themselves; or widen the filter.",
            ),
        );
    }
    let mut table = Table::new(
        reader.pick("待研判的线索", "Findings that wait for a verdict"),
        vec![
            Column::words(reader.pick("线索", "Finding")),
            Column::words(reader.pick("排序分", "Score")),
            Column::words(reader.pick("最近 24 小时", "Last 24 hours")),
            Column::words(reader.pick("标记", "Marks")),
            Column::words(reader.pick("时限", "Clock")),
            Column::words(reader.pick("本排放口最近决定", "Last decisions here")),
            Column::words(reader.pick("处置", "Act")),
        ],
    );
    for row in rows {
        table.keyed_row(
            format!("finding-{}", row.finding.id.0),
            vec![
                title(snapshot, reader, row),
                scored(reader, row),
                curve(snapshot, reader, row),
                html! { (shown::marks(reader, row)) },
                clock(state, reader, row),
                shown::decisions(reader, row),
                act(snapshot, reader, officer, row),
            ],
        );
    }
    table.render()
}

fn title(snapshot: &Snapshot, reader: &Reader, row: &Shown) -> Markup {
    let finding = &row.finding;
    html! {
        a href={ "/triage/" (finding.id.0) } { (shown::outlet(snapshot, reader, finding)) }
        br;
        (shown::what(snapshot, reader, finding))
        @if let Some(worst) = shown::worst(reader, finding) { " · " strong { (worst) } }
        br;
        span class="muted" {
            "#" (finding.id.0) " · " (finding.members.len()) " "
            (reader.pick("条告警", "alarms")) " · " (components::moment(finding.opened_at))
            @if !finding.is_active { " · " (reader.pick("告警已解除", "alarms ended")) }
        }
    }
}

fn scored(reader: &Reader, row: &Shown) -> Markup {
    let score = &row.finding.score;
    html! {
        strong { (shown::score(score.value())) }
        br;
        span class="muted" {
            @for (place, factor) in Factor::ALL.into_iter().enumerate() {
                @if place > 0 { br; }
                span class="whole" {
                    (reader.text(&factor.text())) " " (shown::number_of(score, factor))
                }
            }
        }
    }
}

fn curve(snapshot: &Snapshot, reader: &Reader, row: &Shown) -> Markup {
    let factor = row.curve.factor.and_then(|factor| snapshot.factor(factor));
    let name = factor.map_or("", |factor| reader.name(&factor.name));
    html! {
        (spark::draw(reader, &row.curve, name))
        @if let (Some(factor), Some(limit)) = (factor, row.curve.limit) {
            br;
            span class="muted" {
                (name) " " (reader.pick("限值", "limit")) " " (limit) " " (web::unit(&factor.unit))
            }
        }
    }
}

fn clock(state: &AppState, reader: &Reader, row: &Shown) -> Markup {
    match &row.order {
        Some((_, standing)) => {
            let due = standing.as_ref().and_then(|standing| standing.due_at);
            html! {
                (shown::left(reader, due, state.now()))
                br; span class="muted" { (reader.pick("督办单时限", "clock of the order")) }
            }
        }
        None => shown::left(reader, row.due_at, state.now()),
    }
}

fn act(snapshot: &Snapshot, reader: &Reader, officer: &Officer, row: &Shown) -> Markup {
    let finding = &row.finding;
    html! {
        @if let Some((order, _)) = &row.order {
            a href={ "/cases/" (order.case.0) } { (order.number) }
        } @else if officer.may_order(snapshot, finding).is_ok() {
            a class="button" href={ "/triage/" (finding.id.0) "/order" } {
                (reader.pick("督办", "Order"))
            }
        }
        @if officer.may_judge(snapshot, finding).is_ok() {
            " " a href={ "/triage/" (finding.id.0) "#verdict" } { (reader.pick("研判", "Judge")) }
        }
    }
}
