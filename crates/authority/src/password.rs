//! Passwords: long enough, not well known, kept as argon2id.

use crate::AuthorityError;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use sha1::{Digest as _, Sha1};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// The fewest letters of a password.
pub const PASSWORD_LETTERS_MIN: usize = 12;
const PASSWORD_LETTERS_MAX: usize = 128;
const WELL_KNOWN: &str = include_str!("common_passwords.txt");

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// Under twelve letters.
    Short,
    /// Over 128 letters.
    Long,
    /// On a list of passwords that are tried first.
    WellKnown,
    /// One or two letters over and over, or a run such as 123456.
    Monotonous,
    /// It holds the name under which one signs in.
    HoldsLogin,
}

impl PasswordProblem {
    /// A stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Short => "authority.password_short",
            Self::Long => "authority.password_long",
            Self::WellKnown => "authority.password_well_known",
            Self::Monotonous => "authority.password_monotonous",
            Self::HoldsLogin => "authority.password_holds_login",
        }
    }

    /// What is wrong and how to mend it, in Chinese and English.
    pub const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Short => (
                "密码至少 12 个字符;几个不相干的词连起来既长又好记",
                "a password has at least 12 characters; some unrelated words are long and easy",
            ),
            Self::Long => {
                ("密码最多 128 个字符", "a password has at most 128 characters; take a shorter one")
            }
            Self::WellKnown => (
                "这个密码在常见或已泄露密码名单中,请换一个",
                "this password is on a list of well-known or leaked ones; take another",
            ),
            Self::Monotonous => (
                "密码由重复或连续的字符组成,请换一个",
                "this password repeats or counts; take another",
            ),
            Self::HoldsLogin => (
                "密码不能包含登录名",
                "a password does not hold the name one signs in with; take another",
            ),
        }
    }
}

/// Leaked passwords by their SHA-1, from a local list.
#[derive(Clone, Default)]
pub struct BreachedList {
    digests: Arc<HashSet<[u8; 20]>>,
}

impl std::fmt::Debug for BreachedList {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "BreachedList({} passwords)", self.digests.len())
    }
}

impl BreachedList {
    /// Reads a list: a line is a password, or its SHA-1 in hexadecimal with anything after `:`.
    ///
    /// # Errors
    /// When the file cannot be read as text.
    pub fn read(file: &Path) -> Result<Self, std::io::Error> {
        let text = std::fs::read_to_string(file)?;
        let digests = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
            let first = line.split(':').next().unwrap_or_default();
            hexadecimal(first).unwrap_or_else(|| Sha1::digest(line.as_bytes()).into())
        });
        Ok(Self { digests: Arc::new(digests.collect()) })
    }

    fn has(&self, password: &str) -> bool {
        let digest: [u8; 20] = Sha1::digest(password.as_bytes()).into();
        self.digests.contains(&digest)
    }
}

fn hexadecimal(text: &str) -> Option<[u8; 20]> {
    base16ct::mixed::decode_vec(text).ok()?.try_into().ok()
}

/// Whether a password may be taken by the user of this login.
///
/// # Errors
/// Why not.
pub(crate) fn check(
    password: &str,
    login: &str,
    breached: &BreachedList,
) -> Result<(), PasswordProblem> {
    let letters = password.chars().count();
    if letters < PASSWORD_LETTERS_MIN {
        return Err(PasswordProblem::Short);
    }
    if letters > PASSWORD_LETTERS_MAX {
        return Err(PasswordProblem::Long);
    }
    let small = password.to_lowercase();
    if WELL_KNOWN.lines().any(|known| known == small) || breached.has(password) {
        return Err(PasswordProblem::WellKnown);
    }
    if is_monotonous(&small) {
        return Err(PasswordProblem::Monotonous);
    }
    if login.chars().count() >= 3 && small.contains(&login.to_lowercase()) {
        return Err(PasswordProblem::HoldsLogin);
    }
    Ok(())
}

/// Few different letters, or each letter next to the one before it.
fn is_monotonous(password: &str) -> bool {
    let letters: Vec<u32> = password.chars().map(u32::from).collect();
    let different: HashSet<u32> = letters.iter().copied().collect();
    let steps = letters.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) == 1).count();
    different.len() < 4 || steps + 2 > letters.len()
}

/// The argon2id hash of a password, in the PHC form (19 MiB, two passes, one lane).
pub(crate) fn hash(password: &str) -> Result<String, AuthorityError> {
    let salt = crate::secret::random::<16>()?;
    let hash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| AuthorityError::Stored(format!("a password hash: {error}")))?;
    Ok(hash.to_string())
}

/// Whether a password is the one of a hash.
pub(crate) fn is_right(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_and_composition_does_not() {
        let table = [
            ("elefteria", Err(PasswordProblem::Short)),
            ("P@ssw0rd!23", Err(PasswordProblem::Short)),
            ("green rivers every day", Ok(())),
            ("九龙江上看见白鹭飞过去了", Ok(())),
            ("Administrator", Err(PasswordProblem::WellKnown)),
            ("aaaaaaaabbbbbbbb", Err(PasswordProblem::Monotonous)),
            ("cdefghijklmnop", Err(PasswordProblem::Monotonous)),
            ("the lina of the west", Err(PasswordProblem::HoldsLogin)),
        ];
        for (password, wanted) in table {
            assert_eq!(check(password, "Lina", &BreachedList::default()), wanted, "{password}");
        }
        let long = "ab7 ".repeat(33);
        assert_eq!(check(&long, "x", &BreachedList::default()), Err(PasswordProblem::Long));
    }

    #[test]
    fn a_local_list_holds_words_and_digests() {
        let folder = std::env::temp_dir().join(format!("lucid-breached-{}", std::process::id()));
        let digest = Sha1::digest(b"osprey over the estuary");
        let hex = digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02X}"));
        std::fs::write(&folder, format!("two herons at dawn\n{hex}:17\n")).expect("a list");
        let list = BreachedList::read(&folder).expect("it reads");
        std::fs::remove_file(&folder).expect("it goes");
        for (password, wanted) in [
            ("two herons at dawn", Err(PasswordProblem::WellKnown)),
            ("osprey over the estuary", Err(PasswordProblem::WellKnown)),
            ("three herons at dawn", Ok(())),
        ] {
            assert_eq!(check(password, "x", &list), wanted, "{password}");
        }
    }

    #[test]
    fn hashes_are_argon2id_and_differ_each_time() {
        let hash = hash("green rivers every day").expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(is_right("green rivers every day", &hash));
        assert!(!is_right("green rivers every way", &hash));
        assert_ne!(super::hash("green rivers every day").expect("a hash"), hash);
        assert!(!is_right("anything", "not a hash"));
    }
}
