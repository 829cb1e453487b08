//! The marks of the enterprise and the decisions of the bureau, laid over the hours of a month.

use super::hours::HOUR;
use crate::inputs::{MarkEffect, MarkKind, MonthInputs};
use crate::model::{BureauVerdict, Decision, DecisionId, EnterpriseMark, MarkId, Steps};
use crate::rules::is_about;
use registry::FactorId;

/// What the second and the third layer say of one hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// The mark that bears on the hour.
    pub(super) mark: Option<MarkId>,
    /// What it does, if it is in effect.
    pub(super) effect: Option<MarkEffect>,
    /// For a mark of start-up or shut-down: its place among the marks, and which of its hours this
    /// one is, from 0.
    pub(super) exempt: Option<(usize, u16)>,
    /// The decision that bears on the hour.
    pub(super) decision: Option<DecisionId>,
    /// Whether the bureau holds the hour valid or invalid by itself.
    pub(super) held: Option<bool>,
    /// What is to be noted.
    pub(super) steps: Steps,
    rank: u8,
}

/// The standings of each factor.
pub(super) struct Grid {
    factors: Vec<(FactorId, Vec<Standing>)>,
}

impl Grid {
    pub(super) fn new(inputs: &MonthInputs, hours: usize) -> Self {
        let mut marks: Vec<(usize, &EnterpriseMark)> = inputs.marks.iter().enumerate().collect();
        marks.retain(|(_, mark)| !inputs.inputs.withdrawn.contains(&mark.id));
        marks.sort_by_key(|(_, mark)| mark.id);
        let mut decisions: Vec<&Decision> = inputs.decisions.iter().collect();
        decisions.sort_by_key(|decision| decision.id);
        let of_factor = |factor: FactorId| {
            let mut line = vec![Standing::default(); hours];
            for (place, mark) in marks.iter().filter(|(_, mark)| is_about(mark.factor, factor)) {
                lay_mark(inputs, &mut line, *place, mark, &decisions);
            }
            for decision in decisions.iter().filter(|one| is_about(one.factor, factor)) {
                lay_decision(inputs, &mut line, decision);
            }
            (factor, line)
        };
        let setup = &inputs.inputs.setup;
        Self { factors: setup.factors.iter().map(|row| of_factor(row.factor)).collect() }
    }

    pub(super) fn of(&self, factor: FactorId, hour: usize) -> Standing {
        let line = self.factors.iter().find(|(held, _)| *held == factor);
        line.and_then(|(_, line)| line.get(hour)).copied().unwrap_or_default()
    }
}

/// The hours of the month of which a stretch leaves too few minutes unmarked: from, until.
fn covered(inputs: &MonthInputs, from: i64, to: i64, hours: usize) -> std::ops::Range<usize> {
    let begins = inputs.month.begins().as_second();
    let spare = (60 - i64::from(inputs.inputs.rules.minutes_of_an_hour).clamp(0, 60)) * 60;
    let is_covered = |hour: usize| {
        let start = begins + hour as i64 * HOUR;
        (to.min(start + HOUR) - from.max(start)) > spare
    };
    let around = |second: i64| ((second - begins).div_euclid(HOUR)).clamp(0, hours as i64) as usize;
    let first = (around(from)..hours.min(around(to) + 1)).find(|hour| is_covered(*hour));
    let Some(first) = first else { return 0..0 };
    let last = (first..hours.min(around(to) + 1)).rev().find(|hour| is_covered(*hour));
    first..last.map_or(first, |last| last + 1)
}

fn lay_mark(
    inputs: &MonthInputs,
    line: &mut [Standing],
    place: usize,
    mark: &EnterpriseMark,
    decisions: &[&Decision],
) {
    let kinds = &inputs.inputs.kinds;
    let kind: Option<&MarkKind> = kinds.iter().find(|row| row.kind == mark.kind);
    let effect = kind.map_or(MarkEffect::Remark, |row| row.effect);
    let on_it = |one: &&&Decision| one.mark == Some(mark.id) && one.verdict.is_about_a_mark();
    let decided = decisions.iter().rev().find(on_it);
    let (is_in_effect, steps) = match decided.map(|decision| decision.verdict) {
        Some(BureauVerdict::Accepted) => (true, Steps::default()),
        Some(_) => (false, Steps::MARK_REJECTED),
        None if mark.is_late => (false, Steps::MARK_LATE),
        None => (true, Steps::default()),
    };
    let rank = match effect {
        _ if !is_in_effect => 1,
        MarkEffect::Remark => 2,
        MarkEffect::Exempt => 3,
        MarkEffect::Invalid => 4,
        MarkEffect::Stopped => 5,
    };
    let hours = covered(inputs, mark.from.as_second(), mark.to.as_second(), line.len());
    let first_hour = mark.from.as_second().div_euclid(HOUR);
    let month_hour = inputs.month.begins().as_second().div_euclid(HOUR);
    for hour in hours {
        let Some(held) = line.get_mut(hour) else { continue };
        held.steps = held.steps.with(steps);
        if rank >= held.rank {
            let nth = u16::try_from(month_hour + hour as i64 - first_hour).unwrap_or(u16::MAX);
            held.rank = rank;
            held.mark = Some(mark.id);
            held.effect = is_in_effect.then_some(effect);
            held.decision = decided.map(|decision| decision.id);
            held.exempt = (is_in_effect && effect == MarkEffect::Exempt).then_some((place, nth));
        }
    }
}

fn lay_decision(inputs: &MonthInputs, line: &mut [Standing], decision: &Decision) {
    let is_valid = match decision.verdict {
        BureauVerdict::Valid => true,
        BureauVerdict::Invalid => false,
        BureauVerdict::Accepted | BureauVerdict::Rejected => return,
    };
    let (from, to) = (decision.from.as_second(), decision.to.as_second());
    for hour in covered(inputs, from, to, line.len()) {
        if let Some(held) = line.get_mut(hour) {
            held.held = Some(is_valid);
            held.decision = Some(decision.id);
        }
    }
}
