//! Encrypted packets of 2025 in a stream: both wire forms, wrong keys, missing keys.

use hj212::cipher::{Keys, encrypt};
use hj212::{Decoder, Draft, Reason};
use proptest::prelude::*;

const KEY: [u8; 16] = *b"k7Qw2mZp9LxT4vBn";
const OTHER: [u8; 16] = *b"another key 4711";
const MN: &str = "010000A8900016F000169DC0";

fn minute(value: &str) -> Vec<u8> {
    let draft = Draft::new("2051").qn("20260301080000000").st("32").pw("123456").mn(MN).flag(9);
    draft
        .item(&[("DataTime", "20260301080000")])
        .item(&[("w01018-Avg", value), ("w01018-Flag", "N")])
        .item(&[("w21003-Avg", "1.25"), ("w21003-Flag", "N")])
        .build()
}

/// The other wire form: `{0xE4,0x3E,…}` and the clear rest.
fn as_text(sealed: &[u8], is_length_plain: bool) -> Vec<u8> {
    let at = sealed.windows(5).position(|part| part == b"CP=&&").expect("an area") + 5;
    let end = sealed.len() - 8;
    let (cipher, clear) = sealed[at..end].split_at((end - at) / 16 * 16);
    let digits: Vec<String> = cipher.iter().map(|byte| format!("0x{byte:02X}")).collect();
    let mut segment = sealed[6..at].to_vec();
    segment.extend_from_slice(format!("{{{}}}", digits.join(",")).as_bytes());
    segment.extend_from_slice(clear);
    segment.extend_from_slice(b"&&");
    let length = if is_length_plain { sealed.len() - 12 } else { segment.len() };
    let mut frame = format!("##{length:04}").into_bytes();
    frame.extend_from_slice(&segment);
    frame.extend_from_slice(&sealed[sealed.len() - 6..]);
    frame
}

fn decoder(keys: &[[u8; 16]]) -> Decoder {
    let keys = keys.to_vec();
    Decoder::with_keys(Keys::new(move |mn| if mn == MN { keys.clone() } else { Vec::new() }))
}

#[test]
fn both_wire_forms_open_and_are_handed_out_plain() {
    let plain = minute("40.1");
    let sealed = encrypt(&plain, &KEY);
    for bytes in [sealed.clone(), as_text(&sealed, true), as_text(&sealed, false)] {
        let mut decoder = decoder(&[OTHER, KEY]);
        // Byte by byte, and a plain packet behind it.
        for byte in bytes.iter().chain(&minute("7")) {
            decoder.push(&[*byte]);
        }
        let first = decoder.next_frame().expect("a frame").expect("it opens");
        assert_eq!(first.key, Some(KEY));
        assert_eq!(first.packet.value("w01018-Avg"), Some("40.1"));
        assert_eq!(first.bytes, plain[..plain.len() - 2]);
        let second = decoder.next_frame().expect("a frame").expect("it is plain");
        assert_eq!((second.key, second.packet.value("w01018-Avg")), (None, Some("7")));
        assert_eq!(decoder.next_frame(), None);
    }
}

#[test]
fn cipher_text_is_told_from_noise_and_never_taken_for_text() {
    let mut by_chance = 0;
    for value in 0..1000 {
        let plain = minute(&value.to_string());
        let sealed = encrypt(&plain, &KEY);
        for (keys, reason) in [(&[][..], Reason::NoKey), (&[OTHER][..], Reason::WrongKey)] {
            let mut decoder = decoder(keys);
            decoder.push(&sealed);
            let refused = decoder.next_frame().expect("a frame").expect_err("not opened");
            assert_eq!(refused.reason, reason);
            assert_eq!(refused.bytes, sealed[..sealed.len() - 2], "kept whole");
            assert_eq!(decoder.next_frame(), None);
        }
        let check = &sealed[sealed.len() - 6..sealed.len() - 2];
        let segment = &sealed[6..sealed.len() - 6];
        let check = std::str::from_utf8(check).ok().and_then(|t| u16::from_str_radix(t, 16).ok());
        by_chance += u32::from(check == Some(hj212::crc::of(segment)));
    }
    assert!(by_chance > 0, "some cipher texts pass the check of 256 values, and are refused");
}

#[test]
fn noise_in_a_plain_packet_stays_a_wrong_check() {
    let mut bytes = minute("40.1");
    let at = bytes.len() - 30;
    bytes[at] ^= 0x41;
    let mut decoder = decoder(&[KEY]);
    decoder.push(&bytes);
    let refused = decoder.next_frame().expect("a frame").expect_err("damaged");
    assert_eq!(refused.reason, Reason::CrcMismatch);
}

proptest! {
    #[test]
    fn any_sealed_bytes_do_no_harm(chunks in prop::collection::vec(
        prop::collection::vec(any::<u8>(), 0..300), 0..8), cut in 0_usize..300) {
        let mut decoder = decoder(&[KEY]);
        let sealed = as_text(&encrypt(&minute("1"), &KEY), true);
        decoder.push(&sealed[..cut.min(sealed.len())]);
        for chunk in &chunks {
            decoder.push(chunk);
            prop_assert!(decoder.waiting() <= hj212::LONGEST_FRAME);
        }
        decoder.finish();
    }
}
