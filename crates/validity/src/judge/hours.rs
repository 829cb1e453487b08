//! The hours of one factor.

use super::grid::{Grid, Standing};
use super::{compare, kept, mean};
use crate::inputs::{Allowance, FactorSetup, MarkEffect, MonthInputs, Plausible};
use crate::model::{Exemption, Invalidity, Layers, PeriodState, State, Steps};
use crate::month::day_of;
use crate::rules::{is_usable_flag, names_factor};
use jiff::Timestamp;
use jiff::civil::Date;
use observations::{FactorValue, Marks, Row, Source};
use registry::{FactorId, Medium};
use rulebook::{Decimal, Period};

/// Seconds of an hour.
pub(super) const HOUR: i64 = 3600;
/// Oxygen of air, percent, as the formula of HJ 212-2017 annex D prints it.
const AIR: Decimal = Decimal::from_parts(21, 0, 0, false, 0);

/// The rows of a month by hour.
pub(super) struct Slots<'rows> {
    hours: Vec<Option<&'rows Row>>,
    minutes: Vec<Vec<&'rows Row>>,
    days: Vec<Option<&'rows Row>>,
    /// What flowed out in each hour, m3.
    flows: Vec<Option<Decimal>>,
    begins: i64,
}

/// An hour with what the days need beside its state.
pub(super) struct Hour {
    pub(super) state: PeriodState,
    /// The place of the hour in the month.
    pub(super) place: usize,
    /// The concentration, not shortened.
    pub(super) exact: Option<Decimal>,
    /// The converted value, not shortened.
    pub(super) converted: Option<Decimal>,
}

impl<'rows> Slots<'rows> {
    pub(super) fn new(inputs: &'rows MonthInputs) -> Self {
        let begins = inputs.month.begins().as_second();
        let ends = inputs.month.ends().as_second().min(inputs.inputs.until.as_second());
        let count = usize::try_from((ends - begins).div_euclid(HOUR)).unwrap_or(0);
        let mut slots = Self {
            hours: vec![None; count],
            minutes: vec![Vec::new(); count],
            days: vec![None; count / 24],
            flows: vec![None; count],
            begins,
        };
        let place = |row: &Row, length: i64| {
            usize::try_from((row.observed_at.as_second() - begins).div_euclid(length)).ok()
        };
        for row in &inputs.hours {
            let slot = place(row, HOUR).and_then(|place| slots.hours.get_mut(place));
            put(slot, row);
        }
        for row in &inputs.days {
            let slot = place(row, HOUR * 24).and_then(|place| slots.days.get_mut(place));
            put(slot, row);
        }
        for row in &inputs.minutes {
            if let Some(list) = place(row, HOUR).and_then(|place| slots.minutes.get_mut(place)) {
                list.push(row);
            }
        }
        for list in &mut slots.minutes {
            list.sort_unstable_by_key(|row| row.observed_at);
        }
        for hour in 0..count {
            slots.flows[hour] = slots.flow_of(inputs, hour);
        }
        slots
    }

    /// How many hours are judged.
    pub(super) fn count(&self) -> usize {
        self.hours.len()
    }

    /// How many whole days are judged.
    pub(super) fn days(&self) -> usize {
        self.days.len()
    }

    pub(super) fn start(&self, hour: usize) -> Timestamp {
        Timestamp::from_second(self.begins + hour as i64 * HOUR).unwrap_or(Timestamp::MIN)
    }

    pub(super) fn day_row(&self, day: usize) -> Option<&'rows Row> {
        self.days.get(day).copied().flatten()
    }

    pub(super) fn flow(&self, hour: usize) -> Option<Decimal> {
        self.flows.get(hour).copied().flatten()
    }

    fn flow_of(&self, inputs: &MonthInputs, hour: usize) -> Option<Decimal> {
        let setup = &inputs.inputs.setup;
        let flow = setup.flow?;
        let mean = self.mean_of(hour, flow.factor)?;
        let length = match (setup.medium, setup.hour_interval_h) {
            (Medium::Water, Some(interval)) => u32::from(interval.max(1)),
            _ => 1,
        };
        let volume = mean
            .checked_mul(flow.cubic_metres_an_hour)
            .and_then(|volume| volume.checked_mul(Decimal::from(length)));
        volume.filter(|volume| !volume.is_sign_negative() || volume.is_zero())
    }

    /// The mean of a factor that is not judged itself: usable values only.
    fn mean_of(&self, hour: usize, factor: FactorId) -> Option<Decimal> {
        let usable = |row: &Row| {
            let value = row.factor(factor).filter(|value| is_usable_flag(value.flag))?;
            value.value
        };
        match self.hours.get(hour).copied().flatten() {
            Some(row) => usable(row),
            None => mean(self.minutes.get(hour)?.iter().filter_map(|row| usable(row))),
        }
    }
}

