//! Backups: the rows of the store in one file, and beside it everything else without which a city
//! could not be brought back: files of evidence, the history, the keys.
//!
//! One snapshot of the store says which files belong to a backup. Files of evidence are on the disk
//! before a row names them and are never deleted; files of the history that are replaced while a
//! backup runs are held until it ends. So whatever a row of the backup names is in the backup.

pub(crate) mod contents;
mod making;
mod restoring;
mod schedule;
mod verifying;

pub(crate) use making::{Made, Source, make};
pub(crate) use restoring::{Restored, Target, restore};
pub(crate) use schedule::Schedule;
pub(crate) use verifying::{Verified, verify};

use tokio::sync::watch;
use tokio::task::JoinSet;
use web::AppState;

use crate::configuration::Settings;
use crate::engine::Engine;
use crate::exit::Failure;
use crate::history;

/// Makes backups by the clock as long as the server runs, where the settings name a folder.
pub(crate) fn by_the_clock(
    working: &mut JoinSet<()>,
    state: AppState,
    engine: &Engine,
    settings: &Settings,
    stopping: &watch::Receiver<bool>,
) -> Result<AppState, Failure> {
    let Some(schedule) = Schedule::of(settings)? else { return Ok(state) };
    let source = Source {
        store: engine.store.clone(),
        objects: history::place(settings)?,
        data: settings.data(),
    };
    let told = operations::backups::Backups::default();
    let making = schedule.serve(source, told.clone(), state.clock, stopping.clone());
    let mut stopping = stopping.clone();
    working.spawn(async move {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => {}
            () = making => {}
        }
    });
    Ok(state.with(told))
}

/// The keys of a data folder: who reads them reads sealed names, or signs as the log.
pub(crate) const KEYS: [&str; 3] = ["cases.key", "log.key", "devices.key"];
/// The folder of a backup's files in which those of the history stand.
const HISTORY: &str = "history";
/// The configuration file in the data folder.
const CONFIGURATION: &str = "lucid.toml";
/// What the name of a file of rows ends with until everything else is there.
const UNFINISHED: &str = ".unfinished";
/// The schema step that made the tables of the history.
const HISTORY_STEP: i64 = 202_611_291_600;

/// What a backup or a restore is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// So many rows of so many.
    Rows(u64, u64),
    /// So many files of so many.
    Files(u64, u64),
    /// Reading back: so many rows or files of so many.
    Reading(u64, u64),
}

/// What goes wrong with a file.
fn file_failed(path: &std::path::Path, error: &std::io::Error) -> Failure {
    let what = format!("cannot read or write {}: {error}", path.display());
    let cure = "Make room, and let this user read and write there; then run it again: what is \
                there already is not copied a second time.";
    Failure::of_environment("backup.files", what, cure)
}

#[cfg(test)]
mod tests {
    use super::contents::beside;
    use super::*;
    use jiff::Timestamp;
    use store::Objects;

    fn now() -> Timestamp {
        "2026-11-29T10:00:00Z".parse().expect("a time")
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_the_backup_before_holds_is_shared_and_outlives_it() {
        use std::os::unix::fs::MetadataExt as _;
        let test = testkit::sqlite(&crate::opened::migrations()).await;
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let kept = evidence::Evidence::open(&data.join("evidence")).expect("it opens");
        let upload =
            |text: &str| evidence::Upload { name: "a.txt".into(), bytes: text.as_bytes().into() };
        let first_photo = kept.keep(upload("first")).await.expect("it is kept").digest.to_string();
        std::fs::write(data.join("log.key"), "a key").expect("written");
        let objects = Objects::in_folder(&data.join("history")).expect("a folder");
        let source = Source { store: test.store.clone(), objects, data: data.clone() };
        let (one, other) = (folder.path().join("one.lucid"), folder.path().join("other.lucid"));

        let made = make(&source, &one, None, now, |_| {}).await.expect("a backup");
        assert_eq!((made.files, made.copied, made.damaged.len()), (2, 2, 0));
        kept.keep(upload("second")).await.expect("it is kept");
        let made = make(&source, &other, Some(&one), now, |_| {}).await.expect("a backup");
        assert_eq!((made.files, made.copied), (3, 2), "the key and the second file are copied");
        let (start, rest) = first_photo.split_at(2);
        let shared = beside(&other).join("evidence").join(start).join(rest);
        assert_eq!(std::fs::metadata(&shared).expect("it is there").nlink(), 2);

        std::fs::remove_dir_all(beside(&one)).expect("taken away");
        let verified = verify(&other, |_| {}).await.expect("it is read");
        assert_eq!(verified.findings, Vec::<String>::new());

        // A damaged file is told when it is copied, and when it is read.
        std::fs::write(data.join("evidence").join(start).join(rest), "First").expect("damaged");
        let third = folder.path().join("third.lucid");
        let made = make(&source, &third, None, now, |_| {}).await.expect("a backup");
        assert_eq!(made.damaged.len(), 1, "{:?}", made.damaged);
        std::fs::write(&shared, "First").expect("damaged");
        let verified = verify(&other, |_| {}).await.expect("it is read");
        assert_eq!(verified.findings.len(), 1, "{:?}", verified.findings);
    }
}
