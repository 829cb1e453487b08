//! One case for programs: reading it, opening, acting, giving, linking, files.

use super::super::changes::by;
use super::super::new::may_open;
use super::super::one::find;
use super::answers::{case_json, row_json, text};
use crate::engine::{engine, refused};
use crate::form::Entered;
use crate::place::place_of;
use authority::{Action, OrganisationId, UserId};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use cases::{
    Act, Assignment, CaseError, CaseId, Cases, Channel, EvidenceId, LinkKind, NewCase, Reporter,
    SeenAs, Upload, Viewer, Visibility,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;
use web::{AppState, Problem, SignedIn};

/// The engine and the case of a path, for somebody who may do such a thing somewhere.
async fn at(
    state: &AppState,
    signed_in: &SignedIn,
    id: &str,
    action: Action,
) -> Result<(Arc<Cases>, CaseId), Problem> {
    signed_in.scope(action)?;
    let engine = engine(state)?;
    let id = find(&engine, id).await?;
    Ok((engine, id))
}

fn moment(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let read = |text: &str| {
        text.parse().map_err(|_| {
            Problem::bad_request(
                format!("{name} 应为 RFC 3339 时间,如 2026-03-01T00:30:00Z"),
                format!("{name} is a time in RFC 3339, such as 2026-03-01T00:30:00Z"),
            )
        })
    };
    text.map(read).transpose()
}

/// A case to be opened.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct ToOpen {
    /// The kind's id.
    kind: String,
    /// In a few words; empty: made from the text.
    title: String,
    /// What happened.
    text: String,
    /// The division's code.
    division: String,
    /// The enterprise's code.
    enterprise: Option<String>,
    /// Degrees east, as text.
    longitude: String,
    /// Degrees north, as text.
    latitude: String,
    /// In words, beside the degrees.
    address: String,
    /// The kind's fields by id.
    fields: BTreeMap<String, String>,
    /// Who reported: sealed.
    reporter: Option<WhoReported>,
    /// By what way it came: `import` (the default), `hotline`, `exchange`, `patrol`.
    channel: String,
    /// The number of the unit that answers for it.
    unit: Option<i64>,
    /// The number of the user who is to do it.
    assignee: Option<i64>,
    /// When it happened.
    happened_at: Option<String>,
    /// The same key opens the same case.
    key: Option<String>,
}

#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(super) struct WhoReported {
    name: String,
    phone: String,
    email: String,
    address: String,
}

