//! Assessment of duties (目标责任考核): responsibility books, and score sheets that replay from
//! their history.
//!
//! Pure: no I/O, no clock. A book is a TOML file of a city: nobody has one national scoring sheet,
//! so items, scoring rules, vetoes and grades are configuration with dates and source. A sheet is
//! a function of the book and of the events: [`replay`] gives the same bytes each time.

mod book;
mod check;
mod event;
mod read;
mod score;
mod sheet;
mod words;

pub use book::{Adjustment, Book, Cut, Grade, Group, Item, Rule, UnitTarget, Veto, VetoEffect};
pub use declaration::Problem;
pub use event::{Event, EventKind, Standing};
pub use score::{points, replay};
pub use sheet::{AdjustmentRow, GroupRow, ItemRow, ReplayProblem, Sheet, VetoRow};
pub use words::{AdjustmentKind, Better};
