//! `lucid hj212`: packets in words, words in packets, and a device by hand.

mod decode;
mod encode;
mod fraud;
mod keys;
mod simulate;

use crate::arguments::{Common, Hj212};
use crate::exit::Outcome;

pub(crate) fn run(what: &Hj212, common: &Common) -> Outcome {
    match what {
        Hj212::Decode { hex, file } => decode::run(*hex, file.as_deref()),
        Hj212::Encode { hex, file } => encode::run(*hex, file.as_deref()),
        Hj212::Keys { file } => keys::run(file, common),
        Hj212::Simulate(arguments) => simulate::run(arguments),
    }
}

/// Bytes out of hexadecimal digits; blanks between them do not count.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

#[cfg(test)]
mod tests {
    use super::{from_hex, to_hex};

    #[test]
    fn bytes_come_back() {
        assert_eq!(from_hex("23 23\t3A").unwrap(), b"##:");
        assert_eq!(to_hex(b"##:\xff"), "23233aff");
        assert_eq!(from_hex("2"), None);
        assert_eq!(from_hex("2g"), None);
        assert_eq!(from_hex("中文"), None);
        assert_eq!(from_hex(""), Some(vec![]));
    }
}
