//! GB 3095: ambient air quality standards (环境空气质量标准).
//!
//! Editions: GB 3095-2012 (2016-01-01 to 2018-08-31), the same with the 2018 amendment (to
//! 2026-02-28), GB 3095-2026 with transition limits (to 2030-12-31) and with its final limits
//! (from 2031-01-01). Tables: `limits.csv`, `validity.csv`. Check values: `vectors.csv`.

mod explain;
mod state;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::{Date, date};
use rulebook::{Citation, Confidence, Decimal, Input, Judged, NotComputable, Row, Table, Text};

pub use explain::explain;
pub use state::{State, restate_gas};

/// The editions of the standard and their stages, for browsing.
pub const EDITIONS: &[rulebook::Edition] = &[
    rulebook::Edition::new(
        "GB3095-2012",
        "GB 3095-2012",
        date(2016, 1, 1),
        Some(date(2018, 8, 31)),
    ),
    rulebook::Edition::new(
        "GB3095-2012+A2018",
        "GB 3095-2012 (2018 amendment)",
        date(2018, 9, 1),
        Some(date(2026, 2, 28)),
    ),
    rulebook::Edition::new(
        "GB3095-2026-transition",
        "GB 3095-2026 (transition limits)",
        date(2026, 3, 1),
        Some(date(2030, 12, 31)),
    ),
    rulebook::Edition::new("GB3095-2026", "GB 3095-2026", date(2031, 1, 1), None),
];

/// The class of a zone (环境空气功能区).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// Class I: national parks, nature reserves and the like; grade 1.
    I,
    /// Class II: where people live and work; grade 2.
    II,
}

impl Zone {
    /// The grade of the limits of this zone.
    ///
    /// # Standard
    /// The columns of GB 3095 tables 1 and 2: grade 1 is for zones of class I, grade 2 for class
    /// II.
    ///
    /// # Example
    /// ```
    /// use standards::air::gb3095_ambient_air_quality::Zone;
    /// assert_eq!(Zone::II.grade().zh, "二级");
    /// ```
    pub const fn grade(self) -> Text {
        match self {
            Self::I => Text::fixed("一级", "grade 1"),
            Self::II => Text::fixed("二级", "grade 2"),
        }
    }
}

/// Over what a concentration is averaged (平均时间).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Averaging {
    /// 1 h mean.
    Hour,
    /// The day's maximum of moving 8 h means: ozone.
    DailyMaximumOfEightHours,
    /// 24 h mean.
    Day,
    /// Monthly mean (fluoride, annex A).
    Month,
    /// Quarterly mean (lead).
    Quarter,
    /// Growing season (fluoride, annex A).
    GrowingSeason,
    /// Annual mean.
    Year,
}

impl Averaging {
    /// Every averaging period.
    pub const ALL: [Self; 7] = [
        Self::Hour,
        Self::DailyMaximumOfEightHours,
        Self::Day,
        Self::Month,
        Self::Quarter,
        Self::GrowingSeason,
        Self::Year,
    ];

    /// The word in tables and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::DailyMaximumOfEightHours => "daily_max_8h",
            Self::Day => "24h",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::GrowingSeason => "growing_season",
            Self::Year => "annual",
        }
    }

    /// The averaging period of a word, or `None`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|averaging| averaging.as_str() == word)
    }

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::Hour => Text::fixed("1 小时平均", "1 h mean"),
            Self::DailyMaximumOfEightHours => {
                Text::fixed("日最大 8 小时平均", "daily maximum 8 h mean")
            }
            Self::Day => Text::fixed("24 小时平均", "24 h mean"),
            Self::Month => Text::fixed("月平均", "monthly mean"),
            Self::Quarter => Text::fixed("季平均", "quarterly mean"),
            Self::GrowingSeason => Text::fixed("植物生长季平均", "growing season mean"),
            Self::Year => Text::fixed("年平均", "annual mean"),
        }
    }
}

/// A limit with everything said about it (浓度限值).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The symbol as printed: `PM2.5`.
    pub pollutant: &'static str,
    /// Over what it is averaged.
    pub averaging: Averaging,
    /// The class of zone that it is for: grade 1 in class I, grade 2 in class II.
    pub zone: Zone,
    /// The limit.
    pub limit: Decimal,
    /// Its unit.
    pub unit: &'static str,
    /// Temperature and pressure that the concentration refers to.
    pub state: &'static str,
    /// The stage of the edition: `single`, `transition`, `final`.
    pub stage: &'static str,
    /// The first and the last day in force.
    pub valid: (Date, Option<Date>),
    /// Where it is printed.
    pub by: Citation,
    /// How sure it is.
    pub confidence: Confidence,
}

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load(
        "gb3095/limits",
        include_str!("limits.csv"),
        &["table", "pollutant", "averaging", "note"],
    )
    .expect("the table shipped with this crate is sound")
});

static VALIDITY: LazyLock<Table> = LazyLock::new(|| {
    Table::load("gb3095/validity", include_str!("validity.csv"), &["pollutant", "averaging"])
        .expect("the table shipped with this crate is sound")
});

