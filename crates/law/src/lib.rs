//! Legal clocks (法定期限): which days are working days, how long a duty lasts and who says so,
//! and when a clock that may be suspended and extended runs out.
//!
//! Pure: no clock is read, every time is an argument. Instants are UTC inside; days are days of
//! Beijing.

pub mod calendar;
pub mod clock;
pub mod deadline;
pub mod length;
mod proof;

pub use calendar::{Calendar, CalendarError, Known, Notice};
pub use clock::{Due, Ending, Running, after, before, due, until};
pub use deadline::{Deadline, Sense, Term, deadline, deadlines};
pub use length::{Length, Unit};
