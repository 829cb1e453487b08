//! A concentration against its limit, in a sentence.

use rulebook::{Decimal, Explanation, Text};

use super::{Limit, State};

/// Explains a concentration against a limit.
///
/// # Standard
/// As [`limit`](super::limit): the clause, grade, stage and days of the limit stand in the
/// sentence.
///
/// # Units
/// `concentration` in the unit of the limit.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Decimal, Language};
/// use standards::air::gb3095_ambient_air_quality::{Averaging, Zone, explain, limit};
/// let limit = limit("PM2.5", Averaging::Day, Zone::II, date(2026, 6, 1)).unwrap();
/// assert_eq!(
///     explain(&limit, Decimal::from(61)).sentence.in_language(Language::English),
///     "PM2.5 24 h mean 61 µg/m³ > 60 (GB 3095-2026 table 1, grade 2, transition limit, \
///      valid 2026-03-01 to 2030-12-31)"
/// );
/// ```
pub fn explain(limit: &Limit, concentration: Decimal) -> Explanation {
    let sign = if concentration <= limit.limit { "≤" } else { ">" };
    let (from, to) = limit.valid;
    let until = to.map_or_else(|| Text::fixed("今", "now"), Text::plain);
    let stage = match limit.stage {
        "transition" => Text::fixed("过渡期限值，", "transition limit, "),
        "final" => Text::fixed("最终限值，", "final limit, "),
        _ => Text::default(),
    };
    let (pollutant, unit, number) = (limit.pollutant, shown_unit(limit.unit), limit.limit);
    let (averaging, by, grade) = (limit.averaging.name(), limit.by.text(), limit.zone.grade());
    let item =
        Text::new(format!("{pollutant} {}", averaging.zh), format!("{pollutant} {}", averaging.en));
    Explanation {
        sentence: Text::new(
            format!(
                "{} {concentration} {unit} {sign} {number}（{}，{}，{}{from} 至 {}）",
                item.zh, by.zh, grade.zh, stage.zh, until.zh
            ),
            format!(
                "{} {concentration} {unit} {sign} {number} ({}, {}, {}valid {from} to {})",
                item.en, by.en, grade.en, stage.en, until.en
            ),
        ),
        columns: vec![
            Text::fixed("项目", "item"),
            Text::fixed("浓度", "concentration"),
            Text::fixed("限值", "limit"),
            Text::fixed("单位", "unit"),
        ],
        rows: vec![vec![item, Text::plain(concentration), Text::plain(number), Text::plain(unit)]],
        notes: vec![state(limit.state), limit.confidence.text()],
    }
}

/// A unit as people read it.
fn shown_unit(unit: &str) -> String {
    unit.replace("ug", "µg").replace("m3", "m³").replace("dm2.d", "dm²·d")
}

/// The temperature and pressure that a concentration refers to.
fn state(words: &'static str) -> Text {
    let found = State::parse(words).map_or(Text::same(words), State::name);
    Text::new(
        format!("浓度状态：{}", found.zh),
        format!("state of the concentration: {}", found.en),
    )
}
