//! A month by county, by enterprise or by outlet; the same as a file; the order to compute it.

use super::super::access::Sight;
use super::super::compute;
use super::super::report::{Line, Report};
use super::super::words;
use super::{PATH, division_field, ground, month, month_field};
use crate::words as area;
use authority::{Action, Scope, Subject};
use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use registry::{PointKind, Snapshot};
use serde::Deserialize;
use validity::Month;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, SignedIn};

/// Rows on one page.
const A_PAGE: usize = 200;

/// What a row is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Division,
    Enterprise,
    Outlet,
}

impl By {
    const ALL: [Self; 3] = [Self::Division, Self::Enterprise, Self::Outlet];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Division => "division",
            Self::Enterprise => "enterprise",
            Self::Outlet => "outlet",
        }
    }

    fn words(self, reader: &Reader) -> &'static str {
        let (zh, en) = match self {
            Self::Division => ("按区县", "by division"),
            Self::Enterprise => ("按企业", "by enterprise"),
            Self::Outlet => ("按排放口", "by outlet"),
        };
        match reader.language {
            web::Language::Chinese => zh,
            web::Language::English => en,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    month: Option<String>,
    by: Option<String>,
    division: Option<String>,
    enterprise: Option<String>,
    after: Option<usize>,
}

/// What is asked for, checked.
struct Wanted {
    month: Month,
    by: By,
    division: Option<String>,
    enterprise: Option<String>,
}

impl Asked {
    fn wanted(&self, state: &AppState) -> Result<Wanted, Problem> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let by = given(&self.by);
        let by = by.and_then(|word| By::ALL.into_iter().find(|by| by.as_str() == word));
        Ok(Wanted {
            month: month(self.month.as_deref(), state.now())?,
            by: by.unwrap_or(By::Division),
            division: given(&self.division),
            enterprise: given(&self.enterprise),
        })
    }
}

impl Wanted {
    /// The address of another view of the same month.
    fn address(&self, by: By, division: Option<&str>, enterprise: Option<&str>) -> String {
        let part = |name: &str, value: Option<&str>| {
            value.map(|value| format!("&{name}={value}")).unwrap_or_default()
        };
        let (division, enterprise) = (part("division", division), part("enterprise", enterprise));
        format!("{PATH}?month={}&by={}{division}{enterprise}", self.month, by.as_str())
    }
}

/// A row of the table.
struct Row {
    /// Its name, with the way to what is below it.
    name: String,
    to: Option<String>,
    code: String,
    line: Line,
}

/// The month as a reader sees it, with the filters applied.
async fn seen(
    state: &AppState,
    snapshot: &Snapshot,
    sight: &Sight,
    wanted: &Wanted,
) -> Result<Report, Problem> {
    let mut report = compute::report(&ground(state, snapshot), wanted.month).await?;
    sight.limit(snapshot, &mut report);
    if let Some(code) = &wanted.division {
        report.retain(|line| line.division == *code, |must| must.division == *code);
    }
    if let Some(code) = &wanted.enterprise {
        let prefix = format!("{code}/");
        let is_of = |code: &str| code.starts_with(&prefix);
        report.retain(|line| is_of(&line.code), |must| is_of(&must.code));
    }
    Ok(report)
}

fn rows(snapshot: &Snapshot, reader: &Reader, wanted: &Wanted, report: &Report) -> Vec<Row> {
    let named = |(code, line): (String, Line)| match wanted.by {
        By::Enterprise => Row {
            name: enterprise_name(snapshot, reader, report, &code),
            to: Some(wanted.address(By::Outlet, None, Some(&code))),
            code,
            line,
        },
        By::Outlet => {
            let point = snapshot.point_by_code(PointKind::Outlet, &code);
            let name = point.map(|point| reader.text(&area::point(snapshot, point)).to_owned());
            let month = wanted.month;
            Row {
                name: name.unwrap_or_else(|| unlisted_name(reader, report, &code)),
                to: point.map(|_| format!("{PATH}/outlets/{code}?month={month}")),
                code,
                line,
            }
        }
        By::Division => Row {
            name: words::division(snapshot, reader, &code).to_owned(),
            to: Some(wanted.address(By::Enterprise, Some(&code), None)),
            code,
            line,
        },
    };
    match wanted.by {
        By::Division => report.by_division().into_iter().map(named).collect(),
        By::Enterprise => report.by_enterprise().into_iter().map(named).collect(),
        By::Outlet => report.by_outlet().into_iter().map(named).collect(),
    }
}

fn enterprise_name(snapshot: &Snapshot, reader: &Reader, report: &Report, code: &str) -> String {
    if let Some(enterprise) = snapshot.enterprise_by_code(code) {
        return reader.name(&enterprise.name).to_owned();
    }
    let prefix = format!("{code}/");
    let must = report.must.iter().find(|must| must.code.starts_with(&prefix));
    let name = must.and_then(|must| must.name.as_ref());
    name.map_or_else(|| code.to_owned(), |name| reader.text(name).to_owned())
}

