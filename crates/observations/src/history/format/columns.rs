//! The columns of both files and how a factor's numbers stand in them.

use super::error::FormatError;
use crate::model::{FactorValue, Marks};
use crate::packing::{pack, unpack};
use arrow_array::builder::{
    BinaryBuilder, Int32Builder, Int64Builder, StringDictionaryBuilder, TimestampMillisecondBuilder,
};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, BinaryArray, DictionaryArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use registry::{FactorId, PointId};
use rulebook::Decimal;
use std::sync::{Arc, LazyLock};

/// The columns of numbers, in the order of [`FactorValue::numbers`].
pub(crate) const NUMBERS: [&str; 7] =
    ["value", "min", "max", "sum", "converted", "converted_min", "converted_max"];
/// A series with more decimals than this keeps those numbers packed.
pub(super) const SCALE_MAX: u32 = 12;
/// What stands in place of a scale where there is no number.
const NO_SCALE: i64 = 31;
const BITS_A_SCALE: u32 = 5;

fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
}

fn words() -> DataType {
    DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into())
}

/// The columns of `values`.
pub(crate) fn values_schema() -> Arc<Schema> {
    static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
        let mut fields = vec![
            Field::new("point", DataType::Int64, false),
            Field::new("factor", DataType::Int32, false),
            Field::new("observed_at", instant(), false),
        ];
        fields.extend(NUMBERS.map(|name| Field::new(name, DataType::Int64, true)));
        fields.extend([
            Field::new("scale", DataType::Int32, false),
            Field::new("flag", words(), true),
            Field::new("marks", DataType::Int64, false),
            Field::new("own_scales", DataType::Int64, true),
            Field::new("wide", DataType::Binary, true),
        ]);
        Arc::new(Schema::new(fields))
    });
    SCHEMA.clone()
}

/// The columns of `rows`.
pub(crate) fn rows_schema() -> Arc<Schema> {
    static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
        Arc::new(Schema::new(vec![
            Field::new("point", DataType::Int64, false),
            Field::new("observed_at", instant(), false),
            Field::new("received_at", instant(), false),
            Field::new("block", DataType::Int64, false),
            Field::new("block_index", DataType::Int64, false),
            Field::new("version", DataType::Int64, false),
            Field::new("factors", words(), false),
        ]))
    });
    SCHEMA.clone()
}

/// The scale that all numbers of a series are brought to.
pub(super) fn scale_of<'a>(values: impl Iterator<Item = &'a FactorValue>) -> u32 {
    let scales = values.flat_map(|value| value.numbers().into_iter().flatten().map(|n| n.scale()));
    scales.filter(|scale| *scale <= SCALE_MAX).max().unwrap_or(0)
}

/// A factor's numbers at the scale of its series.
struct Scaled {
    digits: [Option<i64>; 7],
    own_scales: Option<i64>,
}

/// Brings the numbers to a scale; `None` where one does not fit.
fn scaled(value: &FactorValue, scale: u32) -> Option<Scaled> {
    let mut digits = [None; 7];
    let (mut own, mut differs) = (0_i64, false);
    for (place, number) in value.numbers().into_iter().enumerate() {
        let mut kept = NO_SCALE;
        if let Some(number) = number {
            let up = scale.checked_sub(number.scale())?;
            let mantissa = i64::try_from(number.mantissa()).ok()?;
            digits[place] = Some(mantissa.checked_mul(10_i64.checked_pow(up)?)?);
            kept = i64::from(number.scale());
            differs |= up != 0;
        }
        own |= kept << (place as u32 * BITS_A_SCALE);
    }
    Some(Scaled { digits, own_scales: differs.then_some(own) })
}

/// A number as it stands in a column.
pub(crate) fn number_of(digits: i64, scale: u32) -> Decimal {
    Decimal::new(digits, scale)
}

/// Lines of `values` being gathered.
pub(super) struct ValuesBuilder {
    point: Int64Builder,
    factor: Int32Builder,
    observed_at: TimestampMillisecondBuilder,
    numbers: [Int64Builder; 7],
    scale: Int32Builder,
    flag: StringDictionaryBuilder<Int32Type>,
    marks: Int64Builder,
    own_scales: Int64Builder,
    wide: BinaryBuilder,
    lines: usize,
}

impl ValuesBuilder {
    pub(super) fn new() -> Self {
        Self {
            point: Int64Builder::new(),
            factor: Int32Builder::new(),
            observed_at: TimestampMillisecondBuilder::new(),
            numbers: std::array::from_fn(|_| Int64Builder::new()),
            scale: Int32Builder::new(),
            flag: StringDictionaryBuilder::new(),
            marks: Int64Builder::new(),
            own_scales: Int64Builder::new(),
            wide: BinaryBuilder::new(),
            lines: 0,
        }
    }

