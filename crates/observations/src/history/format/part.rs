//! An open part: rows by point and time, out of both of its files.

use super::assemble::{assemble, skeletons};
use super::columns::moments;
use super::directory::{Series, of_point};
use super::error::FormatError;
use super::file::{Kind, OpenFile, Span};
use crate::history::Month;
use crate::model::{Row, RowKey};
use crate::store::second_not_before;
use arrow_array::RecordBatch;
use jiff::Timestamp;
use object_store::ObjectStore;
use object_store::path::Path;
use registry::PointId;
use rulebook::Period;
use std::collections::BTreeMap;
use std::ops::Range;
use std::slice;
use std::sync::Arc;

/// The columns of `values` that a row is made of.
pub(crate) const VALUES: [&str; 12] = [
    "observed_at",
    "value",
    "min",
    "max",
    "sum",
    "converted",
    "converted_min",
    "converted_max",
    "flag",
    "marks",
    "own_scales",
    "wide",
];
/// The columns of `rows` that a row is made of.
const ROWS: [&str; 6] =
    ["observed_at", "received_at", "block", "block_index", "version", "factors"];

/// The names of the two files of a part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PartFiles {
    /// The file of values.
    pub values: Path,
    /// The file of rows.
    pub rows: Path,
}

/// A part whose footers have been read. Cheap to keep: files are immutable.
pub struct OpenPart {
    pub(crate) values: OpenFile,
    rows: OpenFile,
}

/// Opens a part.
///
/// # Errors
/// When a file is gone ([`FormatError::is_missing`]), damaged or of a later format.
pub async fn open(
    objects: Arc<dyn ObjectStore>,
    files: &PartFiles,
) -> Result<OpenPart, FormatError> {
    let (values, rows) = futures_util::future::try_join(
        OpenFile::open(objects.clone(), files.values.clone(), Kind::Values),
        OpenFile::open(objects, files.rows.clone(), Kind::Rows),
    )
    .await?;
    if (values.period(), values.month()) != (rows.period(), rows.month()) {
        return Err(rows.damaged("it is of another period or month than its file of values"));
    }
    Ok(OpenPart { values, rows })
}

impl OpenPart {
    /// The period of its rows.
    pub const fn period(&self) -> Period {
        self.rows.period()
    }

    /// The month in which they lie.
    pub const fn month(&self) -> Month {
        self.rows.month()
    }

    /// The points that have rows, in order.
    pub fn points(&self) -> impl Iterator<Item = PointId> {
        self.rows.series().iter().map(|one| one.point)
    }

    /// How many rows.
    pub fn row_count(&self) -> u64 {
        self.rows.lines()
    }

    /// How many factors of rows.
    pub fn factor_row_count(&self) -> u64 {
        self.values.lines()
    }

    /// The bytes of both files.
    pub const fn bytes(&self) -> u64 {
        self.values.size() + self.rows.size()
    }

    /// The series of its values, by point and factor.
    pub fn series(&self) -> &[Series] {
        self.values.series()
    }

    /// The series of a point, by factor.
    pub fn series_of(&self, point: PointId) -> &[Series] {
        of_point(self.values.series(), point)
    }

    /// The time of the first row of a point.
    pub fn oldest(&self, point: PointId) -> Option<Timestamp> {
        let rows = self.rows_of(point)?;
        Timestamp::from_second(rows.first).ok()
    }

    /// The rows of a point, from the first time to before the last, oldest first, exactly as they
    /// were written.
    pub async fn rows(
        &self,
        point: PointId,
        range: Range<Timestamp>,
    ) -> Result<Vec<Row>, FormatError> {
        let Some(rows) = self.rows_of(point) else { return Ok(Vec::new()) };
        let span = lines_within(&self.rows, rows, &seconds(&range)).await?;
        self.rows_of_lines(rows, vec![span]).await
    }

