//! What officers do: have episodes computed, merge and split, issue a packet, open a case.

use super::access;
use super::model::{Choice, Decision, Episode, at};
use super::packet::issuer;
use super::pages::PATH;
use super::store::{self, EpisodeError};
use super::{cases, queries, run, runs};
use authority::Action;
use authority::audit::{Actor, Record};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Form, Router};
use jiff::Timestamp;
use registry::{PointId, PointKind};
use serde::Deserialize;
use web::{AppState, Problem, SignedIn};

/// A reason is at most so long.
const LONGEST_REASON: usize = 500;
/// By hand so many months back are looked through.
const MONTHS_BACK: i64 = 3;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/episodes/run", post(compute))
        .route("/episodes/by-alert/{alert}", post(compute_for_alert))
        .route("/episodes/{id}/decisions", post(decide))
        .route("/episodes/{id}/packet", post(issue))
        .route("/episodes/{id}/case", post(open_case))
        .route("/episodes/{id}/case/packet", post(attach))
}

fn see(path: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

/// Has the outlets computed that the officer is in charge of.
async fn compute(State(state): State<AppState>, signed_in: SignedIn) -> Result<Response, Problem> {
    let scope = signed_in.scope(Action::DecideMarks)?;
    let snapshot = state.snapshot();
    let points = access::points(&snapshot, &scope).unwrap_or_else(|| {
        snapshot.points_of(PointKind::Outlet).map(|point| point.id).collect::<Vec<PointId>>()
    });
    run::compute_at(&state, &points, MONTHS_BACK).await?;
    Ok(see(PATH.to_owned()))
}

/// Has the outlet of an alert computed.
async fn compute_for_alert(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    signed_in.scope(Action::DecideMarks)?;
    let alert = crate::alerts::find(&state, id).await?;
    access::may_decide_at(&signed_in, &state.snapshot(), alert.subject.point)?;
    run::compute_at(&state, &[alert.subject.point], MONTHS_BACK).await?;
    Ok(see(format!("{PATH}/by-alert/{id}")))
}

/// What an officer fills in.
#[derive(Debug, Default, Deserialize)]
struct Filled {
    #[serde(default)]
    choice: String,
    #[serde(default)]
    with: String,
    #[serde(default)]
    at: String,
    #[serde(default)]
    decision: String,
    #[serde(default)]
    reason: String,
}

async fn decide(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Form(filled): Form<Filled>,
) -> Result<Response, Problem> {
    let episode = queries::one(&state, &signed_in, id).await?;
    let actor = access::may_decide(&signed_in, &state.snapshot(), &episode)?;
    if episode.superseded_at.is_some() {
        return Err(Problem::bad_request(
            "此过程已被取代，请在现行的过程上认定",
            "this episode is superseded; decide on the current one",
        ));
    }
    if filled.choice == "withdraw" {
        withdraw(&state, &episode, &actor, &filled).await?;
    } else {
        let decision = read(&state, &episode, &actor, &filled).await?;
        keep(&state, &episode, &actor, &decision).await?;
    }
    Ok(see(format!("{PATH}/{id}#counting")))
}

async fn read(
    state: &AppState,
    episode: &Episode,
    actor: &Actor,
    filled: &Filled,
) -> Result<Decision, Problem> {
    let wrong = || {
        Problem::bad_request(
            "请选择合并的过程或拆分的时刻",
            "choose the episode to merge with, or the moment of the split",
        )
    };
    let reason = filled.reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(Problem::bad_request(
            format!("请用不超过 {LONGEST_REASON} 字写明理由"),
            format!("give the reason in at most {LONGEST_REASON} letters"),
        ));
    }
    let choice = Choice::parse(&filled.choice).ok_or_else(wrong)?;
    let (from, to) = match choice {
        Choice::Merge => {
            let other = filled.with.parse().map_err(|_| wrong())?;
            let other = store::episode(&state.store, other).await?.ok_or_else(wrong)?;
            merged(episode, &other).ok_or_else(wrong)?
        }
        Choice::Split => {
            let moment: i64 = filled.at.parse().map_err(|_| wrong())?;
            let seam = runs::seams(&episode.computed.over);
            let seam = seam.into_iter().find(|seam| *seam == at(moment)).ok_or_else(wrong)?;
            (seam, seam)
        }
    };
    Ok(Decision {
        id: 0,
        choice,
        from,
        to,
        reason: reason.to_owned(),
        who: actor.name.clone(),
        made_at: state.now(),
        withdrawn_at: None,
    })
}

