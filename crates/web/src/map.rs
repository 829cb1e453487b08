//! The city on a map: boundaries from its files, points from the slices.

use crate::{AppState, Page, Problem, Reader, components};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use registry::Position;
use serde_json::{Value, json};

/// A point of the map.
#[derive(Clone, Debug)]
pub struct MapFeature {
    /// `air-station`, `water-section`, `outlet`.
    pub kind: &'static str,
    /// Where.
    pub position: Position,
    /// True when the place is not trustworthy.
    pub is_approximate: bool,
    /// Its name.
    pub name: registry::Name,
    /// Its page.
    pub path: String,
    /// The shade: `aqi-2`, `water-3`, `status-bad`.
    pub shade: String,
    /// What it shows now, in both languages.
    pub says: rulebook::Text,
}

async fn features(state: &AppState) -> Vec<MapFeature> {
    let mut all = Vec::new();
    for layer in state.slices.iter().filter_map(|slice| slice.map) {
        all.extend(layer(state.clone()).await);
    }
    all
}

/// The points as GeoJSON.
pub(crate) async fn points(State(state): State<AppState>) -> Response {
    let features: Vec<Value> = features(&state)
        .await
        .into_iter()
        .map(|feature| {
            json!({
                "type": "Feature",
                "geometry": {
                    "type": "Point",
                    "coordinates": [feature.position.longitude, feature.position.latitude],
                },
                "properties": {
                    "kind": feature.kind,
                    "name_zh": feature.name.zh,
                    "name_en": feature.name.en,
                    "path": feature.path,
                    "shade": feature.shade,
                    "approximate": feature.is_approximate,
                    "says_zh": feature.says.zh,
                    "says_en": feature.says.en,
                },
            })
        })
        .collect();
    geojson(json!({ "type": "FeatureCollection", "features": features }).to_string())
}

/// The boundaries as the city's files have them.
pub(crate) async fn boundaries(State(state): State<AppState>) -> Result<Response, Problem> {
    let file = registry::geometry::BOUNDARIES_FILE;
    let found = registry::store::city_file(&state.store, file).await?;
    let bytes = found.ok_or_else(|| {
        Problem::not_found(
            format!("该城市没有边界文件 {file}"),
            format!("the city has no boundaries: its files lack {file}"),
        )
    })?;
    Ok(geojson(String::from_utf8_lossy(&bytes).into_owned()))
}

fn geojson(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/geo+json")], body).into_response()
}

/// The map with the list that says the same.
pub(crate) async fn page(State(state): State<AppState>, reader: Reader) -> Markup {
    let mut features = features(&state).await;
    features.sort_by(|a, b| (a.kind, &a.path).cmp(&(b.kind, &b.path)));
    let content = html! {
        (figure(&reader))
        (list(&reader, &features))
    };
    Page::new(reader.pick("地图", "Map")).live().render(&state, &reader, content)
}

/// The map itself, for this page and the first one.
pub(crate) fn figure(reader: &Reader) -> Markup {
    components::island_map(
        "/api/v1/map",
        reader.pick("监测点位地图", "Map of monitoring points"),
        reader.pick("地图加载中;下方列表内容相同。", "The map is loading; the list below says the same."),
        reader.pick(
            "边界取自开源软件包,仅供测试;公开发布须使用有审图号的地图。",
            "Boundaries come from an open package, for testing only; publication needs a map with a \
             review number (审图号).",
        ),
    )
}

fn list(reader: &Reader, features: &[MapFeature]) -> Markup {
    let mut table = components::Table::new(
        reader.pick("地图上的点位", "Points on the map"),
        vec![
            components::Column::words(reader.pick("点位", "Point")),
            components::Column::words(reader.pick("类型", "Kind")),
            components::Column::words(reader.pick("现状", "Now")),
            components::Column::words(reader.pick("位置", "Position")),
        ],
    );
    for feature in features {
        let kind = match feature.kind {
            "air-station" => reader.pick("空气站", "Air station"),
            "water-section" => reader.pick("水质断面", "Water section"),
            _ => reader.pick("排放口", "Outlet"),
        };
        table.row(vec![
            html! { a href=(feature.path) { (reader.name(&feature.name)) } },
            html! { (kind) },
            html! { (reader.text(&feature.says)) },
            html! {
                (position(feature.position))
                @if feature.is_approximate { " " (reader.pick("(约)", "(approximate)")) }
            },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("还没有点位", "No points yet"),
            reader.pick("导入城市文件后显示。", "They appear when the city's files are installed."),
        );
    }
    table.render()
}

fn position(position: Position) -> String {
    format!("{:.4}, {:.4}", position.longitude, position.latitude)
}
