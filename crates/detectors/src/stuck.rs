//! Values that stand still (恒值): equal values in a row, longer than chance allows.
//!
//! Looks at every series as measured, hours and minutes, while the device says "normal" and the
//! source runs.
//!
//! # Formula
//! A series that repeats every value `k` times (an analyser that measures every `k`th period) is
//! first thinned to one value in `k`. `p` is the share of values equal to the one before, in runs
//! too short to count. A run of `m` values is a sign when `m ≥ stuck.hours` (or `stuck.minutes`)
//! and `N · p^(m−1) ≤ stuck.chance`, `N` the number of values looked at.
//! `strength = m / (the smallest m that is a sign)`.
//!
//! # What is left out
//! Zeros; the lowest value of the series when it is returned to `stuck.floor_visits` times or more
//! (a detection limit); hours without flow.

use crate::detector::Definition;
use crate::sign::{input, shown};
use crate::view::{Found, HOUR_S, Run, View, hold, runs};
use crate::{Detector, Outlet, Parameters, Role, Series, Sign};
use rulebook::Text;

pub(crate) static DEFINITION: Definition = Definition {
    name: Text::fixed("恒值", "stuck values"),
    looks_at: Text::fixed(
        "正常标记且有流量时,一个因子连续相等的小时值或分钟值。",
        "Equal hour or minute values of a factor in a row, while marked normal and with flow.",
    ),
    formula: Text::fixed(
        "先按仪器的测量周期 k 抽稀;p 为相邻值相等的比例。连续 m 个相等值,当 m ≥ 下限且 N·p^(m−1) ≤ 允许的偶然次数时为线索;N 为数据个数。强度 = m ÷ 成为线索的最小 m。",
        "Thinned first by the analyser's own cycle k; p is the share of values equal to the one before. m equal values in a row are a sign when m reaches the least length and N·p^(m−1) is at most the allowed number by chance; N is the number of values. Strength = m over the smallest m that is a sign.",
    ),
    innocent: &[
        Text::fixed(
            "低于检出限,仪器给出固定值",
            "below the detection limit the instrument reports one fixed value",
        ),
        Text::fixed(
            "间歇式分析仪在两次测量之间重复上一结果",
            "an intermittent analyser repeats its last result until the next",
        ),
        Text::fixed("仪器故障未及时标记", "a fault of the instrument that nobody has marked yet"),
        Text::fixed("数据精度低、工况平稳", "few digits and a steady process"),
    ],
    advice: Text::fixed(
        "到现场看分析仪屏幕与数采仪是否同值、是否随工况变化;查采样泵、蠕动管、伴热;调取数采仪日志与故障记录。",
        "On site compare the analyser's display with the logger and with the process; check pump, tubing, heating; secure the logger's log and the fault records.",
    ),
};

/// Signs in one series.
pub(crate) fn signs(outlet: &Outlet, series: &Series, parameters: &Parameters) -> Vec<Sign> {
    if series.role() == Role::Load {
        return Vec::new();
    }
    let view = View::new(outlet, series, parameters);
    let all = runs(&view.units);
    let hold = hold(&all);
    let least = least_length(series, parameters) as usize;
    let short = |run: &&Run| run.length / hold < least;
    let (values, repeats) = all.iter().filter(short).fold((0, 0), |(values, repeats), run| {
        let measured = (run.length / hold).max(1);
        (values + measured, repeats + measured - 1)
    });
    let count = view.counting() / hold;
    // One more of each, so that a series that never repeats still leaves room for chance.
    let share = (repeats + 1) as f64 / (values + 2) as f64;
    let needed = needed(count as f64, share, parameters.stuck_chance).max(least);
    let floor = floor(&all, parameters.stuck_floor_visits as usize);
    all.iter()
        .filter(|run| run.length / hold >= needed && run.unit != 0 && Some(run.unit) != floor)
        .map(|run| sign(&view, run, hold, needed))
        .collect()
}

fn sign(view: &View<'_>, run: &Run, hold: usize, needed: usize) -> Sign {
    let value = view.series.number(run.unit);
    let (count, text) = (run.length, shown_exactly(view.series, run.unit));
    view.sign(Found {
        detector: Detector::Stuck,
        finding: "equal_in_a_row",
        cells: (run.start, run.start + run.length),
        strength: (run.length / hold) as f64 / needed as f64,
        evidence: vec![
            input("相等的值", "the value", value, ""),
            input("连续个数", "in a row", count as f64, ""),
            input("成为线索的个数", "a sign from", (needed * hold) as f64, ""),
        ],
        sentence: Text::new(
            format!("连续 {count} 个值都是 {text}。"),
            format!("{count} values in a row are all {text}."),
        ),
    })
}

/// A value with the digits of its series.
pub(crate) fn shown_exactly(series: &Series, unit: i64) -> String {
    let value = shown(series.number(unit));
    format!("{value:.*}", series.decimals() as usize)
}

fn least_length(series: &Series, parameters: &Parameters) -> f64 {
    if series.step_s() >= HOUR_S { parameters.stuck_hours } else { parameters.stuck_minutes }
}

/// The smallest `m` with `count · share^(m−1) ≤ chance`.
fn needed(count: f64, share: f64, chance: f64) -> usize {
    if count <= 0.0 || share >= 1.0 {
        return usize::MAX;
    }
    let more = (chance / count).ln() / share.ln();
    (1.0 + more.max(0.0)).ceil() as usize
}

/// The lowest value, when it is returned to so often that it must be the instrument's floor.
fn floor(all: &[Run], visits: usize) -> Option<i64> {
    let lowest = all.iter().map(|run| run.unit).min()?;
    let times = all.iter().filter(|run| run.unit == lowest).count();
    (times >= visits.max(2)).then_some(lowest)
}
