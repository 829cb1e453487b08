//! Walking over all values of a question: recent rows first, then the files, on every processor.

use super::question::{Flags, Question};
use crate::error::ObservationError;
use crate::history::format::{
    FormatError, Numbers, OpenPart, Series, Span, VALUES, joined_spans, moments, seconds, times_of,
    worded,
};
use crate::history::tasks::{broke_off, lanes};
use crate::model::Row;
use crate::store;
use ::store::Store;
use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use futures_util::stream::{self, Stream, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use registry::{FactorId, PointId};
use rulebook::Decimal;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// So often the manifest is read again when a file was replaced meanwhile.
const TRIES: usize = 3;

/// What becomes of the values.
pub(super) trait Tally: Send + 'static {
    /// Whether it matters when a value was observed.
    const NEEDS_TIMES: bool;

    /// Numbers of one series, oldest first, all of which count.
    fn lines(&mut self, lines: &Lines<'_>);

    /// A number by itself.
    fn one(&mut self, point: PointId, factor: FactorId, at_ms: i64, number: Decimal);
}

/// Numbers of one series.
pub(super) struct Lines<'batch> {
    pub(super) point: PointId,
    pub(super) factor: FactorId,
    pub(super) scale: u32,
    /// When, in milliseconds; may be empty where nobody needs it.
    pub(super) times: &'batch [i64],
    pub(super) digits: &'batch [i64],
}

/// The times of rows in the store, by point, in milliseconds: files do not count there.
pub(super) type Standing = HashMap<PointId, Vec<i64>>;

/// A stretch of a series within a row group.
#[derive(Clone)]
pub(super) struct Stretch {
    pub(super) series: Series,
    pub(super) lines: Span,
    /// Whether it may hold lines outside of the question's time.
    reaches_out: bool,
    /// Whether a row in the store may stand in place of a line.
    pub(super) stands: bool,
}

impl Stretch {
    /// How many lines.
    pub(super) const fn count(&self) -> usize {
        (self.lines.end - self.lines.start) as usize
    }
}

/// What one thread does at once: stretches of a row group.
pub(super) struct Piece {
    pub(super) part: Arc<OpenPart>,
    pub(super) stretches: Vec<Stretch>,
}

impl Piece {
    /// Its lines, neighbouring stretches as one.
    pub(super) fn spans(&self) -> Vec<Span> {
        joined_spans(self.stretches.iter().map(|stretch| stretch.lines.clone()))
    }

    /// Without what lies outside of the question's time: where a stretch reaches over it, the times
    /// are read first, so that of all other columns only the pages within need be.
    pub(super) async fn narrowed(mut self, range: &Range<Timestamp>) -> Result<Self, FormatError> {
        let out = self.stretches.iter().filter(|stretch| stretch.reaches_out);
        let spans = joined_spans(out.map(|stretch| stretch.lines.clone()));
        if spans.is_empty() {
            return Ok(self);
        }
        let times = times_of(&self.part.values, &spans).await?;
        let mut times = times.as_slice();
        let range = seconds(range);
        for stretch in self.stretches.iter_mut().filter(|stretch| stretch.reaches_out) {
            let Some((own, others)) = times.split_at_checked(stretch.count()) else {
                return Err(self.part.values.damaged("it has fewer times than lines"));
            };
            times = others;
            let place = |second: i64| {
                let before = own.partition_point(|time| *time < second.saturating_mul(1000));
                stretch.lines.start + before as u64
            };
            let within = place(range.start)..place(range.end);
            stretch.lines = within.start..within.end.max(within.start);
        }
        self.stretches.retain(|stretch| stretch.count() > 0);
        Ok(self)
    }
}

/// The recent rows of a question, point by point.
pub(super) async fn recent(
    store: &Store,
    question: &Question,
) -> Result<
    impl Stream<Item = Result<(PointId, Vec<Row>), ObservationError>> + use<>,
    ObservationError,
> {
    let points = match &question.points {
        Some(points) => points.clone(),
        None => store::points(store).await?,
    };
    let (store, period, range) = (store.clone(), question.period, question.range.clone());
    let read = move |point| {
        let (store, range) = (store.clone(), range.clone());
        async move {
            let read = async move { store::recent(&store, point, period, range).await };
            Ok((point, tokio::spawn(read).await.map_err(broke_off)??.0))
        }
    };
    Ok(stream::iter(points).map(read).buffered(lanes()))
}

/// Remembers when the rows of a point stand in the store.
pub(super) fn note(standing: &mut Standing, point: PointId, rows: &[Row]) {
    if !rows.is_empty() {
        standing.insert(point, rows.iter().map(|row| row.observed_at.as_millisecond()).collect());
    }
}

