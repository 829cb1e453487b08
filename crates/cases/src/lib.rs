//! The engine by which work moves under a legal clock: cases (事项), their actions, clocks, work
//! lists, search.
//!
//! A kind of case is data ([`caseflow::CaseKind`]); this crate keeps the cases. Who may do what is
//! decided by `authority`, how long by `law`, what comes next by `caseflow`. Every change is one
//! transaction with its entry in the timeline, its messages and its audit record. Who reported is
//! sealed and never shown to the enterprise.

mod acts;
mod changes;
mod clocks;
mod desk;
mod engine;
mod error;
mod file;
mod kinds;
mod likeness;
mod model;
mod reading;
mod recording;
mod seal;
mod sight;
mod store;
mod telling;
mod view;
mod who;
mod words;
mod work;
mod writer;

pub use caseflow::{LinkKind, Refusal, Visibility};

pub use acts::{Assignment, Correction};
pub use engine::{Cases, check_key};
pub use error::{CaseError, Conflict};
pub use file::{ActedAs, Case, Clock, ClockState, Event, EventKind, Link};
pub use model::{
    Act, By, CaseId, Channel, EvidenceId, NewCase, Opened, PersonalData, Place, Reporter, SeenAs,
    Taken, Upload, Viewer,
};
pub use reading::CaseStanding;
pub use store::evidence::kept_files;
pub use view::{CaseView, EvidenceFile, EvidenceView, FieldShown, Form, Offered, Progress};
pub use work::{
    Candidate, CaseRow, Count, Counts, Cursor, CursorError, Notice, Page, PublicCase, PublicFilter,
    SavedView, Statistics, StatisticsFilter, StatisticsRow, Ticked, WorkFilter, WorkList,
};

/// The schema of this crate.
pub const MIGRATIONS: &[::store::Migration] = &[::store::Migration {
    version: 202_611_290_200,
    name: "cases",
    sql: include_str!("migrations/202611290200_cases.sql"),
}];
