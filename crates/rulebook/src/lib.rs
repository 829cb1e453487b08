//! What every rule is made of: days and periods, exact decimals and their rounding,
//! citations, dated tables, verdicts with their reasons.
//!
//! Pure: no I/O, no clock, no floats where a text rounds.

pub mod decimal;
pub mod time;

pub use decimal::{Decimal, round_half_even};
pub use time::{Period, TimeOfDayError, beijing_offset, parse_beijing};
