//! Recent rows and history read as one.
//!
//! The recent rows are read first, then the manifest. A move makes its files part of the manifest
//! before it deletes the recent rows, so a row is seen in one place or in both, never in none; one
//! that stands in both is the same row, or the recent one is the newer.

use super::OpenPart;
use super::manifest::{
    HeldPart, Manifest, already_open, forget_open, manifest_now, manifest_of, open_part,
};
use super::tasks::each;
use crate::error::ObservationError;
use crate::model::{Row, RowKey};
use ::store::Store;
use jiff::Timestamp;
use registry::PointId;
use rulebook::Period;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

type Result<T> = std::result::Result<T, ObservationError>;

/// A file that was replaced while it was to be read is looked for again so often.
const ATTEMPTS: u32 = 4;

/// Does something with the manifest, and again with a newer one where a file has gone meanwhile.
///
/// The work takes its manifest for itself: a future that borrowed it could be sent to no other
/// thread (the compiler cannot say so for every lifetime).
async fn with_manifest<T, Work: Future<Output = Result<T>>>(
    store: &Store,
    version: Option<i64>,
    work: impl Fn(Arc<Manifest>) -> Work,
) -> Result<T> {
    let mut manifest = match version {
        Some(version) => manifest_of(store, version).await?,
        None => manifest_now(store).await?,
    };
    for _ in 1..ATTEMPTS {
        match work(Arc::clone(&manifest)).await {
            Err(error) if error.is_missing() => {
                let newer = manifest_now(store).await?;
                if newer.version == manifest.version {
                    return Err(error);
                }
                manifest = newer;
            }
            done => return done,
        }
    }
    work(manifest).await
}

/// What a part answers; a part whose files are gone is let go of.
async fn of_part<T, Ask: Future<Output = std::result::Result<T, super::FormatError>>>(
    store: &Store,
    part: &HeldPart,
    ask: impl FnOnce(Arc<OpenPart>) -> Ask,
) -> Result<T> {
    let answer = ask(open_part(store, part).await?).await.map_err(ObservationError::from);
    if answer.as_ref().is_err_and(ObservationError::is_missing) {
        forget_open(store, part.id);
    }
    answer
}

/// The current parts that may hold rows of some points (of all where none are named) in a time,
/// opened, in the order of time. Whoever wants the recent rows, too, reads those first.
///
/// # Errors
/// When manifest or files cannot be read.
pub async fn parts(
    store: &Store,
    period: Period,
    range: Range<Timestamp>,
    points: Option<&[PointId]>,
) -> Result<Vec<Arc<OpenPart>>> {
    let range = &range;
    with_manifest(store, None, |manifest| async move {
        let held = manifest.parts(period, range, points);
        // Reading a footer takes a processor; looking up one that has been read does not.
        if let Some(open) = held.iter().map(|part| already_open(store, part)).collect() {
            return Ok(open);
        }
        each(held, |part| {
            let store = store.clone();
            async move { open_part(&store, &part).await }
        })
        .await
    })
    .await
}

/// Adds to recent rows of a point, oldest first, what the history has in the same time.
pub(crate) async fn complete(
    store: &Store,
    version: Option<i64>,
    (point, period): (PointId, Period),
    range: Range<Timestamp>,
    recent: Vec<Row>,
) -> Result<Vec<Row>> {
    let range = &range;
    let held = with_manifest(store, version, |manifest| async move {
        let rows = each(manifest.parts(period, range, Some(&[point])), |part| {
            let (store, range) = (store.clone(), range.clone());
            async move {
                of_part(&store, &part, |open| async move { open.rows(point, range).await }).await
            }
        });
        Ok(rows.await?.into_iter().flatten().collect::<Vec<_>>())
    })
    .await?;
    Ok(merge(recent, held, Row::cmp_time))
}

/// Adds to the newest recent rows of a point, newest first, those that the history has.
pub(crate) async fn complete_newest(
    store: &Store,
    version: Option<i64>,
    (point, period): (PointId, Period),
    before: Timestamp,
    limit: usize,
    recent: Vec<Row>,
) -> Result<Vec<Row>> {
    // Nothing older than the last of enough recent rows can be asked for.
    let from = recent.get(limit.saturating_sub(1)).map_or(Timestamp::MIN, |row| row.observed_at);
    let held = with_manifest(store, version, |manifest| async move {
        let mut rows: Vec<Row> = Vec::new();
        let mut parts = manifest.parts(period, &(from..before), Some(&[point]));
        // The newest month first: parts of one month hold different points.
        parts.reverse();
        for part in parts {
            let missing = limit.saturating_sub(rows.len());
            if missing == 0 {
                break;
            }
            let found = of_part(store, &part, |open| async move {
                open.newest_rows(point, before, missing).await
            });
            rows.extend(found.await?);
        }
        Ok(rows)
    })
    .await?;
    let mut all = merge(recent, held, |one, other| other.cmp_time(one));
    all.truncate(limit);
    Ok(all)
}

