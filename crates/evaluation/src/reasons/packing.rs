//! Reasons packed for the store. They repeat each other almost word for word, so a dictionary of
//! such words shortens them to a tenth.
//!
//! The first byte names the dictionary. A dictionary never changes once rows were written with
//! it; a better one gets the next number.

use serde_json::Value;
use std::sync::LazyLock;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

const DICTIONARY_1: &[u8] = include_bytes!("dictionary_1.txt");
const LEVEL: i32 = 3;
/// Longer reasons than this are no reasons.
const LONGEST: usize = 1 << 20;

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY_1, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(DICTIONARY_1));

/// Packs reasons.
///
/// # Errors
/// When the library cannot compress: never seen, but not assumed away.
pub(crate) fn pack(reasons: &Value) -> std::io::Result<Vec<u8>> {
    let mut compressor = Compressor::with_prepared_dictionary(&ENCODER)?;
    let mut packed = vec![1_u8];
    packed.extend(compressor.compress(reasons.to_string().as_bytes())?);
    Ok(packed)
}

/// Unpacks reasons; `None` when they are not of a form that was ever written.
pub(crate) fn unpack(packed: &[u8]) -> Option<Value> {
    let (1, bytes) = packed.split_first().map(|(version, bytes)| (*version, bytes))? else {
        return None;
    };
    let mut decompressor = Decompressor::with_prepared_dictionary(&DECODER).ok()?;
    let text = decompressor.decompress(bytes, LONGEST).ok()?;
    serde_json::from_slice(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_come_back_and_are_short() {
        let mut longest = 0;
        for line in include_str!("dictionary_1.txt").lines() {
            let reasons: Value = serde_json::from_str(line).expect("JSON a line");
            let packed = pack(&reasons).expect("it packs");
            longest = longest.max(packed.len());
            assert_eq!(unpack(&packed), Some(reasons));
        }
        assert!(longest < 200, "{longest} bytes");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_do_no_harm(bytes: Vec<u8>) {
            let _ = unpack(&bytes);
        }
    }
}
