//! A workbook is read: right rows are taken, wrong ones are told with row and column.

use super::super::model::{Content, Explained, place};
use super::super::shape::{Shape, head_fields, of_level};
use super::Part;
use crate::checks::Checks;
use crate::sheets::{cell, head, letter};
use calamine::{Reader as _, Xlsx};
use plausibility::{Field, Key, Value};
use rulebook::Text;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::io::Cursor;
use web::Problem;

/// More rows than this are no report.
const ROWS_MAX: usize = 5000;

/// Something wrong in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The column with its heading: `H 实际排放量(t)`.
    pub(super) column: String,
    /// What is wrong and how to mend it.
    pub(super) what: Text,
}

/// A row that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrongRow {
    pub(super) part: Part,
    pub(super) number: u32,
    pub(super) cells: Vec<String>,
    pub(super) faults: Vec<Fault>,
}

/// A row as it was read.
struct ReadRow {
    row: WrongRow,
    key: Key,
    /// Field, column, what was typed.
    values: Vec<(&'static Field, usize, String)>,
}

/// All rows of a workbook.
pub(super) struct Rows {
    rows: Vec<ReadRow>,
}

/// Reads a workbook for the rows of a report.
///
/// # Errors
/// 400 when it is no workbook, or one of another form.
pub(super) fn rows(bytes: &[u8], shape: &Shape, is_year: bool) -> Result<Rows, Problem> {
    let unknown = || {
        Problem::bad_request(
            "文件无法识别：请用本页下载的 Excel 表填写，另存为 .xlsx 后上传",
            "the file is of another form: fill in the workbook of this page, save it as .xlsx",
        )
    };
    let mut book = Xlsx::new(Cursor::new(bytes.to_vec())).map_err(|_| unknown())?;
    let mut rows = Vec::new();
    let mut has_sheet = false;
    for part in Part::ALL {
        let Ok(range) = book.worksheet_range(part.name()) else { continue };
        has_sheet = true;
        let known = Known::of(part, shape, is_year);
        let first = range.start().map_or(0, |(row, _)| row);
        let left = range.start().map_or(0, |(_, column)| column as usize);
        let mut lines = range.rows().take(ROWS_MAX).zip(first + 1..).map(|(row, number)| {
            let before = std::iter::repeat_n(String::new(), left);
            (number, before.chain(row.iter().map(cell)).collect::<Vec<String>>())
        });
        let Some((_, titles)) = lines.next() else { continue };
        let mut seen = BTreeSet::new();
        for (number, cells) in lines {
            if cells.iter().all(String::is_empty) {
                continue;
            }
            rows.push(known.row(&titles, number, cells, &mut seen));
        }
    }
    if has_sheet { Ok(Rows { rows }) } else { Err(unknown()) }
}

/// What a sheet may hold.
struct Known<'shape> {
    part: Part,
    shape: &'shape Shape,
    is_year: bool,
}

impl<'shape> Known<'shape> {
    fn of(part: Part, shape: &'shape Shape, is_year: bool) -> Self {
        Self { part, shape, is_year }
    }

    fn row(
        &self,
        titles: &[String],
        number: u32,
        cells: Vec<String>,
        seen: &mut BTreeSet<String>,
    ) -> ReadRow {
        let mut read = ReadRow {
            row: WrongRow { part: self.part, number, cells, faults: Vec::new() },
            key: Key::head(),
            values: Vec::new(),
        };
        match self.part {
            Part::Head => self.whole(titles, &mut read),
            Part::Outlets | Part::Factors => self.listed(titles, &mut read),
        }
        let named = read.row.cells.first().cloned().unwrap_or_default();
        let name = format!("{}{named}", place(&read.key, ""));
        if read.row.faults.is_empty() && !seen.insert(name) {
            let twice =
                Text::fixed("与上面某行重复，请删去一行", "this row stands twice: remove one");
            read.fault(titles, 0, twice);
        }
        read
    }

    /// A row of the sheet of the whole: a field.
    fn whole(&self, titles: &[String], read: &mut ReadRow) {
        let id = read.at(column(titles, "编号").unwrap_or(0));
        let Some(field) = head_fields(self.is_year).find(|field| field.id == id) else {
            let what = Text::new(
                format!("没有编号为“{id}”的填报项，请勿改动编号列"),
                format!("there is no field {id:?}: leave the column of ids as it is"),
            );
            return read.fault(titles, 0, what);
        };
        let at = column(titles, "内容").unwrap_or(3);
        read.value(titles, field, at);
    }

