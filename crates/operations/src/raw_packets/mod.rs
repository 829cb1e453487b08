//! Raw packets (原始数据包): the bytes of an accepted packet beside what they say.

mod api;
mod pages;

use web::Slice;

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "raw_packets",
        pages: pages::routes,
        api: api::routes,
        navigation: &[],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}

/// The bytes with the password of the packet covered: whoever reads packets need not learn it.
pub(crate) fn masked(bytes: &[u8]) -> Vec<u8> {
    let mut shown = bytes.to_vec();
    let mut at = 0;
    while let Some(offset) = shown[at..].windows(3).position(|three| three == b"PW=") {
        at += offset + 3;
        while at < shown.len() && !matches!(shown[at], b';' | b'&' | b',' | b'\r' | b'\n') {
            shown[at] = b'*';
            at += 1;
        }
    }
    shown
}

/// Whether a field of this name carries a password: `PW`, and `NewPW` where one is set.
pub(crate) fn is_secret(name: &str) -> bool {
    name.ends_with("PW")
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn passwords_are_covered_and_nothing_else() {
        assert_eq!(masked(b"ST=32;PW=123456;MN=1"), b"ST=32;PW=******;MN=1");
        assert_eq!(masked(b"PW="), b"PW=");
        assert_eq!(masked(b"no such field"), b"no such field");
    }
}
