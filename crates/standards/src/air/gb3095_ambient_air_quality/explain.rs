//! A concentration against its limit, in a sentence.

use rulebook::{Decimal, Explanation, Text};

use super::Limit;

/// Explains a concentration against a limit.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Decimal, Language};
/// use standards::air::gb3095_ambient_air_quality::{Averaging, Zone, explain, limit};
/// let limit = limit("PM2.5", Averaging::Day, Zone::II, date(2026, 6, 1)).unwrap();
/// assert_eq!(
///     explain(&limit, Decimal::from(61)).sentence.in_language(Language::English),
///     "PM2.5 24 h mean 61 ug/m3 > 60 (GB 3095-2026 table 1, transition limit, \
///      valid 2026-03-01 to 2030-12-31)"
/// );
/// ```
pub fn explain(limit: &Limit, concentration: Decimal) -> Explanation {
    let sign = if concentration <= limit.limit { "≤" } else { ">" };
    let (from, to) = limit.valid;
    let (zh_to, en_to) = to
        .map_or_else(|| ("今".to_owned(), "now".to_owned()), |to| (to.to_string(), to.to_string()));
    let (zh_stage, en_stage) = match limit.stage {
        "transition" => ("过渡期限值，", "transition limit, "),
        "final" => ("最终限值，", "final limit, "),
        _ => ("", ""),
    };
    let (pollutant, unit, number, by) = (limit.pollutant, limit.unit, limit.limit, &limit.by);
    let averaging = limit.averaging.name();
    let what_zh = format!("{pollutant} {} {concentration} {unit}", averaging.zh);
    let what_en = format!("{pollutant} {} {concentration} {unit}", averaging.en);
    let clause_zh = by.clause.replace("table ", "表 ");
    Explanation {
        sentence: Text::new(
            format!(
                "{what_zh} {sign} {number}（{} {clause_zh}，{zh_stage}{from} 至 {zh_to}）",
                by.edition
            ),
            format!("{what_en} {sign} {number} ({by}, {en_stage}valid {from} to {en_to})"),
        ),
        columns: vec![
            Text::fixed("项目", "item"),
            Text::fixed("浓度", "concentration"),
            Text::fixed("限值", "limit"),
            Text::fixed("单位", "unit"),
        ],
        rows: vec![vec![
            Text::new(
                format!("{pollutant} {}", averaging.zh),
                format!("{pollutant} {}", averaging.en),
            ),
            Text::plain(concentration),
            Text::plain(number),
            Text::same(unit),
        ]],
        notes: vec![Text::new(
            format!("浓度状态：{}", limit.state),
            format!("state of the concentration: {}", limit.state),
        )],
    }
}
