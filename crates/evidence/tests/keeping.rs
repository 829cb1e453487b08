//! Files that are kept, read, shown without what the camera wrote, and found when altered.

mod fixture;

use evidence::{Digest, Evidence, EvidenceError, Kept, Limits, MediaType, Upload};
use exif::{Rational, Tag, Value};
use fixture::{exif, field, halves, photograph, tiff};
use image::{DynamicImage, ImageFormat, RgbaImage};
use proptest::prelude::*;
use std::io::Cursor;
use std::path::{Path, PathBuf};

fn upload(name: &str, bytes: impl Into<Vec<u8>>) -> Upload {
    Upload { name: name.into(), bytes: bytes.into() }
}

fn opened() -> (Evidence, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    (Evidence::open(&folder.path().join("evidence")).expect("it opens"), folder)
}

fn place(folder: &Path, digest: Digest) -> PathBuf {
    let name = digest.to_string();
    folder.join("evidence").join(&name[..2]).join(&name[2..])
}

async fn copies(evidence: &Evidence, kept: &Kept) -> [Vec<u8>; 2] {
    let public = evidence.read(kept.public_copy.expect("a public copy")).await;
    let thumbnail = evidence.read(kept.thumbnail.expect("a thumbnail")).await;
    [public.expect("its bytes"), thumbnail.expect("its bytes")]
}