/// Returns the limit in force on the day monitored.
///
/// # Standard
/// GB 3095-2012 tables 1, 2 and GB 3095-2026 tables 1, 2; 4.4 of 2026 for its two stages.
///
/// # Units
/// As printed: CO in mg/m3, the others in ug/m3.
///
/// # Not computable
/// [`NotComputable::NotInTable`] where no limit is printed for the pollutant and averaging;
/// [`NotComputable::NoEdition`] before 2016.
///
/// # Note
/// The items of table 2 of 2026 apply as the ministry or the province decides (4.5). The
/// reference values of annex A are no limits and are not returned here.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::air::gb3095_ambient_air_quality::{Averaging, Zone, limit};
/// let of = |on| limit("PM2.5", Averaging::Day, Zone::II, on).unwrap().limit.to_string();
/// assert_eq!(of(date(2026, 2, 28)), "75");
/// assert_eq!(of(date(2026, 3, 1)), "60");
/// assert_eq!(of(date(2031, 1, 1)), "50");
/// ```
pub fn limit(
    pollutant: &str,
    averaging: Averaging,
    zone: Zone,
    on: Date,
) -> Result<Limit, NotComputable> {
    let edition = rulebook::Edition::in_force(EDITIONS, on)
        .ok_or(NotComputable::NoEdition { standard: "GB 3095", on })?;
    let table: &'static Table = &LIMITS;
    let matches = |row: &&Row| {
        table.cell(row, "table") != "annexA_reference"
            && table.cell(row, "pollutant") == pollutant
            && table.cell(row, "averaging") == averaging.as_str()
    };
    let column = match zone {
        Zone::I => "grade1",
        Zone::II => "grade2",
    };
    let found = table.in_force(on).find(matches).and_then(|row| {
        let number = table.decimal(row, column).expect("limits are decimal numbers")?;
        Some((row, number))
    });
    let what = || {
        Text::new(
            format!("{pollutant}{}", averaging.name().zh),
            format!("the {} of {pollutant}", averaging.name().en),
        )
    };
    let (row, number) =
        found.ok_or_else(|| NotComputable::NotInTable { what: what(), edition: edition.number })?;
    Ok(Limit {
        pollutant: table.cell(row, "pollutant"),
        averaging,
        zone,
        limit: number,
        unit: table.cell(row, "unit"),
        state: table.cell(row, "state"),
        stage: table.cell(row, "stage"),
        valid: (row.valid_from(), row.valid_to()),
        by: row.citation(),
        confidence: row.confidence(),
    })
}

/// Whether a concentration meets the limit in force, as a verdict.
///
/// # Standard
/// As [`limit`]. A concentration equal to the limit meets it.
///
/// # Formula
/// `C <= S`. Rounding before comparison belongs to HJ 663 and is the caller's.
///
/// # Units
/// Those of the limit; the state of the limit (temperature, pressure) too.
///
/// # Not computable
/// As [`limit`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::air::gb3095_ambient_air_quality::{Averaging, Zone, meets};
/// let day = |on| meets("PM2.5", Averaging::Day, Zone::II, Decimal::from(61), on).unwrap().value;
/// assert!(day(date(2025, 6, 1)));
/// assert!(!day(date(2026, 6, 1)));
/// ```
pub fn meets(
    pollutant: &str,
    averaging: Averaging,
    zone: Zone,
    concentration: Decimal,
    on: Date,
) -> Result<Judged<bool>, NotComputable> {
    let limit = limit(pollutant, averaging, zone, on)?;
    let name = Text::new(
        format!("{} {}", limit.pollutant, averaging.name().zh),
        format!("{} {}", limit.pollutant, averaging.name().en),
    );
    Ok(Judged {
        value: concentration <= limit.limit,
        inputs: vec![
            Input::new(name, concentration, limit.unit),
            Input::new(Text::fixed("限值", "limit"), limit.limit, limit.unit),
        ],
        rounding: Vec::new(),
        by: limit.by,
        confidence: limit.confidence,
    })
}

/// The fewest values that make a mean valid (数据有效性最低要求).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validity {
    /// What is counted.
    pub counted: &'static str,
    /// The fewest of them.
    pub minimum: u32,
    /// What else is asked.
    pub condition: &'static str,
    /// Where it is printed.
    pub by: Citation,
    /// How sure it is.
    pub confidence: Confidence,
}

/// Returns the fewest values that make a mean valid, on the day monitored.
///
/// # Standard
/// GB 3095-2012 and GB 3095-2026, table 4. `averaging` is a word of the table: `1h`, `8h`, `24h`,
/// `quarter`, `annual`.
///
/// # Not computable
/// [`NotComputable::NotInTable`] where none is printed.
///
/// # Note
/// The 2012 rows are from memory and agree with those of 2026, which were read in the text.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::air::gb3095_ambient_air_quality::fewest_values;
/// assert_eq!(fewest_values("PM2.5", "24h", date(2026, 6, 1)).unwrap().minimum, 20);
/// ```
pub fn fewest_values(
    pollutant: &str,
    averaging: &str,
    on: Date,
) -> Result<Validity, NotComputable> {
    let edition = rulebook::Edition::in_force(EDITIONS, on)
        .ok_or(NotComputable::NoEdition { standard: "GB 3095", on })?;
    let table: &'static Table = &VALIDITY;
    let row = table
        .in_force(on)
        .find(|row| {
            table.cell(row, "pollutant") == pollutant && table.cell(row, "averaging") == averaging
        })
        .ok_or_else(|| NotComputable::NotInTable {
            what: Text::new(
                format!("{pollutant} {averaging} 的有效数据数"),
                format!("the fewest values of {pollutant} {averaging}"),
            ),
            edition: edition.number,
        })?;
    Ok(Validity {
        counted: table.cell(row, "counted"),
        minimum: table.cell(row, "minimum").parse().expect("minima are whole numbers"),
        condition: table.cell(row, "condition"),
        by: row.citation(),
        confidence: row.confidence(),
    })
}

/// The dated tables of the standard, for browsing.
pub fn tables() -> [&'static Table; 2] {
    [&LIMITS, &VALIDITY]
}
