//! Parquet: a row group at a time, columns as they are; and how columns of Arrow are read.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, DictionaryArray, PrimitiveArray, RecordBatch,
};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use rulebook::Decimal;

use super::{Content, Head, MakeHead, Opened, Piece, unreadable};
use crate::micro::{self, MISSING, Read};
use crate::problem::Problem;
use crate::time::{Clock, DAY, date};

/// Rows of a row group decoded at once.
pub(super) const BATCH: usize = 32_768;
/// Rows handed to a thread at once where each becomes a row of texts.
pub(super) const FEW: usize = 4_096;

/// What the pieces of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Whole row groups, of which little is kept.
    Groups,
    /// Some thousand rows: the groups of a file may be of any size.
    Rows,
    /// The same, and all their columns go into the result.
    Kept,
}

/// A row group.
pub(crate) struct ParquetPiece {
    metadata: ArrowReaderMetadata,
    group: usize,
}

pub(super) fn open(
    path: &Path,
    file: File,
    cut: Cut,
    head: &MakeHead<'_>,
) -> Result<Opened, Vec<Problem>> {
    let failed = |error: parquet::errors::ParquetError| vec![unreadable(path, &error)];
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let plain = ArrowReaderMetadata::load(&file, options.clone()).map_err(failed)?;
    let titles = plain.schema().fields().iter().map(|field| field.name().clone()).collect();
    // Texts repeat: they are kept as numbers of a dictionary.
    let fields: Vec<Field> = plain
        .schema()
        .fields()
        .iter()
        .map(|field| match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                let kind = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
                Field::new(field.name(), kind, field.is_nullable())
            }
            _ => field.as_ref().clone(),
        })
        .collect();
    let options = options.with_schema(Arc::new(Schema::new(fields)));
    let metadata = ArrowReaderMetadata::load(&file, options).map_err(failed)?;
    let head = head(titles)?;
    check_kinds(&head, plain.schema(), cut)?;
    let made = head.clone();
    let rows: Vec<u64> =
        metadata.metadata().row_groups().iter().map(|group| group.num_rows() as u64).collect();
    let weight = rows.iter().sum();
    let mut first_row = 2;
    if cut != Cut::Groups {
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
        let batches = reader.with_batch_size(FEW).build().map_err(failed)?;
        let pieces = batches.map(move |batch| {
            let batch = batch.map_err(|error| unreadable(&head.path, &error))?;
            let weight = batch.num_rows() as u64;
            let content = Content::Batch(batch);
            let piece = Piece { head: head.clone(), first_row, weight, content };
            first_row += weight;
            Ok(piece)
        });
        return Ok(Opened { head: made, weight, pieces: Box::new(pieces) });
    }
    let pieces = rows.into_iter().enumerate().map(move |(group, weight)| {
        let content = Content::Parquet(ParquetPiece { metadata: metadata.clone(), group });
        let piece = Piece { head: head.clone(), first_row, weight, content };
        first_row += weight;
        Ok(piece)
    });
    Ok(Opened { head: made, weight, pieces: Box::new(pieces) })
}

/// Columns that a method reads, or that go into its result, must be of a kind that can be read.
pub(super) fn check_kinds(head: &Head, schema: &Schema, cut: Cut) -> Result<(), Vec<Problem>> {
    let wrong = |place: usize| {
        let field = schema.field(place);
        let what = format!("the column is of the kind {}", field.data_type());
        let cure = "Write it as numbers, texts, dates or timestamps.";
        let problem = Problem::of_file("columns.kind", what, cure).in_column(field.name());
        (!can_be_read(field.data_type())).then_some(problem)
    };
    let problems: Vec<Problem> = if cut == Cut::Kept {
        (0..schema.fields().len()).filter_map(wrong).collect()
    } else {
        head.bound.iter().flatten().filter_map(|found| wrong(found.place)).collect()
    };
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn can_be_read(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => can_be_read(values),
        DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::Binary
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal128(..)
        | DataType::Boolean
        | DataType::Date32
        | DataType::Timestamp(..)
        | DataType::Null => true,
        _ => kind.is_integer(),
    }
}

