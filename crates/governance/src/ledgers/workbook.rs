//! Rows in and out as a spreadsheet: one sheet, the columns' names as headings.

use super::taking::code_of;
use ::ledger::{Column, Form, Ledger, Row, read_row};
use calamine::{Reader as _, Xlsx};
use registry::Snapshot;
use rulebook::Text;
use rust_xlsxwriter::{DataValidation, Format, Workbook, XlsxError};
use spreadsheet::typed;
use std::collections::BTreeMap;
use std::io::Cursor;
use web::Reader;

/// More rows than this do not go in at once.
const ROWS_MAX: usize = 20_000;
/// So many rows of the template have drop-downs.
const ROWS_WITH_CHOICES: u32 = 1_000;

/// A cell that is wrong, by row and column of the sheet.
pub(super) struct Wrong {
    pub(super) row: u32,
    pub(super) column: Text,
    pub(super) what: Text,
}

/// The rows of a file.
///
/// # Errors
/// Every cell that is wrong.
pub(super) fn read(
    ledger: &Ledger,
    snapshot: &Snapshot,
    bytes: &[u8],
) -> Result<Vec<Row>, Vec<Wrong>> {
    let whole = |what: Text| vec![Wrong { row: 1, column: Text::fixed("文件", "file"), what }];
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| {
        whole(Text::new(format!("文件无法打开：{error}"), format!("it cannot be opened: {error}")))
    })?;
    let Some(Ok(range)) = book.worksheet_range_at(0) else {
        return Err(whole(Text::fixed("没有工作表", "it has no sheet")));
    };
    let first = range.start().map_or(0, |(row, _)| row);
    let mut lines = range.rows().zip(first + 1..);
    let heads: Vec<String> =
        lines.next().map(|(line, _)| line.iter().map(typed).collect()).unwrap_or_default();
    let place = |column: &Column| {
        let is_it = |head: &String| {
            let head = head.trim_end_matches('*').trim();
            head == column.name.zh || head == column.name.en || head == column.id
        };
        heads.iter().position(is_it)
    };
    let places: Vec<Option<usize>> = ledger.columns.iter().map(place).collect();
    let missing =
        ledger.columns.iter().zip(&places).filter(|(it, at)| it.is_required && at.is_none());
    let missing: Vec<Wrong> = missing
        .map(|(column, _)| Wrong {
            row: first + 1,
            column: column.name.clone(),
            what: Text::fixed(
                "缺少此列；请用模板的表头",
                "is missing: use the template's headings",
            ),
        })
        .collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let (mut rows, mut wrong, mut keys) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (line, number) in lines {
        if line.iter().all(|cell| typed(cell).is_empty()) {
            continue;
        }
        if rows.len() == ROWS_MAX {
            let what = Text::new(format!("最多 {ROWS_MAX} 行"), format!("at most {ROWS_MAX} rows"));
            wrong.push(Wrong { row: number, column: Text::fixed("行", "row"), what });
            break;
        }
        let cell =
            |at: &Option<usize>| at.and_then(|at| line.get(at)).map(typed).unwrap_or_default();
        let ids = ledger.columns.iter().map(|column| column.id.clone());
        let cells: BTreeMap<String, String> = ids.zip(places.iter().map(cell)).collect();
        match read_row(ledger, &cells, &|form, text| code_of(snapshot, form, text)) {
            Ok(row) => {
                if let Some(before) = keys.insert(row.key(ledger), number) {
                    let what = Text::new(
                        format!("与第 {before} 行重复"),
                        format!("names the same as row {before}"),
                    );
                    wrong.push(Wrong { row: number, column: Text::fixed("行", "row"), what });
                }
                rows.push(row);
            }
            Err(problems) => wrong.extend(problems.into_iter().map(|problem| {
                Wrong {
                    row: number,
                    column: ledger
                        .column(&problem.column)
                        .map_or_else(|| Text::plain(&problem.column), |it| it.name.clone()),
                    what: problem.what,
                }
            })),
        }
    }
    if wrong.is_empty() { Ok(rows) } else { Err(wrong) }
}

/// A value as a reader sees it.
pub(crate) fn shown(snapshot: &Snapshot, reader: &Reader, column: &Column, value: &str) -> String {
    match column.form {
        Form::Division | Form::Department => {
            reader.name(&crate::names::unit_name(snapshot, value)).to_owned()
        }
        Form::Choice => column
            .choices
            .iter()
            .find(|choice| choice.id == value)
            .map_or_else(|| value.to_owned(), |choice| reader.text(&choice.name).to_owned()),
        Form::YesNo if value == "yes" => reader.pick("是", "yes").to_owned(),
        Form::YesNo => reader.pick("否", "no").to_owned(),
        _ => value.to_owned(),
    }
}

/// A workbook of these rows, or of none to be filled in; drop-downs where there are choices.
/// Numbers are texts, so that no digit is lost.
pub(super) fn write<'row>(
    ledger: &Ledger,
    snapshot: &Snapshot,
    reader: &Reader,
    rows: impl Iterator<Item = &'row Row>,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = book.add_worksheet();
    sheet.set_freeze_panes(1, 0)?;
    for (at, column) in (0_u16..).zip(&ledger.columns) {
        let star = if column.is_required { "*" } else { "" };
        let head = format!("{}{star}", reader.text(&column.name));
        sheet.write_string_with_format(0, at, head, &bold)?;
        sheet.set_column_width(at, 18.0)?;
        let choices: Vec<String> = match column.form {
            Form::Choice => {
                column.choices.iter().map(|it| reader.text(&it.name).to_owned()).collect()
            }
            Form::YesNo => vec![reader.pick("是", "yes").into(), reader.pick("否", "no").into()],
            _ => Vec::new(),
        };
        if !choices.is_empty() {
            let rule = DataValidation::new().allow_list_strings(&choices)?;
            sheet.add_data_validation(1, at, ROWS_WITH_CHOICES, at, &rule)?;
        }
    }
    for (line, row) in (1_u32..).zip(rows) {
        for (at, column) in (0_u16..).zip(&ledger.columns) {
            if let Some(value) = row.get(&column.id) {
                sheet.write_string(line, at, shown(snapshot, reader, column, value))?;
            }
        }
    }
    let notes = book.add_worksheet();
    notes.set_name(reader.pick("说明", "Notes"))?;
    for (line, column) in (0_u32..).zip(&ledger.columns) {
        let help = column.help.as_ref().map_or("", |help| reader.text(help));
        notes.write_string(line, 0, reader.text(&column.name))?;
        notes.write_string(line, 1, reader.text(&column.form.text()))?;
        notes.write_string(line, 2, &column.unit)?;
        notes.write_string(line, 3, help)?;
    }
    book.save_to_buffer()
}
