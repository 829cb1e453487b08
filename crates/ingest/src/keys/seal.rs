//! Seals the keys of devices by a key file of the data folder, so that the database alone opens
//! no packet.

use super::KeyProblem;
use ::hj212::cipher::Key;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;

/// The name of the key file in the data folder.
pub(super) const FILE: &str = "devices.key";
const NONCE_BYTES: usize = 24;

pub(super) struct Seal {
    cipher: XChaCha20Poly1305,
}

impl Seal {
    /// Reads the key file of a folder; makes it where there is none and nothing was sealed yet.
    pub(super) fn open(folder: &Path, may_make: bool) -> Result<Self, KeyProblem> {
        let file = folder.join(FILE);
        let wrong = |why: String| KeyProblem::File { file: file.display().to_string(), why };
        let key = match read(&file) {
            Ok(text) => bytes_of(text.trim())
                .ok_or_else(|| wrong("it does not hold 64 hexadecimal digits".to_owned()))?,
            Err(error) if error.kind() == ErrorKind::NotFound && may_make => {
                let mut key = [0; 32];
                getrandom::fill(&mut key).map_err(|error| wrong(error.to_string()))?;
                write(folder, &file, &key).map_err(|error| wrong(error.to_string()))?;
                key
            }
            Err(error) => return Err(wrong(error.to_string())),
        };
        Ok(Self { cipher: XChaCha20Poly1305::new(&key.into()) })
    }

    /// Seals a device's key; it opens as that device's alone.
    pub(super) fn close(&self, mn: &str, key: &Key) -> Result<Vec<u8>, KeyProblem> {
        let mut nonce = [0; NONCE_BYTES];
        let broken = || KeyProblem::Sealed(mn.to_owned());
        getrandom::fill(&mut nonce).map_err(|_| broken())?;
        let payload = Payload { msg: key, aad: mn.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| broken())?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed.
    pub(super) fn reveal(&self, mn: &str, sealed: &[u8]) -> Result<Key, KeyProblem> {
        let broken = || KeyProblem::Sealed(mn.to_owned());
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(broken)?;
        let payload = Payload { msg: sealed, aad: mn.as_bytes() };
        let plain = self.cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| broken())?;
        plain.try_into().map_err(|_| broken())
    }
}

fn bytes_of(text: &str) -> Option<[u8; 32]> {
    base16ct::mixed::decode_vec(text).ok()?.try_into().ok()
}

/// Reads a file that its owner alone may read.
fn read(file: &Path) -> std::io::Result<String> {
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
fn write(folder: &Path, file: &Path, key: &[u8; 32]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let text = format!("{}\n", base16ct::lower::encode_string(key));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut made = options.open(file)?;
    made.write_all(text.as_bytes())?;
    made.sync_all()?;
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_as_its_own_devices_alone_and_the_file_is_made_once() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(matches!(Seal::open(folder.path(), false), Err(KeyProblem::File { .. })));
        let seal = Seal::open(folder.path(), true).expect("it is made");
        let key = *b"k7Qw2mZp9LxT4vBn";
        let sealed = seal.close("A", &key).expect("sealed");
        assert!(!sealed.windows(4).any(|part| part == b"k7Qw"));
        let again = Seal::open(folder.path(), false).expect("it is read");
        assert_eq!(again.reveal("A", &sealed).expect("it opens"), key);
        assert!(again.reveal("B", &sealed).is_err(), "another device");
        assert!(again.reveal("A", b"short").is_err());
        let other = tempfile::tempdir().expect("a temporary folder");
        let other = Seal::open(other.path(), true).expect("it is made");
        assert!(other.reveal("A", &sealed).is_err(), "another folder");
        std::fs::write(folder.path().join(FILE), "not a key").expect("written");
        assert!(Seal::open(folder.path(), true).is_err(), "a damaged file is not replaced");
    }
}
