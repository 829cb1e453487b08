//! The page of an indicator: definition, years, history, and what entered, down to raw data; and
//! the page of a day of the city's air.

use super::inputs::air::{self, FACTORS};
use super::model::{Kept, Reported};
use super::store;
use crate::access::Officer;
use crate::city_plan::{CityPlan, city_plan};
use crate::cockpit::words_of::{lack, trend, trend_mark};
use crate::names::unit_word;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;
use maud::{Markup, html};
use observations::Row;
use plan::Direction;
use plan::indicator::{Definition, Item};
use registry::MonitoringPoint;
use rulebook::beijing_offset;
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, SignedIn, local_hour, local_minute};

/// Values that entered, on one page.
const A_PAGE: usize = 100;
/// Earlier values that are shown.
const HISTORY: usize = 30;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/plan/indicators", get(all))
        .route("/plan/indicators/{id}", get(one))
        .route("/plan/indicators/{id}/inputs.xlsx", get(file))
        .route("/plan/air/{day}", get(day))
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    year: Option<i16>,
    after: Option<usize>,
}

/// The definition of an id in the city's plan.
pub(super) async fn defined(
    state: &AppState,
    id: &str,
) -> Result<(std::sync::Arc<CityPlan>, Definition), Problem> {
    let unknown =
        || Problem::not_found(format!("没有指标 {id:?}"), format!("there is no indicator {id:?}"));
    let city = city_plan(&state.store).await?.ok_or_else(unknown)?;
    let definition = city.definition(id).cloned().ok_or_else(unknown)?;
    Ok((city, definition))
}

/// Every definition with its newest value.
async fn all(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Markup, Problem> {
    Officer::of(&signed_in)?;
    let city = city_plan(&state.store).await?;
    let current = store::current(&state.store).await?;
    let columns = vec![
        Column::words(reader.pick("指标", "Indicator")),
        Column::words(reader.pick("最新值", "Newest value")),
        Column::words(reader.pick("怎样计算", "How it is computed")),
        Column::words(reader.pick("依据", "Edition")),
    ];
    let mut table = Table::new(reader.pick("指标", "Indicators"), columns);
    for (city, definition) in
        city.iter().flat_map(|city| city.definitions.iter().map(move |it| (city, it)))
    {
        let of_it = || current.iter().rev().filter(|it| it.indicator == definition.id);
        let newest = of_it().find(|it| it.value.is_some()).or_else(|| of_it().next());
        table.row(vec![
            html! {
                a href={ "/plan/indicators/" (definition.id) } { (reader.text(&definition.name)) }
            },
            html! { @if let Some(kept) = newest { (value_of(&reader, definition, kept)) } },
            html! { (reader.text(&city.formula(definition))) },
            html! { (definition.edition) },
        ]);
    }
    let content = if table.is_empty() {
        components::empty(
            reader.pick("没有指标", "No indicators"),
            reader.pick("载入本市方案后显示。", "They are shown once the city has a plan."),
        )
    } else {
        table.render()
    };
    Ok(Page::new(reader.pick("指标", "Indicators"))
        .under("/plan", reader.pick("方案进展", "The plan"))
        .render(&state, &reader, content))
}

fn value_of(reader: &Reader, definition: &Definition, kept: &Kept) -> Markup {
    match kept.value {
        Some(value) => html! {
            (components::number(Some(value), definition.decimals,
                unit_word(reader, &definition.unit)))
            " " span class="plan-year" {
                (kept.year)
                @if kept.is_provisional { (reader.pick("（暂时）", " (provisional)")) }
            }
        },
        None => lack(reader, kept.delivers.as_ref(), &kept.why),
    }
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Markup, Problem> {
    let officer = Officer::of(&signed_in)?;
    let (city, definition) = defined(&state, &id).await?;
    let history = store::history(&state.store, &id).await?;
    let reported = store::reported(&state.store).await?;
    let holding: Vec<&Kept> = history.iter().filter(|it| it.superseded_at.is_none()).collect();
    let chosen = chosen(&holding, asked.year);
    let inputs = match chosen {
        Some(kept) => store::inputs(&state.store, kept.id).await?,
        None => Vec::new(),
    };
    let today = beijing_offset().to_datetime(state.now()).date();
    let content = html! {
        (head(&reader, &city, &definition, &holding, today))
        (years(&reader, &definition, &holding))
        @if let Some(kept) = chosen {
            (entered(&reader, &definition, kept, &inputs, asked.after.unwrap_or(0)))
        }
        (given(&reader, &definition, &reported, officer.may_keep()))
        (earlier(&reader, &definition, &history))
    };
    Ok(Page::new(reader.text(&definition.name))
        .under("/plan", reader.pick("方案进展", "The plan"))
        .under("/plan/indicators", reader.pick("指标", "Indicators"))
        .render(&state, &reader, content))
}

/// The value of the year asked for, else the newest year that has one.
fn chosen<'kept>(holding: &[&'kept Kept], year: Option<i16>) -> Option<&'kept Kept> {
    match year {
        Some(year) => holding.iter().find(|it| it.year == year).copied(),
        None => holding.iter().find(|it| it.value.is_some()).or(holding.first()).copied(),
    }
}

