//! The days of stations in a piece of a file; the first and the last day of each may go on in
//! another piece.

use super::hours::DayHours;
use super::merge::{goes_back, twice};
use super::rules::{Judge, Judged};
use crate::Settings;
use crate::rows::{Take, Wrong};
use crate::time::HourLabel;

/// Hours put together to days.
pub(super) struct Days {
    label: HourLabel,
    judge: Judge,
    /// Of each station: its first day here, and the row that ended it if one did.
    pub(super) heads: Vec<Option<(DayHours, Option<u64>)>>,
    /// Days between, judged, with the row that ended each.
    pub(super) between: Vec<(u64, Judged)>,
    /// Of each station with two days or more: its last.
    pub(super) tails: Vec<Option<DayHours>>,
}

impl Days {
    pub(super) fn new(settings: &Settings) -> Self {
        let (label, judge) = (settings.label, Judge::new(settings));
        Self { label, judge, heads: Vec::new(), between: Vec::new(), tails: Vec::new() }
    }
}

impl Take for Days {
    fn place(&mut self) {
        self.heads.push(None);
        self.tails.push(None);
    }

    #[inline]
    fn row(&mut self, row: u64, place: u32, seconds: i64, values: &[i64; 6]) -> Result<(), Wrong> {
        let (day, hour) = self.label.hour(seconds).ok_or(Wrong::Hour)?;
        let at = place as usize;
        let open = match (&mut self.tails[at], &mut self.heads[at]) {
            (Some(tail), _) => tail,
            (None, Some((head, _))) => head,
            (None, empty) => &mut empty.insert((DayHours::new(place, day, row), None)).0,
        };
        if open.day == day {
            return if open.add(hour, values) {
                Ok(())
            } else {
                Err(Wrong::Place(twice, day, i32::from(hour)))
            };
        }
        if open.day > day {
            return Err(Wrong::Place(goes_back, open.day, day));
        }
        let mut next = DayHours::new(place, day, row);
        next.add(hour, values);
        match self.tails[at].replace(next) {
            Some(ended) => {
                let judged = self.judge.day(&ended).ok_or(Wrong::Place(
                    super::rules::no_edition,
                    ended.day,
                    0,
                ))?;
                self.between.push((row, judged));
            }
            None => {
                if let Some((_, ended_by)) = &mut self.heads[at] {
                    *ended_by = Some(row);
                }
            }
        }
        Ok(())
    }
}
