//! Deduction of dust from the assessment of cities (受沙尘天气过程影响城市空气质量评价,
//! 环办监测〔2016〕120号).
//!
//! The body of the text was not obtained: `criteria.csv` is from memory and the criteria are
//! parameters. The national station decides which events are deducted; what is here finds
//! candidates and applies a decision. Raw values are always kept: the functions mark hours and
//! never change a value.

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use rulebook::{Citation, Confidence, Decimal, Explanation, Judged, NotComputable, Table, Text};

use crate::air::hj663_ambient_air_assessment::mean;

static CRITERIA: LazyLock<Table> = LazyLock::new(|| {
    Table::load("dust_deduction/criteria", include_str!("criteria.csv"), &["parameter"])
        .expect("the table shipped with this crate is sound")
});

/// When a dust event begins and ends. Public fields: the numbers are from memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criteria {
    /// Hours before, whose mean is the background.
    pub hours_before: usize,
    /// PM10 at least so many times the background.
    pub times_the_mean: Decimal,
    /// and above this, ug/m3.
    pub above: Decimal,
    /// Over when PM10 is at most so many percent above the background.
    pub end_within_percent: Decimal,
    /// Fewest hours that a day must keep.
    pub hours_of_a_day: u32,
}

impl Criteria {
    /// The criteria of the table.
    ///
    /// # Standard
    /// 环办监测〔2016〕120号, from memory: `criteria.csv`.
    ///
    /// # Example
    /// ```
    /// use standards::air::dust_deduction::Criteria;
    /// assert_eq!(Criteria::remembered().hours_before, 6);
    /// ```
    pub fn remembered() -> Self {
        let table: &'static Table = &CRITERIA;
        let number = |name: &str| {
            let row = table.rows().iter().find(|row| table.cell(row, "parameter") == name);
            row.and_then(|row| table.decimal(row, "value").ok().flatten())
                .expect("the table has every criterion")
        };
        let whole = |name: &str| u32::try_from(number(name)).expect("a small whole number");
        Self {
            hours_before: whole("hours_before") as usize,
            times_the_mean: number("times_the_mean"),
            above: number("above"),
            end_within_percent: number("end_within_percent"),
            hours_of_a_day: whole("hours_of_a_day"),
        }
    }
}

/// Returns the hours of each event in a series of a city's hourly PM10, as places in the series.
///
/// # Standard
/// 环办监测〔2016〕120号, as remembered.
///
/// # Formula
/// An event begins with an hour at least twice the mean of the six hours before and above
/// 150 ug/m3; it ends before the first hour that is at most 10 % above that mean.
///
/// # Units
/// ug/m3.
///
/// # Not computable
/// [`NotComputable::TooFew`] with fewer hours than the background needs.
///
/// # Note
/// From memory, low confidence. A missing hour neither begins nor ends an event; a background
/// needs at least half of its hours.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::air::dust_deduction::{Criteria, candidate_events};
/// let hours = [60, 60, 60, 60, 60, 60, 200, 300, 64].map(|hour| Some(Decimal::from(hour)));
/// let events = candidate_events(&hours, &Criteria::remembered()).unwrap().value;
/// assert_eq!(events, [6..=7]);
/// ```
pub fn candidate_events(
    hours: &[Option<Decimal>],
    criteria: &Criteria,
) -> Result<Judged<Vec<RangeInclusive<usize>>>, NotComputable> {
    let (counted, wanted) = (hours.len() as u32, criteria.hours_before as u32 + 1);
    if counted < wanted {
        let what = Text::fixed("小时", "hours");
        return Err(NotComputable::TooFew { what, counted, wanted });
    }
    let mut events: Vec<RangeInclusive<usize>> = Vec::new();
    let mut place = criteria.hours_before;
    while place < hours.len() {
        let Some(background) = beginning(hours, place, criteria) else {
            place += 1;
            continue;
        };
        let over = background * (Decimal::ONE + criteria.end_within_percent / Decimal::ONE_HUNDRED);
        let ends = |hour: &Option<Decimal>| hour.is_some_and(|value| value <= over);
        let length = hours[place..].iter().position(ends).unwrap_or(hours.len() - place);
        events.push(place..=place + length.max(1) - 1);
        place += length.max(1);
    }
    Ok(Judged {
        value: events,
        by: citation(),
        inputs: Vec::new(),
        rounding: Vec::new(),
        confidence: Confidence::Low,
    })
}

