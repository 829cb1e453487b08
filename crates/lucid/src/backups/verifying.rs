//! Reading a backup from its first byte to its last, without restoring it.

use std::path::Path;

use store::backup::{Progress, Summary};

use super::contents::{Contents, Entry, beside, digest};
use super::{At, file_failed};
use crate::exit::Failure;

/// What a backup holds.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    pub(crate) summary: Summary,
    /// The list of its files; none in a backup of an earlier release.
    pub(crate) contents: Option<Contents>,
    /// What is not as the list says, in words.
    pub(crate) findings: Vec<String>,
}

/// Reads every row and every file of a backup and compares the digests.
pub(crate) async fn verify(file: &Path, mut told: impl FnMut(At)) -> Result<Verified, Failure> {
    let read = store::backup::verify(file, |at: Progress<'_>| {
        told(At::Rows(at.rows_done, at.rows_total));
    });
    let summary = read.await.map_err(|error| {
        let cure = "Take another backup: of this one nothing can be restored.";
        Failure::caused(error.code(), &error, cure)
    })?;
    let contents = list(file)?;
    let mut findings = Vec::new();
    let files = contents.as_ref().map(|list| list.files.as_slice()).unwrap_or_default();
    for (done, entry) in files.iter().enumerate() {
        findings.extend(wrong(file, entry));
        told(At::Reading(done as u64 + 1, files.len() as u64));
        tokio::task::yield_now().await;
    }
    Ok(Verified { summary, contents, findings })
}

/// The list of the files of a backup, if it has one and it belongs to these rows.
pub(super) fn list(file: &Path) -> Result<Option<Contents>, Failure> {
    let folder = beside(file);
    let contents = Contents::read(&folder).map_err(|error| file_failed(&folder, &error))?;
    let Some(contents) = contents else { return Ok(None) };
    let (_, rows_sha256) = digest(file).map_err(|error| file_failed(file, &error))?;
    if rows_sha256 != contents.rows_sha256 {
        let what = format!("{} and {} are of different backups", file.display(), folder.display());
        let cure = "Lay the two that were written together side by side, or back up again.";
        return Err(Failure::of_environment("backup.pair", what, cure));
    }
    Ok(Some(contents))
}

/// What is wrong with a file of a backup, if anything.
pub(super) fn wrong(file: &Path, entry: &Entry) -> Option<String> {
    match digest(&beside(file).join(&entry.path)) {
        Ok((bytes, sha256)) if bytes == entry.bytes && sha256 == entry.sha256 => None,
        Ok((bytes, _)) if bytes != entry.bytes => {
            Some(format!("{} has {bytes} bytes instead of {}", entry.path, entry.bytes))
        }
        Ok(_) => Some(format!("{} is not what it was when it was written", entry.path)),
        Err(error) => Some(format!("{} cannot be read: {error}", entry.path)),
    }
}
