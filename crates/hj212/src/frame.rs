//! One frame: `##`, length, data segment, check, line end.

use crate::{Packet, Quirk, Reason, Rejection, crc};
use std::ops::Range;

/// A frame that is whole, with its segment taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The bytes from `##` to the check; the line end is left out.
    pub bytes: Vec<u8>,
    /// The data segment.
    pub packet: Packet,
    /// What departs from the standard.
    pub quirks: Vec<Quirk>,
    /// The key that opened it, where it came encrypted; its bytes are the plain ones.
    pub key: Option<crate::cipher::Key>,
}

/// How a frame begins: what its length says and where its segment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opening {
    /// The declared length of the segment.
    pub(crate) length: usize,
    /// Where the segment begins.
    pub(crate) segment: usize,
    digits: u8,
}

impl Opening {
    /// Reads `##` and two to four digits at the beginning of `bytes`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Reason> {
        let rest = bytes.strip_prefix(b"##").ok_or(Reason::NoFrame)?;
        let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
        let length = rest[..digits].iter().fold(0, |sum, d| sum * 10 + usize::from(d - b'0'));
        let this = Self { length, segment: 2 + digits, digits: digits as u8 };
        if (2..=4).contains(&digits) { Ok(this) } else { Err(Reason::BadLengthField) }
    }

    /// Where the check ends.
    pub(crate) fn end(&self) -> usize {
        self.segment + self.length + 4
    }

    fn quirk(&self) -> Option<Quirk> {
        (self.digits != 4).then_some(Quirk::LengthDigits(self.digits))
    }
}

/// Reads one frame that stands alone, with or without its line end.
///
/// # Standard
/// HJ 212-2017 6.2 to 6.4; the policy of a receiver: accept with quirks where length and check
/// hold, else refuse with the reason.
///
/// # Errors
/// The first reason that makes the frame unusable, with the bytes.
pub fn decode_whole(bytes: &[u8]) -> Result<Frame, Rejection> {
    let (body, tail) = split_tail(bytes);
    let opening = match Opening::read(bytes) {
        Ok(opening) => opening,
        Err(reason) => return Err(refused_opening(bytes, reason)),
    };
    let mut quirks: Vec<Quirk> = opening.quirk().into_iter().collect();
    quirks.extend(tail);
    let Some((end, in_characters)) = end_of(body, &opening) else {
        let cut = body.len() < opening.end() && tail == Some(Quirk::NoTail);
        let reason = if cut { Reason::Truncated } else { Reason::LengthMismatch };
        return Err(refuse(bytes, reason, Some(&opening), None, quirks));
    };
    if in_characters {
        quirks.push(Quirk::LengthInCharacters);
    }
    finish(&bytes[..end], opening.segment..end - 4, &opening, quirks)
}

/// Where the frame ends in `body`, and whether its length counts characters.
fn end_of(body: &[u8], opening: &Opening) -> Option<(usize, bool)> {
    if body.len() == opening.end() {
        return Some((opening.end(), false));
    }
    let segment = body.get(opening.segment..body.len().checked_sub(4)?)?;
    let characters = characters(segment)?;
    (characters != segment.len() && characters == opening.length).then_some((body.len(), true))
}

/// Counts the characters of a text in UTF-8 or, failing that, GBK.
fn characters(segment: &[u8]) -> Option<usize> {
    if let Ok(text) = std::str::from_utf8(segment) {
        return Some(text.chars().count());
    }
    let (text, _, wrong) = encoding_rs::GBK.decode(segment);
    (!wrong).then(|| text.chars().count())
}

/// Checks a segment of known bounds and takes it apart.
pub(crate) fn finish(
    frame: &[u8],
    segment: Range<usize>,
    opening: &Opening,
    mut quirks: Vec<Quirk>,
) -> Result<Frame, Rejection> {
    let digits = &frame[segment.end..segment.end + 4];
    let Some(found) = crc::parse(digits) else {
        return Err(refuse(frame, Reason::BadCrcField, Some(opening), None, quirks));
    };
    let segment = &frame[segment];
    let expected = crc::of(segment);
    if found != expected {
        let reason = if found == crc::modbus(segment) {
            Reason::CrcModbus
        } else if found == expected.swap_bytes() {
            Reason::CrcByteSwapped
        } else {
            Reason::CrcMismatch
        };
        return Err(refuse(frame, reason, Some(opening), Some((found, expected)), quirks));
    }
    let framing = quirks.clone();
    if digits.iter().any(u8::is_ascii_lowercase) {
        quirks.push(Quirk::CrcLowerCase);
    }
    if segment.len() > 1024 {
        quirks.push(Quirk::Over1024);
    }
    let Some(text) = text(segment, &mut quirks) else {
        return Err(refuse(frame, Reason::BadText, Some(opening), None, framing));
    };
    match Packet::parse(text, &mut quirks) {
        Ok(packet) => Ok(Frame { bytes: frame.to_vec(), packet, quirks, key: None }),
        Err(reason) => Err(refuse(frame, reason, Some(opening), None, framing)),
    }
}

fn text(segment: &[u8], quirks: &mut Vec<Quirk>) -> Option<Box<str>> {
    if let Ok(text) = std::str::from_utf8(segment) {
        return Some(text.into());
    }
    let (text, _, wrong) = encoding_rs::GBK.decode(segment);
    quirks.push(Quirk::TextGbk);
    (!wrong).then(|| text.into())
}

/// The bytes without their line end, and what is odd about that end.
fn split_tail(bytes: &[u8]) -> (&[u8], Option<Quirk>) {
    if let Some(body) = bytes.strip_suffix(b"\r\n") {
        (body, None)
    } else if let Some(body) = bytes.strip_suffix(b"\n") {
        (body, Some(Quirk::LineFeedOnly))
    } else if let Some(body) = bytes.strip_suffix(b"\r") {
        (body, Some(Quirk::CarriageReturnOnly))
    } else {
        (bytes, Some(Quirk::NoTail))
    }
}

fn refused_opening(bytes: &[u8], reason: Reason) -> Rejection {
    let digits = bytes.iter().skip(2).take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let mut quirks = Vec::new();
    if reason == Reason::BadLengthField && digits != 4 {
        quirks.push(Quirk::LengthDigits(digits as u8));
    }
    quirks.extend(split_tail(bytes).1);
    refuse(bytes, reason, None, None, quirks)
}

pub(crate) fn refuse(
    bytes: &[u8],
    reason: Reason,
    opening: Option<&Opening>,
    crc: Option<(u16, u16)>,
    quirks: Vec<Quirk>,
) -> Rejection {
    let declared_length = opening.map(|opening| opening.length);
    Rejection { reason, bytes: bytes.to_vec(), declared_length, crc, quirks }
}