    pub(super) const fn lines(&self) -> usize {
        self.lines
    }

    pub(super) fn push(&mut self, point: PointId, at_ms: i64, scale: u32, value: &FactorValue) {
        self.lines += 1;
        self.point.append_value(point.0);
        self.factor.append_value(i32::from(value.factor.0));
        self.observed_at.append_value(at_ms);
        self.scale.append_value(scale as i32);
        self.marks.append_value(i64::from(value.marks.0));
        match value.flag {
            None => self.flag.append_null(),
            // Any byte is a character of Latin-1, and comes back from there.
            Some(flag) => {
                let mut room = [0; 4];
                self.flag.append_value(char::from(flag).encode_utf8(&mut room));
            }
        }
        let scaled = scaled(value, scale);
        let digits = scaled.as_ref().map_or([None; 7], |scaled| scaled.digits);
        for (column, digits) in self.numbers.iter_mut().zip(digits) {
            column.append_option(digits);
        }
        self.own_scales.append_option(scaled.as_ref().and_then(|scaled| scaled.own_scales));
        if scaled.is_some() {
            self.wide.append_null();
        } else {
            self.wide.append_value(pack(&[*value]));
        }
    }

    pub(super) fn take(&mut self) -> Result<RecordBatch, FormatError> {
        self.lines = 0;
        let mut columns: Vec<Arc<dyn Array>> = vec![
            Arc::new(self.point.finish()),
            Arc::new(self.factor.finish()),
            Arc::new(self.observed_at.finish().with_timezone("UTC")),
        ];
        for column in &mut self.numbers {
            columns.push(Arc::new(column.finish()));
        }
        columns.push(Arc::new(self.scale.finish()));
        columns.push(Arc::new(self.flag.finish()));
        columns.push(Arc::new(self.marks.finish()));
        columns.push(Arc::new(self.own_scales.finish()));
        columns.push(Arc::new(self.wide.finish()));
        Ok(RecordBatch::try_new(values_schema(), columns)?)
    }
}

/// Lines of `rows` being gathered.
pub(super) struct RowsBuilder {
    point: Int64Builder,
    observed_at: TimestampMillisecondBuilder,
    received_at: TimestampMillisecondBuilder,
    block: Int64Builder,
    block_index: Int64Builder,
    version: Int64Builder,
    factors: StringDictionaryBuilder<Int32Type>,
    order: String,
    lines: usize,
}

impl RowsBuilder {
    pub(super) fn new() -> Self {
        Self {
            point: Int64Builder::new(),
            observed_at: TimestampMillisecondBuilder::new(),
            received_at: TimestampMillisecondBuilder::new(),
            block: Int64Builder::new(),
            block_index: Int64Builder::new(),
            version: Int64Builder::new(),
            factors: StringDictionaryBuilder::new(),
            order: String::new(),
            lines: 0,
        }
    }

    pub(super) const fn lines(&self) -> usize {
        self.lines
    }

    pub(super) fn push(&mut self, row: &crate::Row) {
        use std::fmt::Write as _;
        self.lines += 1;
        self.point.append_value(row.point.0);
        self.observed_at.append_value(row.observed_at.as_millisecond());
        self.received_at.append_value(row.received_at.as_millisecond());
        self.block.append_value(row.source.block);
        self.block_index.append_value(i64::from(row.source.index));
        self.version.append_value(i64::from(row.version));
        self.order.clear();
        for value in &row.values {
            let between = if self.order.is_empty() { "" } else { " " };
            // Writing into a text cannot fail.
            let _ = write!(self.order, "{between}{}", value.factor.0);
        }
        self.factors.append_value(&self.order);
    }

    pub(super) fn take(&mut self) -> Result<RecordBatch, FormatError> {
        self.lines = 0;
        let columns: Vec<Arc<dyn Array>> = vec![
            Arc::new(self.point.finish()),
            Arc::new(self.observed_at.finish().with_timezone("UTC")),
            Arc::new(self.received_at.finish().with_timezone("UTC")),
            Arc::new(self.block.finish()),
            Arc::new(self.block_index.finish()),
            Arc::new(self.version.finish()),
            Arc::new(self.factors.finish()),
        ];
        Ok(RecordBatch::try_new(rows_schema(), columns)?)
    }
}

