//! What a phone sends.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A piece of work as a phone made it, perhaps hours ago.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct Work {
    /// The number of the user who made it: it is taken from nobody else.
    pub(super) person: i64,
    /// The step of a case that was taken.
    pub(super) act: Option<Step>,
    /// What was found and is to be registered.
    pub(super) open: Option<Find>,
    /// What was seen.
    #[serde(default)]
    pub(super) text: String,
    /// The fields of the step or of the new case.
    #[serde(default)]
    pub(super) fields: BTreeMap<String, String>,
    /// Where the phone was.
    pub(super) place: Option<PhonePlace>,
    /// When it was made, by the phone's clock, RFC 3339.
    pub(super) happened_at: String,
    /// The keys of its photos, delivered before.
    #[serde(default)]
    pub(super) photos: Vec<String>,
}

/// A step of a case.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct Step {
    /// The id of the case.
    pub(super) case: i64,
    /// The id of the transition.
    pub(super) transition: String,
    /// The version of the case that the phone had.
    pub(super) version: i64,
}

/// A new find.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct Find {
    /// The id of the kind.
    pub(super) kind: String,
    /// In a few words.
    #[serde(default)]
    pub(super) title: String,
    /// Where, in words.
    #[serde(default)]
    pub(super) address: String,
}

/// Where a phone was.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct PhonePlace {
    /// Degrees east.
    pub(super) longitude: String,
    /// Degrees north.
    pub(super) latitude: String,
    /// How far off it may be, in metres.
    #[serde(default)]
    pub(super) accuracy_m: i64,
}

/// Whether a text can be a key that a phone made.
pub(super) fn is_key(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (16..=64).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::is_key;

    #[test]
    fn keys_are_long_words() {
        assert!(is_key("3f2b8c1e-7a55-4d0e-9a55-0b6b1f0d9c11"));
        for wrong in ["", "short", "3f2b8c1e 7a55 4d0e", "../../../../etc/passwd", &"a".repeat(65)]
        {
            assert!(!is_key(wrong), "{wrong}");
        }
    }
}
