//! Finding frames in a stream of bytes, whatever stands between them.

use crate::cipher::{self, Extent, Keys};
use crate::frame::{Opening, finish, refuse};
use crate::{Edition, Frame, Quirk, Reason, Rejection, crc};
use memchr::memmem;
use std::collections::VecDeque;

/// The longest frame that four digits can declare, without its line end.
pub const LONGEST_FRAME: usize = 6 + 9999 + 4;

/// Turns bytes as they arrive into frames and refusals, in order.
///
/// Frames are found by `##` and their length, never by line ends or by `##` alone, since texts
/// may hold either. A length that lies does not stall the stream: a whole and right frame found
/// inside the bytes it claims ends the wait.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    start: usize,
    ready: VecDeque<Result<Frame, Rejection>>,
    keys: Option<Keys>,
}

impl Decoder {
    /// A decoder that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder that opens encrypted packets of 2025; what it hands out is plain and says that
    /// it came encrypted. Cipher text without a key that opens it is a refusal of its own, also
    /// where its eight-bit check happens to hold.
    pub fn with_keys(keys: Keys) -> Self {
        Self { keys: Some(keys), ..Self::default() }
    }

    /// Takes bytes in; frames they complete wait for [`Decoder::next_frame`].
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        while self.step() {}
        self.buffer.drain(..self.start);
        self.start = 0;
    }

    /// The next frame or refusal, if one is complete.
    pub fn next_frame(&mut self) -> Option<Result<Frame, Rejection>> {
        self.ready.pop_front()
    }

    /// The bytes that wait for more; never more than [`LONGEST_FRAME`].
    pub fn waiting(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Says that no more bytes will come: what still waits is refused as cut short.
    pub fn finish(&mut self) {
        let rest = &self.buffer[self.start..];
        if let Some(offset) = memmem::find(rest, b"##") {
            let rest = &rest[offset..];
            if let Err(rejection) = crate::decode_whole(rest) {
                self.ready.push_back(Err(rejection));
            }
        }
        self.buffer.clear();
        self.start = 0;
    }

    /// Takes one frame or one piece of rubbish off the front; false when more bytes are needed.
    fn step(&mut self) -> bool {
        let bytes = &self.buffer[self.start..];
        let Some(offset) = memmem::find(bytes, b"##") else {
            let keep = usize::from(bytes.ends_with(b"#"));
            self.start = self.buffer.len() - keep;
            return false;
        };
        self.start += offset;
        let bytes = &self.buffer[self.start..];
        if bytes.get(2) == Some(&b'#') {
            self.start += 1;
            return true;
        }
        let digits = bytes[2..].iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
        if bytes.len() == 2 + digits && digits < 4 {
            return false;
        }
        match Opening::read(bytes) {
            Err(reason) => self.refuse_opening(reason),
            Ok(opening) if bytes.len() >= opening.end() => self.complete(&opening),
            Ok(_) => self.look_inside(),
        }
    }

    /// A frame of which all bytes are here: taken, or refused and searched for another inside.
    fn complete(&mut self, opening: &Opening) -> bool {
        match self.sealed(opening) {
            Sealed::No => {}
            Sealed::Arriving => return self.look_inside(),
            Sealed::Whole(frame, end) => {
                let tail = tail(&self.buffer[self.start + end..]).0;
                self.ready.push_back(*frame);
                self.start += end + tail;
                return true;
            }
        }
        let bytes = &self.buffer[self.start..];
        let end = opening.end();
        let mut quirks = Vec::new();
        if opening.segment != 6 {
            quirks.push(Quirk::LengthDigits((opening.segment - 2) as u8));
        }
        let tail = tail(&bytes[end..]);
        quirks.extend(tail.1);
        match finish(&bytes[..end], opening.segment..end - 4, opening, quirks) {
            Ok(frame) => {
                self.ready.push_back(Ok(frame));
                self.start += end + tail.0;
            }
            Err(rejection) => match self.in_characters(opening) {
                Characters::Right(frame, end) => {
                    let tail = self::tail(&self.buffer[self.start + end..]).0;
                    self.ready.push_back(Ok(*frame));
                    self.start += end + tail;
                }
                Characters::Arriving => return self.look_inside(),
                Characters::Wrong => self.refuse(rejection, end + tail.0),
            },
        }
        true
    }

    /// Opens a frame whose data area is encrypted.
    fn sealed(&self, opening: &Opening) -> Sealed {
        let Some(keys) = &self.keys else { return Sealed::No };
        let bytes = &self.buffer[self.start..];
        let head = &bytes[opening.segment..bytes.len().min(opening.segment + HEADER_MAX)];
        let Some(at) = memmem::find(head, b"CP=&&").map(|at| at + 5) else { return Sealed::No };
        let Some(mn) = sealing_device(&head[..at]) else { return Sealed::No };
        let area = opening.segment + at;
        let end = match cipher::extent(bytes, opening.end(), area) {
            Extent::Known(end) => end,
            Extent::Arriving if bytes.len() < LONGEST_FRAME => return Sealed::Arriving,
            Extent::None | Extent::Arriving => return Sealed::No,
        };
        let segment = &bytes[opening.segment..end - 4];
        let Some(found) = crc::parse(&bytes[end - 4..end]) else { return Sealed::No };
        let keys = keys.of(mn);
        for key in &keys {
            if let Some(plain) = cipher::open(segment, at, found, key) {
                let plain = crate::encode::frame(&plain);
                let frame =
                    crate::decode_whole(&plain).map(|frame| Frame { key: Some(*key), ..frame });
                return Sealed::Whole(Box::new(frame), end);
            }
        }
        if !cipher::begins_as_cipher(&segment[at..segment.len() - 2]) {
            return Sealed::No;
        }
        let reason = if keys.is_empty() { Reason::NoKey } else { Reason::WrongKey };
        let rejection = refuse(&bytes[..end], reason, Some(opening), None, Vec::new());
        Sealed::Whole(Box::new(Err(rejection)), end)
    }

    /// Reads the length of a frame whose bytes do not hold together as a count of characters.
    fn in_characters(&self, opening: &Opening) -> Characters {
        let bytes = &self.buffer[self.start..];
        let counted = &bytes[opening.segment..opening.end() - 4];
        if counted.is_ascii() {
            return Characters::Wrong;
        }
        let mut arriving = false;
        for width in [utf8_width, gbk_width] {
            let mut end = opening.segment;
            for _ in 0..opening.length {
                end += bytes.get(end).map_or(1, |byte| width(*byte));
            }
            if end + 4 > bytes.len() {
                arriving |=
                    end + 4 <= LONGEST_FRAME && !bytes[opening.end() - 4..].contains(&b'\n');
            } else if end > opening.end() - 4 {
                let quirks = vec![Quirk::LengthInCharacters];
                let frame = finish(&bytes[..end + 4], opening.segment..end, opening, quirks);
                if let Ok(frame) = frame {
                    return Characters::Right(Box::new(frame), end + 4);
                }
            }
        }
        if arriving { Characters::Arriving } else { Characters::Wrong }
    }

    /// A length that nobody can read: told once, then the search goes on behind the `##`.
    fn refuse_opening(&mut self, reason: Reason) -> bool {
        let bytes = &self.buffer[self.start..];
        let end = memmem::find(&bytes[2..], b"##").map_or(bytes.len(), |next| next + 2);
        let end = memchr::memchr(b'\n', &bytes[..end]).map_or(end, |newline| newline + 1);
        if looks_like_segment(&bytes[2..end]) {
            let rejection = refuse(&bytes[..end.min(1024)], reason, None, None, Vec::new());
            self.ready.push_back(Err(rejection));
        }
        self.start += 2;
        true
    }

    /// A wrong frame: told once; the search goes on at the next `##`, also one of its own bytes.
    fn refuse(&mut self, mut rejection: Rejection, end: usize) {
        let bytes = &self.buffer[self.start..];
        let next = memmem::find(&bytes[2..], b"##").map_or(bytes.len(), |offset| offset + 2);
        if let Some(length) = true_length(&bytes[..next])
            && Some(length) != rejection.declared_length
        {
            rejection.reason = Reason::LengthMismatch;
            rejection.bytes = bytes[..next].to_vec();
            rejection.crc = None;
        }
        // The bytes of a packet that begins inside are told with that packet.
        if next < rejection.bytes.len() && looks_like_segment(&bytes[next..]) {
            rejection.bytes.truncate(next);
        }
        let split = usize::from(end <= bytes.len() && bytes[..end].ends_with(b"#"));
        self.start += next.min(end.max(rejection.bytes.len()) - split).max(2);
        if looks_like_segment(&rejection.bytes) {
            self.ready.push_back(Err(rejection));
        }
    }

    /// A frame that is not whole yet: if a right one begins inside it, its length was a lie.
    fn look_inside(&mut self) -> bool {
        let bytes = &self.buffer[self.start..];
        let Some(offset) = right_frame(&bytes[2..], bytes.len() - 2) else {
            return false;
        };
        let end = offset + 2;
        let opening = Opening::read(bytes).ok();
        let rejection =
            refuse(&bytes[..end], Reason::LengthMismatch, opening.as_ref(), None, Vec::new());
        self.ready.push_back(Err(rejection));
        self.start += end;
        true
    }
}

