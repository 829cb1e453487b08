//! Requests that a partner signed: believed when the signature is right, the clock is near and the
//! word is new.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode};
use delivery::signature::{
    Headers, NONCE_HEADER, Request as Asked, SIGNATURE_HEADER, TIMESTAMP_HEADER, verify,
};
use delivery::{Outbox, Partner};
use std::sync::Arc;
use web::{AppState, Problem, Visitor};

/// Where the open interface stands: what is signed is the whole path.
const INTERFACE: &str = "/api/v1";
/// Unbelieved requests of one address in a minute.
const WRONG_A_MINUTE: u32 = 60;
const WRONG: &str = "wrong exchange signature";
/// The largest body, in bytes.
pub(super) const BODY_MAX: usize = 1 << 20;

/// The body of a request that its partner signed.
pub(super) struct Signed {
    /// Who signed it.
    pub(super) partner: Partner,
    /// What they say.
    pub(super) body: Bytes,
}

/// The outbox of this installation.
pub(super) fn outbox(state: &AppState) -> Result<Arc<Outbox>, Problem> {
    state.handle::<Outbox>().ok_or_else(|| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "supervision.no_outbox",
            "本安装没有启用外发",
            "this installation sends nothing; `lucid serve` does",
        )
    })
}

impl FromRequest<AppState> for Signed {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let visitor = request.extensions().get::<Visitor>();
        let address = visitor.map(|one| one.origin.address.clone()).unwrap_or_default();
        state.throttle.check(WRONG, &address, WRONG_A_MINUTE, state.now())?;
        let signed = believed(request, state).await;
        if let Err(problem) = &signed
            && problem.status() == StatusCode::UNAUTHORIZED
        {
            state.throttle.count(WRONG, &address, state.now());
        }
        signed
    }
}

async fn believed(request: Request, state: &AppState) -> Result<Signed, Problem> {
    let outbox = outbox(state)?;
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    // The interface is nested: the router has taken its beginning away.
    let path = if path.starts_with(INTERFACE) { path } else { format!("{INTERFACE}{path}") };
    let name = path.strip_prefix("/api/v1/exchange/").and_then(|rest| rest.split('/').next());
    let partner = outbox.partner(name.unwrap_or_default()).cloned();
    let body = Bytes::from_request(request, state).await.map_err(|refusal| {
        Problem::bad_request(format!("请求体无法读取:{refusal}"), refusal.to_string())
    })?;
    // Whoever is no partner learns no more than whoever signs wrongly.
    let partner =
        partner.ok_or_else(|| unbelieved("delivery.signature_wrong", "unknown partner"))?;
    let text = |name: &str| header(&headers, name);
    let (timestamp, nonce, signature) =
        (text(TIMESTAMP_HEADER), text(NONCE_HEADER), text(SIGNATURE_HEADER));
    let asked = Asked { method: method.as_str(), path: &path, body: &body };
    let shown = Headers { timestamp: &timestamp, nonce: &nonce, signature: &signature };
    let now = state.now();
    verify(partner.secret.0.as_bytes(), asked, shown, now)
        .map_err(|problem| unbelieved(problem.code(), &problem.to_string()))?;
    let mut transaction = state.store.begin().await?;
    let is_new = outbox.is_new_nonce(&mut transaction, &partner.name, &nonce, now).await?;
    transaction.commit().await?;
    if !is_new {
        return Err(unbelieved(
            "exchange.replayed",
            "the nonce was used before; sign each request, a repeated one too, with a new one",
        ));
    }
    Ok(Signed { partner, body })
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn unbelieved(code: &'static str, why: &str) -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        code,
        format!("签名未通过:{why}"),
        format!("the request is not believed: {why}"),
    )
}
