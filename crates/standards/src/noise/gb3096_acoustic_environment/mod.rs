//! GB 3096: environmental quality standard for noise (声环境质量标准).
//!
//! Edition: GB 3096-2008 (from 2008-10-01). Table: `limits.csv`. Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{
    Decimal, Explanation, Input, Judged, NotComputable, Row, Table, Text, round_half_even,
};

use super::DayPart;

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GB3096-2008", "GB 3096-2008", date(2008, 10, 1), None)];

/// By how much a sudden noise at night may pass the limit, dB(A) (5.4).
pub const SUDDEN_NOISE_ALLOWANCE_DB: i64 = 15;

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb3096/limits", include_str!("limits.csv"), &["class"])
        .expect("the table shipped with this crate is sound")
});

/// Returns the limit of a zone: `0`, `1`, `2`, `3`, `4a`, `4b`.
///
/// # Standard
/// GB 3096-2008 table 1.
///
/// # Units
/// dB(A).
///
/// # Not computable
/// [`NotComputable::NotInTable`] for another zone; [`NotComputable::NoEdition`] before 2008-10-01.
pub fn limit(zone: &str, part: DayPart, on: Date) -> Result<Decimal, NotComputable> {
    row_of(zone, part, on).map(|(_, limit)| limit)
}

fn row_of(zone: &str, part: DayPart, on: Date) -> Result<(&'static Row, Decimal), NotComputable> {
    let table: &'static Table = &LIMITS;
    let none = NotComputable::NoEdition { standard: "GB 3096", on };
    table.in_force(on).next().ok_or(none)?;
    table
        .in_force(on)
        .find(|row| table.cell(row, "class") == zone)
        .and_then(|row| Some((row, table.decimal(row, part.column()).ok().flatten()?)))
        .ok_or_else(|| NotComputable::NotInTable {
            what: Text::new(format!("{zone} 类声环境功能区"), format!("zone {zone}")),
            edition: "GB 3096-2008",
        })
}

/// Returns whether an equivalent level keeps the limit of its zone.
///
/// # Standard
/// GB 3096-2008 table 1.
///
/// # Formula
/// `Leq <= limit`.
///
/// # Units
/// dB(A).
///
/// # Not computable
/// As [`limit`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::noise::{DayPart, gb3096_acoustic_environment::meets};
/// let of = |part| meets("2", part, Decimal::from(55), date(2026, 1, 1)).unwrap().value;
/// assert!(of(DayPart::Day) && !of(DayPart::Night));
/// ```
pub fn meets(
    zone: &str,
    part: DayPart,
    level: Decimal,
    on: Date,
) -> Result<Judged<bool>, NotComputable> {
    let (row, limit) = row_of(zone, part, on)?;
    Ok(Judged {
        value: level <= limit,
        by: row.citation(),
        inputs: vec![
            Input::new(Text::fixed("等效声级", "equivalent level"), level, "dB(A)"),
            Input::new(Text::fixed("限值", "limit"), limit, "dB(A)"),
        ],
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// Returns the share of samples that keep their limit, percent with one decimal (达标率).
///
/// # Not computable
/// [`NotComputable::Missing`] without samples.
///
/// # Note
/// That the plan's figure is samples meeting over all samples is from memory.
pub fn compliance_rate(meeting: &[bool]) -> Result<Decimal, NotComputable> {
    let met = meeting.iter().filter(|met| **met).count();
    let share = Decimal::from(met * 100).checked_div(Decimal::from(meeting.len()));
    let what = Text::fixed("监测点次", "every sample");
    share.map(|share| round_half_even(share, 1)).ok_or(NotComputable::Missing { what })
}

/// Explains a verdict.
pub fn explain(verdict: &Judged<bool>) -> Explanation {
    let (zh, en) =
        if verdict.value { ("达标", "keeps its limit") } else { ("超标", "exceeds its limit") };
    let row = |input: &Input| vec![input.name.clone(), input.shown()];
    Explanation {
        sentence: Text::new(
            format!("噪声{zh}（{}）", verdict.by),
            format!("the noise {en} ({})", verdict.by),
        ),
        columns: vec![Text::fixed("项目", "item"), Text::fixed("数值", "value")],
        rows: verdict.inputs.iter().map(row).collect(),
        notes: vec![verdict.confidence.text()],
    }
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LIMITS]
}
