//! Values cut off just under the limit (限值处截断、贴限排放): many just below it and none beyond, or
//! one largest value that comes again and again.
//!
//! Looks at hourly values that a limit binds (converted where the permit says so), while the
//! device says "normal" and the source runs.
//!
//! # Formula: `missing_beyond_limit`, a test of the density at the limit
//! Values are counted in bins of 2 % of the limit `L`. A parabola is fitted to the logarithm of the
//! counts from `clipped.from · L` up to `L`, weighted by the counts, and carried on to
//! `clipped.to · L`, nowhere above the last bins below the limit: so many values `E` should lie
//! beyond it, and `A` do. Hours hang together, so both are divided by the mean number `h` of hours
//! for which a visit to 0.9 L and above lasts. A sign when the chance of at most `A/h` where `E/h`
//! are expected (Poisson) is `clipped.chance` or less.
//! `strength = ln(chance found) / ln(clipped.chance)`.
//! McCrary's test of a density at a threshold is the ancestor of this one.
//!
//! # Formula: `equal_tops`, a cut at one value
//! The largest value occurs `n ≥ clipped.tops` times, in at least three separate visits, and
//! `n ≥ 8 · (u + 1)`, `u` the mean number of values on each of the ten units below it.
//! `strength = n / max(clipped.tops, 8 · (u + 1))`.

use crate::detector::Definition;
use crate::sign::input;
use crate::statistics::poisson_at_most;
use crate::stuck::shown_exactly;
use crate::view::{Found, HOUR_S, View, runs, stretches};
use crate::{Detector, Outlet, Parameters, Role, Sign};
use rulebook::Text;

pub(crate) static DEFINITION: Definition = Definition {
    name: Text::fixed("限值处截断", "cut off at the limit"),
    looks_at: Text::fixed(
        "受限值约束的小时值(折算值优先)在限值附近的分布;以及反复出现的同一最大值。",
        "How hourly values that a limit binds (converted ones first) are spread around it; and one largest value that comes again and again.",
    ),
    formula: Text::fixed(
        "按限值 2% 分箱计数,对限值以下的对数计数拟合抛物线并外推到限值以上,得应有个数 E,实有 A;除以每次接近限值的平均时长 h 后,泊松概率 P(≤A/h | E/h) 不大于允许值为线索。另:最大值相同 n 次,n ≥ 下限且 n ≥ 8(u+1),u 为其下十个末位单位的平均个数。",
        "Counted in bins of 2 % of the limit; a parabola through the logarithms below it, carried on beyond it, gives the expected number E against the A found; both divided by h, the hours that a visit near the limit lasts. A sign when the Poisson chance of at most A/h given E/h is small enough. Also: the largest value n times, n at least the least number and at least 8(u+1), u the mean count of the ten units below.",
    ),
    innocent: &[
        Text::fixed(
            "按设定值自动加药、喷氨,控制在限值以下",
            "dosing controlled to a set point below the limit",
        ),
        Text::fixed("临近限值时降负荷", "the load is lowered as the limit comes near"),
        Text::fixed(
            "仪器量程上限,超量程未标记",
            "the end of the instrument's range, not marked as such",
        ),
    ],
    advice: Text::fixed(
        "核对分析仪、数采仪、平台三处同一时刻的值;查量程上限、斜率、截距、过量空气系数等参数及其修改记录;对比 DCS 趋势。",
        "Compare analyser, logger and platform at the same minute; check range, slope, intercept, oxygen reference and their change log; compare with the plant's control system.",
    ),
};

/// The width of a bin as a share of the limit.
const BIN: f64 = 0.02;
/// From this share of the limit on a value is near it.
const NEAR: f64 = 0.9;

/// Signs in one outlet.
pub(crate) fn signs(outlet: &Outlet, parameters: &Parameters) -> Vec<Sign> {
    let mut signs = Vec::new();
    for series in &outlet.series {
        if series.role() != Role::Pollutant || series.step_s() < HOUR_S {
            continue;
        }
        let judged = outlet.judged(series.factor(), series.step_s()).unwrap_or(series);
        let view = View::new(outlet, judged, parameters);
        let beyond = judged.limit().and_then(|limit| beyond_limit(&view, limit, parameters));
        // One sign for one cut: the density says more than the equal tops.
        signs.extend(beyond.or_else(|| equal_tops(&view, parameters)));
    }
    signs
}

