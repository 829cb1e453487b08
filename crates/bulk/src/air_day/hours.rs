//! The hours of a station and day, and what follows from them: the rules of
//! `standards::air::hj663_ambient_air_assessment`, in integers. A property test holds both
//! together.

use crate::method::DayDecimals;
use crate::micro::{self, MISSING, ONE};

/// The numbers by which a day is judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DayRules {
    pub(crate) hours_of_a_day: u32,
    pub(crate) hours_of_8: u32,
    pub(crate) windows_of_a_day: u32,
    pub(crate) first_window: u32,
    /// The daily limit of ozone in millionths of a microgram.
    pub(crate) ozone_limit: i64,
}

/// Hours of one station and day, as far as they were read.
#[derive(Clone, Debug)]
pub(crate) struct DayHours {
    /// The station, by its number in the run.
    pub(crate) unit: u32,
    pub(crate) day: i32,
    /// The row of its first hour.
    pub(crate) first_row: u64,
    /// Which hours were read, a bit each.
    seen: u32,
    sums: [i64; 5],
    counts: [u8; 5],
    ozone: [i64; 24],
}

/// What a day amounts to: values in millionths, in the order of `Pollutant::ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StationDay {
    pub(crate) values: [i64; 6],
    pub(crate) hours: [u8; 6],
}

impl DayHours {
    pub(crate) fn new(unit: u32, day: i32, first_row: u64) -> Self {
        let (sums, counts, ozone) = ([0; 5], [0; 5], [MISSING; 24]);
        Self { unit, day, first_row, seen: 0, sums, counts, ozone }
    }

    /// Adds an hour; false when it was there already.
    #[inline]
    pub(crate) fn add(&mut self, hour: u8, values: &[i64; 6]) -> bool {
        let bit = 1 << hour;
        if self.seen & bit != 0 {
            return false;
        }
        self.seen |= bit;
        for ((sum, count), value) in self.sums.iter_mut().zip(&mut self.counts).zip(values) {
            if *value != MISSING {
                *sum += value;
                *count += 1;
            }
        }
        self.ozone[usize::from(hour)] = values[5];
        true
    }

    /// Adds the hours of a later part of the same day; the hour that both have, if any.
    pub(crate) fn join(&mut self, later: &Self) -> Result<(), u32> {
        let both = self.seen & later.seen;
        if both != 0 {
            return Err(both.trailing_zeros());
        }
        self.seen |= later.seen;
        for place in 0..5 {
            self.sums[place] += later.sums[place];
            self.counts[place] += later.counts[place];
        }
        for (own, other) in self.ozone.iter_mut().zip(&later.ozone) {
            *own = (*own).max(*other);
        }
        Ok(())
    }

    /// The values of the day.
    pub(crate) fn judge(&self, rules: &DayRules, decimals: DayDecimals) -> StationDay {
        let mut day = StationDay { values: [MISSING; 6], hours: [0; 6] };
        for place in 0..5 {
            let count = self.counts[place];
            day.hours[place] = count;
            if u32::from(count) >= rules.hours_of_a_day {
                day.values[place] = micro::mean(self.sums[place], i64::from(count));
            }
        }
        day.hours[5] = self.ozone.iter().map(|hour| u8::from(*hour != MISSING)).sum();
        day.values[5] = self.ozone_maximum(rules);
        if decimals == DayDecimals::Printed {
            for (place, value) in day.values.iter_mut().enumerate() {
                let unit = if place == 4 { ONE / 10 } else { ONE };
                if *value != MISSING {
                    *value = micro::mean(*value, unit) * unit;
                }
            }
        }
        day
    }

    fn ozone_maximum(&self, rules: &DayRules) -> i64 {
        let (mut counted, mut largest) = (0, None::<(i64, i64)>);
        for label in rules.first_window.clamp(8, 24) as usize..=24 {
            let hours = &self.ozone[label - 8..label];
            let (mut sum, mut count) = (0_i64, 0_i64);
            for hour in hours.iter().filter(|hour| **hour != MISSING) {
                sum += hour;
                count += 1;
            }
            if count < i64::from(rules.hours_of_8) {
                continue;
            }
            counted += 1;
            if largest.is_none_or(|(most, of)| sum * of > most * count) {
                largest = Some((sum, count));
            }
        }
        match largest {
            Some((sum, count))
                if counted >= rules.windows_of_a_day || sum > rules.ozone_limit * count =>
            {
                micro::mean(sum, count)
            }
            _ => MISSING,
        }
    }
}
