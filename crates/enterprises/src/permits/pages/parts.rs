//! Parts that several pages of permits show.

use jiff::civil::Date;
use maud::{Markup, html};
use permits::clocks::{self, Radar};
use permits::{PermitVersion, words};
use registry::{Confidence, Snapshot};
use rulebook::{Decimal, Text};
use web::components::{self, Column, Table};
use web::{Reader, unit};

/// The address of a permit's page.
pub(in crate::permits) fn path(number: &str) -> String {
    format!("{}/{number}", super::super::PATH)
}

/// How near the expiry is, as a badge.
pub(in crate::permits) fn radar(reader: &Reader, radar: Radar) -> Markup {
    let tone = match radar {
        Radar::Expired | Radar::Within30 => "bad",
        Radar::Within60 | Radar::Within90 => "warning",
        Radar::Ended => "quiet",
        Radar::Later => "good",
    };
    components::status_badge(tone, reader.text(&radar.text()))
}

/// Tonnes, or a dash.
pub(in crate::permits) fn tonnes(value: Option<Decimal>) -> Markup {
    html! {
        @match value {
            Some(value) => span class="number" { (shown(value)) },
            None => span class="none" { "—" },
        }
    }
}

/// Tonnes with at most four significant decimals.
pub(in crate::permits) fn shown(value: Decimal) -> String {
    let places = if value < Decimal::ONE { 4 } else { 2 };
    rulebook::round_half_even(value, places).normalize().to_string()
}

/// That it was invented, where it was.
pub(in crate::permits) fn confidence(reader: &Reader, confidence: Confidence) -> Markup {
    let (tone, zh, en) = match confidence {
        Confidence::Fictitious => (
            "warning",
            "演示虚构的许可证,与任何真实单位和许可证无关",
            "An invented permit of the demonstration; no real unit or permit is meant.",
        ),
        Confidence::Unverified => ("warning", "内容尚未核实", "Nobody has checked it yet."),
        Confidence::Secondary => {
            ("note", "录自转载,并非原件", "Read in a copy, not in the original.")
        }
        Confidence::Official => return html! {},
    };
    components::notice(tone, html! { p { (reader.pick(zh, en)) } })
}

/// How far a paper can be trusted, where it is no official one.
pub(in crate::permits) fn doubt(reader: &Reader, confidence: Confidence) -> Markup {
    let word = match confidence {
        Confidence::Official => return html! {},
        Confidence::Secondary => reader.pick("转载", "from a copy"),
        Confidence::Unverified => reader.pick("未核实", "not checked"),
        Confidence::Fictitious => reader.pick("虚构", "invented"),
    };
    html! { span class="muted" { "(" (word) ")" } }
}

/// The limits of a version.
pub(in crate::permits) fn limits(
    reader: &Reader,
    snapshot: &Snapshot,
    version: &PermitVersion,
) -> Markup {
    let name = words::names(snapshot);
    let mut table = Table::new(
        reader.pick("许可排放浓度限值", "Limits of concentrations"),
        vec![
            Column::words(reader.pick("排放口", "Outlet")),
            Column::words(reader.pick("污染物", "Pollutant")),
            Column::words(reader.pick("限值", "Limit")),
            Column::words(reader.pick("评价", "Judged")),
            Column::words(reader.pick("适用条件", "Condition")),
            Column::words(reader.pick("执行标准", "Standard")),
        ],
    );
    for limit in &version.limits {
        let place = words::outlet(limit.outlet_number.as_deref());
        let when = words::condition(limit.condition.as_ref());
        let converted = if limit.on_converted {
            reader.pick("折算浓度", "converted")
        } else {
            reader.pick("实测浓度", "as measured")
        };
        table.row(vec![
            html! { span class="whole" { (reader.text(&place)) } },
            html! { (reader.text(&name(&limit.pollutant))) },
            html! { span class="number whole" { (unit(&words::bound(limit))) } },
            html! {
                (reader.text(&words::period(limit))) ", " (converted)
                @if !limit.is_judged() {
                    " " span class="muted" {
                        (reader.pick("(人工核对)", "(compared by hand)"))
                    }
                }
            },
            html! {
                @if when.is_empty() { span class="none" { "—" } } @else { (reader.text(&when)) }
            },
            html! { (limit.citation) },
        ]);
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有许可限值", "No limits"),
            reader.pick(
                "许可证未载明浓度限值,或尚未录入。",
                "The permit sets none, or they were not entered.",
            ),
        );
    }
    table.render()
}

/// The clock of the renewal in words.
pub(in crate::permits) fn renewal(reader: &Reader, version: &PermitVersion, today: Date) -> Markup {
    match clocks::renewal(version) {
        None => html! { span class="none" { "—" } },
        Some(clock) => html! {
            span class="number" { (clock.last_day) } " "
            span class="muted" {
                @if clock.last_day < today { (reader.pick("已过", "passed")) }
                @else { (reader.pick("前", "at the latest")) }
            }
        },
    }
}

/// A text in the reader's language, or a dash where it is empty.
pub(in crate::permits) fn or_dash(reader: &Reader, text: &Text) -> Markup {
    let words = reader.text(text);
    html! { @if words.is_empty() { span class="none" { "—" } } @else { (words) } }
}
