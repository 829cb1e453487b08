//! How a measure stands: its targets against values, its trend, what is late. Pure.

use rulebook::{Decimal, Text};

use crate::model::Target;
use crate::words::{Direction, Operator};

/// How a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetState {
    /// The value fulfils it.
    Met,
    /// The value does not.
    NotMet,
    /// The document leaves the value of the target to somebody.
    Open,
    /// There is no value to hold against it.
    NoData,
}

impl TargetState {
    /// The word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not_met",
            Self::Open => "open",
            Self::NoData => "no_data",
        }
    }

    /// The word for readers.
    pub const fn text(self) -> Text {
        match self {
            Self::Met => Text::fixed("达到", "met"),
            Self::NotMet => Text::fixed("未达到", "not met"),
            Self::Open => Text::fixed("目标值待定", "target value open"),
            Self::NoData => Text::fixed("缺数据", "no data"),
        }
    }
}

/// Holds a value against a target.
pub fn judge(target: &Target, value: Option<Decimal>) -> TargetState {
    let Some(bound) = target.value else { return TargetState::Open };
    let Some(value) = value else { return TargetState::NoData };
    let is_met = match target.operator {
        Operator::AtMost => value <= bound,
        Operator::AtLeast => value >= bound,
        Operator::Below => value < bound,
        Operator::Equals => value == bound,
    };
    if is_met { TargetState::Met } else { TargetState::NotMet }
}

/// Which way an indicator goes from one year to the next (趋势).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// It gets better.
    Better,
    /// It gets worse.
    Worse,
    /// It stays.
    Same,
    /// It changes, and neither way is better.
    Changed,
    /// There is nothing to compare.
    Unknown,
}

impl Trend {
    /// Between the year before and this one.
    pub fn of(direction: Direction, before: Option<Decimal>, now: Option<Decimal>) -> Self {
        let (Some(before), Some(now)) = (before, now) else { return Self::Unknown };
        match (direction, now.cmp(&before)) {
            (_, std::cmp::Ordering::Equal) => Self::Same,
            (Direction::Neither, _) => Self::Changed,
            (Direction::Higher, std::cmp::Ordering::Greater)
            | (Direction::Lower, std::cmp::Ordering::Less) => Self::Better,
            _ => Self::Worse,
        }
    }

    /// The word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Same => "same",
            Self::Changed => "changed",
            Self::Unknown => "unknown",
        }
    }

    /// The word for readers.
    pub const fn text(self) -> Text {
        match self {
            Self::Better => Text::fixed("向好", "better"),
            Self::Worse => Text::fixed("变差", "worse"),
            Self::Same => Text::fixed("持平", "the same"),
            Self::Changed => Text::fixed("有变化", "changed"),
            Self::Unknown => Text::fixed("无可比数据", "nothing to compare"),
        }
    }
}

/// How a measure stands (措施状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MeasureState {
    /// A duty of it is late.
    Late,
    /// A target of it is not met.
    Behind,
    /// There are targets that are met, none that is not, and nothing is late.
    OnTrack,
    /// There are values, and no target to hold them against.
    Watched,
    /// None of its indicators has a value.
    NoData,
}

impl MeasureState {
    /// Every state, the most pressing first.
    pub const ALL: [Self; 5] =
        [Self::Late, Self::Behind, Self::OnTrack, Self::Watched, Self::NoData];

    /// From its targets, how many of its indicators have values, and its late duties.
    pub fn of(targets: &[TargetState], values: usize, late: usize) -> Self {
        if late > 0 {
            Self::Late
        } else if targets.contains(&TargetState::NotMet) {
            Self::Behind
        } else if targets.contains(&TargetState::Met) {
            Self::OnTrack
        } else if values > 0 {
            Self::Watched
        } else {
            Self::NoData
        }
    }

    /// The word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Behind => "behind",
            Self::OnTrack => "on_track",
            Self::Watched => "watched",
            Self::NoData => "no_data",
        }
    }

    /// The word for readers.
    pub const fn text(self) -> Text {
        match self {
            Self::Late => Text::fixed("有任务逾期", "a duty is late"),
            Self::Behind => Text::fixed("未达目标", "behind its target"),
            Self::OnTrack => Text::fixed("达到目标", "on track"),
            Self::Watched => Text::fixed("有数据，无目标值", "values, no target value"),
            Self::NoData => Text::fixed("缺数据", "no data"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Binding;

    fn target(operator: Operator, value: Option<i64>) -> Target {
        Target {
            id: "one".into(),
            indicator: "one".into(),
            year: 2025,
            operator,
            value: value.map(Decimal::from),
            decided_by: None,
            binding: Binding::Unstated,
            stated: Text::default(),
            measures: Vec::new(),
        }
    }

    #[test]
    fn a_value_is_held_against_its_target() {
        use Operator::{AtLeast, AtMost, Below, Equals};
        use TargetState::{Met, NoData, NotMet, Open};
        for (operator, bound, value, wanted) in [
            (AtMost, Some(-10), Some(-10), Met),
            (AtMost, Some(-10), Some(-9), NotMet),
            (AtLeast, Some(90), Some(90), Met),
            (AtLeast, Some(90), Some(89), NotMet),
            (Below, Some(90), Some(90), NotMet),
            (Equals, Some(0), Some(0), Met),
            (Equals, Some(0), None, NoData),
            (Equals, None, Some(1), Open),
        ] {
            let found = judge(&target(operator, bound), value.map(Decimal::from));
            assert_eq!(found, wanted, "{value:?} {operator:?} {bound:?}");
        }
    }

    #[test]
    fn what_is_late_comes_before_what_is_behind() {
        use TargetState::{Met, NotMet, Open};
        assert_eq!(MeasureState::of(&[NotMet], 1, 1), MeasureState::Late);
        assert_eq!(MeasureState::of(&[Met, NotMet], 2, 0), MeasureState::Behind);
        assert_eq!(MeasureState::of(&[Met, Open], 2, 0), MeasureState::OnTrack);
        assert_eq!(MeasureState::of(&[Open], 1, 0), MeasureState::Watched);
        assert_eq!(MeasureState::of(&[], 0, 0), MeasureState::NoData);
    }

    #[test]
    fn a_trend_knows_which_way_is_better() {
        let trend = |direction, before: i64, now: i64| {
            Trend::of(direction, Some(Decimal::from(before)), Some(Decimal::from(now)))
        };
        assert_eq!(trend(Direction::Lower, 30, 27), Trend::Better);
        assert_eq!(trend(Direction::Higher, 30, 27), Trend::Worse);
        assert_eq!(trend(Direction::Neither, 30, 27), Trend::Changed);
        assert_eq!(trend(Direction::Higher, 30, 30), Trend::Same);
        assert_eq!(Trend::of(Direction::Lower, None, None), Trend::Unknown);
    }
}
