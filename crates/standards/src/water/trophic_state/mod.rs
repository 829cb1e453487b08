//! Trophic state of lakes and reservoirs, TLI (湖库营养状态).
//!
//! Tables: `parameters.csv`, `levels.csv`. Check values: `vectors.csv`.

mod explain;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use rulebook::{Decimal, Input, Judged, NotComputable, Row, Table, Text, round_half_even};
use rust_decimal::MathematicalOps as _;

pub use explain::explain;

/// A parameter of the index (评价参数).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Parameter {
    /// Chlorophyll a (叶绿素a), mg/m3.
    ChlorophyllA,
    /// Total phosphorus (总磷), mg/L.
    TotalPhosphorus,
    /// Total nitrogen (总氮), mg/L.
    TotalNitrogen,
    /// Transparency (透明度), m.
    Transparency,
    /// Permanganate index (高锰酸盐指数), mg/L.
    PermanganateIndex,
}

impl Parameter {
    /// Every parameter.
    pub const ALL: [Self; 5] = [
        Self::ChlorophyllA,
        Self::TotalPhosphorus,
        Self::TotalNitrogen,
        Self::Transparency,
        Self::PermanganateIndex,
    ];

    /// The identifier in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChlorophyllA => "chla",
            Self::TotalPhosphorus => "TP",
            Self::TotalNitrogen => "TN",
            Self::Transparency => "SD",
            Self::PermanganateIndex => "CODMn",
        }
    }

    /// The parameter of an identifier, or `None`.
    pub fn parse(identifier: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|parameter| parameter.as_str() == identifier)
    }

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::ChlorophyllA => Text::fixed("叶绿素a", "chlorophyll a"),
            Self::TotalPhosphorus => Text::fixed("总磷", "total phosphorus"),
            Self::TotalNitrogen => Text::fixed("总氮", "total nitrogen"),
            Self::Transparency => Text::fixed("透明度", "transparency"),
            Self::PermanganateIndex => Text::fixed("高锰酸盐指数", "permanganate index"),
        }
    }

    /// The unit of its value.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::ChlorophyllA => "mg/m3",
            Self::Transparency => "m",
            _ => "mg/L",
        }
    }
}

/// A level of the trophic state (营养状态分级).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// 贫营养: below 30.
    Oligotrophic,
    /// 中营养: 30 to 50.
    Mesotrophic,
    /// 轻度富营养: above 50 to 60.
    LightEutrophic,
    /// 中度富营养: above 60 to 70.
    ModerateEutrophic,
    /// 重度富营养: above 70.
    HeavyEutrophic,
}

impl Level {
    /// Every level, the poorest in food first.
    pub const ALL: [Self; 5] = [
        Self::Oligotrophic,
        Self::Mesotrophic,
        Self::LightEutrophic,
        Self::ModerateEutrophic,
        Self::HeavyEutrophic,
    ];

    /// The level of an index.
    ///
    /// # Standard
    /// `levels.csv`: below 30, to 50, to 60, to 70, above.
    ///
    /// # Example
    /// ```
    /// use rulebook::Decimal;
    /// use standards::water::trophic_state::Level;
    /// assert_eq!(Level::of(Decimal::from(50)), Level::Mesotrophic);
    /// assert_eq!(Level::of("50.001".parse().unwrap()).name().zh, "轻度富营养");
    /// ```
    pub fn of(index: Decimal) -> Self {
        let table: &'static Table = &LEVELS;
        let reached = |row: &&Row| {
            let bound = |column| table.decimal(row, column).ok().flatten();
            bound("from").is_none_or(|from| index >= from)
                && bound("above").is_none_or(|above| index > above)
        };
        let place = table.rows().iter().rposition(|row| reached(&row)).unwrap_or(0);
        Self::ALL[place.min(Self::ALL.len() - 1)]
    }

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::Oligotrophic => Text::fixed("贫营养", "oligotrophic"),
            Self::Mesotrophic => Text::fixed("中营养", "mesotrophic"),
            Self::LightEutrophic => Text::fixed("轻度富营养", "lightly eutrophic"),
            Self::ModerateEutrophic => Text::fixed("中度富营养", "moderately eutrophic"),
            Self::HeavyEutrophic => Text::fixed("重度富营养", "heavily eutrophic"),
        }
    }
}

static PARAMETERS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("trophic_state/parameters", include_str!("parameters.csv"), &["parameter"])
        .expect("the table shipped with this crate is sound")
});

static LEVELS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("trophic_state/levels", include_str!("levels.csv"), &["order"])
        .expect("the table shipped with this crate is sound")
});

