//! Devices on real sockets: answers after the commit, duplicates, refusals, takeovers, stopping.

mod fixture;

use fixture::{city, migrations, minute_packet, mn};
use hj212::Decoder;
use ingest::hj212::{Receiver, ReceiverSettings, listen};
use ingest::{DeviceEvent, refused_counts, refused_packet, refused_packets};
use observations::{Recorder, RowKey, raw_packet, series};
use registry::{PointId, Registry};
use rulebook::{Period, parse_beijing};
use sqlx::Executor as _;
use std::time::Duration;
use store::Store;
use testkit::TestStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

struct Site {
    store: Store,
    registry: Registry,
    recorder: Recorder,
    receiver: Receiver,
    _test: TestStore,
}

async fn site(devices: usize, change: impl FnOnce(&mut ReceiverSettings)) -> Site {
    let test = testkit::sqlite(&migrations()).await;
    let store = test.store.clone();
    let registry = city(&store, devices).await;
    let recorder = Recorder::open(&store).await.expect("a recorder");
    let mut settings = ReceiverSettings::at("127.0.0.1:0".parse().expect("an address"));
    change(&mut settings);
    let receiver = listen(settings, &store, &registry, &recorder).await.expect("it listens");
    Site { store, registry, recorder, receiver, _test: test }
}

impl Site {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.receiver.address()).await.expect("connected")
    }

    fn point(&self, device: usize) -> PointId {
        self.registry.snapshot().device(&mn(device)).expect("registered").point
    }

    async fn rows(&self, device: usize) -> Vec<observations::Row> {
        let range = parse_beijing("20260101000000").expect("a time")
            ..parse_beijing("20270101000000").expect("a time");
        series(&self.store, self.point(device), Period::Minute, range).await.expect("readable")
    }

    /// Waits until as many packets have been refused.
    async fn refused(&self, count: usize) -> Vec<ingest::RefusedPacket> {
        testkit::until("packets are refused", async || {
            let found = refused_packets(&self.store, None, 1000).await.expect("readable");
            (found.len() >= count).then_some(found)
        })
        .await
    }
}

/// Reads until as many answers have come; their commands and QN.
async fn answers(stream: &mut TcpStream, count: usize) -> Vec<(String, String)> {
    let mut decoder = Decoder::new();
    let mut found = Vec::new();
    let mut buffer = [0; 4096];
    while found.len() < count {
        let read = testkit::in_time("an answer", stream.read(&mut buffer));
        let length = read.await.expect("readable");
        assert!(length > 0, "closed after {} of {count} answers", found.len());
        decoder.push(&buffer[..length]);
        while let Some(frame) = decoder.next_frame() {
            let packet = frame.expect("a right answer").packet;
            found.push((packet.cn().to_owned(), packet.qn().unwrap_or_default().to_owned()));
        }
    }
    found
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 16];
    let read = testkit::in_time("the connection is closed", stream.read(&mut buffer)).await;
    matches!(read, Ok(0) | Err(_))
}

