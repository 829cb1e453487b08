//! Copies of a picture: drawn anew from its pixels, upright, without anything else it carried.

use crate::{EvidenceError, Limits, MediaType};
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, RgbImage};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The longer side of a copy for showing.
const PUBLIC_SIDE_MAX: u32 = 2048;
/// The longer side of a thumbnail.
const THUMBNAIL_SIDE_MAX: u32 = 320;
/// The quality of JPEG, of 100.
const QUALITY: u8 = 82;
/// The widest and highest picture, which bounds a line of it.
const SIDE_MAX: u32 = 30_000;

/// Two JPEGs of one picture.
#[derive(Debug)]
pub(crate) struct Copies {
    pub(crate) public: Vec<u8>,
    pub(crate) thumbnail: Vec<u8>,
}

/// Draws the copies of a picture.
pub(crate) fn draw(bytes: &[u8], kind: MediaType, limits: Limits) -> Result<Copies, EvidenceError> {
    // Whatever a hostile picture finds in the decoders, it is refused and nothing else stops.
    catch_unwind(AssertUnwindSafe(|| copies(bytes, kind, limits)))
        .unwrap_or(Err(EvidenceError::Damaged))
}

fn copies(bytes: &[u8], kind: MediaType, limits: Limits) -> Result<Copies, EvidenceError> {
    let (picture, orientation) = decode(bytes, kind, limits)?;
    let mut public = within(picture, PUBLIC_SIDE_MAX);
    public.apply_orientation(orientation);
    let public = on_white(public);
    let thumbnail = within(DynamicImage::ImageRgb8(public.clone()), THUMBNAIL_SIDE_MAX);
    Ok(Copies { public: encode(&public)?, thumbnail: encode(&thumbnail.into_rgb8())? })
}

fn decode(
    bytes: &[u8],
    kind: MediaType,
    limits: Limits,
) -> Result<(DynamicImage, Orientation), EvidenceError> {
    let format = match kind {
        MediaType::Png => ImageFormat::Png,
        MediaType::Webp => ImageFormat::WebP,
        _ => ImageFormat::Jpeg,
    };
    // Four bytes a pixel: a picture of finer colours may have half as many.
    let room = limits.pixels_max.saturating_mul(4);
    let mut bounds = image::Limits::default();
    bounds.max_image_width = Some(SIDE_MAX);
    bounds.max_image_height = Some(SIDE_MAX);
    bounds.max_alloc = Some(room.saturating_mul(2));
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(|problem| refused(&problem, limits))?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.pixels_max || decoder.total_bytes() > room {
        return Err(EvidenceError::TooManyPixels { pixels, limit: limits.pixels_max });
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture =
        DynamicImage::from_decoder(decoder).map_err(|problem| refused(&problem, limits))?;
    Ok((picture, orientation))
}

fn refused(problem: &image::ImageError, limits: Limits) -> EvidenceError {
    match problem {
        image::ImageError::Limits(_) => EvidenceError::TooManyPixels {
            pixels: u64::from(SIDE_MAX) * u64::from(SIDE_MAX),
            limit: limits.pixels_max,
        },
        _ => EvidenceError::Damaged,
    }
}

/// The picture made smaller until its longer side fits.
fn within(picture: DynamicImage, side_max: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side_max {
        picture
    } else {
        picture.thumbnail(side_max, side_max)
    }
}

/// The picture without transparency: what shines through is white.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |column, row| {
        let [red, green, blue, alpha] = picture.get_pixel(column, row).0;
        let alpha = u32::from(alpha);
        let blend = |value: u8| ((u32::from(value) * alpha + 255 * (255 - alpha)) / 255) as u8;
        image::Rgb([blend(red), blend(green), blend(blue)])
    })
}

fn encode(picture: &RgbImage) -> Result<Vec<u8>, EvidenceError> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    picture.write_with_encoder(encoder).map_err(|_| EvidenceError::Damaged)?;
    Ok(bytes)
}
