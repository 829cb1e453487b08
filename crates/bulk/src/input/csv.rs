//! CSV: cut at line ends into pieces of some megabytes.

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::{Content, MakeHead, Opened, Piece, unreadable};
use crate::problem::Problem;

/// How much a thread is given at once.
const PIECE: usize = 4 << 20;

/// Whole lines of a CSV file.
pub(crate) struct CsvPiece {
    bytes: Vec<u8>,
    pub(crate) separator: u8,
    spare: Spare,
}

/// Memory of pieces that are done, for those to come: memory fresh from the system must be cleared
/// by it, which takes as long as reading the file.
type Spare = Arc<Mutex<Vec<Vec<u8>>>>;

impl Drop for CsvPiece {
    fn drop(&mut self) {
        if let Ok(mut spare) = self.spare.lock() {
            spare.push(std::mem::take(&mut self.bytes));
        }
    }
}

pub(super) fn open(
    path: &Path,
    mut file: Box<dyn Read + Send>,
    length: u64,
    head: &MakeHead<'_>,
) -> Result<Opened, Vec<Problem>> {
    let failed = |error: &dyn std::fmt::Display| vec![unreadable(path, error)];
    let mut start = [0_u8; 4];
    let got = file.read(&mut start).map_err(|error| failed(&error))?;
    if let Some(form) = packed(&start[..got]) {
        let what = format!("{} is packed with {form}", path.display());
        let cure = "Unpack it first, or pack it with gzip.";
        return Err(vec![Problem::of_file("file.packed", what, cure)]);
    }
    let is_gzip = start[..got].starts_with(&[0x1f, 0x8b]);
    let read = Arc::new(AtomicU64::new(got as u64));
    let file = Counted { file, read: read.clone() };
    let whole: Box<dyn Read + Send> =
        Box::new(std::io::Cursor::new(start[..got].to_vec()).chain(file));
    let mut reader: Box<dyn Read + Send> =
        if is_gzip { Box::new(flate2::read::MultiGzDecoder::new(whole)) } else { whole };
    let mut rest = Vec::new();
    let mut is_end = false;
    while !rest.contains(&b'\n') && !is_end {
        is_end = fill(&mut reader, &mut rest, 1 << 16).map_err(|error| failed(&error))?;
    }
    let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |place| place + 1);
    let line: Vec<u8> = rest.drain(..end).collect();
    let line = text(&line).trim_start_matches('\u{feff}').trim_end().to_owned();
    if line.is_empty() {
        let cure = "The first line names the columns; `--explain` lists them.";
        return Err(vec![Problem::of_file("columns.none", "the file is empty", cure)]);
    }
    let separator = [b',', b'\t', b';']
        .into_iter()
        .max_by_key(|mark| line.bytes().filter(|byte| byte == mark).count())
        .unwrap_or(b',');
    let titles = titles(&line, separator).map_err(|error| failed(&error))?;
    let head = head(titles)?;
    let made = head.clone();
    let spare = Spare::default();
    let cut = Pieces { reader, rest, is_end, next_row: 2, spare: spare.clone() };
    let pieces = cut.map(move |cut| {
        let (first_row, bytes) = cut.map_err(|error| unreadable(&head.path, &error))?;
        let weight = read.swap(0, Ordering::Relaxed);
        let content = Content::Csv(CsvPiece { bytes, separator, spare: spare.clone() });
        Ok(Piece { head: head.clone(), first_row, weight, content })
    });
    Ok(Opened { head: made, weight: length, pieces: Box::new(pieces) })
}

/// Counts what is read of a file, packed or not: how far the work is.
struct Counted {
    file: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let got = self.file.read(into)?;
        self.read.fetch_add(got as u64, Ordering::Relaxed);
        Ok(got)
    }
}

fn packed(start: &[u8]) -> Option<&'static str> {
    [
        (&b"\xfd7zX"[..], "xz"),
        (b"BZh", "bzip2"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"PK\x03\x04", "zip"),
    ]
    .into_iter()
    .find_map(|(mark, form)| start.starts_with(mark).then_some(form))
}

fn titles(line: &str, separator: u8) -> Result<Vec<String>, ::csv::Error> {
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(separator)
        .from_reader(line.as_bytes());
    let mut record = ::csv::StringRecord::new();
    reader.read_record(&mut record)?;
    Ok(record.iter().map(str::to_owned).collect())
}

/// UTF-8, else GB 18030, in which spreadsheets on Chinese machines save.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(bytes).0,
    }
}

