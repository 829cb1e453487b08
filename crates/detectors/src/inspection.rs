//! Values that fall on days of inspection (检查日下降): what is discharged looks better while somebody
//! looks.
//!
//! Looks at the daily median of hourly concentrations as measured, and at the days on which an
//! inspection is recorded. Without recorded inspections it says nothing.
//!
//! # Formula
//! Days are those of Beijing, with twelve hours or more that count. With `k ≥ inspection.days` days
//! of inspection and twenty others or more: the chance that the ranks of the `k` are so low
//! (Mann, Whitney and Wilcoxon, normal approximation with continuity) is `inspection.chance` or
//! less, and their median lies below `inspection.drop` times that of the others.
//! `strength = ln(chance) / ln(inspection.chance)`.

use crate::detector::Definition;
use crate::sign::input;
use crate::statistics::{lower_ranks, median};
use crate::view::{DAY_S, Found, HOUR_S, View};
use crate::{Detector, EventKind, Outlet, Parameters, Role, Series, Sign};
use rulebook::Text;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) static DEFINITION: Definition = Definition {
    name: Text::fixed("检查日下降", "drop on inspection days"),
    looks_at: Text::fixed(
        "有现场检查记录的日子与其他日子的小时浓度日中位数之比较;没有检查记录时不作判断。",
        "Daily medians of hourly concentrations on recorded days of inspection against other days; it says nothing without records.",
    ),
    formula: Text::fixed(
        "检查日 k 个(≥ 下限)、其他日 ≥ 20 个时,秩和检验得检查日如此之低的概率 p;p 不大于允许值且检查日中位数 < 其他日的一定比例为线索。强度 = ln p ÷ ln(允许值)。",
        "With k days of inspection (the least number or more) and twenty others: the rank-sum test gives the chance p that they are so low; a sign when p is small enough and their median lies below a share of the others'. Strength = ln p over ln(the allowed one).",
    ),
    innocent: &[
        Text::fixed("检查多在停产、低负荷时进行", "inspections are made when the plant runs low"),
        Text::fixed(
            "管控期间要求减排,检查也多",
            "cuts are ordered in the same days in which inspections are made",
        ),
    ],
    advice: Text::fixed(
        "改为不定时、夜间检查;对照检查日前后的用电、用水、产量;查检查消息是否外泄。",
        "Come unannounced and at night; compare power, water and production around those days; ask whether visits are known beforehand.",
    ),
};

/// So many hours a day must count.
const HOURS_A_DAY: usize = 12;
/// So many other days are needed.
const OTHERS: usize = 20;
/// Beijing's distance from UTC.
const BEIJING_S: i64 = 8 * HOUR_S;

/// Signs in one series.
pub(crate) fn signs(outlet: &Outlet, series: &Series, parameters: &Parameters) -> Vec<Sign> {
    let inspected: BTreeSet<i64> = outlet
        .events
        .iter()
        .filter(|event| event.kind == EventKind::Inspection)
        .map(|event| day(event.from.as_second()))
        .collect();
    let is_looked_at = series.role() == Role::Pollutant && series.step_s() >= HOUR_S;
    if inspected.is_empty() || !is_looked_at {
        return Vec::new();
    }
    let view = View::new(outlet, series, parameters);
    let mut days: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (cell, value) in view.values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
        days.entry(day(series.second(cell))).or_default().push(*value);
    }
    let enough = HOURS_A_DAY * HOUR_S as usize / series.step_s() as usize;
    let (mut on, mut off) = (Vec::new(), Vec::new());
    for (day, mut values) in days {
        if values.len() < enough.max(1) {
            continue;
        }
        let level = median(&mut values).unwrap_or_default();
        if inspected.contains(&day) { on.push(level) } else { off.push(level) }
    }
    if on.len() < (parameters.inspection_days as usize).max(1) || off.len() < OTHERS {
        return Vec::new();
    }
    let chance = lower_ranks(&on, &off).max(1e-300);
    let (count, others) = (on.len(), off.len());
    let levels = median(&mut on).zip(median(&mut off));
    let Some((level, usual)) = levels else { return Vec::new() };
    if chance > parameters.inspection_chance || level >= parameters.inspection_drop * usual {
        return Vec::new();
    }
    let percent = 100.0 * (level / usual - 1.0);
    vec![view.sign(Found {
        detector: Detector::Inspection,
        finding: "lower_on_inspection_days",
        cells: (0, series.len()),
        strength: chance.ln() / parameters.inspection_chance.ln(),
        evidence: vec![
            input("检查日", "days of inspection", count as f64, "d"),
            input("其他日", "other days", others as f64, "d"),
            input("检查日水平", "level on them", level, ""),
            input("其他日水平", "level on others", usual, ""),
            input("偶然的概率", "chance", chance, ""),
        ],
        sentence: Text::new(
            format!("{count} 个检查日的水平比其他 {others} 天低 {:.0}%。", -percent),
            format!(
                "On {count} days of inspection the level is {:.0} % below that of {others} others.",
                -percent
            ),
        ),
    })]
}

/// The day of Beijing, counted from 1970.
fn day(second: i64) -> i64 {
    (second + BEIJING_S).div_euclid(DAY_S)
}