impl ParquetPiece {
    /// Calls `each` with the number of the first row and the columns asked for, some thousand rows
    /// at a time.
    pub(crate) fn each_batch(
        &self,
        piece: &Piece,
        places: &[usize],
        mut each: impl FnMut(u64, &RecordBatch) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let failed = |error: &dyn std::fmt::Display| unreadable(&piece.head.path, error);
        // Each reader has its own file: threads that share one would move each other's place.
        let file = File::open(&piece.head.path).map_err(|error| failed(&error))?;
        let reader =
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let mask = ProjectionMask::roots(reader.parquet_schema(), places.iter().copied());
        let reader = reader
            .with_row_groups(vec![self.group])
            .with_projection(mask)
            .with_batch_size(BATCH)
            .build()
            .map_err(|error| failed(&error))?;
        let mut row = piece.first_row;
        for batch in reader {
            let batch = batch.map_err(|error| failed(&error))?;
            each(row, &batch)?;
            row += batch.num_rows() as u64;
        }
        Ok(())
    }
}

/// Calls `each` with the number and the cells of every row of a batch.
pub(super) fn each_row(first_row: u64, batch: &RecordBatch, each: &mut dyn FnMut(u64, &[&str])) {
    let columns: Vec<Vec<String>> = batch.columns().iter().map(texts).collect();
    for place in 0..batch.num_rows() {
        let cells: Vec<&str> = columns.iter().map(|cells| cells[place].as_str()).collect();
        each(first_row + place as u64, &cells);
    }
}

/// The cells of a column as texts, empty where there is none.
pub(crate) fn texts(column: &ArrayRef) -> Vec<String> {
    match column.data_type() {
        DataType::Dictionary(..) => {
            let Some(dictionary) = column.as_any_dictionary_opt() else {
                return vec![String::new(); column.len()];
            };
            let values = texts(dictionary.values());
            if values.is_empty() {
                return vec![String::new(); column.len()];
            }
            let (keys, places) = (dictionary.keys(), dictionary.normalized_keys());
            let cell = |(row, place): (usize, usize)| {
                if keys.is_null(row) { String::new() } else { values[place].clone() }
            };
            places.into_iter().enumerate().map(cell).collect()
        }
        DataType::Utf8 => {
            filled(column.as_string::<i32>().iter().map(|cell| cell.map(str::to_owned)))
        }
        DataType::LargeUtf8 => {
            filled(column.as_string::<i64>().iter().map(|cell| cell.map(str::to_owned)))
        }
        DataType::Utf8View => {
            filled(column.as_string_view().iter().map(|cell| cell.map(str::to_owned)))
        }
        DataType::Boolean => {
            filled(column.as_boolean().iter().map(|cell| cell.map(|truth| truth.to_string())))
        }
        DataType::Float64 => shown::<Float64Type>(column),
        DataType::Float32 => shown::<Float32Type>(column),
        DataType::Date32 => filled(
            column.as_primitive::<Date32Type>().iter().map(|cell| Some(date(cell?)?.to_string())),
        ),
        DataType::Timestamp(..) => times(column).map_or_else(
            || vec![String::new(); column.len()],
            |seconds| seconds.into_iter().map(time_text).collect(),
        ),
        DataType::Binary => filled(
            column
                .as_binary::<i32>()
                .iter()
                .map(|cell| Some(String::from_utf8_lossy(cell?).into_owned())),
        ),
        DataType::Decimal128(..) => {
            let decimals = column.as_primitive::<Decimal128Type>();
            let cell =
                |place: usize| decimals.is_valid(place).then(|| decimals.value_as_string(place));
            filled((0..column.len()).map(cell))
        }
        _ => match whole_numbers(column) {
            Some(numbers) => {
                filled(numbers.into_iter().map(|number| number.map(|whole| whole.to_string())))
            }
            None => vec![String::new(); column.len()],
        },
    }
}

/// The first cell of a column that is no number, and its place.
pub(crate) fn no_number(column: &ArrayRef, shift: i32) -> Option<(usize, String)> {
    let is_wrong =
        |text: &String| micro::shifted(micro::parse(text.as_bytes()), shift) == Read::Wrong;
    texts(column).into_iter().enumerate().find(|(_, text)| is_wrong(text))
}

/// The first cell of a column that is no time, and its place; the first one where the whole column
/// is something else.
pub(crate) fn no_time(column: &ArrayRef) -> Option<(usize, String)> {
    let mut clock = Clock::default();
    let is_text = matches!(column.data_type(), DataType::Dictionary(..));
    let mut is_wrong =
        |text: &String| !is_text || (!text.is_empty() && clock.seconds(text.as_bytes()).is_none());
    texts(column).into_iter().enumerate().find(|(_, text)| is_wrong(text))
}

