//! The same rows as a file that every peer loads: narrow, in the order in which they came.

use arrow_array::builder::{
    Decimal128Builder, Int32Builder, Int64Builder, StringBuilder, TimestampMillisecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

const ROWS: usize = 131_072;

/// A factor-row as peers get it; numbers at the scale of the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FactorRow {
    pub(crate) outlet: i32,
    pub(crate) factor: i32,
    pub(crate) period: i32,
    pub(crate) observed_ms: i64,
    pub(crate) numbers: [Option<i128>; 4],
    pub(crate) flag: u8,
    pub(crate) marks: i32,
    pub(crate) received_ms: i64,
    pub(crate) version: i32,
}

/// A file being written.
pub(crate) struct Dump {
    schema: Arc<Schema>,
    scale: u32,
    writer: ArrowWriter<File>,
    ints: [Int32Builder; 5],
    observed: TimestampMillisecondBuilder,
    numbers: [Decimal128Builder; 4],
    flag: StringBuilder,
    received: Int64Builder,
    rows: usize,
    pub(crate) total: u64,
}

impl Dump {
    pub(crate) fn new(path: &Path, scale: u32) -> Self {
        let instant = DataType::Timestamp(TimeUnit::Millisecond, None);
        let number = DataType::Decimal128(18, scale as i8);
        let mut fields = ["outlet", "factor", "period", "marks", "version"]
            .map(|name| Field::new(name, DataType::Int32, false))
            .to_vec();
        fields.push(Field::new("observed_at", instant, false));
        fields.extend(
            ["value", "min", "max", "sum"].map(|name| Field::new(name, number.clone(), true)),
        );
        fields.push(Field::new("flag", DataType::Utf8, false));
        fields.push(Field::new("received_ms", DataType::Int64, false));
        let schema = Arc::new(Schema::new(fields));
        let level = ZstdLevel::try_new(1).expect("a level");
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level));
        let file = File::create(path).expect("a file");
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties.build()));
        Self {
            schema,
            scale,
            writer: writer.expect("a writer"),
            ints: std::array::from_fn(|_| Int32Builder::new()),
            observed: TimestampMillisecondBuilder::new(),
            numbers: std::array::from_fn(|_| Decimal128Builder::new()),
            flag: StringBuilder::new(),
            received: Int64Builder::new(),
            rows: 0,
            total: 0,
        }
    }

    pub(crate) const fn scale(&self) -> u32 {
        self.scale
    }

    pub(crate) fn push(&mut self, row: &FactorRow) {
        let ints = [row.outlet, row.factor, row.period, row.marks, row.version];
        for (column, number) in self.ints.iter_mut().zip(ints) {
            column.append_value(number);
        }
        self.observed.append_value(row.observed_ms);
        for (column, number) in self.numbers.iter_mut().zip(row.numbers) {
            column.append_option(number);
        }
        self.flag.append_value(char::from(row.flag).to_string());
        self.received.append_value(row.received_ms);
        self.rows += 1;
        self.total += 1;
        if self.rows == ROWS {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let mut columns: Vec<ArrayRef> = Vec::new();
        for column in &mut self.ints {
            columns.push(Arc::new(column.finish()));
        }
        columns.push(Arc::new(self.observed.finish()));
        for column in &mut self.numbers {
            let numbers = column.finish().with_precision_and_scale(18, self.scale as i8);
            columns.push(Arc::new(numbers.expect("decimals")));
        }
        columns.push(Arc::new(self.flag.finish()));
        columns.push(Arc::new(self.received.finish()));
        let batch = RecordBatch::try_new(self.schema.clone(), columns).expect("a batch");
        self.writer.write(&batch).expect("written");
        self.rows = 0;
    }

    pub(crate) fn finish(mut self) -> u64 {
        self.flush();
        self.writer.close().expect("closed");
        self.total
    }
}