/// The first moment of which the history has a row of a point, if it is before what is known.
pub(crate) async fn oldest(
    store: &Store,
    version: i64,
    point: PointId,
    period: Period,
    known: Option<Timestamp>,
) -> Result<Option<Timestamp>> {
    let range = Timestamp::MIN..known.unwrap_or(Timestamp::MAX);
    let range = &range;
    let found = with_manifest(store, Some(version), |manifest| async move {
        for part in manifest.parts(period, range, Some(&[point])) {
            let open = open_part(store, &part).await?;
            if let Some(first) = open.oldest(point) {
                return Ok(Some(first));
            }
        }
        Ok(None)
    })
    .await?;
    Ok(found.into_iter().chain(known).min())
}

/// The last commit of which the history has a row of a point in a time, if it is after `known`.
pub(crate) async fn last_block(
    store: &Store,
    version: i64,
    (point, period): (PointId, Period),
    range: Range<Timestamp>,
    known: i64,
) -> Result<i64> {
    let range = &range;
    let found = with_manifest(store, Some(version), |manifest| async move {
        let mut last = known;
        for part in manifest.parts(period, range, Some(&[point])) {
            // A sealed month holds no later commit: nothing to learn where a later one is known.
            let sealed = manifest.of(period).get(&part.month).map_or(i64::MAX, |m| m.sealed_block);
            if sealed > last {
                let range = range.clone();
                let block =
                    of_part(
                        store,
                        &part,
                        |open| async move { open.last_block(point, range).await },
                    );
                last = last.max(block.await?);
            }
        }
        Ok(last)
    });
    found.await
}

/// Adds to the recent rows of some keys those that only the history has.
pub(crate) async fn complete_keys(
    store: &Store,
    keys: &[RowKey],
    mut recent: Vec<Row>,
) -> Result<Vec<Row>> {
    let found: HashSet<RowKey> = recent.iter().map(Row::key).collect();
    let missing: Vec<RowKey> = keys.iter().filter(|key| !found.contains(key)).copied().collect();
    if missing.is_empty() {
        return Ok(recent);
    }
    let missing = &missing;
    let held = with_manifest(store, None, |manifest| async move {
        Ok(held_at(store, &manifest, missing).await?.into_values().collect::<Vec<_>>())
    });
    recent.extend(held.await?);
    Ok(recent)
}

/// The rows that the history has for some keys.
pub(crate) async fn held_at(
    store: &Store,
    manifest: &Manifest,
    keys: &[RowKey],
) -> Result<HashMap<RowKey, Row>> {
    let mut by_part: HashMap<i64, (Arc<HeldPart>, Vec<RowKey>)> = HashMap::new();
    for key in keys {
        let at = key.observed_at;
        let Ok(after) = at.checked_add(jiff::SignedDuration::from_secs(1)) else { continue };
        for part in manifest.parts(key.period, &(at..after), Some(&[key.point])) {
            by_part.entry(part.id).or_insert_with(|| (part, Vec::new())).1.push(*key);
        }
    }
    let mut rows = HashMap::new();
    for (part, keys) in by_part.into_values() {
        let found = of_part(store, &part, |open| async move { open.rows_at(&keys).await }).await?;
        rows.extend(found.into_iter().map(|row| (row.key(), row)));
    }
    Ok(rows)
}

/// Unites two sorted lists; of a row that stands in both, the later version is taken.
pub(crate) fn merge(
    recent: Vec<Row>,
    held: Vec<Row>,
    order: impl Fn(&Row, &Row) -> Ordering,
) -> Vec<Row> {
    if held.is_empty() {
        return recent;
    }
    if recent.is_empty() {
        return held;
    }
    let mut all = Vec::with_capacity(recent.len() + held.len());
    let (mut recent, mut held) = (recent.into_iter().peekable(), held.into_iter().peekable());
    loop {
        let next = match (recent.peek(), held.peek()) {
            (Some(one), Some(other)) => match order(one, other) {
                Ordering::Less => recent.next(),
                Ordering::Greater => held.next(),
                Ordering::Equal => {
                    let (one, other) = (recent.next(), held.next());
                    if other.as_ref().map(|row| row.version) > one.as_ref().map(|row| row.version) {
                        other
                    } else {
                        one
                    }
                }
            },
            (Some(_), None) => recent.next(),
            (None, _) => held.next(),
        };
        match next {
            Some(row) => all.push(row),
            None => return all,
        }
    }
}
