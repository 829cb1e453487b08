//! GB 36600: soil of development land, risk control standard (建设用地土壤污染风险管控标准).
//!
//! Edition: GB 36600-2018 (from 2018-08-01). Table: `limits.csv` (45 items of table 1, 40 of
//! table 2). Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{Decimal, Explanation, Input, Judged, NotComputable, Row, Table, Text};

use super::Risk;
use crate::class_table::row_of;
use crate::item_names::named;

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GB36600-2018", "GB 36600-2018", date(2018, 8, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb36600/limits", include_str!("limits.csv"), &["item"])
        .expect("the table shipped with this crate is sound")
});

/// What the land is used for (用地类型).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LandUse {
    /// Type 1: housing, schools, medical and social care, community parks; also unknown use.
    #[default]
    TypeOne,
    /// Type 2: industry, commerce, roads and the like.
    TypeTwo,
}

/// Returns the risk that a concentration means.
///
/// # Standard
/// GB 36600-2018 tables 1 and 2, 5.3: up to the screening value negligible, above it a detailed
/// survey, above the control value control or repair. Unknown use is type 1 (5.3.1).
///
/// # Formula
/// `C <= screening`, `C <= control`. Arsenic, cobalt and vanadium above the screening value but
/// within the local background are not counted as polluted; the verdict keeps the background.
///
/// # Units
/// mg/kg.
///
/// # Not computable
/// [`NotComputable::NotInTable`] for an unknown item; [`NotComputable::Invalid`] for a negative
/// value; [`NotComputable::NoEdition`] before 2018-08-01.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::soil::Risk;
/// use standards::soil::gb36600_construction_land::{LandUse, risk};
/// let of = |land| risk("砷", Decimal::from(40), land, None, date(2026, 1, 1)).unwrap().value;
/// assert_eq!(of(LandUse::TypeOne), Risk::AboveScreening);
/// assert_eq!(of(LandUse::TypeTwo), Risk::UpToScreening);
/// ```
pub fn risk(
    item: &str,
    value: Decimal,
    land: LandUse,
    background: Option<Decimal>,
    on: Date,
) -> Result<Judged<Risk>, NotComputable> {
    let table: &'static Table = &LIMITS;
    let row = row_of(table, item, on)?;
    let name = table.cell(row, "item");
    if value < Decimal::ZERO {
        let why = Text::fixed("数值为负", "the value is negative");
        return Err(NotComputable::Invalid { what: named(name), why });
    }
    let columns = match land {
        LandUse::TypeOne => ["screen_type1", "control_type1"],
        LandUse::TypeTwo => ["screen_type2", "control_type2"],
    };
    let number = |row: &Row, column| table.decimal(row, column).ok().flatten();
    let screening = number(row, columns[0])
        .ok_or_else(|| NotComputable::NotInTable { what: named(name), edition: "GB 36600-2018" })?;
    let natural = matches!(name, "砷" | "钴" | "钒")
        && background.is_some_and(|background| value <= background);
    let found = match Risk::of(value, screening, number(row, columns[1])) {
        Risk::AboveScreening if natural => Risk::UpToScreening,
        other => other,
    };
    let mut inputs = vec![
        Input::new(named(name), value, "mg/kg"),
        Input::new(Text::fixed("筛选值", "screening value"), screening, "mg/kg"),
    ];
    if let Some(control) = number(row, columns[1]) {
        inputs.push(Input::new(Text::fixed("管制值", "control value"), control, "mg/kg"));
    }
    if let Some(background) = background {
        inputs.push(Input::new(Text::fixed("背景值", "background"), background, "mg/kg"));
    }
    Ok(Judged {
        value: found,
        by: row.citation(),
        inputs,
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// Explains a verdict: the value beside screening and control value.
///
/// # Standard
/// As [`risk`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Decimal, Language};
/// use standards::soil::gb36600_construction_land::{LandUse, explain, risk};
/// let on = date(2026, 1, 1);
/// let found = risk("砷", Decimal::from(40), LandUse::TypeOne, None, on).unwrap();
/// let plain = explain(&found).to_plain(Language::Chinese);
/// assert!(plain.starts_with("砷 40 mg/kg 超过筛选值（GB 36600-2018 表 1）"));
/// ```
pub fn explain(verdict: &Judged<Risk>) -> Explanation {
    super::explain_risk(verdict)
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LIMITS]
}
