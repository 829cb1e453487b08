//! Every record of the published vectors, and the properties that no list of records can show.

use hj212::{Decoder, Draft, Frame, Rejection, answer, cipher, decode_whole, gathering};
use proptest::prelude::*;
use serde_json::Value;
use std::path::PathBuf;

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().expect("hexadecimal digits");
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn list(value: &Value) -> Vec<Vec<u8>> {
    value.as_array().into_iter().flatten().map(bytes).collect()
}

fn check(record: &Value) -> Result<(), String> {
    match record["kind"].as_str() {
        Some("frame") => check_frame(record),
        Some("stream") => check_stream(record),
        Some("session") => check_session(record),
        Some("crypto_frame") => check_crypto(record),
        other => Err(format!("kind {other:?}")),
    }
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, wanted: T, found: T) -> Result<(), String> {
    if wanted == found { Ok(()) } else { Err(format!("{what}: expected {wanted:?} got {found:?}")) }
}

fn check_frame(record: &Value) -> Result<(), String> {
    let decoded = decode_whole(&bytes(&record["bytes_hex"]));
    let mut wanted: Vec<String> = record["quirks"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|q| q.as_str().unwrap().into())
        .collect();
    wanted.sort();
    match decoded {
        Ok(frame) => {
            equal("verdict", record["verdict"].as_str(), Some("accept"))?;
            equal("quirks", wanted, quirks(&frame.quirks))?;
            check_fields(&record["expect"], &frame)?;
            let wanted = record["expect_ack"]["bytes_hex"]
                .as_str()
                .map(|_| bytes(&record["expect_ack"]["bytes_hex"]));
            equal("answer", wanted, answer::to(&frame.packet))
        }
        Err(rejection) => {
            equal("verdict", record["verdict"].as_str(), Some("reject"))?;
            equal("reason", record["reason"].as_str(), Some(rejection.reason.code()))?;
            equal("quirks", wanted, quirks(&rejection.quirks))
        }
    }
}

fn quirks(found: &[hj212::Quirk]) -> Vec<String> {
    let mut codes: Vec<String> = found.iter().map(|quirk| quirk.code()).collect();
    codes.sort();
    codes
}

fn check_fields(expect: &Value, frame: &Frame) -> Result<(), String> {
    let found: Vec<(String, String)> =
        frame.packet.header_fields().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    for (name, value) in &found {
        equal(name, expect[name].as_str(), Some(value))?;
    }
    let names = ["QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO", "RF"];
    let wanted = names.iter().filter(|name| expect.get(**name).is_some()).count();
    equal("number of header fields", wanted, found.len())?;
    equal("cp", expect["cp"].clone(), serde_json::json!(frame.packet.items()))?;
    let flag = &expect["flag"];
    equal("edition", flag["edition"].as_str(), Some(frame.packet.edition().as_str()))?;
    equal("split", flag["split"].as_bool(), Some(frame.packet.is_split()))?;
    equal("ack", flag["ack"].as_bool(), Some(frame.packet.wants_answer()))
}

fn check_stream(record: &Value) -> Result<(), String> {
    let found = frames(&list(&record["chunks_hex"]));
    equal("frames", list(&record["expect_frames_hex"]), found)
}

fn frames(chunks: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::new();
    for chunk in chunks {
        decoder.push(chunk);
        assert!(decoder.waiting() <= hj212::LONGEST_FRAME);
    }
    std::iter::from_fn(|| decoder.next_frame()).filter_map(Result::ok).map(|f| f.bytes).collect()
}

fn check_session(record: &Value) -> Result<(), String> {
    let mut packets = Vec::new();
    let mut answered = Vec::new();
    let turns = record["turns"].as_array().into_iter().flatten().map(|turn| bytes(&turn[1]));
    for frame in list(&record["frames_hex"]).into_iter().chain(turns) {
        let frame = decode_whole(&frame).map_err(|rejection: Rejection| rejection.to_string())?;
        if answer::to(&frame.packet).is_some() {
            answered.extend(frame.packet.qn().map(str::to_owned));
        }
        packets.push(frame.packet);
    }
    if record["expect_acks"].is_array() {
        equal("answers", record["expect_acks"].clone(), serde_json::json!(answered))?;
    }
    let merged = &record["expect_merged"];
    if merged.is_object() {
        let gathered = gathering::gather(&packets);
        equal("gatherings", 1, gathered.len())?;
        equal("DataTime", merged["DataTime"].as_str(), Some(&gathered[0].data_time))?;
        equal("factors", merged["factors"].clone(), serde_json::json!(gathered[0].factors))?;
        if let Some(versions) = merged["versions"].as_u64() {
            equal("versions", versions, gathered[0].versions as u64)?;
        }
    }
    Ok(())
}

fn check_crypto(record: &Value) -> Result<(), String> {
    let key: [u8; 16] = bytes(&record["key_hex"]).try_into().map_err(|_| "a key of 16 bytes")?;
    let plain = cipher::decrypt(&bytes(&record["bytes_hex"]), &key).map_err(|r| r.to_string())?;
    equal("plain", bytes(&record["plain_frame_hex"]), plain)
}

