//! SM4 over the data area (国密 SM4 加密), as the 2025 edition is quoted: ECB, no padding, groups of
//! sixteen bytes, a shorter rest in clear; length and check are those of the plain segment.
//!
//! The standard's own text has not been seen. Its implementers disagree on the wire form: raw
//! bytes, or the text `{0xE4,0x3E,…}`; both are read. ECB with an eight-bit check protects
//! nothing against tampering: a city still wants TLS or a private network.

use crate::{Reason, Rejection, encode};
use memchr::memmem;
use sm4::Sm4;
use sm4::cipher::{Block, BlockCipherDecrypt as _, KeyInit as _};

/// Turns an encrypted frame into the plain one, with its line end.
///
/// # Errors
/// When the frame cannot be found, or the check does not hold after decryption.
pub fn decrypt(bytes: &[u8], key: &[u8; 16]) -> Result<Vec<u8>, Rejection> {
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
    let area = segment[at..].strip_suffix(b"&&").ok_or_else(|| refuse(Reason::CpNotClosed))?;
    let mut plain = segment[..at].to_vec();
    let hexadecimal = from_text(area);
    let (cipher_text, clear) = match &hexadecimal {
        Some((cipher_text, clear)) => (cipher_text.as_slice(), *clear),
        None => area.split_at(area.len() / 16 * 16),
    };
    plain.extend(decrypt_blocks(cipher_text, key));
    plain.extend_from_slice(clear);
    plain.extend_from_slice(b"&&");
    let expected = crate::crc::of(&plain);
    if expected != found {
        let mut rejection = refuse(Reason::CrcMismatch);
        rejection.crc = Some((found, expected));
        return Err(rejection);
    }
    Ok(encode::frame(&plain))
}

fn decrypt_blocks(cipher_text: &[u8], key: &[u8; 16]) -> Vec<u8> {
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
