//! The history of the demonstration: complete, in order, traceable to bytes, the same each time.

mod city;

use city::{SEED, zhangzhou};
use jiff::{Timestamp, ToSpan as _};
use observations::{Delivery, Marks, NewRow, Recorder};
use rulebook::{Period, parse_beijing};
use simulator::{Demonstration, Fault, History, Scenario, Signal, Site};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

fn now() -> Timestamp {
    parse_beijing("20261123153012").expect("a time")
}

fn ago(hours: i64) -> Timestamp {
    now() - hours.hours()
}

fn history(sites: &[Site], hours: i64, minute_hours: i64) -> History {
    let scenario = Arc::new(Scenario::demo(SEED, sites, now()));
    let signal = Signal::new(SEED, scenario);
    History::new(sites.into(), signal, ago(hours), ago(minute_hours), now())
}

fn all(mut history: History) -> Vec<Delivery> {
    std::iter::from_fn(move || history.next_batch()).flatten().collect()
}

#[tokio::test]
async fn a_day_of_the_city_is_complete_and_in_order() {
    let (_test, sites) = zhangzhou().await;
    let deliveries = all(history(&sites, 48, 24));
    assert!(deliveries.is_sorted_by_key(|delivery| delivery.received_at));
    let keys: Vec<_> = deliveries.iter().flat_map(|it| &it.rows).map(NewRow::key).collect();
    // A report that is too long for one packet comes in two, each a row of the same key.
    let distinct: HashSet<_> = keys.iter().collect();
    assert!(distinct.len() < keys.len(), "some device has too many factors for one packet");
    let scenario = Scenario::demo(SEED, &sites, now());
    for site in &sites {
        let count = |period| {
            distinct.iter().filter(|key| key.point == site.point && key.period == period).count()
        };
        let silent = scenario.events_of(&site.mn).iter().any(|event| {
            matches!(event.fault, Fault::Silence | Fault::Backlog) && event.to > ago(49)
        });
        if silent {
            continue;
        }
        let hours = if site.hour_interval_h == Some(4) { 12 } else { 48 };
        assert_eq!(count(Period::Hour), hours, "{}", site.mn);
        let minutes = if site.minute_interval_min.is_some() { 142..=144 } else { 0..=0 };
        assert!(minutes.contains(&count(Period::Minute)), "{}: {}", site.mn, count(Period::Minute));
        let days = if site.is_outlet() { 2 } else { 0 };
        assert_eq!(count(Period::Day), days, "{}", site.mn);
    }
    for delivery in &deliveries {
        assert!(delivery.received_at < now());
        for row in &delivery.rows {
            assert!(row.observed_at < delivery.received_at);
            assert!(row.values.iter().all(|value| value.marks.contains(Marks::DEMO)));
        }
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let (_test, sites) = zhangzhou().await;
    let packets = |hours| all(history(&sites, hours, 3)).into_iter().map(|it| it.raw);
    let whole: Vec<_> = packets(12).collect();
    assert!(whole.iter().eq(&packets(12).collect::<Vec<_>>()));
    // Begun later, the end is the same: nothing depends on what was drawn before.
    let tail: HashSet<_> = packets(6).collect();
    let known: HashSet<_> = whole.iter().cloned().collect();
    assert!(tail.len() > 100 && tail.is_subset(&known), "{} of {}", tail.len(), whole.len());
}

#[tokio::test]
async fn silence_is_lost_and_a_backlog_is_late() {
    let (_test, sites) = zhangzhou().await;
    let scenario = Scenario::demo(SEED, &sites, now());
    let deliveries = all(history(&sites, 24 * 20, 1));
    let points: HashMap<_, _> = sites.iter().map(|site| (site.mn.as_str(), site.point)).collect();
    let mut backlogs = 0;
    for event in scenario.events() {
        if event.from < ago(24 * 19) || event.to > ago(2) {
            continue;
        }
        let point = points[event.mn.as_str()];
        let rows = |period| {
            deliveries.iter().flat_map(|delivery| &delivery.rows).filter(move |row| {
                row.point == point
                    && row.period == period
                    && row.observed_at >= event.from
                    && row.observed_at + 2.hours() < event.to
            })
        };
        match event.fault {
            Fault::Silence => assert_eq!(rows(Period::Hour).count(), 0, "{event:?}"),
            Fault::Backlog => {
                backlogs += rows(Period::Hour).count();
                for row in rows(Period::Hour) {
                    assert!(row.values[0].marks.contains(Marks::LATE), "{event:?}");
                }
            }
            _ => {}
        }
    }
    assert!(backlogs > 0, "no backlog was there to be looked at");
}

#[tokio::test]
async fn a_demonstration_that_goes_on_draws_only_what_is_missing() {
    let (test, _) = zhangzhou().await;
    let registry = registry::Registry::open(&test.store).await.expect("the registry");
    let recorder = Recorder::open(&test.store).await.expect("a recorder");
    let begun_at = |at| Demonstration::new(SEED, &registry.snapshot(), at);
    let first = begun_at(now()).history(recorder.latest());
    assert_eq!(first.from(), ago(30 * 24));
    let deliveries = all(history(begun_at(now()).sites(), 2, 2));
    let last = deliveries.last().expect("some").received_at;
    recorder.submit_all(deliveries).await.expect("recorded");
    let second = begun_at(now() + 5.hours()).history(recorder.latest());
    assert_eq!(second.from(), last);
    assert!(all(second).iter().all(|delivery| delivery.received_at >= last));
    let much_later = begun_at(now() + (24 * 40).hours()).history(recorder.latest());
    assert_eq!(much_later.from(), now() + (24 * 10).hours());
    recorder.close().await;
}

#[tokio::test]
async fn the_recorder_takes_the_history_and_keeps_the_bytes() {
    let (test, sites) = zhangzhou().await;
    let recorder = Recorder::open(&test.store).await.expect("a recorder");
    let begun = Instant::now();
    let mut told = Vec::new();
    let days = std::env::var("LUCID_HISTORY_DAYS").ok().and_then(|it| it.parse().ok()).unwrap_or(2);
    let counts = history(&sites, 24 * days, 72)
        .record(&recorder, |done, _| told.push(done))
        .await
        .expect("it is recorded");
    eprintln!("{days} days: {counts:?} in {:.1} s", begun.elapsed().as_secs_f64());
    assert!(told.is_sorted() && told.last() == Some(&1.0), "{told:?}");
    assert!(counts.packets > 5000 && counts.values > counts.rows && counts.rows >= counts.packets);
    let row = recorder.latest().get(sites[20].point, Period::Hour).expect("an hour of this site");
    let packet = observations::raw_packet(&test.store, row.source).await.expect("the packet");
    let text = String::from_utf8(packet.expect("it is there").bytes).expect("ASCII");
    assert!(text.contains(&format!("MN={}", sites[20].mn)) && text.contains("CN=2061"), "{text}");
    let value = row.values[0].value.expect("a value").to_string();
    assert!(text.contains(&format!("-Avg={value},")), "{value} stands not in {text}");
    recorder.close().await;
}
