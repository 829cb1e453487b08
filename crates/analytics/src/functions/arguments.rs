//! What functions are given: words, numbers, times.

use super::{Function, failed};
use crate::tables::rows::{Kind, SCALE};
use crate::tables::span::day_of_number;
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray as _, Date32Array, Decimal128Array, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, TimeUnit, TimestampMicrosecondType,
};
use datafusion::error::{DataFusionError, Result};
use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::Offset;
use rulebook::{Decimal, beijing_offset};

/// What a function takes at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parameter {
    /// A word.
    Text,
    /// A number.
    Number,
    /// An instant, a day, or a time of the clock in Beijing.
    Time,
}

/// The types as a function wants them, from those that were given.
pub(crate) fn coerced(function: &Function, given: &[DataType]) -> Result<Vec<DataType>> {
    let wanted = function.parameters;
    if given.len() != wanted.len() {
        return Err(DataFusionError::Plan(format!(
            "{} takes {} arguments, not {}",
            function.signature(),
            wanted.len(),
            given.len()
        )));
    }
    wanted
        .iter()
        .zip(given)
        .map(|((name, parameter), given)| {
            parameter.of(given).ok_or_else(|| {
                DataFusionError::Plan(format!(
                    "{}: {name} is {}, not {given}",
                    function.signature(),
                    parameter.words()
                ))
            })
        })
        .collect()
}

impl Parameter {
    const fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Time => "a time or a day",
        }
    }

    fn of(self, given: &DataType) -> Option<DataType> {
        let is_text = matches!(given, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        match (self, given) {
            (Self::Text, DataType::Null) => Some(DataType::Utf8),
            (Self::Text, _) => is_text.then_some(DataType::Utf8),
            (Self::Number, _) => {
                let is_number = given.is_numeric() || given.is_null();
                is_number.then(|| Kind::Decimal.data_type())
            }
            (Self::Time, DataType::Timestamp(_, None)) => {
                Some(DataType::Timestamp(TimeUnit::Microsecond, None))
            }
            (Self::Time, DataType::Timestamp(..) | DataType::Null) => Some(Kind::Time.data_type()),
            (Self::Time, DataType::Date32 | DataType::Date64) => Some(DataType::Date32),
            (Self::Time, _) => is_text.then_some(DataType::Date32),
        }
    }
}

enum Given<'a> {
    Text(&'a StringArray),
    Number(&'a Decimal128Array),
    Instant(&'a TimestampMicrosecondArray),
    Local(&'a TimestampMicrosecondArray),
    Day(&'a Date32Array),
}

/// What a function is given in one row.
pub(crate) struct Arguments<'a> {
    columns: Vec<Given<'a>>,
    row: usize,
}

impl<'a> Arguments<'a> {
    /// The arguments of the first row of these columns, of the types that [`coerced`] gives.
    pub(crate) fn new(function: &Function, columns: &'a [ArrayRef]) -> Result<Self> {
        let typed = |column: &'a ArrayRef| match column.data_type() {
            DataType::Utf8 => Some(Given::Text(column.as_string::<i32>())),
            DataType::Decimal128(..) => {
                Some(Given::Number(column.as_primitive::<Decimal128Type>()))
            }
            DataType::Timestamp(TimeUnit::Microsecond, None) => {
                Some(Given::Local(column.as_primitive::<TimestampMicrosecondType>()))
            }
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => {
                Some(Given::Instant(column.as_primitive::<TimestampMicrosecondType>()))
            }
            DataType::Date32 => Some(Given::Day(column.as_primitive::<Date32Type>())),
            _ => None,
        };
        let columns = columns.iter().map(typed).collect::<Option<Vec<_>>>();
        let columns = columns.ok_or_else(|| failed(function, "given what it does not take"))?;
        Ok(Self { columns, row: 0 })
    }

    /// Goes to a row.
    pub(crate) fn go_to(&mut self, row: usize) {
        self.row = row;
    }

    /// A word; `None` for null.
    pub(crate) fn text(&self, place: usize) -> Option<&'a str> {
        match self.columns.get(place)? {
            Given::Text(column) => column.is_valid(self.row).then(|| column.value(self.row)),
            _ => None,
        }
    }

    /// A number; `None` for null.
    pub(crate) fn number(&self, place: usize) -> Result<Option<Decimal>, String> {
        let Some(Given::Number(column)) = self.columns.get(place) else { return Ok(None) };
        if column.is_null(self.row) {
            return Ok(None);
        }
        let mut units = column.value(self.row);
        let mut scale = u32::from(SCALE.unsigned_abs());
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale -= 1;
        }
        let number = Decimal::try_from_i128_with_scale(units, scale);
        number.map(Some).map_err(|_| "a number has more than 28 digits".to_owned())
    }

    /// A time of the clock in Beijing; `None` for null.
    pub(crate) fn local(&self, place: usize) -> Option<DateTime> {
        let at = |column: &TimestampMicrosecondArray| {
            let at = column.is_valid(self.row).then(|| column.value(self.row))?;
            Timestamp::from_microsecond(at).ok()
        };
        match self.columns.get(place)? {
            Given::Instant(column) => at(column).map(|at| beijing_offset().to_datetime(at)),
            Given::Local(column) => at(column).map(|at| Offset::UTC.to_datetime(at)),
            Given::Day(column) => {
                let number = column.is_valid(self.row).then(|| column.value(self.row))?;
                Some(day_of_number(number)?.to_datetime(Time::midnight()))
            }
            Given::Text(_) | Given::Number(_) => None,
        }
    }
}

/// A number that is whole and not negative; `None` for another.
pub(crate) fn whole(number: Decimal) -> Option<u32> {
    number.is_integer().then(|| u32::try_from(number).ok()).flatten()
}
