//! Published figures as entries.

use super::Sequencer;
use crate::figure::{figure_of, point_name};
use crate::store::{Batch, Confirmed, Cursors, Move, NewEntry, Secret, cursor, figure_last};
use crate::{Entry, LogError};
use ::store::Store;
use evaluation::{EvaluationError, StoredVerdict};
use observations::history::{Month, forgotten_months};
use observations::{ObservationError, Row, RowKey};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Commits looked at in one step …
const COMMITS_AT_ONCE: u32 = 256;
/// … as far as they touch fewer published rows than this.
const ROWS_AT_ONCE: usize = 256;

impl Sequencer {
    /// Gathers figures whose rows were touched and judged; says whether there may be more.
    pub(super) async fn gather_figures(
        &self,
        cursors: &Cursors,
        batch: &mut Batch,
    ) -> Result<bool, LogError> {
        let name = cursor::figures(&self.publications);
        let from = cursors.get(&name);
        let judged = evaluation::judged_until(&self.store).await?;
        if judged <= from {
            return Ok(false);
        }
        let snapshot = self.registry.snapshot();
        let touched = observations::touched_since(&self.store, from, COMMITS_AT_ONCE).await?;
        let (mut keys, mut last) = (BTreeSet::new(), from);
        for (block, rows) in touched {
            if block > judged || keys.len() >= ROWS_AT_ONCE {
                break;
            }
            last = block;
            let is_published = |key: &RowKey| {
                let point = snapshot.point(key.point);
                point.is_some_and(|point| self.publications.of(point.kind(), key.period).is_some())
            };
            keys.extend(rows.into_iter().filter(is_published));
        }
        if last == from {
            return Ok(false);
        }
        let keys: Vec<RowKey> = keys.into_iter().collect();
        let rows = rows_of(&self.store, &keys).await?;
        let forgotten = if rows.len() < keys.len() {
            forgotten_months(&self.store).await?
        } else {
            HashSet::new()
        };
        for key in keys {
            match rows.get(&key) {
                Some(Ok(row)) => self.figure(row, batch).await?,
                None if forgotten.contains(&(key.period, Month::of(key.observed_at))) => {}
                None | Some(Err(_)) => {
                    let (point, at) = (key.point.0, key.observed_at);
                    tracing::error!(point, %at, "a row is unreadable");
                }
            }
        }
        batch.moves.push(Move { name, from, to: last });
        Ok(last < judged)
    }

    /// Adds the entry of a row, unless the log says the same already.
    async fn figure(&self, row: &Row, batch: &mut Batch) -> Result<(), LogError> {
        let snapshot = self.registry.snapshot();
        let Some(point) = snapshot.point(row.point) else { return Ok(()) };
        let Some(publication) = self.publications.of(point.kind(), row.period) else {
            return Ok(());
        };
        let Ok(stored) = verdict_of(&self.store, publication.rule(), row.key()).await? else {
            tracing::error!(point = row.point.0, at = %row.observed_at, "a verdict is unreadable");
            return Ok(());
        };
        let verdict = stored.as_ref().map(|stored| &stored.verdict);
        let figure = figure_of(publication, &snapshot, point_name(point), row, verdict);
        let (key, edition) = (row.key(), publication.edition());
        let before = figure_last(&self.store, key).await?;
        let version = before.as_ref().map_or(1, |before| before.version + 1);
        let entry = figure.entry(version, stored.as_ref());
        if let Some(before) = before
            && says_the_same(&before.entry()?, &entry)
        {
            batch.confirmed.push(Confirmed { row: key, version: before.version, edition });
            return Ok(());
        }
        let verdict = stored.map(|stored| (stored.id, stored.version));
        let row_version = i64::from(row.version);
        let secret = Secret::Figure { row: key, edition, row_version, verdict };
        batch.entries.push(NewEntry { entry, secret });
        Ok(())
    }
}

fn says_the_same(one: &Entry, other: &Entry) -> bool {
    match (one, other) {
        (
            Entry::Figure { digest, verdict, .. },
            Entry::Figure { digest: other, verdict: other_verdict, .. },
        ) => digest == other && verdict == other_verdict,
        _ => false,
    }
}

/// The rows of these keys; each is an error where its bytes cannot be unpacked.
pub(crate) async fn rows_of(
    store: &Store,
    keys: &[RowKey],
) -> Result<HashMap<RowKey, Result<Row, ObservationError>>, LogError> {
    let with_key = |row: Row| (row.key(), Ok(row));
    match observations::rows_at(store, keys).await {
        Ok(rows) => return Ok(rows.into_iter().map(with_key).collect()),
        Err(error) if error.is_damage() => {}
        Err(error) => return Err(error.into()),
    }
    // One of them is damaged: the others are not to suffer.
    let mut found = HashMap::new();
    for key in keys {
        match observations::rows_at(store, &[*key]).await {
            Ok(rows) => found.extend(rows.into_iter().map(with_key)),
            Err(error) if error.is_damage() => drop(found.insert(*key, Err(error))),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// The verdict on a row; the inner error where what is stored cannot be read.
pub(crate) async fn verdict_of(
    store: &Store,
    rule: &str,
    key: RowKey,
) -> Result<Result<Option<StoredVerdict>, EvaluationError>, LogError> {
    match evaluation::verdict_on(store, rule, key).await {
        Ok(found) => Ok(Ok(found)),
        Err(error @ EvaluationError::Content { .. }) => Ok(Err(error)),
        Err(error) => Err(error.into()),
    }
}