/// A column of texts as numbers of a dictionary, as a file of Parquet is read; others as they are.
pub(crate) fn worded(column: &ArrayRef) -> ArrayRef {
    let words: DictionaryArray<Int32Type> = match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().iter().collect(),
        DataType::LargeUtf8 => column.as_string::<i64>().iter().collect(),
        DataType::Utf8View => column.as_string_view().iter().collect(),
        DataType::Dictionary(key, value)
            if **key != DataType::Int32 || **value != DataType::Utf8 =>
        {
            let texts = texts(column);
            texts.iter().map(|text| Some(text.as_str()).filter(|text| !text.is_empty())).collect()
        }
        _ => return column.clone(),
    };
    Arc::new(words)
}

fn filled(cells: impl Iterator<Item = Option<String>>) -> Vec<String> {
    cells.map(Option::unwrap_or_default).collect()
}

fn shown<Kind: ArrowPrimitiveType>(column: &ArrayRef) -> Vec<String>
where
    Kind::Native: std::fmt::Display,
{
    let cell = |cell: Option<Kind::Native>| cell.map(|cell| cell.to_string());
    filled(column.as_primitive::<Kind>().iter().map(cell))
}

fn time_text(seconds: i64) -> String {
    if seconds == MISSING {
        return String::new();
    }
    let day = i32::try_from(seconds.div_euclid(DAY)).ok().and_then(date);
    let minute = seconds.rem_euclid(DAY) / 60;
    day.map_or_else(String::new, |day| format!("{day} {:02}:{:02}", minute / 60, minute % 60))
}

/// A column as millionths times `10^shift`, with the number of cells that were rounded; `None` when
/// a cell is no number.
pub(crate) fn numbers(column: &ArrayRef, shift: i32) -> Option<(Vec<i64>, u64)> {
    let mut rounded = 0;
    let mut take = |read: Read| match read {
        Read::Exact(value) => Some(value),
        Read::Rounded(value) => {
            rounded += 1;
            Some(value)
        }
        Read::Missing => Some(MISSING),
        Read::Wrong => None,
    };
    let shifted = |read: Read| micro::shifted(read, shift);
    let found: Option<Vec<i64>> = match column.data_type() {
        DataType::Float64 if shift == 0 => {
            let (found, more) = doubles(column.as_primitive::<Float64Type>())?;
            return Some((found, more));
        }
        DataType::Float64 => {
            let read = |cell: Option<f64>| cell.map_or(Read::Missing, micro::of_double);
            let array = column.as_primitive::<Float64Type>();
            array.iter().map(|cell| take(shifted(read(cell)))).collect()
        }
        DataType::Float32 => {
            let text = |cell: f32| micro::parse(cell.to_string().as_bytes());
            let read = |cell: Option<f32>| cell.map_or(Read::Missing, text);
            column
                .as_primitive::<Float32Type>()
                .iter()
                .map(|cell| take(shifted(read(cell))))
                .collect()
        }
        DataType::Decimal128(_, scale) => {
            let scale = u32::try_from(*scale).ok()?;
            let decimal = |cell: i128| match Decimal::try_from_i128_with_scale(cell, scale) {
                Ok(value) => micro::of_decimal(value),
                Err(_) => Read::Wrong,
            };
            let read = |cell: Option<i128>| cell.map_or(Read::Missing, decimal);
            let array = column.as_primitive::<Decimal128Type>();
            array.iter().map(|cell| take(shifted(read(cell)))).collect()
        }
        DataType::Dictionary(..) => {
            let dictionary = column.as_dictionary_opt::<Int32Type>()?;
            let values = texts(dictionary.values());
            let read: Vec<Read> =
                values.iter().map(|text| shifted(micro::parse(text.as_bytes()))).collect();
            let cell = |key: Option<i32>| key.map_or(Read::Missing, |key| read[key as usize]);
            dictionary.keys().iter().map(|key| take(cell(key))).collect()
        }
        _ => whole_numbers(column)?.into_iter().map(|cell| take(shifted(of_whole(cell)))).collect(),
    };
    Some((found?, rounded))
}