fn beyond_limit(view: &View<'_>, limit: f64, parameters: &Parameters) -> Option<Sign> {
    let below = ((1.0 - parameters.clipped_from) / BIN).round() as usize;
    let above = ((parameters.clipped_to - 1.0) / BIN).round().max(1.0) as usize;
    let mut counts = vec![0.0; below + above];
    let first = 1.0 - below as f64 * BIN;
    for value in view.values.iter().filter(|value| value.is_finite()) {
        // A value on the limit keeps it: bins are open below and closed above.
        let bin = ((value / limit - first) / BIN - 1e-9).floor();
        if bin >= 0.0 && bin < counts.len() as f64 {
            counts[bin as usize] += 1.0;
        }
    }
    let (under, over) = counts.split_at(below);
    let found: f64 = over.iter().sum();
    let expected = carried_on(under, above)?;
    let near: Vec<bool> = view.values.iter().map(|value| *value > NEAR * limit).collect();
    let visits = stretches(&near, 0);
    let hours = near.iter().filter(|near| **near).count() as f64 / visits.len().max(1) as f64;
    let hours = hours.max(1.0);
    let chance = poisson_at_most(found / hours, expected / hours).max(1e-300);
    if chance > parameters.clipped_chance {
        return None;
    }
    let (first, last) = (visits.first()?.0, visits.last()?.1);
    let just_under: f64 = under[below.saturating_sub(above)..].iter().sum();
    let percent = (parameters.clipped_to - 1.0) * 100.0;
    Some(view.sign(Found {
        detector: Detector::Clipped,
        finding: "missing_beyond_limit",
        cells: (first, last),
        strength: chance.ln() / parameters.clipped_chance.ln(),
        evidence: vec![
            input("限值", "limit", limit, ""),
            input("限值以下同宽区间个数", "values just below the limit", just_under, "h"),
            input("限值以上应有个数", "expected beyond the limit", expected, "h"),
            input("限值以上实有个数", "found beyond the limit", found, "h"),
            input("每次接近限值的时长", "hours that a visit lasts", hours, "h"),
        ],
        sentence: Text::new(
            format!(
                "限值以下 {percent:.0}% 内有 {just_under:.0} 个小时值,限值以上 {percent:.0}% 内只有 {found:.0} 个,按分布应有约 {expected:.0} 个。"
            ),
            format!(
                "{just_under:.0} hours lie within {percent:.0} % below the limit and {found:.0} within {percent:.0} % above it, where the spread would let one expect about {expected:.0}."
            ),
        ),
    }))
}

/// How many values the shape of the counts below the limit lets one expect in so many bins above
/// it; `None` where there are too few to tell.
fn carried_on(under: &[f64], above: usize) -> Option<f64> {
    const FEWEST: f64 = 30.0;
    let total: f64 = under.iter().sum();
    if total < FEWEST || under.len() < 6 {
        return None;
    }
    // Places from the limit in units of the whole width below it: -1 to 0.
    let width = under.len() as f64;
    let place = |bin: f64| (bin + 0.5 - width) / width;
    let [level, slope, bend] = parabola(
        under
            .iter()
            .enumerate()
            .map(|(bin, count)| (place(bin as f64), (count + 0.5).ln(), count + 0.5)),
    )?;
    let last = &under[under.len() - 3..];
    let most = last.iter().sum::<f64>() / last.len() as f64;
    let expected = (0..above)
        .map(|bin| {
            let x = place(width + bin as f64);
            (level + slope * x + bend * x * x).min(50.0).exp().min(most)
        })
        .sum();
    Some(expected)
}

