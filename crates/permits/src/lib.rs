//! Discharge permits (排污许可证) with their versions, limits, amounts and duties.
//!
//! A version never changes: a change is a new version with its reason and its first day, and the
//! version that holds on a day is found by the day. Keeping a version installs its limits into the
//! registry, with the days on which each holds.

mod amounts;
mod background;
mod calendar;
pub mod check;
pub mod city;
pub mod clocks;
mod diff;
mod draft;
mod duty;
mod error;
mod fault;
mod limits;
mod model;
mod normal;
pub mod number;
mod season;
mod store;
#[cfg(test)]
mod testing;
pub mod versions;
pub mod words;
pub mod workbook;
mod written;

pub use self::amounts::{
    approved_amount, permitted_amount, permitted_amount_of_outlet, quota_amount,
};
pub use self::background::{ApprovedAmount, Background, EiaApproval, Quota};
pub use self::calendar::{DutyDate, duties_between};
pub use self::diff::{Change, diff};
pub use self::draft::PermitDraft;
pub use self::duty::{Cycle, DueRule, Frequency, MonitoringMethod, PermitDuty, ReportCycle};
pub use self::error::PermitError;
pub use self::fault::{Fault, Part};
pub use self::model::{
    AmountKind, ChangeReason, Condition, Ended, ManagementClass, MonthDay, OutletMedium, Permit,
    PermitAmount, PermitContent, PermitId, PermitLimit, PermitOutlet, PermitVersion, Season,
};
pub use self::season::NoMonthDay;
pub use self::store::{
    Kept, all, all_in_force, approvals, background_of, by_number, classes, end, in_force, keep,
    numbers, of, quotas, stamp,
};

/// The schema of this crate.
pub const MIGRATIONS: &[::store::Migration] = &[::store::Migration {
    version: 202_611_290_800,
    name: "discharge permits",
    sql: include_str!("migrations/202611290800_permits.sql"),
}];
