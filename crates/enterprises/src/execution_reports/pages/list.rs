//! Two lists: what permits ask for with how it stands, for enterprises and officers; and the
//! reports that everybody may read.

use super::super::model::{Report, parse_place, period_text};
use super::super::queries::{self, Reach, Row, Standing};
use super::super::{model::State as ReportState, store};
use super::{PATH, enterprise};
use crate::checks::pages::severity_badge;
use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use permits::ReportCycle;
use plausibility::Severity;
use registry::{EnterpriseId, Snapshot};
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, Visitor};

/// Rows of one page.
const A_PAGE: usize = 50;
/// Rows of one file.
const A_FILE: usize = 50_000;

/// What a reader asks for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    view: String,
    #[serde(default)]
    standing: String,
    #[serde(default)]
    cycle: String,
    #[serde(default)]
    division: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    late: String,
    #[serde(default)]
    implausible: String,
    after: Option<i64>,
}

impl Asked {
    fn cycle(&self) -> Option<ReportCycle> {
        ReportCycle::parse(&self.cycle)
    }

    /// Whether an enterprise is one of those asked for.
    fn is_of(&self, snapshot: &Snapshot, id: EnterpriseId) -> bool {
        let Some(one) = snapshot.enterprise(id) else { return self.division.is_empty() };
        let text = self.text.trim();
        let is_named = text.is_empty()
            || one.code.contains(text)
            || one.name.zh.contains(text)
            || one.name.en.to_lowercase().contains(&text.to_lowercase());
        is_named && (self.division.is_empty() || one.division == self.division)
    }

    fn holds(&self, snapshot: &Snapshot, row: &Row) -> bool {
        let found = row.newest.as_ref().and_then(|report| report.gravest);
        (self.standing.is_empty() || row.standing.as_str() == self.standing)
            && self.cycle().is_none_or(|cycle| row.due.subject.cycle == cycle)
            && (self.late.is_empty() || row.late > 0)
            && (self.implausible.is_empty() || found >= Some(Severity::Implausible))
            && self.is_of(snapshot, row.due.enterprise)
    }
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let signed_in = visitor.signed_in.as_ref();
    let reach = signed_in.and_then(Reach::of);
    let is_public = asked.view == "public" || reach.is_none();
    let content = match (signed_in, &reach) {
        (Some(signed_in), Some(reach)) if !is_public => {
            let rows = queries::rows(&state, signed_in, reach).await?;
            asked_for(&state, &reader, &asked, &rows)
        }
        _ => public(&state, &reader, &asked).await?,
    };
    let views = [
        (PATH.to_owned(), reader.pick("应报情况", "Asked for").to_owned(), !is_public),
        (format!("{PATH}?view=public"), reader.pick("公开报告", "Public").to_owned(), is_public),
    ];
    let content = html! {
        @if reach.is_some() {
            (components::tabs(reader.pick("执行报告", "Execution reports"), &views))
        }
        (content)
        p { a href="/checks" {
            (reader.pick("填报时的合理性检查规则", "The checks of what is filled in"))
        } }
    };
    let title = reader.pick("排污许可证执行报告", "Execution reports");
    Ok(Page::new(title).render(&state, &reader, content))
}

fn asked_for(state: &AppState, reader: &Reader, asked: &Asked, rows: &[Row]) -> Markup {
    let snapshot = state.snapshot();
    let shown: Vec<&Row> = rows.iter().filter(|row| asked.holds(&snapshot, row)).collect();
    let from = usize::try_from(asked.after.unwrap_or(0)).unwrap_or(0).min(shown.len());
    let to = shown.len().min(from + A_PAGE);
    let next = (to < shown.len()).then(|| to.to_string());
    html! {
        (counts(reader, rows))
        (filters(&snapshot, reader, asked))
        p class="row" {
            (reader.pick("共", "There are")) " " (shown.len()) " " (reader.pick("份", "reports")) " · "
            a href={ "/reports.xlsx?" (reader.query) } { (reader.pick("导出 XLSX", "Export XLSX")) }
        }
        @if rows.is_empty() {
            (components::empty(
                reader.pick("没有应报的执行报告", "No report is asked for"),
                reader.pick("执行报告的种类和期限由排污许可证规定；许可证录入后自动列出。",
                    "A permit says which reports are due and when; they are listed as soon as it \
                     is entered.")))
        } @else if shown.is_empty() {
            (components::empty(reader.pick("没有符合条件的报告", "No report fits"),
                reader.pick("请放宽筛选条件。", "Widen the filter.")))
        } @else {
            (table(&snapshot, reader, shown.get(from..to).unwrap_or_default()))
        }
        (components::pages(reader, next.as_deref()))
    }
}

