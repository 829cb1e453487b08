//! Links between cases, units that help, watchers.

use super::{Into, by_numbers, time, wrong};
use crate::{CaseError, CaseId, Link};
use ::store::{Store, Transaction};
use authority::{OrganisationId, UserId};
use caseflow::LinkKind;
use jiff::Timestamp;
use sqlx::Row as _;
use std::collections::HashMap;

/// A link to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinkRow {
    pub(crate) case: CaseId,
    pub(crate) kind: LinkKind,
    pub(crate) other: CaseId,
    pub(crate) at: Timestamp,
}

const LINK: Into = Into {
    table: "case_link",
    columns: &["case_id", "kind", "other", "at"],
    tail: "ON CONFLICT (case_id, kind, other) DO NOTHING",
};

/// Writes links; one that is there stays.
pub(crate) async fn insert(
    transaction: &mut Transaction,
    links: &[LinkRow],
) -> Result<(), CaseError> {
    LINK.insert(transaction, links, |query, link| {
        query
            .bind(link.case.0)
            .bind(link.kind.as_str())
            .bind(link.other.0)
            .bind(link.at.as_millisecond())
    })
    .await
}

/// The links that go out from cases.
pub(crate) async fn from_cases(
    connection: &mut sqlx::AnyConnection,
    ids: &[i64],
) -> Result<Vec<(CaseId, LinkKind, CaseId)>, CaseError> {
    let text = "SELECT case_id, kind, other FROM case_link WHERE case_id IN ({})";
    let rows = by_numbers(connection, text, ids).await?;
    rows.iter()
        .map(|row| {
            let word: String = row.try_get(1)?;
            let kind = LinkKind::parse(&word).ok_or_else(|| wrong("kind of link", &word))?;
            Ok((CaseId(row.try_get(0)?), kind, CaseId(row.try_get(2)?)))
        })
        .collect()
}

/// The links of a case, both ways, oldest first.
pub(crate) async fn of_case(store: &Store, case: CaseId) -> Result<Vec<Link>, CaseError> {
    let rows = sqlx::query(
        "SELECT link.kind, link.other, other.number, link.at, CAST(1 AS BIGINT) FROM case_link link \
         JOIN case_file other ON other.id = link.other WHERE link.case_id = $1 \
         UNION ALL \
         SELECT link.kind, link.case_id, other.number, link.at, CAST(0 AS BIGINT) \
         FROM case_link link \
         JOIN case_file other ON other.id = link.case_id WHERE link.other = $2",
    )
    .bind(case.0)
    .bind(case.0)
    .fetch_all(store.reader())
    .await?;
    let mut links = rows
        .iter()
        .map(|row| {
            let word: String = row.try_get(0)?;
            Ok(Link {
                kind: LinkKind::parse(&word).ok_or_else(|| wrong("kind of link", &word))?,
                other: CaseId(row.try_get(1)?),
                number: row.try_get(2)?,
                at: time(row.try_get(3)?)?,
                is_from_here: row.try_get::<i64, _>(4)? == 1,
            })
        })
        .collect::<Result<Vec<_>, CaseError>>()?;
    links.sort_by_key(|link| (link.at, link.other, link.kind));
    Ok(links)
}

const UNIT: Into = Into {
    table: "case_assisting",
    columns: &["organisation", "case_id", "is_open", "due_at"],
    tail: "",
};

/// Writes anew which units help with a case, and how it stands.
pub(crate) async fn put_assisting(
    transaction: &mut Transaction,
    case: CaseId,
    units: &[OrganisationId],
    is_open: bool,
    due_at: i64,
) -> Result<(), CaseError> {
    sqlx::query("DELETE FROM case_assisting WHERE case_id = $1")
        .bind(case.0)
        .execute(&mut **transaction)
        .await?;
    UNIT.insert(transaction, units, |query, unit| {
        query.bind(unit.0).bind(case.0).bind(i64::from(is_open)).bind(due_at)
    })
    .await
}

/// Watches a case, or no more.
pub(crate) async fn watch(
    transaction: &mut Transaction,
    case: CaseId,
    user: UserId,
    is_watched: bool,
    now: Timestamp,
) -> Result<(), CaseError> {
    if is_watched {
        sqlx::query(
            "INSERT INTO case_watcher (case_id, user_id, since) VALUES ($1, $2, $3) \
             ON CONFLICT (case_id, user_id) DO NOTHING",
        )
        .bind(case.0)
        .bind(user.0)
        .bind(now.as_millisecond())
        .execute(&mut **transaction)
        .await?;
    } else {
        sqlx::query("DELETE FROM case_watcher WHERE case_id = $1 AND user_id = $2")
            .bind(case.0)
            .bind(user.0)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Who watches cases.
pub(crate) async fn watchers(
    connection: &mut sqlx::AnyConnection,
    ids: &[i64],
) -> Result<HashMap<CaseId, Vec<UserId>>, CaseError> {
    let text = "SELECT DISTINCT case_id, user_id FROM case_watcher WHERE case_id IN ({})";
    let rows = by_numbers(connection, text, ids).await?;
    let mut watchers: HashMap<CaseId, Vec<UserId>> = HashMap::new();
    for row in &rows {
        let user = UserId(row.try_get(1)?);
        let of_case = watchers.entry(CaseId(row.try_get(0)?)).or_default();
        if !of_case.contains(&user) {
            of_case.push(user);
        }
    }
    Ok(watchers)
}

/// Whether a user watches a case.
pub(crate) async fn is_watched(
    store: &Store,
    case: CaseId,
    user: UserId,
) -> Result<bool, CaseError> {
    let found = sqlx::query("SELECT since FROM case_watcher WHERE case_id = $1 AND user_id = $2")
        .bind(case.0)
        .bind(user.0)
        .fetch_optional(store.reader())
        .await?;
    Ok(found.is_some())
}
