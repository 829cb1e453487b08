//! Writing: rows in, two files of Parquet out.

use super::columns::{NUMBERS, RowsBuilder, ValuesBuilder, rows_schema, scale_of, values_schema};
use super::directory::{self, Series};
use super::error::FormatError;
use super::{VERSION, keys};
use crate::history::Month;
use crate::model::{FactorValue, Row};
use arrow_schema::Schema;
use bytes::Bytes;
use jiff::Timestamp;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;
use registry::{FactorId, PointId};
use rulebook::Period;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// A part is closed after the point with which it holds so many factor-rows: about 40 MB.
pub const FACTOR_ROWS_A_PART: u64 = 8_000_000;
/// Lines of a row group: what one thread reads at once.
const GROUP: usize = 262_144;
/// Lines of a page, which is what a short look costs: a month of minutes is many pages, a month of
/// hours is one of its own.
const fn page(period: Period) -> usize {
    match period {
        Period::RealTime | Period::Minute => 8_192,
        Period::Hour | Period::Day => 512,
    }
}

/// Lines handed to the Parquet writer at once.
const BATCH: usize = 65_536;
const ZSTD: i32 = 3;
/// How other programs read the numbers, in the footer for whoever finds the file alone.
const READ_AS: &str = "each number is a whole one to be divided by 10 to the power of scale";

/// One part of a month, made.
#[derive(Clone, Debug)]
pub struct Part {
    /// The file of values.
    pub values: Bytes,
    /// The file of rows.
    pub rows: Bytes,
    /// The first and the last point.
    pub points: RangeInclusive<PointId>,
    /// The earliest time of a row.
    pub first: Timestamp,
    /// The latest time of a row.
    pub last: Timestamp,
    /// How many rows.
    pub row_count: u64,
    /// How many factors of rows.
    pub factor_row_count: u64,
}

/// Makes the parts of one period and month.
///
/// In memory are the rows of one point and the part's compressed bytes.
pub struct Writer {
    period: Period,
    month: Month,
    factor_rows_a_part: u64,
    /// The point whose rows are being gathered, and the time of the last one.
    current: Option<(PointId, Timestamp)>,
    times: Vec<i64>,
    factors: BTreeMap<FactorId, Vec<(u32, FactorValue)>>,
    point_rows: u64,
    open: Option<OpenFiles>,
}

struct OpenFiles {
    values: ArrowWriter<Vec<u8>>,
    rows: ArrowWriter<Vec<u8>>,
    values_builder: ValuesBuilder,
    rows_builder: RowsBuilder,
    values_directory: Vec<Series>,
    rows_directory: Vec<Series>,
    value_lines: u64,
    row_lines: u64,
}

impl Writer {
    /// A writer for the rows of a period that lie in a month.
    pub fn new(period: Period, month: Month) -> Self {
        Self {
            period,
            month,
            factor_rows_a_part: FACTOR_ROWS_A_PART,
            current: None,
            times: Vec::new(),
            factors: BTreeMap::new(),
            point_rows: 0,
            open: None,
        }
    }

    /// Closes parts after another number of factor-rows.
    #[must_use]
    pub const fn part_of(mut self, factor_rows: u64) -> Self {
        self.factor_rows_a_part = factor_rows;
        self
    }

    /// Takes a row; gives back a part when it is full.
    ///
    /// # Errors
    /// When the row does not come after the one before it by point and time, or is of another
    /// period or month.
    pub fn push(&mut self, row: Row) -> Result<Option<Part>, FormatError> {
        self.check(&row)?;
        let mut full = None;
        if self.current.is_some_and(|(point, _)| point != row.point) {
            self.end_point()?;
            let lines = self.open.as_ref().map_or(0, |open| open.value_lines.max(open.row_lines));
            if lines >= self.factor_rows_a_part {
                full = self.close()?;
            }
        }
        self.current = Some((row.point, row.observed_at));
        if self.open.is_none() {
            self.open = Some(OpenFiles::new(self.period)?);
        }
        if let Some(open) = self.open.as_mut() {
            open.rows_builder.push(&row);
            if open.rows_builder.lines() >= BATCH {
                open.rows.write(&open.rows_builder.take()?)?;
            }
        }
        let place = self.times.len() as u32;
        self.times.push(row.observed_at.as_second());
        self.point_rows += 1;
        for value in row.values {
            self.factors.entry(value.factor).or_default().push((place, value));
        }
        Ok(full)
    }

    /// Closes the last part; `None` when no row is left to be written.
    pub fn finish(mut self) -> Result<Option<Part>, FormatError> {
        self.end_point()?;
        self.close()
    }

    fn check(&self, row: &Row) -> Result<(), FormatError> {
        let wrong = |what: String| Err(FormatError::Order { what });
        if row.period != self.period {
            return wrong(format!("a row of {:?} among those of {:?}", row.period, self.period));
        }
        if !(self.month.begins()..self.month.ends()).contains(&row.observed_at) {
            return wrong(format!("{} does not lie in {}", row.observed_at, self.month));
        }
        match self.current {
            Some(before) if before >= (row.point, row.observed_at) => wrong(format!(
                "point {} at {} after point {} at {}",
                row.point.0, row.observed_at, before.0.0, before.1
            )),
            _ => Ok(()),
        }
    }

