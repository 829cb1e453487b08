//! Frauds done to honest outlets: where, when, and by how much is known, so that detectors can be
//! measured.

use super::random::Random;
use super::{FraudKind, Strength};
use detectors::{Event, EventKind, Outlet, Role, Series, Span, State};
use jiff::{SignedDuration, Timestamp};

const HOUR_S: i64 = 3600;
/// The first and the last hours stay honest, so that there is something to compare with.
const BEFORE: usize = 24 * 12;
const AFTER: usize = 6;
/// So often a place is looked for.
const ATTEMPTS: usize = 60;
/// The share of the hours of a place that must count.
const COUNTING: f64 = 0.85;

/// What was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Deed {
    /// The factor; `None` where it concerns the whole outlet.
    pub factor: Option<String>,
    /// When.
    pub span: Span,
}

/// Commits a fraud at an outlet whose hours are given; `others` are those from which can be copied.
///
/// Gives `None`, and leaves the outlet as it is, where it cannot be done: no such factor, or
/// nowhere enough hours that count.
pub fn commit(
    kind: FraudKind,
    strength: &Strength,
    outlet: &mut Outlet,
    others: &[Outlet],
    seed: u64,
) -> Option<Deed> {
    let mut random = Random::new(seed, kind as u64 + 1);
    let deed = Hand { outlet, others, strength, random: &mut random };
    match kind {
        FraudKind::Stuck => deed.stand_still(),
        FraudKind::Narrow => deed.hang_in_a_solution(),
        FraudKind::Clipped => deed.cut_at_the_limit(),
        FraudKind::Copied => deed.copy(),
        FraudKind::Repeated => deed.play_again(),
        FraudKind::Thinned => deed.let_air_in(),
        FraudKind::Part => deed.lower_the_whole(),
        FraudKind::Conversion => deed.change_the_conversion(),
        FraudKind::Load => deed.scale_the_flow(),
        FraudKind::Calibration => deed.change_the_slope(),
        FraudKind::Silence => deed.cut_the_line(),
        FraudKind::Clock => deed.set_the_clock(),
        FraudKind::Digits => deed.think_numbers_out(),
        FraudKind::Inspection => deed.behave_while_watched(),
    }
}

/// Who does it.
struct Hand<'deed> {
    outlet: &'deed mut Outlet,
    others: &'deed [Outlet],
    strength: &'deed Strength,
    random: &'deed mut Random,
}

