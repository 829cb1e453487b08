//! The national publication of automatic surface water stations
//! (国家地表水水质自动监测实时数据发布系统), as it is served and as crawls keep it.
//!
//! A cell shows a rounded value; the raw one stands in its tooltip, and the published class is
//! made from the raw one. `*` = not measured at this station, `--` = no value or taken out by the
//! publisher's filter of extremes (极值过滤). Times carry no year: it is taken from a column, the
//! file's name, or the caller.

mod dating;
mod fields;
mod record;
mod rows;

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use crate::files::{self, Problem, Weight, records};
pub use dating::Dating;
pub use record::{Indicator, Reading, ReadingState, WaterRecord};
pub use rows::{Placed, place};

/// What a publication held.
#[derive(Clone, Debug, Default)]
pub struct WaterFeed {
    /// The records, in the order of the file.
    pub records: Vec<WaterRecord>,
    /// What was wrong or remarkable.
    pub problems: Vec<Problem>,
}

/// Two records of one section and time that differ: the later one is the revision.
#[derive(Clone, Debug)]
pub struct Revision {
    /// What was published first.
    pub before: WaterRecord,
    /// What replaced it.
    pub after: WaterRecord,
}

impl WaterFeed {
    /// The records by time: one response may hold two.
    pub fn by_time(&self) -> BTreeMap<DateTime, Vec<&WaterRecord>> {
        let mut times: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for record in &self.records {
            if let Some(time) = record.measured_at {
                times.entry(time).or_default().push(record);
            }
        }
        times
    }

    /// Keeps the last record of each section and time; says what was revised. Records without a
    /// time are all kept.
    pub fn settle(self) -> (Self, Vec<Revision>) {
        let mut kept: Vec<WaterRecord> = Vec::with_capacity(self.records.len());
        let mut places: BTreeMap<(String, String, DateTime), usize> = BTreeMap::new();
        let mut revisions = Vec::new();
        for record in self.records {
            let Some(time) = record.measured_at else {
                kept.push(record);
                continue;
            };
            let key = (record.province.clone(), record.section.clone(), time);
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

/// Reads a publication in any of its forms; `dating` says to which year its times belong.
///
/// Never fails: what cannot be read is a [`Problem`].
pub fn read(bytes: &[u8], dating: Dating) -> WaterFeed {
    let text = files::text(bytes);
    let mut problems = Vec::new();
    let raw = records::read(&text, &fields::is_record, &mut problems);
    let mut records = Vec::with_capacity(raw.len());
    for record in &raw {
        records.extend(record::build(&fields::Fields::of(record), dating, &mut problems));
    }
    if raw.is_empty() && problems.iter().all(|problem| problem.weight < Weight::File) {
        problems.push(Problem::of_file(
            "feed.empty",
            "no record with a section and a time was found",
            "Give the publication as it was served (JSON with thead and tbody) or as CSV with \
             the columns 断面名称 and 监测时间.",
        ));
    }
    WaterFeed { records, problems }
}

#[cfg(test)]
mod tests;