/// The markers of a JPEG up to its pixels.
fn markers(jpeg: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    let mut at = 2;
    while jpeg[at + 1] != 0xda {
        assert_eq!(jpeg[at], 0xff, "a marker");
        found.push(jpeg[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    found
}

#[tokio::test]
async fn the_bytes_come_back_and_are_kept_once() {
    let (evidence, folder) = opened();
    let text = "黑烟从东侧烟囱冒出".as_bytes();
    let kept = evidence.keep(upload("../说明.txt", text)).await.expect("it is kept");
    assert_eq!((kept.name.as_str(), kept.media_type), ("说明.txt", MediaType::Text));
    assert_eq!(kept.size, text.len() as u64);
    assert_eq!((kept.thumbnail, kept.public_copy, kept.location), (None, None, None));
    assert_eq!(evidence.read(kept.digest).await.expect("its bytes"), text);
    let again = evidence.keep(upload("other.txt", text)).await.expect("it is kept");
    assert_eq!(again.digest, kept.digest);
    let found = evidence.verify_all(None).await.expect("a look");
    assert_eq!((found.sound, found.is_sound()), (1, true));
    drop(evidence);
    let reopened = Evidence::open(&folder.path().join("evidence")).expect("it opens");
    assert_eq!(reopened.read(kept.digest).await.expect("its bytes"), text);
    let unknown = reopened.read(Digest([7; 32])).await;
    assert!(matches!(unknown, Err(EvidenceError::Missing(Digest([7, ..])))));
}

#[tokio::test]
async fn place_and_time_are_read_and_stand_in_no_copy() {
    let (evidence, _folder) = opened();
    let bytes = photograph(&halves(640, 480), &exif(1, Some("+08:00")));
    assert!(bytes.windows(12).any(|part| part == b"SecretCamera"), "the original has it");
    let kept = evidence.keep(upload("现场.jpg", bytes.clone())).await.expect("it is kept");
    let location = kept.location.expect("a place");
    assert_eq!(location.longitude.to_string(), "117.658500");
    assert_eq!(location.latitude.to_string(), "24.500000");
    let taken = kept.taken_at.expect("a time");
    assert_eq!(taken.to_string(), "2026-03-01T00:30:00Z");
    assert_eq!(evidence.read(kept.digest).await.expect("its bytes"), bytes);
    for copy in copies(&evidence, &kept).await {
        // JFIF, tables, frame: nothing that carries words.
        assert!(markers(&copy).iter().all(|marker| [0xe0, 0xdb, 0xc0, 0xc4].contains(marker)));
        assert!(!copy.windows(4).any(|part| part == b"Exif"));
        assert!(!copy.windows(12).any(|part| part == b"SecretCamera"));
        let read = exif::Reader::new().read_from_container(&mut Cursor::new(&copy));
        assert!(read.is_err(), "no EXIF");
    }
}

#[tokio::test]
async fn a_time_without_a_zone_is_beijing_time_and_another_zone_is_believed() {
    let (evidence, _folder) = opened();
    for (zone, wanted) in [
        (None, "2026-03-01T00:30:00Z"),
        (Some("+09:00"), "2026-02-28T23:30:00Z"),
        (Some("nowhere"), "2026-03-01T00:30:00Z"),
    ] {
        let bytes = photograph(&halves(64, 48), &exif(1, zone));
        let kept = evidence.keep(upload("a.jpg", bytes)).await.expect("it is kept");
        assert_eq!(kept.taken_at.map(|at| at.to_string()).as_deref(), Some(wanted), "{zone:?}");
    }
}

#[tokio::test]
async fn places_that_make_no_sense_are_none() {
    let (evidence, _folder) = opened();
    let ratio = |parts: [(u32, u32); 3]| {
        Value::Rational(parts.map(|(num, denom)| Rational { num, denom }).to_vec())
    };
    let side = |text: &str| Value::Ascii(vec![text.as_bytes().to_vec()]);
    let sound = [(24, 1), (0, 1), (0, 1)];
    for (longitude, east, wanted) in [
        ([(117, 1), (0, 1), (0, 1)], "E", Some("117.000000")),
        ([(117, 1), (0, 1), (0, 1)], "W", Some("-117.000000")),
        ([(117, 0), (0, 1), (0, 1)], "E", None),
        ([(181, 1), (0, 1), (0, 1)], "E", None),
        ([(u32::MAX, 1), (u32::MAX, 1), (u32::MAX, 1)], "E", None),
        ([(117, 1), (0, 1), (0, 1)], "?", None),
    ] {
        let fields = tiff(&[
            field(Tag::GPSLongitude, ratio(longitude)),
            field(Tag::GPSLongitudeRef, side(east)),
            field(Tag::GPSLatitude, ratio(sound)),
            field(Tag::GPSLatitudeRef, side("N")),
        ]);
        let bytes = photograph(&halves(16, 16), &fields);
        let kept = evidence.keep(upload("a.jpg", bytes)).await.expect("it is kept");
        let found = kept.location.map(|place| place.longitude.to_string());
        assert_eq!(found.as_deref(), wanted, "{longitude:?} {east}");
    }
}

#[tokio::test]
async fn copies_stand_upright_and_are_small() {
    let (evidence, _folder) = opened();
    // Turned by a quarter clockwise, what was left is above.
    let bytes = photograph(&halves(3000, 1500), &exif(6, None));
    let kept = evidence.keep(upload("a.jpg", bytes)).await.expect("it is kept");
    let sizes = [(1024, 2048), (160, 320)];
    for (copy, (width, height)) in copies(&evidence, &kept).await.iter().zip(sizes) {
        let picture = image::load_from_memory_with_format(copy, ImageFormat::Jpeg);
        let picture = picture.expect("a JPEG").into_rgb8();
        assert_eq!(picture.dimensions(), (width, height));
        let [above, below] = [height / 4, height * 3 / 4].map(|row| picture.get_pixel(9, row).0);
        assert!(above[0] > 180 && above[2] < 60, "red above: {above:?}");
        assert!(below[2] > 180 && below[0] < 60, "blue below: {below:?}");
    }
}

#[tokio::test]
async fn png_and_webp_are_pictures_as_well_and_lose_their_transparency() {
    let (evidence, _folder) = opened();
    let clear = DynamicImage::ImageRgba8(RgbaImage::from_pixel(20, 10, image::Rgba([0, 0, 0, 0])));
    for (name, format, kind) in [
        ("a.png", ImageFormat::Png, MediaType::Png),
        ("a.webp", ImageFormat::WebP, MediaType::Webp),
    ] {
        let mut bytes = Cursor::new(Vec::new());
        clear.write_to(&mut bytes, format).expect("a picture");
        let kept = evidence.keep(upload(name, bytes.into_inner())).await.expect("it is kept");
        assert_eq!(kept.media_type, kind);
        let [public, _] = copies(&evidence, &kept).await;
        let picture = image::load_from_memory(&public).expect("a JPEG").into_rgb8();
        assert_eq!(picture.dimensions(), (20, 10));
        assert!(picture.pixels().all(|pixel| pixel.0.iter().all(|value| *value > 250)));
    }
}

#[tokio::test]
async fn what_is_no_evidence_is_refused_and_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { bytes_max: 100_000, pixels_max: 10_000 };
    let evidence = Evidence::open_with(&folder.path().join("evidence"), limits).expect("it opens");
    let large = photograph(&halves(200, 100), &exif(1, None));
    let half = photograph(&halves(90, 90), &exif(1, None));
    for (name, bytes, wanted) in [
        ("a.txt", vec![], "evidence.empty"),
        ("a.txt", vec![b'a'; 100_001], "evidence.too_large"),
        ("a.jpg", large, "evidence.too_many_pixels"),
        ("a.jpg", half[..300].to_vec(), "evidence.damaged_picture"),
        ("a.png", b"\x89PNG\r\n\x1a\nnothing".to_vec(), "evidence.damaged_picture"),
        ("a.png", bomb(), "evidence.too_many_pixels"),
        ("a.html", b"<p>".to_vec(), "evidence.active_content"),
        ("run.exe", b"MZ".to_vec(), "evidence.executable"),
        ("a.gif", b"GIF89a\0".to_vec(), "evidence.type"),
        ("a.pdf", b"words".to_vec(), "evidence.name"),
    ] {
        let problem = evidence.keep(upload(name, bytes)).await.expect_err(name);
        assert_eq!(problem.code(), wanted, "{name}");
        let text = problem.text().expect("a text for whoever sent it");
        assert!(!text.zh.is_empty() && !text.en.is_empty(), "{name}");
    }
    let found = evidence.verify_all(None).await.expect("a look");
    assert_eq!(found.sound, 0);
    assert_eq!(evidence.sweep().await.expect("a look"), 0);
}

/// A PNG of a few bytes that says it has 900 million pixels.
fn bomb() -> Vec<u8> {
    let mut head = b"IHDR".to_vec();
    head.extend(
        [&30_000_u32.to_be_bytes()[..], &30_000_u32.to_be_bytes(), &[8, 2, 0, 0, 0]].concat(),
    );
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for chunk in [head, b"IDAT".to_vec()] {
        bytes.extend((chunk.len() as u32 - 4).to_be_bytes());
        bytes.extend(&chunk);
        bytes.extend(checksum(&chunk).to_be_bytes());
    }
    bytes
}

fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}

#[tokio::test]
async fn a_file_that_was_altered_or_taken_away_is_found_and_heals_when_sent_again() {
    let (evidence, folder) = opened();
    let mut all = Vec::new();
    for number in 0..3 {
        let text = format!("notice {number}");
        all.push(evidence.keep(upload("a.txt", text)).await.expect("it is kept").digest);
    }
    std::fs::write(place(folder.path(), all[0]), "notice 9").expect("written by hand");
    std::fs::remove_file(place(folder.path(), all[1])).expect("taken away by hand");
    let altered = evidence.read(all[0]).await.expect_err("it was altered");
    assert_eq!(altered.code(), "evidence.altered");
    let found = evidence.verify_all(Some(all[..2].to_vec())).await.expect("a look");
    assert_eq!(found.altered, [all[0]]);
    assert_eq!(found.missing, [all[1]]);
    assert_eq!((found.sound, found.unclaimed, found.is_sound()), (1, 1, false));
    for number in 0..2 {
        let text = format!("notice {number}");
        evidence.keep(upload("a.txt", text)).await.expect("it is kept");
    }
    let found = evidence.verify_all(Some(all)).await.expect("a look");
    assert_eq!((found.sound, found.unclaimed, found.is_sound()), (3, 0, true));
}

#[tokio::test]
async fn what_was_half_written_is_no_file_and_is_swept() {
    let (evidence, folder) = opened();
    let unfinished = folder.path().join("evidence").join("unfinished");
    std::fs::write(unfinished.join("half"), "noti").expect("as a kill leaves it");
    assert_eq!(evidence.verify_all(None).await.expect("a look").sound, 0);
    assert_eq!(evidence.sweep().await.expect("it sweeps"), 1);
    assert_eq!(evidence.sweep().await.expect("it sweeps"), 0);
}

#[test]
fn digests_come_back_from_their_text() {
    let digest = Digest(std::array::from_fn(|index| index as u8 * 7));
    assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
    assert_eq!(Digest::from_slice(digest.as_bytes()), Some(digest));
    for wrong in ["", "00", &"g".repeat(64), &"é".repeat(32)] {
        assert_eq!(Digest::parse(wrong), None, "{wrong}");
    }
}

fn keep_blocking(name: String, bytes: Vec<u8>) -> Result<Kept, EvidenceError> {
    let (evidence, _folder) = opened();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(evidence.keep(Upload { name, bytes }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pictures_with_wrong_bytes_are_kept_or_refused(
        changes in prop::collection::vec((0_usize..4000, any::<u8>()), 0..12),
        length in 0_usize..5000,
    ) {
        let mut bytes = photograph(&halves(48, 32), &exif(3, None));
        let many = bytes.len();
        for (at, value) in changes {
            bytes[at % many] = value;
        }
        bytes.truncate(length.max(1));
        match keep_blocking("a.jpg".into(), bytes) {
            Ok(kept) => prop_assert!(kept.public_copy.is_some() && kept.thumbnail.is_some()),
            Err(problem) => prop_assert!(problem.text().is_some(), "{problem}"),
        }
    }

    #[test]
    fn any_bytes_are_kept_or_refused(
        name in ".{0,30}", bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        match keep_blocking(name, bytes) {
            Ok(kept) => prop_assert!(!kept.name.is_empty()),
            Err(problem) => prop_assert!(problem.text().is_some(), "{problem}"),
        }
    }
}
