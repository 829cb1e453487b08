//! The days of one factor, from its hours.

use super::hours::{Hour, Slots};
use super::{compare, kept, mean};
use crate::inputs::{FactorSetup, MonthInputs};
use crate::model::{Invalidity, PeriodState, State, Steps};
use crate::month::day_of;
use crate::rules::is_usable_flag;
use registry::{LimitBound, Medium};
use rulebook::{Decimal, Period};

/// g in a kg: mg/L times m3 is g.
const GRAMS: Decimal = Decimal::ONE_THOUSAND;

/// The hours of a day, counted.
#[derive(Default)]
struct Tally {
    due: u32,
    valid: u32,
    stopped: u32,
    without_flow: u32,
    came: u32,
}

impl Tally {
    fn of(hours: &[Hour]) -> Self {
        let mut tally = Self::default();
        for hour in hours {
            let is_due = !hour.state.steps.contains(Steps::NOT_DUE);
            match hour.state.state {
                State::Stopped => tally.stopped += u32::from(is_due),
                State::Invalid(Invalidity::NoFlow) => {
                    tally.without_flow += u32::from(is_due);
                    tally.came += 1;
                }
                State::Missing => tally.due += u32::from(is_due),
                State::Invalid(_) => {
                    tally.due += u32::from(is_due);
                    tally.came += 1;
                }
                State::Valid => {
                    tally.due += u32::from(is_due);
                    tally.valid += 1;
                    tally.came += 1;
                }
            }
        }
        tally
    }
}

/// The whole days of a factor that are due or came, in order.
pub(super) fn judge(
    inputs: &MonthInputs,
    slots: &Slots<'_>,
    factor: &FactorSetup,
    hours: &[Hour],
) -> Vec<PeriodState> {
    let mut days = Vec::with_capacity(slots.days());
    for day in 0..slots.days() {
        let from = hours.partition_point(|hour| hour.place < day * 24);
        let to = hours.partition_point(|hour| hour.place < (day + 1) * 24);
        let part = hours.get(from..to).unwrap_or_default();
        let start = slots.start(day * 24);
        let mut state = PeriodState::missing(start, Period::Day, factor.factor);
        if factor.is_apart {
            state.steps = state.steps.with(Steps::APART);
        }
        let row = slots.day_row(day);
        let own = row.and_then(|row| Some((row, row.factor(factor.factor)?)));
        if part.is_empty() && own.is_none() {
            continue;
        }
        let marked = part.iter().find(|hour| hour.state.layers.enterprise.is_some());
        let decided = part.iter().find(|hour| hour.state.layers.bureau.is_some());
        state.layers.enterprise = marked.and_then(|hour| hour.state.layers.enterprise);
        for step in [Steps::MARK_LATE, Steps::MARK_REJECTED] {
            if marked.is_some_and(|hour| hour.state.steps.contains(step)) {
                state.steps = state.steps.with(step);
            }
        }
        state.layers.bureau = decided.and_then(|hour| hour.state.layers.bureau);
        state.layers.instrument = own.and_then(|(_, value)| value.flag);
        let tally = Tally::of(part);
        let mut day = Day { inputs, factor, hours: part, tally, state, exact: None };
        if day.tally.came == 0 && day.tally.stopped == 0 {
            if let Some((row, value)) = own
                && is_usable_flag(value.flag)
                && let Some(number) = value.value
            {
                day.take_device_day(row.source, number, value.converted);
            }
        } else if inputs.inputs.setup.medium == Medium::Water {
            day.of_water();
        } else {
            day.of_gas();
        }
        day.compare();
        days.push(day.state);
    }
    days
}

struct Day<'a> {
    inputs: &'a MonthInputs,
    factor: &'a FactorSetup,
    hours: &'a [Hour],
    tally: Tally,
    state: PeriodState,
    /// The mean measured and the mean converted, not shortened.
    exact: Option<(Decimal, Option<Decimal>)>,
}

