//! Reads a book: the shape of the file, with the line of everything that is wrong.

use declaration::{Codes, Entry, Problem, Reader};
use rulebook::{Confidence, Decimal, Text};

use crate::book::{Adjustment, Book, Cut, Grade, Group, Item, Rule, UnitTarget, Veto, VetoEffect};
use crate::words::{AdjustmentKind, Better};

/// What may be wrong with the shape of a file.
const CODES: Codes = declaration::codes!("assessment");

impl Book {
    /// Reads a book and checks it; `file` is its name in messages.
    ///
    /// # Errors
    /// Everything in the shape or the meaning of the file that is wrong.
    pub fn load(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let book = Self::parse(file, text)?;
        let problems = book.check();
        if problems.is_empty() { Ok(book) } else { Err(problems) }
    }

    /// Reads the shape of a book.
    ///
    /// # Errors
    /// Everything in the shape of the file that is wrong, in the order of its lines.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(file, text, CODES);
        let book = match toml::de::DeTable::parse(text) {
            Ok(table) => {
                let mut top = Entry::top(table.get_ref());
                let book = book(&mut reader, &mut top);
                reader.close(&top);
                Some(book)
            }
            Err(error) => {
                reader.syntax(&error);
                None
            }
        };
        let (mut problems, lines) = reader.finish();
        problems.sort_by_key(|problem| problem.line);
        match book {
            Some(book) if problems.is_empty() => Ok(Self { lines, ..book }),
            _ => Err(problems),
        }
    }
}

fn book(reader: &mut Reader<'_>, top: &mut Entry<'_>) -> Book {
    Book {
        id: reader.required_string(top, "id"),
        version: reader.required_whole(top, "version"),
        year: reader.required_whole(top, "year"),
        name: reader.required_text(top, "name"),
        source: reader.required_string(top, "source"),
        confidence: reader.required_word(top, "confidence").unwrap_or(Confidence::Unknown),
        assessed: reader.required_strings(top, "assessed"),
        scaled_to: reader.decimal(top, "scaled_to"),
        bonus_at_most: reader.decimal(top, "bonus_at_most"),
        deduction_at_most: reader.decimal(top, "deduction_at_most"),
        groups: reader.entries(top, "groups", |reader, entry| Group {
            id: reader.required_string(entry, "id"),
            name: reader.required_text(entry, "name"),
        }),
        items: reader.entries(top, "items", item),
        adjustments: reader.entries(top, "adjustments", |reader, entry| Adjustment {
            id: reader.required_string(entry, "id"),
            name: reader.required_text(entry, "name"),
            kind: reader.required_word(entry, "kind").unwrap_or(AdjustmentKind::Deduction),
            at_most: reader.required_decimal(entry, "at_most").unwrap_or_default(),
        }),
        vetoes: reader.entries(top, "vetoes", |reader, entry| Veto {
            id: reader.required_string(entry, "id"),
            name: reader.required_text(entry, "name"),
            effect: match reader.string(entry, "at_best") {
                Some(grade) => VetoEffect::CapsAt(grade),
                None => VetoEffect::Fails,
            },
        }),
        grades: reader.entries(top, "grades", |reader, entry| Grade {
            id: reader.required_string(entry, "id"),
            name: reader.required_text(entry, "name"),
            at_least: reader.required_decimal(entry, "at_least").unwrap_or_default(),
        }),
        file: reader.file().to_owned(),
        lines: std::collections::BTreeMap::new(),
    }
}

fn item(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Item {
    Item {
        id: reader.required_string(entry, "id"),
        group: reader.required_string(entry, "group"),
        name: reader.required_text(entry, "name"),
        unit: reader.string(entry, "unit").unwrap_or_default(),
        full_marks: reader.required_decimal(entry, "full_marks").unwrap_or_default(),
        rule: rule(reader, entry),
        indicator: reader.string(entry, "indicator"),
        targets: reader.entries(entry, "targets", |reader, entry| UnitTarget {
            unit: reader.required_string(entry, "unit"),
            target: reader.required_decimal(entry, "target").unwrap_or_default(),
        }),
        only: reader.strings(entry, "only"),
    }
}

fn rule(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Rule {
    const KINDS: &[&str] = &["linear", "steps", "met", "judged"];
    let Some(mut entry) = reader.required_table(entry, "rule") else { return Rule::Judged };
    let entry = &mut entry;
    let kind = reader.required_choice(entry, "kind", KINDS);
    let better = |reader: &mut Reader<'_>, entry: &mut Entry<'_>| {
        reader.required_word(entry, "better").unwrap_or(Better::Higher)
    };
    let decimal = |reader: &mut Reader<'_>, entry: &mut Entry<'_>, key: &'static str| {
        reader.required_decimal(entry, key).unwrap_or(Decimal::ONE)
    };
    let rule = match kind {
        Some("linear") => Rule::Linear {
            better: better(reader, entry),
            target: decimal(reader, entry, "target"),
            step: positive(reader, entry, "step"),
            points: decimal(reader, entry, "points"),
            is_whole_steps: reader.yes(entry, "whole_steps"),
        },
        Some("steps") => Rule::Steps {
            better: better(reader, entry),
            cuts: reader.entries(entry, "cuts", |reader, entry| Cut {
                value: reader.required_decimal(entry, "value").unwrap_or_default(),
                points: reader.required_decimal(entry, "points").unwrap_or_default(),
            }),
        },
        Some("met") => {
            Rule::Met { better: better(reader, entry), target: decimal(reader, entry, "target") }
        }
        _ => Rule::Judged,
    };
    if kind.is_some() {
        reader.close(entry);
    }
    rule
}

/// A decimal above nothing.
fn positive(reader: &mut Reader<'_>, entry: &mut Entry<'_>, key: &'static str) -> Decimal {
    let value = reader.required_decimal(entry, key).unwrap_or(Decimal::ONE);
    if value <= Decimal::ZERO {
        reader.wrong_form(entry.at(key), &Text::fixed("大于零的小数", "a decimal above 0"));
        return Decimal::ONE;
    }
    value
}
