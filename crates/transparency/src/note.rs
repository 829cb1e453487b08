//! Signed notes and checkpoints, as C2SP signed-note and tlog-checkpoint write them.

use crate::Hash;
use crate::tree::TreeHead;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use std::fmt;
use std::str::FromStr;

/// The type byte of Ed25519 in keys and key numbers.
const ED25519: u8 = 1;
const PRIVATE: &str = "PRIVATE+KEY+";
/// More signatures than anybody needs to read in one note.
const SIGNATURES_MAX: usize = 32;

/// A key or note that is not of the form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoteError(pub(crate) &'static str);

/// The public key of a log (公钥, a verifier key of signed notes): name, number, key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    number: [u8; 4],
    key: VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, key: VerifyingKey) -> Result<Self, NoteError> {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+') {
            return Err(NoteError("the name of a key holds no blank and no +"));
        }
        let digest = Hash::of(&[name.as_bytes(), b"\n", &[ED25519], key.as_bytes()]);
        let [a, b, c, d, ..] = digest.0;
        Ok(Self { name: name.to_owned(), number: [a, b, c, d], key })
    }

    /// The name: the origin of the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this key has signed the note.
    ///
    /// # Errors
    /// When there is no signature of this key or it is wrong.
    pub fn check(&self, note: &Note) -> Result<(), NoteError> {
        let ours = |line: &&NoteSignature| line.name == self.name && line.number == self.number;
        let line = note.signatures.iter().find(ours).ok_or(NoteError("not signed by this key"))?;
        let signature = Signature::from_slice(&line.bytes);
        let signature =
            signature.map_err(|_| NoteError("the signature is no Ed25519 signature"))?;
        let wrong = |_| NoteError("the signature is wrong");
        self.key.verify_strict(note.text.as_bytes(), &signature).map_err(wrong)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key: Vec<u8> = std::iter::once(ED25519).chain(*self.key.as_bytes()).collect();
        let number = base16ct::lower::encode_string(&self.number);
        write!(formatter, "{}+{number}+{}", self.name, BASE64_STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let form = NoteError("a verifier key is NAME+NUMBER+KEY");
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(number), Some(key)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(form);
        };
        let bytes = BASE64_STANDARD.decode(key).map_err(|_| form.clone())?;
        let Some((&ED25519, bytes)) = bytes.split_first() else {
            return Err(NoteError("only Ed25519 keys are read"));
        };
        let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| form)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| NoteError("no Ed25519 key"))?;
        let this = Self::new(name, key)?;
        if base16ct::lower::encode_string(&this.number) != number {
            return Err(NoteError("the number of the key is not that of its name and bytes"));
        }
        Ok(this)
    }
}

/// The private key of a log (私钥).
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    public: VerifierKey,
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Signer({})", self.public)
    }
}

impl Signer {
    /// A key of these thirty-two random bytes.
    ///
    /// # Errors
    /// When the name can be no name of a key.
    pub fn new(name: &str, seed: [u8; 32]) -> Result<Self, NoteError> {
        let key = SigningKey::from_bytes(&seed);
        let public = VerifierKey::new(name, key.verifying_key())?;
        Ok(Self { key, public })
    }

    /// Its public half.
    pub const fn public(&self) -> &VerifierKey {
        &self.public
    }

    /// The text of the key file.
    pub fn to_secret_text(&self) -> String {
        let seed: Vec<u8> = std::iter::once(ED25519).chain(self.key.to_bytes()).collect();
        let number = base16ct::lower::encode_string(&self.public.number);
        format!("{PRIVATE}{}+{number}+{}\n", self.public.name, BASE64_STANDARD.encode(seed))
    }

    /// Reads what [`Signer::to_secret_text`] wrote.
    ///
    /// # Errors
    /// When it is not of the form.
    pub fn from_secret_text(text: &str) -> Result<Self, NoteError> {
        let form = NoteError("a private key is PRIVATE+KEY+NAME+NUMBER+SEED");
        let rest = text.trim().strip_prefix(PRIVATE).ok_or_else(|| form.clone())?;
        let mut parts = rest.splitn(3, '+');
        let (Some(name), Some(number), Some(seed)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(form);
        };
        let bytes = BASE64_STANDARD.decode(seed).map_err(|_| form.clone())?;
        let Some((&ED25519, seed)) = bytes.split_first() else { return Err(form) };
        let seed = <[u8; 32]>::try_from(seed).map_err(|_| form)?;
        let this = Self::new(name, seed)?;
        if base16ct::lower::encode_string(&this.public.number) != number {
            return Err(NoteError("the number of the key is not that of its name and seed"));
        }
        Ok(this)
    }

    /// A text with this key's signature; the text must end with a line break.
    pub fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let bytes: Vec<u8> = self.public.number.into_iter().chain(signature).collect();
        format!("{text}\n\u{2014} {} {}\n", self.public.name, BASE64_STANDARD.encode(bytes))
    }
}

