//! A workbook is read: what stands in it for each day, and what is wrong with sheet, row, column.

use super::super::access::Seen;
use super::super::model::{of_level, outlets};
use super::{DAY, FACTOR, OUTLET, Part, REASON};
use crate::checks::Checks;
use crate::entry::{Content, Explained, LONGEST, place};
use crate::sheets::{cell, head, letter};
use calamine::{Reader as _, Xlsx};
use jiff::civil::Date;
use plausibility::{Key, Value};
use registry::Snapshot;
use rulebook::Text;
use std::collections::BTreeMap;
use std::io::Cursor;
use web::Problem;

/// More rows than this are no month.
const ROWS_MAX: usize = 20_000;

/// Something wrong in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) part: Part,
    pub(super) row: u32,
    /// The column with its heading: `H 排水量(m3)`.
    pub(super) column: String,
    /// What is wrong and how to mend it.
    pub(super) what: Text,
}

/// A row as it was read.
struct Line {
    part: Part,
    row: u32,
    titles: Vec<String>,
    cells: Vec<String>,
    reason: String,
    values: Vec<(String, String)>,
}

/// All that stands in a workbook.
#[derive(Default)]
pub(super) struct Read {
    lines: BTreeMap<(Date, Key), Line>,
    /// Everything that is wrong.
    pub(super) faults: Vec<Fault>,
}

/// Reads a workbook for the ledger of a permit.
///
/// # Errors
/// 400 when it is no workbook, or one of another form.
pub(super) fn read(
    bytes: &[u8],
    seen: &Seen,
    snapshot: &Snapshot,
    today: Date,
) -> Result<Read, Problem> {
    let unknown = || {
        Problem::bad_request(
            "文件无法识别：请用本页下载的 Excel 表填写，另存为 .xlsx 后上传",
            "the file is of another form: fill in the workbook of this page, save it as .xlsx",
        )
    };
    let mut book = Xlsx::new(Cursor::new(bytes.to_vec())).map_err(|_| unknown())?;
    let mut read = Read::default();
    let mut has_sheet = false;
    for part in Part::ALL {
        let Ok(range) = book.worksheet_range(part.name()) else { continue };
        let first = range.start().map_or(0, |(row, _)| row);
        let left = range.start().map_or(0, |(_, column)| column as usize);
        let mut rows = range.rows().take(ROWS_MAX).zip(first + 1..).map(|(row, number)| {
            let before = std::iter::repeat_n(String::new(), left);
            (number, before.chain(row.iter().map(cell)).collect::<Vec<String>>())
        });
        let Some((_, titles)) = rows.next() else { continue };
        has_sheet |= titles.iter().any(|title| title == DAY);
        for (row, cells) in rows {
            let (titles, values) = (titles.clone(), Vec::new());
            let mut line = Line { part, row, titles, cells, reason: String::new(), values };
            line.reason = line.at(REASON).chars().take(LONGEST).collect();
            line.values = line.typed(&mut read.faults);
            // A row in which nothing is filled in is left alone.
            if line.values.iter().all(|(_, typed)| typed.is_empty()) {
                continue;
            }
            read.add(line, seen, snapshot, today);
        }
    }
    if has_sheet { Ok(read) } else { Err(unknown()) }
}

impl Line {
    fn at(&self, title: &str) -> &str {
        let column = self.titles.iter().position(|known| known.trim() == title);
        column.and_then(|column| self.cells.get(column)).map_or("", |cell| cell.trim())
    }

    fn fault(&self, title: &str, what: Text) -> Fault {
        let column = self.titles.iter().position(|known| known.trim() == title).unwrap_or(0);
        let column = format!("{} {title}", letter(column));
        Fault { part: self.part, row: self.row, column, what }
    }

    /// Field and what was typed, for the columns that are there.
    fn typed(&self, faults: &mut Vec<Fault>) -> Vec<(String, String)> {
        let mut values = Vec::new();
        for field in of_level(self.part.level()) {
            let title = head(field);
            if !self.titles.iter().any(|known| known.trim() == title) {
                continue;
            }
            let typed: String = self.at(&title).chars().take(LONGEST).collect();
            let read = Value::read(field.kind, &typed);
            if let Some(Value::Unreadable(text)) = &read {
                let kind = field.kind.text();
                let what = Text::new(
                    format!("“{text}”不是{}，请只填{}", kind.zh, kind.zh),
                    format!("{text:?} is not {}: enter that alone", kind.en),
                );
                faults.push(self.fault(&title, what));
            }
            values.push((field.id.to_owned(), read.map_or(typed, |value| value.typed())));
        }
        values
    }
}

