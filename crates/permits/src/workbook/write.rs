//! A workbook is written: a version of a permit, or an empty form.

use super::layout::{CODES, CONFIDENCES, Column, Holds, REMARKS, columns, head, word};
use crate::PermitDraft;
use crate::duty::PermitDuty;
use crate::error::PermitError;
use crate::fault::Part;
use crate::model::{AmountKind, PermitContent};
use registry::{Confidence, Snapshot};
use rulebook::{Decimal, Period};
use rust_xlsxwriter::{
    DataValidation, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError,
};
use standards::codes::pollutants;
use std::collections::BTreeMap;

/// More digits do not fit into a spreadsheet's number.
const DIGITS: usize = 15;
/// The rows of a form that offer choices.
const FORM_ROWS: u32 = 300;
/// The heading of a table stands below its title.
const HEAD_ROW: u32 = 1;
/// Where the holder writes; the row between explains.
const FIRST_ROW: u32 = 3;

/// A version of a permit as a workbook, with approvals and quotas.
///
/// # Errors
/// When the workbook cannot be written.
pub fn write(draft: &PermitDraft, snapshot: &Snapshot) -> Result<Vec<u8>, PermitError> {
    Ok(book(Some(draft), snapshot)?)
}

/// An empty form.
///
/// # Errors
/// When the workbook cannot be written.
pub fn template(snapshot: &Snapshot) -> Result<Vec<u8>, PermitError> {
    Ok(book(None, snapshot)?)
}

struct Formats {
    title: Format,
    head: Format,
    help: Format,
    text: Format,
}

fn book(draft: Option<&PermitDraft>, snapshot: &Snapshot) -> Result<Vec<u8>, XlsxError> {
    let bold = || Format::new().set_bold().set_border(FormatBorder::Thin).set_text_wrap();
    let formats = Formats {
        title: Format::new().set_bold().set_font_size(14).set_align(FormatAlign::Center),
        head: bold().set_align(FormatAlign::Center),
        help: Format::new().set_font_size(9).set_font_color("#595959").set_text_wrap(),
        text: Format::new().set_num_format("@"),
    };
    let codes = codes(snapshot);
    let mut book = Workbook::new();
    basics(book.add_worksheet(), draft, &formats)?;
    for part in Part::ALL.into_iter().filter(|part| *part != Part::Basics) {
        let rows = draft.map(|draft| lines(part, draft, &codes)).unwrap_or_default();
        let sheet = book.add_worksheet();
        table(sheet, part, &rows, draft.is_none(), codes.len(), &formats)?;
    }
    let sheet = book.add_worksheet();
    sheet.set_name(CODES)?;
    for (column, title) in (0_u16..).zip([head::POLLUTANT, head::POLLUTANT_NAME, head::MEASURE]) {
        sheet.write_string_with_format(0, column, title, &formats.head)?;
        sheet.set_column_width(column, 20.0)?;
    }
    for (row, (code, (name, unit))) in (1_u32..).zip(&codes) {
        sheet.write_string(row, 0, code)?;
        sheet.write_string(row, 1, name)?;
        sheet.write_string(row, 2, unit)?;
    }
    remarks(book.add_worksheet())?;
    book.save_to_buffer()
}

/// Codes with names and units: those of the city before those of the standard.
fn codes(snapshot: &Snapshot) -> BTreeMap<String, (String, String)> {
    let mut codes: BTreeMap<String, (String, String)> = pollutants::all()
        .iter()
        .map(|it| {
            let unit = it.unit.unwrap_or_default().to_owned();
            (it.code.to_owned(), (it.name.zh.to_string(), unit))
        })
        .collect();
    for factor in snapshot.factors().iter().filter(|factor| factor.is_listed) {
        let row = (factor.name.zh.clone(), factor.unit.clone());
        codes.insert(factor.code.clone(), row);
    }
    codes
}

