//! One open file: its footer in memory, its lines fetched page by page from where it is kept.

use super::columns;
use super::directory::{self, Series};
use super::error::FormatError;
use super::{VERSION, keys};
use crate::history::Month;
use arrow_array::{RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::{ArrowError, Field, Schema};
use bytes::{Buf as _, Bytes};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore};
use parquet::DecodeResult;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataPushDecoder};
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::statistics::Statistics;
use rulebook::Period;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// So much of the end of a file is fetched at first: most footers lie within.
const FOOTER: u64 = 256 * 1024;
/// Lines decoded at once.
pub(crate) const BATCH: usize = 65_536;

/// So many lines are decoded where they are asked for; more in a thread of their own.
const FEW: u64 = 32_768;

/// Reading so many bytes that nobody needs takes less than asking a disk once more. Where asking
/// costs more than that, the object store joins what lies farther apart by itself.
const GAP: u64 = 4 * 1024;

/// Lines of a file, from the first to before the last.
pub type Span = Range<u64>;

/// What kind of file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Values,
    Rows,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Values => "values",
            Self::Rows => "rows",
        }
    }

    fn schema(self) -> Arc<Schema> {
        match self {
            Self::Values => columns::values_schema(),
            Self::Rows => columns::rows_schema(),
        }
    }
}

/// A file whose footer has been read.
pub(crate) struct OpenFile {
    objects: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
    metadata: ArrowReaderMetadata,
    series: Vec<Series>,
    period: Period,
    month: Month,
}

impl OpenFile {
    /// Reads the footer.
    pub(super) async fn open(
        objects: Arc<dyn ObjectStore>,
        path: Path,
        kind: Kind,
    ) -> Result<Self, FormatError> {
        let (size, footer) = footer(objects.as_ref(), &path).await?;
        let damaged = |what: &str| FormatError::damaged(&path, what);
        let notes = footer.file_metadata().key_value_metadata();
        let note = |key: &str| {
            let found = notes.into_iter().flatten().find(|note| note.key == key);
            found.and_then(|note| note.value.clone())
        };
        let version = note(keys::VERSION).ok_or_else(|| damaged("it is no file of history"))?;
        if version.parse::<i64>().ok().is_none_or(|version| !(1..=VERSION).contains(&version)) {
            let path = path.to_string();
            return Err(FormatError::Version { path, found: version, known: VERSION });
        }
        if note(keys::KIND).as_deref() != Some(kind.word()) {
            return Err(damaged("it is not the kind of file that it should be"));
        }
        let period = note(keys::PERIOD).and_then(|word| Period::parse(&word));
        let month = note(keys::MONTH).and_then(|word| {
            Month::from_code(word.split_once('-').and_then(|(year, month)| {
                Some(year.parse::<i64>().ok()? * 100 + month.parse::<i64>().ok()?)
            })?)
        });
        let (Some(period), Some(month)) = (period, month) else {
            return Err(damaged("the footer names no period and month"));
        };
        let directory = note(keys::DIRECTORY).ok_or_else(|| damaged("it has no directory"))?;
        let series =
            directory::read(&directory).map_err(|problem| damaged(&problem.to_string()))?;
        let lines = series.last().map_or(0, |last| last.lines().end);
        let groups = footer.row_groups().iter().map(|group| u64::try_from(group.num_rows()).ok());
        let grouped = groups.into_iter().try_fold(0_u64, |sum, rows| sum.checked_add(rows?));
        if grouped != Some(lines) || footer.file_metadata().num_rows() != lines as i64 {
            return Err(damaged("its directory knows another number of lines than its footer"));
        }
        if lines > 0 && footer.offset_index().is_none() {
            return Err(damaged("it has no index of pages"));
        }
        let options =
            ArrowReaderOptions::new().with_skip_arrow_metadata(true).with_schema(kind.schema());
        let metadata = guarded(&path, || {
            ArrowReaderMetadata::try_new(Arc::new(footer), options)
                .map_err(|problem| FormatError::parquet(&path, problem))
        })?;
        Ok(Self { objects, path, size, metadata, series, period, month })
    }

    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    pub(crate) const fn period(&self) -> Period {
        self.period
    }

