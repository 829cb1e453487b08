//! The flow of alerts as tables: one line an event, with what it must do.

use crate::alerts::{Alert, AlertKind, Change, Seen, Severity, Signal, Subject, Wrong, change};
use jiff::Timestamp;
use proptest::prelude::*;
use registry::{FactorId, PointId};
use rulebook::Decimal;

fn signal(at: i64, seen: &str) -> Signal {
    let subject =
        Subject { kind: AlertKind::Exceedance, point: PointId(1), factor: Some(FactorId(2)) };
    let seen = match seen.strip_prefix("wrong ") {
        Some(value) => Seen::Wrong(Wrong {
            severity: Severity::Serious,
            value: Some(value.parse::<Decimal>().expect("a value")),
            worse_is_higher: true,
            bound: Some("≤ 50".to_owned()),
            since: None,
            source: None,
            evidence: serde_json::Value::Null,
        }),
        None => Seen::Right { reason: "value_within_limit", value: None, source: None },
    };
    Signal { subject, at: Timestamp::from_second(at).expect("a time"), seen }
}

/// Runs events through `change` and writes a line for each.
fn run(events: &[(i64, &str)]) -> (Vec<String>, Option<Alert>) {
    let mut open: Option<Alert> = None;
    let mut lines = Vec::new();
    for (at, seen) in events {
        let line = match change(open.as_ref(), &signal(*at, seen)) {
            Change::Nothing => "nothing".to_owned(),
            Change::Open(alert) => {
                open = Some(alert);
                "open".to_owned()
            }
            Change::Update { alert, worse } => {
                let line = format!(
                    "update count={} worst={}{}",
                    alert.count,
                    alert.worst_value.expect("a value"),
                    if worse { " worse" } else { "" }
                );
                open = Some(alert);
                line
            }
            Change::Close(alert) => {
                open = None;
                format!("close count={}", alert.count)
            }
        };
        lines.push(line);
    }
    (lines, open)
}

fn check(table: &[(i64, &str, &str)]) {
    let events: Vec<(i64, &str)> = table.iter().map(|(at, seen, _)| (*at, *seen)).collect();
    let (lines, _) = run(&events);
    for ((at, seen, wanted), found) in table.iter().zip(&lines) {
        assert_eq!(found, wanted, "at {at}: {seen}");
    }
}

#[test]
fn an_exceedance_is_opened_once_updated_and_closed() {
    check(&[
        (1, "right", "nothing"),
        (2, "wrong 60", "open"),
        (3, "wrong 80", "update count=2 worst=80 worse"),
        (4, "wrong 70", "update count=3 worst=80"),
        (5, "right", "close count=3"),
        (6, "right", "nothing"),
        (7, "wrong 55", "open"),
    ]);
}

#[test]
fn a_correction_of_the_last_value_closes() {
    check(&[
        (10, "wrong 60", "open"),
        (11, "wrong 80", "update count=2 worst=80 worse"),
        (11, "right", "close count=2"),
        (11, "right", "nothing"),
    ]);
}

#[test]
fn a_backlog_neither_counts_twice_nor_closes() {
    check(&[
        (10, "wrong 60", "open"),
        (10, "wrong 60", "nothing"),
        (12, "wrong 61", "update count=2 worst=61 worse"),
        (11, "right", "nothing"),
        (9, "wrong 90", "update count=3 worst=90 worse"),
        (8, "right", "nothing"),
        (13, "right", "close count=3"),
    ]);
}

proptest! {
    #[test]
    fn a_replay_changes_nothing(events in prop::collection::vec((0_i64..50, 0_u8..3), 1..60)) {
        let texts: Vec<(i64, String)> = events
            .iter()
            .map(|(at, what)| {
                (*at, if *what == 0 { "right".to_owned() } else { format!("wrong {}", 50 + what) })
            })
            .collect();
        let once: Vec<(i64, &str)> = texts.iter().map(|(at, seen)| (*at, seen.as_str())).collect();
        let (_, open) = run(&once);
        // The last event again: a restart may hand over the last commit twice.
        let mut twice = once.clone();
        if let Some(last) = once.last() {
            twice.push(*last);
        }
        let (lines, again) = run(&twice);
        prop_assert_eq!(open, again, "{:?}", lines);
    }
}
