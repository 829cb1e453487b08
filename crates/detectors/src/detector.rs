//! Which detectors there are, and what each publishes about itself.

use crate::{Parameter, Parameters, parameters};
use jiff::civil::Date;
use rulebook::Text;

/// A detector (检测器).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Detector {
    /// Values that stand still (恒值).
    Stuck,
    /// Values that hardly fluctuate (波动过小).
    Narrow,
    /// Values cut off just under the limit (限值处截断).
    Clipped,
    /// Values that cannot be true together (关系异常).
    Relation,
    /// A stretch that occurs twice in one series (序列重复).
    Repeated,
    /// A level that jumps at a calibration (校准后跳变).
    Calibration,
    /// Silence when the load is high (高负荷时缺数).
    Silence,
    /// A clock that was set (时钟被改).
    Clock,
    /// Values that another outlet had as well (数据雷同).
    Copied,
    /// Last digits that no instrument makes (末位数字异常).
    Digits,
    /// Values that fall on days of inspection (检查日下降).
    Inspection,
}

/// What a detector publishes about itself (公开的定义).
#[derive(Clone, Debug)]
pub struct Definition {
    /// What it is called.
    pub name: Text,
    /// What it looks at.
    pub looks_at: Text,
    /// How it is computed, with units.
    pub formula: Text,
    /// What innocent causes exist.
    pub innocent: &'static [Text],
    /// What an inspector does about it.
    pub advice: Text,
}

impl Detector {
    /// Every detector, in the order in which they are shown.
    pub const ALL: [Self; 11] = [
        Self::Copied,
        Self::Repeated,
        Self::Stuck,
        Self::Narrow,
        Self::Clipped,
        Self::Relation,
        Self::Calibration,
        Self::Silence,
        Self::Clock,
        Self::Digits,
        Self::Inspection,
    ];

    /// The word under which it is stored and by which its parameters begin.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stuck => "stuck",
            Self::Narrow => "narrow",
            Self::Clipped => "clipped",
            Self::Relation => "relation",
            Self::Repeated => "repeated",
            Self::Calibration => "calibration",
            Self::Silence => "silence",
            Self::Clock => "clock",
            Self::Copied => "copied",
            Self::Digits => "digits",
            Self::Inspection => "inspection",
        }
    }

    /// The detector of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|detector| detector.as_str() == word)
    }

    /// What it publishes about itself.
    pub const fn definition(self) -> &'static Definition {
        match self {
            Self::Stuck => &crate::stuck::DEFINITION,
            Self::Narrow => &crate::narrow::DEFINITION,
            Self::Clipped => &crate::clipped::DEFINITION,
            Self::Relation => &crate::relation::DEFINITION,
            Self::Repeated => &crate::repeated::DEFINITION,
            Self::Calibration => &crate::calibration::DEFINITION,
            Self::Silence => &crate::silence::DEFINITION,
            Self::Clock => &crate::clock::DEFINITION,
            Self::Copied => &crate::copied::DEFINITION,
            Self::Digits => &crate::digits::DEFINITION,
            Self::Inspection => &crate::inspection::DEFINITION,
        }
    }

    /// The parameters that belong to it, as in force on a day.
    pub fn parameters(self, on: Date) -> Vec<Parameter> {
        let of_it = |parameter: &Parameter| {
            let mut parts = parameter.name.split('.');
            let (first, second) = (parts.next(), parts.next());
            first == Some(self.as_str())
                || (first == Some("weight") && second == Some(self.as_str()))
        };
        parameters(on).into_iter().filter(of_it).collect()
    }

    /// How much it counts in the ranking, from 0 to 1.
    pub const fn weight(self, parameters: &Parameters) -> f64 {
        match self {
            Self::Stuck => parameters.weight_stuck,
            Self::Narrow => parameters.weight_narrow,
            Self::Clipped => parameters.weight_clipped,
            Self::Relation => parameters.weight_relation,
            Self::Repeated => parameters.weight_repeated,
            Self::Calibration => parameters.weight_calibration,
            Self::Silence => parameters.weight_silence,
            Self::Clock => parameters.weight_clock,
            Self::Copied => parameters.weight_copied,
            Self::Digits => parameters.weight_digits,
            Self::Inspection => parameters.weight_inspection,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_detector_says_in_both_languages_what_it_does_and_what_else_it_may_be() {
        for detector in Detector::ALL {
            assert_eq!(Detector::parse(detector.as_str()), Some(detector));
            let definition = detector.definition();
            let texts = [&definition.name, &definition.looks_at, &definition.formula]
                .into_iter()
                .chain([&definition.advice])
                .chain(definition.innocent);
            for text in texts {
                assert!(!text.zh.is_empty() && !text.en.is_empty(), "{detector:?}: {text:?}");
            }
            assert!(!definition.innocent.is_empty(), "{detector:?}");
            let parameters = detector.parameters(Parameters::first_day());
            assert!(parameters.len() > 1, "{detector:?} has no parameters");
        }
        assert_eq!(Detector::parse("guess"), None);
    }
}
