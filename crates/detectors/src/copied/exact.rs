//! Equal values at two outlets, measurement by measurement, at whatever shift.

use super::Member;
use crate::sign::{Span, Twin, input};
use crate::view::{HOUR_S, runs};
use crate::{Detector, Parameters, Series, Sign};
use jiff::Timestamp;
use rulebook::Text;
use std::collections::{BTreeMap, BTreeSet};

/// So many values must differ: a floor and what is next to it are soon alike.
const DIFFERENT: usize = 8;
/// Units are compared in millionths, because outlets may report with other decimals.
const MILLIONTHS: u32 = 6;

/// What an outlet measured, each value once.
struct Measurements {
    /// The value in millionths and the cell of its series at which it begins.
    values: Vec<(i64, usize)>,
    /// The chance that two changes are equal.
    chance: f64,
}

impl Measurements {
    fn new(series: &Series) -> Self {
        let units: Vec<Option<i64>> =
            (0..series.len()).map(|cell| series.counting_unit(cell)).collect();
        let scale = 10_i64.pow(MILLIONTHS.saturating_sub(series.decimals()));
        let mut values: Vec<(i64, usize)> = Vec::new();
        for run in runs(&units) {
            let value = run.unit.saturating_mul(scale);
            if values.last().is_none_or(|(last, _)| *last != value) {
                values.push((value, run.start));
            }
        }
        let mut counts: BTreeMap<i64, f64> = BTreeMap::new();
        for pair in values.windows(2) {
            *counts.entry(pair[1].0.saturating_sub(pair[0].0)).or_insert(0.0) += 1.0;
        }
        let all = (values.len() as f64 - 1.0).max(1.0);
        let chance = counts.values().map(|count| (count / all).powi(2)).sum();
        Self { values, chance }
    }
}

/// Measurements in a row that two outlets share.
#[derive(Clone, Copy)]
struct Shared {
    one: usize,
    other: usize,
    /// The first of them in each, and how many they are.
    at: usize,
    there: usize,
    count: usize,
}

/// Signs among the members of one factor.
pub(super) fn signs(members: &[Member<'_>], first: i64, parameters: &Parameters) -> Vec<Sign> {
    let least = (parameters.repeated_values as usize).max(2);
    let all: Vec<Measurements> =
        members.iter().map(|member| Measurements::new(member.series)).collect();
    let mut windows: Vec<(u64, usize, usize)> = Vec::new();
    for (member, measurements) in all.iter().enumerate() {
        for (place, window) in measurements.values.windows(least).enumerate() {
            windows.push((digest(window), member, place));
        }
    }
    windows.sort_unstable();
    let mut found: Vec<Shared> = Vec::new();
    for group in windows.chunk_by(|one, other| one.0 == other.0) {
        // What many outlets have in common is no secret between two of them.
        for (place, (_, one, at)) in group.iter().enumerate() {
            let Some((_, other, there)) = group[place + 1..].iter().find(|(_, it, _)| it != one)
            else {
                continue;
            };
            let is_known = |known: &Shared| {
                (known.one, known.other) == (*one, *other)
                    && (known.at..known.at + known.count).contains(at)
            };
            if !found.iter().any(is_known) {
                found.extend(shared(&all, (*one, *other), (*at, *there)));
            }
        }
    }
    let places: f64 = all.iter().map(|it| it.values.len() as f64).sum();
    found
        .iter()
        .filter_map(|shared| {
            let chance = all[shared.one].chance.max(all[shared.other].chance);
            let needed =
                needed(places * places / 2.0, chance, parameters.repeated_chance).max(least);
            let values = &all[shared.one].values[shared.at..shared.at + shared.count];
            let different: BTreeSet<i64> = values.iter().map(|(value, _)| *value).collect();
            let is_sign = shared.count >= needed && different.len() >= DIFFERENT;
            is_sign.then(|| sign(members, &all, shared, first, needed))
        })
        .collect()
}

/// A number for a window of values (FNV-1a).
fn digest(window: &[(i64, usize)]) -> u64 {
    window
        .iter()
        .flat_map(|(value, _)| value.to_le_bytes())
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        })
}

