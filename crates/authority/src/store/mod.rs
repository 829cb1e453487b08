//! The SQL of people, their sessions and what they did.

pub(crate) mod audit;
pub(crate) mod organisations;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod users;

use crate::AuthorityError;
use jiff::Timestamp;

/// A stored time.
pub(crate) fn instant(milliseconds: i64) -> Result<Timestamp, AuthorityError> {
    Timestamp::from_millisecond(milliseconds)
        .map_err(|_| AuthorityError::Stored(format!("the time {milliseconds}")))
}

/// A time to be stored.
pub(crate) fn instant_or_none(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_millisecond)
}
