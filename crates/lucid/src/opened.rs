//! The store as commands open it: one schema, one lock a data folder.

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use store::{Migration, Store};

use crate::configuration::{Settings, keys};
use crate::exit::Failure;
use crate::history;

/// The schema: that of every crate that keeps something.
pub(crate) fn migrations() -> Vec<Migration> {
    crate::slices::migrations().into_iter().flatten().copied().collect()
}

/// The file by which a process takes a data folder.
const LOCK: &str = "lucid.lock";
/// The code of the failure when another process has the data folder.
pub(crate) const LOCKED: &str = "data.locked";

/// A data folder that this process alone may change, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

/// Where a running server listens, as it wrote it into its lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Doors {
    pub(crate) http: SocketAddr,
    pub(crate) hj212: SocketAddr,
}

impl Lock {
    /// Writes down where this process listens, for `lucid doctor`.
    pub(crate) fn note(&self, doors: Doors) {
        let mut file = &self.file;
        let written = file
            .set_len(0)
            .and_then(|()| writeln!(file, "{} {}", doors.http, doors.hj212))
            .and_then(|()| file.flush());
        if let Err(problem) = written {
            tracing::warn!(%problem, "the lock does not say where the server listens");
        }
    }
}

/// Where the server listens that has the data folder.
pub(crate) fn doors(data: &Path) -> Option<Doors> {
    let text = std::fs::read_to_string(data.join(LOCK)).ok()?;
    let (http, hj212) = text.trim().split_once(' ')?;
    Some(Doors { http: http.parse().ok()?, hj212: hj212.parse().ok()? })
}

/// Makes the data folder where there is none and takes it for this process.
pub(crate) fn lock(data: &Path) -> Result<Lock, Failure> {
    let failed = |error: std::io::Error| {
        let what = format!("cannot use the data folder {}: {error}", data.display());
        let cure = "Choose another with --data DIR, or let this user write there.";
        Failure::of_environment("data.folder", what, cure)
    };
    std::fs::create_dir_all(data).map_err(failed)?;
    let path = data.join(LOCK);
    let file = File::options().create(true).truncate(false).write(true).open(path);
    let file = file.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            // What an earlier process noted holds no longer.
            file.set_len(0).map_err(failed)?;
            Ok(Lock { file })
        }
        Err(TryLockError::WouldBlock) => {
            let what = format!("another lucid works in the data folder {}", data.display());
            let cure = "Stop it first, or choose another folder with --data DIR.";
            Err(Failure::of_environment(LOCKED, what, cure))
        }
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Opens the store that the settings name and brings it to this program's schema.
pub(crate) async fn store(settings: &Settings) -> Result<Store, Failure> {
    let url = settings.database_url();
    let opened = Store::open(&url, &migrations()).await.map_err(|error| {
        let cure = if url.starts_with("sqlite:") {
            "Check the file, its folder and the room on the disk; else restore the last backup."
        } else {
            "Check that the database runs and that database.url has the right host, name, user \
             and password."
        };
        Failure::caused(error.code(), &error, cure)
    })?;
    Ok(opened.with_objects(history::place(settings)?))
}

/// Takes the holidays that came after the program, before anything is counted.
pub(crate) fn calendar(settings: &Settings) -> Result<(), Failure> {
    let file = settings.text(keys::HOLIDAYS);
    if file.is_empty() {
        return Ok(());
    }
    let cure = "calendar.holidays names a file with lines `2027-01-01,OFF,元旦,SOURCE`.";
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::caused("calendar.holidays", &error, cure))?;
    let calendar = law::Calendar::shipped()
        .and(&text)
        .map_err(|error| Failure::caused("calendar.holidays", &error, cure))?;
    if !calendar.install() {
        tracing::debug!("the calendar was installed before");
    }
    Ok(())
}

/// Runs what a command does beside waiting, to its end.
pub(crate) fn block_on<Work: Future>(work: Work) -> Result<Work::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::caused("runtime", &error, "The machine gives this process too few threads.")
    })?;
    Ok(runtime.block_on(work))
}
