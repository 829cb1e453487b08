//! Values that hardly fluctuate (波动过小): for a day the values move far less than they are used to,
//! or hardly at all.
//!
//! Looks at hourly concentrations as measured, while the device says "normal" and the source runs.
//!
//! # Formula
//! In a window of `narrow.hours` hours: `d` the mean absolute change from one hour to the next,
//! `r` the span (largest − smallest), `l` the median. `D` and `R` are the medians of `d` and `r`
//! over all windows that begin a day apart. A sign while
//! `d ≤ narrow.change · D` and `r ≤ narrow.range · R`, or while `r ≤ narrow.absolute · l`.
//! `strength = narrow.change · D / d` (at most 4), or `narrow.absolute · l / r`; and one more for
//! each further window's length that it lasts, up to 4.
//!
//! # What is left out
//! Windows with less than three quarters of their hours; series in which the usual change is
//! smaller than two units of the last digit, and levels below `narrow.units` units; windows of
//! equal values, which are [`crate::Detector::Stuck`]'s.

use crate::detector::Definition;
use crate::sign::input;
use crate::statistics::median;
use crate::view::{DAY_S, Found, HOUR_S, View, stretches};
use crate::{Detector, Outlet, Parameters, Role, Series, Sign};
use rulebook::Text;

pub(crate) static DEFINITION: Definition = Definition {
    name: Text::fixed("波动过小", "too little fluctuation"),
    looks_at: Text::fixed(
        "正常标记且有流量时,污染物小时浓度在一个窗口内的变化,与该序列自身的惯常变化相比。",
        "How hourly concentrations change within a window, against what the series is used to, while marked normal and with flow.",
    ),
    formula: Text::fixed(
        "窗口内逐时变化绝对值的均值 d、极差 r、中位数 l;D、R 为全部窗口的中位数。d ≤ a·D 且 r ≤ b·R,或 r ≤ c·l 时为线索。强度 = a·D ÷ d(或 c·l ÷ r,最大 4),每多持续一个窗口加 1。",
        "Within a window: d the mean absolute change from hour to hour, r the span, l the median; D and R their medians over all windows. A sign while d ≤ a·D and r ≤ b·R, or r ≤ c·l. Strength = a·D over d (or c·l over r, at most 4), plus one for each further window that it lasts.",
    ),
    innocent: &[
        Text::fixed("调节池大、工况平稳", "a large equalisation tank, a steady process"),
        Text::fixed("低负荷或停产而未标记", "low load, or a stop that was not marked"),
        Text::fixed("浓度接近检出限", "concentrations near the detection limit"),
    ],
    advice: Text::fixed(
        "查采样管是否插入标准溶液或清水、采样泵是否抽到排口水样;现场加标或换样看读数是否响应;与进水、用电、产量对照。",
        "Check whether the sampling tube draws the effluent or a standard solution or clean water; spike or swap the sample and see whether the reading follows; compare with influent, power and production.",
    ),
};

/// What a window shows.
#[derive(Clone, Copy)]
struct Window {
    change: f64,
    span: f64,
    level: f64,
}

/// Signs in one series.
pub(crate) fn signs(outlet: &Outlet, series: &Series, parameters: &Parameters) -> Vec<Sign> {
    if series.role() != Role::Pollutant || series.step_s() < HOUR_S {
        return Vec::new();
    }
    let view = View::new(outlet, series, parameters);
    let width = view.cells_of_hours(parameters.narrow_hours).max(4);
    if view.values.len() < 2 * width {
        return Vec::new();
    }
    let windows: Vec<Option<Window>> = (0..=view.values.len() - width)
        .map(|from| window(&view.values[from..from + width]))
        .collect();
    let a_day = (DAY_S / series.step_s()).max(1) as usize;
    let usual = |pick: fn(&Window) -> f64| {
        let mut all: Vec<f64> = windows.iter().step_by(a_day).flatten().map(pick).collect();
        median(&mut all)
    };
    let (Some(change), Some(span)) = (usual(|one| one.change), usual(|one| one.span)) else {
        return Vec::new();
    };
    let unit = series.number(1);
    let is_coarse = change < 2.0 * unit;
    let is_against_usual = |one: &Window| {
        !is_coarse
            && one.change <= parameters.narrow_change * change
            && one.span <= parameters.narrow_range * span
    };
    let is_absolute = |one: &Window| {
        one.level >= parameters.narrow_units * unit
            && one.span <= parameters.narrow_absolute * one.level
    };
    let is_narrow = |one: &Window| one.change > 0.0 && (is_against_usual(one) || is_absolute(one));
    let holds: Vec<bool> = windows.iter().map(|one| one.as_ref().is_some_and(is_narrow)).collect();
    stretches(&holds, width / 4)
        .into_iter()
        .map(|(from, to)| {
            let within = windows[from..to].iter().flatten().filter(|one| is_narrow(one));
            let strongest =
                within.map(|one| strength(one, change, parameters)).fold(1.0_f64, f64::max);
            let further = (to - from) as f64 / width as f64;
            let strength = strongest.min(4.0) + further.min(4.0);
            sign(&view, (from, to - 1 + width), (change, span), strength)
        })
        .collect()
}

fn strength(one: &Window, change: f64, parameters: &Parameters) -> f64 {
    let against_usual = parameters.narrow_change * change / one.change;
    let absolute = parameters.narrow_absolute * one.level / one.span;
    against_usual.max(absolute)
}

fn window(values: &[f64]) -> Option<Window> {
    let mut numbers: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    if numbers.len() * 4 < values.len() * 3 {
        return None;
    }
    let steps = || values.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    let (count, sum) = steps()
        .filter(|step| step.is_finite())
        .fold((0, 0.0), |(count, sum), step| (count + 1, sum + step));
    if count * 2 < values.len() {
        return None;
    }
    let (low, high) = numbers
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    let level = median(&mut numbers)?;
    Some(Window { change: sum / count as f64, span: high - low, level })
}

fn sign(view: &View<'_>, cells: (usize, usize), usual: (f64, f64), strength: f64) -> Sign {
    let values = &view.values[cells.0..cells.1];
    let whole = window(values).unwrap_or(Window { change: 0.0, span: 0.0, level: 0.0 });
    let hours = view.span(cells.0, cells.1).hours();
    let share = if usual.0 > 0.0 { 100.0 * whole.change / usual.0 } else { 0.0 };
    view.sign(Found {
        detector: Detector::Narrow,
        finding: "little_change",
        cells,
        strength,
        evidence: vec![
            input("逐时变化均值", "mean change from hour to hour", whole.change, ""),
            input("惯常逐时变化", "usual change from hour to hour", usual.0, ""),
            input("极差", "span", whole.span, ""),
            input("惯常极差", "usual span", usual.1, ""),
            input("水平", "level", whole.level, ""),
        ],
        sentence: Text::new(
            format!("{hours:.0} 小时内逐时变化只有平常的 {share:.0}%。"),
            format!(
                "For {hours:.0} hours it changes from hour to hour by {share:.0} % of the usual."
            ),
        ),
    })
}
