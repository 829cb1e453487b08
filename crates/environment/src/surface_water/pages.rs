//! Pages of the surface water: all sections, one section, the panel, the map.

use super::rules::FACTORS;
use super::{SectionNow, sections_now};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use jiff::SignedDuration;
use maud::{Markup, html};
use observations::Row;
use registry::{MonitoringPoint, PointDetail, PointKind, Snapshot};
use rulebook::{Period, Text};
use standards::water::gb3838_surface_water::Class;
use web::components::{self, Column, Table};
use web::{AppState, Cell, MapFeature, Page, Problem, Reader, Sheet, local_hour, local_minute};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/water/sections", get(all))
        .route("/water/sections/{code}", get(one))
        .route("/water/sections/{code}/{file}", get(file))
}

/// The sections as they are now.
pub(super) fn sections(state: &AppState) -> Vec<SectionNow> {
    sections_now(&state.snapshot(), state.latest(), &state.evaluation.newest, state.now())
}

/// The section with this code.
pub(super) fn section(snapshot: &Snapshot, code: &str) -> Result<MonitoringPoint, Problem> {
    snapshot.point_by_code(PointKind::WaterSection, code).cloned().ok_or_else(|| {
        Problem::not_found(
            format!("没有编码为 {code} 的断面"),
            format!("there is no section with the code {code}"),
        )
    })
}

/// The samples of the last thirty days, oldest first.
pub(super) async fn past(state: &AppState, point: &MonitoringPoint) -> Result<Vec<Row>, Problem> {
    let now = state.now();
    let from = now.saturating_sub(SignedDuration::from_hours(24 * 30))?;
    Ok(observations::series(&state.store, point.id, Period::Hour, from..now).await?)
}

fn path(section: &MonitoringPoint) -> String {
    format!("/water/sections/{}", section.code)
}

pub(super) fn home(state: &AppState, reader: &Reader) -> Markup {
    let sections = sections(state);
    components::section(
        "water",
        reader.pick("地表水断面", "Surface water sections"),
        html! {
            (table(reader, &sections))
            p { a href="/water/sections" { (reader.pick("断面与依据", "Sections and the reasons")) } }
        },
    )
}

async fn all(State(state): State<AppState>, reader: Reader) -> Markup {
    let sections = sections(&state);
    let content = components::section(
        "sections",
        reader.pick("现状", "Now"),
        html! {
            (table(&reader, &sections))
            p class="hint" {
                (reader.pick(
                    "类别按 GB 3838-2002 单因子评价,用未修约值;总氮、水温不参与。",
                    "Classes by GB 3838-2002, single factor, on unrounded values; total nitrogen and \
                     temperature never count."))
            }
        },
    );
    Page::new(reader.pick("地表水断面", "Surface water sections"))
        .live()
        .render(&state, &reader, content)
}

fn table(reader: &Reader, sections: &[SectionNow]) -> Markup {
    let mut table = Table::new(
        reader.pick("断面水质类别", "Classes of the sections"),
        vec![
            Column::words(reader.pick("断面", "Section")),
            Column::words(reader.pick("类别", "Class")),
            Column::words(reader.pick("定类项目", "Decided by")),
            Column::words(reader.pick("时间", "Time")),
        ],
    );
    for now in sections {
        table.keyed_row(
            format!("point-{}", now.section.id.0),
            vec![
                html! { a href=(path(&now.section)) { (reader.name(&now.section.name)) } },
                class_badge(reader, now),
                html! { (deciding(now)) },
                html! {
                    @match &now.row {
                        Some(row) => { (local_hour(row.observed_at)) }
                        None => { "—" }
                    }
                },
            ],
        );
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有断面", "No sections"),
            reader.pick("请在城市文件中登记断面。", "Register sections in the city's files."),
        );
    }
    table.render()
}

