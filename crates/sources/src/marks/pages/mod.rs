//! Pages of marks: the list, the form, one mark; the chain of an hour; the states of a month.

mod chain;
mod list;
mod new;
mod one;
mod states;

use axum::Router;
use axum::routing::get;
use jiff::civil::DateTime;
use maud::{Markup, html};
use rulebook::beijing_offset;
use web::{AppState, Reader};

pub(super) const PATH: &str = "/marks";

pub(crate) use chain::path as path_of_chain;
pub(super) use states::path as path_of_month;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, get(list::page))
        .route("/marks/file.xlsx", get(list::file))
        .route("/marks/new", get(new::page))
        .route("/marks/{id}", get(one::page))
        .route("/marks/{id}/evidence", get(one::evidence))
        .route("/outlets/{enterprise}/{number}/hours/{time}", get(chain::of_hour))
        .route("/outlets/{enterprise}/{number}/days/{day}", get(chain::of_day))
        .route("/outlets/{enterprise}/{number}/months/{month}", get(states::page))
        .route("/outlets/{enterprise}/{number}/months/{month}/states.xlsx", get(states::file))
}

/// What the pages about marks say first: what a mark is for and by when.
fn clocks(state: &AppState, reader: &Reader) -> Markup {
    let now: DateTime = beijing_offset().to_datetime(state.now());
    html! {
        details class="folded" {
            summary { (reader.pick("时限与依据", "Clocks and their sources")) }
            ul {
                @for clock in validity::clocks(now.date()) {
                    li {
                        (reader.text(&clock.text))
                        span class="muted" {
                            " (" (clock.source) "; " (reader.text(&clock.confidence.text())) ")"
                        }
                    }
                }
            }
            p class="hint" {
                (reader.pick(
                    "人工标记与数据修正是两个不同的程序，各有时限。此处办理的是标记。",
                    "Marking and correcting data are two procedures with clocks of their own. \
                     This is marking."))
            }
        }
    }
}
