//! The classes that the standards of marine sediment and of marine biota share.

use rulebook::Text;

/// A class of marine sediment or biota, the best first (海洋沉积物、海洋生物质量类别).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// 第一类.
    I,
    /// 第二类.
    II,
    /// 第三类.
    III,
    /// 劣于第三类.
    InferiorIII,
}

impl Class {
    /// Every class, the best first.
    pub const ALL: [Self; 4] = [Self::I, Self::II, Self::III, Self::InferiorIII];

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::I => Text::fixed("一类", "class I"),
            Self::II => Text::fixed("二类", "class II"),
            Self::III => Text::fixed("三类", "class III"),
            Self::InferiorIII => Text::fixed("劣三类", "worse than class III"),
        }
    }
}

/// The columns of the classes that have limits.
pub(super) const COLUMNS: [&str; 3] = ["I", "II", "III"];
