//! Random secrets and their digests: whoever reads the store cannot use them.
//!
//! Their 256 random bits need no slow hash: nobody guesses them.

use crate::AuthorityError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of a secret, as stored.
pub(crate) type Digest = Vec<u8>;

pub(crate) fn random<const SIZE: usize>() -> Result<[u8; SIZE], AuthorityError> {
    let mut bytes = [0_u8; SIZE];
    getrandom::fill(&mut bytes).map_err(|error| AuthorityError::Random(error.to_string()))?;
    Ok(bytes)
}

/// A new secret with a beginning that says what it is for.
pub(crate) fn new(prefix: &str) -> Result<String, AuthorityError> {
    Ok(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<32>()?)))
}

pub(crate) fn digest(secret: &str) -> Digest {
    Sha256::digest(secret.as_bytes()).to_vec()
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// RFC 4648 base32 without padding, as authenticator apps read it.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(BASE32[(held >> bits) as usize & 31]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(BASE32[(held << (5 - bits)) as usize & 31]));
    }
    text
}

/// The bytes of a base32 text.
pub(crate) fn unbase32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.bytes() {
        let value = BASE32.iter().position(|known| *known == letter.to_ascii_uppercase())?;
        held = (held << 5) | value as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn base32_has_the_vectors_of_rfc_4648() {
        for (plain, wanted) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(super::base32(plain.as_bytes()), wanted, "{plain}");
            assert_eq!(super::unbase32(wanted).as_deref(), Some(plain.as_bytes()), "{wanted}");
        }
    }
}
