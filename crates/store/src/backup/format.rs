//! The form of a backup: lines of JSON within zstd, a header first and a trailer last.
//!
//! Reading and writing of the file happen on a thread of their own, so that memory stays bounded
//! and no task waits for the disk.

use super::catalogue::Table;
use super::cell::Cell;
use crate::StoreError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// The number of this form; a change that older programs cannot read raises it.
pub(super) const FORM: u32 = 1;

const COMPRESSION: i32 = 6;
const CHUNK_BYTES: usize = 1 << 18;
const LONGEST_LINE_BYTES: u64 = 1 << 30;

/// The first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Header {
    #[serde(rename = "lucid_backup")]
    pub(super) form: u32,
    pub(super) engine: String,
    pub(super) schema: Vec<i64>,
    pub(super) tables: Vec<Table>,
}

#[derive(Serialize, Deserialize)]
struct TableLine {
    table: String,
}

/// The last line.
#[derive(Serialize, Deserialize)]
struct Trailer {
    lines: u64,
    sha256: String,
}

pub(super) fn bytes_to_text(bytes: Vec<u8>) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn text_to_bytes(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

fn file_error(file: &Path, source: io::Error) -> StoreError {
    StoreError::BackupFile { file: file.display().to_string(), source }
}

/// Writes lines to a file that gets its name when it is whole.
pub(super) struct LineWriter {
    file: PathBuf,
    unfinished: Unfinished,
    chunks: mpsc::Sender<Vec<u8>>,
    thread: JoinHandle<io::Result<u64>>,
    chunk: Vec<u8>,
    hash: Sha256,
    lines: u64,
}

/// A file under its provisional name, removed unless it was renamed.
struct Unfinished(Option<PathBuf>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // The cause of the failure is told elsewhere; a remainder only takes room.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl LineWriter {
    pub(super) fn create(file: &Path) -> Result<Self, StoreError> {
        let mut name = file.file_name().map_or_else(OsString::new, OsString::from);
        name.push(".partial");
        let partial = file.with_file_name(name);
        let handle = create_private(&partial).map_err(|source| file_error(&partial, source))?;
        let (chunks, received) = mpsc::channel(4);
        let thread = tokio::task::spawn_blocking(move || write_chunks(handle, received));
        Ok(Self {
            file: file.to_owned(),
            unfinished: Unfinished(Some(partial)),
            chunks,
            thread,
            chunk: Vec::with_capacity(CHUNK_BYTES),
            hash: Sha256::new(),
            lines: 0,
        })
    }

    pub(super) async fn header(&mut self, header: &Header) -> Result<(), StoreError> {
        self.line(header).await
    }

    pub(super) async fn table(&mut self, name: &str) -> Result<(), StoreError> {
        self.line(&TableLine { table: name.to_owned() }).await
    }

    pub(super) async fn row(&mut self, row: Vec<Cell>) -> Result<(), StoreError> {
        let values: Vec<Value> = row.into_iter().map(Cell::into_json).collect();
        self.line(&values).await
    }

    async fn line(&mut self, content: &(impl Serialize + ?Sized)) -> Result<(), StoreError> {
        let start = self.chunk.len();
        serde_json::to_writer(&mut self.chunk, content)
            .map_err(|problem| file_error(&self.file, problem.into()))?;
        self.chunk.push(b'\n');
        self.hash.update(&self.chunk[start..]);
        self.lines += 1;
        if self.chunk.len() >= CHUNK_BYTES {
            self.send().await;
        }
        Ok(())
    }

    async fn send(&mut self) {
        let full = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK_BYTES));
        // Where the thread has ended, `finish` tells why.
        let _ = self.chunks.send(full).await;
    }

    /// Writes the trailer, waits until everything is on the disk, gives the file its name.
    pub(super) async fn finish(mut self) -> Result<u64, StoreError> {
        let sha256 = base16ct::lower::encode_string(&self.hash.clone().finalize());
        let lines = self.lines;
        self.line(&Trailer { lines, sha256 }).await?;
        self.send().await;
        drop(self.chunks);
        let named = |source| file_error(&self.file, source);
        let written = self.thread.await.map_err(|ended| named(io::Error::other(ended)))?;
        let bytes = written.map_err(named)?;
        if let Some(partial) = &self.unfinished.0 {
            std::fs::rename(partial, &self.file).map_err(named)?;
        }
        self.unfinished.0 = None;
        sync_folder(&self.file).map_err(named)?;
        Ok(bytes)
    }
}

/// A new file that only its owner may read: a backup holds the devices' passwords.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn write_chunks(file: File, mut chunks: mpsc::Receiver<Vec<u8>>) -> io::Result<u64> {
    let mut encoder = zstd::Encoder::new(file, COMPRESSION)?;
    encoder.include_checksum(true)?;
    while let Some(chunk) = chunks.blocking_recv() {
        encoder.write_all(&chunk)?;
    }
    let file = encoder.finish()?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

