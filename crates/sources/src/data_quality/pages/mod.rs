//! Pages of the data quality: a month by county, enterprise and outlet; coverage; the calendar of
//! one outlet.

mod coverage;
mod list;
mod one;
mod panel;

pub(super) use panel::panel;

use super::compute::Ground;
use axum::Router;
use axum::routing::{get, post};
use jiff::Timestamp;
use maud::{Markup, html};
use registry::Snapshot;
use validity::Month;
use web::{AppState, Problem, Reader};

pub(super) const PATH: &str = "/data-quality";

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, get(list::page))
        .route("/data-quality/compute", post(list::compute))
        .route("/data-quality/coverage", get(coverage::page))
        .route("/data-quality/coverage/{file}", get(coverage::file))
        .route("/data-quality/files/{file}", get(list::file))
        .route("/data-quality/outlets/{enterprise}/{number}", get(one::page))
}

/// The ground of a page.
pub(super) fn ground<'a>(state: &'a AppState, snapshot: &'a Snapshot) -> Ground<'a> {
    Ground { store: &state.store, snapshot, now: state.now() }
}

/// The month asked for, or the one that runs.
///
/// # Errors
/// 400 for what is no month, or one to come.
pub(super) fn month(asked: Option<&str>, now: Timestamp) -> Result<Month, Problem> {
    let running = Month::at(now);
    let Some(text) = asked.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(running);
    };
    Month::parse(text).filter(|month| *month <= running && month.year() >= 1990).ok_or_else(|| {
        Problem::bad_request(
            format!("{text:?} 不是已开始的月份,请写成 2026-10"),
            format!("{text:?} is no month that has begun; write 2026-10"),
        )
    })
}

/// The field in which a month is chosen.
fn month_field(reader: &Reader, month: Month) -> Markup {
    html! {
        label {
            (reader.pick("月份", "Month"))
            input type="month" name="month" value=(month.to_string()) placeholder="2026-10"
                pattern="[0-9]{4}-[0-9]{2}";
        }
    }
}

/// The field in which a division is chosen.
fn division_field(snapshot: &Snapshot, reader: &Reader, chosen: Option<&str>) -> Markup {
    html! {
        label {
            (reader.pick("区县", "Division"))
            select name="division" {
                option value="" { (reader.pick("全部", "all")) }
                @for division in &snapshot.divisions {
                    option value=(division.code) selected[chosen == Some(division.code.as_str())] {
                        (reader.name(&division.name))
                    }
                }
            }
        }
    }
}