    /// The newest rows of a point before a time, newest first, at most `limit`.
    pub async fn newest_rows(
        &self,
        point: PointId,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<Row>, FormatError> {
        let Some(rows) = self.rows_of(point) else { return Ok(Vec::new()) };
        let all = i64::MIN..second_not_before(before);
        let mut span = lines_within(&self.rows, rows, &all).await?;
        span.start = span.start.max(span.end.saturating_sub(limit as u64));
        let mut found = self.rows_of_lines(rows, vec![span]).await?;
        found.reverse();
        Ok(found)
    }

    /// The rows with these keys, as far as the part has them, in no order.
    pub async fn rows_at(&self, keys: &[RowKey]) -> Result<Vec<Row>, FormatError> {
        let mut wanted: BTreeMap<PointId, Vec<i64>> = BTreeMap::new();
        for key in keys.iter().filter(|key| key.period == self.period()) {
            wanted.entry(key.point).or_default().push(key.observed_at.as_second());
        }
        let mut found = Vec::with_capacity(keys.len());
        for (point, mut times) in wanted {
            let Some(rows) = self.rows_of(point) else { continue };
            times.sort_unstable();
            times.dedup();
            let held = times_of(&self.rows, &[rows.lines()]).await?;
            let places = times.iter().filter_map(|time| held.binary_search(&(time * 1000)).ok());
            let spans = joined(places.map(|place| rows.start + place as u64));
            found.extend(self.rows_of_lines(rows, spans).await?);
        }
        Ok(found)
    }

    /// The last commit that touched a row of a point in a time; 0 where there is none.
    pub async fn last_block(
        &self,
        point: PointId,
        range: Range<Timestamp>,
    ) -> Result<i64, FormatError> {
        let Some(rows) = self.rows_of(point) else { return Ok(0) };
        let span = lines_within(&self.rows, rows, &seconds(&range)).await?;
        let batches = self.rows.read(&["block"], &[span]).await?;
        let blocks = batches.iter().filter_map(|batch| super::columns::whole(batch, "block"));
        Ok(blocks.flat_map(|column| column.values().iter().copied()).max().unwrap_or(0))
    }

    fn rows_of(&self, point: PointId) -> Option<&Series> {
        of_point(self.rows.series(), point).first()
    }

    /// The rows of some lines of `rows`, all of one point.
    async fn rows_of_lines(
        &self,
        rows: &Series,
        spans: Vec<Span>,
    ) -> Result<Vec<Row>, FormatError> {
        let count: u64 = spans.iter().map(|span| span.end - span.start).sum();
        if count == 0 {
            return Ok(Vec::new());
        }
        let series = of_point(self.values.series(), rows.point);
        let batches = self.rows.read(&ROWS, &spans).await?;
        let times: Vec<i64> = batches
            .iter()
            .filter_map(|batch| moments(batch, "observed_at"))
            .flat_map(|column| column.iter().copied())
            .collect();
        let mut of_values = Vec::with_capacity(series.len());
        for one in series {
            of_values.push((one, self.values_of(rows, one, &spans, &times).await?));
        }
        let all = joined_spans(of_values.iter().flat_map(|(_, spans)| spans.iter().cloned()));
        let values = self.values.read(&VALUES, &all).await?;
        let mut found = skeletons(self.period(), rows.point, &batches)
            .ok_or_else(|| self.rows.damaged("a line cannot be read"))?;
        let counts = of_values.iter().map(|(one, spans)| {
            (*one, spans.iter().map(|span| span.end - span.start).sum::<u64>())
        });
        assemble(&mut found, counts, &values)
            .ok_or_else(|| self.values.damaged("its lines are not those of its file of rows"))?;
        Ok(found)
    }

    /// The lines of a series that stand at the times of some rows.
    async fn values_of(
        &self,
        rows: &Series,
        one: &Series,
        spans: &[Span],
        times: &[i64],
    ) -> Result<Vec<Span>, FormatError> {
        if spans == [rows.lines()] {
            return Ok(vec![one.lines()]);
        }
        if one.in_every_row {
            let moved = |line: u64| line - rows.start + one.start;
            return Ok(spans.iter().map(|span| moved(span.start)..moved(span.end)).collect());
        }
        let held = times_of(&self.values, &[one.lines()]).await?;
        let mut places = Vec::with_capacity(times.len());
        let mut from = 0;
        for time in times {
            from += held[from..].partition_point(|held| held < time);
            let until = from + held[from..].partition_point(|held| held == time);
            places.extend((from..until).map(|place| one.start + place as u64));
            from = until;
        }
        Ok(joined(places.into_iter()))
    }
}

/// A range of instants as whole seconds.
pub(crate) fn seconds(range: &Range<Timestamp>) -> Range<i64> {
    second_not_before(range.start)..second_not_before(range.end)
}

/// The lines of a series that lie in a time.
pub(crate) async fn lines_within(
    file: &OpenFile,
    series: &Series,
    range: &Range<i64>,
) -> Result<Span, FormatError> {
    let all = series.lines();
    if range.start <= series.first && series.last < range.end {
        return Ok(all);
    }
    if series.last < range.start || range.end <= series.first {
        return Ok(all.start..all.start);
    }
    let held = times_of(file, slice::from_ref(&all)).await?;
    let place = |second: i64| held.partition_point(|held| *held < second.saturating_mul(1000));
    let from = series.start + place(range.start) as u64;
    Ok(from..(series.start + place(range.end) as u64).max(from))
}

/// The times of some lines, which lie in order and apart, in milliseconds.
pub(crate) async fn times_of(file: &OpenFile, lines: &[Span]) -> Result<Vec<i64>, FormatError> {
    let batches = file.read(&["observed_at"], lines).await?;
    let column = |batch: &RecordBatch| moments(batch, "observed_at").map(<[i64]>::to_vec);
    let columns: Option<Vec<Vec<i64>>> = batches.iter().map(column).collect();
    let columns = columns.ok_or_else(|| file.damaged("it has no times"))?;
    Ok(columns.concat())
}

/// Lines in order as spans.
fn joined(lines: impl Iterator<Item = u64>) -> Vec<Span> {
    joined_spans(lines.map(|line| line..line + 1))
}

/// Spans in order, neighbours made one.
pub(crate) fn joined_spans(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut all: Vec<Span> = Vec::new();
    for span in spans.filter(|span| span.start < span.end) {
        match all.last_mut() {
            Some(last) if last.end == span.start => last.end = span.end,
            _ => all.push(span),
        }
    }
    all
}
