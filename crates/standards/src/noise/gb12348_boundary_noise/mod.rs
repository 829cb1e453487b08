//! GB 12348: noise at the boundary of industrial sites (工业企业厂界环境噪声排放标准).
//!
//! Edition: GB 12348-2008 (from 2008-10-01). Table: `limits.csv`. Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{Decimal, Explanation, Input, Judged, NotComputable, Table, Text};

use super::DayPart;

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GB12348-2008", "GB 12348-2008", date(2008, 10, 1), None)];

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb12348/limits", include_str!("limits.csv"), &["place", "class"])
        .expect("the table shipped with this crate is sound")
});

/// Where the noise was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// At the boundary (厂界).
    Boundary,
    /// In a room for sleep (A 类房间), noise borne by the structure.
    RoomA,
    /// In a room for the day (B 类房间), noise borne by the structure.
    RoomB,
}

impl Place {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Boundary => "boundary",
            Self::RoomA => "room_a",
            Self::RoomB => "room_b",
        }
    }
}

/// Returns whether an equivalent level keeps the limit of its zone: `0` to `4`.
///
/// # Standard
/// GB 12348-2008 tables 1 and 2. At night a frequent noise may pass the limit by at most 10 dB, an
/// occasional one by 15 dB, in its maximum (4.1.2, 4.1.3).
///
/// # Formula
/// `Leq <= limit`.
///
/// # Units
/// dB(A).
///
/// # Not computable
/// [`NotComputable::NotInTable`] for another zone; [`NotComputable::NoEdition`] before 2008-10-01.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::noise::{DayPart, gb12348_boundary_noise::{Place, meets}};
/// let level = Decimal::from(56);
/// let verdict = meets(Place::Boundary, "3", DayPart::Night, level, date(2026, 1, 1)).unwrap();
/// assert!(!verdict.value);
/// ```
pub fn meets(
    place: Place,
    zone: &str,
    part: DayPart,
    level: Decimal,
    on: Date,
) -> Result<Judged<bool>, NotComputable> {
    let table: &'static Table = &LIMITS;
    let none = NotComputable::NoEdition { standard: "GB 12348", on };
    table.in_force(on).next().ok_or(none)?;
    let (row, limit) = table
        .in_force(on)
        .find(|row| table.cell(row, "place") == place.as_str() && table.cell(row, "class") == zone)
        .and_then(|row| Some((row, table.decimal(row, part.column()).ok().flatten()?)))
        .ok_or_else(|| NotComputable::NotInTable {
            what: Text::new(format!("{zone} 类声环境功能区"), format!("zone {zone}")),
            edition: "GB 12348-2008",
        })?;
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

/// Explains a verdict.
pub fn explain(verdict: &Judged<bool>) -> Explanation {
    super::gb3096_acoustic_environment::explain(verdict)
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LIMITS]
}
