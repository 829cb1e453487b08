//! Names and codes of pollutants in water (HJ 525) and air (HJ 524) (水、大气污染物名称代码).
//!
//! Table: `pollutants.csv`: the codes that HJ 212-2017 prints in its tables B.1 and B.2 with name,
//! unit and the code of 2005, and two seen in messages of stations. The code standards themselves
//! were not obtained; a code that is not here is not known. Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use rulebook::{Citation, Confidence, Table, Text};

static POLLUTANTS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("pollutants/pollutants", include_str!("pollutants.csv"), &["code"])
        .expect("the table shipped with this crate is sound")
});

static LIST: LazyLock<Vec<Pollutant>> = LazyLock::new(|| {
    let table: &'static Table = &POLLUTANTS;
    let of = |row| {
        let cell = |column| table.cell(row, column);
        let filled = |column| Some(cell(column)).filter(|text| !text.is_empty());
        Pollutant {
            code: cell("code"),
            medium: if cell("medium") == "water" { Medium::Water } else { Medium::Air },
            name: Text::fixed(cell("name_zh"), cell("name_en")),
            unit: filled("unit"),
            emission_unit: filled("emission_unit"),
            code_2005: filled("code_2005"),
            code_of: cell("code_of"),
            by: row.citation(),
            confidence: row.confidence(),
        }
    };
    table.rows().iter().map(of).collect()
});

/// What a pollutant is measured in (介质).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Medium {
    /// Water: codes that begin with `w`.
    Water,
    /// Air and flue gas: codes that begin with `a`.
    Air,
}

impl Medium {
    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::Water => Text::fixed("水", "water"),
            Self::Air => Text::fixed("大气", "air"),
        }
    }
}

/// A pollutant, or a quantity measured beside pollutants, with its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pollutant {
    /// The code: `w01018`.
    pub code: &'static str,
    /// What it is measured in.
    pub medium: Medium,
    /// The name.
    pub name: Text,
    /// The unit of its concentration in the data exchange; `None` where none is printed.
    pub unit: Option<&'static str>,
    /// The unit of its load; `None` where it has none.
    pub emission_unit: Option<&'static str>,
    /// The code of HJ/T 212-2005: `011`.
    pub code_2005: Option<&'static str>,
    /// The standard that numbers it: `HJ 525-2009`.
    pub code_of: &'static str,
    /// Where the row was read.
    pub by: Citation,
    /// How sure the row is.
    pub confidence: Confidence,
}

/// Every pollutant known here, in the order of the tables.
///
/// # Standard
/// HJ 212-2017 tables B.1 and B.2.
///
/// # Example
/// ```
/// use standards::codes::pollutants::all;
/// assert!(all().iter().any(|pollutant| pollutant.code == "w01018"));
/// ```
pub fn all() -> &'static [Pollutant] {
    &LIST
}

/// The normal form of a code of today: one letter and five digits, small, without spaces; `None`
/// for text that has not this shape.
///
/// # Standard
/// The shape of the codes that HJ 212-2017 tables B.1 and B.2 take from HJ 525 and HJ 524.
///
/// # Example
/// ```
/// use standards::codes::pollutants::normal_form;
/// assert_eq!(normal_form(" W01018 ").as_deref(), Some("w01018"));
/// assert_eq!(normal_form("011"), None);
/// ```
pub fn normal_form(code: &str) -> Option<String> {
    let code = code.trim().to_ascii_lowercase();
    let digits = code.strip_prefix(['w', 'a'])?;
    let shaped = digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
    shaped.then_some(code)
}

/// The pollutant of a code of today; letter case does not matter. `None` where it is not known.
///
/// # Standard
/// HJ 525-2009 (water) and HJ 524-2009 (air), as printed in HJ 212-2017 tables B.1 and B.2.
///
/// # Example
/// ```
/// use standards::codes::pollutants::{Medium, pollutant};
/// let found = pollutant("w01018").unwrap();
/// assert_eq!((found.name.zh.as_ref(), found.unit), ("化学需氧量", Some("mg/L")));
/// assert_eq!(pollutant("a21026").unwrap().medium, Medium::Air);
/// assert!(pollutant("w99999").is_none());
/// ```
pub fn pollutant(code: &str) -> Option<&'static Pollutant> {
    let code = normal_form(code)?;
    LIST.iter().find(|known| known.code == code)
}

/// The pollutant of a code of 2005 (`011`, `02`, `B01`, `S01`); `None` where it is not known.
///
/// # Standard
/// HJ/T 212-2005, as set beside the codes of today in HJ 212-2017 tables B.1 and B.2.
///
/// # Example
/// ```
/// use standards::codes::pollutants::of_code_2005;
/// assert_eq!(of_code_2005("011").unwrap().code, "w01018");
/// assert!(of_code_2005("999").is_none());
/// ```
pub fn of_code_2005(code: &str) -> Option<&'static Pollutant> {
    let code = code.trim();
    let same =
        |known: &&Pollutant| known.code_2005.is_some_and(|old| old.eq_ignore_ascii_case(code));
    LIST.iter().find(same)
}

/// The pollutants of a name in Chinese or English: one of each medium at most but for names that
/// the tables print twice. Letter case, spaces and the kind of brackets do not matter; a name may
/// be given without what stands in its brackets, or by that alone.
///
/// # Standard
/// HJ 212-2017 tables B.1 and B.2.
///
/// # Example
/// ```
/// use standards::codes::pollutants::of_name;
/// let codes = |name| of_name(name).map(|known| known.code).collect::<Vec<_>>();
/// assert_eq!(codes("氨氮"), ["w21003"]);
/// assert_eq!(codes("so2"), ["a21026"]);
/// assert!(codes("").is_empty());
/// ```
pub fn of_name(name: &str) -> impl Iterator<Item = &'static Pollutant> + use<> {
    let wanted = plain(name);
    let named = move |known: &&Pollutant| {
        !wanted.is_empty()
            && [&known.name.zh, &known.name.en].iter().any(|name| forms(name).contains(&wanted))
    };
    LIST.iter().filter(named)
}

/// The pollutants whose concentration the tables give in a unit: `mg/L`.
///
/// # Standard
/// HJ 212-2017 tables B.1 and B.2.
///
/// # Example
/// ```
/// use standards::codes::pollutants::in_unit;
/// assert!(in_unit("mg/L").any(|pollutant| pollutant.code == "w21003"));
/// ```
pub fn in_unit(unit: &str) -> impl Iterator<Item = &'static Pollutant> + use<'_> {
    LIST.iter().filter(move |known| known.unit == Some(unit))
}

/// A name for comparison: small letters, no spaces, one kind of bracket.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| !letter.is_whitespace())
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            '（' => '(',
            '）' => ')',
            other => other,
        })
        .collect()
}

/// The whole name, the name before its brackets, and what stands in them.
fn forms(name: &str) -> Vec<String> {
    let whole = plain(name);
    let mut forms = Vec::new();
    if let Some((before, inside)) = whole.split_once('(') {
        let inside = inside.strip_suffix(')').unwrap_or(inside);
        forms = vec![before.to_owned(), inside.to_owned()];
    }
    forms.push(whole);
    forms
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&POLLUTANTS]
}
