//! What time it is for the program: the machine's time; in a demonstration that shows the city as
//! it will stand later, that much more.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Seconds by which a demonstration is ahead; zero everywhere else.
static AHEAD_S: AtomicI64 = AtomicI64::new(0);

const HOUR_S: i64 = 3600;
/// Nobody looks further ahead than ten years.
const HOURS_MOST: i64 = 24 * 3650;

/// How far ahead of the machine's time a demonstration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ahead {
    hours: i64,
}

impl std::str::FromStr for Ahead {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is no length of time: write days as 45d or hours as 36h, 3650d at most"
            )
        };
        let (number, hours_each) = match (text.strip_suffix('d'), text.strip_suffix('h')) {
            (Some(number), _) => (number, 24),
            (None, Some(number)) => (number, 1),
            (None, None) => return Err(wrong()),
        };
        let number: u32 = number.parse().map_err(|_| wrong())?;
        let hours = i64::from(number) * hours_each;
        if hours > HOURS_MOST { Err(wrong()) } else { Ok(Self { hours }) }
    }
}

/// From here on it is that much later. Only a demonstration does so, once, at its start.
pub(crate) fn move_ahead(ahead: Ahead) {
    AHEAD_S.store(ahead.hours * HOUR_S, Ordering::Relaxed);
}

/// Whether the clock has been moved.
pub(crate) fn is_moved() -> bool {
    AHEAD_S.load(Ordering::Relaxed) != 0
}

/// The time it is.
pub(crate) fn now() -> Timestamp {
    let ahead = SignedDuration::from_secs(AHEAD_S.load(Ordering::Relaxed));
    Timestamp::now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::Ahead;

    #[test]
    fn a_length_ahead_is_written_in_days_or_hours() {
        for (text, wanted) in [
            ("45d", Some(1080)),
            ("36h", Some(36)),
            ("0d", Some(0)),
            ("3650d", Some(87_600)),
            ("3651d", None),
            ("4294967295h", None),
            ("45", None),
            ("d", None),
            ("-1d", None),
            ("1.5d", None),
            ("1 d", None),
            ("1w", None),
            ("一d", None),
            ("", None),
        ] {
            let hours = text.parse::<Ahead>().ok().map(|ahead| ahead.hours);
            assert_eq!(hours, wanted, "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_with_how_to_write_it() {
        let problem = "soon".parse::<Ahead>().expect_err("no length");
        assert!(problem.contains("\"soon\"") && problem.contains("45d"), "{problem}");
    }
}
