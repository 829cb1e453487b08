//! `lucid backup` and `lucid restore`: the store in one file, and beside it the files of evidence,
//! the history and the keys.

use std::path::Path;

use indicatif::ProgressBar;
use serde_json::json;

use crate::arguments::Common;
use crate::backups::{At, Made, Restored, Source, Target, Verified};
use crate::configuration::Settings;
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::{progress, say};
use crate::{backups, clock, history, opened};

pub(crate) fn backup(file: &Path, common: &Common) -> Outcome {
    let settings = Settings::load(&common.given())?;
    existing(&settings)?;
    let bar = progress(0, "backup");
    let made = opened::block_on(async {
        // As it is: a backup before an upgrade must not be the upgrade.
        let store = opened::store_as_it_is(&settings).await?;
        let objects = history::place(&settings)?;
        let source = Source { store: store.clone(), objects, data: settings.data() };
        let made = backups::make(&source, file, None, clock::now, |at| show(&bar, at)).await;
        store.close().await;
        let made = made?;
        // A backup that nobody has read is a hope.
        let verified = backups::verify(file, |at| show(&bar, at)).await?;
        Ok::<_, Failure>((made, verified))
    });
    bar.finish_and_clear();
    let (mut made, verified) = made??;
    made.damaged.extend(verified.findings);
    say_made(file, &made, common.json);
    Ok(if made.damaged.is_empty() { Exit::Ok } else { Exit::Found })
}

pub(crate) fn restore(file: &Path, is_check: bool, common: &Common) -> Outcome {
    let settings = Settings::load(&common.given())?;
    if !file.is_file() {
        let what = format!("there is no file {}", file.display());
        return Err(Failure::of_use("store.backup_file", what, "Name a file of `lucid backup`."));
    }
    let bar = progress(0, if is_check { "check" } else { "restore" });
    if is_check {
        let verified = opened::block_on(backups::verify(file, |at| show(&bar, at)));
        bar.finish_and_clear();
        let verified = verified??;
        say_verified(file, &verified, common.json);
        return Ok(if verified.findings.is_empty() { Exit::Ok } else { Exit::Found });
    }
    let _lock = opened::lock(&settings.data())?;
    let migrations = opened::migrations();
    let target = Target {
        database_url: settings.database_url(),
        migrations: &migrations,
        objects: history::place(&settings)?,
        data: settings.data(),
    };
    let restored = opened::block_on(backups::restore(file, &target, |at| show(&bar, at)));
    bar.finish_and_clear();
    say_restored(file, &restored??, common.json);
    Ok(Exit::Ok)
}

fn show(bar: &ProgressBar, at: At) {
    let (what, done, total) = match at {
        At::Rows(done, total) => ("rows", done, total),
        At::Files(done, total) => ("files", done, total),
        At::Reading(done, total) => ("reading back", done, total),
    };
    bar.set_message(what);
    bar.set_length(total);
    bar.set_position(done);
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

fn say_made(file: &Path, made: &Made, as_json: bool) {
    let summary = &made.summary;
    if as_json {
        say!(
            "{}",
            json!({
                "file": file.display().to_string(),
                "tables": summary.tables,
                "rows": summary.rows,
                "bytes": summary.file_bytes,
                "files": made.files,
                "file_bytes": made.file_bytes,
                "copied": made.copied,
                "damaged": made.damaged,
            })
        );
        return;
    }
    say!(
        "wrote {} and read it back: {} rows of {} tables, {} bytes",
        file.display(),
        summary.rows,
        summary.tables,
        summary.file_bytes
    );
    say!(
        "beside it {} files of evidence, history and keys, {} bytes; {} of them were copied now",
        made.files,
        made.file_bytes,
        made.copied
    );
    for what in &made.damaged {
        say!("damaged: {what}");
    }
    if !made.damaged.is_empty() {
        say!("mend it: `lucid doctor --deep` tells what else is damaged, and how to mend it");
    }
}

fn say_verified(file: &Path, verified: &Verified, as_json: bool) {
    let summary = &verified.summary;
    let contents = verified.contents.as_ref();
    if as_json {
        say!(
            "{}",
            json!({
                "file": file.display().to_string(),
                "made_at": contents.map(|list| list.made_at.to_string()),
                "program": contents.map(|list| list.program.clone()),
                "tables": summary.tables,
                "rows": summary.rows,
                "bytes": summary.file_bytes,
                "files": contents.map(|list| list.files.len()),
                "findings": verified.findings,
            })
        );
        return;
    }
    say!(
        "{} is whole: {} rows of {} tables, {} bytes",
        file.display(),
        summary.rows,
        summary.tables,
        summary.file_bytes
    );
    match contents {
        Some(list) => {
            let civil = rulebook::beijing_offset().to_datetime(list.made_at);
            let (made, count) = (civil.strftime("%Y-%m-%d %H:%M"), list.files.len());
            say!("made {made} (Beijing) by lucid {}, with {count} files", list.program);
        }
        None => say!("made by an earlier release, which kept no list of the files beside it"),
    }
    for what in &verified.findings {
        say!("damaged: {what}");
    }
}

fn say_restored(file: &Path, restored: &Restored, as_json: bool) {
    let summary = &restored.summary;
    if as_json {
        say!(
            "{}",
            json!({
                "file": file.display().to_string(),
                "tables": summary.tables,
                "rows": summary.rows,
                "bytes": summary.file_bytes,
                "files": restored.files,
                "later_steps": restored.later_steps,
            })
        );
        return;
    }
    say!(
        "restored {}: {} rows of {} tables, {} files of evidence, history and keys",
        file.display(),
        summary.rows,
        summary.tables,
        restored.files
    );
    if restored.later_steps > 0 {
        let steps = restored.later_steps;
        say!("the backup is of an earlier release: {steps} schema steps were taken after it");
    }
    if restored.has_configuration {
        say!("its configuration lies beside as lucid.toml.from-backup: read it, then rename it");
    }
    say!("look at it with `lucid doctor --deep`, then start `lucid serve`");
}
