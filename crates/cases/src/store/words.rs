//! The inverted index of words, and what a new complaint may repeat.

use super::{Into, files};
use crate::desk::File;
use crate::{CaseError, CaseId, Place};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Row as _};

const WORD: Into = Into {
    table: "case_word",
    columns: &["word", "case_id", "reach"],
    tail: "ON CONFLICT (word, case_id) DO UPDATE SET reach = CASE \
           WHEN excluded.reach > case_word.reach THEN excluded.reach ELSE case_word.reach END",
};

/// Adds words to the index; a word that the enterprise reads once stays one.
pub(crate) async fn insert(
    transaction: &mut Transaction,
    words: &[(String, CaseId, bool)],
) -> Result<(), CaseError> {
    // One statement must not meet a row twice.
    let mut rows: Vec<(&str, CaseId, bool)> =
        words.iter().map(|(word, case, reach)| (word.as_str(), *case, *reach)).collect();
    rows.sort_unstable_by_key(|(word, case, reach)| (*word, *case, !*reach));
    rows.dedup_by_key(|(word, case, _)| (*word, *case));
    WORD.insert(transaction, &rows, |query, (word, case, reach)| {
        query.bind((*word).to_owned()).bind(case.0).bind(i64::from(*reach))
    })
    .await
}

/// Words are counted no further.
const COUNTED_MOST: i64 = 2000;

/// Words by how many cases hold them, the rarest first; empty where one is in none.
pub(crate) async fn by_rarity(
    store: &Store,
    words: impl IntoIterator<Item = String>,
) -> Result<Vec<String>, CaseError> {
    let mut counted = Vec::new();
    for word in words {
        let row = sqlx::query(
            "SELECT COUNT(*) FROM (SELECT case_id FROM case_word WHERE word = $1 LIMIT $2) AS few",
        )
        .bind(word.clone())
        .bind(COUNTED_MOST)
        .fetch_one(store.reader())
        .await?;
        let count: i64 = row.try_get(0)?;
        if count == 0 {
            return Ok(Vec::new());
        }
        counted.push((count, word));
    }
    counted.sort();
    Ok(counted.into_iter().map(|(_, word)| word).collect())
}

/// By what another report may be alike.
pub(crate) struct Alike<'a> {
    pub(crate) enterprise: Option<&'a str>,
    pub(crate) cells: Vec<i64>,
    pub(crate) contact: Option<Vec<u8>>,
}

/// An earlier report that may be alike.
pub(crate) struct Earlier {
    pub(crate) id: CaseId,
    pub(crate) place: Option<Place>,
    pub(crate) is_same_enterprise: bool,
    pub(crate) is_same_reporter: bool,
}

const REPORT: &str = "SELECT f.id, r.longitude, r.latitude, r.address FROM";

/// Reports of a kind since a time that may be alike: of each sort at most so many, the newest.
pub(crate) async fn earlier(
    connection: &mut sqlx::AnyConnection,
    kind: &str,
    alike: Alike<'_>,
    since: Timestamp,
    most: i64,
) -> Result<Vec<Earlier>, CaseError> {
    let mut found: Vec<Earlier> = Vec::new();
    let since = since.as_millisecond();
    if let Some(enterprise) = alike.enterprise {
        let text = format!(
            "{REPORT} case_file f JOIN case_report r ON r.case_id = f.id \
             WHERE f.enterprise = $1 AND f.kind = $2 AND f.opened_at >= $3 \
             ORDER BY f.id DESC LIMIT $4"
        );
        let rows = sqlx::query(AssertSqlSafe(text))
            .bind(enterprise.to_owned())
            .bind(kind.to_owned())
            .bind(since)
            .bind(most)
            .fetch_all(&mut *connection)
            .await?;
        for row in &rows {
            add(&mut found, row, |earlier| earlier.is_same_enterprise = true)?;
        }
    }
    if !alike.cells.is_empty() {
        let cells: Vec<String> = alike.cells.iter().map(i64::to_string).collect();
        let text = format!(
            "{REPORT} case_file f JOIN case_report r ON r.case_id = f.id \
             WHERE f.cell IN ({}) AND f.opened_at >= $1 AND f.kind = $2 \
             ORDER BY f.opened_at DESC LIMIT $3",
            cells.join(", ")
        );
        let rows = sqlx::query(AssertSqlSafe(text))
            .persistent(false)
            .bind(since)
            .bind(kind.to_owned())
            .bind(most)
            .fetch_all(&mut *connection)
            .await?;
        for row in &rows {
            add(&mut found, row, |_| {})?;
        }
    }
    if let Some(contact) = alike.contact {
        let text = format!(
            "{REPORT} case_sealed s JOIN case_file f ON f.id = s.case_id \
             JOIN case_report r ON r.case_id = f.id \
             WHERE s.contact = $1 AND f.kind = $2 AND f.opened_at >= $3 \
             ORDER BY f.id DESC LIMIT $4"
        );
        let rows = sqlx::query(AssertSqlSafe(text))
            .bind(contact)
            .bind(kind.to_owned())
            .bind(since)
            .bind(most)
            .fetch_all(&mut *connection)
            .await?;
        for row in &rows {
            add(&mut found, row, |earlier| earlier.is_same_reporter = true)?;
        }
    }
    Ok(found)
}

fn add(
    found: &mut Vec<Earlier>,
    row: &sqlx::any::AnyRow,
    note: impl Fn(&mut Earlier),
) -> Result<(), CaseError> {
    let id = CaseId(row.try_get(0)?);
    if let Some(known) = found.iter_mut().find(|one| one.id == id) {
        note(known);
        return Ok(());
    }
    let place = files::place(row, 1)?;
    let mut new = Earlier { id, place, is_same_enterprise: false, is_same_reporter: false };
    note(&mut new);
    found.push(new);
    Ok(())
}

/// Cases with what was reported, for comparing their words.
pub(crate) async fn with_texts(
    connection: &mut sqlx::AnyConnection,
    ids: &[i64],
) -> Result<Vec<File>, CaseError> {
    let mut files = files::by_ids(connection, ids).await?;
    let text = "SELECT case_id, body, longitude, latitude, address FROM case_report \
                WHERE case_id IN ({})";
    let rows = super::by_numbers(connection, text, ids).await?;
    for row in &rows {
        let id = CaseId(row.try_get(0)?);
        if let Some(file) = files.iter_mut().find(|file| file.case.id == id) {
            file.case.text = row.try_get(1)?;
            file.case.place = files::place(row, 2)?;
        }
    }
    Ok(files)
}
