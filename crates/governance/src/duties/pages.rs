//! The calendar of duties, by unit and measure, and who is on time.

use super::model::{DutyRow, Lateness};
use super::opening::case_page;
use super::store;
use crate::access::Officer;
use crate::city_plan::{CityPlan, city_plan};
use crate::names::unit_name;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;
use maud::{Markup, html};
use plan::DueDay;
use registry::Snapshot;
use rulebook::{Decimal, beijing_offset, round_half_even};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, SignedIn};

/// Duties on one page.
const A_PAGE: usize = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/plan/duties", get(page)).route("/plan/duties.xlsx", get(file))
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    unit: Option<String>,
    measure: Option<String>,
    after: Option<usize>,
}

impl Asked {
    fn wants(&self, city: &CityPlan, row: &DutyRow) -> bool {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let measure = given(&self.measure).and_then(|text| text.parse::<u32>().ok());
        let of_duty = || duty_of(city, &row.duty).map(|duty| duty.measure);
        given(&self.unit).is_none_or(|unit| unit == row.unit)
            && measure.is_none_or(|number| of_duty() == Some(number))
    }
}

fn duty_of<'city>(city: &'city CityPlan, id: &str) -> Option<&'city plan::Duty> {
    city.plan.duties.iter().find(|duty| duty.id == id)
}

/// What the pages show.
struct Seen {
    city: Arc<CityPlan>,
    today: Date,
    rows: Vec<DutyRow>,
}

async fn seen(state: &AppState, asked: &Asked) -> Result<Seen, Problem> {
    let city = city_plan(&state.store).await?.ok_or_else(|| {
        Problem::not_found(
            "本市没有方案文件；放入 plan/ 后用 `lucid init` 载入",
            "this city has no plan; put its files into plan/ and load them with `lucid init`",
        )
    })?;
    let today = beijing_offset().to_datetime(state.now()).date();
    let mut rows = store::all(&state.store).await?;
    rows.retain(|row| asked.wants(&city, row));
    // What presses most comes first.
    rows.sort_by_key(|row| (row.standing(today), row.due_on.is_none(), row.due_on));
    Ok(Seen { city, today, rows })
}

async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    Officer::of(&signed_in)?;
    let seen = seen(&state, &asked).await?;
    let snapshot = state.snapshot();
    let content = html! {
        (filters(&reader, &snapshot, &seen, &asked))
        @if seen.rows.is_empty() {
            (components::empty(
                reader.pick("没有符合条件的任务", "No such duty"),
                reader.pick("任务在周期开始时自动开办；期限待定的一次性任务在期限确定后开办。",
                    "Duties open when their period begins; a single one once its day is set.")))
        } @else {
            (rows(&reader, &snapshot, &seen, asked.after.unwrap_or(0)))
            (by_unit(&reader, &snapshot, &seen))
        }
        (undated(&reader, &seen))
        p class="downloads" {
            a href={ "/plan/duties.xlsx" @if !reader.query.is_empty() { "?" (reader.query) } } {
                (reader.pick("导出 XLSX", "Export as XLSX"))
            }
        }
    };
    Ok(Page::new(reader.pick("方案任务台账", "Duties of the plan"))
        .under("/plan", reader.pick("方案进展", "The plan"))
        .render(&state, &reader, content))
}

fn filters(reader: &Reader, snapshot: &Snapshot, seen: &Seen, asked: &Asked) -> Markup {
    let all = reader.pick("全部", "all");
    let mut units: Vec<String> = Vec::new();
    let known = crate::city_plan::units(snapshot, seen.today);
    for duty in &seen.city.plan.duties {
        for unit in seen.city.plan.units_of(duty, &known) {
            if !units.contains(&unit) {
                units.push(unit);
            }
        }
    }
    let chosen = |given: &Option<String>, value: &str| given.as_deref() == Some(value);
    html! {
        form class="filters" method="get" action="/plan/duties" {
            label {
                (reader.pick("单位", "Unit"))
                select name="unit" {
                    option value="" { (all) }
                    @for unit in &units {
                        @let name = unit_name(snapshot, unit);
                        option value=(unit) selected[chosen(&asked.unit, unit)] {
                            (reader.name(&name))
                        }
                    }
                }
            }
            label {
                (reader.pick("措施", "Measure"))
                select name="measure" {
                    option value="" { (all) }
                    @for measure in &seen.city.plan.measures {
                        @if seen.city.plan.duties_of(measure.number).next().is_some() {
                            @let number = measure.number.to_string();
                            option value=(number) selected[chosen(&asked.measure, &number)] {
                                (number) " " (reader.text(&measure.title))
                            }
                        }
                    }
                }
            }
            button type="submit" { (reader.pick("查看", "Show")) }
        }
    }
}

fn rows(reader: &Reader, snapshot: &Snapshot, seen: &Seen, after: usize) -> Markup {
    let columns = vec![
        Column::words(reader.pick("任务", "Duty")),
        Column::words(reader.pick("单位", "Unit")),
        Column::words(reader.pick("周期", "Period")),
        Column::words(reader.pick("期限", "Due")),
        Column::words(reader.pick("状态", "State")),
        Column::words(reader.pick("完成日期", "Done on")),
    ];
    let from = after.min(seen.rows.len());
    let to = seen.rows.len().min(from + A_PAGE);
    let mut table = Table::new(reader.pick("任务", "Duties"), columns);
    for row in &seen.rows[from..to] {
        let standing = row.standing(seen.today);
        let name = unit_name(snapshot, &row.unit);
        table.row(vec![
            html! { a href=(case_page(row.case)) { (title(reader, seen, row)) } },
            html! { (reader.name(&name)) },
            html! { (row.period) },
            html! { @if let Some(due) = row.due_on { (due) } @else { "—" } },
            components::status_badge(standing.tone(), reader.text(&standing.text())),
            html! { @if let Some(done) = row.done_on { (done) } @else { "—" } },
        ]);
    }
    let next = (to < seen.rows.len()).then(|| to.to_string());
    html! { (table.render()) (components::pages(reader, next.as_deref())) }
}

