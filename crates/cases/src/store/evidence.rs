//! The rows of files.

use super::{Into, by_numbers, stored, time, time_or_none, wrong};
use crate::{ActedAs, CaseError, CaseId, EvidenceId};
use ::evidence::Digest;
use ::store::{Store, Transaction};
use authority::UserId;
use caseflow::Visibility;
use jiff::Timestamp;
use rulebook::Decimal;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// A file as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileRow {
    pub(crate) id: EvidenceId,
    pub(crate) case: CaseId,
    /// Its own entry of the timeline.
    pub(crate) sequence: i64,
    /// The entry of the act with which it came.
    pub(crate) act: Option<i64>,
    pub(crate) name: String,
    pub(crate) size: i64,
    pub(crate) media_type: String,
    pub(crate) digest: Digest,
    pub(crate) thumbnail: Option<Digest>,
    pub(crate) public_copy: Option<Digest>,
    pub(crate) location: Option<(Decimal, Decimal)>,
    pub(crate) taken_at: Option<Timestamp>,
    pub(crate) at: Timestamp,
    pub(crate) who: String,
    pub(crate) as_who: ActedAs,
    pub(crate) user: Option<UserId>,
    pub(crate) visibility: Visibility,
}

const FILE: Into = Into {
    table: "case_evidence",
    columns: &[
        "id",
        "case_id",
        "sequence",
        "act",
        "name",
        "size",
        "media_type",
        "digest",
        "thumbnail",
        "public_copy",
        "longitude",
        "latitude",
        "taken_at",
        "at",
        "who",
        "as_who",
        "user_id",
        "visibility",
    ],
    tail: "",
};

/// Writes files down.
pub(crate) async fn insert(
    transaction: &mut Transaction,
    files: &[FileRow],
) -> Result<(), CaseError> {
    let bytes = |digest: &Digest| digest.as_bytes().to_vec();
    FILE.insert(transaction, files, |query, file| {
        query
            .bind(file.id.0)
            .bind(file.case.0)
            .bind(file.sequence)
            .bind(file.act)
            .bind(file.name.clone())
            .bind(file.size)
            .bind(file.media_type.clone())
            .bind(bytes(&file.digest))
            .bind(file.thumbnail.as_ref().map(bytes))
            .bind(file.public_copy.as_ref().map(bytes))
            .bind(file.location.map(|(longitude, _)| longitude.to_string()))
            .bind(file.location.map(|(_, latitude)| latitude.to_string()))
            .bind(stored(file.taken_at))
            .bind(file.at.as_millisecond())
            .bind(file.who.clone())
            .bind(file.as_who.as_str())
            .bind(file.user.map(|user| user.0))
            .bind(file.visibility.as_str())
    })
    .await
}

/// Notes with which act a file came.
pub(crate) async fn set_act(
    transaction: &mut Transaction,
    id: EvidenceId,
    act: i64,
) -> Result<(), CaseError> {
    sqlx::query("UPDATE case_evidence SET act = $1 WHERE id = $2")
        .bind(act)
        .bind(id.0)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

const COLUMNS: &str = "id, case_id, sequence, act, name, size, media_type, digest, thumbnail, \
    public_copy, longitude, latitude, taken_at, at, who, as_who, user_id, visibility";

/// Files by their ids.
pub(crate) async fn by_ids(
    connection: &mut sqlx::AnyConnection,
    ids: &[i64],
) -> Result<Vec<FileRow>, CaseError> {
    let text = format!("SELECT {COLUMNS} FROM case_evidence WHERE id IN ({{}})");
    let mut files = by_numbers(connection, &text, ids)
        .await?
        .iter()
        .map(read)
        .collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(|file| file.id);
    files.dedup_by_key(|file| file.id);
    Ok(files)
}

/// The files of cases, in the order in which they came.
pub(crate) async fn of_case(store: &Store, case: CaseId) -> Result<Vec<FileRow>, CaseError> {
    let text = format!("SELECT {COLUMNS} FROM case_evidence WHERE case_id = $1 ORDER BY id");
    let rows =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(case.0).fetch_all(store.reader()).await?;
    rows.iter().map(read).collect()
}

/// One file.
pub(crate) async fn one(store: &Store, id: EvidenceId) -> Result<Option<FileRow>, CaseError> {
    let mut connection = store.reader().acquire().await?;
    Ok(by_ids(&mut connection, &[id.0]).await?.pop())
}

/// Every digest that the store speaks of: what `evidence` must have.
pub(crate) async fn digests(store: &Store) -> Result<Vec<Digest>, CaseError> {
    let rows = sqlx::query("SELECT digest, thumbnail, public_copy FROM case_evidence")
        .fetch_all(store.reader())
        .await?;
    let mut digests = Vec::new();
    for row in &rows {
        for column in 0..3 {
            let bytes: Option<Vec<u8>> = row.try_get(column)?;
            digests.extend(bytes.map(|bytes| digest(&bytes)).transpose()?);
        }
    }
    digests.sort_unstable();
    digests.dedup();
    Ok(digests)
}

fn digest(bytes: &[u8]) -> Result<Digest, CaseError> {
    Digest::from_slice(bytes).ok_or_else(|| wrong("digest of", bytes.len()))
}

fn read(row: &AnyRow) -> Result<FileRow, CaseError> {
    let maybe_digest = |column: usize| {
        let bytes: Option<Vec<u8>> = row.try_get(column)?;
        bytes.map(|bytes| digest(&bytes)).transpose()
    };
    let (as_who, visibility): (String, String) = (row.try_get(15)?, row.try_get(17)?);
    let own: Vec<u8> = row.try_get(7)?;
    let degrees = |column: usize| {
        let text: Option<String> = row.try_get(column)?;
        text.map(|text| text.parse::<Decimal>().map_err(|_| wrong("place", &text))).transpose()
    };
    let longitude: Option<Decimal> = degrees(10)?;
    Ok(FileRow {
        id: EvidenceId(row.try_get(0)?),
        case: CaseId(row.try_get(1)?),
        sequence: row.try_get(2)?,
        act: row.try_get(3)?,
        name: row.try_get(4)?,
        size: row.try_get(5)?,
        media_type: row.try_get(6)?,
        digest: digest(&own)?,
        thumbnail: maybe_digest(8)?,
        public_copy: maybe_digest(9)?,
        location: longitude.zip(degrees(11)?),
        taken_at: time_or_none(row.try_get(12)?)?,
        at: time(row.try_get(13)?)?,
        who: row.try_get(14)?,
        as_who: ActedAs::parse(&as_who).ok_or_else(|| wrong("actor", &as_who))?,
        user: row.try_get::<Option<i64>, _>(16)?.map(UserId),
        visibility: Visibility::parse(&visibility)
            .ok_or_else(|| wrong("visibility", &visibility))?,
    })
}

/// The digests of all files of cases, with thumbnails and copies: what has to stand in the folder
/// of evidence.
///
/// # Errors
/// When the store cannot be read.
pub async fn kept_files(store: &Store) -> Result<Vec<Digest>, CaseError> {
    let rows = sqlx::query("SELECT digest, thumbnail, public_copy FROM case_evidence")
        .fetch_all(store.reader())
        .await?;
    let mut digests = Vec::with_capacity(rows.len());
    for row in &rows {
        for column in 0..3 {
            let Some(bytes) = row.try_get::<Option<Vec<u8>>, _>(column)? else { continue };
            let digest = Digest::from_slice(&bytes);
            digests.push(digest.ok_or_else(|| wrong("the digest of a file", bytes.len()))?);
        }
    }
    Ok(digests)
}