/// Of several rows of one period the newest stands, whatever their order.
fn put<'rows>(slot: Option<&mut Option<&'rows Row>>, row: &'rows Row) {
    let order = |row: &Row| (row.observed_at, row.version, row.source);
    if let Some(slot) = slot
        && slot.is_none_or(|held| order(held) < order(row))
    {
        *slot = Some(row);
    }
}

/// What came for one hour.
#[derive(Default)]
struct Came {
    flag: Option<u8>,
    value: Option<Decimal>,
    converted: Option<Decimal>,
    parts: u16,
    steps: Steps,
    source: Option<Source>,
    has_too_few: bool,
}

impl Came {
    fn of_row(row: &Row, value: &FactorValue) -> Self {
        let late = if value.marks.contains(Marks::LATE) { Steps::LATE } else { Steps::default() };
        Self {
            flag: value.flag,
            value: value.value,
            converted: value.converted,
            steps: late,
            source: Some(row.source),
            ..Self::default()
        }
    }

    /// The mean of the usable minutes; each record counts for the minutes of its interval.
    fn of_minutes(inputs: &MonthInputs, minutes: &[&Row], factor: FactorId) -> Option<Self> {
        let of = |row: &&Row| row.factor(factor).map(|value| (row.source, *value));
        let came: Vec<(Source, FactorValue)> = minutes.iter().filter_map(of).collect();
        let last = came.last()?.0;
        let usable =
            || came.iter().filter(|(_, value)| is_usable_flag(value.flag) && value.value.is_some());
        let interval = inputs.inputs.setup.minute_interval_min.unwrap_or(1).max(1);
        let parts = u16::try_from(usable().count()).unwrap_or(u16::MAX).saturating_mul(interval);
        let bad = came.iter().find(|(_, value)| !is_usable_flag(value.flag));
        let good = came.iter().find_map(|(_, value)| value.flag.filter(|flag| *flag == b'N'));
        let has_too_few = parts < inputs.inputs.rules.minutes_of_an_hour;
        let is_whole = usable().all(|(_, value)| value.converted.is_some());
        let converted =
            mean(usable().filter_map(|(_, value)| value.converted)).filter(|_| is_whole);
        Some(Self {
            flag: bad.filter(|_| has_too_few).and_then(|(_, value)| value.flag).or(good),
            value: mean(usable().filter_map(|(_, value)| value.value)),
            converted,
            parts: parts.min(60),
            steps: Steps::FROM_MINUTES,
            source: Some(last),
            has_too_few,
        })
    }
}

/// The hours of a factor that are due or came, in order.
pub(super) fn judge(
    inputs: &MonthInputs,
    slots: &Slots<'_>,
    grid: &Grid,
    factor: &FactorSetup,
) -> Vec<Hour> {
    let plausible = factor.plausible;
    let mut hours = Vec::with_capacity(slots.count());
    for place in 0..slots.count() {
        let start = slots.start(place);
        let on = day_of(start);
        let came = came(inputs, slots, place, factor.factor);
        let is_due = is_due(inputs, place, start, on);
        if came.is_none() && !is_due {
            continue;
        }
        let standing = grid.of(factor.factor, place);
        let mut hour = settle(slots, factor, plausible, (place, start), came, standing);
        if !is_due {
            hour.state.steps = hour.state.steps.with(Steps::NOT_DUE);
        }
        convert_and_compare(inputs, slots, &mut hour, factor, standing, on);
        hours.push(hour);
    }
    hours
}

