//! History: closed months of observations as Parquet files, read together with the recent rows.
//!
//! Which files these are stands in the store (`manifest`), so that a move is one transaction. All
//! functions of this crate that read rows look into both places; who calls them need not know.
//! Explained in `docs/concepts/history.md`.

pub mod format;
pub(crate) mod intake;
mod manifest;
mod month;
mod moving;
pub(crate) mod reading;
mod rules;
pub mod scan;
mod status;
mod store;
mod tasks;
mod upkeep;
mod verify;

pub use format::{FormatError, OpenPart, PartFiles};
pub use month::Month;
pub use moving::Moved;
pub use reading::parts;
pub use rules::{Rules, Step, Steps, Witness};
pub use status::{MonthStatus, PeriodStatus, Status, forgotten_months, status};
pub use upkeep::{
    Forgotten, Round, closed, compact, delete_replaced, ensure_place, forget, mend, move_closed,
    round, serve, to_forget,
};
pub use verify::{Finding, StoredFile, files_in, hold, release, verify};

use crate::model::Row;

/// Two lists of rows of one point, oldest first, as one.
fn merged(recent: Vec<Row>, held: Vec<Row>) -> Vec<Row> {
    reading::merge(recent, held, Row::cmp_time)
}
