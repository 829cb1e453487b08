//! Silence when the load is high (高负荷时缺数): values are missing, or marked as not counting, after
//! high ones rather than at any time.
//!
//! Looks at the gaps and the marks `M` and `D` of the hourly concentrations of an outlet; a
//! calibration or a stop is no gap.
//!
//! # Formula
//! A gap lasts from one hour to three days and has two counting hours before it; `u` is the share
//! of all values below the mean of those two. Were gaps to begin at any time, one in ten would have
//! `u ≥ silence.top = 0.9`. Of `n` gaps `k` do: a sign when the chance of `k` or more
//! (binomial) is `silence.chance` or less.
//! `strength = ln(chance found) / ln(silence.chance)`.
//! Of the factors of an outlet the one with the smallest chance speaks.

use crate::detector::Definition;
use crate::sign::input;
use crate::statistics::binomial_at_least;
use crate::view::{Found, HOUR_S, View, stretches};
use crate::{Detector, Outlet, Parameters, Role, Sign, State};
use rulebook::Text;

pub(crate) static DEFINITION: Definition = Definition {
    name: Text::fixed("高位缺数", "silence after high values"),
    looks_at: Text::fixed(
        "小时浓度的缺失以及维护(M)、故障(D)标记是否多在高值之后开始。",
        "Whether missing hours, and marks of maintenance (M) and fault (D), begin after high values.",
    ),
    formula: Text::fixed(
        "每个缺口(1 小时至 3 天)之前两小时均值在全部值中的位次 u。若缺口随机开始,u ≥ 0.9 的应占一成;n 个缺口中有 k 个时,二项概率 P(≥k) 不大于允许值为线索。强度 = ln(该概率) ÷ ln(允许值)。",
        "For each gap of one hour to three days u is the share of all values below the mean of the two hours before it. If gaps began at random one in ten would have u ≥ 0.9; with k of n the binomial chance of k or more must be small enough. Strength = ln(that chance) over ln(the allowed one).",
    ),
    innocent: &[
        Text::fixed(
            "超量程或超标时仪器保护性停机",
            "the instrument protects itself at high values",
        ),
        Text::fixed(
            "超标后依规检修并标记",
            "maintenance after an exceedance, marked as the rules ask",
        ),
        Text::fixed(
            "网络故障,邻近排放口同时缺数",
            "the network failed and neighbours are silent too",
        ),
    ],
    advice: Text::fixed(
        "查断网、断电记录与数采仪重启时间;按缺口时段补调数采仪本地数据;核对运维记录与标记时间先后。",
        "Look at outages and restarts; fetch the logger's own data of the gaps; hold the maintenance book against when the marks were made.",
    ),
};

/// Longer gaps are standstills or contracts, not moments.
const LONGEST_HOURS: f64 = 72.0;
/// Hours before a gap that say how high the values were.
const BEFORE: usize = 2;

/// What the gaps of a factor say.
struct Told<'look> {
    view: View<'look>,
    gaps: Vec<(usize, usize)>,
    high: u32,
    chance: f64,
}

/// Signs in one outlet.
pub(crate) fn signs(outlet: &Outlet, parameters: &Parameters) -> Vec<Sign> {
    let hours = outlet
        .series
        .iter()
        .filter(|series| series.role() == Role::Pollutant && series.step_s() >= HOUR_S);
    let told = hours
        .map(|series| told(View::whole(outlet, series), parameters))
        .filter(|told| told.chance <= parameters.silence_chance);
    let strongest = told.min_by(|one, other| one.chance.total_cmp(&other.chance));
    strongest.map(|told| sign(&told, parameters)).into_iter().collect()
}

fn told<'look>(view: View<'look>, parameters: &Parameters) -> Told<'look> {
    let mut sorted: Vec<f64> = view.numbers(0, view.values.len());
    sorted.sort_by(f64::total_cmp);
    let is_silent = |cell: usize| match view.series.state(cell) {
        State::Maintenance | State::Faulty => true,
        State::Normal => view.units[cell].is_none(),
        _ => false,
    };
    let silent: Vec<bool> = (0..view.series.len()).map(is_silent).collect();
    let longest = view.cells_of_hours(LONGEST_HOURS);
    let mut gaps = Vec::new();
    let mut high = 0;
    for (from, to) in stretches(&silent, 0) {
        let before = view.numbers(from.saturating_sub(BEFORE), from);
        if from < BEFORE || before.len() < BEFORE || to - from > longest {
            continue;
        }
        let level = before.iter().sum::<f64>() / before.len() as f64;
        let below = sorted.partition_point(|value| *value < level);
        if below as f64 >= parameters.silence_top * sorted.len() as f64 {
            high += 1;
        }
        gaps.push((from, to));
    }
    let chance = binomial_at_least(high, gaps.len() as u32, 1.0 - parameters.silence_top);
    Told { view, gaps, high, chance }
}

fn sign(told: &Told<'_>, parameters: &Parameters) -> Sign {
    let (first, last) = (told.gaps[0].0, told.gaps[told.gaps.len() - 1].1);
    let (count, high) = (told.gaps.len(), told.high);
    told.view.sign(Found {
        detector: Detector::Silence,
        finding: "gaps_after_high_values",
        cells: (first.saturating_sub(BEFORE), last),
        strength: told.chance.max(1e-300).ln() / parameters.silence_chance.ln(),
        evidence: vec![
            input("缺口个数", "gaps", count as f64, ""),
            input("始于高值之后", "after high values", f64::from(high), ""),
            input(
                "随机时应有",
                "expected at random",
                count as f64 * (1.0 - parameters.silence_top),
                "",
            ),
            input("偶然的概率", "chance", told.chance, ""),
        ],
        sentence: Text::new(
            format!("{count} 个缺口中有 {high} 个始于最高一成的值之后。"),
            format!("{high} of {count} gaps begin after values of the highest tenth."),
        ),
    })
}
