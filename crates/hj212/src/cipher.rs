//! SM4 over the data area (国密 SM4 加密), as the 2025 edition is quoted: ECB, no padding, groups of
//! sixteen bytes, a shorter rest in clear; length and check are those of the plain segment.
//!
//! The standard's own text has not been seen. Its implementers disagree on the wire form: raw
//! bytes, or the text `{0xE4,0x3E,…}`; both are read. ECB with an eight-bit check protects
//! nothing against tampering: a city still wants TLS or a private network.

use crate::{Reason, Rejection, encode};
use memchr::memmem;
use sm4::Sm4;
use sm4::cipher::{Block, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use std::fmt;
use std::sync::Arc;

/// A key of SM4 (对称密钥).
pub type Key = [u8; 16];

type Find = dyn Fn(&str) -> Vec<Key> + Send + Sync;

/// By which keys a device's packets may open, by its MN: none, one, or two during a change.
#[derive(Clone)]
pub struct Keys(Arc<Find>);

impl Keys {
    /// Keys that are found by asking.
    pub fn new(find: impl Fn(&str) -> Vec<Key> + Send + Sync + 'static) -> Self {
        Self(Arc::new(find))
    }

    /// The keys of a device, the one in force first.
    pub fn of(&self, mn: &str) -> Vec<Key> {
        (self.0)(mn)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys(..)")
    }
}

/// Whether the data area of a device's packet is to be encrypted.
///
/// # Standard
/// HJ 212-2025 as quoted by one implementer with page numbers: 2000 to 2999, 1014 and 3020;
/// mandatory on the internet, advisable on private networks.
pub fn covers_upload(cn: &str) -> bool {
    matches!(cn, "1014" | "3020") || (cn.len() == 4 && cn.starts_with('2'))
}

/// Whether the data area of the platform's packet is to be encrypted: the same without 2000 to
/// 2999, which are named for the field's side alone.
pub fn covers_request(cn: &str) -> bool {
    matches!(cn, "1014" | "3020")
}

/// Whether the data area of a plain frame is too short for a group of sixteen, so that nothing of
/// it is encrypted.
pub fn stays_clear(frame: &[u8]) -> bool {
    let from = memmem::find(frame, b"CP=&&").map(|at| at + 5);
    let to = memmem::rfind(frame, b"&&");
    from.zip(to).is_none_or(|(from, to)| to < from + 16)
}

/// Whether somebody could guess this key: one byte over and over, or a plain sequence.
///
/// # Standard
/// HJ 212-2025 as quoted: no regular and no fixed keys.
pub fn is_regular(key: &Key) -> bool {
    let step = key[1].wrapping_sub(key[0]);
    key.windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == step)
}

/// Encrypts the data area of a plain frame, as raw bytes; a frame without one stays as it is.
pub fn encrypt(frame: &[u8], key: &Key) -> Vec<u8> {
    let mut bytes = frame.to_vec();
    let from = memmem::find(frame, b"CP=&&").map(|at| at + 5);
    let to = memmem::rfind(frame, b"&&");
    if let (Some(from), Some(to)) = (from, to)
        && let Some(area) = bytes.get_mut(from..to)
    {
        let cipher = Sm4::new(key.into());
        for group in area.chunks_exact_mut(16) {
            let mut block = Block::<Sm4>::default();
            block.copy_from_slice(group);
            cipher.encrypt_block(&mut block);
            group.copy_from_slice(&block);
        }
    }
    bytes
}

/// Whether an area begins as text does: names and values are ASCII.
pub(crate) fn begins_as_text(area: &[u8]) -> bool {
    area.iter().take(16).all(|byte| matches!(byte, b' '..=b'~'))
}

/// Whether an area begins as cipher text does: several of its first bytes are no ASCII, which
/// noise on a line does not do to a text.
pub(crate) fn begins_as_cipher(area: &[u8]) -> bool {
    area.len() >= 16
        && (area.starts_with(b"{0x")
            || area.iter().take(16).filter(|byte| !matches!(byte, b' '..=b'~')).count() >= 3)
}

/// Where an encrypted frame ends, and its data area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// It is no frame with a data area that is closed.
    None,
    /// More bytes are needed.
    Arriving,
    /// The end of the check.
    Known(usize),
}

/// Finds the end of a frame whose length may be the plain one's while its area is written as
/// `{0xE4,…}`, which is longer.
pub(crate) fn extent(bytes: &[u8], declared_end: usize, area: usize) -> Extent {
    let closes = |end: usize| end >= 6 && bytes.get(end - 6..end - 4).is_some_and(|at| at == b"&&");
    if !bytes[area..].starts_with(b"{0x") {
        return if closes(declared_end) { Extent::Known(declared_end) } else { Extent::None };
    }
    if closes(declared_end) && bytes[area..declared_end].contains(&b'}') {
        return Extent::Known(declared_end);
    }
    let Some(close) = memchr::memchr(b'}', &bytes[area..]) else { return Extent::Arriving };
    let rest = area + close + 1;
    match memmem::find(&bytes[rest..bytes.len().min(rest + 17)], b"&&") {
        Some(at) if bytes.len() >= rest + at + 6 => Extent::Known(rest + at + 6),
        None if bytes.len() >= rest + 17 => Extent::None,
        _ => Extent::Arriving,
    }
}

