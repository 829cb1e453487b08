//! The signature of requests between systems: HMAC-SHA256 over what is asked, when, and what is
//! said.
//!
//! Three headers carry it: `X-Lucid-Timestamp` (seconds since 1970, UTC), `X-Lucid-Nonce` (16 to
//! 64 letters and digits, never used twice) and `X-Lucid-Signature` (64 hexadecimal digits). What
//! is signed is `METHOD \n PATH \n TIMESTAMP \n NONCE \n SHA256(body) in hexadecimal`, the path
//! with its query, as the first line of the request has it.

use base16ct::lower::encode_string;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

/// The header of the time.
pub const TIMESTAMP_HEADER: &str = "X-Lucid-Timestamp";
/// The header of the word that is used once.
pub const NONCE_HEADER: &str = "X-Lucid-Nonce";
/// The header of the signature.
pub const SIGNATURE_HEADER: &str = "X-Lucid-Signature";
/// The header of the name under which the sender is known to the receiver.
pub const PARTNER_HEADER: &str = "X-Lucid-Partner";
/// The header of the kind of event: `case.opened`.
pub const EVENT_HEADER: &str = "X-Lucid-Event";
/// The header of the key that makes a message one: the same however often it is sent.
pub const KEY_HEADER: &str = "Idempotency-Key";
/// How far the clocks of both sides may be apart.
pub const CLOCKS_APART_MAX: SignedDuration = SignedDuration::from_mins(5);

/// A request as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `POST`.
    pub method: &'a str,
    /// The path with its query: `/api/exchange/v1/messages?x=1`.
    pub path: &'a str,
    /// The bytes of the body.
    pub body: &'a [u8],
}

/// The values of the three headers.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a> {
    /// Of [`TIMESTAMP_HEADER`].
    pub timestamp: &'a str,
    /// Of [`NONCE_HEADER`].
    pub nonce: &'a str,
    /// Of [`SIGNATURE_HEADER`].
    pub signature: &'a str,
}

/// Why a signed request is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureProblem {
    /// A header does not have its form.
    #[error("a header of the signature is missing or not of its form")]
    Form,
    /// The time is too far from ours.
    #[error("the time of the request is more than five minutes from ours; set the clock")]
    Clock,
    /// It was not signed with the secret that both sides know.
    #[error("the signature is not that of the request; compare the secret and what is signed")]
    Wrong,
}

impl SignatureProblem {
    /// A stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Form => "delivery.signature_form",
            Self::Clock => "delivery.signature_clock",
            Self::Wrong => "delivery.signature_wrong",
        }
    }
}

/// Signs a request: 64 hexadecimal digits.
pub fn sign(secret: &[u8], request: Request<'_>, timestamp: &str, nonce: &str) -> String {
    encode_string(&mac(secret, request, timestamp, nonce).finalize().into_bytes())
}

/// Whether a request is signed with this secret, now. Whether its nonce is new, the store knows:
/// [`crate::Outbox::is_new_nonce`].
///
/// # Errors
/// Why it is not believed.
pub fn verify(
    secret: &[u8],
    request: Request<'_>,
    headers: Headers<'_>,
    now: Timestamp,
) -> Result<(), SignatureProblem> {
    let is_digits = headers.timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = headers.nonce.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_digits || !is_word || !(16..=64).contains(&headers.nonce.len()) {
        return Err(SignatureProblem::Form);
    }
    let signature = unhex(headers.signature).ok_or(SignatureProblem::Form)?;
    let seconds: i64 = headers.timestamp.parse().map_err(|_| SignatureProblem::Form)?;
    if secret.is_empty() {
        return Err(SignatureProblem::Wrong);
    }
    // In constant time.
    mac(secret, request, headers.timestamp, headers.nonce)
        .verify_slice(&signature)
        .map_err(|_| SignatureProblem::Wrong)?;
    let apart = now.as_second().abs_diff(seconds);
    if apart > CLOCKS_APART_MAX.as_secs().unsigned_abs() {
        return Err(SignatureProblem::Clock);
    }
    Ok(())
}

fn mac(secret: &[u8], request: Request<'_>, timestamp: &str, nonce: &str) -> Hmac<Sha256> {
    // The hash takes a key of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length");
    let body = encode_string(&Sha256::digest(request.body));
    for (index, part) in
        [request.method, request.path, timestamp, nonce, &body].into_iter().enumerate()
    {
        if index > 0 {
            mac.update(b"\n");
        }
        mac.update(part.as_bytes());
    }
    mac
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (text.len() == 64).then(|| base16ct::mixed::decode_vec(text).ok()).flatten()
}
