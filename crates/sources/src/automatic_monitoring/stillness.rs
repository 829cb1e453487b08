//! Values that do not change although they should (恒值): told as a sign to look into, never as
//! proof. What counts as too long is a parameter, not a standard.

use super::parameters::Values;
use super::rules::is_usable_flag;
use evaluation::alerts::{AlertKind, Seen, Severity, Signal, Subject, Wrong};
use evaluation::{Context, Judge, Judgement};
use jiff::Timestamp;
use observations::{Row, Source};
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Watches the factors that have a limit at their outlet.
pub struct Stillness {
    runs: Mutex<HashMap<(PointId, Period), Runs>>,
    values: Values,
}

impl Default for Stillness {
    fn default() -> Self {
        Self { runs: Mutex::default(), values: Values::current() }
    }
}

/// The run of each factor of a point.
type Runs = Vec<(FactorId, Run)>;

/// A value and since when it has stood.
struct Run {
    value: Decimal,
    since: Timestamp,
    last_at: Timestamp,
    count: i64,
    /// Nothing is known of what was before: a restart must not end an alert it has forgotten,
    /// but a change ends it.
    is_first: bool,
}

impl Judge for Stillness {
    fn name(&self) -> &'static str {
        "constant value"
    }

    fn judge(&self, context: &Context<'_>, row: &Row, judgement: &mut Judgement) {
        let enough = match row.period {
            Period::Minute => self.values.constant_minutes,
            Period::Hour => self.values.constant_hours,
            Period::RealTime | Period::Day => return,
        };
        let limits = context.snapshot.limits_of(row.point);
        if limits.is_empty() {
            return;
        }
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let runs = runs.entry((row.point, row.period)).or_default();
        for value in &row.values {
            let is_limited = limits.iter().any(|limit| limit.factor == value.factor);
            let Some(number) = value
                .value
                .filter(|number| is_limited && !number.is_zero() && is_usable_flag(value.flag))
            else {
                continue;
            };
            let place = runs.iter().position(|(factor, _)| *factor == value.factor);
            let Some(place) = place else {
                runs.push((value.factor, Run::new(number, row.observed_at, true)));
                continue;
            };
            let seen = runs[place].1.take(number, row.observed_at, row.source, enough);
            if let Some(seen) = seen {
                let kind = AlertKind::ConstantValue;
                let subject = Subject { kind, point: row.point, factor: Some(value.factor) };
                judgement.signals.push(Signal { subject, at: row.observed_at, seen });
            }
        }
    }
}

impl Run {
    fn new(value: Decimal, at: Timestamp, is_first: bool) -> Self {
        Self { value, since: at, last_at: at, count: 1, is_first }
    }

    /// Takes the next value in; says something when it has stood for long or has moved after it.
    fn take(&mut self, value: Decimal, at: Timestamp, source: Source, enough: i64) -> Option<Seen> {
        if at <= self.last_at {
            return None;
        }
        if value != self.value {
            let ends = self.count >= enough || self.is_first;
            *self = Self::new(value, at, false);
            return ends.then_some(Seen::Right {
                reason: "value_changed",
                value: Some(value),
                source: Some(source),
            });
        }
        self.count += 1;
        self.last_at = at;
        (self.count >= enough).then(|| {
            Seen::Wrong(Wrong {
                severity: Severity::Notice,
                value: Some(value),
                worse_is_higher: true,
                bound: None,
                since: Some(self.since),
                source: Some(source),
                evidence: json!({
                    "rule": "constant_value",
                    "rows": self.count,
                    "since": self.since.to_string(),
                    "parameter": enough,
                    "source": "Lucid default, not a standard",
                }),
            })
        })
    }
}
