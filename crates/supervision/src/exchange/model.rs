//! What a partner sends.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A case as a partner hands it over.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Given {
    /// The partner's own number: it makes the case one.
    pub(super) number: String,
    /// The id of the kind; empty: what citizens report.
    pub(super) kind: String,
    /// In a few words.
    pub(super) title: String,
    /// What was reported.
    pub(super) text: String,
    /// The fields of the kind.
    pub(super) fields: BTreeMap<String, String>,
    /// The code of the division.
    pub(super) division: String,
    /// Where, in words.
    pub(super) address: String,
    /// Degrees east.
    pub(super) longitude: String,
    /// Degrees north.
    pub(super) latitude: String,
    /// The code of the enterprise.
    pub(super) enterprise: String,
    /// When it happened, RFC 3339.
    pub(super) happened_at: String,
    /// The day by which the partner wants the answer, `2026-12-10`.
    pub(super) due_on: String,
    /// Who reported.
    pub(super) reporter: Option<GivenReporter>,
}

/// Who reported.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GivenReporter {
    pub(super) name: String,
    pub(super) phone: String,
    pub(super) email: String,
    pub(super) address: String,
}

/// What a partner says about a case later.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    /// The partner's number of the message: it is taken once.
    pub(super) id: String,
    /// `supplement`, `urge`, `withdraw`, `rating`.
    pub(super) kind: String,
    /// The words.
    pub(super) text: String,
    /// With a rating: `satisfied`, `unsatisfied`, `not_reached`.
    pub(super) satisfaction: String,
}

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SaidKind {
    /// More about the matter (补充).
    Supplement,
    /// It is to go faster (催办).
    Urge,
    /// The caller takes it back (撤回).
    Withdraw,
    /// What the caller thinks of the result (回访评价).
    Rating,
}

impl SaidKind {
    /// Every kind.
    pub(super) const ALL: [Self; 4] = [Self::Supplement, Self::Urge, Self::Withdraw, Self::Rating];

    /// The word in JSON.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Supplement => "supplement",
            Self::Urge => "urge",
            Self::Withdraw => "withdraw",
            Self::Rating => "rating",
        }
    }

    /// The kind of a word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What stands before the words in the remarks of the case.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Supplement => "补充 supplement",
            Self::Urge => "催办 urged",
            Self::Withdraw => "撤回 withdrawn by the caller",
            Self::Rating => "回访评价 rating",
        }
    }
}

/// Whether a text can be a number of a partner.
pub(super) fn is_number(text: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    (1..=64).contains(&text.len()) && text.chars().all(allowed)
}
