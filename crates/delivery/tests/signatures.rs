//! Signed requests as both sides make them.

use delivery::SignatureProblem;
use delivery::signature::{Headers, Request, sign, verify};
use jiff::Timestamp;
use proptest::prelude::*;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const REQUEST: Request<'static> =
    Request { method: "POST", path: "/api/exchange/v1/messages?x=1", body: br#"{"a":"\u73b0"}"# };
const HEADERS: Headers<'static> = Headers {
    timestamp: "1800000000",
    nonce: "5d41402abc4b2a76b9719d911017c592",
    // From `printf 'POST\n…' | openssl dgst -sha256 -hmac SECRET`.
    signature: "a71a920033ffab360c9d890a3b3dd6b545ac14d08b1c7e5c2ed8b9dace93cc69",
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a time")
}

fn verified(request: Request<'_>, headers: Headers<'_>) -> Result<(), SignatureProblem> {
    verify(SECRET, request, headers, at(1_800_000_000))
}

#[test]
fn another_program_signs_the_same() {
    let own = sign(SECRET, REQUEST, HEADERS.timestamp, HEADERS.nonce);
    assert_eq!(own, HEADERS.signature);
    assert_eq!(verified(REQUEST, HEADERS), Ok(()));
    let upper = HEADERS.signature.to_uppercase();
    assert_eq!(verified(REQUEST, Headers { signature: &upper, ..HEADERS }), Ok(()));
}

#[test]
fn what_was_changed_is_not_believed() {
    let wrong = Err(SignatureProblem::Wrong);
    assert_eq!(verified(Request { method: "PUT", ..REQUEST }, HEADERS), wrong);
    assert_eq!(verified(Request { path: "/api/exchange/v1/messages", ..REQUEST }, HEADERS), wrong);
    assert_eq!(verified(Request { body: b"{}", ..REQUEST }, HEADERS), wrong);
    assert_eq!(verified(REQUEST, Headers { timestamp: "1800000001", ..HEADERS }), wrong);
    let nonce = "5d41402abc4b2a76b9719d911017c593";
    assert_eq!(verified(REQUEST, Headers { nonce, ..HEADERS }), wrong);
    let now = at(1_800_000_000);
    assert_eq!(verify(b"another", REQUEST, HEADERS, now), wrong);
    let unsigned = sign(b"", REQUEST, HEADERS.timestamp, HEADERS.nonce);
    let headers = Headers { signature: &unsigned, ..HEADERS };
    assert_eq!(verify(b"", REQUEST, headers, now), wrong, "no secret is no signature");
}

#[test]
fn clocks_may_be_five_minutes_apart() {
    for (second, wanted) in [
        (1_800_000_300, Ok(())),
        (1_799_999_700, Ok(())),
        (1_800_000_301, Err(SignatureProblem::Clock)),
        (1_799_999_699, Err(SignatureProblem::Clock)),
    ] {
        assert_eq!(verify(SECRET, REQUEST, HEADERS, at(second)), wanted, "{second}");
    }
}

#[test]
fn headers_of_another_form_are_said() {
    for headers in [
        Headers { timestamp: "", ..HEADERS },
        Headers { timestamp: "-5", ..HEADERS },
        Headers { timestamp: "18000000000000000000000", ..HEADERS },
        Headers { nonce: "short", ..HEADERS },
        Headers { nonce: "0123456789abcdef\n", ..HEADERS },
        Headers { signature: "", ..HEADERS },
        Headers { signature: "zz", ..HEADERS },
    ] {
        assert_eq!(verified(REQUEST, headers), Err(SignatureProblem::Form), "{headers:?}");
    }
}

proptest! {
    #[test]
    fn whatever_is_signed_is_verified_and_nothing_else(
        secret in prop::collection::vec(any::<u8>(), 1..80),
        path in "/[a-z/?=&]{0,30}",
        body in prop::collection::vec(any::<u8>(), 0..100),
        other in prop::collection::vec(any::<u8>(), 0..100),
        nonce in "[0-9a-f]{32}",
    ) {
        let request = Request { method: "POST", path: &path, body: &body };
        let signature = sign(&secret, request, "1800000000", &nonce);
        let headers = Headers { timestamp: "1800000000", nonce: &nonce, signature: &signature };
        let now = at(1_800_000_000);
        prop_assert_eq!(verify(&secret, request, headers, now), Ok(()));
        let changed = Request { body: &other, ..request };
        prop_assert_eq!(verify(&secret, changed, headers, now).is_ok(), body == other);
    }

    #[test]
    fn any_headers_are_answered(
        timestamp in ".{0,30}", nonce in ".{0,70}", signature in ".{0,70}",
    ) {
        let headers = Headers { timestamp: &timestamp, nonce: &nonce, signature: &signature };
        prop_assert!(verified(REQUEST, headers).is_err());
    }
}
