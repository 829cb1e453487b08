//! The words and small parts that the pages of the plan share.

use super::overview::{IndicatorRow, TargetRow};
use crate::city_plan::CityPlan;
use crate::ledgers::{self, Money};
use crate::names::{unit_name, unit_word};
use maud::{Markup, html};
use plan::indicator::Definition;
use plan::{MeasureState, TargetState, Trend};
use registry::Snapshot;
use web::{Reader, components};

/// The tone of a measure's badge.
pub(super) const fn tone(state: MeasureState) -> &'static str {
    match state {
        MeasureState::Late => "bad",
        MeasureState::Behind => "warning",
        MeasureState::OnTrack => "good",
        MeasureState::Watched | MeasureState::NoData => "quiet",
    }
}

/// The badge of a measure's state.
pub(super) fn state_badge(reader: &Reader, state: MeasureState) -> Markup {
    components::status_badge(tone(state), reader.text(&state.text()))
}

/// The badge of a target's state.
pub(super) fn target_badge(reader: &Reader, state: TargetState) -> Markup {
    let tone = match state {
        TargetState::Met => "good",
        TargetState::NotMet => "warning",
        TargetState::Open | TargetState::NoData => "quiet",
    };
    components::status_badge(tone, reader.text(&state.text()))
}

/// An arrow with its word.
pub(crate) fn trend_mark(reader: &Reader, trend: Trend) -> Markup {
    let arrow = match trend {
        Trend::Better => "↗",
        Trend::Worse => "↘",
        Trend::Same => "→",
        Trend::Changed => "↔",
        Trend::Unknown => return html! {},
    };
    let text = trend.text();
    let words = reader.text(&text);
    html! {
        span class={ "plan-trend plan-trend-" (trend.as_str()) } title=(words) {
            span aria-hidden="true" { (arrow) } " " (words)
        }
    }
}

/// The link to an indicator's page.
pub(crate) fn indicator_path(id: &str) -> String {
    format!("/plan/indicators/{id}")
}

/// A value with its unit and year, or who must deliver it.
pub(super) fn value(reader: &Reader, definition: &Definition, row: &IndicatorRow) -> Markup {
    let Some(kept) = &row.kept else {
        return html! {
            span class="plan-lack" { (reader.pick("尚未计算", "not computed yet")) }
        };
    };
    match kept.value {
        Some(value) => html! {
            (components::number(Some(value), definition.decimals,
                unit_word(reader, &definition.unit)))
            " " span class="plan-year" {
                (kept.year)
                @if kept.is_provisional { (reader.pick("（暂时）", " (provisional)")) }
            }
            " " (trend_mark(reader, row.trend))
        },
        None => lack(reader, kept.delivers.as_ref(), &kept.why),
    }
}

/// That there is no value, and who must deliver the data.
pub(crate) fn lack(
    reader: &Reader,
    delivers: Option<&rulebook::Text>,
    why: &rulebook::Text,
) -> Markup {
    html! {
        span class="plan-lack" {
            @match delivers {
                Some(who) => {
                    (reader.pick("缺数据：须由", "no data: "))
                    (reader.text(who))
                    (reader.pick("提供", " must deliver it"))
                }
                None => { (reader.pick("缺数据：", "no data: ")) (reader.text(why)) }
            }
        }
    }
}

/// A target in one line: operator, value, year.
pub(super) fn wanted(reader: &Reader, city: &CityPlan, row: &TargetRow) -> String {
    let target = &row.target;
    let unit = city.definition(&target.indicator).map(|it| it.unit.clone()).unwrap_or_default();
    let operator = target.operator.text();
    match (target.value, &target.decided_by) {
        (Some(value), _) => {
            let unit = web::unit(unit_word(reader, &unit));
            format!("{} {value} {unit} ({})", reader.text(&operator), target.year)
        }
        (None, Some(who)) => match reader.language {
            web::Language::Chinese => format!("由{}确定（{}）", who.zh, target.year),
            web::Language::English => format!("decided by {} ({})", who.en, target.year),
        },
        (None, None) => target.year.to_string(),
    }
}

/// The names of units, one after the other.
pub(super) fn units(reader: &Reader, snapshot: &Snapshot, codes: &[String]) -> String {
    let names: Vec<String> = codes
        .iter()
        .map(|code| {
            let name = unit_name(snapshot, code);
            reader.name(&name).to_owned()
        })
        .collect();
    names.join(reader.pick("、", ", "))
}

/// What the money of a measure did, led to its ledgers.
pub(super) fn money(reader: &Reader, money: &Money) -> Markup {
    html! {
        span class="plan-money" {
            (reader.pick("资金：安排", "Money: planned")) " " (money.planned.normalize()) " "
            (reader.pick("元，支付", "yuan, paid")) " " (money.paid.normalize()) " "
            (reader.pick("元", "yuan"))
            @for ledger in &money.ledgers {
                " " a href={ (ledgers::PATH) "/" (ledger) } { (reader.pick("台账", "ledger")) }
            }
        }
    }
}
