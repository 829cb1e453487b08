//! What goes in and what comes back: uploads, digests, what a camera wrote, what was found altered.

use crate::MediaType;
use jiff::Timestamp;
use rulebook::Decimal;
use std::fmt;

/// The SHA-256 of a file's bytes: its name in the store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest that 64 hexadecimal digits name, or `None`.
    pub fn parse(text: &str) -> Option<Self> {
        base16ct::mixed::decode_vec(text).ok()?.try_into().ok().map(Self)
    }

    /// The digest of these bytes, as a database keeps them, or `None` when they are not 32.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A file as somebody sends it.
#[derive(Clone)]
pub struct Upload {
    /// The name that it had where it came from; believed in nothing.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Upload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}, {} bytes", self.name, self.bytes.len())
    }
}

/// A place on the earth as a camera wrote it, WGS-84 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// East positive.
    pub longitude: Decimal,
    /// North positive.
    pub latitude: Decimal,
}

/// A file that is on the disk. Whoever asked for it keeps these facts beside the digest; the
/// place and the time of a photograph stand here and in no copy that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Of the file as it came.
    pub digest: Digest,
    /// Its name without folders, control characters and other surprises.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// What its bytes are.
    pub media_type: MediaType,
    /// Where the picture was taken, as the camera says.
    pub location: Option<Location>,
    /// When the picture was taken, as the camera says; Beijing time where it names no zone.
    pub taken_at: Option<Timestamp>,
    /// A small JPEG of a picture, without what the camera wrote.
    pub thumbnail: Option<Digest>,
    /// The picture as a JPEG for showing, upright, without what the camera wrote.
    pub public_copy: Option<Digest>,
}

impl Kept {
    /// Every file that stands in the store for this one.
    pub fn digests(&self) -> impl Iterator<Item = Digest> {
        [Some(self.digest), self.thumbnail, self.public_copy].into_iter().flatten()
    }
}

/// What is taken at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file.
    pub bytes_max: usize,
    /// Width times height of a picture.
    pub pixels_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes_max: 32 << 20, pixels_max: 64_000_000 }
    }
}

/// What a look at every file found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Files whose bytes are those that were kept.
    pub sound: u64,
    /// Files whose bytes are not those that were kept.
    pub altered: Vec<Digest>,
    /// Files that are expected and not there.
    pub missing: Vec<Digest>,
    /// Files that nobody expects: kept for a change that was never committed. They do no harm.
    pub unclaimed: u64,
}

impl Verified {
    /// Whether everything is as it was kept.
    pub fn is_sound(&self) -> bool {
        self.altered.is_empty() && self.missing.is_empty()
    }
}
