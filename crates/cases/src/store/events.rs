//! The rows of timelines, and of keys under which something was done once.

use super::{Into, by_list, stored, time, time_or_none, wrong};
use crate::desk::Done;
use crate::{ActedAs, CaseError, CaseId, Event, EventKind};
use ::store::{Store, Transaction};
use authority::UserId;
use caseflow::Visibility;
use jiff::Timestamp;
use rulebook::Text;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::HashMap;

const EVENT: Into = Into {
    table: "case_event",
    columns: &[
        "case_id",
        "sequence",
        "at",
        "happened_at",
        "kind",
        "about",
        "who",
        "as_who",
        "user_id",
        "state",
        "note",
        "reply_zh",
        "reply_en",
        "visibility",
        "fields",
    ],
    tail: "",
};

/// Writes entries of timelines.
pub(crate) async fn insert(
    transaction: &mut Transaction,
    events: &[(CaseId, Event)],
) -> Result<(), CaseError> {
    EVENT
        .insert(transaction, events, |query, (case, event)| {
            query
                .bind(case.0)
                .bind(event.sequence)
                .bind(event.at.as_millisecond())
                .bind(stored(event.happened_at))
                .bind(event.kind.as_str())
                .bind(event.about.clone())
                .bind(event.who.clone())
                .bind(event.as_who.as_str())
                .bind(event.user.map(|user| user.0))
                .bind(event.state.clone())
                .bind(event.note.clone())
                .bind(event.reply.as_ref().map(|reply| reply.zh.to_string()))
                .bind(event.reply.as_ref().map(|reply| reply.en.to_string()))
                .bind(event.visibility.as_str())
                .bind(serde_json::to_string(&event.fields).unwrap_or_default())
        })
        .await
}

const COLUMNS: &str = "sequence, at, happened_at, kind, about, who, as_who, user_id, state, note, \
    reply_zh, reply_en, visibility, fields";

/// The timeline of a case, oldest first; what was done is still without its words.
pub(crate) async fn of_case(store: &Store, case: CaseId) -> Result<Vec<Event>, CaseError> {
    let text = format!("SELECT {COLUMNS} FROM case_event WHERE case_id = $1 ORDER BY sequence");
    let rows =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(case.0).fetch_all(store.reader()).await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Event, CaseError> {
    let (kind, as_who): (String, String) = (row.try_get(3)?, row.try_get(6)?);
    let (visibility, fields): (String, String) = (row.try_get(12)?, row.try_get(13)?);
    let reply: Option<String> = row.try_get(10)?;
    let in_english: Option<String> = row.try_get(11)?;
    Ok(Event {
        sequence: row.try_get(0)?,
        at: time(row.try_get(1)?)?,
        happened_at: time_or_none(row.try_get(2)?)?,
        kind: EventKind::parse(&kind).ok_or_else(|| wrong("kind of entry", &kind))?,
        what: Text::default(),
        about: row.try_get(4)?,
        who: row.try_get(5)?,
        as_who: ActedAs::parse(&as_who).ok_or_else(|| wrong("actor", &as_who))?,
        user: row.try_get::<Option<i64>, _>(7)?.map(UserId),
        state: row.try_get(8)?,
        note: row.try_get(9)?,
        reply: reply.map(|zh| Text::new(zh, in_english.unwrap_or_default())),
        visibility: Visibility::parse(&visibility)
            .ok_or_else(|| wrong("visibility", &visibility))?,
        fields: serde_json::from_str(&fields).map_err(|_| wrong("fields of an entry", &fields))?,
    })
}

const ONCE: Into = Into {
    table: "case_once",
    columns: &["digest", "case_id", "sequence", "version", "state", "at"],
    tail: "",
};

/// Notes what was done under which key.
pub(crate) async fn insert_done(
    transaction: &mut Transaction,
    done: &[(Vec<u8>, Done)],
    now: Timestamp,
) -> Result<(), CaseError> {
    ONCE.insert(transaction, done, |query, (digest, done)| {
        query
            .bind(digest.clone())
            .bind(done.case.0)
            .bind(done.sequence)
            .bind(done.version)
            .bind(done.state.clone())
            .bind(now.as_millisecond())
    })
    .await
}

/// What was done under these keys before.
pub(crate) async fn done_under(
    connection: &mut sqlx::AnyConnection,
    digests: &[Vec<u8>],
) -> Result<HashMap<Vec<u8>, Done>, CaseError> {
    let text =
        "SELECT case_id, sequence, version, state, digest FROM case_once WHERE digest IN ({})";
    let rows = by_list(connection, text, digests, |query, digest| query.bind(digest.clone()));
    let mut found = HashMap::new();
    for row in rows.await? {
        let done = Done {
            case: CaseId(row.try_get(0)?),
            sequence: row.try_get(1)?,
            version: row.try_get(2)?,
            state: row.try_get(3)?,
        };
        found.insert(row.try_get(4)?, done);
    }
    Ok(found)
}
