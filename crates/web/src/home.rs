//! The first page: panels of the slices, in their order, and the map.

use crate::{AppState, Page, Problem, Reader, components, map};
use axum::extract::State;
use maud::{Markup, html};

pub(crate) async fn page(State(state): State<AppState>, reader: Reader) -> Result<Markup, Problem> {
    let mut panels = Vec::new();
    for panel in state.slices.iter().filter_map(|slice| slice.home) {
        panels.push(panel(state.clone(), reader.clone()).await?);
    }
    let snapshot = state.snapshot();
    let content = html! {
        @if panels.is_empty() {
            (components::empty(
                reader.pick("还没有内容", "Nothing here yet"),
                reader.pick("此安装没有启用任何模块。", "No module is enabled in this installation.")))
        }
        @for panel in &panels { (panel) }
        (components::section(
            "map",
            reader.pick("地图", "Map"),
            html! {
                (map::figure(&reader))
                p { a href="/map" { (reader.pick("点位列表与大图", "The list of points and a larger map")) } }
            },
        ))
    };
    let city = reader.name(&snapshot.city.name);
    let title = match reader.language {
        crate::Language::Chinese => format!("{city}生态环境现状"),
        crate::Language::English => format!("{city}: the environment now"),
    };
    Ok(Page::new(title).live().render(&state, &reader, content))
}
