//! `lucid source`: the supervision of pollution sources from the console; works beside a running
//! server.

use clap::Subcommand;
use jiff::Timestamp;
use registry::Registry;
use sources::data_quality::{self, Ground, Report, text};
use std::path::PathBuf;
use validity::Month;

use crate::arguments::Common;
use crate::commands::backup::existing;
use crate::commands::files;
use crate::configuration::Settings;
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::{note, say};
use crate::{opened, spreadsheet};

/// Columns of the table that hold words: code, name.
const WORDS: usize = 2;

#[derive(Subcommand, Debug)]
pub(crate) enum Source {
    /// A month of automatic monitoring by county: connected of those that must be, effective rate,
    /// exceedance, unmarked gaps
    #[command(after_help = "\
Examples:
  lucid source check --month 2026-10
  lucid source check --month 2026-10 --county 350602 --json
  lucid source check --month 2026-10 --xlsx october.xlsx

The month is judged anew where data, marks or decisions have come since; the page /data-quality
shows the same numbers. Exit code 1 when an outlet that must be connected is not, a rate is below
the pass mark, or a gap has no mark.")]
    Check {
        /// The month, 2026-10; the one that runs when left out
        #[arg(long)]
        month: Option<String>,
        /// One county or zone, by its code
        #[arg(long, value_name = "CODE")]
        county: Option<String>,
        /// Write the table into this XLSX file too
        #[arg(long, value_name = "FILE")]
        xlsx: Option<PathBuf>,
    },
}

pub(crate) fn run(what: &Source, common: &Common) -> Outcome {
    let Source::Check { month, county, xlsx } = what;
    let settings = Settings::load(&common.given())?;
    let now = Timestamp::now();
    let month = chosen(month.as_deref(), now)?;
    existing(&settings)?;
    opened::calendar(&settings)?;
    opened::block_on(async {
        let store = opened::store(&settings).await?;
        let done = check(&store, month, county.as_deref(), now).await;
        store.close().await;
        let (report, snapshot) = done?;
        if common.json {
            say!("{}", text::json(&report, &snapshot));
        } else {
            for line in text::plain(&report, &snapshot).lines() {
                say!("{line}");
            }
        }
        if let Some(file) = xlsx {
            let lines = text::rows(&report, &snapshot).into_iter();
            let header = text::heads();
            let header: Vec<&str> = header.iter().map(String::as_str).collect();
            let book = spreadsheet::workbook(&header, lines, |column| column >= WORDS, &[]);
            let book =
                book.map_err(|error| Failure::caused("file.write", &error, "Use --json."))?;
            files::write(Some(file), &book)?;
            note!("written: {}", file.display());
        }
        Ok(if text::has_findings(&report) { Exit::Found } else { Exit::Ok })
    })?
}

fn chosen(month: Option<&str>, now: Timestamp) -> Result<Month, Failure> {
    let running = Month::at(now);
    let Some(text) = month else { return Ok(running) };
    Month::parse(text).filter(|month| *month <= running && month.year() >= 1990).ok_or_else(|| {
        let what = format!("{text:?} is no month that has begun");
        Failure::of_use("source.month", what, "Write --month 2026-10.")
    })
}

async fn check(
    store: &store::Store,
    month: Month,
    county: Option<&str>,
    now: Timestamp,
) -> Result<(Report, std::sync::Arc<registry::Snapshot>), Failure> {
    let registry = Registry::open(store)
        .await
        .map_err(|error| Failure::caused(error.code(), &error, "Load a city with `lucid init`."))?;
    let snapshot = registry.snapshot();
    if let Some(code) = county
        && snapshot.division(code).is_none()
    {
        let what = format!("the city has no county or zone {code:?}");
        let known: Vec<&str> = snapshot.divisions.iter().map(|it| it.code.as_str()).collect();
        return Err(Failure::of_use(
            "source.county",
            what,
            format!("One of {}.", known.join(", ")),
        ));
    }
    let ground = Ground { store, snapshot: &snapshot, now };
    let failed = |error: data_quality::QualityError| {
        Failure::caused(error.code(), &error, "`lucid doctor` says more.")
    };
    data_quality::refresh(&ground, month).await.map_err(failed)?;
    let mut report = data_quality::report(&ground, month).await.map_err(failed)?;
    if let Some(code) = county {
        report.retain(|line| line.division == code, |must| must.division == code);
    }
    Ok((report, snapshot))
}
