//! Parts of a file put together: days that two parts share are joined, and every day comes out
//! where a reader of the whole file would have ended it.

use std::collections::HashMap;

use super::hours::DayHours;
use super::part::Days;
use super::rules::{Judge, Judged, no_edition};
use crate::Settings;
use crate::problem::Problem;
use crate::rows::Part;
use crate::time::date;

/// Knows all stations and their open days.
pub(crate) struct Merger {
    judge: Judge,
    units: Vec<(String, String)>,
    known: HashMap<(String, String), u32>,
    open: Vec<Option<DayHours>>,
}

impl Merger {
    pub(super) fn new(settings: &Settings) -> Self {
        let judge = Judge::new(settings);
        Self { judge, units: Vec::new(), known: HashMap::new(), open: Vec::new() }
    }

    /// A station and its city.
    pub(crate) fn unit(&self, unit: u32) -> (&str, &str) {
        let (station, city) = &self.units[unit as usize];
        (station, city)
    }

    /// Takes the next part; the days that it ends, in the order of the rows that end them.
    pub(super) fn take(&mut self, part: Part<Days>) -> Result<Vec<Judged>, Problem> {
        let numbers: Vec<u32> = part.places.into_iter().map(|unit| self.number(unit)).collect();
        let renumbered = |mut day: DayHours| {
            day.unit = numbers[day.unit as usize];
            day
        };
        let mut judged = part.taken.between;
        for (_, day) in &mut judged {
            day.unit = numbers[day.unit as usize];
        }
        let mut ended: Vec<(u64, DayHours)> = Vec::new();
        for (head, tail) in part.taken.heads.into_iter().zip(part.taken.tails) {
            let Some((head, ended_by)) = head else { continue };
            let head = renumbered(head);
            let place = head.unit as usize;
            let head = self.joined(place, head, &mut ended)?;
            match (ended_by, tail) {
                (Some(row), tail) => {
                    ended.push((row, head));
                    self.open[place] = tail.map(renumbered);
                }
                (None, _) => self.open[place] = Some(head),
            }
        }
        for (row, day) in ended {
            judged.push((row, self.judged(&day)?));
        }
        judged.sort_unstable_by_key(|(row, _)| *row);
        Ok(judged.into_iter().map(|(_, day)| day).collect())
    }

    /// The open day of a station and the first of a part: one day, or the open one has ended.
    fn joined(
        &mut self,
        place: usize,
        head: DayHours,
        ended: &mut Vec<(u64, DayHours)>,
    ) -> Result<DayHours, Problem> {
        let station = &self.units[place].0;
        match self.open[place].take() {
            None => Ok(head),
            Some(mut open) if open.day == head.day => match open.join(&head) {
                Ok(()) => Ok(open),
                Err(hour) => Err(twice(station, head.day, hour as i32, head.first_row)),
            },
            Some(open) if open.day > head.day => {
                Err(goes_back(station, open.day, head.day, head.first_row))
            }
            Some(open) => {
                ended.push((head.first_row, open));
                Ok(head)
            }
        }
    }

    /// The days that are still open, in the order in which their stations came.
    pub(super) fn finish(&mut self) -> Result<Vec<Judged>, Problem> {
        let open: Vec<DayHours> = self.open.iter_mut().filter_map(Option::take).collect();
        open.iter().map(|day| self.judged(day)).collect()
    }

    fn judged(&mut self, day: &DayHours) -> Result<Judged, Problem> {
        self.judge.day(day).ok_or_else(|| no_edition("", day.day, 0, day.first_row))
    }

    fn number(&mut self, unit: (String, String)) -> u32 {
        if let Some(number) = self.known.get(&unit) {
            return *number;
        }
        let number = self.units.len() as u32;
        self.units.push(unit.clone());
        self.open.push(None);
        self.known.insert(unit, number);
        number
    }
}

fn named(day: i32) -> String {
    date(day).map_or_else(|| format!("day {day}"), |day| day.to_string())
}

/// The same hour of a station again.
pub(super) fn twice(station: &str, day: i32, hour: i32, row: u64) -> Problem {
    let what = format!("hour {} of {station} on {} is there twice", hour + 1, named(day));
    Problem::of_file("rows.twice", what, "Leave one of the rows out.").in_row(row)
}

/// A day of a station that has ended comes again.
pub(super) fn goes_back(station: &str, open: i32, day: i32, row: u64) -> Problem {
    let (open, day) = (named(open), named(day));
    let what = format!("{station} goes back from {open} to {day}");
    let cure = "Sort the rows by time, or by station and time.";
    Problem::of_file("rows.order", what, cure).in_row(row)
}
