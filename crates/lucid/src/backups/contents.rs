//! What stands beside the rows of a backup: evidence, history, keys, configuration; each file by
//! its path with its digest, in one list that is written last.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The number of this form.
const FORM: u64 = 1;
/// The list's name in the folder of files.
const LIST: &str = "contents.json";

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where it stands in the folder of files, `evidence/ab/cdef…`.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// In hexadecimal.
    pub(crate) sha256: String,
}

/// The list of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) made_at: Timestamp,
    /// The version of the program that made it.
    pub(crate) program: String,
    /// The digest of the file of rows to which these files belong.
    pub(crate) rows_sha256: String,
    pub(crate) rows: u64,
    pub(crate) files: Vec<Entry>,
}

impl Contents {
    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|entry| entry.bytes).sum()
    }

    /// Writes the list, whole or not at all.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let files = self.files.iter().map(
            |entry| json!({ "path": entry.path, "bytes": entry.bytes, "sha256": entry.sha256 }),
        );
        let text = json!({
            "lucid_files": FORM,
            "made_at": self.made_at.to_string(),
            "program": self.program,
            "rows_sha256": self.rows_sha256,
            "rows": self.rows,
            "files": files.collect::<Vec<_>>(),
        });
        std::fs::create_dir_all(folder)?;
        write_whole(&folder.join(LIST), text.to_string().as_bytes())
    }

    /// The list of a folder; `None` where there is none, as in a backup of an earlier release.
    pub(crate) fn read(folder: &Path) -> io::Result<Option<Self>> {
        let path = folder.join(LIST);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let wrong = || {
            let what = format!("{} is no list of the files of a backup", path.display());
            io::Error::new(io::ErrorKind::InvalidData, what)
        };
        let value: Value = serde_json::from_str(&text).map_err(|_| wrong())?;
        if value["lucid_files"].as_u64() != Some(FORM) {
            return Err(wrong());
        }
        parse(&value).ok_or_else(wrong).map(Some)
    }
}

fn parse(value: &Value) -> Option<Contents> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let entry = |value: &Value| {
        let path = text(&value["path"])?;
        // A list that somebody altered must not reach outside the folder.
        let is_within = Path::new(&path)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        is_within.then_some(Entry {
            path,
            bytes: value["bytes"].as_u64()?,
            sha256: text(&value["sha256"])?,
        })
    };
    Some(Contents {
        made_at: value["made_at"].as_str()?.parse().ok()?,
        program: text(&value["program"])?,
        rows_sha256: text(&value["rows_sha256"])?,
        rows: value["rows"].as_u64()?,
        files: value["files"].as_array()?.iter().map(entry).collect::<Option<_>>()?,
    })
}

/// The folder beside a backup in which its files stand.
pub(crate) fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".files");
    file.with_file_name(name)
}

/// Length and SHA-256 of a file.
pub(crate) fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut file = std::fs::File::open(path)?;
    copy_hashing(&mut file, &mut io::sink())
}

/// Copies a file under another name, whole and on the disk or not at all; its length and SHA-256.
/// Its owner alone may read the copy where that holds for the file.
pub(crate) fn copy_file(from: &Path, to: &Path) -> io::Result<(u64, String)> {
    let mut source = std::fs::File::open(from)?;
    let permissions = source.metadata()?.permissions();
    let mut target = unfinished(to)?;
    target.as_file().set_permissions(permissions)?;
    let copied = copy_hashing(&mut source, &mut target)?;
    finish(target, to)?;
    Ok(copied)
}

/// Writes a file, whole and on the disk or not at all; nobody else may read it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = unfinished(path)?;
    file.write_all(bytes)?;
    finish(file, path)
}

fn unfinished(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    tempfile::Builder::new().prefix(".unfinished-").tempfile_in(folder)
}

fn finish(file: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(path)
}

/// Brings the name of a file to the disk.
#[cfg(unix)]
pub(crate) fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Other systems bring names to the disk with the file.
#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn copy_hashing(
    source: &mut impl io::Read,
    target: &mut impl io::Write,
) -> io::Result<(u64, String)> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        let read = source.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        target.write_all(&buffer[..read])?;
        bytes += read as u64;
    }
    Ok((bytes, base16ct::lower::encode_string(&digest.finalize())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(paths: &[&str]) -> Contents {
        let entry =
            |path: &&str| Entry { path: (*path).to_owned(), bytes: 3, sha256: "ab".repeat(32) };
        Contents {
            made_at: Timestamp::from_second(1_800_000_000).expect("a time"),
            program: "0.1.0".to_owned(),
            rows_sha256: "cd".repeat(32),
            rows: 7,
            files: paths.iter().map(entry).collect(),
        }
    }

    #[test]
    fn a_list_comes_back_and_stays_within_its_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Contents::read(folder.path()).expect("nothing is well"), None);
        let written = list(&["evidence/ab/cd", "log.key"]);
        written.write(folder.path()).expect("written");
        assert_eq!(Contents::read(folder.path()).expect("readable"), Some(written.clone()));
        assert_eq!(written.bytes(), 6);
        for path in ["../outside", "/etc/passwd", "evidence/../../outside"] {
            list(&[path]).write(folder.path()).expect("written");
            assert!(Contents::read(folder.path()).is_err(), "{path} was taken");
        }
        std::fs::write(folder.path().join(LIST), "{}").expect("written");
        assert!(Contents::read(folder.path()).is_err());
    }

    #[test]
    fn a_copy_is_whole_and_its_digest_is_that_of_its_bytes() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("deep/er/to"));
        std::fs::write(&from, b"abc").expect("written");
        let (bytes, sha256) = copy_file(&from, &to).expect("copied");
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((bytes, sha256.as_str()), (3, known));
        assert_eq!(digest(&to).expect("readable"), (bytes, sha256));
        assert_eq!(std::fs::read_dir(to.parent().expect("a folder")).expect("it").count(), 1);
    }
}
