//! Values that another outlet had as well (数据雷同): the same ups and downs, at once or shifted,
//! with another scale, another level, some noise.
//!
//! Looks at hourly concentrations of one factor at all pairs of outlets, as measured, while the
//! devices say "normal".
//!
//! # Formula: `same_changes`, `same_changes_later`
//! `d` are the changes from hour to hour; those of nothing tell nothing. Pairs are first compared
//! by the signs of `d` alone, in blocks of 64 hours at every shift up to `copied.lag` hours: of `k`
//! signs that tell all but `(k − 14) / 4` must agree. Where they do, `r` is the correlation
//! (Pearson) of the `n` changes here with those there; the stretch grows by twelve hours at a time
//! (more where few hours tell) while their ranks correlate by 0.7 or more, and shrinks while they
//! do not; its ends are then set to the hour that makes `artanh r · √(n − 3)` largest. A sign when
//! the stretch lasts `copied.hours`, `r ≥ copied.correlation`, the ranks correlate by 0.75 or more
//! (Spearman: no single jump makes a copy), `artanh r · √(n − 3) ≥ copied.scales`, and
//! `artanh r − artanh r₀ ≥ 0.6`, `r₀` the mean correlation of the same stretch shifted by one and
//! two more days either way: what a common course of the day explains.
//! `strength = artanh r / artanh copied.correlation, at most 3, plus hours / (3 · copied.hours), at
//! most 3`; half of it where one enterprise runs both.
//!
//! # Formula: `same_values`
//! Values of both are thinned to those that differ from the one before; `m` of them in a row are
//! equal, at whatever shift. `q` is the larger of the chances that two changes of one of them are
//! equal (Σ share²), `N` the number of pairs of places. A sign when `m ≥ repeated.values`,
//! `N · q^m ≤ repeated.chance`, and eight of them or more differ.
//! `strength = m / (the smallest m that is a sign)`, halved as above.
//!
//! The later one is the copy; at no shift the one that differs more from its own other hours, in
//! level and in how much it changes: right in seven of eight, so the sign is seen at both.

mod exact;
mod sketch;

use crate::detector::Definition;
use crate::sign::{Span, Twin, input};
use crate::statistics::{correlation, line, rank_correlation, robust};
use crate::view::HOUR_S;
use crate::{Detector, Outlet, Parameters, Role, Series, Sign, State};
use jiff::Timestamp;
use rulebook::Text;
use sketch::{BLOCK, Sketch};
use std::collections::BTreeMap;

pub(crate) static DEFINITION: Definition = Definition {
    name: Text::fixed("数据雷同", "copied values"),
    looks_at: Text::fixed(
        "任意两个排放口同一因子小时浓度的逐时涨落,允许时移、倍数、平移和少量噪声。",
        "How hourly concentrations of one factor rise and fall at any two outlets; shift, scale, offset and some noise are allowed.",
    ),
    formula: Text::fixed(
        "先比较逐时涨跌符号(64 小时一段,各时移),绝大多数相同者再求逐时变化的相关系数 r;持续时数与 r 达到下限,且 artanh r − artanh r₀ ≥ 0.6(r₀ 为错开一、二天时的相关,扣除共同日变化)为线索。强度 = artanh r ÷ artanh 下限(最大 3)+ 时数 ÷(3×下限)(最大 3);同一企业减半。另:去掉重复后的测量值连续 m 个与另一排放口完全相同,且偶然次数 N·q^m 足够小。",
        "Signs of the changes are compared first, in blocks of 64 hours at each shift; where nearly all agree, r is the correlation of the changes. A sign when hours and r reach their least values and artanh r − artanh r₀ ≥ 0.6, r₀ the correlation a day or two apart, which a common course of the day explains. Strength = artanh r over artanh of the least (at most 3) plus hours over three times the least (at most 3); halved within one enterprise. Also: m measured values in a row that equal another outlet's, where chance N·q^m is small enough.",
    ),
    innocent: &[
        Text::fixed("同一股废水、废气由两个点位测量", "two points measure one stream"),
        Text::fixed(
            "两条生产线共用治理设施或同一操作",
            "two lines share treatment or are run as one",
        ),
        Text::fixed(
            "数采仪错接、点位编码配置错误",
            "a logger wired or configured to the wrong point",
        ),
    ],
    advice: Text::fixed(
        "同时到两处现场,看各自分析仪、数采仪;查两处是否同一运维单位、同一工控机或同一网络出口;保全两段原始数据包。",
        "Visit both at the same time; see analysers and loggers; ask whether one contractor, computer or network serves both; secure the raw packets of both stretches.",
    ),
};