fn row_of(parameter: Parameter) -> &'static Row {
    let table: &'static Table = &PARAMETERS;
    table
        .rows()
        .iter()
        .find(|row| table.cell(row, "parameter") == parameter.as_str())
        .expect("the table has a row for each parameter")
}

fn number(parameter: Parameter, column: &str) -> Decimal {
    let table: &'static Table = &PARAMETERS;
    table
        .decimal(row_of(parameter), column)
        .ok()
        .flatten()
        .expect("coefficients are decimal numbers")
}

/// Returns the index of one parameter, TLI(j).
///
/// # Standard
/// Technical rules for the evaluation of eutrophication of lakes (see `parameters.csv`).
///
/// # Formula
/// `TLI(j) = 10 * (a + b * ln x)`.
///
/// # Units
/// Those of [`Parameter::unit`].
///
/// # Not computable
/// [`NotComputable::Invalid`] for a value that is not above zero: it has no logarithm.
///
/// # Example
/// ```
/// use rulebook::{Decimal, round_half_even};
/// use standards::water::trophic_state::{Parameter, index_of_parameter};
/// let index = index_of_parameter(Parameter::ChlorophyllA, Decimal::from(10)).unwrap();
/// assert_eq!(round_half_even(index, 3).to_string(), "50.006");
/// ```
pub fn index_of_parameter(parameter: Parameter, value: Decimal) -> Result<Decimal, NotComputable> {
    let invalid = || NotComputable::Invalid {
        what: parameter.name(),
        why: Text::fixed("数值不大于零，没有对数", "a value not above zero has no logarithm"),
    };
    let logarithm = value.checked_ln().ok_or_else(invalid)?;
    let (a, b) = (number(parameter, "a"), number(parameter, "b"));
    Ok(Decimal::TEN * (a + b * logarithm))
}

/// Returns the index of a lake from the indices of its parameters, TLI(Σ), with its level.
///
/// # Standard
/// As [`index_of_parameter`].
///
/// # Formula
/// `TLI = Σ w_j TLI(j)`, `w_j = r_j² / Σ r²` over the parameters given: the weights are made
/// anew when one is missing. The total keeps three decimals.
///
/// # Not computable
/// [`NotComputable::TooFew`] with fewer parameters than `fewest`.
///
/// # Note
/// How many parameters may be missing is not known; published work uses four of the five.
///
/// # Example
/// ```
/// use standards::water::trophic_state::{Level, Parameter, index_of_lake};
/// let index = |text: &str| text.parse().unwrap();
/// let hulun_2011 = [
///     (Parameter::ChlorophyllA, index("37.749")),
///     (Parameter::TotalPhosphorus, index("69.802")),
///     (Parameter::TotalNitrogen, index("68.909")),
///     (Parameter::Transparency, index("81.743")),
/// ];
/// let verdict = index_of_lake(&hulun_2011, 4).unwrap();
/// assert_eq!(verdict.value, (index("61.837"), Level::ModerateEutrophic));
/// ```
pub fn index_of_lake(
    indices: &[(Parameter, Decimal)],
    fewest: u32,
) -> Result<Judged<(Decimal, Level)>, NotComputable> {
    let counted = indices.len() as u32;
    if counted < fewest.max(1) {
        let what = Text::fixed("评价参数", "parameters");
        return Err(NotComputable::TooFew { what, counted, wanted: fewest.max(1) });
    }
    let weight = |parameter: Parameter| number(parameter, "r_squared");
    let total: Decimal = indices.iter().map(|(parameter, _)| weight(*parameter)).sum();
    let sum = indices
        .iter()
        .try_fold(Decimal::ZERO, |sum, (parameter, index)| {
            sum.checked_add(weight(*parameter).checked_mul(*index)?)
        })
        .ok_or_else(|| NotComputable::Invalid {
            what: Text::same("TLI"),
            why: Text::fixed("数值过大", "a number is too large"),
        })?;
    let index = round_half_even(sum / total, 3);
    let rows = || indices.iter().map(|(parameter, _)| row_of(*parameter));
    Ok(Judged {
        value: (index, Level::of(index)),
        by: row_of(indices[0].0).citation(),
        inputs: indices
            .iter()
            .map(|(parameter, index)| Input::new(parameter.name(), *index, ""))
            .collect(),
        rounding: vec![rulebook::Rounding {
            of: Text::same("TLI"),
            how: rulebook::RoundingRule::HalfEven(3),
        }],
        confidence: rows().map(Row::confidence).min().unwrap_or(rulebook::Confidence::Unknown),
    })
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 2] {
    [&PARAMETERS, &LEVELS]
}
