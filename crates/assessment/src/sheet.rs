//! The score sheet, and its bytes.

use std::fmt::Write as _;

use rulebook::{Decimal, Language, Text};

use crate::event::Standing;
use crate::words::AdjustmentKind;

/// The score sheet of one unit (考核评分表).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The book.
    pub book: String,
    /// Its version.
    pub book_version: u32,
    /// The year.
    pub year: u32,
    /// The unit's code.
    pub unit: String,
    /// The last entry of the history that it is made of; 0: none.
    pub last_event: i64,
    /// The unit's items, in the order of the book.
    pub items: Vec<ItemRow>,
    /// Sums of groups.
    pub groups: Vec<GroupRow>,
    /// The sum of points.
    pub points: Decimal,
    /// The sum of full marks of the unit's items.
    pub full_marks: Decimal,
    /// The points on the book's scale.
    pub scaled: Decimal,
    /// Bonuses and deductions that were given.
    pub adjustments: Vec<AdjustmentRow>,
    /// All bonuses, under their cap.
    pub bonus: Decimal,
    /// All deductions, under their cap.
    pub deduction: Decimal,
    /// The total, never below nothing.
    pub total: Decimal,
    /// The vetoes that apply.
    pub vetoes: Vec<VetoRow>,
    /// The grade, after vetoes; `None` until every item is verified, and in a book without grades.
    pub grade: Option<String>,
    /// Whether every item is verified or decided.
    pub is_complete: bool,
    /// Whether the result is published.
    pub is_published: bool,
}

/// One item of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRow {
    /// The item.
    pub id: String,
    /// Its group.
    pub group: String,
    /// The unit's target.
    pub target: Option<Decimal>,
    /// What the unit stated.
    pub stated: Option<Decimal>,
    /// The value that holds now.
    pub value: Option<Decimal>,
    /// Where it comes from.
    pub source: String,
    /// How firmly it stands.
    pub standing: Standing,
    /// Its points; `None` while there is no value.
    pub points: Option<Decimal>,
    /// The most points.
    pub full_marks: Decimal,
}

/// The sum of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRow {
    /// The group.
    pub id: String,
    /// Its points.
    pub points: Decimal,
    /// The most points.
    pub full_marks: Decimal,
}

/// A bonus or a deduction that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdjustmentRow {
    /// The adjustment.
    pub id: String,
    /// What it does.
    pub kind: AdjustmentKind,
    /// How often it was given.
    pub count: u32,
    /// All points given.
    pub given: Decimal,
    /// The points that count under its cap.
    pub counted: Decimal,
}

/// A veto that applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VetoRow {
    /// The veto.
    pub id: String,
    /// Why.
    pub reason: String,
}

/// An entry of a history that cannot have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayProblem {
    /// The entry's number.
    pub event: i64,
    /// What is wrong with it.
    pub what: Text,
}

impl std::fmt::Display for ReplayProblem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = self.what.in_language(Language::English);
        write!(formatter, "entry {}: {what}", self.event)
    }
}

impl std::error::Error for ReplayProblem {}

impl Sheet {
    /// The sheet as lines of text: the same history and book give the same bytes on every machine.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = String::new();
        let known = |value: Option<Decimal>| value.map_or(String::new(), |it| it.to_string());
        let _ = writeln!(
            text,
            "sheet\t{}\t{}\t{}\t{}\t{}",
            quoted(&self.book),
            self.book_version,
            self.year,
            quoted(&self.unit),
            self.last_event
        );
        for item in &self.items {
            let _ = writeln!(
                text,
                "item\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                quoted(&item.id),
                quoted(&item.group),
                known(item.target),
                known(item.stated),
                known(item.value),
                quoted(&item.source),
                item.standing.as_str(),
                known(item.points),
                item.full_marks
            );
        }
        for group in &self.groups {
            let (points, full) = (group.points.normalize(), group.full_marks.normalize());
            let _ = writeln!(text, "group\t{}\t{points}\t{full}", quoted(&group.id));
        }
        for row in &self.adjustments {
            let _ = writeln!(
                text,
                "adjustment\t{}\t{}\t{}\t{}\t{}",
                quoted(&row.id),
                row.kind.as_str(),
                row.count,
                row.given,
                row.counted
            );
        }
        for veto in &self.vetoes {
            let _ = writeln!(text, "veto\t{}\t{}", quoted(&veto.id), quoted(&veto.reason));
        }
        let _ = writeln!(
            text,
            "total\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            self.points,
            self.full_marks,
            self.scaled,
            self.bonus,
            self.deduction,
            self.total,
            quoted(self.grade.as_deref().unwrap_or_default()),
            u8::from(self.is_complete),
            u8::from(self.is_published)
        );
        text.into_bytes()
    }
}

/// A text that holds no separator.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}
