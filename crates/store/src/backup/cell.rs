//! One value of a row on its way: out of a database, into a line, into another database.

use super::catalogue::{Kind, Table};
use super::format::{bytes_to_text, text_to_bytes};
use crate::{StoreError, Transaction};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Row as _};
use std::fmt::Write as _;

/// A value of one of the kinds that a store has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl Cell {
    /// The form in a line.
    pub(super) fn into_json(self) -> Value {
        match self {
            Self::Integer(number) => number.into(),
            Self::Text(text) => text.into(),
            Self::Bytes(bytes) => bytes.map(bytes_to_text).into(),
        }
    }

    /// Reads the form in a line; `None` where it is of another kind.
    pub(super) fn from_json(kind: Kind, value: Value) -> Option<Self> {
        Some(match (kind, value) {
            (Kind::Integer, Value::Null) => Self::Integer(None),
            (Kind::Text, Value::Null) => Self::Text(None),
            (Kind::Bytes, Value::Null) => Self::Bytes(None),
            (Kind::Integer, Value::Number(number)) => Self::Integer(Some(number.as_i64()?)),
            (Kind::Text, Value::String(text)) => Self::Text(Some(text)),
            (Kind::Bytes, Value::String(text)) => Self::Bytes(Some(text_to_bytes(&text)?)),
            _ => return None,
        })
    }

    fn bind(self, query: Query<'_, sqlx::Any, AnyArguments>) -> Query<'_, sqlx::Any, AnyArguments> {
        match self {
            Self::Integer(number) => query.bind(number),
            Self::Text(text) => query.bind(text),
            Self::Bytes(bytes) => query.bind(bytes),
        }
    }

    /// Roughly how much room it takes.
    fn size(&self) -> usize {
        match self {
            Self::Integer(_) => 8,
            Self::Text(text) => text.as_ref().map_or(0, String::len),
            Self::Bytes(bytes) => bytes.as_ref().map_or(0, Vec::len),
        }
    }

    /// Gives kind, length and content to a digest, so that no two rows look alike.
    fn digest_into(&self, digest: &mut Sha256) {
        let (kind, content): (u8, Option<&[u8]>) = match self {
            Self::Integer(number) => {
                digest.update([1, u8::from(number.is_some())]);
                digest.update(number.unwrap_or_default().to_le_bytes());
                return;
            }
            Self::Text(text) => (2, text.as_ref().map(String::as_bytes)),
            Self::Bytes(bytes) => (3, bytes.as_deref()),
        };
        digest.update([kind, u8::from(content.is_some())]);
        let content = content.unwrap_or_default();
        digest.update((content.len() as u64).to_le_bytes());
        digest.update(content);
    }
}

/// Roughly how much room a row takes.
pub(crate) fn size(row: &[Cell]) -> usize {
    row.iter().map(Cell::size).sum()
}

/// One row as the database gives it.
pub(crate) fn of_row(row: &AnyRow, table: &Table) -> Result<Vec<Cell>, StoreError> {
    let cell = |(index, kind)| {
        Ok(match kind {
            Kind::Integer => Cell::Integer(row.try_get(index)?),
            Kind::Text => Cell::Text(row.try_get(index)?),
            Kind::Bytes => Cell::Bytes(row.try_get(index)?),
        })
    };
    table.columns.iter().map(|column| column.kind).enumerate().map(cell).collect()
}

/// Puts rows into a table.
pub(crate) async fn insert(
    transaction: &mut Transaction,
    table: &Table,
    rows: Vec<Vec<Cell>>,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut query = sqlx::query(AssertSqlSafe(table.insert(rows.len())));
    for cell in rows.into_iter().flatten() {
        query = cell.bind(query);
    }
    let refused = |source| StoreError::Refused { table: table.name.clone(), source };
    query.execute(&mut **transaction).await.map_err(refused)?;
    Ok(())
}

/// The sum of the digests of rows: equal for the same rows in whatever order.
///
/// The engines order texts differently, so that a digest of all rows one after the other would
/// differ where nothing does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RowSum {
    pub(crate) rows: u64,
    sum: [u64; 4],
}

impl RowSum {
    pub(crate) fn add(&mut self, row: &[Cell]) {
        let mut digest = Sha256::new();
        for cell in row {
            cell.digest_into(&mut digest);
        }
        let digest: [u8; 32] = digest.finalize().into();
        let mut carry = 0_u64;
        for (word, bytes) in self.sum.iter_mut().zip(digest.chunks_exact(8)) {
            let more =
                bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            let total = u128::from(*word) + u128::from(more) + u128::from(carry);
            *word = total as u64;
            carry = (total >> 64) as u64;
        }
        self.rows += 1;
    }

    /// The sum in hexadecimal.
    pub(crate) fn digest(&self) -> String {
        self.sum.iter().rev().fold(String::with_capacity(64), |mut text, word| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{word:016x}");
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(rows: &[Vec<Cell>]) -> RowSum {
        let mut sum = RowSum::default();
        for row in rows {
            sum.add(row);
        }
        sum
    }

    #[test]
    fn order_does_not_matter_and_everything_else_does() {
        let text = |text: &str| Cell::Text(Some(text.to_owned()));
        let one = vec![Cell::Integer(Some(1)), text("ab"), text("")];
        let other = vec![Cell::Integer(Some(2)), text("a"), text("b")];
        let both = sum(&[one.clone(), other.clone()]);
        assert_eq!(both, sum(&[other.clone(), one.clone()]));
        assert_eq!((both.rows, both.digest().len()), (2, 64));
        for different in [
            vec![Cell::Integer(Some(1)), text("a"), text("b")],
            vec![Cell::Integer(None), text("ab"), text("")],
            vec![Cell::Integer(Some(1)), text("ab"), Cell::Text(None)],
            vec![Cell::Integer(Some(1)), text("ab"), Cell::Bytes(Some(Vec::new()))],
        ] {
            assert_ne!(both, sum(&[different, other.clone()]));
        }
        assert_ne!(both, sum(&[one.clone(), one, other]));
    }
}