/// From the beginning of the earlier one to the end of the later one.
fn merged(one: &Episode, other: &Episode) -> Option<(Timestamp, Timestamp)> {
    let (a, b) = (&one.computed, &other.computed);
    let is_kin = a.point == b.point && a.factor == b.factor && a.period == b.period;
    let is_another = one.id != other.id && other.superseded_at.is_none();
    (is_kin && is_another).then(|| (a.began_at().min(b.began_at()), a.ended_at().max(b.ended_at())))
}

async fn keep(
    state: &AppState,
    episode: &Episode,
    actor: &Actor,
    decision: &Decision,
) -> Result<(), EpisodeError> {
    let mut transaction = state.store.begin().await?;
    let id = store::decide(&mut transaction, &episode.computed, decision).await?;
    let after = serde_json::json!({
        "decision": id, "choice": decision.choice.as_str(), "from": decision.from.to_string(),
        "to": decision.to.to_string(), "reason": decision.reason,
    });
    let record = Record {
        at: decision.made_at,
        actor,
        action: "episode.decide",
        subject: format!("episode {}", episode.id),
        before: None,
        after: Some(after.to_string()),
    };
    authority::audit::record(&mut transaction, record).await?;
    transaction.commit().await?;
    Ok(())
}

async fn withdraw(
    state: &AppState,
    episode: &Episode,
    actor: &Actor,
    filled: &Filled,
) -> Result<(), Problem> {
    let unknown = || {
        Problem::not_found(
            "没有这条认定，或已撤回",
            "there is no such decision, or it was taken back already",
        )
    };
    let computed = &episode.computed;
    let id: i64 = filled.decision.parse().map_err(|_| unknown())?;
    let decisions =
        store::decisions(&state.store, computed.point, computed.factor, computed.period).await?;
    if !decisions.iter().any(|decision| decision.id == id) {
        return Err(unknown());
    }
    let now = state.now();
    let mut transaction = state.store.begin().await.map_err(EpisodeError::from)?;
    if !store::withdraw(&mut transaction, id, now).await? {
        return Err(unknown());
    }
    let record = Record {
        at: now,
        actor,
        action: "episode.withdraw_decision",
        subject: format!("episode {}", episode.id),
        before: Some(serde_json::json!({ "decision": id }).to_string()),
        after: None,
    };
    authority::audit::record(&mut transaction, record).await?;
    transaction.commit().await.map_err(EpisodeError::from)?;
    Ok(())
}

async fn issue(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let episode = queries::one(&state, &signed_in, id).await?;
    let actor = access::may_decide(&signed_in, &state.snapshot(), &episode)?;
    issuer(&state)?.issue(episode.id, &actor, state.now()).await?;
    Ok(see(format!("{PATH}/{id}#packet")))
}

async fn open_case(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let episode = queries::one(&state, &signed_in, id).await?;
    access::may_open_case(&signed_in, &state.snapshot(), &episode)?;
    let case = cases::open(&state, &signed_in, &episode).await?;
    Ok(see(format!("/cases/{case}")))
}

/// Puts the newest packet of an episode among the files of its case.
async fn attach(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    let episode = queries::one(&state, &signed_in, id).await?;
    access::may_open_case(&signed_in, &state.snapshot(), &episode)?;
    let case = cases::attach(&state, &signed_in, &episode).await?;
    Ok(see(format!("/cases/{case}")))
}
