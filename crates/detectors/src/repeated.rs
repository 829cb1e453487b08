//! A stretch that occurs twice in one series (序列重复): replayed or periodic values.
//!
//! Looks at every series as measured, while the device says "normal" and the source runs.
//!
//! # Formula
//! For every shift `s` of at least `repeated.values` steps the values at `t` and `t − s` are
//! compared; they agree when they differ by at most `repeated.tolerance` times the scatter of the
//! series around its own course of the day (1.4826 × median deviation), or by nothing where that is
//! less than a unit of the last digit. Of all agreements with the same kind of shift (whole days,
//! others) the share `c` is followed by another one; `n` is how often agreement begins. A run of
//! `m` agreements is a sign when `m ≥ repeated.values`, `n · c^(m−1) ≤ repeated.chance`, and it
//! holds five different values or more. The tolerance is halved while `c` exceeds one half.
//! `strength = m / (the smallest m that is a sign)`.
//! Runs of `repeated.values` and more do not count for `c`, two missing values do not break a run.

use crate::detector::Definition;
use crate::sign::{Span, Twin, input};
use crate::statistics::{median, robust};
use crate::view::{DAY_S, Found, View};
use crate::{Detector, Outlet, Parameters, Role, Series, Sign};
use rulebook::Text;
use std::collections::HashSet;

pub(crate) static DEFINITION: Definition = Definition {
    name: Text::fixed("序列重复", "repeated sequence"),
    looks_at: Text::fixed(
        "同一序列中先后出现两次的一段值(允许微小差异),以及周期重放。",
        "A stretch of values that occurs twice in one series, small differences allowed, and periodic replay.",
    ),
    formula: Text::fixed(
        "对每个时移 s 比较 t 与 t−s 的值,差不大于容差(扣除日变化后散布的一定比例)为相符。c 为相符之后仍相符的比例,n 为相符段数;连续 m 个相符,当 m ≥ 下限、n·c^(m−1) ≤ 允许的偶然次数且含五个以上不同值时为线索。强度 = m ÷ 成为线索的最小 m。",
        "For every shift s the values at t and t−s are compared; they agree when they differ by at most a share of the scatter around the course of the day. c is the share of agreements followed by another, n how often agreement begins; m agreements in a row are a sign when m reaches the least length, n·c^(m−1) is at most the allowed number by chance and five values or more differ. Strength = m over the smallest m that is a sign.",
    ),
    innocent: &[
        Text::fixed("严格按班次运行的批次工艺", "a batch process that runs by the clock"),
        Text::fixed(
            "补传时把旧包以新时间重发",
            "a logger that resends old packets under new times by mistake",
        ),
        Text::fixed("数据精度很低", "very few digits"),
    ],
    advice: Text::fixed(
        "查数采仪与工控机上是否有模拟、回放程序;断开分析仪信号看数值是否仍变化;比对两段时间的 DCS、用电与原始数据包。",
        "Look for simulation or replay programs on logger and computer; unplug the analyser and see whether values still change; compare both stretches with the control system, power and raw packets.",
    ),
};

/// Series longer than this are cut to their newest part: every shift is compared.
const CELLS_AT_MOST: usize = 4608;
/// So many different values a repeated stretch must hold.
const DIFFERENT: usize = 5;
/// So many missing values do not break a run.
const BRIDGED: usize = 2;
/// A chance above this is too sticky to say anything.
const STICKIEST: f64 = 0.95;

/// Agreements in a row at one shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Match {
    shift: usize,
    /// The later stretch.
    start: usize,
    end: usize,
    agreed: usize,
}

/// Signs in one series.
pub(crate) fn signs(outlet: &Outlet, series: &Series, parameters: &Parameters) -> Vec<Sign> {
    if !matches!(series.role(), Role::Pollutant | Role::Flow | Role::Oxygen) {
        return Vec::new();
    }
    let view = View::new(outlet, series, parameters);
    let offset = view.units.len().saturating_sub(CELLS_AT_MOST);
    let units = &view.units[offset..];
    let least = (parameters.repeated_values as usize).max(2);
    let Some(scatter) = scatter(&view, offset) else { return Vec::new() };
    if units.len() < 2 * least {
        return Vec::new();
    }
    let a_day = (DAY_S / series.step_s()).max(1) as usize;
    let mut tolerance = (parameters.repeated_tolerance * scatter) as i64;
    let (matches, tallies) = loop {
        let (matches, tallies) = compare(units, tolerance, least, a_day);
        if tolerance == 0 || tallies.iter().all(|tally| tally.stays() <= 0.5) {
            break (matches, tallies);
        }
        tolerance /= 2;
    };
    let needed = tallies.map(|tally| tally.needed(parameters.repeated_chance).max(least));
    let needed_of = |found: &Match| needed[usize::from(!found.shift.is_multiple_of(a_day))];
    let mut long: Vec<Match> = matches
        .into_iter()
        .filter(|found| found.agreed >= needed_of(found) && varies(units, found))
        .collect();
    // The longest first; what lies within it at another shift tells nothing new.
    long.sort_by_key(|found| (std::cmp::Reverse(found.agreed), found.start, found.shift));
    let mut told: Vec<Match> = Vec::new();
    for found in long {
        if told.iter().all(|known| found.end <= known.start || known.end <= found.start) {
            told.push(found);
        }
    }
    told.iter().map(|found| sign(&view, offset, found, needed_of(found), tolerance)).collect()
}

