//! `lucid backup` and `lucid restore`: the store in one file, and beside it the files of evidence
//! and the keys, without which neither photographs nor sealed names could be read again.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;
use store::backup::{Progress, Summary};

use crate::arguments::Common;
use crate::casework::EVIDENCE;
use crate::configuration::Settings;
use crate::exit::{Exit, Failure, Outcome};
use crate::opened;
use crate::terminal::{progress, say};

pub(crate) fn backup(file: &Path, common: &Common) -> Outcome {
    let settings = Settings::load(&common.given())?;
    existing(&settings)?;
    let summary = opened::block_on(async {
        let store = opened::store(&settings).await?;
        let bar = progress(0, "backup");
        let done = store::backup::backup(&store, file, |at: Progress<'_>| {
            bar.set_length(at.rows_total);
            bar.set_position(at.rows_done);
        });
        let done = done.await;
        bar.finish_and_clear();
        store.close().await;
        done.map_err(|error| {
            let cure = "Write to a folder with room; the store is as it was.";
            Failure::caused(error.code(), &error, cure)
        })
    })??;
    // Files are written before the rows that name them: whatever the store names is there.
    let kept = copy_kept(&settings.data(), &beside(file)).map_err(|error| {
        let cure = "Write to a folder with room; the file of the store is whole.";
        Failure::caused("backup.files", &error, cure)
    })?;
    say_summary("wrote", file, &summary, kept, common.json);
    Ok(Exit::Ok)
}

/// The keys of a data folder: who reads them reads sealed names, or signs as the log.
const KEYS: [&str; 3] = ["cases.key", "log.key", "devices.key"];

/// The folder beside a backup in which its files stand.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".files");
    file.with_file_name(name)
}

/// Copies evidence and keys from one folder to the other; how many files there are. What is there
/// already is left: files of evidence are named by their content.
fn copy_kept(from: &Path, to: &Path) -> io::Result<u64> {
    let mut count = 0;
    for key in KEYS {
        if from.join(key).is_file() {
            std::fs::create_dir_all(to)?;
            if !to.join(key).exists() {
                // The copy keeps the mode of the file: its owner alone reads it.
                std::fs::copy(from.join(key), to.join(key))?;
            }
            count += 1;
        }
    }
    let evidence = from.join(EVIDENCE);
    if evidence.is_dir() {
        count += copy_folder(&evidence, &to.join(EVIDENCE))?;
    }
    Ok(count)
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<u64> {
    std::fs::create_dir_all(to)?;
    let mut count = 0;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            count += copy_folder(&entry.path(), &target)?;
        } else {
            if !target.exists() {
                let partial = target.with_extension("partial");
                std::fs::copy(entry.path(), &partial)?;
                std::fs::rename(&partial, &target)?;
            }
            count += 1;
        }
    }
    Ok(count)
}

pub(crate) fn restore(file: &Path, common: &Common) -> Outcome {
    let settings = Settings::load(&common.given())?;
    if !file.is_file() {
        let what = format!("there is no file {}", file.display());
        return Err(Failure::of_use("store.backup_file", what, "Name a file of `lucid backup`."));
    }
    let _lock = opened::lock(&settings.data())?;
    let summary = opened::block_on(async {
        let store = opened::store(&settings).await?;
        let bar = progress(0, "restore");
        let done = store::backup::restore(&store, file, |at: Progress<'_>| {
            bar.set_length(at.rows_total);
            bar.set_position(at.rows_done);
        });
        let done = done.await;
        bar.finish_and_clear();
        store.close().await;
        done.map_err(|error| {
            let cure = "Restore into a new data folder: --data DIR. Nothing was changed.";
            Failure::caused(error.code(), &error, cure)
        })
    })??;
    let kept = copy_kept(&beside(file), &settings.data()).map_err(|error| {
        let cure = "Make room; then copy the folder FILE.files into the data folder by hand.";
        Failure::caused("backup.files", &error, cure)
    })?;
    say_summary("restored", file, &summary, kept, common.json);
    Ok(Exit::Ok)
}

/// A command that reads needs a store that is there.
pub(crate) fn existing(settings: &Settings) -> Result<(), Failure> {
    let url = settings.database_url();
    let file = url.strip_prefix("sqlite:").map(|path| path.trim_start_matches("//"));
    match file.map(Path::new) {
        Some(file) if !file.is_file() => {
            let what = format!("there is no store {}", file.display());
            let cure = "Name the data folder with --data DIR, or make one with `lucid init`.";
            Err(Failure::of_use("store.absent", what, cure))
        }
        _ => Ok(()),
    }
}

fn say_summary(did: &str, file: &Path, summary: &Summary, kept: u64, as_json: bool) {
    if as_json {
        say!(
            "{}",
            json!({
                "file": file.display().to_string(),
                "tables": summary.tables,
                "rows": summary.rows,
                "bytes": summary.file_bytes,
                "files": kept,
            })
        );
        return;
    }
    say!(
        "{did} {}: {} rows of {} tables, {} bytes; beside it {kept} files of evidence and keys",
        file.display(),
        summary.rows,
        summary.tables,
        summary.file_bytes
    );
}
