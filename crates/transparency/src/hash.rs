//! SHA-256 as the log uses it: digests of what is logged, and the two hashes of RFC 9162.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Thirty-two bytes of SHA-256 (摘要).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// SHA-256 over these parts, one after the other.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// The hash of a leaf of the tree (RFC 9162, 2.1.1).
    pub fn of_leaf(entry: &[u8]) -> Self {
        Self::of(&[&[0], entry])
    }

    /// The hash of an inner node of the tree (RFC 9162, 2.1.1).
    pub fn of_children(left: Self, right: Self) -> Self {
        Self::of(&[&[1], &left.0, &right.0])
    }

    /// The root of the tree without leaves.
    pub fn of_nothing() -> Self {
        Self::of(&[])
    }

    /// As base64, the form of checkpoints and proofs.
    pub fn to_base64(self) -> String {
        BASE64_STANDARD.encode(self.0)
    }

    /// Reads what [`Hash::to_base64`] wrote.
    pub fn from_base64(text: &str) -> Option<Self> {
        BASE64_STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// As hexadecimal digits, the form of `sha256sum`.
    pub fn to_hex(self) -> String {
        base16ct::lower::encode_string(&self.0)
    }

    /// Reads what [`Hash::to_hex`] wrote.
    pub fn from_hex(text: &str) -> Option<Self> {
        base16ct::mixed::decode_vec(text).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_hex())
    }
}

#[cfg(test)]
mod tests {
    use super::Hash;

    #[test]
    fn both_forms_come_back() {
        let hash = Hash::of(&[b"a", b"bc"]);
        let digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash.to_hex(), digits);
        assert_eq!(Hash::from_hex(digits), Some(hash));
        assert_eq!(Hash::from_base64(&hash.to_base64()), Some(hash));
        for wrong in ["", "ba78", &"zz".repeat(32), &"é".repeat(32)] {
            assert_eq!(Hash::from_hex(wrong), None, "{wrong}");
            assert_eq!(Hash::from_base64(wrong), None, "{wrong}");
        }
    }
}
