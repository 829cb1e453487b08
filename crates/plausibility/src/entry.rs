//! What was entered, what was entered before, and what the platform knows by itself.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rulebook::Decimal;

use crate::vocabulary::field_of;
use crate::words::{Form, Kind, PeriodKind};

/// Where a value stands: the whole, an outlet, a factor at an outlet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The outlet's number, `DW001`.
    pub outlet: Option<String>,
    /// The factor's code, `w01018`.
    pub factor: Option<String>,
}

impl Key {
    /// The whole.
    pub fn head() -> Self {
        Self::default()
    }

    /// An outlet.
    pub fn outlet(number: impl Into<String>) -> Self {
        Self { outlet: Some(number.into()), factor: None }
    }

    /// A factor at an outlet.
    pub fn factor(outlet: impl Into<String>, code: impl Into<String>) -> Self {
        Self { outlet: Some(outlet.into()), factor: Some(code.into()) }
    }
}

/// A value as entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(Decimal),
    /// A day.
    Day(Date),
    /// Yes or no.
    YesNo(bool),
    /// Words.
    Words(String),
    /// What was typed and is nothing of the kind.
    Unreadable(String),
}

impl Value {
    /// Reads what was typed into a field of a kind; nothing where nothing was typed.
    pub fn read(kind: Kind, typed: &str) -> Option<Self> {
        let typed = typed.trim();
        if typed.is_empty() {
            return None;
        }
        let read = match kind {
            Kind::Words => Some(Self::Words(typed.to_owned())),
            Kind::Number => number(typed).map(Self::Number),
            Kind::Day => typed.parse().ok().map(Self::Day),
            Kind::YesNo => match typed {
                "yes" | "true" | "是" | "有" => Some(Self::YesNo(true)),
                "no" | "false" | "否" | "无" => Some(Self::YesNo(false)),
                _ => None,
            },
        };
        Some(read.unwrap_or_else(|| Self::Unreadable(typed.to_owned())))
    }

    /// As it is typed into a field.
    pub fn typed(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Day(day) => day.to_string(),
            Self::YesNo(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Self::Words(words) | Self::Unreadable(words) => words.clone(),
        }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<Decimal> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }
}

/// A decimal as people type it: commas between thousands and full-width digits are allowed.
fn number(typed: &str) -> Option<Decimal> {
    let plain = |letter: char| match letter {
        '０'..='９' => char::from_digit(letter as u32 - '０' as u32, 10).unwrap_or(letter),
        '．' => '.',
        '－' | '−' => '-',
        other => other,
    };
    let text: String = typed.chars().filter(|letter| !matches!(letter, ',' | '，' | ' ')).collect();
    let text: String = text.chars().map(plain).collect();
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

/// The time that an entry is about (报告期), first and last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// How long it is.
    pub kind: PeriodKind,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl Span {
    /// Its days.
    pub fn days(&self) -> i64 {
        let days = self.to.since(self.from).map_or(0, |span| i64::from(span.get_days()));
        days.saturating_add(1).max(0)
    }
}

/// What was entered into a form (填报内容).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The form.
    pub form: Form,
    /// The time it is about, where it has one.
    pub span: Option<Span>,
    /// Today.
    pub today: Option<Date>,
    /// The values, by place and field.
    pub rows: BTreeMap<Key, BTreeMap<String, Value>>,
}

impl Entry {
    /// An empty form.
    pub fn new(form: Form) -> Self {
        Self { form, span: None, today: None, rows: BTreeMap::new() }
    }

    /// Puts what was typed; a word that is no field of the form is left out.
    pub fn put(&mut self, key: Key, field: &str, typed: &str) {
        let Some(known) = field_of(self.form, field) else { return };
        if let Some(value) = Value::read(known.kind, typed) {
            self.rows.entry(key).or_default().insert(known.id.to_owned(), value);
        }
    }

    /// The value of a field, if something was typed there.
    pub fn get(&self, key: &Key, field: &str) -> Option<&Value> {
        self.rows.get(key)?.get(field)
    }

    /// The number of a field.
    pub fn number(&self, key: &Key, field: &str) -> Option<Decimal> {
        self.get(key, field)?.number()
    }
}

/// What was entered before, of the same form and the same length of period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The same period of the year before (去年同期).
    pub last_year: Option<Entry>,
    /// The period right before, or the version before (上一期).
    pub last: Option<Entry>,
    /// All earlier ones.
    pub earlier: Vec<Entry>,
}

impl History {
    /// The median of a field over all earlier entries; `None` below three.
    pub fn median(&self, key: &Key, field: &str) -> Option<Decimal> {
        let mut values: Vec<Decimal> =
            self.earlier.iter().filter_map(|entry| entry.number(key, field)).collect();
        if values.len() < 3 {
            return None;
        }
        values.sort_unstable();
        let middle = values.len() / 2;
        let upper = values.get(middle).copied()?;
        if values.len() % 2 == 1 {
            return Some(upper);
        }
        let lower = values.get(middle - 1).copied()?;
        lower.checked_add(upper)?.checked_div(Decimal::TWO)
    }
}

/// What the platform knows by itself: measured, permitted, approved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    values: BTreeMap<(Key, &'static str), Decimal>,
}

impl Measured {
    /// Puts something known, by its word: `measured.amount`, `permit.at_most`. A word that no check
    /// can use is left out.
    pub fn put(&mut self, key: Key, word: &str, value: Decimal) {
        let known = crate::vocabulary::KNOWN.iter().find(|(known, _)| *known == word);
        if let Some((known, _)) = known {
            self.values.insert((key, known), value);
        }
    }

    /// What is known.
    pub fn get(&self, key: &Key, word: &str) -> Option<Decimal> {
        let (known, _) = crate::vocabulary::KNOWN.iter().find(|(known, _)| *known == word)?;
        self.values.get(&(key.clone(), *known)).copied()
    }

    /// The places of which something is known.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.values.keys().map(|(key, _)| key)
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}
