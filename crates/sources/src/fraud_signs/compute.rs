//! The computation: every outlet looked at, signs kept, brought up to date, withdrawn. Each night,
//! and when somebody asks.

use super::inputs::{self, Windows};
use super::model::{Evidence, Run, StoredSign, StoredTwin};
use super::store::{self, SignError, SignFilter};
use detectors::{Detector, EDITION, Parameters, Sign, Span};
use jiff::{SignedDuration, Timestamp};
use registry::{FactorId, PointId, Snapshot};
use rulebook::beijing_offset;
use std::time::Duration;
use tokio::sync::Mutex;
use web::AppState;

/// Hours are looked at over so many days, minutes over so few.
const HOURS: SignedDuration = SignedDuration::from_hours(60 * 24);
const MINUTES: SignedDuration = SignedDuration::from_hours(2 * 24);
/// The hour of Beijing at which the night's computation is due.
const NIGHT: i8 = 2;
/// How often it is looked whether one is due.
const LOOK: Duration = Duration::from_mins(10);

/// One computation at a time.
static UNDER_WAY: Mutex<()> = Mutex::const_new(());

/// Computes now, after whatever computation is under way.
///
/// # Errors
/// When the store fails.
pub async fn compute(state: &AppState) -> Result<Run, SignError> {
    let _one = UNDER_WAY.lock().await;
    let (store, snapshot, began_at) = (&state.store, state.snapshot(), state.now());
    let before = |span| began_at.saturating_sub(span).unwrap_or(Timestamp::MIN);
    let windows = Windows {
        hours: Span { from: before(HOURS), to: began_at },
        minutes: Span { from: before(MINUTES), to: began_at },
    };
    let visits = store::visits(store).await?;
    let outlets = inputs::outlets(store, &snapshot, windows, &visits).await?;
    let day = beijing_offset().to_datetime(began_at).date();
    let count = outlets.len() as i64;
    let found =
        tokio::task::spawn_blocking(move || detectors::examine_all(&outlets, &Parameters::on(day)));
    let found = found.await.map_err(|_| SignError::Broken)?;
    let run = Run {
        began_at,
        ended_at: state.now(),
        window: windows.hours,
        outlets: count,
        signs: found.len() as i64,
        edition: edition(),
    };
    keep(state, &snapshot, &run, windows, &found).await?;
    tracing::info!(outlets = run.outlets, signs = run.signs, "signs of fraud were computed");
    Ok(run)
}

/// The edition of formulas and parameters.
fn edition() -> String {
    format!("{EDITION}, parameters of {}", Parameters::first_day())
}

