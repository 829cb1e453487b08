//! Pages of the air: all stations, one station.

use super::days::{days, days_back, midnight, months};
use super::panel::{hero, path, stations, table, verdict_badge};
use super::rules::FACTORS;
use super::{Day, StationNow, city_now, daily_item};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use observations::Row;
use registry::{MonitoringPoint, PointDetail, PointKind, Snapshot};
use rulebook::{Decimal, Period};
use serde::Deserialize;
use standards::air::Pollutant;
use standards::air::hj633_air_quality_index::Item;
use web::components::{self, Column, Table};
use web::{AppState, Cell, Page, Problem, Reader, Sheet, local_date, local_minute};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/air", get(all))
        .route("/air/stations/{code}", get(one))
        .route("/air/stations/{code}/{file}", get(file))
}

/// How much of a station's past a page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum View {
    /// Hours of three days.
    #[default]
    Hour,
    /// Days of a month.
    Day,
    /// Months of two years.
    Month,
}

impl View {
    pub(super) const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Month];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    pub(super) fn words(self, reader: &Reader) -> &str {
        match self {
            Self::Hour => reader.pick("小时", "Hours"),
            Self::Day => reader.pick("日", "Days"),
            Self::Month => reader.pick("月", "Months"),
        }
    }

    pub(super) const fn days_back(self) -> i64 {
        match self {
            Self::Hour => 2,
            Self::Day => 30,
            Self::Month => 730,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    pub(super) view: View,
}

async fn all(State(state): State<AppState>, reader: Reader) -> Markup {
    let snapshot = state.snapshot();
    let stations = stations(&state);
    let city = city_now(&snapshot, &stations);
    let content = html! {
        (components::section("city", reader.pick("全市", "The city"), html! {
            (hero(&reader, city.as_ref()))
            div id="city-why" {
                @if let Some(city) = &city { (explained(&reader, &city.air.explain())) }
                p class="hint" {
                    (reader.pick(
                        "全市值为国控评价站点(不含对照点)小时浓度的算术平均,按 GB/T 8170 修约后计算指数;有效站点比例按 HJ 663。",
                        "The city's value is the mean of the national stations' hours without control points, \
                         rounded by GB/T 8170 before the index; the share of valid stations follows HJ 663."))
                }
            }
        }))
        (components::section(
            "stations", reader.pick("站点", "Stations"), table(&reader, &stations, false)))
    };
    Page::new(reader.pick("空气质量", "Air quality")).live().render(&state, &reader, content)
}

/// An explanation of the rules as a sentence and a table.
pub(super) fn explained(reader: &Reader, explanation: &rulebook::Explanation) -> Markup {
    let columns = explanation.columns.iter().map(|text| Column::words(reader.text(text)));
    let mut table = Table::new(reader.pick("计算过程", "How it was computed"), columns.collect());
    for row in &explanation.rows {
        table.row(row.iter().map(|cell| html! { (reader.text(cell)) }).collect());
    }
    html! {
        p { (reader.text(&explanation.sentence)) }
        @if !table.is_empty() { (table.render()) }
        @for note in &explanation.notes { p class="hint" { (reader.text(note)) } }
    }
}

/// The station with this code.
pub(super) fn station(snapshot: &Snapshot, code: &str) -> Result<MonitoringPoint, Problem> {
    snapshot.point_by_code(PointKind::AirStation, code).cloned().ok_or_else(|| {
        Problem::not_found(
            format!("没有编码为 {code} 的空气站"),
            format!("there is no air station with the code {code}"),
        )
    })
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    Path(code): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let point = station(&snapshot, &code)?;
    let now = stations(&state).into_iter().find(|known| known.station.id == point.id);
    let sheet = sheet(&state, &reader, &point, wanted.view).await?;
    let base = path(&point);
    let views: Vec<(String, String, bool)> = View::ALL
        .into_iter()
        .map(|view| {
            let to = format!("{base}?view={}", view.as_str());
            (to, view.words(&reader).to_owned(), view == wanted.view)
        })
        .collect();
    let word = wanted.view.as_str();
    let content = html! {
        (components::section("now", reader.pick("现在", "Now"), html! {
            @match &now {
                Some(now) => { (now_block(&snapshot, &reader, now)) }
                None => {
                    (components::empty(
                        reader.pick("已停运", "Out of operation"),
                        reader.pick("该站点今天不在运行期内。", "This station is not in operation today.")))
                }
            }
        }))
        (components::section("series", reader.pick("变化", "Over time"), html! {
            (components::tabs(reader.pick("时段", "Period"), &views))
            (components::island_series(
                &format!("/api/v1/air/stations/{code}/series?period={word}"),
                reader.pick("AQI 与各污染物浓度", "AQI and concentrations"),
                reader.pick("图表加载中;下表内容相同。", "The chart is loading; the table below says the same.")))
            (crate::sheet::folded(&reader, &sheet))
            ul class="downloads" {
                li { a class="button" href={ (base) "/" (word) ".csv" } { "CSV" } }
                li { a class="button" href={ (base) "/" (word) ".xlsx" } { "XLSX" } }
            }
        }))
        (components::section("about", reader.pick("站点资料", "About the station"),
            about(&snapshot, &reader, &point)))
    };
    let title = reader.name(&point.name).to_owned();
    let page = Page::new(title).under("/air", reader.pick("空气", "Air")).live();
    Ok(page.render(&state, &reader, content))
}

fn now_block(snapshot: &Snapshot, reader: &Reader, now: &StationNow) -> Markup {
    let Some(row) = &now.row else {
        return components::empty(
            reader.pick("还没有数据", "No data yet"),
            reader.pick("该站点尚未上报。", "This station has not reported yet."),
        );
    };
    let individual = now
        .verdict
        .as_ref()
        .and_then(|stored| stored.verdict.reasons["individual"].as_array().cloned())
        .unwrap_or_default();
    let of = |pollutant: Pollutant| {
        individual.iter().find(|one| one["pollutant"].as_str() == Some(pollutant.as_str()))
    };
    html! {
        p { (verdict_badge(reader, now)) }
        div class="stats" {
            @for (pollutant, code) in FACTORS {
                @let value = snapshot.factor_by_code(code).and_then(|factor| row.factor(factor.id));
                @let index = of(pollutant).and_then(|one| one["index"].as_u64());
                (components::stat(
                    reader.text(&pollutant.name()),
                    components::number(value.and_then(|value| value.value), pollutant.decimals(),
                        pollutant.unit()),
                    index.map(|index| format!("IAQI {index}")).as_deref()))
            }
        }
        p class="hint" {
            (reader.pick("观测时段始于", "The hour began at")) " " (components::moment(row.observed_at))
            " · " (reader.pick("收到", "received")) " " (components::moment(row.received_at))
            @if let Some(stored) = &now.verdict { " · " (stored.verdict.edition) }
            " · " a href={ "/packets/" (row.source.block) "/" (row.source.index) } {
                (reader.pick("原始数据包", "raw packet"))
            }
        }
    }
}

fn about(snapshot: &Snapshot, reader: &Reader, point: &MonitoringPoint) -> Markup {
    let PointDetail::AirStation(air) = &point.detail else { return html! {} };
    let network = match air.network.as_str() {
        "national" => reader.pick("国控", "national"),
        "provincial" => reader.pick("省控", "provincial"),
        _ => reader.pick("其他", "other"),
    };
    let division = snapshot
        .division(&point.division)
        .map_or(point.division.as_str(), |division| reader.name(&division.name));
    let mut facts = vec![
        (reader.pick("编码", "Code").to_owned(), html! { code { (point.code) } }),
        (reader.pick("级别", "Network").to_owned(), html! { (network) }),
        (reader.pick("所在地", "Division").to_owned(), html! { (division) }),
        (reader.pick("资料来源", "Source").to_owned(), html! { (point.source) }),
    ];
    if air.is_control_point {
        let words = reader
            .pick("对照点,不参与全市评价", "a control point; it takes no part in the city's mean");
        facts.push((reader.pick("说明", "Note").to_owned(), html! { (words) }));
    }
    if let Some(note) = &point.position_note {
        facts.push((reader.pick("位置说明", "Position").to_owned(), html! { (note) }));
    }
    components::definition_list(&facts)
}

/// The values of a station for a view, as page and files show them.
pub(super) async fn sheet(
    state: &AppState,
    reader: &Reader,
    point: &MonitoringPoint,
    view: View,
) -> Result<Sheet, Problem> {
    let snapshot = state.snapshot();
    let now = state.now();
    let from = days_back(now, view.days_back());
    let rows = observations::series(&state.store, point.id, Period::Hour, from..now).await?;
    let mut columns = vec![reader.pick("时间", "Time").to_owned(), "AQI".to_owned()];
    columns.extend(Pollutant::ALL.map(|pollutant| {
        format!("{} ({})", reader.text(&pollutant.name()), web::unit(pollutant.unit()))
    }));
    let mut sheet = Sheet {
        name: format!("air-{}-{}", point.code, view.as_str()),
        columns,
        rows: match view {
            View::Hour => hours(state, &snapshot, point, &rows).await?,
            View::Day => days(&snapshot, &rows).iter().map(day_cells).collect(),
            View::Month => Vec::new(),
        },
    };
    if view == View::Month {
        reader
            .pick("优良天数/有效天数", "good days / valid days")
            .clone_into(&mut sheet.columns[1]);
        sheet.rows = months(&days(&snapshot, &rows))
            .iter()
            .map(|month| {
                let mut cells = vec![
                    Cell::from(month.first.strftime("%Y-%m").to_string()),
                    Cell::from(format!("{}/{}", month.good_days, month.days)),
                ];
                cells.extend(month.means.map(Cell::from));
                cells
            })
            .collect();
    }
    sheet.rows.reverse();
    Ok(sheet)
}

async fn hours(
    state: &AppState,
    snapshot: &Snapshot,
    point: &MonitoringPoint,
    rows: &[Row],
) -> Result<Vec<Vec<Cell>>, Problem> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
    let until = last.observed_at.saturating_add(jiff::SignedDuration::from_secs(1))?;
    let span = first.observed_at..until;
    let verdicts = evaluation::verdicts(&state.store, point.id, super::RULE_HOUR, span).await?;
    let index = |row: &Row| {
        let at = verdicts.binary_search_by_key(&row.observed_at, |v| v.verdict.observed_at).ok()?;
        verdicts[at].verdict.value
    };
    Ok(rows
        .iter()
        .map(|row| {
            let air = super::concentrations_of(snapshot, row);
            let mut cells = vec![Cell::from(local_minute(row.observed_at)), Cell::from(index(row))];
            cells.extend(Pollutant::ALL.map(|pollutant| {
                Cell::from(Item::of(pollutant, 1).and_then(|item| air.get(item)))
            }));
            cells
        })
        .collect())
}

