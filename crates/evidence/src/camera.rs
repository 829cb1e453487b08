//! What a camera wrote into a picture: where and when it was taken (EXIF).

use crate::Location;
use exif::{DateTime, Exif, In, Tag, Value};
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::Offset;
use rulebook::{Decimal, beijing_offset, round_half_even};
use std::io::Cursor;

/// Places behind the point of a degree: a tenth of a metre.
const DEGREE_PLACES: u32 = 6;

/// The place and the time of a picture, as far as they make sense.
pub(crate) fn read(bytes: &[u8]) -> (Option<Location>, Option<Timestamp>) {
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let found = reader.read_from_container(&mut Cursor::new(bytes));
    match found.or_else(|problem| problem.distill_partial_result(|_| {})) {
        Ok(found) => (location(&found), taken_at(&found)),
        Err(_) => (None, None),
    }
}

fn location(found: &Exif) -> Option<Location> {
    let longitude = degrees(found, Tag::GPSLongitude, Tag::GPSLongitudeRef, (b'E', b'W'), 180)?;
    let latitude = degrees(found, Tag::GPSLatitude, Tag::GPSLatitudeRef, (b'N', b'S'), 90)?;
    // What cameras write that do not know where they are.
    let is_nowhere = longitude.is_zero() && latitude.is_zero();
    (!is_nowhere).then_some(Location { longitude, latitude })
}

fn degrees(
    found: &Exif,
    value: Tag,
    side: Tag,
    (positive, negative): (u8, u8),
    most: u32,
) -> Option<Decimal> {
    let Value::Rational(parts) = &found.get_field(value, In::PRIMARY)?.value else { return None };
    let mut sum = Decimal::ZERO;
    for (part, share) in parts.get(..3)?.iter().zip([1_u32, 60, 3600]) {
        let part = Decimal::from(part.num).checked_div(Decimal::from(part.denom))?;
        sum = sum.checked_add(part.checked_div(Decimal::from(share))?)?;
    }
    let side = *ascii(found, side)?.first()?;
    let sign = match side.to_ascii_uppercase() {
        side if side == positive => Decimal::ONE,
        side if side == negative => Decimal::NEGATIVE_ONE,
        _ => return None,
    };
    (sum <= Decimal::from(most)).then(|| round_half_even(sum * sign, DEGREE_PLACES))
}

fn taken_at(found: &Exif) -> Option<Timestamp> {
    let mut written = DateTime::from_ascii(ascii(found, Tag::DateTimeOriginal)?).ok()?;
    if let Some(zone) = ascii(found, Tag::OffsetTimeOriginal) {
        // A zone of another form is none.
        let _ = written.parse_offset(zone);
    }
    let small = |value: u8| i8::try_from(value).ok();
    let year = i16::try_from(written.year).ok()?;
    let (month, day) = (small(written.month)?, small(written.day)?);
    let (hour, minute, second) =
        (small(written.hour)?, small(written.minute)?, small(written.second)?);
    let civil = civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let offset = match written.offset {
        Some(minutes) => Offset::from_seconds(i32::from(minutes) * 60).ok()?,
        None => beijing_offset(),
    };
    offset.to_timestamp(civil).ok()
}

fn ascii(found: &Exif, tag: Tag) -> Option<&[u8]> {
    match &found.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(texts) => texts.first().map(Vec::as_slice),
        _ => None,
    }
}
