//! The store as commands open it: one schema, one lock a data folder.

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use store::{Migration, Store, StoreError};

use crate::configuration::{Settings, keys};
use crate::exit::Failure;
use crate::history;

/// The schema: that of every crate that keeps something.
pub(crate) fn migrations() -> Vec<Migration> {
    crate::slices::migrations().into_iter().flatten().copied().collect()
}

/// The version of the program with the last step of its schema: two programs with the same step
/// read each other's stores.
pub(crate) fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let step = migrations().iter().map(|migration| migration.version).max().unwrap_or(0);
        format!("{} (schema step {step})", env!("CARGO_PKG_VERSION"))
    });
    &VERSION
}

/// The file by which a process takes a data folder.
const LOCK: &str = "lucid.lock";
/// Whether this process has taken its data folder.
static OURS: AtomicBool = AtomicBool::new(false);
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
            OURS.store(true, Ordering::Relaxed);
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
    let store = Store::open_as_it_is(&url).await.map_err(|error| unopened(&url, &error))?;
    let taken = store.steps().await.map_err(|error| unopened(&url, &error))?;
    let migrations = migrations();
    let is_earlier = migrations.iter().any(|step| !taken.contains(&step.version));
    if !taken.is_empty() && is_earlier && !OURS.load(Ordering::Relaxed) {
        // An earlier release that runs here would lose the ground under its feet.
        lock(&settings.data())?;
    }
    store.bring_to(&migrations).await.map_err(|error| unopened(&url, &error))?;
    store.hold_back(settings.count(keys::DISK_RESERVE).saturating_mul(1_000_000));
    Ok(store.with_objects(history::place(settings)?))
}

/// Opens the store in whatever schema it has: for who must not change it.
pub(crate) async fn store_as_it_is(settings: &Settings) -> Result<Store, Failure> {
    let url = settings.database_url();
    let store = Store::open_as_it_is(&url).await.map_err(|error| unopened(&url, &error))?;
    Ok(store.with_objects(history::place(settings)?))
}

fn unopened(url: &str, error: &StoreError) -> Failure {
    let cure = match error {
        StoreError::Newer { .. } => {
            "`lucid --version` tells which steps a program knows. An older program can only go on \
             from a backup that it made: docs/how-to/upgrade.md."
        }
        StoreError::Migration(_) => {
            "The steps before are taken, this one is not, and nothing is lost: mend what is said \
             (room, rights) and start again. docs/how-to/upgrade.md tells the way back."
        }
        _ if store::says_full(error) => {
            "The disk is full: make room, or move the data folder to a larger disk."
        }
        _ if url.starts_with("sqlite:") => {
            "Check the file, its folder and the room on the disk; else restore the last backup."
        }
        _ => {
            "Check that the database runs and that database.url has the right host, name, user \
             and password."
        }
    };
    Failure::caused(error.code(), error, cure)
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

#[cfg(test)]
mod tests {
    use super::migrations;

    const RELEASED: &str = include_str!("../tests/safekeeping/released/steps.txt");

    #[test]
    fn a_step_that_was_released_is_never_changed() {
        let migrations = migrations();
        let mut count = 0;
        for line in RELEASED.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split_whitespace();
            let version: i64 = words.next().expect("a step").parse().expect("a number");
            let step = migrations.iter().find(|step| step.version == version);
            let step = step.unwrap_or_else(|| panic!("the released step {version} is gone"));
            let digest = store::sha256_hex(step.sql.as_bytes());
            assert_eq!(
                Some(digest.as_str()),
                words.next(),
                "step {version} ({}) was released: stores out there were made by its text. Put it \
                 back, and write what is to change as a new step",
                step.name
            );
            count += 1;
        }
        assert!(count >= 28, "{count} released steps are known");
    }

    #[test]
    fn no_two_steps_have_one_version() {
        let mut versions: Vec<i64> = migrations().iter().map(|step| step.version).collect();
        versions.sort_unstable();
        assert!(versions.windows(2).all(|pair| pair[0] != pair[1]), "{versions:?}");
    }
}
