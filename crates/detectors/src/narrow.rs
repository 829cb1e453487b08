//! Values that hardly fluctuate (波动过小): for a day the values move far less than they are used to,
//! or hardly at all.
//!
//! Looks at hourly concentrations as measured, while the device says "normal" and the source runs.
//!
//! # Formula
//! A series that repeats every value `k` times is first thinned to one value in `k`. In a window of
//! `narrow.hours` hours, and of twenty measured values at the least: `d` the mean absolute change
//! from one value to the next, `r` the span (largest − smallest), `l` the median, `a` how much a
//! value remembers of the one before it: `1 − mean(change²) / (2 · variance)`. `D`, `R` and `L` are
//! the medians of `d`, `r` and `l` over all windows that begin a day apart; `q` is `l / L`, from
//! 0.3 to 1, because small concentrations move less. A sign while
//! - `a ≤ narrow.memory` (what is left is noise), `d ≤ narrow.change · q · D`,
//!   `r ≤ narrow.range · q · R`; or
//! - `d ≤ narrow.smooth_change · q · D` and `r ≤ narrow.smooth_range · q · R`; or
//! - `r ≤ narrow.absolute · l`.
//!
//! Where more than half of the windows are narrow it is one sign, `always_narrow`, of strength 1.
//! Else `strength = bound of the span / r, at most 4, plus the length over the window's, at most
//! 4`.
//!
//! # What is left out
//! Windows with less than three quarters of their values; series in which `narrow.change · D` is
//! smaller than two units of the last digit; levels below `narrow.units` units for the last test;
//! windows in which more than three quarters of the values equal the one before, which are
//! [`crate::Detector::Stuck`]'s.

use crate::detector::Definition;
use crate::sign::input;
use crate::statistics::median;
use crate::view::{DAY_S, Found, HOUR_S, Measured, View, stretches};
use crate::{Detector, Outlet, Parameters, Role, Series, Sign};
use rulebook::Text;

pub(crate) static DEFINITION: Definition = Definition {
    name: Text::fixed("波动过小", "too little fluctuation"),
    looks_at: Text::fixed(
        "正常标记且有流量时,污染物小时浓度在一个窗口内的变化,与该序列自身的惯常变化相比。",
        "How hourly concentrations change within a window, against what the series is used to, while marked normal and with flow.",
    ),
    formula: Text::fixed(
        "先按仪器的测量周期抽稀。窗口内变化绝对值的均值 d、极差 r、中位数 l、前后相关 a;D、R、L 为全部窗口的中位数,q = l÷L(0.3–1)。剩余波动为噪声(a ≤ 上限)且 d ≤ a₁qD、r ≤ b₁qR,或 d ≤ a₂qD 且 r ≤ b₂qR,或 r ≤ c·l 时为线索。强度 = 极差界限 ÷ r(最大 4)+ 持续时间 ÷ 窗口(最大 4);一半以上窗口都如此时只记一条,强度 1。",
        "Thinned first by the analyser's own cycle. Within a window: d the mean absolute change, r the span, l the median, a how much a value remembers of the one before; D, R, L their medians over all windows, q = l/L (0.3 to 1). A sign while what is left is noise (a small) and d ≤ a₁qD, r ≤ b₁qR; or d ≤ a₂qD and r ≤ b₂qR; or r ≤ c·l. Strength = bound of the span over r (at most 4) plus length over window (at most 4); where more than half of the windows are narrow it is one sign of strength 1.",
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
#[derive(Clone, Copy, Default)]
struct Window {
    change: f64,
    span: f64,
    level: f64,
    memory: f64,
}

/// Fewer measured values make no window.
const FEWEST: usize = 20;
/// A window in which more than this share of the values equal the one before is no window.
const MOSTLY_STILL: f64 = 0.75;
/// A level counts as at least this share of the usual one.
const SMALLEST: f64 = 0.3;

/// Signs in one series.
pub(crate) fn signs(outlet: &Outlet, series: &Series, parameters: &Parameters) -> Vec<Sign> {
    if series.role() != Role::Pollutant || series.step_s() < HOUR_S {
        return Vec::new();
    }
    let view = View::new(outlet, series, parameters);
    let measured = Measured::new(&view.units);
    let number = |unit: &Option<i64>| unit.map_or(f64::NAN, |unit| series.number(unit));
    let values: Vec<f64> = measured.units.iter().map(number).collect();
    let cells = view.cells_of_hours(parameters.narrow_hours);
    let width = (cells / measured.hold).max(FEWEST);
    if values.len() < 2 * width {
        return Vec::new();
    }
    let windows: Vec<Option<Window>> = values.windows(width).map(window).collect();
    let a_day = (DAY_S / series.step_s()) as usize / measured.hold;
    let usual = |pick: fn(&Window) -> f64| {
        let mut all: Vec<f64> = windows.iter().step_by(a_day.max(1)).flatten().map(pick).collect();
        median(&mut all).unwrap_or_default()
    };
    let usual = Window {
        change: usual(|one| one.change),
        span: usual(|one| one.span),
        level: usual(|one| one.level),
        memory: 0.0,
    };
    let bounds = Bounds { usual, unit: series.number(1), parameters };
    let within = |one: &Option<Window>| one.as_ref().and_then(|one| bounds.passed(one));
    let passed: Vec<Option<f64>> = windows.iter().map(within).collect();
    let holds: Vec<bool> = passed.iter().map(Option::is_some).collect();
    let known = windows.iter().flatten().count();
    if holds.iter().filter(|holds| **holds).count() * 2 > known {
        // It is always so: one sign says it.
        let all = (0, series.len());
        let whole = window(&values).unwrap_or(usual);
        return vec![Sign { finding: "always_narrow", ..sign(&view, all, (&whole, &usual), 1.0) }];
    }
    stretches(&holds, width / 4)
        .into_iter()
        .map(|(from, to)| {
            let times = passed[from..to].iter().flatten().copied().fold(1.0, f64::max);
            let length = (to - 1 + width - from) as f64 / width as f64;
            let last = measured.cell(to - 2 + width) + measured.hold;
            let cells = (measured.cell(from), last.min(series.len()));
            let whole = window(&values[from..to - 1 + width]).unwrap_or_default();
            sign(&view, cells, (&whole, &usual), times.min(4.0) + length.min(4.0))
        })
        .collect()
}

/// What a window is held against.
struct Bounds<'look> {
    usual: Window,
    /// A unit of the last digit.
    unit: f64,
    parameters: &'look Parameters,
}

impl Bounds<'_> {
    /// By how much a window is narrower than the bound of its span; `None` where it is not narrow.
    fn passed(&self, one: &Window) -> Option<f64> {
        let parameters = self.parameters;
        let share = if self.usual.level > 0.0 { one.level / self.usual.level } else { 1.0 };
        let share = share.clamp(SMALLEST, 1.0);
        let (change, span) = (share * self.usual.change, share * self.usual.span);
        let is_coarse = parameters.narrow_change * self.usual.change < 2.0 * self.unit;
        let is_noise = one.memory <= parameters.narrow_memory;
        let by_usual = [
            (is_noise, parameters.narrow_change, parameters.narrow_range),
            (true, parameters.narrow_smooth_change, parameters.narrow_smooth_range),
        ];
        let spans = by_usual
            .into_iter()
            .filter(|(holds, by_change, by_span)| {
                *holds
                    && !is_coarse
                    && one.change <= by_change * change
                    && one.span <= by_span * span
            })
            .map(|(_, _, by_span)| by_span * span);
        let absolute = parameters.narrow_absolute * one.level;
        let is_level = one.level >= parameters.narrow_units * self.unit && one.span <= absolute;
        let bound = spans.chain(is_level.then_some(absolute)).fold(f64::NAN, f64::max);
        // Equal values are another detector's.
        (one.span > 0.0 && bound.is_finite()).then(|| bound / one.span)
    }
}

