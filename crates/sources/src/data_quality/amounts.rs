//! Amounts discharged against permitted (排放量与许可排放量): how much of the year's amount is used,
//! and on which day it will be used up if things go on as they went. Pure, in decimals.
//!
//! The forecast is the mean of the last days with its range: the window is cut into parts, and the
//! largest and the smallest mean of a part give the earliest and the latest day.

use jiff::civil::{Date, date};
use jiff::{Span, Unit};
use rulebook::{Decimal, Table};
use std::collections::BTreeMap;
use std::sync::LazyLock;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::load("sources/forecast", include_str!("forecast.csv"), &["name"])
        .expect("the table shipped with this crate is sound")
});

/// Kilograms in a tonne.
const KG_PER_TONNE: Decimal = Decimal::ONE_THOUSAND;

/// What was discharged on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayAmount {
    /// All of it, in kg.
    pub kilograms: Decimal,
    /// The part that stands in for missing data (替代), in kg.
    pub substituted: Decimal,
}

/// Amounts by day.
pub type Days = BTreeMap<Date, DayAmount>;

/// How the window of a forecast is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habit {
    /// The last days that are looked at.
    pub days: i64,
    /// Parts of the window.
    pub parts: i64,
    /// Days with an amount from which a forecast is made.
    pub days_at_least: usize,
}

impl Habit {
    /// What the table says for a day.
    pub fn on(day: Date) -> Self {
        let number = |name: &str, usual: i64| {
            let row = TABLE.in_force(day).find(|row| TABLE.cell(row, "name") == name);
            row.and_then(|row| TABLE.cell(row, "value").parse().ok()).unwrap_or(usual)
        };
        Self {
            days: number("window.days", 90).max(1),
            parts: number("window.parts", 3).max(1),
            days_at_least: usize::try_from(number("window.days_at_least", 30)).unwrap_or(30),
        }
    }
}

/// The year of one pollutant of an enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The year.
    pub year: i16,
    /// Discharged since its first day, in kg.
    pub used: Decimal,
    /// The part that stands in for missing data, in kg.
    pub substituted: Decimal,
    /// Permitted in the year, in kg; `None`: no amount is known.
    pub permitted: Option<Decimal>,
    /// When it will be used up.
    pub forecast: Forecast,
}

/// When the permitted amount will be used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// Nobody has entered a permitted amount.
    NoAmount,
    /// It was used up on this day.
    UsedUp(Date),
    /// Too few days of the window have an amount.
    TooFewDays {
        /// How many have.
        days: usize,
        /// How many are needed.
        needed: usize,
    },
    /// If things go on as in the window.
    GoesOn(Outlook),
}

/// What comes if things go on as they went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The mean of the window [kg/d].
    pub mean: Decimal,
    /// The smallest mean of a part [kg/d].
    pub low: Decimal,
    /// The largest mean of a part [kg/d].
    pub high: Decimal,
    /// The day on which it is used up by the mean; `None`: not within the year.
    pub day: Option<Date>,
    /// The same by the largest mean.
    pub earliest: Option<Date>,
    /// The same by the smallest mean.
    pub latest: Option<Date>,
    /// What the year will come to by the mean, in kg.
    pub at_year_end: Decimal,
}

impl Progress {
    /// The year of `today` from what was discharged day by day.
    pub fn of(days: &Days, permitted_tonnes: Option<Decimal>, today: Date, habit: Habit) -> Self {
        let year = today.year();
        let permitted = permitted_tonnes.map(|tonnes| tonnes * KG_PER_TONNE);
        let (mut used, mut substituted) = (Decimal::ZERO, Decimal::ZERO);
        let mut used_up = None;
        for (day, amount) in days.range(date(year, 1, 1)..=today) {
            used += amount.kilograms;
            substituted += amount.substituted;
            if used_up.is_none() && permitted.is_some_and(|permitted| used > permitted) {
                used_up = Some(*day);
            }
        }
        let forecast = match (permitted, used_up) {
            (None, _) => Forecast::NoAmount,
            (Some(_), Some(day)) => Forecast::UsedUp(day),
            (Some(permitted), None) => outlook(days, permitted - used, used, today, habit),
        };
        Self { year, used, substituted, permitted, forecast }
    }

    /// The share of the permitted amount that is used, in per cent.
    pub fn percent(&self) -> Option<Decimal> {
        let permitted = self.permitted.filter(|permitted| !permitted.is_zero())?;
        Some(self.used * Decimal::ONE_HUNDRED / permitted)
    }
}

/// What comes of the rest of the permitted amount.
fn outlook(days: &Days, rest: Decimal, used: Decimal, today: Date, habit: Habit) -> Forecast {
    let first = today.saturating_sub(Span::new().days(habit.days - 1));
    let within: Vec<(Date, Decimal)> =
        days.range(first..=today).map(|(day, amount)| (*day, amount.kilograms)).collect();
    if within.len() < habit.days_at_least.max(1) {
        return Forecast::TooFewDays { days: within.len(), needed: habit.days_at_least };
    }
    let mean_of = |from: i64, to: i64| {
        let amounts = within.iter().filter(|(day, _)| {
            let place = days_between(first, *day);
            (from..to).contains(&place)
        });
        let (count, sum) =
            amounts.fold((0_i64, Decimal::ZERO), |(n, sum), (_, kg)| (n + 1, sum + kg));
        (count > 0).then(|| sum / Decimal::from(count))
    };
    let mean = mean_of(0, habit.days).unwrap_or_default();
    let edge = |part: i64| habit.days * part / habit.parts;
    let parts = (0..habit.parts).filter_map(|part| mean_of(edge(part), edge(part + 1)));
    let (low, high) = parts.fold((mean, mean), |(low, high), part| (low.min(part), high.max(part)));
    let left = days_between(today, date(today.year(), 12, 31));
    Forecast::GoesOn(Outlook {
        mean,
        low,
        high,
        day: day_of(rest, mean, today, left),
        earliest: day_of(rest, high, today, left),
        latest: day_of(rest, low, today, left),
        at_year_end: used + mean * Decimal::from(left),
    })
}

