//! What is kept of an outlet's judged month: counts and amounts by day, so that a page of a county
//! need not read every hour again. A summary names the record that it was made from.

use super::amounts::{DayAmount, Days};
use super::counts::Counts;
use jiff::Timestamp;
use jiff::civil::Date;
use registry::{FactorId, Medium, PointId};
use rulebook::{Decimal, Period, beijing_offset};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use validity::{Month, MonthRecord, PeriodState};

/// The way in which sums are made; a sum of another edition is made anew.
const EDITION: u32 = 1;

/// What a sum was made from: when any of it is another, it is made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Basis {
    /// The version of the record.
    version: u32,
    /// When the record was made.
    computed_at: Timestamp,
    /// The day on which the outlet first reported.
    first_day: Option<Date>,
    edition: u32,
}

impl Basis {
    /// What the sum of a record would be made from now.
    pub(super) const fn of(record: &MonthRecord, first_day: Option<Date>) -> Self {
        let (version, computed_at) = (record.version, record.computed_at);
        Self { version, computed_at, first_day, edition: EDITION }
    }

    /// A stored one.
    pub(super) const fn stored(version: u32, computed_at: Timestamp) -> Self {
        Self { version, computed_at, first_day: None, edition: 0 }
    }

    /// The version of the record.
    pub(super) const fn version(&self) -> u32 {
        self.version
    }

    /// When the record was made.
    pub(super) const fn computed_at(&self) -> Timestamp {
        self.computed_at
    }
}

/// What was discharged, by factor and day.
pub(super) type Amounts = BTreeMap<FactorId, Days>;

/// The sum of an outlet's month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Summary {
    /// The outlet.
    pub(super) point: PointId,
    /// The month.
    pub(super) month: Month,
    /// What it was made from.
    pub(super) basis: Basis,
    /// Its counts.
    pub(super) counts: Counts,
    /// Factors of which something was received.
    pub(super) received: BTreeSet<FactorId>,
    /// What was discharged, by factor and day.
    pub(super) amounts: Amounts,
}

impl Summary {
    /// The sum of a record of an outlet that began to report on a day.
    pub(super) fn of(record: &MonthRecord, first_day: Option<Date>) -> Self {
        Self {
            point: record.point,
            month: record.month,
            basis: Basis::of(record, first_day),
            counts: counts(record, first_day),
            received: received(record),
            amounts: amounts(record),
        }
    }
}

/// The counts of a record from the day on which the outlet first reported: before it was connected
/// nothing was due from it, and that it was not is told by the coverage.
pub(super) fn counts(record: &MonthRecord, first_day: Option<Date>) -> Counts {
    let Some(first_day) = first_day else { return Counts::default() };
    if first_day <= record.month.first_day() {
        return Counts::from(&validity::rates(&[record]));
    }
    let mut since = record.clone();
    since.periods.retain(|state| day_of(state) >= first_day);
    Counts::from(&validity::rates(&[&since]))
}

fn day_of(state: &PeriodState) -> Date {
    beijing_offset().to_datetime(state.start).date()
}

/// Factors that were received at all, the flow among them.
fn received(record: &MonthRecord) -> BTreeSet<FactorId> {
    let came = record.periods.iter().filter(|state| state.source.is_some());
    let mut factors: BTreeSet<FactorId> = came.map(|state| state.factor).collect();
    let has_flow = record.periods.iter().any(|state| state.flow.is_some());
    factors.extend(record.inputs.setup.flow.filter(|_| has_flow).map(|flow| flow.factor));
    factors
}

/// Hours of gas and days of water, summed by day.
fn amounts(record: &MonthRecord) -> Amounts {
    let counted = match record.inputs.setup.medium {
        Medium::Gas => Period::Hour,
        Medium::Water => Period::Day,
    };
    let mut all = Amounts::new();
    for state in record.periods.iter().filter(|state| state.period == counted) {
        let Some(kilograms) = state.amount_kg else { continue };
        let sum = all.entry(state.factor).or_default().entry(day_of(state)).or_default();
        sum.kilograms += kilograms;
        sum.substituted += state.substituted_kg.unwrap_or_default();
    }
    all
}