fn day_cells(day: &Day) -> Vec<Cell> {
    let index = day.index.as_ref().ok().and_then(|air| air.index.clone().ok());
    let mut cells =
        vec![Cell::from(local_date(midnight(day.date))), Cell::from(index.map(Decimal::from))];
    cells.extend(
        Pollutant::ALL
            .map(|pollutant| Cell::from(daily_item(pollutant).and_then(|item| day.air.get(item)))),
    );
    cells
}

async fn file(
    State(state): State<AppState>,
    reader: Reader,
    Path((code, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let point = station(&state.snapshot(), &code)?;
    let parts = file.split_once('.');
    let view = parts.and_then(|(word, _)| View::ALL.into_iter().find(|v| v.as_str() == word));
    let (Some(view), Some((_, ending))) = (view, parts) else {
        return Err(Problem::not_found(
            "文件名应为 hour、day 或 month 加 .csv 或 .xlsx",
            "the file is hour, day or month with .csv or .xlsx",
        ));
    };
    let sheet = sheet(&state, &reader, &point, view).await?;
    match ending {
        "csv" => sheet.csv(),
        "xlsx" => sheet.xlsx(),
        _ => Ok(Problem::not_found("只有 .csv 与 .xlsx", "there are .csv and .xlsx only")
            .into_response()),
    }
}
