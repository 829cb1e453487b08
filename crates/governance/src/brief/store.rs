//! Which briefs were issued.

use crate::GovernanceError;
use ::store::{Store, Transaction};
use evidence::Digest;
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// A brief that was issued.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Its number.
    pub id: i64,
    /// The year and month that it tells of.
    pub month: (i16, i8),
    /// The version of that month, from 1.
    pub version: i64,
    /// When.
    pub issued_at: Timestamp,
    /// By whom; the platform itself by the calendar.
    pub who: String,
    /// The Word file.
    pub word: Digest,
    /// The PDF; none where the installation had no fonts.
    pub pdf: Option<Digest>,
    /// The audit record with both digests, which stands in the public log.
    pub audit: i64,
}

fn issued(row: &AnyRow) -> Result<Issued, GovernanceError> {
    let id: i64 = row.try_get("id")?;
    let broken = || GovernanceError::Kept(format!("the brief {id}"));
    let digest = |text: String| Digest::parse(&text).ok_or_else(broken);
    let year = i16::try_from(row.try_get::<i64, _>("year")?).map_err(|_| broken())?;
    let month = i8::try_from(row.try_get::<i64, _>("month")?).map_err(|_| broken())?;
    Ok(Issued {
        id,
        month: (year, month),
        version: row.try_get("version")?,
        issued_at: Timestamp::from_millisecond(row.try_get("issued_at")?).map_err(|_| broken())?,
        who: row.try_get("who")?,
        word: digest(row.try_get("word")?)?,
        pdf: row.try_get::<Option<String>, _>("pdf")?.map(digest).transpose()?,
        audit: row.try_get("audit")?,
    })
}

const COLUMNS: &str = "id, year, month, version, issued_at, who, word, pdf, audit";

/// Every brief that was issued, the newest month and version first.
pub(super) async fn all(store: &Store) -> Result<Vec<Issued>, GovernanceError> {
    let text =
        format!("SELECT {COLUMNS} FROM brief_issue ORDER BY year DESC, month DESC, version DESC");
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(store.reader()).await?;
    rows.iter().map(issued).collect()
}

/// The next version of a month.
pub(super) async fn next_version(
    transaction: &mut Transaction,
    (year, month): (i16, i8),
) -> Result<i64, GovernanceError> {
    let row = sqlx::query(
        "SELECT COALESCE(MAX(version), 0) + 1 FROM brief_issue WHERE year = $1 AND month = $2",
    )
    .bind(i64::from(year))
    .bind(i64::from(month))
    .fetch_one(&mut **transaction)
    .await?;
    Ok(row.try_get(0)?)
}

/// Writes down that a brief was issued.
pub(super) async fn add(
    transaction: &mut Transaction,
    issued: &Issued,
) -> Result<(), GovernanceError> {
    sqlx::query(
        "INSERT INTO brief_issue (year, month, version, issued_at, who, word, pdf, audit) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(i64::from(issued.month.0))
    .bind(i64::from(issued.month.1))
    .bind(issued.version)
    .bind(issued.issued_at.as_millisecond())
    .bind(issued.who.clone())
    .bind(issued.word.to_string())
    .bind(issued.pdf.map(|pdf| pdf.to_string()))
    .bind(issued.audit)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The digests of the files of all briefs that were issued.
///
/// # Errors
/// When the store cannot be read.
pub async fn kept_files(store: &Store) -> Result<Vec<Digest>, GovernanceError> {
    let issued = all(store).await?;
    Ok(issued.into_iter().flat_map(|one| [Some(one.word), one.pdf]).flatten().collect())
}
