//! A row as people write it, made exact.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rulebook::{Decimal, Text};

use crate::model::{Column, Ledger};
use crate::words::Form;

/// A text is at most so long.
const LONGEST: usize = 2000;
/// A larger number is a slip: 10¹⁶.
const LARGEST: Decimal = Decimal::from_parts(0x6fc1_0000, 0x0023_86f2, 0, false, 0);

/// The values of a row by column, each in the one way in which it is kept; nothing that is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The values.
    pub values: BTreeMap<String, String>,
}

impl Row {
    /// A value as it is kept.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.values.get(column).map(String::as_str)
    }

    /// A value of a column of numbers.
    pub fn number(&self, column: &str) -> Option<Decimal> {
        self.get(column)?.parse().ok()
    }

    /// What names the row: the values of the key's columns.
    pub fn key(&self, ledger: &Ledger) -> String {
        let part = |id: &String| self.get(id).unwrap_or_default().replace('|', "/");
        ledger.key.iter().map(part).collect::<Vec<_>>().join("|")
    }
}

/// What is wrong with one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellProblem {
    /// The column.
    pub column: String,
    /// What is wrong and how to mend it.
    pub what: Text,
}

/// Reads a row from texts by column; `is_known` says whether a code of a division or department
/// is known.
///
/// # Errors
/// What is wrong with each cell.
pub fn read_row(
    ledger: &Ledger,
    cells: &BTreeMap<String, String>,
    is_known: &dyn Fn(Form, &str) -> Option<String>,
) -> Result<Row, Vec<CellProblem>> {
    let (mut row, mut problems) = (Row::default(), Vec::new());
    for column in &ledger.columns {
        let text = cells.get(&column.id).map_or("", |text| text.trim());
        if text.is_empty() {
            if column.is_required {
                let what = Text::fixed("必填", "must be filled in");
                problems.push(CellProblem { column: column.id.clone(), what });
            }
            continue;
        }
        match read_cell(column, text, is_known) {
            Ok(value) => {
                row.values.insert(column.id.clone(), value);
            }
            Err(what) => problems.push(CellProblem { column: column.id.clone(), what }),
        }
    }
    if problems.is_empty() { Ok(row) } else { Err(problems) }
}

/// The value of a cell in the way in which it is kept.
///
/// # Errors
/// What is wrong and how to mend it.
pub fn read_cell(
    column: &Column,
    text: &str,
    is_known: &dyn Fn(Form, &str) -> Option<String>,
) -> Result<String, Text> {
    match column.form {
        Form::Text | Form::LongText => {
            if text.chars().count() > LONGEST {
                return Err(Text::new(
                    format!("不超过 {LONGEST} 字"),
                    format!("at most {LONGEST} letters"),
                ));
            }
            Ok(text.to_owned())
        }
        Form::Number | Form::Money | Form::Percent | Form::Count => number(column, text),
        Form::Year => match text.parse::<i16>() {
            Ok(year) if (1900..=2200).contains(&year) => Ok(year.to_string()),
            _ => Err(Text::fixed("写四位年份，如 2026", "write a year, as 2026")),
        },
        Form::Date => match day(text) {
            Some(day) => Ok(day.to_string()),
            None => Err(Text::fixed("写日期，如 2026-11-29", "write a day, as 2026-11-29")),
        },
        Form::Division | Form::Department => is_known(column.form, text).ok_or_else(|| {
            Text::new(
                format!("本市没有{}“{text}”，写编码或全名", column.form.text().zh),
                format!(
                    "the city has no {} {text:?}: write its code or full name",
                    column.form.text().en
                ),
            )
        }),
        Form::Choice => {
            let is_it = |choice: &&crate::Choice| {
                choice.id == text || choice.name.zh == text || choice.name.en == text
            };
            column.choices.iter().find(is_it).map(|choice| choice.id.clone()).ok_or_else(|| {
                let zh: Vec<&str> = column.choices.iter().map(|it| it.name.zh.as_ref()).collect();
                let en: Vec<&str> = column.choices.iter().map(|it| it.name.en.as_ref()).collect();
                Text::new(
                    format!("可选：{}", zh.join("、")),
                    format!("write one of: {}", en.join(", ")),
                )
            })
        }
        Form::YesNo => match text {
            "是" | "yes" | "true" | "1" => Ok("yes".to_owned()),
            "否" | "no" | "false" | "0" => Ok("no".to_owned()),
            _ => Err(Text::fixed("写“是”或“否”", "write yes or no")),
        },
    }
}

fn number(column: &Column, text: &str) -> Result<String, Text> {
    let plain = text.replace([',', '，', ' '], "");
    let plain = plain.strip_suffix(['%', '％']).unwrap_or(&plain);
    let value: Decimal =
        plain.parse().map_err(|_| Text::fixed("写数，如 1234.5", "write a number, as 1234.5"))?;
    let value = value.normalize();
    if column.form == Form::Count && value.scale() > 0 {
        return Err(Text::fixed("写整数", "write a whole number"));
    }
    if column.form == Form::Money && value.scale() > 2 {
        return Err(Text::fixed("金额最多到分", "money goes to the cent"));
    }
    if value.abs() > LARGEST {
        return Err(Text::fixed("数值过大，请核对单位", "too large: check the unit"));
    }
    let percent = (column.form == Form::Percent).then_some((Decimal::ZERO, Decimal::ONE_HUNDRED));
    let least = column.at_least.or(percent.map(|(least, _)| least));
    let most = column.at_most.or(percent.map(|(_, most)| most));
    if least.is_some_and(|least| value < least) || most.is_some_and(|most| value > most) {
        let shown = |bound: Option<Decimal>| bound.map_or("…".to_owned(), |it| it.to_string());
        return Err(Text::new(
            format!("应在 {} 到 {} 之间", shown(least), shown(most)),
            format!("goes from {} to {}", shown(least), shown(most)),
        ));
    }
    Ok(value.to_string())
}

/// A day as people write it: 2026-11-29, 2026/11/29, 2026年11月29日.
fn day(text: &str) -> Option<Date> {
    let plain = text.replace(['/', '.', '年', '月'], "-").replace('日', "");
    let mut parts = plain.splitn(3, '-').map(|part| part.trim().parse::<i16>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
