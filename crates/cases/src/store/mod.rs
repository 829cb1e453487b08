//! All SQL of cases, one folder: rows in and out.

pub(crate) mod citizens;
pub(crate) mod counters;
pub(crate) mod declarations;
pub(crate) mod events;
pub(crate) mod evidence;
pub(crate) mod files;
pub(crate) mod links;
pub(crate) mod lists;
pub(crate) mod notices;
pub(crate) mod numbers;
pub(crate) mod views;
pub(crate) mod words;

use crate::CaseError;
use ::store::Transaction;
use jiff::Timestamp;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AssertSqlSafe};
use std::fmt::Write as _;

pub(crate) type Query<'sql> = sqlx::query::Query<'sql, Any, AnyArguments>;

/// Rows of one statement, largest first: few texts, each prepared once.
const ROWS_A_STATEMENT: [usize; 4] = [64, 16, 4, 1];

/// Where rows go.
pub(crate) struct Into {
    /// The table.
    pub(crate) table: &'static str,
    /// Its columns, in the order of the binding.
    pub(crate) columns: &'static [&'static str],
    /// What follows the values: `ON CONFLICT …`.
    pub(crate) tail: &'static str,
}

impl Into {
    fn text(&self, rows: usize) -> String {
        let mut text = format!("INSERT INTO {} ({}) VALUES ", self.table, self.columns.join(", "));
        let mut place = 0;
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..self.columns.len() {
                place += 1;
                let comma = if column == 0 { "" } else { ", " };
                // Writing to a string cannot fail.
                let _ = write!(text, "{comma}${place}");
            }
            text.push(')');
        }
        if !self.tail.is_empty() {
            text.push(' ');
            text.push_str(self.tail);
        }
        text
    }

    /// Inserts rows, many a statement.
    pub(crate) async fn insert<Row>(
        &self,
        transaction: &mut Transaction,
        rows: &[Row],
        bind: impl for<'sql> Fn(Query<'sql>, &Row) -> Query<'sql>,
    ) -> Result<(), CaseError> {
        let mut rest = rows;
        while !rest.is_empty() {
            let many = largest(rest.len());
            let (part, after) = rest.split_at(many);
            rest = after;
            let mut query = sqlx::query(AssertSqlSafe(self.text(many)));
            for row in part {
                query = bind(query, row);
            }
            query.execute(&mut **transaction).await?;
        }
        Ok(())
    }
}

fn largest(left: usize) -> usize {
    ROWS_A_STATEMENT.into_iter().find(|rows| *rows <= left).unwrap_or(1)
}

/// Asks for rows by their numbers: `text` holds `{}` where the list stands.
pub(crate) async fn by_numbers(
    connection: &mut sqlx::AnyConnection,
    text: &str,
    numbers: &[i64],
) -> Result<Vec<AnyRow>, CaseError> {
    by_list(connection, text, numbers, |query, number| query.bind(*number)).await
}

/// Asks for rows by a list of keys. Few texts: a short list is filled up with its last key.
pub(crate) async fn by_list<Key>(
    connection: &mut sqlx::AnyConnection,
    text: &str,
    keys: &[Key],
    bind: impl for<'sql> Fn(Query<'sql>, &Key) -> Query<'sql>,
) -> Result<Vec<AnyRow>, CaseError> {
    let mut found = Vec::new();
    for part in keys.chunks(ROWS_A_STATEMENT[0]) {
        let places = ROWS_A_STATEMENT.into_iter().rev().find(|rows| *rows >= part.len());
        let places = places.unwrap_or(ROWS_A_STATEMENT[0]);
        let list: Vec<String> = (1..=places).map(|place| format!("${place}")).collect();
        let mut query = sqlx::query(AssertSqlSafe(text.replace("{}", &list.join(", "))));
        for place in 0..places {
            query = bind(query, &part[place.min(part.len() - 1)]);
        }
        found.extend(query.fetch_all(&mut *connection).await?);
    }
    Ok(found)
}

pub(crate) fn wrong(what: &str, found: impl std::fmt::Display) -> CaseError {
    CaseError::Stored(format!("the {what} {found}"))
}

/// A stored time.
pub(crate) fn time(milliseconds: i64) -> Result<Timestamp, CaseError> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| wrong("time", milliseconds))
}

/// A stored time, where there is one.
pub(crate) fn time_or_none(milliseconds: Option<i64>) -> Result<Option<Timestamp>, CaseError> {
    milliseconds.map(time).transpose()
}

/// A time to be stored.
pub(crate) fn stored(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_millisecond)
}

/// A stored count or step.
pub(crate) fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}
