//! Single sign-on (统一身份认证) by OpenID Connect: code flow with PKCE, state and nonce.
//!
//! Whoever comes back is known by the provider's address and their number there, never by an
//! e-mail address; a user ties that number to their account themselves, while signed in.

use crate::door::DoorSettings;
use crate::operator::{WRONG, WRONG_A_MINUTE, own_path};
use crate::reader::cookie;
use crate::sign_in::welcome;
use crate::{AppState, Problem, Visitor};
use authority::UserId;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use jiff::Timestamp;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl,
    Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    TokenResponse as _,
};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The cookie that ties the way back to the browser that set out.
const COOKIE: &str = "lucid_single";
/// How long somebody may stay at the provider, in seconds.
const MINUTES_AWAY: i64 = 600;
/// How many may be under way at once.
const UNDER_WAY_MAX: usize = 10_000;
/// How long the provider may take to answer, and how much it may say.
const PATIENCE: Duration = Duration::from_secs(10);
const ANSWER_MAX: u64 = 1 << 20;

/// The identity provider of the city.
#[derive(Debug)]
pub struct SingleSignOn {
    /// Its address, as its documents name it.
    pub issuer: String,
    /// The name of this installation there.
    pub client_id: String,
    /// The secret of this installation there.
    pub client_secret: String,
    /// What people call it.
    pub name: String,
    under_way: Mutex<HashMap<String, UnderWay>>,
}

/// Somebody who is at the provider.
#[derive(Debug)]
struct UnderWay {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    next: String,
    /// The user who ties themselves to the provider.
    tie: Option<UserId>,
    since: Timestamp,
}

impl SingleSignOn {
    /// A provider by its address, and what this installation is there.
    pub fn new(issuer: &str, client_id: &str, client_secret: &str, name: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            name: if name.is_empty() { issuer.to_owned() } else { name.to_owned() },
            under_way: Mutex::default(),
        }
    }

    /// Asks the provider where to send somebody; gives that address and the state.
    fn set_out(&self, back: &str) -> Result<(String, String, Nonce, PkceCodeVerifier), String> {
        let metadata = self.discovered()?;
        let back = RedirectUrl::new(back.to_owned()).map_err(said)?;
        let client = CoreClient::from_provider_metadata(metadata, self.id(), self.secret())
            .set_redirect_uri(back);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (address, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge)
            .url();
        Ok((address.to_string(), state.secret().clone(), nonce, verifier))
    }

    /// Changes a code for who somebody is: their number at the provider.
    fn come_back(&self, back: &str, code: String, one: UnderWay) -> Result<String, String> {
        let metadata = self.discovered()?;
        let back = RedirectUrl::new(back.to_owned()).map_err(said)?;
        let client = CoreClient::from_provider_metadata(metadata, self.id(), self.secret())
            .set_redirect_uri(back);
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(said)?
            .set_pkce_verifier(one.verifier)
            .request(&ask)
            .map_err(said)?;
        let token = answer.id_token().ok_or("the provider gave no identity token")?;
        let verifier = client.id_token_verifier();
        let claims = token.claims(&verifier, &one.nonce).map_err(said)?;
        if let Some(wanted) = claims.access_token_hash() {
            let algorithm = token.signing_alg().map_err(said)?;
            let key = token.signing_key(&verifier).map_err(said)?;
            let found =
                openidconnect::AccessTokenHash::from_token(answer.access_token(), algorithm, key);
            if found.map_err(said)? != *wanted {
                return Err("the access token is not the one of the identity token".to_owned());
            }
        }
        Ok(claims.subject().as_str().to_owned())
    }

    fn discovered(&self) -> Result<CoreProviderMetadata, String> {
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(said)?;
        CoreProviderMetadata::discover(&issuer, &ask).map_err(said)
    }

    fn id(&self) -> ClientId {
        ClientId::new(self.client_id.clone())
    }

    fn secret(&self) -> Option<ClientSecret> {
        let secret = Some(self.client_secret.clone()).filter(|secret| !secret.is_empty());
        secret.map(ClientSecret::new)
    }

    fn keep(&self, state: String, one: UnderWay) {
        let mut all = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let now = one.since;
        all.retain(|_, other| now.duration_since(other.since).as_secs() < MINUTES_AWAY);
        if all.len() < UNDER_WAY_MAX {
            all.insert(state, one);
        }
    }

    /// Each state comes back once.
    fn take(&self, state: &str, now: Timestamp) -> Option<UnderWay> {
        let mut all = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.remove(state)?;
        (now.duration_since(found.since).as_secs() < MINUTES_AWAY).then_some(found)
    }
}

/// An error with its causes, for the log.
fn said(error: impl std::error::Error) -> String {
    store::with_causes(&error)
}

/// Asks the provider; it leads nowhere else.
fn ask(request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .http_status_as_error(false)
        .build()
        .into();
    let (parts, mut body) = agent.run(request)?.into_parts();
    let body = body.with_config().limit(ANSWER_MAX).read_to_vec()?;
    Ok(HttpResponse::from_parts(parts, body))
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    next: Option<String>,
}

/// Sends somebody to the provider.
pub(crate) async fn begin(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let next = own_path(asked.next.as_deref(), "/");
    set_out(&state, &visitor, &headers, next, None).await
}