#[tokio::test]
async fn frames_in_odd_chunks_are_all_recorded_and_answered() {
    let site = site(2, |_| {}).await;
    let mut stream = site.connect().await;
    let mut bytes = Vec::new();
    for minute in 0..500 {
        let (device, flag) = ((minute % 2) as usize, if minute % 4 < 2 { 5 } else { 9 });
        bytes.extend_from_slice(&minute_packet(&mn(device), minute, flag, minute));
    }
    let (mut reader, mut writer) = stream.split();
    let sending = async {
        let mut rest = bytes.as_slice();
        for size in (1..).map(|step| 1 + step * 37 % 701) {
            if rest.is_empty() {
                break;
            }
            let (chunk, after) = rest.split_at(size.min(rest.len()));
            writer.write_all(chunk).await.expect("sent");
            rest = after;
        }
    };
    let receiving = async {
        let mut decoder = Decoder::new();
        let mut found = Vec::new();
        let mut buffer = [0; 1000];
        while found.len() < 500 {
            let length = reader.read(&mut buffer).await.expect("readable");
            assert!(length > 0);
            decoder.push(&buffer[..length]);
            while let Some(frame) = decoder.next_frame() {
                let packet = frame.expect("a right answer").packet;
                found.push((packet.cn().to_owned(), packet.flag(), packet.qn().map(str::to_owned)));
            }
        }
        found
    };
    let ((), found) = tokio::join!(sending, receiving);
    for (minute, (cn, flag, qn)) in found.iter().enumerate() {
        assert_eq!(cn, "9014");
        assert_eq!(*flag, Some(if minute % 4 < 2 { 4 } else { 8 }));
        assert_eq!(*qn, Some(format!("{}000", fixture::time_text(minute as u64))));
    }
    assert_eq!((site.rows(0).await.len(), site.rows(1).await.len()), (250, 250));
    let row = &site.rows(1).await[0];
    let nouns = site.registry.snapshot();
    let factor = nouns.factor_by_code("w01018").expect("known").id;
    let value = row.factor(factor).expect("there");
    assert_eq!(value.value.map(|value| value.to_string()).as_deref(), Some("10.08"));
    assert_eq!((value.flag, row.values.len()), (Some(b'N'), 10));
    let raw = raw_packet(&site.store, row.source).await.expect("readable").expect("there");
    assert!(minute_packet(&mn(1), 1, 5, 1).starts_with(&raw.bytes));
    assert_eq!(raw.device, Some(mn(1)));
    let state = site.receiver.devices().state(&mn(1)).expect("known");
    assert!(state.online);
    assert_eq!((state.packets, state.edition.as_str()), (250, "2025"));
    assert_eq!(state.last_data_time, Some(site.rows(1).await[249].observed_at));
    site.receiver.stop().await;
    site.recorder.close().await;
}