/// Reads lines and checks the whole on the way.
pub(super) struct LineReader {
    file: PathBuf,
    lines: mpsc::Receiver<io::Result<Vec<Vec<u8>>>>,
    waiting: std::vec::IntoIter<Vec<u8>>,
    hash: Sha256,
    number: u64,
}

impl LineReader {
    pub(super) fn open(file: &Path) -> Result<Self, StoreError> {
        let handle = File::open(file).map_err(|source| file_error(file, source))?;
        let (sender, lines) = mpsc::channel(4);
        tokio::task::spawn_blocking(move || {
            if let Err(problem) = read_lines(handle, &sender) {
                // Where nobody listens any more, the restore has failed for another cause.
                let _ = sender.blocking_send(Err(problem));
            }
        });
        Ok(Self {
            file: file.to_owned(),
            lines,
            waiting: Vec::new().into_iter(),
            hash: Sha256::new(),
            number: 0,
        })
    }

    fn content(&self, what: impl Into<String>) -> StoreError {
        StoreError::BackupContent { line: self.number, what: what.into() }
    }

    /// The next line with its end, or `None` after the last.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        self.number += 1;
        loop {
            if let Some(line) = self.waiting.next() {
                return Ok(Some(line));
            }
            match self.lines.recv().await {
                None => return Ok(None),
                Some(Ok(lines)) => self.waiting = lines.into_iter(),
                Some(Err(problem)) if problem.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(self.content("the file is cut short"));
                }
                Some(Err(problem)) => {
                    return Err(self.content(format!("the file is damaged: {problem}")));
                }
            }
        }
    }

    async fn due(&mut self) -> Result<Vec<u8>, StoreError> {
        let line = self.next().await?.ok_or_else(|| self.content("the file is cut short"))?;
        self.hash.update(&line);
        Ok(line)
    }

    pub(super) async fn header(&mut self) -> Result<Header, StoreError> {
        let line = self.due().await?;
        let header: Value = serde_json::from_slice(&line)
            .map_err(|_| self.content("this is no backup of Lucid: the first line is no header"))?;
        match header.get("lucid_backup").and_then(Value::as_u64) {
            Some(form) if form == u64::from(FORM) => {}
            Some(form) => {
                let what = format!("form {form} is not known; this program reads form {FORM}");
                return Err(self.content(what));
            }
            None => return Err(self.content("this is no backup of Lucid: no lucid_backup")),
        }
        serde_json::from_value(header)
            .map_err(|problem| self.content(format!("the header is incomplete: {problem}")))
    }

    pub(super) async fn table(&mut self, name: &str) -> Result<(), StoreError> {
        let line = self.due().await?;
        match serde_json::from_slice::<TableLine>(&line) {
            Ok(found) if found.table == name => Ok(()),
            _ => Err(self.content(format!("table {name} should begin here"))),
        }
    }

    pub(super) async fn row(&mut self, table: &Table) -> Result<Vec<Cell>, StoreError> {
        let line = self.due().await?;
        let values: Vec<Value> = serde_json::from_slice(&line)
            .map_err(|_| self.content(format!("this is no row of table {}", table.name)))?;
        if values.len() != table.columns.len() {
            let (due, found) = (table.columns.len(), values.len());
            let what = format!("table {} has {due} columns, the row {found}", table.name);
            return Err(self.content(what));
        }
        let cells = values.into_iter().zip(&table.columns).map(|(value, column)| {
            Cell::from_json(column.kind, value).ok_or_else(|| {
                let (table, column) = (&table.name, &column.name);
                self.content(format!("column {table}.{column} holds another kind of value"))
            })
        });
        cells.collect()
    }

    /// Reads the trailer, compares the sum, makes sure that nothing follows.
    pub(super) async fn finish(mut self) -> Result<u64, StoreError> {
        let lines = self.number;
        let line = self.next().await?.ok_or_else(|| self.content("the file is cut short"))?;
        let trailer: Trailer = serde_json::from_slice(&line)
            .map_err(|_| self.content("the trailer should stand here"))?;
        let sha256 = base16ct::lower::encode_string(&self.hash.clone().finalize());
        if trailer.lines != lines || trailer.sha256 != sha256 {
            return Err(self.content("the SHA-256 of the content differs from the trailer's"));
        }
        if self.next().await?.is_some() {
            return Err(self.content("something follows the trailer"));
        }
        let size = std::fs::metadata(&self.file).map(|metadata| metadata.len());
        size.map_err(|source| file_error(&self.file, source))
    }
}

fn read_lines(file: File, sender: &mpsc::Sender<io::Result<Vec<Vec<u8>>>>) -> io::Result<()> {
    let mut reader = BufReader::new(zstd::Decoder::new(file)?);
    loop {
        let mut lines = Vec::new();
        let mut bytes = 0;
        while bytes < CHUNK_BYTES {
            let mut line = Vec::new();
            reader.by_ref().take(LONGEST_LINE_BYTES).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                break;
            }
            if line.last() != Some(&b'\n') {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            bytes += line.len();
            lines.push(line);
        }
        if lines.is_empty() || sender.blocking_send(Ok(lines)).is_err() {
            return Ok(());
        }
    }
}
