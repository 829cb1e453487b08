//! Reads a ledger: the shape of the file, then what it means.

use std::collections::{BTreeMap, BTreeSet};

use declaration::{Codes, Entry, Level, Problem, Reader, nearest};
use rulebook::{Confidence, Text};

use crate::model::{Check, Choice, Column, Ledger, Rule};
use crate::words::{Form, Readers, Weight};

/// What may be wrong with the shape of a file.
const CODES: Codes = declaration::codes!("ledger");

/// A place that names a column, and what the column must be.
type Named<'ledger> = (String, &'ledger str, fn(&Column) -> bool);

impl Ledger {
    /// Reads a ledger and checks it; `file` is its name in messages.
    ///
    /// # Errors
    /// Everything that is wrong with its shape or its names.
    ///
    /// # Example
    /// ```
    /// use ledger::Ledger;
    /// let problems = Ledger::load("groups.toml", "id = \"groups\"\nversion = -1").unwrap_err();
    /// let version = problems.iter().find(|problem| problem.place == "version").unwrap();
    /// assert_eq!(version.line, Some(2));
    /// ```
    pub fn load(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(file, text, CODES);
        let ledger = match toml::de::DeTable::parse(text) {
            Ok(table) => {
                let mut top = Entry::top(table.get_ref());
                let ledger = ledger(&mut reader, &mut top);
                reader.close(&top);
                Some(ledger)
            }
            Err(error) => {
                reader.syntax(&error);
                None
            }
        };
        let (mut problems, lines) = reader.finish();
        problems.sort_by_key(|problem| problem.line);
        match ledger {
            Some(ledger) if problems.is_empty() => {
                let ledger = Self { lines, ..ledger };
                let problems = ledger.check_names();
                if problems.is_empty() { Ok(ledger) } else { Err(problems) }
            }
            _ => Err(problems),
        }
    }

    /// Names that no column has, columns of a wrong form, ids used twice.
    fn check_names(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut report = |place: String, what: Text, cure: Text| {
            let line = nearest(&self.lines, &place).copied();
            problems.push(Problem {
                level: Level::Wrong,
                code: "ledger.names",
                file: self.file.clone(),
                line,
                place,
                what,
                cure,
            });
        };
        let mut seen = BTreeSet::new();
        for column in self.columns.iter().filter(|column| !seen.insert(&column.id)) {
            let place = format!("columns.{}", column.id);
            report(place, Text::fixed("字段重名", "two columns have this id"), RENAME);
        }
        for column in &self.columns {
            if (column.form == Form::Choice) == column.choices.is_empty() {
                report(
                    format!("columns.{}.choices", column.id),
                    Text::fixed(
                        "choice 字段且仅 choice 字段要列出选项",
                        "a column of choices, and no other, lists them",
                    ),
                    Text::fixed("补上或删去 choices", "add `choices`, or remove them"),
                );
            }
        }
        for (place, id, wanted) in self.named() {
            let what = match self.column(id) {
                Some(column) if wanted(column) => continue,
                Some(_) => Text::new(
                    format!("字段 {id} 的类型不合用"),
                    format!("the column {id:?} has a form that does not fit"),
                ),
                None => Text::new(format!("没有字段 {id}"), format!("there is no column {id:?}")),
            };
            report(place, what, Text::fixed("改成合用的字段", "name a column that fits"));
        }
        let continues = self.checks.iter().any(|it| matches!(it.rule, Rule::Continues { .. }));
        if continues && self.year.is_none() {
            report(
                "year".to_owned(),
                Text::fixed(
                    "跨年校验需要年份字段",
                    "a check from year to year needs the year's column",
                ),
                Text::fixed("写明 year = \"字段\"", "write `year = \"column\"`"),
            );
        }
        problems
    }

