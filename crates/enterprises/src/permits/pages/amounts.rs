//! The four papers side by side (四本账): what the impact assessment approved, what the permit
//! allows, the quota, and what was discharged.

use super::super::actual::{Beside, beside, discharged};
use super::super::list::today;
use super::super::{PATH, problem};
use super::parts;
use axum::extract::{Query, State};
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};
use permits::{PermitVersion, versions, words};
use registry::{Enterprise, Snapshot};
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet};

/// Enterprises on one page: each needs a year of its months.
const A_PAGE: usize = 20;

/// What a reader asked for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    year: Option<i16>,
    division: Option<String>,
    pollutant: Option<String>,
    after: Option<usize>,
}

/// An enterprise with its rows.
type Rows<'snapshot> = (Option<&'snapshot Enterprise>, Vec<Beside>);
/// The first and the last day that is counted.
type Days = Option<(Date, Date)>;

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let year = year(&state, &asked)?;
    let holders = holders(&state, &snapshot, &asked).await?;
    let from = asked.after.unwrap_or(0).min(holders.len());
    let to = holders.len().min(from + A_PAGE);
    let (rows, days) = gather(&state, &snapshot, &holders[from..to], &asked, year).await?;
    let next = (to < holders.len()).then(|| to.to_string());
    let content = html! {
        p class="row" {
            a class="button" href=(download(&reader)) { (reader.pick("导出 XLSX", "XLSX")) }
        }
        (filters(&snapshot, &reader, &asked, year))
        (counted(&reader, days, year))
        @if rows.iter().all(|(_, rows)| rows.is_empty()) {
            (components::empty(
                reader.pick("没有可对照的排放量", "No amounts to compare"),
                reader.pick("导入许可证时填写许可排放量、环评批复和总量指标。",
                    "They come with the workbooks of permits.")))
        } @else {
            (table(&reader, &snapshot, &rows, year, true))
            (components::pages(&reader, next.as_deref()))
        }
        p class="hint" {
            (reader.pick(
                "实际排放量为各排放口自动监测有效数据的日排放量之和,只含已判定的日子,不作推算;手工监测和核算的排放量不在其中。",
                "Discharged is the sum of the daily amounts of automatic monitoring, of the days \
                 that are judged; nothing is estimated, and what is sampled by hand or calculated \
                 is not among it."))
        }
    };
    let title = reader.pick("四本账对照", "Four papers side by side");
    let page = Page::new(title).under(PATH, reader.pick("排污许可", "Discharge permits"));
    Ok(page.render(&state, &reader, content))
}

fn download(reader: &Reader) -> String {
    format!("{PATH}/amounts.xlsx?{}", reader.query)
}

fn year(state: &AppState, asked: &Asked) -> Result<i16, Problem> {
    let year = asked.year.unwrap_or_else(|| today(state).year());
    if (2000..=2100).contains(&year) {
        return Ok(year);
    }
    Err(Problem::bad_request("年份应在 2000 至 2100 之间", "the year lies between 2000 and 2100"))
}

/// The holders of permits that fit, each with all versions of their permits.
async fn holders<'snapshot>(
    state: &AppState,
    snapshot: &'snapshot Snapshot,
    asked: &Asked,
) -> Result<Vec<(&'snapshot Enterprise, Vec<PermitVersion>)>, Problem> {
    let all = permits::all(&state.store).await.map_err(problem)?;
    let division = asked.division.as_deref().filter(|code| !code.is_empty());
    let mut found = Vec::new();
    for holder in snapshot.enterprises() {
        if division.is_some_and(|code| holder.division != code) {
            continue;
        }
        let own = all.iter().filter(|version| version.permit.enterprise == holder.id);
        let own: Vec<PermitVersion> = own.cloned().collect();
        if !own.is_empty() {
            found.push((holder, own));
        }
    }
    Ok(found)
}

