//! From committed rows to entries that anybody can check, on both databases.

use crate::city::{City, ORIGIN, POINT, migrations, open_log, publications_of, start};
use jiff::{SignedDuration, Timestamp};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use transparency::tile::TilePath;
use transparency::{
    Checked, Entry, EntryName, Figure, Log, Proof, check_proof, opening, read_figures, verify,
};

fn later(hours: i64) -> Timestamp {
    start() + SignedDuration::from_hours(hours)
}

/// A city with three hours of values, one of them corrected, and three audit records, all logged.
async fn logged(store: &store::Store) -> City {
    let city = City::start(store).await;
    for (number, value) in [(0, "12.5"), (1, "20"), (2, "31.0")] {
        city.value(number, value).await;
    }
    for (who, after) in
        [("张三", None), ("li.na", Some("{\"name\":\"王小明\"}")), ("console", None)]
    {
        city.audit(who, after).await;
    }
    assert_eq!(city.sequence(later(2)).await, 3 + 3 + 2, "two hours of packets are over");
    city.value(1, "21").await;
    assert_eq!(city.sequence(later(5)).await, 1 + 1, "a correction, the third hour of packets");
    city
}

#[tokio::test]
async fn all_that_was_committed_is_logged_once_and_verifies() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        assert_eq!(city.sequence(later(50)).await, 0, "nothing twice");
        let report = city.verify().await;
        assert_eq!(report.findings, []);
        let counts: Vec<_> = report.entries.iter().map(|(kind, count)| (*kind, *count)).collect();
        assert_eq!(counts, [("audit", 3), ("figure", 4), ("packets", 3)]);
        assert_eq!(report.head.map(|head| head.size), Some(10));
        assert_eq!(report.checkpoints, 3, "the empty tree, and the last of two hours");

        let again = open_log(&store, city.folder.path()).await;
        assert_eq!(again.key(), city.log.key(), "the key stays");
        city.audit("somebody", None).await;
        let appended = again.sequencer(&city.registry).sequence_all(later(51)).await;
        assert_eq!(appended.expect("appended"), 1, "a restart goes on");
        assert_eq!(city.verify().await.findings, []);
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn every_entry_is_proven_and_a_tampered_proof_is_not() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        let keys = [city.log.key().clone()];
        let entries = city.log.entries(None, None, 100).await.expect("entries");
        assert_eq!(entries.len(), 10);
        for logged in entries {
            let name: EntryName = logged.name.parse().expect("a name");
            let proof = city.log.prove(&name, Some(logged.version)).await.expect("readable");
            let proof = proof.expect("it is in the log");
            assert_eq!(proof.entry.to_text(), logged.text);
            let read = Proof::of_json(&proof.to_json()).expect("of the form");
            assert!(check_proof(&read, &keys).is_ok(), "{name}");
            let mut forged = read.clone();
            forged.path[0].0[5] ^= 1;
            assert!(check_proof(&forged, &keys).is_err(), "{name}");
            let digest = match &proof.entry {
                Entry::Audit { digest, .. } | Entry::Packets { digest, .. } => *digest,
                Entry::Figure { .. } => continue,
            };
            let opened = opening(&store, &name).await.expect("readable").expect("an opening");
            assert_eq!(opened.digest(), Some(digest), "{name}");
        }
        let unknown = EntryName::Audit(999);
        assert_eq!(city.log.prove(&unknown, None).await.expect("readable"), None);
        assert_eq!(opening(&store, &unknown).await.expect("readable"), None);
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_downloaded_figure_is_found_corrected_altered_or_not_there() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        let csv = "时间,AQI,细颗粒物 (µg/m³)\n\
                   2026-11-29 11:00,12.5,12.50\n\
                   2026-11-29 12:00,20,20\n\
                   2026-11-29 12:00,21,21\n\
                   2026-11-29 13:00,30,31\n\
                   2026-11-29 14:00,1,1\n";
        let read = read_figures(csv, city.log.publications(), Some(POINT));
        assert_eq!(read.problems, []);
        let snapshot = city.registry.snapshot();
        let answers = city.log.check_figures(&snapshot, read.figures).await.expect("readable");
        let said: Vec<_> = answers
            .iter()
            .map(|answer| match &answer.checked {
                Checked::Found { corrected: None, proof, .. } => {
                    assert!(check_proof(proof, &[city.log.key().clone()]).is_ok());
                    "found"
                }
                Checked::Found { corrected: Some(2), .. } => "corrected",
                Checked::Altered { versions: 1 } => "altered",
                Checked::NotFound => "not found",
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(said, ["found", "corrected", "found", "altered", "not found"]);
        let published: Option<&Figure> = answers[3].published.as_ref();
        let value = published.and_then(|figure| figure.values["aqi"]);
        assert_eq!(value.map(|value| value.normalize().to_string()).as_deref(), Some("31"));
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_personal_is_in_what_everybody_can_read() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        let signed = city.log.signed().await.expect("a checkpoint");
        let size = signed.checkpoint.head.size;
        let mut public = signed.note.into_bytes();
        for path in [format!("entries/000.p/{size}"), format!("0/000.p/{size}")] {
            let path = TilePath::parse(&path).expect("a path");
            public.extend(city.log.tile(path).await.expect("readable").expect("a tile"));
        }
        for logged in city.log.entries(None, None, 100).await.expect("entries") {
            public.extend(format!("{} {} {}", logged.kind, logged.name, logged.text).bytes());
            let name = logged.name.parse().expect("a name");
            let proof = city.log.prove(&name, None).await.expect("readable").expect("a proof");
            public.extend(proof.to_json().to_string().bytes());
        }
        let text = String::from_utf8_lossy(&public);
        assert!(text.contains("\"record\":2"), "the records are there");
        for secret in
            ["张三", "li.na", "王小明", "192.0.2.7", "case", "inspector", "10.0.0.1", "##0"]
        {
            assert!(!text.contains(secret), "{secret} stands in the public log");
        }
        // Who guesses the record cannot confirm the guess: the digest is over a secret salt.
        let opened = opening(&store, &EntryName::Audit(2)).await.expect("readable");
        let transparency::Opening::Audit { salt, text: Some(record) } = opened.expect("it") else {
            panic!("a record");
        };
        let guess = transparency::Hash::of(&[record.as_bytes()]).to_hex();
        assert!(record.contains("王小明") && salt.len() == 32);
        assert!(!text.contains(&guess));
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn tiles_are_served_as_far_as_the_log_reaches() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        let length = async |path: &str| {
            let path = TilePath::parse(path).expect("a path");
            city.log.tile(path).await.expect("readable").map(|bytes| bytes.len())
        };
        assert_eq!(length("0/000.p/10").await, Some(320));
        assert_eq!(length("0/000.p/3").await, Some(96), "what an older checkpoint needs");
        for beyond in ["0/000.p/11", "0/000", "0/001.p/1", "1/000.p/1", "entries/000.p/11"] {
            assert_eq!(length(beyond).await, None, "{beyond}");
        }
        assert_eq!(length("63/x999/999").await, None);
        assert!(length("entries/000.p/10").await.is_some_and(|bytes| bytes > 1000));
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn late_packets_and_those_of_a_clock_ahead_hold_up_nothing() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::start(&store).await;
        for number in [0, 10_000, 1, 0, 2] {
            city.value(number, &number.to_string()).await;
        }
        let figures = 4;
        assert_eq!(city.sequence(later(0)).await, figures, "the first hour is under way");
        assert_eq!(city.sequence(later(1)).await, 1, "it is over; what came late waits");
        assert_eq!(city.sequence(later(2)).await, 1, "the rest came in the hour that is over now");
        city.value(3, "3").await;
        assert_eq!(city.sequence(later(9)).await, 1 + 2);
        let report = city.verify().await;
        assert_eq!((report.findings, report.entries["packets"]), (Vec::new(), 4));
        city.stop().await;
    })
    .await;
}

