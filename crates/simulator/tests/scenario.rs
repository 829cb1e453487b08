//! The demonstration's scenario: every kind of trouble at once around the start, and for ever
//! the same.

mod city;

use city::{SEED, zhangzhou};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use rulebook::parse_beijing;
use simulator::{Event, Fault, Scenario, Site, SiteKind};
use std::collections::HashSet;
use std::fmt::Write as _;

fn now() -> Timestamp {
    parse_beijing("20261123153000").expect("a time")
}

fn kind_of(sites: &[Site], mn: &str) -> SiteKind {
    sites.iter().find(|site| site.mn == mn).expect("a device of the city").kind
}

fn word(fault: &Fault) -> String {
    match fault {
        Fault::Exceedance { percent_of_limit, .. } => format!("exceedance {percent_of_limit} %"),
        Fault::StuckValue { .. } => "stuck value".to_owned(),
        Fault::Marked { flag } => format!("marked {}", char::from(*flag)),
        Fault::Copied { percent, .. } => format!("copied {percent} %"),
        Fault::Solution { percent_of_limit, .. } => format!("solution {percent_of_limit} %"),
        Fault::CutAtLimit { .. } => "cut at the limit".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Minutes from the start, readable.
fn when(at: Timestamp) -> String {
    let minutes = at.duration_since(now()).as_mins();
    if minutes.abs() < 60 {
        format!("{} s", at.duration_since(now()).as_secs())
    } else {
        format!("{} h", minutes / 60)
    }
}

#[tokio::test]
async fn the_cast_around_the_start() {
    let (_test, sites) = zhangzhou().await;
    let scenario = Scenario::demo(SEED, &sites, now());
    let mut events = scenario.events();
    // Those who act at the start itself: the rest falls by lot.
    let acting: HashSet<_> = events
        .iter()
        .filter(|event| event.holds_at(now()) && !event.fault.is_momentary())
        .map(|event| event.mn.as_str())
        .collect();
    events.retain(|event| {
        let near = event.from.duration_since(now()).abs() < SignedDuration::from_mins(1);
        event.holds_at(now()) && acting.contains(event.mn.as_str()) || near
    });
    events.sort_by_key(|event| (event.from, word(&event.fault)));
    let mut table = String::new();
    for event in events {
        let kind = kind_of(&sites, &event.mn);
        let (from, to) = (when(event.from), when(event.to));
        let _ = writeln!(table, "{kind:?} | {from} | {to} | {}", word(&event.fault));
    }
    let expected = include_str!("scenario.txt");
    assert_eq!(table, expected, "the table is now:\n{table}");
}

#[tokio::test]
async fn the_same_seed_casts_the_same_and_another_does_not() {
    let (_test, sites) = zhangzhou().await;
    let scenario = |seed, at| Scenario::demo(seed, &sites, at);
    assert_eq!(scenario(SEED, now()), scenario(SEED, now()));
    assert_ne!(scenario(SEED, now()), scenario(SEED + 1, now()));
    // What falls by lot belongs to the day, not to the start of the demonstration.
    let lot = |at| -> HashSet<String> {
        let from = now() - 200.hours();
        let scenario = scenario(SEED, at);
        let events = scenario.events().into_iter().filter(|event| {
            event.from > from && event.to < now() - 60.hours() && !event.fault.is_momentary()
        });
        events.map(|event| format!("{event:?}")).collect()
    };
    let (one, other) = (lot(now()), lot(now() + 3.hours()));
    assert!(one.len() > 10, "{}", one.len());
    assert!(one.difference(&other).count() <= 2, "{:?}", one.difference(&other));
}

#[tokio::test]
async fn most_devices_are_sound_and_every_fault_comes_again_and_again() {
    let (_test, sites) = zhangzhou().await;
    let scenario = Scenario::demo(SEED, &sites, now());
    for days in [-25, -10, 0, 10, 25] {
        let at = now() + (days * 24).hours();
        let troubled = sites
            .iter()
            .filter(|site| scenario.events_of(&site.mn).iter().any(|event| event.holds_at(at)));
        let troubled = troubled.count();
        assert!(troubled * 4 < sites.len(), "{troubled} in trouble on day {days}");
    }
    let after = |test: &dyn Fn(&Fault) -> bool| {
        let from = now() + 24.hours();
        scenario.events().iter().filter(|event| event.from > from && test(&event.fault)).count()
    };
    assert!(after(&|fault| matches!(fault, Fault::Exceedance { .. })) > 5);
    assert!(after(&|fault| matches!(fault, Fault::StuckValue { .. })) > 1);
    assert!(after(&|fault| *fault == Fault::Silence) > 5);
    assert!(after(&|fault| *fault == Fault::Backlog) > 5);
    assert!(after(&|fault| *fault == Fault::BadCheckSum) > 100);
    assert!(after(&|fault| *fault == Fault::Duplicate) > 100);
    assert!(after(&Fault::is_strangers) > 100);
}

#[test]
fn a_report_is_sent_when_due_after_the_backlog_or_never() {
    let event = |from: i64, to: i64, fault| Event {
        mn: "A".to_owned(),
        from: now() + from.hours(),
        to: now() + to.hours(),
        fault,
    };
    let scenario = Scenario::of([
        event(0, 2, Fault::Backlog),
        event(2, 3, Fault::Backlog),
        event(5, 6, Fault::Silence),
    ]);
    let sent = |mn: &str, hour: i64| scenario.sent_at(mn, now() + hour.hours());
    assert_eq!(sent("A", -1), Some(now() - 1.hours()));
    assert_eq!(sent("A", 0), Some(now() + 3.hours()));
    assert_eq!(sent("A", 3), Some(now() + 3.hours()));
    assert_eq!(sent("A", 5), None);
    assert_eq!(sent("A", 6), Some(now() + 6.hours()));
    assert_eq!(sent("B", 5), Some(now() + 5.hours()));
}

#[test]
fn every_word_names_a_fault() {
    let site = Site::invented(1, "A", "123456", SiteKind::WasteGas);
    for word in Fault::WORDS {
        assert!(Fault::from_word(word, &site).is_some(), "{word}");
    }
    assert_eq!(Fault::from_word("flood", &site), None);
    let Some(Fault::Exceedance { factor, .. }) = Fault::from_word("exceedance", &site) else {
        panic!("no exceedance")
    };
    assert_eq!(factor, "a34013");
}
