//! Warning level of heavy pollution from a forecast of daily AQI (重污染天气预警分级).
//!
//! Table: `levels.csv`: a city's plan may set other numbers, so the caller may pass its own rows.
//! Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::Date;
use rulebook::{Decimal, Explanation, Input, Judged, NotComputable, Row, Table, TableError, Text};

static LEVELS: LazyLock<Table> = LazyLock::new(|| {
    load(include_str!("levels.csv")).expect("the table shipped with this crate is sound")
});

/// A level of warning, the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Yellow (黄色, III).
    Yellow,
    /// Orange (橙色, II).
    Orange,
    /// Red (红色, I).
    Red,
}

impl Level {
    /// Every level, the mildest first.
    pub const ALL: [Self; 3] = [Self::Yellow, Self::Orange, Self::Red];

    /// The word in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yellow => "yellow",
            Self::Orange => "orange",
            Self::Red => "red",
        }
    }

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::Yellow => Text::fixed("黄色预警", "yellow warning"),
            Self::Orange => Text::fixed("橙色预警", "orange warning"),
            Self::Red => Text::fixed("红色预警", "red warning"),
        }
    }
}

/// Reads the levels of a city's plan, in the columns of `levels.csv`.
///
/// # Errors
/// When a row is not sound.
///
/// # Standard
/// The plan of a city, or the national levels of `levels.csv`.
///
/// # Example
/// ```
/// use standards::air::heavy_pollution_warning::load;
/// let plan = "standard,valid_from,valid_to,level,alternative,above,days,and_above,and_days,\
///             clause,source,confidence\n\
///             a plan,2026-01-01,,yellow,1,200,1,,,levels,plan,certain\n";
/// assert_eq!(load(plan).unwrap().rows().len(), 1);
/// ```
pub fn load(text: &str) -> Result<Table, TableError> {
    let table = Table::load("heavy_pollution_warning/levels", text, &["level", "alternative"])?;
    for row in table.rows() {
        for column in ["above", "days", "and_above", "and_days"] {
            table.decimal(row, column)?;
        }
    }
    Ok(table)
}

/// Returns the level of warning that a forecast reaches, `None` below all.
///
/// # Standard
/// 环大气〔2024〕6号, as coded from the plan of one city; before 2024 the plan of another.
///
/// # Formula
/// A level holds when the forecast daily AQI is above its number on so many days running, and,
/// where the row says so, above a second number on so many days running. The highest level that
/// holds counts.
///
/// # Not computable
/// [`NotComputable::Missing`] for an empty forecast; [`NotComputable::NoEdition`] where no level
/// is in force.
///
/// # Note
/// Low confidence; the plan of Fujian and its cities was not found. Plans count any 24 hours
/// running, which may cross midnight: a forecast of natural days can't show that. Pollution by
/// ozone is handled by health advice, without a colour, in at least one plan.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::air::heavy_pollution_warning::{Level, tables, warning_level};
/// let levels = tables()[0];
/// let found = warning_level(&[180, 201, 230], levels, date(2026, 1, 10)).unwrap();
/// assert_eq!(found.value, Some(Level::Orange));
/// ```
pub fn warning_level(
    forecast: &[u16],
    levels: &'static Table,
    on: Date,
) -> Result<Judged<Option<Level>>, NotComputable> {
    if forecast.is_empty() {
        let what = Text::fixed("AQI 预报", "the forecast");
        return Err(NotComputable::Missing { what });
    }
    let number =
        |row: &Row, column: &str| levels.decimal(row, column).ok().flatten().unwrap_or_default();
    let running = |above: Decimal, days: Decimal| {
        let days = usize::try_from(days).unwrap_or(usize::MAX);
        days == 0
            || forecast.windows(days).any(|run| run.iter().all(|day| Decimal::from(*day) > above))
    };
    let holds = |row: &&Row| {
        running(number(row, "above"), number(row, "days"))
            && running(number(row, "and_above"), number(row, "and_days"))
    };
    let first = levels.in_force(on).next();
    let first = first.ok_or(NotComputable::NoEdition { standard: "重污染天气预警", on })?;
    let reached = Level::ALL.into_iter().rev().find_map(|level| {
        let of_level = |row: &&Row| levels.cell(row, "level") == level.as_str();
        levels.in_force(on).filter(of_level).find(holds).map(|row| (level, row))
    });
    let row = reached.map_or(first, |(_, row)| row);
    let input = |(day, index): (usize, &u16)| {
        let name = Text::new(format!("第 {} 日", day + 1), format!("day {}", day + 1));
        Input::new(name, Decimal::from(*index), "")
    };
    Ok(Judged {
        value: reached.map(|(level, _)| level),
        by: row.citation(),
        inputs: forecast.iter().enumerate().map(input).collect(),
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// Explains a level.
///
/// # Standard
/// As [`warning_level`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Language;
/// use standards::air::heavy_pollution_warning::{explain, tables, warning_level};
/// let found = warning_level(&[180, 201, 230], tables()[0], date(2026, 1, 10)).unwrap();
/// assert!(explain(&found).to_plain(Language::Chinese).starts_with("橙色预警（环大气〔2024〕6号"));
/// ```
pub fn explain(verdict: &Judged<Option<Level>>) -> Explanation {
    let name = verdict
        .value
        .map_or(Text::fixed("未达到预警级别", "no warning level reached"), Level::name);
    verdict.explained(Text::new(
        format!("{}（{}）", name.zh, verdict.by.text().zh),
        format!("{} ({})", name.en, verdict.by),
    ))
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LEVELS]
}
