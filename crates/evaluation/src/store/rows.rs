//! Reading stored columns back into the types of the domain.

use crate::EvaluationError;
use jiff::Timestamp;
use observations::Source;
use registry::FactorId;
use rulebook::Decimal;
use sqlx::Row as _;
use sqlx::any::AnyRow;

pub(super) fn wrong(what: &'static str, found: impl ToString) -> EvaluationError {
    EvaluationError::Content { what, found: found.to_string() }
}

pub(super) fn time(seconds: i64) -> Result<Timestamp, EvaluationError> {
    Timestamp::from_second(seconds).map_err(|_| wrong("time", seconds))
}

pub(super) fn milliseconds(count: i64) -> Result<Timestamp, EvaluationError> {
    Timestamp::from_millisecond(count).map_err(|_| wrong("time", count))
}

pub(super) fn decimal(row: &AnyRow, column: &str) -> Result<Option<Decimal>, EvaluationError> {
    let text: Option<String> = row.try_get(column)?;
    text.map(|text| text.parse().map_err(|_| wrong("decimal", &text))).transpose()
}

pub(super) fn factor(row: &AnyRow) -> Result<Option<FactorId>, EvaluationError> {
    let number: i64 = row.try_get("factor")?;
    if number < 0 {
        return Ok(None);
    }
    u16::try_from(number).map(|id| Some(FactorId(id))).map_err(|_| wrong("factor", number))
}

pub(super) fn source(row: &AnyRow) -> Result<Source, EvaluationError> {
    let index: i64 = row.try_get("block_index")?;
    let index = u32::try_from(index).map_err(|_| wrong("packet", index))?;
    Ok(Source { block: row.try_get("block")?, index })
}

pub(super) fn json(row: &AnyRow, column: &str) -> Result<serde_json::Value, EvaluationError> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|_| wrong("JSON", &text))
}

pub(super) fn number_of(factor: Option<FactorId>) -> i64 {
    factor.map_or(crate::NO_FACTOR, |factor| i64::from(factor.0))
}