fn came(inputs: &MonthInputs, slots: &Slots<'_>, place: usize, factor: FactorId) -> Option<Came> {
    match slots.hours.get(place).copied().flatten() {
        Some(row) => row.factor(factor).map(|value| Came::of_row(row, value)),
        None if inputs.inputs.setup.medium == Medium::Gas => {
            Came::of_minutes(inputs, slots.minutes.get(place)?, factor)
        }
        None => None,
    }
}

/// Whether an hour is due from the devices of the outlet.
fn is_due(inputs: &MonthInputs, place: usize, start: Timestamp, on: Date) -> bool {
    let setup = &inputs.inputs.setup;
    let last_second = start.as_second() + HOUR - 1;
    let is_heard = inputs.inputs.heard_since.is_some_and(|at| at.as_second() <= last_second);
    let operates = setup.valid_from.is_none_or(|first| first <= on)
        && setup.valid_to.is_none_or(|last| on <= last);
    let by_interval = match (setup.hour_interval_h, setup.minute_interval_min, setup.medium) {
        (Some(interval), _, _) => place.is_multiple_of(usize::from(interval.max(1))),
        (None, Some(_), Medium::Gas) => true,
        _ => false,
    };
    operates && is_heard && by_interval
}

/// Whether the hour counts, by what came and what the three layers say.
fn settle(
    slots: &Slots<'_>,
    factor: &FactorSetup,
    plausible: Option<Plausible>,
    (place, start): (usize, Timestamp),
    came: Option<Came>,
    standing: Standing,
) -> Hour {
    let mut state = PeriodState::missing(start, Period::Hour, factor.factor);
    state.layers = Layers {
        instrument: came.as_ref().and_then(|came| came.flag),
        enterprise: standing.mark,
        bureau: standing.decision,
    };
    state.steps = standing.steps;
    state.flow = slots.flow(place).map(kept);
    if factor.is_apart {
        state.steps = state.steps.with(Steps::APART);
    }
    let stopped = standing.effect == Some(MarkEffect::Stopped) && standing.held.is_none();
    let Some(came) = came else {
        if stopped {
            state.state = State::Stopped;
        }
        return Hour { state, place, exact: None, converted: None };
    };
    state.steps = state.steps.with(came.steps);
    state.parts = came.parts;
    state.source = came.source;
    let is_computed = came.steps.contains(Steps::FROM_MINUTES);
    let shown = |value: Decimal| if is_computed { kept(value) } else { value };
    state.concentration = came.value.map(shown);
    state.converted = came.converted.map(shown);
    let is_beyond = came.value.zip(plausible).is_some_and(|(value, may)| !may.holds(value));
    if is_beyond {
        state.steps = state.steps.with(Steps::QUESTIONABLE);
    }
    let is_impossible = is_beyond && plausible.is_some_and(|may| may.is_invalid_beyond);
    let stands_still = factor.is_mass
        && state.flow.is_some_and(|flow| flow.is_zero())
        && slots.hours.get(place).copied().flatten().is_some()
        && factor.code.starts_with('w');
    let by_itself = if came.has_too_few {
        State::Invalid(Invalidity::TooFew)
    } else if !is_usable_flag(came.flag) {
        State::Invalid(Invalidity::Instrument)
    } else if came.value.is_none() {
        State::Invalid(Invalidity::NoNumber)
    } else if is_impossible {
        State::Invalid(Invalidity::Implausible)
    } else if stands_still {
        State::Invalid(Invalidity::NoFlow)
    } else {
        State::Valid
    };
    state.state = match standing.held {
        Some(false) => State::Invalid(Invalidity::Decided),
        Some(true) if came.value.is_some() => {
            let is_against = by_itself != State::Valid || standing.effect.is_some();
            if is_against {
                state.steps = state.steps.with(Steps::HELD_VALID);
            }
            State::Valid
        }
        _ if stopped => State::Stopped,
        _ if by_itself != State::Valid => by_itself,
        _ if standing.effect == Some(MarkEffect::Invalid) => State::Invalid(Invalidity::Marked),
        _ => State::Valid,
    };
    Hour { state, place, exact: came.value, converted: came.converted }
}

