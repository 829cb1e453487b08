//! Messages within the program: to audiences, read by users.

use super::{Into, time};
use crate::desk::{NoticeRow, TO_LEADERS};
use crate::{CaseError, CaseId};
use ::store::{Store, Transaction};
use authority::UserId;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

const NOTICE: Into =
    Into { table: "case_notice", columns: &["audience", "case_id", "sequence", "at"], tail: "" };

/// Writes messages.
pub(crate) async fn insert(
    transaction: &mut Transaction,
    notices: &[NoticeRow],
) -> Result<(), CaseError> {
    NOTICE
        .insert(transaction, notices, |query, notice| {
            query
                .bind(notice.audience.clone())
                .bind(notice.case.0)
                .bind(notice.sequence)
                .bind(notice.at.as_millisecond())
        })
        .await
}

/// To which audiences somebody belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Audiences {
    /// Named ones: the user, their unit, their enterprises.
    pub(crate) names: Vec<String>,
    /// As a leader: everywhere.
    pub(crate) leads_everything: bool,
    /// As a leader: in these divisions.
    pub(crate) leads_divisions: Vec<String>,
    /// As a leader: of these units.
    pub(crate) leads_units: Vec<i64>,
}

/// A message as kept, with what it tells of.
pub(crate) struct Kept {
    pub(crate) id: i64,
    pub(crate) at: Timestamp,
    pub(crate) case: CaseId,
    pub(crate) number: String,
    pub(crate) declaration: i64,
    pub(crate) kind: String,
    pub(crate) about: String,
    pub(crate) is_read: bool,
}

impl Audiences {
    /// The conditions, one an arm, with the values that they bind.
    fn arms(&self) -> Vec<(String, Vec<String>)> {
        let mut arms: Vec<(String, Vec<String>)> = self
            .names
            .iter()
            .map(|name| ("n.audience = {}".to_owned(), vec![name.clone()]))
            .collect();
        let leaders = format!("n.audience = '{TO_LEADERS}'");
        if self.leads_everything {
            arms.push((leaders, Vec::new()));
            return arms;
        }
        let mut ways = Vec::new();
        if !self.leads_divisions.is_empty() {
            let places = vec!["{}"; self.leads_divisions.len()].join(", ");
            ways.push(format!("f.division IN ({places})"));
        }
        if !self.leads_units.is_empty() {
            let units: Vec<String> = self.leads_units.iter().map(i64::to_string).collect();
            ways.push(format!("f.responsible IN ({})", units.join(", ")));
        }
        if !ways.is_empty() {
            let condition = format!("{leaders} AND ({})", ways.join(" OR "));
            arms.push((condition, self.leads_divisions.clone()));
        }
        arms
    }
}

/// Messages to audiences, the newest first, those before a number and after another.
pub(crate) async fn to(
    store: &Store,
    user: UserId,
    audiences: &Audiences,
    (after, before): (i64, i64),
    only_unread: bool,
    limit: u32,
) -> Result<Vec<Kept>, CaseError> {
    let mut values: Vec<String> = Vec::new();
    let mut arms = Vec::new();
    for (condition, texts) in audiences.arms() {
        let mut condition = condition;
        for text in texts {
            values.push(text);
            // The first three places are numbers.
            condition = condition.replacen("{}", &format!("${}", values.len() + 3), 1);
        }
        let unread = if only_unread {
            "AND NOT EXISTS (SELECT 1 FROM case_notice_read r WHERE r.user_id = $3 \
             AND r.notice = n.id)"
        } else {
            ""
        };
        arms.push(format!(
            "SELECT id FROM (SELECT n.id FROM case_notice n JOIN case_file f ON f.id = n.case_id \
             WHERE {condition} AND n.id > $1 AND n.id < $2 {unread} \
             ORDER BY n.id DESC LIMIT {limit}) AS arm"
        ));
    }
    if arms.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "SELECT n.id, n.at, n.case_id, f.number, f.declaration, e.kind, e.about, \
         CASE WHEN r.notice IS NULL THEN CAST(0 AS BIGINT) ELSE CAST(1 AS BIGINT) END \
         FROM ({}) AS found JOIN case_notice n ON n.id = found.id \
         JOIN case_file f ON f.id = n.case_id \
         JOIN case_event e ON e.case_id = n.case_id AND e.sequence = n.sequence \
         LEFT JOIN case_notice_read r ON r.user_id = $3 AND r.notice = n.id \
         ORDER BY n.id DESC LIMIT {limit}",
        arms.join(" UNION ")
    );
    let mut query = sqlx::query(AssertSqlSafe(text)).bind(after).bind(before).bind(user.0);
    for value in values {
        query = query.bind(value);
    }
    query.fetch_all(store.reader()).await?.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Kept, CaseError> {
    Ok(Kept {
        id: row.try_get(0)?,
        at: time(row.try_get(1)?)?,
        case: CaseId(row.try_get(2)?),
        number: row.try_get(3)?,
        declaration: row.try_get(4)?,
        kind: row.try_get(5)?,
        about: row.try_get(6)?,
        is_read: row.try_get::<i64, _>(7)? != 0,
    })
}

