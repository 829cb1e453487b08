//! Whether what is stored can be so: the commit log without holes and readable, rows readable and
//! of commits that are there, revisions complete.

use super::{last_block, received_at};
use crate::block::{decompress, unpack_keys};
use crate::error::ObservationError;
use crate::model::RowKey;
use crate::packing::unpack;
use jiff::Timestamp;
use registry::PointId;
use rulebook::Period;
use sqlx::Row as _;
use store::Store;

type Result<T> = std::result::Result<T, ObservationError>;

/// Something in the store that cannot be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// What it is about: `commit 17`, `row 3/hour/2026-01-01T00:00:00Z`.
    pub subject: String,
    /// What is wrong with it.
    pub what: String,
}

impl Flaw {
    fn new(subject: impl Into<String>, what: impl Into<String>) -> Self {
        Self { subject: subject.into(), what: what.into() }
    }
}

/// Commits, or rows, read at once.
const AT_ONCE: i64 = 64;
const ROWS_AT_ONCE: i64 = 2048;

/// Reads every commit of the log: none is missing, each unpacks, holds as many packets and bytes as
/// it says, and names the rows that it touched. `told` hears how many are done and how many there
/// are.
///
/// # Errors
/// When the store cannot be read.
pub async fn examine_commits(store: &Store, mut told: impl FnMut(u64, u64)) -> Result<Vec<Flaw>> {
    let last = last_block(store).await?;
    let mut flaws = Vec::new();
    let mut due = 1;
    loop {
        let rows = sqlx::query(
            "SELECT id, packets, size, codec, touched, bytes, first_received_at, last_received_at \
             FROM raw_block WHERE id >= $1 ORDER BY id LIMIT $2",
        )
        .bind(due)
        .bind(AT_ONCE)
        .fetch_all(store.reader())
        .await?;
        if rows.is_empty() {
            return Ok(flaws);
        }
        for row in rows {
            let id: i64 = row.try_get(0)?;
            if id != due {
                let range = if id == due + 1 { String::new() } else { format!(" to {}", id - 1) };
                flaws.push(Flaw::new(format!("commit {due}{range}"), "is missing"));
            }
            due = id + 1;
            let subject = || format!("commit {id}");
            let bytes: Vec<u8> = row.try_get(5)?;
            match decompress(id, row.try_get(3)?, &bytes) {
                Err(error) => flaws.push(Flaw::new(subject(), error.to_string())),
                Ok(packets) => {
                    let (count, size): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
                    let found: i64 = packets.iter().map(|packet| packet.bytes.len() as i64).sum();
                    if packets.len() as i64 != count || found != size {
                        let what = format!(
                            "should hold {count} packets of {size} bytes and holds {} of {found}",
                            packets.len()
                        );
                        flaws.push(Flaw::new(subject(), what));
                    }
                }
            }
            let touched: Vec<u8> = row.try_get(4)?;
            if let Err(error) = unpack_keys(&touched) {
                flaws.push(Flaw::new(subject(), format!("the rows that it touched: {error}")));
            }
            if received_at(row.try_get(6)?).is_err() || received_at(row.try_get(7)?).is_err() {
                flaws.push(Flaw::new(subject(), "came at a time beyond all years"));
            }
        }
        told((due - 1).unsigned_abs(), last.unsigned_abs());
    }
}

/// Reads every recent row: it unpacks, and the commit that brought it is in the log.
///
/// # Errors
/// When the store cannot be read.
pub async fn examine_rows(store: &Store, mut told: impl FnMut(u64, u64)) -> Result<Vec<Flaw>> {
    let mut last = last_block(store).await?;
    let total: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM observation").fetch_one(store.reader()).await?;
    let (mut flaws, mut done) = (Vec::new(), 0_u64);
    let mut after = (i64::MIN, i64::MIN, i64::MIN);
    loop {
        let rows = sqlx::query(
            "SELECT point, period, observed_at, block, version, payload FROM observation \
             WHERE (point, period, observed_at) > ($1, $2, $3) \
             ORDER BY point, period, observed_at LIMIT $4",
        )
        .bind(after.0)
        .bind(after.1)
        .bind(after.2)
        .bind(ROWS_AT_ONCE)
        .fetch_all(store.reader())
        .await?;
        if rows.is_empty() {
            return Ok(flaws);
        }
        last = last_after(store, last, &rows, 3).await?;
        for row in &rows {
            after = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let (block, version): (i64, i64) = (row.try_get(3)?, row.try_get(4)?);
            let subject = || name(after);
            if key(after).is_none() {
                flaws.push(Flaw::new(subject(), "is of no known period, or beyond all years"));
            }
            if !(1..=last).contains(&block) {
                let what = format!("is of commit {block}, and the log ends with {last}");
                flaws.push(Flaw::new(subject(), what));
            }
            if version < 1 {
                flaws.push(Flaw::new(subject(), format!("has version {version}")));
            }
            if let Err(error) = unpack(&row.try_get::<Vec<u8>, _>(5)?) {
                flaws.push(Flaw::new(subject(), error.to_string()));
            }
        }
        done += rows.len() as u64;
        told(done, total.unsigned_abs().max(done));
    }
}