/// The pieces of the files that hold values of a question.
pub(super) fn pieces(
    parts: &[Arc<OpenPart>],
    question: &Question,
    standing: &Standing,
) -> Vec<Piece> {
    let range = seconds(&question.range);
    let mut all = Vec::new();
    for part in parts {
        let wanted = part.series().iter().filter(|one| {
            one.last >= range.start
                && one.first < range.end
                && question.has_factor(one.factor)
                && question.has_point(one.point)
        });
        let groups: Vec<Range<u64>> = part.values.groups().collect();
        let mut number = 0;
        let mut piece: Option<(usize, Piece)> = None;
        for one in wanted {
            let is_within = range.start <= one.first && one.last < range.end;
            let stands = standing.get(&one.point).is_some_and(|times| {
                let from = times.partition_point(|time| *time < one.first * 1000);
                times.get(from).is_some_and(|time| *time <= one.last * 1000)
            });
            let mut lines = one.lines();
            while lines.start < lines.end {
                while groups.get(number).is_some_and(|group| group.end <= lines.start) {
                    number += 1;
                }
                let Some(group) = groups.get(number) else { break };
                let until = lines.end.min(group.end);
                if piece.as_ref().is_some_and(|(of, _)| *of != number) {
                    all.extend(piece.take().map(|(_, piece)| piece));
                }
                let (_, open) = piece.get_or_insert_with(|| {
                    (number, Piece { part: part.clone(), stretches: Vec::new() })
                });
                open.stretches.push(Stretch {
                    series: *one,
                    lines: lines.start..until,
                    reaches_out: !is_within,
                    stands,
                });
                lines.start = until;
            }
        }
        all.extend(piece.map(|(_, piece)| piece));
    }
    all
}

/// Walks over all values; gives a tally of each piece back, in no order.
pub(super) async fn walk<T: Tally>(
    store: &Store,
    question: &Question,
    make: impl Fn() -> T,
) -> Result<Vec<T>, ObservationError> {
    let mut tries = 1;
    loop {
        match walk_once(store, question, &make).await {
            Err(ObservationError::History(problem)) if problem.is_missing() && tries < TRIES => {
                tries += 1;
            }
            done => return done,
        }
    }
}

async fn walk_once<T: Tally>(
    store: &Store,
    question: &Question,
    make: &impl Fn() -> T,
) -> Result<Vec<T>, ObservationError> {
    let mut own = make();
    let mut standing = Standing::new();
    let mut all = std::pin::pin!(recent(store, question).await?);
    while let Some((point, rows)) = all.try_next().await? {
        for row in &rows {
            let at_ms = row.observed_at.as_millisecond();
            for value in &row.values {
                if question.has_factor(value.factor)
                    && question.flags.count(value.flag)
                    && let Some(number) = question.number.of(value)
                {
                    own.one(point, value.factor, at_ms, number);
                }
            }
        }
        note(&mut standing, point, &rows);
    }
    let points = question.points.as_deref();
    let parts =
        crate::history::parts(store, question.period, question.range.clone(), points).await?;
    let mut tallies = over_files(&parts, question, standing, make).await?;
    tallies.push(own);
    Ok(tallies)
}

/// The part of a walk that goes over files.
pub(super) async fn over_files<T: Tally>(
    parts: &[Arc<OpenPart>],
    question: &Question,
    standing: Standing,
    make: &impl Fn() -> T,
) -> Result<Vec<T>, FormatError> {
    let pieces = pieces(parts, question, &standing);
    let (question, standing) = (Arc::new(question.clone()), Arc::new(standing));
    let read = |piece: Piece| {
        let (question, standing, tally) = (question.clone(), standing.clone(), make());
        async move { tallied(piece, question, standing, tally).await }
    };
    stream::iter(pieces).map(read).buffer_unordered(lanes()).try_collect().await
}

