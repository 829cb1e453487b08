//! What a detector looks at: the values of one factor at equal steps of time, exact in units of
//! the last digit reported, each with the state in which the device was.

use crate::Role;
use jiff::Timestamp;
use rulebook::Decimal;

/// More cells than this are not taken: a wrong year in one packet must not fill the memory.
pub const CELLS_AT_MOST: usize = 1 << 20;
/// Digits behind the point are kept up to this many.
const DECIMALS_AT_MOST: u32 = 6;
/// Stands in a cell that holds no value.
const EMPTY: i64 = i64::MIN;

/// The state in which a device was (数据标记), as its flag says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing is said, or `N`: the value counts.
    #[default]
    Normal,
    /// `M`: maintenance (维护).
    Maintenance,
    /// `C`: calibration (校准).
    Calibration,
    /// `F`: the source stands still (停运).
    Stopped,
    /// `D`: the device is faulty (故障).
    Faulty,
    /// `T`: beyond the range of the instrument (超量程).
    OverRange,
    /// Any other letter: entered by hand, no link to the instrument, unknown.
    Other,
}

impl State {
    /// The state that the letter of a flag names.
    ///
    /// # Standard
    /// HJ 212-2017 table 8; letters of 2005 that mean something else count as [`State::Other`].
    pub const fn of_flag(flag: Option<u8>) -> Self {
        match flag {
            None | Some(b'N' | b'n') => Self::Normal,
            Some(b'M' | b'm') => Self::Maintenance,
            Some(b'C' | b'c') => Self::Calibration,
            Some(b'F' | b'f') => Self::Stopped,
            Some(b'D' | b'd') => Self::Faulty,
            Some(b'T' | b't') => Self::OverRange,
            Some(_) => Self::Other,
        }
    }

    /// The letter of its flag; `S`, a set value, for what has none.
    pub const fn flag(self) -> u8 {
        match self {
            Self::Normal => b'N',
            Self::Maintenance => b'M',
            Self::Calibration => b'C',
            Self::Stopped => b'F',
            Self::Faulty => b'D',
            Self::OverRange => b'T',
            Self::Other => b'S',
        }
    }
}

/// One value as it is handed in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample<Value> {
    /// Start of the period.
    pub at: Timestamp,
    /// The value; `None` where none came.
    pub value: Option<Value>,
    /// The state of the device.
    pub state: State,
}

/// The values of one factor at one outlet on an even grid of time.
///
/// A value is held as a whole number of units of the last digit, so that "equal" means equal as
/// reported.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    factor: String,
    role: Role,
    limit: Option<f64>,
    step_s: i64,
    decimals: u32,
    start_s: i64,
    /// What stands in each cell; [`EMPTY`] where no value is.
    units: Vec<i64>,
    states: Vec<State>,
}

impl Series {
    /// A series of exact values; its last digit is the finest that occurs, at most six behind the
    /// point.
    ///
    /// Samples may come in any order; of two for one time the later one counts.
    pub fn exact(factor: &str, step_s: i64, samples: &[Sample<Decimal>]) -> Self {
        let scale = |sample: &Sample<Decimal>| sample.value.map(|value| value.normalize().scale());
        let decimals = samples.iter().filter_map(scale).max().unwrap_or(0).min(DECIMALS_AT_MOST);
        let unit = |value: Decimal| {
            let mut value = value;
            value.rescale(decimals);
            // A number too long for its digits keeps fewer of them; it is no measurement.
            i64::try_from(value.mantissa()).ok().filter(|_| value.scale() == decimals)
        };
        Self::new(factor, step_s, decimals, samples, unit)
    }

    /// A series of floats, rounded to so many decimals; a number that is none is no value.
    pub fn rounded(factor: &str, step_s: i64, decimals: u32, samples: &[Sample<f64>]) -> Self {
        let decimals = decimals.min(DECIMALS_AT_MOST);
        let unit = |value: f64| {
            let scaled = (value * power(decimals)).round();
            (scaled.abs() < 1e15).then_some(scaled as i64)
        };
        Self::new(factor, step_s, decimals, samples, unit)
    }

    fn new<Value: Copy>(
        factor: &str,
        step_s: i64,
        decimals: u32,
        samples: &[Sample<Value>],
        unit: impl Fn(Value) -> Option<i64>,
    ) -> Self {
        let step_s = step_s.max(1);
        let cell_of = |sample: &Sample<Value>| sample.at.as_second().div_euclid(step_s);
        let last = samples.iter().map(cell_of).max();
        // What lies too far before the newest is left out.
        let first = last.map(|last| last.saturating_sub(CELLS_AT_MOST as i64 - 1));
        let first = samples.iter().map(cell_of).filter(|cell| Some(*cell) >= first).min();
        let (first, count) = match first.zip(last) {
            Some((first, last)) => (first, (last - first + 1) as usize),
            None => (0, 0),
        };
        let mut series = Self {
            factor: factor.to_owned(),
            role: Role::of_factor(factor),
            limit: None,
            step_s,
            decimals,
            start_s: first * step_s,
            units: vec![EMPTY; count],
            states: vec![State::Normal; count],
        };
        for sample in samples {
            let Ok(cell) = usize::try_from(cell_of(sample) - first) else { continue };
            series.units[cell] = sample.value.and_then(&unit).unwrap_or(EMPTY);
            series.states[cell] = sample.state;
        }
        series
    }

    /// The same with the limit that binds its values.
    pub fn with_limit(mut self, limit: Option<f64>) -> Self {
        self.limit = limit.filter(|limit| limit.is_finite() && *limit > 0.0);
        self
    }

    /// The same in another role than its code names.
    pub fn in_role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// The factor's code.
    pub fn factor(&self) -> &str {
        &self.factor
    }

