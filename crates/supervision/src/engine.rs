//! The engine of cases as the pages from outside use it: the handle, and its refusals as problems.

use axum::http::StatusCode;
use cases::{CaseError, Cases};
use std::sync::Arc;
use web::{AppState, Problem};

/// The engine of this installation.
pub(crate) fn engine(state: &AppState) -> Result<Arc<Cases>, Problem> {
    state.handle::<Cases>().ok_or_else(|| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "supervision.no_cases",
            "本安装没有启用事项办理",
            "this installation does not handle cases; `lucid serve` does",
        )
    })
}

/// A refusal of the engine as a problem; what is none of the asker's business goes to the log.
pub(crate) fn refused(error: CaseError) -> Problem {
    let status = match &error {
        CaseError::Unknown | CaseError::UnknownKind(_) => StatusCode::NOT_FOUND,
        CaseError::WrongCode | CaseError::Denied(_) => StatusCode::FORBIDDEN,
        CaseError::Conflict(_) => StatusCode::CONFLICT,
        CaseError::NotStored(_) | CaseError::Stopped => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let told = match &error {
        CaseError::Evidence(evidence) => {
            evidence.text().map(|text| (text.zh.into_owned(), text.en.into_owned()))
        }
        other => other.texts(),
    };
    let code = match &error {
        CaseError::Evidence(evidence) => evidence.code(),
        other => other.code(),
    };
    match told {
        Some((zh, en)) => Problem::new(status, code, zh, en),
        None => Problem::internal(&error),
    }
}

/// What went wrong with one file, in both languages, for a page that goes on without it.
pub(crate) fn file_refusal(error: &CaseError) -> (String, String) {
    let text = match error {
        CaseError::Evidence(evidence) => {
            evidence.text().map(|text| (text.zh.into_owned(), text.en.into_owned()))
        }
        other => other.texts(),
    };
    if error.says_full() {
        tracing::error!(code = error.code(), %error, "a file was not attached: no room");
        let problem = Problem::no_room();
        let (zh, en) = problem.texts();
        return (zh.to_owned(), en.to_owned());
    }
    text.unwrap_or_else(|| {
        tracing::error!(code = error.code(), %error, "a file was not attached");
        ("没有保存,请稍后再试".to_owned(), "it was not stored; try again later".to_owned())
    })
}