/// Blocks begin so many hours apart.
const STRIDE: usize = 24;
/// A stretch grows and shrinks by so many hours.
const GROWTH: usize = 12;
/// So many changes say something of what a stretch grows by.
const TELLING: usize = 5;
/// What it grows by must correlate by this much.
const AT_THE_END: f64 = 0.7;
/// The ranks of the changes must correlate by this much: no single jump makes a copy.
const BY_RANK: f64 = 0.75;
/// What a common course of the day leaves to be explained.
const BEYOND_THE_DAY: f64 = 0.6;

/// Signs among outlets: each pair in each factor.
pub(crate) fn signs(outlets: &[Outlet], parameters: &Parameters) -> Vec<Sign> {
    let mut by_factor: BTreeMap<&str, Vec<(&Outlet, &Series)>> = BTreeMap::new();
    for outlet in outlets {
        for series in &outlet.series {
            if series.role() == Role::Pollutant && series.step_s() == HOUR_S && !series.is_empty() {
                by_factor.entry(series.factor()).or_default().push((outlet, series));
            }
        }
    }
    let mut signs = Vec::new();
    for members in by_factor.values() {
        let first = members.iter().map(|(_, series)| series.second(0)).min().unwrap_or_default();
        let all: Vec<Member<'_>> =
            members.iter().map(|(outlet, series)| Member::new(outlet, series, first)).collect();
        let mut found: Vec<Sign> = Vec::new();
        for (place, one) in all.iter().enumerate() {
            for other in &all[place + 1..] {
                found.extend(Pair { one, other, first, parameters }.signs());
            }
        }
        // Equal values say more than equal changes, and are told where those say nothing.
        for sign in exact::signs(&all, first, parameters) {
            if !found.iter().any(|known| known.is_same_as(&sign)) {
                found.push(sign);
            }
        }
        signs.extend(found);
    }
    signs
}

/// A series on the grid that all of its factor share.
struct Member<'look> {
    outlet: &'look Outlet,
    series: &'look Series,
    values: Vec<f64>,
    sketch: Sketch,
}

impl<'look> Member<'look> {
    fn new(outlet: &'look Outlet, series: &'look Series, first: i64) -> Self {
        let empty = ((series.second(0) - first) / series.step_s()).max(0) as usize;
        let mut values = vec![f64::NAN; empty];
        values.extend((0..series.len()).map(|cell| {
            let counts = series.state(cell) == State::Normal;
            series.value(cell).filter(|_| counts).unwrap_or(f64::NAN)
        }));
        let sketch = Sketch::new(&values);
        Self { outlet, series, values, sketch }
    }

    fn at(&self, cell: i64) -> f64 {
        usize::try_from(cell).ok().and_then(|cell| self.values.get(cell)).map_or(f64::NAN, |it| *it)
    }

    fn change(&self, cell: i64) -> f64 {
        self.at(cell) - self.at(cell - 1)
    }

    /// How far a stretch differs from the rest, in level and in how much it changes.
    fn strangeness(&self, from: i64, to: i64) -> f64 {
        let parts = |inside: bool| {
            let is_inside = move |cell: &i64| (from..to).contains(cell) == inside;
            let cells = (0..self.values.len() as i64).filter(is_inside);
            let levels: Vec<f64> =
                cells.clone().map(|cell| self.at(cell)).filter(|it| it.is_finite()).collect();
            let changes: Vec<f64> =
                cells.map(|cell| self.change(cell).abs()).filter(|it| it.is_finite()).collect();
            Some((robust(&levels)?, robust(&changes)?.0))
        };
        let (Some(inside), Some(outside)) = (parts(true), parts(false)) else { return 0.0 };
        let level = (inside.0.0 - outside.0.0).abs() / outside.0.1.max(1e-12);
        let changes = (inside.1.max(1e-12) / outside.1.max(1e-12)).ln().abs();
        level + changes
    }
}

