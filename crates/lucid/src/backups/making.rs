//! Making a backup while the server runs.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use observations::history;
use store::backup::{Progress, Summary, backup_of};
use store::{Objects, Store};

use super::contents::{Contents, Entry, beside, copy_file, digest, sync_folder, write_whole};
use super::{At, CONFIGURATION, HISTORY, HISTORY_STEP, KEYS, UNFINISHED, file_failed};
use crate::casework::EVIDENCE;
use crate::exit::Failure;

/// The name under which replaced files of the history are held, one for each process.
fn hold_name() -> String {
    format!("backup {}", std::process::id())
}

/// A hold lasts so long, and is prolonged so often.
const HOLD: SignedDuration = SignedDuration::from_mins(30);
const PROLONGED: Duration = Duration::from_mins(5);

/// What is backed up.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) store: Store,
    /// Where the files of the history lie.
    pub(crate) objects: Objects,
    /// The data folder.
    pub(crate) data: PathBuf,
}

/// What was made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) summary: Summary,
    /// Files beside the rows, and their bytes.
    pub(crate) files: u64,
    pub(crate) file_bytes: u64,
    /// How many of them were copied now; the others were there, or in the backup before.
    pub(crate) copied: u64,
    /// Files that were not what they should be, in words; the backup holds them as they are.
    pub(crate) damaged: Vec<String>,
}

/// Makes a backup: `file` appears when everything else is there. Files that the backup `before`
/// holds as well are not copied again.
pub(crate) async fn make(
    source: &Source,
    file: &Path,
    before: Option<&Path>,
    now: fn() -> Timestamp,
    mut told: impl FnMut(At),
) -> Result<Made, Failure> {
    let steps = source.store.steps().await.map_err(|error| unread(&error))?;
    if !steps.contains(&HISTORY_STEP) {
        return gather(source, file, before, now, false, &mut told).await;
    }
    let name = hold_name();
    let held = |error: observations::ObservationError| {
        let cure = "`lucid doctor` says more; nothing was written.";
        Failure::caused(error.code(), &error, cure)
    };
    history::hold(&source.store, &name, until(now())).await.map_err(held)?;
    let prolonging = async {
        loop {
            tokio::time::sleep(PROLONGED).await;
            if let Err(problem) = history::hold(&source.store, &name, until(now())).await {
                tracing::warn!(%problem, "replaced files of the history are held no longer");
            }
        }
    };
    let made = tokio::select! {
        made = gather(source, file, before, now, true, &mut told) => made,
        never = prolonging => never,
    };
    if let Err(problem) = history::release(&source.store, &name).await {
        tracing::warn!(%problem, "replaced files of the history are held for another half hour");
    }
    made
}

fn until(now: Timestamp) -> Timestamp {
    now.checked_add(HOLD).unwrap_or(Timestamp::MAX)
}

