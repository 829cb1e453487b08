//! `lucid import observations`: a table that a person filled in, and its template.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ingest::files::observations::{COLUMNS, Column, ReadTable, Table, read};
use ingest::files::{Problem, Weight};
use serde_json::json;

use super::report::Report;
use super::{Desk, Work};
use crate::arguments::Template;
use crate::clock;
use crate::commands::files;
use crate::exit::{Exit, Failure, Outcome};
use crate::spreadsheet;
use crate::terminal::say;

pub(super) async fn import(work: Work, partial: bool, desk: &Desk) -> Result<Report, Failure> {
    let mut report = Report::default();
    for input in work.inputs {
        let file = &input.name;
        let plain = files::unpacked(input.bytes.clone(), file)?;
        let table = match Table::read(&plain) {
            Ok(table) => table,
            Err(problem) => {
                report.problems(file, &[problem], work.as_json);
                report.found = true;
                continue;
            }
        };
        let mut found = read(&table, &desk.registry.snapshot(), clock::now());
        report.problems(file, &found.problems, work.as_json);
        report.found |= !found.problems.is_empty();
        if !is_to_be_taken(&found, partial, &mut report) {
            continue;
        }
        let rejected = rejected(file, &table, &found);
        let counts = desk.record(file, input.bytes, std::mem::take(&mut found.rows)).await?;
        let (taken, left) = (found.good_lines, found.rejected.len());
        let rejected_file = rejected.as_ref().map(|(name, _)| name.display().to_string());
        if work.as_json {
            let line = json!({
                "file": file.display().to_string(),
                "lines": taken,
                "rows": counts.to_json(),
                "rejected": left,
                "rejected_file": rejected_file,
            });
            report.lines.push(line.to_string());
        } else {
            report.lines.push(format!("{}: {taken} lines taken, rows: {counts}", file.display()));
            if let Some(name) = rejected_file {
                report.lines.push(format!("{left} lines were not taken: see {name}"));
            }
        }
        report.files.extend(rejected);
    }
    Ok(report)
}

/// Whether anything of the table is taken: all of it, or with `--partial` what is good.
fn is_to_be_taken(found: &ReadTable, partial: bool, report: &mut Report) -> bool {
    if found.problems.iter().any(|problem| problem.weight == Weight::File) {
        return false;
    }
    if found.problems.is_empty() || partial {
        return true;
    }
    report.notes.push(format!(
        "nothing was taken: {} of {} lines are wrong; mend them, or take the good ones with \
         --partial",
        found.rejected.len(),
        found.rejected.len() + found.good_lines
    ));
    false
}

/// The lines that were not taken, each after the reasons, for a file beside the table.
fn rejected(file: &Path, table: &Table, found: &ReadTable) -> Option<(PathBuf, String)> {
    if found.rejected.is_empty() {
        return None;
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
            // Writing into a String cannot fail.
            let _ = writeln!(text, "# {}", problem.to_string().replace(['\n', '\r'], " "));
        }
        text.push_str(&line(cells));
    }
    let mut name = file.as_os_str().to_owned();
    name.push(".rejected.csv");
    Some((name.into(), text))
}

pub(super) fn template(what: Template, output: &Path) -> Outcome {
    let Template::Observations = what;
    let header = COLUMNS.map(|column| column.name);
    let bytes = match output.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => csv_template(&header).into_bytes(),
        Some("xlsx") => {
            let remarks = COLUMNS.map(|column| {
                [column.name, column.zh, column.meaning, column.example].map(str::to_owned)
            });
            let book = spreadsheet::workbook(&header, std::iter::empty(), |_| false, &remarks);
            book.map_err(|error| Failure::caused("file.write", &error, "Use .csv."))?
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

fn csv_template(header: &[&str]) -> String {
    let mut text = String::from("\u{feff}");
    for Column { name, zh, meaning, example } in COLUMNS {
        // Writing into a String cannot fail.
        let _ = write!(text, "# {name} {zh}: {meaning}");
        if !example.is_empty() {
            let _ = write!(text, "; e.g. {example}");
        }
        text.push('\n');
    }
    text.push_str(&header.join(","));
    text.push('\n');
    text
}