    pub(crate) const fn month(&self) -> Month {
        self.month
    }

    /// Every series, in the order of the lines.
    pub(crate) fn series(&self) -> &[Series] {
        &self.series
    }

    pub(crate) fn lines(&self) -> u64 {
        self.series.last().map_or(0, |last| last.lines().end)
    }

    /// The lines of each row group.
    pub(crate) fn groups(&self) -> impl Iterator<Item = Span> {
        let groups = self.metadata.metadata().row_groups();
        let mut start = 0;
        groups.iter().map(move |group| {
            let from = start;
            start += group.num_rows() as u64;
            from..start
        })
    }

    pub(crate) fn damaged(&self, what: &str) -> FormatError {
        FormatError::damaged(&self.path, what)
    }

    /// Whether some lines may hold anything in a column, as far as the footer says.
    pub(crate) fn may_hold(&self, column: &str, span: &Span) -> bool {
        let groups = self.groups().enumerate();
        groups
            .filter(|(_, group)| group.start < span.end && span.start < group.end)
            .any(|(number, group)| self.holds_any(number, &group, column))
    }

    /// Whether a row group may hold anything in a column.
    fn holds_any(&self, number: usize, group: &Span, column: &str) -> bool {
        // No column lies within another: fields and columns have the same places.
        let place = self.metadata.schema().index_of(column).ok();
        let columns = self.metadata.metadata().row_group(number).columns();
        let held = place.and_then(|place| columns.get(place)?.statistics());
        let nulls = held.and_then(Statistics::null_count_opt);
        nulls.is_none_or(|nulls| nulls < group.end - group.start)
    }

    /// Fetches what holds some columns of some lines, which lie in order and apart.
    ///
    /// A column that is empty in all of their row groups is not read.
    pub(crate) async fn fetch(
        &self,
        columns: &[&str],
        spans: &[Span],
    ) -> Result<Fetched, FormatError> {
        let (wanted, mut fetched) = guarded(&self.path, || self.wanted(columns, spans))?;
        if !wanted.is_empty() {
            let bytes = self.objects.get_ranges(&self.path, &wanted).await;
            let bytes = bytes.map_err(|problem| FormatError::object(&self.path, problem))?;
            fetched.bytes.pieces = wanted.into_iter().map(|range| range.start).zip(bytes).collect();
        }
        Ok(fetched)
    }

