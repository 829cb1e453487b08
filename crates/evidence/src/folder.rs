//! The folder of files: `ab/cdef…` by the hash of the bytes.
//!
//! A file is written beside under another name, brought to the disk, then renamed; its folder is
//! brought to the disk as well. What stands under a digest is therefore whole, whenever the power
//! goes; what does not was never kept.

use crate::{Digest, EvidenceError, Verified};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Where files are written before they have a name.
const UNFINISHED: &str = "unfinished";

/// The files below one folder.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

/// The digest of bytes.
pub(crate) fn digest_of(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

impl Folder {
    /// Makes the folder where there is none.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root.join(UNFINISHED))?;
        to_disk(root)?;
        if let Some(parent) = root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            to_disk(parent)?;
        }
        Ok(Self { root: root.to_owned() })
    }

    fn place(&self, digest: Digest) -> (PathBuf, PathBuf) {
        let name = digest.to_string();
        let folder = self.root.join(&name[..2]);
        let file = folder.join(&name[2..]);
        (folder, file)
    }

    /// Brings bytes to the disk under their digest. A file that is there and sound stays.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<Digest> {
        let digest = digest_of(bytes);
        let (folder, path) = self.place(digest);
        if !folder.is_dir() {
            fs::create_dir_all(&folder)?;
            to_disk(&self.root)?;
        }
        if fs::read(&path).is_ok_and(|found| found == bytes) {
            // Its name may not have reached the disk before the power went.
            File::open(&path)?.sync_all()?;
            to_disk(&folder)?;
            return Ok(digest);
        }
        let mut file = tempfile::NamedTempFile::new_in(self.root.join(UNFINISHED))?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        to_disk(&folder)?;
        Ok(digest)
    }

    /// The bytes under a digest, if they are those that were kept.
    pub(crate) fn read(&self, digest: Digest) -> Result<Vec<u8>, EvidenceError> {
        let (_, path) = self.place(digest);
        let bytes = fs::read(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => EvidenceError::Missing(digest),
            _ => EvidenceError::Disk(error),
        })?;
        if digest_of(&bytes) == digest { Ok(bytes) } else { Err(EvidenceError::Altered(digest)) }
    }

    /// Reads every file and holds it against its name, then the names against what is expected.
    pub(crate) fn verify(&self, expected: Option<&[Digest]>) -> Result<Verified, EvidenceError> {
        let expected: Option<HashSet<Digest>> = expected.map(|all| all.iter().copied().collect());
        let mut found = Verified::default();
        let mut seen = HashSet::new();
        for digest in self.names()? {
            seen.insert(digest);
            match self.read(digest) {
                Ok(_) => found.sound += 1,
                Err(EvidenceError::Altered(_)) => found.altered.push(digest),
                // Taken away while this was looking.
                Err(EvidenceError::Missing(_)) => {}
                Err(other) => return Err(other),
            }
            if expected.as_ref().is_some_and(|expected| !expected.contains(&digest)) {
                found.unclaimed += 1;
            }
        }
        found.missing = expected.into_iter().flatten().filter(|one| !seen.contains(one)).collect();
        found.missing.sort_unstable();
        Ok(found)
    }

    /// The digests of all files, in order.
    fn names(&self) -> io::Result<Vec<Digest>> {
        let mut names = Vec::new();
        for folder in fs::read_dir(&self.root)? {
            let folder = folder?;
            let start = folder.file_name().to_string_lossy().into_owned();
            if start.len() != 2 || !folder.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let rest = file?.file_name().to_string_lossy().into_owned();
                names.extend(Digest::parse(&format!("{start}{rest}")));
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Takes away what was being written when an earlier process ended.
    pub(crate) fn sweep(&self) -> io::Result<u64> {
        let mut count = 0;
        for file in fs::read_dir(self.root.join(UNFINISHED))? {
            fs::remove_file(file?.path())?;
            count += 1;
        }
        Ok(count)
    }
}

/// Brings the names within a folder to the disk.
#[cfg(unix)]
fn to_disk(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Other systems bring names to the disk with the file.
#[cfg(not(unix))]
fn to_disk(_: &Path) -> io::Result<()> {
    Ok(())
}
