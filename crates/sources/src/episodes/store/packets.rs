//! Evidence packets that were issued.

use super::{EpisodeError, moment};
use ::store::{Store, Transaction};
use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// An evidence packet that was issued (证据包).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The year of its number.
    pub year: i64,
    /// Its number in the year.
    pub number: i64,
    /// The code that stands at the foot of its pages.
    pub code: String,
    /// The episode.
    pub episode: i64,
    /// What names the content of the episode.
    pub fingerprint: String,
    /// The digest of the file, in hexadecimal digits.
    pub file: String,
    /// The digest of what is signed.
    pub body: String,
    /// How large the file is.
    pub size: u64,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// By whom.
    pub who: String,
    /// The audit record that names its digest.
    pub audit: i64,
}

const COLUMNS: &str =
    "year, number, code, episode, fingerprint, file, body, size, issued_at, who, audit";

/// The next number of a year.
pub(in crate::episodes) async fn next_number(
    transaction: &mut Transaction,
    year: i64,
) -> Result<i64, EpisodeError> {
    let row =
        sqlx::query("SELECT COALESCE(MAX(number), 0) + 1 FROM evidence_packet WHERE year = $1")
            .bind(year)
            .fetch_one(&mut **transaction)
            .await?;
    Ok(row.try_get(0)?)
}

/// Keeps a packet.
pub(in crate::episodes) async fn keep_packet(
    transaction: &mut Transaction,
    packet: &Packet,
) -> Result<(), EpisodeError> {
    sqlx::query(
        "INSERT INTO evidence_packet (year, number, code, episode, fingerprint, file, body, size, \
         issued_at, who, audit) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(packet.year)
    .bind(packet.number)
    .bind(packet.code.clone())
    .bind(packet.episode)
    .bind(packet.fingerprint.clone())
    .bind(packet.file.clone())
    .bind(packet.body.clone())
    .bind(packet.size as i64)
    .bind(packet.issued_at.as_millisecond())
    .bind(packet.who.clone())
    .bind(packet.audit)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The packet that was issued of an episode as it stands.
pub(in crate::episodes) async fn packet_of(
    store: &Store,
    episode: i64,
    fingerprint: &str,
) -> Result<Option<Packet>, EpisodeError> {
    let text = format!(
        "SELECT {COLUMNS} FROM evidence_packet WHERE episode = $1 AND fingerprint = $2 \
         ORDER BY id LIMIT 1"
    );
    let found = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(episode)
        .bind(fingerprint)
        .fetch_optional(store.reader())
        .await?;
    found.as_ref().map(read).transpose()
}

/// All packets that were issued of an episode.
pub(in crate::episodes) async fn packets_of(
    store: &Store,
    episode: i64,
) -> Result<Vec<Packet>, EpisodeError> {
    let text = format!("SELECT {COLUMNS} FROM evidence_packet WHERE episode = $1 ORDER BY id");
    let rows =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(episode).fetch_all(store.reader()).await?;
    rows.iter().map(read).collect()
}

/// The packet of a code.
pub(in crate::episodes) async fn packet_by_code(
    store: &Store,
    code: &str,
) -> Result<Option<Packet>, EpisodeError> {
    one(store, "code", code).await
}

/// The packet whose signed part has this digest.
pub(in crate::episodes) async fn packet_by_body(
    store: &Store,
    body: &str,
) -> Result<Option<Packet>, EpisodeError> {
    one(store, "body", body).await
}

async fn one(
    store: &Store,
    column: &'static str,
    value: &str,
) -> Result<Option<Packet>, EpisodeError> {
    let text = format!("SELECT {COLUMNS} FROM evidence_packet WHERE {column} = $1 LIMIT 1");
    let found =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(value).fetch_optional(store.reader()).await?;
    found.as_ref().map(read).transpose()
}

fn read(row: &AnyRow) -> Result<Packet, EpisodeError> {
    let size: i64 = row.try_get(7)?;
    Ok(Packet {
        year: row.try_get(0)?,
        number: row.try_get(1)?,
        code: row.try_get(2)?,
        episode: row.try_get(3)?,
        fingerprint: row.try_get(4)?,
        file: row.try_get(5)?,
        body: row.try_get(6)?,
        size: size as u64,
        issued_at: moment(row.try_get(8)?)?,
        who: row.try_get(9)?,
        audit: row.try_get(10)?,
    })
}

/// The digests, in hexadecimal digits, of the files of all evidence packets that were issued.
///
/// # Errors
/// When the store cannot be read.
pub async fn kept_files(store: &Store) -> Result<Vec<String>, EpisodeError> {
    let sql = "SELECT file FROM evidence_packet";
    Ok(sqlx::query_scalar(sql).fetch_all(store.reader()).await?)
}