impl Day<'_> {
    fn note(&mut self, steps: Steps) {
        self.state.steps = self.state.steps.with(steps);
    }

    fn valid(&self) -> impl Iterator<Item = &Hour> {
        self.hours.iter().filter(|hour| hour.state.is_valid())
    }

    fn take_device_day(
        &mut self,
        source: observations::Source,
        number: Decimal,
        converted: Option<Decimal>,
    ) {
        self.note(Steps::FROM_DEVICE_DAY);
        self.state.state = State::Valid;
        self.state.source = Some(source);
        self.state.concentration = Some(number);
        self.state.converted = converted;
        self.exact = Some((number, converted));
        if self.factor.is_mass {
            self.note(Steps::NO_AMOUNT);
        }
    }

    /// The mean of the valid hours, of which there must be enough; the amount of all hours.
    fn of_gas(&mut self) {
        self.state.parts = self.tally.valid as u16;
        let wanted = u32::from(self.inputs.inputs.rules.hours_of_a_day);
        self.state.state = if self.tally.due == 0 && self.tally.stopped > 0 {
            State::Stopped
        } else if self.tally.valid >= wanted.max(1) {
            State::Valid
        } else if self.tally.came == 0 {
            State::Missing
        } else {
            State::Invalid(Invalidity::TooFew)
        };
        let measured = mean(self.valid().filter_map(|hour| hour.exact));
        let is_whole = self.valid().all(|hour| hour.converted.is_some());
        let converted = mean(self.valid().filter_map(|hour| hour.converted));
        let converted = converted.filter(|_| is_whole);
        self.exact = measured.map(|measured| (measured, converted));
        self.state.concentration = measured.map(kept);
        self.state.converted = converted.map(kept);
        let sum = |read: fn(&PeriodState) -> Option<Decimal>| {
            let mut some = self.hours.iter().filter_map(|hour| read(&hour.state)).peekable();
            some.peek()?;
            some.try_fold(Decimal::ZERO, Decimal::checked_add)
        };
        self.state.flow = sum(|hour| hour.flow);
        self.state.amount_kg = sum(|hour| hour.amount_kg);
        self.state.substituted_kg = sum(|hour| hour.substituted_kg);
        let steps = [Steps::SUBSTITUTED, Steps::NO_AMOUNT, Steps::NO_FLOW_REPORTED];
        for step in steps {
            if self.hours.iter().any(|hour| hour.state.steps.contains(step)) {
                self.note(step);
            }
        }
    }

    /// The mean weighted by flow, from enough of the hours in which something flowed.
    fn of_water(&mut self) {
        let tally = &self.tally;
        self.state.parts = tally.valid as u16;
        let percent = u64::from(self.inputs.inputs.rules.water_day_percent);
        let wanted = (u64::from(tally.due) * percent).div_ceil(100).max(1);
        self.state.state = if tally.due == 0 && tally.without_flow > 0 {
            State::Invalid(Invalidity::NoFlow)
        } else if tally.due == 0 && tally.stopped > 0 {
            State::Stopped
        } else if tally.came == 0 {
            State::Missing
        } else if u64::from(tally.valid) >= wanted {
            State::Valid
        } else {
            State::Invalid(Invalidity::TooFew)
        };
        let all_flow = self.hours.iter().filter_map(|hour| hour.state.flow);
        let flow = all_flow.clone().try_fold(Decimal::ZERO, Decimal::checked_add);
        let flow = flow.filter(|_| all_flow.count() > 0);
        self.state.flow = flow;
        if self.factor.is_apart {
            self.range();
            return;
        }
        let weighted = self.weighted();
        let mean = match (weighted, flow) {
            (Some(mean), _) => Some(mean),
            (None, Some(_)) => None,
            (None, None) => {
                self.note(Steps::NO_FLOW_REPORTED);
                mean(self.valid().filter_map(|hour| hour.exact))
            }
        };
        self.exact = mean.map(|mean| (mean, None));
        self.state.concentration = mean.map(kept);
        if !self.factor.is_mass {
            return;
        }
        match self.state.state {
            State::Valid => {
                let load = mean.zip(flow).and_then(|(mean, flow)| {
                    mean.max(Decimal::ZERO).checked_mul(flow)?.checked_div(GRAMS)
                });
                self.state.amount_kg = load.map(kept);
                if load.is_none() {
                    self.note(Steps::NO_AMOUNT);
                }
            }
            State::Invalid(Invalidity::NoFlow) => self.state.amount_kg = Some(Decimal::ZERO),
            _ => {}
        }
    }

    /// # Formula
    /// `C = Σ C_i Q_i / Σ Q_i` over the valid hours with a flow.
    fn weighted(&self) -> Option<Decimal> {
        let mut load = Decimal::ZERO;
        let mut water = Decimal::ZERO;
        for hour in self.valid() {
            let (Some(value), Some(flow)) = (hour.exact, hour.state.flow) else { continue };
            load = load.checked_add(value.checked_mul(flow)?)?;
            water = water.checked_add(flow)?;
        }
        load.checked_div(water)
    }

    /// pH is not averaged: the smallest and the largest valid value.
    fn range(&mut self) {
        let values = || self.valid().filter_map(|hour| hour.exact);
        self.state.range = values().min().zip(values().max());
    }

    fn compare(&mut self) {
        let on = day_of(self.state.start);
        let found = compare::limit_for(self.inputs, &self.state, on);
        let Some((place, row)) = found else { return };
        let judged = match (self.state.range, self.exact) {
            (Some((low, high)), _) => Some(worst(&row.bound, low, high)),
            (None, Some((_, converted))) if row.on_converted => converted,
            (None, Some((measured, _))) => Some(measured),
            (None, None) => None,
        };
        self.state.limit = Some(place);
        match judged {
            Some(judged) => {
                compare::note(&mut self.state, compare::compare(&row.bound, judged));
            }
            None if row.on_converted && self.exact.is_some() => self.note(Steps::NOT_CONVERTED),
            None => {}
        }
    }
}

/// Of two values the one that is further beyond a bound, or nearer to it.
fn worst(bound: &LimitBound, low: Decimal, high: Decimal) -> Decimal {
    match bound {
        LimitBound::AtMost(_) => high,
        LimitBound::Within(least, most) => {
            let room = |value: Decimal| (value - *least).min(*most - value);
            if room(low) < room(high) { low } else { high }
        }
    }
}
