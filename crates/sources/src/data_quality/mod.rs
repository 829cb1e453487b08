//! Quality of monitoring data (监测数据质量): the transmission-effective rate, coverage against the
//! duties of list, permit and plan, amounts against the permitted, the calendar of data state.
//!
//! What counts is decided in `validity`; here it is added up, and compared with what is due.

mod access;
mod amounts;
mod api;
mod compute;
mod counts;
mod coverage;
mod duties;
mod heat;
mod pages;
mod pass_marks;
mod report;
mod store;
mod summary;
mod tables;
pub mod text;
mod words;

pub use amounts::{DayAmount, Days, Forecast, Habit, Outlook, Progress};
pub use compute::{Ground, YearOfPollutant, refresh, report, serve, year_of};
pub use counts::Counts;
pub use coverage::{Must, Reason, Stage};
pub use duties::Why;
pub use report::{Line, OutletLine, PassMark, Report};
pub use store::QualityError;

use web::{Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "data_quality",
        pages: pages::routes,
        api: api::routes,
        navigation: &[Navigation {
            path: pages::PATH,
            zh: "数据质量",
            en: "Data quality",
            needs: Some(authority::Action::ReadAlerts),
        }],
        home: None,
        map: None,
        enterprise: Some(pages::panel),
        timeline: None,
        duties: None,
    }
}
