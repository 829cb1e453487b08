//! Rows are taken: authorised, checked against each other, written with their audit record.

use super::{access, store};
use crate::GovernanceError;
use ::ledger::{Finding, Form, Ledger, Row, Weight, check_rows};
use authority::audit::{Record, record};
use registry::Snapshot;
use rulebook::Text;
use web::{AppState, Problem, SignedIn};

/// What becomes of rows.
pub(super) enum Taken {
    /// So many were new or changed.
    Written(usize),
    /// None: these checks do not hold.
    Refused(Vec<Finding>),
}

/// The code that a text names: itself, or that of the division or department of this name.
pub(super) fn code_of(snapshot: &Snapshot, form: Form, text: &str) -> Option<String> {
    if form == Form::Department {
        let is_it = |it: &&registry::Department| it.code == text || it.name.zh == text;
        return snapshot.departments.iter().find(is_it).map(|it| it.code.clone());
    }
    if let Some(division) = snapshot.divisions.iter().find(|it| it.code == text) {
        return Some(division.code.clone());
    }
    let mut named = snapshot.divisions.iter().filter(|it| it.name.zh == text);
    // A name that two share would be a guess.
    let (only, another) = (named.next()?, named.next());
    another.is_none().then(|| only.code.clone())
}

/// Takes rows, all or none.
///
/// # Errors
/// 403 for a row outside one's jurisdiction; when the store fails.
pub(super) async fn take(
    state: &AppState,
    signed_in: &SignedIn,
    ledger: &Ledger,
    rows: &[Row],
    reason: &str,
) -> Result<Taken, Problem> {
    let (now, who) = (state.now(), &signed_in.principal().name);
    let mut actors = Vec::new();
    for row in rows {
        actors.push(access::to_keep(signed_in, ledger, row)?);
    }
    let mut transaction = state.store.begin().await.map_err(GovernanceError::Store)?;
    let standing = store::rows_within(&mut transaction, &ledger.id).await?;
    let mut wanted = standing.clone();
    wanted.extend(rows.iter().map(|row| (row.key(ledger), row.clone())));
    let already = check_rows(ledger, &standing);
    let refused: Vec<Finding> = check_rows(ledger, &wanted)
        .into_iter()
        .filter(|finding| finding.weight == Weight::Refuses)
        .filter(|it| !already.iter().any(|old| old.key == it.key && old.check == it.check))
        .collect();
    if !refused.is_empty() {
        return Ok(Taken::Refused(refused));
    }
    let mut written = 0;
    for (row, actor) in rows.iter().zip(&actors) {
        let key = row.key(ledger);
        let before = standing.get(&key);
        if before == Some(row) {
            continue;
        }
        let writing = store::Writing { who, reason, is_removed: false, at: now };
        store::write(&mut transaction, ledger, (&key, row), &writing).await?;
        let json = |row: &Row| serde_json::to_string(&row.values).ok();
        let told = Record {
            at: now,
            actor,
            action: if before.is_some() { "ledger.change" } else { "ledger.add" },
            subject: format!("ledger {} row {key}", ledger.id),
            before: before.and_then(json),
            after: json(row),
        };
        record(&mut transaction, told).await.map_err(Problem::of_people)?;
        written += 1;
    }
    transaction.commit().await.map_err(|error| GovernanceError::Store(error.into()))?;
    Ok(Taken::Written(written))
}

/// Says that a row is gone; its history stays.
///
/// # Errors
/// 404 where there is no such row, 403 outside one's jurisdiction; when the store fails.
pub(super) async fn remove(
    state: &AppState,
    signed_in: &SignedIn,
    ledger: &Ledger,
    key: &str,
    reason: &str,
) -> Result<(), Problem> {
    let (now, who) = (state.now(), &signed_in.principal().name);
    let mut transaction = state.store.begin().await.map_err(GovernanceError::Store)?;
    let standing = store::rows_within(&mut transaction, &ledger.id).await?;
    let row = standing
        .get(key)
        .ok_or_else(|| Problem::not_found("台账里没有这一行", "the ledger has no such row"))?;
    let actor = access::to_keep(signed_in, ledger, row)?;
    let writing = store::Writing { who, reason, is_removed: true, at: now };
    store::write(&mut transaction, ledger, (key, row), &writing).await?;
    let told = Record {
        at: now,
        actor: &actor,
        action: "ledger.remove",
        subject: format!("ledger {} row {key}", ledger.id),
        before: serde_json::to_string(&row.values).ok(),
        after: None,
    };
    record(&mut transaction, told).await.map_err(Problem::of_people)?;
    transaction.commit().await.map_err(|error| GovernanceError::Store(error.into()))?;
    Ok(())
}

/// What a finding says, with the row that it is about.
pub(super) fn told(finding: &Finding) -> Text {
    Text::new(
        format!("{}：{}", finding.key, finding.what.zh),
        format!("{}: {}", finding.key, finding.what.en),
    )
}
