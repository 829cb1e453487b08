//! Runs rules when data arrive or change, keeps verdicts with their inputs, opens and closes
//! alerts.
//!
//! The kernel knows no rule: areas hand it [`Judge`]s. [`Worker`] follows the commit log with a
//! cursor of its own, so that nothing committed goes unjudged over a restart.

pub mod alerts;
mod error;
mod judge;
mod newest;
mod reasons;
mod store;
mod verdict;
mod worker;

pub use error::EvaluationError;
pub use judge::{Context, Judge, Judgement};
pub use newest::Newest;
pub use reasons::{not_computable, of_judged};
pub use store::{
    AlertFilter, VerdictFilter, alert, alert_events, alerts as list_alerts, judged_until,
    open_alert_counts, verdict, verdict_heads, verdict_on, verdict_page, verdict_versions,
    verdicts,
};
pub use verdict::{NO_FACTOR, Outcome, StoredVerdict, Verdict, VerdictHead};
pub use worker::{Evaluation, Progress, Worker};

/// The schema of this crate.
pub const MIGRATIONS: &[::store::Migration] = &[::store::Migration {
    version: 202_611_230_400,
    name: "evaluation",
    sql: include_str!("migrations/202611230400_evaluation.sql"),
}];
