//! GB 15618: soil of agricultural land, risk control standard (农用地土壤污染风险管控标准).
//!
//! Edition: GB 15618-2018 (from 2018-08-01). Table: `limits.csv` by bands of pH. Check values:
//! `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{Confidence, Decimal, Explanation, Input, Judged, NotComputable, Row, Table, Text};

use super::Risk;
use crate::item_names::named;

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GB15618-2018", "GB 15618-2018", date(2018, 8, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb15618/limits", include_str!("limits.csv"), &["kind", "item", "land"])
        .expect("the table shipped with this crate is sound")
});

/// What grows on the land (土地利用).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Land {
    /// Paddy (水田).
    Paddy,
    /// Orchard (果园), for copper.
    Orchard,
    /// Other (其他).
    Other,
    /// Paddy and upland in turn (水旱轮作): the stricter value.
    Rotation,
}

impl Land {
    /// The words of the table that this land is judged by.
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Paddy => &["水田"],
            Self::Orchard => &["果园"],
            Self::Other => &["其他"],
            Self::Rotation => &["水田", "其他"],
        }
    }
}

/// Returns the risk that a concentration means for farm produce.
///
/// # Standard
/// GB 15618-2018 tables 1 to 3, 6.1 to 6.3: up to the screening value low risk, between screening
/// and control value safe use, above the control value strict control.
///
/// # Formula
/// `C <= screening`, `C <= control`; bands of pH: to 5.5, to 6.5, to 7.5, above. Paddy and upland
/// in turn: the stricter value. Land without rows of its own is judged as other land.
///
/// # Units
/// mg/kg.
///
/// # Not computable
/// [`NotComputable::NotInTable`] for an unknown item; [`NotComputable::Invalid`] for a negative
/// value or a pH outside 0 to 14; [`NotComputable::NoEdition`] before 2018-08-01.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::soil::Risk;
/// use standards::soil::gb15618_agricultural_land::{Land, risk};
/// let value = |text: &str| text.parse().unwrap();
/// let of = |ph| risk("镉", value("0.35"), value(ph), Land::Paddy, date(2026, 1, 1)).unwrap().value;
/// assert_eq!(of("5.5"), Risk::AboveScreening);
/// assert_eq!(of("5.6"), Risk::UpToScreening);
/// ```
pub fn risk(
    item: &str,
    value: Decimal,
    ph: Decimal,
    land: Land,
    on: Date,
) -> Result<Judged<Risk>, NotComputable> {
    let table: &'static Table = &LIMITS;
    let edition = EDITIONS[0];
    if !edition.covers(on) {
        return Err(NotComputable::NoEdition { standard: "GB 15618", on });
    }
    let invalid = |what: Text| NotComputable::Invalid {
        what,
        why: Text::fixed("数值不可能", "the value is impossible"),
    };
    if value < Decimal::ZERO {
        return Err(invalid(Text::plain(item)));
    }
    if !(Decimal::ZERO..=Decimal::from(14)).contains(&ph) {
        return Err(invalid(Text::same("pH")));
    }
    let column = band(ph);
    let number = |row: &Row| table.decimal(row, column).ok().flatten();
    let of = |kinds: &[&str], land: &str| {
        table.in_force(on).find(|row| {
            kinds.contains(&table.cell(row, "kind"))
                && table.cell(row, "item") == item
                && table.cell(row, "land") == land
        })
    };
    let strictest = |kinds: &[&str]| {
        let own = land.words().iter().filter_map(|word| of(kinds, word));
        let row = own.min_by_key(|row| number(row)).or_else(|| of(kinds, "*"));
        row.or_else(|| of(kinds, "其他"))
    };
    let screening = strictest(&["screening_basic", "screening_other"]);
    let unknown =
        || NotComputable::NotInTable { what: Text::plain(item), edition: "GB 15618-2018" };
    let row = screening.ok_or_else(unknown)?;
    let limit = number(row).ok_or_else(unknown)?;
    let control_row = strictest(&["control"]);
    let control = control_row.and_then(number);
    let found = Risk::of(value, limit, control);
    let mut inputs = vec![
        Input::new(named(table.cell(row, "item")), value, "mg/kg"),
        Input::new(Text::same("pH"), ph, ""),
        Input::new(Text::fixed("筛选值", "screening value"), limit, "mg/kg"),
    ];
    inputs.extend(
        control.map(|control| Input::new(Text::fixed("管制值", "control value"), control, "mg/kg")),
    );
    Ok(Judged {
        value: found,
        by: control_row.filter(|_| found == Risk::AboveControl).unwrap_or(row).citation(),
        inputs,
        rounding: Vec::new(),
        confidence: row.confidence().min(Confidence::Medium),
    })
}

/// The column of a pH.
fn band(ph: Decimal) -> &'static str {
    let half = |tenths| Decimal::new(tenths, 1);
    if ph <= half(55) {
        "ph_to_5_5"
    } else if ph <= half(65) {
        "ph_to_6_5"
    } else if ph <= half(75) {
        "ph_to_7_5"
    } else {
        "ph_above_7_5"
    }
}

/// Explains a verdict: the value beside screening and control value.
///
/// # Standard
/// As [`risk`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Language;
/// use standards::soil::gb15618_agricultural_land::{Land, explain, risk};
/// let value = |text: &str| text.parse().unwrap();
/// let found = risk("镉", value("2"), value("5.5"), Land::Paddy, date(2026, 1, 1)).unwrap();
/// let plain = explain(&found).to_plain(Language::Chinese);
/// assert!(plain.starts_with("镉 2 mg/kg 超过管制值（GB 15618-2018 表 3）"));
/// ```
pub fn explain(verdict: &Judged<Risk>) -> Explanation {
    super::explain_risk(verdict)
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LIMITS]
}
