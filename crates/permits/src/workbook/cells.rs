//! Sheets, rows and cells of a workbook that somebody filled in.

use super::layout::{Column, columns, head};
use crate::fault::{Fault, Part};
use crate::model::MonthDay;
use calamine::{Reader as _, Xlsx};
use jiff::civil::Date;
use registry::Snapshot;
use rulebook::{Decimal, Text};
use spreadsheet::typed;
use standards::codes::pollutants;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Cursor;

/// More rows than this are no permit.
const ROWS_MAX: usize = 20_000;
/// The heading stands in one of the first rows: titles may stand above.
const HEAD_AMONG: usize = 8;

pub(super) type Faults = RefCell<Vec<Fault>>;

/// An opened workbook.
pub(super) struct Book {
    inner: Xlsx<Cursor<Vec<u8>>>,
}

impl Book {
    pub(super) fn open(bytes: &[u8]) -> Result<Self, Vec<Fault>> {
        let inner = Xlsx::new(Cursor::new(bytes.to_vec())).map_err(|error| {
            vec![Fault::of_file(
                Text::new(
                    format!("文件无法打开({error})"),
                    format!("the file cannot be opened: {error}"),
                ),
                Text::fixed(
                    "请用本平台的模板填写并另存为 .xlsx",
                    "Fill in the template and save it as .xlsx",
                ),
            )]
        })?;
        Ok(Self { inner })
    }

    /// The rows of a sheet with their numbers; `None` where the sheet is missing.
    pub(super) fn sheet(&mut self, part: Part) -> Option<Vec<(u32, Vec<String>)>> {
        let name = part.text().zh;
        let sheets = self.inner.sheet_names();
        let found = sheets.into_iter().find(|sheet| sheet.trim() == name)?;
        let range = self.inner.worksheet_range(&found).ok()?;
        let first = range.start().map_or(0, |(row, _)| row);
        let left = range.start().map_or(0, |(_, column)| column as usize);
        let rows = range.rows().take(ROWS_MAX).zip(first + 1..).map(|(row, number)| {
            let before = std::iter::repeat_n(String::new(), left);
            (number, before.chain(row.iter().map(typed)).collect())
        });
        Some(rows.collect())
    }
}

/// The rows under the headings of a sheet. Rows that are empty, and the row that explains the
/// template's columns, are left out.
pub(super) fn rows<'book>(
    part: Part,
    rows: &'book [(u32, Vec<String>)],
    faults: &'book Faults,
    snapshot: &'book Snapshot,
) -> Vec<Row<'book>> {
    let known = columns(part);
    let count = |(_, cells): &(u32, Vec<String>)| {
        known.iter().filter(|column| cells.iter().any(|cell| is_head(cell, column))).count()
    };
    let head = rows
        .iter()
        .take(HEAD_AMONG)
        .enumerate()
        .max_by_key(|(place, row)| (count(row), usize::MAX - place));
    let Some((place, (_, head))) = head.filter(|(_, row)| count(row) * 2 >= known.len()) else {
        if rows.iter().any(|(_, cells)| cells.iter().any(|cell| !cell.is_empty())) {
            faults.borrow_mut().push(Fault {
                part: Some(part),
                ..Fault::of_file(
                    Text::fixed("找不到表头", "the headings were not found"),
                    Text::fixed("请使用模板的表头", "Use the headings of the template"),
                )
            });
        }
        return Vec::new();
    };
    let mut heads: HashMap<&'static str, usize> = HashMap::new();
    for column in known {
        if let Some(at) = head.iter().position(|cell| is_head(cell, column)) {
            heads.insert(column.title, at);
        }
    }
    let is_filled = |cells: &Vec<String>| {
        let mut own = known.iter().filter_map(|column| {
            let cell = cells.get(*heads.get(column.title)?)?;
            Some((cell, column))
        });
        own.any(|(cell, column)| !cell.is_empty() && cell != column.help)
    };
    let below = rows.get(place + 1..).unwrap_or_default();
    let filled = below.iter().filter(|(_, cells)| is_filled(cells));
    let row = |(number, cells): &'book (u32, Vec<String>)| Row {
        part,
        number: *number,
        cells,
        heads: heads.clone(),
        faults,
        snapshot,
    };
    filled.map(row).collect()
}

