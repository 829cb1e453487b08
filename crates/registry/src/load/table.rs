//! A table of a city's folder: CSV in UTF-8, comment lines begin with `#`, columns by name.

#![expect(clippy::option_option, reason = "outer: it could be read; inner: a cell may be empty")]

use super::Problem;
use crate::model::{Confidence, Name};
use jiff::civil::Date;
use rulebook::Decimal;
use std::cell::RefCell;
use std::collections::HashMap;

/// Where problems are gathered while a folder is read.
pub(super) type Problems = RefCell<Vec<Problem>>;

/// A table with its header checked.
pub(super) struct Table<'a> {
    file: &'a str,
    columns: HashMap<String, usize>,
    records: Vec<(u64, csv::StringRecord)>,
    problems: &'a Problems,
}

impl<'a> Table<'a> {
    /// Reads `bytes`; columns that are missing, unknown or doubled are problems.
    pub(super) fn read(
        file: &'a str,
        bytes: &[u8],
        wanted: &[&str],
        problems: &'a Problems,
    ) -> Option<Self> {
        let text = utf8(file, bytes, problems)?;
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => {
                problems.borrow_mut().push(unreadable(file, &error));
                return None;
            }
        };
        let header_line = line_of(text, header.position());
        let columns = columns(file, &header, header_line, wanted, problems)?;
        let mut records = Vec::new();
        for record in reader.records() {
            match record {
                Ok(record) if record.iter().all(str::is_empty) => {}
                Ok(record) if record.len() == header.len() => {
                    records.push((line_of(text, record.position()).unwrap_or(0), record));
                }
                Ok(record) => problems.borrow_mut().push(Problem {
                    line: line_of(text, record.position()),
                    ..Problem::of_file(
                        file,
                        format!("{} cells where the header has {}", record.len(), header.len()),
                        "Put cells that hold a comma between double quotes, and keep empty cells",
                    )
                }),
                Err(error) => problems.borrow_mut().push(unreadable(file, &error)),
            }
        }
        Some(Self { file, columns, records, problems })
    }

    /// The rows, top to bottom.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|(line, record)| Row { table: self, line: *line, record })
    }
}

/// The text of a file, without the mark that spreadsheets put in front.
pub(super) fn utf8<'a>(file: &str, bytes: &'a [u8], problems: &Problems) -> Option<&'a str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (before, what, cure) =
        match (std::str::from_utf8(bytes), bytes.iter().position(|&byte| byte == 0)) {
            (Ok(text), None) => return Some(text),
            (Ok(_), Some(at)) => {
                let cure = "Remove it; the file was perhaps saved as UTF-16: save it as UTF-8";
                (&bytes[..at], "a character that no text holds, NUL", cure)
            }
            (Err(error), _) => {
                let cure = "Save it as \"CSV UTF-8\"; older spreadsheets write GBK";
                (&bytes[..error.valid_up_to()], "the text is not UTF-8", cure)
            }
        };
    let line = Some(before.split(|&byte| byte == b'\n').count() as u64);
    problems.borrow_mut().push(Problem { line, ..Problem::of_file(file, what, cure) });
    None
}

/// The line on which a record stands. The reader's own position lies before the comments and
/// empty lines that it passes over.
fn line_of(text: &str, position: Option<&csv::Position>) -> Option<u64> {
    let position = position?;
    let rest = text.get(position.byte() as usize..)?;
    let passed = rest.lines().take_while(|line| line.is_empty() || line.starts_with('#'));
    Some(position.line() + passed.count() as u64)
}

fn unreadable(file: &str, error: &csv::Error) -> Problem {
    Problem {
        line: error.position().map(csv::Position::line),
        ..Problem::of_file(file, format!("no CSV: {error}"), "Check the quotes of this line")
    }
}

fn columns(
    file: &str,
    header: &csv::StringRecord,
    line: Option<u64>,
    wanted: &[&str],
    problems: &Problems,
) -> Option<HashMap<String, usize>> {
    let mut found = HashMap::new();
    let mut wrong = Vec::new();
    for (index, name) in header.iter().enumerate() {
        let what = if !wanted.contains(&name) {
            "the column is not known"
        } else if found.insert(name.to_owned(), index).is_some() {
            "the column stands twice"
        } else {
            continue;
        };
        let cure = format!("The columns are {}", wanted.join(", "));
        let column = Some(name.to_owned());
        wrong.push(Problem { line, column, ..Problem::of_file(file, what, cure) });
    }
    for name in wanted.iter().filter(|name| !found.contains_key(**name)) {
        let cure = "Add the column; its cells may stay empty where the README says so";
        let column = Some((*name).to_owned());
        let problem = Problem::of_file(file, "the column is missing", cure);
        wrong.push(Problem { line, column, ..problem });
    }
    let complete = wrong.is_empty();
    problems.borrow_mut().append(&mut wrong);
    complete.then_some(found)
}

