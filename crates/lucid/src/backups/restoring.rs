//! Bringing a city back from a backup: files first, then the rows in one transaction. What breaks
//! off in between is begun again by the same command.

use std::path::{Path, PathBuf};

use store::backup::{Progress, Summary};
use store::{Migration, Objects, sha256_hex};

use super::contents::{Entry, beside, copy_file, digest, write_whole};
use super::verifying::{list, wrong};
use super::{At, CONFIGURATION, HISTORY, KEYS, file_failed};
use crate::exit::Failure;

/// Where a backup goes.
#[derive(Debug)]
pub(crate) struct Target<'settings> {
    pub(crate) database_url: String,
    pub(crate) migrations: &'settings [Migration],
    /// The place of the history.
    pub(crate) objects: Objects,
    pub(crate) data: PathBuf,
}

/// What was restored.
#[derive(Clone, Debug)]
pub(crate) struct Restored {
    pub(crate) summary: Summary,
    pub(crate) files: u64,
    /// Schema steps that were taken after the rows were there: the backup is of an earlier release.
    pub(crate) later_steps: usize,
    /// Whether the configuration file of the backup was laid beside, to be read by somebody.
    pub(crate) has_configuration: bool,
}

const EMPTY: &str = "Name a new data folder (--data DIR) or an empty database (database.url). \
                     Nothing was changed.";

/// Restores a backup.
pub(crate) async fn restore(
    file: &Path,
    target: &Target<'_>,
    mut told: impl FnMut(At),
) -> Result<Restored, Failure> {
    let refused = |error: store::StoreError| Failure::caused(error.code(), &error, EMPTY);
    let held = store::backup::contents(file).await.map_err(refused)?;
    is_new(target).await?;
    let files = match list(file)? {
        Some(contents) => contents.files,
        None => unlisted(&beside(file)).map_err(|error| file_failed(&beside(file), &error))?,
    };
    for key in files.iter().filter(|entry| KEYS.contains(&entry.path.as_str())) {
        same_key(key, &target.data)?;
    }
    let mut has_configuration = false;
    for (done, entry) in files.iter().enumerate() {
        if let Some(what) = wrong(file, entry) {
            let cure = "Take another backup, or lay the file from another copy of this one there \
                        and run it again. The store is still empty.";
            return Err(Failure::of_environment("backup.damaged", what, cure));
        }
        has_configuration |= entry.path == CONFIGURATION;
        place(&beside(file).join(&entry.path), entry, target).await?;
        told(At::Files(done as u64 + 1, files.len() as u64));
    }
    let url = &target.database_url;
    let read = store::backup::restore_at(url, target.migrations, file, |at: Progress<'_>| {
        told(At::Rows(at.rows_done, at.rows_total));
    });
    let (store, summary) = read.await.map_err(refused)?;
    store.close().await;
    Ok(Restored {
        summary,
        files: files.len() as u64,
        later_steps: target.migrations.len().saturating_sub(held.schema.len()),
        has_configuration,
    })
}

/// Refuses a store that is in use before anything is copied.
async fn is_new(target: &Target<'_>) -> Result<(), Failure> {
    let refused = |error: store::StoreError| Failure::caused(error.code(), &error, EMPTY);
    let file = target.database_url.strip_prefix("sqlite:");
    let file = file.map(|path| Path::new(path.trim_start_matches("//")));
    if file.is_some_and(|file| !file.exists()) {
        return Ok(());
    }
    let store = store::Store::open_as_it_is(&target.database_url).await.map_err(refused)?;
    let checked = store::backup::ensure_empty(&store).await;
    store.close().await;
    checked.map_err(refused)
}

/// The files of a backup of an earlier release, which had no list: evidence and keys.
fn unlisted(folder: &Path) -> std::io::Result<Vec<Entry>> {
    fn walk(root: &Path, folder: &Path, found: &mut Vec<Entry>) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                walk(root, &path, found)?;
            } else if let Ok(within) = path.strip_prefix(root) {
                let (bytes, sha256) = digest(&path)?;
                found.push(Entry { path: within.to_string_lossy().into_owned(), bytes, sha256 });
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    if folder.is_dir() {
        walk(folder, folder, &mut found)?;
    }
    Ok(found)
}

/// A data folder that has another key could not read what it is about to get.
fn same_key(key: &Entry, data: &Path) -> Result<(), Failure> {
    let path = data.join(&key.path);
    if !path.exists() {
        return Ok(());
    }
    let (_, sha256) = digest(&path).map_err(|error| file_failed(&path, &error))?;
    if sha256 == key.sha256 {
        return Ok(());
    }
    let what = format!("{} is another key than the backup's", path.display());
    Err(Failure::of_environment("backup.key", what, EMPTY))
}

/// Puts a file where it belongs; one that is there already is left.
async fn place(from: &Path, entry: &Entry, target: &Target<'_>) -> Result<(), Failure> {
    if let Some(name) = entry.path.strip_prefix(HISTORY).and_then(|name| name.strip_prefix('/')) {
        return place_object(from, name, entry, &target.objects).await;
    }
    let to = if entry.path == CONFIGURATION {
        // What it says (the database, other places) need not be true here.
        target.data.join(format!("{CONFIGURATION}.from-backup"))
    } else {
        target.data.join(&entry.path)
    };
    if to.exists() && digest(&to).is_ok_and(|(_, found)| found == entry.sha256) {
        return Ok(());
    }
    let is_private = KEYS.contains(&entry.path.as_str()) || entry.path == CONFIGURATION;
    let placed = if is_private {
        std::fs::read(from).and_then(|bytes| write_whole(&to, &bytes))
    } else {
        copy_file(from, &to).map(|_| ())
    };
    placed.map_err(|error| file_failed(&to, &error))
}

async fn place_object(
    from: &Path,
    name: &str,
    entry: &Entry,
    objects: &Objects,
) -> Result<(), Failure> {
    if let Ok(found) = objects.get(name).await
        && found.len() as u64 == entry.bytes
        && sha256_hex(&found) == entry.sha256
    {
        return Ok(());
    }
    let bytes = std::fs::read(from).map_err(|error| file_failed(from, &error))?;
    objects.put(name, bytes.into()).await.map_err(|error| {
        let cure = "Let this machine write to the place of the history (history.url), then run it \
                    again: what is there already is not copied a second time.";
        Failure::caused(error.code(), &error, cure)
    })
}