/// The longest head of a segment before its data area.
const HEADER_MAX: usize = 256;

/// What a frame is once keys were tried.
enum Sealed {
    No,
    Arriving,
    Whole(Box<Result<Frame, Rejection>>, usize),
}

/// The device of a head of 2025, whose command may be encrypted.
fn sealing_device(head: &[u8]) -> Option<&str> {
    let head = std::str::from_utf8(head).ok()?;
    let field = |name: &str| {
        head.split(';').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let flag: u8 = field("Flag")?.trim().parse().ok()?;
    (flag >= Edition::Hj2025.answer_flag() && cipher::covers_upload(field("CN")?))
        .then(|| field("MN").unwrap_or_default())
}

/// What the length of a frame says when it counts characters.
enum Characters {
    Right(Box<Frame>, usize),
    Arriving,
    Wrong,
}

fn utf8_width(byte: u8) -> usize {
    match byte {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}

fn gbk_width(byte: u8) -> usize {
    if byte >= 0x81 { 2 } else { 1 }
}

/// How long the segment is by its check, where the length says otherwise.
fn true_length(bytes: &[u8]) -> Option<usize> {
    let body = bytes.trim_ascii_end();
    let opening = Opening::read(bytes).ok()?;
    let end = body.len().checked_sub(4)?;
    let segment = body.get(opening.segment..end)?;
    (crate::crc::parse(&body[end..]) == Some(crate::crc::of(segment))).then_some(segment.len())
}

/// Where a whole and right frame begins in `bytes`, of which the first `available` count.
fn right_frame(bytes: &[u8], available: usize) -> Option<usize> {
    let bytes = &bytes[..available.min(bytes.len())];
    memmem::find_iter(bytes, b"##").find(|offset| {
        let rest = &bytes[*offset..];
        let Ok(opening) = Opening::read(rest) else { return false };
        rest.len() >= opening.end()
            && looks_like_segment(rest)
            && finish(
                &rest[..opening.end()],
                opening.segment..opening.end() - 4,
                &opening,
                Vec::new(),
            )
            .is_ok()
    })
}

/// Whether the bytes hold header fields: rubbish between frames is passed over in silence.
fn looks_like_segment(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(80)];
    [&b"QN="[..], b"ST=", b"CN=", b"MN="].iter().any(|name| memmem::find(head, name).is_some())
}

/// How many bytes of line end follow a frame, and what is odd about them.
fn tail(rest: &[u8]) -> (usize, Option<Quirk>) {
    match rest {
        [b'\r', b'\n', ..] => (2, None),
        [b'\n', ..] => (1, Some(Quirk::LineFeedOnly)),
        // A line feed may still be on its way; a byte that is none proves that it is not.
        [b'\r'] | [] => (rest.len(), None),
        [b'\r', ..] => (1, Some(Quirk::CarriageReturnOnly)),
        _ => (0, Some(Quirk::NoTail)),
    }
}