/// Reads up to `more` bytes; true at the end.
fn fill(reader: &mut dyn Read, into: &mut Vec<u8>, more: usize) -> std::io::Result<bool> {
    let wanted = into.len() + more;
    reader.take(more as u64).read_to_end(into)?;
    Ok(into.len() < wanted)
}

/// How many line ends there are.
fn lines(bytes: &[u8]) -> u64 {
    // Sums of bytes that cannot wrap: many are counted by one instruction.
    let count = |part: &[u8]| part.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>();
    bytes.chunks(u8::MAX.into()).map(|part| u64::from(count(part))).sum()
}

/// Cuts what is read at line ends.
struct Pieces {
    reader: Box<dyn Read + Send>,
    rest: Vec<u8>,
    is_end: bool,
    next_row: u64,
    spare: Spare,
}

impl Pieces {
    /// Memory for a piece, with what was left of the one before.
    fn begin(&mut self) -> Vec<u8> {
        let spare = self.spare.lock().ok().and_then(|mut spare| spare.pop());
        let mut bytes = spare.unwrap_or_default();
        bytes.clear();
        bytes.reserve(self.rest.len() + PIECE);
        bytes.append(&mut self.rest);
        bytes
    }
}

impl Iterator for Pieces {
    type Item = std::io::Result<(u64, Vec<u8>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut bytes = self.begin();
        while !self.is_end {
            match fill(self.reader.as_mut(), &mut bytes, PIECE) {
                Ok(is_end) => self.is_end = is_end,
                Err(error) => {
                    self.is_end = true;
                    return Some(Err(error));
                }
            }
            let newline = bytes.iter().rposition(|byte| *byte == b'\n');
            if let Some(end) = newline.filter(|_| !self.is_end) {
                self.rest.extend_from_slice(&bytes[end + 1..]);
                bytes.truncate(end + 1);
                break;
            }
        }
        if bytes.is_empty() {
            return None;
        }
        let first_row = self.next_row;
        self.next_row += lines(&bytes);
        Some(Ok((first_row, bytes)))
    }
}

impl CsvPiece {
    /// A reader over the lines.
    pub(crate) fn reader<'bytes>(
        &'bytes self,
        decoded: &'bytes Cow<'bytes, str>,
    ) -> ::csv::Reader<&'bytes [u8]> {
        ::csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.separator)
            .from_reader(decoded.as_bytes())
    }

    /// The lines as text.
    pub(crate) fn decoded(&self) -> Cow<'_, str> {
        text(&self.bytes)
    }

    pub(super) fn each_row(
        &self,
        piece: &Piece,
        mut each: impl FnMut(u64, &[&str]),
    ) -> Result<(), Problem> {
        let decoded = self.decoded();
        let mut reader = self.reader(&decoded);
        let mut record = ::csv::StringRecord::new();
        let mut rows = Rows::of(piece, decoded.as_bytes());
        loop {
            let start = reader.position().byte();
            match reader.read_record(&mut record) {
                Ok(false) => return Ok(()),
                Ok(true) => {
                    let row = rows.at(start);
                    width(piece, row, record.len())?;
                    each(row, &record.iter().collect::<Vec<_>>());
                }
                Err(error) => {
                    let row = rows.at(start);
                    return Err(unreadable(&piece.head.path, &error).in_row(row));
                }
            }
        }
    }
}

/// The numbers of the rows of a piece.
pub(crate) struct Rows<'bytes> {
    bytes: &'bytes [u8],
    at: usize,
    row: u64,
}

impl<'bytes> Rows<'bytes> {
    pub(crate) fn of(piece: &Piece, bytes: &'bytes [u8]) -> Self {
        Self { bytes, at: 0, row: piece.first_row }
    }

    /// The number of the row that begins at a byte or, behind line ends and empty lines, after it;
    /// bytes must not go back.
    pub(crate) fn at(&mut self, byte: u64) -> u64 {
        let mut start = usize::try_from(byte).unwrap_or(usize::MAX).min(self.bytes.len());
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        start += self.bytes[start..].iter().take_while(|byte| is_end(byte)).count();
        self.row += lines(&self.bytes[self.at..start]);
        self.at = start;
        self.row
    }
}

/// A row has as many cells as there are titles.
pub(crate) fn width(piece: &Piece, row: u64, cells: usize) -> Result<(), Problem> {
    let titles = piece.head.titles.len();
    if cells == titles {
        return Ok(());
    }
    let what = format!("the row has {cells} cells, the header {titles}");
    let cure = "Quote cells that hold a separator; a cell may not hold a line break.";
    Err(Problem::of_file("table.cells", what, cure).in_row(row))
}
