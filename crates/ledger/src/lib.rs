//! Ledgers declared in files (台账): columns, the key of a row, checks within a row and from one
//! year to the next.
//!
//! Much of what a plan asks for is kept by hand in tables: matters and money of each level of
//! government, projects, groups, natural resources. Each of them is a TOML file here; a city adds
//! its own. Pure: no I/O, no clock.

mod check;
mod model;
mod read;
mod row;
mod words;

pub use check::{Finding, Rows, check_rows};
pub use declaration::Problem;
pub use model::{Check, Choice, Column, Ledger, Rule};
pub use row::{CellProblem, Row, read_cell, read_row};
pub use words::{Form, Readers, Weight};