/// Whether a cell is the heading of a column; full-width brackets are as good as others.
fn is_head(cell: &str, column: &Column) -> bool {
    let plain: String = cell
        .chars()
        .filter(|it| !it.is_whitespace() && *it != '*')
        .map(|it| match it {
            '（' => '(',
            '）' => ')',
            other => other,
        })
        .collect();
    plain == column.title
}

/// The lines of the first sheet as if they were one row.
pub(super) fn basics<'book>(
    rows: &'book [(u32, Vec<String>)],
    faults: &'book Faults,
    snapshot: &'book Snapshot,
) -> Basics<'book> {
    let mut lines = HashMap::new();
    for (number, cells) in rows {
        for column in columns(Part::Basics) {
            let Some(at) = cells.iter().position(|cell| is_head(cell, column)) else { continue };
            let value = cells.iter().skip(at + 1).find(|cell| !cell.is_empty());
            let value = value.filter(|value| *value != column.help);
            lines.entry(column.title).or_insert((*number, value.map_or("", String::as_str)));
        }
    }
    Basics { lines, faults, snapshot }
}

/// The first sheet.
pub(super) struct Basics<'book> {
    lines: HashMap<&'static str, (u32, &'book str)>,
    faults: &'book Faults,
    snapshot: &'book Snapshot,
}

impl Basics<'_> {
    /// The rows in which its lines stand.
    pub(super) fn rows(&self) -> HashMap<&'static str, u32> {
        self.lines.iter().map(|(column, (row, _))| (*column, *row)).collect()
    }
}

/// A row of a sheet.
pub(super) struct Row<'book> {
    part: Part,
    pub(super) number: u32,
    cells: &'book [String],
    heads: HashMap<&'static str, usize>,
    faults: &'book Faults,
    snapshot: &'book Snapshot,
}

