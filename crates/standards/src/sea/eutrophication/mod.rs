//! Eutrophication index of sea water, E (海水富营养化指数).
//!
//! Table: `levels.csv` (from memory). Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use rulebook::{Decimal, Explanation, Input, Judged, NotComputable, Table, Text};

static LEVELS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("eutrophication/levels", include_str!("levels.csv"), &["order"])
        .expect("the table shipped with this crate is sound")
});

/// The index and its level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eutrophication {
    /// The index E.
    pub index: Decimal,
    /// The level.
    pub level: Text,
}

/// Returns the eutrophication index of sea water and its level.
///
/// # Standard
/// The index of the national sea bulletins; `levels.csv` for its levels, from memory.
///
/// # Formula
/// `E = COD * DIN * PO4-P * 10^6 / 4500`.
///
/// # Units
/// mg/L, nitrogen and phosphorus as N and P.
///
/// # Not computable
/// [`NotComputable::Invalid`] for a negative concentration or a product too large to hold.
///
/// # Note
/// The formula reproduces the published values at the four class limits; the levels are from
/// memory, to be checked.
///
/// # Example
/// ```
/// use standards::sea::eutrophication::eutrophication;
/// let value = |text: &str| text.parse().unwrap();
/// let found = eutrophication(value("5"), value("0.50"), value("0.045")).unwrap().value;
/// assert_eq!(found.index, value("25"));
/// assert_eq!(found.level.zh, "重度富营养");
/// ```
pub fn eutrophication(
    oxygen_demand: Decimal,
    inorganic_nitrogen: Decimal,
    phosphate: Decimal,
) -> Result<Judged<Eutrophication>, NotComputable> {
    let inputs = vec![
        Input::new(Text::fixed("化学需氧量", "chemical oxygen demand"), oxygen_demand, "mg/L"),
        Input::new(Text::fixed("无机氮", "inorganic nitrogen"), inorganic_nitrogen, "mg/L"),
        Input::new(Text::fixed("活性磷酸盐", "reactive phosphate"), phosphate, "mg/L"),
    ];
    let invalid = |what: &Text, zh, en| NotComputable::Invalid {
        what: what.clone(),
        why: Text::fixed(zh, en),
    };
    if let Some(input) = inputs.iter().find(|input| input.value < Decimal::ZERO) {
        return Err(invalid(&input.name, "数值为负", "the value is negative"));
    }
    let index = inputs
        .iter()
        .try_fold(Decimal::from(1_000_000), |product, input| product.checked_mul(input.value))
        .map(|product| product / Decimal::from(4_500))
        .ok_or_else(|| invalid(&Text::same("E"), "数值过大", "a number is too large"))?;
    let table: &'static Table = &LEVELS;
    let bound = |row, column| table.decimal(row, column).ok().flatten();
    let row = table
        .rows()
        .iter()
        .rev()
        .find(|row| {
            bound(row, "from").is_none_or(|from| index >= from)
                && bound(row, "above").is_none_or(|above| index > above)
        })
        .expect("the first row has no lower bound");
    Ok(Judged {
        value: Eutrophication {
            index,
            level: Text::fixed(table.cell(row, "name_zh"), table.cell(row, "name_en")),
        },
        by: row.citation(),
        inputs,
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// Explains a verdict.
///
/// # Standard
/// As [`eutrophication`].
///
/// # Example
/// ```
/// use rulebook::Language;
/// use standards::sea::eutrophication::{eutrophication, explain};
/// let value = |text: &str| text.parse().unwrap();
/// let found = eutrophication(value("2"), value("0.2"), value("0.015")).unwrap();
/// let plain = explain(&found).to_plain(Language::Chinese);
/// assert!(plain.starts_with("富营养化指数 1.33，轻度富营养"));
/// ```
pub fn explain(verdict: &Judged<Eutrophication>) -> Explanation {
    let found = &verdict.value;
    let shown = found.index.round_sf(3).unwrap_or(found.index).normalize();
    verdict.explained(Text::new(
        format!("富营养化指数 {shown}，{}", found.level.zh),
        format!("eutrophication index {shown}, {}", found.level.en),
    ))
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LEVELS]
}
