//! The examples in the file of a check: made into entries, and tried.

use std::collections::BTreeMap;

use declaration::Problem;
use jiff::civil::{Date, date};
use rulebook::Text;

use crate::entry::{Entry, History, Key, Measured, Span};
use crate::model::{Check, Example};
use crate::vocabulary::field_of;
use crate::words::{Form, Level, PeriodKind};
use crate::{Finding, check};

/// What an example stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What was entered.
    pub entry: Entry,
    /// What was entered before.
    pub history: History,
    /// What the platform knows.
    pub measured: Measured,
}

impl Case {
    /// What a check finds in it.
    pub fn findings(&self, one: &Check) -> Vec<Finding> {
        check(std::slice::from_ref(one), &self.entry, &self.history, &self.measured)
    }
}

impl Example {
    /// The entry, history and knowledge that the example writes down.
    pub fn case(&self, form: Form) -> Case {
        let span = self.period.as_deref().and_then(span_of);
        let entry = |values: &[(String, Vec<String>)]| {
            let mut entry = Entry::new(form);
            entry.span = span;
            entry.today = self.today.as_deref().and_then(|day| day.parse().ok());
            for (name, typed) in values {
                let (key, field) = self.place(form, name);
                let first = typed.first().map_or("", String::as_str);
                entry.put(key, field, first);
            }
            entry
        };
        let some = |values: &[(String, Vec<String>)]| (!values.is_empty()).then(|| entry(values));
        let mut all = self.row.clone();
        all.extend(self.rows.iter().cloned());
        let mut measured = Measured::default();
        for (word, typed) in &self.known {
            let (place, word) =
                word.rsplit_once('/').map_or((None, word.as_str()), |(a, b)| (Some(a), b));
            let key = place.map_or_else(|| self.known_at(word), key_of);
            if let Some(value) = typed.first().and_then(|value| value.parse().ok()) {
                measured.put(key, word, value);
            }
        }
        let count = self.earlier.iter().map(|(_, typed)| typed.len()).max().unwrap_or(0);
        let earlier = (0..count).map(|at| {
            let at = |(name, typed): &(String, Vec<String>)| {
                Some((name.clone(), vec![typed.get(at)?.clone()]))
            };
            entry(&self.earlier.iter().filter_map(at).collect::<Vec<_>>())
        });
        let history = History {
            last_year: some(&self.last_year),
            last: some(&self.last),
            earlier: earlier.collect(),
        };
        Case { entry: entry(&all), history, measured }
    }

    /// Where a name of the example stands: `amount` in the example's row, `DW002/w01018/amount`
    /// elsewhere.
    fn place<'name>(&self, form: Form, name: &'name str) -> (Key, &'name str) {
        if let Some((place, field)) = name.rsplit_once('/') {
            return (key_of(place), field);
        }
        let key = match field_of(form, name).map(|field| field.level) {
            Some(Level::Factor) => self.key.clone(),
            Some(Level::Outlet) => Key { outlet: self.key.outlet.clone(), factor: None },
            _ => Key::head(),
        };
        (key, name)
    }

    fn known_at(&self, word: &str) -> Key {
        if word == "measured.flow" {
            return Key { outlet: self.key.outlet.clone(), factor: None };
        }
        self.key.clone()
    }
}

/// `DW002/w01018`, `DW002`, `-/w01018`.
fn key_of(place: &str) -> Key {
    let mut parts = place.split('/').map(|part| (part != "-").then(|| part.to_owned()));
    Key { outlet: parts.next().flatten(), factor: parts.next().flatten() }
}

/// `2026`, `2026Q3`, `2026-09`, `2026-09-14`.
fn span_of(text: &str) -> Option<Span> {
    let year: i16 = text.get(..4)?.parse().ok()?;
    let whole = |kind, from: Date, months: i32| {
        let next = from.checked_add(jiff::Span::new().months(months)).ok()?;
        Some(Span { kind, from, to: next.yesterday().ok()? })
    };
    match text.get(4..)? {
        "" => whole(PeriodKind::Year, date(year, 1, 1), 12),
        rest if rest.starts_with('Q') => {
            let quarter: i8 = rest.get(1..)?.parse().ok()?;
            let month = quarter.checked_sub(1)?.checked_mul(3)?.checked_add(1)?;
            whole(PeriodKind::Quarter, Date::new(year, month, 1).ok()?, 3)
        }
        rest if rest.len() == 3 => {
            let month: i8 = rest.get(1..)?.parse().ok()?;
            whole(PeriodKind::Month, Date::new(year, month, 1).ok()?, 1)
        }
        _ => {
            let day: Date = text.parse().ok()?;
            Some(Span { kind: PeriodKind::Day, from: day, to: day })
        }
    }
}

/// What is wrong with the examples of a check: one finds nothing, or the other something.
pub(crate) fn problems(one: &Check, lines: &BTreeMap<String, u32>) -> Vec<Problem> {
    let form = one.applies_to.form;
    let fires = !one.fires.case(form).findings(one).is_empty();
    let passes = one.passes.case(form).findings(one).is_empty();
    let wrong = |place: &str, what: Text| Problem {
        level: declaration::Level::Wrong,
        code: "check.example",
        file: one.file.clone(),
        line: lines.get(place).copied(),
        place: place.to_owned(),
        what,
        cure: Text::fixed(
            "改正示例,或改正公式与参数",
            "mend the example, or the formula and its parameters",
        ),
    };
    let mut problems = Vec::new();
    if !fires {
        problems.push(wrong(
            "fires",
            Text::fixed("该示例应当触发检查,却没有", "in this example it should find something"),
        ));
    }
    if !passes {
        problems.push(wrong(
            "passes",
            Text::fixed("该示例不应触发检查,却触发了", "in this example it should find nothing"),
        ));
    }
    problems
}
