//! The plan on a wall: one tile for each measure.

use super::overview::Overview;
use super::words;
use crate::names::unit_word;
use maud::{Markup, html};
use web::{Reader, components};

/// The tiles.
pub(super) fn tiles(reader: &Reader, seen: &Overview) -> Markup {
    html! {
        ol class="plan-wall" {
            @for measure in &seen.city.plan.measures {
                @if let Some(row) = seen.row(measure.number) {
                    li class={ "plan-tile plan-tile-" (words::tone(row.state)) } {
                        a href={ "/plan/measures/" (measure.number) } {
                            span class="plan-tile-number" { (measure.number) }
                            " " (reader.text(&measure.title))
                        }
                        p { (words::state_badge(reader, row.state)) }
                        @if let Some(found) = row.indicators.iter().find(|it| it.value().is_some())
                        {
                            @if let Some(definition) = seen.city.definition(&found.id) {
                                p class="plan-tile-value" {
                                    (components::number(found.value(), definition.decimals,
                                        unit_word(reader, &definition.unit)))
                                    " " (words::trend_mark(reader, found.trend))
                                }
                                p class="plan-year" { (reader.text(&definition.name)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
