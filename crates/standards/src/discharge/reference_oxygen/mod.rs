//! Conversion of stack gas: wet to dry, to the standard state, to the reference oxygen
//! (干基、标准状态、基准氧含量折算).
//!
//! Table: `oxygen.csv`. Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::Date;
use rulebook::{Decimal, Explanation, Input, Judged, NotComputable, Row, Table, Text};

static OXYGEN: LazyLock<Table> = LazyLock::new(|| {
    Table::load("reference_oxygen/oxygen", include_str!("oxygen.csv"), &["source_kind"])
        .expect("the table shipped with this crate is sound")
});

/// Oxygen of air, percent, as the formula prints it.
const AIR: Decimal = Decimal::from_parts(21, 0, 0, false, 0);

/// Returns the reference oxygen of a kind of source, percent.
///
/// # Standard
/// GB 13271-2014 5.2; GB 13223-2011 (from memory).
///
/// # Not computable
/// [`NotComputable::NotInTable`] for another kind; [`NotComputable::NoEdition`] before 2012.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::discharge::reference_oxygen::reference_of;
/// assert_eq!(reference_of("燃煤锅炉", date(2026, 6, 1)).unwrap().value.to_string(), "9");
/// ```
pub fn reference_of(kind: &str, on: Date) -> Result<Judged<Decimal>, NotComputable> {
    let table: &'static Table = &OXYGEN;
    if table.in_force(on).next().is_none() {
        return Err(NotComputable::NoEdition { standard: "GB 13271", on });
    }
    let of_kind = |row: &&Row| table.cell(row, "source_kind") == kind;
    let row = table.in_force(on).find(of_kind);
    let found = row.and_then(|row| Some((row, table.decimal(row, "oxygen").ok().flatten()?)));
    let what = || Text::plain(kind);
    let (row, oxygen) = found
        .ok_or_else(|| NotComputable::NotInTable { what: what(), edition: "GB 13271-2014" })?;
    Ok(Judged {
        value: oxygen,
        by: row.citation(),
        inputs: Vec::new(),
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// Returns a concentration at the reference oxygen.
///
/// # Standard
/// GB 13271-2014 5.2: `C = C' (21 - O2_ref) / (21 - O2)`; HJ 212-2017 annex D gives the same.
///
/// # Formula
/// As above, not rounded. `meaningful_below` is a guard: at and above it the factor says nothing
/// (a stopped boiler shows about 20.9 %).
///
/// # Units
/// Oxygen in percent by volume, dry; concentrations dry at the standard state.
///
/// # Not computable
/// [`NotComputable::Invalid`] for oxygen outside 0 to 21 or not below the guard.
///
/// # Note
/// The standards do not say what to do near 21 %; 19 % as a guard is a proposal from practice, so
/// it is the caller's.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::discharge::reference_oxygen::at_reference;
/// let at = |oxygen: i64| {
///     at_reference(Decimal::from(100), Decimal::from(oxygen), Decimal::from(9), Decimal::from(19))
/// };
/// assert_eq!(at(15).unwrap().value, Decimal::from(200));
/// assert!(at(20).is_err());
/// ```
pub fn at_reference(
    measured: Decimal,
    oxygen: Decimal,
    reference: Decimal,
    meaningful_below: Decimal,
) -> Result<Judged<Decimal>, NotComputable> {
    let invalid = |zh, en| NotComputable::Invalid {
        what: Text::fixed("实测氧含量", "the measured oxygen"),
        why: Text::fixed(zh, en),
    };
    if oxygen < Decimal::ZERO || oxygen >= AIR || !(Decimal::ZERO..AIR).contains(&reference) {
        return Err(invalid("不在 0 到 21% 之间", "not between 0 and 21 %"));
    }
    if oxygen >= meaningful_below {
        return Err(invalid("过高，折算无意义", "too high for the conversion to mean anything"));
    }
    let converted =
        measured.checked_mul(AIR - reference).and_then(|product| product.checked_div(AIR - oxygen));
    let table: &'static Table = &OXYGEN;
    let row = table.rows().first().expect("the table has rows");
    Ok(Judged {
        value: converted.ok_or_else(|| invalid("数值过大", "a number is too large"))?,
        by: row.citation(),
        inputs: vec![
            Input::new(Text::fixed("实测浓度", "measured concentration"), measured, ""),
            Input::new(Text::fixed("实测氧含量", "measured oxygen"), oxygen, "%"),
            Input::new(Text::fixed("基准氧含量", "reference oxygen"), reference, "%"),
        ],
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// Returns a dry concentration from a wet one.
///
/// # Standard
/// HJ 212-2017 annex D (informative).
///
/// # Formula
/// `C_dry = C_wet / (1 - X / 100)`, not rounded.
///
/// # Units
/// `moisture_percent` by volume.
///
/// # Not computable
/// [`NotComputable::Invalid`] for moisture outside 0 to below 100 %.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::discharge::reference_oxygen::dry;
/// assert_eq!(dry(Decimal::from(90), Decimal::TEN), Ok(Decimal::from(100)));
/// ```
pub fn dry(wet: Decimal, moisture_percent: Decimal) -> Result<Decimal, NotComputable> {
    let hundred = Decimal::ONE_HUNDRED;
    let invalid = || NotComputable::Invalid {
        what: Text::fixed("含湿量", "the moisture"),
        why: Text::fixed("不在 0 到 100% 之间", "not between 0 and 100 %"),
    };
    if !(Decimal::ZERO..hundred).contains(&moisture_percent) {
        return Err(invalid());
    }
    wet.checked_mul(hundred)
        .and_then(|product| product.checked_div(hundred - moisture_percent))
        .ok_or_else(invalid)
}

/// Returns a concentration at the standard state (273 K, 101 325 Pa).
///
/// # Standard
/// HJ 212-2017 annex D (informative).
///
/// # Formula
/// `C_sn = C_s * 101325 / (Ba + Ps) * (273 + ts) / 273`, not rounded.
///
/// # Units
/// `pressure_pa` is Ba + Ps, absolute; `temperature` in ℃.
///
/// # Not computable
/// [`NotComputable::Invalid`] for a pressure not above zero or a temperature not above -273.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::discharge::reference_oxygen::at_standard_state;
/// let hot = at_standard_state(Decimal::from(50), Decimal::from(101_325), Decimal::from(273));
/// assert_eq!(hot, Ok(Decimal::from(100)));
/// ```
pub fn at_standard_state(
    measured: Decimal,
    pressure_pa: Decimal,
    temperature: Decimal,
) -> Result<Decimal, NotComputable> {
    let invalid = || NotComputable::Invalid {
        what: Text::fixed("烟气温度或压力", "temperature or pressure"),
        why: Text::fixed("数值不可能", "the value is impossible"),
    };
    let zero = Decimal::from(273);
    if pressure_pa <= Decimal::ZERO || temperature <= -zero {
        return Err(invalid());
    }
    let kelvin = temperature.checked_add(zero).ok_or_else(invalid)?;
    measured
        .checked_mul(Decimal::from(101_325))
        .and_then(|product| product.checked_mul(kelvin))
        .and_then(|product| product.checked_div(pressure_pa.checked_mul(zero)?))
        .ok_or_else(invalid)
}

/// Explains a conversion.
///
/// # Standard
/// As [`at_reference`].
///
/// # Example
/// ```
/// use rulebook::{Decimal, Language};
/// use standards::discharge::reference_oxygen::{at_reference, explain};
/// let [measured, oxygen, reference, below] = [100, 15, 9, 19].map(Decimal::from);
/// let found = at_reference(measured, oxygen, reference, below).unwrap();
/// assert!(explain(&found).to_plain(Language::English).starts_with("converted 200, "));
/// ```
pub fn explain(verdict: &Judged<Decimal>) -> Explanation {
    let shown = verdict.value.round_dp(3).normalize();
    verdict.explained(Text::new(
        format!("折算浓度 {shown}，C = C′ × (21 − 基准氧) / (21 − 实测氧)"),
        format!("converted {shown}, C = C' (21 - reference oxygen) / (21 - measured oxygen)"),
    ))
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&OXYGEN]
}
