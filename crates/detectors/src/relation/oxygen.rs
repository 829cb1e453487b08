//! Oxygen in the stack against its flow and its concentrations.

use super::{Look, Told, at, mean};
use crate::sign::input;
use crate::statistics::{median, robust};
use crate::view::HOUR_S;
use crate::{Role, Series, Sign};
use rulebook::Text;

/// Oxygen in air, per cent by volume, as the conversion takes it (HJ 212-2017 annex D).
pub(super) const AIR: f64 = 21.0;
/// Below this share of its median a flow counts as small.
const HALF: f64 = 0.5;
/// A flow that has not fallen: above this share of its median.
const NOT_FALLEN: f64 = 0.7;
/// Oxygen is compared among hours whose flow lies in the same fifth.
const FIFTHS: usize = 5;

/// A source with a usual flow whose gas is air.
pub(super) fn air_in_the_stack(look: &Look<'_>) -> Vec<Sign> {
    let Some((oxygen, flow)) = measured(look) else { return Vec::new() };
    let mut flows: Vec<f64> = flow.values().collect();
    let Some(usual) = median(&mut flows).filter(|usual| *usual > 0.0) else { return Vec::new() };
    let bound = look.parameters.relation_oxygen;
    let beyond = (0..oxygen.len()).map(|cell| {
        let flows = at(flow, oxygen, cell).is_some_and(|flow| flow > HALF * usual);
        let value = oxygen.value(cell).filter(|_| flows);
        value.map_or(0.0, |value| if value > bound { 1.0 + (value - bound) / 2.0 } else { 0.0 })
    });
    let beyond: Vec<f64> = beyond.collect();
    // A series that always reads air is an instrument that is not there.
    if beyond.iter().filter(|beyond| **beyond >= 1.0).count() * 2 > oxygen.values().count() {
        return Vec::new();
    }
    look.signs(&Told {
        finding: "air_in_the_stack",
        series: oxygen,
        beyond,
        tell: &|cells| {
            let level = mean(cells.iter().filter_map(|cell| oxygen.value(*cell)));
            let hours = cells.len();
            let sentence = Text::new(
                format!("{hours} 小时内含氧量平均 {level:.1}%,与空气相近,而流量仍属正常。"),
                format!("For {hours} hours oxygen is {level:.1} % on average, as in air, while the flow is usual."),
            );
            (sentence, vec![input("平均含氧量", "mean oxygen", level, "%")])
        },
    })
}

/// Gas that is thinned with air before it is measured.
pub(super) fn thinned_with_air(look: &Look<'_>) -> Vec<Sign> {
    let Some((oxygen, flow)) = measured(look) else { return Vec::new() };
    let mut flows: Vec<f64> = flow.values().collect();
    let Some(usual) = median(&mut flows).filter(|usual| *usual > 0.0) else { return Vec::new() };
    let pairs: Vec<Option<(f64, f64)>> = (0..oxygen.len())
        .map(|cell| Some((oxygen.value(cell)?, at(flow, oxygen, cell)?)))
        .collect();
    let expected = by_flow(&pairs);
    let excess: Vec<f64> = pairs
        .iter()
        .map(|pair| pair.map_or(f64::NAN, |(value, flow)| value - expected.at(flow)))
        .collect();
    let counting: Vec<f64> = excess.iter().copied().filter(|value| value.is_finite()).collect();
    let Some((_, scale)) = robust(&counting) else { return Vec::new() };
    let bound = look.parameters.relation_dilution.max(look.parameters.relation_scales * scale);
    let carried = Carried::new(look, oxygen);
    let beyond = pairs.iter().zip(&excess).enumerate().map(|(cell, (pair, excess))| {
        let Some((value, flow)) = *pair else { return 0.0 };
        let normal = value - excess;
        let is_thinned = *excess >= bound && flow > NOT_FALLEN * usual && value < AIR;
        if is_thinned && carried.falls_with(cell, (AIR - value) / (AIR - normal)) {
            excess / bound
        } else {
            0.0
        }
    });
    let beyond: Vec<f64> = beyond.collect();
    look.signs(&Told {
        finding: "thinned_with_air",
        series: oxygen,
        beyond,
        tell: &|cells| {
            let more = mean(cells.iter().map(|cell| excess[*cell]));
            let hours = cells.len();
            let sentence = Text::new(
                format!("{hours} 小时内含氧量比同流量时高 {more:.1} 个百分点,浓度同比例下降,流量未降:像掺入了空气。"),
                format!("For {hours} hours oxygen is {more:.1} points above what belongs to the flow, concentrations fall along and the flow does not: as if air were drawn in."),
            );
            (sentence, vec![
                input("含氧量偏高", "oxygen above the usual", more, "%"),
                input("阈值", "threshold", bound, "%"),
            ])
        },
    })
}

