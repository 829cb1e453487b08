//! Records of months become episodes: consecutive valid periods over the limit, over the borders of
//! months. Pure.

use super::model::{Basis, Beside, Computed, Over, at};
use super::rules;
use crate::words;
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period, beijing_offset};
use std::collections::BTreeSet;
use validity::{LimitRow, MonthRecord, PeriodState, State, Steps};

/// The episodes of an outlet in these months, which follow each other; by factor, period and time.
pub(super) fn episodes(records: &[MonthRecord]) -> Vec<Computed> {
    let Some(first) = records.first() else { return Vec::new() };
    let factors: BTreeSet<FactorId> =
        records.iter().flat_map(|record| &record.periods).map(|state| state.factor).collect();
    let mut found = Vec::new();
    for factor in factors {
        for period in rules::periods(first.inputs.setup.medium) {
            let mut run = Run::new(first.point, factor, *period);
            for record in records {
                for state in record.of(factor, *period) {
                    run.take(record, state);
                }
            }
            found.extend(run.finish());
        }
    }
    found
}

/// The part of an amount over the limit: `E (C - S) / C`, E the amount, C the value, S the limit;
/// with the multiple `q = (C - S) / S` that is `E q / (1 + q)`.
fn excess_kg(amount: Option<Decimal>, excess: Option<Decimal>) -> Option<Decimal> {
    let excess = excess?;
    amount?.checked_mul(excess)?.checked_div(Decimal::ONE.checked_add(excess)?)
}

fn basis(record: &MonthRecord) -> Basis {
    Basis {
        month: record.month.to_string(),
        version: record.version,
        digest: base16ct::lower::encode_string(&record.digest),
    }
}

struct Run {
    empty: Computed,
    open: Option<Computed>,
    /// What came since the last period over the limit.
    since: Vec<Beside>,
    gap: i64,
    done: Vec<Computed>,
}

impl Run {
    fn new(point: PointId, factor: FactorId, period: Period) -> Self {
        let empty = Computed {
            point,
            factor,
            period,
            over: Vec::new(),
            beside: Vec::new(),
            is_apart: false,
            is_open: false,
            basis: Vec::new(),
        };
        Self { empty, open: None, since: Vec::new(), gap: 0, done: Vec::new() }
    }

    fn take(&mut self, record: &MonthRecord, state: &PeriodState) {
        if state.period == Period::Day && !is_set_on_days(record, state) {
            return;
        }
        let counts = state.is_valid() && state.exceeds() && state.exemption.is_none();
        if counts {
            self.over(record, state);
            return;
        }
        match state.state {
            State::Valid if state.exceeds() => self.beside(record, state),
            State::Valid | State::Stopped => self.end(),
            State::Missing | State::Invalid(_) => {
                self.gap += 1;
                let day = beijing_offset().to_datetime(state.start).date();
                let medium = record.inputs.setup.medium;
                if self.gap > rules::longest_gap(medium, state.period, day) {
                    self.end();
                } else {
                    self.beside(record, state);
                }
            }
        }
    }

    fn over(&mut self, record: &MonthRecord, state: &PeriodState) {
        let open = self.open.get_or_insert_with(|| self.empty.clone());
        open.beside.append(&mut self.since);
        self.gap = 0;
        open.is_apart |= state.steps.contains(Steps::APART);
        let limit = record.limit_of(state);
        open.over.push(Over {
            start: state.start.as_millisecond(),
            value: state.compared.or(state.concentration).unwrap_or_default(),
            excess: state.excess,
            amount_kg: state.amount_kg,
            excess_kg: excess_kg(state.amount_kg, state.excess),
            limit: limit.map_or_else(String::new, |limit| words::bound(&limit.bound)),
            limit_source: limit.map_or_else(String::new, |limit| limit.source.clone()),
        });
        let basis = basis(record);
        if open.basis.last() != Some(&basis) {
            open.basis.push(basis);
        }
    }

    /// Keeps a period that is listed apart, where an episode is under way.
    fn beside(&mut self, record: &MonthRecord, state: &PeriodState) {
        if self.open.is_none() {
            return;
        }
        let (zh, en) = if let Some(allowance) = record.allowance_of(state) {
            (
                format!("启停豁免：{}", allowance.citation),
                format!("exempted at start-up or shut-down: {}", allowance.citation),
            )
        } else {
            let (zh, en) = state.state.names();
            (zh.to_owned(), en.to_owned())
        };
        self.since.push(Beside {
            start: state.start.as_millisecond(),
            is_exempt: state.exemption.is_some(),
            zh,
            en,
            value: state.compared.or(state.concentration),
        });
    }

    fn end(&mut self) {
        self.since.clear();
        self.gap = 0;
        self.done.extend(self.open.take());
    }

    fn finish(mut self) -> Vec<Computed> {
        if let Some(mut open) = self.open.take() {
            open.is_open = true;
            self.done.push(open);
        }
        self.done
    }
}

/// Whether a day of gas has a limit of its own: the mean of a day is judged where a limit says so.
fn is_set_on_days(record: &MonthRecord, state: &PeriodState) -> bool {
    record.limit_of(state).is_some_and(|limit: &LimitRow| limit.period == Period::Day)
}

/// Whether two episodes share a moment.
pub(super) fn touch(one: &Computed, other: &Computed) -> bool {
    one.point == other.point
        && one.factor == other.factor
        && one.period == other.period
        && one.began_at() < other.ended_at()
        && other.began_at() < one.ended_at()
}

/// The moments at which an episode could be split: the beginnings of its periods but the first.
pub(super) fn seams(over: &[super::model::Over]) -> Vec<jiff::Timestamp> {
    over.iter().skip(1).map(|over| at(over.start)).collect()
}