/// Opens a case.
#[utoipa::path(post, path = "/cases", tag = "cases", request_body = ToOpen,
    responses((status = 201, description = "It is open; the code is shown this once"),
        (status = 200, description = "The same key had opened it before"),
        (status = 400, description = "Something is missing or wrong"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
pub(super) async fn open(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Json(asked): Json<ToOpen>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    signed_in.scope(Action::OpenCase)?;
    let engine = engine(&state)?;
    let kind = engine.kind(&asked.kind).cloned();
    let kind = kind.ok_or_else(|| refused(CaseError::UnknownKind(asked.kind.clone())))?;
    if !may_open(&signed_in, &kind) {
        return Err(Problem::forbidden());
    }
    let channel = match asked.channel.as_str() {
        "" => Channel::Import,
        word => Channel::parse(word).ok_or_else(|| {
            Problem::bad_request(
                format!("channel 不能是 {word:?}"),
                format!("channel is not {word:?}"),
            )
        })?,
    };
    let mut new = NewCase::new(&kind.id, asked.division, channel);
    new.place = place_of(&asked.longitude, &asked.latitude, &asked.address)?;
    new.happened_at = moment("happened_at", asked.happened_at.as_deref())?;
    (new.title, new.text, new.fields) = (asked.title, asked.text, asked.fields);
    new.enterprise = asked.enterprise.filter(|code| !code.trim().is_empty());
    new.reporter = asked.reporter.map(|one| Reporter {
        name: one.name,
        phone: one.phone,
        email: one.email,
        address: one.address,
    });
    new.responsible = asked.unit.map(OrganisationId);
    new.assignee = asked.assignee.map(UserId);
    new.origin_key = asked.key.map(|key| format!("api:{}:{key}", signed_in.principal().name));
    let opened = engine.open_case(&by(&signed_in), new, state.now()).await.map_err(refused)?;
    let status = if opened.is_new { StatusCode::CREATED } else { StatusCode::OK };
    let body = json!({ "id": opened.id.0, "number": opened.number,
        "follow_code": opened.follow_code,
        "is_new": opened.is_new });
    Ok((status, Json(body)))
}

/// A case with its clocks, its timeline and what one may do with it.
#[utoipa::path(get, path = "/cases/{id}", tag = "cases",
    params(("id" = String, Path, description = "The case's id or number")),
    responses((status = 200, description = "The case as one may see it"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such case within one's jurisdiction")))]
pub(super) async fn one(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (engine, id) = at(&state, &signed_in, &id, Action::ReadCase).await?;
    let viewer = Viewer::Person(signed_in.principal());
    Ok(Json(case_json(&engine.case(&viewer, id, state.now()).await.map_err(refused)?)))
}

/// A transition to be taken.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct ToTake {
    /// The transition's id.
    transition: String,
    /// The version of the case that one has seen: another one is a conflict.
    version: i64,
    /// What one says.
    note: String,
    /// Fields that one fills or changes.
    fields: BTreeMap<String, String>,
    /// The number of the unit that is to answer for it.
    unit: Option<i64>,
    /// The number of the user who is to do it.
    assignee: Option<i64>,
    /// Files attached before that belong to the act.
    evidence: Vec<i64>,
    /// The number of another case, where the transition links one.
    link: Option<String>,
    /// When it was done, where that was without a network.
    happened_at: Option<String>,
    /// The same key takes the same act once.
    key: Option<String>,
}

/// Takes a transition.
#[utoipa::path(post, path = "/cases/{id}/acts", tag = "cases", request_body = ToTake,
    params(("id" = String, Path, description = "The case's id or number")),
    responses((status = 200, description = "The state and version that it has now"),
        (status = 400, description = "The kind does not allow it, or something is missing"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such case within one's jurisdiction"),
        (status = 409, description = "Somebody was faster: who, what and when")))]
pub(super) async fn act(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Json(asked): Json<ToTake>,
) -> Result<Json<Value>, Problem> {
    let (engine, id) = at(&state, &signed_in, &id, Action::ReadCase).await?;
    let mut act = Act::new(asked.transition, asked.version);
    (act.note, act.fields) = (asked.note, asked.fields);
    act.unit = asked.unit.map(OrganisationId);
    act.assignee = asked.assignee.map(UserId);
    act.evidence = asked.evidence.into_iter().map(EvidenceId).collect();
    act.happened_at = moment("happened_at", asked.happened_at.as_deref())?;
    act.action_key = asked.key.map(|key| format!("api:{}:{key}", signed_in.principal().name));
    if let Some(other) = asked.link {
        act.link = Some(engine.find(&other).await.map_err(refused)?);
    }
    let taken = engine.take(&by(&signed_in), id, act, state.now()).await.map_err(refused)?;
    Ok(Json(json!({ "id": taken.id.0, "version": taken.version, "state": taken.state,
        "sequence": taken.sequence, "is_new": taken.is_new })))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct Remark {
    /// The remark.
    text: String,
    /// Whether the reporter and the enterprise read it as well.
    is_public: bool,
}

/// Remarks something.
#[utoipa::path(post, path = "/cases/{id}/comments", tag = "cases", request_body = Remark,
    params(("id" = String, Path, description = "The case's id or number")),
    responses((status = 204, description = "It is stored"),
        (status = 400, description = "It is empty"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such case within one's jurisdiction")))]
pub(super) async fn comment(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Json(remark): Json<Remark>,
) -> Result<StatusCode, Problem> {
    let (engine, id) = at(&state, &signed_in, &id, Action::CommentOnCase).await?;
    let (by, now) = (by(&signed_in), state.now());
    engine.comment(&by, id, &remark.text, remark.is_public, now).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// To whom a case is given; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(super) struct ToGive {
    /// The number of the unit that answers for it.
    unit: Option<i64>,
    /// The numbers of the units that help.
    assisting: Option<Vec<i64>>,
    /// The number of the user who is to do it; 0: nobody.
    assignee: Option<i64>,
}

impl ToGive {
    fn assignment(self) -> Assignment {
        let ids = |ids: Vec<i64>| ids.into_iter().map(OrganisationId).collect();
        Assignment {
            unit: self.unit.map(OrganisationId),
            assisting: self.assisting.map(ids),
            assignee: self.assignee.map(|id| Some(id).filter(|id| *id != 0).map(UserId)),
        }
    }
}

/// Gives a case to a unit or a person.
#[utoipa::path(post, path = "/cases/{id}/assignment", tag = "cases", request_body = ToGive,
    params(("id" = String, Path, description = "The case's id or number")),
    responses((status = 204, description = "It is given"),
        (status = 400, description = "No such unit or user"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such case within one's jurisdiction")))]
pub(super) async fn assign(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Json(to): Json<ToGive>,
) -> Result<StatusCode, Problem> {
    let (engine, id) = at(&state, &signed_in, &id, Action::AssignCase).await?;
    let assigned = engine.assign(&by(&signed_in), id, to.assignment(), state.now()).await;
    assigned.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct ToGiveMany {
    /// The ids of the cases.
    cases: Vec<i64>,
    /// To whom.
    to: ToGive,
}

/// Cases given at once.
const GIVEN_AT_ONCE: usize = 500;

/// Gives many cases; each by itself.
#[utoipa::path(post, path = "/cases/assignments", tag = "cases", request_body = ToGiveMany,
    responses((status = 200, description = "What came of each"),
        (status = 400, description = "None, or too many at once"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed")))]
pub(super) async fn assign_many(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Json(asked): Json<ToGiveMany>,
) -> Result<Json<Value>, Problem> {
    signed_in.scope(Action::AssignCase)?;
    if asked.cases.is_empty() || asked.cases.len() > GIVEN_AT_ONCE {
        return Err(Problem::bad_request(
            format!("一次派办 1 至 {GIVEN_AT_ONCE} 件"),
            format!("between 1 and {GIVEN_AT_ONCE} cases at once"),
        ));
    }
    let ids: Vec<_> = asked.cases.into_iter().map(CaseId).collect();
    let (engine, to) = (engine(&state)?, asked.to.assignment());
    let done = engine.bulk_assign(&by(&signed_in), &ids, to, state.now()).await;
    let told = done.into_iter().map(|(id, outcome)| match outcome {
        Ok(()) => json!({ "case": id.0, "is_given": true }),
        Err(error) => {
            let code = error.code();
            let problem = refused(error);
            let (zh, en) = problem.texts();
            json!({ "case": id.0, "is_given": false, "code": code,
                "why": { "zh": zh, "en": en } })
        }
    });
    Ok(Json(json!({ "cases": told.collect::<Vec<_>>() })))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct ToLink {
    /// `caused_by` or `follows`.
    kind: String,
    /// The id or number of the other case.
    other: String,
}

/// Links a case to another.
#[utoipa::path(post, path = "/cases/{id}/links", tag = "cases", request_body = ToLink,
    params(("id" = String, Path, description = "The case's id or number")),
    responses((status = 204, description = "They are linked"),
        (status = 400, description = "They are linked already, or that makes a ring"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such case within one's jurisdiction")))]
pub(super) async fn link(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Json(asked): Json<ToLink>,
) -> Result<StatusCode, Problem> {
    let (engine, id) = at(&state, &signed_in, &id, Action::ActOnCase).await?;
    let kind = LinkKind::parse(&asked.kind).filter(|kind| *kind != LinkKind::MergedInto);
    let kind = kind.ok_or_else(|| {
        Problem::bad_request("kind 应为 caused_by 或 follows", "kind is caused_by or follows")
    })?;
    let other = find(&engine, &asked.other).await?;
    engine.link(&by(&signed_in), id, kind, other, state.now()).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct Into {
    /// The id or number of the case in which the work goes on.
    into: String,
}

/// Merges a duplicate into another case.
#[utoipa::path(post, path = "/cases/{id}/merge", tag = "cases", request_body = Into,
    params(("id" = String, Path, description = "The duplicate's id or number")),
    responses((status = 204, description = "It is merged"),
        (status = 400, description = "It cannot be merged"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such case within one's jurisdiction")))]
pub(super) async fn merge(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Json(asked): Json<Into>,
) -> Result<StatusCode, Problem> {
    let (engine, id) = at(&state, &signed_in, &id, Action::ActOnCase).await?;
    let into = find(&engine, &asked.into).await?;
    engine.merge(&by(&signed_in), id, into, state.now()).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct Watching {
    /// Whether one watches it.
    is_watched: bool,
}

/// Watches a case, or no more.
#[utoipa::path(post, path = "/cases/{id}/watch", tag = "cases", request_body = Watching,
    params(("id" = String, Path, description = "The case's id or number")),
    responses((status = 204, description = "Noted"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such case within one's jurisdiction")))]
pub(super) async fn watch(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Json(asked): Json<Watching>,
) -> Result<StatusCode, Problem> {
    let (engine, id) = at(&state, &signed_in, &id, Action::ReadCase).await?;
    let watched = engine.watch(signed_in.principal(), id, asked.is_watched, state.now()).await;
    watched.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Cases that may tell of the same thing.
#[utoipa::path(get, path = "/cases/{id}/duplicates", tag = "cases",
    params(("id" = String, Path, description = "The case's id or number")),
    responses((status = 200, description = "Candidates, the likeliest first"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such case within one's jurisdiction")))]
pub(super) async fn duplicates(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let (engine, id) = at(&state, &signed_in, &id, Action::ActOnCase).await?;
    let found = engine.duplicates(signed_in.principal(), id, state.now()).await;
    let found = found.map_err(refused)?;
    let candidates = found.iter().map(|one| {
        json!({ "case": row_json(&one.case), "distance_m": one.distance_m,
            "hours_apart": one.hours_apart, "similarity": one.similarity.to_string(),
            "reasons": one.reasons.iter().map(text).collect::<Vec<_>>() })
    });
    Ok(Json(json!({ "candidates": candidates.collect::<Vec<_>>() })))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct Why {
    /// What for: it is written into the audit.
    reason: String,
}

/// Who reported, for a reason that is written into the audit.
#[utoipa::path(post, path = "/cases/{id}/personal-data", tag = "cases", request_body = Why,
    params(("id" = String, Path, description = "The case's id or number")),
    responses((status = 200, description = "Who reported"),
        (status = 400, description = "No reason"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such case within one's jurisdiction")))]
pub(super) async fn personal_data(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Json(why): Json<Why>,
) -> Result<Json<Value>, Problem> {
    let (engine, id) = at(&state, &signed_in, &id, Action::ReadPersonalData).await?;
    let data = engine.reporter(&by(&signed_in), id, &why.reason, state.now()).await;
    let data = data.map_err(refused)?;
    let one = |reporter: &Reporter| {
        json!({ "name": reporter.name, "phone": reporter.phone, "email": reporter.email,
            "address": reporter.address })
    };
    let merged = data.merged.iter();
    let merged = merged.map(|(number, who)| json!({ "number": number, "reporter": one(who) }));
    Ok(Json(json!({ "reporter": one(&data.reporter), "fields": data.fields,
        "merged": merged.collect::<Vec<_>>() })))
}

/// Attaches files: `multipart/form-data` with `files`, and `visibility` for officers.
#[utoipa::path(post, path = "/cases/{id}/evidence", tag = "cases",
    params(("id" = String, Path, description = "The case's id or number")),
    responses((status = 201, description = "The ids of the files"),
        (status = 400, description = "A file is not taken"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such case within one's jurisdiction")))]
pub(super) async fn attach(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    entered: Entered,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (engine, id) = at(&state, &signed_in, &id, Action::CommentOnCase).await?;
    let viewer = Viewer::Person(signed_in.principal());
    let view = engine.case(&viewer, id, state.now()).await.map_err(refused)?;
    let visibility = match view.seen_as {
        SeenAs::Officer => {
            Visibility::parse(entered.text("visibility")).unwrap_or(Visibility::Internal)
        }
        _ => Visibility::Parties,
    };
    let mut kept = Vec::new();
    for file in entered.files {
        let upload = Upload { name: file.name, bytes: file.bytes, visibility };
        let id = engine.attach(&by(&signed_in), id, upload, state.now()).await;
        kept.push(id.map_err(refused)?.0);
    }
    if kept.is_empty() {
        return Err(Problem::bad_request("没有文件", "there is no file in `files`"));
    }
    Ok((StatusCode::CREATED, Json(json!({ "evidence": kept }))))
}