    /// Writes the series of the point that is complete.
    fn end_point(&mut self) -> Result<(), FormatError> {
        let (Some((point, _)), Some(open)) = (self.current, self.open.as_mut()) else {
            return Ok(());
        };
        if self.point_rows == 0 {
            return Ok(());
        }
        let second = |place: u32| self.times[place as usize];
        for (factor, values) in std::mem::take(&mut self.factors) {
            let scale = scale_of(values.iter().map(|(_, value)| value));
            for (place, value) in &values {
                open.values_builder.push(point, second(*place) * 1000, scale, value);
                if open.values_builder.lines() >= BATCH {
                    open.values.write(&open.values_builder.take()?)?;
                }
            }
            let place_of = |one: Option<&(u32, FactorValue)>| one.map_or(0, |(place, _)| *place);
            open.values_directory.push(Series {
                point,
                factor,
                scale,
                start: open.value_lines,
                count: values.len() as u64,
                in_every_row: values.len() == self.times.len()
                    && values.iter().enumerate().all(|(row, (place, _))| row == *place as usize),
                first: second(place_of(values.first())),
                last: second(place_of(values.last())),
            });
            open.value_lines += values.len() as u64;
            // A page ends with what is handed over at once.
            if open.values_builder.lines() >= page(self.period) {
                open.values.write(&open.values_builder.take()?)?;
            }
        }
        open.rows_directory.push(Series {
            point,
            factor: FactorId(0),
            scale: 0,
            start: open.row_lines,
            count: self.point_rows,
            in_every_row: true,
            first: self.times.first().copied().unwrap_or_default(),
            last: self.times.last().copied().unwrap_or_default(),
        });
        open.row_lines += self.point_rows;
        if open.rows_builder.lines() >= page(self.period) {
            open.rows.write(&open.rows_builder.take()?)?;
        }
        self.point_rows = 0;
        self.times.clear();
        Ok(())
    }

    fn close(&mut self) -> Result<Option<Part>, FormatError> {
        let Some(open) = self.open.take() else { return Ok(None) };
        let all = &open.rows_directory;
        let (Some(start), Some(end)) = (all.first(), all.last()) else { return Ok(None) };
        let points = start.point..=end.point;
        let first = all.iter().map(|one| one.first).min().unwrap_or_default();
        let last = all.iter().map(|one| one.last).max().unwrap_or_default();
        let instant = |second| Timestamp::from_second(second).unwrap_or_default();
        let (factor_row_count, row_count) = (open.value_lines, open.row_lines);
        let (values, rows) = open.into_bytes(self.period, self.month)?;
        Ok(Some(Part {
            values,
            rows,
            points,
            first: instant(first),
            last: instant(last),
            row_count,
            factor_row_count,
        }))
    }
}

impl OpenFiles {
    fn new(period: Period) -> Result<Self, FormatError> {
        Ok(Self {
            values: writer(values_schema(), 2, page(period))?,
            rows: writer(rows_schema(), 1, page(period))?,
            values_builder: ValuesBuilder::new(),
            rows_builder: RowsBuilder::new(),
            values_directory: Vec::new(),
            rows_directory: Vec::new(),
            value_lines: 0,
            row_lines: 0,
        })
    }

    fn into_bytes(mut self, period: Period, month: Month) -> Result<(Bytes, Bytes), FormatError> {
        if self.values_builder.lines() > 0 {
            self.values.write(&self.values_builder.take()?)?;
        }
        if self.rows_builder.lines() > 0 {
            self.rows.write(&self.rows_builder.take()?)?;
        }
        let close = |mut writer: ArrowWriter<Vec<u8>>, kind: &str, series: &[Series]| {
            let note = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
            writer.append_key_value_metadata(note(keys::VERSION, VERSION.to_string()));
            writer.append_key_value_metadata(note(keys::KIND, kind.to_owned()));
            writer.append_key_value_metadata(note(keys::PERIOD, period.as_str().to_owned()));
            writer.append_key_value_metadata(note(keys::MONTH, month.to_string()));
            writer.append_key_value_metadata(note(keys::READ_AS, READ_AS.to_owned()));
            writer.append_key_value_metadata(note(keys::DIRECTORY, directory::write(series)));
            writer.into_inner().map(Bytes::from).map_err(FormatError::from)
        };
        let values = close(self.values, "values", &self.values_directory)?;
        let rows = close(self.rows, "rows", &self.rows_directory)?;
        Ok((values, rows))
    }
}

/// A Parquet writer; the first `keys` columns and the time after them sort the file.
fn writer(
    schema: Arc<Schema>,
    keys: i32,
    page: usize,
) -> Result<ArrowWriter<Vec<u8>>, FormatError> {
    let sorting = (0..=keys).map(|column_idx| SortingColumn {
        column_idx,
        descending: false,
        nulls_first: false,
    });
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(concat!("lucid ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD)?))
        .set_max_row_group_row_count(Some(GROUP))
        .set_data_page_row_count_limit(page)
        .set_sorting_columns(Some(sorting.collect()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_dictionary_enabled(true);
    let differences = ["observed_at", "received_at", "block", "block_index"];
    for name in differences.iter().chain(&NUMBERS) {
        let column = ColumnPath::from(*name);
        properties = properties
            .set_column_dictionary_enabled(column.clone(), false)
            .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED);
    }
    for name in ["point", "factor", "observed_at", "value"] {
        let column = ColumnPath::from(name);
        properties = properties.set_column_statistics_enabled(column, EnabledStatistics::Page);
    }
    Ok(ArrowWriter::try_new(Vec::new(), schema, Some(properties.build()))?)
}
