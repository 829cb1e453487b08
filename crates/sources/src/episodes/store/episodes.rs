//! Episodes: kept, superseded, listed.

use super::{EpisodeError, moment, wrong};
use crate::episodes::model::{Basis, Beside, Computed, Episode, Over};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use registry::{FactorId, PointId};
use rulebook::Period;
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::any::AnyRow;
use transparency::Hash;

const COLUMNS: &str = "id, point, factor, period, began_at, ended_at, is_apart, is_open, content, \
    basis, computed_at, fingerprint, superseded_at, superseded_by";

#[derive(Serialize, Deserialize)]
struct Content {
    over: Vec<Over>,
    beside: Vec<Beside>,
}

/// Which episodes are wanted.
#[derive(Clone, Debug, Default)]
pub(in crate::episodes) struct EpisodeFilter {
    /// At these points; `None` = everywhere.
    pub(in crate::episodes) points: Option<Vec<PointId>>,
    /// Of this factor.
    pub(in crate::episodes) factor: Option<FactorId>,
    /// Begun then or later.
    pub(in crate::episodes) from: Option<Timestamp>,
    /// Begun before.
    pub(in crate::episodes) to: Option<Timestamp>,
    /// Behind this one: its beginning and number.
    pub(in crate::episodes) after: Option<(i64, i64)>,
    /// Also those that were superseded.
    pub(in crate::episodes) with_superseded: bool,
    /// At most so many.
    pub(in crate::episodes) limit: u32,
}

/// Episodes, the newest first.
pub(in crate::episodes) async fn episodes(
    store: &Store,
    filter: &EpisodeFilter,
) -> Result<Vec<Episode>, EpisodeError> {
    let mut conditions = vec!["1 = 1".to_owned()];
    if !filter.with_superseded {
        conditions.push("superseded_at IS NULL".to_owned());
    }
    if let Some(points) = &filter.points {
        let ids: Vec<String> = points.iter().map(|point| point.0.to_string()).collect();
        let list = if ids.is_empty() { "-1".to_owned() } else { ids.join(", ") };
        conditions.push(format!("point IN ({list})"));
    }
    if let Some(factor) = filter.factor {
        conditions.push(format!("factor = {}", factor.0));
    }
    if let Some(from) = filter.from {
        conditions.push(format!("ended_at > {}", from.as_millisecond()));
    }
    if let Some(to) = filter.to {
        conditions.push(format!("began_at < {}", to.as_millisecond()));
    }
    if let Some((began_at, id)) = filter.after {
        conditions
            .push(format!("(began_at < {began_at} OR (began_at = {began_at} AND id < {id}))"));
    }
    let text = format!(
        "SELECT {COLUMNS} FROM exceedance_episode WHERE {} ORDER BY began_at DESC, id DESC \
         LIMIT {}",
        conditions.join(" AND "),
        filter.limit
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(store.reader()).await?;
    rows.iter().map(read).collect()
}

/// One episode.
pub(in crate::episodes) async fn episode(
    store: &Store,
    id: i64,
) -> Result<Option<Episode>, EpisodeError> {
    let text = format!("SELECT {COLUMNS} FROM exceedance_episode WHERE id = $1");
    let found =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(id).fetch_optional(store.reader()).await?;
    found.as_ref().map(read).transpose()
}

/// The episodes that one has superseded.
pub(in crate::episodes) async fn earlier(store: &Store, id: i64) -> Result<Vec<i64>, EpisodeError> {
    let rows =
        sqlx::query("SELECT id FROM exceedance_episode WHERE superseded_by = $1 ORDER BY id")
            .bind(id)
            .fetch_all(store.reader())
            .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Those of an outlet that are not superseded and touch a stretch of time.
pub(in crate::episodes) async fn overlapping(
    store: &Store,
    point: PointId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Episode>, EpisodeError> {
    let filter = EpisodeFilter {
        points: Some(vec![point]),
        from: Some(from),
        to: Some(to),
        limit: u32::MAX >> 1,
        ..EpisodeFilter::default()
    };
    episodes(store, &filter).await
}

/// Keeps a new episode; its number is given back.
pub(in crate::episodes) async fn insert(
    transaction: &mut Transaction,
    computed: &Computed,
    now: Timestamp,
) -> Result<i64, EpisodeError> {
    let row = sqlx::query(
        "INSERT INTO exceedance_episode (point, factor, period, began_at, ended_at, is_apart, \
         is_open, content, basis, fingerprint, computed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
    )
    .bind(computed.point.0)
    .bind(i64::from(computed.factor.0))
    .bind(computed.period.as_str())
    .bind(computed.began_at().as_millisecond())
    .bind(computed.ended_at().as_millisecond())
    .bind(i64::from(computed.is_apart))
    .bind(i64::from(computed.is_open))
    .bind(content(computed)?)
    .bind(written(&computed.basis)?)
    .bind(fingerprint(computed)?)
    .bind(now.as_millisecond())
    .fetch_one(&mut **transaction)
    .await?;
    Ok(row.try_get(0)?)
}

/// Notes that an episode is superseded.
pub(in crate::episodes) async fn supersede(
    transaction: &mut Transaction,
    id: i64,
    by: Option<i64>,
    now: Timestamp,
) -> Result<(), EpisodeError> {
    sqlx::query(
        "UPDATE exceedance_episode SET superseded_at = $1, superseded_by = $2 \
         WHERE id = $3 AND superseded_at IS NULL",
    )
    .bind(now.as_millisecond())
    .bind(by)
    .bind(id)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn written<T: Serialize>(value: &T) -> Result<String, EpisodeError> {
    serde_json::to_string(value).map_err(|error| wrong("episode", error))
}

fn content(computed: &Computed) -> Result<String, EpisodeError> {
    written(&Content { over: computed.over.clone(), beside: computed.beside.clone() })
}

/// What names the content of an episode, whichever version of the record it was computed from.
pub(in crate::episodes) fn fingerprint(computed: &Computed) -> Result<String, EpisodeError> {
    let key = format!(
        "{} {} {} {}\n",
        computed.point.0,
        computed.factor.0,
        computed.period.as_str(),
        computed.is_open
    );
    Ok(Hash::of(&[key.as_bytes(), content(computed)?.as_bytes()]).to_hex())
}

fn read(row: &AnyRow) -> Result<Episode, EpisodeError> {
    let period: String = row.try_get(3)?;
    let (body, basis): (String, String) = (row.try_get(8)?, row.try_get(9)?);
    let body: Content = serde_json::from_str(&body).map_err(|error| wrong("episode", error))?;
    let basis: Vec<Basis> = serde_json::from_str(&basis).map_err(|error| wrong("basis", error))?;
    let factor: i64 = row.try_get(2)?;
    let superseded_at: Option<i64> = row.try_get(12)?;
    let computed = Computed {
        point: PointId(row.try_get(1)?),
        factor: FactorId(u16::try_from(factor).map_err(|_| wrong("factor", factor))?),
        period: Period::parse(&period).ok_or_else(|| wrong("period", &period))?,
        over: body.over,
        beside: body.beside,
        is_apart: row.try_get::<i64, _>(6)? != 0,
        is_open: row.try_get::<i64, _>(7)? != 0,
        basis,
    };
    Ok(Episode {
        id: row.try_get(0)?,
        computed,
        computed_at: moment(row.try_get(10)?)?,
        fingerprint: row.try_get(11)?,
        superseded_at: superseded_at.map(moment).transpose()?,
        superseded_by: row.try_get(13)?,
    })
}