async fn tallied<T: Tally>(
    piece: Piece,
    question: Arc<Question>,
    standing: Arc<Standing>,
    mut tally: T,
) -> Result<T, FormatError> {
    let piece = piece.narrowed(&question.range).await?;
    let (file, spans) = (&piece.part.values, piece.spans());
    let needs_times = T::NEEDS_TIMES || piece.stretches.iter().any(|stretch| stretch.stands);
    let has_wide = spans.iter().any(|span| file.may_hold("wide", span));
    let mut columns = vec![question.number.column()];
    if needs_times || has_wide {
        columns.push("observed_at");
    }
    if question.flags != Flags::All {
        columns.push("flag");
    }
    if has_wide {
        columns = VALUES.to_vec();
    }
    let fetched = file.fetch(&columns, &spans).await?;
    let whole = piece.part.clone();
    let part = piece.part.clone();
    let done = tokio::task::spawn_blocking(move || {
        let mut pass =
            Pass { question: &question, standing: &standing, scratch: Scratch::default() };
        let mut stretches = piece.stretches.iter();
        let mut open: Option<(&Stretch, usize)> = None;
        for batch in fetched.decode()? {
            let batch = batch?;
            let mut from = 0;
            while from < batch.num_rows() {
                if open.is_none_or(|(stretch, done)| done == stretch.count()) {
                    open = stretches.next().map(|stretch| (stretch, 0));
                }
                let Some((stretch, done)) = open.as_mut() else { break };
                let count = (stretch.count() - *done).min(batch.num_rows() - from);
                let part_of = batch.slice(from, count);
                pass.take(&part_of, stretch, has_wide, &mut tally)
                    .ok_or_else(|| part.values.damaged("a line cannot be read"))?;
                *done += count;
                from += count;
            }
        }
        Ok(tally)
    });
    done.await.unwrap_or_else(|_| Err(whole.values.damaged("reading it broke off")))
}

/// Lines that were picked out.
#[derive(Default)]
struct Scratch {
    times: Vec<i64>,
    digits: Vec<i64>,
}

struct Pass<'question> {
    question: &'question Question,
    standing: &'question Standing,
    scratch: Scratch,
}

impl Pass<'_> {
    /// Hands the lines that count to the tally; `None` when they cannot be read.
    fn take<T: Tally>(
        &mut self,
        batch: &RecordBatch,
        stretch: &Stretch,
        has_wide: bool,
        tally: &mut T,
    ) -> Option<()> {
        let number = batch.column_by_name(self.question.number.column())?;
        let number = number.as_primitive_opt::<Int64Type>()?;
        let times = moments(batch, "observed_at").unwrap_or_default();
        let (point, factor, scale) =
            (stretch.series.point, stretch.series.factor, stretch.series.scale);
        let counted = self.counted_flags(batch)?;
        let picks = stretch.stands || number.null_count() > 0 || !counted.is_empty() || has_wide;
        if !picks {
            let digits = number.values();
            tally.lines(&Lines { point, factor, scale, times, digits });
            return Some(());
        }
        let standing = self.standing.get(&point).map_or(&[][..], Vec::as_slice);
        let keys = batch.column_by_name("flag").and_then(|_| worded(batch, "flag"));
        let wide = if has_wide { Some(Numbers::of(batch)?) } else { None };
        let Scratch { times: kept_times, digits: kept } = &mut self.scratch;
        kept_times.clear();
        kept.clear();
        if let Some((keys, _)) = &keys
            && !stretch.stands
            && !has_wide
            && number.null_count() == 0
            && keys.null_count() == 0
        {
            // Nothing but the letters decides: the usual case, a step a line.
            let lines = number.values().iter().zip(keys.keys().values());
            let counts = |key: &i32| counted[*key as usize];
            kept.extend(lines.filter(|(_, key)| counts(key)).map(|(digits, _)| *digits));
            if !times.is_empty() {
                let lines = times.iter().zip(keys.keys().values());
                kept_times.extend(lines.filter(|(_, key)| counts(key)).map(|(time, _)| *time));
            }
            tally.lines(&Lines { point, factor, scale, times: kept_times, digits: kept });
            return Some(());
        }
        for line in 0..number.len() {
            if let Some((keys, _)) = &keys
                && !counted.is_empty()
                && keys.is_valid(line)
                && !counted[keys.keys().value(line) as usize]
            {
                continue;
            }
            if stretch.stands && standing.binary_search(&times[line]).is_ok() {
                continue;
            }
            if number.is_valid(line) {
                kept.push(number.value(line));
                if !times.is_empty() {
                    kept_times.push(times[line]);
                }
            } else if let Some(wide) = &wide {
                let value = wide.factor_value(line, factor, scale)?;
                if let Some(number) = self.question.number.of(&value) {
                    tally.one(point, factor, times[line], number);
                }
            }
        }
        if !kept.is_empty() {
            tally.lines(&Lines { point, factor, scale, times: kept_times, digits: kept });
        }
        Some(())
    }

    /// Which words of the column of flags count; none where all do.
    fn counted_flags(&self, batch: &RecordBatch) -> Option<Vec<bool>> {
        if self.question.flags == Flags::All {
            return Some(Vec::new());
        }
        let (_, texts) = worded(batch, "flag")?;
        let letter = |text: &str| text.chars().next().and_then(|one| u8::try_from(one).ok());
        let counted: Vec<bool> =
            texts.iter().map(|text| self.question.flags.count(text.and_then(letter))).collect();
        Some(if counted.iter().all(|counts| *counts) { Vec::new() } else { counted })
    }
}