/// One row; reading a cell that is wrong leaves a problem and gives `None`.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'a Table<'a>,
    line: u64,
    record: &'a csv::StringRecord,
}

impl<'a> Row<'a> {
    /// The file of this row.
    pub(super) fn file(&self) -> &'a str {
        self.table.file
    }

    /// The line of this row.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// A problem of one cell of this row.
    pub(super) fn problem(&self, column: &str, what: String, cure: &str) -> Problem {
        Problem {
            file: self.file().to_owned(),
            line: Some(self.line()),
            column: Some(column.to_owned()),
            what,
            cure: cure.to_owned(),
        }
    }

    /// Notes a problem of one cell of this row.
    pub(super) fn complain(&self, column: &str, what: String, cure: &str) {
        self.table.problems.borrow_mut().push(self.problem(column, what, cure));
    }

    /// The cell, which may be empty.
    pub(super) fn cell(&self, column: &str) -> &'a str {
        let index = self.table.columns.get(column);
        index.and_then(|&index| self.record.get(index)).unwrap_or_default()
    }

    /// The cell, or `None` when it is empty.
    pub(super) fn optional(&self, column: &str) -> Option<&'a str> {
        Some(self.cell(column)).filter(|cell| !cell.is_empty())
    }

    /// The cell, which must not be empty.
    pub(super) fn text(&self, column: &str) -> Option<String> {
        let text = self.optional(column);
        if text.is_none() {
            self.complain(column, "the cell is empty".to_owned(), "Fill it in");
        }
        text.map(str::to_owned)
    }

    /// The names in both languages; English falls back to Chinese.
    pub(super) fn name(&self) -> Option<Name> {
        let zh = self.text("name_zh")?;
        let en = self.optional("name_en").map_or_else(|| zh.clone(), str::to_owned);
        Some(Name { zh, en })
    }

    /// One of some words.
    pub(super) fn word<T>(
        &self,
        column: &str,
        parse: impl Fn(&str) -> Option<T>,
        words: &str,
    ) -> Option<T> {
        let cell = self.text(column)?;
        let value = parse(&cell);
        if value.is_none() {
            let cure = format!("Write one of {words}");
            self.complain(column, format!("{cell:?} is not known here"), &cure);
        }
        value
    }

    /// `yes` or `no`.
    pub(super) fn yes(&self, column: &str) -> Option<bool> {
        let parse = |word: &str| match word {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        self.word(column, parse, "yes, no")
    }

    /// How far the row can be trusted.
    pub(super) fn confidence(&self) -> Option<Confidence> {
        self.word("confidence", Confidence::parse, "official, secondary, unverified, fictitious")
    }

    /// A value read by its `FromStr`; the outer `None` means wrong, the inner one empty.
    pub(super) fn parsed<T: std::str::FromStr>(
        &self,
        column: &str,
        cure: &str,
    ) -> Option<Option<T>> {
        let Some(cell) = self.optional(column) else { return Some(None) };
        let value = cell.parse().ok();
        if value.is_none() {
            self.complain(column, format!("{cell:?} cannot be read"), cure);
        }
        value.map(Some)
    }

    /// A day, `2021-02-01`.
    pub(super) fn date(&self, column: &str) -> Option<Option<Date>> {
        self.parsed(column, "Write a day as 2021-02-01, or leave the cell empty")
    }

    /// An exact number.
    pub(super) fn decimal(&self, column: &str) -> Option<Option<Decimal>> {
        self.parsed(column, "Write a number as 0.5, without unit or sign of comparison")
    }

    /// A whole number from one up.
    pub(super) fn interval(&self, column: &str) -> Option<Option<u32>> {
        let cure = "Write a whole number from 1 up, or leave the cell empty";
        let value: Option<u32> = self.parsed(column, cure)?;
        if value == Some(0) {
            self.complain(column, "an interval of 0".to_owned(), cure);
            return None;
        }
        Some(value)
    }

    /// First and last day; the last must not lie before the first.
    pub(super) fn validity(&self) -> Option<(Option<Date>, Option<Date>)> {
        let (from, to) = (self.date("valid_from"), self.date("valid_to"));
        let (from, to) = (from?, to?);
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            let what = format!("the last day {to} lies before the first, {from}");
            self.complain("valid_to", what, "Exchange or correct the days");
            return None;
        }
        Some((from, to))
    }
}
