//! Room on the disk, asked before anything is taken: what would be stored is refused as a whole
//! while less is free than is held back.

use crate::{AppState, Problem};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;

/// What is done on a full disk all the same: signing in and out, keeping the platform running,
/// and questions that are asked by a form.
const ALWAYS: [&str; 6] =
    ["/sign-in", "/sign-out", "/operator", "/log/check", "/evidence/verify", "/sql"];
/// So much of a refused upload is read, so that whoever sends it hears why; the rest is cut off.
const HEARD_OUT: usize = 64 << 20;

/// Refuses what would be stored when there is no room for it.
pub(crate) async fn ensure(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let is_question = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let is_always = ALWAYS.iter().any(|path| request.uri().path().starts_with(path));
    if is_question || is_always {
        return next.run(request).await;
    }
    let Err(error) = state.store.ensure_room() else { return next.run(request).await };
    tracing::warn!(code = error.code(), %error, "a request was refused");
    hear_out(request.into_body()).await;
    Problem::no_room().into_response()
}

async fn hear_out(body: Body) {
    let mut parts = body.into_data_stream();
    let mut heard = 0;
    while let Some(Ok(part)) = parts.next().await {
        heard += part.len();
        if heard > HEARD_OUT {
            return;
        }
    }
}