async fn gather(
    source: &Source,
    file: &Path,
    before: Option<&Path>,
    now: fn() -> Timestamp,
    has_history: bool,
    told: &mut impl FnMut(At),
) -> Result<Made, Failure> {
    let mut snapshot = source.store.snapshot().await.map_err(|error| unread(&error))?;
    let made_at = now();
    let moved = if has_history {
        history::files_in(&mut snapshot).await.map_err(|error| unread(&error))?
    } else {
        Vec::new()
    };
    let draft = Draft(sibling(file, UNFINISHED));
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| file_failed(folder, &error))?;
    }
    let engine = source.store.engine();
    let written = backup_of(engine, &mut snapshot, &draft.0, |at: Progress<'_>| {
        told(At::Rows(at.rows_done, at.rows_total));
    });
    let summary = written.await.map_err(|error| {
        let cure = "Write to a folder with room; the store is as it was.";
        Failure::caused(error.code(), &error, cure)
    })?;
    drop(snapshot);
    let (_, rows_sha256) = digest(&draft.0).map_err(|error| file_failed(&draft.0, &error))?;
    let mut taking = Taking::begin(source, file, before)?;
    taking.keys_and_configuration()?;
    let evidence = evidence_names(&source.data.join(EVIDENCE))
        .map_err(|error| file_failed(&source.data.join(EVIDENCE), &error))?;
    let total = (evidence.len() + moved.len()) as u64;
    let mut done = 0;
    for (path, sha256) in &evidence {
        taking.evidence(path, sha256)?;
        done += 1;
        told(At::Files(done, total));
        tokio::task::yield_now().await;
    }
    for file in &moved {
        taking.moved(file).await?;
        done += 1;
        told(At::Files(done, total));
    }
    let Taking { folder, entries, copied, damaged, .. } = taking;
    let contents = Contents {
        made_at,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        rows_sha256,
        rows: summary.rows,
        files: entries,
    };
    contents.write(&folder).map_err(|error| file_failed(&folder, &error))?;
    std::fs::rename(&draft.0, file)
        .and_then(|()| sync_folder(file))
        .map_err(|error| file_failed(file, &error))?;
    drop(draft);
    // The backup stands: what an earlier one of the same name had besides only takes room.
    if let Err(problem) = sweep(&folder, &contents) {
        tracing::warn!(%problem, "files of an earlier backup of this name were left");
    }
    let (files, file_bytes) = (contents.files.len() as u64, contents.bytes());
    Ok(Made { summary, files, file_bytes, copied, damaged })
}

fn unread(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::caused("store.database", error, "`lucid doctor` says more; nothing was written.")
}

/// A file under its provisional name, taken away unless it was given its own.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        // It is not there when it was renamed; else the cause of the failure is told already.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn sibling(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    file.with_file_name(name)
}

/// Files on their way into the folder of a backup.
struct Taking<'source> {
    source: &'source Source,
    folder: PathBuf,
    /// The folder of the backup before, and what it holds.
    before: Option<(PathBuf, HashMap<String, Entry>)>,
    entries: Vec<Entry>,
    copied: u64,
    damaged: Vec<String>,
}

impl<'source> Taking<'source> {
    fn begin(source: &'source Source, file: &Path, before: Option<&Path>) -> Result<Self, Failure> {
        let folder = beside(file);
        let mut known = None;
        if let Some(before) = before.map(beside).filter(|before| *before != folder) {
            let list = Contents::read(&before).map_err(|error| file_failed(&before, &error))?;
            let list = list.map(|list| list.files).unwrap_or_default();
            let list = list.into_iter().map(|entry| (entry.path.clone(), entry)).collect();
            known = Some((before, list));
        }
        Ok(Self {
            source,
            folder,
            before: known,
            entries: Vec::new(),
            copied: 0,
            damaged: Vec::new(),
        })
    }

    /// Keys and configuration are small, and the only files that may change: copied each time.
    fn keys_and_configuration(&mut self) -> Result<(), Failure> {
        for name in KEYS.into_iter().chain([CONFIGURATION]) {
            let from = self.source.data.join(name);
            if !from.is_file() {
                continue;
            }
            let copied = std::fs::read(&from).and_then(|bytes| {
                write_whole(&self.folder.join(name), &bytes)?;
                digest(&self.folder.join(name))
            });
            let (bytes, sha256) = copied.map_err(|error| file_failed(&from, &error))?;
            self.copied += 1;
            self.entries.push(Entry { path: name.to_owned(), bytes, sha256 });
        }
        Ok(())
    }

    /// A file of evidence; its name is its digest.
    fn evidence(&mut self, path: &str, sha256: &str) -> Result<(), Failure> {
        let from = self.source.data.join(path);
        let bytes = match std::fs::metadata(&from) {
            Ok(metadata) => metadata.len(),
            Err(error) => return Err(file_failed(&from, &error)),
        };
        let wanted = Entry { path: path.to_owned(), bytes, sha256: sha256.to_owned() };
        if self.is_there(&wanted) {
            self.entries.push(wanted);
            return Ok(());
        }
        let to = self.folder.join(path);
        let (bytes, found) = copy_file(&from, &to).map_err(|error| file_failed(&from, &error))?;
        self.note(wanted, bytes, found);
        Ok(())
    }

