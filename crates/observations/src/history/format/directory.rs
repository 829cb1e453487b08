//! The directory in a footer: which series a file holds and where each begins.

use crate::PackingError;
use crate::varint::{Reader, put, put_signed};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use registry::{FactorId, PointId};
use std::ops::Range;

/// A stretch of neighbouring lines of a file that belong together: a factor of a point in `values`,
/// a point in `rows`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// The monitoring point.
    pub point: PointId,
    /// The factor; 0 in `rows`, which knows no factors.
    pub factor: FactorId,
    /// How many decimals its numbers are scaled by.
    pub scale: u32,
    /// The first of its lines in the file.
    pub start: u64,
    /// How many lines.
    pub count: u64,
    /// Whether it has one line for each row of the point, so that both lie side by side.
    pub in_every_row: bool,
    /// The second of its first line.
    pub first: i64,
    /// The second of its last line.
    pub last: i64,
}

impl Series {
    /// Its lines in the file.
    pub const fn lines(&self) -> Range<u64> {
        self.start..self.start + self.count
    }
}

/// Writes the directory as text.
pub(super) fn write(all: &[Series]) -> String {
    let mut out = Vec::with_capacity(all.len() * 12);
    put(&mut out, all.len() as u64);
    let mut before = 0;
    for one in all {
        put_signed(&mut out, one.point.0.wrapping_sub(before));
        put(&mut out, u64::from(one.factor.0));
        put(&mut out, u64::from(one.scale) << 1 | u64::from(one.in_every_row));
        put(&mut out, one.count);
        put_signed(&mut out, one.first);
        put_signed(&mut out, one.last.wrapping_sub(one.first));
        before = one.point.0;
    }
    STANDARD.encode(out)
}

/// Reads what [`write()`] wrote.
pub(super) fn read(text: &str) -> Result<Vec<Series>, PackingError> {
    let bytes = STANDARD
        .decode(text)
        .map_err(|_| PackingError { offset: 0, what: "the directory is not base64" })?;
    let mut reader = Reader::new(&bytes);
    let count = reader.count()?;
    let mut all = Vec::with_capacity(count.min(1 << 20));
    let (mut point, mut start) = (0_i64, 0_u64);
    for _ in 0..count {
        point = point.wrapping_add(reader.signed()?);
        let factor = u16::try_from(reader.number()?);
        let factor = factor.map_err(|_| reader.error("a factor beyond 65535"))?;
        let form = reader.number()?;
        let scale = u32::try_from(form >> 1).unwrap_or(u32::MAX);
        if scale > super::columns::SCALE_MAX {
            return Err(reader.error("more decimals than a file has"));
        }
        let lines = reader.number()?;
        let first = reader.signed()?;
        let last = first.wrapping_add(reader.signed()?);
        all.push(Series {
            point: PointId(point),
            factor: FactorId(factor),
            scale,
            start,
            count: lines,
            in_every_row: form & 1 == 1,
            first,
            last,
        });
        start = start.checked_add(lines).ok_or_else(|| reader.error("too many lines"))?;
    }
    reader.end()?;
    Ok(all)
}

/// The neighbouring series of a point.
pub(super) fn of_point(all: &[Series], point: PointId) -> &[Series] {
    let from = all.partition_point(|one| one.point < point);
    let rest = &all[from..];
    &rest[..rest.partition_point(|one| one.point == point)]
}
