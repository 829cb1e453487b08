//! A verdict on a permit's limit explained in a sentence and a table.

use rulebook::{Explanation, Judged, NotComputable, Period, Rounding, Text};

use super::{Compliance, Limit};

/// The period of a limit for a reader.
const fn period_name(period: Period) -> Text {
    match period {
        Period::RealTime => Text::fixed("实时值", "real-time value"),
        Period::Minute => Text::fixed("分钟均值", "minute mean"),
        Period::Hour => Text::fixed("小时均值", "hourly mean"),
        Period::Day => Text::fixed("日均值", "daily mean"),
    }
}

/// Explains a verdict, or why there is none.
///
/// # Standard
/// As [`judge`](super::judge): the permit or standard that the limit cites stands in the sentence.
///
/// # Example
/// ```
/// use rulebook::{Citation, Confidence, Language, Period, Text};
/// use standards::discharge::permit_limit::{Bound, Comparison, Limit, Measured};
/// use standards::discharge::permit_limit::{explain, judge};
/// let limit = Limit {
///     factor: Text::fixed("化学需氧量", "chemical oxygen demand"),
///     unit: "mg/L".into(),
///     period: Period::Day,
///     bound: Bound::AtMost("50".parse().unwrap()),
///     by: Citation {
///         standard: "permit".into(),
///         edition: "P1".into(),
///         clause: "表 6".into(),
///         source: "permit".into(),
///     },
///     confidence: Confidence::Certain,
/// };
/// let verdict = judge(&limit, &Measured::usable("65".parse().unwrap()), Comparison::ROUNDED);
/// assert_eq!(
///     explain(&limit, &verdict).sentence.in_language(Language::Chinese),
///     "化学需氧量日均值 65 mg/L 超过限值 ≤ 50 mg/L，超标 0.30 倍（P1 表 6）"
/// );
/// ```
pub fn explain(limit: &Limit, verdict: &Result<Judged<Compliance>, NotComputable>) -> Explanation {
    let period = period_name(limit.period);
    let unit = &limit.unit;
    match verdict {
        Ok(verdict) => {
            let found = &verdict.value;
            let bound = format!("{} {unit}", found.bound);
            let (bound, by) = (bound.trim_end(), &limit.by);
            let value = format!("{} {unit}", found.compared);
            let (value, factor) = (value.trim_end(), &limit.factor);
            let (over_zh, over_en) = found.multiple.map_or_else(
                || (String::new(), String::new()),
                |multiple| (format!("，超标 {multiple} 倍"), format!(", {multiple} times over")),
            );
            let (zh, en) = if found.exceeds { ("超过", "exceeds") } else { ("符合", "keeps") };
            Explanation {
                sentence: Text::new(
                    format!(
                        "{}{} {value} {zh}限值 {bound}{over_zh}（{}）",
                        factor.zh,
                        period.zh,
                        by.text().zh
                    ),
                    format!(
                        "{} {} {value} {en} the limit {bound}{over_en} ({by})",
                        factor.en, period.en
                    ),
                ),
                columns: vec![
                    Text::fixed("项目", "item"),
                    Text::fixed("数值", "value"),
                    Text::fixed("单位", "unit"),
                ],
                rows: verdict
                    .inputs
                    .iter()
                    .map(|input| {
                        let unit = Text::new(input.unit.clone(), input.unit.clone());
                        vec![input.name.clone(), Text::plain(input.value), unit]
                    })
                    .collect(),
                notes: verdict.rounding.iter().map(Rounding::text).collect(),
            }
        }
        Err(reason) => {
            let reason = reason.text();
            Explanation {
                sentence: Text::new(
                    format!(
                        "{}{}未判定：{}（{}）",
                        limit.factor.zh,
                        period.zh,
                        reason.zh,
                        limit.by.text().zh
                    ),
                    format!(
                        "{} {} not judged: {} ({})",
                        limit.factor.en, period.en, reason.en, limit.by
                    ),
                ),
                ..Explanation::default()
            }
        }
    }
}