impl Hand<'_> {
    /// A pollutant that a limit binds, by lot, with its place among the series.
    fn pollutant(&mut self) -> Option<usize> {
        let is_bound = |series: &Series| {
            let judged = self.outlet.judged(series.factor(), series.step_s());
            series.role() == Role::Pollutant && judged.is_some_and(|it| it.limit().is_some())
        };
        let bound: Vec<usize> = (0..self.outlet.series.len())
            .filter(|place| is_bound(&self.outlet.series[*place]))
            .collect();
        if bound.is_empty() { None } else { Some(bound[self.random.place(bound.len())]) }
    }

    fn of_factor(&self, factor: &str) -> Option<usize> {
        self.outlet.series.iter().position(|series| series.factor() == factor)
    }

    /// Whether an hour of a series counts while the source runs.
    fn counts(&self, place: usize, cell: usize) -> bool {
        let series = &self.outlet.series[place];
        let flow = self.outlet.in_role(Role::Flow, HOUR_S);
        let flows = flow.is_none_or(|flow| flow.value(cell).is_none_or(|value| value > 0.0));
        series.value(cell).is_some() && flows
    }

    /// A place for so many hours, most of which count.
    fn stretch(&mut self, place: usize, hours: usize) -> Option<(usize, usize)> {
        let most = self.outlet.series[place].len().checked_sub(AFTER + hours)?;
        for _ in 0..ATTEMPTS {
            let from = BEFORE + self.random.place(most.checked_sub(BEFORE)?.max(1));
            let to = from + hours;
            let counting = (from..to).filter(|cell| self.counts(place, *cell)).count();
            if counting as f64 >= COUNTING * hours as f64 {
                return Some((from, to));
            }
        }
        None
    }

    /// Writes another value where one counts; what is converted from it goes along.
    fn write(&mut self, place: usize, cell: usize, value: f64) {
        let series = &mut self.outlet.series[place];
        let Some(before) = series.value(cell) else { return };
        series.set(cell, Some(value), State::Normal);
        let (factor, second) = (series.factor().to_owned(), series.second(cell));
        if let Some(series) = self.outlet.converted.iter_mut().find(|one| one.factor() == factor)
            && let Some(cell) = series.cell(second)
            && let Some(converted) = series.value(cell)
            && before.abs() > 0.0
        {
            series.set(cell, Some(converted * value / before), State::Normal);
        }
    }

    fn deed(&self, place: usize, (from, to): (usize, usize)) -> Deed {
        let series = &self.outlet.series[place];
        Deed {
            factor: Some(series.factor().to_owned()),
            span: Span { from: series.time(from), to: series.time(to) },
        }
    }

    fn hours(&self) -> usize {
        self.strength.length as usize
    }

    fn stand_still(mut self) -> Option<Deed> {
        let place = self.pollutant()?;
        let hours = self.hours();
        let (from, to) = self.whole_stretch(place, hours)?;
        let value = self.outlet.series[place].value(from)?;
        for cell in from..to {
            self.write(place, cell, value);
        }
        Some(self.deed(place, (from, to)))
    }

    /// A place for so many hours all of which count, with a value that is no floor.
    fn whole_stretch(&mut self, place: usize, hours: usize) -> Option<(usize, usize)> {
        let lowest = self.outlet.series[place].values().fold(f64::INFINITY, f64::min);
        for _ in 0..ATTEMPTS {
            let (from, to) = self.stretch(place, hours)?;
            let value = self.outlet.series[place].value(from);
            if value.is_some_and(|value| value > lowest)
                && (from..to).all(|cell| self.counts(place, cell))
            {
                return Some((from, to));
            }
        }
        None
    }

    fn hang_in_a_solution(mut self) -> Option<Deed> {
        let place = self.pollutant()?;
        let (from, to) = self.stretch(place, self.hours())?;
        let level = middle(&self.outlet.series[place]) * self.random.between(0.6, 1.1);
        // The mean change between two normal numbers is 1.128 times their scatter.
        let noise = self.strength.size * usual_change(&self.outlet.series[place]) / 1.128;
        for cell in from..to {
            let value = level + noise * self.random.normal();
            self.write(place, cell, value.max(0.0));
        }
        Some(self.deed(place, (from, to)))
    }

    /// The plant really passes its limit for a share of the hours, and those are written lower.
    fn cut_at_the_limit(mut self) -> Option<Deed> {
        let place = self.pollutant()?;
        let (factor, step) = (self.outlet.series[place].factor().to_owned(), HOUR_S);
        let judged = self.outlet.judged(&factor, step)?.clone();
        let limit = judged.limit()?;
        let mut sorted: Vec<f64> = judged.values().collect();
        sorted.sort_by(f64::total_cmp);
        let high = *sorted.get(((1.0 - self.strength.size) * sorted.len() as f64) as usize)?;
        let raise = (limit / high).max(1.0);
        for cell in 0..judged.len() {
            let (Some(value), Some(measured)) =
                (judged.value(cell), self.outlet.series[place].value(cell))
            else {
                continue;
            };
            let raised = value * raise;
            let written =
                if raised > limit { limit * self.random.between(0.94, 0.995) } else { raised };
            self.write(place, cell, measured * written / value.max(1e-9));
        }
        Some(self.deed(place, (0, judged.len())))
    }

    fn copy(mut self) -> Option<Deed> {
        let place = self.pollutant()?;
        let factor = self.outlet.series[place].factor().to_owned();
        let operator = self.outlet.operator;
        let from_whom: Vec<Series> = self
            .others
            .iter()
            .filter(|other| other.operator != operator)
            .filter_map(|other| other.of_factor(&factor, HOUR_S))
            .cloned()
            .collect();
        if from_whom.is_empty() {
            return None;
        }
        let (noise, lag) = self.strength.disguise;
        for _ in 0..ATTEMPTS {
            let model = &from_whom[self.random.place(from_whom.len())];
            let (from, to) = self.stretch(place, self.hours())?;
            let there = |cell: usize| {
                let second = self.outlet.series[place].second(cell) - lag as i64 * HOUR_S;
                model.cell(second).and_then(|cell| model.value(cell))
            };
            let values: Vec<Option<f64>> = (from..to).map(there).collect();
            let known: Vec<f64> = values.iter().flatten().copied().collect();
            let spread = scatter(model);
            if (known.len() as f64) < COUNTING * values.len() as f64
                || deviation(&known) < model.number(5)
            {
                continue;
            }
            for (cell, value) in (from..to).zip(values) {
                if let Some(value) = value {
                    let value =
                        self.strength.size * (value + noise * spread * self.random.normal());
                    self.write(place, cell, value.max(0.0));
                }
            }
            return Some(self.deed(place, (from, to)));
        }
        None
    }

    fn play_again(mut self) -> Option<Deed> {
        let place = self.pollutant()?;
        let (hours, times) = (self.hours(), self.strength.size as usize);
        let noise = self.strength.disguise.0 * scatter(&self.outlet.series[place]);
        for _ in 0..ATTEMPTS {
            let (from, to) = self.whole_stretch(place, hours * times)?;
            let back = hours + self.random.place(from - hours);
            let model: Vec<Option<f64>> = (from - back..from - back + hours)
                .map(|cell| self.outlet.series[place].value(cell))
                .collect();
            let known: Vec<f64> = model.iter().flatten().copied().collect();
            if known.len() < hours || deviation(&known) < self.outlet.series[place].number(5) {
                continue;
            }
            for cell in from..to {
                let value = known[(cell - from) % hours] + noise * self.random.normal();
                self.write(place, cell, value.max(0.0));
            }
            return Some(self.deed(place, (from, to)));
        }
        None
    }

    fn let_air_in(mut self) -> Option<Deed> {
        const AIR: f64 = 21.0;
        let place = self.of_factor("a19001")?;
        let (from, to) = self.stretch(place, self.hours())?;
        let pollutants: Vec<usize> = (0..self.outlet.series.len())
            .filter(|place| self.outlet.series[*place].role() == Role::Pollutant)
            .collect();
        for cell in from..to {
            let Some(oxygen) = self.outlet.series[place].value(cell) else { continue };
            let thinned = (oxygen + self.strength.size).min(20.5);
            self.write(place, cell, thinned);
            let share = (AIR - thinned) / (AIR - oxygen).max(0.5);
            for pollutant in &pollutants {
                // Converted to the reference oxygen nothing changes: only what is measured falls.
                let series = &mut self.outlet.series[*pollutant];
                if let Some(value) = series.value(cell) {
                    series.set(cell, Some(value * share), State::Normal);
                }
            }
        }
        Some(self.deed(place, (from, to)))
    }

    fn lower_the_whole(mut self) -> Option<Deed> {
        let (part, whole) = [("w21003", "w21001"), ("a21003", "a21002")]
            .into_iter()
            .find_map(|(part, whole)| Some((self.of_factor(part)?, self.of_factor(whole)?)))?;
        let (from, to) = self.stretch(part, self.hours())?;
        for cell in from..to {
            if let Some(value) = self.outlet.series[whole].value(cell) {
                self.write(whole, cell, value * self.strength.size);
            }
        }
        Some(self.deed(part, (from, to)))
    }

    fn change_the_conversion(mut self) -> Option<Deed> {
        let count = self.outlet.converted.len();
        if count == 0 {
            return None;
        }
        let chosen = self.random.place(count);
        let factor = self.outlet.converted[chosen].factor().to_owned();
        let place = self.of_factor(&factor)?;
        let (from, to) = self.stretch(place, self.hours())?;
        for cell in from..to {
            let series = &mut self.outlet.converted[chosen];
            if let Some(value) = series.value(cell) {
                series.set(cell, Some(value * self.strength.size), State::Normal);
            }
        }
        Some(self.deed(place, (from, to)))
    }

    fn scale_the_flow(mut self) -> Option<Deed> {
        let place = self.of_factor("a00000").or_else(|| self.of_factor("w00000"))?;
        let (from, to) = self.stretch(place, self.hours())?;
        for cell in from..to {
            if let Some(value) = self.outlet.series[place].value(cell) {
                self.write(place, cell, value * self.strength.size);
            }
        }
        Some(self.deed(place, (from, to)))
    }

    fn change_the_slope(mut self) -> Option<Deed> {
        let place = self.pollutant()?;
        let series = &self.outlet.series[place];
        let calibrated: Vec<usize> = (BEFORE..series.len().checked_sub(72)?)
            .filter(|cell| series.state(*cell) == State::Calibration)
            .filter(|cell| {
                let counting = |from: usize, to: usize| {
                    (from..to).filter(|cell| self.counts(place, *cell)).count() >= 16
                };
                counting(cell - 24, *cell) && counting(cell + 1, cell + 25)
            })
            .collect();
        if calibrated.is_empty() {
            return None;
        }
        let from = calibrated[self.random.place(calibrated.len())];
        let to = (from + self.hours()).min(self.outlet.series[place].len());
        for cell in from + 1..to {
            if let Some(value) = self.outlet.series[place].value(cell) {
                self.write(place, cell, value * self.strength.size);
            }
        }
        Some(self.deed(place, (from, to)))
    }

    fn cut_the_line(mut self) -> Option<Deed> {
        let place = self.pollutant()?;
        let series = &self.outlet.series[place];
        let mut sorted: Vec<f64> = series.values().collect();
        sorted.sort_by(f64::total_cmp);
        let high = *sorted.get(sorted.len() * 93 / 100)?;
        let is_high = |cell: usize| series.value(cell).is_some_and(|value| value >= high);
        let mut moments: Vec<usize> = (BEFORE / 4..series.len() - AFTER)
            .filter(|cell| is_high(cell - 1) && is_high(cell - 2))
            .collect();
        let length = self.strength.size as usize;
        let mut cut: Vec<usize> = Vec::new();
        while cut.len() < self.hours() && !moments.is_empty() {
            let at = moments.swap_remove(self.random.place(moments.len()));
            moments.retain(|other| other.abs_diff(at) > 2 * length + 2);
            cut.push(at);
        }
        if cut.len() < self.hours() {
            return None;
        }
        for series in self.outlet.series.iter_mut().chain(&mut self.outlet.converted) {
            for cell in cut.iter().flat_map(|at| *at..at + length) {
                series.set(cell, None, State::Normal);
            }
        }
        let (first, last) = (cut.iter().min()?, cut.iter().max()?);
        Some(Deed { factor: None, ..self.deed(place, (*first, last + length)) })
    }

    fn set_the_clock(self) -> Option<Deed> {
        let hours = self.hours();
        let count = self.outlet.receipts.len();
        let most = count.checked_sub(hours + AFTER + BEFORE)?;
        let from = BEFORE + self.random.place(most.max(1));
        let shift = SignedDuration::from_secs((self.strength.size * 60.0) as i64);
        let touched = &mut self.outlet.receipts[from..from + hours];
        for receipt in touched.iter_mut() {
            receipt.ended_at = receipt.ended_at.saturating_add(shift).unwrap_or(receipt.ended_at);
        }
        let span = Span { from: touched.first()?.received_at, to: touched.last()?.received_at };
        Some(Deed { factor: None, span })
    }

    fn think_numbers_out(mut self) -> Option<Deed> {
        /// What people write when they make numbers up: threes and sevens, no zeros and fives.
        const LIKED: [i64; 20] = [3, 7, 3, 7, 8, 2, 6, 4, 1, 9, 3, 7, 8, 2, 6, 7, 3, 4, 1, 8];
        let place = self.pollutant()?;
        let length = self.outlet.series[place].len();
        for cell in 0..length {
            let Some(unit) = self.outlet.series[place].counting_unit(cell) else { continue };
            if self.random.chance(self.strength.size) {
                let unit = unit / 10 * 10 + LIKED[self.random.place(LIKED.len())];
                let value = self.outlet.series[place].number(unit);
                self.write(place, cell, value);
            }
        }
        Some(self.deed(place, (0, length)))
    }

    fn behave_while_watched(mut self) -> Option<Deed> {
        let place = self.pollutant()?;
        let length = self.outlet.series[place].len();
        self.outlet.events.retain(|event| event.kind != EventKind::Inspection);
        let mut days: Vec<usize> = (0..length / 24).collect();
        for _ in 0..self.hours() {
            let chosen = days.swap_remove(self.random.place(days.len().max(1)));
            // Days of Beijing begin at 16:00 UTC.
            let first = self.outlet.series[place].second(chosen * 24);
            let midnight = (first + 8 * HOUR_S).div_euclid(86_400) * 86_400 - 8 * HOUR_S;
            let time = |hours: i64| Timestamp::from_second(midnight + hours * HOUR_S).ok();
            let (from, to) = (time(10)?, time(14)?);
            self.outlet.events.push(Event { kind: EventKind::Inspection, from, to });
            for second in (0..24).map(|hour| midnight + hour * HOUR_S) {
                let Some(cell) = self.outlet.series[place].cell(second) else { continue };
                if let Some(value) = self.outlet.series[place].value(cell) {
                    self.write(place, cell, value * self.strength.size);
                }
            }
        }
        Some(self.deed(place, (0, length)))
    }
}

fn middle(series: &Series) -> f64 {
    let mut values: Vec<f64> = series.values().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The usual scatter: half the span that the middle two thirds fill.
fn scatter(series: &Series) -> f64 {
    let mut values: Vec<f64> = series.values().collect();
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values.get((share * values.len() as f64) as usize).copied();
    (at(0.84).unwrap_or_default() - at(0.16).unwrap_or_default()) / 2.0
}

/// The median change from one measured value to the next.
fn usual_change(series: &Series) -> f64 {
    let values: Vec<f64> = series.values().collect();
    let mut changes: Vec<f64> = values
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs())
        .filter(|change| *change > 0.0)
        .collect();
    changes.sort_by(f64::total_cmp);
    changes.get(changes.len() / 2).copied().unwrap_or_default()
}

fn deviation(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
}