fn basics(
    sheet: &mut Worksheet,
    draft: Option<&PermitDraft>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    sheet.set_name(Part::Basics.text().zh.as_ref())?;
    sheet.merge_range(0, 0, 0, 2, "排污许可证基本信息", &formats.title)?;
    sheet.set_column_width(0, 20.0)?;
    sheet.set_column_width(1, 44.0)?;
    sheet.set_column_width(2, 44.0)?;
    let values = draft.map(first_sheet);
    for (row, column) in (1_u32..).zip(columns(Part::Basics)) {
        sheet.write_string_with_format(row, 0, column.title, &formats.head)?;
        let value = values.as_ref().and_then(|values| values.get(column.title));
        sheet.set_cell_format(row, 1, &formats.text)?;
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            sheet.write_string_with_format(row, 1, value, &formats.text)?;
        }
        // Beside the value: a reader of the file takes the first filled cell after the name.
        if value.is_none_or(String::is_empty) && draft.is_none() {
            sheet.write_string_with_format(row, 2, column.help, &formats.help)?;
        }
        choices(sheet, column, (row, row), 1, 0)?;
    }
    Ok(())
}

fn first_sheet(draft: &PermitDraft) -> BTreeMap<&'static str, String> {
    let content = &draft.content;
    BTreeMap::from([
        (head::NUMBER, draft.number.clone()),
        (head::UNIT, draft.enterprise.clone()),
        (head::HOLDER, content.holder.clone()),
        (head::CLASS, content.class.text().zh.into_owned()),
        (head::INDUSTRY, content.industry.clone()),
        (head::ADDRESS, content.place.clone()),
        (head::ISSUER, content.issuer.clone()),
        (head::ISSUED_ON, content.issued_on.map(|day| day.to_string()).unwrap_or_default()),
        (head::VALID_FROM, content.valid_from.to_string()),
        (head::VALID_TO, content.valid_to.to_string()),
        (head::IN_FORCE_FROM, content.in_force_from.to_string()),
        (head::REASON, content.reason.text().zh.into_owned()),
        (head::REASON_NOTE, content.reason_note.clone()),
        (head::SOURCE, content.source.clone()),
        (head::CONFIDENCE, trusted(content.confidence)),
    ])
}

fn table(
    sheet: &mut Worksheet,
    part: Part,
    rows: &[Vec<String>],
    is_form: bool,
    codes: usize,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let name = part.text().zh;
    sheet.set_name(name.as_ref())?;
    let columns = columns(part);
    let last = columns.len() as u16 - 1;
    sheet.merge_range(0, 0, 0, last, name.as_ref(), &formats.title)?;
    for (at, column) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(HEAD_ROW, at, column.title, &formats.head)?;
        if !column.help.is_empty() {
            sheet.write_string_with_format(HEAD_ROW + 1, at, column.help, &formats.help)?;
        }
        sheet.set_column_width(at, 16.0)?;
        if matches!(column.holds, Holds::Words | Holds::Pollutant) && is_form {
            for row in FIRST_ROW..FIRST_ROW + FORM_ROWS {
                sheet.set_cell_format(row, at, &formats.text)?;
            }
        }
        let offered = FIRST_ROW + FORM_ROWS.max(rows.len() as u32);
        choices(sheet, column, (FIRST_ROW, offered), at, codes)?;
    }
    sheet.set_freeze_panes(HEAD_ROW + 1, 0)?;
    for (row, cells) in (FIRST_ROW..).zip(rows) {
        for ((at, column), cell) in (0_u16..).zip(columns).zip(cells) {
            if cell.is_empty() {
                continue;
            }
            match (column.holds, as_number(cell)) {
                (Holds::Number, Some(number)) => sheet.write_number(row, at, number)?,
                _ => sheet.write_string_with_format(row, at, cell, &formats.text)?,
            };
        }
    }
    Ok(())
}