fn class_badge(reader: &Reader, now: &SectionNow) -> Markup {
    let Some(stored) = now.verdict.as_ref().filter(|_| !now.is_stale) else {
        return components::water_badge(None, reader.pick("无新数据", "no new data"));
    };
    let level = stored.verdict.level;
    let words = level.and_then(class_of).map_or_else(
        || reader.pick("不可评价", "not computable").to_owned(),
        |class| reader.text(&class.name()).to_owned(),
    );
    html! {
        (components::water_badge(level, &words))
        " " a class="hint" href={ "/verdicts/" (stored.id) } { (reader.pick("依据", "why")) }
    }
}

fn class_of(level: u8) -> Option<Class> {
    Class::ALL.get(usize::from(level).checked_sub(1)?).copied()
}

fn deciding(now: &SectionNow) -> String {
    let list = now.verdict.as_ref().and_then(|stored| {
        let list = stored.verdict.reasons["deciding"].as_array()?;
        Some(list.iter().filter_map(|one| one.as_str()).collect::<Vec<_>>().join("、"))
    });
    list.filter(|list| !list.is_empty()).unwrap_or_else(|| "—".to_owned())
}

async fn one(
    State(state): State<AppState>,
    reader: Reader,
    Path(code): Path<String>,
) -> Result<Markup, Problem> {
    let snapshot = state.snapshot();
    let point = section(&snapshot, &code)?;
    let now = sections(&state).into_iter().find(|known| known.section.id == point.id);
    let sheet = sheet(&state, &reader, &point).await?;
    let base = path(&point);
    let content = html! {
        (components::section("now", reader.pick("现在", "Now"), html! {
            @if let Some(now) = &now {
                p { (class_badge(&reader, now)) }
                (values(&snapshot, &reader, now))
            }
        }))
        (components::section("series", reader.pick("三十天变化", "Thirty days"), html! {
            (components::island_series(
                &format!("/api/v1/water/sections/{code}/series"),
                reader.pick("各项目浓度", "Items"),
                reader.pick("图表加载中;下表内容相同。", "The chart is loading; the table below says the same.")))
            (crate::sheet::folded(&reader, &sheet))
            ul class="downloads" {
                li { a class="button" href={ (base) "/hour.csv" } { "CSV" } }
                li { a class="button" href={ (base) "/hour.xlsx" } { "XLSX" } }
            }
        }))
        (components::section("about", reader.pick("断面资料", "About the section"),
            about(&snapshot, &reader, &point)))
    };
    let page = Page::new(reader.name(&point.name))
        .under("/water/sections", reader.pick("地表水", "Water"))
        .live();
    Ok(page.render(&state, &reader, content))
}

fn values(snapshot: &Snapshot, reader: &Reader, now: &SectionNow) -> Markup {
    let Some(row) = &now.row else {
        return components::empty(
            reader.pick("还没有数据", "No data yet"),
            reader.pick("该断面尚未上报。", "This section has not reported yet."),
        );
    };
    html! {
        div class="stats" {
            @for (item, code) in FACTORS {
                @let factor = snapshot.factor_by_code(code);
                @let value = factor.and_then(|factor| row.factor(factor.id));
                (components::stat(
                    reader.text(&item.name()),
                    components::number(
                        value.and_then(|value| value.value),
                        item.published_decimals().unwrap_or(2),
                        item.unit()),
                    None))
            }
        }
        p class="hint" {
            (reader.pick("观测时段始于", "The sample began at")) " " (components::moment(row.observed_at))
            " · " (reader.pick("收到", "received")) " " (components::moment(row.received_at))
            " · " a href={ "/packets/" (row.source.block) "/" (row.source.index) } {
                (reader.pick("原始数据包", "raw packet"))
            }
        }
    }
}

