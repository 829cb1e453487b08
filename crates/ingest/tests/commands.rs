//! Commands to devices and the hand-over to a higher platform, over real sockets.

mod fixture;

use fixture::{FACTORS, PASSWORD, city, migrations, mn};
use hj212::{Decoder, Draft, Edition, Packet, answer};
use ingest::commands::{
    Asker, CommandError, CommandFilter, CommandId, CommandState, Commands, GapRules, NewCommand,
};
use ingest::hj212::{Receiver, ReceiverSettings, listen};
use ingest::{ForwardSettings, forward, forward_standings};
use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, Origin, Recorder};
use registry::Registry;
use rulebook::{Period, parse_beijing};
use std::time::Duration;
use store::Store;
use testkit::TestStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

struct Site {
    store: Store,
    registry: Registry,
    recorder: Recorder,
    receiver: Receiver,
    _test: TestStore,
}

async fn site_at(address: &str) -> Site {
    let test = testkit::sqlite(&migrations()).await;
    let store = test.store.clone();
    let registry = city(&store, 2).await;
    let recorder = Recorder::open(&store).await.expect("a recorder");
    let mut settings = ReceiverSettings::at(address.parse().expect("an address"));
    settings.terms.answer_ms = 100;
    settings.terms.execution_ms = 2_000;
    let receiver = listen(settings, &store, &registry, &recorder).await.expect("it listens");
    Site { store, registry, recorder, receiver, _test: test }
}

async fn site() -> Site {
    site_at("127.0.0.1:0").await
}

impl Site {
    fn commands(&self) -> &Commands {
        self.receiver.commands()
    }

    async fn ask(&self, cn: &str, parameters: &str) -> CommandId {
        let id = self.try_to_ask(cn, parameters, "因核查需要").await.expect("it is taken");
        self.commands().hurry(&mn(0));
        id
    }

    async fn try_to_ask(
        &self,
        cn: &str,
        parameters: &str,
        reason: &str,
    ) -> Result<CommandId, CommandError> {
        let pairs = parameters.split(';').filter_map(|pair| pair.split_once('='));
        let new = NewCommand {
            mn: mn(0),
            cn: cn.to_owned(),
            parameters: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            reason: reason.to_owned(),
            patience: SignedDuration::from_hours(1),
        };
        let mut transaction = self.store.begin().await.expect("a transaction");
        let asked = self.commands().ask(&mut transaction, &person(7), &new, now()).await?;
        transaction.commit().await.expect("committed");
        Ok(asked.0)
    }

    async fn ended(&self, id: CommandId) -> ingest::commands::DeviceCommand {
        testkit::until("the command has ended", async || {
            let found = self.commands().command(id).await.expect("readable").expect("there");
            found.state.is_final().then_some(found)
        })
        .await
    }

    async fn hours(&self, device: usize) -> Vec<observations::Row> {
        let point = self.registry.snapshot().device(&mn(device)).expect("registered").point;
        let range = parse_beijing("20260101000000").expect("a time")
            ..parse_beijing("20280101000000").expect("a time");
        observations::series(&self.store, point, Period::Hour, range).await.expect("readable")
    }
}

fn now() -> Timestamp {
    Timestamp::now()
}

fn person(user: i64) -> Asker {
    Asker { name: format!("user {user}"), user: Some(user), is_platform: false }
}

/// A device that does what a test tells it to.
struct Fake {
    stream: TcpStream,
    decoder: Decoder,
    edition: Edition,
}

impl Fake {
    async fn connect(site: &Site, edition: Edition) -> Self {
        let stream = TcpStream::connect(site.receiver.address()).await.expect("connected");
        let mut fake = Self { stream, decoder: Decoder::new(), edition };
        fake.say("2081", "20261129000000000", "DataTime=20261129000000").await;
        assert_eq!(fake.hear().await.cn(), "9014");
        fake
    }

