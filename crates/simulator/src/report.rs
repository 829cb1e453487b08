//! What a device reports at one time: as the items of a packet and as a row of observations.

use jiff::Timestamp;
use observations::{FactorValue, Marks, NewRow};
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period, beijing_offset};

/// A mean with the smallest and the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistic {
    /// The mean, or the instantaneous value.
    pub mean: Decimal,
    /// Smallest and largest.
    pub range: Option<(Decimal, Decimal)>,
}

impl Statistic {
    /// One value.
    pub const fn of(mean: Decimal) -> Self {
        Self { mean, range: None }
    }
}

/// One factor of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The factor.
    pub factor: FactorId,
    /// Its code.
    pub code: String,
    /// Mean or instantaneous value.
    pub value: Decimal,
    /// Smallest and largest.
    pub range: Option<(Decimal, Decimal)>,
    /// The quantity discharged.
    pub sum: Option<Decimal>,
    /// Converted to the reference oxygen content.
    pub converted: Option<Statistic>,
    /// The letter of the data mark, in ASCII.
    pub flag: u8,
}

/// All factors of a site at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The averaging period.
    pub period: Period,
    /// Start of the period, or the instant of a real-time report.
    pub observed_at: Timestamp,
    /// The factors.
    pub readings: Vec<Reading>,
}

/// One item of a data area: names with their values, separated by commas in the packet.
pub(crate) type Item = Vec<(String, String)>;

impl Report {
    /// The command CN under which the period is sent.
    pub const fn command(&self) -> u16 {
        command_of(self.period)
    }

    /// The item that says when.
    pub(crate) fn time_item(&self) -> Item {
        vec![("DataTime".to_owned(), beijing(self.observed_at))]
    }

    /// The items of the factors, in their order.
    pub(crate) fn items(&self) -> Vec<Item> {
        self.readings.iter().map(|reading| reading.item(self.period)).collect()
    }

    /// The part of the report that one packet holds.
    pub(crate) fn part(&self, readings: std::ops::Range<usize>) -> Self {
        Self { readings: self.readings[readings].to_vec(), ..*self }
    }

    /// The row that the platform reads from the packets of this report.
    pub fn row(&self, point: PointId, marks: Marks) -> NewRow {
        let values = self.readings.iter().map(|reading| reading.value_with(marks)).collect();
        NewRow { point, period: self.period, observed_at: self.observed_at, values }
    }
}

impl Reading {
    fn item(&self, period: Period) -> Item {
        let word = if period == Period::RealTime { "Rtd" } else { "Avg" };
        let mut item = Vec::with_capacity(8);
        let mut add = |field: &str, value: Decimal| {
            item.push((format!("{}-{field}", self.code), value.to_string()));
        };
        if let Some(sum) = self.sum {
            add("Cou", sum);
        }
        let mut spread = |prefix: &str, mean: Decimal, range: Option<(Decimal, Decimal)>| {
            if let Some((low, _)) = range {
                add(&format!("{prefix}Min"), low);
            }
            add(&format!("{prefix}{word}"), mean);
            if let Some((_, high)) = range {
                add(&format!("{prefix}Max"), high);
            }
        };
        spread("", self.value, self.range);
        if let Some(converted) = self.converted {
            spread("Zs", converted.mean, converted.range);
        }
        item.push((format!("{}-Flag", self.code), char::from(self.flag).to_string()));
        item
    }

    fn value_with(&self, marks: Marks) -> FactorValue {
        let converted_range = self.converted.and_then(|converted| converted.range);
        FactorValue {
            min: self.range.map(|(low, _)| low),
            max: self.range.map(|(_, high)| high),
            sum: self.sum,
            converted: self.converted.map(|converted| converted.mean),
            converted_min: converted_range.map(|(low, _)| low),
            converted_max: converted_range.map(|(_, high)| high),
            flag: Some(self.flag),
            marks,
            ..FactorValue::of(self.factor, self.value)
        }
    }
}

/// The command CN under which a period is sent.
pub(crate) const fn command_of(period: Period) -> u16 {
    match period {
        Period::RealTime => 2011,
        Period::Minute => 2051,
        Period::Hour => 2061,
        Period::Day => 2031,
    }
}

/// The period of a command that sends or asks for measured values.
pub(crate) const fn period_of(command: u16) -> Option<Period> {
    match command {
        2011 => Some(Period::RealTime),
        2051 => Some(Period::Minute),
        2061 => Some(Period::Hour),
        2031 => Some(Period::Day),
        _ => None,
    }
}

/// `YYYYMMDDhhmmss` in Beijing time.
pub(crate) fn beijing(at: Timestamp) -> String {
    let local = beijing_offset().to_datetime(at);
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        local.year(),
        local.month(),
        local.day(),
        local.hour(),
        local.minute(),
        local.second()
    )
}
