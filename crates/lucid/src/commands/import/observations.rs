//! `lucid import observations`: a table that a person filled in, and its template.

use std::path::Path;

use ingest::files::observations::{COLUMNS, Column, ReadTable, Table, read};
use ingest::files::{Problem, Weight};
use jiff::Timestamp;
use serde_json::json;

use super::Desk;
use crate::arguments::{Common, Template};
use crate::commands::files;
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::{note, say};
use crate::{opened, spreadsheet};

pub(super) fn run(file: &Path, partial: bool, common: &Common) -> Outcome {
    let bytes = files::read(Some(file))?;
    let table = match Table::read(&bytes) {
        Ok(table) => table,
        Err(problem) => {
            files::report(file, &[problem], common.json);
            return Ok(Exit::Found);
        }
    };
    opened::block_on(async {
        let desk = Desk::open(common).await?;
        let found = read(&table, &desk.registry.snapshot(), Timestamp::now());
        files::report(file, &found.problems, common.json);
        let whole = found.problems.iter().any(|problem| problem.weight == Weight::File);
        if whole || (!found.problems.is_empty() && !partial) {
            if !whole {
                note!(
                    "nothing was taken: {} of {} lines are wrong; mend them, or take the good \
                     ones with --partial",
                    found.rejected.len(),
                    found.rejected.len() + found.good_lines
                );
            }
            return Ok(Exit::Found);
        }
        let good = found.good_lines;
        let rejected = write_rejected(file, &table, &found)?;
        let counts = desk.record(file, bytes, found.rows).await?;
        desk.close().await;
        if common.json {
            say!(
                "{}",
                json!({
                    "file": file.display().to_string(),
                    "lines": good,
                    "rows": counts.to_json(),
                    "rejected": found.rejected.len(),
                    "rejected_file": rejected,
                })
            );
        } else {
            say!("{}: {good} lines taken, rows: {counts}", file.display());
            if let Some(rejected) = &rejected {
                say!("{} lines were not taken: see {rejected}", found.rejected.len());
            }
        }
        Ok(if found.rejected.is_empty() { Exit::Ok } else { Exit::Found })
    })?
}

/// Writes the lines that were not taken beside the file, each after the reasons.
fn write_rejected(
    file: &Path,
    table: &Table,
    found: &ReadTable,
) -> Result<Option<String>, Failure> {
    if found.rejected.is_empty() {
        return Ok(None);
    }
    let line = |cells: &[String]| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let written = writer.write_record(cells);
        debug_assert!(written.is_ok(), "memory takes a line: {written:?}");
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    };
    let mut text = line(&table.header);
    for (number, cells) in &found.rejected {
        let of_line = |problem: &&Problem| problem.line == Some(*number);
        for problem in found.problems.iter().filter(of_line) {
            text.push_str(&format!("# {}\n", problem.to_string().replace(['\n', '\r'], " ")));
        }
        text.push_str(&line(cells));
    }
    let mut name = file.as_os_str().to_owned();
    name.push(".rejected.csv");
    files::write(Some(Path::new(&name)), text.as_bytes())?;
    Ok(Some(name.to_string_lossy().into_owned()))
}

pub(super) fn template(what: Template, output: &Path) -> Outcome {
    let Template::Observations = what;
    let header = COLUMNS.map(|column| column.name);
    let bytes = match output.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => {
            let mut text = String::from("\u{feff}");
            for column in COLUMNS {
                let example = match column.example {
                    "" => String::new(),
                    example => format!("; e.g. {example}"),
                };
                let Column { name, zh, meaning, .. } = column;
                text.push_str(&format!("# {name} {zh}: {meaning}{example}\n"));
            }
            text.push_str(&format!("{}\n", header.join(",")));
            text.into_bytes()
        }
        Some("xlsx") => {
            let remarks = COLUMNS.map(|column| {
                [column.name, column.zh, column.meaning, column.example].map(str::to_owned)
            });
            let book = spreadsheet::workbook(&header, std::iter::empty(), |_| false, &remarks);
            book.map_err(|error| Failure::caused("file.write", &error, ""))?
        }
        _ => {
            let what = format!("{} ends neither in .csv nor in .xlsx", output.display());
            return Err(Failure::of_use("file.form", what, "Name the file so that it does."));
        }
    };
    files::write(Some(output), &bytes)?;
    say!("{}", output.display());
    Ok(Exit::Ok)
}
