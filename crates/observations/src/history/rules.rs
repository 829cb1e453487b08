//! What moves when, what is forgotten when, and how a move tells how far it is.

use super::{Forgotten, Month};
use ::store::Transaction;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use rulebook::Period;

/// When rows move into the history, and when they are forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Whether the server moves closed months by itself.
    pub moves: bool,
    /// A month moves so many days after its end, by [`Period::code`].
    pub keep_days: [u32; Period::ALL.len()],
    /// So many whole months before the present one are kept; `None`: all, for ever.
    pub forget_months: [Option<u32>; Period::ALL.len()],
}

impl Default for Rules {
    fn default() -> Self {
        Self { moves: true, keep_days: [8, 40, 400, 800], forget_months: [None; 4] }
    }
}

impl Rules {
    /// Whether a month is due to move.
    pub fn is_closed(&self, period: Period, month: Month, now: Timestamp) -> bool {
        let days = i64::from(self.keep_days[period.code() as usize]);
        let due = month.ends().checked_add(SignedDuration::from_hours(24 * days));
        due.is_ok_and(|due| due <= now)
    }

    /// How many months a period is kept, if not for ever.
    pub const fn forget_months(&self, period: Period) -> Option<u32> {
        self.forget_months[period.code() as usize]
    }
}

/// How far a move has come. Between any two of these the process may end, and nothing is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The move is noted.
    Begun {
        /// The period of the rows.
        period: Period,
        /// Their month.
        month: Month,
    },
    /// The rows of a point are taken up.
    Read {
        /// The period of the rows.
        period: Period,
        /// Their month.
        month: Month,
        /// Points done before this one.
        done: usize,
        /// Points in the month.
        total: usize,
    },
    /// A file is on the disk.
    Put {
        /// The period of the rows.
        period: Period,
        /// Their month.
        month: Month,
    },
    /// All files are on the disk and read back.
    Written {
        /// The period of the rows.
        period: Period,
        /// Their month.
        month: Month,
    },
    /// The files are the history now.
    Current {
        /// The period of the rows.
        period: Period,
        /// Their month.
        month: Month,
    },
    /// Some rows are deleted from the recent ones.
    Cleared {
        /// The period of the rows.
        period: Period,
        /// Their month.
        month: Month,
        /// How many so far.
        rows: u64,
    },
    /// The move has ended.
    Done {
        /// The period of the rows.
        period: Period,
        /// Their month.
        month: Month,
    },
}

/// Writes down, in the transaction that forgets a month, that it is forgotten: neither stands
/// without the other.
pub type Witness<'witness> = &'witness (
              dyn for<'t> Fn(&'t mut Transaction, Forgotten) -> BoxFuture<'t, std::io::Result<()>>
                  + Send
                  + Sync
          );

/// Whoever is told of steps.
pub type Steps<'listener> = &'listener (dyn Fn(Step) + Send + Sync);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_closed_some_days_after_its_end() {
        let rules = Rules::default();
        let month = Month::from_code(202_610).expect("a month");
        let closes = "2026-11-08T16:00:00Z".parse().expect("a time");
        assert!(rules.is_closed(Period::RealTime, month, closes));
        let before = closes.checked_sub(SignedDuration::from_secs(1)).expect("a time");
        assert!(!rules.is_closed(Period::RealTime, month, before));
        assert!(!rules.is_closed(Period::Minute, month, closes));
        assert_eq!(rules.forget_months(Period::Minute), None);
    }
}
