//! A level that jumps at a calibration (校准后跳变): a slope, an intercept, a range or a sample was
//! changed with it.
//!
//! Looks at hourly concentrations as measured, and at the calibrations that flags (`C`) or events
//! tell.
//!
//! # Formula
//! For a calibration from `a` to `b`: `j = ln(median of the hours after b / median of those before
//! a)`, `calibration.hours` hours on each side, at least half of which must count. The same `j` is
//! taken at every sixth hour of the series that lies no calibration's hours away: their median `m`
//! and scale `q` (1.4826 × median deviation) say what is usual. A sign when
//! `|j − m| ≥ ln(calibration.change)` and `|j − m| ≥ calibration.scales · q` and larger than all
//! but one in a hundred of the usual ones, and, where a limit binds, the difference of the medians
//! is at least `calibration.least` of it: smaller ones lie within the drift that an instrument may
//! have.
//! `strength = |j − m| / (the larger of the two bounds)`.

use crate::detector::Definition;
use crate::sign::input;
use crate::statistics::{median, quantile, robust};
use crate::view::{Found, HOUR_S, View, stretches};
use crate::{Detector, EventKind, Outlet, Parameters, Role, Series, Sign, State};
use rulebook::Text;

pub(crate) static DEFINITION: Definition = Definition {
    name: Text::fixed("校准后跳变", "jump at a calibration"),
    looks_at: Text::fixed(
        "每次校准前后污染物小时浓度的水平,与该序列在其他时刻的惯常变化相比。",
        "The level of hourly concentrations before and after each calibration, against how the series changes at other times.",
    ),
    formula: Text::fixed(
        "j = ln(校准后若干小时中位数 ÷ 校准前若干小时中位数);其他时刻同样计算,得中位数 m、尺度 q。|j−m| ≥ ln(变化倍数)、≥ k·q 且大于 99% 的惯常值、又超出仪器允许的漂移时为线索。强度 = |j−m| ÷ 两个界限中较大者。",
        "j = ln(median of the hours after ÷ median of the hours before); the same elsewhere gives the median m and scale q. A sign when |j−m| reaches ln(change), k·q and exceeds 99 % of the usual ones and the drift that an instrument may have. Strength = |j−m| over the larger bound.",
    ),
    innocent: &[
        Text::fixed("校准纠正了此前的漂移", "the calibration mended a drift"),
        Text::fixed("换试剂、换光源、清洗后读数恢复", "fresh reagent, lamp or cleaning"),
        Text::fixed("恰逢工况或原料改变", "the process or raw material changed at the same time"),
    ],
    advice: Text::fixed(
        "调取校准记录、标准物质证书与校准前后斜率、截距;现场用自带标样核查;看参数修改日志与权限。",
        "Secure the calibration record, the certificates of the standards, slope and intercept before and after; check with a standard of your own; read the change log and who had access.",
    ),
};

/// Elsewhere a jump is looked for at every so many hours.
const EVERY: f64 = 6.0;
/// So many usual changes are needed to know what is usual.
const FEWEST: usize = 30;

/// Signs in one series.
pub(crate) fn signs(outlet: &Outlet, series: &Series, parameters: &Parameters) -> Vec<Sign> {
    if series.role() != Role::Pollutant || series.step_s() < HOUR_S {
        return Vec::new();
    }
    let view = View::new(outlet, series, parameters);
    let calibrations = calibrations(outlet, series);
    if calibrations.is_empty() {
        return Vec::new();
    }
    let side = view.cells_of_hours(parameters.calibration_hours);
    let jump = |before: usize, after: usize| {
        let level = |from: usize, to: usize| {
            let mut numbers = view.numbers(from, to);
            let enough = numbers.len() * 2 >= side;
            median(&mut numbers).filter(|level| enough && *level > 0.0)
        };
        let earlier = level(before.checked_sub(side)?, before)?;
        let later = level(after, after + side)?;
        Some((later / earlier).ln())
    };
    let is_near = |cell: usize| {
        calibrations.iter().any(|(from, to)| cell + side > *from && cell < *to + side)
    };
    let usual: Vec<f64> = (side..series.len().saturating_sub(side))
        .step_by(view.cells_of_hours(EVERY))
        .filter(|cell| !is_near(*cell))
        .filter_map(|cell| jump(cell, cell))
        .collect();
    let Some((middle, scale)) = robust(&usual).filter(|_| usual.len() >= FEWEST) else {
        return Vec::new();
    };
    let mut sizes: Vec<f64> = usual.iter().map(|jump| (jump - middle).abs()).collect();
    let largest = quantile(&mut sizes, 0.99).unwrap_or(f64::INFINITY);
    let bound = parameters.calibration_change.ln().max(parameters.calibration_scales * scale);
    let limit = outlet.judged(series.factor(), series.step_s()).and_then(Series::limit);
    let least = limit.map_or(0.0, |limit| parameters.calibration_least * limit);
    calibrations
        .iter()
        .filter_map(|(from, to)| {
            let size = jump(*from, *to)? - middle;
            let (before, after) = levels(&view, (*from, *to), side)?;
            let is_beyond_drift = (after - before).abs() >= least;
            let is_sign = size.abs() >= bound && size.abs() > largest && is_beyond_drift;
            is_sign.then(|| sign(&view, (*from, *to), side, size, bound))
        })
        .collect()
}

fn sign(view: &View<'_>, (from, to): (usize, usize), side: usize, size: f64, bound: f64) -> Sign {
    let (before, after) = levels(view, (from, to), side).unwrap_or_default();
    let percent = (size.exp() - 1.0) * 100.0;
    view.sign(Found {
        detector: Detector::Calibration,
        finding: if size < 0.0 { "falls_at_calibration" } else { "rises_at_calibration" },
        cells: (from - side, (to + side).min(view.series.len())),
        strength: size.abs() / bound,
        evidence: vec![
            input("校准前水平", "level before", before, ""),
            input("校准后水平", "level after", after, ""),
            input("变化", "change", percent, "%"),
            input("惯常变化以上的界限", "bound of the usual", (bound.exp() - 1.0) * 100.0, "%"),
        ],
        sentence: Text::new(
            format!("校准前后水平变化 {percent:+.0}%,其他时刻很少有这样大的变化。"),
            format!("The level changes by {percent:+.0} % at a calibration; at other times it hardly ever does."),
        ),
    })
}

/// The levels before and after a calibration.
fn levels(view: &View<'_>, (from, to): (usize, usize), side: usize) -> Option<(f64, f64)> {
    let level = |from: usize, to: usize| median(&mut view.numbers(from, to));
    Some((level(from.checked_sub(side)?, from)?, level(to, to + side)?))
}

/// First and last cell of each calibration, from flags and events.
fn calibrations(outlet: &Outlet, series: &Series) -> Vec<(usize, usize)> {
    let mut holds: Vec<bool> =
        (0..series.len()).map(|cell| series.state(cell) == State::Calibration).collect();
    for event in outlet.events.iter().filter(|event| event.kind == EventKind::Calibration) {
        let last = event.to.as_second() - 1;
        let (Some(from), Some(to)) = (series.cell(event.from.as_second()), series.cell(last))
        else {
            continue;
        };
        for held in holds.get_mut(from..=to).into_iter().flatten() {
            *held = true;
        }
    }
    stretches(&holds, 1)
}