    /// Sends a packet that wants an answer.
    async fn say(&mut self, cn: &str, qn: &str, area: &str) {
        let mut draft = Draft::new(cn).st("32").pw(PASSWORD).mn(&mn(0)).qn(qn);
        draft = draft.flag(self.edition.answer_flag() | 1);
        for pair in area.split(';').filter_map(|pair| pair.split_once('=')) {
            draft = draft.item(&[pair]);
        }
        self.write(&draft.build()).await;
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("written");
    }

    async fn hear(&mut self) -> Packet {
        let hearing = async {
            let mut buffer = [0; 4096];
            loop {
                if let Some(frame) = self.decoder.next_frame() {
                    return frame.expect("the platform sends what holds together").packet;
                }
                let length = self.stream.read(&mut buffer).await.expect("readable");
                assert!(length > 0, "the platform closed the line");
                self.decoder.push(&buffer[..length]);
            }
        };
        testkit::in_time("the platform says something", hearing).await
    }

    /// Hears a request and answers it: accepted, its content, done.
    async fn serve(&mut self, content: &[(&str, &str)]) -> Packet {
        let request = self.hear().await;
        self.write(&answer::request(&request, 1)).await;
        for (number, (cn, area)) in content.iter().enumerate() {
            let own = format!("202611291200{number:05}");
            self.say(cn, &own, area).await;
            assert_eq!(self.hear().await.cn(), "9014", "each upload has its own answer");
        }
        self.write(&answer::execution(&request, 1)).await;
        request
    }
}

#[tokio::test]
async fn a_gap_is_asked_for_and_filled() {
    let site = site().await;
    let mut device = Fake::connect(&site, Edition::Hj2017).await;
    let hour = |back: i64| {
        let at = now().as_second().div_euclid(3600) - back;
        let at = Timestamp::from_second(at * 3600).expect("a time");
        rulebook::beijing_offset().to_datetime(at).strftime("%Y%m%d%H%M%S").to_string()
    };
    for back in [10, 9, 8, 5, 4, 3, 2, 1] {
        let area = format!("DataTime={};w01018-Avg=40.{back}", hour(back));
        device.say("2061", &format!("{}000", hour(back)), &area).await;
        assert_eq!(device.hear().await.cn(), "9014");
    }
    assert_eq!(site.hours(0).await.len(), 8);
    let rules = GapRules::default();
    assert_eq!(site.commands().fill_gaps_once(&rules, now()).await.expect("looked"), 1);
    let first = format!("DataTime={};w01018-Avg=41.7", hour(7));
    let second = format!("DataTime={};w01018-Avg=41.6", hour(6));
    let request = device.serve(&[("2061", &first), ("2061", &second)]).await;
    assert_eq!(request.value("BeginTime"), Some(hour(7).as_str()));
    assert_eq!(request.value("EndTime"), Some(hour(6).as_str()));
    let all = CommandFilter { limit: 10, ..CommandFilter::default() };
    let id = site.commands().list(&all).await.expect("readable")[0].id;
    let ended = site.ended(id).await;
    assert_eq!((ended.state, ended.contents), (CommandState::Done, 2));
    assert_eq!((ended.asked_by.name.as_str(), ended.asked_by.user), ("platform", None));
    assert_eq!(site.hours(0).await.len(), 10, "nothing is missing any more");
    assert_eq!(site.commands().fill_gaps_once(&rules, now()).await.expect("looked"), 0);
    site.receiver.stop().await;
}

#[tokio::test]
async fn the_time_is_given_to_a_device_that_asks_for_it() {
    let site = site().await;
    let mut device = Fake::connect(&site, Edition::Hj2017).await;
    device.say("1013", "20261129080000001", "PolId=w01018").await;
    let mut heard = [device.hear().await, device.hear().await];
    heard.sort_by_key(|packet| packet.cn().to_owned());
    let (request, notice) = (&heard[0], &heard[1]);
    assert_eq!((request.cn(), notice.cn()), ("1012", "9013"));
    assert_eq!(request.value("PolId"), Some("w01018"));
    let time = parse_beijing(request.value("SystemTime").expect("a time")).expect("readable");
    assert!(now().duration_since(time).abs() < SignedDuration::from_mins(1));
    site.receiver.stop().await;
}