fn about(snapshot: &Snapshot, reader: &Reader, point: &MonitoringPoint) -> Markup {
    let PointDetail::WaterSection(water) = &point.detail else { return html! {} };
    let division = snapshot
        .division(&point.division)
        .map_or(point.division.as_str(), |division| reader.name(&division.name));
    let unknown = reader.pick("未知(城市文件未填)", "not known (the city's files leave it empty)");
    let target = water.target_class.and_then(class_of);
    let mut facts = vec![
        (reader.pick("编码", "Code").to_owned(), html! { code { (point.code) } }),
        (
            reader.pick("水体", "Water").to_owned(),
            html! { @if water.water.is_empty() { (unknown) } @else { (water.water) } },
        ),
        (
            reader.pick("水质目标", "Target class").to_owned(),
            html! {
                @match target {
                    Some(class) => { (reader.text(&class.name())) }
                    None => { (unknown) }
                }
            },
        ),
        (reader.pick("所在地", "Division").to_owned(), html! { (division) }),
        (reader.pick("资料来源", "Source").to_owned(), html! { (point.source) }),
    ];
    if let Some(note) = &point.position_note {
        facts.push((reader.pick("位置说明", "Position").to_owned(), html! { (note) }));
    }
    components::definition_list(&facts)
}

async fn sheet(
    state: &AppState,
    reader: &Reader,
    point: &MonitoringPoint,
) -> Result<Sheet, Problem> {
    let snapshot = state.snapshot();
    let rows = past(state, point).await?;
    let now = state.now();
    let from = now.saturating_sub(SignedDuration::from_hours(24 * 30))?;
    let verdicts =
        evaluation::verdicts(&state.store, point.id, super::RULE_CLASS, from..now).await?;
    let class = |row: &Row| {
        let at = verdicts.binary_search_by_key(&row.observed_at, |v| v.verdict.observed_at).ok()?;
        verdicts[at].verdict.level.and_then(class_of)
    };
    let mut columns =
        vec![reader.pick("时间", "Time").to_owned(), reader.pick("类别", "Class").to_owned()];
    columns.extend(FACTORS.iter().map(|(item, _)| {
        let name = item.name();
        match item.unit() {
            "" => reader.text(&name).to_owned(),
            unit => format!("{} ({})", reader.text(&name), web::unit(unit)),
        }
    }));
    let cells = |row: &Row| {
        let mut cells = vec![
            Cell::from(local_minute(row.observed_at)),
            class(row).map_or(Cell::Empty, |class| Cell::from(reader.text(&class.name()))),
        ];
        cells.extend(FACTORS.iter().map(|(_, code)| {
            let factor = snapshot.factor_by_code(code);
            Cell::from(factor.and_then(|factor| row.factor(factor.id)?.value))
        }));
        cells
    };
    let rows = rows.iter().rev().map(cells).collect();
    Ok(Sheet { name: format!("water-{}", point.code), columns, rows })
}

async fn file(
    State(state): State<AppState>,
    reader: Reader,
    Path((code, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let point = section(&state.snapshot(), &code)?;
    let sheet = sheet(&state, &reader, &point).await?;
    match file.as_str() {
        "hour.csv" => sheet.csv(),
        "hour.xlsx" => sheet.xlsx(),
        _ => Err(Problem::not_found(
            "只有 hour.csv 与 hour.xlsx",
            "there are hour.csv and hour.xlsx only",
        )),
    }
}

pub(super) fn map(state: &AppState) -> Vec<MapFeature> {
    sections(state)
        .into_iter()
        .filter_map(|now| {
            let position = now.section.position?;
            let verdict = now.verdict.as_ref().filter(|_| !now.is_stale);
            let level = verdict.and_then(|stored| stored.verdict.level);
            let says = level
                .and_then(class_of)
                .map_or_else(|| Text::fixed("无新数据", "no new data"), Class::name);
            Some(MapFeature {
                kind: "water-section",
                position,
                is_approximate: now.section.position_note.is_some(),
                name: now.section.name.clone(),
                path: path(&now.section),
                shade: level.map_or_else(|| "water-none".to_owned(), |l| format!("water-{l}")),
                says,
            })
        })
        .collect()
}
