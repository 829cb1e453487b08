//! Evaluation of a nearshore sea area by the shares of its stations (近岸海域水质评价, HJ 442).
//!
//! Table: `grades.csv` (from memory; the text of HJ 442.10-2020 was not obtained). Check values:
//! `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use rulebook::{Decimal, Explanation, Input, Judged, NotComputable, Table, Text};

static GRADES: LazyLock<Table> = LazyLock::new(|| {
    Table::load("nearshore_assessment/grades", include_str!("grades.csv"), &["order"])
        .expect("the table shipped with this crate is sound")
});

/// The shares of stations (or of area) by class, in percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Class I.
    pub first: Decimal,
    /// Class II.
    pub second: Decimal,
    /// Class III.
    pub third: Decimal,
    /// Class IV.
    pub fourth: Decimal,
    /// Worse than class IV (劣四类).
    pub inferior: Decimal,
}

/// Returns the grade of a sea area: 优, 良好, 一般, 差, 极差.
///
/// # Standard
/// HJ 442 as remembered; the first row of `grades.csv` whose conditions hold.
///
/// # Units
/// Percent.
///
/// # Not computable
/// [`NotComputable::Invalid`] for a share outside 0 to 100.
///
/// # Note
/// From memory. It reproduces all six published verdicts that were found.
///
/// # Example
/// ```
/// use standards::sea::nearshore_assessment::{Shares, grade_of_sea_area};
/// let share = |text: &str| text.parse().unwrap();
/// let east_china_sea_2017 = Shares {
///     first: share("15.9"),
///     second: share("31.0"),
///     third: share("12.4"),
///     fourth: share("9.7"),
///     inferior: share("31.0"),
/// };
/// assert_eq!(grade_of_sea_area(east_china_sea_2017).unwrap().value.zh, "差");
/// ```
pub fn grade_of_sea_area(shares: Shares) -> Result<Judged<Text>, NotComputable> {
    let inputs = vec![
        Input::new(Text::fixed("一类比例", "share of class I"), shares.first, "%"),
        Input::new(Text::fixed("二类比例", "share of class II"), shares.second, "%"),
        Input::new(Text::fixed("三类比例", "share of class III"), shares.third, "%"),
        Input::new(Text::fixed("四类比例", "share of class IV"), shares.fourth, "%"),
        Input::new(Text::fixed("劣四类比例", "share worse than IV"), shares.inferior, "%"),
    ];
    let possible = Decimal::ZERO..=Decimal::ONE_HUNDRED;
    if let Some(input) = inputs.iter().find(|input| !possible.contains(&input.value)) {
        return Err(NotComputable::Invalid {
            what: input.name.clone(),
            why: Text::fixed("不在 0 到 100 之间", "not between 0 and 100"),
        });
    }
    let good = shares.first + shares.second;
    let to_third = good + shares.third;
    let table: &'static Table = &GRADES;
    let row = table.rows().iter().find(|row| {
        let bound = |column| table.decimal(row, column).ok().flatten();
        bound("first_from").is_none_or(|from| shares.first >= from)
            && bound("good_from").is_none_or(|from| good >= from)
            && bound("good_below").is_none_or(|below| good < below)
            && bound("to_third_from").is_none_or(|from| to_third >= from)
            && bound("to_fourth_from").is_none_or(|from| to_third + shares.fourth >= from)
            && bound("inferior_above").is_none_or(|above| shares.inferior > above)
            && bound("inferior_to").is_none_or(|to| shares.inferior <= to)
    });
    let row = row.ok_or_else(|| NotComputable::NotInTable {
        what: Text::fixed("这一组比例", "these shares"),
        edition: "HJ 442",
    })?;
    Ok(Judged {
        value: Text::fixed(table.cell(row, "grade_zh"), table.cell(row, "grade_en")),
        by: row.citation(),
        inputs,
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// Explains a grade by its shares.
///
/// # Standard
/// As [`grade_of_sea_area`].
///
/// # Example
/// ```
/// use rulebook::{Decimal, Language};
/// use standards::sea::nearshore_assessment::{Shares, explain, grade_of_sea_area};
/// let shares = Shares { first: Decimal::from(100), ..Shares::default() };
/// let plain = explain(&grade_of_sea_area(shares).unwrap()).to_plain(Language::Chinese);
/// assert!(plain.starts_with("海域水质状况优（HJ 442 海区水质评价）"));
/// ```
pub fn explain(verdict: &Judged<Text>) -> Explanation {
    verdict.explained(Text::new(
        format!("海域水质状况{}（{}）", verdict.value.zh, verdict.by.text().zh),
        format!("sea water quality {} ({})", verdict.value.en, verdict.by),
    ))
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&GRADES]
}