    /// A file of the history, of which the store knows length and digest.
    async fn moved(&mut self, file: &history::StoredFile) -> Result<(), Failure> {
        let path = format!("{HISTORY}/{}", file.name);
        let wanted = Entry { path, bytes: file.bytes, sha256: file.sha256.clone() };
        if self.is_there(&wanted) {
            self.entries.push(wanted);
            return Ok(());
        }
        let got = match self.source.objects.get(&file.name).await {
            Ok(got) => got,
            Err(error) if error.is_missing() => {
                self.damaged.push(format!("{} of the history is missing", file.name));
                return Ok(());
            }
            Err(error) => {
                let cure = "Let this machine reach the place of the history (history.url), then \
                            run it again: what is there already is not copied a second time.";
                return Err(Failure::caused(error.code(), &error, cure));
            }
        };
        let to = self.folder.join(&wanted.path);
        let written = write_whole(&to, &got).and_then(|()| digest(&to));
        let (bytes, found) = written.map_err(|error| file_failed(&to, &error))?;
        self.note(wanted, bytes, found);
        Ok(())
    }

    /// Whether a file that never changes is in the backup already, or could be taken over from the
    /// one before.
    fn is_there(&self, wanted: &Entry) -> bool {
        let has_length =
            |path: &Path| std::fs::metadata(path).is_ok_and(|found| found.len() == wanted.bytes);
        let to = self.folder.join(&wanted.path);
        if has_length(&to) {
            return true;
        }
        let Some((folder, known)) = &self.before else { return false };
        let from = folder.join(&wanted.path);
        known.get(&wanted.path) == Some(wanted)
            && has_length(&from)
            && to.parent().is_some_and(|folder| std::fs::create_dir_all(folder).is_ok())
            // Where a folder takes no second name for a file, it is copied.
            && std::fs::hard_link(&from, &to).is_ok()
    }

    fn note(&mut self, wanted: Entry, bytes: u64, found: String) {
        self.copied += 1;
        if bytes != wanted.bytes || found != wanted.sha256 {
            self.damaged.push(format!("{} is not what it was when it was written", wanted.path));
        }
        self.entries.push(Entry { bytes, sha256: found, ..wanted });
    }
}

/// The files of evidence, by path in the data folder, with the digest that each name says.
fn evidence_names(root: &Path) -> io::Result<Vec<(String, String)>> {
    let mut names = Vec::new();
    if !root.is_dir() {
        return Ok(names);
    }
    for folder in std::fs::read_dir(root)? {
        let folder = folder?;
        let start = folder.file_name().to_string_lossy().into_owned();
        if start.len() != 2 || !folder.file_type()?.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(folder.path())? {
            let rest = file?.file_name().to_string_lossy().into_owned();
            let sha256 = format!("{start}{rest}");
            if evidence::Digest::parse(&sha256).is_some() {
                names.push((format!("{EVIDENCE}/{start}/{rest}"), sha256));
            }
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Takes away what the list of a finished backup does not name.
fn sweep(folder: &Path, contents: &Contents) -> io::Result<()> {
    let named: std::collections::HashSet<PathBuf> =
        contents.files.iter().map(|entry| folder.join(&entry.path)).collect();
    for within in [folder.join(EVIDENCE), folder.join(HISTORY)] {
        if within.is_dir() {
            sweep_folder(&within, &named)?;
        }
    }
    Ok(())
}

fn sweep_folder(folder: &Path, named: &std::collections::HashSet<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            sweep_folder(&path, named)?;
            // Only an empty folder goes.
            let _ = std::fs::remove_dir(&path);
        } else if !named.contains(&path) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}
