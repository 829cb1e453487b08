//! The state of each hour of a month (数据状态日历), for one factor or for all: the data of the heat
//! map. Pure.

use registry::FactorId;
use rulebook::{Period, Text, beijing_offset};
use std::collections::BTreeMap;
use validity::{MonthRecord, PeriodState, State};

/// What an hour is shown as; of several factors the one that asks most for a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Shade {
    /// It counts, within its limit.
    Valid,
    /// The source stood still.
    Stopped,
    /// The enterprise has marked it; it counts all the same.
    Marked,
    /// It does not count.
    Invalid,
    /// Nothing came, and a mark explains it.
    Explained,
    /// Nothing came, and nobody has said why.
    Missing,
    /// Over the limit, and exempted or marked.
    OverExempt,
    /// Over the limit.
    Over,
}

impl Shade {
    /// All of them, the quietest first.
    pub(super) const ALL: [Self; 8] = [
        Self::Valid,
        Self::Stopped,
        Self::Marked,
        Self::Invalid,
        Self::Explained,
        Self::Missing,
        Self::OverExempt,
        Self::Over,
    ];

    /// What a period is.
    fn of(state: &PeriodState) -> Self {
        let is_marked = state.layers.enterprise.is_some();
        match state.state {
            _ if state.is_exceedance() => Self::Over,
            State::Stopped => Self::Stopped,
            State::Missing if is_marked => Self::Explained,
            State::Missing => Self::Missing,
            _ if state.exceeds() && (is_marked || state.exemption.is_some()) => Self::OverExempt,
            State::Invalid(_) => Self::Invalid,
            State::Valid if is_marked => Self::Marked,
            State::Valid => Self::Valid,
        }
    }

    /// The sign in its cell: colour is never the only thing that tells.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Valid => "·",
            Self::Stopped => "‖",
            Self::Marked => "m",
            Self::Invalid => "!",
            Self::Explained => "○",
            Self::Missing => "×",
            Self::OverExempt => "△",
            Self::Over => "▲",
        }
    }

    /// The class of its cell.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Valid => "heat-valid",
            Self::Stopped => "heat-stopped",
            Self::Marked => "heat-marked",
            Self::Invalid => "heat-invalid",
            Self::Explained => "heat-explained",
            Self::Missing => "heat-missing",
            Self::OverExempt => "heat-over-exempt",
            Self::Over => "heat-over",
        }
    }

    /// What it means.
    pub(super) const fn text(self) -> Text {
        match self {
            Self::Valid => Text::fixed("有效", "valid"),
            Self::Stopped => Text::fixed("停运", "source stopped"),
            Self::Marked => Text::fixed("有效,企业有标记", "valid, marked by the enterprise"),
            Self::Invalid => Text::fixed("无效", "does not count"),
            Self::Explained => Text::fixed("缺失,已标记", "missing, marked"),
            Self::Missing => Text::fixed("缺失,未标记", "missing, no mark"),
            Self::OverExempt => {
                Text::fixed("超过限值,被标记或豁免", "over the limit, marked or exempted")
            }
            Self::Over => Text::fixed("超标", "over the limit"),
        }
    }
}

/// A day's hours, by day of the month and hour of the day.
pub(super) type Grid = BTreeMap<(i8, i8), Shade>;

/// The hours of a record, of one factor or of all.
pub(super) fn grid(record: &MonthRecord, factor: Option<FactorId>) -> Grid {
    let mut grid = Grid::new();
    let wanted = record
        .periods
        .iter()
        .filter(|state| state.period == Period::Hour)
        .filter(|state| factor.is_none_or(|factor| state.factor == factor));
    for state in wanted {
        let local = beijing_offset().to_datetime(state.start);
        let shade = Shade::of(state);
        let cell = grid.entry((local.day(), local.hour())).or_insert(shade);
        *cell = (*cell).max(shade);
    }
    grid
}

/// How many hours of each shade a day has, or the month when no day is named.
pub(super) fn tally(grid: &Grid, day: Option<i8>) -> BTreeMap<Shade, usize> {
    let mut tally = BTreeMap::new();
    for (_, shade) in grid.iter().filter(|((of, _), _)| day.is_none_or(|day| day == *of)) {
        *tally.entry(*shade).or_default() += 1;
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use validity::{Invalidity, Layers, MarkId, Steps};

    fn hour(state: State, steps: Steps, is_marked: bool) -> PeriodState {
        let start = Timestamp::UNIX_EPOCH;
        let enterprise = is_marked.then_some(MarkId(1));
        PeriodState {
            state,
            steps,
            layers: Layers { enterprise, ..Layers::default() },
            ..PeriodState::missing(start, Period::Hour, FactorId(1))
        }
    }

    #[test]
    fn an_hour_shows_what_most_asks_for_a_look() {
        let (plain, over) = (Steps::default(), Steps::EXCEEDS);
        for (state, steps, is_marked, wanted) in [
            (State::Valid, plain, false, Shade::Valid),
            (State::Valid, plain, true, Shade::Marked),
            (State::Valid, over, false, Shade::Over),
            (State::Missing, plain, false, Shade::Missing),
            (State::Missing, plain, true, Shade::Explained),
            (State::Invalid(Invalidity::Instrument), plain, false, Shade::Invalid),
            (State::Invalid(Invalidity::Marked), over, true, Shade::OverExempt),
            (State::Stopped, plain, true, Shade::Stopped),
        ] {
            assert_eq!(Shade::of(&hour(state, steps, is_marked)), wanted, "{state:?} {steps:?}");
        }
    }

    #[test]
    fn every_shade_has_a_sign_of_its_own() {
        let mut signs: Vec<&str> = Shade::ALL.iter().map(|shade| shade.sign()).collect();
        signs.sort_unstable();
        signs.dedup();
        assert_eq!(signs.len(), Shade::ALL.len());
    }

    #[test]
    fn days_are_counted_apart() {
        let grid: Grid =
            [((1, 0), Shade::Valid), ((1, 1), Shade::Over), ((2, 0), Shade::Valid)].into();
        assert_eq!(tally(&grid, Some(1)), [(Shade::Valid, 1), (Shade::Over, 1)].into());
        assert_eq!(tally(&grid, None), [(Shade::Valid, 2), (Shade::Over, 1)].into());
    }
}
