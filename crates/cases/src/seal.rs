//! What is secret: who reported, sealed by a key that stands in no database; and the codes by
//! which citizens come back.
//!
//! One key file of the data folder gives a key for each purpose. Whoever has the database alone
//! reads no identity, guesses no code and cannot try out phone numbers.

use crate::{CaseError, CaseId, Reporter};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

/// The name of the key file in the data folder.
const FILE: &str = "cases.key";
const NONCE_BYTES: usize = 24;

/// Seals and opens. The key never leaves it.
pub(crate) struct Seal {
    key: [u8; 32],
    cipher: XChaCha20Poly1305,
}

/// What is sealed of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Secret {
    name: String,
    phone: String,
    email: String,
    address: String,
    /// The personal fields of its kind.
    pub(crate) fields: BTreeMap<String, String>,
}

impl Secret {
    pub(crate) fn of(reporter: &Reporter) -> Self {
        Self {
            name: reporter.name.trim().to_owned(),
            phone: reporter.phone.trim().to_owned(),
            email: reporter.email.trim().to_owned(),
            address: reporter.address.trim().to_owned(),
            fields: BTreeMap::new(),
        }
    }

    pub(crate) fn reporter(&self) -> Reporter {
        Reporter {
            name: self.name.clone(),
            phone: self.phone.clone(),
            email: self.email.clone(),
            address: self.address.clone(),
        }
    }
}

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeUse {
    /// To follow a case.
    Follow,
    /// To claim a reward without a name.
    Claim,
}

impl CodeUse {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Follow => "follow",
            Self::Claim => "claim",
        }
    }
}

impl Seal {
    /// Reads the key file of a folder; makes it where there is none and nothing was sealed yet.
    pub(crate) fn open(folder: &Path, may_make: bool) -> Result<Self, CaseError> {
        let file = folder.join(FILE);
        let wrong = |why: String| CaseError::Key { file: file.display().to_string(), why };
        let text = match read_private(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound && may_make => {
                let key = base16ct::lower::encode_string(&random::<32>()?);
                write_private(folder, &file, &key).map_err(|error| wrong(error.to_string()))?;
                key
            }
            Err(error) => return Err(wrong(error.to_string())),
        };
        let key = bytes_of(text.trim())
            .ok_or_else(|| wrong("it does not hold 64 hexadecimal digits".to_owned()))?;
        Ok(Self::of(key))
    }

    fn of(key: [u8; 32]) -> Self {
        let sealing = mac(&key, &[b"seal"]);
        Self { key, cipher: XChaCha20Poly1305::new(&sealing.into()) }
    }

    /// By what a store knows its key again.
    pub(crate) fn fingerprint(&self) -> Vec<u8> {
        self.keyed(b"fingerprint", &[])
    }

    /// Seals what is personal of a case; it opens as that case's alone.
    pub(crate) fn close(&self, case: CaseId, secret: &Secret) -> Result<Vec<u8>, CaseError> {
        let plain = serde_json::to_vec(secret).map_err(|_| broken(case))?;
        let nonce = random::<NONCE_BYTES>()?;
        let payload = Payload { msg: &plain, aad: &case.0.to_be_bytes() };
        let sealed =
            self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| broken(case))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed.
    pub(crate) fn reveal(&self, case: CaseId, sealed: &[u8]) -> Result<Secret, CaseError> {
        let (nonce, sealed) =
            sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(|| broken(case))?;
        let payload = Payload { msg: sealed, aad: &case.0.to_be_bytes() };
        let plain =
            self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| broken(case))?;
        serde_json::from_slice(&plain).map_err(|_| broken(case))
    }

    /// By what the same person is known again: a keyed digest of the phone number, else of the
    /// e-mail address.
    pub(crate) fn contact(&self, reporter: &Reporter) -> Option<Vec<u8>> {
        let digits: String = reporter.phone.chars().filter(char::is_ascii_digit).collect();
        // The country's prefix may be there or not.
        let phone = digits.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or(&digits);
        if phone.len() >= 7 {
            return Some(self.keyed(b"phone", &[phone.as_bytes()]));
        }
        let email = reporter.email.trim().to_lowercase();
        (!email.is_empty()).then(|| self.keyed(b"email", &[email.as_bytes()]))
    }

    /// The code of a case for a use: ten letters and digits, `ABCDE-23456`.
    pub(crate) fn code(&self, case: CaseId, opened_at: Timestamp, for_use: CodeUse) -> String {
        let at = opened_at.as_millisecond().to_be_bytes();
        let parts = [for_use.as_str().as_bytes(), &case.0.to_be_bytes(), &at];
        let digest = self.keyed(b"code", &parts);
        let letters: String =
            digest.iter().take(10).map(|byte| char::from(LETTERS[*byte as usize & 31])).collect();
        format!("{}-{}", &letters[..5], &letters[5..])
    }

    /// The digest of a code as stored, whatever way it was typed.
    pub(crate) fn code_digest(&self, case: CaseId, for_use: CodeUse, code: &str) -> Vec<u8> {
        let typed: String = code
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        let parts = [for_use.as_str().as_bytes(), &case.0.to_be_bytes(), typed.as_bytes()];
        self.keyed(b"code digest", &parts)
    }

    /// The digest of an idempotency key within a realm.
    pub(crate) fn once(&self, realm: &str, key: &str) -> Vec<u8> {
        self.keyed(b"once", &[realm.as_bytes(), b"\0", key.as_bytes()])
    }

    fn keyed(&self, purpose: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        let own = mac(&self.key, &[purpose]);
        mac(&own, parts).to_vec()
    }
}