fn head(
    reader: &Reader,
    city: &CityPlan,
    one: &Definition,
    holding: &[&Kept],
    today: Date,
) -> Markup {
    let word = |zh, en| reader.pick(zh, en).to_owned();
    let newest = holding.iter().find(|it| it.value.is_some());
    let before = newest
        .and_then(|it| holding.iter().find(|other| other.year == it.year - 1))
        .and_then(|it| it.value);
    let trend = trend(one, newest.copied(), before, today);
    let measures: Vec<_> =
        city.plan.measures.iter().filter(|it| it.indicators.contains(&one.id)).collect();
    let mut facts = vec![
        (
            word("最新值", "Newest value"),
            html! {
                @match newest {
                    Some(kept) => {
                        (value_of(reader, one, kept)) " " (trend_mark(reader, trend))
                    }
                    None => {
                        @if let Some(kept) = holding.first() { (value_of(reader, one, kept)) }
                        @else { (reader.pick("尚未计算", "not computed yet")) }
                    }
                }
            },
        ),
        (word("怎样计算", "How it is computed"), html! { (reader.text(&city.formula(one))) }),
        (word("依据", "Edition"), html! { (one.edition) }),
        (word("责任", "Answers for it"), html! { (reader.text(&one.owner)) }),
    ];
    if one.direction != Direction::Neither {
        facts.push((word("方向", "Direction"), html! { (reader.text(&one.direction.text())) }));
    }
    if let Some(who) = &one.delivers {
        facts.push((word("由谁提供数据", "Who delivers data"), html! { (reader.text(who)) }));
    }
    if let Some(fewest) = one.fewest {
        let what = format!("{} {fewest}", reader.pick("全年至少", "at least"));
        facts.push((word("有效数据", "Values needed"), html! { (what) }));
    }
    if let Some(note) = &one.note {
        facts.push((word("说明", "Note"), html! { (reader.text(note)) }));
    }
    facts.push((
        word("用于措施", "Shown by measures"),
        html! {
            @for (place, measure) in measures.iter().enumerate() {
                @if place > 0 { (reader.pick("、", ", ")) }
                a href={ "/plan/measures/" (measure.number) } {
                    (measure.number) " " (reader.text(&measure.title))
                }
            }
        },
    ));
    components::definition_list(&facts)
}

fn years(reader: &Reader, one: &Definition, holding: &[&Kept]) -> Markup {
    let columns = vec![
        Column::numbers(reader.pick("年份", "Year")),
        Column::words(reader.pick("值", "Value")),
        Column::numbers(reader.pick("参与计算", "Values entered")),
        Column::words(reader.pick("计算时间", "Computed at")),
    ];
    let mut table = Table::new(reader.pick("各年", "By year"), columns);
    let has_value = |kept: &&&Kept| kept.value.is_some();
    let newest = holding.first().filter(|kept| kept.value.is_none());
    for kept in newest.into_iter().chain(holding.iter().filter(has_value)) {
        table.row(vec![
            html! {
                a href={ "/plan/indicators/" (one.id) "?year=" (kept.year) "#inputs" } {
                    (kept.year)
                }
            },
            value_of(reader, one, kept),
            html! { (kept.counted) },
            components::moment(kept.computed_at),
        ]);
    }
    let content = if table.is_empty() {
        components::empty(
            reader.pick("尚未计算", "Not computed yet"),
            reader.pick(
                "每晚自动计算，也可在方案进展页重新计算。",
                "It is computed each night, or on the page of the plan.",
            ),
        )
    } else {
        let others = holding.iter().skip(1).filter(|kept| kept.value.is_none());
        let others: Vec<String> = others.map(|kept| kept.year.to_string()).collect();
        html! {
            (table.render())
            @if !others.is_empty() {
                p class="hint" {
                    (reader.pick("没有数据的年份：", "Years without data: "))
                    (others.join(reader.pick("、", ", ")))
                }
            }
        }
    };
    components::section("years", reader.pick("各年", "By year"), content)
}

