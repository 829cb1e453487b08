//! The national publication of hourly air quality (全国城市空气质量实时发布), as it is served.
//!
//! JSON, XML and CSV carry the same fields. Values are kept as printed, and the two columns whose
//! names mislead are given their true meaning here, once: `o3` is the day's largest hour and
//! `o3_24h` is the ozone of this hour, as the published indices prove.

mod fields;
mod record;
mod rows;

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use crate::files::{self, Problem, Weight, records};
pub use record::{AirRecord, Concentrations, PublishedPosition};
pub use rows::{Placed, place};

/// What a publication held.
#[derive(Clone, Debug, Default)]
pub struct AirFeed {
    /// The records, in the order of the file.
    pub records: Vec<AirRecord>,
    /// What was wrong or remarkable.
    pub problems: Vec<Problem>,
}

/// Two records of one station and hour that differ: the later one is the revision.
#[derive(Clone, Debug)]
pub struct Revision {
    /// What was published first.
    pub before: AirRecord,
    /// What replaced it.
    pub after: AirRecord,
}

impl AirFeed {
    /// The records by hour: one response may hold two.
    pub fn by_hour(&self) -> BTreeMap<DateTime, Vec<&AirRecord>> {
        let mut hours: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for record in &self.records {
            hours.entry(record.published_at.civil).or_default().push(record);
        }
        hours
    }

    /// Keeps the last record of each station and hour; says what was repeated and what revised.
    pub fn settle(self) -> (Self, Vec<Revision>) {
        let mut kept: Vec<AirRecord> = Vec::with_capacity(self.records.len());
        let mut places: BTreeMap<(String, DateTime), usize> = BTreeMap::new();
        let mut revisions = Vec::new();
        for record in self.records {
            let key = (record.station.clone(), record.published_at.civil);
            let Some(place) = places.get(&key).copied() else {
                places.insert(key, kept.len());
                kept.push(record);
                continue;
            };
            if !record.says_the_same(&kept[place]) {
                let before = std::mem::replace(&mut kept[place], record.clone());
                revisions.push(Revision { before, after: record });
            }
        }
        (Self { records: kept, problems: self.problems }, revisions)
    }
}

/// Reads a publication in any of its forms, told apart by their first character.
///
/// Never fails: what cannot be read is a [`Problem`].
pub fn read(bytes: &[u8]) -> AirFeed {
    let text = files::text(bytes);
    let mut problems = Vec::new();
    let raw = records::read(&text, &fields::is_record, &mut problems);
    let mut records = Vec::with_capacity(raw.len());
    for record in &raw {
        records.extend(record::build(&fields::Fields::of(record), &mut problems));
    }
    let nothing_said = problems.iter().all(|problem| problem.weight < Weight::File);
    if raw.is_empty() && nothing_said {
        problems.push(Problem::of_file(
            "feed.empty",
            "no record with a station code and a time was found",
            "Give the publication as it was served: JSON, XML or CSV with the fields \
             StationCode and TimePoint.",
        ));
    }
    AirFeed { records, problems }
}

#[cfg(test)]
mod tests;
