//! The nouns of a ledger.

use std::collections::BTreeMap;

use rulebook::{Confidence, Decimal, Text};

use crate::words::{Form, Readers, Weight};

/// A ledger (台账) as its file declares it.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Its id.
    pub id: String,
    /// The version of the file.
    pub version: u32,
    /// Its name.
    pub name: Text,
    /// What it is for.
    pub purpose: Text,
    /// The measures of the plan that it serves, by number.
    pub measures: Vec<u32>,
    /// Who must deliver its rows.
    pub owner: Text,
    /// Where its form comes from.
    pub source: String,
    /// How sure that is.
    pub confidence: Confidence,
    /// Who reads it.
    pub readers: Readers,
    /// The columns whose values together name a row.
    pub key: Vec<String>,
    /// The column that says in which division a row lies.
    pub division: Option<String>,
    /// The column that says of which year a row is.
    pub year: Option<String>,
    /// Its columns, in their order.
    pub columns: Vec<Column>,
    /// What must hold within a row, or from one year to the next.
    pub checks: Vec<Check>,
    /// The name of the file.
    pub(crate) file: String,
    /// Where each place stands.
    pub(crate) lines: BTreeMap<String, u32>,
}

/// A column (字段).
#[derive(Clone, Debug)]
pub struct Column {
    /// Its id.
    pub id: String,
    /// Its name: the heading of the table.
    pub name: Text,
    /// What it holds.
    pub form: Form,
    /// The unit of its values; empty where they have none.
    pub unit: String,
    /// Whether a row without it is refused.
    pub is_required: bool,
    /// The smallest value.
    pub at_least: Option<Decimal>,
    /// The largest value.
    pub at_most: Option<Decimal>,
    /// What may be chosen.
    pub choices: Vec<Choice>,
    /// What to write there.
    pub help: Option<Text>,
    /// Whether the page shows its sum.
    pub is_summed: bool,
}

/// Something that may be chosen.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: Text,
}

/// Something that must hold (校验).
#[derive(Clone, Debug)]
pub struct Check {
    /// Its id.
    pub id: String,
    /// What is told when it does not hold.
    pub what: Text,
    /// What then happens.
    pub weight: Weight,
    /// The rule.
    pub rule: Rule,
}

/// The rule of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The sum of some columns less that of others is another column.
    Adds {
        /// What is added.
        sum: Vec<String>,
        /// What is taken away.
        minus: Vec<String>,
        /// What it must be.
        equals: String,
    },
    /// A column is not above another.
    NotAbove {
        /// The column.
        column: String,
        /// The other.
        other: String,
    },
    /// A column continues what another column had a year before, in the row of the same key.
    Continues {
        /// The column of the year.
        column: String,
        /// The column of the year before.
        before: String,
    },
    /// A day is not before another.
    NotBefore {
        /// The later day.
        column: String,
        /// The earlier day.
        other: String,
    },
}

impl Ledger {
    /// A column by its id.
    pub fn column(&self, id: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.id == id)
    }

    /// The name of the file in messages.
    pub fn file(&self) -> &str {
        &self.file
    }
}
