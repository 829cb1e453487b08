//! The words that a plan's files may use, one list each.

use rulebook::Text;

/// A list of words that a file may choose from.
pub(crate) trait Word: Copy + 'static {
    /// The list.
    fn list() -> &'static [Self];

    /// The word in a file.
    fn word(self) -> &'static str;
}

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
            pub const fn text(self) -> Text {
                match self { $(Self::$case => Text::fixed($zh, $en),)+ }
            }
        }

        impl Word for $name {
            fn list() -> &'static [Self] {
                Self::ALL
            }

            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    };
}

words! {
    /// How often a duty returns (周期).
    Rhythm {
        /// Every month.
        Month = "month", "每月", "every month";
        /// Every quarter.
        Quarter = "quarter", "每季度", "every quarter";
        /// Every year.
        Year = "year", "每年", "every year";
        /// Once.
        Once = "once", "一次性", "once";
    }
}

words! {
    /// What shows that a duty was done (佐证).
    Proof {
        /// The minutes of the meeting.
        Minutes = "minutes", "会议纪要", "minutes";
        /// Who took part.
        Attendees = "attendees", "参会人员", "attendees";
        /// The day on which it was done.
        Date = "date", "日期", "date";
        /// The report or document itself.
        File = "file", "报告或文件", "the report or document";
    }
}

words! {
    /// How a value is held against its target (判断方式).
    Operator {
        /// Not more than it.
        AtMost = "at_most", "不高于", "at most";
        /// Not less than it.
        AtLeast = "at_least", "不低于", "at least";
        /// Less than it.
        Below = "below", "低于", "below";
        /// Exactly it.
        Equals = "equals", "等于", "equal to";
    }
}

words! {
    /// How far a target binds (约束性、预期性).
    Binding {
        /// It binds (约束性).
        Binding = "binding", "约束性", "binding";
        /// It is expected (预期性).
        Expected = "expected", "预期性", "expected";
        /// The document does not say.
        Unstated = "unstated", "文件未注明", "not said";
    }
}

words! {
    /// Which way an indicator is better (方向).
    Direction {
        /// More is better.
        Higher = "higher", "越高越好", "more is better";
        /// Less is better.
        Lower = "lower", "越低越好", "less is better";
        /// Neither: it is only counted.
        Neither = "neither", "仅统计", "only counted";
    }
}
