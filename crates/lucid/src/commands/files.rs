//! What commands read and write: files, or the standard streams where "-" or nothing is named.

use std::io::{Read as _, Write};
use std::path::Path;

use ingest::files::{FileError, Problem, Weight};
use serde_json::json;

use crate::exit::Failure;
use crate::terminal::note;

/// The bytes of a file, unpacked where it is packed; standard input for "-" or nothing.
pub(crate) fn read(file: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let Some(path) = file.filter(|path| *path != Path::new("-")) else {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|error| Failure::caused("file.read", &error, "Give the name of a file."))?;
        return ingest::files::unpack(bytes, "standard input").map_err(|error| failure(&error));
    };
    ingest::files::read(path).map_err(|error| failure(&error))
}

/// The failure to read a file.
pub(crate) fn failure(error: &FileError) -> Failure {
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

/// Prints what is wrong in a file; notes are counted, the first of each kind is shown.
pub(crate) fn report(file: &Path, problems: &[Problem], as_json: bool) {
    let mut noted: Vec<(&str, usize)> = Vec::new();
    for problem in problems {
        if as_json {
            note!(
                "{}",
                json!({
                    "file": file.display().to_string(),
                    "code": problem.code,
                    "weight": problem.weight.as_str(),
                    "line": problem.line,
                    "column": problem.column,
                    "what": problem.what,
                    "cure": problem.cure,
                })
            );
            continue;
        }
        if problem.weight == Weight::Note {
            if let Some(known) = noted.iter_mut().find(|known| known.0 == problem.code) {
                known.1 += 1;
                continue;
            }
            noted.push((problem.code, 0));
        }
        note!("{}: {problem}", file.display());
    }
    for (code, more) in noted.into_iter().filter(|(_, more)| *more > 0) {
        note!("{}: … and {more} more of {code}", file.display());
    }
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
