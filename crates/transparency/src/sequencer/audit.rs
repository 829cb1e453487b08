//! Audit records as entries.

use crate::store::{Batch, Cursors, Move, NewEntry, Secret, cursor, gaps};
use crate::{Entry, Hash, LogError, canonical, secret};
use ::store::Store;
use authority::Recorded;
use jiff::Timestamp;
use serde_json::json;

/// Records read at once.
const AT_ONCE: u32 = 256;
/// A number that was passed over is looked for so long: no transaction lives longer.
const GAP_MS: i64 = 3_600_000;
/// Numbers noted of one gap: more are never under way at once.
const GAP_NUMBERS: i64 = 1000;

/// The canonical text of a record, over which with its salt the digest is made.
pub(crate) fn audit_text(record: &Recorded) -> String {
    canonical(&json!({
        "id": record.id,
        "at_ms": record.at.as_millisecond(),
        "user": record.user.map(|user| user.0),
        "who": record.who,
        "origin": record.origin,
        "on_behalf_of": record.on_behalf_of,
        "action": record.action,
        "subject": record.subject,
        "rule": record.rule,
        "before": record.before,
        "after": record.after,
    }))
}

/// Gathers records; says whether there may be more.
pub(super) async fn gather(
    store: &Store,
    cursors: &Cursors,
    now: Timestamp,
    batch: &mut Batch,
) -> Result<bool, LogError> {
    late(store, now, batch).await?;
    let from = cursors.get(cursor::AUDIT);
    let records = authority::audit::after(store, from, AT_ONCE).await?;
    let mut last = from;
    for record in &records {
        // Numbers between may belong to transactions that are not committed yet.
        batch.gaps_seen.extend((last + 1).max(record.id - GAP_NUMBERS)..record.id);
        last = record.id;
        batch.entries.push(entry(record)?);
    }
    if last > from {
        batch.moves.push(Move { name: cursor::AUDIT.to_owned(), from, to: last });
    }
    Ok(records.len() == AT_ONCE as usize)
}

/// Records whose numbers were passed over and that have come since.
async fn late(store: &Store, now: Timestamp, batch: &mut Batch) -> Result<(), LogError> {
    for (number, seen_at) in gaps(store).await? {
        let found = authority::audit::after(store, number - 1, 1).await?;
        if let Some(record) = found.iter().find(|record| record.id == number) {
            batch.entries.push(entry(record)?);
            batch.gaps_closed.push(number);
        } else if now.as_millisecond() - seen_at > GAP_MS {
            batch.gaps_closed.push(number);
        }
    }
    Ok(())
}

fn entry(record: &Recorded) -> Result<NewEntry, LogError> {
    let salt = secret()?;
    let digest = Hash::of(&[&salt, audit_text(record).as_bytes()]);
    let entry = Entry::Audit { record: record.id, digest };
    Ok(NewEntry { entry, secret: Secret::Audit { salt } })
}