/// The plain data segment of an encrypted one, whose area begins at `area` and whose check is
/// `found`; `None` where the key does not open it.
pub(crate) fn open(segment: &[u8], area: usize, found: u16, key: &Key) -> Option<Vec<u8>> {
    let plain = plain_segment(segment, area, key)?;
    let is_text = begins_as_text(plain.get(area..plain.len() - 2)?);
    (is_text && crate::crc::of(&plain) == found).then_some(plain)
}

fn plain_segment(segment: &[u8], at: usize, key: &Key) -> Option<Vec<u8>> {
    let area = segment.get(at..)?.strip_suffix(b"&&")?;
    let mut plain = segment[..at].to_vec();
    let hexadecimal = from_text(area);
    let (cipher_text, clear) = match &hexadecimal {
        Some((cipher_text, clear)) => (cipher_text.as_slice(), *clear),
        None => area.split_at(area.len() / 16 * 16),
    };
    plain.extend(decrypt_blocks(cipher_text, key));
    plain.extend_from_slice(clear);
    plain.extend_from_slice(b"&&");
    Some(plain)
}

/// Turns an encrypted frame into the plain one, with its line end.
///
/// # Errors
/// When the frame cannot be found, or the check does not hold after decryption.
pub fn decrypt(bytes: &[u8], key: &Key) -> Result<Vec<u8>, Rejection> {
    let refuse = |reason| Rejection {
        reason,
        bytes: bytes.to_vec(),
        declared_length: None,
        crc: None,
        quirks: Vec::new(),
    };
    let opening = crate::frame::Opening::read(bytes).map_err(refuse)?;
    let segment = bytes.get(opening.segment..opening.segment + opening.length);
    let segment = segment.ok_or_else(|| refuse(Reason::Truncated))?;
    let check = bytes.get(opening.end() - 4..opening.end());
    let check = check.ok_or_else(|| refuse(Reason::Truncated))?;
    let found = crate::crc::parse(check).ok_or_else(|| refuse(Reason::BadCrcField))?;
    let at = memmem::find(segment, b"CP=&&").ok_or_else(|| refuse(Reason::CpNotOpened))? + 5;
    let plain = plain_segment(segment, at, key).ok_or_else(|| refuse(Reason::CpNotClosed))?;
    let expected = crate::crc::of(&plain);
    if expected != found {
        let mut rejection = refuse(Reason::CrcMismatch);
        rejection.crc = Some((found, expected));
        return Err(rejection);
    }
    Ok(encode::frame(&plain))
}

fn decrypt_blocks(cipher_text: &[u8], key: &Key) -> Vec<u8> {
    let cipher = Sm4::new(key.into());
    let mut plain = cipher_text.to_vec();
    for group in plain.chunks_exact_mut(16) {
        let mut block = Block::<Sm4>::default();
        block.copy_from_slice(group);
        cipher.decrypt_block(&mut block);
        group.copy_from_slice(&block);
    }
    plain
}

/// Reads `{0xE4,0x3E,…}` and returns its bytes and the clear rest behind it.
fn from_text(area: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let inner = area.strip_prefix(b"{0x")?;
    let end = memchr::memchr(b'}', inner)?;
    let text = std::str::from_utf8(&area[1..end + 3]).ok()?;
    let bytes: Option<Vec<u8>> = text
        .split(',')
        .map(|byte| u8::from_str_radix(byte.trim().strip_prefix("0x")?, 16).ok())
        .collect();
    Some((bytes?, &inner[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_sixteen_are_encrypted_and_the_rest_stays_clear() {
        let segment = b"CN=2051;MN=A;Flag=9;CP=&&DataTime=20240520080000;w01018-Avg=1&&";
        let plain = encode::frame(segment);
        let key = *b"0000000000000000";
        let sealed = encrypt(&plain, &key);
        // As the standard prints in A.2 for this key and a text that begins alike.
        let area = memmem::find(&sealed, b"CP=&&").map(|at| at + 5);
        assert_eq!(area.map(|at| sealed[at..at + 2].to_vec()), Some(vec![0xE4, 0x3E]));
        assert_eq!(sealed.len(), plain.len());
        assert!(sealed.ends_with(&plain[plain.len() - 10..]), "rest, check and line end");
        assert_eq!(decrypt(&sealed, &key).as_deref(), Ok(plain.as_slice()));
        assert!(decrypt(&sealed, b"another key is 0").is_err());
    }

    #[test]
    fn what_is_short_or_has_no_area_stays_as_it_is() {
        for segment in [&b"CN=9014;CP=&&&&"[..], b"CN=9011;CP=&&QnRtn=1&&", b"CN=9014"] {
            let plain = encode::frame(segment);
            assert_eq!(encrypt(&plain, &[7; 16]), plain);
        }
    }

    #[test]
    fn keys_that_anybody_guesses_are_known() {
        for (key, expected) in [
            (b"0000000000000000", true),
            (b"abcdefghijklmnop", true),
            (b"ponmlkjihgfedcba", true),
            (b"k7Qw2mZp9LxT4vBn", false),
        ] {
            assert_eq!(is_regular(key), expected, "{key:?}");
        }
    }
}