    /// What it measures.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The limit of its values, if one binds.
    pub const fn limit(&self) -> Option<f64> {
        self.limit
    }

    /// Seconds from one value to the next.
    pub const fn step_s(&self) -> i64 {
        self.step_s
    }

    /// Digits behind the point.
    pub const fn decimals(&self) -> u32 {
        self.decimals
    }

    /// How many cells the grid has, empty ones included.
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// True when nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The start of a cell, in seconds since 1970.
    pub const fn second(&self, cell: usize) -> i64 {
        self.start_s + self.step_s * cell as i64
    }

    /// The start of a cell.
    pub fn time(&self, cell: usize) -> Timestamp {
        Timestamp::from_second(self.second(cell)).unwrap_or(Timestamp::MAX)
    }

    /// The cell in which an instant lies, if it lies within the grid.
    pub fn cell(&self, second: i64) -> Option<usize> {
        let cell = (second - self.start_s).div_euclid(self.step_s);
        usize::try_from(cell).ok().filter(|cell| *cell < self.len())
    }

    /// The value of a cell in units of the last digit, whatever the state.
    pub fn unit(&self, cell: usize) -> Option<i64> {
        self.units.get(cell).copied().filter(|unit| *unit != EMPTY)
    }

    /// The state of a cell; a cell without a value can have one too.
    pub fn state(&self, cell: usize) -> State {
        self.states.get(cell).copied().unwrap_or_default()
    }

    /// The value of a cell in units where the state lets it count.
    pub fn counting_unit(&self, cell: usize) -> Option<i64> {
        self.unit(cell).filter(|_| self.state(cell) == State::Normal)
    }

    /// The value of a cell where the state lets it count.
    pub fn value(&self, cell: usize) -> Option<f64> {
        self.counting_unit(cell).map(|unit| self.number(unit))
    }

    /// What so many units are.
    pub fn number(&self, units: i64) -> f64 {
        units as f64 / power(self.decimals)
    }

    /// Every value that counts.
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.len()).filter_map(|cell| self.value(cell))
    }

    /// The series between two times, the second one not included.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Self {
        let cell = |at: Timestamp| {
            let cell = (at.as_second() - self.start_s + self.step_s - 1).div_euclid(self.step_s);
            usize::try_from(cell.max(0)).unwrap_or(0).min(self.len())
        };
        let (from, to) = (cell(from), cell(to));
        let to = to.max(from);
        Self {
            factor: self.factor.clone(),
            start_s: self.second(from),
            units: self.units[from..to].to_vec(),
            states: self.states[from..to].to_vec(),
            ..*self
        }
    }

    /// Puts another value into a cell: for generators.
    pub fn set(&mut self, cell: usize, value: Option<f64>, state: State) {
        let scale = power(self.decimals);
        if let Some(held) = self.units.get_mut(cell) {
            let scaled = value.map(|value| (value * scale).round());
            let unit = scaled.filter(|scaled| scaled.abs() < 1e15).map(|scaled| scaled as i64);
            *held = unit.unwrap_or(EMPTY);
            self.states[cell] = state;
        }
    }
}

fn power(decimals: u32) -> f64 {
    10_f64.powi(decimals as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_780_000_000 / 3600 * 3600 + hour * 3600).expect("a time")
    }

    fn sample<Value>(hour: i64, value: Value) -> Sample<Value> {
        Sample { at: at(hour), value: Some(value), state: State::Normal }
    }

    #[test]
    fn equal_means_equal_as_reported() {
        let values = ["1.20", "1.2", "1.25"].map(|text| text.parse::<Decimal>().expect("a number"));
        let samples: Vec<_> = (0..).zip(values).map(|(hour, value)| sample(hour, value)).collect();
        let series = Series::exact("w21003", 3600, &samples);
        assert_eq!(series.decimals(), 2);
        assert_eq!(
            (series.unit(0), series.unit(1), series.unit(2)),
            (Some(120), Some(120), Some(125))
        );
    }

    #[test]
    fn flags_and_states_go_together() {
        for letter in b"NMCFDTS" {
            assert_eq!(State::of_flag(Some(*letter)).flag(), *letter);
        }
        assert_eq!(
            (State::of_flag(None), State::of_flag(Some(b'?'))),
            (State::Normal, State::Other)
        );
    }

    #[test]
    fn gaps_order_and_numbers_that_are_none_do_no_harm() {
        let samples = [sample(5, 1.0), sample(0, 2.0), sample(3, f64::NAN), sample(5, 3.0)];
        let series = Series::rounded("w21003", 3600, 1, &samples);
        assert_eq!(series.len(), 6);
        assert_eq!(series.value(0), Some(2.0));
        assert_eq!(series.value(3), None);
        assert_eq!(series.value(5), Some(3.0));
        assert_eq!(series.cell(at(6).as_second()), None);
        assert!(Series::rounded("w21003", 3600, 1, &[]).is_empty());
    }

    #[test]
    fn a_wrong_year_does_not_fill_the_memory() {
        let far = Sample { at: Timestamp::MIN, value: Some(1.0), state: State::Normal };
        let series = Series::rounded("w21003", 1, 0, &[far, sample(0, 1.0), sample(1, 2.0)]);
        assert_eq!(series.len(), 3601);
    }

    #[test]
    fn a_part_keeps_its_times() {
        let samples: Vec<_> = (0..10).map(|hour| sample(hour, hour as f64)).collect();
        let part = Series::rounded("w21003", 3600, 0, &samples).between(at(3), at(7));
        assert_eq!((part.len(), part.time(0), part.value(3)), (4, at(3), Some(6.0)));
    }
}
