//! Workbooks down and up: cells as people type them, names of columns, files that arrive.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use calamine::Data;

/// A workbook is at most so large.
pub(crate) const LARGEST: usize = 4 << 20;

/// A cell as a person would have typed it; what is true or false is a yes or no of a report.
pub(crate) fn cell(cell: &Data) -> String {
    match cell {
        Data::Bool(truth) => if *truth { "yes" } else { "no" }.to_owned(),
        other => spreadsheet::typed(other),
    }
}

/// The column's letter.
pub(crate) fn letter(column: usize) -> String {
    let small = u8::try_from(column % 26).unwrap_or_default();
    let last = char::from(b'A' + small);
    match column / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letter(more - 1)),
    }
}

/// The heading of a field: its name, with its unit.
pub(crate) fn head(field: &plausibility::Field) -> String {
    if field.unit.is_empty() {
        field.name.zh.to_string()
    } else {
        format!("{}({})", field.name.zh, field.unit)
    }
}

/// A workbook to be kept as a file.
pub(crate) fn attached(name: &str, book: Vec<u8>) -> Response {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let disposition = format!("attachment; filename=\"{name}.xlsx\"");
    let headers =
        [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, book).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_of_a_spreadsheet() {
        for (column, wanted) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA")] {
            assert_eq!(letter(column), wanted);
        }
    }
}
