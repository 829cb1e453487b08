//! How a signal changes an alert: a pure function, so that a replay ends in the same state.

use crate::alerts::{Alert, Seen, Signal, Wrong};
use rulebook::Decimal;

/// What a signal does.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Nothing: it was known, or nothing is wrong.
    Nothing,
    /// A new alert is opened.
    Open(Alert),
    /// The open alert goes on; `worse` when its worst value changed.
    Update {
        /// The alert as it is now.
        alert: Alert,
        /// Whether the worst value changed.
        worse: bool,
    },
    /// The open alert ends.
    Close(Alert),
}

/// Applies a signal to the alert that is open for its subject, if one is.
///
/// A value that is older than what the alert has seen (a backlog, a correction) neither counts
/// again nor closes it; an earlier one that is wrong moves its beginning back.
pub fn change(open: Option<&Alert>, signal: &Signal) -> Change {
    match (&signal.seen, open) {
        (Seen::Wrong(wrong), None) => Change::Open(opened(signal, wrong)),
        (Seen::Wrong(wrong), Some(alert)) => updated(alert, signal, wrong),
        // At the same time as the last wrong value: that value was corrected.
        (Seen::Right { reason, .. }, Some(alert)) if signal.at >= alert.last_at => {
            let mut alert = alert.clone();
            alert.closed_at = Some(signal.at);
            alert.close_reason = Some((*reason).to_owned());
            Change::Close(alert)
        }
        (Seen::Right { .. }, _) => Change::Nothing,
    }
}

fn opened(signal: &Signal, wrong: &Wrong) -> Alert {
    Alert {
        id: 0,
        subject: signal.subject,
        severity: wrong.severity,
        opened_at: wrong.since.unwrap_or(signal.at),
        last_at: signal.at,
        closed_at: None,
        count: 1,
        last_value: wrong.value,
        worst_value: wrong.value,
        bound: wrong.bound.clone(),
        close_reason: None,
        evidence: wrong.evidence.clone(),
    }
}

fn updated(alert: &Alert, signal: &Signal, wrong: &Wrong) -> Change {
    let mut next = alert.clone();
    if signal.at > alert.last_at {
        next.last_at = signal.at;
        next.last_value = wrong.value;
        next.count += 1;
        next.severity = next.severity.max(wrong.severity);
    } else if signal.at < alert.opened_at {
        next.opened_at = signal.at;
        next.count += 1;
    } else {
        return Change::Nothing;
    }
    let worse = is_worse(wrong.value, alert.worst_value, wrong.worse_is_higher);
    if worse {
        next.worst_value = wrong.value;
    }
    Change::Update { alert: next, worse }
}

fn is_worse(value: Option<Decimal>, worst: Option<Decimal>, higher: bool) -> bool {
    match (value, worst) {
        (Some(value), Some(worst)) => {
            if higher {
                value > worst
            } else {
                value < worst
            }
        }
        (Some(_), None) => true,
        (None, _) => false,
    }
}
