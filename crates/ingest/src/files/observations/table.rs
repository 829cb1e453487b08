//! A table out of CSV or XLSX: header and lines of text.

use std::io::Cursor;

use calamine::{Data, Reader as _};
use rulebook::Decimal;

use crate::files::{self, Problem};

/// A table as it stands in its file.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The first line.
    pub header: Vec<String>,
    /// The other lines with their numbers in the file, counted from one.
    pub lines: Vec<(u64, Vec<String>)>,
}

impl Table {
    /// Reads CSV (in any of the usual character sets; lines that begin with # are remarks) or
    /// XLSX (its first sheet).
    ///
    /// # Errors
    /// When the file is no table.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.starts_with(b"PK\x03\x04") { Self::of_xlsx(bytes) } else { Self::of_csv(bytes) }
    }

    fn of_csv(bytes: &[u8]) -> Result<Self, Problem> {
        let text = files::text(bytes);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .comment(Some(b'#'))
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let mut table = Self::default();
        for record in reader.records() {
            let record = record.map_err(|error| {
                let line = error.position().map(csv::Position::line);
                Problem { line, ..unreadable(&error.to_string()) }
            })?;
            let line = record.position().map_or(0, csv::Position::line);
            table.push(line, record.iter().map(str::to_owned).collect());
        }
        Ok(table)
    }

    fn of_xlsx(bytes: &[u8]) -> Result<Self, Problem> {
        let failed = |error: calamine::XlsxError| unreadable(&error.to_string());
        let mut book = calamine::Xlsx::new(Cursor::new(bytes)).map_err(failed)?;
        let sheet = book.worksheet_range_at(0).ok_or_else(|| unreadable("it has no sheet"))?;
        let sheet = sheet.map_err(failed)?;
        let first = sheet.start().map_or(0, |(row, _)| u64::from(row));
        let mut table = Self::default();
        for (place, row) in sheet.rows().enumerate() {
            table.push(first + place as u64 + 1, row.iter().map(cell).collect());
        }
        Ok(table)
    }

    fn push(&mut self, line: u64, cells: Vec<String>) {
        if self.header.is_empty() {
            self.header = cells;
        } else {
            self.lines.push((line, cells));
        }
    }
}

/// A cell as text. A number of a spreadsheet is binary; its shortest decimal form is what was
/// typed, up to fifteen digits.
fn cell(data: &Data) -> String {
    match data {
        Data::Int(number) => number.to_string(),
        Data::Float(number) => shortest(*number),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(truth) => truth.to_string(),
        Data::DateTime(time) => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}

fn shortest(number: f64) -> String {
    let text = number.to_string();
    match Decimal::from_scientific(&format!("{number:e}")) {
        Ok(decimal) => decimal.normalize().to_string(),
        Err(_) => text,
    }
}

fn unreadable(what: &str) -> Problem {
    let cure = "Save it as CSV in UTF-8 or as XLSX.";
    Problem::of_file("import.table", format!("the table cannot be read: {what}"), cure)
}