/// What entered the value of a year, each with the way to its origin.
fn entered(
    reader: &Reader,
    one: &Definition,
    kept: &Kept,
    inputs: &[Item],
    after: usize,
) -> Markup {
    let from = after.min(inputs.len());
    let to = inputs.len().min(from + A_PAGE);
    let columns = vec![
        Column::words(reader.pick("日期", "Day")),
        Column::words(reader.pick("对象", "Whose")),
        Column::numbers(reader.pick("值", "Value")),
        Column::words(reader.pick("来源", "Origin")),
    ];
    let mut table = Table::new(reader.pick("参与计算的值", "Values that entered"), columns);
    for item in inputs.iter().skip(from).take(A_PAGE) {
        table.row(vec![
            html! { (item.on) },
            html! { (item.key) },
            html! { (item.value) },
            html! {
                @if !item.link.is_empty() {
                    a href=(item.link) { (reader.pick("查看", "Open")) }
                }
            },
        ]);
    }
    let next = (to < inputs.len()).then(|| to.to_string());
    let content = html! {
        @if inputs.is_empty() {
            p class="hint" {
                @match kept.value {
                    Some(_) => { (reader.pick("由其他指标的值算得。",
                        "Computed from values of another indicator.")) }
                    None => { (lack(reader, kept.delivers.as_ref(), &kept.why)) }
                }
            }
        } @else {
            (table.render())
            (components::pages(reader, next.as_deref()))
            p class="downloads" {
                a href={ "/plan/indicators/" (one.id) "/inputs.xlsx?year=" (kept.year) } {
                    (reader.pick("导出 XLSX", "Export as XLSX"))
                }
            }
        }
    };
    let title = format!("{} {}", kept.year, reader.pick("年参与计算的值", "values that entered"));
    components::section("inputs", &title, content)
}

/// What units reported, and the form to report.
fn given(reader: &Reader, one: &Definition, reported: &[Reported], may_keep: bool) -> Markup {
    let own: Vec<_> = reported.iter().rev().filter(|it| it.indicator == one.id).collect();
    if own.is_empty() && !may_keep {
        return html! {};
    }
    let columns = vec![
        Column::numbers(reader.pick("年份", "Year")),
        Column::numbers(reader.pick("值", "Value")),
        Column::words(reader.pick("来源文件", "Document")),
        Column::words(reader.pick("报送", "Reported")),
    ];
    let mut table = Table::new(reader.pick("报送记录", "Reports"), columns);
    for it in own {
        table.row(vec![
            html! { (it.year) },
            components::number(Some(it.value), one.decimals, unit_word(reader, &one.unit)),
            html! { (it.source) },
            html! { (it.who) " · " (local_minute(it.reported_at)) },
        ]);
    }
    let content = html! {
        @if !table.is_empty() { (table.render()) }
        @if may_keep {
            form class="filters" method="post"
                action={ "/plan/indicators/" (one.id) "/report" } {
                label {
                    (reader.pick("年份", "Year"))
                    input name="year" inputmode="numeric" required maxlength="4" size="6";
                }
                label {
                    (reader.pick("值", "Value"))
                    @let unit = unit_word(reader, &one.unit);
                    @if !unit.is_empty() { " (" (web::unit(unit)) ")" }
                    input name="value" inputmode="decimal" required maxlength="20" size="10";
                }
                label {
                    (reader.pick("来源文件（名称、日期、页码）", "Document, date, page"))
                    input name="source" required maxlength="200" size="30";
                }
                button type="submit" { (reader.pick("报送", "Report")) }
            }
            p class="hint" {
                (reader.pick("平台自己算得的值优先；没有时采用报送值，并注明为报送。",
                    "A value that the platform computes comes first; where it has none, the \
                     reported one is used and says so."))
            }
        }
    };
    components::section("reported", reader.pick("报送", "Reported"), content)
}

fn earlier(reader: &Reader, one: &Definition, history: &[Kept]) -> Markup {
    let columns = vec![
        Column::numbers(reader.pick("年份", "Year")),
        Column::words(reader.pick("值", "Value")),
        Column::words(reader.pick("计算时间", "Computed at")),
        Column::words(reader.pick("被取代", "Superseded at")),
    ];
    let mut table = Table::new(reader.pick("以前的值", "Earlier values"), columns);
    for kept in history.iter().filter(|it| it.superseded_at.is_some()).take(HISTORY) {
        table.row(vec![
            html! { (kept.year) },
            value_of(reader, one, kept),
            components::moment(kept.computed_at),
            html! { @if let Some(at) = kept.superseded_at { (components::moment(at)) } },
        ]);
    }
    if table.is_empty() {
        return html! {};
    }
    components::section("history", reader.pick("以前的值", "Earlier values"), table.render())
}