    /// Every place that names a column, with what the column must be.
    fn named(&self) -> Vec<Named<'_>> {
        let any: fn(&Column) -> bool = |_| true;
        let required: fn(&Column) -> bool = |column| column.is_required;
        let number: fn(&Column) -> bool = |column| column.form.is_number();
        let day: fn(&Column) -> bool = |column| column.form == Form::Date;
        let mut all: Vec<Named<'_>> = Vec::new();
        all.extend(self.key.iter().map(|id| ("key".to_owned(), id.as_str(), required)));
        let division: fn(&Column) -> bool = |column| column.form == Form::Division;
        let year: fn(&Column) -> bool = |column| column.form == Form::Year;
        all.extend(self.division.iter().map(|id| ("division".to_owned(), id.as_str(), division)));
        all.extend(self.year.iter().map(|id| ("year".to_owned(), id.as_str(), year)));
        for check in &self.checks {
            let place = format!("checks.{}", check.id);
            let (ids, wanted): (Vec<&str>, _) = match &check.rule {
                Rule::Adds { sum, minus, equals } => {
                    (sum.iter().chain(minus).chain([equals]).map(String::as_str).collect(), number)
                }
                Rule::NotAbove { column, other } => (vec![column, other], number),
                Rule::Continues { column, before } => (vec![column, before], any),
                Rule::NotBefore { column, other } => (vec![column, other], day),
            };
            all.extend(ids.into_iter().map(|id| (place.clone(), id, wanted)));
        }
        all
    }
}

const RENAME: Text = Text::fixed("改名或删去其一", "rename or remove one of them");

fn ledger(reader: &mut Reader<'_>, top: &mut Entry<'_>) -> Ledger {
    Ledger {
        id: reader.required_string(top, "id"),
        version: reader.required_whole(top, "version"),
        name: reader.required_text(top, "name"),
        purpose: reader.required_text(top, "purpose"),
        measures: reader.wholes(top, "measures"),
        owner: reader.required_text(top, "owner"),
        source: reader.required_string(top, "source"),
        confidence: reader.required_word(top, "confidence").unwrap_or(Confidence::Unknown),
        readers: reader.required_word(top, "readers").unwrap_or(Readers::Officers),
        key: reader.required_strings(top, "key"),
        division: reader.string(top, "division"),
        year: reader.string(top, "year"),
        columns: reader.entries(top, "columns", column),
        checks: reader.entries(top, "checks", check),
        file: reader.file().to_owned(),
        lines: BTreeMap::new(),
    }
}

fn column(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Column {
    Column {
        id: reader.required_string(entry, "id"),
        name: reader.required_text(entry, "name"),
        form: reader.required_word(entry, "form").unwrap_or(Form::Text),
        unit: reader.string(entry, "unit").unwrap_or_default(),
        is_required: reader.yes(entry, "required"),
        at_least: reader.decimal(entry, "at_least"),
        at_most: reader.decimal(entry, "at_most"),
        choices: reader.entries(entry, "choices", |reader, entry| Choice {
            id: reader.required_string(entry, "id"),
            name: Text::new(
                reader.required_string(entry, "zh"),
                reader.required_string(entry, "en"),
            ),
        }),
        help: reader.text(entry, "help"),
        is_summed: reader.yes(entry, "summed"),
    }
}

fn check(reader: &mut Reader<'_>, entry: &mut Entry<'_>) -> Check {
    const RULES: &[&str] = &["adds", "not_above", "continues", "not_before"];
    let id = reader.required_string(entry, "id");
    let what = reader.required_text(entry, "what");
    let weight = reader.required_word(entry, "weight").unwrap_or(Weight::Warns);
    let rule = match reader.required_choice(entry, "rule", RULES) {
        Some("adds") => Rule::Adds {
            sum: reader.required_strings(entry, "sum"),
            minus: reader.strings(entry, "minus"),
            equals: reader.required_string(entry, "equals"),
        },
        Some("continues") => Rule::Continues {
            column: reader.required_string(entry, "column"),
            before: reader.required_string(entry, "before"),
        },
        Some("not_before") => Rule::NotBefore {
            column: reader.required_string(entry, "column"),
            other: reader.required_string(entry, "other"),
        },
        _ => Rule::NotAbove {
            column: reader.required_string(entry, "column"),
            other: reader.required_string(entry, "other"),
        },
    };
    Check { id, what, weight, rule }
}
