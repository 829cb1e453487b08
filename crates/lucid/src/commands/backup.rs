//! `lucid backup` and `lucid restore`: everything in one file.

use std::path::Path;

use serde_json::json;
use store::backup::{Progress, Summary};

use crate::arguments::Common;
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
    say_summary("wrote", file, &summary, common.json);
    Ok(Exit::Ok)
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
    say_summary("restored", file, &summary, common.json);
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

fn say_summary(did: &str, file: &Path, summary: &Summary, as_json: bool) {
    if as_json {
        say!(
            "{}",
            json!({
                "file": file.display().to_string(),
                "tables": summary.tables,
                "rows": summary.rows,
                "bytes": summary.file_bytes,
            })
        );
        return;
    }
    say!(
        "{did} {}: {} rows of {} tables, {} bytes",
        file.display(),
        summary.rows,
        summary.tables,
        summary.file_bytes
    );
}