/// Where cells are read from, and where what is wrong with them goes.
pub(super) trait Cells {
    fn cell(&self, column: &'static str) -> &str;
    fn complain(&self, column: &'static str, what: Text, cure: Text);
    fn snapshot(&self) -> &Snapshot;

    fn words(&self, column: &'static str) -> String {
        self.cell(column).to_owned()
    }

    fn some_words(&self, column: &'static str) -> Option<String> {
        Some(self.words(column)).filter(|words| !words.is_empty())
    }

    fn needed(&self, column: &'static str) -> Option<String> {
        let words = self.some_words(column);
        if words.is_none() {
            self.complain(
                column,
                Text::fixed("未填写", "it is empty"),
                Text::fixed("请填写", "Fill it in"),
            );
        }
        words
    }

    fn decimal(&self, column: &'static str) -> Option<Decimal> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        let read = cell.parse().ok();
        if read.is_none() {
            self.complain(
                column,
                Text::new(format!("“{cell}”不是数字"), format!("{cell:?} is no number")),
                Text::fixed("请只填数字,单位另列", "Write the number alone, without a unit"),
            );
        }
        read
    }

    fn needed_decimal(&self, column: &'static str) -> Option<Decimal> {
        self.needed(column)?;
        self.decimal(column)
    }

    fn whole<T: std::str::FromStr>(&self, column: &'static str) -> Option<T> {
        let number = self.decimal(column)?;
        let read = number.normalize().to_string().parse().ok();
        if read.is_none() {
            self.complain(
                column,
                Text::new(format!("“{number}”不是可用的整数"), format!("{number} does not fit")),
                Text::fixed("请填整数,如 2026", "Write a whole number, like 2026"),
            );
        }
        read
    }

    fn date(&self, column: &'static str) -> Option<Date> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        let read = day(cell);
        if read.is_none() {
            self.complain(
                column,
                Text::new(format!("“{cell}”不是日期"), format!("{cell:?} is no day")),
                Text::fixed("请写成 2026-11-29", "Write it as 2026-11-29"),
            );
        }
        read
    }

    fn needed_date(&self, column: &'static str) -> Option<Date> {
        self.needed(column)?;
        self.date(column)
    }

    fn month_day(&self, column: &'static str) -> Option<MonthDay> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        let of_date = || day(cell).map(|day| MonthDay { month: day.month(), day: day.day() });
        let chinese = cell.replace('月', "-").replace('日', "");
        let read = chinese.parse().ok().or_else(of_date);
        if read.is_none() {
            self.complain(
                column,
                Text::new(format!("“{cell}”不是月和日"), format!("{cell:?} is no day of a year")),
                Text::fixed("请写成 11-15", "Write it as 11-15"),
            );
        }
        read
    }

    /// One of a few words; `None` where it is none of them, or empty and without a default.
    fn choice<T: Copy>(&self, column: &'static str, known: &[(T, &str)]) -> Option<T> {
        let cell = self.needed(column)?;
        let found = known.iter().find(|(_, word)| *word == cell).map(|(value, _)| *value);
        if found.is_none() {
            let words: Vec<&str> = known.iter().map(|(_, word)| *word).collect();
            self.complain(
                column,
                Text::new(
                    format!("“{cell}”不在可选项中"),
                    format!("{cell:?} is none of the choices"),
                ),
                Text::new(
                    format!("请从中选择:{}", words.join("、")),
                    format!("Choose one of {}", words.join(", ")),
                ),
            );
        }
        found
    }

    /// The code of a pollutant, by its code or, where that is empty, by its name.
    fn pollutant(&self) -> Option<String> {
        let code = self.cell(head::POLLUTANT);
        if !code.is_empty() {
            return Some(pollutants::normal_form(code).unwrap_or_else(|| code.to_owned()));
        }
        let name = self.cell(head::POLLUTANT_NAME);
        if name.is_empty() {
            self.needed(head::POLLUTANT)?;
        }
        let listed = self.snapshot().factors().iter();
        let mut codes: Vec<String> = listed
            .filter(|factor| factor.is_listed && factor.name.zh == name)
            .map(|factor| factor.code.clone())
            .chain(pollutants::of_name(name).map(|it| it.code.to_owned()))
            .collect();
        codes.sort();
        codes.dedup();
        match codes.as_slice() {
            [code] => Some(code.clone()),
            found => {
                let cure = match found {
                    [] => Text::fixed(
                        "请填污染物代码,见“代码表”",
                        "Write the code, from the sheet of codes",
                    ),
                    several => Text::new(
                        format!("请填其中一个代码:{}", several.join("、")),
                        format!("Write one of the codes {}", several.join(", ")),
                    ),
                };
                let what = Text::new(
                    format!("不能由名称“{name}”确定代码"),
                    format!("the name {name:?} does not give the code"),
                );
                self.complain(head::POLLUTANT, what, cure);
                None
            }
        }
    }
}

impl Cells for Basics<'_> {
    fn cell(&self, column: &'static str) -> &str {
        self.lines.get(column).map_or("", |(_, value)| value)
    }

    fn complain(&self, column: &'static str, what: Text, cure: Text) {
        let row = self.lines.get(column).map(|(number, _)| *number);
        self.faults.borrow_mut().push(Fault {
            part: Some(Part::Basics),
            row,
            entry: None,
            column,
            what,
            cure,
        });
    }

    fn snapshot(&self) -> &Snapshot {
        self.snapshot
    }
}

impl Cells for Row<'_> {
    fn cell(&self, column: &'static str) -> &str {
        let at = self.heads.get(column);
        at.and_then(|at| self.cells.get(*at)).map_or("", String::as_str)
    }

    fn complain(&self, column: &'static str, what: Text, cure: Text) {
        self.faults.borrow_mut().push(Fault {
            part: Some(self.part),
            row: Some(self.number),
            entry: None,
            column,
            what,
            cure,
        });
    }

    fn snapshot(&self) -> &Snapshot {
        self.snapshot
    }
}

/// A day as people write it: `2026-11-29`, `2026/1/5`, `2026年1月5日`, `20260105`.
pub(super) fn day(text: &str) -> Option<Date> {
    let text = text.split_once(' ').map_or(text, |(day, _)| day);
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let (year, rest) = text.split_at(4);
        let (month, day) = rest.split_at(2);
        return Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok();
    }
    let plain = text.replace(['/', '.', '年', '月'], "-").replace('日', "");
    let mut parts = plain.split('-').map(str::trim);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}
