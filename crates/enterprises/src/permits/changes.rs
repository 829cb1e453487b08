//! What officers do: bring a version after they saw what it changes, end a permit.

use super::list::today;
use super::pages::import::{self, Preview};
use super::pages::parts;
use super::{access, plausible, problem, unknown};
use crate::checks::Checks;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::civil::Date;
use maud::Markup;
use permits::{Ended, Fault, PermitDraft, PermitVersion, check, versions, workbook};
use registry::{Enterprise, Snapshot};
use serde::Deserialize;
use web::{AppState, Problem, Reader, SignedIn};

/// A workbook of a permit is at most so large, in bytes.
const FILE_MAX: usize = 2 << 20;
/// The same as text in a form, with what stands around it.
const FORM_MAX: usize = FILE_MAX * 2;
/// The decision by which a permit ends is at most so long.
const LONGEST_REASON: usize = 400;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/permits/import", get(form).post(read))
        .route("/permits/import/accept", post(accept))
        .route("/permits/{number}/end", post(end))
        .layer(DefaultBodyLimit::max(FORM_MAX))
}

fn see(path: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

async fn form(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Markup, Problem> {
    access::of_managers(&signed_in)?;
    Ok(import::form(&state, &reader, &[]))
}

async fn read(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    request: Request,
) -> Result<Response, Problem> {
    // Before the file is read: whoever may not bring permits sends none.
    access::of_managers(&signed_in)?;
    let bytes = uploaded(request).await?;
    let snapshot = state.snapshot();
    let draft = match opened(&snapshot, bytes.clone()).await? {
        Ok(draft) => draft,
        Err(faults) => {
            let page = import::form(&state, &reader, &faults);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    access::manager(&signed_in, holder(&snapshot, &draft)?)?;
    let preview = preview(&state, &snapshot, draft, &bytes).await?;
    Ok(import::preview(&state, &reader, &snapshot, &preview).into_response())
}

/// The file of a form.
async fn uploaded(request: Request) -> Result<Vec<u8>, Problem> {
    let unread = || {
        Problem::bad_request(
            format!("文件无法读取,或大于 {} MB", FILE_MAX >> 20),
            format!("the file cannot be read, or is larger than {} MB", FILE_MAX >> 20),
        )
    };
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unread())?;
    while let Some(part) = parts.next_field().await.map_err(|_| unread())? {
        if part.name() == Some("file") {
            let bytes = part.bytes().await.map_err(|_| unread())?;
            if !bytes.is_empty() && bytes.len() <= FILE_MAX {
                return Ok(bytes.to_vec());
            }
        }
    }
    Err(Problem::bad_request(
        format!("请选择不大于 {} MB 的 .xlsx 文件", FILE_MAX >> 20),
        format!("choose a workbook of at most {} MB", FILE_MAX >> 20),
    ))
}

/// Reads a workbook beside the threads that answer.
async fn opened(
    snapshot: &std::sync::Arc<Snapshot>,
    bytes: Vec<u8>,
) -> Result<Result<PermitDraft, Vec<Fault>>, Problem> {
    let snapshot = std::sync::Arc::clone(snapshot);
    Ok(tokio::task::spawn_blocking(move || workbook::read(&bytes, &snapshot)).await?)
}

fn holder<'snapshot>(
    snapshot: &'snapshot Snapshot,
    draft: &PermitDraft,
) -> Result<&'snapshot Enterprise, Problem> {
    snapshot.enterprise_by_code(&draft.enterprise).ok_or_else(|| {
        Problem::bad_request(
            format!("平台中没有代码为“{}”的单位", draft.enterprise),
            format!("there is no enterprise with the code {:?}", draft.enterprise),
        )
    })
}

/// What is worth a look before a draft is accepted: what no judge can apply, and what the checks of
/// entries find.
fn notes(
    state: &AppState,
    snapshot: &Snapshot,
    draft: &PermitDraft,
    all: &[PermitVersion],
) -> Vec<Fault> {
    let before = versions::shown(all, draft.content.in_force_from);
    let mut found = check::notes(draft, snapshot);
    found.extend(plausible::notes(&Checks::of(state), draft, before, all));
    found
}

async fn preview(
    state: &AppState,
    snapshot: &Snapshot,
    draft: PermitDraft,
    bytes: &[u8],
) -> Result<Preview, Problem> {
    let all = permits::by_number(&state.store, &draft.number).await.map_err(problem)?;
    let holder = holder(snapshot, &draft)?;
    if let Some(other) = all.first().filter(|it| it.permit.enterprise != holder.id) {
        let code = snapshot.enterprise(other.permit.enterprise).map(|it| it.code.clone());
        let (number, holder) = (draft.number, code.unwrap_or_default());
        return Err(problem(permits::PermitError::OtherHolder { number, holder }));
    }
    let same_day = |it: &&PermitVersion| it.in_force_from == draft.content.in_force_from;
    let same = all.iter().filter(same_day).max_by_key(|it| it.version);
    let is_new = same.is_none_or(|it| it.content != draft.content);
    let before = versions::shown(&all, draft.content.in_force_from).cloned();
    let known = match all.first() {
        Some(first) => permits::background_of(&state.store, first.permit.id).await,
        None => Ok(permits::Background::default()),
    };
    let known = known.map_err(problem)?;
    let has_new_background = draft.background.as_ref().is_some_and(|it| *it != known);
    let notes = notes(state, snapshot, &draft, &all);
    let file = BASE64.encode(bytes);
    Ok(Preview { draft, before, is_new, has_new_background, notes, file })
}

#[derive(Debug, Default, Deserialize)]
struct Accepted {
    #[serde(default)]
    file: String,
    #[serde(default)]
    checked: String,
}

async fn accept(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Form(accepted): Form<Accepted>,
) -> Result<Response, Problem> {
    access::of_managers(&signed_in)?;
    let bytes = BASE64.decode(accepted.file.trim()).map_err(|_| {
        Problem::bad_request("请从预览页提交", "send it from the page that shows what changes")
    })?;
    let snapshot = state.snapshot();
    let draft = match opened(&snapshot, bytes.clone()).await? {
        Ok(draft) => draft,
        Err(faults) => {
            let page = import::form(&state, &reader, &faults);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let holder = holder(&snapshot, &draft)?;
    let actor = access::manager(&signed_in, holder)?;
    let all = permits::by_number(&state.store, &draft.number).await.map_err(problem)?;
    if !notes(&state, &snapshot, &draft, &all).is_empty() && accepted.checked != "yes" {
        // A soft stop: the notes are shown again, to be ticked.
        let preview = preview(&state, &snapshot, draft, &bytes).await?;
        let page = import::preview(&state, &reader, &snapshot, &preview);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let kept = permits::keep(&state.store, &actor, &snapshot, holder.id, &draft, state.now()).await;
    let kept = kept.map_err(problem)?;
    state.registry.reload().await?;
    Ok(see(import::kept_path(&draft, &kept)))
}

#[derive(Debug, Default, Deserialize)]
struct Ending {
    #[serde(default)]
    last_day: String,
    #[serde(default)]
    reason: String,
}

async fn end(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(number): Path<String>,
    Form(given): Form<Ending>,
) -> Result<Response, Problem> {
    access::of_managers(&signed_in)?;
    let snapshot = state.snapshot();
    let all = permits::by_number(&state.store, &number).await.map_err(problem)?;
    let first = all.first().ok_or_else(|| unknown(&number))?;
    let holder = snapshot.enterprise(first.permit.enterprise).ok_or_else(|| unknown(&number))?;
    let actor = access::manager(&signed_in, holder)?;
    let begins = all.iter().map(|it| it.valid_from).min().unwrap_or_else(|| today(&state));
    let last_day: Option<Date> = given.last_day.trim().parse().ok();
    let last_day = last_day.filter(|day| begins <= *day).ok_or_else(|| {
        Problem::bad_request(
            format!("最后一天应为不早于 {begins} 的日期,如 2026-11-29"),
            format!("the last day is a day from {begins} on, like 2026-11-29"),
        )
    })?;
    let reason = given.reason.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(Problem::bad_request(
            format!("请用不超过 {LONGEST_REASON} 字写明决定"),
            format!("name the decision in at most {LONGEST_REASON} letters"),
        ));
    }
    let ended = Ended { last_day, reason: reason.to_owned() };
    permits::end(&state.store, &actor, &snapshot, &number, &ended, state.now())
        .await
        .map_err(problem)?;
    state.registry.reload().await?;
    Ok(see(parts::path(&number)))
}