/// Sends somebody to the provider to tie their account to who they are there. A link and no form:
/// the policy of the pages lets forms lead to this server alone.
pub(crate) async fn tie(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let signed_in = visitor.signed_in.clone().ok_or_else(Problem::unauthorized)?;
    let (user, _) = signed_in.in_person()?;
    set_out(&state, &visitor, &headers, "/account".to_owned(), Some(user)).await
}

async fn set_out(
    state: &AppState,
    visitor: &Visitor,
    headers: &HeaderMap,
    next: String,
    tie: Option<UserId>,
) -> Result<Response, Problem> {
    let (now, address) = (state.now(), visitor.origin.address.as_str());
    state.throttle.check("single sign-on", address, WRONG_A_MINUTE, now)?;
    state.throttle.count("single sign-on", address, now);
    let provider = provider(state)?;
    let back = way_back(&state.door(), headers);
    let asked = Arc::clone(&provider);
    let found = tokio::task::spawn_blocking(move || asked.set_out(&back)).await?;
    let (to, secret, nonce, verifier) = found.map_err(|why| unanswered(&why))?;
    provider.keep(secret.clone(), UnderWay { nonce, verifier, next, tie, since: now });
    let kept = state.door().set(COOKIE, &secret, MINUTES_AWAY, "Lax");
    let headers = [(header::LOCATION, to), (header::SET_COOKIE, kept)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Back {
    code: Option<String>,
    state: Option<String>,
}

/// Takes somebody back from the provider.
pub(crate) async fn back(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(given): Query<Back>,
) -> Result<Response, Problem> {
    let (now, origin) = (state.now(), &visitor.origin);
    state.throttle.check(WRONG, &origin.address, WRONG_A_MINUTE, now)?;
    let provider = provider(&state)?;
    let kept = cookie(&headers, COOKIE);
    let secret = given.state.filter(|secret| kept.as_ref() == Some(secret));
    let one = secret.and_then(|secret| provider.take(&secret, now));
    let (Some(one), Some(code)) = (one, given.code) else {
        state.throttle.count(WRONG, &origin.address, now);
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "web.single_sign_on_state",
            "统一认证未完成或已超时,请重新登录",
            "single sign-on was not finished or took too long; sign in anew",
        ));
    };
    let (next, tie) = (one.next.clone(), one.tie);
    let to = way_back(&state.door(), &headers);
    let asked = Arc::clone(&provider);
    let found = tokio::task::spawn_blocking(move || asked.come_back(&to, code, one)).await?;
    let subject = found.map_err(|why| {
        state.throttle.count(WRONG, &origin.address, now);
        unanswered(&why)
    })?;
    let issuer = provider.issuer.as_str();
    if let Some(user) = tie {
        return tied(&state, &visitor, user, (issuer, &subject), &next).await;
    }
    match state.authority.sign_in_by_identity(issuer, &subject, origin, now).await? {
        Some(begun) => Ok(welcome(&state, &begun, &next)),
        None => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "web.single_sign_on_unknown",
            format!(
                "统一认证账号 {subject} 尚未与本系统账号关联;请先用密码登录,在“我的账号”中关联"
            ),
            format!(
                "the account {subject} of the provider is tied to nobody here; sign in with a \
                 password and tie it under My account"
            ),
        )),
    }
}

/// Ties whoever came back to the user who set out, if they are still the one who is signed in.
async fn tied(
    state: &AppState,
    visitor: &Visitor,
    user: UserId,
    (issuer, subject): (&str, &str),
    next: &str,
) -> Result<Response, Problem> {
    let signed_in = visitor.signed_in.as_ref().ok_or_else(Problem::unauthorized)?;
    if signed_in.in_person()?.0 != user {
        return Err(Problem::forbidden());
    }
    let (actor, now) = (signed_in.as_self(), state.now());
    let is_new = state.authority.tie_identity(&actor, user, (issuer, subject), now).await;
    if !is_new.map_err(Problem::of_people)? {
        return Err(Problem::bad_request(
            "该统一认证账号已关联到某个账号",
            "that account of the provider is tied to somebody already",
        ));
    }
    let gone = state.door().set(COOKIE, "", 0, "Lax");
    let headers = AppendHeaders([(header::LOCATION, next.to_owned()), (header::SET_COOKIE, gone)]);
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

fn provider(state: &AppState) -> Result<Arc<SingleSignOn>, Problem> {
    state.handle::<SingleSignOn>().ok_or_else(|| {
        Problem::not_found("未配置统一身份认证", "no single sign-on is configured: oidc.issuer")
    })
}

fn unanswered(why: &str) -> Problem {
    tracing::warn!(why, "single sign-on failed");
    Problem::new(
        StatusCode::BAD_GATEWAY,
        "web.single_sign_on",
        "统一认证服务没有给出有效答复,已记入日志;可改用密码登录",
        "the provider gave no valid answer, which is logged; sign in with a password instead",
    )
}

/// Where the provider sends people back to.
fn way_back(door: &DoorSettings, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let own = format!("http://{}", host.unwrap_or("localhost"));
    let at = Some(door.public_address.trim_end_matches('/')).filter(|at| !at.is_empty());
    format!("{}/sign-in/single/back", at.unwrap_or(&own))
}