async fn gather<'snapshot>(
    state: &AppState,
    snapshot: &Snapshot,
    holders: &[(&'snapshot Enterprise, Vec<PermitVersion>)],
    asked: &Asked,
    year: i16,
) -> Result<(Vec<Rows<'snapshot>>, Days), Problem> {
    let wanted = asked.pollutant.as_deref().filter(|code| !code.is_empty());
    let mut rows = Vec::new();
    let mut days: Days = None;
    for (holder, all) in holders {
        let approvals = permits::approvals(&state.store, holder.id).await.map_err(problem)?;
        let quotas = permits::quotas(&state.store, holder.id).await.map_err(problem)?;
        let held = held_in(all, year, today(state));
        let discharged = discharged(state, snapshot, holder.id, year).await?;
        days = match (days, discharged.days) {
            (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
            (one, other) => one.or(other),
        };
        let mut of_holder = beside(&held, &approvals, &quotas, &discharged, year);
        of_holder.retain(|row| wanted.is_none_or(|code| row.pollutant == code));
        rows.push((Some(*holder), of_holder));
    }
    Ok((rows, days))
}

/// The version of each permit that held last in a year.
fn held_in(all: &[PermitVersion], year: i16, today: Date) -> Vec<PermitVersion> {
    let last = Date::new(year, 12, 31).unwrap_or(today).min(today.max(start(year)));
    let of = versions::by_permit(all).into_iter();
    of.filter_map(|of| versions::shown(of, last))
        .filter(|version| {
            let ended = version.ended().map(|ended| ended.last_day);
            let ends = ended.map_or(version.valid_to, |day| day.min(version.valid_to));
            version.valid_from.year() <= year && year <= ends.year()
        })
        .cloned()
        .collect()
}

fn start(year: i16) -> Date {
    Date::new(year, 1, 1).unwrap_or(Date::MIN)
}

fn filters(snapshot: &Snapshot, reader: &Reader, asked: &Asked, year: i16) -> Markup {
    let name = words::names(snapshot);
    let option = |value: &str, words: &str, chosen: &Option<String>| {
        html! { option value=(value) selected[chosen.as_deref() == Some(value)] { (words) } }
    };
    let usual = ["w01018", "w21003", "w21011", "w21001", "a34013", "a21026", "a21002", "a24088"];
    html! {
        form class="filters" method="get" {
            label {
                (reader.pick("年份", "Year"))
                input type="number" name="year" min="2000" max="2100" value=(year);
            }
            label {
                (reader.pick("区县", "Division"))
                select name="division" {
                    (option("", reader.pick("全部", "all"), &None))
                    @for division in &snapshot.divisions {
                        (option(&division.code, reader.name(&division.name), &asked.division))
                    }
                }
            }
            label {
                (reader.pick("污染物", "Pollutant"))
                select name="pollutant" {
                    (option("", reader.pick("全部", "all"), &None))
                    @for code in usual {
                        (option(code, reader.text(&name(code)), &asked.pollutant))
                    }
                }
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
    }
}

/// Over which days the discharged amounts were added up.
pub(in crate::permits) fn counted(reader: &Reader, days: Days, year: i16) -> Markup {
    html! {
        p class="muted" {
            @match days {
                Some((first, last)) => {
                    (reader.pick("实际排放量累计:", "Discharged, added up from "))
                    (first) (reader.pick(" 至 ", " to ")) (last)
                },
                None => {
                    (year) (reader.pick("年尚无已判定的排放量。",
                        ": no amounts of this year are judged yet."))
                },
            }
        }
    }
}

/// The rows of enterprises as a table.
pub(in crate::permits) fn table(
    reader: &Reader,
    snapshot: &Snapshot,
    rows: &[Rows<'_>],
    year: i16,
    with_holder: bool,
) -> Markup {
    let name = words::names(snapshot);
    let mut columns = vec![
        Column::words(reader.pick("污染物", "Pollutant")),
        Column::numbers(reader.pick("环评批复", "Assessed")),
        Column::numbers(reader.pick("许可", "Permitted")),
        Column::numbers(reader.pick("总量指标", "Quota")),
        Column::numbers(reader.pick("实际", "Discharged")),
        Column::words(reader.pick("已用", "Used")),
        Column::words(reader.pick("提示", "Notes")),
    ];
    if with_holder {
        columns.insert(0, Column::words(reader.pick("单位", "Holder")));
    }
    let caption = format!("{year} {}", reader.pick("年,吨", "in tonnes"));
    let mut table = Table::new(caption, columns);
    for (holder, rows) in rows {
        for row in rows {
            let mut cells = vec![
                html! { (reader.text(&name(&row.pollutant))) },
                parts::tonnes(row.approved),
                parts::tonnes(row.permitted),
                parts::tonnes(row.quota),
                parts::tonnes(row.actual),
                used(row),
                notes(reader, row),
            ];
            if with_holder {
                cells.insert(
                    0,
                    html! {
                        @if let Some(holder) = holder {
                            a href={ "/enterprises/" (holder.code) } { (reader.name(&holder.name)) }
                        }
                    },
                );
            }
            table.row(cells);
        }
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有可对照的排放量", "No amounts to compare"),
            reader.pick(
                "许可证、环评批复和总量指标都未载明排放量。",
                "Neither permit nor assessment nor quota sets an amount.",
            ),
        );
    }
    table.render()
}

fn used(row: &Beside) -> Markup {
    let Some(percent) = row.used_percent() else { return html! { span class="none" { "—" } } };
    let shown = rulebook::round_half_even(percent, 1);
    let full: u32 = percent.round().try_into().unwrap_or(100);
    html! {
        meter min="0" max="100" high="90" value=(full.min(100)) { (shown) "%" }
        " " span class="number" { (shown) "%" }
    }
}

fn notes(reader: &Reader, row: &Beside) -> Markup {
    html! {
        @if row.is_over() {
            (components::status_badge("bad", reader.pick("超出", "over")))
        }
        @if row.contradicts() {
            " " (components::status_badge("warning",
                reader.pick("许可大于环评或总量", "permit above the others")))
        }
    }
}

pub(super) async fn sheet(
    State(state): State<AppState>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let snapshot = state.snapshot();
    let year = year(&state, &asked)?;
    let holders = holders(&state, &snapshot, &asked).await?;
    let (found, _) = gather(&state, &snapshot, &holders, &asked, year).await?;
    let name = words::names(&snapshot);
    let columns = [
        ("单位代码", "Enterprise"),
        ("单位名称", "Holder"),
        ("年份", "Year"),
        ("污染物代码", "Code"),
        ("污染物", "Pollutant"),
        ("环评批复(t)", "Assessed, t"),
        ("许可(t)", "Permitted, t"),
        ("总量指标(t)", "Quota, t"),
        ("实际(t)", "Discharged, t"),
        ("已用(%)", "Used, %"),
    ];
    let mut rows = Vec::new();
    for (holder, of_holder) in &found {
        for row in of_holder {
            rows.push(vec![
                Cell::from(holder.map(|it| it.code.clone()).unwrap_or_default()),
                Cell::from(holder.map(|it| reader.name(&it.name)).unwrap_or_default()),
                Cell::Number(year.into()),
                Cell::from(row.pollutant.clone()),
                Cell::from(reader.text(&name(&row.pollutant))),
                row.approved.into(),
                row.permitted.into(),
                row.quota.into(),
                row.actual.map(|value| rulebook::round_half_even(value, 6)).into(),
                row.used_percent().map(|value| rulebook::round_half_even(value, 2)).into(),
            ]);
        }
    }
    let sheet = Sheet {
        name: format!("amounts-{year}"),
        columns: columns.map(|(zh, en)| reader.pick(zh, en).to_owned()).to_vec(),
        rows,
    };
    sheet.xlsx()
}
