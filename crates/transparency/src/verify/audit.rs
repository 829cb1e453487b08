//! Audit records against their salted digests.

use super::{Finding, Work};
use crate::sequencer::audit_text;
use crate::store::{audit_secrets, gaps, logged_audit};
use crate::{Entry, Hash, LogError, Logged};
use ::store::Store;
use authority::{AuthorityError, Recorded};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Records read at once.
const AT_ONCE: u32 = 1000;

impl Work<'_> {
    /// Computes the digests of the audit records among these entries.
    pub(super) async fn audit(&mut self, entries: &[(Logged, Entry)]) -> Result<(), LogError> {
        let wanted: BTreeMap<i64, Hash> = entries
            .iter()
            .filter_map(|(_, entry)| match entry {
                Entry::Audit { record, digest } => Some((*record, *digest)),
                _ => None,
            })
            .collect();
        let (Some((first, _)), Some((last, _))) =
            (wanted.first_key_value(), wanted.last_key_value())
        else {
            return Ok(());
        };
        let secrets = audit_secrets(self.store, *first, *last).await?;
        let texts = texts(self.store, *first, *last).await?;
        for (record, digest) in wanted {
            let found = match (secrets.get(&record), texts.get(&record)) {
                (_, None) => Finding::audit_missing(record),
                (None, _) => Finding::audit_salt(record),
                (_, Some(None)) => Finding::audit_unreadable(record),
                (Some(secret), Some(Some(text))) => {
                    if Hash::of(&[&secret.salt, text.as_bytes()]) == digest {
                        continue;
                    }
                    Finding::audit_changed(record)
                }
            };
            self.report.found(found);
        }
        Ok(())
    }

    /// Names the records up to the last one looked at that the log does not hold.
    pub(super) async fn unlogged_audit(&mut self, until: i64) -> Result<(), LogError> {
        let waiting: HashSet<i64> =
            gaps(self.store).await?.into_iter().map(|(record, _)| record).collect();
        let mut after = i64::MIN;
        loop {
            let mut numbers = authority::audit::numbers_after(self.store, after, AT_ONCE).await?;
            numbers.retain(|record| *record <= until);
            let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
                return Ok(());
            };
            let known = logged_audit(self.store, *first, *last).await?;
            for record in &numbers {
                if !known.contains(record) && !waiting.contains(record) {
                    self.report.found(Finding::audit_unlogged(*record));
                }
            }
            after = *last;
        }
    }
}

/// The canonical texts of the records of these numbers, both ends included; `None` where a record
/// is there and cannot be read.
async fn texts(
    store: &Store,
    first: i64,
    last: i64,
) -> Result<HashMap<i64, Option<String>>, LogError> {
    let mut texts = HashMap::new();
    let mut after = first - 1;
    while after < last {
        let numbers = authority::audit::numbers_after(store, after, AT_ONCE).await?;
        let Some(end) = numbers.last() else { break };
        let text = |record: &Recorded| (record.id, Some(audit_text(record)));
        match readable(authority::audit::after(store, after, AT_ONCE).await)? {
            Some(records) => texts.extend(records.iter().map(text)),
            None => {
                for number in &numbers {
                    let found = authority::audit::after(store, number - 1, 1).await;
                    let found = readable(found)?.unwrap_or_default();
                    texts.insert(*number, found.first().map(audit_text));
                }
            }
        }
        after = *end;
    }
    Ok(texts)
}

/// `None` where the store answers with something that is no record.
fn readable(
    found: Result<Vec<Recorded>, AuthorityError>,
) -> Result<Option<Vec<Recorded>>, LogError> {
    match found {
        Ok(records) => Ok(Some(records)),
        Err(
            AuthorityError::Stored(_) | AuthorityError::Database(sqlx::Error::ColumnDecode { .. }),
        ) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
