//! Files of a case, handed out by the rules of who may see them.

use super::one::find;
use crate::engine::{engine, refused};
use authority::Action;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use cases::{EvidenceFile, EvidenceId, Form, Viewer};
use serde::Deserialize;
use web::{AppState, Problem, SignedIn};

/// Which form is wanted.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub(super) struct Wanted {
    /// `whole` (the default) or `thumbnail`.
    form: String,
}

impl Wanted {
    fn form(&self) -> Result<Form, Problem> {
        match self.form.as_str() {
            "" | "whole" => Ok(Form::Whole),
            "thumbnail" => Ok(Form::Thumbnail),
            _ => Err(Problem::bad_request(
                "form 应为 whole 或 thumbnail",
                "form is whole or thumbnail",
            )),
        }
    }
}

/// A file of a case by its page's address.
pub(super) async fn of_case(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path((id, file)): Path<(String, i64)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let engine = engine(&state)?;
    let viewer = Viewer::Person(signed_in.principal());
    let id = find(&engine, &id).await?;
    let view = engine.case(&viewer, id, state.now()).await.map_err(refused)?;
    let file = EvidenceId(file);
    if view.evidence.iter().all(|known| known.id != file) {
        return Err(Problem::not_found("没有这个材料", "there is no such file"));
    }
    Ok(served(engine.evidence_file(&viewer, file, wanted.form()?).await.map_err(refused)?))
}

/// A file of a case, or its small picture.
#[utoipa::path(get, path = "/cases/{id}/evidence/{file}", tag = "cases",
    params(("id" = String, Path, description = "The case's id or number"),
        ("file" = i64, Path, description = "The file's id"), Wanted),
    responses((status = 200, description = "The file"),
        (status = 401, description = "No token"), (status = 403, description = "Not allowed"),
        (status = 404, description = "No such file within one's jurisdiction")))]
pub(super) async fn of_api(
    state: State<AppState>,
    signed_in: SignedIn,
    path: Path<(String, i64)>,
    wanted: Query<Wanted>,
) -> Result<Response, Problem> {
    of_case(state, signed_in, path, wanted).await
}

/// A file as an answer: shown where that is safe, else taken away.
fn served(file: EvidenceFile) -> Response {
    const SHOWN: [&str; 5] =
        ["image/jpeg", "image/png", "image/webp", "application/pdf", "video/mp4"];
    let shown = if SHOWN.contains(&file.media_type.as_str()) { "inline" } else { "attachment" };
    let name = web::encode(&file.name);
    let disposition = format!("{shown}; filename*=UTF-8''{name}");
    let mut response = file.bytes.into_response();
    let headers = response.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).ok();
    let kind = value(&file.media_type);
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, kind);
    if let Some(disposition) = value(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}
