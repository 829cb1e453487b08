//! Files as they come: CSV (also packed with gzip), XLSX, Parquet, and streams of Arrow; read in
//! pieces.

mod csv;
mod parquet;
mod stream;
#[cfg(test)]
mod tests;
mod workbook;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;

use crate::column::{Bound, Column, bind};
use crate::problem::Problem;

pub(crate) use self::csv::{CsvPiece, Rows, width};
pub(crate) use self::parquet::{
    Cut, ParquetPiece, dates, no_number, no_time, numbers, texts, times, worded,
};
pub(crate) use self::stream::{STREAM, open as open_stream};

/// What is known of a file before its rows are read.
#[derive(Debug)]
pub(crate) struct Head {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The titles of its columns.
    pub(crate) titles: Vec<String>,
    /// Where it has the columns of the method.
    pub(crate) bound: Bound,
}

/// A part of a file that one thread reads.
pub(crate) struct Piece {
    /// The file.
    pub(crate) head: Arc<Head>,
    /// The number of its first row, as a spreadsheet counts.
    pub(crate) first_row: u64,
    /// How much of the file it is, in bytes or rows, for the progress.
    pub(crate) weight: u64,
    /// The rows.
    pub(crate) content: Content,
}

/// The rows of a piece.
pub(crate) enum Content {
    /// Lines of a CSV file.
    Csv(CsvPiece),
    /// Cells of a workbook, as texts.
    Rows(Vec<Vec<String>>),
    /// A row group of a Parquet file.
    Parquet(ParquetPiece),
    /// Some rows of a Parquet file or of a stream.
    Batch(RecordBatch),
}

/// An opened file: its head, its size for the progress, and its pieces.
pub(crate) struct Opened {
    pub(crate) head: Arc<Head>,
    pub(crate) weight: u64,
    pub(crate) pieces: Box<dyn Iterator<Item = Result<Piece, Problem>> + Send>,
}

/// The name that means standard input, which is CSV.
const STANDARD_INPUT: &str = "-";

/// Opens a file and finds the columns of a method in it.
pub(crate) fn open(
    path: &Path,
    columns: &[Column],
    units: &[(String, String)],
    cut: Cut,
) -> Result<Opened, Vec<Problem>> {
    let is_standard = path == Path::new(STANDARD_INPUT);
    let path = if is_standard { Path::new("standard input") } else { path };
    let head = |titles: Vec<String>| {
        let bound = bind(columns, &titles, units)?;
        Ok(Arc::new(Head { path: path.to_owned(), titles, bound }))
    };
    if is_standard {
        return csv::open(path, Box::new(std::io::stdin()), 0, &head);
    }
    let file = File::open(path).map_err(|error| vec![unreadable(path, &error)])?;
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    match extension(path).as_str() {
        "parquet" => parquet::open(path, file, cut, &head),
        "xlsx" | "xls" | "xlsm" | "ods" => workbook::open(path, length, &head),
        _ => csv::open(path, Box::new(file), length, &head),
    }
}

/// Makes a head of titles, or says what is wrong with the titles.
pub(crate) type MakeHead<'a> = dyn Fn(Vec<String>) -> Result<Arc<Head>, Vec<Problem>> + 'a;

/// The last extension in lower case; `csv` for `a.csv.gz`.
pub(crate) fn extension(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name).to_owned();
    name.rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_owned())
}

pub(crate) fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Problem {
    let what = format!("cannot read {}: {error}", path.display());
    Problem::of_file("file.read", what, "Check the file's name and that it is whole and readable.")
}

impl Piece {
    /// Calls `each` with the number and the cells of every row, as texts.
    pub(crate) fn each_row(&self, mut each: impl FnMut(u64, &[&str])) -> Result<(), Problem> {
        match &self.content {
            Content::Csv(piece) => piece.each_row(self, each),
            Content::Rows(rows) => {
                for (row, cells) in (self.first_row..).zip(rows) {
                    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
                    each(row, &cells);
                }
                Ok(())
            }
            Content::Parquet(group) => {
                let every: Vec<usize> = (0..self.head.titles.len()).collect();
                group.each_batch(self, &every, |first_row, batch| {
                    parquet::each_row(first_row, batch, &mut each);
                    Ok(())
                })
            }
            Content::Batch(batch) => {
                parquet::each_row(self.first_row, batch, &mut each);
                Ok(())
            }
        }
    }
}
