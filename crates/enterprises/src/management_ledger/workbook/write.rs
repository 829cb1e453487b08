//! A month of a ledger is written as a workbook.

use super::super::access::Seen;
use super::super::model::{LedgerPage, of_level, outlets};
use super::Part;
use jiff::civil::Date;
use plausibility::{Field, Key, Kind};
use registry::Snapshot;
use rust_xlsxwriter::{DataValidation, Format, Workbook, Worksheet, XlsxError};

/// The days of a month with what is recorded.
pub(super) fn book(
    seen: &Seen,
    snapshot: &Snapshot,
    days: &[Date],
    pages: &[LedgerPage],
) -> Result<Vec<u8>, XlsxError> {
    let bold = Format::new().set_bold().set_text_wrap().set_background_color("#E8EEF2");
    let mut book = Workbook::new();
    for part in Part::ALL {
        let sheet = book.add_worksheet();
        sheet.set_name(part.name())?;
        for (column, title) in (0_u16..).zip(part.heads()) {
            sheet.write_string_with_format(0, column, title, &bold)?;
            sheet.set_column_width(column, 16.0)?;
        }
        sheet.set_freeze_panes(1, 1)?;
        let mut row = 1;
        for day in days {
            let Ok(version) = seen.on(*day) else { continue };
            let page = pages.iter().find(|page| page.day == *day);
            if part == Part::Days {
                line(sheet, row, part, &[day.to_string()], &Key::head(), page)?;
                row += 1;
                continue;
            }
            for outlet in outlets(version, snapshot, *day) {
                for factor in &outlet.factors {
                    let named = [
                        day.to_string(),
                        outlet.number.clone().unwrap_or_default(),
                        factor.key.factor.clone().unwrap_or_default(),
                        factor.name.zh.to_string(),
                        factor.unit.clone(),
                    ];
                    line(sheet, row, part, &named, &factor.key, page)?;
                    row += 1;
                }
            }
        }
    }
    book.save_to_buffer()
}

fn line(
    sheet: &mut Worksheet,
    row: u32,
    part: Part,
    named: &[String],
    key: &Key,
    page: Option<&LedgerPage>,
) -> Result<(), XlsxError> {
    let known = Format::new().set_font_color("#595959").set_num_format("@");
    let text = Format::new().set_num_format("@");
    let mut column = 0;
    for name in named {
        sheet.write_string_with_format(row, column, name, &known)?;
        column += 1;
    }
    for field in of_level(part.level()) {
        if field.kind == Kind::YesNo {
            let choices = DataValidation::new().allow_list_strings(&["是", "否"])?;
            sheet.add_data_validation(row, column, row, column, &choices)?;
        }
        let typed = page.map_or("", |page| page.content.get(key, field.id));
        // As text: no digit is lost, and nothing is taken for a date.
        sheet.write_string_with_format(row, column, said(field, typed), &text)?;
        column += 1;
    }
    let reasons = page.map_or_else(String::new, |page| reasons(page, key));
    sheet.write_string_with_format(row, column, reasons, &text)?;
    Ok(())
}

fn said<'typed>(field: &Field, typed: &'typed str) -> &'typed str {
    match (field.kind, typed) {
        (Kind::YesNo, "yes") => "是",
        (Kind::YesNo, "no") => "否",
        _ => typed,
    }
}

/// The reasons given in a row, each once.
fn reasons(page: &LedgerPage, key: &Key) -> String {
    let of_key = page.findings.iter().filter(|one| one.finding.key == *key);
    let mut said: Vec<&str> =
        of_key.map(|one| one.reason.as_str()).filter(|it| !it.is_empty()).collect();
    said.dedup();
    said.join("；")
}