/// Reads every revision: it unpacks, none is missing between the first version of a row and the one
/// that stands, recent or in the history, and what superseded it is in the log. Of rows in the
/// history that have lost all their revisions nothing is known here.
///
/// # Errors
/// When the store cannot be read.
pub async fn examine_revisions(store: &Store, mut told: impl FnMut(u64, u64)) -> Result<Vec<Flaw>> {
    let mut last = last_block(store).await?;
    let total: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM observation_revision")
        .fetch_one(store.reader())
        .await?;
    let (mut flaws, mut done) = (Vec::new(), 0_u64);
    let mut after = (i64::MIN, i64::MIN, i64::MIN, i64::MIN);
    let mut held = Held::default();
    loop {
        let rows = sqlx::query(
            "SELECT point, period, observed_at, version, block, superseded_by_block, payload \
             FROM observation_revision \
             WHERE (point, period, observed_at, version) > ($1, $2, $3, $4) \
             ORDER BY point, period, observed_at, version LIMIT $5",
        )
        .bind(after.0)
        .bind(after.1)
        .bind(after.2)
        .bind(after.3)
        .bind(ROWS_AT_ONCE)
        .fetch_all(store.reader())
        .await?;
        if rows.is_empty() {
            held.compare(store, &mut flaws).await?;
            flaws.extend(without_revisions(store).await?);
            return Ok(flaws);
        }
        last = last_after(store, last, &rows, 5).await?;
        for row in &rows {
            after = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
            let of = (after.0, after.1, after.2);
            let (block, by): (i64, i64) = (row.try_get(4)?, row.try_get(5)?);
            let subject = || format!("{} version {}", name(of), after.3);
            if !(1..=last).contains(&block) || !(block..=last).contains(&by) {
                let what = format!(
                    "is of commit {block}, superseded by {by}, and the log ends with {last}"
                );
                flaws.push(Flaw::new(subject(), what));
            }
            if let Err(error) = unpack(&row.try_get::<Vec<u8>, _>(6)?) {
                flaws.push(Flaw::new(subject(), error.to_string()));
            }
            held.take(of, after.3, &mut flaws);
        }
        held.compare_most(store, &mut flaws).await?;
        done += rows.len() as u64;
        told(done, total.unsigned_abs().max(done));
    }
}

/// Recent rows that were superseded and lack what they were before.
async fn without_revisions(store: &Store) -> Result<Vec<Flaw>> {
    let rows = sqlx::query(
        "SELECT held.point, held.period, held.observed_at, held.version FROM observation held \
         WHERE held.version > 1 AND NOT EXISTS (SELECT 1 FROM observation_revision earlier \
         WHERE earlier.point = held.point AND earlier.period = held.period \
         AND earlier.observed_at = held.observed_at) \
         ORDER BY held.point, held.period, held.observed_at",
    )
    .fetch_all(store.reader())
    .await?;
    let flaw = |row: &sqlx::any::AnyRow| {
        let of = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let version: i64 = row.try_get(3)?;
        Ok(Flaw::new(name(of), format!("stands in version {version} and has no revision")))
    };
    rows.iter().map(flaw).collect()
}

/// The last commit, read anew where rows are of later ones: the server may go on recording.
async fn last_after(
    store: &Store,
    last: i64,
    rows: &[sqlx::any::AnyRow],
    column: usize,
) -> Result<i64> {
    for row in rows {
        if row.try_get::<i64, _>(column)? > last {
            return last_block(store).await;
        }
    }
    Ok(last)
}

type Numbers = (i64, i64, i64);

/// Rows with revisions, and the last version that was superseded of each.
#[derive(Default)]
struct Held {
    rows: Vec<(Numbers, i64)>,
}

impl Held {
    fn take(&mut self, of: Numbers, version: i64, flaws: &mut Vec<Flaw>) {
        let due = match self.rows.last_mut() {
            Some((key, last)) if *key == of => {
                let due = *last + 1;
                *last = version;
                due
            }
            _ => {
                self.rows.push((of, version));
                1
            }
        };
        if version != due {
            let subject = format!("{} version {due}", name(of));
            flaws.push(Flaw::new(subject, format!("is missing before version {version}")));
        }
    }

    /// Compares all but the last, which may go on.
    async fn compare_most(&mut self, store: &Store, flaws: &mut Vec<Flaw>) -> Result<()> {
        let last = self.rows.pop();
        self.compare(store, flaws).await?;
        self.rows.extend(last);
        Ok(())
    }

    async fn compare(&mut self, store: &Store, flaws: &mut Vec<Flaw>) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let keys: Vec<RowKey> = rows.iter().filter_map(|(of, _)| key(*of)).collect();
        let standing = crate::rows_at(store, &keys).await?;
        let standing: std::collections::HashMap<RowKey, u32> =
            standing.into_iter().map(|row| (row.key(), row.version)).collect();
        for (of, last) in rows {
            let found = key(of).and_then(|key| standing.get(&key).copied());
            let what = match found.map(i64::from) {
                None => "has revisions and does not stand".to_owned(),
                Some(found) if found != last + 1 => {
                    format!("stands in version {found}, and version {last} was superseded last")
                }
                Some(_) => continue,
            };
            flaws.push(Flaw::new(name(of), what));
        }
        Ok(())
    }
}

fn key((point, period, second): Numbers) -> Option<RowKey> {
    Some(RowKey {
        point: PointId(point),
        period: Period::from_code(period)?,
        observed_at: Timestamp::from_second(second).ok()?,
    })
}

/// A row in words: `row 3/hour/2026-01-01T00:00:00Z`.
fn name(of: Numbers) -> String {
    match key(of) {
        Some(key) => {
            format!("row {}/{}/{}", key.point.0, key.period.as_str(), key.observed_at)
        }
        None => format!("row {}/{}/{}", of.0, of.1, of.2),
    }
}
