//! Which monitoring data count (有效数据): marks in three layers that never overwrite each other,
//! the state of each hour and day of each outlet, amounts with their substituted part, all of it
//! recomputable to the same bytes.

mod acts;
mod bytes;
mod error;
mod explain;
mod inputs;
mod judge;
mod model;
mod month;
mod rates;
mod rules;
mod run;
mod setup;
mod store;
mod varint;

pub use acts::{NewDecision, NewMark, OTHER_FACILITY, decide_data, decide_marks, mark, withdraw};
pub use error::ValidityError;
pub use explain::{Telling, Told, bound_text, explain};
pub use inputs::{
    Allowance, Earlier, FactorSetup, FlowSetup, History, Inputs, LimitRow, MarkEffect, MarkKind,
    MonthInputs, Plausible, ReferenceOxygen, Rules, Setup,
};
pub use judge::judge_month;
pub use model::{
    BureauVerdict, Decision, DecisionId, EnterpriseMark, Exemption, Invalidity, Layers, MarkId,
    MonthRecord, PeriodState, State, Steps, Withdrawal,
};
pub use month::Month;
pub use rates::{Rates, rates};
pub use rules::{
    Clock, PassMark, allowances, clocks, facilities, flag_name, is_usable_flag, mark_due,
    mark_hint, mark_kind, mark_kinds, pass_mark, plausible, tables,
};
pub use run::{keep_current, month, months, provisional, recompute, rejudge, stored};
pub use store::decisions::{decisions, decisions_on};
pub use store::kept_files;
pub use store::marks::{MarkFilter, count_marks, find_mark, marks};
pub use store::records::{VersionHead, version, versions};

/// The schema of this crate.
pub const MIGRATIONS: &[::store::Migration] = &[::store::Migration {
    version: 202_611_290_901,
    name: "validity",
    sql: include_str!("migrations/202611290901_validity.sql"),
}];
