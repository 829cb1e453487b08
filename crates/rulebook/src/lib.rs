//! What every rule is made of: days and periods, exact decimals and their rounding,
//! citations, dated tables, verdicts with their reasons.
//!
//! Pure: no I/O, no clock, no floats where a text rounds.

pub mod citation;
pub mod decimal;
pub mod edition;
pub mod table;
pub mod text;
pub mod time;
pub mod verdict;

pub use citation::{Citation, Confidence};
pub use decimal::{Decimal, round_half_even, round_half_even_keeping_first_digit};
pub use edition::Edition;
pub use table::{Row, Table, TableError, TableProblem};
pub use text::{Explanation, Language, Text};
pub use time::{Period, TimeOfDayError, beijing_offset, parse_beijing};
pub use verdict::{Input, Judged, NotComputable, Rounding, RoundingRule};
