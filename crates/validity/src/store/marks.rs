//! Marks of enterprises and their withdrawals.

use super::{factor_of, instant, list_of, number_of};
use crate::error::ValidityError;
use crate::model::{EnterpriseMark, MarkId, Withdrawal};
use ::store::{Store, Transaction};
use authority::audit::Actor;
use jiff::Timestamp;
use registry::PointId;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

const SELECT: &str = "SELECT m.id, m.point, m.factor, m.from_at, m.to_at, m.kind, m.facility, \
    m.reason, m.evidence, m.evidence_name, m.author, m.made_at, m.is_late, w.author, w.made_at, \
    w.reason FROM validity_mark m LEFT JOIN validity_withdrawal w ON w.mark = m.id";

/// Which marks are wanted: each part narrows, an empty one does not.
#[derive(Clone, Debug, Default)]
pub struct MarkFilter {
    /// At these outlets; `None` = everywhere.
    pub points: Option<Vec<PointId>>,
    /// Those that touch the time after this.
    pub from: Option<Timestamp>,
    /// Those that touch the time before this.
    pub until: Option<Timestamp>,
    /// Only those not withdrawn on which nobody has decided.
    pub is_open: bool,
    /// Those of a lower number: the next page.
    pub before: Option<MarkId>,
    /// At most so many; 0 = all.
    pub limit: u32,
}

impl MarkFilter {
    fn condition(&self) -> String {
        let mut parts = vec!["1 = 1".to_owned()];
        if let Some(points) = &self.points {
            parts.push(format!("m.point IN ({})", list_of(points.iter().map(|point| point.0))));
        }
        if let Some(from) = self.from {
            parts.push(format!("m.to_at > {}", from.as_millisecond()));
        }
        if let Some(until) = self.until {
            parts.push(format!("m.from_at < {}", until.as_millisecond()));
        }
        if self.is_open {
            parts.push(
                "w.mark IS NULL AND NOT EXISTS \
                 (SELECT 1 FROM validity_decision d WHERE d.mark = m.id)"
                    .to_owned(),
            );
        }
        if let Some(before) = self.before {
            parts.push(format!("m.id < {}", before.0));
        }
        parts.join(" AND ")
    }
}

/// Marks, the newest first.
///
/// # Errors
/// When the store fails.
pub async fn marks(
    store: &Store,
    filter: &MarkFilter,
) -> Result<Vec<EnterpriseMark>, ValidityError> {
    let limit = if filter.limit > 0 { format!(" LIMIT {}", filter.limit) } else { String::new() };
    let text = format!("{SELECT} WHERE {} ORDER BY m.id DESC{limit}", filter.condition());
    let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(store.reader()).await?;
    rows.iter().map(read).collect()
}

/// How many marks there are of a kind.
///
/// # Errors
/// When the store fails.
pub async fn count_marks(store: &Store, filter: &MarkFilter) -> Result<i64, ValidityError> {
    let text = format!(
        "SELECT COUNT(*) FROM validity_mark m \
         LEFT JOIN validity_withdrawal w ON w.mark = m.id WHERE {}",
        filter.condition()
    );
    Ok(sqlx::query(AssertSqlSafe(text)).fetch_one(store.reader()).await?.try_get(0)?)
}

/// One mark.
///
/// # Errors
/// When the store fails.
pub async fn find_mark(store: &Store, id: MarkId) -> Result<Option<EnterpriseMark>, ValidityError> {
    Ok(of_ids(store, &[id]).await?.pop())
}

/// The marks of these numbers.
pub(crate) async fn of_ids(
    store: &Store,
    ids: &[MarkId],
) -> Result<Vec<EnterpriseMark>, ValidityError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text =
        format!("{SELECT} WHERE m.id IN ({}) ORDER BY m.id", list_of(ids.iter().map(|id| id.0)));
    let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(store.reader()).await?;
    rows.iter().map(read).collect()
}

