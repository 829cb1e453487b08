//! Files from outside: unpacking, character sets, times, tables, and what is wrong with them.

pub mod html;
pub mod observations;
pub mod problem;
pub(crate) mod records;
pub mod time;

use std::borrow::Cow;
use std::io::Read as _;
use std::path::Path;

pub use problem::{Problem, Weight};

/// A larger file is refused: a publication of the whole country and a year is far below.
pub const LARGEST_FILE: u64 = 512 * 1024 * 1024;

/// Packed forms that are told by their first bytes and not read.
const OTHER_FORMS: [(&[u8], &str); 3] =
    [(b"\xfd7zXZ\0", "xz"), (b"BZh", "bzip2"), (b"\x28\xb5\x2f\xfd", "zstd")];

/// A file that cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It cannot be opened or read.
    #[error("cannot read {file}")]
    Read {
        /// The file.
        file: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// It is larger than any file that makes sense here.
    #[error("{file} is larger than {LARGEST_FILE} bytes; split it")]
    TooLarge {
        /// The file.
        file: String,
    },
    /// It is packed in a form that is not read here.
    #[error("{file} is packed with {form}; unpack it first, or pack it with gzip")]
    Packed {
        /// The file.
        file: String,
        /// The form.
        form: &'static str,
    },
}

impl FileError {
    /// The stable code under which the error is documented.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Read { .. } => "file.read",
            Self::TooLarge { .. } => "file.too_large",
            Self::Packed { .. } => "file.packed",
        }
    }
}

/// Reads a file whole; one that is packed with gzip (by its first bytes) is unpacked.
///
/// # Errors
/// When it cannot be read, or is larger than [`LARGEST_FILE`] before or after unpacking.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let file = path.display().to_string();
    let failed = |source| FileError::Read { file: file.clone(), source };
    let handle = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    handle.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    unpack(bytes, &file)
}

/// Unpacks bytes that are packed with gzip; others come back as they are.
///
/// # Errors
/// When the packed form is damaged or what is inside is larger than [`LARGEST_FILE`].
pub fn unpack(bytes: Vec<u8>, file: &str) -> Result<Vec<u8>, FileError> {
    let too_large = |bytes: &[u8]| bytes.len() as u64 > LARGEST_FILE;
    if too_large(&bytes) {
        return Err(FileError::TooLarge { file: file.to_owned() });
    }
    if let Some((_, form)) = OTHER_FORMS.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Err(FileError::Packed { file: file.to_owned(), form });
    }
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice())
        .take(LARGEST_FILE + 1)
        .read_to_end(&mut plain)
        .map_err(|source| FileError::Read { file: file.to_owned(), source })?;
    if too_large(&plain) {
        return Err(FileError::TooLarge { file: file.to_owned() });
    }
    Ok(plain)
}

/// The text of a file: UTF-8 or UTF-16 by its mark, UTF-8 without one, else GB 18030 (which holds
/// GBK and GB 2312, the sets in which spreadsheets on Chinese machines save).
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((set, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return set.decode_without_bom_handling(&bytes[mark..]).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(bytes).0,
    }
}

/// Whether a cell says that there is no value: empty, a dash of any kind (`—`, `-`, `--`), what a
/// dash becomes on its way (`-;`, `&mdash`), `NA`, `null`.
pub fn is_missing(cell: &str) -> bool {
    let cell = cell.trim();
    matches!(cell, "" | "NA" | "N/A" | "n/a" | "NaN" | "nan" | "null" | "NULL" | "None" | "无")
        || is_dash(cell)
}

fn is_dash(cell: &str) -> bool {
    let bare = cell.strip_prefix("&mdash").unwrap_or(cell);
    bare.chars().all(|c| matches!(c, '-' | '—' | '–' | '―' | '－' | ';' | '；'))
}

/// A file of the folder `shared` beside the repository, or `None` with a line that says so.
#[cfg(test)]
pub(crate) fn shared(name: &str) -> Option<std::path::PathBuf> {
    let beside = || {
        let start = Path::new(env!("CARGO_MANIFEST_DIR"));
        start.ancestors().map(|folder| folder.join("../shared")).find(|folder| folder.is_dir())
    };
    let folder = std::env::var_os("LUCID_SHARED").map(Into::into).or_else(beside);
    let file = folder.map(|folder| folder.join(name)).filter(|file| file.is_file());
    if file.is_none() {
        eprintln!("SKIPPED: there is no ../shared/{name}");
    }
    file
}

/// The example city of the repository, as a store would hold it.
#[cfg(test)]
pub(crate) async fn example_city() -> std::sync::Arc<registry::Snapshot> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let files = registry::load::read_city(&folder).expect("the example city is sound");
    let test = testkit::sqlite(registry::MIGRATIONS).await;
    registry::store::install(&test.store, &files).await.expect("it installs");
    let city = registry::Registry::open(&test.store).await.expect("it opens");
    city.snapshot()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn every_way_of_saying_nothing_is_known() {
        for cell in ["", " ", "—", "-", "--", "-;", "—;", "&mdash", "&mdash;", "NA", "null", "－"]
        {
            assert!(is_missing(cell), "{cell:?}");
        }
        for cell in ["0", "-1", "*", "1;", "x", "mdash"] {
            assert!(!is_missing(cell), "{cell:?}");
        }
    }

    #[test]
    fn character_sets_are_told_apart() {
        assert_eq!(text("漳州".as_bytes()), "漳州");
        assert_eq!(text(&[0xef, 0xbb, 0xbf, b'a']), "a");
        assert_eq!(text(&encoding_rs::GB18030.encode("漳州,站点").0), "漳州,站点");
        assert_eq!(text(&[0xff, 0xfe, 0x33, 0x6f]), "漳");
    }

    #[test]
    fn packed_files_are_unpacked_and_damaged_ones_refused() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"a,b\n1,2\n").unwrap();
        let packed = packer.finish().unwrap();
        assert_eq!(unpack(packed.clone(), "x.gz").unwrap(), b"a,b\n1,2\n");
        let error = unpack(packed[..packed.len() - 6].to_vec(), "x.gz").unwrap_err();
        assert_eq!(error.code(), "file.read");
        assert_eq!(unpack(b"a,b".to_vec(), "x.csv").unwrap(), b"a,b");
        let error = unpack(b"\xfd7zXZ\0...".to_vec(), "x.csv.xz").unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.csv.xz is packed with xz; unpack it first, or pack it with gzip"
        );
    }
}
