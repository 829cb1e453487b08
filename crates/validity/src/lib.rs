//! Which monitoring data count (有效数据): marks in three layers that never overwrite each other,
//! the state of each hour and day of each outlet, amounts with their substituted part, all of it
//! recomputable to the same bytes.

mod error;
mod inputs;
mod judge;
mod model;
mod month;
mod rates;
mod run;

pub use error::ValidityError;
pub use inputs::{
    Allowance, Earlier, FactorSetup, FlowSetup, History, Inputs, LimitRow, MarkEffect, MarkKind,
    MonthInputs, ReferenceOxygen, Rules, Setup,
};
pub use judge::judge_month;
pub use model::{
    BureauVerdict, Decision, DecisionId, EnterpriseMark, Exemption, Invalidity, Layers, MarkId,
    MonthRecord, PeriodState, State, Steps, Withdrawal,
};
pub use month::Month;
pub use rates::{Rates, rates};
pub use run::{month, months, provisional, recompute, stored};

/// The schema of this crate.
pub const MIGRATIONS: &[store::Migration] = &[];
