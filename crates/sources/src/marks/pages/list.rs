//! The list: an officer's marks to decide on, an enterprise's own marks.

use super::super::queries::{self, Marked};
use super::super::{access, words};
use super::{PATH, clocks};
use authority::Action;
use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use registry::{PointId, PointKind, Snapshot};
use serde::Deserialize;
use validity::{MarkFilter, MarkId, count_marks};
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, SignedIn, local_minute};

/// Marks in one file.
const FILE_MAX: u32 = 20_000;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// `open` (the default of officers) or `all`.
    list: Option<String>,
    division: Option<String>,
    enterprise: Option<String>,
    after: Option<i64>,
}

impl Asked {
    fn filter(&self, snapshot: &Snapshot, seen: Option<Vec<PointId>>) -> MarkFilter {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (division, enterprise) = (given(&self.division), given(&self.enterprise));
        let outlets = snapshot.points_of(PointKind::Outlet);
        let fits = |point: &registry::MonitoringPoint| {
            let code = point.code.split('/').next().unwrap_or_default();
            seen.as_ref().is_none_or(|seen| seen.contains(&point.id))
                && division.as_ref().is_none_or(|division| *division == point.division)
                && enterprise.as_ref().is_none_or(|enterprise| enterprise == code)
        };
        let is_narrow = seen.is_some() || division.is_some() || enterprise.is_some();
        MarkFilter {
            points: is_narrow
                .then(|| outlets.filter(|point| fits(point)).map(|point| point.id).collect()),
            ..MarkFilter::default()
        }
    }
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let seen = access::points(&signed_in, &snapshot)?;
    let own = access::own(signed_in.principal(), &snapshot);
    let may_decide = signed_in.scope(Action::DecideMarks).is_ok();
    let is_open = asked.list.as_deref().map_or(may_decide, |list| list == "open");
    let all = asked.filter(&snapshot, seen);
    let open = MarkFilter { is_open: true, ..all.clone() };
    let waiting = count_marks(&state.store, &open).await?;
    let filter =
        MarkFilter { is_open, before: asked.after.map(MarkId), limit: queries::A_PAGE + 1, ..all };
    let mut found = queries::listed(&state, &filter).await?;
    let has_more = found.len() > queries::A_PAGE as usize;
    found.truncate(queries::A_PAGE as usize);
    let next = found.last().filter(|_| has_more).map(|last| last.mark.id.0.to_string());
    let tabs =
        [("open", "待审核", "To be decided"), ("all", "全部", "All")].map(|(word, zh, en)| {
            let words = reader.pick(zh, en);
            let words =
                if word == "open" { format!("{words} ({waiting})") } else { words.to_owned() };
            (format!("{PATH}?list={word}"), words, (word == "open") == is_open)
        });
    let content = html! {
        @if !own.is_empty() {
            p {
                a class="button" href={ (PATH) "/new" } {
                    (reader.pick("标记一段数据", "Mark a stretch"))
                }
            }
        }
        (components::tabs(reader.pick("范围", "Which"), &tabs))
        @if may_decide { (filters(&snapshot, &reader, &asked)) }
        @if found.is_empty() { (nothing(&reader, is_open, !own.is_empty())) }
        @else if may_decide {
            form method="post" action={ (PATH) "/decisions" } {
                (table(&snapshot, &reader, &found, true))
                (deciding(&reader))
            }
        } @else { (table(&snapshot, &reader, &found, false)) }
        (components::pages(&reader, next.as_deref()))
        ul class="downloads" {
            li { a class="button" href={ (PATH) "/file.xlsx?" (reader.query) } { "XLSX" } }
        }
        (clocks(&state, &reader))
    };
    let title = reader.pick("自动监测数据标记", "Marks of monitoring data");
    Ok(Page::new(title).render(&state, &reader, content))
}