/// A column of whole numbers of a batch that was read.
pub(crate) fn whole<'batch>(batch: &'batch RecordBatch, name: &str) -> Option<&'batch Int64Array> {
    batch.column_by_name(name)?.as_primitive_opt::<Int64Type>()
}

/// A column of moments, in milliseconds.
pub(crate) fn moments<'batch>(batch: &'batch RecordBatch, name: &str) -> Option<&'batch [i64]> {
    let column = batch.column_by_name(name)?.as_primitive_opt::<TimestampMillisecondType>()?;
    Some(column.values())
}

/// A column of words and what they are, each word once.
pub(crate) fn worded<'batch>(
    batch: &'batch RecordBatch,
    name: &str,
) -> Option<(&'batch DictionaryArray<Int32Type>, &'batch StringArray)> {
    let column = batch.column_by_name(name)?.as_dictionary_opt::<Int32Type>()?;
    Some((column, column.values().as_string_opt::<i32>()?))
}

/// A batch of `values` with all that a [`FactorValue`] needs.
pub(crate) struct Numbers<'batch> {
    columns: [&'batch Int64Array; 7],
    flags: Vec<Option<u8>>,
    flag: &'batch DictionaryArray<Int32Type>,
    marks: &'batch Int64Array,
    own_scales: &'batch Int64Array,
    wide: &'batch BinaryArray,
}

impl<'batch> Numbers<'batch> {
    /// `None` when a column is missing or of another kind.
    pub(crate) fn of(batch: &'batch RecordBatch) -> Option<Self> {
        let (flag, texts) = worded(batch, "flag")?;
        let one = |text: &str| text.chars().next().and_then(|letter| u8::try_from(letter).ok());
        Some(Self {
            columns: {
                let mut columns = [whole(batch, NUMBERS[0])?; 7];
                for (column, name) in columns.iter_mut().zip(NUMBERS) {
                    *column = whole(batch, name)?;
                }
                columns
            },
            flags: texts.iter().map(|text| text.and_then(one)).collect(),
            flag,
            marks: whole(batch, "marks")?,
            own_scales: whole(batch, "own_scales")?,
            wide: batch.column_by_name("wide")?.as_binary_opt::<i32>()?,
        })
    }

    /// Whether the numbers of a line are as they came when the scale of the series is put to them.
    pub(crate) fn is_plain(&self, line: usize) -> bool {
        self.own_scales.is_null(line) && self.wide.is_null(line)
    }

    /// Whether all lines are plain.
    pub(crate) fn are_plain(&self) -> bool {
        let is_empty = |column: &dyn Array| column.null_count() == column.len();
        is_empty(self.own_scales) && is_empty(self.wide)
    }

    /// A column of numbers, by its place in [`FactorValue::numbers`].
    pub(crate) const fn column(&self, place: usize) -> &'batch Int64Array {
        self.columns[place]
    }

    /// The digits of a number, by its place in [`FactorValue::numbers`].
    pub(crate) fn digits(&self, place: usize, line: usize) -> Option<i64> {
        let column = self.columns[place];
        column.is_valid(line).then(|| column.value(line))
    }

    /// The letter that the device gave.
    pub(crate) fn flag(&self, line: usize) -> Option<u8> {
        let key = self.flag.is_valid(line).then(|| self.flag.keys().value(line))?;
        *self.flags.get(usize::try_from(key).ok()?)?
    }

    /// The factor of a line; `None` when its bytes are damaged.
    pub(crate) fn factor_value(
        &self,
        line: usize,
        factor: FactorId,
        scale: u32,
    ) -> Option<FactorValue> {
        if self.wide.is_valid(line) {
            return unpack(self.wide.value(line)).ok()?.into_iter().next();
        }
        let mut value = FactorValue::empty(factor);
        let own = self.own_scales.is_valid(line).then(|| self.own_scales.value(line));
        for (place, number) in value.numbers_mut().into_iter().enumerate() {
            let column = self.columns[place];
            if column.is_null(line) {
                continue;
            }
            let (mut digits, mut decimals) = (column.value(line), scale);
            if let Some(own) = own {
                let kept = (own >> (place as u32 * BITS_A_SCALE)) & NO_SCALE;
                decimals = u32::try_from(kept).ok()?;
                digits /= 10_i64.checked_pow(scale.checked_sub(decimals)?)?;
            }
            *number = Some(number_of(digits, decimals));
        }
        if self.flag.is_valid(line) {
            let key = usize::try_from(self.flag.keys().value(line)).ok()?;
            value.flag = Some((*self.flags.get(key)?)?);
        }
        value.marks = Marks(u32::try_from(self.marks.value(line)).ok()?);
        Some(value)
    }
}
