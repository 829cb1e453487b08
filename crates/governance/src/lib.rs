//! The plan at work: cockpit, indicators, duties, assessment.

mod access;
pub mod assessment;
pub mod brief;
mod city_plan;
pub mod cockpit;
pub mod duties;
mod error;
pub mod indicators;
pub mod ledgers;
mod names;
mod rectification;
mod term_file;

pub use city_plan::{CityPlan, FOLDER, city_plan, units};
pub use error::GovernanceError;

use web::Slice;

/// The schema of this area.
pub const MIGRATIONS: &[store::Migration] = &[
    store::Migration {
        version: 202_611_291_500,
        name: "plan",
        sql: include_str!("migrations/202611291500_plan.sql"),
    },
    store::Migration {
        version: 202_611_291_510,
        name: "assessment",
        sql: include_str!("migrations/202611291510_assessment.sql"),
    },
    store::Migration {
        version: 202_611_291_520,
        name: "ledgers",
        sql: include_str!("migrations/202611291520_ledgers.sql"),
    },
    store::Migration {
        version: 202_611_291_530,
        name: "assessment cases",
        sql: include_str!("migrations/202611291530_assessment_case.sql"),
    },
    store::Migration {
        version: 202_611_291_540,
        name: "briefs",
        sql: include_str!("migrations/202611291540_brief_issue.sql"),
    },
];

/// The slices of this area.
pub fn slices() -> Vec<Slice> {
    vec![
        cockpit::slice(),
        indicators::slice(),
        duties::slice(),
        brief::slice(),
        assessment::slice(),
        ledgers::slice(),
        rectification::slice(),
        term_file::slice(),
    ]
}
