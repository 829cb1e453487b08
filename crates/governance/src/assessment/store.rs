//! The history of sheets: what people entered, never changed.

use crate::GovernanceError;
use ::assessment::{Event, EventKind};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// The columns of an entry.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) kind: &'static str,
    pub(super) item: String,
    pub(super) value: Option<String>,
    pub(super) note: String,
}

/// The kind of an entry as columns.
pub(super) fn columns(kind: &EventKind) -> Columns {
    let of = |kind, item: &str, value: Option<String>, note: &str| Columns {
        kind,
        item: item.to_owned(),
        value,
        note: note.to_owned(),
    };
    match kind {
        EventKind::Stated { item, value, source } => {
            of("stated", item, Some(value.to_string()), source)
        }
        EventKind::Verified { item, value, source } => {
            of("verified", item, Some(value.to_string()), source)
        }
        EventKind::Appealed { item, value, reason } => {
            of("appealed", item, Some(value.to_string()), reason)
        }
        EventKind::Decided { item, value, reason } => {
            of("decided", item, Some(value.to_string()), reason)
        }
        EventKind::Adjusted { adjustment, points, reason } => {
            of("adjusted", adjustment, Some(points.to_string()), reason)
        }
        EventKind::Vetoed { veto, reason } => of("vetoed", veto, None, reason),
        EventKind::VetoLifted { veto, reason } => of("veto_lifted", veto, None, reason),
        EventKind::Published => of("published", "", None, ""),
    }
}

/// The kind that columns tell of; `None` where they tell of none.
pub(super) fn kind(word: &str, item: &str, value: Option<&str>, note: &str) -> Option<EventKind> {
    let (item, note) = (item.to_owned(), note.to_owned());
    let number = || value?.trim().parse().ok();
    Some(match word {
        "stated" => EventKind::Stated { item, value: number()?, source: note },
        "verified" => EventKind::Verified { item, value: number()?, source: note },
        "appealed" => EventKind::Appealed { item, value: number()?, reason: note },
        "decided" => EventKind::Decided { item, value: number()?, reason: note },
        "adjusted" => EventKind::Adjusted { adjustment: item, points: number()?, reason: note },
        "vetoed" => EventKind::Vetoed { veto: item, reason: note },
        "veto_lifted" => EventKind::VetoLifted { veto: item, reason: note },
        "published" => EventKind::Published,
        _ => return None,
    })
}

/// An entry with the name of who made it.
pub(super) struct Entered {
    pub(super) event: Event,
    pub(super) who: String,
}

fn entered(row: &AnyRow) -> Result<Entered, GovernanceError> {
    let number: i64 = row.try_get("number")?;
    let (word, item): (String, String) = (row.try_get("kind")?, row.try_get("item")?);
    let (value, note): (Option<String>, String) = (row.try_get("value")?, row.try_get("note")?);
    let at: i64 = row.try_get("entered_at")?;
    let broken = || GovernanceError::Kept(format!("the entry {number} of a sheet"));
    Ok(Entered {
        event: Event {
            number,
            at: Timestamp::from_millisecond(at).map_err(|_| broken())?,
            by: row.try_get("entered_by")?,
            kind: kind(&word, &item, value.as_deref(), &note).ok_or_else(broken)?,
        },
        who: row.try_get("who")?,
    })
}

const HISTORY: &str = "SELECT number, entered_at, entered_by, who, kind, item, value, note \
    FROM assessment_event WHERE book = $1 AND unit = $2 ORDER BY number";

/// The history of one sheet.
pub(super) async fn history(
    store: &Store,
    book: &str,
    unit: &str,
) -> Result<Vec<Entered>, GovernanceError> {
    let rows = sqlx::query(HISTORY).bind(book).bind(unit).fetch_all(store.reader()).await?;
    rows.iter().map(entered).collect()
}

/// The same within the transaction that adds to it.
pub(super) async fn history_within(
    transaction: &mut Transaction,
    book: &str,
    unit: &str,
) -> Result<Vec<Event>, GovernanceError> {
    let query = sqlx::query(HISTORY).bind(book).bind(unit);
    let rows = query.fetch_all(&mut **transaction).await?;
    rows.iter().map(|row| entered(row).map(|entered| entered.event)).collect()
}

/// Adds an entry. Two at once get one winner: the number is taken only once.
pub(super) async fn add(
    transaction: &mut Transaction,
    (book, unit): (&str, &str),
    event: &Event,
    who: &str,
) -> Result<(), GovernanceError> {
    let columns = columns(&event.kind);
    sqlx::query(
        "INSERT INTO assessment_event (book, unit, number, entered_at, entered_by, who, kind, \
         item, value, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(book)
    .bind(unit)
    .bind(event.number)
    .bind(event.at.as_millisecond())
    .bind(event.by.clone())
    .bind(who)
    .bind(columns.kind)
    .bind(columns.item)
    .bind(columns.value)
    .bind(columns.note)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Remembers the case of a unit's assessment.
pub(super) async fn tie(
    store: &Store,
    (book, unit): (&str, &str),
    case: i64,
) -> Result<(), GovernanceError> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "INSERT INTO assessment_case (book, unit, case_id) VALUES ($1, $2, $3) \
         ON CONFLICT (book, unit) DO NOTHING",
    )
    .bind(book)
    .bind(unit)
    .bind(case)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}

/// The case of a unit's assessment.
pub(super) async fn case(
    store: &Store,
    (book, unit): (&str, &str),
) -> Result<Option<i64>, GovernanceError> {
    let row = sqlx::query("SELECT case_id FROM assessment_case WHERE book = $1 AND unit = $2")
        .bind(book)
        .bind(unit)
        .fetch_optional(store.reader())
        .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}
