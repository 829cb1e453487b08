//! Percentiles of every series over the whole time.

use super::exact::Exact;
use super::question::Question;
use super::walk::{Lines, Tally, walk};
use crate::error::ObservationError;
use crate::history::tasks::{broke_off, lanes};
use ::store::Store;
use registry::{FactorId, PointId};
use rulebook::Decimal;
use std::collections::BTreeMap;

/// Percentiles of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Percentiles {
    /// The point.
    pub point: PointId,
    /// The factor.
    pub factor: FactorId,
    /// How many values.
    pub count: u64,
    /// The percentiles asked for, in their order, not rounded.
    pub percentiles: Vec<Decimal>,
}

/// Answers with percentiles of the values of each series that has any, by point and factor.
///
/// The formula is that of HJ 663-2013 annex A: sorted ascending `X(1..n)`,
/// `k = 1 + (n - 1) p / 100`, `s = floor(k)`, `X(s) + (X(s+1) - X(s)) (k - s)`, in decimals.
/// Percents above 100 are taken as 100. All values of the question are in memory at once, eight
/// bytes each.
///
/// # Errors
/// When the store or a file cannot be read.
pub async fn percentiles(
    store: &Store,
    question: &Question,
    percents: &[u32],
) -> Result<Vec<Percentiles>, ObservationError> {
    let tallies = walk(store, question, Values::default).await?;
    let percents = percents.to_vec();
    tokio::task::spawn_blocking(move || answer(tallies, &percents)).await.map_err(broke_off)
}

pub(super) fn answer(tallies: Vec<Values>, percents: &[u32]) -> Vec<Percentiles> {
    let mut series: BTreeMap<(PointId, FactorId), Held> = BTreeMap::new();
    for tally in tallies {
        for (key, held) in tally.series {
            let into = series.entry(key).or_default();
            into.pieces.extend(held.pieces);
            into.singles.extend(held.singles);
        }
    }
    let all: Vec<_> = series.into_iter().collect();
    // Each series is for itself: one half a processor.
    let lanes = lanes();
    let each = all.len().div_ceil(lanes).max(1);
    let of = |part: &[((PointId, FactorId), Held)]| -> Vec<Percentiles> {
        part.iter()
            .filter_map(|((point, factor), held)| {
                let (count, percentiles) = held.percentiles(percents)?;
                Some(Percentiles { point: *point, factor: *factor, count, percentiles })
            })
            .collect()
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = all.chunks(each).map(|part| scope.spawn(move || of(part))).collect();
        let joined = parts.into_iter().flat_map(|part| match part.join() {
            Ok(found) => found,
            // The caller hears of it as of any task that ends so.
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect()
    })
}

#[derive(Default)]
struct Held {
    /// Digits with the decimals they are scaled by.
    pieces: Vec<(u32, Vec<i64>)>,
    singles: Vec<Decimal>,
}

impl Held {
    /// `None` without a value.
    fn percentiles(&self, percents: &[u32]) -> Option<(u64, Vec<Decimal>)> {
        if let Some((scale, mut digits)) = self.at_one_scale() {
            return of_sorted_by(&mut digits, percents, |one| Exact::new(one.into(), scale));
        }
        let mut all = self.singles.clone();
        for (scale, digits) in &self.pieces {
            all.extend(digits.iter().map(|digits| Decimal::new(*digits, *scale)));
        }
        of_sorted_by(&mut all, percents, Exact::of)
    }

    /// All values as digits; `None` where they do not fit.
    fn at_one_scale(&self) -> Option<(u32, Vec<i64>)> {
        let scales = self.pieces.iter().map(|(scale, _)| *scale);
        let scale = scales.chain(self.singles.iter().map(Decimal::scale)).max()?;
        let up = |of: u32| 10_i64.checked_pow(scale - of);
        let mut all =
            Vec::with_capacity(self.pieces.iter().map(|(_, digits)| digits.len()).sum::<usize>());
        for (of, digits) in &self.pieces {
            if *of == scale {
                all.extend_from_slice(digits);
                continue;
            }
            let up = up(*of)?;
            for one in digits {
                all.push(one.checked_mul(up)?);
            }
        }
        for one in &self.singles {
            all.push(i64::try_from(one.mantissa()).ok()?.checked_mul(up(one.scale())?)?);
        }
        Some((scale, all))
    }
}

fn of_sorted_by<T: Ord + Copy>(
    all: &mut [T],
    percents: &[u32],
    exact: impl Fn(T) -> Exact,
) -> Option<(u64, Vec<Decimal>)> {
    let last = all.len().checked_sub(1)?;
    let mut found = Vec::with_capacity(percents.len());
    for percent in percents {
        let hundredths = last as u64 * u64::from((*percent).min(100));
        let (place, rest) = ((hundredths / 100) as usize, hundredths % 100);
        let (_, low, above) = all.select_nth_unstable(place);
        let low = exact(*low).decimal()?;
        found.push(match above.iter().min().filter(|_| rest != 0) {
            None => low,
            Some(high) => low + (exact(*high).decimal()? - low) * Decimal::new(rest as i64, 2),
        });
    }
    Some((all.len() as u64, found))
}

#[derive(Default)]
pub(super) struct Values {
    series: BTreeMap<(PointId, FactorId), Held>,
}

impl Tally for Values {
    const NEEDS_TIMES: bool = false;

    fn lines(&mut self, lines: &Lines<'_>) {
        let held = self.series.entry((lines.point, lines.factor)).or_default();
        match held.pieces.last_mut() {
            Some((scale, digits)) if *scale == lines.scale => {
                digits.extend_from_slice(lines.digits);
            }
            _ => held.pieces.push((lines.scale, lines.digits.to_vec())),
        }
    }

    fn one(&mut self, point: PointId, factor: FactorId, _at_ms: i64, number: Decimal) {
        self.series.entry((point, factor)).or_default().singles.push(number);
    }
}
