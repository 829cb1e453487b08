//! Values given out: CSV, Parquet, Arrow, at the speed of the codec.
//!
//! Row groups are unpacked and turned on every processor; one thread writes them in their order.
//! What still stands in the store comes first, then the months, each by point, factor and time.

mod columnar;
mod csv;
mod names;

use super::question::{Flags, Question};
use super::walk::{Piece, Standing, lanes, note, pieces, recent};
use crate::error::ObservationError;
use crate::history::format::{FormatError, Numbers, OpenPart, Series, VALUES, moments, seconds};
use crate::model::FactorValue;
use ::store::Store;
use arrow_array::RecordBatch;
use columnar::Table;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use names::Names;
use registry::{PointId, Snapshot};
use std::io::Write;
use std::sync::Arc;

pub use csv::HEADER as CSV_HEADER;

/// Columns of decimals have at least so many: rows that come meanwhile fit, too.
const DECIMALS: u32 = 4;

/// What a file is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Lines of text, in the columns of the template for import.
    Csv,
    /// Parquet with decimals.
    Parquet,
    /// An Arrow IPC file.
    Arrow,
}

impl ExportFormat {
    /// The format that a file's ending names, or `None`.
    pub fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "csv" => Some(Self::Csv),
            "parquet" => Some(Self::Parquet),
            "arrow" | "feather" => Some(Self::Arrow),
            _ => None,
        }
    }
}

/// What was given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Lines: factors of rows.
    pub lines: u64,
}

/// What lines become before they are written.
enum Rendered {
    Text(Vec<u8>, u64),
    Batch(RecordBatch),
}

/// Writes the values of a question, whatever number it names, into `sink`.
///
/// # Errors
/// When the store or a file cannot be read, `sink` refuses ([`ObservationError::Export`]), or a
/// number has more digits than the format holds.
pub async fn export(
    store: &Store,
    question: &Question,
    city: &Snapshot,
    format: ExportFormat,
    sink: impl Write + Send + 'static,
) -> Result<Exported, ObservationError> {
    let names = Arc::new(Names::of(city, question.period));
    let scale = match format {
        ExportFormat::Csv => 0,
        ExportFormat::Parquet | ExportFormat::Arrow => scale_of(store, question).await?,
    };
    let (sender, receiver) = tokio::sync::mpsc::channel::<Rendered>(lanes() * 2);
    let writing = tokio::task::spawn_blocking({
        let names = names.clone();
        move || write(receiver, &names, scale, format, sink)
    });
    let sent = send(store, question, &names, (format, scale), sender).await;
    let broke = |_| ObservationError::Export("writing broke off".to_owned());
    // When writing failed, sending failed for that reason.
    let written = writing.await.map_err(broke)??;
    sent?;
    Ok(written)
}

/// How many decimals the columns must have: of the files, and of the rows that still stand in the
/// store.
async fn scale_of(store: &Store, question: &Question) -> Result<u32, ObservationError> {
    let mut scale = DECIMALS;
    let mut all = std::pin::pin!(recent(store, question).await?);
    while let Some((_, rows)) = all.try_next().await? {
        let values = rows.iter().flat_map(|row| &row.values);
        let numbers = values
            .filter(|value| question.has_factor(value.factor))
            .flat_map(|value| value.numbers().into_iter().flatten());
        scale = numbers.map(|number| number.scale()).fold(scale, u32::max);
    }
    for part in parts_of(store, question).await? {
        scale = part.series().iter().map(|series| series.scale).fold(scale, u32::max);
    }
    Ok(scale)
}

async fn parts_of(
    store: &Store,
    question: &Question,
) -> Result<Vec<Arc<OpenPart>>, ObservationError> {
    let points = question.points.as_deref();
    crate::history::parts(store, question.period, question.range.clone(), points).await
}

async fn send(
    store: &Store,
    question: &Question,
    names: &Arc<Names>,
    (format, scale): (ExportFormat, u32),
    sender: tokio::sync::mpsc::Sender<Rendered>,
) -> Result<(), ObservationError> {
    let broke = |_| ObservationError::Export("turning rows into lines broke off".to_owned());
    let closed = |_| ObservationError::Export("nothing takes the lines any more".to_owned());
    let mut standing = Standing::new();
    let question = Arc::new(question.clone());
    let mut all = std::pin::pin!(recent(store, &question).await?);
    while let Some((point, rows)) = all.try_next().await? {
        note(&mut standing, point, &rows);
        let (names, question) = (names.clone(), question.clone());
        let rendered = tokio::task::spawn_blocking(move || {
            let mut lines = Output::new(format, scale);
            for row in &rows {
                for value in row.values.iter().filter(|value| question.has_factor(value.factor)) {
                    if question.flags.count(value.flag) {
                        lines.value(&names, row.point, row.observed_at, value)?;
                    }
                }
            }
            lines.finish(&names)
        });
        sender.send(rendered.await.map_err(broke)??).await.map_err(closed)?;
    }
    let pieces = pieces(&parts_of(store, &question).await?, &question, &standing);
    let standing = Arc::new(standing);
    let render = |piece: Piece| {
        let (question, standing, names) = (question.clone(), standing.clone(), names.clone());
        async move {
            let part = piece.part.clone();
            let fetched = part.values.fetch(&VALUES, &piece.spans).await?;
            let done = tokio::task::spawn_blocking(move || {
                let lines = Output::new(format, scale);
                rendered(&piece, fetched.decode()?, &question, &standing, &names, lines)
            });
            done.await.map_err(broke)?
        }
    };
    let mut all = stream::iter(pieces).map(render).buffered(lanes());
    while let Some(rendered) = all.next().await {
        sender.send(rendered?).await.map_err(closed)?;
    }
    Ok(())
}

