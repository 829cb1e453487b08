//! The queue and the day as files.

use super::super::access::Officer;
use super::super::model::{Factor, Finding};
use super::super::queries::{self, IN_A_FILE};
use super::super::shown;
use super::super::store::{self, Order};
use super::desk::Asked;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::{Date, Time};
use registry::Snapshot;
use rulebook::{Decimal, beijing_offset};
use serde::Deserialize;
use web::{AppState, Cell, Problem, Reader, Sheet, SignedIn, local_date, local_minute};

pub(super) async fn queue(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let officer = Officer::of(&signed_in)?;
    officer.may_export()?;
    let snapshot = state.snapshot();
    let points = asked.points(&snapshot, &officer);
    let limit = IN_A_FILE as usize;
    let (findings, _) = queries::queue(&state, points, (asked.order(), None), limit).await?;
    let name = format!("duty-queue-{}", local_date(state.now()));
    let rows = findings.iter().map(|finding| cells(&snapshot, &reader, finding)).collect();
    Sheet { name, columns: columns(&reader), rows }.xlsx()
}

fn columns(reader: &Reader) -> Vec<String> {
    let mut columns = [
        reader.pick("编号", "Number"),
        reader.pick("排放口", "Outlet"),
        reader.pick("区县", "Division"),
        reader.pick("问题", "What"),
        reader.pick("始于", "Since"),
        reader.pick("最近", "Last seen"),
        reader.pick("告警数", "Alarms"),
        reader.pick("最高超标", "At worst"),
        reader.pick("状态", "State"),
        reader.pick("排序分", "Score"),
    ]
    .map(str::to_owned)
    .to_vec();
    columns.extend(Factor::ALL.map(|factor| reader.text(&factor.text()).to_owned()));
    columns
}

fn cells(snapshot: &Snapshot, reader: &Reader, finding: &Finding) -> Vec<Cell> {
    let division = snapshot.point(finding.point).and_then(|it| snapshot.division(&it.division));
    let mut cells = vec![
        Cell::Number(Decimal::from(finding.id.0)),
        shown::outlet(snapshot, reader, finding).into(),
        division.map_or(Cell::Empty, |division| reader.name(&division.name).into()),
        shown::what(snapshot, reader, finding).into(),
        local_minute(finding.opened_at).into(),
        local_minute(finding.last_at).into(),
        Cell::Number(Decimal::from(finding.members.len())),
        shown::worst(reader, finding).map_or(Cell::Empty, Cell::Text),
        reader.text(&finding.state.text()).into(),
        Cell::Number(Decimal::new(finding.score.value(), 3).round_dp(1)),
    ];
    cells.extend(Factor::ALL.map(|factor| shown::number_of(&finding.score, factor).into()));
    cells
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct OfDay {
    /// `2026-11-29`; today where it is left out.
    day: Option<String>,
}

/// The day: what was judged and what was ordered, and by whom (日报).
pub(super) async fn day(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<OfDay>,
) -> Result<Response, Problem> {
    let officer = Officer::of(&signed_in)?;
    officer.may_export()?;
    let snapshot = state.snapshot();
    let today = beijing_offset().to_datetime(state.now()).date();
    let day = match asked.day.as_deref().filter(|day| !day.is_empty()) {
        None => today,
        Some(day) => day.parse::<Date>().map_err(|_| {
            Problem::bad_request("day 应为日期,如 2026-11-29", "day is a day: 2026-11-29")
        })?,
    };
    let midnight = |day: Date| beijing_offset().to_timestamp(day.to_datetime(Time::midnight()));
    let next = day.tomorrow().unwrap_or(day);
    let span = (midnight(day)?, midnight(next)?);
    let points = officer.points(&snapshot);
    let verdicts = store::verdicts_between(&state.store, span, points.as_deref()).await?;
    let mut rows = Vec::new();
    for verdict in verdicts {
        let Some(finding) = store::finding(&state.store, verdict.finding.0).await? else {
            continue;
        };
        let mut row = vec![
            local_minute(verdict.given_at).into(),
            reader.text(&verdict.conclusion.text()).into(),
            verdict.reason.into(),
            verdict.who.into(),
        ];
        let orders = store::of_findings(&state.store, std::iter::once(finding.id)).await?;
        let numbers: Vec<_> = orders.iter().map(|order| order.number.as_str()).collect();
        row.push(numbers.join(" ").into());
        row.extend(cells(&snapshot, &reader, &finding));
        rows.push(row);
    }
    // What still waits at the end of the day stands below.
    let (waiting, _) =
        queries::queue(&state, points, (Order::Ranked, None), IN_A_FILE as usize).await?;
    for finding in waiting.iter().filter(|finding| finding.opened_at < span.1) {
        let mut row = vec![Cell::Empty; 5];
        row.extend(cells(&snapshot, &reader, finding));
        rows.push(row);
    }
    let mut heads = vec![
        reader.pick("研判时间", "Judged at"),
        reader.pick("结论", "Conclusion"),
        reader.pick("依据", "Why"),
        reader.pick("研判人", "By"),
        reader.pick("督办单", "Orders"),
    ]
    .into_iter()
    .map(str::to_owned)
    .collect::<Vec<_>>();
    heads.extend(columns(&reader));
    Sheet { name: format!("duty-day-{day}"), columns: heads, rows }.xlsx()
}
