//! Whether the files of the history are what they were when they were written.

use super::format;
use super::manifest::{HeldFile, HeldPart};
use super::{Month, PartFiles, store};
use crate::error::ObservationError;
use ::store::{Objects, Store, Transaction, sha256_hex};
use jiff::Timestamp;
use rulebook::Period;
use std::collections::HashSet;

type Result<T> = std::result::Result<T, ObservationError>;

/// A file of the history as the manifest knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its name, as [`Objects::get`] takes it.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The period of its rows.
    pub period: Period,
    /// Their month.
    pub month: Month,
    /// How many rows; given with a part's file of values, 0 with its file of rows.
    pub rows: u64,
    /// How many factors of rows; likewise.
    pub factor_rows: u64,
}

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub file: String,
    /// What is wrong with it, and what to do.
    pub what: String,
}

/// The files that make up the history as a snapshot sees it: what a backup has to copy.
///
/// # Errors
/// When the store cannot be read.
pub async fn files_in(snapshot: &mut Transaction) -> Result<Vec<StoredFile>> {
    let parts = store::current_parts(snapshot).await?;
    Ok(parts.into_iter().flat_map(files_of).collect())
}

fn files_of(part: HeldPart) -> [StoredFile; 2] {
    let file = |held: HeldFile, rows, factor_rows| StoredFile {
        name: held.name,
        bytes: held.bytes,
        sha256: held.sha256,
        period: part.period,
        month: part.month,
        rows,
        factor_rows,
    };
    [file(part.values, part.row_count, part.factor_row_count), file(part.rows, 0, 0)]
}

/// Keeps replaced files from being deleted until a moment: for a backup that copies them. A hold of
/// the same name is prolonged.
///
/// # Errors
/// When the store refuses.
pub async fn hold(store: &Store, name: &str, until: Timestamp) -> Result<()> {
    store::hold(store, name, Some(until)).await
}

/// Ends a hold.
///
/// # Errors
/// When the store refuses.
pub async fn release(store: &Store, name: &str) -> Result<()> {
    store::hold(store, name, None).await
}

/// Reads a file and holds its length and digest against what they must be.
pub(super) async fn check_file(objects: &Objects, file: &HeldFile) -> Result<()> {
    let bytes = objects.get(&file.name).await?;
    let found = sha256_hex(&bytes);
    if bytes.len() as u64 == file.bytes && found == file.sha256 {
        return Ok(());
    }
    Err(ObservationError::Altered {
        file: file.name.clone(),
        wanted: format!("{} bytes, SHA-256 {}", file.bytes, file.sha256),
        found: format!("{} bytes, SHA-256 {found}", bytes.len()),
    })
}

/// Reads every file of the history: each must be there, be what it was, open as its format says and
/// hold as many rows as the manifest says. Files that belong to nothing are named, too.
///
/// `progress` is told how many bytes of how many are read.
///
/// # Errors
/// When the store cannot be read; what is wrong with files is found, not failed at.
pub async fn verify(store: &Store, mut progress: impl FnMut(u64, u64)) -> Result<Vec<Finding>> {
    // The names on the disk first: whatever is written later is not missed in the manifest.
    let Some(objects) = store.objects() else {
        let mut snapshot = store.snapshot().await?;
        let parts = store::current_parts(&mut snapshot).await?;
        return if parts.is_empty() { Ok(Vec::new()) } else { Err(ObservationError::NoPlace) };
    };
    let listed = objects.list("").await?;
    let mut snapshot = store.snapshot().await?;
    let parts = store::current_parts(&mut snapshot).await?;
    snapshot.rollback().await?;
    let known: HashSet<String> = store::known_names(store).await?.into_iter().collect();
    let tokens: Vec<String> =
        store::moves(store).await?.into_iter().map(|state| state.token).collect();
    let all = parts.iter().map(|part| part.values.bytes + part.rows.bytes).sum();
    let mut findings = Vec::new();
    let mut done = 0;
    for part in &parts {
        for file in [&part.values, &part.rows] {
            match check_file(objects, file).await {
                Ok(()) => {}
                Err(error) => findings.push(finding(&file.name, &error)),
            }
            done += file.bytes;
            progress(done, all);
        }
        let files = PartFiles {
            values: objects.path(&part.values.name),
            rows: objects.path(&part.rows.name),
        };
        match format::open(objects.store().clone(), &files).await {
            Ok(open) => {
                let found = (open.row_count(), open.factor_row_count());
                if found != (part.row_count, part.factor_row_count) {
                    findings.push(Finding {
                        file: part.rows.name.clone(),
                        what: format!(
                            "holds {} rows of {} factors, the manifest says {} of {}; restore \
                             the file from a backup",
                            found.0, found.1, part.row_count, part.factor_row_count
                        ),
                    });
                }
            }
            // A missing file is named already.
            Err(error) if error.is_missing() => {}
            Err(error) => findings.push(finding(&part.values.name, &error.into())),
        }
    }
    // Whatever was deleted meanwhile, as it should be, is no finding.
    let still = objects.list("").await?;
    for object in listed.into_iter().filter(|object| still.contains(object)) {
        let name = object.name.rsplit('/').next().unwrap_or_default();
        let is_of_a_move = tokens.iter().any(|token| name.starts_with(token.as_str()));
        if !known.contains(&object.name) && !is_of_a_move {
            findings.push(Finding {
                file: object.name,
                what: "belongs to nothing: it stems from another store or a restored backup; \
                       delete it if no other store keeps its history here"
                    .to_owned(),
            });
        }
    }
    Ok(findings)
}

fn finding(file: &str, error: &ObservationError) -> Finding {
    Finding { file: file.to_owned(), what: ::store::with_causes(error) }
}
