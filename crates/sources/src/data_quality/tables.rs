//! Reads the city's dated tables of this slice: every fault told at once, with line and column.

use csv::StringRecord;
use jiff::civil::Date;
use registry::Confidence;
use rulebook::Decimal;

/// What is wrong in a cell: the column and the cure.
pub(super) type Fault = (&'static str, String);

/// A line of a table, read cell by cell.
pub(super) struct Line<'table> {
    columns: &'static [&'static str],
    record: &'table StringRecord,
}

impl Line<'_> {
    /// The text of a cell.
    pub(super) fn cell(&self, column: &str) -> &str {
        let place = self.columns.iter().position(|known| *known == column);
        place.and_then(|place| self.record.get(place)).unwrap_or_default().trim()
    }

    /// The text of a cell that may be empty.
    pub(super) fn optional(&self, column: &str) -> Option<String> {
        Some(self.cell(column)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The text of a cell that must say something.
    pub(super) fn needed(&self, column: &'static str) -> Result<String, Fault> {
        self.optional(column).ok_or_else(|| (column, "it must not be empty".to_owned()))
    }

    /// A day; empty means none.
    pub(super) fn day(&self, column: &'static str) -> Result<Option<Date>, Fault> {
        let read = |text: String| text.parse().map_err(|_| (column, "write 2026-03-01".to_owned()));
        self.optional(column).map(read).transpose()
    }

    /// A number that is not negative; empty means none.
    pub(super) fn amount(&self, column: &'static str) -> Result<Option<Decimal>, Fault> {
        let wrong = || (column, "write a number such as 500".to_owned());
        let read = |text: String| {
            let number = text.parse::<Decimal>().map_err(|_| wrong())?;
            if number.is_sign_negative() { Err(wrong()) } else { Ok(number) }
        };
        self.optional(column).map(read).transpose()
    }

    /// Words with a semicolon between them.
    pub(super) fn list(&self, column: &str) -> Vec<String> {
        let words = self.cell(column).split([';', ';']).map(str::trim);
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// How far the source can be trusted.
    pub(super) fn confidence(&self) -> Result<Confidence, Fault> {
        let cure = "write official, secondary, unverified or fictitious";
        let cell = self.cell("confidence");
        Confidence::parse(cell).ok_or_else(|| ("confidence", cure.to_owned()))
    }
}

/// Reads every line of a table whose heads must be `columns`.
pub(super) fn read<Row>(
    file: &str,
    columns: &'static [&'static str],
    text: &[u8],
    row: impl Fn(&Line<'_>) -> Result<Row, Fault>,
) -> Result<Vec<Row>, Vec<String>> {
    let mut lines = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text);
    let heads = lines.headers().cloned().unwrap_or_default();
    if heads.iter().ne(columns.iter().copied()) {
        return Err(vec![format!("{file}: the columns are {}", columns.join(","))]);
    }
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for record in lines.records() {
        match record {
            Err(error) => wrong.push(format!("{file}: {error}")),
            Ok(record) => match row(&Line { columns, record: &record }) {
                Ok(read) => rows.push(read),
                Err((column, cure)) => {
                    let at = record.position().map_or(0, csv::Position::line);
                    wrong.push(format!("{file}:{at}, column {column}: {cure}"));
                }
            },
        }
    }
    if wrong.is_empty() { Ok(rows) } else { Err(wrong) }
}
