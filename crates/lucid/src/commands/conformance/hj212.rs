//! Suite `hj212`: frames, streams, sessions and encrypted frames as JSON, one record a line.

use hj212::{Decoder, Frame, Quirk, answer, cipher, decode_whole, gathering};
use serde_json::{Value, json};
use standards::conformance::Report;

use crate::commands::hj212::{from_hex, to_hex};

/// The fields of the header that a record may expect.
const HEADER: [&str; 9] = ["QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF"];

/// What was expected and what came instead.
struct Difference {
    expected: String,
    got: String,
}

type Checked = Result<(), Difference>;

pub(super) fn run(text: &str) -> Report {
    let mut report = Report::default();
    for (number, line) in (1_usize..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let record: Value = match serde_json::from_str(line) {
            Ok(record) => record,
            Err(error) => {
                let line = format!("line:{number} FAIL expected a JSON record got {error}");
                report.failures.push(line);
                continue;
            }
        };
        let id = record["id"].as_str().map_or_else(|| format!("line:{number}"), str::to_owned);
        match check(&record) {
            Ok(()) => report.passed += 1,
            Err(Difference { expected, got }) => {
                report.failures.push(format!("{id} FAIL expected {expected} got {got}"));
            }
        }
    }
    report
}

fn check(record: &Value) -> Checked {
    match record["kind"].as_str() {
        Some("frame") => check_frame(record),
        Some("stream") => check_stream(record),
        Some("session") => check_session(record),
        Some("crypto_frame") => check_crypto(record),
        other => differ("kind frame, stream, session or crypto_frame", other.unwrap_or("none")),
    }
}

fn differ(expected: impl Into<String>, got: impl Into<String>) -> Checked {
    Err(Difference { expected: expected.into(), got: got.into() })
}

/// Compares as JSON: what is printed is what was compared.
fn same(name: &str, expected: &Value, got: &Value) -> Checked {
    if expected == got {
        return Ok(());
    }
    differ(format!("{name} {expected}"), format!("{name} {got}"))
}

fn bytes(record: &Value, name: &str) -> Result<Vec<u8>, Difference> {
    let found = record[name].as_str().and_then(from_hex);
    found.ok_or_else(|| Difference {
        expected: format!("hexadecimal digits in {name}"),
        got: record[name].to_string(),
    })
}

fn list(record: &Value, name: &str) -> Result<Vec<Vec<u8>>, Difference> {
    let all = record[name].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().map(|one| bytes(&json!({ name: one }), name)).collect()
}

fn check_frame(record: &Value) -> Checked {
    let wanted = sorted(record["quirks"].as_array().map_or(&[][..], Vec::as_slice));
    match decode_whole(&bytes(record, "bytes_hex")?) {
        Ok(frame) => {
            if record["verdict"] != "accept" {
                return differ(format!("reject {}", record["reason"]), "accept");
            }
            same("quirks", &wanted, &codes(&frame.quirks))?;
            check_fields(&record["expect"], &frame)?;
            let got = answer::to(&frame.packet).map(|answer| to_hex(&answer));
            same("answer", &record["expect_ack"]["bytes_hex"], &json!(got))
        }
        Err(rejection) => {
            let got = rejection.reason.code();
            if record["verdict"] != "reject" {
                return differ("accept", format!("reject {got:?}"));
            }
            same("reason", &record["reason"], &json!(got))?;
            same("quirks", &wanted, &codes(&rejection.quirks))
        }
    }
}

fn check_fields(expect: &Value, frame: &Frame) -> Checked {
    let packet = &frame.packet;
    for name in HEADER {
        let got = packet.header_fields().find(|(field, _)| *field == name);
        same(name, &expect[name], &json!(got.map(|(_, value)| value)))?;
    }
    same("cp", &expect["cp"], &json!(packet.items()))?;
    let flag = &expect["flag"];
    same("edition", &flag["edition"], &json!(packet.edition().as_str()))?;
    same("split", &flag["split"], &json!(packet.is_split()))?;
    same("ack", &flag["ack"], &json!(packet.wants_answer()))
}

fn codes(quirks: &[Quirk]) -> Value {
    let codes: Vec<_> = quirks.iter().map(|quirk| json!(quirk.code())).collect();
    sorted(&codes)
}

/// A list in an order of its own: that in which departures are noticed is no matter.
fn sorted(values: &[Value]) -> Value {
    let mut texts: Vec<_> = values.iter().map(|value| value.as_str().unwrap_or("?")).collect();
    texts.sort_unstable();
    json!(texts)
}

fn check_stream(record: &Value) -> Checked {
    let mut decoder = Decoder::new();
    let mut got = Vec::new();
    for chunk in list(record, "chunks_hex")? {
        decoder.push(&chunk);
        while let Some(found) = decoder.next_frame() {
            got.extend(found.ok().map(|frame| to_hex(&frame.bytes)));
        }
    }
    let wanted = list(record, "expect_frames_hex")?;
    let wanted: Vec<_> = wanted.iter().map(|frame| to_hex(frame)).collect();
    same("frames", &json!(wanted), &json!(got))
}

fn check_session(record: &Value) -> Checked {
    let mut frames = list(record, "frames_hex")?;
    for turn in record["turns"].as_array().into_iter().flatten() {
        frames.push(bytes(&json!({ "turns": turn[1] }), "turns")?);
    }
    let mut packets = Vec::new();
    let mut answered = Vec::new();
    for frame in frames {
        let frame = match decode_whole(&frame) {
            Ok(frame) => frame,
            Err(rejection) => return differ("a frame to accept", rejection.to_string()),
        };
        if answer::to(&frame.packet).is_some() {
            answered.extend(frame.packet.qn().map(str::to_owned));
        }
        packets.push(frame.packet);
    }
    if record["expect_acks"].is_array() {
        same("answers", &record["expect_acks"], &json!(answered))?;
    }
    let merged = &record["expect_merged"];
    if !merged.is_object() {
        return Ok(());
    }
    let gathered = gathering::gather(&packets);
    let [one] = gathered.as_slice() else {
        return differ("one message", format!("{} messages", gathered.len()));
    };
    same("DataTime", &merged["DataTime"], &json!(one.data_time))?;
    same("factors", &merged["factors"], &json!(one.factors))?;
    if merged["versions"].is_number() {
        same("versions", &merged["versions"], &json!(one.versions))?;
    }
    Ok(())
}

fn check_crypto(record: &Value) -> Checked {
    let Ok(key) = <[u8; 16]>::try_from(bytes(record, "key_hex")?) else {
        return differ("a key of 16 bytes", record["key_hex"].to_string());
    };
    match cipher::decrypt(&bytes(record, "bytes_hex")?, &key) {
        Ok(plain) => {
            let wanted = to_hex(&bytes(record, "plain_frame_hex")?);
            same("plain frame", &json!(wanted), &json!(to_hex(&plain)))
        }
        Err(rejection) => differ("a frame to decrypt", rejection.to_string()),
    }
}
