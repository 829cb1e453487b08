//! Tennant method: a flow as a share of the mean annual flow (蒙大拿法).
//!
//! Table: `grades.csv` (from memory). Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::Date;
use rulebook::{Decimal, Explanation, Input, Judged, NotComputable, Table, Text};

static GRADES: LazyLock<Table> = LazyLock::new(|| {
    Table::load("tennant/grades", include_str!("grades.csv"), &["order"])
        .expect("the table shipped with this crate is sound")
});

/// Returns the grade of a flow in the month of a day.
///
/// # Standard
/// Tennant (1976): shares of the mean annual flow, October to March and April to September.
///
/// # Formula
/// The best grade whose share of the mean flow the flow reaches.
///
/// # Units
/// m3/s, both.
///
/// # Not computable
/// [`NotComputable::Invalid`] for a negative flow or a mean that is not above zero.
///
/// # Note
/// The table is from memory; its ranges "optimum" and "flushing" are left out.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::flow::tennant::grade;
/// let of = |day| grade(Decimal::from(40), Decimal::from(100), day).unwrap().value.en;
/// assert_eq!(of(date(2026, 1, 1)), "outstanding");
/// assert_eq!(of(date(2026, 7, 1)), "good");
/// ```
pub fn grade(flow: Decimal, mean_annual: Decimal, on: Date) -> Result<Judged<Text>, NotComputable> {
    let why = Text::fixed("数值不可能", "the value is impossible");
    let what = Text::fixed("流量", "the flow");
    let invalid = NotComputable::Invalid { what, why };
    if flow < Decimal::ZERO || mean_annual <= Decimal::ZERO {
        return Err(invalid);
    }
    let share =
        flow.checked_mul(Decimal::ONE_HUNDRED).and_then(|part| part.checked_div(mean_annual));
    let share = share.ok_or(invalid)?;
    let summer = (4..=9).contains(&on.month());
    let column = if summer { "april_to_september" } else { "october_to_march" };
    let table: &'static Table = &GRADES;
    let reached = |bound: Option<Decimal>| bound.is_none_or(|bound| share >= bound);
    let row = table
        .rows()
        .iter()
        .find(|row| reached(table.decimal(row, column).ok().flatten()))
        .expect("the last grade begins at zero");
    Ok(Judged {
        value: Text::fixed(table.cell(row, "grade_zh"), table.cell(row, "grade_en")),
        by: row.citation(),
        inputs: vec![
            Input::new(Text::fixed("流量", "flow"), flow, "m3/s"),
            Input::new(Text::fixed("多年平均流量", "mean annual flow"), mean_annual, "m3/s"),
        ],
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// Explains a grade.
///
/// # Standard
/// As [`grade`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Decimal, Language};
/// use standards::flow::tennant::{explain, grade};
/// let verdict = grade(Decimal::from(40), Decimal::from(100), date(2026, 7, 1)).unwrap();
/// assert!(explain(&verdict).to_plain(Language::English).starts_with("ecological flow: good"));
/// ```
pub fn explain(verdict: &Judged<Text>) -> Explanation {
    verdict.explained(Text::new(
        format!("生态流量状况：{}（{}）", verdict.value.zh, verdict.by.edition),
        format!("ecological flow: {} ({})", verdict.value.en, verdict.by.edition),
    ))
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&GRADES]
}