fn measured<'look>(look: &'look Look<'_>) -> Option<(&'look Series, &'look Series)> {
    let oxygen = look.outlet.in_role(Role::Oxygen, HOUR_S)?;
    Some((oxygen, look.outlet.in_role(Role::Flow, HOUR_S)?))
}

/// The median of oxygen for each fifth of the flow.
struct ByFlow {
    bounds: Vec<f64>,
    medians: Vec<f64>,
}

impl ByFlow {
    fn at(&self, flow: f64) -> f64 {
        let place = self.bounds.iter().filter(|bound| flow > **bound).count();
        self.medians.get(place).copied().unwrap_or(f64::NAN)
    }
}

fn by_flow(pairs: &[Option<(f64, f64)>]) -> ByFlow {
    let mut flows: Vec<f64> = pairs.iter().flatten().map(|(_, flow)| *flow).collect();
    flows.sort_by(f64::total_cmp);
    let bound = |fifth: usize| flows.get(flows.len() * fifth / FIFTHS).copied();
    let bounds: Vec<f64> = (1..FIFTHS).filter_map(bound).collect();
    let mut parts: Vec<Vec<f64>> = vec![Vec::new(); bounds.len() + 1];
    for (value, flow) in pairs.iter().flatten() {
        parts[bounds.iter().filter(|bound| *flow > **bound).count()].push(*value);
    }
    let mut whole: Vec<f64> = pairs.iter().flatten().map(|(value, _)| *value).collect();
    let middle = median(&mut whole).unwrap_or(f64::NAN);
    let medians = parts.iter_mut().map(|part| median(part).unwrap_or(middle)).collect();
    ByFlow { bounds, medians }
}

/// The concentrations that a stack carries, with their medians.
struct Carried<'look> {
    oxygen: &'look Series,
    all: Vec<(&'look Series, f64)>,
}

impl<'look> Carried<'look> {
    fn new(look: &'look Look<'_>, oxygen: &'look Series) -> Self {
        let series = look.outlet.series.iter();
        let pollutants =
            series.filter(|one| one.role() == Role::Pollutant && one.step_s() == HOUR_S);
        let with_median = |series: &'look Series| {
            let mut values: Vec<f64> = series.values().filter(|value| *value > 0.0).collect();
            Some((series, median(&mut values)?))
        };
        Self { oxygen, all: pollutants.filter_map(with_median).collect() }
    }

    /// Whether the concentrations have fallen about as much as air thins them; they have where none
    /// is measured.
    fn falls_with(&self, cell: usize, share: f64) -> bool {
        let logarithms: Vec<f64> = self
            .all
            .iter()
            .filter_map(|(series, usual)| {
                let value = at(series, self.oxygen, cell).filter(|value| *value > 0.0)?;
                Some((value / usual).ln())
            })
            .collect();
        if logarithms.is_empty() || share <= 0.0 {
            return self.all.is_empty();
        }
        let fallen = mean(logarithms.iter().copied()) / share.ln();
        (1.0 / 3.0..=3.0).contains(&fallen)
    }
}