/// Doubles as millionths. Nearly all are short decimals and are turned without a branch; the others
/// are turned one by one.
fn doubles(array: &PrimitiveArray<Float64Type>) -> Option<(Vec<i64>, u64)> {
    let mut found = vec![MISSING; array.len()];
    let mut is_short = true;
    for (found, cell) in found.iter_mut().zip(array.values()) {
        let (whole, is_exact) = micro::of_short_double(*cell);
        *found = whole;
        is_short &= is_exact;
    }
    let mut rounded = 0;
    if !is_short {
        for (found, cell) in found.iter_mut().zip(array.values()) {
            *found = match micro::of_double(*cell) {
                Read::Exact(value) => value,
                Read::Rounded(value) => {
                    rounded += 1;
                    value
                }
                Read::Missing => MISSING,
                Read::Wrong => return None,
            };
        }
    }
    if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
        for (found, is_valid) in found.iter_mut().zip(nulls.iter()) {
            if !is_valid {
                *found = MISSING;
            }
        }
    }
    Some((found, rounded))
}

fn of_whole(cell: Option<i64>) -> Read {
    cell.map_or(Read::Missing, |whole| micro::of_decimal(Decimal::from(whole)))
}

fn whole_numbers(column: &ArrayRef) -> Option<Vec<Option<i64>>> {
    fn of<Kind: ArrowPrimitiveType>(array: &PrimitiveArray<Kind>) -> Vec<Option<i64>>
    where
        i64: TryFrom<Kind::Native>,
    {
        // What no number of this kind holds is too large for any that is read.
        array.iter().map(|cell| Some(i64::try_from(cell?).unwrap_or(i64::MAX))).collect()
    }
    Some(match column.data_type() {
        DataType::Int8 => of(column.as_primitive::<Int8Type>()),
        DataType::Int16 => of(column.as_primitive::<Int16Type>()),
        DataType::Int32 => of(column.as_primitive::<Int32Type>()),
        DataType::Int64 => of(column.as_primitive::<Int64Type>()),
        DataType::UInt8 => of(column.as_primitive::<UInt8Type>()),
        DataType::UInt16 => of(column.as_primitive::<UInt16Type>()),
        DataType::UInt32 => of(column.as_primitive::<UInt32Type>()),
        DataType::UInt64 => of(column.as_primitive::<UInt64Type>()),
        DataType::Null => vec![None; column.len()],
        _ => return None,
    })
}

/// A column as Beijing seconds since 1970; `None` when a cell is no time.
///
/// A timestamp with a zone is an instant; one without is Beijing time.
pub(crate) fn times(column: &ArrayRef) -> Option<Vec<i64>> {
    fn of<Kind: ArrowPrimitiveType<Native = i64>>(
        column: &ArrayRef,
        unit: i64,
        shift: i64,
    ) -> Vec<i64> {
        let array = column.as_primitive::<Kind>();
        array
            .iter()
            .map(|cell| cell.map_or(MISSING, |ticks| ticks.div_euclid(unit) + shift))
            .collect()
    }
    match column.data_type() {
        DataType::Timestamp(unit, zone) => {
            let shift = if zone.is_some() { 8 * 3_600 } else { 0 };
            Some(match unit {
                TimeUnit::Second => of::<TimestampSecondType>(column, 1, shift),
                TimeUnit::Millisecond => of::<TimestampMillisecondType>(column, 1_000, shift),
                TimeUnit::Microsecond => of::<TimestampMicrosecondType>(column, 1_000_000, shift),
                TimeUnit::Nanosecond => of::<TimestampNanosecondType>(column, 1_000_000_000, shift),
            })
        }
        DataType::Date32 => {
            let array = column.as_primitive::<Date32Type>();
            Some(array.iter().map(|day| day.map_or(MISSING, |day| i64::from(day) * DAY)).collect())
        }
        DataType::Dictionary(..) => {
            let dictionary = column.as_dictionary_opt::<Int32Type>()?;
            let mut clock = Clock::default();
            let values: Option<Vec<i64>> = texts(dictionary.values())
                .iter()
                .map(|text| clock.seconds(text.as_bytes()))
                .collect();
            let values = values?;
            Some(
                dictionary
                    .keys()
                    .iter()
                    .map(|key| key.map_or(MISSING, |key| values[key as usize]))
                    .collect(),
            )
        }
        _ => None,
    }
}

/// A column as days since 1970; `None` when a cell is no day.
pub(crate) fn dates(column: &ArrayRef) -> Option<Vec<i64>> {
    let seconds = times(column)?;
    let day = |seconds: i64| if seconds == MISSING { MISSING } else { seconds.div_euclid(DAY) };
    Some(seconds.into_iter().map(day).collect())
}
