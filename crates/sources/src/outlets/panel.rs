//! Outlets on the first page and on the map.

use super::queries::{OutletNow, Standing, outlets_now};
use crate::words;
use maud::{Markup, html};
use rulebook::Text;
use web::components;
use web::{AppState, MapFeature, Problem, Reader};

/// A standing as a badge.
pub(super) fn standing(reader: &Reader, standing: Standing) -> Markup {
    let (tone, words) = match standing {
        Standing::Exceeding => ("bad", reader.pick("超标告警", "exceedance alert")),
        Standing::Alerting => ("warning", reader.pick("有告警", "alert open")),
        Standing::Silent => ("quiet", reader.pick("无新数据", "no new data")),
        Standing::Good => ("good", reader.pick("正常", "normal")),
    };
    components::status_badge(tone, words)
}

pub(super) async fn home(state: &AppState, reader: &Reader) -> Result<Markup, Problem> {
    let outlets = outlets_now(state).await?;
    let count = |wanted: Standing| {
        outlets.iter().filter(|outlet| outlet.standing() == wanted).count().to_string()
    };
    Ok(components::section(
        "outlets",
        reader.pick("重点排放口", "Outlets"),
        html! {
            div class="stats" {
                (components::stat(
                    reader.pick("排放口", "Outlets"), html! { (outlets.len()) }, None))
                (components::stat(
                    reader.pick("正常", "Normal"), html! { (count(Standing::Good)) }, None))
                (components::stat(
                    reader.pick("超标告警", "Exceedance alerts"),
                    html! { (count(Standing::Exceeding)) }, None))
                (components::stat(
                    reader.pick("其他告警", "Other alerts"),
                    html! { (count(Standing::Alerting)) }, None))
                (components::stat(
                    reader.pick("无新数据", "No new data"),
                    html! { (count(Standing::Silent)) }, None))
            }
            p { a href="/outlets" { (reader.pick("全部排放口与限值", "All outlets and their limits")) } }
        },
    ))
}

pub(super) async fn map(state: &AppState) -> Vec<MapFeature> {
    // A problem is in the log already; the other layers still show.
    let outlets = outlets_now(state).await.unwrap_or_default();
    let snapshot = state.snapshot();
    outlets
        .into_iter()
        .filter_map(|outlet| {
            let name = words::point(&snapshot, &outlet.point);
            Some(MapFeature {
                kind: "outlet",
                position: outlet.point.position?,
                is_approximate: outlet.point.position_note.is_some(),
                name: registry::Name { zh: name.zh.into(), en: name.en.into() },
                path: words::path(&outlet.point),
                shade: shade(&outlet).to_owned(),
                says: says(&outlet),
            })
        })
        .collect()
}

fn shade(outlet: &OutletNow) -> &'static str {
    match outlet.standing() {
        Standing::Exceeding => "status-bad",
        Standing::Alerting => "status-warning",
        Standing::Silent => "status-quiet",
        Standing::Good => "status-good",
    }
}

fn says(outlet: &OutletNow) -> Text {
    match outlet.standing() {
        Standing::Exceeding => Text::fixed("超标告警", "exceedance alert"),
        Standing::Alerting => Text::fixed("有告警", "alert open"),
        Standing::Silent => Text::fixed("无新数据", "no new data"),
        Standing::Good => Text::fixed("正常", "normal"),
    }
}
