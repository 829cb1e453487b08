//! What the phone's page asks and sends.

use super::model::{Work, is_key};
use super::store::{self, Delivered};
use super::tasks;
use super::work::{Sender, files};
use crate::engine::engine;
use authority::Action;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use evidence::Upload;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem, SignedIn};

/// The largest photo or film, in bytes.
const PHOTO_MAX: usize = 32 << 20;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(all_tasks))
        .routes(routes!(work))
        .merge(OpenApiRouter::new().routes(routes!(photo)).layer(DefaultBodyLimit::max(PHOTO_MAX)))
}

/// Lets in who may register something, in person.
fn sender<'a>(state: &'a AppState, signed_in: &'a SignedIn) -> Result<Sender<'a>, Problem> {
    signed_in.scope(Action::OpenCase)?;
    let (user, _) = signed_in.in_person()?;
    Ok(Sender { state, signed_in, user })
}

/// My tasks and my unit's, each with what may be done with it, for the way.
#[utoipa::path(get, path = "/patrol/tasks", tag = "patrol",
    responses((status = 200, description = "The person, the tasks, the kinds of new finds"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "Not allowed")))]
async fn all_tasks(
    State(state): State<AppState>,
    signed_in: SignedIn,
) -> Result<Json<Value>, Problem> {
    let sender = sender(&state, &signed_in)?;
    let cases = engine(&state)?;
    let principal = signed_in.principal();
    tasks::list(&cases, principal, sender.user.0, state.now()).await.map(Json)
}

#[derive(Deserialize, utoipa::IntoParams)]
struct Named {
    /// The name that the photo had on the phone.
    name: Option<String>,
}

/// Delivers a photo ahead of its work, under a key that the phone made; sent again it is known.
#[utoipa::path(put, path = "/patrol/photos/{key}", tag = "patrol",
    params(("key" = String, Path, description = "16 to 64 letters, digits and dashes"), Named),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, description = "It is kept"),
        (status = 400, description = "No key, or a file of no known type"),
        (status = 401, description = "Not signed in"),
        (status = 403, description = "Not allowed"),
        (status = 413, description = "Too large")))]
async fn photo(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(key): Path<String>,
    Query(named): Query<Named>,
    bytes: Bytes,
) -> Result<Json<Value>, Problem> {
    let sender = sender(&state, &signed_in)?;
    check_key(&key)?;
    if store::photo(&state.store, sender.user, &key).await?.is_none() {
        let name = named.name.unwrap_or_default();
        let upload = Upload { name, bytes: bytes.to_vec() };
        let kept = files(&state)?.keep(upload).await.map_err(|error| match error.text() {
            Some(text) => Problem::new(
                axum::http::StatusCode::BAD_REQUEST,
                error.code(),
                text.zh.into_owned(),
                text.en.into_owned(),
            ),
            None => Problem::internal(&error),
        })?;
        let photo = Delivered { digest: kept.digest, name: kept.name };
        store::insert(&state.store, sender.user, &key, &photo, state.now()).await?;
    }
    Ok(Json(json!({ "key": key })))
}

/// Takes a piece of work under a key that the phone made; sent again it is taken once.
#[utoipa::path(put, path = "/patrol/records/{key}", tag = "patrol",
    params(("key" = String, Path, description = "16 to 64 letters, digits and dashes")),
    request_body = Work,
    responses((status = 200, description = "It is taken: the number of the case"),
        (status = 400, description = "Something is missing or wrong"),
        (status = 401, description = "Not signed in; the work is not lost"),
        (status = 403, description = "Not allowed"),
        (status = 409, description = "Somebody was faster, or another person made it")))]
async fn work(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(key): Path<String>,
    body: Result<Json<Work>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let sender = sender(&state, &signed_in)?;
    check_key(&key)?;
    let Json(work) = body.map_err(|refusal| {
        let why = refusal.body_text();
        Problem::bad_request(format!("记录不是约定的 JSON:{why}"), format!("no record: {why}"))
    })?;
    let number = sender.take(&key, work).await?;
    Ok(Json(json!({ "number": number })))
}

fn check_key(key: &str) -> Result<(), Problem> {
    if is_key(key) {
        return Ok(());
    }
    Err(Problem::bad_request(
        "键须为 16 至 64 个字母、数字或短横",
        "a key has 16 to 64 letters, digits and dashes",
    ))
}