/// The scatter around the course of the day, in units of the last digit.
fn scatter(view: &View<'_>, offset: usize) -> Option<f64> {
    let of_day = (DAY_S / view.series.step_s()).max(1) as usize;
    let groups = of_day.min(24);
    let hour = |cell: usize| {
        let second = view.series.second(cell).rem_euclid(DAY_S);
        (second as usize * groups / DAY_S as usize).min(groups - 1)
    };
    let mut by_hour: Vec<Vec<f64>> = vec![Vec::new(); groups];
    let counting =
        || (offset..view.units.len()).filter_map(|cell| Some((cell, view.units[cell]? as f64)));
    for (cell, unit) in counting() {
        by_hour[hour(cell)].push(unit);
    }
    let course: Vec<f64> =
        by_hour.iter_mut().map(|values| median(values).unwrap_or_default()).collect();
    let around: Vec<f64> = counting().map(|(cell, unit)| unit - course[hour(cell)]).collect();
    robust(&around).map(|(_, scale)| scale)
}

/// How often values agree at shifts of one kind, and how often that goes on.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    begun: u64,
    agreed: u64,
}

impl Tally {
    fn add(&mut self, agreed: usize, least: usize) {
        self.begun += 1;
        self.agreed += agreed.min(least) as u64;
    }

    /// The share of agreements that are followed by another one; one of each more leaves room for
    /// chance where there are few.
    fn stays(self) -> f64 {
        let goes_on = self.agreed - self.begun;
        (goes_on + 1) as f64 / (self.agreed + 2) as f64
    }

    /// The smallest number in a row that chance does not explain.
    fn needed(self, chance: f64) -> usize {
        let stays = self.stays();
        if stays > STICKIEST {
            return usize::MAX;
        }
        let more = (chance / self.begun.max(1) as f64).ln() / stays.ln();
        (1.0 + more.max(0.0)).ceil() as usize
    }
}

/// All runs of `least` agreements and more, and the tallies for whole days and for other shifts.
fn compare(
    units: &[Option<i64>],
    tolerance: i64,
    least: usize,
    a_day: usize,
) -> (Vec<Match>, [Tally; 2]) {
    const NONE: i64 = i64::MIN;
    let units: Vec<i64> = units.iter().map(|unit| unit.unwrap_or(NONE)).collect();
    let mut matches = Vec::new();
    let mut tallies = [Tally::default(); 2];
    for shift in least..units.len().saturating_sub(least) {
        let tally = &mut tallies[usize::from(!shift.is_multiple_of(a_day))];
        let (mut start, mut agreed, mut missing, mut end) = (0, 0, 0, 0);
        let pairs = units[shift..].iter().zip(&units[..units.len() - shift]);
        for (place, (late, early)) in pairs.enumerate() {
            if *late == NONE || *early == NONE {
                missing += 1;
                if missing <= BRIDGED || agreed == 0 {
                    continue;
                }
            } else if late.abs_diff(*early) <= tolerance.unsigned_abs() {
                if agreed == 0 {
                    start = place + shift;
                }
                agreed += 1;
                missing = 0;
                end = place + shift + 1;
                continue;
            }
            if agreed > 0 {
                tally.add(agreed, least);
                if agreed >= least {
                    matches.push(Match { shift, start, end, agreed });
                }
            }
            (agreed, missing) = (0, 0);
        }
        if agreed > 0 {
            tally.add(agreed, least);
            if agreed >= least {
                matches.push(Match { shift, start, end, agreed });
            }
        }
    }
    (matches, tallies)
}

fn varies(units: &[Option<i64>], found: &Match) -> bool {
    let values: HashSet<i64> = units[found.start..found.end].iter().flatten().copied().collect();
    values.len() >= DIFFERENT
}

fn sign(view: &View<'_>, offset: usize, found: &Match, needed: usize, tolerance: i64) -> Sign {
    let cells = (offset + found.start, offset + found.end);
    let earlier: Span = view.span(cells.0 - found.shift, cells.1 - found.shift);
    let exact = (cells.0..cells.1)
        .filter(|cell| view.units[*cell].is_some())
        .filter(|cell| view.units[*cell] == view.units[cell - found.shift])
        .count();
    let agreed = found.agreed;
    let finding = if exact == agreed { "exact_repeat" } else { "near_repeat" };
    let hours = found.shift as f64 * view.series.step_s() as f64 / 3600.0;
    let mut sign = view.sign(Found {
        detector: Detector::Repeated,
        finding,
        cells,
        strength: agreed as f64 / needed as f64,
        evidence: vec![
            input("连续相符", "values in a row that agree", agreed as f64, ""),
            input("其中完全相同", "of these exactly equal", exact as f64, ""),
            input("成为线索的个数", "a sign from", needed as f64, ""),
            input("容差", "tolerance", view.series.number(tolerance), ""),
            input("时移", "shift", hours, "h"),
        ],
        sentence: Text::new(
            format!("连续 {agreed} 个值与 {hours:.0} 小时之前的一段相符,其中 {exact} 个完全相同。"),
            format!(
                "{agreed} values in a row agree with those {hours:.0} hours before, {exact} of them exactly."
            ),
        ),
    });
    sign.twin = Some(Twin {
        outlet: view.outlet.id,
        factor: view.series.factor().to_owned(),
        span: earlier,
    });
    sign
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_counts_over_two_missing_values_and_not_over_three() {
        let first: Vec<Option<i64>> = (0..20).map(|place| Some(place * 7 % 19)).collect();
        for (gap, wanted) in [(2, vec![18]), (3, vec![])] {
            let mut later = first.clone();
            for value in &mut later[8..8 + gap] {
                *value = None;
            }
            let units = [first.clone(), vec![Some(90), Some(95)], later].concat();
            let (matches, _) = compare(&units, 0, 12, 24);
            let found: Vec<_> =
                matches.iter().filter(|found| found.shift == 22).map(|it| it.agreed).collect();
            assert_eq!(found, wanted, "{gap} missing");
        }
    }
}