impl Read {
    fn add(&mut self, line: Line, seen: &Seen, snapshot: &Snapshot, today: Date) {
        let typed = line.at(DAY);
        let Ok(day) = typed.parse::<Date>() else {
            let what = Text::new(
                format!("“{typed}”不是日期，应为 2026-09-14 这样的形式"),
                format!("{typed:?} is no day: write it as 2026-09-14"),
            );
            return self.faults.push(line.fault(DAY, what));
        };
        let version = seen.on(day).ok().filter(|_| day <= today);
        let Some(version) = version else {
            let what = Text::fixed(
                "日期未到，或这一天排污许可证未生效，请删去这一行",
                "the day has not come, or the permit does not hold on it: remove the row",
            );
            return self.faults.push(line.fault(DAY, what));
        };
        let key = match line.part {
            Part::Days => Key::head(),
            Part::Factors => Key::factor(line.at(OUTLET), line.at(FACTOR)),
        };
        let known = outlets(version, snapshot, day);
        let mut factors = known.iter().flat_map(|outlet| &outlet.factors);
        if line.part == Part::Factors && !factors.any(|row| row.key == key) {
            let what = Text::fixed(
                "许可证没有这个排放口或污染物，请按下载的表填写",
                "the permit has no such outlet or factor: keep to the workbook",
            );
            return self.faults.push(line.fault(OUTLET, what));
        }
        if self.lines.contains_key(&(day, key.clone())) {
            let twice =
                Text::fixed("与上面某行重复，请删去一行", "this row stands twice: remove one");
            return self.faults.push(line.fault(DAY, twice));
        }
        self.lines.insert((day, key), line);
    }

    /// The first day with anything filled in.
    pub(super) fn first(&self) -> Option<Date> {
        self.lines.keys().next().map(|(day, _)| *day)
    }

    /// The last one.
    pub(super) fn last(&self) -> Option<Date> {
        self.lines.keys().next_back().map(|(day, _)| *day)
    }

    /// The days with anything filled in, the first one first.
    pub(super) fn days(&self) -> Vec<Date> {
        let mut days: Vec<Date> = self.lines.keys().map(|(day, _)| *day).collect();
        days.dedup();
        days
    }

    /// What was recorded for a day, with what the workbook says written over it.
    pub(super) fn over(&self, day: Date, saved: &Content) -> Content {
        let mut content = saved.clone();
        for ((_, key), line) in self.lines.iter().filter(|((of, _), _)| *of == day) {
            for (field, typed) in &line.values {
                content.put(place(key, field), typed);
            }
        }
        content
    }

    /// Findings with the reasons of their rows; what lacks one is a fault.
    pub(super) fn explain(
        &mut self,
        day: Date,
        findings: Vec<Explained>,
        checks: &Checks,
    ) -> Vec<Explained> {
        let mut explained = Vec::new();
        for mut one in findings {
            let line = self.lines.get(&(day, one.finding.key.clone()));
            // What is about no row of the file stands with one of the same day.
            let line = line.or_else(|| {
                self.lines.iter().find(|((of, _), _)| *of == day).map(|(_, line)| line)
            });
            one.reason = line.map_or_else(String::new, |line| line.reason.clone());
            if let (true, Some(line)) = (one.is_in_the_way(), line) {
                let field = of_level(line.part.level()).find(|it| it.id == one.finding.field);
                let title = field.map_or_else(|| DAY.to_owned(), head);
                self.faults.push(line.fault(&title, told(&one, checks)));
            }
            explained.push(one);
        }
        explained
    }
}

/// What is found, what to do, and whether a reason will do.
fn told(one: &Explained, checks: &Checks) -> Text {
    let numbers = one.finding.numbers();
    let check = checks.get(&one.finding.check);
    let (zh, en) = check.map_or((String::new(), String::new()), |check| {
        (
            format!("{}；{}", check.what.zh, check.cure.zh),
            format!("{}; {}", check.what.en, check.cure.en),
        )
    });
    let (also_zh, also_en) = if one.finding.severity.refuses() {
        ("", "")
    } else {
        ("；确认无误的，在“说明”列写明原因", "; if it is right, say why in the last column")
    };
    Text::new(format!("{}{zh}{also_zh}", numbers.zh), format!("{} {en}{also_en}", numbers.en))
}