    /// Which bytes hold some columns of some lines, and what is to be made of them.
    fn wanted(
        &self,
        columns: &[&str],
        spans: &[Span],
    ) -> Result<(Vec<Span>, Fetched), FormatError> {
        let touched: Vec<(usize, Span, Vec<Range<usize>>)> = self
            .groups()
            .enumerate()
            .map(|(number, group)| {
                let within: Vec<Range<usize>> = spans
                    .iter()
                    .map(|span| span.start.max(group.start)..span.end.min(group.end))
                    .filter(|span| span.start < span.end)
                    .map(|span| {
                        (span.start - group.start) as usize..(span.end - group.start) as usize
                    })
                    .collect();
                (number, group, within)
            })
            .filter(|(_, _, within)| !within.is_empty())
            .collect();
        let is_held = |column: &&str| {
            touched.iter().any(|(number, group, _)| self.holds_any(*number, group, column))
        };
        let asked = |field: &&Arc<Field>| columns.contains(&field.name().as_str());
        let fields = self.metadata.schema().fields().iter().filter(asked).cloned();
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let held = columns.iter().copied().filter(is_held);
        let mask = ProjectionMask::columns(self.metadata.parquet_schema(), held);
        let (mut groups, mut chosen, mut before) = (Vec::new(), Vec::new(), 0);
        let mut wanted = Vec::new();
        let metadata = self.metadata.metadata();
        for (number, group, within) in touched {
            let rows = (group.end - group.start) as usize;
            groups.push(number);
            chosen.extend(within.iter().map(|span| span.start + before..span.end + before));
            before += rows;
            let selection = RowSelection::from_consecutive_ranges(within.into_iter(), rows);
            for (place, column) in metadata.row_group(number).columns().iter().enumerate() {
                if !mask.leaf_included(place) {
                    continue;
                }
                let (start, length) = column.byte_range();
                let held = start..start.saturating_add(length).min(self.size);
                let locations = metadata
                    .offset_index()
                    .and_then(|pages| pages.get(number)?.get(place))
                    .ok_or_else(|| self.damaged("its index of pages lacks a column"))?
                    .page_locations();
                if !are_within(locations, &held) {
                    return Err(self.damaged("its index of pages points outside of a column"));
                }
                // What precedes the first page is the dictionary.
                let first = locations.first().map_or(held.end, |page| page.offset as u64);
                if held.start < first {
                    wanted.push(held.start..first);
                }
                wanted.extend(selection.scan_ranges(locations));
            }
        }
        let whole = chosen.iter().map(Range::len).sum::<usize>() == before;
        let selection =
            (!whole).then(|| RowSelection::from_consecutive_ranges(chosen.into_iter(), before));
        let fetched = Fetched {
            path: self.path.clone(),
            metadata: self.metadata.clone(),
            schema,
            bytes: Pieces { size: self.size, pieces: Vec::new() },
            mask,
            groups,
            selection,
        };
        Ok((joined(wanted), fetched))
    }

    /// Reads some columns of some lines, which lie in order and apart.
    pub(crate) async fn read(
        &self,
        columns: &[&str],
        spans: &[Span],
    ) -> Result<Vec<RecordBatch>, FormatError> {
        let fetched = self.fetch(columns, spans).await?;
        let lines: u64 = spans.iter().map(|span| span.end - span.start).sum();
        if lines <= FEW {
            return guarded(&self.path, || fetched.decode()?.collect());
        }
        let decoded = tokio::task::spawn_blocking(move || fetched.decode()?.collect()).await;
        decoded.unwrap_or_else(|_| Err(self.damaged("reading it broke off")))
    }
}

/// Runs code of the Parquet library: it counts with footers that are whole, and ends by force where
/// a byte of one is wrong.
fn guarded<T>(
    path: &Path,
    work: impl FnOnce() -> Result<T, FormatError>,
) -> Result<T, FormatError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(FormatError::damaged(path, "reading it broke off")))
}

/// Whether pages lie in some bytes.
fn are_within(pages: &[PageLocation], held: &Span) -> bool {
    pages.iter().all(|page| {
        let start = u64::try_from(page.offset).ok();
        let end = start.zip(u64::try_from(page.compressed_page_size).ok());
        let end = end.and_then(|(start, size)| start.checked_add(size));
        start.is_some_and(|start| held.start <= start) && end.is_some_and(|end| end <= held.end)
    })
}

/// Ranges of bytes in order, those that lie near each other as one.
fn joined(mut ranges: Vec<Span>) -> Vec<Span> {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut all: Vec<Span> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match all.last_mut() {
            Some(last) if range.start <= last.end + GAP => last.end = last.end.max(range.end),
            _ => all.push(range),
        }
    }
    all
}

/// The pages of some lines, in memory and still packed.
pub(crate) struct Fetched {
    path: Path,
    metadata: ArrowReaderMetadata,
    /// The columns that were asked for.
    schema: Arc<Schema>,
    bytes: Pieces,
    mask: ProjectionMask,
    groups: Vec<usize>,
    selection: Option<RowSelection>,
}

