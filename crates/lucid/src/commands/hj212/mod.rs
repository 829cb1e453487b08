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
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    base16ct::mixed::decode_vec(digits).ok()
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
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
