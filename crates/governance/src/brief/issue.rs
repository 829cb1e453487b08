//! Briefs are issued: each month by the calendar, and again when somebody asks; kept by their
//! digest, in versions, with an audit record that goes into the public log.

use super::document::{DRAWN, document};
use super::store::{self, Issued};
use crate::cockpit::overview;
use crate::{GovernanceError, indicators};
use authority::audit::{Actor, Record, record};
use documents::FontShelf;
use evidence::{Digest, Evidence, Upload};
use jiff::Timestamp;
use jiff::civil::date;
use rulebook::beijing_offset;
use web::{AppState, Problem};

/// On the first day of a month from this hour on, the month before is issued.
const HOUR: i8 = 6;

/// A month of the calendar.
pub(super) type Month = (i16, i8);

/// The month before the one in which a time lies, once its brief is due; `None` before that hour.
pub(super) fn due_month(now: Timestamp) -> Option<Month> {
    let local = beijing_offset().to_datetime(now);
    if local.day() == 1 && local.hour() < HOUR {
        return None;
    }
    let first = local.date().first_of_month();
    let before = first.yesterday().ok()?;
    Some((before.year(), before.month()))
}

/// The last moment of a month, as which its brief sees the plan; a month that is not over is seen
/// as it stands.
fn end_of((year, month): Month, now: Timestamp) -> Timestamp {
    let last = date(year, month, 1).last_of_month().at(23, 59, 59, 0);
    beijing_offset().to_timestamp(last).map_or(now, |end| end.min(now))
}

/// Whether anything was computed before a month was over: else its brief would tell later values.
pub(super) async fn is_told(state: &AppState, month: Month) -> Result<bool, GovernanceError> {
    let first = indicators::first_run_at(&state.store).await?;
    Ok(first.is_some_and(|first| first <= end_of(month, state.now())))
}

/// Issues the brief of the month before where that has not been done.
///
/// # Errors
/// When the plan is wrong, a file cannot be kept or the store fails.
pub async fn issue_due(state: &AppState) -> Result<Option<Issued>, Problem> {
    let Some(month) = due_month(state.now()) else { return Ok(None) };
    let known = store::all(&state.store).await?;
    if known.iter().any(|issued| issued.month == month) || !is_told(state, month).await? {
        return Ok(None);
    }
    let actor = Actor {
        user: None,
        name: "calendar".into(),
        origin: "server".into(),
        on_behalf_of: None,
        rule: "calendar".into(),
    };
    issue(state, &actor, month).await
}

/// Issues the brief of a month; `None` where there is no plan or no folder of files.
///
/// # Errors
/// When the plan is wrong, a file cannot be kept or the store fails.
pub(super) async fn issue(
    state: &AppState,
    actor: &Actor,
    month: Month,
) -> Result<Option<Issued>, Problem> {
    let (Some(evidence), now) = (state.handle::<Evidence>(), state.now()) else { return Ok(None) };
    let Some(seen) = overview(&state.store, end_of(month, now)).await? else { return Ok(None) };
    let days = indicators::newest_inputs(&state.store, DRAWN).await?;
    let brief = document(&seen, &state.snapshot(), &days);
    let name = format!("plan-brief-{:04}-{:02}", month.0, month.1);
    let word = keep(&evidence, format!("{name}.docx"), brief.docx()?).await?;
    let pdf = match state.handle::<FontShelf>() {
        None => None,
        Some(shelf) => {
            // Drawing takes a while: not on a thread that answers. Without fonts Word is issued.
            let drawn = tokio::task::spawn_blocking(move || brief.pdf(&*shelf.fonts()?)).await;
            match drawn.map_err(|error| Problem::internal(&error))? {
                Ok(bytes) => Some(keep(&evidence, format!("{name}.pdf"), bytes).await?),
                Err(problem) => {
                    tracing::warn!(%problem, "the brief is issued as Word alone");
                    None
                }
            }
        }
    };
    let mut transaction = state.store.begin().await.map_err(GovernanceError::Store)?;
    let version = store::next_version(&mut transaction, month).await?;
    let after = serde_json::json!({
        "month": format!("{:04}-{:02}", month.0, month.1), "version": version,
        "word": word.to_string(), "pdf": pdf.map(|pdf| pdf.to_string()),
    });
    let audit = record(
        &mut transaction,
        Record {
            at: now,
            actor,
            action: "brief.issue",
            subject: format!("brief {:04}-{:02} version {version}", month.0, month.1),
            before: None,
            after: Some(after.to_string()),
        },
    )
    .await
    .map_err(Problem::of_people)?;
    let who = actor.name.clone();
    let issued = Issued { id: 0, month, version, issued_at: now, who, word, pdf, audit };
    store::add(&mut transaction, &issued).await?;
    transaction.commit().await.map_err(|error| GovernanceError::Store(error.into()))?;
    Ok(Some(issued))
}

async fn keep(evidence: &Evidence, name: String, bytes: Vec<u8>) -> Result<Digest, Problem> {
    Ok(evidence.keep(Upload { name, bytes }).await?.digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_month_is_due_on_the_first_day_of_the_next_from_six_in_the_morning() {
        for (now, wanted) in [
            ("2026-11-30T21:59:59Z", None),
            ("2026-11-30T22:00:00Z", Some((2026, 11))),
            ("2026-12-15T00:00:00Z", Some((2026, 11))),
            ("2027-01-01T00:00:00Z", Some((2026, 12))),
        ] {
            assert_eq!(due_month(at(now)), wanted, "{now}");
        }
        let end = at("2026-11-30T15:59:59Z");
        assert_eq!(end_of((2026, 11), at("2026-12-15T00:00:00Z")), end);
        assert_eq!(end_of((2026, 11), at("2026-11-15T00:00:00Z")), at("2026-11-15T00:00:00Z"));
    }
}