impl Fetched {
    /// Unpacks them, some thousand lines at a time.
    pub(crate) fn decode(
        self,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, FormatError>>, FormatError> {
        let (path, schema) = (self.path, self.schema);
        let mut reader =
            ParquetRecordBatchReaderBuilder::new_with_metadata(self.bytes, self.metadata)
                .with_row_groups(self.groups)
                .with_projection(self.mask)
                .with_batch_size(BATCH);
        if let Some(selection) = self.selection {
            reader = reader.with_row_selection(selection);
        }
        let reader = reader.build().map_err(|problem| FormatError::parquet(&path, problem))?;
        Ok(reader.map(move |batch| {
            batch
                .and_then(|batch| with_empty_columns(batch, &schema))
                .map_err(|problem| FormatError::parquet(&path, ParquetError::from(problem)))
        }))
    }
}

/// Puts the columns that were not read, since nothing is in them, to those that were.
fn with_empty_columns(batch: RecordBatch, schema: &Arc<Schema>) -> Result<RecordBatch, ArrowError> {
    if batch.num_columns() == schema.fields().len() {
        return Ok(batch);
    }
    let lines = batch.num_rows();
    let column = |field: &Arc<Field>| match batch.column_by_name(field.name()) {
        Some(column) => column.clone(),
        None => new_null_array(field.data_type(), lines),
    };
    let columns = schema.fields().iter().map(column).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(lines));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options)
}

/// Pieces of a file with what lies between them left out.
struct Pieces {
    size: u64,
    pieces: Vec<(u64, Bytes)>,
}

impl Length for Pieces {
    fn len(&self) -> u64 {
        self.size
    }
}

impl Pieces {
    fn from(&self, start: u64) -> Option<Bytes> {
        let after = self.pieces.partition_point(|(from, _)| *from <= start);
        let (from, bytes) = self.pieces.get(after.checked_sub(1)?)?;
        let skipped = usize::try_from(start - from).ok()?;
        (skipped <= bytes.len()).then(|| bytes.slice(skipped..))
    }
}

impl ChunkReader for Pieces {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let missing = || ParquetError::EOF(format!("offset {start} was not fetched"));
        Ok(self.from(start).ok_or_else(missing)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let found = self.from(start).filter(|bytes| length <= bytes.len());
        let missing = || ParquetError::EOF(format!("{length} bytes at {start} were not fetched"));
        found.map(|bytes| bytes.slice(..length)).ok_or_else(missing)
    }
}

/// The size of a file and its footer.
async fn footer(
    objects: &dyn ObjectStore,
    path: &Path,
) -> Result<(u64, ParquetMetaData), FormatError> {
    let failed = |problem| FormatError::object(path, problem);
    let unsound = |problem| FormatError::parquet(path, problem);
    let options = GetOptions { range: Some(GetRange::Suffix(FOOTER)), ..GetOptions::default() };
    let end = objects.get_opts(path, options).await.map_err(failed)?;
    let (size, range) = (end.meta.size, end.range.clone());
    let bytes = end.bytes().await.map_err(failed)?;
    let mut decoder = ParquetMetaDataPushDecoder::try_new(size)
        .map_err(unsound)?
        .with_offset_index_policy(PageIndexPolicy::Required)
        .with_column_index_policy(PageIndexPolicy::Skip);
    decoder.push_range(range, bytes).map_err(unsound)?;
    loop {
        match guarded(path, || decoder.try_decode().map_err(unsound))? {
            DecodeResult::Data(footer) => return Ok((size, footer)),
            DecodeResult::NeedsData(ranges) => {
                let more = objects.get_ranges(path, &ranges).await.map_err(failed)?;
                let lengths = ranges.iter().map(|range| range.end.saturating_sub(range.start));
                if !lengths.eq(more.iter().map(|bytes| bytes.len() as u64)) {
                    let what = "its footer points outside of the file";
                    return Err(FormatError::damaged(&path, what));
                }
                decoder.push_ranges(ranges, more).map_err(unsound)?;
            }
            DecodeResult::Finished => {
                return Err(FormatError::damaged(&path, "its footer ends early"));
            }
        }
    }
}
