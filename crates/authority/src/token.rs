//! Making a token, its digest, and comparing digests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// SHA-256 of a token.
pub(crate) type Digest = [u8; 32];

/// What a token begins with, so that people and scanners of leaked secrets know it.
const PREFIX: &str = "lucid-";

/// A new token: the prefix and 32 random bytes in base64url.
pub(crate) fn new_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

pub(crate) fn digest(token: &str) -> Digest {
    Sha256::digest(token.as_bytes()).into()
}

/// Compares in a time that does not depend on where the two differ.
pub(crate) fn equal(one: &Digest, other: &Digest) -> bool {
    let differing =
        one.iter().zip(other).fold(0, |differing, (left, right)| differing | (left ^ right));
    std::hint::black_box(differing) == 0
}

pub(crate) fn to_hex(digest: &Digest) -> String {
    use std::fmt::Write as _;
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn from_hex(text: &str) -> Option<Digest> {
    let mut digest = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (place, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[place * 2..place * 2 + 2], 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_never_the_same() {
        let (one, other) = (new_token().expect("randomness"), new_token().expect("randomness"));
        assert_eq!((one.len(), other.len()), (49, 49));
        assert_ne!(one, other);
        assert!(one.starts_with(PREFIX));
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }

    #[test]
    fn digests_come_back_and_compare() {
        let (one, other) = (digest("abc"), digest("abd"));
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(to_hex(&one), known);
        assert_eq!(from_hex(known), Some(one));
        assert!(equal(&one, &one) && !equal(&one, &other));
        for damaged in ["", "ba78", &format!("{}zz", &known[..62])] {
            assert_eq!(from_hex(damaged), None);
        }
    }
}
