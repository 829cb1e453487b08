//! What the other side said to a message.

use jiff::SignedDuration;

/// How many characters of an answer are kept.
const LETTERS_MAX: usize = 300;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The message was taken.
    Taken(String),
    /// It was not, and may be another time; not before so long, where the other side says so.
    Failed(String, Option<SignedDuration>),
    /// It was not, and never will be as it is.
    Refused(String),
}

impl Answer {
    pub(crate) const fn outcome(&self) -> &'static str {
        match self {
            Self::Taken(_) => "sent",
            Self::Failed(..) => "failed",
            Self::Refused(_) => "refused",
        }
    }

    pub(crate) fn said(&self) -> &str {
        match self {
            Self::Taken(said) | Self::Failed(said, _) | Self::Refused(said) => said,
        }
    }
}

/// A text of the other side in one line, without control characters, and not too long.
pub(crate) fn short(text: &str) -> String {
    let clean: String =
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let words: Vec<&str> = clean.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(LETTERS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// An error with its causes, as short as what is kept of an answer.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    short(&store::with_causes(error))
}

#[cfg(test)]
mod tests {
    #[test]
    fn answers_become_one_short_line() {
        assert_eq!(super::short("a\r\n b\0\tc "), "a b c");
        assert_eq!(super::short(&"字".repeat(400)).chars().count(), 301);
    }
}
