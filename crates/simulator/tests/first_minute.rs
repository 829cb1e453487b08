//! The first minute of the demonstration against the real receiver: everything that the pages
//! show has happened.

mod city;

use city::{SEED, zhangzhou};
use ingest::hj212::{ReceiverSettings, listen};
use jiff::{SignedDuration, Timestamp};
use observations::{Outcome, Recorder};
use rulebook::Period;
use simulator::{
    Clock, Demonstration, DeviceOptions, Fault, Fleet, FleetOptions, Scenario, Signal, Site,
    SiteKind,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// So many times as fast as real time.
const SPEED: f64 = 6.0;

/// Waits until `test` holds, at most a minute.
async fn wait_until(what: &str, test: impl AsyncFn() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !test().await {
        assert!(Instant::now() < end, "{what} has not happened within a minute");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_has_life() {
    let (test, sites) = zhangzhou().await;
    let store = &test.store;
    let registry = registry::Registry::open(store).await.expect("the registry");
    let recorder = Recorder::open(store).await.expect("a recorder");
    let settings = ReceiverSettings::at("127.0.0.1:0".parse().expect("an address"));
    let receiver = listen(settings, store, &registry, &recorder).await.expect("it listens");

    let begun = Timestamp::now();
    let demonstration = Demonstration::new(SEED, &registry.snapshot(), begun);
    let clock = Clock::new(begun, SPEED);
    let device = DeviceOptions::new(receiver.address().to_string(), clock);
    let options = FleetOptions { device, spread: Duration::from_secs(1) };
    let fleet = Fleet::start(demonstration.sites(), demonstration.signal(), &options);

    let scenario = demonstration.signal().scenario();
    let speaking: Vec<&Site> =
        sites.iter().filter(|site| scenario.silence_at(&site.mn, begun).is_none()).collect();
    assert!(speaking.len() > 85, "{}", speaking.len());
    wait_until("every device that speaks online, with real-time values", async || {
        speaking.iter().all(|site| {
            let online = receiver.devices().state(&site.mn).is_some_and(|state| state.online);
            online && recorder.latest().get(site.point, Period::RealTime).is_some()
        })
    })
    .await;
    wait_until("a wrong check sum, a wrong password and an unknown number refused", async || {
        let counts = ingest::refused_counts(store).await.expect("the counts");
        let refused: HashMap<_, _> =
            counts.into_iter().map(|count| (count.reason, count.packets)).collect();
        let has = |word: &str| refused.keys().any(|reason| reason.contains(word));
        has("crc") && has("password") && refused.len() >= 3
    })
    .await;
    wait_until("a duplicate", async || {
        receiver.devices().states().iter().any(|state| state.duplicates > 0)
    })
    .await;
    let backlogs: Vec<_> = scenario
        .events()
        .into_iter()
        .filter(|event| event.fault == Fault::Backlog && event.holds_at(begun))
        .filter(|event| event.to < begun + SignedDuration::from_mins(1))
        .collect();
    assert_eq!(backlogs.len(), 2);
    wait_until("the backlog of two devices", async || {
        backlogs.iter().all(|event| {
            let site = sites.iter().find(|site| site.mn == event.mn).expect("the site");
            let newest = recorder.latest().get(site.point, Period::Hour);
            let hour = SignedDuration::from_hours(1);
            newest.is_some_and(|row| row.observed_at + hour + hour > begun - hour / 10)
        })
    })
    .await;
    let counts = fleet.stop().await;
    eprintln!("{counts:?}");
    assert!(counts.answers > 150 && counts.strangers >= 2, "{counts:?}");
    assert!(counts.packets_damaged >= 1 && counts.packets_repeated >= 1, "{counts:?}");
    receiver.stop().await;
    recorder.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_receiver_reads_is_what_the_history_says() {
    let (test, sites) = zhangzhou().await;
    let store = &test.store;
    let registry = registry::Registry::open(store).await.expect("the registry");
    let recorder = Recorder::open(store).await.expect("a recorder");
    let settings = ReceiverSettings::at("127.0.0.1:0".parse().expect("an address"));
    let receiver = listen(settings, store, &registry, &recorder).await.expect("it listens");

    // The same two hours once by the line, once as history: nothing in it may be news.
    let pick = [SiteKind::WasteGas, SiteKind::WasteWater, SiteKind::AirStation];
    let chosen: Vec<Site> = pick
        .into_iter()
        .flat_map(|kind| sites.iter().filter(move |site| site.kind == kind).take(12))
        .cloned()
        .collect();
    let now = Timestamp::now();
    let from = now - SignedDuration::from_hours(2);
    let signal = Signal::new(SEED, Arc::new(Scenario::default()));
    let device = DeviceOptions {
        sent_until: from,
        sends_realtime: false,
        stops_when_done: true,
        ..DeviceOptions::new(receiver.address().to_string(), Clock::new(now, 1.0))
    };
    let options = FleetOptions { device, spread: Duration::ZERO };
    let mut fleet = Fleet::start(&chosen, &signal, &options);
    fleet.finished().await;
    let sent = fleet.counts();

    let mut history = simulator::History::new(chosen.as_slice().into(), signal, from, from, now);
    let (mut rows, mut duplicates) = (0, 0);
    while let Some(batch) = history.next_batch() {
        for recorded in recorder.submit_all(batch).await.expect("it is recorded") {
            rows += recorded.outcomes.len();
            let is_same = |outcome: &&Outcome| **outcome == Outcome::Duplicate;
            duplicates += recorded.outcomes.iter().filter(is_same).count();
        }
    }
    assert!(rows > 300, "{rows}");
    assert_eq!(duplicates, rows, "the line and the history differ");
    assert!(sent.answers >= rows as u64, "{sent:?}");
    receiver.stop().await;
    recorder.close().await;
}
