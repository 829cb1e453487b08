//! Blocks: tiles, notices, lists, tabs, islands.

use crate::{Reader, text};
use jiff::Timestamp;
use maud::{Markup, html};
use rulebook::Decimal;

/// A titled part of a page.
pub fn section(id: &str, title: &str, content: Markup) -> Markup {
    html! {
        section class="block" aria-labelledby={ (id) "-title" } id=(id) {
            h2 id={ (id) "-title" } { (title) }
            (content)
        }
    }
}

/// A number that matters, with what it is.
pub fn stat(label: &str, value: Markup, note: Option<&str>) -> Markup {
    html! {
        div class="stat" {
            p class="stat-label" { (label) }
            p class="stat-value" { (value) }
            @if let Some(note) = note { p class="stat-note" { (note) } }
        }
    }
}

/// A number with its unit, or a dash where there is none.
pub fn number(value: Option<Decimal>, decimals: u32, unit: &str) -> Markup {
    match value {
        None => html! { span class="none" { "—" } },
        Some(value) => html! {
            span class="number" { (text::decimal(value, decimals)) }
            @if !unit.is_empty() { " " span class="unit" { (text::unit(unit)) } }
        },
    }
}

/// A time, in Beijing.
pub fn moment(at: Timestamp) -> Markup {
    html! { time datetime=(at.to_string()) { (text::local_minute(at)) } }
}

/// A word to the reader: `note`, `warning`, `error`.
pub fn notice(tone: &str, content: Markup) -> Markup {
    let role = if tone == "error" { "alert" } else { "note" };
    html! { div class={ "notice notice-" (tone) } role=(role) { (content) } }
}

/// What stands where there is nothing to show: why, and what to do.
pub fn empty(title: &str, advice: &str) -> Markup {
    html! {
        div class="empty" {
            p class="empty-title" { (title) }
            p { (advice) }
        }
    }
}

/// What stands where something failed.
pub fn error_box(title: &str, advice: &str) -> Markup {
    notice("error", html! { p { strong { (title) } } p { (advice) } })
}

/// Words and what they mean.
pub fn definition_list(pairs: &[(String, Markup)]) -> Markup {
    html! {
        dl class="facts" {
            @for (word, meaning) in pairs {
                div { dt { (word) } dd { (meaning) } }
            }
        }
    }
}

/// Views of the same thing as links: address, words, whether it is the one shown.
pub fn tabs(label: &str, views: &[(String, String, bool)]) -> Markup {
    html! {
        nav class="tabs" aria-label=(label) {
            ul {
                @for (path, words, is_shown) in views {
                    li { a href=(path) aria-current=[is_shown.then_some("page")] { (words) } }
                }
            }
        }
    }
}

/// To the next page of a list.
pub fn pages(reader: &Reader, next: Option<&str>) -> Markup {
    html! {
        @if let Some(cursor) = next {
            nav class="pages" aria-label=(reader.pick("分页", "Pages")) {
                a class="button" rel="next" href=(reader.with("after", cursor)) {
                    (reader.pick("下一页", "Next page"))
                }
            }
        }
    }
}

/// A chart drawn in the browser from an address of the interface; the table on the same page says
/// the same without it.
pub fn island_series(src: &str, label: &str, loading: &str) -> Markup {
    html! {
        figure class="island" data-island="series" data-src=(src) {
            figcaption { (label) }
            p class="island-loading" { (loading) }
        }
    }
}

/// A map drawn in the browser; a list on the same page says the same without it.
pub fn island_map(src: &str, label: &str, loading: &str, notice: &str) -> Markup {
    html! {
        figure class="island island-map" data-island="map" data-src=(src) data-label=(label) {
            p class="island-loading" { (loading) }
            @if !notice.is_empty() { figcaption { (notice) } }
        }
    }
}
