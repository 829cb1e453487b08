//! A stretch that occurs twice in one series (序列重复): replayed or periodic values.
//!
//! Looks at every series as measured, while the device says "normal" and the source runs.
//!
//! # Formula
//! A series that repeats every value `k` times (an analyser that measures every `k`th hour) is
//! first thinned to one value in `k`. For every shift `s` of at least `repeated.values` values
//! those at `t` and `t − s` are compared, twice: exactly, and with a tolerance of
//! `repeated.tolerance` times the scatter of the series around its own course of the day (1.4826 ×
//! median deviation), which is halved while more than half of the agreements go on. Of all
//! agreements with the same kind of shift (whole days, others) the share `c` is followed by another
//! one; `n` is how often agreement begins. A run of `m` agreements is a sign when `m ≥
//! repeated.values`,
//! `n · c^(m−1) ≤ repeated.chance`, and it holds five different values or more.
//! `strength = m / (the smallest m that is a sign)`.
//! Runs do not count for `c` beyond `repeated.values`; two missing values do not break a run.

use crate::detector::Definition;
use crate::sign::{Twin, input};
use crate::statistics::{median, robust};
use crate::view::{DAY_S, Found, Measured, View};
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
        "先按仪器的测量周期抽稀。对每个时移 s 比较 t 与 t−s 的值,完全相同、或差不大于容差(扣除日变化后散布的一定比例)为相符。c 为相符之后仍相符的比例,n 为相符段数;连续 m 个相符,当 m ≥ 下限、n·c^(m−1) ≤ 允许的偶然次数且含五个以上不同值时为线索。强度 = m ÷ 成为线索的最小 m。",
        "Thinned first by the analyser's own cycle. For every shift s the values at t and t−s are compared; they agree when they are equal, or, in a second pass, differ by at most a share of the scatter around the course of the day. c is the share of agreements followed by another, n how often agreement begins; m agreements in a row are a sign when m reaches the least length, n·c^(m−1) is at most the allowed number by chance and five values or more differ. Strength = m over the smallest m that is a sign.",
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
    let measured = Measured::new(&view.units[offset..]);
    let least = (parameters.repeated_values as usize).max(2);
    let Some(scatter) = scatter(&view, offset) else { return Vec::new() };
    if measured.units.len() < 2 * least {
        return Vec::new();
    }
    let step_s = series.step_s() * measured.hold as i64;
    let a_day = (DAY_S / step_s).max(1) as usize;
    let search = Search { view: &view, measured: &measured, offset, least, a_day, parameters };
    let mut told: Vec<(Match, usize, u64)> = Vec::new();
    for tolerance in [0, (parameters.repeated_tolerance * scatter) as u64] {
        for (found, needed, tolerance) in search.run(tolerance) {
            // What lies within a stretch that was told at another shift tells nothing new.
            let is_new = |(known, ..): &(Match, usize, u64)| {
                found.end <= known.start || known.end <= found.start
            };
            if told.iter().all(is_new) {
                told.push((found, needed, tolerance));
            }
        }
    }
    told.iter().map(|(found, needed, tolerance)| search.sign(found, *needed, *tolerance)).collect()
}

/// One series being searched.
struct Search<'look> {
    view: &'look View<'look>,
    measured: &'look Measured,
    /// The first cell of the series that is searched.
    offset: usize,
    least: usize,
    a_day: usize,
    parameters: &'look Parameters,
}

impl Search<'_> {
    /// The runs that chance does not explain, the longest first, with the length from which they
    /// are a sign and the tolerance that was used.
    fn run(&self, tolerance: u64) -> Vec<(Match, usize, u64)> {
        let mut cells = Cells::new(&self.measured.units);
        cells.tolerance = tolerance;
        let mut tallies = cells.tally(self.least, self.a_day);
        while cells.tolerance > 0 && tallies.iter().any(|tally| tally.stays() > 0.5) {
            cells.tolerance /= 2;
            tallies = cells.tally(self.least, self.a_day);
        }
        let chance = self.parameters.repeated_chance;
        let needed = tallies.map(|tally| tally.needed(chance).max(self.least));
        if needed.iter().all(|needed| *needed > self.measured.units.len()) {
            return Vec::new();
        }
        let needed_of =
            |found: &Match| needed[usize::from(!found.shift.is_multiple_of(self.a_day))];
        let mut long: Vec<Match> = cells
            .matches(self.least)
            .into_iter()
            .filter(|found| found.agreed >= needed_of(found))
            .filter(|found| varies(&self.measured.units, found))
            .collect();
        long.sort_by_key(|found| (std::cmp::Reverse(found.agreed), found.start, found.shift));
        long.into_iter().map(|found| (found, needed_of(&found), cells.tolerance)).collect()
    }

    fn sign(&self, found: &Match, needed: usize, tolerance: u64) -> Sign {
        let (units, hold) = (&self.measured.units, self.measured.hold);
        let cell = |place: usize| self.offset + self.measured.cell(place);
        let last = (cell(found.end - 1) + hold).min(self.view.units.len());
        let cells = (cell(found.start), last);
        let shift = found.shift * hold;
        let exact = (found.start..found.end)
            .filter(|place| units[*place].is_some())
            .filter(|place| units[*place] == units[place - found.shift])
            .count();
        let agreed = found.agreed;
        let finding = if exact == agreed { "exact_repeat" } else { "near_repeat" };
        let hours = (shift as i64 * self.view.series.step_s()) as f64 / 3600.0;
        let mut sign = self.view.sign(Found {
            detector: Detector::Repeated,
            finding,
            cells,
            strength: agreed as f64 / needed as f64,
            evidence: vec![
                input("连续相符的测量值", "measured values in a row that agree", agreed as f64, ""),
                input("其中完全相同", "of these exactly equal", exact as f64, ""),
                input("成为线索的个数", "a sign from", needed as f64, ""),
                input("容差", "tolerance", self.view.series.number(tolerance as i64), ""),
                input("时移", "shift", hours, "h"),
            ],
            sentence: Text::new(
                format!("连续 {agreed} 个测量值与 {hours:.0} 小时之前的一段相符,其中 {exact} 个完全相同。"),
                format!(
                    "{agreed} measured values in a row agree with those {hours:.0} hours before, {exact} of them exactly."
                ),
            ),
        });
        sign.twin = Some(Twin {
            outlet: self.view.outlet.id,
            factor: self.view.series.factor().to_owned(),
            span: self.view.span(cells.0 - shift, cells.1 - shift),
        });
        sign
    }
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

