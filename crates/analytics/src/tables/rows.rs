//! Rows of the city's kinds of cell, made into Arrow columns.

use datafusion::arrow::array::{
    ArrayBuilder, ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder,
    StringBuilder, TimestampMicrosecondBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::error::Result;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use rulebook::{Decimal, round_half_even};
use std::sync::Arc;

/// Digits of a decimal in a table.
pub(crate) const PRECISION: u8 = 38;
/// How many of them stand behind the point.
pub(crate) const SCALE: i8 = 10;
/// The zone of instants: all are UTC.
pub(crate) const UTC: &str = "+00:00";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A whole number.
    Integer,
    /// Words.
    Text,
    /// An exact decimal.
    Decimal,
    /// An instant.
    Time,
    /// A day of the calendar, Beijing time.
    Day,
    /// A time of the clock in Beijing.
    Local,
    /// True or false.
    Truth,
}

impl Kind {
    /// The type in Arrow.
    pub(crate) fn data_type(self) -> DataType {
        match self {
            Self::Integer => DataType::Int64,
            Self::Text => DataType::Utf8,
            Self::Decimal => DataType::Decimal128(PRECISION, SCALE),
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
            Self::Day => DataType::Date32,
            Self::Local => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Truth => DataType::Boolean,
        }
    }

    /// The type's name in SQL.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Integer => "bigint",
            Self::Text => "text",
            Self::Decimal => "decimal(38, 10)",
            Self::Time => "timestamptz",
            Self::Day => "date",
            Self::Local => "timestamp",
            Self::Truth => "boolean",
        }
    }
}

/// A column of a table, with what it means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Its meaning in Chinese.
    pub(crate) zh: &'static str,
    /// Its meaning in English.
    pub(crate) en: &'static str,
}

/// A column with its meaning in both languages.
pub(crate) const fn column(
    name: &'static str,
    kind: Kind,
    zh: &'static str,
    en: &'static str,
) -> Column {
    Column { name, kind, zh, en }
}

/// The schema of these columns.
pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    let field = |column: &Column| Field::new(column.name, column.kind.data_type(), true);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// A cell.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    Null,
    Integer(i64),
    Text(&'a str),
    Decimal(Decimal),
    Time(Timestamp),
    Day(Date),
    Local(DateTime),
    Truth(bool),
}

impl<'a> Cell<'a> {
    /// A text that may be missing.
    pub(crate) fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }

    /// A number that may be missing.
    pub(crate) fn decimal(number: Option<Decimal>) -> Self {
        number.map_or(Self::Null, Self::Decimal)
    }

    /// A day that may be missing.
    pub(crate) fn day(day: Option<Date>) -> Self {
        day.map_or(Self::Null, Self::Day)
    }
}

/// A decimal as a table holds it: in units of the tenth place; `None` for one too large to hold.
pub(crate) fn units(number: Decimal) -> Option<i128> {
    let scale = SCALE.unsigned_abs().into();
    let fitted = if number.scale() > scale { round_half_even(number, scale) } else { number };
    let lift = 10_i128.checked_pow(scale - fitted.scale())?;
    let units = fitted.mantissa().checked_mul(lift)?;
    (units.unsigned_abs() < 10_u128.pow(PRECISION.into())).then_some(units)
}

/// Days since 1970.
pub(crate) fn day_number(day: Date) -> i32 {
    let epoch = Date::constant(1970, 1, 1);
    day.since(epoch).map_or(0, |span| span.get_days())
}

enum Builder {
    Integer(Int64Builder),
    Text(StringBuilder),
    Decimal(Decimal128Builder),
    Time(TimestampMicrosecondBuilder),
    Day(Date32Builder),
    Local(TimestampMicrosecondBuilder),
    Truth(BooleanBuilder),
}

