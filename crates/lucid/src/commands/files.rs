//! What commands read and write: files, or the standard streams where "-" or nothing is named.

use std::io::{Read as _, Write};
use std::path::Path;

use ingest::files::{FileError, LARGEST_FILE, Problem, Weight};
use serde_json::json;

use crate::exit::Failure;
use crate::terminal::note;

/// The bytes of a file, unpacked where it is packed; standard input for "-" or nothing.
pub(crate) fn read(file: Option<&Path>) -> Result<Vec<u8>, Failure> {
    unpacked(read_packed(file)?, file.unwrap_or(Path::new("standard input")))
}

/// The bytes of a file as they are; standard input for "-" or nothing.
pub(crate) fn read_packed(file: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let named = file.filter(|path| *path != Path::new("-"));
    let length = match named {
        Some(path) => std::fs::File::open(path)
            .and_then(|handle| handle.take(LARGEST_FILE + 1).read_to_end(&mut bytes)),
        None => std::io::stdin().lock().take(LARGEST_FILE + 1).read_to_end(&mut bytes),
    };
    let name = named.unwrap_or(Path::new("standard input")).display().to_string();
    match length {
        Ok(length) if length as u64 > LARGEST_FILE => {
            Err(failure(&FileError::TooLarge { file: name }))
        }
        Ok(_) => Ok(bytes),
        Err(source) => Err(failure(&FileError::Read { file: name, source })),
    }
}

/// Unpacks bytes that are packed with gzip.
pub(crate) fn unpacked(bytes: Vec<u8>, file: &Path) -> Result<Vec<u8>, Failure> {
    let unpacked = ingest::files::unpack(bytes, &file.display().to_string());
    unpacked.map_err(|error| failure(&error))
}

/// The failure to read a file.
fn failure(error: &FileError) -> Failure {
    let cure = "Check the file's name and that it may be read.";
    Failure::caused(error.code(), error, cure)
}

/// Writes a whole file, so that a reader never sees half of it; standard output for "-" or
/// nothing.
pub(crate) fn write(file: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
    let Some(path) = file.filter(|path| *path != Path::new("-")) else {
        let mut out = std::io::stdout().lock();
        return match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::caused("file.write", &error, "Write to a file with -o FILE."))
            }
            _ => Ok(()),
        };
    };
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = Path::new(&beside);
    let written = std::fs::write(beside, bytes).and_then(|()| std::fs::rename(beside, path));
    written.map_err(|error| {
        let what = format!("cannot write {}: {error}", path.display());
        let cure = "Check that the folder exists, may be written and has room.";
        Failure::of_environment("file.write", what, cure)
    })
}

/// Prints what is wrong in a file.
pub(crate) fn report(file: &Path, problems: &[Problem], as_json: bool) {
    for line in described(file, problems, as_json) {
        note!("{line}");
    }
}

/// What is wrong in a file, a line each; notes are counted and the first of each kind is said.
pub(crate) fn described(file: &Path, problems: &[Problem], as_json: bool) -> Vec<String> {
    let place = file.display();
    if as_json {
        let line = |problem: &Problem| {
            json!({
                "file": place.to_string(),
                "code": problem.code,
                "weight": problem.weight.as_str(),
                "line": problem.line,
                "column": problem.column,
                "what": problem.what,
                "cure": problem.cure,
            })
            .to_string()
        };
        return problems.iter().map(line).collect();
    }
    let mut lines = Vec::new();
    let mut noted: Vec<(&str, usize)> = Vec::new();
    for problem in problems {
        if problem.weight == Weight::Note {
            if let Some(known) = noted.iter_mut().find(|known| known.0 == problem.code) {
                known.1 += 1;
                continue;
            }
            noted.push((problem.code, 0));
        }
        lines.push(format!("{place}: {problem}"));
    }
    let more = noted.into_iter().filter(|(_, more)| *more > 0);
    lines.extend(more.map(|(code, more)| format!("{place}: … and {more} more of {code}")));
    lines
}

/// A table of text as CSV, whole in memory.
pub(crate) struct Csv {
    writer: csv::Writer<Vec<u8>>,
}

impl Csv {
    pub(crate) fn new(header: &[&str]) -> Self {
        let mut table = Self { writer: csv::Writer::from_writer(Vec::new()) };
        table.row(header);
        table
    }

    /// Adds a row; writing to memory cannot fail but for memory.
    pub(crate) fn row<Cell: AsRef<[u8]>>(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let written = self.writer.write_record(cells);
        debug_assert!(written.is_ok(), "rows of one length: {written:?}");
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.writer.into_inner().unwrap_or_default()
    }
}