/// The parabola `a + b·x + c·x²` through weighted points by least squares.
fn parabola(points: impl Iterator<Item = (f64, f64, f64)>) -> Option<[f64; 3]> {
    let mut moments = [0.0; 5];
    let mut right = [0.0; 3];
    for (x, y, weight) in points {
        let mut term = weight;
        for (place, moment) in moments.iter_mut().enumerate() {
            *moment += term;
            if let Some(side) = right.get_mut(place) {
                *side += term * y;
            }
            term *= x;
        }
    }
    let [m0, m1, m2, m3, m4] = moments;
    solve([[m0, m1, m2], [m1, m2, m3], [m2, m3, m4]], right)
}

/// Three linear equations by Cramer's rule; `None` where they do not decide.
fn solve(rows: [[f64; 3]; 3], right: [f64; 3]) -> Option<[f64; 3]> {
    let determinant = |m: &[[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = determinant(&rows);
    let mut solution = [0.0; 3];
    for (column, value) in solution.iter_mut().enumerate() {
        let mut replaced = rows;
        for (row, side) in replaced.iter_mut().zip(right) {
            row[column] = side;
        }
        *value = determinant(&replaced) / whole;
    }
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

fn equal_tops(view: &View<'_>, parameters: &Parameters) -> Option<Sign> {
    const NEIGHBOURS: i64 = 10;
    let top = view.units.iter().flatten().copied().max()?;
    let count = |low: i64, high: i64| {
        view.units.iter().flatten().filter(|unit| (low..=high).contains(*unit)).count() as f64
    };
    let tops = count(top, top);
    let beside = count(top - NEIGHBOURS, top - 1) / NEIGHBOURS as f64;
    let wanted = parameters.clipped_tops.max(8.0 * (beside + 1.0));
    let all = runs(&view.units);
    let visits: Vec<_> = all.iter().filter(|run| run.unit == top).collect();
    if tops < wanted || visits.len() < 3 || top == 0 {
        return None;
    }
    let (first, last) = (visits.first()?, visits.last()?);
    let text = shown_exactly(view.series, top);
    let times = visits.len();
    Some(view.sign(Found {
        detector: Detector::Clipped,
        finding: "equal_tops",
        cells: (first.start, last.start + last.length),
        strength: tops / wanted,
        evidence: vec![
            input("最大值", "largest value", view.series.number(top), ""),
            input("出现个数", "times", tops, ""),
            input("分几次达到", "in so many visits", times as f64, ""),
            input("其下每个末位单位的个数", "values on each unit below", beside, ""),
        ],
        sentence: Text::new(
            format!("最大值 {text} 分 {times} 次共出现 {tops:.0} 个,像被截断。"),
            format!(
                "The largest value {text} occurs {tops:.0} times in {times} visits, as if cut off."
            ),
        ),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts of a density in fifteen bins below the limit and what it has in five beyond.
    fn bins(density: impl Fn(f64) -> f64) -> (Vec<f64>, f64) {
        let count = |bin: i32| density(0.70 + BIN * (f64::from(bin) + 0.5)).round();
        ((0..15).map(count).collect(), (15..20).map(count).sum())
    }

    #[test]
    fn the_shape_below_foretells_what_lies_beyond() {
        let flat = bins(|_| 20.0);
        let tail = bins(|x| 300.0 * (-8.0 * (x - 0.7)).exp());
        let controlled = bins(|x| 200.0 * (-((x - 0.85) / 0.05_f64).powi(2) / 2.0).exp());
        for (name, (under, beyond)) in [("flat", flat), ("tail", tail), ("controlled", controlled)]
        {
            let expected = carried_on(&under, 5).expect("enough values");
            let scatter = 3.0 * beyond.max(1.0).sqrt();
            assert!((expected - beyond).abs() <= scatter, "{name}: {expected}, not {beyond}");
        }
        assert_eq!(carried_on(&[1.0; 15], 5), None);
    }

    #[test]
    fn equations_that_do_not_decide_have_no_solution() {
        assert_eq!(solve([[1.0, 2.0, 3.0]; 3], [1.0; 3]), None);
        let identity = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        assert_eq!(solve(identity, [4.0, 5.0, 6.0]), Some([4.0, 5.0, 6.0]));
    }
}