fn filters(snapshot: &Snapshot, reader: &Reader, asked: &Asked) -> Markup {
    html! {
        form class="filters" method="get" {
            input type="hidden" name="list" value=(asked.list.as_deref().unwrap_or("open"));
            label {
                (reader.pick("区县", "Division"))
                select name="division" {
                    option value="" { (reader.pick("全部", "all")) }
                    @for division in &snapshot.divisions {
                        option value=(division.code)
                            selected[asked.division.as_deref() == Some(&division.code)] {
                            (reader.name(&division.name))
                        }
                    }
                }
            }
            label {
                (reader.pick("企业代码", "Enterprise's code"))
                input name="enterprise" maxlength="40"
                    value=(asked.enterprise.as_deref().unwrap_or_default());
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
    }
}

fn nothing(reader: &Reader, is_open: bool, is_enterprise: bool) -> Markup {
    match (is_open, is_enterprise) {
        (true, _) => components::empty(
            reader.pick("没有待审核的标记", "No mark waits for a decision"),
            reader.pick(
                "企业提交标记后会出现在这里；“全部”中可查看以往标记。",
                "Marks that enterprises make appear here; “All” shows the earlier ones.",
            ),
        ),
        (false, true) => components::empty(
            reader.pick("还没有标记", "No mark yet"),
            reader.pick(
                "设备故障、维护、停运或启停时，请在次日 12 时前标记；不标记视为对数据无异议。",
                "Mark faults, maintenance, stops and starts by 12:00 of the next day; what is not \
                 marked stands.",
            ),
        ),
        (false, false) => components::empty(
            reader.pick("没有符合条件的标记", "No mark fits"),
            reader.pick("放宽筛选条件再试。", "Widen the filter and try again."),
        ),
    }
}

fn table(snapshot: &Snapshot, reader: &Reader, found: &[Marked], with_boxes: bool) -> Markup {
    let mut columns = vec![
        Column::words(reader.pick("标记", "Mark")),
        Column::words(reader.pick("排放口", "Outlet")),
        Column::words(reader.pick("因子", "Factor")),
        Column::words(reader.pick("时段", "Stretch")),
        Column::words(reader.pick("理由", "Reason")),
        Column::words(reader.pick("时限", "Clock")),
        Column::words(reader.pick("状态", "State")),
    ];
    if with_boxes {
        columns.push(Column::words(reader.pick("勾选", "Tick")));
    }
    let mut table = Table::new(reader.pick("标记，新的在前", "Marks, the newest first"), columns);
    for marked in found {
        let mark = &marked.mark;
        let (tone, standing) = words::standing(mark, marked.decision());
        let mut cells = vec![
            html! {
                a href={ (PATH) "/" (mark.id.0) } { (reader.text(&words::kind(mark))) " #" (mark.id.0) }
            },
            html! { (words::outlet(snapshot, reader, mark.point)) },
            html! { (reader.text(&words::factor(snapshot, mark.factor))) },
            html! { (words::stretch(mark.from, mark.to)) },
            html! {
                (mark.reason)
                @if mark.evidence.is_some() {
                    " " span class="muted" { (reader.pick("（有附件）", "(with a file)")) }
                }
            },
            html! { (reader.text(&words::clock(mark))) },
            components::status_badge(tone, reader.text(&standing)),
        ];
        if with_boxes {
            let label = format!("{} {}", reader.pick("勾选标记", "tick mark"), mark.id.0);
            cells.push(html! {
                @if mark.withdrawn.is_none() {
                    input type="checkbox" name="mark" value=(mark.id.0) aria-label=(label);
                }
            });
        }
        table.row(cells);
    }
    table.render()
}

fn deciding(reader: &Reader) -> Markup {
    html! {
        fieldset class="stack" {
            legend { (reader.pick("对勾选的标记", "On the ticked marks")) }
            label {
                (reader.pick("理由（写入每条标记）", "Reason, kept with each mark"))
                textarea name="reason" rows="2" required minlength="4" maxlength="1000" {}
            }
            div class="row" {
                button type="submit" name="verdict" value="accepted" {
                    (reader.pick("采纳", "Accept"))
                }
                button type="submit" name="verdict" value="rejected" {
                    (reader.pick("不采纳", "Do not accept"))
                }
            }
        }
    }
}

/// The list as a workbook.
pub(super) async fn file(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let snapshot = state.snapshot();
    let seen = access::points(&signed_in, &snapshot)?;
    let may_decide = signed_in.scope(Action::DecideMarks).is_ok();
    let filter = MarkFilter {
        is_open: asked.list.as_deref().map_or(may_decide, |list| list == "open"),
        limit: FILE_MAX,
        ..asked.filter(&snapshot, seen)
    };
    let found = queries::listed(&state, &filter).await?;
    let heads = [
        ("编号", "Number"),
        ("排放口", "Outlet"),
        ("排放口编号", "Outlet's code"),
        ("因子", "Factor"),
        ("开始", "From"),
        ("结束", "Until"),
        ("标记种类", "Kind"),
        ("设施", "Facility"),
        ("理由", "Reason"),
        ("标记人", "By"),
        ("标记时间", "At"),
        ("时限", "Clock"),
        ("状态", "State"),
        ("审核人", "Decided by"),
        ("审核时间", "Decided at"),
        ("审核理由", "Decision's reason"),
    ];
    let row = |marked: &Marked| -> Vec<Cell> {
        let mark = &marked.mark;
        let decision = marked.decision();
        let facility = words::facility(mark);
        let some = |text: Option<String>| text.map_or(Cell::Empty, Cell::Text);
        vec![
            mark.id.0.to_string().into(),
            words::outlet(&snapshot, &reader, mark.point).into(),
            some(snapshot.point(mark.point).map(|point| point.code.clone())),
            reader.text(&words::factor(&snapshot, mark.factor)).into(),
            local_minute(mark.from).into(),
            local_minute(mark.to).into(),
            reader.text(&words::kind(mark)).into(),
            some(facility.map(|name| reader.text(&name).to_owned())),
            mark.reason.clone().into(),
            mark.author.clone().into(),
            local_minute(mark.at).into(),
            reader.text(&words::clock(mark)).into(),
            reader.text(&words::standing(mark, decision).1).into(),
            some(decision.map(|decision| decision.author.clone())),
            some(decision.map(|decision| local_minute(decision.at))),
            some(decision.map(|decision| decision.reason.clone())),
        ]
    };
    let sheet = Sheet {
        name: "marks".to_owned(),
        columns: heads.map(|(zh, en)| reader.pick(zh, en).to_owned()).to_vec(),
        rows: found.iter().map(row).collect(),
    };
    sheet.xlsx()
}
