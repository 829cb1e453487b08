//! When a message that failed is tried again.

use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};

/// Seconds after each attempt; the last holds for all that follow.
const AFTER_S: [i64; 12] = [10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600];
/// The longest that another side may ask us to wait.
const ASKED_MAX: SignedDuration = SignedDuration::from_hours(6);

/// How long to wait after this attempt, counted from one. Messages that failed together come
/// back apart, by up to a fifth; the same message always waits the same.
pub(crate) fn delay(attempt: u32, key: &str) -> SignedDuration {
    let index = (attempt.max(1) as usize - 1).min(AFTER_S.len() - 1);
    let base = AFTER_S[index] * 1000;
    let mixed = Sha256::digest(format!("{key} {attempt}").as_bytes());
    let share = i64::from(u16::from_be_bytes([mixed[0], mixed[1]]));
    SignedDuration::from_millis(base + base * share / (5 * i64::from(u16::MAX)))
}

/// How long to wait when the other side has asked for something.
pub(crate) fn delay_asked(
    attempt: u32,
    key: &str,
    asked: Option<SignedDuration>,
) -> SignedDuration {
    delay(attempt, key).max(asked.unwrap_or_default().min(ASKED_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_wait_longer_each_time_up_to_six_hours() {
        for (attempt, seconds) in [(0, 10), (1, 10), (2, 30), (9, 3600), (12, 21_600), (99, 21_600)]
        {
            let found = delay(attempt, "a").as_secs();
            assert!((seconds..=seconds + seconds / 5).contains(&found), "{attempt}: {found}");
        }
        let asked = |seconds| delay_asked(1, "a", Some(SignedDuration::from_secs(seconds)));
        assert_eq!(asked(3), delay(1, "a"), "not sooner than the schedule");
        assert_eq!(asked(900).as_secs(), 900);
        assert_eq!(asked(i64::MAX), ASKED_MAX);
    }

    #[test]
    fn a_weekend_passes_before_a_message_is_given_up() {
        let attempts = crate::Settings::default().attempts_max;
        let waited: i64 = (1..attempts).map(|attempt| delay(attempt, "a").as_secs()).sum();
        assert!(waited > 62 * 3600, "{} h", waited / 3600);
    }

    proptest! {
        #[test]
        fn the_same_message_waits_the_same_and_never_less_than_before(
            key in ".{0,20}", attempt in 1_u32..40,
        ) {
            prop_assert_eq!(delay(attempt, &key), delay(attempt, &key));
            let (now, next) = (delay(attempt, &key), delay(attempt + 1, &key));
            prop_assert!(next >= now || attempt >= AFTER_S.len() as u32);
        }
    }
}
