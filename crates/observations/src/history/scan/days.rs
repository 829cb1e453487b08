//! Daily means: of every series, for each day of Beijing.

use super::exact::{Exact, sum};
use super::question::Question;
use super::walk::{Lines, Tally, walk};
use crate::error::ObservationError;
use crate::history::tasks::broke_off;
use ::store::Store;
use jiff::Timestamp;
use jiff::civil::Date;
use registry::{FactorId, PointId};
use rulebook::{Decimal, beijing_offset};

const DAY_MS: i64 = 86_400_000;
/// Beijing is eight hours ahead.
const AHEAD_MS: i64 = 8 * 3_600_000;

/// The mean of a series over a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayMean {
    /// The point.
    pub point: PointId,
    /// The factor.
    pub factor: FactorId,
    /// The day, Beijing time.
    pub day: Date,
    /// How many values it is the mean of; whether they are enough is the standard's to say.
    pub count: u32,
    /// Their sum.
    pub sum: Decimal,
    /// Their mean, not rounded.
    pub mean: Decimal,
}

/// Answers with the mean of each day that has a value, by point, factor and day.
///
/// A value belongs to the day in which it begins.
///
/// # Errors
/// When the store or a file cannot be read.
pub async fn daily_means(
    store: &Store,
    question: &Question,
) -> Result<Vec<DayMean>, ObservationError> {
    let tallies = walk(store, question, Days::default).await?;
    let answer = tokio::task::spawn_blocking(move || answer(tallies)).await;
    answer.map_err(broke_off)
}

pub(super) fn answer(mut tallies: Vec<Days>) -> Vec<DayMean> {
    // Each tally lies in order: nearly all is sorted already.
    let mut all = Vec::with_capacity(tallies.iter().map(|tally| tally.entries.len()).sum());
    for tally in &mut tallies {
        all.append(&mut tally.entries);
    }
    all.sort_by_key(Entry::key);
    let mut merged: Vec<Entry> = Vec::with_capacity(all.len());
    for entry in all {
        match merged.last_mut() {
            Some(last) if last.key() == entry.key() => last.add(entry.count, entry.sum),
            _ => merged.push(entry),
        }
    }
    let mut named = (i64::MIN, Date::ZERO);
    let shown = merged.into_iter().filter_map(|entry| {
        if named.0 != entry.day {
            let noon = (entry.day * DAY_MS).saturating_add(DAY_MS / 2 - AHEAD_MS);
            let civil = beijing_offset().to_datetime(Timestamp::from_millisecond(noon).ok()?);
            named = (entry.day, civil.date());
        }
        let sum = entry.sum?.decimal()?;
        Some(DayMean {
            point: entry.point,
            factor: entry.factor,
            day: named.1,
            count: entry.count,
            sum,
            mean: sum / Decimal::from(entry.count),
        })
    });
    shown.collect()
}

#[derive(Clone, Copy)]
struct Entry {
    point: PointId,
    factor: FactorId,
    /// Days of Beijing since 1970.
    day: i64,
    count: u32,
    /// `None` when it has more digits than can be held.
    sum: Option<Exact>,
}

impl Entry {
    const fn key(&self) -> (PointId, FactorId, i64) {
        (self.point, self.factor, self.day)
    }

    fn add(&mut self, count: u32, sum: Option<Exact>) {
        self.count += count;
        self.sum = self.sum.zip(sum).and_then(|(held, more)| held.plus(more));
    }
}

#[derive(Default)]
pub(super) struct Days {
    entries: Vec<Entry>,
}

impl Days {
    fn add(&mut self, entry: Entry) {
        match self.entries.last_mut() {
            Some(last) if last.key() == entry.key() => last.add(entry.count, entry.sum),
            _ => self.entries.push(entry),
        }
    }
}

const fn day_of(at_ms: i64) -> i64 {
    at_ms.saturating_add(AHEAD_MS).div_euclid(DAY_MS)
}

impl Tally for Days {
    const NEEDS_TIMES: bool = true;

    fn lines(&mut self, lines: &Lines<'_>) {
        let (mut times, mut digits) = (lines.times, lines.digits);
        while let Some(first) = times.first() {
            let day = day_of(*first);
            let ends = (day + 1).saturating_mul(DAY_MS).saturating_sub(AHEAD_MS);
            let until = times.partition_point(|time| *time < ends);
            self.add(Entry {
                point: lines.point,
                factor: lines.factor,
                day,
                count: until as u32,
                sum: Some(Exact::new(sum(&digits[..until]), lines.scale)),
            });
            times = &times[until..];
            digits = &digits[until..];
        }
    }

    fn one(&mut self, point: PointId, factor: FactorId, at_ms: i64, number: Decimal) {
        let sum = Some(Exact::of(number));
        self.add(Entry { point, factor, day: day_of(at_ms), count: 1, sum });
    }
}