fn counts(reader: &Reader, rows: &[Row]) -> Markup {
    let count = |word: &str| rows.iter().filter(|row| row.standing.as_str() == word).count();
    let stat =
        |zh, en, value: usize| components::stat(reader.pick(zh, en), html! { (value) }, None);
    html! {
        div class="stats" {
            (stat("逾期未报", "Overdue", count("overdue")))
            (stat("待填报", "To be filed", count("open")))
            (stat("待审核", "To be looked at", count("filed")))
            (stat("已退回", "Returned", count("returned")))
            (stat("已通过", "Accepted", count("accepted")))
        }
    }
}

fn filters(snapshot: &Snapshot, reader: &Reader, asked: &Asked) -> Markup {
    html! {
        form class="filters" method="get" {
            label {
                (reader.pick("状态", "State"))
                select name="standing" {
                    option value="" { (reader.pick("全部", "all")) }
                    @for (word, text) in &Standing::WORDS {
                        option value=(word) selected[asked.standing == *word] {
                            (reader.text(text))
                        }
                    }
                }
            }
            (cycles(reader, asked))
            (divisions(snapshot, reader, asked))
            label {
                (reader.pick("单位名称或代码", "Name or code"))
                input name="text" value=(asked.text);
            }
            label class="check" {
                input type="checkbox" name="late" value="yes" checked[!asked.late.is_empty()];
                " " (reader.pick("只看逾期的", "late ones alone"))
            }
            label class="check" {
                input type="checkbox" name="implausible" value="yes"
                    checked[!asked.implausible.is_empty()];
                " " (reader.pick("只看明显异常及以上", "implausible ones alone"))
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
    }
}

fn cycles(reader: &Reader, asked: &Asked) -> Markup {
    html! {
        label {
            (reader.pick("种类", "Kind"))
            select name="cycle" {
                option value="" { (reader.pick("全部", "all")) }
                @for cycle in ReportCycle::ALL {
                    option value=(cycle.as_str()) selected[asked.cycle == cycle.as_str()] {
                        (reader.text(&cycle.text()))
                    }
                }
            }
        }
    }
}

fn divisions(snapshot: &Snapshot, reader: &Reader, asked: &Asked) -> Markup {
    html! {
        label {
            (reader.pick("区县", "Division"))
            select name="division" {
                option value="" { (reader.pick("全部", "all")) }
                @for division in &snapshot.divisions {
                    option value=(division.code) selected[asked.division == division.code] {
                        (reader.name(&division.name))
                    }
                }
            }
        }
    }
}

fn table(snapshot: &Snapshot, reader: &Reader, rows: &[&Row]) -> Markup {
    let mut table = Table::new(
        reader.pick("应报的执行报告", "Reports that are asked for"),
        vec![
            Column::words(reader.pick("排污单位", "Enterprise")),
            Column::words(reader.pick("报告期", "Period")),
            Column::words(reader.pick("提交期限", "Due")),
            Column::words(reader.pick("状态", "State")),
            Column::words(reader.pick("检查", "Checks")),
            Column::words(reader.pick("办理", "To do")),
        ],
    );
    for row in rows {
        table.row(cells(snapshot, reader, row));
    }
    table.render()
}

fn cells(snapshot: &Snapshot, reader: &Reader, row: &Row) -> Vec<Markup> {
    let subject = &row.due.subject;
    let code = snapshot.enterprise(row.due.enterprise).map(|one| one.code.clone());
    let name = enterprise(snapshot, reader, row.due.enterprise);
    let is_part = row.due.held_days.is_some_and(|days| {
        let whole = subject.to.since(subject.from).map_or(0, |span| span.get_days() + 1);
        days < whole
    });
    vec![
        html! {
            @if let Some(code) = code { a href={ "/enterprises/" (code) } { (name) } }
            @else { (name) }
        },
        html! {
            (reader.text(&period_text(subject.cycle, subject.from))) " "
            (reader.text(&subject.cycle.text()))
            @if is_part {
                br;
                span class="muted" {
                    (reader.pick("许可证仅在部分时段有效，是否报告以许可证为准",
                        "the permit held for a part of it: it says whether to report"))
                }
            }
        },
        html! {
            @match row.due.due {
                Some(day) => { (day) }
                None => { span class="muted" { (reader.pick("许可证未载明", "not said")) } }
            }
        },
        html! {
            (components::status_badge(row.standing.tone(), reader.text(&row.standing.text())))
            @if let Some(day) = row.filed_on {
                br;
                span class="muted" {
                    (reader.pick("提交于", "filed on")) " " (day)
                    @if row.late > 0 {
                        " · " (reader.pick("晚", "")) " " (row.late) " " (reader.pick("天", "days late"))
                    }
                }
            }
        },
        html! {
            @if let Some(report) = &row.newest {
                @match report.gravest {
                    Some(severity) => { (severity_badge(reader, severity)) }
                    None => { span class="none" { "—" } }
                }
            } @else { span class="none" { "—" } }
        },
        action(reader, row),
    ]
}

fn action(reader: &Reader, row: &Row) -> Markup {
    let subject = &row.due.subject;
    html! {
        @if let Some(draft) = row.draft {
            a class="button" href={ (PATH) "/" (draft) } { (reader.pick("继续填报", "Go on")) }
        } @else if let Some(report) = &row.newest {
            a href={ (PATH) "/" (report.id) } { (reader.pick("查看", "Open")) }
        } @else if row.may_begin {
            form method="post" action=(PATH) {
                input type="hidden" name="permit" value=(subject.permit_number);
                input type="hidden" name="cycle" value=(subject.cycle.as_str());
                input type="hidden" name="from" value=(subject.from);
                button type="submit" { (reader.pick("填报", "Fill in")) }
            }
        } @else { span class="none" { "—" } }
    }
}

async fn public(state: &AppState, reader: &Reader, asked: &Asked) -> Result<Markup, Problem> {
    let (reports, next) = public_reports(state, asked, A_PAGE).await?;
    let snapshot = state.snapshot();
    let mut table = Table::new(
        reader.pick("公开的执行报告", "Public reports"),
        vec![
            Column::words(reader.pick("报告", "Report")),
            Column::words(reader.pick("报告期", "Period")),
            Column::words(reader.pick("排污许可证", "Permit")),
            Column::words(reader.pick("提交", "Filed")),
        ],
    );
    for report in &reports {
        let subject = &report.subject;
        table.row(vec![
            html! {
                a href={ (PATH) "/" (report.id) } {
                    (enterprise(&snapshot, reader, report.enterprise))
                }
            },
            html! {
                (reader.text(&period_text(subject.cycle, subject.from))) " "
                (reader.text(&subject.cycle.text()))
            },
            html! { (subject.permit_number) },
            html! { @if let Some(filed) = &report.filed { (web::local_date(filed.at)) } },
        ]);
    }
    Ok(html! {
        p {
            (reader.pick("通过审核的执行报告向社会公开，任何人可以查阅和导出。",
                "Accepted reports are public: anybody may read them and take them away."))
        }
        form class="filters" method="get" {
            input type="hidden" name="view" value="public";
            (cycles(reader, asked))
            (divisions(&snapshot, reader, asked))
            label {
                (reader.pick("单位名称或代码", "Name or code"))
                input name="text" value=(asked.text);
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
        @if table.is_empty() {
            (components::empty(
                reader.pick("没有公开的执行报告", "No public report"),
                reader.pick("企业提交并经审核通过后在此公开；也可放宽筛选条件。",
                    "They appear here once an enterprise has filed and an officer accepted them; \
                     or widen the filter.")))
        } @else {
            p { a href={ "/reports.xlsx?" (reader.query) } {
                (reader.pick("导出 XLSX", "Export XLSX")) } }
            (table.render())
        }
        (components::pages(reader, next.map(|id| id.to_string()).as_deref()))
    })
}

async fn public_reports(
    state: &AppState,
    asked: &Asked,
    count: usize,
) -> Result<(Vec<Report>, Option<i64>), Problem> {
    let snapshot = state.snapshot();
    let is_narrow = !asked.text.trim().is_empty() || !asked.division.is_empty();
    let ids: Vec<EnterpriseId> =
        snapshot.enterprises().map(|one| one.id).filter(|id| asked.is_of(&snapshot, *id)).collect();
    let ids = is_narrow.then_some(ids.as_slice());
    let before = asked.after.unwrap_or(i64::MAX);
    let more = i64::try_from(count + 1).unwrap_or(i64::MAX);
    let mut found = store::public(&state.store, ids, asked.cycle(), before, more).await?;
    let has_more = found.len() > count;
    found.truncate(count);
    let next = found.last().filter(|_| has_more).map(|report| report.id);
    Ok((found, next))
}

pub(super) async fn file(
    State(state): State<AppState>,
    reader: Reader,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let signed_in = visitor.signed_in.as_ref();
    let reach = signed_in.and_then(Reach::of).filter(|_| asked.view != "public");
    if let (Some(signed_in), Some(reach)) = (signed_in, reach) {
        let rows = queries::rows(&state, signed_in, &reach).await?;
        return sheet_of_asked(&state, &reader, &asked, &rows).xlsx();
    }
    let all = Asked { after: None, ..asked };
    let (reports, _) = public_reports(&state, &all, A_FILE).await?;
    sheet_of_public(&state, &reader, &reports).xlsx()
}

fn columns(reader: &Reader, titles: &[(&str, &str)]) -> Vec<String> {
    titles.iter().map(|(zh, en)| reader.pick(zh, en).to_owned()).collect()
}

fn sheet_of_asked(state: &AppState, reader: &Reader, asked: &Asked, rows: &[Row]) -> Sheet {
    let snapshot = state.snapshot();
    let titles = [
        ("排污单位", "Enterprise"),
        ("代码", "Code"),
        ("区县", "Division"),
        ("排污许可证", "Permit"),
        ("种类", "Kind"),
        ("期首", "From"),
        ("期末", "To"),
        ("提交期限", "Due"),
        ("状态", "State"),
        ("提交日期", "Filed on"),
        ("逾期天数", "Days late"),
        ("最严重检查结果", "Gravest finding"),
    ];
    let row = |row: &Row| -> Vec<Cell> {
        let subject = &row.due.subject;
        let one = snapshot.enterprise(row.due.enterprise);
        let worst = row.newest.as_ref().and_then(|report| report.gravest).map(Severity::text);
        let day =
            |day: Option<jiff::civil::Date>| day.map_or(Cell::Empty, |day| day.to_string().into());
        vec![
            enterprise(&snapshot, reader, row.due.enterprise).into(),
            one.map_or("", |one| one.code.as_str()).into(),
            one.map_or("", |one| one.division.as_str()).into(),
            subject.permit_number.as_str().into(),
            reader.text(&subject.cycle.text()).into(),
            day(Some(subject.from)),
            day(Some(subject.to)),
            day(row.due.due),
            reader.text(&row.standing.text()).into(),
            day(row.filed_on),
            Cell::Number(row.late.into()),
            worst.map_or(Cell::Empty, |text| reader.text(&text).into()),
        ]
    };
    Sheet {
        name: "execution_reports".to_owned(),
        columns: columns(reader, &titles),
        rows: rows.iter().filter(|row| asked.holds(&snapshot, row)).take(A_FILE).map(row).collect(),
    }
}

fn sheet_of_public(state: &AppState, reader: &Reader, reports: &[Report]) -> Sheet {
    let snapshot = state.snapshot();
    let titles = [
        ("排污单位", "Enterprise"),
        ("排污许可证", "Permit"),
        ("种类", "Kind"),
        ("期首", "From"),
        ("期末", "To"),
        ("排放口", "Outlet"),
        ("污染物", "Factor"),
        ("填报项", "Field"),
        ("内容", "Entered"),
    ];
    let mut rows = Vec::new();
    for report in reports.iter().filter(|one| one.state == ReportState::Accepted) {
        for (place, typed) in report.content.iter() {
            let Some((key, field)) = parse_place(place) else { continue };
            let named = plausibility::field_of(plausibility::Form::ExecutionReport, field);
            rows.push(vec![
                enterprise(&snapshot, reader, report.enterprise).into(),
                report.subject.permit_number.as_str().into(),
                reader.text(&report.subject.cycle.text()).into(),
                report.subject.from.to_string().into(),
                report.subject.to.to_string().into(),
                key.outlet.unwrap_or_default().into(),
                key.factor.unwrap_or_default().into(),
                named.map_or(field, |field| reader.text(&field.name)).into(),
                typed.into(),
            ]);
        }
    }
    Sheet { name: "public_reports".to_owned(), columns: columns(reader, &titles), rows }
}
