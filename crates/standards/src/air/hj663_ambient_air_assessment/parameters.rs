//! The numbers of HJ 663 by the day judged, each with its confidence.

use std::sync::LazyLock;

use jiff::civil::Date;
use rulebook::{Citation, Confidence, NotComputable, Row, Table};

use crate::air::Pollutant;

static PARAMETERS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("hj663/parameters", include_str!("parameters.csv"), &["parameter"])
        .expect("the table shipped with this crate is sound")
});

/// Numbers of the rules. Public fields: what is not sure can be set by who knows better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Fewest valid hours of a day.
    pub hours_of_a_day: u32,
    /// Fewest valid hours of an 8 h mean.
    pub hours_of_8: u32,
    /// Fewest valid 8 h means of a day.
    pub windows_of_a_day: u32,
    /// The first hour label whose 8 h mean belongs to the day.
    pub first_window: u32,
    /// Fewest valid stations of a city, percent.
    pub stations_percent: u32,
    /// The same where there are few stations.
    pub stations_percent_few: u32,
    /// What "few stations" means: fewer than this.
    pub few_stations_below: u32,
    /// Fewest valid days of a year.
    pub days_of_a_year: u32,
    /// Fewest valid days of a month.
    pub days_of_a_month: u32,
    /// Fewest valid days of February.
    pub days_of_february: u32,
    /// Decimals of means and percentiles, CO apart.
    pub decimals_statistics: [u32; 2],
    /// Decimals of a value compared with a limit, CO apart.
    pub decimals_evaluation: [u32; 2],
    /// The percentile by which a year is judged, in the order of [`Pollutant::ALL`].
    pub percentiles: [u32; 6],
    /// The edition.
    pub by: Citation,
    /// The weakest confidence of the numbers.
    pub confidence: Confidence,
}

impl Parameters {
    /// The numbers in force on a day.
    ///
    /// # Standard
    /// HJ 663-2013 and HJ 663-2026 as far as they are known: each row of `parameters.csv` says how
    /// sure it is.
    ///
    /// # Not computable
    /// [`NotComputable::NoEdition`] before 2013-10-01.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use standards::air::hj663_ambient_air_assessment::Parameters;
    /// assert_eq!(Parameters::in_force(date(2026, 6, 1)).unwrap().hours_of_a_day, 20);
    /// ```
    pub fn in_force(on: Date) -> Result<Self, NotComputable> {
        let table: &'static Table = &PARAMETERS;
        let rows: Vec<&'static Row> = table.in_force(on).collect();
        let none = NotComputable::NoEdition { standard: "HJ 663", on };
        let first = rows.first().ok_or_else(|| none.clone())?;
        let number = |name: &str| {
            rows.iter()
                .find(|row| table.cell(row, "parameter") == name)
                .and_then(|row| table.cell(row, "value").parse::<u32>().ok())
                .ok_or_else(|| none.clone())
        };
        Ok(Self {
            hours_of_a_day: number("hours_of_a_day")?,
            hours_of_8: number("hours_of_8")?,
            windows_of_a_day: number("windows_of_a_day")?,
            first_window: number("first_window")?,
            stations_percent: number("stations_percent")?,
            stations_percent_few: number("stations_percent_few")?,
            few_stations_below: number("few_stations_below")?,
            days_of_a_year: number("days_of_a_year")?,
            days_of_a_month: number("days_of_a_month")?,
            days_of_february: number("days_of_february")?,
            decimals_statistics: [
                number("decimals_statistics")?,
                number("decimals_statistics_co")?,
            ],
            decimals_evaluation: [
                number("decimals_evaluation")?,
                number("decimals_evaluation_co")?,
            ],
            percentiles: percentiles(&number)?,
            by: first.citation(),
            confidence: rows
                .iter()
                .map(|row| row.confidence())
                .min()
                .unwrap_or(Confidence::Unknown),
        })
    }

    /// The percentile by which a year of a pollutant is judged.
    ///
    /// # Standard
    /// HJ 663 table 1; the rows say how sure each edition's numbers are.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use standards::air::Pollutant;
    /// use standards::air::hj663_ambient_air_assessment::Parameters;
    /// let parameters = Parameters::in_force(date(2025, 12, 31)).unwrap();
    /// assert_eq!(parameters.percentile(Pollutant::O3), 90);
    /// ```
    pub fn percentile(&self, pollutant: Pollutant) -> u32 {
        self.percentiles[pollutant.index()]
    }

    /// Decimals of a statistic of a pollutant.
    ///
    /// # Standard
    /// HJ 663 on rounding; see the confidence of the rows.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use standards::air::Pollutant;
    /// use standards::air::hj663_ambient_air_assessment::Parameters;
    /// let of = |on| Parameters::in_force(on).unwrap().statistics(Pollutant::Pm25);
    /// assert_eq!((of(date(2025, 1, 1)), of(date(2026, 6, 1))), (0, 1));
    /// ```
    pub fn statistics(&self, pollutant: Pollutant) -> u32 {
        self.decimals_statistics[usize::from(pollutant == Pollutant::Co)]
    }

    /// Decimals of a value of a pollutant compared with a limit.
    ///
    /// # Standard
    /// HJ 663 on rounding; see the confidence of the rows.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use standards::air::Pollutant;
    /// use standards::air::hj663_ambient_air_assessment::Parameters;
    /// let parameters = Parameters::in_force(date(2026, 6, 1)).unwrap();
    /// assert_eq!(parameters.evaluation(Pollutant::Co), 1);
    /// ```
    pub fn evaluation(&self, pollutant: Pollutant) -> u32 {
        self.decimals_evaluation[usize::from(pollutant == Pollutant::Co)]
    }
}

fn percentiles(
    number: &impl Fn(&str) -> Result<u32, NotComputable>,
) -> Result<[u32; 6], NotComputable> {
    let mut percentiles = [0; 6];
    for pollutant in Pollutant::ALL {
        percentiles[pollutant.index()] = number(&format!("percentile_{pollutant}"))?;
    }
    Ok(percentiles)
}

pub(super) fn tables() -> [&'static Table; 1] {
    [&PARAMETERS]
}
