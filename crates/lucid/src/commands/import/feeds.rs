//! `lucid import air-feed` and `water-feed`: the national publications.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::observations::NewRow;
use ingest::files::{Problem, Weight};
use ingest::{air_feed, water_feed};
use registry::Snapshot;
use serde_json::json;

use super::Desk;
use crate::arguments::Common;
use crate::commands::evaluate::dating;
use crate::commands::files;
use crate::exit::{Exit, Outcome};
use crate::opened;
use crate::terminal::say;

/// What of one file concerns the city.
struct Taken {
    records: usize,
    times: usize,
    rows: Vec<NewRow>,
    unknown: BTreeMap<String, usize>,
    problems: Vec<Problem>,
}

pub(super) fn air(inputs: &[PathBuf], common: &Common) -> Outcome {
    import(inputs, common, |_, bytes, city| {
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
}

pub(super) fn water(inputs: &[PathBuf], year: Option<i16>, common: &Common) -> Outcome {
    import(inputs, common, |file, bytes, city| {
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
}

fn import(
    inputs: &[PathBuf],
    common: &Common,
    take: impl Fn(&Path, &[u8], &Snapshot) -> Taken,
) -> Outcome {
    let mut exit = Exit::Ok;
    opened::block_on(async {
        let desk = Desk::open(common).await?;
        for input in inputs {
            let bytes = files::read(Some(input))?;
            let taken = take(input, &bytes, &desk.registry.snapshot());
            files::report(input, &taken.problems, common.json);
            if taken.problems.iter().any(|problem| problem.weight > Weight::Note) {
                exit = Exit::Found;
            }
            let placed = taken.rows.len();
            let counts = desk.record(input, bytes, taken.rows).await?;
            let elsewhere: usize = taken.unknown.values().sum();
            if common.json {
                say!(
                    "{}",
                    json!({
                        "file": input.display().to_string(),
                        "records": taken.records,
                        "times": taken.times,
                        "rows": counts.to_json(),
                        "unknown": taken.unknown,
                    })
                );
                continue;
            }
            say!(
                "{}: {} records of {} times; {placed} of this city: {counts}; {elsewhere} of {} \
                 places that the city does not know",
                input.display(),
                taken.records,
                taken.times,
                taken.unknown.len()
            );
        }
        desk.close().await;
        Ok(exit)
    })?
}