/// Two series being compared.
struct Pair<'look> {
    one: &'look Member<'look>,
    other: &'look Member<'look>,
    /// The first second of the grid.
    first: i64,
    parameters: &'look Parameters,
}

/// A stretch of the first series that the second one has as well, `lag` hours later.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: i64,
    to: i64,
    lag: i64,
    correlation: f64,
}

impl Pair<'_> {
    fn signs(&self) -> Vec<Sign> {
        let lags = self.parameters.copied_lag as i64;
        let mut found: Vec<Stretch> = Vec::new();
        for lag in -lags..=lags {
            for block in (0..self.one.values.len().saturating_sub(BLOCK / 2)).step_by(STRIDE) {
                let from = block as i64;
                let Ok(there) = usize::try_from(from + lag) else { continue };
                if !self.one.sketch.agrees(block, &self.other.sketch, there) {
                    continue;
                }
                let is_known =
                    |known: &Stretch| known.lag == lag && known.from <= from && from < known.to;
                if !found.iter().any(is_known) {
                    found.extend(self.grown(from, lag));
                }
            }
        }
        // Of shifts that overlap the best one speaks.
        found.sort_by(|one, other| other.correlation.total_cmp(&one.correlation));
        let mut told: Vec<Stretch> = Vec::new();
        for stretch in found {
            if told.iter().all(|known| stretch.to <= known.from || known.to <= stretch.from) {
                told.push(stretch);
            }
        }
        told.sort_by_key(|stretch| stretch.from);
        told.iter().map(|stretch| self.sign(stretch)).collect()
    }

    fn changes(&self, from: i64, to: i64, lag: i64) -> Vec<(f64, f64)> {
        let pair = |cell| (self.one.change(cell), self.other.change(cell + lag));
        let tells = |change: f64| change.is_finite() && change != 0.0;
        (from..to).map(pair).filter(|(x, y)| tells(*x) && tells(*y)).collect()
    }

    /// The correlation of a stretch by ranks; 0 where too few changes tell.
    fn correlates(&self, from: i64, to: i64, lag: i64) -> f64 {
        let changes = self.changes(from, to, lag);
        if changes.len() < TELLING { 0.0 } else { rank_correlation(&changes) }
    }

    /// The whole stretch around a block that agrees, when it is a sign.
    fn grown(&self, from: i64, lag: i64) -> Option<Stretch> {
        let (mut from, mut to) = (from, from + BLOCK as i64);
        let telling = self.changes(from, to, lag).len();
        if telling < TELLING || self.correlates(from, to, lag) < AT_THE_END / 2.0 {
            return None;
        }
        // Analysers that measure every few hours need longer pieces to tell anything.
        let step = (BLOCK * (TELLING + 1)).div_ceil(telling).max(GROWTH) as i64;
        let agrees = |from: i64, to: i64| self.correlates(from, to, lag) >= AT_THE_END;
        while from + step < to && !agrees(from, from + step) {
            from += step;
        }
        while to - step > from && !agrees(to - step, to) {
            to -= step;
        }
        while agrees(from - step, from) {
            from -= step;
        }
        while agrees(to, to + step) {
            to += step;
        }
        // A copy begins and ends at any hour, often with a jump: the ends are set to the hour.
        let best = |ends: &dyn Fn(i64) -> (i64, i64)| {
            let sure = |back: &i64| {
                let (from, to) = ends(*back);
                surety(&self.changes(from, to, lag))
            };
            (-step..=step).max_by(|one, other| sure(one).total_cmp(&sure(other))).unwrap_or(0)
        };
        from += best(&|back| (from + back, to));
        to -= best(&|back| (from, to - back));
        let changes = self.changes(from, to, lag);
        let correlation = correlation(&changes);
        let is_long = to - from >= self.parameters.copied_hours as i64;
        if !is_long || correlation < self.parameters.copied_correlation {
            return None;
        }
        let height = bounded(correlation).atanh();
        let by_rank = rank_correlation(&changes);
        let is_sure = by_rank >= BY_RANK
            && height * (changes.len() as f64 - 3.0).max(0.0).sqrt()
                >= self.parameters.copied_scales;
        let others = [-48, -24, 24, 48].map(|more| self.correlates(from, to, lag + more));
        let by_the_day = (others.iter().sum::<f64>() / 4.0).clamp(0.0, 0.999);
        let beyond = height - by_the_day.atanh();
        (is_sure && beyond >= BEYOND_THE_DAY).then_some(Stretch { from, to, lag, correlation })
    }

    fn sign(&self, stretch: &Stretch) -> Sign {
        let Stretch { from, to, lag, correlation } = *stretch;
        let is_first = match lag {
            // The first series has it later: it is the copy.
            ..0 => true,
            1.. => false,
            0 => self.one.strangeness(from, to) > self.other.strangeness(from, to),
        };
        let spans = [(from, to), (from + lag, to + lag)].map(|(from, to)| self.span(from, to));
        let (copy, model) = if is_first { (self.one, self.other) } else { (self.other, self.one) };
        let (span, of_model) = if is_first { (spans[0], spans[1]) } else { (spans[1], spans[0]) };
        let shift = if is_first { -lag } else { lag };
        let pairs: Vec<(f64, f64)> = (from..to)
            .map(|cell| (self.one.at(cell), self.other.at(cell + lag)))
            .map(|(x, y)| if is_first { (y, x) } else { (x, y) })
            .filter(|(x, y)| x.is_finite() && y.is_finite())
            .collect();
        let (slope, offset) = line(&pairs).unwrap_or_default();
        let hours = to - from;
        let least = bounded(self.parameters.copied_correlation).atanh();
        let strength = (bounded(correlation).atanh() / least).min(3.0)
            + (hours as f64 / (3.0 * self.parameters.copied_hours.max(1.0))).min(3.0);
        let is_one_enterprise = copy.outlet.operator == model.outlet.operator;
        Sign {
            detector: Detector::Copied,
            finding: if shift == 0 { "same_changes" } else { "same_changes_later" },
            outlet: copy.outlet.id,
            factor: Some(copy.series.factor().to_owned()),
            step_s: HOUR_S,
            span,
            twin: Some(Twin {
                outlet: model.outlet.id,
                factor: model.series.factor().to_owned(),
                span: of_model,
            }),
            strength: if is_one_enterprise { strength / 2.0 } else { strength },
            evidence: vec![
                input("相关系数", "correlation of the changes", correlation, ""),
                input("时数", "hours", hours as f64, "h"),
                input("时移", "shift", shift as f64, "h"),
                input("倍数", "scale", slope, ""),
                input("平移", "offset", offset, ""),
            ],
            sentence: sentence(hours, shift, correlation, is_one_enterprise),
        }
    }

    fn span(&self, from: i64, to: i64) -> Span {
        let time = |cell: i64| {
            Timestamp::from_second(self.first + cell * HOUR_S).unwrap_or(Timestamp::MAX)
        };
        Span { from: time(from), to: time(to) }
    }
}

fn sentence(hours: i64, shift: i64, correlation: f64, is_one_enterprise: bool) -> Text {
    let (when_zh, when_en) = if shift == 0 {
        ("同时".to_owned(), "at the same time".to_owned())
    } else {
        (format!("晚 {shift} 小时"), format!("{shift} hours later"))
    };
    let (both_zh, both_en) =
        if is_one_enterprise { ("(同一企业)", " (of the same enterprise)") } else { ("", "") };
    Text::new(
        format!(
            "{hours} 小时的逐时涨落与另一排放口{both_zh}{when_zh}几乎一样,相关系数 {correlation:.2}。"
        ),
        format!(
            "For {hours} hours it rises and falls like another outlet{both_en}, {when_en}: correlation {correlation:.2}."
        ),
    )
}

/// By how many scales of chance changes correlate (Fisher's z).
fn surety(changes: &[(f64, f64)]) -> f64 {
    bounded(correlation(changes)).atanh() * (changes.len() as f64 - 3.0).max(0.0).sqrt()
}

fn bounded(correlation: f64) -> f64 {
    correlation.clamp(-0.9999, 0.9999)
}
