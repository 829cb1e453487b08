//! The cockpit (方案进展): every measure of the plan with its state, values, targets, units and what
//! is late, read from kept values; the page of a measure with its live proof.

mod api;
mod measure;
mod overview;
mod pages;
mod sheet;
mod wall;
mod words;

pub(crate) use api::text as text_json;
pub use api::{check_units, status};
pub use overview::{IndicatorRow, MeasureRow, Overview, TargetRow, UnitLate, overview};

/// Parts of the pages that other slices show as well.
pub(crate) mod words_of {
    pub(crate) use super::overview::trend;
    pub(crate) use super::words::{lack, trend_mark};
}

use web::{Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "cockpit",
        pages: pages::routes,
        api: api::routes,
        navigation: &[Navigation {
            path: pages::PATH,
            zh: "方案进展",
            en: "The plan",
            needs: Some(authority::Action::ReadCase),
        }],
        home: None,
        map: None,
        enterprise: None,
        duties: None,
        timeline: None,
    }
}