#[tokio::test]
async fn what_a_device_answers_is_kept_and_silence_is_said() {
    let site = site().await;
    let mut device = Fake::connect(&site, Edition::Hj2017).await;
    let read = site.ask("1011", "").await;
    let request = device.hear().await;
    device.write(&answer::request(&request, 1)).await;
    device.say("1011", request.qn().expect("a QN"), "SystemTime=20261129080000").await;
    device.write(&answer::execution(&request, 1)).await;
    assert_eq!(site.ended(read).await.state, CommandState::Done);
    let answers = site.commands().answers(read).await.expect("readable");
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].content, "SystemTime=20261129080000");

    let refused = site.ask("3011", "PolId=w01018").await;
    let request = device.hear().await;
    device.write(&answer::request(&request, 8)).await;
    let ended = site.ended(refused).await;
    assert_eq!((ended.state, ended.result), (CommandState::Refused, Some(8)));

    let silent = site.ask("1061", "").await;
    for _ in 0..4 {
        assert_eq!(device.hear().await.cn(), "1061", "sent again three times");
    }
    let ended = site.ended(silent).await;
    assert_eq!((ended.state, ended.sent_times), (CommandState::NoAnswer, 4));

    let broken = site.ask("1063", "").await;
    let request = device.hear().await;
    device.write(&answer::request(&request, 1)).await;
    drop(device);
    assert_eq!(site.ended(broken).await.state, CommandState::NoResult, "the line broke");

    let waiting = site.ask("1061", "").await;
    let found = site.commands().command(waiting).await.expect("readable").expect("there");
    assert_eq!(found.state, CommandState::Queued, "nobody is there to send it to");
    let mut device = Fake::connect(&site, Edition::Hj2017).await;
    device.serve(&[]).await;
    assert_eq!(site.ended(waiting).await.state, CommandState::Done, "sent when the device came");
    site.receiver.stop().await;
}

#[tokio::test]
async fn what_is_dangerous_needs_a_second_person_and_everything_a_reason() {
    let site = site().await;
    let password = site.ask("1072", "NewPW=654321").await;
    let state =
        async |id| site.commands().command(id).await.expect("readable").map(|one| one.state);
    assert_eq!(state(password).await, Some(CommandState::Waiting));
    let mut transaction = site.store.begin().await.expect("a transaction");
    let own = site.commands().agree(&mut transaction, password, &person(7), now()).await;
    assert!(matches!(own, Err(CommandError::SamePerson)), "{own:?}");
    site.commands().agree(&mut transaction, password, &person(8), now()).await.expect("agreed");
    let twice = site.commands().agree(&mut transaction, password, &person(8), now()).await;
    transaction.commit().await.expect("committed");
    assert!(matches!(twice, Err(CommandError::State(_))), "{twice:?}");
    let mut transaction = site.store.begin().await.expect("a transaction");
    site.commands().withdraw(&mut transaction, password, now()).await.expect("taken back");
    transaction.commit().await.expect("committed");
    assert_eq!(state(password).await, Some(CommandState::Withdrawn));
    let kept = site.commands().command(password).await.expect("readable").expect("there");
    assert!(!format!("{kept:?}").contains("654321"), "blank when it will not be sent any more");
    for (cn, parameters, reason, code) in [
        ("1061", "", " ", "command.reason"),
        ("9999", "", "x", "hj212.request_command"),
        ("1062", "RtdInterval=1", "x", "hj212.request_form"),
    ] {
        let refused = site.try_to_ask(cn, parameters, reason).await.expect_err("refused");
        assert_eq!(refused.code(), code);
        assert!(refused.zh().is_some());
    }
    site.receiver.stop().await;
}