/// Up to which message a user has read all.
pub(crate) async fn mark_of(store: &Store, user: UserId) -> Result<i64, CaseError> {
    let found = sqlx::query("SELECT up_to FROM case_notice_mark WHERE user_id = $1")
        .bind(user.0)
        .fetch_optional(store.reader())
        .await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?.unwrap_or(0))
}

/// Notes that a user has read a message.
pub(crate) async fn mark_one(
    transaction: &mut Transaction,
    user: UserId,
    notice: i64,
) -> Result<(), CaseError> {
    sqlx::query(
        "INSERT INTO case_notice_read (user_id, notice) VALUES ($1, $2) \
         ON CONFLICT (user_id, notice) DO NOTHING",
    )
    .bind(user.0)
    .bind(notice)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Notes that a user has read all that there is.
pub(crate) async fn mark_all(transaction: &mut Transaction, user: UserId) -> Result<(), CaseError> {
    let up_to = last(transaction).await?;
    sqlx::query(
        "INSERT INTO case_notice_mark (user_id, up_to) VALUES ($1, $2) \
         ON CONFLICT (user_id) DO UPDATE SET up_to = excluded.up_to",
    )
    .bind(user.0)
    .bind(up_to)
    .execute(&mut **transaction)
    .await?;
    sqlx::query("DELETE FROM case_notice_read WHERE user_id = $1 AND notice <= $2")
        .bind(user.0)
        .bind(up_to)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// The number of the last message.
pub(crate) async fn last(connection: &mut sqlx::AnyConnection) -> Result<i64, CaseError> {
    let row =
        sqlx::query("SELECT COALESCE(MAX(id), 0) FROM case_notice").fetch_one(connection).await?;
    Ok(row.try_get(0)?)
}

/// By what way a user wants to be told besides, and up to which message they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    pub(crate) user: UserId,
    pub(crate) email: Option<String>,
    pub(crate) webhook: Option<String>,
    pub(crate) told_up_to: i64,
}

/// Every user who wants to be told by another way.
pub(crate) async fn reaches(store: &Store) -> Result<Vec<Reach>, CaseError> {
    let rows =
        sqlx::query("SELECT user_id, email, webhook, told_up_to FROM case_reach ORDER BY user_id")
            .fetch_all(store.reader())
            .await?;
    rows.iter()
        .map(|row| {
            Ok(Reach {
                user: UserId(row.try_get(0)?),
                email: row.try_get(1)?,
                webhook: row.try_get(2)?,
                told_up_to: row.try_get(3)?,
            })
        })
        .collect()
}

/// Keeps by what way a user wants to be told; what came before is not told again.
pub(crate) async fn put_reach(
    transaction: &mut Transaction,
    reach: &Reach,
) -> Result<(), CaseError> {
    sqlx::query(
        "INSERT INTO case_reach (user_id, email, webhook, told_up_to) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id) DO UPDATE SET email = excluded.email, webhook = excluded.webhook, \
         told_up_to = excluded.told_up_to",
    )
    .bind(reach.user.0)
    .bind(reach.email.clone())
    .bind(reach.webhook.clone())
    .bind(reach.told_up_to)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
