//! The national standards as functions of SQL, the edition chosen by the date of what is judged.
//!
//! A value that a standard cannot judge gives null; a word that means nothing is an error that
//! names the words that do.

mod aggregate;
mod air;
mod arguments;
mod plain;
mod scalar;
mod water;

use crate::tables::rows::{Cell, Kind};
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use jiff::civil::{Date, DateTime};
use rulebook::Decimal;

pub(crate) use aggregate::Aggregate;
pub(crate) use arguments::{Arguments, Parameter};
pub(crate) use scalar::Scalar;

/// A function, with what it means.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) parameters: &'static [(&'static str, Parameter)],
    pub(crate) returns: Kind,
    /// Its meaning in Chinese.
    pub(crate) zh: &'static str,
    /// Its meaning in English.
    pub(crate) en: &'static str,
    /// A question that shows it, and what it answers.
    pub(crate) example: &'static str,
    pub(crate) work: Work,
}

/// What a function does.
#[derive(Debug)]
pub(crate) enum Work {
    /// Something with each row.
    EachRow(fn(&Arguments<'_>) -> Result<Out, String>),
    /// Something with the rows of a group: what is kept of a row, and what they say together.
    Group {
        keep: fn(&Arguments<'_>) -> Result<Option<Entry>, String>,
        judge: fn(&[Entry]) -> Result<Out, String>,
    },
}

/// What is kept of a row of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What was measured, or how it is judged.
    pub(crate) item: u32,
    /// When: seconds of the clock in Beijing.
    pub(crate) local: i64,
    /// The value.
    pub(crate) value: Decimal,
}

/// What a function answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Out {
    Null,
    Integer(i64),
    Text(String),
    Decimal(Decimal),
    Day(Date),
    Local(DateTime),
}

impl Out {
    pub(crate) fn cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Integer(number) => Cell::Integer(*number),
            Self::Text(text) => Cell::Text(text),
            Self::Decimal(number) => Cell::Decimal(*number),
            Self::Day(day) => Cell::Day(*day),
            Self::Local(local) => Cell::Local(*local),
        }
    }
}

/// Every function, in the order in which they are shown.
pub(crate) fn functions() -> Vec<&'static Function> {
    [air::FUNCTIONS, water::FUNCTIONS, plain::FUNCTIONS].concat()
}

impl Function {
    /// How it is written: `aqi_day(pollutant, value, at)`.
    pub(crate) fn signature(&self) -> String {
        let names: Vec<&str> = self.parameters.iter().map(|(name, _)| *name).collect();
        format!("{}({})", self.name, names.join(", "))
    }

    /// Whether it judges the rows of a group.
    pub(crate) const fn is_aggregate(&self) -> bool {
        matches!(self.work, Work::Group { .. })
    }
}

/// Makes all functions known.
pub(crate) fn register(context: &SessionContext) {
    for function in functions() {
        match function.work {
            Work::EachRow(_) => context.register_udf(ScalarUDF::from(Scalar::new(function))),
            Work::Group { .. } => {
                context.register_udaf(AggregateUDF::from(Aggregate::new(function)));
            }
        }
    }
}

/// What went wrong in a function.
pub(crate) fn failed(function: &Function, what: &str) -> DataFusionError {
    DataFusionError::Execution(format!("{}: {what}", function.signature()))
}
