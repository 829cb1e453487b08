//! Badges: a word, a number, and a colour beside them.

use maud::{Markup, html};

/// The air quality index with its class (空气质量级别): colour, number, word.
pub fn aqi_badge(level: Option<u8>, index: Option<&str>, class: &str) -> Markup {
    let shade = level.map_or_else(|| "aqi aqi-none".to_owned(), |level| format!("aqi aqi-{level}"));
    html! {
        span class=(shade) {
            span class="swatch" aria-hidden="true" {}
            @if let Some(index) = index { span class="aqi-number" { (index) } " " }
            span class="aqi-class" { (class) }
        }
    }
}

/// The class of water (水质类别): colour and word.
pub fn water_badge(level: Option<u8>, class: &str) -> Markup {
    let shade =
        level.map_or_else(|| "water water-none".to_owned(), |level| format!("water water-{level}"));
    html! {
        span class=(shade) {
            span class="swatch" aria-hidden="true" {}
            span class="water-class" { (class) }
        }
    }
}

/// A state: `good`, `warning`, `bad`, `quiet`.
pub fn status_badge(tone: &str, words: &str) -> Markup {
    let mark = match tone {
        "good" => "●",
        "warning" => "▲",
        "bad" => "■",
        _ => "○",
    };
    html! {
        span class={ "status status-" (tone) } {
            span aria-hidden="true" { (mark) } " " (words)
        }
    }
}

/// How much an alert matters, by the word under which it is stored.
pub fn severity_badge(severity: &str, words: &str) -> Markup {
    let tone = match severity {
        "serious" => "bad",
        "warning" => "warning",
        _ => "quiet",
    };
    status_badge(tone, words)
}