fn window(values: &[f64]) -> Option<Window> {
    let mut numbers: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    if numbers.len() * 4 < values.len() * 3 {
        return None;
    }
    let (mut count, mut still, mut sum, mut squares) = (0.0, 0.0, 0.0, 0.0);
    for step in values.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| step.is_finite()) {
        count += 1.0;
        still += if step == 0.0 { 1.0 } else { 0.0 };
        sum += step.abs();
        squares += step * step;
    }
    // What hardly ever changes at all stands still: another detector's.
    if count * 2.0 < values.len() as f64 || still > MOSTLY_STILL * count {
        return None;
    }
    let length = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / length;
    let variance = numbers.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / length;
    let (low, high) = numbers
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    let memory = if variance > 0.0 { 1.0 - squares / count / (2.0 * variance) } else { 1.0 };
    Some(Window { change: sum / count, span: high - low, level: median(&mut numbers)?, memory })
}

fn sign(
    view: &View<'_>,
    cells: (usize, usize),
    (whole, usual): (&Window, &Window),
    strength: f64,
) -> Sign {
    let hours = view.span(cells.0, cells.1).hours();
    let share = if usual.change > 0.0 { 100.0 * whole.change / usual.change } else { 0.0 };
    view.sign(Found {
        detector: Detector::Narrow,
        finding: "little_change",
        cells,
        strength,
        evidence: vec![
            input("逐次变化均值", "mean change from value to value", whole.change, ""),
            input("惯常逐次变化", "usual change from value to value", usual.change, ""),
            input("极差", "span", whole.span, ""),
            input("惯常极差", "usual span", usual.span, ""),
            input("水平", "level", whole.level, ""),
            input("前后相关", "memory of the value before", whole.memory, ""),
        ],
        sentence: sentence(hours, share, whole),
    })
}

fn sentence(hours: f64, share: f64, whole: &Window) -> Text {
    if share > 50.0 {
        let percent = 100.0 * whole.span / whole.level.max(f64::MIN_POSITIVE);
        return Text::new(
            format!("{hours:.0} 小时内极差只有水平的 {percent:.1}%。"),
            format!("For {hours:.0} hours it spans {percent:.1} % of its level."),
        );
    }
    Text::new(
        format!("{hours:.0} 小时内逐次变化只有平常的 {share:.0}%。"),
        format!(
            "For {hours:.0} hours it changes from value to value by {share:.0} % of the usual."
        ),
    )
}