/// What may be chosen in a column.
fn choices(
    sheet: &mut Worksheet,
    column: &Column,
    (first, last): (u32, u32),
    at: u16,
    codes: usize,
) -> Result<(), XlsxError> {
    let offered = match column.holds {
        Holds::Choice(words) => DataValidation::new().allow_list_strings(&words())?,
        Holds::Pollutant => {
            let list = format!("='{CODES}'!$A$2:$A${}", codes + 1);
            let only_offered = DataValidation::new().allow_list_formula(Formula::new(list));
            only_offered.show_error_message(false)
        }
        Holds::Words | Holds::Number => return Ok(()),
    };
    sheet.add_data_validation(first, at, last, at, &offered)?;
    Ok(())
}

fn as_number(cell: &str) -> Option<f64> {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    cell.parse::<f64>().ok().filter(|number| digits <= DIGITS && number.is_finite())
}

fn lines(
    part: Part,
    draft: &PermitDraft,
    codes: &BTreeMap<String, (String, String)>,
) -> Vec<Vec<String>> {
    let content = &draft.content;
    let name = |code: &str| codes.get(code).map(|(name, _)| name.clone()).unwrap_or_default();
    let background = draft.background.clone().unwrap_or_default();
    match part {
        Part::Basics => Vec::new(),
        Part::Outlets => outlets(content),
        Part::Limits => limits(content, name),
        Part::Amounts => amounts(content, name),
        Part::Monitoring => monitoring(content, name),
        Part::Reports => content.duties.iter().filter_map(report).collect(),
        Part::Approvals => {
            let mut rows = Vec::new();
            for approval in &background.approvals {
                let row = |code: String, name: String, tonnes: String| {
                    let until = approval.valid_to.map(|day| day.to_string()).unwrap_or_default();
                    vec![
                        approval.document.clone(),
                        approval.project.clone(),
                        approval.approved_by.clone(),
                        approval.approved_on.to_string(),
                        until,
                        code,
                        name,
                        tonnes,
                        approval.source.clone(),
                        trusted(approval.confidence),
                    ]
                };
                if approval.amounts.is_empty() {
                    rows.push(row(String::new(), String::new(), String::new()));
                }
                for amount in &approval.amounts {
                    let code = amount.pollutant.clone();
                    rows.push(row(code, name(&amount.pollutant), amount.tonnes.to_string()));
                }
            }
            rows
        }
        Part::Quotas => background
            .quotas
            .iter()
            .map(|quota| {
                vec![
                    quota.document.clone(),
                    quota.pollutant.clone(),
                    name(&quota.pollutant),
                    quota.tonnes.to_string(),
                    quota.origin.clone(),
                    quota.from_year.to_string(),
                    quota.to_year.map(|year| year.to_string()).unwrap_or_default(),
                    quota.source.clone(),
                    trusted(quota.confidence),
                ]
            })
            .collect(),
    }
}

fn trusted(confidence: Confidence) -> String {
    let word = CONFIDENCES.iter().find(|(known, _)| *known == confidence);
    word.map_or("", |(_, word)| *word).to_owned()
}

