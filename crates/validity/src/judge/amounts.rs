//! Amounts discharged, and what stands in where they are not known.

use super::hours::Hour;
use super::kept;
use crate::inputs::{FactorSetup, History, MonthInputs, Rules};
use crate::model::{Invalidity, PeriodState, State, Steps};
use registry::Medium;
use rulebook::Decimal;

/// mg in a kg.
const MILLIGRAMS: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// The amounts of hours of gas, kg: concentration as measured times flow. Water has amounts of
/// days alone.
///
/// # Standard
/// HJ 212-2017 annex D; the substitution as HJ 75-2017 tables 5 and 6, from memory.
pub(super) fn of_hours(
    inputs: &MonthInputs,
    factor: &FactorSetup,
    history: &History,
    hours: &mut [Hour],
) {
    if !factor.is_mass || inputs.inputs.setup.medium != Medium::Gas {
        return;
    }
    if inputs.inputs.setup.flow.is_none() {
        for hour in hours {
            hour.state.steps = hour.state.steps.with(Steps::NO_FLOW_REPORTED);
        }
        return;
    }
    let mut outages = Outages::new(history);
    for place in 0..hours.len() {
        let Some(hour) = hours.get_mut(place) else { continue };
        if hour.state.is_valid() {
            let amount = hour.exact.zip(hour.state.flow).and_then(|(concentration, flow)| {
                concentration.max(Decimal::ZERO).checked_mul(flow)?.checked_div(MILLIGRAMS)
            });
            hour.state.amount_kg = amount.map(kept);
            if amount.is_none() {
                let missing = Steps::NO_AMOUNT.with(Steps::NO_FLOW_REPORTED);
                hour.state.steps = hour.state.steps.with(missing);
            }
        }
        let states = |place: usize| hours.get(place).map(|hour| &hour.state);
        let closed = outages.hear(place, states(place));
        substitute_hours(&inputs.inputs.rules, history, closed, &outages.amounts, hours);
        let state = hours.get(place).map(|hour| &hour.state);
        outages.keep(state.and_then(|state| state.amount_kg.filter(|_| state.is_valid())));
    }
    let open = outages.close();
    substitute_hours(&inputs.inputs.rules, history, open, &outages.amounts, hours);
}

/// A run of periods whose amount is not known.
struct Outage {
    places: Vec<usize>,
    /// How many periods it has lasted already when the month began.
    before: u32,
}

struct Outages {
    /// The amounts of valid periods, the latest last.
    amounts: Vec<Decimal>,
    open: Option<Outage>,
    trailing: u32,
}

impl Outages {
    fn new(history: &History) -> Self {
        Self { amounts: history.amounts.clone(), open: None, trailing: history.trailing }
    }

    /// Takes in the next period; gives the outage that it ends.
    fn hear(&mut self, place: usize, state: Option<&PeriodState>) -> Option<Outage> {
        let state = state?;
        let is_first = std::mem::take(&mut self.trailing);
        if !needs_amount(state) {
            return self.open.take();
        }
        let open = self.open.get_or_insert(Outage { places: Vec::new(), before: is_first });
        open.places.push(place);
        None
    }

    fn keep(&mut self, amount: Option<Decimal>) {
        self.amounts.extend(amount);
    }

    fn close(&mut self) -> Option<Outage> {
        self.open.take()
    }
}

/// Whether an amount has to stand in: due, the source ran, no valid data.
fn needs_amount(state: &PeriodState) -> bool {
    let is_open = match state.state {
        State::Missing => true,
        State::Invalid(why) => why != Invalidity::NoFlow,
        State::Valid | State::Stopped => false,
    };
    is_open && !state.steps.contains(Steps::NOT_DUE)
}

fn substitute_hours(
    rules: &Rules,
    history: &History,
    outage: Option<Outage>,
    amounts: &[Decimal],
    hours: &mut [Hour],
) {
    let Some(outage) = outage else { return };
    let length = u32::try_from(outage.places.len()).unwrap_or(u32::MAX) + outage.before;
    let amount = window(rules, history, length).and_then(|window| largest(amounts, window));
    for place in outage.places {
        if let Some(hour) = hours.get_mut(place) {
            stand_in(&mut hour.state, amount);
        }
    }
}

/// How many valid hours are looked back over; `None` below the capture rate wanted.
fn window(rules: &Rules, history: &History, length: u32) -> Option<u16> {
    let reaches = |percent: u16| {
        history.due > 0
            && u64::from(history.valid) * 100 >= u64::from(history.due) * u64::from(percent)
    };
    if reaches(rules.good_capture_percent) {
        let is_short = length <= u32::from(rules.short_outage_hours);
        Some(if is_short { rules.window_good_short } else { rules.window_good_long })
    } else {
        reaches(rules.capture_percent).then_some(rules.window_fair)
    }
}

/// The largest of the last so many; `None` when fewer are known.
fn largest(amounts: &[Decimal], window: u16) -> Option<Decimal> {
    let from = amounts.len().checked_sub(usize::from(window))?;
    amounts.get(from..)?.iter().max().copied()
}

fn stand_in(state: &mut PeriodState, amount: Option<Decimal>) {
    if let Some(amount) = amount {
        state.amount_kg = Some(amount);
        state.substituted_kg = Some(amount);
        state.steps = state.steps.with(Steps::SUBSTITUTED);
    } else {
        state.steps = state.steps.with(Steps::NO_AMOUNT);
    }
}

/// Days of water without a valid mean: the largest load of the valid days before stands in.
///
/// # Standard
/// HJ 356-2019, from memory.
pub(super) fn of_days(
    inputs: &MonthInputs,
    factor: &FactorSetup,
    history: &History,
    days: &mut [PeriodState],
) {
    let setup = &inputs.inputs.setup;
    if !factor.is_mass || setup.medium != Medium::Water || setup.flow.is_none() {
        return;
    }
    let mut amounts = history.amounts.clone();
    for day in days {
        if needs_amount(day) {
            let amount = largest(&amounts, inputs.inputs.rules.water_days_looked_back);
            stand_in(day, amount);
        } else if day.is_valid() {
            amounts.extend(day.amount_kg);
        }
    }
}