fn run(name: &str, text: &str) {
    let mut failures = Vec::new();
    for line in text.lines() {
        let record: Value = serde_json::from_str(line).expect("a record a line");
        if let Err(problem) = check(&record) {
            failures.push(format!("{} {problem}", record["id"].as_str().unwrap_or("?")));
        }
    }
    assert!(failures.is_empty(), "{name}:\n{}", failures.join("\n"));
}

#[test]
fn own_vectors() {
    run("testdata/vectors.jsonl", include_str!("../testdata/vectors.jsonl"));
}

#[test]
fn published_vectors() {
    let shared = std::env::var_os("LUCID_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let file = shared.join("standards/hj212/vectors_dev.jsonl");
    match std::fs::read_to_string(&file) {
        Ok(text) => run("vectors_dev.jsonl", &text),
        Err(_) => eprintln!("SKIPPED: no shared vectors beside the repository"),
    }
}

fn message(counter: u32, factors: &[(String, String)]) -> Vec<u8> {
    let mut draft = Draft::new("2051")
        .qn(&format!("20260301{counter:09}"))
        .st("32")
        .pw("123456")
        .mn("010000A8900016F000169DC0")
        .flag(5)
        .item(&[("DataTime", "20260301080000")]);
    for (code, value) in factors {
        draft = draft.item(&[(&format!("{code}-Avg"), value), (&format!("{code}-Flag"), "N")]);
    }
    draft.build()
}

fn factors() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(("[aw][0-9]{5}", "-?[0-9]{1,5}(\\.[0-9]{1,3})?"), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_written_is_read(counter in 0_u32..1_000_000, factors in factors()) {
        let frame = decode_whole(&message(counter, &factors)).expect("our own frames are right");
        prop_assert_eq!(&frame.quirks, &[]);
        let read: Vec<(String, String)> = frame.packet.pairs()
            .filter_map(|(name, value)| Some((name.strip_suffix("-Avg")?.to_owned(), value.to_owned())))
            .collect();
        prop_assert_eq!(read, factors);
    }

    #[test]
    fn chunks_do_not_matter(
        all in prop::collection::vec(factors(), 1..6),
        rubbish in prop::collection::vec(any::<u8>(), 0..40),
        cuts in prop::collection::vec(1_usize..60, 1..200),
    ) {
        prop_assume!(!rubbish.contains(&b'#'));
        let sent: Vec<Vec<u8>> =
            all.iter().enumerate().map(|(index, factors)| message(index as u32, factors)).collect();
        let mut stream = rubbish;
        stream.extend(sent.iter().flatten());
        let mut chunks = Vec::new();
        let mut rest = stream.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (chunk, more) = rest.split_at((*cut).min(rest.len()));
            chunks.push(chunk.to_vec());
            rest = more;
        }
        let wanted: Vec<Vec<u8>> =
            sent.iter().map(|frame| frame[..frame.len() - 2].to_vec()).collect();
        prop_assert_eq!(frames(&chunks), wanted);
    }

    #[test]
    fn any_bytes_do_no_harm(chunks in prop::collection::vec(
        prop::collection::vec(any::<u8>(), 0..300), 0..12)) {
        frames(&chunks);
        for chunk in &chunks {
            let _ = decode_whole(chunk);
            let _ = cipher::decrypt(chunk, &[0x30; 16]);
        }
    }

    #[test]
    fn any_text_like_a_packet_does_no_harm(area in "[#&;,=/A-Za-z0-9 \\-\u{4e2d}\u{6587}]{0,200}") {
        let segment = format!("QN=1;ST=32;CN=2011;MN=1;Flag=5;CP=&&{area}&&");
        let frame = hj212::encode::frame(segment.as_bytes());
        let decoded = decode_whole(&frame).expect("length and check hold");
        let names: usize = decoded.packet.items().iter().map(Vec::len).sum();
        prop_assert!(names <= area.len());
    }
}

#[test]
fn long_messages_are_split_and_gather_again() {
    let mut draft = Draft::new("2061")
        .qn("20260301080000000")
        .st("31")
        .mn("010000A8900016F000169DC0")
        .flag(5)
        .item(&[("DataTime", "20260301070000")]);
    for number in 0..60 {
        let code = format!("a{number:05}");
        draft = draft.item(&[(&format!("{code}-Avg"), "12.5"), (&format!("{code}-Flag"), "N")]);
    }
    let parts = draft.build_parts();
    assert!(parts.len() > 1);
    let packets: Vec<_> =
        parts.iter().map(|part| decode_whole(part).expect("a right part").packet).collect();
    assert!(packets.iter().all(|packet| packet.is_split() && packet.text().len() <= 1024));
    let gathered = gathering::gather(&packets);
    assert_eq!((gathered.len(), gathered[0].factors.len(), gathered[0].versions), (1, 60, 1));
}
