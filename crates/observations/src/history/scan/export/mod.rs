//! Values given out: CSV, Parquet, Arrow, at the speed of the codec.
//!
//! Row groups are unpacked, turned and, for Parquet, encoded anew on every processor; one thread
//! writes them in their order. What still stands in the store comes first, then the months, each
//! by point, factor and time.

mod columnar;
mod csv;
mod names;
#[cfg(test)]
mod tests;

use super::question::{Flags, Question};
use super::walk::{Piece, Standing, note, pieces, recent};
use crate::error::ObservationError;
use crate::history::format::{FormatError, Numbers, OpenPart, Series, VALUES, moments};
use crate::history::tasks::{broke_off, lanes};
use crate::model::FactorValue;
use ::store::Store;
use arrow_array::RecordBatch;
use columnar::{Arrow, Encoder, Parquet, RowGroup, Table};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use names::Names;
use registry::{PointId, Snapshot};
use std::io::{BufWriter, Write};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::task::JoinHandle;

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

/// A row group of a Parquet file that is given out has at least so many lines, but for the last.
const GROUP: usize = 262_144;

/// What lines become before they are written.
enum Rendered {
    Text(Vec<u8>, u64),
    Batch(RecordBatch),
}

/// What the writing thread is handed, in the order of the file.
enum Handed {
    Rendered(Rendered),
    /// A row group that is being encoded.
    Encoding(JoinHandle<Result<RowGroup, ObservationError>>),
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
    let (file, encoder) = File::new(format, &names, scale, sink)?;
    let (sender, receiver) = tokio::sync::mpsc::channel::<Handed>(lanes());
    let runtime = tokio::runtime::Handle::current();
    let writing = tokio::task::spawn_blocking(move || file.write(receiver, &runtime));
    let sent = send(store, question, &names, (format, scale), Hand::new(sender, encoder)).await;
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
    mut hand: Hand,
) -> Result<(), ObservationError> {
    let broke = |_| ObservationError::Export("turning rows into lines broke off".to_owned());
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
        hand.over(rendered.await.map_err(broke)??).await?;
    }
    let pieces = pieces(&parts_of(store, &question).await?, &question, &standing);
    let standing = Arc::new(standing);
    let render = |piece: Piece| {
        let (question, standing, names) = (question.clone(), standing.clone(), names.clone());
        async move {
            let piece = piece.narrowed(&question.range).await?;
            let fetched = piece.part.values.fetch(&VALUES, &piece.spans()).await?;
            let done = tokio::task::spawn_blocking(move || {
                let lines = Output::new(format, scale);
                rendered(&piece, fetched.decode()?, &question, &standing, &names, lines)
            });
            done.await.map_err(broke)?
        }
    };
    let mut all = stream::iter(pieces).map(render).buffered(lanes());
    while let Some(rendered) = all.next().await {
        hand.over(rendered?).await?;
    }
    hand.rest().await
}

/// Hands lines to the writing thread; of a Parquet file as whole row groups.
struct Hand {
    sender: Sender<Handed>,
    encoder: Option<Encoder>,
    batches: Vec<RecordBatch>,
}

impl Hand {
    const fn new(sender: Sender<Handed>, encoder: Option<Encoder>) -> Self {
        Self { sender, encoder, batches: Vec::new() }
    }

    async fn over(&mut self, rendered: Rendered) -> Result<(), ObservationError> {
        match rendered {
            Rendered::Batch(batch) if batch.num_rows() == 0 => Ok(()),
            Rendered::Batch(batch) if self.encoder.is_some() => {
                self.batches.push(batch);
                let lines: usize = self.batches.iter().map(RecordBatch::num_rows).sum();
                if lines >= GROUP { self.rest().await } else { Ok(()) }
            }
            rendered => self.send(Handed::Rendered(rendered)).await,
        }
    }

    /// Hands over what is left.
    async fn rest(&mut self) -> Result<(), ObservationError> {
        let batches = std::mem::take(&mut self.batches);
        let Some(encoder) = self.encoder.clone().filter(|_| !batches.is_empty()) else {
            return Ok(());
        };
        let encoding = tokio::task::spawn_blocking(move || encoder.encode(&batches));
        self.send(Handed::Encoding(encoding)).await
    }