impl Builder {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Integer => Self::Integer(Int64Builder::new()),
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Decimal => {
                Self::Decimal(Decimal128Builder::new().with_data_type(kind.data_type()))
            }
            Kind::Time => {
                Self::Time(TimestampMicrosecondBuilder::new().with_data_type(kind.data_type()))
            }
            Kind::Day => Self::Day(Date32Builder::new()),
            Kind::Local => Self::Local(TimestampMicrosecondBuilder::new()),
            Kind::Truth => Self::Truth(BooleanBuilder::new()),
        }
    }

    /// Adds a cell; one of another kind stands as nothing.
    fn push(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Self::Integer(builder), Cell::Integer(number)) => builder.append_value(number),
            (Self::Text(builder), Cell::Text(text)) => builder.append_value(text),
            (Self::Decimal(builder), Cell::Decimal(number)) => {
                builder.append_option(units(number));
            }
            (Self::Time(builder), Cell::Time(at)) => builder.append_value(at.as_microsecond()),
            (Self::Day(builder), Cell::Day(day)) => builder.append_value(day_number(day)),
            (Self::Local(builder), Cell::Local(local)) => {
                // Counted as if the clock stood in Greenwich: that is what a local time is.
                let counted = Offset::UTC.to_timestamp(local).map(Timestamp::as_microsecond);
                builder.append_option(counted.ok());
            }
            (Self::Truth(builder), Cell::Truth(truth)) => builder.append_value(truth),
            (Self::Integer(builder), _) => builder.append_null(),
            (Self::Text(builder), _) => builder.append_null(),
            (Self::Decimal(builder), _) => builder.append_null(),
            (Self::Time(builder) | Self::Local(builder), _) => builder.append_null(),
            (Self::Day(builder), _) => builder.append_null(),
            (Self::Truth(builder), _) => builder.append_null(),
        }
    }

    fn finish(mut self) -> ArrayRef {
        let builder: &mut dyn ArrayBuilder = match &mut self {
            Self::Integer(builder) => builder,
            Self::Text(builder) => builder,
            Self::Decimal(builder) => builder,
            Self::Time(builder) | Self::Local(builder) => builder,
            Self::Day(builder) => builder,
            Self::Truth(builder) => builder,
        };
        builder.finish()
    }
}

/// Rows being gathered, of the columns wanted alone.
pub(crate) struct Rows {
    schema: SchemaRef,
    builders: Vec<(usize, Builder)>,
    count: usize,
}

impl Rows {
    /// None yet, of these of the table's columns.
    pub(crate) fn new(columns: &[Column], wanted: &[usize]) -> Self {
        let chosen: Vec<Column> = wanted.iter().map(|place| columns[*place]).collect();
        let builders =
            wanted.iter().map(|place| (*place, Builder::new(columns[*place].kind))).collect();
        Self { schema: schema(&chosen), builders, count: 0 }
    }

    /// Adds a row: `cell` gives what stands in a column, by its place in the table.
    pub(crate) fn push<'a>(&mut self, cell: impl Fn(usize) -> Cell<'a>) {
        for (place, builder) in &mut self.builders {
            builder.push(cell(*place));
        }
        self.count += 1;
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// The rows as one batch.
    pub(crate) fn finish(self) -> Result<RecordBatch> {
        use datafusion::arrow::record_batch::RecordBatchOptions;
        let columns = self.builders.into_iter().map(|(_, builder)| builder.finish()).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.count));
        Ok(RecordBatch::try_new_with_options(self.schema, columns, &options)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_ten_places_and_round_the_rest() {
        let units = |text: &str| units(text.parse().expect("a decimal"));
        assert_eq!(units("12.5"), Some(125_000_000_000));
        assert_eq!(units("-0.00000000005"), Some(0));
        assert_eq!(units("0.00000000015"), Some(2));
        assert_eq!(units("79228162514264337593543950335"), None);
        assert!(units("999999999999999999999999999").is_some());
    }

    #[test]
    fn days_count_from_1970() {
        assert_eq!(day_number(Date::constant(1970, 1, 2)), 1);
        assert_eq!(day_number(Date::constant(2026, 11, 29)), 20_786);
        assert_eq!(day_number(Date::constant(1969, 12, 31)), -1);
    }
}
