//! The evaluation of a pollutant's year explained in a sentence and a table.

use rulebook::{Explanation, Input, Judged, Text};

use super::ItemEvaluation;

/// Explains a year: mean and percentile against their limits.
///
/// # Standard
/// As [`evaluate_year`](super::evaluate_year).
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::air::Pollutant;
/// use rulebook::Language;
/// use standards::air::gb3095_ambient_air_quality::Zone;
/// use standards::air::hj663_ambient_air_assessment::{Parameters, evaluate_year, explain};
/// let first = date(2025, 1, 1);
/// let day = |number: i64| first.saturating_add(jiff::Span::new().days(number));
/// let days: Vec<_> = (0..365).map(|number| (day(number), Some(Decimal::from(33)))).collect();
/// let parameters = Parameters::in_force(date(2025, 12, 31)).unwrap();
/// let on = date(2026, 3, 1);
/// let found = evaluate_year(Pollutant::Pm25, &days, Zone::II, on, &parameters).unwrap();
/// let plain = explain(&found).to_plain(Language::Chinese);
/// assert!(plain.starts_with("PM2.5 年评价不达标，超标 0.10 倍（GB 3095-2026）"));
/// ```
pub fn explain(verdict: &Judged<ItemEvaluation>) -> Explanation {
    let found = &verdict.value;
    let (zh, en) =
        if found.attains() { ("达标", "attains") } else { ("不达标", "does not attain") };
    let over = found.mean_multiple.or(found.percentile_multiple);
    let (over_zh, over_en) = over.map_or_else(
        || (String::new(), String::new()),
        |over| (format!("，超标 {over} 倍"), format!(", {over} times over")),
    );
    let row = |input: &Input| vec![input.name.clone(), input.shown()];
    Explanation {
        sentence: Text::new(
            format!("{} 年评价{zh}{over_zh}（{}）", found.pollutant, verdict.by.edition),
            format!("{} {en} for the year{over_en} ({})", found.pollutant, verdict.by.edition),
        ),
        columns: vec![Text::fixed("统计量", "statistic"), Text::fixed("数值", "value")],
        rows: verdict.inputs.iter().map(row).collect(),
        notes: vec![
            Text::new(
                format!("有效日 {} 天", found.statistics.valid_days),
                format!("{} valid days", found.statistics.valid_days),
            ),
            verdict.confidence.text(),
        ],
    }
}
