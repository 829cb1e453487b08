//! Tables as files: CSV that every spreadsheet opens in Chinese, and XLSX.

use crate::Problem;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use rulebook::Decimal;

/// A table to be taken away.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The file's name without ending.
    pub name: String,
    /// The heads of the columns.
    pub columns: Vec<String>,
    /// The cells.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Words, ids, times: never turned into numbers.
    Text(String),
    /// A number.
    Number(Decimal),
    /// Nothing.
    Empty,
}

impl From<Option<Decimal>> for Cell {
    fn from(value: Option<Decimal>) -> Self {
        value.map_or(Self::Empty, Self::Number)
    }
}

impl From<String> for Cell {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

/// True when the reader asks for CSV by `Accept`.
pub fn wants_csv(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("text/csv"))
}

impl Sheet {
    /// The table as CSV in UTF-8 with a mark, so that spreadsheets read Chinese.
    ///
    /// # Errors
    /// 500 when it cannot be written.
    pub fn csv(&self) -> Result<Response, Problem> {
        let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
        writer.write_record(&self.columns)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::text))?;
        }
        let body = writer.into_inner().map_err(|error| Problem::internal(&error))?;
        Ok(self.attached("text/csv; charset=utf-8", "csv", body))
    }

    /// The table as XLSX; text stays text.
    ///
    /// # Errors
    /// 500 when it cannot be written.
    pub fn xlsx(&self) -> Result<Response, Problem> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let bold = rust_xlsxwriter::Format::new().set_bold();
        for (column, title) in (0_u16..).zip(&self.columns) {
            sheet.write_with_format(0, column, title, &bold)?;
        }
        for (row, cells) in (1_u32..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                match cell {
                    Cell::Text(text) => sheet.write(row, column, text).map(drop)?,
                    Cell::Number(number) => {
                        // A spreadsheet knows no decimals; fifteen digits survive.
                        let number: f64 = number.to_string().parse().unwrap_or_default();
                        sheet.write(row, column, number).map(drop)?;
                    }
                    Cell::Empty => {}
                }
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        sheet.autofit();
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        Ok(self.attached(kind, "xlsx", book.save_to_buffer()?))
    }

    fn attached(&self, kind: &'static str, ending: &str, body: Vec<u8>) -> Response {
        let plain: String = self
            .name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' })
            .collect();
        let disposition = format!("attachment; filename=\"{plain}.{ending}\"");
        let headers =
            [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
        (headers, body).into_response()
    }
}

impl Cell {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => guarded(text),
            Self::Number(number) => number.to_string(),
            Self::Empty => String::new(),
        }
    }
}

/// A text that a spreadsheet would take for a formula is kept a text.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '@']) { format!("'{text}") } else { text.to_owned() }
}