#[tokio::test]
async fn a_resent_packet_is_answered_again_and_stored_once() {
    let site = site(1, |_| {}).await;
    let mut stream = site.connect().await;
    for value in [1, 1, 2] {
        stream.write_all(&minute_packet(&mn(0), 3, 5, value)).await.expect("sent");
        assert_eq!(answers(&mut stream, 1).await[0].0, "9014");
    }
    let rows = site.rows(0).await;
    assert_eq!((rows.len(), rows[0].version), (1, 2));
    let state = site.receiver.devices().state(&mn(0)).expect("known");
    assert_eq!((state.packets, state.duplicates), (3, 1));
    let key: RowKey = rows[0].key();
    assert_eq!(observations::revisions(&site.store, key).await.expect("readable").len(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_refused_without_answer_and_kept_with_its_bytes() {
    let site = site(1, |_| {}).await;
    let mut stream = site.connect().await;
    let good = minute_packet(&mn(0), 1, 5, 1);
    let mut bad_check = good.clone();
    let at = bad_check.len() - 30;
    bad_check[at] ^= 1;
    let draft = |mn: &str, password: &str, time: &str| {
        let draft = hj212::Draft::new("2051").qn("20260101000000000").st("32").mn(mn).flag(5);
        draft.pw(password).item(&[("DataTime", time)]).item(&[("w01018-Avg", "1")]).build()
    };
    let stranger = draft(&mn(77), fixture::PASSWORD, "20260101000000");
    let wrong_password = draft(&mn(0), "654321", "20260101000000");
    let far_ahead = draft(&mn(0), fixture::PASSWORD, "20990101000000");
    for bytes in [&bad_check, &stranger, &wrong_password, &far_ahead, &good] {
        stream.write_all(bytes).await.expect("sent");
    }
    let answered = answers(&mut stream, 1).await;
    assert_eq!(answered[0].1, format!("{}000", fixture::time_text(1)));
    let mut refused = site.refused(4).await;
    refused.reverse();
    let reasons: Vec<_> = refused.iter().map(|packet| packet.reason.as_str()).collect();
    let expected = ["hj212.crc_mismatch", "hj212.unknown_mn", "hj212.password", "hj212.data_time"];
    assert_eq!(reasons, expected);
    assert!(bad_check.starts_with(&refused[0].raw) && refused[0].raw.len() > 400);
    let mns: Vec<_> = refused.iter().map(|packet| packet.mn.clone().expect("read")).collect();
    assert_eq!(mns, [mn(0), mn(77), mn(0), mn(0)]);
    let one = refused_packet(&site.store, refused[1].id).await.expect("readable");
    assert_eq!(one.as_ref(), Some(&refused[1]));
    let counts = refused_counts(&site.store).await.expect("readable");
    assert!(counts.iter().all(|count| count.packets == 1) && counts.len() == 4);
    assert_eq!(site.rows(0).await.len(), 1);
}

#[tokio::test]
async fn no_byte_of_an_answer_comes_before_the_commit() {
    let site = site(1, |_| {}).await;
    let mut stream = site.connect().await;
    let blocking = site.store.begin().await.expect("the one writer");
    stream.write_all(&minute_packet(&mn(0), 1, 5, 1)).await.expect("sent");
    testkit::until("a packet waits for its commit", async || {
        (site.recorder.health().queued == 1).then_some(())
    })
    .await;
    let mut buffer = [0; 1];
    let early = tokio::time::timeout(Duration::from_millis(300), stream.peek(&mut buffer)).await;
    assert!(early.is_err(), "an answer came while the commit had not ended");
    blocking.rollback().await.expect("the writer is free");
    assert_eq!(answers(&mut stream, 1).await.len(), 1);
}

#[tokio::test]
async fn a_failed_commit_is_not_answered_and_the_session_goes_on() {
    let site = site(1, |_| {}).await;
    let mut stream = site.connect().await;
    let change = async |sql: &'static str| {
        let mut transaction = site.store.begin().await.expect("a transaction");
        transaction.execute(sql).await.expect("it runs");
        transaction.commit().await.expect("it commits");
    };
    change("CREATE TRIGGER full BEFORE INSERT ON raw_block BEGIN SELECT RAISE(ABORT, 'f'); END")
        .await;
    stream.write_all(&minute_packet(&mn(0), 1, 5, 1)).await.expect("sent");
    testkit::until("a commit fails", async || {
        (site.recorder.health().failures_in_a_row == 1).then_some(())
    })
    .await;
    change("DROP TRIGGER full").await;
    stream.write_all(&minute_packet(&mn(0), 2, 5, 2)).await.expect("sent");
    let answered = answers(&mut stream, 1).await;
    assert_eq!(answered[0].1, format!("{}000", fixture::time_text(2)));
    assert_eq!(site.rows(0).await.len(), 1);
    stream.write_all(&minute_packet(&mn(0), 1, 5, 1)).await.expect("sent again");
    assert_eq!(answers(&mut stream, 1).await.len(), 1);
    assert_eq!(site.rows(0).await.len(), 2);
}

#[tokio::test]
async fn a_connection_cut_inside_a_packet_leaves_nothing_of_it() {
    let site = site(1, |_| {}).await;
    let mut events = site.receiver.devices().events();
    let mut stream = site.connect().await;
    let (first, second) = (minute_packet(&mn(0), 1, 5, 1), minute_packet(&mn(0), 2, 5, 2));
    stream.write_all(&first).await.expect("sent");
    answers(&mut stream, 1).await;
    stream.write_all(&second[..second.len() / 2]).await.expect("sent");
    drop(stream);
    let online = testkit::in_time("the device is online", events.recv()).await.expect("an event");
    assert!(matches!(online, DeviceEvent::Online { mn: found, .. } if *found == *mn(0)));
    let offline = testkit::in_time("the device is offline", events.recv()).await;
    assert!(matches!(offline, Ok(DeviceEvent::Offline { .. })));
    assert_eq!(site.rows(0).await.len(), 1);
    assert!(!site.receiver.devices().state(&mn(0)).expect("known").online);
    let mut again = site.connect().await;
    again.write_all(&second).await.expect("sent");
    answers(&mut again, 1).await;
    assert_eq!(site.rows(0).await.len(), 2);
}

#[tokio::test]
async fn the_newest_of_two_connections_for_one_device_wins() {
    let site = site(1, |_| {}).await;
    let mut old = site.connect().await;
    old.write_all(&minute_packet(&mn(0), 1, 5, 1)).await.expect("sent");
    answers(&mut old, 1).await;
    let mut events = site.receiver.devices().events();
    let mut new = site.connect().await;
    new.write_all(&minute_packet(&mn(0), 2, 5, 2)).await.expect("sent");
    answers(&mut new, 1).await;
    assert!(is_closed(&mut old).await);
    let event = testkit::in_time("the device is taken over", events.recv()).await;
    assert!(matches!(event, Ok(DeviceEvent::TakenOver { .. })));
    testkit::until("one connection is left", async || {
        (site.receiver.connections() == 1).then_some(())
    })
    .await;
    let state = site.receiver.devices().state(&mn(0)).expect("known");
    assert!(state.online);
    assert_eq!(state.takeovers, 1);
}

#[tokio::test]
async fn limits_close_connections_and_say_why() {
    let site = site(1, |settings| {
        settings.connections_per_address_max = 3;
        settings.bytes_without_packet_max = 5_000;
        settings.greeting = Duration::from_millis(400);
    })
    .await;
    let mut rubbish = site.connect().await;
    rubbish.write_all(&vec![b'x'; 20_000]).await.expect("sent");
    assert!(is_closed(&mut rubbish).await);
    let mut silent = site.connect().await;
    assert!(is_closed(&mut silent).await);
    testkit::until("no connection is left", async || {
        (site.receiver.connections() == 0).then_some(())
    })
    .await;
    let mut open = Vec::new();
    for minute in 0..3 {
        let mut stream = site.connect().await;
        let packet = hj212::Draft::new("2051").qn("20260101000000000").st("32").mn(&mn(0)).flag(5);
        let packet =
            packet.pw(fixture::PASSWORD).item(&[("DataTime", &fixture::time_text(minute))]);
        if minute == 0 {
            stream.write_all(&packet.build()).await.expect("sent");
            answers(&mut stream, 1).await;
        }
        open.push(stream);
    }
    testkit::until("three connections are open", async || {
        (site.receiver.connections() == 3).then_some(())
    })
    .await;
    let mut fourth = site.connect().await;
    assert!(is_closed(&mut fourth).await);
    let refused = site.refused(3).await;
    let has = |reason: &str| refused.iter().any(|packet| packet.reason == reason);
    assert!(has("hj212.no_packet") && has("hj212.no_greeting") && has("hj212.connections"));
}

#[tokio::test]
async fn stopping_answers_what_is_committed_and_remembers_the_devices() {
    let site = site(1, |_| {}).await;
    let mut stream = site.connect().await;
    let blocking = site.store.begin().await.expect("the one writer");
    stream.write_all(&minute_packet(&mn(0), 1, 5, 1)).await.expect("sent");
    testkit::until("a packet waits for its commit", async || {
        (site.recorder.health().queued == 1).then_some(())
    })
    .await;
    let Site { store, registry, recorder, receiver, _test } = site;
    let stopping = tokio::spawn(receiver.stop());
    blocking.rollback().await.expect("the writer is free");
    assert_eq!(answers(&mut stream, 1).await.len(), 1);
    assert!(is_closed(&mut stream).await);
    testkit::in_time("the receiver stops", stopping).await.expect("it stopped");

    let settings = ReceiverSettings::at("127.0.0.1:0".parse().expect("an address"));
    let again = listen(settings, &store, &registry, &recorder).await.expect("it listens");
    let state = again.devices().state(&mn(0)).expect("remembered");
    assert_eq!((state.online, state.packets), (false, 1));
    again.stop().await;
    recorder.close().await;
}

#[tokio::test]
async fn editions_mix_in_one_city_each_is_answered_in_its_own_and_kept() {
    let site = site(4, |_| {}).await;
    let table = [
        // device, Flag of its packets, edition, Flag of the answer
        (0, 1, "2005", 0),
        (1, 5, "2017", 4),
        (2, 9, "2025", 8),
        (3, 5, "2017", 4),
        // The last one is renewed, and speaks the new edition from then on.
        (3, 9, "2025", 8),
    ];
    for (minute, (device, flag, edition, answer_flag)) in (0..).zip(table) {
        let mut stream = site.connect().await;
        stream.write_all(&minute_packet(&mn(device), minute, flag, minute)).await.expect("sent");
        let mut decoder = Decoder::new();
        let mut buffer = [0; 1000];
        let answer = loop {
            let read = testkit::in_time("an answer", stream.read(&mut buffer));
            let length = read.await.expect("readable");
            assert!(length > 0, "closed");
            decoder.push(&buffer[..length]);
            if let Some(frame) = decoder.next_frame() {
                break frame.expect("a right answer").packet;
            }
        };
        assert_eq!((answer.cn(), answer.flag()), ("9014", Some(answer_flag)), "{edition}");
        // In 2005 the number of the exchange stands in the data area.
        assert_eq!(answer.value("QN").is_some(), edition == "2005");
        let state = site.receiver.devices().state(&mn(device)).expect("known");
        assert_eq!(state.edition, edition);
    }
    let Site { store, registry, recorder, receiver, _test } = site;
    receiver.stop().await;
    let settings = ReceiverSettings::at("127.0.0.1:0".parse().expect("an address"));
    let again = listen(settings, &store, &registry, &recorder).await.expect("it listens");
    for (device, edition) in [(0, "2005"), (1, "2017"), (2, "2025"), (3, "2025")] {
        assert_eq!(again.devices().state(&mn(device)).expect("remembered").edition, edition);
        assert_eq!(again.commands().edition_of(&mn(device)).as_str(), edition);
    }
    again.stop().await;
    recorder.close().await;
}

#[tokio::test]
async fn a_device_is_initialised_at_its_first_connection_and_never_again() {
    let site = site(1, |settings| settings.initialises = true).await;
    let mut stream = site.connect().await;
    stream.write_all(&minute_packet(&mn(0), 1, 9, 1)).await.expect("sent");
    let mut asked = Vec::new();
    let mut decoder = Decoder::new();
    let mut buffer = [0; 4096];
    // The answer to the packet, then clock, timeout, the registered interval, data, states.
    while asked.len() < 6 {
        let read = testkit::in_time("an answer", stream.read(&mut buffer));
        let length = read.await.expect("readable");
        assert!(length > 0, "closed after {asked:?}");
        decoder.push(&buffer[..length]);
        while let Some(frame) = decoder.next_frame() {
            let packet = frame.expect("a right request").packet;
            if packet.cn() != "9014" {
                let answers =
                    [hj212::answer::request(&packet, 1), hj212::answer::execution(&packet, 1)];
                stream.write_all(&answers.concat()).await.expect("sent");
            }
            asked.push(packet.cn().to_owned());
        }
    }
    assert_eq!(asked, ["9014", "1012", "1000", "1064", "2011", "2021"]);
    drop(stream);
    let mut stream = site.connect().await;
    stream.write_all(&minute_packet(&mn(0), 2, 9, 1)).await.expect("sent");
    assert_eq!(answers(&mut stream, 1).await[0].0, "9014");
    let filter = ingest::commands::CommandFilter { limit: 99, ..Default::default() };
    assert_eq!(site.receiver.commands().list(&filter).await.expect("readable").len(), 5);
    site.receiver.stop().await;
}

#[tokio::test]
async fn an_unknown_logger_of_2025_that_asks_to_be_admitted_is_kept_for_the_operator() {
    let site = site(1, |_| {}).await;
    let mut stream = site.connect().await;
    let draft = hj212::Draft::new("1001").qn("20260101000000000").st("32").pw("123456").mn("");
    let draft = draft.flag(9).item(&[("i23006-Info", "BFEBFBFF000906EA")]);
    stream.write_all(&draft.build()).await.expect("sent");
    let refused = site.refused(1).await;
    assert_eq!(refused[0].reason, "hj212.registration");
    assert!(String::from_utf8_lossy(&refused[0].raw).contains("BFEBFBFF000906EA"));
    site.receiver.stop().await;
}
