//! Editions of HJ 633, kinds of report, and whether the text is followed or a practice.

use jiff::civil::{Date, date};
use rulebook::NotComputable;

use super::Item;
use crate::air::Pollutant;

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] = &[
    rulebook::Edition::new("HJ633-2012", "HJ 633-2012", date(2016, 1, 1), Some(date(2026, 2, 28))),
    rulebook::Edition::new("HJ633-2026", "HJ 633-2026", date(2026, 3, 1), None),
];

/// An edition of HJ 633 (标准版本).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Edition {
    /// HJ 633-2012.
    Hj633_2012,
    /// HJ 633-2026.
    Hj633_2026,
}

impl Edition {
    /// Both editions, the older first.
    pub const ALL: [Self; 2] = [Self::Hj633_2012, Self::Hj633_2026];

    /// The edition in force on the day monitored.
    ///
    /// # Standard
    /// Days: HJ 633-2012 nationwide from 2016-01-01; HJ 633-2026 from 2026-03-01.
    ///
    /// # Not computable
    /// [`NotComputable::NoEdition`] before 2016.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use standards::air::hj633_air_quality_index::Edition;
    /// assert_eq!(Edition::in_force(date(2026, 2, 28)), Ok(Edition::Hj633_2012));
    /// assert_eq!(Edition::in_force(date(2026, 3, 1)), Ok(Edition::Hj633_2026));
    /// ```
    pub fn in_force(on: Date) -> Result<Self, NotComputable> {
        Self::ALL
            .into_iter()
            .find(|edition| edition.record().covers(on))
            .ok_or(NotComputable::NoEdition { standard: "HJ 633", on })
    }

    /// The edition that `HJ633-2026` or `HJ 633-2026` names, or `None`.
    pub fn parse(name: &str) -> Option<Self> {
        let record = rulebook::Edition::find(EDITIONS, name)?;
        Self::ALL.into_iter().find(|edition| edition.record() == record)
    }

    /// Number and days of the edition.
    pub const fn record(self) -> &'static rulebook::Edition {
        &EDITIONS[self as usize]
    }

    /// The number as printed: `HJ 633-2026`.
    pub const fn number(self) -> &'static str {
        self.record().number
    }
}

/// What is reported: a day or an hour (日报, 实时报).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Report {
    /// The report of a natural day.
    #[default]
    Daily,
    /// The report of an hour.
    Hourly,
}

impl Report {
    /// The word in commands and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Hourly => "hourly",
        }
    }

    /// The report that [`Report::as_str`] names, or `None`.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Daily, Self::Hourly].into_iter().find(|report| report.as_str() == word)
    }
}

/// Whether the text of the edition is followed or what publishers do (发布惯例).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Practice {
    /// The text of the edition.
    AsWritten,
    /// The national real-time feed under the 2012 edition: the 1 h means of six pollutants, the
    /// particles on the daily breakpoints; the index from whatever is there; usually withheld
    /// when both PM10 and PM2.5 are missing.
    PublishedRealTime2012,
    /// The daily reports under the 2012 edition: ozone by its 8 h maximum alone; the index of the
    /// concentrations as they are printed, whole micrograms and tenths of a milligram of CO;
    /// withheld when one pollutant is missing.
    PublishedDaily2012,
}

/// Edition, report and practice that belong together.
///
/// # Note
/// The practices were found by recomputing published values: the real-time feed (17,311 values
/// of three kinds of file, all equal) and daily values of 2016 (10,969 of 10,979 equal).
/// The 2012 text asks for moving means of 8 and 24 hours in a real-time report; the feed does
/// not use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Method {
    edition: Edition,
    report: Report,
    practice: Practice,
}

impl Method {
    /// The national real-time feed under the 2012 edition.
    pub const PUBLISHED_REAL_TIME_2012: Self = Self {
        edition: Edition::Hj633_2012,
        report: Report::Hourly,
        practice: Practice::PublishedRealTime2012,
    };

    /// The daily reports under the 2012 edition.
    pub const PUBLISHED_DAILY_2012: Self = Self {
        edition: Edition::Hj633_2012,
        report: Report::Daily,
        practice: Practice::PublishedDaily2012,
    };

    /// The text of an edition.
    ///
    /// # Standard
    /// HJ 633-2012 or HJ 633-2026 as printed, without any practice of publishers.
    ///
    /// # Example
    /// ```
    /// use standards::air::hj633_air_quality_index::{Edition, Method, Practice, Report};
    /// let method = Method::as_written(Edition::Hj633_2026, Report::Daily);
    /// assert_eq!(method.practice(), Practice::AsWritten);
    /// ```
    pub const fn as_written(edition: Edition, report: Report) -> Self {
        Self { edition, report, practice: Practice::AsWritten }
    }

    /// The text of the edition in force on the day monitored.
    ///
    /// # Standard
    /// As [`Edition::in_force`].
    ///
    /// # Not computable
    /// [`NotComputable::NoEdition`] before 2016.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use standards::air::hj633_air_quality_index::{Edition, Method, Report};
    /// let method = Method::in_force(date(2026, 6, 1), Report::Hourly).unwrap();
    /// assert_eq!(method.edition(), Edition::Hj633_2026);
    /// ```
    pub fn in_force(on: Date, report: Report) -> Result<Self, NotComputable> {
        Edition::in_force(on).map(|edition| Self::as_written(edition, report))
    }

    /// The edition.
    pub const fn edition(self) -> Edition {
        self.edition
    }

    /// The report.
    pub const fn report(self) -> Report {
        self.report
    }

    /// The practice.
    pub const fn practice(self) -> Practice {
        self.practice
    }

    /// The item by which a pollutant is judged, and the one to fall back to when the first
    /// lies above its table or when both count.
    pub(super) fn items(self, pollutant: Pollutant) -> (Item, Option<Item>) {
        use Pollutant::{Co, No2, O3, Pm10, Pm25, So2};
        let text_2012 = self.edition == Edition::Hj633_2012 && self.practice == Practice::AsWritten;
        match (self.report, pollutant) {
            (Report::Daily, So2) => (Item::So2Day, None),
            (Report::Daily, No2) => (Item::No2Day, None),
            (Report::Daily, Co) => (Item::CoDay, None),
            (Report::Daily, O3) => (Item::O3EightHours, text_2012.then_some(Item::O3Hour)),
            (Report::Hourly, So2) => (Item::So2Hour, text_2012.then_some(Item::So2Day)),
            (Report::Hourly, No2) => (Item::No2Hour, None),
            (Report::Hourly, Co) => (Item::CoHour, None),
            (Report::Hourly, O3) => (Item::O3Hour, text_2012.then_some(Item::O3EightHours)),
            (Report::Hourly, Pm10) if !text_2012 => (Item::Pm10Hour, None),
            (Report::Hourly, Pm25) if !text_2012 => (Item::Pm25Hour, None),
            (_, Pm10) => (Item::Pm10Day, None),
            (_, Pm25) => (Item::Pm25Day, None),
        }
    }
}