/// A mark to be kept.
pub(crate) struct Insertion<'mark> {
    pub(crate) mark: &'mark crate::acts::NewMark,
    pub(crate) is_late: bool,
    pub(crate) actor: &'mark Actor,
    pub(crate) now: Timestamp,
}

/// Keeps a mark; gives its number.
pub(crate) async fn insert(
    transaction: &mut Transaction,
    row: &Insertion<'_>,
) -> Result<MarkId, ValidityError> {
    let mark = row.mark;
    let kept = sqlx::query(
        "INSERT INTO validity_mark (point, factor, from_at, to_at, kind, facility, reason, \
         evidence, evidence_name, author, user_id, made_at, is_late) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id",
    )
    .bind(mark.point.0)
    .bind(number_of(mark.factor))
    .bind(mark.from.as_millisecond())
    .bind(mark.to.as_millisecond())
    .bind(mark.kind.clone())
    .bind(mark.facility.clone())
    .bind(mark.reason.clone())
    .bind(mark.evidence.clone())
    .bind(mark.evidence_name.clone())
    .bind(row.actor.name.clone())
    .bind(row.actor.user.map(|user| user.0))
    .bind(row.now.as_millisecond())
    .bind(i64::from(row.is_late))
    .fetch_one(&mut **transaction)
    .await?;
    Ok(MarkId(kept.try_get(0)?))
}

/// The mark that says the same and was not withdrawn, if there is one.
pub(crate) async fn same(
    transaction: &mut Transaction,
    mark: &crate::acts::NewMark,
) -> Result<Option<MarkId>, ValidityError> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT m.id FROM validity_mark m LEFT JOIN validity_withdrawal w ON w.mark = m.id \
         WHERE w.mark IS NULL AND m.point = $1 AND m.factor = $2 AND m.from_at = $3 \
         AND m.to_at = $4 AND m.kind = $5 AND m.facility = $6 AND m.reason = $7 \
         AND COALESCE(m.evidence, '') = $8 ORDER BY m.id LIMIT 1",
    )
    .bind(mark.point.0)
    .bind(number_of(mark.factor))
    .bind(mark.from.as_millisecond())
    .bind(mark.to.as_millisecond())
    .bind(mark.kind.clone())
    .bind(mark.facility.clone())
    .bind(mark.reason.clone())
    .bind(mark.evidence.clone().unwrap_or_default())
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(found.map(MarkId))
}

/// Keeps that a mark was withdrawn; false when it had been already.
pub(crate) async fn withdraw(
    transaction: &mut Transaction,
    mark: MarkId,
    reason: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<bool, ValidityError> {
    let done = sqlx::query(
        "INSERT INTO validity_withdrawal (mark, reason, author, user_id, made_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(mark.0)
    .bind(reason.to_owned())
    .bind(actor.name.clone())
    .bind(actor.user.map(|user| user.0))
    .bind(now.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}

fn read(row: &AnyRow) -> Result<EnterpriseMark, ValidityError> {
    let withdrawn_by: Option<String> = row.try_get(13)?;
    let withdrawn = match withdrawn_by {
        None => None,
        Some(author) => {
            Some(Withdrawal { author, at: instant(row.try_get(14)?)?, reason: row.try_get(15)? })
        }
    };
    Ok(EnterpriseMark {
        id: MarkId(row.try_get(0)?),
        point: PointId(row.try_get(1)?),
        factor: factor_of(row.try_get(2)?)?,
        from: instant(row.try_get(3)?)?,
        to: instant(row.try_get(4)?)?,
        kind: row.try_get(5)?,
        facility: row.try_get(6)?,
        reason: row.try_get(7)?,
        evidence: row.try_get(8)?,
        evidence_name: row.try_get(9)?,
        author: row.try_get(10)?,
        at: instant(row.try_get(11)?)?,
        is_late: row.try_get::<i64, _>(12)? != 0,
        withdrawn,
    })
}
