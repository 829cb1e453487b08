//! Lines of CSV, digits turned into text without a decimal between.

use super::names::Names;
use crate::history::format::{Numbers, Series};
use crate::model::FactorValue;
use jiff::Timestamp;
use registry::{FactorId, PointId};
use rulebook::{Period, beijing_offset};
use std::io::Write as _;

/// The columns: those of the template for import.
pub const HEADER: [&str; 11] = [
    "point_kind",
    "point",
    "period",
    "observed_at",
    "factor",
    "value",
    "min",
    "max",
    "sum",
    "converted",
    "flag",
];
/// The columns of numbers given out, by their places in [`FactorValue::numbers`].
const NUMBERS: usize = 5;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
const AHEAD_MS: i64 = 8 * 3_600_000;

pub(super) fn header() -> String {
    format!("{}\n", HEADER.join(","))
}

/// Lines being gathered.
#[derive(Default)]
pub(super) struct Lines {
    text: Vec<u8>,
    count: u64,
    /// What all lines of the series begin with, and what follows their time.
    series: Option<(PointId, FactorId)>,
    before: Vec<u8>,
    after: Vec<u8>,
    /// The day written last, as text.
    day: Option<(i64, String)>,
}

impl Lines {
    pub(super) fn plain(
        &mut self,
        names: &Names,
        series: &Series,
        at_ms: i64,
        numbers: &Numbers<'_>,
        line: usize,
    ) {
        self.begin(names, series.point, series.factor, at_ms);
        for place in 0..NUMBERS {
            self.text.push(b',');
            if let Some(digits) = numbers.digits(place, line) {
                put_number(&mut self.text, digits, series.scale);
            }
        }
        self.end(numbers.flag(line));
    }

    pub(super) fn value(&mut self, names: &Names, point: PointId, at_ms: i64, value: &FactorValue) {
        self.begin(names, point, value.factor, at_ms);
        for number in value.numbers().into_iter().take(NUMBERS) {
            self.text.push(b',');
            if let Some(number) = number {
                // Writing into memory cannot fail.
                let _ = write!(self.text, "{number}");
            }
        }
        self.end(value.flag);
    }

    pub(super) fn finish(self) -> (Vec<u8>, u64) {
        (self.text, self.count)
    }

    fn begin(&mut self, names: &Names, point: PointId, factor: FactorId, at_ms: i64) {
        if self.series != Some((point, factor)) {
            self.series = Some((point, factor));
            let (kind, code) = &names.points[names.point(point)];
            self.before.clear();
            cell(&mut self.before, kind);
            self.before.push(b',');
            cell(&mut self.before, code);
            self.before.push(b',');
            cell(&mut self.before, names.period.as_str());
            self.before.push(b',');
            self.after.clear();
            self.after.push(b',');
            cell(&mut self.after, &names.factors[names.factor(factor)]);
        }
        self.text.extend_from_slice(&self.before);
        self.time(names.period, at_ms);
        self.text.extend_from_slice(&self.after);
    }

    fn time(&mut self, period: Period, at_ms: i64) {
        let here = at_ms.saturating_add(AHEAD_MS);
        let day = here.div_euclid(DAY_MS);
        if self.day.as_ref().is_none_or(|(known, _)| *known != day) {
            let date = Timestamp::from_millisecond(at_ms).map_or_else(
                |_| String::new(),
                |at| beijing_offset().to_datetime(at).date().to_string(),
            );
            self.day = Some((day, date));
        }
        let date = self.day.as_ref().map_or("", |(_, date)| date.as_str());
        self.text.extend_from_slice(date.as_bytes());
        let of_day = here.rem_euclid(DAY_MS);
        if period == Period::Day {
            return;
        }
        let two = |text: &mut Vec<u8>, number: i64| {
            text.push(b'0' + (number / 10 % 10) as u8);
            text.push(b'0' + (number % 10) as u8);
        };
        self.text.push(b' ');
        two(&mut self.text, of_day / 3_600_000);
        self.text.push(b':');
        two(&mut self.text, of_day / MINUTE_MS % 60);
        if period == Period::RealTime {
            self.text.push(b':');
            two(&mut self.text, of_day / 1000 % 60);
        }
    }

    fn end(&mut self, flag: Option<u8>) {
        self.text.push(b',');
        if let Some(flag) = flag {
            let mut room = [0; 4];
            cell(&mut self.text, char::from(flag).encode_utf8(&mut room));
        }
        self.text.push(b'\n');
        self.count += 1;
    }
}

/// A cell, in quotes where it must be.
fn cell(out: &mut Vec<u8>, text: &str) {
    if !text.contains(['"', ',', '\n', '\r']) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

/// Digits as a decimal: 1050 at the scale 2 is 10.50.
fn put_number(out: &mut Vec<u8>, digits: i64, scale: u32) {
    let mut room = [b'0'; 40];
    let mut place = room.len();
    let mut rest = digits.unsigned_abs();
    let mut written = 0;
    while rest > 0 || written <= scale {
        if written == scale && scale > 0 {
            place -= 1;
            room[place] = b'.';
        }
        place -= 1;
        room[place] = b'0' + (rest % 10) as u8;
        rest /= 10;
        written += 1;
    }
    if digits < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&room[place..]);
}

#[cfg(test)]
mod tests {
    use super::put_number;
    use proptest::prelude::*;
    use rulebook::Decimal;

    proptest! {
        #[test]
        fn digits_are_written_as_decimals_are(digits in any::<i64>(), scale in 0_u32..13) {
            let mut text = Vec::new();
            put_number(&mut text, digits, scale);
            let text = String::from_utf8(text).unwrap();
            prop_assert_eq!(text, Decimal::new(digits, scale).to_string());
        }
    }
}