/// A series on its grid, for comparing it with itself.
struct Cells {
    units: Vec<i64>,
    tolerance: u64,
}

/// Stands for a value that is not there.
const NONE: i64 = i64::MIN;
/// Of the shifts that are no whole days one in so many is tallied.
const TALLIED: usize = 8;

/// What comparing one cell with an earlier one says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compared {
    Agrees,
    Differs,
    Missing,
}

impl Cells {
    fn new(units: &[Option<i64>]) -> Self {
        Self { units: units.iter().map(|unit| unit.unwrap_or(NONE)).collect(), tolerance: 0 }
    }

    fn compare(&self, cell: usize, shift: usize) -> Compared {
        let (late, early) = (self.units[cell], self.units[cell - shift]);
        if late == NONE || early == NONE {
            Compared::Missing
        } else if late.abs_diff(early) <= self.tolerance {
            Compared::Agrees
        } else {
            Compared::Differs
        }
    }

    /// The tallies for whole days and for other shifts.
    fn tally(&self, least: usize, a_day: usize) -> [Tally; 2] {
        let mut tallies = [Tally::default(); 2];
        for shift in least..self.units.len().saturating_sub(least) {
            let is_day = shift.is_multiple_of(a_day);
            if is_day || shift.is_multiple_of(TALLIED) {
                self.tally_shift(shift, least, &mut tallies[usize::from(!is_day)]);
            }
        }
        // What was passed over happens as often as what was tallied.
        tallies[1].begun *= TALLIED as u64;
        tallies[1].agreed *= TALLIED as u64;
        tallies
    }

    fn tally_shift(&self, shift: usize, least: usize, tally: &mut Tally) {
        let (mut agreed, mut missing) = (0, 0);
        for cell in shift..self.units.len() {
            match self.compare(cell, shift) {
                Compared::Agrees => {
                    agreed += 1;
                    missing = 0;
                    continue;
                }
                Compared::Missing if missing < BRIDGED => {
                    missing += 1;
                    continue;
                }
                Compared::Missing | Compared::Differs => {}
            }
            if agreed > 0 {
                tally.add(agreed, least);
            }
            (agreed, missing) = (0, 0);
        }
        if agreed > 0 {
            tally.add(agreed, least);
        }
    }

    /// All runs of `least` agreements and more.
    fn matches(&self, least: usize) -> Vec<Match> {
        let mut found = Vec::new();
        for shift in least..self.units.len().saturating_sub(least) {
            let mut cell = shift;
            // A run of that length touches every second of these cells at the least.
            let stride = (least / 2).max(1);
            while cell < self.units.len() {
                if self.compare(cell, shift) == Compared::Agrees {
                    let run = self.run_around(cell, shift);
                    cell = cell.max(run.end);
                    if run.agreed >= least {
                        found.push(run);
                    }
                }
                cell = (cell / stride + 1) * stride;
            }
        }
        found
    }

    fn run_around(&self, cell: usize, shift: usize) -> Match {
        let mut run = Match { shift, start: cell, end: cell + 1, agreed: 1 };
        let mut missing = 0;
        for before in (shift..cell).rev() {
            match self.compare(before, shift) {
                Compared::Agrees => (run.start, run.agreed, missing) = (before, run.agreed + 1, 0),
                Compared::Missing if missing < BRIDGED => missing += 1,
                Compared::Missing | Compared::Differs => break,
            }
        }
        missing = 0;
        for after in cell + 1..self.units.len() {
            match self.compare(after, shift) {
                Compared::Agrees => (run.end, run.agreed, missing) = (after + 1, run.agreed + 1, 0),
                Compared::Missing if missing < BRIDGED => missing += 1,
                Compared::Missing | Compared::Differs => break,
            }
        }
        run
    }
}

fn varies(units: &[Option<i64>], found: &Match) -> bool {
    let values: HashSet<i64> = units[found.start..found.end].iter().flatten().copied().collect();
    values.len() >= DIFFERENT
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
            let matches = Cells::new(&units).matches(12);
            let found: Vec<_> =
                matches.iter().filter(|found| found.shift == 22).map(|it| it.agreed).collect();
            assert_eq!(found, wanted, "{gap} missing");
        }
    }
}
