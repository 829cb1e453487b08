//! What is counted of an outlet's month, and the rates that follow (传输有效率). Counts add up:
//! those of a county are the sum of its outlets, and a rate is made of sums, never a mean of rates.

use rulebook::Decimal;
use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::AddAssign;
use validity::Rates;

/// What is counted over sets of data (数据组): one factor of one due period each, an hour of gas, a
/// day of water.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Sets due, without approved stops (应传).
    pub due: i64,
    /// Sets received (实传).
    pub received: i64,
    /// Sets that count (有效).
    pub valid: i64,
    /// Sets in which the source stood still (停运).
    pub stopped: i64,
    /// Sets that the enterprise has marked (标记).
    pub marked: i64,
    /// Marked sets whose value lies over the limit.
    pub marked_during_exceedance: i64,
    /// Hours over the limit that count (超标小时).
    pub exceedance_hours: i64,
    /// Days over the limit that count (超标日).
    pub exceedance_days: i64,
    /// Sets over the limit that are exempted (豁免).
    pub exempted: i64,
    /// Stretches without data and without a mark (未标记缺失).
    pub unmarked_gaps: i64,
    /// The hours or days in those stretches.
    pub unmarked_gap_periods: i64,
}

impl From<&Rates> for Counts {
    fn from(rates: &Rates) -> Self {
        Self {
            due: rates.due.into(),
            received: rates.received.into(),
            valid: rates.valid.into(),
            stopped: rates.stopped.into(),
            marked: rates.marked.into(),
            marked_during_exceedance: rates.marked_during_exceedance.into(),
            exceedance_hours: rates.exceedance_hours.into(),
            exceedance_days: rates.exceedance_days.into(),
            exempted: rates.exempted.into(),
            unmarked_gaps: rates.unmarked_gaps.into(),
            unmarked_gap_periods: rates.unmarked_gap_periods.into(),
        }
    }
}

impl Counts {
    /// Received of due, in per cent (传输率).
    pub fn transmission_rate(&self) -> Option<Decimal> {
        percent(self.received.min(self.due), self.due)
    }

    /// Valid of received, in per cent (数据有效率).
    pub fn validity_rate(&self) -> Option<Decimal> {
        percent(self.valid, self.received)
    }

    /// The product of both, in per cent (传输有效率).
    pub fn effective_rate(&self) -> Option<Decimal> {
        let transmission = self.transmission_rate()?;
        // Nothing received: nothing of what was due is valid.
        let validity = self.validity_rate().unwrap_or_default();
        Some(transmission * validity / Decimal::ONE_HUNDRED)
    }

    /// Marked of due, in per cent.
    pub fn marked_share(&self) -> Option<Decimal> {
        percent(self.marked, self.due)
    }

    /// Of all sets whose value lies over the limit, those that are marked, in per cent.
    pub fn marked_exceedance_share(&self) -> Option<Decimal> {
        let counted = self.exceedance_hours + self.exceedance_days;
        let over = counted + self.marked_during_exceedance;
        percent(self.marked_during_exceedance, over)
    }
}

/// A share in per cent; `None` of nothing.
pub(super) fn percent(part: i64, whole: i64) -> Option<Decimal> {
    (whole > 0).then(|| Decimal::from(part) * Decimal::ONE_HUNDRED / Decimal::from(whole))
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.due += other.due;
        self.received += other.received;
        self.valid += other.valid;
        self.stopped += other.stopped;
        self.marked += other.marked;
        self.marked_during_exceedance += other.marked_during_exceedance;
        self.exceedance_hours += other.exceedance_hours;
        self.exceedance_days += other.exceedance_days;
        self.exempted += other.exempted;
        self.unmarked_gaps += other.unmarked_gaps;
        self.unmarked_gap_periods += other.unmarked_gap_periods;
    }
}

impl Sum for Counts {
    fn sum<All: Iterator<Item = Self>>(all: All) -> Self {
        all.fold(Self::default(), |mut sum, one| {
            sum += one;
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_made_of_sums() {
        let large = Counts { due: 900, received: 900, valid: 810, ..Counts::default() };
        let small = Counts { due: 100, received: 50, valid: 40, ..Counts::default() };
        let both: Counts = [large, small].into_iter().sum();
        let of = |text: &str| Some(text.parse::<Decimal>().expect("a number"));
        assert_eq!(both.transmission_rate(), of("95"));
        assert_eq!(both.effective_rate().map(|rate| rate.round_dp(6)), of("85"));
        assert_eq!(small.effective_rate(), of("40"));
    }

    #[test]
    fn silence_is_nothing_of_what_was_due_and_no_duty_has_no_rate() {
        let silent = Counts { due: 720, ..Counts::default() };
        assert_eq!(silent.effective_rate(), Some(Decimal::ZERO));
        assert_eq!(silent.validity_rate(), None);
        assert_eq!(Counts::default().effective_rate(), None);
    }

    #[test]
    fn marks_over_the_limit_are_shown_beside_the_rate() {
        let marked = Counts {
            due: 720,
            received: 720,
            valid: 700,
            marked: 20,
            marked_during_exceedance: 15,
            exceedance_hours: 5,
            ..Counts::default()
        };
        let of = |text: &str| Some(text.parse::<Decimal>().expect("a number"));
        assert_eq!(marked.marked_exceedance_share(), of("75"));
        assert_eq!(marked.marked_share().map(|share| share.round_dp(4)), of("2.7778"));
    }
}
