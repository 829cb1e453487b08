//! Values that cannot be true together (关系异常): a source that runs on air, gas thinned with air, a
//! part larger than its whole, a conversion that changes, a flow that leaves the load.
//!
//! Looks at hourly values of several factors of one outlet, while the device says "normal".
//!
//! # Formula
//! Each finding is a stretch of at least `relation.hours` hours, breaks of two bridged:
//! - `air_in_the_stack`: oxygen above `relation.oxygen` % and a flow above its median's half.
//! - `thinned_with_air`: oxygen above what belongs to the flow (median of the hours with a flow of
//!   the same fifth) by `relation.dilution` points and by `relation.scales` scales, the flow not
//!   below 70 % of its median, and, where concentrations are measured, their mean logarithm fallen
//!   by a third to three times what `(21 − O2)` has fallen.
//! - `part_exceeds_whole`: a part (NO, ammonia nitrogen, BOD5, PM2.5) above its whole by
//!   `relation.tolerance`.
//! - `conversion_changed`: `K = converted · (21 − O2) / measured`, which the reference oxygen
//!   fixes, off its median by `relation.conversion` and by `relation.scales` scales; hours with
//!   oxygen above 19 % are left out.
//! - `flow_leaves_load`: flow over load off its median by the factor `relation.load` and by
//!   `relation.scales` scales, while the load is above half its median.
//!
//! A scale is 1.4826 × median deviation.
//! `strength = mean distance over the threshold, at most 4, plus hours / (4 · relation.hours), at
//! most 4`.
//!
//! # Source
//! Conversion to the reference oxygen: HJ 212-2017 annex D. The rest follows from what is measured.

mod conversion;
mod load;
mod oxygen;
mod parts;

use crate::detector::Definition;
use crate::sign::{Span, input};
use crate::view::{HOUR_S, stretches};
use crate::{Detector, Outlet, Parameters, Series, Sign};
use rulebook::{Input, Text};

pub(crate) static DEFINITION: Definition = Definition {
    name: Text::fixed("关系异常", "impossible relations"),
    looks_at: Text::fixed(
        "同一排放口若干因子的小时值之间的关系:含氧量与流量、浓度,组分与总量,折算值与实测值,流量与生产负荷。",
        "How hourly values of one outlet fit together: oxygen with flow and concentrations, a part with its whole, the converted value with the measured one, flow with load.",
    ),
    formula: Text::fixed(
        "逐时检验五种关系(空气氧含量仍在排放、掺风稀释、组分大于总量、折算系数改变、流量脱离负荷),连续成立的时数达到下限为线索;阈值取固定值与该关系惯常散布的若干倍中较大者。强度 = 平均超出倍数(最大 4)+ 时数 ÷(4 × 下限)(最大 4)。",
        "Five relations are tested hour by hour (air in a running stack, thinning with air, a part above its whole, a changed conversion, a flow that leaves the load); a stretch of the least length is a sign. The threshold is the larger of a fixed one and so many scales of the usual scatter. Strength = mean distance over the threshold (at most 4) plus hours over four times the least length (at most 4).",
    ),
    innocent: &[
        Text::fixed("停炉、低负荷时空气过剩", "excess air at low load or standstill"),
        Text::fixed("烟道漏风、未及时封堵", "a leak in the duct that is being mended"),
        Text::fixed(
            "两台分析仪各自的误差在低浓度时使组分略大于总量",
            "errors of two analysers at low concentrations",
        ),
        Text::fixed("参数经备案后修改", "a parameter that was changed and filed"),
    ],
    advice: Text::fixed(
        "查采样管线气密性、反吹阀、取样探头;核对基准含氧量、烟道截面积、速度场系数及其备案;对照用电、产量、DCS。",
        "Check the tightness of the sampling line, back-flush valve and probe; compare reference oxygen, area and velocity factor with what was filed; compare with power, production and control system.",
    ),
};

/// Breaks of so many hours do not end a stretch.
const BRIDGED: usize = 2;

/// Signs in one outlet.
pub(crate) fn signs(outlet: &Outlet, parameters: &Parameters) -> Vec<Sign> {
    let look = Look { outlet, parameters };
    let mut signs = oxygen::air_in_the_stack(&look);
    signs.extend(oxygen::thinned_with_air(&look));
    signs.extend(parts::part_exceeds_whole(&look));
    signs.extend(conversion::conversion_changed(&look));
    signs.extend(load::flow_leaves_load(&look));
    signs
}

/// One outlet being looked at, by its hours.
struct Look<'look> {
    outlet: &'look Outlet,
    parameters: &'look Parameters,
}

/// Makes the sentence and the numbers of a stretch.
type Telling<'look> = dyn Fn(&[usize]) -> (Text, Vec<Input>) + 'look;

/// What one of the relations says of the hours of a series.
struct Told<'look> {
    finding: &'static str,
    series: &'look Series,
    /// For each cell how far it lies beyond the threshold, from 1; below 1 all is well.
    beyond: Vec<f64>,
    /// What an inspector reads, made from the cells of a stretch.
    tell: &'look Telling<'look>,
}

impl Look<'_> {
    /// The hours of the outlet at which something is said.
    fn hours_of(&self, factor: &str) -> Option<&Series> {
        self.outlet.of_factor(factor, HOUR_S)
    }

    /// The signs in what a relation says: its long stretches.
    fn signs(&self, told: &Told<'_>) -> Vec<Sign> {
        let holds: Vec<bool> = told.beyond.iter().map(|beyond| *beyond >= 1.0).collect();
        let least = self.parameters.relation_hours as usize;
        stretches(&holds, BRIDGED)
            .into_iter()
            .filter_map(|(from, to)| {
                let cells: Vec<usize> = (from..to).filter(|cell| holds[*cell]).collect();
                (cells.len() >= least.max(1)).then(|| self.sign(told, (from, to), &cells))
            })
            .collect()
    }

    fn sign(&self, told: &Told<'_>, (from, to): (usize, usize), cells: &[usize]) -> Sign {
        let mean = cells.iter().map(|cell| told.beyond[*cell].min(4.0)).sum::<f64>();
        let mean = mean / cells.len() as f64;
        let long = cells.len() as f64 / (4.0 * self.parameters.relation_hours.max(1.0));
        let (sentence, mut evidence) = (told.tell)(cells);
        evidence.push(input("小时数", "hours", cells.len() as f64, "h"));
        Sign {
            detector: Detector::Relation,
            finding: told.finding,
            outlet: self.outlet.id,
            factor: Some(told.series.factor().to_owned()),
            step_s: HOUR_S,
            span: Span { from: told.series.time(from), to: told.series.time(to) },
            twin: None,
            strength: mean + long.min(4.0),
            evidence,
            sentence,
        }
    }
}

/// The value of another series at the time of a cell, where it counts.
fn at(series: &Series, of: &Series, cell: usize) -> Option<f64> {
    series.cell(of.second(cell)).and_then(|cell| series.value(cell))
}

/// The mean of what is there.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
    if count > 0.0 { sum / count } else { 0.0 }
}
