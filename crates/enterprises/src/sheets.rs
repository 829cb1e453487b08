//! Workbooks down and up: cells as people type them, names of columns, files that arrive.

use axum::extract::Multipart;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use calamine::Data;
use rulebook::Decimal;
use web::Problem;

/// A workbook is at most so large.
pub(crate) const LARGEST: usize = 4 << 20;

/// A cell as a person would have typed it.
pub(crate) fn cell(cell: &Data) -> String {
    match cell {
        Data::Int(number) => number.to_string(),
        Data::Float(number) => Decimal::from_scientific(&format!("{number:e}"))
            .map_or_else(|_| number.to_string(), |decimal| decimal.normalize().to_string()),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            text.trim().to_owned()
        }
        Data::Bool(truth) => if *truth { "yes" } else { "no" }.to_owned(),
        Data::DateTime(time) => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
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

/// The file of a form.
pub(crate) async fn file(mut parts: Multipart) -> Result<Vec<u8>, Problem> {
    let unread = |text: String| {
        Problem::bad_request(
            "文件没有完整到达，或超过 4 MB；请重试",
            format!("the file did not arrive whole, or is larger than 4 MB: {text}"),
        )
    };
    while let Some(part) = parts.next_field().await.map_err(|error| unread(error.body_text()))? {
        if part.name() == Some("file") {
            let bytes = part.bytes().await.map_err(|error| unread(error.body_text()))?;
            return Ok(bytes.to_vec());
        }
    }
    Err(Problem::bad_request("请选择 .xlsx 文件", "choose an .xlsx file in the field `file`"))
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
