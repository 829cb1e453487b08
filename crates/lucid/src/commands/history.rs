//! `lucid history`: how the history stands, and the work on it at once instead of once an hour;
//! works beside a running server.

use std::sync::Mutex;

use clap::Subcommand;
use indicatif::ProgressBar;
use jiff::Timestamp;
use observations::ObservationError;
use observations::history::{self, Moved, Status, Step};
use serde_json::json;
use store::Store;

use crate::arguments::Common;
use crate::commands::backup::existing;
use crate::configuration::{Settings, keys};
use crate::exit::{Exit, Failure, Outcome};
use crate::history::{audit_forgotten, rules};
use crate::opened;
use crate::terminal::{progress, say};

#[derive(Subcommand, Debug)]
pub(crate) enum History {
    /// What has moved into files, what waits, what was forgotten
    Status {
        /// Name every month
        #[arg(long)]
        months: bool,
        /// Name every file that is current, one a line: for engines that read Parquet
        #[arg(long, conflicts_with = "months")]
        files: bool,
    },
    /// Move what is due: closed months become files
    Move,
    /// Write months anew into which rows came late, however few
    Compact,
    /// Read every file and compare it with what was written
    #[command(after_help = "\
Exit code 1 when a file is missing, was altered or belongs to nothing; each finding says what to \
do.")]
    Verify,
    /// Say what the settings no longer keep; with --yes delete it for good
    #[command(after_help = "\
What is kept how long stands in history.forget_months_realtime, _minute, _hour and _day; without \
them everything is kept for ever. Every month forgotten leaves an audit record.")]
    Forget {
        /// Delete it for good
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) fn run(what: &History, common: &Common) -> Outcome {
    let settings = Settings::load(&common.given())?;
    existing(&settings)?;
    opened::block_on(async {
        let store = opened::store(&settings).await?;
        let done = match what {
            History::Status { months, files } => status(&store, *months, *files, common.json).await,
            History::Move => moved(&store, &settings, common.json).await,
            History::Compact => compacted(&store, common.json).await,
            History::Verify => verified(&store, common.json).await,
            History::Forget { yes } => forgotten(&store, &settings, *yes, common.json).await,
        };
        store.close().await;
        done
    })?
}

/// A bar over the points of the month at work.
struct Shown {
    bar: ProgressBar,
    month: Mutex<String>,
}

impl Shown {
    fn new() -> Self {
        Self { bar: progress(0, "history"), month: Mutex::default() }
    }