/// The counts as they are stored.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    edition: u32,
    first_day: Option<String>,
    counts: Counts,
    received: Vec<u16>,
}

/// The amounts of a factor as they are stored: day, kilograms, substituted kilograms.
type StoredFactor = (u16, Vec<(String, String, String)>);

impl Summary {
    /// Its counts as text.
    pub(super) fn counts_to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Stored {
            edition: self.basis.edition,
            first_day: self.basis.first_day.map(|day| day.to_string()),
            counts: self.counts,
            received: self.received.iter().map(|factor| factor.0).collect(),
        })
    }

    /// Its amounts as text.
    pub(super) fn amounts_to_text(&self) -> Result<String, serde_json::Error> {
        let day = |(day, amount): (&Date, &DayAmount)| {
            (day.to_string(), amount.kilograms.to_string(), amount.substituted.to_string())
        };
        let factors = self.amounts.iter();
        let of = |(factor, days): (&FactorId, &Days)| (factor.0, days.iter().map(day).collect());
        let all: Vec<StoredFactor> = factors.map(of).collect();
        serde_json::to_string(&all)
    }

    /// A summary from its key and its counts, without amounts; `None` when the text is not of the
    /// form written.
    pub(super) fn from_text(
        (point, month): (PointId, Month),
        mut basis: Basis,
        text: &str,
    ) -> Option<Self> {
        let stored: Stored = serde_json::from_str(text).ok()?;
        basis.edition = stored.edition;
        basis.first_day = match stored.first_day {
            Some(day) => Some(day.parse().ok()?),
            None => None,
        };
        let received = stored.received.into_iter().map(FactorId).collect();
        let amounts = Amounts::new();
        Some(Self { point, month, basis, counts: stored.counts, received, amounts })
    }
}

/// Amounts from their text; `None` when it is not of the form written.
pub(super) fn amounts_from_text(text: &str) -> Option<Amounts> {
    let stored: Vec<StoredFactor> = serde_json::from_str(text).ok()?;
    let mut amounts = Amounts::new();
    for (factor, days) in stored {
        let all = amounts.entry(FactorId(factor)).or_default();
        for (day, kilograms, substituted) in days {
            let kilograms: Decimal = kilograms.parse().ok()?;
            let substituted: Decimal = substituted.parse().ok()?;
            all.insert(day.parse().ok()?, DayAmount { kilograms, substituted });
        }
    }
    Some(amounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let day = "2026-10-03".parse().expect("a day");
        let amount = DayAmount {
            kilograms: "12.3450".parse().expect("a number"),
            substituted: "0.1".parse().expect("a number"),
        };
        let at = Timestamp::from_second(1_790_000_000).expect("a time");
        let summary = Summary {
            point: PointId(7),
            month: Month::new(2026, 10).expect("a month"),
            basis: Basis { version: 3, computed_at: at, first_day: Some(day), edition: EDITION },
            counts: Counts { due: 720, received: 700, ..Counts::default() },
            received: [FactorId(2), FactorId(9)].into(),
            amounts: [(FactorId(2), [(day, amount)].into())].into(),
        };
        let text = summary.counts_to_text().expect("it is written");
        let key = (summary.point, summary.month);
        let back = Summary::from_text(key, Basis::stored(3, at), &text).expect("it is read");
        let amounts = summary.amounts_to_text().expect("it is written");
        let amounts = amounts_from_text(&amounts).expect("it is read");
        assert_eq!(Summary { amounts, ..back }, summary);
        assert_eq!(Summary::from_text(key, Basis::stored(3, at), "{}"), None);
        assert_eq!(amounts_from_text("[[1,[[\"today\",\"1\",\"0\"]]]]"), None);
    }
}
