//! Tables as XLSX.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

/// More digits do not fit into a spreadsheet's number.
const DIGITS: usize = 15;

/// A workbook of one sheet with these lines, numbers as numbers with the decimals that they have;
/// `remarks` goes onto a second sheet.
pub(crate) fn workbook(
    header: &[&str],
    lines: impl Iterator<Item = Vec<String>>,
    is_number: impl Fn(usize) -> bool,
    remarks: &[[String; 4]],
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("observations")?;
    sheet.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    for (column, name) in (0_u16..).zip(header) {
        sheet.write_string_with_format(0, column, *name, &bold)?;
        sheet.set_column_width(column, 16.0)?;
    }
    for (row, cells) in (1_u32..).zip(lines) {
        for (column, cell) in (0_u16..).zip(&cells) {
            if is_number(usize::from(column)) {
                write_number(sheet, row, column, cell)?;
            } else if !cell.is_empty() {
                sheet.write_string(row, column, cell)?;
            }
        }
    }
    if !remarks.is_empty() {
        let sheet = book.add_worksheet();
        sheet.set_name("说明 remarks")?;
        for (row, cells) in (0_u32..).zip(remarks) {
            for (column, cell) in (0_u16..).zip(cells) {
                sheet.write_string(row, column, cell)?;
                sheet.set_column_width(column, 24.0)?;
            }
        }
    }
    book.save_to_buffer()
}

fn write_number(sheet: &mut Worksheet, row: u32, column: u16, cell: &str) -> Result<(), XlsxError> {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    match cell.parse::<f64>() {
        _ if cell.is_empty() => {}
        Ok(number) if digits <= DIGITS && number.is_finite() => {
            let places = cell.split_once('.').map_or(0, |(_, places)| places.len());
            let form = if places == 0 { "0".to_owned() } else { format!("0.{:0<places$}", "") };
            let form = Format::new().set_num_format(form);
            sheet.write_number_with_format(row, column, number, &form)?;
        }
        _ => {
            sheet.write_string(row, column, cell)?;
        }
    }
    Ok(())
}
