//! Values of indicators, what units reported, and computations.

use super::model::{Fresh, Kept, Reported, Run, inputs_of, why_of};
use crate::GovernanceError;
use ::store::{Store, Transaction};
use authority::audit::{Actor, Record, record};
use jiff::Timestamp;
use plan::indicator::Item;
use rulebook::Decimal;
use sqlx::Row as _;
use sqlx::any::AnyRow;

const COLUMNS: &str = "id, indicator, year, value, why, is_provisional, counted, edition, \
    computed_at, superseded_at";

fn time(milliseconds: i64) -> Result<Timestamp, GovernanceError> {
    Timestamp::from_millisecond(milliseconds)
        .map_err(|_| GovernanceError::Kept(format!("the time {milliseconds}")))
}

fn number(text: &str) -> Result<Decimal, GovernanceError> {
    text.parse().map_err(|_| GovernanceError::Kept(format!("the number {text:?}")))
}

fn year(row: &AnyRow) -> Result<i16, GovernanceError> {
    let year: i64 = row.try_get("year")?;
    i16::try_from(year).map_err(|_| GovernanceError::Kept(format!("the year {year}")))
}

fn kept(row: &AnyRow) -> Result<Kept, GovernanceError> {
    let value: Option<String> = row.try_get("value")?;
    let (why, delivers) = why_of(&row.try_get::<String, _>("why")?);
    let superseded_at: Option<i64> = row.try_get("superseded_at")?;
    Ok(Kept {
        id: row.try_get("id")?,
        indicator: row.try_get("indicator")?,
        year: year(row)?,
        value: value.as_deref().map(number).transpose()?,
        why,
        delivers,
        is_provisional: row.try_get::<i64, _>("is_provisional")? != 0,
        counted: row.try_get("counted")?,
        edition: row.try_get("edition")?,
        computed_at: time(row.try_get("computed_at")?)?,
        superseded_at: superseded_at.map(time).transpose()?,
    })
}

