//! What went wrong, for programs (RFC 9457) and for people.

use crate::{AppState, Page, Reader};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::html;
use serde_json::json;

/// What people are told when the disk is full, in Chinese and English.
const NO_ROOM: (&str, &str) = (
    "服务器磁盘空间不足,本次内容没有保存;已受理的内容不受影响。请稍后再试,值班人员已可在运行状态中看到",
    "the server's disk is full and nothing of this was stored; what was accepted before is safe. \
     Please try again later; whoever runs the server sees it among its states",
);

/// Seconds after which it is worth asking a full server again.
const RETRY_AFTER_S: &str = "60";

/// A problem: what, and how to mend it.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    zh: String,
    en: String,
}

impl Problem {
    /// A problem with a status, a stable code and its text in both languages.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self { status, code, zh: zh.into(), en: en.into() }
    }

    /// 404.
    pub fn not_found(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "web.not_found", zh, en)
    }

    /// 400.
    pub fn bad_request(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "web.bad_request", zh, en)
    }

    /// 401.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "web.unauthorized",
            "需要登录,或以 Authorization: Bearer 发送令牌",
            "sign in, or send a token as Authorization: Bearer",
        )
    }

    /// 403.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "web.forbidden", "您无权进行此操作", "you may not do that")
    }

    /// What an account's page answers: 400 with the reason where something wrong was given.
    pub fn of_people(error: authority::AuthorityError) -> Self {
        let status = match error {
            authority::AuthorityError::Unknown => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        };
        match error.texts() {
            Some((zh, en)) => Self::new(status, error.code(), zh, en),
            None => Self::internal(&error),
        }
    }

    /// 507: the disk is full. Whoever asked may ask again.
    pub fn no_room() -> Self {
        metrics::counter!("lucid_refused_without_room_total").increment(1);
        let (zh, en) = NO_ROOM;
        Self::new(StatusCode::INSUFFICIENT_STORAGE, "web.no_room", zh, en)
    }

    /// 500, or 507 when the disk is full; the cause goes to the log, not to the reader.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        let chain = store::with_causes(error);
        if store::says_full(error) {
            tracing::error!(error = chain, "a request was refused: the disk is full");
            return Self::no_room();
        }
        tracing::error!(error = chain, "a request failed");
        Self::failed()
    }

    pub(crate) fn failed() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "web.internal",
            "服务器内部错误,已记入日志;请稍后再试",
            "the server failed and has logged why; please try again later",
        )
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The text in Chinese and English, for a page that tells it among other things.
    pub fn texts(&self) -> (&str, &str) {
        (&self.zh, &self.en)
    }

    fn json(&self, instance: &str) -> Response {
        let title = self.status.canonical_reason().unwrap_or("problem");
        let body = json!({
            "type": format!("/problems/{}", self.code),
            "title": title,
            "status": self.status.as_u16(),
            "detail": self.en,
            "detail_zh": self.zh,
            "instance": instance,
        });
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        self.with_retry((self.status, kind, body.to_string()).into_response())
    }

    fn page(&self, state: &AppState, reader: &Reader) -> Response {
        let title = match self.status {
            StatusCode::NOT_FOUND => reader.pick("没有找到", "Not found"),
            StatusCode::UNAUTHORIZED => reader.pick("需要登录", "Sign-in needed"),
            StatusCode::FORBIDDEN => reader.pick("无权访问", "Not allowed"),
            StatusCode::BAD_REQUEST => reader.pick("请求有误", "Wrong request"),
            StatusCode::INSUFFICIENT_STORAGE => reader.pick("磁盘已满", "Disk full"),
            _ => reader.pick("出了问题", "Something failed"),
        };
        let content = html! {
            div class="problem" role="alert" {
                p class="problem-status" { (self.status.as_u16()) }
                p { (reader.pick(&self.zh, &self.en)) }
                p { a class="button" href="/" { (reader.pick("回到首页", "To the first page")) } }
            }
        };
        self.with_retry(
            (self.status, Page::new(title).render(state, reader, content)).into_response(),
        )
    }

    /// When to ask again, where that helps.
    fn with_retry(&self, mut response: Response) -> Response {
        if self.status == StatusCode::INSUFFICIENT_STORAGE {
            let after = HeaderValue::from_static(RETRY_AFTER_S);
            response.headers_mut().entry(header::RETRY_AFTER).or_insert(after);
        }
        response
    }
}

/// Kept beside the response until the edge knows whether a person or a program asked.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl<E: std::error::Error + 'static> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::internal(&error)
    }
}

/// Gives every problem its form: JSON for programs, a page for people; a person without a token
/// is led to the sign-in.
pub(crate) async fn form(
    State(state): State<AppState>,
    reader: Reader,
    request: Request,
    next: Next,
) -> Response {
    let is_program = request.uri().path().starts_with("/api/") || wants_json(request.headers());
    let instance = request.uri().to_string();
    let response = next.run(request).await;
    let problem = response.extensions().get::<Problem>().cloned().or_else(|| {
        (response.status() == StatusCode::METHOD_NOT_ALLOWED).then(|| {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "web.method",
                "该地址不接受此方法",
                "this address does not take that method",
            )
        })
    });
    match problem {
        None => response,
        Some(problem) if is_program => problem.json(&instance),
        Some(problem) if problem.status == StatusCode::UNAUTHORIZED => {
            let next = crate::operator::encode(&instance);
            let to = format!("/sign-in?next={next}");
            (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
        }
        Some(problem) => problem.page(&state, &reader),
    }
}

fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("json"))
}
