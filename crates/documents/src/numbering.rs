//! Numbers of headings and dates as official documents write them.

use jiff::civil::Date;

const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// A number from 1 to 99 in Chinese (汉字数字); others in digits.
pub fn chinese_number(number: usize) -> String {
    let digit = |at: usize| DIGITS.get(at).copied().unwrap_or_default();
    match number {
        0..=9 => digit(number).to_owned(),
        10..=99 => {
            let tens = if number < 20 { "" } else { digit(number / 10) };
            let ones = if number.is_multiple_of(10) { "" } else { digit(number % 10) };
            format!("{tens}十{ones}")
        }
        _ => number.to_string(),
    }
}

/// A date as documents bear it (成文日期): 2026年11月29日.
pub fn chinese_date(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// Counts the headings of a document: 一、 （一） 1. （1）.
#[derive(Debug, Default)]
pub(crate) struct Counter([usize; 4]);

impl Counter {
    /// The number of the next heading of a level.
    pub(crate) fn next(&mut self, level: u8) -> String {
        let level = usize::from(level.clamp(1, 4));
        for (at, count) in self.0.iter_mut().enumerate() {
            if at + 1 == level {
                *count += 1;
            } else if at + 1 > level {
                *count = 0;
            }
        }
        let count = self.0.get(level - 1).copied().unwrap_or_default();
        match level {
            1 => format!("{}、", chinese_number(count)),
            2 => format!("（{}）", chinese_number(count)),
            3 => format!("{count}."),
            _ => format!("（{count}）"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counter, chinese_date, chinese_number};

    #[test]
    fn numbers_are_written_as_documents_write_them() {
        let wanted =
            [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九"), (120, "120")];
        for (number, text) in wanted {
            assert_eq!(chinese_number(number), text);
        }
        assert_eq!(chinese_date(jiff::civil::date(2026, 1, 9)), "2026年1月9日");
    }

    #[test]
    fn a_heading_begins_those_under_it_anew() {
        let mut counter = Counter::default();
        let numbers: Vec<_> = [1, 2, 2, 3, 1, 2, 4].map(|level| counter.next(level)).into();
        assert_eq!(numbers, ["一、", "（一）", "（二）", "1.", "二、", "（一）", "（1）"]);
    }
}