    /// A row of an outlet or a factor.
    fn listed(&self, titles: &[String], read: &mut ReadRow) {
        let outlet = read.at(column(titles, "排放口编号").unwrap_or(0));
        let some = |text: String| Some(text).filter(|text| !text.is_empty() && text != "-");
        read.key = Key { outlet: some(outlet), factor: None };
        let mut fields: Vec<&'static Field> = of_level(self.part.level()).collect();
        let is_known = if self.part == Part::Factors {
            let code = column(titles, "污染物代码").unwrap_or(1);
            read.key.factor = some(read.at(code));
            let row = self.shape.factors().find(|row| row.key == read.key);
            fields.retain(|field| row.is_some_and(|row| row.fields().any(|it| it.id == field.id)));
            row.is_some()
        } else {
            self.shape.outlets.iter().any(|row| row.number == read.key.outlet)
        };
        if !is_known {
            let what = Text::fixed(
                "许可证没有这个排放口或污染物，请按下载的表填写",
                "the permit has no such outlet or factor: keep to the workbook",
            );
            return read.fault(titles, 0, what);
        }
        for field in fields {
            if let Some(at) = column(titles, &head(field)) {
                read.value(titles, field, at);
            }
        }
    }
}

/// The column with a heading.
fn column(titles: &[String], title: &str) -> Option<usize> {
    titles.iter().position(|known| known.trim() == title)
}

impl ReadRow {
    fn at(&self, column: usize) -> String {
        self.row.cells.get(column).cloned().unwrap_or_default()
    }

    fn fault(&mut self, titles: &[String], column: usize, what: Text) {
        let title = titles.get(column).map_or("", String::as_str);
        self.row.faults.push(Fault { column: format!("{} {title}", letter(column)), what });
    }

    fn value(&mut self, titles: &[String], field: &'static Field, at: usize) {
        let typed = self.at(at);
        if typed.is_empty() {
            return;
        }
        let read = Value::read(field.kind, &typed);
        if let Some(Value::Unreadable(text)) = &read {
            let kind = field.kind.text();
            let what = Text::new(
                format!("“{text}”不是{}，请只填{}", kind.zh, kind.zh),
                format!("{text:?} is not {}: enter that alone", kind.en),
            );
            self.fault(titles, at, what);
        }
        let typed = read.map_or(typed, |value| value.typed());
        self.values.push((field, at, typed));
    }
}

impl Rows {
    /// The content with the right rows written over it.
    pub(super) fn over(&self, saved: &Content) -> Content {
        let mut content = saved.clone();
        for row in self.rows.iter().filter(|row| row.row.faults.is_empty()) {
            for (field, _, typed) in &row.values {
                content.put(place(&row.key, field.id), typed);
            }
        }
        content
    }

    /// Makes the rows wrong in which something impossible was found.
    pub(super) fn refuse(&mut self, findings: &[Explained], checks: &Checks) {
        for one in findings.iter().filter(|one| one.finding.severity.refuses()) {
            let finding = &one.finding;
            let Some(check) = checks.get(&finding.check) else { continue };
            let what = Text::new(
                format!("{}；{}", check.what.zh, check.cure.zh),
                format!("{}; {}", check.what.en, check.cure.en),
            );
            for row in &mut self.rows {
                let at = row.values.iter().find(|(field, ..)| field.id == finding.field);
                if let Some((field, at, _)) = at.filter(|_| row.key == finding.key) {
                    let column = format!("{} {}", letter(*at), head(field));
                    row.row.faults.push(Fault { column, what: what.clone() });
                }
            }
        }
    }

    /// How many rows were taken.
    pub(super) fn right(&self) -> usize {
        self.rows.iter().filter(|row| row.row.faults.is_empty()).count()
    }

    /// The rows that were not.
    pub(super) fn wrong(&self) -> Vec<WrongRow> {
        let wrong = self.rows.iter().filter(|row| !row.row.faults.is_empty());
        wrong.map(|row| row.row.clone()).collect()
    }
}

/// Wrong rows as one text, to come back with a form.
pub(super) fn packed(rows: &[WrongRow]) -> String {
    let fault = |fault: &Fault| json!([fault.column, fault.what.zh]);
    let row = |row: &WrongRow| {
        json!({ "sheet": row.part.name(), "number": row.number, "cells": row.cells,
            "faults": row.faults.iter().map(fault).collect::<Vec<_>>() })
    };
    Json::Array(rows.iter().map(row).collect()).to_string()
}

/// What [`packed`] wrote.
pub(super) fn unpacked(text: &str) -> Option<Vec<WrongRow>> {
    let json: Json = serde_json::from_str(text).ok()?;
    let text = |json: &Json| json.as_str().map(str::to_owned);
    let fault =
        |json: &Json| Some(Fault { column: text(&json[0])?, what: Text::plain(text(&json[1])?) });
    let row = |json: &Json| {
        Some(WrongRow {
            part: Part::parse(json["sheet"].as_str()?)?,
            number: u32::try_from(json["number"].as_u64()?).ok()?,
            cells: json["cells"].as_array()?.iter().map(text).collect::<Option<_>>()?,
            faults: json["faults"].as_array()?.iter().map(fault).collect::<Option<_>>()?,
        })
    };
    json.as_array()?.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_rows_come_back_with_the_form() {
        let rows = vec![WrongRow {
            part: Part::Factors,
            number: 7,
            cells: vec!["DW001".into(), String::new()],
            faults: vec![Fault { column: "H 实际排放量(t)".into(), what: Text::plain("错") }],
        }];
        assert_eq!(unpacked(&packed(&rows)), Some(rows));
        assert_eq!(unpacked("{"), None);
    }
}
