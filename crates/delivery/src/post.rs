//! Signed requests over HTTP.

use crate::DeliveryError;
use crate::address::{Target, is_public};
use crate::answer::{Answer, chain, short};
use crate::signature::{self, NONCE_HEADER, Request, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use crate::signature::{EVENT_HEADER, KEY_HEADER, PARTNER_HEADER};
use jiff::{SignedDuration, Timestamp};
use std::io;
use std::time::Duration;
use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, config::Config};

/// How much of an answer is read.
const ANSWER_MAX: u64 = 4096;

/// What is posted.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) target: Target,
    pub(crate) secret: Vec<u8>,
    /// Under which name the other side knows us.
    pub(crate) own_name: String,
    pub(crate) key: String,
    pub(crate) event: String,
    pub(crate) body: String,
}

/// Sends requests. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Poster {
    /// For addresses of the configuration.
    trusted: Agent,
    /// For addresses of users: leads nowhere into the house.
    guarded: Agent,
}

impl Poster {
    /// Believes these root certificates, or the well-known ones.
    pub(crate) fn new(
        patience: Duration,
        certificates: Option<&str>,
    ) -> Result<Self, DeliveryError> {
        let roots = certificates.map(roots).transpose()?;
        let config = |is_guarded: bool| {
            let tls = TlsConfig::builder().root_certs(roots.clone().unwrap_or(RootCerts::WebPki));
            let config = Agent::config_builder()
                .timeout_global(Some(patience))
                .max_redirects(0)
                .http_status_as_error(false)
                .user_agent("Lucid")
                .https_only(is_guarded)
                .tls_config(tls.build());
            // Whoever stands between would resolve the name anew, unguarded.
            if is_guarded { config.proxy(None).build() } else { config.build() }
        };
        let guarded =
            Agent::with_parts(config(true), DefaultConnector::default(), Guard::default());
        Ok(Self { trusted: config(false).into(), guarded })
    }

    /// Posts, waiting for the answer. Blocks.
    pub(crate) fn post(&self, post: &Post, now: Timestamp) -> Answer {
        let Some(nonce) = nonce() else {
            return Answer::Failed("the system gives no random bytes".into(), None);
        };
        let timestamp = now.as_second().to_string();
        let body = post.body.as_bytes();
        let request = Request { method: "POST", path: post.target.path(), body };
        let signature = signature::sign(&post.secret, request, &timestamp, &nonce);
        let agent = if post.target.is_configured { &self.trusted } else { &self.guarded };
        let sent = agent
            .post(&post.target.uri)
            .header("Content-Type", "application/json")
            .header(KEY_HEADER, visible(&post.key))
            .header(EVENT_HEADER, visible(&post.event))
            .header(PARTNER_HEADER, visible(&post.own_name))
            .header(TIMESTAMP_HEADER, timestamp)
            .header(NONCE_HEADER, nonce)
            .header(SIGNATURE_HEADER, signature)
            .send(body);
        match sent {
            Ok(answer) => read(answer),
            Err(problem) => Answer::Failed(chain(&problem), None),
        }
    }
}

/// What a status means: which answers can be another time is said in RFC 9110 and RFC 6585; a
/// wrong signature is a matter of secrets and clocks, which somebody mends.
fn read(mut answer: ureq::http::Response<ureq::Body>) -> Answer {
    let status = answer.status();
    let asked = answer.headers().get("Retry-After").and_then(|value| value.to_str().ok());
    let asked = asked.and_then(|text| text.trim().parse().ok()).map(SignedDuration::from_secs);
    let body = answer.body_mut().with_config().limit(ANSWER_MAX).lossy_utf8(true).read_to_string();
    let said = short(&format!("{} {}", status.as_u16(), body.unwrap_or_default()));
    match status.as_u16() {
        200..=299 => Answer::Taken(said),
        401 | 403 | 408 | 421 | 423 | 425 | 429 | 500..=599 => Answer::Failed(said, asked),
        _ => Answer::Refused(said),
    }
}

/// Printable ASCII as it is, all else as `%XX`: what a header can carry.
fn visible(text: &str) -> String {
    text.bytes().fold(String::new(), |mut visible, byte| {
        if byte.is_ascii_graphic() && byte != b'%' {
            visible.push(char::from(byte));
        } else {
            visible.push('%');
            visible.push_str(&base16ct::upper::encode_string(&[byte]));
        }
        visible
    })
}

fn nonce() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(base16ct::lower::encode_string(&bytes))
}

fn roots(text: &str) -> Result<RootCerts, DeliveryError> {
    let wrong = |why: String| DeliveryError::Setting { key: "delivery.certificates", why };
    let mut found = Vec::new();
    for item in parse_pem(text.as_bytes()) {
        if let PemItem::Certificate(one) = item.map_err(|problem| wrong(problem.to_string()))? {
            found.push(one);
        }
    }
    if found.is_empty() {
        return Err(wrong("the file holds no certificate in the form PEM".into()));
    }
    Ok(RootCerts::new_with_certs(&found))
}

/// Resolves names as the system does, and drops what leads into the house.
#[derive(Debug, Default)]
struct Guard {
    system: DefaultResolver,
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut open = self.empty();
        for address in &self.system.resolve(uri, config, timeout)? {
            if is_public(address.ip()) {
                open.push(*address);
            }
        }
        if open.is_empty() {
            let why = "the name leads into the local network, where no webhook may go";
            return Err(ureq::Error::Io(io::Error::new(io::ErrorKind::PermissionDenied, why)));
        }
        Ok(open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_carry_any_text() {
        assert_eq!(visible("case-1/opened"), "case-1/opened");
        assert_eq!(visible("100%\r\nX: 案"), "100%25%0D%0AX:%20%E6%A1%88");
    }

    #[test]
    fn a_name_that_leads_into_the_house_is_not_followed() {
        let poster = Poster::new(Duration::from_secs(5), None).expect("a poster");
        let post = Post {
            target: Target { uri: Uri::from_static("https://localhost:1/"), is_configured: false },
            secret: b"secret".to_vec(),
            own_name: "lucid".into(),
            key: "a".into(),
            event: "test".into(),
            body: "{}".into(),
        };
        let answer = poster.post(&post, Timestamp::UNIX_EPOCH);
        assert_eq!(answer.outcome(), "failed");
        assert!(answer.said().contains("into the local network"), "{answer:?}");
    }

    #[test]
    fn certificates_that_are_none_are_refused() {
        for text in ["", "words"] {
            let problem = Poster::new(Duration::from_secs(5), Some(text)).expect_err(text);
            assert_eq!(problem.code(), "delivery.setting");
        }
    }
}
