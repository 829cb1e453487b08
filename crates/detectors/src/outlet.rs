//! All that is known of one outlet over a stretch of time.

use crate::{Parameters, Role, Series, State};
use jiff::Timestamp;

/// An outlet, by whatever number its owner knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutletId(pub i64);

/// When an hour was observed and when it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Receipt {
    /// When it came in, by the platform's clock.
    pub received_at: Timestamp,
    /// The end of the period that it covers, by the device's clock.
    pub ended_at: Timestamp,
}

/// What happened at an outlet, beside its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// First moment.
    pub from: Timestamp,
    /// First moment after.
    pub to: Timestamp,
}

/// A kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A calibration that somebody has recorded; those that flags tell need no event.
    Calibration,
    /// Somebody came to inspect (现场检查).
    Inspection,
}

/// An outlet with its series, what is known of its clock, and what happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlet {
    /// The outlet.
    pub id: OutletId,
    /// Who runs it: two outlets of one enterprise may well move together.
    pub operator: i64,
    /// As measured, one for each factor and step.
    pub series: Vec<Series>,
    /// What the permit binds, where that is another number than the one measured: converted to the
    /// reference oxygen content.
    pub converted: Vec<Series>,
    /// When what came in.
    pub receipts: Vec<Receipt>,
    /// What happened.
    pub events: Vec<Event>,
}

impl Outlet {
    /// An outlet of which nothing is known yet.
    pub const fn new(id: OutletId) -> Self {
        Self {
            id,
            operator: 0,
            series: Vec::new(),
            converted: Vec::new(),
            receipts: Vec::new(),
            events: Vec::new(),
        }
    }

    /// The first series in a role at a step of time.
    pub fn in_role(&self, role: Role, step_s: i64) -> Option<&Series> {
        self.series.iter().find(|series| series.role() == role && series.step_s() == step_s)
    }

    /// The series of a factor at a step of time, as measured.
    pub fn of_factor(&self, factor: &str, step_s: i64) -> Option<&Series> {
        self.series.iter().find(|series| series.factor() == factor && series.step_s() == step_s)
    }

    /// The series of a factor that its limit binds: converted where there is such a one.
    pub fn judged(&self, factor: &str, step_s: i64) -> Option<&Series> {
        self.converted
            .iter()
            .find(|series| series.factor() == factor && series.step_s() == step_s)
            .or_else(|| self.of_factor(factor, step_s))
    }

    /// The same between two times.
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Self {
        let part = |all: &[Series]| all.iter().map(|series| series.between(from, to)).collect();
        let within = |at: Timestamp| from <= at && at < to;
        Self {
            id: self.id,
            operator: self.operator,
            series: part(&self.series),
            converted: part(&self.converted),
            receipts: self.receipts.iter().filter(|one| within(one.ended_at)).copied().collect(),
            events: self
                .events
                .iter()
                .filter(|event| event.to > from && event.from < to)
                .copied()
                .collect(),
        }
    }

    /// For each cell of a series whether the source was running: not stopped by its flag, and with
    /// a flow that is more than a trickle where one is measured.
    pub(crate) fn running(&self, series: &Series, parameters: &Parameters) -> Vec<bool> {
        let flow = self.in_role(Role::Flow, series.step_s());
        let least = flow.and_then(|flow| {
            let mut values: Vec<f64> = flow.values().collect();
            crate::statistics::median(&mut values)
        });
        let least = least.map_or(0.0, |median| median * parameters.running_share);
        let is_running = |cell: usize| {
            if series.state(cell) == State::Stopped {
                return false;
            }
            let Some(flow) = flow else { return true };
            let cell = flow.cell(series.second(cell));
            cell.and_then(|cell| flow.value(cell)).is_none_or(|value| value > least)
        };
        (0..series.len()).map(is_running).collect()
    }
}
