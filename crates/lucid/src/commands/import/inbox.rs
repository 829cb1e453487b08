//! The inbox of a data folder: work for the server that runs there, and what it reports.
//!
//! A piece of work is a folder `inbox/<name>`: the inputs, and last `work.json`, whose appearance
//! hands it over. The server writes `report.json`; whoever asked removes the folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use store::with_causes;

use super::report::{Report, failure_from_json, failure_to_json};
use super::{Desk, Input, Kind, Work, perform};
use crate::exit::Failure;
use crate::opened;

const INBOX: &str = "inbox";
const WORK: &str = "work.json";
const REPORT: &str = "report.json";
/// How often both sides look.
const LOOK: Duration = Duration::from_millis(200);

/// Hands work to the running server and waits for its report.
pub(super) fn hand_over(data: &Path, work: &Work) -> Result<Report, Failure> {
    let unique = jiff::Timestamp::now().as_nanosecond();
    let folder = data.join(INBOX).join(format!("{unique}-{}", std::process::id()));
    let written = write(&folder, work);
    let report = written.map_err(|error| failed(&error)).and_then(|()| wait(data, &folder));
    // What stays behind after a fault is ignored by everybody.
    let _ = fs::remove_dir_all(&folder);
    report
}

fn write(folder: &Path, work: &Work) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut inputs = Vec::new();
    for (number, input) in work.inputs.iter().enumerate() {
        let file = format!("input-{number}");
        fs::write(folder.join(&file), &input.bytes)?;
        inputs.push(json!({ "name": input.name.display().to_string(), "file": file }));
    }
    let (kind, partial, year) = match work.kind {
        Kind::Observations { partial } => ("observations", partial, None),
        Kind::AirFeed => ("air-feed", false, None),
        Kind::WaterFeed { year } => ("water-feed", false, year),
    };
    let text = json!({
        "kind": kind, "partial": partial, "year": year, "json": work.as_json, "inputs": inputs,
    });
    put(&folder.join(WORK), &text)
}

/// Writes a file so that it appears whole.
fn put(file: &Path, value: &Value) -> std::io::Result<()> {
    let part = file.with_extension("part");
    fs::write(&part, value.to_string())?;
    fs::rename(part, file)
}

fn wait(data: &Path, folder: &Path) -> Result<Report, Failure> {
    let file = folder.join(REPORT);
    loop {
        if let Ok(text) = fs::read_to_string(&file) {
            let value: Value = serde_json::from_str(&text).unwrap_or_default();
            if let Some(failure) = failure_from_json(&value) {
                return Err(failure);
            }
            let unreadable = std::io::Error::other("its report cannot be read");
            return Report::from_json(&value).ok_or_else(|| failed(&unreadable));
        }
        // Getting the lock means that the server has ended.
        if opened::lock(data).is_ok() && !file.is_file() {
            return Err(failed(&std::io::Error::other("the server ended before it was done")));
        }
        std::thread::sleep(LOOK);
    }
}

fn failed(error: &std::io::Error) -> Failure {
    let what = format!("cannot hand the import to the running server: {error}");
    let cure = "Run it as the user of the server, or stop the server for the import.";
    Failure::of_environment("import.inbox", what, cure)
}

/// Does what lies in the inbox, one piece after the other, for as long as the server runs.
pub(crate) async fn serve(data: PathBuf, desk: Desk) {
    let inbox = data.join(INBOX);
    let mut due = tokio::time::interval(LOOK);
    loop {
        due.tick().await;
        for folder in waiting(&inbox) {
            let report = match read(&folder) {
                Ok(work) => perform(work, &desk).await,
                Err(error) => Err(failed(&error)),
            };
            let value = report.map_or_else(|failure| failure_to_json(&failure), |r| r.to_json());
            if let Err(problem) = put(&folder.join(REPORT), &value) {
                tracing::warn!(problem = with_causes(&problem), "an import cannot be reported");
            }
        }
    }
}

/// Pieces of work without a report, the oldest first.
fn waiting(inbox: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(inbox) else { return Vec::new() };
    let mut folders: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| folder.join(WORK).is_file() && !folder.join(REPORT).exists())
        .collect();
    folders.sort();
    folders
}

fn read(folder: &Path) -> std::io::Result<Work> {
    let wrong = || std::io::Error::other("the work in the inbox cannot be read");
    let text = fs::read_to_string(folder.join(WORK))?;
    let value: Value = serde_json::from_str(&text).map_err(std::io::Error::other)?;
    let kind = match value["kind"].as_str() {
        Some("observations") => {
            Kind::Observations { partial: value["partial"].as_bool().unwrap_or_default() }
        }
        Some("air-feed") => Kind::AirFeed,
        Some("water-feed") => {
            let year = value["year"].as_i64().and_then(|year| i16::try_from(year).ok());
            Kind::WaterFeed { year }
        }
        _ => return Err(wrong()),
    };
    let mut inputs = Vec::new();
    for (number, input) in value["inputs"].as_array().ok_or_else(wrong)?.iter().enumerate() {
        // The name of the file is made here, so that no text can lead out of the folder.
        let bytes = fs::read(folder.join(format!("input-{number}")))?;
        let name = PathBuf::from(input["name"].as_str().ok_or_else(wrong)?);
        inputs.push(Input { name, bytes });
    }
    Ok(Work { kind, inputs, as_json: value["json"].as_bool().unwrap_or_default() })
}
