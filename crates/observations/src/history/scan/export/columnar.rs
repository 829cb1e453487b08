//! Columns for data scientists: codes as dictionaries, times in UTC, numbers as decimals.

use super::names::Names;
use crate::error::ObservationError;
use crate::history::format::{Numbers, Series};
use crate::model::FactorValue;
use arrow_array::builder::{Decimal128Builder, Int32Builder, TimestampMillisecondBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use registry::{FactorId, PointId};
use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

const NUMBERS: [&str; 7] =
    ["value", "min", "max", "sum", "converted", "converted_min", "converted_max"];
/// Digits of a column of decimals: what eight bytes hold.
const DIGITS: u8 = 18;
const LARGEST: i128 = 999_999_999_999_999_999;

fn codes() -> DataType {
    DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into())
}

fn schema(scale: u32) -> Arc<Schema> {
    let number = DataType::Decimal128(DIGITS, scale as i8);
    let instant = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    let mut fields = vec![
        Field::new("point_kind", codes(), false),
        Field::new("point", codes(), false),
        Field::new("factor", codes(), false),
        Field::new("observed_at", instant, false),
    ];
    fields.extend(NUMBERS.map(|name| Field::new(name, number.clone(), true)));
    fields.push(Field::new("flag", codes(), true));
    Arc::new(Schema::new(fields))
}

/// Lines being gathered as columns.
pub(super) struct Table {
    scale: u32,
    point: Int32Builder,
    factor: Int32Builder,
    observed_at: TimestampMillisecondBuilder,
    numbers: [Decimal128Builder; 7],
    flag: Int32Builder,
    room: Vec<i128>,
}

impl Table {
    pub(super) fn new(scale: u32) -> Self {
        Self {
            scale,
            point: Int32Builder::new(),
            factor: Int32Builder::new(),
            observed_at: TimestampMillisecondBuilder::new(),
            numbers: std::array::from_fn(|_| Decimal128Builder::new()),
            flag: Int32Builder::new(),
            room: Vec::new(),
        }
    }

    pub(super) fn plain(
        &mut self,
        names: &Names,
        series: &Series,
        at_ms: i64,
        numbers: &Numbers<'_>,
        line: usize,
    ) -> Result<(), ObservationError> {
        let up = 10_i128.pow(self.scale.saturating_sub(series.scale));
        let digits = std::array::from_fn(|place| {
            numbers.digits(place, line).map(|digits| i128::from(digits) * up)
        });
        self.line(names, (series.point, series.factor), at_ms, digits, numbers.flag(line))
    }

    /// Neighbouring lines of a series, column by column.
    pub(super) fn run(
        &mut self,
        names: &Names,
        series: &Series,
        times: &[i64],
        numbers: &Numbers<'_>,
        lines: Range<usize>,
    ) -> Result<(), ObservationError> {
        let up = 10_i128.pow(self.scale.saturating_sub(series.scale));
        for (place, column) in self.numbers.iter_mut().enumerate() {
            let part = numbers.column(place).slice(lines.start, lines.len());
            if part.null_count() == part.len() {
                column.append_nulls(part.len());
                continue;
            }
            let largest = part.iter().flatten().map(i64::unsigned_abs).max().unwrap_or(0);
            if i128::from(largest) * up > LARGEST {
                return Err(too_long(series.point, series.factor, self.scale));
            }
            if part.null_count() == 0 {
                self.room.clear();
                self.room.extend(part.values().iter().map(|digits| i128::from(*digits) * up));
                column.append_slice(&self.room);
            } else {
                column.extend(part.iter().map(|digits| digits.map(|one| i128::from(one) * up)));
            }
        }
        let count = lines.len();
        self.point.append_value_n(names.point(series.point) as i32, count);
        self.factor.append_value_n(names.factor(series.factor) as i32, count);
        self.observed_at.append_slice(&times[lines.clone()]);
        self.flag.extend(lines.map(|line| numbers.flag(line).map(i32::from)));
        Ok(())
    }

    pub(super) fn value(
        &mut self,
        names: &Names,
        point: PointId,
        at_ms: i64,
        value: &FactorValue,
    ) -> Result<(), ObservationError> {
        let mut digits = [None; 7];
        for (into, number) in digits.iter_mut().zip(value.numbers()) {
            *into = number.map(|number| {
                let up = self.scale.checked_sub(number.scale());
                let up = up.and_then(|up| 10_i128.checked_pow(up));
                up.and_then(|up| number.mantissa().checked_mul(up)).unwrap_or(i128::MAX)
            });
        }
        self.line(names, (point, value.factor), at_ms, digits, value.flag)
    }

    fn line(
        &mut self,
        names: &Names,
        (point, factor): (PointId, FactorId),
        at_ms: i64,
        digits: [Option<i128>; 7],
        flag: Option<u8>,
    ) -> Result<(), ObservationError> {
        for (column, digits) in self.numbers.iter_mut().zip(digits) {
            if digits.is_some_and(|digits| digits.unsigned_abs() > LARGEST.unsigned_abs()) {
                return Err(too_long(point, factor, self.scale));
            }
            column.append_option(digits);
        }
        self.point.append_value(names.point(point) as i32);
        self.factor.append_value(names.factor(factor) as i32);
        self.observed_at.append_value(at_ms);
        self.flag.append_option(flag.map(i32::from));
        Ok(())
    }

