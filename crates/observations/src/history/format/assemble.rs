//! Putting rows together from the lines of both files.

use super::columns::{Numbers, moments, whole, worded};
use super::directory::Series;
use crate::model::{FactorValue, Row, Source};
use arrow_array::RecordBatch;
use jiff::Timestamp;
use registry::{FactorId, PointId};
use rulebook::Period;

/// The rows without their numbers, one empty value for each factor; `None` when a line is damaged.
pub(super) fn skeletons(
    period: Period,
    point: PointId,
    batches: &[RecordBatch],
) -> Option<Vec<Row>> {
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let observed_at = moments(batch, "observed_at")?;
        let received_at = moments(batch, "received_at")?;
        let block = whole(batch, "block")?;
        let index = whole(batch, "block_index")?;
        let version = whole(batch, "version")?;
        let (factors, orders) = worded(batch, "factors")?;
        let orders: Option<Vec<Vec<FactorValue>>> =
            orders.iter().map(|text| empty_values(text?)).collect();
        let orders = orders?;
        for line in 0..batch.num_rows() {
            let order = usize::try_from(factors.keys().value(line)).ok()?;
            rows.push(Row {
                point,
                period,
                observed_at: Timestamp::from_millisecond(observed_at[line]).ok()?,
                received_at: Timestamp::from_millisecond(received_at[line]).ok()?,
                source: Source {
                    block: block.value(line),
                    index: u32::try_from(index.value(line)).ok()?,
                },
                version: u32::try_from(version.value(line)).ok()?,
                values: orders.get(order)?.clone(),
            });
        }
    }
    Some(rows)
}

fn empty_values(text: &str) -> Option<Vec<FactorValue>> {
    let numbers = text.split(' ').filter(|number| !number.is_empty());
    numbers.map(|number| Some(FactorValue::empty(FactorId(number.parse().ok()?)))).collect()
}

/// Puts the numbers of series, each with so many lines of `batches`, into the rows, which are in
/// the order of time; `None` when a line belongs to no row or a row lacks a line.
pub(super) fn assemble<'series>(
    rows: &mut [Row],
    series: impl Iterator<Item = (&'series Series, u64)>,
    batches: &[RecordBatch],
) -> Option<()> {
    let mut owed: usize = rows.iter().map(|row| row.values.len()).sum();
    let mut batches = batches.iter();
    let mut open: Option<(Numbers<'_>, &[i64])> = None;
    let mut line = 0_usize;
    for (one, count) in series {
        let (mut row, mut place) = (0_usize, 0_usize);
        for _ in 0..count {
            while open.as_ref().is_none_or(|(_, times)| line >= times.len()) {
                let batch = batches.next()?;
                open = Some((Numbers::of(batch)?, moments(batch, "observed_at")?));
                line = 0;
            }
            let (numbers, times) = open.as_ref()?;
            while rows.get(row)?.observed_at.as_millisecond() < times[line] {
                row += 1;
                // A row usually has its factors in the order of the one before it.
                place = place_of(rows.get(row)?, one.factor, place.saturating_sub(1));
            }
            let into = rows.get_mut(row)?;
            if into.observed_at.as_millisecond() != times[line] {
                return None;
            }
            if into.values.get(place).is_none_or(|value| value.factor != one.factor) {
                place += into.values.get(place..)?.iter().position(|v| v.factor == one.factor)?;
            }
            into.values[place] = numbers.factor_value(line, one.factor, one.scale)?;
            place += 1;
            line += 1;
            owed = owed.checked_sub(1)?;
        }
    }
    (owed == 0).then_some(())
}

/// Where a row has a factor for the first time; `likely` where it probably is.
fn place_of(row: &Row, factor: FactorId, likely: usize) -> usize {
    let is_there = row.values.get(likely).is_some_and(|value| value.factor == factor);
    if is_there && row.values[..likely].iter().all(|value| value.factor != factor) {
        return likely;
    }
    0
}