/// Turns the lines of a piece that are asked for.
fn rendered(
    piece: &Piece,
    batches: impl Iterator<Item = Result<RecordBatch, FormatError>>,
    question: &Question,
    standing: &Standing,
    names: &Names,
    mut lines: Output,
) -> Result<Rendered, ObservationError> {
    let range = seconds(&question.range);
    let range = range.start.saturating_mul(1000)..range.end.saturating_mul(1000);
    let mut stretches = piece.stretches.iter();
    let mut open = stretches.next().map(|stretch| (stretch, stretch.count));
    for batch in batches {
        let batch = batch?;
        let damaged = || piece.part.values.damaged("a line cannot be read");
        let times = moments(&batch, "observed_at").ok_or_else(damaged)?;
        let numbers = Numbers::of(&batch).ok_or_else(damaged)?;
        let are_plain = numbers.are_plain() && question.flags == Flags::All;
        let mut line = 0;
        while line < times.len() {
            while open.is_some_and(|(_, left)| left == 0) {
                open = stretches.next().map(|stretch| (stretch, stretch.count));
            }
            let Some((stretch, left)) = open.as_mut() else { break };
            let series = &stretch.series;
            if let (Output::Table(table), true, false) = (&mut lines, are_plain, stretch.looks) {
                let until = times.len().min(line + *left);
                table.run(names, series, times, &numbers, line..until)?;
                *left -= until - line;
                line = until;
                continue;
            }
            *left -= 1;
            let (time, here) = (&times[line], line);
            line += 1;
            if stretch.looks {
                let stands = standing
                    .get(&series.point)
                    .is_some_and(|times| times.binary_search(time).is_ok());
                if !range.contains(time) || stands {
                    continue;
                }
            }
            if !question.flags.count(numbers.flag(here)) {
                continue;
            }
            if numbers.is_plain(here) {
                lines.plain(names, series, *time, &numbers, here)?;
            } else {
                let value = numbers.factor_value(here, series.factor, series.scale);
                let at = Timestamp::from_millisecond(*time).ok();
                let (at, value) = at.zip(value).ok_or_else(damaged)?;
                lines.value(names, series.point, at, &value)?;
            }
        }
    }
    lines.finish(names)
}

/// Lines being gathered in one format.
enum Output {
    Text(csv::Lines),
    Table(Box<Table>),
}

impl Output {
    fn new(format: ExportFormat, scale: u32) -> Self {
        match format {
            ExportFormat::Csv => Self::Text(csv::Lines::default()),
            ExportFormat::Parquet | ExportFormat::Arrow => Self::Table(Box::new(Table::new(scale))),
        }
    }

    fn plain(
        &mut self,
        names: &Names,
        series: &Series,
        at_ms: i64,
        numbers: &Numbers<'_>,
        line: usize,
    ) -> Result<(), ObservationError> {
        match self {
            Self::Text(lines) => {
                lines.plain(names, series, at_ms, numbers, line);
                Ok(())
            }
            Self::Table(table) => table.plain(names, series, at_ms, numbers, line),
        }
    }

    fn value(
        &mut self,
        names: &Names,
        point: PointId,
        at: Timestamp,
        value: &FactorValue,
    ) -> Result<(), ObservationError> {
        match self {
            Self::Text(lines) => {
                lines.value(names, point, at.as_millisecond(), value);
                Ok(())
            }
            Self::Table(table) => table.value(names, point, at.as_millisecond(), value),
        }
    }

    fn finish(self, names: &Names) -> Result<Rendered, ObservationError> {
        match self {
            Self::Text(lines) => {
                let (text, count) = lines.finish();
                Ok(Rendered::Text(text, count))
            }
            Self::Table(table) => Ok(Rendered::Batch(table.finish(names)?)),
        }
    }
}

/// Writes what comes until nothing more does.
fn write(
    mut receiver: tokio::sync::mpsc::Receiver<Rendered>,
    names: &Names,
    scale: u32,
    format: ExportFormat,
    sink: impl Write + Send,
) -> Result<Exported, ObservationError> {
    let mut sink = std::io::BufWriter::with_capacity(1 << 20, sink);
    let refused = |problem: std::io::Error| ObservationError::Export(problem.to_string());
    let mut exported = Exported::default();
    if format == ExportFormat::Csv {
        sink.write_all(csv::header().as_bytes()).map_err(refused)?;
        while let Some(rendered) = receiver.blocking_recv() {
            if let Rendered::Text(text, lines) = rendered {
                sink.write_all(&text).map_err(refused)?;
                exported.lines += lines;
            }
        }
    } else {
        let mut file = columnar::File::new(format, names, scale, &mut sink)?;
        while let Some(rendered) = receiver.blocking_recv() {
            if let Rendered::Batch(batch) = rendered {
                exported.lines += batch.num_rows() as u64;
                file.write(&batch)?;
            }
        }
        file.finish()?;
    }
    sink.flush().map_err(refused)?;
    Ok(exported)
}