    fn tell(&self, step: Step) {
        match step {
            Step::Begun { period, month } => {
                let text = format!("{} {month}", period.as_str());
                self.bar.set_message(text.clone());
                if let Ok(mut held) = self.month.lock() {
                    *held = text;
                }
                self.bar.set_position(0);
            }
            Step::Read { done, total, .. } => {
                self.bar.set_length(total as u64);
                self.bar.set_position(done as u64);
            }
            Step::Cleared { rows, .. } => {
                let month = self.month.lock().map(|held| held.clone()).unwrap_or_default();
                self.bar.set_message(format!("{month}: {rows} rows cleared"));
            }
            Step::Done { .. } => self.bar.set_message("history"),
            Step::Put { .. } | Step::Written { .. } | Step::Current { .. } => {}
        }
    }
}

async fn moved(store: &Store, settings: &Settings, as_json: bool) -> Outcome {
    let shown = Shown::new();
    let steps = |step| shown.tell(step);
    let now = Timestamp::now();
    let mended = history::mend(store, now, &steps).await.map_err(|error| failed(&error))?;
    let moved = history::move_closed(store, &rules(settings), now, &steps).await;
    shown.bar.finish_and_clear();
    let moved = moved.map_err(|error| failed(&error))?;
    if !as_json && (mended.undone > 0 || mended.cleared > 0) {
        say!(
            "mended: {} broken-off moves undone, {} moved rows deleted from the recent ones",
            mended.undone,
            mended.cleared
        );
    }
    say_moved("moved", &moved, as_json);
    Ok(Exit::Ok)
}

async fn compacted(store: &Store, as_json: bool) -> Outcome {
    let shown = Shown::new();
    let done = history::compact(store, true, Timestamp::now(), &|step| shown.tell(step)).await;
    shown.bar.finish_and_clear();
    say_moved("compacted", &done.map_err(|error| failed(&error))?, as_json);
    Ok(Exit::Ok)
}

fn say_moved(did: &str, moved: &Moved, as_json: bool) {
    if as_json {
        say!(
            "{}",
            json!({
                "months": moved.months,
                "rows": moved.rows,
                "factor_rows": moved.factor_rows,
                "bytes": moved.bytes,
                "cleared": moved.cleared,
            })
        );
    } else if moved.months == 0 {
        say!("nothing is due");
    } else {
        say!(
            "{did} {} months: {} rows of {} values in {} bytes ({} a value)",
            moved.months,
            moved.rows,
            moved.factor_rows,
            moved.bytes,
            rate(moved.bytes, moved.factor_rows)
        );
    }
}

/// Bytes a value, to two decimals.
fn rate(bytes: u64, values: u64) -> String {
    let hundredths = (bytes * 100).checked_div(values).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

async fn verified(store: &Store, as_json: bool) -> Outcome {
    let bar = progress(0, "bytes");
    let found = history::verify(store, |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    });
    let found = found.await;
    bar.finish_and_clear();
    let found = found.map_err(|error| failed(&error))?;
    if as_json {
        let findings: Vec<_> = found
            .iter()
            .map(|finding| json!({ "file": finding.file, "what": finding.what }))
            .collect();
        say!("{}", json!({ "findings": findings }));
    } else {
        for finding in &found {
            say!("{}\n  {}", finding.file, finding.what);
        }
        match found.len() {
            0 => say!("every file is what was written"),
            count => say!("{count} findings"),
        }
    }
    Ok(if found.is_empty() { Exit::Ok } else { Exit::Found })
}

async fn forgotten(store: &Store, settings: &Settings, yes: bool, as_json: bool) -> Outcome {
    let (rules, now) = (rules(settings), Timestamp::now());
    if !yes {
        let due = history::to_forget(store, &rules, now).await.map_err(|error| failed(&error))?;
        if as_json {
            let months: Vec<_> = due
                .iter()
                .map(|(period, month, kept)| {
                    json!({ "period": period.as_str(), "month": month.to_string(),
                        "keep_months": kept })
                })
                .collect();
            say!("{}", json!({ "due": months }));
            return Ok(Exit::Ok);
        }
        for (period, month, kept) in &due {
            say!(
                "{:<9} {month}   {} = {kept}",
                period.as_str(),
                keys::HISTORY_FORGET[period.code() as usize]
            );
        }
        match due.len() {
            0 => say!("the settings keep everything that there is"),
            count => say!("{count} months are no longer kept; --yes deletes them for good"),
        }
        return Ok(Exit::Ok);
    }
    let done = history::forget(store, &rules, now, &audit_forgotten).await;
    let done = done.map_err(|error| failed(&error))?;
    if as_json {
        let months: Vec<_> = done
            .iter()
            .map(|one| {
                json!({ "period": one.period.as_str(), "month": one.month.to_string(),
                    "rows": one.rows, "keep_months": one.keep_months })
            })
            .collect();
        say!("{}", json!({ "forgotten": months }));
    } else {
        for one in &done {
            say!("forgot {:<9} {}   {} rows", one.period.as_str(), one.month, one.rows);
        }
        say!("{} months are forgotten", done.len());
    }
    Ok(Exit::Ok)
}

async fn status(store: &Store, months: bool, files: bool, as_json: bool) -> Outcome {
    if files {
        let mut snapshot = store
            .snapshot()
            .await
            .map_err(|error| Failure::caused(error.code(), &error, "`lucid doctor` says more."))?;
        let place = store.objects().map_or("", |objects| objects.place()).to_owned();
        let found = history::files_in(&mut snapshot).await.map_err(|error| failed(&error))?;
        for file in found {
            say!("{place}/{}", file.name);
        }
        return Ok(Exit::Ok);
    }
    let status = history::status(store).await.map_err(|error| failed(&error))?;
    if as_json {
        say!("{}", to_json(&status));
        return Ok(Exit::Ok);
    }
    say!("kept in {}", status.place.as_deref().unwrap_or("no place: set history.url"));
    for of in status.periods.iter().filter(|of| of.months > 0) {
        let span = of.span.map(|(first, last)| format!("{first} to {last}")).unwrap_or_default();
        say!(
            "{:<9} {} months, {span}: {} rows of {} values in {} bytes ({} a value); {} late rows",
            of.period.as_str(),
            of.months,
            of.rows,
            of.factor_rows,
            of.bytes,
            rate(of.bytes, of.factor_rows),
            of.late_rows
        );
    }
    if status.months.is_empty() {
        say!("nothing has moved yet");
    }
    if months {
        for one in &status.months {
            say!(
                "  {} {:<9} {} rows, {} bytes, {} parts, {} late rows",
                one.month,
                one.period.as_str(),
                one.rows,
                one.bytes,
                one.parts,
                one.late_rows
            );
        }
    }
    if status.moves > 0 {
        say!("{} moves under way or broken off", status.moves);
    }
    if status.replaced > 0 {
        say!(
            "{} replaced parts of {} bytes wait to be deleted",
            status.replaced,
            status.replaced_bytes
        );
    }
    for one in status.forgotten.iter().take(12) {
        say!("forgotten {} {}: {} rows, on {}", one.period.as_str(), one.month, one.rows, one.at);
    }
    Ok(Exit::Ok)
}

fn to_json(status: &Status) -> serde_json::Value {
    let periods: Vec<_> = status
        .periods
        .iter()
        .map(|of| {
            json!({
                "period": of.period.as_str(),
                "months": of.months,
                "first": of.span.map(|(first, _)| first.to_string()),
                "last": of.span.map(|(_, last)| last.to_string()),
                "parts": of.parts,
                "rows": of.rows,
                "values": of.factor_rows,
                "bytes": of.bytes,
                "late_rows": of.late_rows,
                "uncleared": of.uncleared,
            })
        })
        .collect();
    let months: Vec<_> = status
        .months
        .iter()
        .map(|one| {
            json!({
                "period": one.period.as_str(),
                "month": one.month.to_string(),
                "rows": one.rows,
                "values": one.factor_rows,
                "bytes": one.bytes,
                "late_rows": one.late_rows,
                "written_at": one.written_at.to_string(),
            })
        })
        .collect();
    json!({
        "place": status.place,
        "periods": periods,
        "months": months,
        "moves": status.moves,
        "replaced_parts": status.replaced,
        "replaced_bytes": status.replaced_bytes,
    })
}

fn failed(error: &ObservationError) -> Failure {
    let cure =
        "Mend what is said, then run it again: what was done stays done, and nothing is lost.";
    Failure::caused(error.code(), error, cure)
}