/// Polls a step some times and then lets it go, as a process that is killed does.
async fn abandoned(city: &City, polls: usize) -> bool {
    let mut step = pin!(city.sequencer.sequence_once(later(3)));
    for _ in 0..polls {
        // Whoever works for the step gets to run between two polls.
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        std::thread::yield_now();
        if let Poll::Ready(done) = step.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            done.expect("the store answers");
            return true;
        }
    }
    false
}

#[tokio::test]
async fn a_step_that_is_broken_off_anywhere_loses_and_repeats_nothing() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::start(&store).await;
        let mut entries = 0;
        let mut is_done = false;
        for polls in 0..4000 {
            city.value(0, &format!("{polls}.5")).await;
            city.audit("somebody", None).await;
            entries += 2;
            is_done = abandoned(&city, polls).await;
            if polls % 5 == 0 || is_done {
                // The broken step may have been in the middle of its commit.
                while let Err(error) = city.sequencer.sequence_all(later(3)).await {
                    assert_eq!(error.code(), "log.contended");
                }
                let report = city.verify().await;
                assert_eq!(report.findings, [], "broken off after {polls} polls");
                let audit = report.entries.get("audit").copied();
                assert_eq!(audit, Some(entries / 2), "after {polls} polls");
            }
            if is_done {
                break;
            }
        }
        assert!(is_done, "a step comes to its end");
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_record_whose_transaction_took_longer_is_logged_when_it_comes() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::start(&store).await;
        let first = city.audit("one", None).await;
        let insert = async |id: i64| {
            let mut transaction = store.begin().await.expect("a transaction");
            sqlx::query(
                "INSERT INTO audit_record (id, at, who, origin, action, subject, rule) \
                 VALUES ($1, $2, 'x', 'x', 'x', 'x', 'x')",
            )
            .bind(id)
            .bind(start().as_millisecond())
            .execute(&mut *transaction)
            .await
            .expect("inserted");
            transaction.commit().await.expect("committed");
        };
        insert(first + 3).await;
        assert_eq!(city.sequence(later(0)).await, 2);
        insert(first + 2).await;
        assert_eq!(city.verify().await.findings, [], "its number is still waited for");
        assert_eq!(city.sequence(later(0)).await, 1);
        assert_eq!(city.sequence(later(2)).await, 0, "the other number was never used");
        assert_eq!(city.verify().await.findings, []);
        insert(first + 1).await;
        assert_eq!(city.sequence(later(2)).await, 0, "nobody waits for it any longer");
        let findings = city.verify().await.findings;
        let found: Vec<_> = findings.iter().map(|one| (one.code, one.subject.as_str())).collect();
        assert_eq!(found, [("log.audit_unlogged", format!("audit:{}", first + 1).as_str())]);
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn two_programs_do_not_append_to_one_log() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::start(&store).await;
        for _ in 0..20 {
            city.audit("somebody", None).await;
        }
        let other = open_log(&store, city.folder.path()).await.sequencer(&city.registry);
        let (one, two) =
            tokio::join!(city.sequencer.sequence_once(later(0)), other.sequence_once(later(0)));
        let appended: usize =
            [&one, &two].into_iter().filter_map(|done| Some(done.as_ref().ok()?.audit)).sum();
        assert_eq!(appended, 20);
        let report = city.verify().await;
        assert_eq!((report.findings, report.entries["audit"]), (Vec::new(), 20));
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn another_key_is_not_taken_for_the_log_s_own() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        let elsewhere = tempfile::tempdir().expect("a folder");
        let moved = open_log(&store, elsewhere.path()).await;
        city.audit("after the move", None).await;
        let appended = moved.sequencer(&city.registry).sequence_all(later(60)).await;
        assert!(appended.is_ok_and(|entries| entries > 0), "the log goes on");
        let only_new = city.verify_with(&[moved.key().clone()]).await.findings;
        assert!(only_new.iter().all(|one| one.code == "log.checkpoint_signature"));
        assert!(!only_new.is_empty());
        let both = [moved.key().clone(), city.log.key().clone()];
        assert_eq!(city.verify_with(&both).await.findings, []);
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_published_in_another_form_enters_anew() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        let folder = city.folder.path();
        let second = publications_of(2);
        let log = Log::open(&store, folder, ORIGIN, second.clone(), later(6)).await.expect("a log");
        let sequencer = log.sequencer(&city.registry);
        let entries = sequencer.sequence_all(later(6)).await.expect("it is appended");
        assert_eq!(entries, 1, "one of three hours looks otherwise when it is rounded");
        let (snapshot, keys) = (city.registry.snapshot(), [log.key().clone()]);
        let report = verify(&store, &snapshot, &second, &keys, |_, _| {}).await.expect("readable");
        assert_eq!((report.findings, report.earlier_forms), (Vec::new(), 2));
        let shown = "{\"period\":\"hour\",\"point\":\"air-station/9901A\",\
            \"time\":\"2026-11-29T03:00:00Z\",\"values\":{\"a34004\":\"12\",\"aqi\":\"12.5\"}}";
        let read = read_figures(shown, &second, None);
        let answers = log.check_figures(&snapshot, read.figures).await.expect("readable");
        assert!(matches!(answers[0].checked, Checked::Found { corrected: None, .. }));
        city.stop().await;
    })
    .await;
}
