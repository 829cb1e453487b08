//! A stream of Arrow record batches, as an engine of many machines hands a part of a table over.
//!
//! What arrives is decoded as it comes: a wrong length makes no memory be taken for it. A stream
//! counts as whole only with its end mark, for one that was cut between two batches looks well.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_schema::{ArrowError, Schema, SchemaRef};

use super::parquet::{BATCH, FEW, check_kinds};
use super::{Content, Cut, Head, MakeHead, Opened, Piece};
use crate::problem::Problem;

/// The name of the stream in messages.
pub(crate) const STREAM: &str = "standard input";
/// How much is read at once.
const CHUNK: usize = 1 << 20;
/// What begins every message of a stream, and with nothing behind it ends the stream.
const CONTINUATION: [u8; 4] = [0xff; 4];
const END: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// Opens a stream and finds the columns of a method in it.
pub(crate) fn open(
    input: Box<dyn Read + Send>,
    cut: Cut,
    head: &MakeHead<'_>,
) -> Result<Opened, Vec<Problem>> {
    let mut messages = Messages { input, decoder: StreamDecoder::new(), buffer: Buffer::default() };
    let (schema, first) = messages.schema().map_err(|problem| vec![problem])?;
    let titles = schema.fields().iter().map(|field| field.name().clone()).collect();
    let head = head(titles)?;
    check_kinds(&head, &schema, cut)?;
    let most = if cut == Cut::Groups { BATCH } else { FEW };
    let pieces =
        Pieces { messages, head: head.clone(), most, rest: first, next: 2, is_done: false };
    Ok(Opened { head, weight: 0, pieces: Box::new(pieces) })
}

/// The messages of a stream.
struct Messages {
    input: Box<dyn Read + Send>,
    decoder: StreamDecoder,
    buffer: Buffer,
}

impl Messages {
    /// The columns, and the first batch where there is one.
    fn schema(&mut self) -> Result<(SchemaRef, Option<RecordBatch>), Problem> {
        self.fill()?;
        if let Some(problem) = no_stream(&self.buffer) {
            return Err(problem);
        }
        // A schema is known for sure once something follows it, were it the end mark.
        let first = self.batch()?;
        let schema = self.decoder.schema().unwrap_or_else(|| Arc::new(Schema::empty()));
        Ok((schema, first))
    }

    /// The next batch; `None` at the end.
    fn batch(&mut self) -> Result<Option<RecordBatch>, Problem> {
        loop {
            if self.buffer.is_empty() {
                self.fill()?;
            }
            if self.buffer.is_empty() {
                return self.ended().map(|()| None);
            }
            if let Some(batch) = self.decode()? {
                return Ok(Some(batch));
            }
        }
    }

    fn decode(&mut self) -> Result<Option<RecordBatch>, Problem> {
        let (decoder, buffer) = (&mut self.decoder, &mut self.buffer);
        // The library indexes by numbers of the message.
        let decoded = catch_unwind(AssertUnwindSafe(|| decoder.decode(buffer)));
        match decoded {
            Ok(Ok(batch)) => Ok(batch),
            Ok(Err(ArrowError::IpcError(error))) => Err(broken(&error)),
            Ok(Err(error)) => Err(broken(&error.to_string())),
            Err(_) => Err(broken("a message is malformed")),
        }
    }

    /// Nothing follows any more: was this the end?
    fn ended(&mut self) -> Result<(), Problem> {
        if self.decoder.finish().is_err() {
            return Err(broken("it ends in the middle of a message"));
        }
        // After its end mark a stream takes no other.
        match self.decoder.decode(&mut Buffer::from(END)) {
            Err(_) => Ok(()),
            Ok(_) => Err(broken("it ends without its end mark")),
        }
    }

    fn fill(&mut self) -> Result<(), Problem> {
        let mut chunk = Vec::with_capacity(CHUNK);
        let got = self.input.by_ref().take(CHUNK as u64).read_to_end(&mut chunk);
        got.map_err(|error| super::unreadable(Path::new(STREAM), &error))?;
        self.buffer = Buffer::from_vec(chunk);
        Ok(())
    }
}

/// What is wrong with something that is no stream from its first bytes on.
fn no_stream(start: &[u8]) -> Option<Problem> {
    if start.starts_with(&CONTINUATION) {
        return None;
    }
    let (what, cure) = match start {
        [] => ("there is nothing on standard input", "Pipe an Arrow IPC stream into this command."),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => (
            "standard input is an Arrow file, not a stream",
            "Write it with the stream writer (pyarrow.ipc.new_stream).",
        ),
        [b'P', b'A', b'R', b'1', ..] => (
            "standard input is a Parquet file, not an Arrow stream",
            "Name the file instead of --arrow-stream, or turn it into a stream.",
        ),
        _ => (
            "standard input is no Arrow IPC stream",
            "Write it with the stream writer of an Arrow library (pyarrow.ipc.new_stream), or name \
             a file instead of --arrow-stream.",
        ),
    };
    Some(Problem::of_file("stream.form", what, cure))
}

fn broken(what: &str) -> Problem {
    let what = format!("the stream cannot be read: {what}");
    let cure = "It must come whole from an Arrow stream writer that was closed, not compressed.";
    Problem::of_file("stream.broken", what, cure)
}

/// Some thousand rows at a time.
struct Pieces {
    messages: Messages,
    head: Arc<Head>,
    most: usize,
    rest: Option<RecordBatch>,
    next: u64,
    is_done: bool,
}

impl Iterator for Pieces {
    type Item = Result<Piece, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(rest) = self.rest.take() {
                let rows = rest.num_rows().min(self.most);
                if rows < rest.num_rows() {
                    self.rest = Some(rest.slice(rows, rest.num_rows() - rows));
                }
                if rows > 0 {
                    return Some(Ok(self.piece(rest.slice(0, rows))));
                }
            }
            if self.is_done {
                return None;
            }
            match self.messages.batch() {
                Ok(Some(batch)) => self.rest = Some(batch),
                Ok(None) => self.is_done = true,
                Err(problem) => {
                    self.is_done = true;
                    return Some(Err(problem));
                }
            }
        }
    }
}

impl Pieces {
    fn piece(&mut self, batch: RecordBatch) -> Piece {
        let (first_row, weight) = (self.next, batch.num_rows() as u64);
        self.next += weight;
        Piece { head: self.head.clone(), first_row, weight, content: Content::Batch(batch) }
    }
}
