//! A workbook is written: a report with what is known beside it, or only the wrong rows.

use super::super::facts::Facts;
use super::super::model::Report;
use super::super::shape::{Shape, head_fields, of_level};
use super::Part;
use super::read::WrongRow;
use permits::ReportCycle;
use plausibility::{Field, Key, Kind, Level};
use rust_xlsxwriter::{DataValidation, Format, Workbook, Worksheet, XlsxError};

/// What is shown beside the amounts and not read back.
const BESIDE: [(&str, &str); 4] = [
    ("参考：监测核算排放量(t)", "measured.amount"),
    ("参考：去年同期排放量(t)", "last_year"),
    ("参考：许可排放量(t)", "permit.amount"),
    ("参考：许可浓度限值", "permit.at_most"),
];

struct Formats {
    head: Format,
    known: Format,
    text: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            head: Format::new().set_bold().set_text_wrap().set_background_color("#E8EEF2"),
            known: Format::new().set_font_color("#595959"),
            text: Format::new().set_num_format("@"),
        }
    }
}

/// A report as a workbook.
pub(super) fn book(report: &Report, facts: &Facts) -> Result<Vec<u8>, XlsxError> {
    let formats = Formats::new();
    let mut book = Workbook::new();
    for part in Part::ALL {
        let sheet = book.add_worksheet();
        sheet.set_name(part.name())?;
        heads(sheet, &formats, &part.heads())?;
        match part {
            Part::Head => whole(sheet, report, &formats)?,
            Part::Outlets => outlets(sheet, report, &facts.shape, &formats)?,
            Part::Factors => factors(sheet, report, facts, &formats)?,
        }
        sheet.set_freeze_panes(1, 0)?;
    }
    book.save_to_buffer()
}

fn heads(sheet: &mut Worksheet, formats: &Formats, heads: &[String]) -> Result<(), XlsxError> {
    for (column, title) in (0_u16..).zip(heads) {
        sheet.write_string_with_format(0, column, title, &formats.head)?;
        sheet.set_column_width(column, 16.0)?;
    }
    Ok(())
}

fn typed(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    field: &Field,
    value: &str,
    formats: &Formats,
) -> Result<(), XlsxError> {
    if field.kind == Kind::YesNo {
        let choices = DataValidation::new().allow_list_strings(&["是", "否"])?;
        sheet.add_data_validation(row, column, row, column, &choices)?;
        let shown = match value {
            "yes" => "是",
            "no" => "否",
            other => other,
        };
        sheet.write_string_with_format(row, column, shown, &formats.text)?;
    } else {
        // As text: no digit is lost, and nothing is taken for a date.
        sheet.write_string_with_format(row, column, value, &formats.text)?;
    }
    Ok(())
}

fn whole(sheet: &mut Worksheet, report: &Report, formats: &Formats) -> Result<(), XlsxError> {
    let is_year = report.subject.cycle == ReportCycle::Year;
    for (row, field) in (1_u32..).zip(head_fields(is_year)) {
        sheet.write_string_with_format(row, 0, field.id, &formats.known)?;
        sheet.write_string_with_format(row, 1, field.name.zh.as_ref(), &formats.known)?;
        sheet.write_string_with_format(row, 2, field.unit, &formats.known)?;
        let value = report.content.get(&Key::head(), field.id);
        typed(sheet, row, 3, field, value, formats)?;
    }
    sheet.set_column_width(1, 28.0)?;
    sheet.set_column_width(3, 48.0)?;
    Ok(())
}

fn outlets(
    sheet: &mut Worksheet,
    report: &Report,
    shape: &Shape,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let numbered = shape.outlets.iter().filter_map(|it| Some((it.number.as_ref()?, it)));
    for (row, (number, outlet)) in (1_u32..).zip(numbered) {
        sheet.write_string_with_format(row, 0, number, &formats.known)?;
        sheet.write_string_with_format(row, 1, outlet.name.zh.as_ref(), &formats.known)?;
        let key = Key::outlet(number.clone());
        for (column, field) in (2_u16..).zip(of_level(Level::Outlet)) {
            typed(sheet, row, column, field, report.content.get(&key, field.id), formats)?;
        }
    }
    Ok(())
}

fn factors(
    sheet: &mut Worksheet,
    report: &Report,
    facts: &Facts,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let first = 4 + u16::try_from(of_level(Level::Factor).count()).unwrap_or_default();
    for (column, (title, _)) in (first..).zip(BESIDE) {
        sheet.write_string_with_format(0, column, title, &formats.head)?;
        sheet.set_column_width(column, 16.0)?;
    }
    for (row, factor) in (1_u32..).zip(facts.shape.factors()) {
        let key = &factor.key;
        let named = [
            key.outlet.as_deref().unwrap_or("-"),
            key.factor.as_deref().unwrap_or("-"),
            factor.name.zh.as_ref(),
            factor.unit.as_str(),
        ];
        for (column, text) in (0_u16..).zip(named) {
            sheet.write_string_with_format(row, column, text, &formats.known)?;
        }
        for (column, field) in (4_u16..).zip(of_level(Level::Factor)) {
            if factor.fields().any(|it| it.id == field.id) {
                typed(sheet, row, column, field, report.content.get(key, field.id), formats)?;
            }
        }
        for (column, (_, word)) in (first..).zip(BESIDE) {
            let number = match word {
                "last_year" => {
                    facts.history.last_year.as_ref().and_then(|it| it.number(key, "amount"))
                }
                known => facts.known.get(key, known),
            };
            if let Some(number) = number {
                let text = number.normalize().to_string();
                sheet.write_string_with_format(row, column, text, &formats.known)?;
            }
        }
    }
    Ok(())
}

/// Only the wrong rows, each with what is wrong in its last column; they are read back as they are.
pub(super) fn wrong(rows: &[WrongRow]) -> Result<Vec<u8>, XlsxError> {
    let formats = Formats::new();
    let mut book = Workbook::new();
    for part in Part::ALL {
        let of_part: Vec<&WrongRow> = rows.iter().filter(|row| row.part == part).collect();
        if of_part.is_empty() {
            continue;
        }
        let sheet = book.add_worksheet();
        sheet.set_name(part.name())?;
        let titles = part.heads();
        heads(sheet, &formats, &titles)?;
        let last = u16::try_from(titles.len()).unwrap_or_default();
        sheet.write_string_with_format(0, last, "问题", &formats.head)?;
        sheet.set_column_width(last, 60.0)?;
        for (number, row) in (1_u32..).zip(of_part) {
            for (column, cell) in (0_u16..last).zip(&row.cells) {
                sheet.write_string_with_format(number, column, cell, &formats.text)?;
            }
            let said =
                row.faults.iter().map(|fault| format!("{}：{}", fault.column, fault.what.zh));
            let said = said.collect::<Vec<_>>().join("；");
            sheet.write_string_with_format(number, last, said, &formats.known)?;
        }
    }
    if book.worksheets().is_empty() {
        book.add_worksheet();
    }
    book.save_to_buffer()
}