/// A text with the signatures under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What is signed, with its last line break.
    pub text: String,
    signatures: Vec<NoteSignature>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct NoteSignature {
    name: String,
    number: [u8; 4],
    bytes: Vec<u8>,
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        let form = NoteError("a signed note is a text, an empty line, and signatures");
        if note.chars().any(|letter| letter < ' ' && letter != '\n') {
            return Err(NoteError("a signed note has no control characters"));
        }
        let at = note.rfind("\n\n").ok_or_else(|| form.clone())?;
        let (text, lines) = (&note[..=at], &note[at + 2..]);
        let lines = lines.strip_suffix('\n').ok_or_else(|| form.clone())?;
        let signatures: Option<Vec<NoteSignature>> = lines.split('\n').map(signature).collect();
        let signatures = signatures.filter(|all| all.len() <= SIGNATURES_MAX).ok_or(form)?;
        Ok(Self { text: text.to_owned(), signatures })
    }
}

fn signature(line: &str) -> Option<NoteSignature> {
    let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let bytes = BASE64_STANDARD.decode(encoded).ok()?;
    let (number, bytes) = bytes.split_first_chunk::<4>()?;
    (!name.is_empty() && !bytes.is_empty()).then(|| NoteSignature {
        name: name.to_owned(),
        number: *number,
        bytes: bytes.to_vec(),
    })
}

/// The tree as the log states it (检查点).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// Its size and root.
    pub head: TreeHead,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}\n{}\n{}", self.origin, self.head.size, self.head.root.to_base64())
    }
}

impl FromStr for Checkpoint {
    type Err = NoteError;

    /// Reads the text of a note; lines behind the third are passed over, as the form wants it.
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let form = || NoteError("a checkpoint is three lines: origin, size, root");
        let mut lines = text.strip_suffix('\n').ok_or_else(form)?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(form());
        };
        let number: u64 = size.parse().map_err(|_| form())?;
        let root = Hash::from_base64(root).ok_or_else(form)?;
        if origin.is_empty() || number.to_string() != size || lines.any(str::is_empty) {
            return Err(form());
        }
        Ok(Self { origin: origin.to_owned(), head: TreeHead { size: number, root } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of the Go package `golang.org/x/mod/sumdb/note`, which the form comes from.
    const PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SECRET: &str =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n";
    const SIGNATURE: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIu\
        GUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_published_note_is_signed_and_checked() {
        let signer = Signer::from_secret_text(SECRET).expect("a private key");
        assert_eq!(signer.public().to_string(), PUBLIC);
        assert_eq!(signer.to_secret_text().trim(), SECRET);
        let note = format!("{TEXT}\n{SIGNATURE}");
        assert_eq!(signer.sign(TEXT), note);
        let key: VerifierKey = PUBLIC.parse().expect("a public key");
        let read: Note = note.parse().expect("a note");
        assert_eq!(read.text, TEXT);
        assert_eq!(key.check(&read), Ok(()));
    }

    #[test]
    fn keys_that_contradict_themselves_are_refused() {
        let table = [
            "",
            "PeterNeumann",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "Peter+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+AhpcAAAA",
            "PeterNeumann+c74f20a3+AQ==",
            "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ];
        for wrong in table {
            assert!(wrong.parse::<VerifierKey>().is_err(), "{wrong}");
            assert!(Signer::from_secret_text(&format!("{PRIVATE}{wrong}")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_checkpoint_comes_back_and_others_are_refused() {
        let root = Hash::of(&[b"root"]);
        let checkpoint =
            Checkpoint { origin: "lucid.example/log".into(), head: TreeHead { size: 70, root } };
        let text = checkpoint.to_string();
        assert_eq!(text, format!("lucid.example/log\n70\n{}\n", root.to_base64()));
        assert_eq!(text.parse(), Ok(checkpoint.clone()));
        assert_eq!(format!("{text}more\n").parse(), Ok(checkpoint));
        let root = root.to_base64();
        for wrong in [
            String::new(),
            "lucid\n70\n".into(),
            format!("\n70\n{root}\n"),
            format!("lucid\n070\n{root}\n"),
            format!("lucid\n-1\n{root}\n"),
            format!("lucid\n70\n{root}"),
            format!("lucid\n70\n{root}\n\nmore\n"),
            "lucid\n70\nAAAA\n".into(),
        ] {
            assert!(wrong.parse::<Checkpoint>().is_err(), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_found(place in any::<usize>(), bit in 0_u8..7) {
            let note = format!("{TEXT}\n{SIGNATURE}");
            let mut bytes = note.clone().into_bytes();
            let place = place % bytes.len();
            bytes[place] ^= 1 << bit;
            let key: VerifierKey = PUBLIC.parse().expect("a public key");
            let read = String::from_utf8(bytes).ok().and_then(|text| text.parse::<Note>().ok());
            let is_taken = read.is_some_and(|note| key.check(&note).is_ok());
            prop_assert!(!is_taken, "byte {place}");
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
            let _ = text.parse::<Note>();
            let _ = text.parse::<Checkpoint>();
            let _ = text.parse::<VerifierKey>();
        }
    }
}