/// The name of an outlet that only the list of duties knows.
fn unlisted_name(reader: &Reader, report: &Report, code: &str) -> String {
    let must = report.must.iter().find(|must| must.code == code);
    let name = must.and_then(|must| must.name.as_ref());
    let number = code.split_once('/').map_or("", |(_, number)| number);
    name.map_or_else(|| code.to_owned(), |name| format!("{} {number}", reader.text(name)))
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let sight = Sight::of(&signed_in)?;
    let wanted = asked.wanted(&state)?;
    let snapshot = state.snapshot();
    let report = seen(&state, &snapshot, &sight, &wanted).await?;
    let rows = rows(&snapshot, &reader, &wanted, &report);
    let from = asked.after.unwrap_or(0).min(rows.len());
    let to = rows.len().min(from + A_PAGE);
    let next = (to < rows.len()).then(|| to.to_string());
    let content = html! {
        (filters(&snapshot, &reader, &wanted))
        (standing(&reader, &report))
        (components::tabs(reader.pick("查看方式", "View"), &tabs(&reader, &wanted)))
        (table(&reader, &report, &rows[from..to]))
        (components::pages(&reader, next.as_deref()))
        (below(&reader, &wanted, may_compute(&signed_in)))
        (doubts(&reader, &report))
    };
    let title = reader.pick("监测数据质量", "Quality of monitoring data");
    Ok(Page::new(title).render(&state, &reader, content))
}

fn tabs(reader: &Reader, wanted: &Wanted) -> Vec<(String, String, bool)> {
    let mut tabs: Vec<(String, String, bool)> = By::ALL
        .into_iter()
        .map(|by| {
            let to = wanted.address(by, wanted.division.as_deref(), wanted.enterprise.as_deref());
            (to, by.words(reader).to_owned(), by == wanted.by)
        })
        .collect();
    let coverage = format!("{PATH}/coverage?month={}", wanted.month);
    tabs.push((coverage, reader.pick("联网覆盖", "coverage").to_owned(), false));
    tabs
}

fn filters(snapshot: &Snapshot, reader: &Reader, wanted: &Wanted) -> Markup {
    html! {
        form class="filters" method="get" {
            (month_field(reader, wanted.month))
            (division_field(snapshot, reader, wanted.division.as_deref()))
            input type="hidden" name="by" value=(wanted.by.as_str());
            @if let Some(enterprise) = &wanted.enterprise {
                label {
                    (reader.pick("企业代码", "Enterprise"))
                    input name="enterprise" value=(enterprise);
                }
            }
            button type="submit" { (reader.pick("查看", "Show")) }
        }
    }
}

/// The numbers of all that is shown.
fn standing(reader: &Reader, report: &Report) -> Markup {
    let all = report.total();
    let (tone, words) = words::standing(report, &all);
    let of = |part: i64, whole: i64| html! { (part) " / " (whole) };
    let pass = report.pass.as_ref().map(|pass| {
        format!("{} {}%", reader.pick("达标线", "pass mark"), pass.percent.normalize())
    });
    let installed = words::rate(all.installed_share());
    let connected = words::rate(all.connected_share());
    html! {
        div class="stats" {
            (components::stat(reader.pick("已联网 / 应联网", "Connected / must be"),
                of(all.connected, all.must),
                Some(&format!("{} {installed}% · {} {connected}%",
                    reader.pick("安装率", "installed"), reader.pick("联网率", "connected")))))
            (components::stat(reader.pick("传输有效率", "Effective rate"),
                html! { (words::rate(all.counts.effective_rate())) "% "
                    (components::status_badge(tone, reader.text(&words))) },
                pass.as_deref()))
            (components::stat(reader.pick("超标", "Over the limit"),
                html! { (all.counts.exceedance_hours) " h · " (all.counts.exceedance_days) " d" },
                Some(reader.pick("废气小时 · 废水日", "hours of gas · days of water"))))
            (components::stat(reader.pick("未标记缺失", "Unmarked gaps"),
                html! { (all.counts.unmarked_gaps) },
                Some(reader.pick("段,既无数据也无标记", "stretches without data or mark"))))
            (components::stat(reader.pick("方案范围入河排污口联网", "Outfalls of the plan connected"),
                of(all.of_plan_connected, all.of_plan), None))
        }
        p class="hint" {
            @match report.computed_at {
                Some(at) => {
                    (reader.pick("计算于", "computed")) " " (components::moment(at))
                    " · " (reader.pick("应联网名单截至", "duties as of")) " " (report.day)
                }
                None => {
                    (reader.pick("该月尚未计算;服务每半小时计算一次,也可点“重新计算”。",
                        "This month was not computed yet: it is done every half hour, or now by \
                         the button below."))
                }
            }
            @if let Some(pass) = &report.pass {
                " · " (reader.pick("达标线来源:", "pass mark by: ")) (pass.source)
                " (" (reader.text(&pass.confidence.text())) ")"
            }
        }
    }
}