fn shown(number: Option<Decimal>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn outlets(content: &PermitContent) -> Vec<Vec<String>> {
    let row = |outlet: &crate::PermitOutlet| {
        vec![
            outlet.number.clone(),
            outlet.name.clone(),
            outlet.medium.text().zh.into_owned(),
            if outlet.is_main { word::MAIN } else { word::GENERAL }.to_owned(),
            shown(outlet.longitude),
            shown(outlet.latitude),
            shown(outlet.height_m),
            outlet.destination.clone(),
            outlet.manner.clone(),
        ]
    };
    content.outlets.iter().map(row).collect()
}

fn limits(content: &PermitContent, name: impl Fn(&str) -> String) -> Vec<Vec<String>> {
    let row = |limit: &crate::PermitLimit| {
        let condition = limit.condition.clone().unwrap_or_default();
        let day = |of: fn(crate::Season) -> crate::MonthDay| {
            condition.season.map(|season| of(season).to_string()).unwrap_or_default()
        };
        vec![
            limit.outlet_number.clone().unwrap_or_default(),
            limit.pollutant.clone(),
            name(&limit.pollutant),
            if limit.period == Period::Hour { word::HOUR } else { word::DAY }.to_owned(),
            shown(limit.at_least),
            limit.at_most.to_string(),
            limit.unit.clone(),
            if limit.on_converted { word::CONVERTED } else { word::MEASURED }.to_owned(),
            condition.fuel.clone().unwrap_or_default(),
            day(|season| season.from),
            day(|season| season.to),
            condition.averaging.clone().unwrap_or_default(),
            limit.citation.clone(),
        ]
    };
    content.limits.iter().map(row).collect()
}

fn amounts(content: &PermitContent, name: impl Fn(&str) -> String) -> Vec<Vec<String>> {
    let row = |amount: &crate::PermitAmount| {
        let (kind, from, to) = match &amount.kind {
            AmountKind::Yearly => (word::YEARLY, String::new(), String::new()),
            AmountKind::SpecialPeriod { from, to } => {
                (word::SPECIAL, from.to_string(), to.to_string())
            }
        };
        vec![
            amount.outlet.clone().unwrap_or_default(),
            amount.pollutant.clone(),
            name(&amount.pollutant),
            kind.to_owned(),
            amount.year.map(|year| year.to_string()).unwrap_or_default(),
            from,
            to,
            amount.tonnes.to_string(),
            amount.citation.clone(),
        ]
    };
    content.amounts.iter().map(row).collect()
}

fn monitoring(content: &PermitContent, name: impl Fn(&str) -> String) -> Vec<Vec<String>> {
    let row = |duty: &PermitDuty| match duty {
        PermitDuty::SelfMonitoring { outlet, pollutant, method, frequency, note } => Some(vec![
            outlet.clone().unwrap_or_default(),
            pollutant.clone(),
            name(pollutant),
            method.text().zh.into_owned(),
            frequency.text().zh.into_owned(),
            note.clone(),
        ]),
        _ => None,
    };
    content.duties.iter().filter_map(row).collect()
}

fn report(duty: &PermitDuty) -> Option<Vec<String>> {
    Some(match duty {
        PermitDuty::SelfMonitoring { .. } => return None,
        PermitDuty::ExecutionReport { cycle, due, content } => vec![
            cycle.text().zh.into_owned(),
            content.clone(),
            due.map(|rule| rule.text().zh.into_owned()).unwrap_or_default(),
            String::new(),
            String::new(),
        ],
        PermitDuty::Ledger { content, medium, kept_years } => vec![
            word::LEDGER.to_owned(),
            content.clone(),
            String::new(),
            medium.clone(),
            kept_years.map(|years| years.to_string()).unwrap_or_default(),
        ],
        PermitDuty::Disclosure { content, way, when } => vec![
            word::DISCLOSURE.to_owned(),
            content.clone(),
            when.clone(),
            way.clone(),
            String::new(),
        ],
    })
}

fn remarks(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name(REMARKS)?;
    sheet.set_column_width(0, 100.0)?;
    let lines = [
        "一个文件是一张许可证的一个版本;内容变更时,改动后以新的“本版生效日期”和“变更类型”再次导入,旧版本保留。",
        "导出后未改动的文件再次导入,不产生新版本。任何一处有误时,整个文件都不导入,并按表、行、列列出问题。",
        "代码列按文本填写,保留前面的零。污染物代码可只填名称,名称不唯一时须填代码。",
        "许可限值按“代码表”的单位填写。带燃料或其他平均周期条件的限值照常保存,不自动判定;适用时段按月-日填写,可跨年。",
        "报告的提交期限以许可证载明为准,未载明时留空,平台不代为推定。",
        "环评批复、总量指标以最后一次导入的两张表为准;文件中没有这两张表时,已有内容不变。",
    ];
    for (row, line) in (0_u32..).zip(lines) {
        sheet.write_string_with_format(row, 0, line, &Format::new().set_text_wrap())?;
    }
    Ok(())
}
