//! What the effective rate has to reach (达标线) where the city says so itself: a dated table, before
//! the rows that come with the program.

use super::tables::{self, Fault, Line};
use jiff::civil::Date;
use registry::Confidence as Trust;
use rulebook::{Confidence, Decimal};
use validity::PassMark;

/// The file of a city in which its own rows stand; may be missing.
pub(super) const FILE: &str = "rules/pass_marks.csv";

const COLUMNS: [&str; 7] =
    ["area", "percent", "valid_from", "valid_to", "source", "confidence", "note"];

/// A row of the city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OwnMark {
    mark: PassMark,
    valid_from: Date,
    valid_to: Option<Date>,
}

/// Reads the table.
pub(super) fn read(text: &[u8]) -> Result<Vec<OwnMark>, Vec<String>> {
    tables::read(FILE, &COLUMNS, text, row)
}

/// The rows that hold on a day.
pub(super) fn on(all: &[OwnMark], day: Date) -> Vec<PassMark> {
    let holds =
        |row: &&OwnMark| row.valid_from <= day && row.valid_to.is_none_or(|last| day <= last);
    all.iter().filter(holds).map(|row| row.mark.clone()).collect()
}

fn row(line: &Line<'_>) -> Result<OwnMark, Fault> {
    let percent = line.amount("percent")?.filter(|percent| *percent <= Decimal::ONE_HUNDRED);
    Ok(OwnMark {
        mark: PassMark {
            area: line.needed("area")?,
            percent: percent.ok_or_else(|| ("percent", "write 0 to 100".to_owned()))?,
            source: line.needed("source")?,
            confidence: degree(line.confidence()?),
        },
        valid_from: line
            .day("valid_from")?
            .ok_or_else(|| ("valid_from", "it must not be empty".to_owned()))?,
        valid_to: line.day("valid_to")?,
    })
}

/// How sure a source of the city's files is, in the words of the rules.
const fn degree(trust: Trust) -> Confidence {
    match trust {
        Trust::Official => Confidence::Certain,
        Trust::Secondary => Confidence::Medium,
        Trust::Unverified => Confidence::Memory,
        Trust::Fictitious => Confidence::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_the_city_goes_before_those_of_the_program_while_it_holds() {
        let text = "area,percent,valid_from,valid_to,source,confidence,note\n\
            9901,90,2026-01-01,2026-06-30,notice 7,official,\n";
        let own = read(text.as_bytes()).expect("a right table");
        for (day, percent, source) in [("2026-06-30", 90, "notice 7"), ("2026-07-01", 75, "")] {
            let day: Date = day.parse().expect("a day");
            let mark = validity::pass_mark("990100", day, &on(&own, day)).expect("a mark");
            assert_eq!(mark.percent, Decimal::from(percent), "{day}");
            assert!(mark.source.starts_with(source), "{}", mark.source);
        }
        let wrong = "area,percent,valid_from,valid_to,source,confidence,note\n\
            9901,101,2026-01-01,,n,official,\n9901,90,,,n,official,\n";
        let wrong = read(wrong.as_bytes()).expect_err("refused");
        assert!(wrong[0].contains(":2, column percent:"), "{wrong:?}");
        assert!(wrong[1].contains(":3, column valid_from:"), "{wrong:?}");
    }
}