fn table(reader: &Reader, report: &Report, rows: &[Row]) -> Markup {
    let mut columns = vec![Column::words(reader.pick("名称", "Name"))];
    columns.extend(words::page_heads(reader).into_iter().map(Column::numbers));
    columns.push(Column::words(reader.pick("考核", "Result")));
    let caption = reader.pick("传输有效率与联网情况", "Effective rate and connection");
    let mut table = Table::new(caption, columns);
    for row in rows {
        let (tone, words) = words::standing(report, &row.line);
        let mut cells = vec![html! {
            span class="quality-name" {
                @match &row.to {
                    Some(to) => { a href=(to) { (row.name) } }
                    None => { (row.name) }
                }
            }
        }];
        cells.extend(words::page_cells(&row.line).iter().map(|cell| html! { (cell) }));
        cells.push(components::status_badge(tone, reader.text(&words)));
        table.row(cells);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有可显示的排放口", "No outlet to show"),
            reader.pick(
                "放宽筛选条件;若本市还没有排放口,请在 outlets.csv 中登记后重新载入。",
                "Widen the filter; where the city has no outlets yet, list them in outlets.csv.",
            ),
        );
    }
    table.render()
}

fn below(reader: &Reader, wanted: &Wanted, may_compute: bool) -> Markup {
    let query = wanted.address(wanted.by, wanted.division.as_deref(), wanted.enterprise.as_deref());
    let query = query.strip_prefix(PATH).unwrap_or_default();
    html! {
        ul class="downloads" {
            li { a class="button" href={ (PATH) "/files/table.xlsx" (query) } { "XLSX" } }
            li { a class="button" href={ (PATH) "/files/table.csv" (query) } { "CSV" } }
        }
        @if may_compute {
            form method="post" action={ (PATH) "/compute" } {
                input type="hidden" name="month" value=(wanted.month.to_string());
                button type="submit" { (reader.pick("重新计算", "Compute again")) }
            }
        }
        p class="hint" {
            (reader.pick("传输有效率 = 传输率 × 有效率;应传组数不含已认可的停运。废气按小时计,废水按日计。\
                合计由组数相加得出,不是各率的平均。",
                "Effective rate = rate of transmission × rate of validity; approved stops are not \
                 due. Gas counts by hours, water by days. Totals add up sets, not rates."))
        }
    }
}

fn doubts(reader: &Reader, report: &Report) -> Markup {
    html! {
        @if !report.doubts.is_empty() {
            (components::notice("warning", html! {
                p { (reader.pick("城市数据表中有待更正之处:", "To be mended in the city's tables:")) }
                ul { @for doubt in &report.doubts { li { (doubt) } } }
            }))
        }
    }
}

pub(super) async fn file(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let sight = Sight::of(&signed_in)?;
    let wanted = asked.wanted(&state)?;
    let snapshot = state.snapshot();
    let report = seen(&state, &snapshot, &sight, &wanted).await?;
    let rows = rows(&snapshot, &reader, &wanted, &report);
    let mut columns =
        vec![reader.pick("代码", "Code").to_owned(), reader.pick("名称", "Name").to_owned()];
    columns.extend(words::heads(&reader));
    columns.push(reader.pick("考核", "Result").to_owned());
    let of = |row: &Row| {
        let mut cells = vec![Cell::from(row.code.clone()), Cell::from(row.name.clone())];
        cells.extend(words::cells(&row.line).iter().map(cell));
        cells.push(reader.text(&words::standing(&report, &row.line).1).into());
        cells
    };
    let sheet = Sheet {
        name: format!("data-quality-{}-{}", wanted.month, wanted.by.as_str()),
        columns,
        rows: rows.iter().map(of).collect(),
    };
    match file.as_str() {
        "table.csv" => sheet.csv(),
        "table.xlsx" => sheet.xlsx(),
        _ => Err(Problem::not_found("没有这个文件", "there is no such file")),
    }
}

fn cell(value: &words::Value) -> Cell {
    match value {
        words::Value::Count(count) => Cell::Number((*count).into()),
        words::Value::Rate(rate) => rate.map(|rate| rulebook::round_half_even(rate, 2)).into(),
    }
}

/// The month to compute.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Ordered {
    #[serde(default)]
    month: String,
}

/// Those who decide on data, and those who run the installation, have it computed.
fn may_compute(signed_in: &SignedIn) -> bool {
    [Action::DecideMarks, Action::ImportObservations]
        .into_iter()
        .any(|action| authority::scope(signed_in.principal(), action) != Scope::Nothing)
}

pub(super) async fn compute(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Form(ordered): Form<Ordered>,
) -> Result<Response, Problem> {
    if !may_compute(&signed_in) {
        signed_in.allowed(Action::DecideMarks, &Subject::installation())?;
    }
    let month = month(Some(&ordered.month), state.now())?;
    let snapshot = state.snapshot();
    compute::refresh(&ground(&state, &snapshot), month).await?;
    let to = format!("{PATH}?month={month}");
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}
