//! Checks of what people enter (填报合理性检查): declared in files, one a check, and explained in
//! public: what was found, why it matters, what to do.
//!
//! Pure: no I/O, no clock, exact decimals. A finding is a question to whoever fills in a form; only
//! what cannot be so is refused.

mod check;
mod entry;
mod example;
mod files;
mod finding;
mod formula;
mod model;
mod read;
mod vocabulary;
mod words;

pub use check::check;
pub use declaration::Problem;
pub use entry::{Entry, History, Key, Measured, Span, Value};
pub use example::Case;
pub use files::{all, shipped};
pub use finding::{Compared, Finding, gravest};
pub use model::{AppliesTo, Check, Example, Formula, Operand, Parameter};
pub use vocabulary::{Field, field_of, fields, known};
pub use words::{Form, Kind, Level, PeriodKind, Severity, Shape, Source};
