//! The air on the first page and on the map.

use super::{Place, StationNow, city_now, divisions_now, stations_now};
use maud::{Markup, html};
use registry::{MonitoringPoint, PointDetail};
use rulebook::Text;
use standards::air::hj633_air_quality_index::{AirQuality, health_advice};
use web::components::{self, Column, Table};
use web::{AppState, MapFeature, Reader, local_hour};

/// The stations as they are now.
pub(super) fn stations(state: &AppState) -> Vec<StationNow> {
    stations_now(&state.snapshot(), state.latest(), &state.evaluation.newest, state.now())
}

/// The address of a station's page.
pub(super) fn path(station: &MonitoringPoint) -> String {
    format!("/air/stations/{}", station.code)
}

/// The panel: the city large, the ranking, the stations.
pub(super) fn home(state: &AppState, reader: &Reader) -> Markup {
    let snapshot = state.snapshot();
    let stations = stations(state);
    let city = city_now(&snapshot, &stations);
    let ranked = divisions_now(&snapshot, &stations);
    html! {
        (components::section("air", reader.pick("空气质量", "Air quality"), html! {
            (hero(reader, city.as_ref()))
            p { a href="/air" { (reader.pick("全部站点与依据", "All stations and the reasons")) } }
        }))
        div class="columns" {
            (components::section(
                "ranking",
                reader.pick("区县空气排名", "Ranking of divisions"),
                ranking(&snapshot, reader, &ranked)))
            (components::section(
                "stations",
                reader.pick("国控站点", "National stations"),
                table(reader, &stations, true)))
        }
    }
}

/// The city's index, large, with its class, primary pollutant and advice.
pub(super) fn hero(reader: &Reader, city: Option<&Place>) -> Markup {
    let Some(city) = city else {
        return components::empty(
            reader.pick("全市指数暂无", "No index for the city now"),
            reader.pick(
                "最近 4 小时没有足够的国控站点数据。",
                "Too few national stations have reported in the last four hours.",
            ),
        );
    };
    let category = city.air.category();
    let advice = category.map(|category| health_advice(category.level));
    html! {
        div class="hero" data-key="city-air" {
            div { (badge(reader, &city.air)) }
            div {
                p {
                    (reader.pick("首要污染物:", "Primary pollutant: "))
                    strong { (primary(reader, &city.air)) }
                }
                @if let Some(advice) = advice {
                    p { (reader.text(&advice.effect)) " " (reader.text(&advice.advice)) }
                }
                p class="hint" {
                    (local_hour(city.observed_at)) " "
                    (reader.pick("起 1 小时", "and the hour after it")) " · "
                    (reader.pick("参与站点", "stations")) " " (city.stations) " · "
                    (city.air.method.edition().number()) " · "
                    a href="/air#city-why" { (reader.pick("依据", "why")) }
                }
            }
        }
    }
}

/// The badge of an index.
pub(super) fn badge(reader: &Reader, air: &AirQuality) -> Markup {
    let category = air.category();
    let index = air.index.as_ref().ok().map(ToString::to_string);
    let class = category.map_or_else(
        || reader.pick("无数据", "no data").to_owned(),
        |category| reader.text(&category.name).to_owned(),
    );
    components::aqi_badge(category.map(|category| category.level), index.as_deref(), &class)
}

/// The primary pollutants, or a dash.
pub(super) fn primary(reader: &Reader, air: &AirQuality) -> String {
    if air.primary.is_empty() {
        return reader.pick("无", "none").to_owned();
    }
    air.primary.symbols("、")
}

