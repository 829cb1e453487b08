//! What people do: mark, withdraw, decide.

use super::form::{self, Entered};
use super::pages::PATH;
use super::{access, queries};
use authority::Action;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use evidence::Evidence;
use jiff::Timestamp;
use registry::{FactorId, PointId, Snapshot};
use validity::{EnterpriseMark, MarkId, NewDecision, NewMark};
use web::{AppState, Problem, SignedIn};

/// At most so many marks are decided on at once.
const AT_ONCE: usize = 200;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route(PATH, post(make))
        .route("/marks/decisions", post(decide_several))
        .route("/marks/{id}/withdrawal", post(withdraw))
        .route("/marks/{id}/decisions", post(decide_one))
        .route("/outlets/{enterprise}/{number}/decisions", post(decide_data))
        .layer(form::with_file())
}

fn see(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_owned())]).into_response()
}

/// A stretch of a form.
pub(super) fn stretch(entered: &Entered) -> Result<(Timestamp, Timestamp), Problem> {
    form::time(entered.text("from")).zip(form::time(entered.text("to"))).ok_or_else(|| {
        Problem::bad_request(
            "请填写开始和结束时间，如 2026-10-05T08:00",
            "give the beginning and the end, like 2026-10-05T08:00",
        )
    })
}

/// The factor that a word names at an outlet; none = all.
pub(super) fn factor(
    snapshot: &Snapshot,
    point: PointId,
    code: &str,
) -> Result<Option<FactorId>, Problem> {
    if code.is_empty() {
        return Ok(None);
    }
    let found = snapshot.factor_by_code(code).map(|factor| factor.id);
    let is_sent =
        |id: FactorId| snapshot.devices_of(point).any(|device| device.factors.contains(&id));
    let has_limit = |id: FactorId| snapshot.limits_of(point).iter().any(|limit| limit.factor == id);
    found.filter(|id| is_sent(*id) || has_limit(*id)).map(Some).ok_or_else(|| {
        Problem::bad_request(
            format!("该排放口没有因子 {code}"),
            format!("the outlet has no factor {code}"),
        )
    })
}

async fn make(
    State(state): State<AppState>,
    signed_in: SignedIn,
    entered: Entered,
) -> Result<Response, Problem> {
    signed_in.scope(Action::MarkData)?;
    let snapshot = state.snapshot();
    let point = queries::outlet(&snapshot, entered.text("outlet"))?;
    let actor = access::may_mark(&signed_in, &snapshot, point)?;
    let (from, to) = stretch(&entered)?;
    let kind = entered.text("kind").to_owned();
    let day = rulebook::beijing_offset().to_datetime(from).date();
    // The field of the facility stands in the form for every kind.
    let needs = validity::mark_kind(&kind, day)
        .is_some_and(|row| row.effect == validity::MarkEffect::Exempt && row.phase != "fault");
    let facility = if needs { entered.text("facility").to_owned() } else { String::new() };
    let mut new = NewMark {
        point: point.id,
        factor: factor(&snapshot, point.id, entered.text("factor"))?,
        from,
        to,
        kind,
        facility,
        reason: entered.text("reason").to_owned(),
        evidence: None,
        evidence_name: None,
    };
    if let Some(upload) = entered.file {
        let kept = keep(&state, upload).await?;
        new.evidence = Some(kept.digest.to_string());
        new.evidence_name = Some(kept.name);
    }
    let id = validity::mark(&state.store, &actor, &new, state.now()).await;
    let id = id.map_err(access::refused)?;
    Ok(see(&format!("{PATH}/{}", id.0)))
}

async fn keep(state: &AppState, upload: evidence::Upload) -> Result<evidence::Kept, Problem> {
    let files = files(state)?;
    files.keep(upload).await.map_err(|error| match error.text() {
        Some(text) => Problem::bad_request(text.zh.into_owned(), text.en.into_owned()),
        None => Problem::internal(&error),
    })
}

/// The store of files of this installation.
pub(super) fn files(state: &AppState) -> Result<std::sync::Arc<Evidence>, Problem> {
    state.handle::<Evidence>().ok_or_else(|| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "marks.no_files",
            "本安装不接收文件，请去掉附件后再提交",
            "this installation takes no files; send it without one",
        )
    })
}

