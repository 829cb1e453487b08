//! Time-based one-time passwords (动态口令), RFC 6238 with HMAC-SHA-1, six digits, 30 seconds: what
//! every authenticator app speaks.

use crate::AuthorityError;
use crate::secret::{base32, random, unbase32};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;

const STEP_SECONDS: i64 = 30;
/// Clocks of phones may be one step away.
const STEPS_AWAY: i64 = 1;

/// The secret that a phone and the store share.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedSecret(pub(crate) Vec<u8>);

impl std::fmt::Debug for SharedSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SharedSecret(…)")
    }
}

impl SharedSecret {
    /// A new one, 160 bits as RFC 4226 recommends.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn random() -> Result<Self, AuthorityError> {
        Ok(Self(random::<20>()?.to_vec()))
    }

    /// The secret of a text that [`SharedSecret::text`] gave; `None` when it is shorter or not
    /// base32.
    pub fn parse(text: &str) -> Option<Self> {
        unbase32(text).filter(|bytes| bytes.len() == 20).map(Self)
    }

    /// The secret as people type it into an app.
    pub fn text(&self) -> String {
        base32(&self.0)
    }

    /// The address that a QR code carries.
    pub fn address(&self, issuer: &str, login: &str) -> String {
        let (issuer, login) = (percent(issuer), percent(login));
        format!("otpauth://totp/{issuer}:{login}?secret={}&issuer={issuer}", self.text())
    }

    /// The step whose code this is, near `now` and later than `used`.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp, used: i64) -> Option<i64> {
        let given: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        let now = now.as_second().div_euclid(STEP_SECONDS);
        (now - STEPS_AWAY..=now + STEPS_AWAY)
            .filter(|step| *step > used)
            .find(|step| same(self.code(*step).as_bytes(), given.as_bytes()))
    }

    /// The code of an instant: what the phone shows.
    pub fn code_at(&self, at: Timestamp) -> String {
        self.code(at.as_second().div_euclid(STEP_SECONDS))
    }

    fn code(&self, step: i64) -> String {
        format!("{:06}", truncated(&self.0, step) % 1_000_000)
    }
}

/// RFC 4226, 5.3: four bytes of the HMAC at the place that its last half-byte names.
fn truncated(secret: &[u8], counter: i64) -> u32 {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return 0 };
    mac.update(&counter.to_be_bytes());
    let sum = mac.finalize().into_bytes();
    let at = usize::from(sum[19] & 15);
    u32::from_be_bytes([sum[at], sum[at + 1], sum[at + 2], sum[at + 3]]) & 0x7fff_ffff
}

fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
}

fn percent(text: &str) -> String {
    const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
    utf8_percent_encode(text, &PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, column SHA1 (eight digits).
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (second, wanted) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            let counter: i64 = second / STEP_SECONDS;
            assert_eq!(truncated(secret, counter) % 100_000_000, wanted, "at {second}");
        }
    }

    #[test]
    fn a_code_holds_one_step_around_and_once() {
        let secret = SharedSecret(b"12345678901234567890".to_vec());
        let at = |second| Timestamp::from_second(second).expect("a time");
        let code = secret.code_at(at(1_111_111_109));
        assert_eq!(code, "081804");
        assert_eq!(SharedSecret::parse(&secret.text()), Some(secret.clone()));
        assert_eq!(SharedSecret::parse("MZXW6YTB"), None, "too short");
        assert_eq!(SharedSecret::parse("1189"), None, "not base32");
        let step = secret.step_of("081 804", at(1_111_111_109), 0).expect("it is right");
        assert_eq!(secret.step_of(&code, at(1_111_111_109), step), None, "used");
        assert!(secret.step_of(&code, at(1_111_111_109 + 30), 0).is_some());
        assert!(secret.step_of(&code, at(1_111_111_109 + 90), 0).is_none());
        assert!(secret.step_of("", at(1_111_111_109), 0).is_none());
    }

    #[test]
    fn the_address_is_escaped() {
        let address = SharedSecret(b"12345678901234567890".to_vec()).address("明澈 Lucid", "li.na");
        assert_eq!(
            address,
            "otpauth://totp/%E6%98%8E%E6%BE%88%20Lucid:li.na?\
             secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E6%98%8E%E6%BE%88%20Lucid"
        );
    }
}
