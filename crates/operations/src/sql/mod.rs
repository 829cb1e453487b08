//! Questions in SQL (SQL 查询): a page for analysts, and the same for programs. Read-only.
//!
//! The engine stands in the crate `analytics`, which not every build has; without it the page says
//! how to get it.

mod api;
mod ask;
mod engine;
mod pages;

pub use ask::asker;
pub use engine::{
    ColumnFile, ColumnGuide, Engine, EngineHandle, Example, FunctionGuide, Guide, Limits, Question,
    Shown, TableGuide, Trouble, TroubleKind,
};

use authority::Action;
use web::{Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "sql",
        pages: pages::routes,
        api: api::routes,
        navigation: &[Navigation {
            path: "/sql",
            zh: "SQL 查询",
            en: "SQL",
            needs: Some(Action::QueryData),
        }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