fn title(reader: &Reader, seen: &Seen, row: &DutyRow) -> String {
    match duty_of(&seen.city, &row.duty) {
        Some(duty) => reader.text(&duty.title).to_owned(),
        None => row.duty.clone(),
    }
}

/// What one unit did: late, to do, done on time, done late.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    late: u32,
    to_do: u32,
    on_time: u32,
    done_late: u32,
}

impl Record {
    fn add(&mut self, standing: Lateness) {
        match standing {
            Lateness::Late => self.late += 1,
            Lateness::ToDo | Lateness::Open => self.to_do += 1,
            Lateness::Done => self.on_time += 1,
            Lateness::DoneLate => self.done_late += 1,
            Lateness::Void => {}
        }
    }

    /// Done on time of those whose day has come, in per cent.
    fn share(self) -> Option<Decimal> {
        let ended = self.late + self.on_time + self.done_late;
        let part = Decimal::from(self.on_time * 100).checked_div(Decimal::from(ended))?;
        Some(round_half_even(part, 1))
    }
}

/// Who is on time.
fn by_unit(reader: &Reader, snapshot: &Snapshot, seen: &Seen) -> Markup {
    let mut records: BTreeMap<&str, Record> = BTreeMap::new();
    for row in &seen.rows {
        records.entry(&row.unit).or_default().add(row.standing(seen.today));
    }
    let columns = vec![
        Column::words(reader.pick("单位", "Unit")),
        Column::numbers(reader.pick("逾期未完成", "Late")),
        Column::numbers(reader.pick("待完成", "To do")),
        Column::numbers(reader.pick("按期完成", "On time")),
        Column::numbers(reader.pick("逾期完成", "Done late")),
        Column::numbers(reader.pick("按期率（%）", "On time, %")),
    ];
    let mut table = Table::new(reader.pick("各单位按期情况", "Who is on time"), columns);
    let mut ordered: Vec<_> = records.into_iter().collect();
    ordered.sort_by_key(|(_, record)| std::cmp::Reverse(record.late));
    for (unit, record) in ordered {
        let name = unit_name(snapshot, unit);
        table.row(vec![
            html! { a href={ "/plan/duties?unit=" (unit) } { (reader.name(&name)) } },
            html! { (record.late) },
            html! { (record.to_do) },
            html! { (record.on_time) },
            html! { (record.done_late) },
            components::number(record.share(), 1, ""),
        ]);
    }
    components::section("units", reader.pick("各单位按期情况", "Who is on time"), table.render())
}

/// Duties for which nobody has set a day.
fn undated(reader: &Reader, seen: &Seen) -> Markup {
    let plan = &seen.city.plan;
    let columns = vec![
        Column::words(reader.pick("任务", "Duty")),
        Column::words(reader.pick("周期", "Rhythm")),
        Column::words(reader.pick("由谁确定期限", "Who sets the day")),
        Column::words(reader.pick("措施", "Measure")),
    ];
    let mut table = Table::new(reader.pick("期限待定的任务", "Duties without a day"), columns);
    for duty in &plan.duties {
        let period = plan.period_on(duty, seen.today);
        let DueDay::Open(who) = plan.due_day(duty, &period) else { continue };
        table.row(vec![
            html! { (reader.text(&duty.title)) },
            html! { (reader.text(&duty.rhythm.text())) },
            html! { (reader.text(&who)) },
            html! { a href={ "/plan/measures/" (duty.measure) } { (duty.measure) } },
        ]);
    }
    if table.is_empty() {
        return html! {};
    }
    let content = html! {
        p class="hint" {
            (reader.pick(
                "方案没有写明期限，平台不代定。确定后写入方案文件的 [[clocks]]，或在事项中“确定期限”。",
                "The plan sets no day and none is invented. Once decided, write it as [[clocks]] \
                 in the plan's files, or set the day on the case."))
        }
        (table.render())
    };
    components::section("undated", reader.pick("期限待定的任务", "Duties without a day"), content)
}

async fn file(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    Officer::of(&signed_in)?;
    let seen = seen(&state, &asked).await?;
    let snapshot = state.snapshot();
    let columns = [
        ("任务", "Duty"),
        ("单位", "Unit"),
        ("周期", "Period"),
        ("期限", "Due"),
        ("状态", "State"),
        ("完成日期", "Done on"),
    ];
    let day = |day: Option<Date>| day.map_or(Cell::Empty, |day| day.to_string().into());
    let row = |row: &DutyRow| {
        let name = unit_name(&snapshot, &row.unit);
        vec![
            title(&reader, &seen, row).into(),
            reader.name(&name).into(),
            row.period.as_str().into(),
            day(row.due_on),
            reader.text(&row.standing(seen.today).text()).into(),
            day(row.done_on),
        ]
    };
    let rows = seen.rows.iter().map(row).collect();
    Sheet {
        name: format!("plan-duties-{}", seen.today),
        columns: columns.iter().map(|(zh, en)| reader.pick(zh, en).to_owned()).collect(),
        rows,
    }
    .xlsx()
}
