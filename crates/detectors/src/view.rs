//! A series as one detector sees it: only what counts while the source was running.

use crate::sign::Span;
use crate::{Detector, Outlet, Parameters, Series, Sign};
use rulebook::{Input, Text};

/// Seconds of an hour.
pub(crate) const HOUR_S: i64 = 3600;
/// Seconds of a day.
pub(crate) const DAY_S: i64 = 86_400;

/// A series with the cells that count.
pub(crate) struct View<'look> {
    pub(crate) outlet: &'look Outlet,
    pub(crate) series: &'look Series,
    /// The value of each cell in units of its last digit, where it counts.
    pub(crate) units: Vec<Option<i64>>,
    /// The same as numbers; no number (NaN) where it does not count.
    pub(crate) values: Vec<f64>,
}

/// What a detector found in a stretch of cells.
pub(crate) struct Found {
    pub(crate) detector: Detector,
    pub(crate) finding: &'static str,
    /// First cell and first cell after.
    pub(crate) cells: (usize, usize),
    pub(crate) strength: f64,
    pub(crate) evidence: Vec<Input>,
    pub(crate) sentence: Text,
}

impl<'look> View<'look> {
    /// What counts of a series while the source was running.
    pub(crate) fn new(
        outlet: &'look Outlet,
        series: &'look Series,
        parameters: &Parameters,
    ) -> Self {
        let running = outlet.running(series, parameters);
        let units: Vec<_> = running
            .iter()
            .enumerate()
            .map(|(cell, running)| series.counting_unit(cell).filter(|_| *running))
            .collect();
        Self::of_units(outlet, series, units)
    }

    /// What counts of a series whether or not the source was running.
    pub(crate) fn whole(outlet: &'look Outlet, series: &'look Series) -> Self {
        let units = (0..series.len()).map(|cell| series.counting_unit(cell)).collect();
        Self::of_units(outlet, series, units)
    }

    fn of_units(outlet: &'look Outlet, series: &'look Series, units: Vec<Option<i64>>) -> Self {
        let number = |unit: &Option<i64>| unit.map_or(f64::NAN, |unit| series.number(unit));
        let values = units.iter().map(number).collect();
        Self { outlet, series, units, values }
    }

    /// How many cells make so many hours, at least one.
    pub(crate) fn cells_of_hours(&self, hours: f64) -> usize {
        let cells = hours * HOUR_S as f64 / self.series.step_s() as f64;
        (cells.round() as usize).max(1)
    }

    /// How many values count.
    pub(crate) fn counting(&self) -> usize {
        self.units.iter().flatten().count()
    }

    /// The numbers of a stretch that count.
    pub(crate) fn numbers(&self, from: usize, to: usize) -> Vec<f64> {
        let to = to.min(self.values.len());
        let from = from.min(to);
        self.values[from..to].iter().copied().filter(|value| value.is_finite()).collect()
    }

    /// From the first cell to before the last.
    pub(crate) fn span(&self, from: usize, to: usize) -> Span {
        Span { from: self.series.time(from), to: self.series.time(to) }
    }

    /// The sign of something found.
    pub(crate) fn sign(&self, found: Found) -> Sign {
        Sign {
            detector: found.detector,
            finding: found.finding,
            outlet: self.outlet.id,
            factor: Some(self.series.factor().to_owned()),
            step_s: self.series.step_s(),
            span: self.span(found.cells.0, found.cells.1),
            twin: None,
            strength: found.strength,
            evidence: found.evidence,
            sentence: found.sentence,
        }
    }
}

/// Equal values in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) start: usize,
    pub(crate) length: usize,
    pub(crate) unit: i64,
}

/// The runs of equal values, those of length one included; a gap ends a run.
pub(crate) fn runs(units: &[Option<i64>]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut is_joined = false;
    for (cell, unit) in units.iter().enumerate() {
        let Some(unit) = *unit else {
            is_joined = false;
            continue;
        };
        match runs.last_mut() {
            Some(run) if is_joined && run.unit == unit => run.length += 1,
            _ => runs.push(Run { start: cell, length: 1, unit }),
        }
        is_joined = true;
    }
    runs
}

/// How often an analyser repeats each result: the largest number by which nearly all lengths of
/// runs can be divided.
pub(crate) fn hold(all: &[Run]) -> usize {
    const LONGEST: usize = 12;
    const FEWEST: usize = 10;
    if all.len() < FEWEST {
        return 1;
    }
    let fits = |hold: usize| {
        let whole = all.iter().filter(|run| run.length.is_multiple_of(hold)).count();
        whole * 10 >= all.len() * 9
    };
    (2..=LONGEST).rev().find(|hold| fits(*hold)).unwrap_or(1)
}

/// A series thinned to what was really measured: one value of each of the analyser's cycles.
pub(crate) struct Measured {
    pub(crate) units: Vec<Option<i64>>,
    /// Cells from one measurement to the next.
    pub(crate) hold: usize,
    phase: usize,
}

impl Measured {
    /// What was measured, found from where values change.
    pub(crate) fn new(units: &[Option<i64>]) -> Self {
        let all = runs(units);
        let hold = hold(&all);
        if hold == 1 {
            return Self { units: units.to_vec(), hold, phase: 0 };
        }
        let mut begun = vec![0_usize; hold];
        for run in &all {
            begun[run.start % hold] += 1;
        }
        let phase = (0..hold).max_by_key(|phase| begun[*phase]).unwrap_or(0);
        let rest = units.get(phase..).unwrap_or(&[]);
        let cycle = |cycle: &[Option<i64>]| cycle.iter().flatten().next().copied();
        Self { units: rest.chunks(hold).map(cycle).collect(), hold, phase }
    }

    /// The first cell of a measurement.
    pub(crate) fn cell(&self, place: usize) -> usize {
        self.phase + place * self.hold
    }
}

/// Stretches of cells for which something holds, bridging breaks of at most so many cells.
pub(crate) fn stretches(holds: &[bool], bridged: usize) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (cell, _) in holds.iter().enumerate().filter(|(_, holds)| **holds) {
        match found.last_mut() {
            Some((_, end)) if cell - *end <= bridged => *end = cell + 1,
            _ => found.push((cell, cell + 1)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_ends_a_run() {
        let units = [Some(1), Some(1), None, Some(1), Some(2), Some(2), Some(2)];
        let found: Vec<_> = runs(&units).iter().map(|run| (run.start, run.length)).collect();
        assert_eq!(found, [(0, 2), (3, 1), (4, 3)]);
        assert!(runs(&[]).is_empty());
    }

    #[test]
    fn what_an_analyser_repeats_is_thinned_to_what_it_measured() {
        let measured: Vec<i64> = (0..30).map(|place| place * place % 17).collect();
        let mut units = vec![Some(99)];
        units.extend(measured.iter().flat_map(|unit| [Some(*unit); 4]));
        units[10] = None;
        let thinned = Measured::new(&units);
        assert_eq!((thinned.hold, thinned.cell(0), thinned.cell(2)), (4, 1, 9));
        assert_eq!(thinned.units, measured.iter().map(|unit| Some(*unit)).collect::<Vec<_>>());
        let every = Measured::new(&(0..30).map(Some).collect::<Vec<_>>());
        assert_eq!((every.hold, every.units.len()), (1, 30));
    }

    #[test]
    fn short_breaks_are_bridged() {
        let holds = [true, true, false, true, false, false, true];
        assert_eq!(stretches(&holds, 1), [(0, 4), (6, 7)]);
        assert_eq!(stretches(&holds, 0), [(0, 2), (3, 4), (6, 7)]);
        assert!(stretches(&[], 3).is_empty());
    }
}