    async fn send(&self, handed: Handed) -> Result<(), ObservationError> {
        let closed = |_| ObservationError::Export("nothing takes the lines any more".to_owned());
        self.sender.send(handed).await.map_err(closed)
    }
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
    let mut stretches = piece.stretches.iter();
    let mut open = stretches.next().map(|stretch| (stretch, stretch.count()));
    for batch in batches {
        let batch = batch?;
        let damaged = || piece.part.values.damaged("a line cannot be read");
        let times = moments(&batch, "observed_at").ok_or_else(damaged)?;
        let numbers = Numbers::of(&batch).ok_or_else(damaged)?;
        let are_plain = numbers.are_plain() && question.flags == Flags::All;
        let mut line = 0;
        while line < times.len() {
            while open.is_some_and(|(_, left)| left == 0) {
                open = stretches.next().map(|stretch| (stretch, stretch.count()));
            }
            let Some((stretch, left)) = open.as_mut() else { break };
            let series = &stretch.series;
            if let (Output::Table(table), true, false) = (&mut lines, are_plain, stretch.stands) {
                let until = times.len().min(line + *left);
                table.run(names, series, times, &numbers, line..until)?;
                *left -= until - line;
                line = until;
                continue;
            }
            *left -= 1;
            let (time, here) = (&times[line], line);
            line += 1;
            if stretch.stands
                && let Some(times) = standing.get(&series.point)
                && times.binary_search(time).is_ok()
            {
                continue;
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

/// A file being written.
enum File<W: Write + Send> {
    Csv(BufWriter<W>),
    Parquet(Box<Parquet<BufWriter<W>>>),
    Arrow(Box<Arrow<BufWriter<W>>>),
}

impl<W: Write + Send> File<W> {
    /// An empty file, and what encodes its row groups where it has such.
    fn new(
        format: ExportFormat,
        names: &Names,
        scale: u32,
        sink: W,
    ) -> Result<(Self, Option<Encoder>), ObservationError> {
        let sink = BufWriter::with_capacity(1 << 20, sink);
        Ok(match format {
            ExportFormat::Csv => (Self::Csv(sink), None),
            ExportFormat::Arrow => (Self::Arrow(Box::new(Arrow::new(scale, sink)?)), None),
            ExportFormat::Parquet => {
                let (file, encoder) = Parquet::new(names, scale, sink)?;
                (Self::Parquet(Box::new(file)), Some(encoder))
            }
        })
    }

    /// Writes what comes until nothing more does.
    fn write(
        mut self,
        mut receiver: Receiver<Handed>,
        runtime: &Handle,
    ) -> Result<Exported, ObservationError> {
        let refused = |problem: std::io::Error| ObservationError::Export(problem.to_string());
        if let Self::Csv(sink) = &mut self {
            sink.write_all(csv::header().as_bytes()).map_err(refused)?;
        }
        let mut exported = Exported::default();
        while let Some(handed) = receiver.blocking_recv() {
            exported.lines += match (&mut self, handed) {
                (Self::Csv(sink), Handed::Rendered(Rendered::Text(text, lines))) => {
                    sink.write_all(&text).map_err(refused)?;
                    lines
                }
                (Self::Arrow(file), Handed::Rendered(Rendered::Batch(batch))) => {
                    file.write(&batch)?
                }
                (Self::Parquet(file), Handed::Encoding(encoding)) => {
                    file.write(runtime.block_on(encoding).map_err(broke_off)??)?
                }
                // Each kind of file is handed what it is made of.
                _ => return Err(ObservationError::Export("lines of another format".to_owned())),
            };
        }
        match self {
            Self::Csv(mut sink) => sink.flush().map_err(refused)?,
            Self::Arrow(file) => file.finish()?,
            Self::Parquet(file) => file.finish()?,
        }
        Ok(exported)
    }
}