/// The day on which `rest` is passed at so much a day; `None`: not within the days left.
fn day_of(rest: Decimal, a_day: Decimal, today: Date, left: i64) -> Option<Date> {
    if a_day <= Decimal::ZERO || a_day * Decimal::from(left) <= rest {
        return None;
    }
    // The whole days that the rest lasts; the day after is the one that passes it.
    let lasts = (rest / a_day).floor().to_string().parse::<i64>().ok()?;
    Some(today.saturating_add(Span::new().days(lasts.saturating_add(1).min(left))))
}

fn days_between(from: Date, to: Date) -> i64 {
    let span = to - from;
    span.total((Unit::Day, jiff::SpanRelativeTo::days_are_24_hours()))
        .map_or(0, |days| days.round() as i64)
}

/// A year's days up to today that have no amount.
pub(super) fn days_without(days: &Days, today: Date) -> i64 {
    let first = date(today.year(), 1, 1);
    let with = days.range(first..today).count();
    days_between(first, today) - i64::try_from(with).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HABIT: Habit = Habit { days: 90, parts: 3, days_at_least: 30 };

    fn days(from: Date, count: i64, kilograms: impl Fn(i64) -> i64) -> Days {
        (0..count)
            .map(|place| {
                let kilograms = Decimal::from(kilograms(place));
                let amount = DayAmount { kilograms, substituted: Decimal::ZERO };
                (from.saturating_add(Span::new().days(place)), amount)
            })
            .collect()
    }

    fn tonnes(count: i64) -> Decimal {
        Decimal::from(count)
    }

    #[test]
    fn an_even_year_is_used_up_on_the_day_that_arithmetic_says() {
        // 100 kg a day from 1 January; 25 t last 250 days; day 251 of the year passes them.
        let even = days(date(2026, 1, 1), 181, |_| 100);
        let today = date(2026, 6, 30);
        let progress = Progress::of(&even, Some(tonnes(25)), today, HABIT);
        assert_eq!(progress.used, Decimal::from(18_100));
        assert_eq!(progress.percent(), Some("72.4".parse().expect("a number")));
        let Forecast::GoesOn(outlook) = progress.forecast else { panic!("{progress:?}") };
        assert_eq!(outlook.day, Some(date(2026, 9, 8)));
        assert_eq!((outlook.earliest, outlook.latest), (outlook.day, outlook.day));
        assert_eq!(outlook.at_year_end, Decimal::from(36_500));
    }

    #[test]
    fn the_range_is_that_of_the_parts_of_the_window() {
        // 60, 90, 120 kg a day over thirty days each.
        let rising = days(date(2026, 4, 2), 90, |place| 60 + 30 * (place / 30));
        let today = date(2026, 6, 30);
        let Forecast::GoesOn(outlook) =
            Progress::of(&rising, Some(tonnes(20)), today, HABIT).forecast
        else {
            panic!("no outlook")
        };
        let numbers = [outlook.low, outlook.mean, outlook.high];
        assert_eq!(numbers, [60, 90, 120].map(Decimal::from));
        // 11,900 kg are left: 99, 132 and 198 whole days; 184 days are left in the year.
        assert_eq!(outlook.earliest, Some(date(2026, 10, 8)));
        assert_eq!(outlook.day, Some(date(2026, 11, 10)));
        assert_eq!(outlook.latest, None);
    }

    #[test]
    fn what_is_not_known_is_said() {
        let few = days(date(2026, 6, 2), 29, |_| 100);
        let today = date(2026, 6, 30);
        let forecast = |amount, days: &Days| Progress::of(days, amount, today, HABIT).forecast;
        assert_eq!(forecast(None, &few), Forecast::NoAmount);
        assert_eq!(forecast(Some(tonnes(9)), &few), Forecast::TooFewDays { days: 29, needed: 30 });
        assert_eq!(forecast(Some(tonnes(2)), &few), Forecast::UsedUp(date(2026, 6, 22)));
        let still = days(date(2026, 4, 1), 91, |_| 0);
        let Forecast::GoesOn(outlook) = forecast(Some(tonnes(1)), &still) else {
            panic!("no outlook")
        };
        assert_eq!((outlook.day, outlook.latest), (None, None));
        assert_eq!(days_without(&few, today), 152);
    }

    #[test]
    fn last_year_counts_for_the_mean_and_not_for_the_year() {
        let over_new_year = days(date(2025, 11, 1), 80, |_| 10);
        let progress = Progress::of(&over_new_year, Some(tonnes(4)), date(2026, 1, 19), HABIT);
        assert_eq!(progress.used, Decimal::from(190));
        let Forecast::GoesOn(outlook) = progress.forecast else { panic!("no outlook") };
        assert_eq!(outlook.mean, Decimal::from(10));
    }

    #[test]
    fn the_table_gives_the_habit() {
        assert_eq!(Habit::on(date(2026, 11, 29)), HABIT);
    }
}