/// Computes each night, and at once where that has never been done, as long as the server runs.
pub async fn serve(state: AppState) {
    loop {
        match is_due(&state).await {
            Ok(false) => {}
            Ok(true) => {
                if let Err(problem) = compute(&state).await {
                    tracing::error!(%problem, code = problem.code(), "signs were not computed");
                }
            }
            Err(problem) => tracing::error!(%problem, "it is not known whether signs are due"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn is_due(state: &AppState) -> Result<bool, SignError> {
    let Some(last) = store::last_run(&state.store).await? else { return Ok(true) };
    Ok(last.began_at < last_night(state.now()))
}

/// The newest moment at which a night's computation was due.
fn last_night(now: Timestamp) -> Timestamp {
    let local = beijing_offset().to_datetime(now);
    let at = local.date().at(NIGHT, 0, 0, 0);
    let today = beijing_offset().to_timestamp(at).unwrap_or(Timestamp::MIN);
    if today <= now {
        today
    } else {
        today.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN)
    }
}

/// Keeps what was found beside what was known.
async fn keep(
    state: &AppState,
    snapshot: &Snapshot,
    run: &Run,
    windows: Windows,
    found: &[Sign],
) -> Result<(), SignError> {
    let filter = SignFilter {
        ended_after: Some(windows.hours.from),
        with_withdrawn: true,
        ..SignFilter::default()
    };
    let known = store::signs(&state.store, &filter).await?;
    let mut is_found = vec![false; known.len()];
    let mut transaction = state.store.begin().await?;
    for sign in found {
        let fresh = stored(snapshot, run, sign);
        let place = known
            .iter()
            .enumerate()
            .position(|(place, held)| !is_found[place] && is_same(held, &fresh));
        match place {
            Some(place) => {
                is_found[place] = true;
                let window = window_of(windows, fresh.step_s);
                let sign = joined(&known[place], fresh, window);
                store::update(&mut transaction, &sign).await?;
            }
            None => {
                store::insert(&mut transaction, &fresh).await?;
            }
        }
    }
    for (sign, _) in known.iter().zip(&is_found).filter(|(_, is_found)| !**is_found) {
        // What began before the window cannot be seen whole: it stands as it is.
        let is_seen_whole = sign.span.from >= window_of(windows, sign.step_s).from;
        if sign.withdrawn_at.is_none() && (is_seen_whole || is_about_the_window(sign.detector)) {
            store::withdraw(&mut transaction, sign.id, run.ended_at).await?;
        }
    }
    store::keep_run(&mut transaction, run).await?;
    transaction.commit().await?;
    Ok(())
}

/// Whether a detector speaks of all that it looks at, not of a stretch of it.
const fn is_about_the_window(detector: Detector) -> bool {
    matches!(
        detector,
        Detector::Digits | Detector::Inspection | Detector::Silence | Detector::Clipped
    )
}

fn window_of(windows: Windows, step_s: i64) -> Span {
    if step_s >= 3600 { windows.hours } else { windows.minutes }
}

/// Two tell of the same: one detector, one factor, times that touch.
fn is_same(held: &StoredSign, fresh: &StoredSign) -> bool {
    held.detector == fresh.detector
        && held.point == fresh.point
        && held.factor == fresh.factor
        && held.step_s == fresh.step_s
        && held.twin.map(|twin| twin.point) == fresh.twin.map(|twin| twin.point)
        && held.span.overlaps(&fresh.span)
}

/// What is known now of a sign that was known before.
fn joined(held: &StoredSign, fresh: StoredSign, window: Span) -> StoredSign {
    // The window may have cut its beginning off.
    let from = if held.span.from < window.from { held.span.from } else { fresh.span.from };
    StoredSign {
        id: held.id,
        span: Span { from, to: fresh.span.to },
        first_found_at: held.first_found_at,
        ..fresh
    }
}

fn stored(snapshot: &Snapshot, run: &Run, sign: &Sign) -> StoredSign {
    let factor = |code: &str| -> Option<FactorId> { Some(snapshot.factor_by_code(code)?.id) };
    let twin = sign.twin.as_ref().map(|twin| StoredTwin {
        point: PointId(twin.outlet.0),
        factor: factor(&twin.factor),
        span: twin.span,
    });
    StoredSign {
        id: 0,
        detector: sign.detector,
        finding: sign.finding.to_owned(),
        point: PointId(sign.outlet.0),
        factor: sign.factor.as_deref().and_then(factor),
        step_s: sign.step_s,
        span: sign.span,
        twin,
        strength: (sign.strength * 1000.0).round() as i64,
        evidence: Evidence::of(sign),
        edition: run.edition.clone(),
        first_found_at: run.ended_at,
        last_found_at: run.ended_at,
        withdrawn_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_night_is_that_of_beijing() {
        let time = |text: &str| text.parse::<Timestamp>().expect("a time");
        // 01:59 and 02:00 in Beijing.
        assert_eq!(last_night(time("2026-06-01T17:59:00Z")), time("2026-05-31T18:00:00Z"));
        assert_eq!(last_night(time("2026-06-01T18:00:00Z")), time("2026-06-01T18:00:00Z"));
    }
}
