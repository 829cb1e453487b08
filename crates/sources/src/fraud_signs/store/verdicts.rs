//! Verdicts of officers: given with their audit record, never overwritten.

use super::{SignError, millisecond, second, wrong};
use crate::fraud_signs::model::{Conclusion, Record, StoredSign, Verdict};
use ::store::Store;
use authority::UserId;
use authority::audit::{self, Actor};
use detectors::Detector;
use jiff::Timestamp;
use jiff::civil::Date;
use registry::PointId;
use serde_json::json;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use std::collections::{BTreeMap, HashMap};

const COLUMNS: &str =
    "id, sign, conclusion, visited_on, note, sign_ended_at, given_at, user_id, who";

/// What an officer gives.
pub(in crate::fraud_signs) struct Given<'given> {
    pub(in crate::fraud_signs) sign: &'given StoredSign,
    pub(in crate::fraud_signs) conclusion: Conclusion,
    pub(in crate::fraud_signs) visited_on: Option<Date>,
    pub(in crate::fraud_signs) note: &'given str,
}

/// Keeps a verdict and who gave it, in one transaction.
pub(in crate::fraud_signs) async fn give(
    store: &Store,
    actor: &Actor,
    given: &Given<'_>,
    now: Timestamp,
) -> Result<(), SignError> {
    let before = verdicts_of(store, given.sign.id).await?.pop();
    let visited_on = given.visited_on.map(|day| day.to_string());
    let mut transaction = store.begin().await?;
    sqlx::query(
        "INSERT INTO fraud_verdict (sign, conclusion, visited_on, note, sign_ended_at, given_at, \
         user_id, who) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(given.sign.id)
    .bind(given.conclusion.as_str())
    .bind(visited_on.clone())
    .bind(given.note.to_owned())
    .bind(given.sign.span.to.as_second())
    .bind(now.as_millisecond())
    .bind(actor.user.map(|user| user.0))
    .bind(actor.name.clone())
    .execute(&mut *transaction)
    .await?;
    let after = json!({ "conclusion": given.conclusion.as_str(), "visited_on": visited_on,
        "note": given.note });
    let record = audit::Record {
        at: now,
        actor,
        action: "fraud_sign.verdict",
        subject: format!("fraud sign {}", given.sign.id),
        before: before
            .map(|verdict| json!({ "conclusion": verdict.conclusion.as_str() }).to_string()),
        after: Some(after.to_string()),
    };
    audit::record(&mut transaction, record).await?;
    transaction.commit().await?;
    Ok(())
}

/// All verdicts on a sign, the oldest first.
pub(in crate::fraud_signs) async fn verdicts_of(
    store: &Store,
    sign: i64,
) -> Result<Vec<Verdict>, SignError> {
    let text = format!("SELECT {COLUMNS} FROM fraud_verdict WHERE sign = $1 ORDER BY id");
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).bind(sign).fetch_all(store.reader()).await?;
    rows.iter().map(read).collect()
}

/// The verdict that holds for each sign that has one.
pub(in crate::fraud_signs) async fn newest_verdicts(
    store: &Store,
) -> Result<HashMap<i64, Verdict>, SignError> {
    let text = format!(
        "SELECT {COLUMNS} FROM fraud_verdict WHERE id IN \
         (SELECT MAX(id) FROM fraud_verdict GROUP BY sign)"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(store.reader()).await?;
    let verdicts: Vec<Verdict> = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(verdicts.into_iter().map(|verdict| (verdict.sign, verdict)).collect())
}

/// How the signs of each detector were judged: by the verdict that holds.
pub(in crate::fraud_signs) async fn records(
    store: &Store,
) -> Result<BTreeMap<Detector, Record>, SignError> {
    let rows = sqlx::query(
        "SELECT s.detector, v.conclusion, COUNT(*) FROM fraud_verdict v \
         JOIN fraud_sign s ON s.id = v.sign \
         WHERE v.id IN (SELECT MAX(id) FROM fraud_verdict GROUP BY sign) \
         GROUP BY s.detector, v.conclusion",
    )
    .fetch_all(store.reader())
    .await?;
    let mut records: BTreeMap<Detector, Record> = BTreeMap::new();
    for row in &rows {
        let (detector, conclusion): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let detector = Detector::parse(&detector).ok_or_else(|| wrong("detector", &detector))?;
        let place = Conclusion::ALL.iter().position(|one| one.as_str() == conclusion);
        let place = place.ok_or_else(|| wrong("conclusion", &conclusion))?;
        records.entry(detector).or_default().counts[place] = row.try_get(2)?;
    }
    Ok(records)
}

/// The days on which officers were at an outlet, as verdicts on its signs tell.
pub(in crate::fraud_signs) async fn visits(
    store: &Store,
) -> Result<Vec<(PointId, Date)>, SignError> {
    let rows = sqlx::query(
        "SELECT DISTINCT s.point, v.visited_on FROM fraud_verdict v \
         JOIN fraud_sign s ON s.id = v.sign WHERE v.visited_on IS NOT NULL",
    )
    .fetch_all(store.reader())
    .await?;
    rows.iter()
        .map(|row| {
            let day: String = row.try_get(1)?;
            let day = day.parse().map_err(|_| wrong("day", &day))?;
            Ok((PointId(row.try_get(0)?), day))
        })
        .collect()
}

fn read(row: &AnyRow) -> Result<Verdict, SignError> {
    let conclusion: String = row.try_get("conclusion")?;
    let visited_on: Option<String> = row.try_get("visited_on")?;
    let day = |text: String| text.parse().map_err(|_| wrong("day", &text));
    Ok(Verdict {
        id: row.try_get("id")?,
        sign: row.try_get("sign")?,
        conclusion: Conclusion::parse(&conclusion)
            .ok_or_else(|| wrong("conclusion", &conclusion))?,
        visited_on: visited_on.map(day).transpose()?,
        note: row.try_get("note")?,
        sign_ended_at: second(row.try_get("sign_ended_at")?)?,
        given_at: millisecond(row.try_get("given_at")?)?,
        user: row.try_get::<Option<i64>, _>("user_id")?.map(UserId),
        who: row.try_get("who")?,
    })
}
