//! Who is at the door: found out once a request, then asked by every handler.

use crate::door::{self, CLIENT_UNKNOWN, DoorSettings};
use crate::reader::cookie;
use crate::{AppState, Problem};
use authority::{
    Action, Actor, Decision, Denial, Origin, Principal, Scope, SessionId, Subject, UserId, decide,
    scope,
};
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

/// Someone who has shown who they are (已登录者). As an argument of a handler it lets nobody else in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    principal: Arc<Principal>,
    /// The session, unless they showed a token.
    pub session: Option<SessionId>,
    origin: Arc<Origin>,
}

impl SignedIn {
    /// Who they are.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Their number, when they are a user in person and not a program with a token.
    ///
    /// # Errors
    /// 403 for tokens: nobody changes an account with one.
    pub fn in_person(&self) -> Result<(UserId, SessionId), Problem> {
        self.principal.user.zip(self.session).ok_or_else(|| {
            Problem::new(
                axum::http::StatusCode::FORBIDDEN,
                "web.in_person",
                "此操作须由本人以账号登录后进行,不能使用令牌",
                "this is done in person: sign in with an account, not with a token",
            )
        })
    }

    /// Where they come from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether they may; gives who acts by which rule, for the audit record.
    ///
    /// # Errors
    /// 403 with the reason when they may not.
    pub fn allowed(&self, action: Action, subject: &Subject) -> Result<Actor, Problem> {
        match decide(&self.principal, action, subject) {
            Decision::Allowed { rule } => {
                Ok(Actor::of(&self.principal, self.origin.address.clone(), rule))
            }
            Decision::Denied { why } => Err(denied(why)),
        }
    }

    /// Who acts in their own affairs, for the audit record.
    pub fn as_self(&self) -> Actor {
        Actor::of(&self.principal, self.origin.address.clone(), "self")
    }

    /// What of a list they may see: the filter of the query.
    ///
    /// # Errors
    /// 403 when none of it.
    pub fn scope(&self, action: Action) -> Result<Scope, Problem> {
        match scope(&self.principal, action) {
            Scope::Nothing => Err(denied(Denial::NoRole)),
            some => Ok(some),
        }
    }
}

fn denied(why: Denial) -> Problem {
    let (zh, en) = why.texts();
    Problem::new(axum::http::StatusCode::FORBIDDEN, why.code(), zh, en)
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Self::Rejection> {
        of(parts).ok_or_else(Problem::unauthorized)
    }
}

/// Someone who has shown who they are. Ask [`Allowed::to`] before doing anything that concerns the
/// whole installation; [`SignedIn`] asks about a part of it.
#[derive(Clone, Debug)]
pub struct Allowed(SignedIn);

impl Allowed {
    /// Whether they may, in the whole installation.
    ///
    /// # Errors
    /// 403 when they may not.
    pub fn to(&self, action: Action) -> Result<(), Problem> {
        self.0.allowed(action, &Subject::installation()).map(|_| ())
    }
}

impl FromRequestParts<AppState> for Allowed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        SignedIn::from_request_parts(parts, state).await.map(Self)
    }
}

/// Whoever comes, known or not.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Where they come from.
    pub origin: Arc<Origin>,
    /// Who they are, when they have shown it.
    pub signed_in: Option<SignedIn>,
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        let unknown = || Self { origin: Arc::default(), signed_in: None };
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(unknown))
    }
}

pub(crate) fn of(parts: &Parts) -> Option<SignedIn> {
    parts.extensions.get::<Visitor>().and_then(|visitor| visitor.signed_in.clone())
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(|token| token.trim().to_owned())
}

/// Finds out who comes, before anything else is done.
pub(crate) async fn identify(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let settings = state.door();
    let origin = Arc::new(origin(&request, &settings));
    match identified(&state, request.headers(), &settings, &origin).await {
        Ok(signed_in) => {
            request.extensions_mut().insert(Visitor { origin, signed_in });
            next.run(request).await
        }
        Err(problem) => {
            let mut response = problem.into_response();
            let failed = axum::body::Body::from("503: people cannot be looked up\n");
            *response.status_mut() = axum::http::StatusCode::SERVICE_UNAVAILABLE;
            *response.body_mut() = failed;
            response
        }
    }
}

async fn identified(
    state: &AppState,
    headers: &HeaderMap,
    settings: &DoorSettings,
    origin: &Arc<Origin>,
) -> Result<Option<SignedIn>, Problem> {
    let now = state.now();
    let signed_in = |principal, session| SignedIn {
        principal: Arc::new(principal),
        session,
        origin: Arc::clone(origin),
    };
    if let Some(token) = bearer(headers) {
        let found = state.authority.verify(&token, now).await?;
        return Ok(found.map(|principal| signed_in(principal, None)));
    }
    if let Some(secret) = cookie(headers, settings.session_cookie())
        && let Some((session, principal)) = state.authority.session(&secret, now).await?
    {
        return Ok(Some(signed_in(principal, Some(session))));
    }
    let Some(token) = cookie(headers, door::OPERATOR_COOKIE) else { return Ok(None) };
    let found = state.authority.verify(&token, now).await?;
    Ok(found.map(|principal| signed_in(principal, None)))
}

fn origin(request: &Request, settings: &DoorSettings) -> Origin {
    let headers = request.headers();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(address)| address.ip().to_string());
    // The proxy appends whom it saw; what stands before may be invented.
    let forwarded = text("x-forwarded-for")
        .filter(|_| settings.trusts_proxy)
        .and_then(|list| list.rsplit(',').next())
        .map(|address| address.trim().to_owned());
    Origin {
        address: forwarded.or(peer).unwrap_or_else(|| CLIENT_UNKNOWN.to_owned()),
        agent: text("user-agent").unwrap_or_default().chars().take(200).collect(),
    }
}