async fn withdraw(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    entered: Entered,
) -> Result<Response, Problem> {
    signed_in.scope(Action::MarkData)?;
    let snapshot = state.snapshot();
    let (marked, point) = queries::one(&state, &signed_in, &snapshot, id).await?;
    let actor = access::may_mark(&signed_in, &snapshot, &point)?;
    let reason = entered.text("reason");
    validity::withdraw(&state.store, &actor, marked.mark.id, reason, state.now())
        .await
        .map_err(access::refused)?;
    Ok(see(&format!("{PATH}/{id}")))
}

/// Whether a form accepts or rejects.
pub(super) fn is_accepted(word: &str) -> Result<bool, Problem> {
    match word {
        "accepted" => Ok(true),
        "rejected" => Ok(false),
        _ => Err(Problem::bad_request("请选择采纳或不采纳", "choose: accepted or rejected")),
    }
}

async fn decide_one(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
    entered: Entered,
) -> Result<Response, Problem> {
    signed_in.scope(Action::DecideMarks)?;
    let snapshot = state.snapshot();
    let (marked, point) = queries::one(&state, &signed_in, &snapshot, id).await?;
    let actor = access::may_decide(&signed_in, &snapshot, &point)?;
    let accepted = is_accepted(entered.text("verdict"))?;
    let reason = entered.text("reason");
    let on = [marked.mark];
    validity::decide_marks(&state.store, &actor, &on, accepted, reason, state.now())
        .await
        .map_err(access::refused)?;
    Ok(see(&format!("{PATH}/{id}#history")))
}

async fn decide_several(
    State(state): State<AppState>,
    signed_in: SignedIn,
    entered: Entered,
) -> Result<Response, Problem> {
    signed_in.scope(Action::DecideMarks)?;
    let snapshot = state.snapshot();
    let ids: Vec<i64> =
        entered.all("mark").filter_map(|id| id.parse().ok()).take(AT_ONCE).collect();
    let accepted = is_accepted(entered.text("verdict"))?;
    let mut on: Vec<EnterpriseMark> = Vec::with_capacity(ids.len());
    let mut actor = None;
    for id in ids {
        let (marked, point) = queries::one(&state, &signed_in, &snapshot, id).await?;
        actor = Some(access::may_decide(&signed_in, &snapshot, &point)?);
        if on.iter().all(|mark| mark.id != MarkId(id)) {
            on.push(marked.mark);
        }
    }
    let actor = actor
        .ok_or_else(|| Problem::bad_request("请至少勾选一条标记", "tick at least one mark"))?;
    let reason = entered.text("reason");
    validity::decide_marks(&state.store, &actor, &on, accepted, reason, state.now())
        .await
        .map_err(access::refused)?;
    Ok(see(PATH))
}

async fn decide_data(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path((enterprise, number)): Path<(String, String)>,
    entered: Entered,
) -> Result<Response, Problem> {
    signed_in.scope(Action::DecideMarks)?;
    let snapshot = state.snapshot();
    let point = queries::outlet(&snapshot, &format!("{enterprise}/{number}"))?;
    let actor = access::may_decide(&signed_in, &snapshot, point)?;
    let (from, to) = stretch(&entered)?;
    let is_valid = match entered.text("verdict") {
        "valid" => true,
        "invalid" => false,
        _ => {
            let (zh, en) = ("请选择认定有效或认定无效", "choose: valid or invalid");
            return Err(Problem::bad_request(zh, en));
        }
    };
    let new = NewDecision {
        point: point.id,
        factor: factor(&snapshot, point.id, entered.text("factor"))?,
        from,
        to,
        is_valid,
        reason: entered.text("reason").to_owned(),
        evidence: None,
    };
    validity::decide_data(&state.store, &actor, &new, state.now())
        .await
        .map_err(access::refused)?;
    let hour = form::field(from).replace(':', "");
    Ok(see(&format!("/outlets/{}/hours/{hour}?factor={}", point.code, entered.text("factor"))))
}