/// Crockford's letters: none that is taken for another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn broken(case: CaseId) -> CaseError {
    CaseError::Sealed { what: format!("the personal data of case {}", case.0) }
}

fn random<const SIZE: usize>() -> Result<[u8; SIZE], CaseError> {
    let mut bytes = [0_u8; SIZE];
    getrandom::fill(&mut bytes).map_err(|error| CaseError::Random(error.to_string()))?;
    Ok(bytes)
}

fn bytes_of(text: &str) -> Option<[u8; 32]> {
    base16ct::mixed::decode_vec(text).ok()?.try_into().ok()
}

/// Reads a file that its owner alone may read.
fn read_private(file: &Path) -> std::io::Result<String> {
    let mut opened = std::fs::File::open(file)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = opened.metadata()?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let why = format!("others may read it (mode {mode:o}); run chmod 600 on it");
            return Err(std::io::Error::new(ErrorKind::PermissionDenied, why));
        }
    }
    let mut text = String::new();
    opened.read_to_string(&mut text)?;
    Ok(text)
}

/// Writes a file that its owner alone may read; when this returns it is on the disk.
fn write_private(folder: &Path, file: &Path, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut made = options.open(file)?;
    made.write_all(text.as_bytes())?;
    made.write_all(b"\n")?;
    made.sync_all()?;
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal() -> Seal {
        Seal::of([7; 32])
    }

    fn reporter(phone: &str, email: &str) -> Reporter {
        Reporter { phone: phone.into(), email: email.into(), ..Reporter::default() }
    }

    #[test]
    fn what_is_sealed_opens_as_its_own_case_with_its_own_key_alone() {
        let mut secret = Secret::of(&reporter("13800000000", "a@example.org"));
        secret.fields.insert("bank_account".into(), "6222".into());
        let sealed = seal().close(CaseId(5), &secret).expect("sealed");
        assert!(!sealed.windows(5).any(|part| part == b"13800"));
        assert_eq!(seal().reveal(CaseId(5), &sealed).expect("it opens"), secret);
        assert!(seal().reveal(CaseId(6), &sealed).is_err(), "another case");
        assert!(Seal::of([8; 32]).reveal(CaseId(5), &sealed).is_err(), "another key");
        let mut changed = sealed.clone();
        changed[30] ^= 1;
        assert!(seal().reveal(CaseId(5), &changed).is_err(), "a changed byte");
        assert!(seal().reveal(CaseId(5), b"short").is_err());
        let again = seal().close(CaseId(5), &secret).expect("sealed");
        assert_ne!(sealed, again, "the same looks different each time");
    }

    #[test]
    fn codes_are_known_however_they_are_typed() {
        let at = Timestamp::from_second(1_800_000_000).expect("a time");
        let code = seal().code(CaseId(5), at, CodeUse::Follow);
        assert_eq!((code.len(), code.find('-')), (11, Some(5)));
        assert_ne!(code, seal().code(CaseId(6), at, CodeUse::Follow));
        assert_ne!(code, seal().code(CaseId(5), at, CodeUse::Claim));
        let digest = seal().code_digest(CaseId(5), CodeUse::Follow, &code);
        let typed = code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        assert_eq!(seal().code_digest(CaseId(5), CodeUse::Follow, &typed), digest);
        assert_ne!(seal().code_digest(CaseId(5), CodeUse::Follow, "00000-00000"), digest);
    }

    #[test]
    fn the_same_person_is_known_by_phone_else_by_e_mail() {
        let of = |phone: &str, email: &str| seal().contact(&reporter(phone, email));
        assert_eq!(of("138 0000-0000", ""), of("+86 13800000000", "x@example.org"));
        assert_ne!(of("13800000000", ""), of("13800000001", ""));
        assert_eq!(of("", " A@Example.org"), of("12", "a@example.org"));
        assert_eq!(of("", ""), None);
    }

    #[test]
    fn the_key_file_is_made_once_and_kept_from_others() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(matches!(Seal::open(folder.path(), false), Err(CaseError::Key { .. })));
        let made = Seal::open(folder.path(), true).expect("it is made");
        let again = Seal::open(folder.path(), false).expect("it is read");
        assert_eq!(made.fingerprint(), again.fingerprint());
        let file = folder.path().join(FILE);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(&file).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let open = std::fs::Permissions::from_mode(0o644);
            std::fs::set_permissions(&file, open).expect("changed");
            let refused = Seal::open(folder.path(), true);
            assert!(matches!(refused, Err(CaseError::Key { why, .. }) if why.contains("chmod")));
            let closed = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(&file, closed).expect("changed");
        }
        std::fs::write(&file, "not a key").expect("written");
        assert!(Seal::open(folder.path(), true).is_err(), "a damaged key is not replaced");
    }
}