async fn file(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    Officer::of(&signed_in)?;
    defined(&state, &id).await?;
    let history = store::history(&state.store, &id).await?;
    let holding: Vec<&Kept> = history.iter().filter(|it| it.superseded_at.is_none()).collect();
    let inputs = match chosen(&holding, asked.year) {
        Some(kept) => store::inputs(&state.store, kept.id).await?,
        None => Vec::new(),
    };
    let columns = [("日期", "Day"), ("对象", "Whose"), ("值", "Value"), ("来源", "Origin")];
    let row = |item: &Item| {
        vec![
            item.on.to_string().into(),
            item.key.as_str().into(),
            Cell::Number(item.value),
            item.link.as_str().into(),
        ]
    };
    Sheet {
        name: format!("{id}-inputs"),
        columns: columns.iter().map(|(zh, en)| reader.pick(zh, en).to_owned()).collect(),
        rows: inputs.iter().map(row).collect(),
    }
    .xlsx()
}

/// A day of the city's air: the stations' days, and their hours with the packets.
async fn day(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(day): Path<String>,
) -> Result<Markup, Problem> {
    Officer::of(&signed_in)?;
    let on: Date = day
        .parse()
        .map_err(|_| Problem::bad_request("日期写作 2026-11-23", "write the day as 2026-11-23"))?;
    let snapshot = state.snapshot();
    let hours = air::hours_of(&state.store, &snapshot, on).await?;
    let content = html! {
        p class="words" {
            (reader.pick(
                "城市值为国控站点（不含对照点）日均值的平均，臭氧用日最大8小时均值；有效站点不足时无城市值。",
                "The city's value is the mean of its national stations without control points; \
                 ozone by the daily maximum 8 h mean; too few valid stations give none."))
        }
        (stations(&reader, &snapshot, on, &hours))
        @for (station, rows) in &hours { (hours_of(&reader, &snapshot, station, rows)) }
    };
    Ok(Page::new(format!("{} {on}", reader.pick("城市空气日值", "The city's air on")))
        .under("/plan", reader.pick("方案进展", "The plan"))
        .render(&state, &reader, content))
}

fn stations(
    reader: &Reader,
    snapshot: &registry::Snapshot,
    on: Date,
    hours: &[(&MonitoringPoint, Vec<Row>)],
) -> Markup {
    let mut columns = vec![Column::words(reader.pick("站点", "Station"))];
    columns.extend(FACTORS.iter().map(|(of, _)| Column::numbers(of.as_str())));
    columns.push(Column::numbers("AQI"));
    let mut table = Table::new(reader.pick("日值", "The day"), columns);
    let mut days = Vec::new();
    for (station, rows) in hours {
        let values = air::station_day(snapshot, on, &rows.iter().collect::<Vec<_>>());
        days.push(values);
        let mut cells = vec![html! {
            a href={ "#" (station.code) } { (reader.name(&station.name)) }
        }];
        cells.extend(number_cells(&values));
        cells.push(html! {});
        table.row(cells);
    }
    let city = air::city_day(on, &days);
    let mut cells = vec![html! { strong { (reader.name(&snapshot.city.name)) } }];
    cells.extend(number_cells(&city.means));
    cells.push(html! {
        @match city.index { Some(index) => { strong { (index) } } None => { "—" } }
    });
    table.row(cells);
    table.render()
}

fn number_cells(values: &[Option<rulebook::Decimal>; 6]) -> Vec<Markup> {
    let cell = |((of, _), value): (&(standards::air::Pollutant, &str), &Option<_>)| {
        components::number(*value, of.decimals(), "")
    };
    FACTORS.iter().zip(values).map(cell).collect()
}

fn hours_of(
    reader: &Reader,
    snapshot: &registry::Snapshot,
    station: &MonitoringPoint,
    rows: &[Row],
) -> Markup {
    let mut columns = vec![Column::words(reader.pick("小时", "Hour"))];
    columns.extend(FACTORS.iter().map(|(of, _)| Column::numbers(of.as_str())));
    columns.push(Column::words(reader.pick("原始报文", "Packet")));
    let mut table = Table::new(reader.name(&station.name), columns);
    for row in rows {
        let values = FACTORS.map(|(_, code)| {
            let factor = snapshot.factor_by_code(code)?;
            row.factor(factor.id)?.value
        });
        let mut cells = vec![html! { (local_hour(row.observed_at)) }];
        cells.extend(number_cells(&values));
        cells.push(html! {
            a href={ "/packets/" (row.source.block) "/" (row.source.index) } {
                (reader.pick("报文", "packet"))
            }
        });
        table.row(cells);
    }
    let content = html! {
        @if table.is_empty() {
            p class="hint" { (reader.pick("当日没有小时值。", "No hour on this day.")) }
        } @else { (table.render()) }
        p { a href={ "/air/stations/" (station.code) } { (reader.pick("站点页面", "The station")) } }
    };
    components::section(&station.code, reader.name(&station.name), content)
}

/// The year of Beijing now.
pub(super) fn this_year(state: &AppState) -> i16 {
    beijing_offset().to_datetime(state.now()).year()
}