/// The background when an event begins at a place of the series.
fn beginning(hours: &[Option<Decimal>], place: usize, criteria: &Criteria) -> Option<Decimal> {
    let value = hours[place]?;
    let before = &hours[place.checked_sub(criteria.hours_before)?..place];
    let counted = before.iter().flatten().count();
    let background = mean(before.iter().flatten().copied()).ok()?;
    let begins = counted * 2 >= criteria.hours_before
        && value > criteria.above
        && value >= background.checked_mul(criteria.times_the_mean)?;
    begins.then_some(background)
}

/// Returns the daily mean of particles after deduction, from the hours that are left.
///
/// # Standard
/// 环办监测〔2016〕120号, as remembered.
///
/// # Formula
/// The mean of the hours that are valid and not deducted.
///
/// # Not computable
/// [`NotComputable::TooFew`] when fewer than 20 hours are left: the day drops out of the
/// statistics of particles, while its raw values stay.
///
/// # Note
/// In practice whole days of PM10 and PM2.5 were blanked on 205 of 211 deducted city-days seen.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::air::dust_deduction::{Criteria, daily_mean_after_deduction};
/// let mut hours = [Some(Decimal::from(50)); 24];
/// hours[..4].fill(Some(Decimal::from(900)));
/// let mut deducted = [false; 24];
/// deducted[..4].fill(true);
/// let mean = daily_mean_after_deduction(&hours, &deducted, &Criteria::remembered());
/// assert_eq!(mean, Ok(Decimal::from(50)));
/// ```
pub fn daily_mean_after_deduction(
    hours: &[Option<Decimal>; 24],
    deducted: &[bool; 24],
    criteria: &Criteria,
) -> Result<Decimal, NotComputable> {
    let left =
        || hours.iter().zip(deducted).filter(|(_, out)| !**out).filter_map(|(hour, _)| *hour);
    let (counted, wanted) = (left().count() as u32, criteria.hours_of_a_day);
    if counted < wanted {
        let what = Text::fixed("扣除沙尘后的有效小时", "hours left after deduction");
        return Err(NotComputable::TooFew { what, counted, wanted });
    }
    mean(left())
}

/// Explains the events found.
///
/// # Standard
/// As [`candidate_events`].
///
/// # Example
/// ```
/// use rulebook::{Decimal, Language};
/// use standards::air::dust_deduction::{Criteria, candidate_events, explain};
/// let hours = [60, 60, 60, 60, 60, 60, 200].map(|hour| Some(Decimal::from(hour)));
/// let found = candidate_events(&hours, &Criteria::remembered()).unwrap();
/// assert!(explain(&found).to_plain(Language::Chinese).starts_with("发现 1 次疑似沙尘过程"));
/// ```
pub fn explain(verdict: &Judged<Vec<RangeInclusive<usize>>>) -> Explanation {
    let count = verdict.value.len();
    let row =
        |event: &RangeInclusive<usize>| vec![Text::plain(event.start()), Text::plain(event.end())];
    Explanation {
        sentence: Text::new(
            format!("发现 {count} 次疑似沙尘过程，是否扣除由国家站决定"),
            format!("{count} dust events suspected; the national station decides on deduction"),
        ),
        columns: vec![
            Text::fixed("首小时序号", "first hour"),
            Text::fixed("末小时序号", "last hour"),
        ],
        rows: verdict.value.iter().map(row).collect(),
        notes: vec![verdict.confidence.text()],
    }
}

fn citation() -> Citation {
    let table: &'static Table = &CRITERIA;
    table.rows().first().map(rulebook::Row::citation).expect("the table has rows")
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&CRITERIA]
}
