//! Lists of words that a declaration may choose from.

use law::Unit;
use rulebook::Confidence;

/// A list of words that a declaration may choose from.
pub trait Word: Copy + 'static {
    /// The list.
    fn list() -> &'static [Self];

    /// The word in a file.
    fn word(self) -> &'static str;
}

impl Word for Unit {
    fn list() -> &'static [Self] {
        &Self::ALL
    }

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Word for Confidence {
    fn list() -> &'static [Self] {
        &Self::ALL
    }

    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// Declares an enum whose cases are the words of one list, each with its names in Chinese and
/// English: `as_str`, `parse`, `text` and [`Word`] come with it.
#[macro_export]
macro_rules! words {
    (
        $(#[$about:meta])*
        $name:ident {
            $($(#[$what:meta])* $case:ident = $word:literal, $zh:literal, $en:literal;)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$what])* $case,)+ }

        impl $name {
            /// Every one, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$case,)+];

            /// The word in a file.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$case => $word,)+ }
            }

            /// The one that a word names, or `None`.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word)
            }

            /// What a reader calls it.
            pub const fn text(self) -> $crate::Text {
                match self { $(Self::$case => $crate::Text::fixed($zh, $en),)+ }
            }
        }

        impl $crate::Word for $name {
            fn list() -> &'static [Self] {
                Self::ALL
            }

            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    };
}
