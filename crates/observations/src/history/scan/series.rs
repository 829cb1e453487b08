//! One point over time, factor by factor: what a chart shows.

use crate::error::ObservationError;
use crate::history::format::{
    FormatError, Numbers, OpenPart, VALUES, lines_within, moments, seconds,
};
use crate::history::tasks::each;
use crate::model::FactorValue;
use crate::store;
use ::store::Store;
use jiff::Timestamp;
use registry::{FactorId, PointId};
use rulebook::Period;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// So often the manifest is read again when a file was replaced meanwhile.
const TRIES: usize = 3;

/// A factor of a point over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorSeries {
    /// The factor.
    pub factor: FactorId,
    /// When and what, oldest first.
    pub values: Vec<(Timestamp, FactorValue)>,
}

/// The values of some factors of a point, or of all, from the first time to before the last; of
/// the files only those factors are read. By the factors' numbers.
///
/// # Errors
/// When the store or a file cannot be read.
pub async fn factor_series(
    store: &Store,
    point: PointId,
    period: Period,
    factors: Option<&[FactorId]>,
    range: Range<Timestamp>,
) -> Result<Vec<FactorSeries>, ObservationError> {
    let mut tries = 1;
    loop {
        match once(store, point, period, factors, range.clone()).await {
            Err(ObservationError::History(problem)) if problem.is_missing() && tries < TRIES => {
                tries += 1;
            }
            done => return done,
        }
    }
}

async fn once(
    store: &Store,
    point: PointId,
    period: Period,
    factors: Option<&[FactorId]>,
    range: Range<Timestamp>,
) -> Result<Vec<FactorSeries>, ObservationError> {
    let (recent, _) = store::recent(store, point, period, range.clone()).await?;
    let parts = crate::history::parts(store, period, range.clone(), Some(&[point])).await?;
    let mut all = of_parts(&parts, point, factors, &range).await?;
    if !recent.is_empty() {
        let stands =
            |at: &Timestamp| recent.binary_search_by_key(at, |row| row.observed_at).is_ok();
        for values in all.values_mut() {
            values.retain(|(at, _)| !stands(at));
        }
        for row in &recent {
            let wanted = row
                .values
                .iter()
                .filter(|value| factors.is_none_or(|factors| factors.contains(&value.factor)));
            for value in wanted {
                all.entry(value.factor).or_default().push((row.observed_at, *value));
            }
        }
    }
    let sorted = |(factor, mut values): (FactorId, Vec<(Timestamp, FactorValue)>)| {
        values.sort_by_key(|(at, _)| *at);
        FactorSeries { factor, values }
    };
    Ok(all.into_iter().map(sorted).filter(|series| !series.values.is_empty()).collect())
}

pub(super) type ByFactor = BTreeMap<FactorId, Vec<(Timestamp, FactorValue)>>;

/// What files hold.
pub(super) async fn of_parts(
    parts: &[Arc<OpenPart>],
    point: PointId,
    factors: Option<&[FactorId]>,
    range: &Range<Timestamp>,
) -> Result<ByFactor, ObservationError> {
    let read = |part: Arc<OpenPart>| {
        let (factors, range) = (factors.map(<[FactorId]>::to_vec), range.clone());
        async move { Ok(of_part(&part, point, factors.as_deref(), &range).await?) }
    };
    let mut all = ByFactor::new();
    for found in each(parts.to_vec(), read).await? {
        for (factor, mut values) in found {
            all.entry(factor).or_default().append(&mut values);
        }
    }
    Ok(all)
}

async fn of_part(
    part: &OpenPart,
    point: PointId,
    factors: Option<&[FactorId]>,
    range: &Range<Timestamp>,
) -> Result<ByFactor, FormatError> {
    let file = &part.values;
    let wanted = part
        .series_of(point)
        .iter()
        .filter(|one| factors.is_none_or(|factors| factors.contains(&one.factor)));
    let (mut spans, mut of_spans) = (Vec::new(), Vec::new());
    for one in wanted {
        let span = lines_within(file, one, &seconds(range)).await?;
        if span.start < span.end {
            of_spans.push((*one, (span.end - span.start) as usize));
            spans.push(span);
        }
    }
    let mut all = ByFactor::new();
    if spans.is_empty() {
        return Ok(all);
    }
    let batches = file.read(&VALUES, &spans).await?;
    let mut of_spans = of_spans.into_iter();
    let mut open = of_spans.next();
    for batch in &batches {
        let read = || {
            let times = moments(batch, "observed_at")?;
            Some((times, Numbers::of(batch)?))
        };
        let (times, numbers) = read().ok_or_else(|| file.damaged("a column is missing"))?;
        for (line, time) in times.iter().enumerate() {
            while open.is_some_and(|(_, left)| left == 0) {
                open = of_spans.next();
            }
            let Some((one, left)) = open.as_mut() else { break };
            *left -= 1;
            let value = numbers.factor_value(line, one.factor, one.scale);
            let at = Timestamp::from_millisecond(*time).ok();
            let (at, value) = at.zip(value).ok_or_else(|| file.damaged("a line cannot be read"))?;
            all.entry(one.factor).or_default().push((at, value));
        }
    }
    Ok(all)
}
