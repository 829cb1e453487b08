//! Last digits that no instrument makes (末位数字异常): numbers that were thought out, or rounded.
//!
//! Looks at the last digit of hourly concentrations as measured, while the device says "normal" and
//! the source runs.
//!
//! # Formula
//! When nine tenths of the values end in zero, the last digit is dropped first: the instrument has
//! fewer. Each of the ten digits is expected equally often, provided that the values move by ten
//! units or more from hour to hour (median). With `n ≥ 200` values and counts `c`:
//! `X = Σ (c − n/10)² / (n/10)`, chi-square with nine degrees of freedom, and the distance
//! `d = ½ Σ |c/n − 1/10|`. A sign when the chance of `X` is `digits.chance` or less and
//! `d ≥ digits.distance`. `strength = d / digits.distance`.
//!
//! Benford's law of first digits is not used: the range of concentrations is too narrow for it.

use crate::detector::Definition;
use crate::sign::input;
use crate::statistics::{chi_square_tail, median};
use crate::view::{Found, HOUR_S, View};
use crate::{Detector, Outlet, Parameters, Role, Series, Sign};
use rulebook::Text;

pub(crate) static DEFINITION: Definition = Definition {
    name: Text::fixed("末位数字异常", "uneven last digits"),
    looks_at: Text::fixed(
        "污染物小时浓度的末位数字 0–9 是否大致各占一成。",
        "Whether each of the last digits 0 to 9 of hourly concentrations makes up about a tenth.",
    ),
    formula: Text::fixed(
        "n ≥ 200 且逐时变化中位数不小于 10 个末位单位时,X = Σ(c−n/10)²÷(n/10)(自由度 9 的卡方),d = ½Σ|c/n−1/10|。X 的概率不大于允许值且 d ≥ 下限为线索。强度 = d ÷ 下限。",
        "With 200 values or more that move by ten units of the last digit or more: X = Σ(c−n/10)²/(n/10), chi-square with nine degrees of freedom, and d = ½Σ|c/n−1/10|. A sign when the chance of X is small enough and d reaches its least value. Strength = d over that value.",
    ),
    innocent: &[
        Text::fixed(
            "模数转换的步长大于一个末位单位",
            "the converter's steps are larger than one unit of the last digit",
        ),
        Text::fixed("单位换算后再取整", "a conversion of units that was rounded"),
        Text::fixed("人工录入的监测数据", "values that were entered by hand"),
    ],
    advice: Text::fixed(
        "看该设备历来是否如此;核对模拟量或数字量传输、量程与取整方式;是否存在人工录入或模拟程序。",
        "See whether the device has always done so; check how the signal is carried, range and rounding; look for entries by hand or a simulation program.",
    ),
};

/// Fewer values say nothing.
const FEWEST: usize = 200;
/// Values must move by so many units for their last digits to be even.
const MOVING: f64 = 10.0;

/// Signs in one series.
pub(crate) fn signs(outlet: &Outlet, series: &Series, parameters: &Parameters) -> Vec<Sign> {
    if series.role() != Role::Pollutant || series.step_s() < HOUR_S {
        return Vec::new();
    }
    let view = View::new(outlet, series, parameters);
    let units = resolved(&view.units);
    let values: Vec<i64> = units.iter().flatten().copied().filter(|unit| *unit != 0).collect();
    let mut steps: Vec<f64> = units
        .windows(2)
        .filter_map(|pair| Some((pair[1]? - pair[0]?).unsigned_abs() as f64))
        .collect();
    let moves = median(&mut steps).unwrap_or_default();
    if values.len() < FEWEST || moves < MOVING {
        return Vec::new();
    }
    let mut counts = [0.0_f64; 10];
    for unit in &values {
        counts[(unit.unsigned_abs() % 10) as usize] += 1.0;
    }
    let count = values.len() as f64;
    let even = count / 10.0;
    let square: f64 = counts.iter().map(|c| (c - even).powi(2) / even).sum();
    let distance = 0.5 * counts.iter().map(|c| (c / count - 0.1).abs()).sum::<f64>();
    let chance = chi_square_tail(square, 9.0);
    if chance > parameters.digits_chance || distance < parameters.digits_distance {
        return Vec::new();
    }
    vec![sign(&view, &counts, distance, chance, parameters)]
}

fn sign(
    view: &View<'_>,
    counts: &[f64; 10],
    distance: f64,
    chance: f64,
    parameters: &Parameters,
) -> Sign {
    let count: f64 = counts.iter().sum();
    let most = (0..10).max_by(|one, other| counts[*one].total_cmp(&counts[*other])).unwrap_or(0);
    let share = 100.0 * counts[most] / count;
    let first = view.units.iter().position(Option::is_some).unwrap_or(0);
    let last = view.units.iter().rposition(Option::is_some).unwrap_or(0);
    view.sign(Found {
        detector: Detector::Digits,
        finding: "uneven_last_digits",
        cells: (first, last + 1),
        strength: distance / parameters.digits_distance,
        evidence: vec![
            input("数据个数", "values", count, ""),
            input("最多的末位数字", "most frequent last digit", most as f64, ""),
            input("其占比", "its share", share, "%"),
            input("与均匀的距离", "distance from even", distance, ""),
            input("偶然的概率", "chance", chance, ""),
        ],
        sentence: Text::new(
            format!("末位数字 {most} 占 {share:.0}%,应约占 10%。"),
            format!("The last digit {most} makes up {share:.0} %, where about 10 % is due."),
        ),
    })
}

/// The units with the digits dropped that the instrument does not have.
fn resolved(units: &[Option<i64>]) -> Vec<Option<i64>> {
    const DROPPED_AT_MOST: usize = 4;
    let mut units = units.to_vec();
    for _ in 0..DROPPED_AT_MOST {
        let count = units.iter().flatten().count();
        let zeros = units.iter().flatten().filter(|unit| *unit % 10 == 0).count();
        if count == 0 || zeros * 10 < count * 9 {
            break;
        }
        for unit in units.iter_mut().flatten() {
            *unit /= 10;
        }
    }
    units
}
