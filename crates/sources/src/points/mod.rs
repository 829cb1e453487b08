//! Any monitoring point over time (监测点位), for charts, tables and programs.

mod api;
mod past;

pub(crate) use past::{Past, missing_between, missing_times, past, span};

use crate::automatic_monitoring::{RULE_DAY, RULE_HOUR};
use rulebook::Period;
use web::Slice;

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "points",
        pages: axum::Router::new,
        api: api::routes,
        navigation: &[],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}

/// The rule by which an outlet's values of a period are judged.
pub(crate) const fn rule_of(period: Period) -> Option<&'static str> {
    match period {
        Period::Hour => Some(RULE_HOUR),
        Period::Day => Some(RULE_DAY),
        Period::RealTime | Period::Minute => None,
    }
}