/// An hour packet as it is stored, of a device and an hour of the year 2026.
fn hour_packet(device: usize, hour: u64) -> Vec<u8> {
    let time = fixture::time_text(hour * 60);
    let mut draft = Draft::new("2061").st("32").pw(PASSWORD).mn(&mn(device)).flag(4);
    draft = draft.qn(&format!("{time}{device:03}")).item(&[("DataTime", &time)]);
    for factor in FACTORS {
        draft = draft.item(&[(&format!("{factor}-Avg"), &format!("{}.5", hour % 90))]);
    }
    draft.build()
}

#[tokio::test]
async fn an_outage_of_a_day_upward_loses_and_doubles_nothing() {
    let below = site().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let above_at = port.local_addr().expect("an address").to_string();
    drop(port);
    let settings = || ForwardSettings {
        pause: (Duration::from_millis(20), Duration::from_millis(100)),
        answer: Duration::from_secs(5),
        ..ForwardSettings::to(above_at.clone())
    };
    let start = || {
        let (stop, stopping) = watch::channel(false);
        let work = forward(settings(), below.store.clone(), below.recorder.clone(), stopping);
        (stop, tokio::spawn(work))
    };
    // The target is set up before the day begins; nothing answers there.
    let (stop, working) = start();
    testkit::until("handing on fails", async || {
        let found = forward_standings(&below.store).await.expect("readable");
        found.first().is_some_and(|one| one.failing_since.is_some()).then_some(())
    })
    .await;
    for hour in 0..24 {
        for device in 0..2 {
            let packet = hour_packet(device, hour);
            let mut line = TcpStream::connect(below.receiver.address()).await.expect("connected");
            line.write_all(&packet).await.expect("written");
            let expected = hour as usize + 1;
            let is_there = async || (below.hours(device).await.len() == expected).then_some(());
            testkit::until("the hour is recorded", is_there).await;
        }
    }
    // A file that was imported meanwhile is no device's packet and stays here.
    let point = below.registry.snapshot().device(&mn(0)).expect("registered").point;
    let imported = Delivery {
        raw: b"a line of a file".to_vec(),
        received_at: now(),
        origin: Origin { device: None, peer: "values.csv".into() },
        rows: vec![observations::NewRow {
            point,
            period: Period::Day,
            observed_at: parse_beijing("20260101000000").expect("a time"),
            values: Vec::new(),
        }],
    };
    below.recorder.submit(imported).await.expect("recorded");
    // The platform above comes back; the one below is restarted in the middle.
    let above = site_at(&above_at).await;
    let some = async || (above.hours(0).await.len() > 4).then_some(());
    testkit::until("some hours are handed on", some).await;
    working.abort();
    assert!(working.await.expect_err("aborted").is_cancelled());
    drop(stop);
    let (stop, working) = start();
    let all = async || (above.hours(1).await.len() == 24).then_some(());
    testkit::until("all hours are handed on", all).await;
    testkit::until("handing on has come to the end", async || {
        let found = forward_standings(&below.store).await.expect("readable");
        let is_at_the_end = found[0].block == below.recorder.health().block;
        (is_at_the_end && found[0].failing_since.is_none()).then_some(())
    })
    .await;
    for device in 0..2 {
        let (sent, arrived) = (below.hours(device).await, above.hours(device).await);
        let values = |rows: &[observations::Row]| {
            rows.iter().map(|row| (row.observed_at, row.values.clone())).collect::<Vec<_>>()
        };
        assert_eq!(values(&sent), values(&arrived), "every hour once, as it was");
        assert!(arrived.iter().all(|row| row.version == 1), "nothing was revised");
    }
    stop.send_replace(true);
    working.await.expect("it stops");
    above.receiver.stop().await;
    below.receiver.stop().await;
}
