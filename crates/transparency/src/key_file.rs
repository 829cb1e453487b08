//! The file that holds the private key of the log.

use crate::note::Signer;
use crate::{LogError, secret};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The file's name in the data folder.
pub const KEY_FILE: &str = "log.key";

/// The key of the log in this data folder; `None` where there is none yet.
///
/// # Errors
/// When the file cannot be read or holds something else.
pub fn read_key(folder: &Path) -> Result<Option<Signer>, LogError> {
    let path = folder.join(KEY_FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(LogError::File { path, source }),
    };
    let signer = Signer::from_secret_text(&text);
    signer.map(Some).map_err(|cause| LogError::Key { path, cause })
}

/// The key of the log in this data folder, made for the log of this name where there is none.
///
/// # Errors
/// As [`read_key`]; when the file cannot be written or the name can be none of a key.
pub fn open_key(folder: &Path, name: &str) -> Result<Signer, LogError> {
    if let Some(signer) = read_key(folder)? {
        return Ok(signer);
    }
    let path = folder.join(KEY_FILE);
    let signer = Signer::new(name, secret()?)
        .map_err(|cause| LogError::Key { path: path.clone(), cause })?;
    write(folder, &path, &signer).map_err(|source| LogError::File { path, source })?;
    Ok(signer)
}

/// The key stands in its place whole or not at all, and nobody else may read it.
fn write(folder: &Path, path: &PathBuf, signer: &Signer) -> std::io::Result<()> {
    let draft = folder.join(format!("{KEY_FILE}.new"));
    let _ = std::fs::remove_file(&draft);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(signer.to_secret_text().as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_nobody_elses_to_read() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(read_key(folder.path()).expect("readable").is_none());
        let made = open_key(folder.path(), "lucid.example/log").expect("a key");
        let again = open_key(folder.path(), "another/log").expect("the same key");
        assert_eq!(made.to_secret_text(), again.to_secret_text());
        assert_eq!(again.public().name(), "lucid.example/log");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let file = std::fs::metadata(folder.path().join(KEY_FILE)).expect("a file");
            assert_eq!(file.permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(folder.path().join(KEY_FILE), "something else").expect("written");
        let error = open_key(folder.path(), "x").expect_err("no key");
        assert_eq!(error.code(), "log.key");
        let error = open_key(&folder.path().join("missing"), "x").expect_err("no folder");
        assert_eq!(error.code(), "log.file");
        std::fs::remove_file(folder.path().join(KEY_FILE)).expect("removed");
        assert_eq!(open_key(folder.path(), "two words").expect_err("no name").code(), "log.key");
    }
}
