//! Records out of CSV, in the columns of the crawls.

use super::{IsRecord, RawRecord};
use crate::files::{Problem, Weight};

pub(super) fn read(
    text: &str,
    is_record: IsRecord<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<RawRecord> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            problems.push(broken(&error));
            return Vec::new();
        }
    };
    let mut heads = RawRecord::default();
    header.iter().for_each(|name| heads.push(name, ""));
    if !is_record(&heads) {
        return Vec::new();
    }
    let mut records = Vec::new();
    for row in reader.records() {
        match row {
            Ok(row) => records.push(raw(&header, &row, problems)),
            Err(error) => {
                problems.push(broken(&error));
                break;
            }
        }
    }
    records
}

fn raw(
    header: &csv::StringRecord,
    row: &csv::StringRecord,
    problems: &mut Vec<Problem>,
) -> RawRecord {
    let line = row.position().map_or(0, csv::Position::line);
    if row.len() != header.len() {
        problems.push(
            Problem::of_row(
                "feed.width",
                Some(line),
                format!("{} cells where the header has {}", row.len(), header.len()),
                "Quote cells that hold a comma.",
            )
            .weighing(Weight::Note),
        );
    }
    let mut record = RawRecord { line, ..RawRecord::default() };
    for (name, cell) in header.iter().zip(row) {
        record.push(name, cell);
    }
    record
}

fn broken(error: &csv::Error) -> Problem {
    let cure = "Save the file as CSV in UTF-8; rows before this place were read.";
    Problem::of_file("feed.csv", format!("the table cannot be read: {error}"), cure)
}
