//! The SQL of marks, decisions and records.

pub(crate) mod decisions;
pub(crate) mod marks;
pub(crate) mod records;

use crate::error::ValidityError;
use jiff::Timestamp;
use registry::FactorId;

/// All of the outlet.
const NONE: i64 = -1;

fn wrong(what: &'static str, found: impl ToString) -> ValidityError {
    ValidityError::Content { what, found: found.to_string() }
}

fn instant(milliseconds: i64) -> Result<Timestamp, ValidityError> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| wrong("time", milliseconds))
}

fn factor_of(number: i64) -> Result<Option<FactorId>, ValidityError> {
    if number == NONE {
        return Ok(None);
    }
    u16::try_from(number).map(|id| Some(FactorId(id))).map_err(|_| wrong("factor", number))
}

fn number_of(factor: Option<FactorId>) -> i64 {
    factor.map_or(NONE, |factor| i64::from(factor.0))
}

/// A list of numbers for `IN`, never empty. Numbers only: nothing of a person gets into the text.
fn list_of(ids: impl Iterator<Item = i64>) -> String {
    let list: Vec<String> = ids.map(|id| id.to_string()).collect();
    if list.is_empty() { NONE.to_string() } else { list.join(", ") }
}

/// The digests, in hexadecimal digits, of all files that marks and decisions name as their proof.
///
/// # Errors
/// When the store cannot be read.
pub async fn kept_files(store: &::store::Store) -> Result<Vec<String>, ValidityError> {
    let sql = "SELECT evidence FROM validity_mark WHERE evidence IS NOT NULL \
        UNION SELECT evidence FROM validity_decision WHERE evidence IS NOT NULL";
    Ok(sqlx::query_scalar(sql).fetch_all(store.reader()).await?)
}
