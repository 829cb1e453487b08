//! `lucid import air-feed` and `water-feed`: the national publications.

use std::collections::BTreeMap;
use std::path::Path;

use ::observations::NewRow;
use ingest::files::{Problem, Weight};
use ingest::{air_feed, water_feed};
use registry::Snapshot;
use serde_json::json;

use super::report::Report;
use super::{Desk, Work};
use crate::commands::evaluate::dating;
use crate::commands::files;
use crate::exit::Failure;

/// What of one file concerns the city.
struct Taken {
    records: usize,
    times: usize,
    rows: Vec<NewRow>,
    unknown: BTreeMap<String, usize>,
    problems: Vec<Problem>,
}

pub(super) async fn air(work: Work, desk: &Desk) -> Result<Report, Failure> {
    import(work, desk, |_, bytes, city| {
        let mut feed = air_feed::read(bytes);
        let placed = air_feed::place(&feed, city);
        feed.problems.extend(placed.problems);
        Taken {
            records: feed.records.len(),
            times: feed.by_hour().len(),
            rows: placed.rows,
            unknown: placed.unknown,
            problems: feed.problems,
        }
    })
    .await
}

pub(super) async fn water(work: Work, year: Option<i16>, desk: &Desk) -> Result<Report, Failure> {
    import(work, desk, |file, bytes, city| {
        let feed = water_feed::read(bytes, dating(file, year));
        let placed = water_feed::place(&feed, city);
        Taken {
            records: feed.records.len(),
            times: feed.by_time().len(),
            rows: placed.rows,
            unknown: placed.unknown,
            problems: feed.problems,
        }
    })
    .await
}

async fn import(
    work: Work,
    desk: &Desk,
    take: impl Fn(&Path, &[u8], &Snapshot) -> Taken,
) -> Result<Report, Failure> {
    let mut report = Report::default();
    for input in work.inputs {
        let name = &input.name;
        let plain = files::unpacked(input.bytes.clone(), name)?;
        let taken = take(name, &plain, &desk.registry.snapshot());
        drop(plain);
        report.problems(name, &taken.problems, work.as_json);
        report.found |= taken.problems.iter().any(|problem| problem.weight > Weight::Note);
        let placed = taken.rows.len();
        let counts = desk.record(name, input.bytes, taken.rows).await?;
        let elsewhere: usize = taken.unknown.values().sum();
        let line = if work.as_json {
            json!({
                "file": name.display().to_string(),
                "records": taken.records,
                "times": taken.times,
                "rows": counts.to_json(),
                "unknown": taken.unknown,
            })
            .to_string()
        } else {
            format!(
                "{}: {} records of {} times; {placed} of this city: {counts}; {elsewhere} of {} \
                 places that the city does not know",
                name.display(),
                taken.records,
                taken.times,
                taken.unknown.len()
            )
        };
        report.lines.push(line);
    }
    Ok(report)
}