fn convert_and_compare(
    inputs: &MonthInputs,
    slots: &Slots<'_>,
    hour: &mut Hour,
    factor: &FactorSetup,
    standing: Standing,
    on: Date,
) {
    let Some(exact) = hour.exact else { return };
    let limit = compare::limit_for(inputs, &hour.state, on);
    let is_converted = hour.converted.is_some() || limit.is_some_and(|(_, row)| row.on_converted);
    if is_converted && inputs.inputs.setup.medium == Medium::Gas {
        convert(inputs, slots, hour, exact);
    }
    let Some((place, row)) = limit else { return };
    hour.state.limit = Some(place);
    let judged = if !row.on_converted {
        exact
    } else if hour.state.steps.contains(Steps::OXYGEN_TOO_HIGH) {
        return;
    } else if let Some(converted) = hour.converted {
        converted
    } else {
        hour.state.steps = hour.state.steps.with(Steps::NOT_CONVERTED);
        return;
    };
    compare::note(&mut hour.state, compare::compare(&row.bound, judged));
    if hour.state.exceeds() && hour.state.is_valid() {
        exempt(inputs, hour, factor, standing, judged);
    }
}

/// The conversion computed here, and whether that of the device agrees.
///
/// # Formula
/// HJ 212-2017 annex D: `C (21 - reference oxygen) / (21 - oxygen)`.
fn convert(inputs: &MonthInputs, slots: &Slots<'_>, hour: &mut Hour, exact: Decimal) {
    let (setup, rules) = (&inputs.inputs.setup, &inputs.inputs.rules);
    let oxygen = setup.oxygen.and_then(|factor| slots.mean_of(hour.place, factor));
    let Some(oxygen) = oxygen else { return };
    if oxygen >= rules.oxygen_meaningful_below || oxygen >= AIR {
        hour.state.steps = hour.state.steps.with(Steps::OXYGEN_TOO_HIGH);
        return;
    }
    let Some(reference) = &setup.reference_oxygen else { return };
    if oxygen < Decimal::ZERO {
        return;
    }
    let recomputed = exact
        .checked_mul(AIR - reference.percent)
        .and_then(|product| product.checked_div(AIR - oxygen));
    let Some(recomputed) = recomputed else { return };
    hour.state.recomputed = Some(kept(recomputed));
    if let Some(sent) = hour.converted {
        let share = recomputed.abs() * rules.conversion_percent / Decimal::ONE_HUNDRED;
        // A number rounded by the device differs by as much as a unit of its last digit.
        let unit = Decimal::new(1, sent.scale().min(28));
        if (sent - recomputed).abs() > share.max(unit) {
            hour.state.steps = hour.state.steps.with(Steps::CONVERSION_DIFFERS);
        }
    } else {
        hour.converted = Some(recomputed);
        hour.state.converted = Some(kept(recomputed));
        hour.state.steps = hour.state.steps.with(Steps::CONVERTED_HERE);
    }
}

/// Exempts an excess of start-up or shut-down within its allowance.
fn exempt(
    inputs: &MonthInputs,
    hour: &mut Hour,
    factor: &FactorSetup,
    standing: Standing,
    judged: Decimal,
) {
    let Some((place, nth)) = standing.exempt else { return };
    let Some(mark) = inputs.marks.get(place) else { return };
    let kind = inputs.inputs.kinds.iter().find(|row| row.kind == mark.kind);
    let phase = kind.map_or("", |row| row.phase.as_str());
    let fits = |row: &Allowance| {
        row.facility == mark.facility && row.phase == phase && names_factor(row, &factor.code)
    };
    let allowances = &inputs.inputs.allowances;
    let found = allowances.iter().position(fits);
    let Some((index, row)) = found.and_then(|index| Some((index, allowances.get(index)?))) else {
        hour.state.steps = hour.state.steps.with(Steps::NO_ALLOWANCE);
        return;
    };
    let is_within = row.hours.is_none_or(|hours| nth < hours)
        && row.at_most.is_none_or(|most| judged <= most)
        && (row.hours.is_some() || row.at_most.is_some());
    if is_within {
        let allowance = u16::try_from(index).unwrap_or(u16::MAX);
        hour.state.exemption = Some(Exemption { mark: mark.id, allowance });
    } else {
        hour.state.steps = hour.state.steps.with(Steps::ALLOWANCE_USED_UP);
    }
}