    pub(super) fn finish(mut self, names: &Names) -> Result<RecordBatch, ObservationError> {
        let point = self.point.finish();
        let mut columns: Vec<ArrayRef> = vec![
            coded(point.clone(), names.points.iter().map(|(kind, _)| *kind))?,
            coded(point, names.points.iter().map(|(_, code)| code.as_str()))?,
            coded(self.factor.finish(), names.factors.iter().map(String::as_str))?,
            Arc::new(self.observed_at.finish().with_timezone("UTC")),
        ];
        for column in &mut self.numbers {
            let numbers = column.finish().with_precision_and_scale(DIGITS, self.scale as i8);
            columns.push(Arc::new(numbers.map_err(|problem| failed(&problem))?));
        }
        let letters: Vec<String> = (0..=u8::MAX).map(|byte| char::from(byte).to_string()).collect();
        columns.push(coded(self.flag.finish(), letters.iter().map(String::as_str))?);
        RecordBatch::try_new(schema(self.scale), columns).map_err(|problem| failed(&problem))
    }
}

fn too_long(point: PointId, factor: FactorId, scale: u32) -> ObservationError {
    ObservationError::Export(format!(
        "a number of point {} and factor {} needs more than {DIGITS} digits with {scale} decimals: \
         write CSV, which holds any number",
        point.0, factor.0
    ))
}

fn coded<'name>(
    keys: Int32Array,
    names: impl Iterator<Item = &'name str>,
) -> Result<ArrayRef, ObservationError> {
    let names: ArrayRef = Arc::new(names.map(Some).collect::<StringArray>());
    let column = DictionaryArray::<Int32Type>::try_new(keys, names);
    Ok(Arc::new(column.map_err(|problem| failed(&problem))?) as Arc<dyn Array>)
}

fn failed(problem: &impl ToString) -> ObservationError {
    ObservationError::Export(problem.to_string())
}

/// Encodes row groups, each for itself: so it is done on every processor.
#[derive(Clone)]
pub(super) struct Encoder {
    factory: Arc<ArrowRowGroupWriterFactory>,
}

/// A row group as it will stand in the file.
pub(super) struct RowGroup {
    columns: Vec<ArrowColumnChunk>,
    lines: u64,
}

impl Encoder {
    /// Batches of the file's columns as one row group.
    pub(super) fn encode(&self, batches: &[RecordBatch]) -> Result<RowGroup, ObservationError> {
        let encoded = || -> Result<RowGroup, ParquetError> {
            // The number of the group matters to encrypted files only.
            let mut writers = self.factory.create_column_writers(0)?;
            let mut lines = 0;
            for batch in batches {
                lines += batch.num_rows() as u64;
                let schema = batch.schema();
                let columns = schema.fields().iter().zip(batch.columns()).zip(&mut writers);
                for ((field, column), writer) in columns {
                    for leaf in compute_leaves(field, column)? {
                        writer.write(&leaf)?;
                    }
                }
            }
            let columns = writers.into_iter().map(ArrowColumnWriter::close);
            Ok(RowGroup { columns: columns.collect::<Result<_, _>>()?, lines })
        };
        encoded().map_err(|problem| failed(&problem))
    }
}

/// A file of Parquet being written.
pub(super) struct Parquet<W: Write + Send> {
    writer: SerializedFileWriter<W>,
}

impl<W: Write + Send> Parquet<W> {
    /// An empty file and what encodes its row groups.
    pub(super) fn new(
        names: &Names,
        scale: u32,
        sink: W,
    ) -> Result<(Self, Encoder), ObservationError> {
        let level = ZstdLevel::try_new(1).map_err(|problem| failed(&problem))?;
        let note = |key: &str, value: &str| KeyValue::new(key.to_owned(), value.to_owned());
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_key_value_metadata(Some(vec![note("lucid.period", names.period.as_str())]));
        for name in NUMBERS.into_iter().chain(["observed_at"]) {
            let column = ColumnPath::from(name);
            properties = properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
        }
        // Nobody looks for a letter by its neighbours in the alphabet.
        for name in ["point_kind", "flag"] {
            let column = ColumnPath::from(name);
            properties = properties.set_column_statistics_enabled(column, EnabledStatistics::None);
        }
        let begun = ArrowWriter::try_new(sink, schema(scale), Some(properties.build()))
            .and_then(ArrowWriter::into_serialized_writer);
        let (writer, factory) = begun.map_err(|problem| failed(&problem))?;
        Ok((Self { writer }, Encoder { factory: Arc::new(factory) }))
    }

    /// Writes a row group; gives the number of its lines.
    pub(super) fn write(&mut self, encoded: RowGroup) -> Result<u64, ObservationError> {
        let written = || -> Result<(), ParquetError> {
            let mut group = self.writer.next_row_group()?;
            for column in encoded.columns {
                column.append_to_row_group(&mut group)?;
            }
            group.close().map(drop)
        };
        written().map_err(|problem| failed(&problem))?;
        Ok(encoded.lines)
    }

    pub(super) fn finish(self) -> Result<(), ObservationError> {
        self.writer.close().map(drop).map_err(|problem| failed(&problem))
    }
}

/// A file of Arrow being written.
pub(super) struct Arrow<W: Write + Send> {
    writer: FileWriter<W>,
}

impl<W: Write + Send> Arrow<W> {
    pub(super) fn new(scale: u32, sink: W) -> Result<Self, ObservationError> {
        let writer = FileWriter::try_new(sink, &schema(scale));
        Ok(Self { writer: writer.map_err(|problem| failed(&problem))? })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<u64, ObservationError> {
        self.writer.write(batch).map_err(|problem| failed(&problem))?;
        Ok(batch.num_rows() as u64)
    }

    pub(super) fn finish(mut self) -> Result<(), ObservationError> {
        self.writer.finish().map_err(|problem| failed(&problem))
    }
}
