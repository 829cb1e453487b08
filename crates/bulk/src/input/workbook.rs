//! Workbooks: the first sheet, whole in memory, its cells as texts.

use std::path::Path;

use calamine::{Data, Reader as _, open_workbook_auto};

use super::{Content, MakeHead, Opened, Piece, unreadable};
use crate::problem::Problem;

/// Rows that a thread is given at once.
const PIECE: usize = 8_192;

pub(super) fn open(path: &Path, weight: u64, head: &MakeHead<'_>) -> Result<Opened, Vec<Problem>> {
    let failed = |error: calamine::Error| vec![unreadable(path, &error)];
    let mut book = open_workbook_auto(path).map_err(failed)?;
    let sheet = book.worksheet_range_at(0).transpose().map_err(failed)?;
    let range = sheet.unwrap_or_default();
    let mut rows = range.rows();
    let Some(titles) = rows.next() else {
        let cure = "The first row of the first sheet names the columns; `--explain` lists them.";
        return Err(vec![Problem::of_file("columns.none", "the first sheet is empty", cure)]);
    };
    let head = head(titles.iter().map(text).collect())?;
    let made = head.clone();
    let rows: Vec<Vec<String>> = rows.map(|row| row.iter().map(text).collect()).collect();
    let share = weight / (rows.len() / PIECE + 1) as u64;
    let first = u64::from(range.start().map_or(0, |(row, _)| row)) + 2;
    let cut: Vec<Vec<Vec<String>>> = rows.chunks(PIECE).map(<[_]>::to_vec).collect();
    let pieces = (0_u64..).zip(cut).map(move |(number, rows)| {
        let first_row = first + number * PIECE as u64;
        Ok(Piece { head: head.clone(), first_row, weight: share, content: Content::Rows(rows) })
    });
    Ok(Opened { head: made, weight, pieces: Box::new(pieces) })
}

/// A cell as a person would have typed it: a number of a spreadsheet is binary, and its shortest
/// decimal form is what was typed.
fn text(cell: &Data) -> String {
    match cell {
        Data::DateTime(time) => {
            let (year, month, day, hour, minute, _, _) = time.to_ymd_hms_milli();
            let day = format!("{year:04}-{month:02}-{day:02}");
            if (hour, minute) == (0, 0) { day } else { format!("{day} {hour:02}:{minute:02}") }
        }
        Data::DateTimeIso(text) | Data::DurationIso(text) | Data::String(text) => text.clone(),
        Data::Empty => String::new(),
        // A formula that failed is no missing value: `#DIV/0!` is refused where a number is wanted.
        Data::Error(error) => error.to_string(),
        other => other.to_string(),
    }
}