/// The whole row around a place that two share; `None` where only their digests agree.
fn shared(
    all: &[Measurements],
    (one, other): (usize, usize),
    (at, there): (usize, usize),
) -> Option<Shared> {
    let (here, those) = (&all[one].values, &all[other].values);
    let agrees = |at: usize, there: usize| {
        here.get(at).zip(those.get(there)).is_some_and(|(one, other)| one.0 == other.0)
    };
    if !agrees(at, there) {
        return None;
    }
    let before = (1..=at.min(there)).take_while(|back| agrees(at - back, there - back)).count();
    let after = (1..here.len()).take_while(|on| agrees(at + on, there + on)).count();
    Some(Shared { one, other, at: at - before, there: there - before, count: before + after + 1 })
}

/// The smallest `m` with `places · chance^m ≤ allowed`.
fn needed(places: f64, chance: f64, allowed: f64) -> usize {
    if chance >= 1.0 {
        return usize::MAX;
    }
    let more = (allowed / places.max(1.0)).ln() / chance.max(1e-12).ln();
    more.max(1.0).ceil() as usize
}

fn sign(
    members: &[Member<'_>],
    all: &[Measurements],
    shared: &Shared,
    first: i64,
    needed: usize,
) -> Sign {
    let (one, other) = (&members[shared.one], &members[shared.other]);
    let cells = |member: usize, from: usize| {
        let values = &all[member].values;
        let offset = (members[member].series.second(0) - first) / HOUR_S;
        let end = values
            .get(from + shared.count)
            .map_or_else(|| values[from + shared.count - 1].1 + 1, |(_, cell)| *cell);
        (values[from].1 as i64 + offset, end as i64 + offset)
    };
    let (here, there) = (cells(shared.one, shared.at), cells(shared.other, shared.there));
    let lag = there.0 - here.0;
    let is_first = match lag {
        ..0 => true,
        1.. => false,
        0 => one.strangeness(here.0, here.1) > other.strangeness(there.0, there.1),
    };
    let time = |cell: i64| Timestamp::from_second(first + cell * HOUR_S).unwrap_or(Timestamp::MAX);
    let span = |(from, to): (i64, i64)| Span { from: time(from), to: time(to) };
    let (copy, model) = if is_first { (one, other) } else { (other, one) };
    let (at_copy, at_model) = if is_first { (here, there) } else { (there, here) };
    let count = shared.count;
    let strength = count as f64 / needed as f64;
    let is_one_enterprise = copy.outlet.operator == model.outlet.operator;
    Sign {
        detector: Detector::Copied,
        finding: "same_values",
        outlet: copy.outlet.id,
        factor: Some(copy.series.factor().to_owned()),
        step_s: HOUR_S,
        span: span(at_copy),
        twin: Some(Twin {
            outlet: model.outlet.id,
            factor: model.series.factor().to_owned(),
            span: span(at_model),
        }),
        strength: if is_one_enterprise { strength / 2.0 } else { strength },
        evidence: vec![
            input("相同的测量值", "equal measured values", count as f64, ""),
            input("成为线索的个数", "a sign from", needed as f64, ""),
            input("时移", "shift", lag.abs() as f64, "h"),
        ],
        sentence: Text::new(
            format!("连续 {count} 个测量值与另一排放口完全相同,相隔 {} 小时。", lag.abs()),
            format!(
                "{count} measured values in a row equal those of another outlet, {} hours apart.",
                lag.abs()
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_finer_the_digits_the_fewer_values_are_needed() {
        let (fine, coarse) = (needed(1e6, 0.004, 1e-4), needed(1e6, 0.3, 1e-4));
        assert_eq!((fine, coarse), (5, 20));
        assert_eq!(needed(1e6, 1.0, 1e-4), usize::MAX);
    }
}