/// The values that hold, by indicator and year.
pub(crate) async fn current(store: &Store) -> Result<Vec<Kept>, GovernanceError> {
    let text = format!(
        "SELECT {COLUMNS} FROM indicator_value WHERE superseded_at IS NULL ORDER BY indicator, year"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(store.reader()).await?;
    rows.iter().map(kept).collect()
}

/// All values of an indicator, those that hold and those superseded, the newest first.
pub(crate) async fn history(store: &Store, indicator: &str) -> Result<Vec<Kept>, GovernanceError> {
    let text = format!(
        "SELECT {COLUMNS} FROM indicator_value WHERE indicator = $1 ORDER BY year DESC, id DESC"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).bind(indicator).fetch_all(store.reader());
    rows.await?.iter().map(kept).collect()
}

/// What entered a value.
pub(super) async fn inputs(store: &Store, id: i64) -> Result<Vec<Item>, GovernanceError> {
    let row = sqlx::query("SELECT inputs FROM indicator_value WHERE id = $1")
        .bind(id)
        .fetch_optional(store.reader())
        .await?;
    match row {
        None => Ok(Vec::new()),
        Some(row) => inputs_of(&row.try_get::<String, _>(0)?),
    }
}

/// What entered the newest value of an indicator.
pub(crate) async fn newest_inputs(
    store: &Store,
    indicator: &str,
) -> Result<Vec<Item>, GovernanceError> {
    let row = sqlx::query(
        "SELECT inputs FROM indicator_value WHERE indicator = $1 AND superseded_at IS NULL \
         AND value IS NOT NULL ORDER BY year DESC LIMIT 1",
    )
    .bind(indicator)
    .fetch_optional(store.reader())
    .await?;
    match row {
        None => Ok(Vec::new()),
        Some(row) => inputs_of(&row.try_get::<String, _>(0)?),
    }
}

/// Keeps a value; one that says the same from the same inputs leaves everything as it is. Returns
/// whether something has changed.
pub(super) async fn keep(
    transaction: &mut Transaction,
    fresh: &Fresh,
    now: Timestamp,
) -> Result<bool, GovernanceError> {
    let before = sqlx::query(
        "SELECT id, value, why, is_provisional, inputs, edition FROM indicator_value \
         WHERE indicator = $1 AND year = $2 AND superseded_at IS NULL",
    )
    .bind(fresh.indicator.clone())
    .bind(i64::from(fresh.year))
    .fetch_optional(&mut **transaction)
    .await?;
    let value = fresh.value.map(|value| value.to_string());
    if let Some(row) = &before {
        let is_same = row.try_get::<Option<String>, _>("value")? == value
            && row.try_get::<String, _>("why")? == fresh.why
            && row.try_get::<String, _>("inputs")? == fresh.inputs
            && row.try_get::<String, _>("edition")? == fresh.edition
            && (row.try_get::<i64, _>("is_provisional")? != 0) == fresh.is_provisional;
        if is_same {
            return Ok(false);
        }
        sqlx::query("UPDATE indicator_value SET superseded_at = $1 WHERE id = $2")
            .bind(now.as_millisecond())
            .bind(row.try_get::<i64, _>("id")?)
            .execute(&mut **transaction)
            .await?;
    }
    sqlx::query(
        "INSERT INTO indicator_value (indicator, year, value, why, is_provisional, counted, \
         inputs, edition, computed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(fresh.indicator.clone())
    .bind(i64::from(fresh.year))
    .bind(value)
    .bind(fresh.why.clone())
    .bind(i64::from(fresh.is_provisional))
    .bind(fresh.counted)
    .bind(fresh.inputs.clone())
    .bind(fresh.edition.clone())
    .bind(now.as_millisecond())
    .execute(&mut **transaction)
    .await?;
    Ok(true)
}

/// Writes down a computation.
pub(super) async fn keep_run(
    transaction: &mut Transaction,
    run: &Run,
) -> Result<(), GovernanceError> {
    sqlx::query(
        "INSERT INTO indicator_run (began_at, ended_at, computed, changed) VALUES ($1, $2, $3, $4)",
    )
    .bind(run.began_at.as_millisecond())
    .bind(run.ended_at.as_millisecond())
    .bind(run.computed)
    .bind(run.changed)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The newest computation.
pub(crate) async fn last_run(store: &Store) -> Result<Option<Run>, GovernanceError> {
    let row = sqlx::query(
        "SELECT began_at, ended_at, computed, changed FROM indicator_run ORDER BY id DESC LIMIT 1",
    )
    .fetch_optional(store.reader())
    .await?;
    let run = |row: AnyRow| {
        Ok(Run {
            began_at: time(row.try_get(0)?)?,
            ended_at: time(row.try_get(1)?)?,
            computed: row.try_get(2)?,
            changed: row.try_get(3)?,
        })
    };
    row.map(run).transpose()
}

/// What units reported, the newest of each indicator and year last.
pub(crate) async fn reported(store: &Store) -> Result<Vec<Reported>, GovernanceError> {
    let rows = sqlx::query(
        "SELECT indicator, year, value, source, reported_at, who FROM indicator_reported \
         ORDER BY indicator, year, id",
    )
    .fetch_all(store.reader())
    .await?;
    let one = |row: &AnyRow| {
        Ok(Reported {
            indicator: row.try_get("indicator")?,
            year: year(row)?,
            value: number(&row.try_get::<String, _>("value")?)?,
            source: row.try_get("source")?,
            reported_at: time(row.try_get("reported_at")?)?,
            who: row.try_get("who")?,
        })
    };
    rows.iter().map(one).collect()
}

/// Keeps what a unit reports, with its audit record.
pub(super) async fn report(
    store: &Store,
    actor: &Actor,
    given: &Reported,
) -> Result<(), GovernanceError> {
    let mut transaction = store.begin().await?;
    sqlx::query(
        "INSERT INTO indicator_reported (indicator, year, value, source, reported_at, user_id, \
         who) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(given.indicator.clone())
    .bind(i64::from(given.year))
    .bind(given.value.to_string())
    .bind(given.source.clone())
    .bind(given.reported_at.as_millisecond())
    .bind(actor.user.map(|user| user.0))
    .bind(given.who.clone())
    .execute(&mut *transaction)
    .await?;
    let after = serde_json::json!({ "year": given.year, "value": given.value.to_string(),
        "source": given.source });
    let written = Record {
        at: given.reported_at,
        actor,
        action: "plan.report_value",
        subject: format!("indicator {}", given.indicator),
        before: None,
        after: Some(after.to_string()),
    };
    record(&mut transaction, written).await?;
    transaction.commit().await?;
    Ok(())
}

/// When indicators were computed for the first time.
pub(crate) async fn first_run_at(store: &Store) -> Result<Option<Timestamp>, GovernanceError> {
    let row =
        sqlx::query("SELECT MIN(began_at) FROM indicator_run").fetch_one(store.reader()).await?;
    row.try_get::<Option<i64>, _>(0)?.map(time).transpose()
}
