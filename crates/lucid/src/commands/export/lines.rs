//! Values row by row: one point as CSV, some as a workbook.

use ingest::files::observations::{COLUMNS, lines_of};
use observations::history::scan::Question;
use registry::{PointId, Snapshot};
use std::path::Path;
use store::Store;

use super::read;
use crate::commands::files::{self, Csv};
use crate::exit::Failure;
use crate::spreadsheet;
use crate::terminal::note;

/// The first and last of the columns that hold numbers.
const NUMBERS: std::ops::RangeInclusive<usize> = 5..=9;
/// The lines of a sheet of XLSX, less its header.
const SHEET: usize = 1_048_575;

pub(super) async fn of_point(
    store: &Store,
    city: &Snapshot,
    question: &Question,
    point: PointId,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let lines = lines(store, city, question, point).await?;
    let mut table = Csv::new(&COLUMNS.map(|column| column.name));
    for line in &lines {
        table.row(line);
    }
    files::write(output, &table.into_bytes())?;
    note!("{} lines", lines.len());
    Ok(())
}

pub(super) async fn workbook(
    store: &Store,
    city: &Snapshot,
    question: &Question,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let Some(points) = &question.points else {
        let what = "a workbook holds some points, not all of a city";
        let cure = "Name them with --point, or write .csv, .parquet or .arrow.";
        return Err(Failure::of_use("export.workbook", what, cure));
    };
    let mut all = Vec::new();
    for point in points {
        all.append(&mut lines(store, city, question, *point).await?);
        if all.len() > SHEET {
            let what = format!("a sheet holds {SHEET} lines, and these are more");
            let cure = "Ask for less time or fewer points, or write .csv, .parquet or .arrow.";
            return Err(Failure::of_use("export.workbook", what, cure));
        }
    }
    let count = all.len();
    let rows = all.into_iter().map(Vec::from);
    let header = COLUMNS.map(|column| column.name);
    let book = spreadsheet::workbook(&header, rows, |column| NUMBERS.contains(&column), &[]);
    let book = book.map_err(|error| Failure::caused("file.write", &error, "Use .csv."))?;
    files::write(output, &book)?;
    note!("{count} lines");
    Ok(())
}

async fn lines(
    store: &Store,
    city: &Snapshot,
    question: &Question,
    point: PointId,
) -> Result<Vec<[String; 11]>, Failure> {
    let Some(known) = city.every_point().find(|known| known.id == point) else {
        return Ok(Vec::new());
    };
    let rows = observations::series(store, point, question.period, question.range.clone()).await;
    let mut rows = rows.map_err(|error| read(&error))?;
    if let Some(factors) = &question.factors {
        for row in &mut rows {
            row.values.retain(|value| factors.contains(&value.factor));
        }
    }
    Ok(rows.iter().flat_map(|row| lines_of(known.kind(), &known.code, row, city)).collect())
}