fn ranking(snapshot: &registry::Snapshot, reader: &Reader, ranked: &[(usize, Place)]) -> Markup {
    let mut table = Table::new(
        reader.pick(
            "按本小时 AQI 由好到差;并列同名次",
            "By this hour's AQI, best first; ties share a rank",
        ),
        vec![
            Column::words(reader.pick("区县", "Division")),
            Column::numbers(reader.pick("名次", "Rank")),
            Column::words("AQI"),
            Column::words(reader.pick("首要污染物", "Primary")),
        ],
    );
    for (rank, place) in ranked {
        let name = snapshot
            .division(&place.division)
            .map_or(place.division.as_str(), |division| reader.name(&division.name));
        table.row(vec![
            html! { (name) },
            html! { (rank) },
            badge(reader, &place.air),
            html! { (primary(reader, &place.air)) },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("暂无排名", "No ranking now"),
            reader.pick(
                "没有站点在最近 4 小时上报。",
                "No station has reported in the last four hours.",
            ),
        );
    }
    table.render()
}

/// The stations as a table; on the first page the national ones only.
pub(super) fn table(reader: &Reader, stations: &[StationNow], national_only: bool) -> Markup {
    let mut table = Table::new(
        reader.pick("站点现状", "Stations now"),
        vec![
            Column::words(reader.pick("站点", "Station")),
            Column::words("AQI"),
            Column::words(reader.pick("首要污染物", "Primary")),
            Column::words(reader.pick("时间", "Time")),
        ],
    );
    for station in stations {
        let PointDetail::AirStation(air) = &station.station.detail else { continue };
        if national_only && air.network != "national" {
            continue;
        }
        table.keyed_row(
            format!("point-{}", station.station.id.0),
            vec![
                html! {
                    a href=(path(&station.station)) { (reader.name(&station.station.name)) }
                    @if air.is_control_point {
                        " " span class="hint" { (reader.pick("对照点", "control point")) }
                    }
                },
                verdict_badge(reader, station),
                html! { (primary_of(station)) },
                html! {
                    @match &station.row {
                        Some(row) => { (local_hour(row.observed_at)) }
                        None => { "—" }
                    }
                },
            ],
        );
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有站点", "No stations"),
            reader.pick("请在城市文件中登记空气站。", "Register air stations in the city's files."),
        );
    }
    table.render()
}

/// The badge of a station: by its verdict, or why there is none.
pub(super) fn verdict_badge(reader: &Reader, station: &StationNow) -> Markup {
    let Some(stored) = station.verdict.as_ref().filter(|_| !station.is_stale) else {
        return components::aqi_badge(None, None, reader.pick("无新数据", "no new data"));
    };
    let words = class_words(reader, stored.verdict.level);
    let index = stored.verdict.value.map(|value| value.to_string());
    html! {
        (components::aqi_badge(stored.verdict.level, index.as_deref(), words))
        " " a class="hint" href={ "/verdicts/" (stored.id) } { (reader.pick("依据", "why")) }
    }
}

fn class_words(reader: &Reader, level: Option<u8>) -> &str {
    let words = [
        ("优", "excellent"),
        ("良", "good"),
        ("轻度污染", "light pollution"),
        ("中度污染", "moderate pollution"),
        ("重度污染", "heavy pollution"),
        ("严重污染", "severe pollution"),
    ];
    let found = level.and_then(|level| words.get(usize::from(level).checked_sub(1)?));
    found.map_or_else(|| reader.pick("不可计算", "not computable"), |(zh, en)| reader.pick(zh, en))
}

/// The primary pollutants of a station's verdict.
pub(super) fn primary_of(station: &StationNow) -> String {
    let list = station.verdict.as_ref().and_then(|stored| {
        let list = stored.verdict.reasons["primary"].as_array()?;
        Some(list.iter().filter_map(|one| one.as_str()).collect::<Vec<_>>().join("、"))
    });
    list.filter(|list| !list.is_empty()).unwrap_or_else(|| "—".to_owned())
}

/// The stations on the map.
pub(super) fn map(state: &AppState) -> Vec<MapFeature> {
    stations(state)
        .into_iter()
        .filter_map(|station| {
            let position = station.station.position?;
            let verdict = station.verdict.as_ref().filter(|_| !station.is_stale);
            let level = verdict.and_then(|stored| stored.verdict.level);
            let index = verdict.and_then(|stored| stored.verdict.value);
            let says = index.map_or_else(
                || Text::fixed("无新数据", "no new data"),
                |index| Text::plain(format!("AQI {index}")),
            );
            Some(MapFeature {
                kind: "air-station",
                position,
                is_approximate: station.station.position_note.is_some(),
                name: station.station.name.clone(),
                path: path(&station.station),
                shade: level.map_or_else(|| "aqi-none".to_owned(), |level| format!("aqi-{level}")),
                says,
            })
        })
        .collect()
}
