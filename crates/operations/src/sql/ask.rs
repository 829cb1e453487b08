//! What page and interface share: who may ask, and what becomes of trouble.

use super::{Engine, EngineHandle, Question, Trouble, TroubleKind};
use authority::{Action, Actor, Decision, Principal, Scope, Subject, decide, scope};
use axum::http::StatusCode;
use std::sync::Arc;
use web::{AppState, Language, Problem, SignedIn};

/// The longest question.
pub(super) const LETTERS_MAX: usize = 20_000;

/// Who asks, for the audit record, when they may ask: the duty may be theirs in a part of the
/// installation alone. What they see is what the pages show them.
pub fn asker(principal: &Principal, origin: &str) -> Option<Actor> {
    if scope(principal, Action::QueryData) == Scope::Nothing {
        return None;
    }
    let rule = match decide(principal, Action::QueryData, &Subject::installation()) {
        Decision::Allowed { rule } => rule,
        Decision::Denied { .. } => {
            let brings = |role: authority::Role| role.actions().contains(&Action::QueryData);
            let grant = principal.grants.iter().find(|grant| brings(grant.role));
            grant.map_or_else(String::new, |grant| {
                format!("{}@{}", grant.role.as_str(), grant.jurisdiction)
            })
        }
    };
    Some(Actor::of(principal, origin, rule))
}

/// The question as it may be asked.
pub(super) fn question(
    signed_in: &SignedIn,
    text: &str,
    way: &'static str,
) -> Result<Question, Problem> {
    signed_in.scope(Action::QueryData)?;
    let origin = &signed_in.origin().address;
    let actor = asker(signed_in.principal(), origin).ok_or_else(Problem::forbidden)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::bad_request("请写出查询语句", "write a question"));
    }
    if text.len() > LETTERS_MAX {
        return Err(Problem::bad_request(
            format!("查询语句最长 {LETTERS_MAX} 字节"),
            format!("a question has at most {LETTERS_MAX} bytes"),
        ));
    }
    Ok(Question {
        text: text.to_owned(),
        principal: Arc::new(signed_in.principal().clone()),
        actor,
        way,
    })
}

/// The engine, or that this build has none.
pub(super) fn engine(state: &AppState) -> Result<Arc<dyn Engine>, Problem> {
    let handle = state.handle::<EngineHandle>();
    handle.map(|handle| Arc::clone(&handle.0)).ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_IMPLEMENTED,
            "sql.not_built",
            "本程序未含 SQL;请用发布版,或以 cargo build --release -p lucid --features sql 编译",
            "this build has no SQL: take a released one, or build it with \
             `cargo build --release -p lucid --features sql`",
        )
    })
}

/// What a program is told of trouble.
pub(super) fn problem(trouble: &Trouble) -> Problem {
    let (zh, en) = (whole(trouble, Language::Chinese), whole(trouble, Language::English));
    Problem::new(status(trouble.kind), trouble.kind.code(), zh, en)
}

/// The status of an answer that met trouble.
pub(super) const fn status(kind: TroubleKind) -> StatusCode {
    match kind {
        TroubleKind::Wrong | TroubleKind::Refused | TroubleKind::TooMuch => StatusCode::BAD_REQUEST,
        TroubleKind::Busy => StatusCode::SERVICE_UNAVAILABLE,
        TroubleKind::Failed => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Trouble in one sentence: where, what, how to mend it.
fn whole(trouble: &Trouble, language: Language) -> String {
    let place = place(trouble, language);
    let what = trouble.what.in_language(language);
    let cure = trouble.cure.in_language(language);
    let between = match (cure.is_empty(), language) {
        (true, _) => "",
        (false, Language::Chinese) => ";",
        (false, Language::English) => "; ",
    };
    format!("{place}{what}{between}{cure}")
}

/// Where the trouble stands; empty where nobody knows.
pub(super) fn place(trouble: &Trouble, language: Language) -> String {
    let Some((line, column)) = trouble.place else { return String::new() };
    match language {
        Language::Chinese => format!("第 {line} 行第 {column} 列:"),
        Language::English => format!("line {line}, column {column}: "),
    }
}
