//! `lucid hj212 decode`: each packet as one JSON object a line.

use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use hj212::{Decoder, Frame, Rejection, answer, decode_whole};
use serde_json::{Value, json};

use super::{from_hex, to_hex};
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::say;

pub(super) fn run(is_hex: bool, file: Option<&Path>) -> Outcome {
    let input: Box<dyn Read> = match file.filter(|file| *file != Path::new("-")) {
        None => Box::new(std::io::stdin().lock()),
        Some(file) => Box::new(std::fs::File::open(file).map_err(|error| {
            let what = format!("cannot read {}: {error}", file.display());
            Failure::of_environment("file.read", what, "Check the file's name.")
        })?),
    };
    let found = if is_hex { lines(input) } else { stream(input) };
    let rejected = found.map_err(|error| Failure::caused("file.read", &error, ""))?;
    Ok(if rejected == 0 { Exit::Ok } else { Exit::Found })
}

/// One frame a line in hexadecimal; returns how many were rejected.
fn lines(input: impl Read) -> std::io::Result<usize> {
    let mut rejected = 0;
    for line in BufReader::new(input).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        if line.trim().is_empty() {
            continue;
        }
        let Some(bytes) = from_hex(&line) else {
            rejected += 1;
            let cure = "write an even number of hexadecimal digits a line";
            say!(
                "{}",
                object(&[
                    ("verdict", json!("reject")),
                    ("reason", json!("not_hex")),
                    ("cure", json!(cure)),
                ])
            );
            continue;
        };
        rejected += usize::from(print(decode_whole(&bytes)));
    }
    Ok(rejected)
}

/// A raw stream of bytes, printed as it comes; returns how many frames were rejected.
fn stream(mut input: impl Read) -> std::io::Result<usize> {
    let mut decoder = Decoder::new();
    let mut buffer = vec![0; 64 << 10];
    let mut rejected = 0;
    loop {
        let length = input.read(&mut buffer)?;
        if length == 0 {
            decoder.finish();
        }
        decoder.push(&buffer[..length]);
        while let Some(found) = decoder.next_frame() {
            rejected += usize::from(print(found));
        }
        if length == 0 {
            return Ok(rejected);
        }
    }
}

/// Prints one packet; returns whether it was rejected.
fn print(found: Result<Frame, Rejection>) -> bool {
    match found {
        Ok(frame) => {
            say!("{}", accepted(&frame));
            false
        }
        Err(rejection) => {
            say!("{}", refused(&rejection));
            true
        }
    }
}

fn accepted(frame: &Frame) -> String {
    let packet = &frame.packet;
    let mut fields =
        vec![("verdict", json!("accept")), ("edition", json!(packet.edition().as_str()))];
    fields.extend(packet.header_fields().map(|(name, value)| (name, json!(value))));
    let quirks: Vec<_> = frame.quirks.iter().map(|quirk| quirk.code()).collect();
    fields.push(("cp", json!(packet.items())));
    fields.push(("quirks", json!(quirks)));
    fields.push(("ack_hex", json!(answer::to(packet).map(|answer| to_hex(&answer)))));
    object(&fields)
}

fn refused(rejection: &Rejection) -> String {
    let quirks: Vec<_> = rejection.quirks.iter().map(|quirk| quirk.code()).collect();
    let mut fields = vec![
        ("verdict", json!("reject")),
        ("reason", json!(rejection.reason.code())),
        ("quirks", json!(quirks)),
    ];
    if let Some((found, expected)) = rejection.crc {
        fields.push(("crc_found", json!(format!("{found:04X}"))));
        fields.push(("crc_expected", json!(format!("{expected:04X}"))));
    }
    if let Some(length) = rejection.declared_length {
        fields.push(("declared_length", json!(length)));
    }
    let (zh, en) = rejection.reason.cure();
    fields.push(("cure", json!(en)));
    fields.push(("cure_zh", json!(zh)));
    fields.push(("bytes_hex", json!(to_hex(&rejection.bytes))));
    object(&fields)
}

/// A JSON object whose fields keep their order, for the eye.
fn object(fields: &[(&str, Value)]) -> String {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
    format!("{{{}}}", fields.join(","))
}
