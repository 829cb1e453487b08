//! The brief as a file.

use super::document::{DRAWN, document};
use crate::access::Officer;
use crate::cockpit::overview;
use crate::indicators;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use documents::{Document, DocumentError, FontShelf};
use web::{AppState, Problem, SignedIn};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/plan/brief.docx", get(word)).route("/plan/brief.pdf", get(pdf))
}

async fn brief(state: &AppState, signed_in: &SignedIn) -> Result<Document, Problem> {
    Officer::of(signed_in)?;
    let seen = overview(&state.store, state.now())
        .await?
        .ok_or_else(|| Problem::not_found("本市没有方案文件", "this city has no plan"))?;
    let days = indicators::newest_inputs(&state.store, DRAWN).await?;
    Ok(document(&seen, &state.snapshot(), &days))
}

async fn word(State(state): State<AppState>, signed_in: SignedIn) -> Result<Response, Problem> {
    let brief = brief(&state, &signed_in).await?;
    let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    Ok(attached(&brief, kind, "docx", brief.docx().map_err(failed)?))
}

async fn pdf(State(state): State<AppState>, signed_in: SignedIn) -> Result<Response, Problem> {
    let brief = brief(&state, &signed_in).await?;
    let shelf = state.handle::<FontShelf>().ok_or_else(|| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "governance.no_fonts",
            "本安装没有可用的字体；可下载 Word 版",
            "this installation has no fonts; take the Word file",
        )
    })?;
    // Drawing takes a while: not on a thread that answers.
    let drawn = tokio::task::spawn_blocking(move || {
        let fonts = shelf.fonts()?;
        brief.pdf(&fonts).map(|bytes| (brief, bytes))
    });
    let drawn = drawn.await.map_err(|error| Problem::internal(&error))?;
    let (brief, bytes) = drawn.map_err(failed)?;
    Ok(attached(&brief, "application/pdf", "pdf", bytes))
}

fn failed(error: DocumentError) -> Problem {
    Problem::internal(&error)
}

fn attached(brief: &Document, kind: &'static str, ending: &str, bytes: Vec<u8>) -> Response {
    let name = format!("attachment; filename=\"plan-brief-{}.{ending}\"", brief.date);
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)];
    (headers, bytes).into_response()
}
