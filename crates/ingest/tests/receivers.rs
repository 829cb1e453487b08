//! Two receivers and a server on one store and one stream of three real NATS servers: any
//! receiver takes any device, the same packet by both is a duplicate, commands find the receiver
//! that a device speaks to. Needs `LUCID_TEST_NATS`.

mod fixture;

use fixture::{PASSWORD, city, migrations, minute_packet, mn};
use hj212::{Decoder, Draft};
use ingest::commands::{Asker, CommandState, NewCommand};
use ingest::hj212::{Receiver, ReceiverSettings, listen, listen_into};
use ingest::stream::{Intake, IntakeStanding, Publisher, StreamSettings, inspect, take_in};
use ingest::{DeviceState, Place, Sink, receivers};
use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, Origin, Recorder, last_block, raw_block, series};
use registry::Registry;
use rulebook::{Period, parse_beijing};
use std::net::SocketAddr;
use store::Store;
use testkit::nats::Cluster;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The server with its two receivers, each as a process of its own would hold them.
struct Site {
    store: Store,
    registry: Registry,
    recorder: Recorder,
    server: Receiver,
    receivers: Vec<(Receiver, Publisher)>,
    stream: StreamSettings,
    standing: IntakeStanding,
    stop: watch::Sender<bool>,
    intake: JoinHandle<()>,
}

impl Site {
    async fn open(store: Store, cluster: &Cluster) -> Self {
        let registry = city(&store, 3).await;
        let recorder = Recorder::open(&store).await.expect("a recorder");
        let stream = StreamSettings {
            name: format!("TEST{}", u8::from(store.file().is_none())),
            bytes_max: 64 << 20,
            ..StreamSettings::at(cluster.addresses())
        };
        let server = listen(at(Place::server()), &store, &registry, &recorder).await;
        let server = server.expect("it listens");
        let mut receivers = Vec::new();
        for name in ["receiver-1", "receiver-2"] {
            let publisher = Publisher::open(&stream, name).await.expect("a stream");
            let place = Place::receiver(name.to_owned());
            let registry = Registry::open(&store).await.expect("a registry of its own");
            let sink = Sink::Stream(publisher.clone());
            let receiver = listen_into(at(place), &store, &registry, sink).await;
            receivers.push((receiver.expect("it listens"), publisher));
        }
        let (stop, stopping) = watch::channel(false);
        let what = Intake {
            settings: stream.clone(),
            store: store.clone(),
            recorder: recorder.clone(),
            registry: registry.clone(),
            devices: server.devices().clone(),
        };
        let (standing, intake) = take_in(what, stopping);
        Self { store, registry, recorder, server, receivers, stream, standing, stop, intake }
    }

    fn address(&self, receiver: usize) -> SocketAddr {
        self.receivers[receiver].0.address()
    }

    async fn rows(&self, device: usize) -> Vec<observations::Row> {
        let point = self.registry.snapshot().device(&mn(device)).expect("registered").point;
        let range = parse_beijing("20260101000000").expect("a time")
            ..parse_beijing("20270101000000").expect("a time");
        series(&self.store, point, Period::Minute, range).await.expect("readable")
    }

    /// What the server knows of a device, as soon as it is so.
    async fn known(&self, device: usize, what: &str, is_so: impl Fn(&DeviceState) -> bool) {
        testkit::until(what, async || {
            self.server.devices().state(&mn(device)).filter(|state| is_so(state))
        })
        .await;
    }

    async fn close(self) {
        for (receiver, publisher) in self.receivers {
            receiver.stop().await;
            publisher.close().await;
        }
        assert_eq!(receivers(&self.store).await.expect("readable"), [], "they said farewell");
        self.server.stop().await;
        self.stop.send_replace(true);
        self.intake.await.expect("it ends in order");
        self.recorder.close().await;
    }
}

fn at(place: Place) -> ReceiverSettings {
    let mut settings = ReceiverSettings::at("127.0.0.1:0".parse().expect("an address"));
    settings.place = place;
    settings
}

/// A device on a connection.
struct Speaker {
    stream: TcpStream,
    decoder: Decoder,
}

impl Speaker {
    async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("connected");
        Self { stream, decoder: Decoder::new() }
    }

    /// Sends a packet and waits for its answer.
    async fn send(&mut self, packet: &[u8]) {
        self.stream.write_all(packet).await.expect("sent");
        assert_eq!(self.hear().await.expect("an answer").cn(), "9014");
    }

    /// The next packet; `None` when the connection is closed.
    async fn hear(&mut self) -> Option<hj212::Packet> {
        let mut buffer = [0; 4096];
        let reading = async {
            loop {
                if let Some(frame) = self.decoder.next_frame() {
                    return Some(frame.expect("a packet").packet);
                }
                match self.stream.read(&mut buffer).await {
                    Ok(length @ 1..) => self.decoder.push(&buffer[..length]),
                    _ => return None,
                }
            }
        };
        testkit::in_time("something comes", reading).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_receiver_takes_any_device() {
    let Some(cluster) = Cluster::start() else { return };
    let cluster = &cluster;
    testkit::on_both(&migrations(), |store| async move {
        let site = Site::open(store, cluster).await;
        let mut first = Speaker::connect(site.address(0)).await;
        first.send(&minute_packet(&mn(0), 1, 5, 1)).await;
        first.send(&minute_packet(&mn(1), 1, 5, 1)).await;
        testkit::until("the rows of both devices", async || {
            (site.rows(0).await.len() + site.rows(1).await.len() == 2).then_some(())
        })
        .await;
        site.known(0, "it speaks to receiver 1", |state| {
            state.online && *state.receiver == *"receiver-1" && state.packets == 1
        })
        .await;

        // The same packet and a new one by the other receiver: a duplicate, and a takeover.
        let mut second = Speaker::connect(site.address(1)).await;
        second.send(&minute_packet(&mn(0), 1, 5, 1)).await;
        second.send(&minute_packet(&mn(0), 2, 5, 2)).await;
        testkit::until("the second row", async || (site.rows(0).await.len() == 2).then_some(()))
            .await;
        assert!(site.rows(0).await.iter().all(|row| row.version == 1), "nothing was revised");
        site.known(0, "it speaks to receiver 2", |state| {
            *state.receiver == *"receiver-2"
                && state.online
                && (state.packets, state.duplicates) == (3, 1)
        })
        .await;
        assert!(first.hear().await.is_none(), "the older connection is closed");
        site.known(0, "the takeover is counted", |state| state.takeovers == 1 && state.online)
            .await;
        site.known(1, "the other device has gone with the connection", |state| !state.online).await;

        // A factor that no file lists, registered by a receiver, is known to the server.
        let strange = Draft::new("2051").st("32").pw(PASSWORD).mn(&mn(2)).flag(5);
        let strange = strange.qn("20260301000000000").item(&[("DataTime", "20260301000000")]);
        second.send(&strange.item(&[("q7x01-Avg", "4.5")]).build()).await;
        testkit::until("the strange factor", async || {
            let rows = site.rows(2).await;
            let factor = rows.first()?.values.first()?.factor;
            site.registry.snapshot().factor(factor).map(|found| assert_eq!(found.code, "q7x01"))
        })
        .await;

        let all = inspect(&site.stream).await.expect("the stream");
        assert_eq!((all.replicas, all.last), (3, site.standing.recorded()));
        assert!(all.behind.is_empty(), "{:?}", all.behind);
        site.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_finds_the_receiver_to_which_its_device_speaks() {
    let Some(cluster) = Cluster::start() else { return };
    let cluster = &cluster;
    testkit::on_both(&migrations(), |store| async move {
        let site = Site::open(store, cluster).await;
        let mut device = Speaker::connect(site.address(1)).await;
        device.send(&minute_packet(&mn(0), 1, 5, 1)).await;
        let new = NewCommand {
            mn: mn(0),
            cn: "2061".to_owned(),
            parameters: [("BeginTime", "20260301000000"), ("EndTime", "20260301010000")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            reason: "因核查需要".to_owned(),
            patience: SignedDuration::from_hours(1),
        };
        let mut transaction = site.store.begin().await.expect("a transaction");
        let by = Asker { name: "王".to_owned(), user: Some(7), is_platform: false };
        let commands = site.server.commands();
        let asked = commands.ask(&mut transaction, &by, &new, Timestamp::now()).await;
        transaction.commit().await.expect("committed");
        let (id, _) = asked.expect("it is taken");
        commands.hurry(&mn(0));

        let request = device.hear().await.expect("the command comes");
        assert_eq!((request.cn(), request.mn()), ("2061", &*mn(0)));
        let qn = request.qn().expect("a number").to_owned();
        for (cn, item) in [("9011", ("QnRtn", "1")), ("9012", ("ExeRtn", "1"))] {
            let answer = Draft::new(cn).st("91").pw(PASSWORD).mn(&mn(0)).flag(4).qn(&qn);
            device.stream.write_all(&answer.item(&[item]).build()).await.expect("sent");
        }
        testkit::until("the command is done", async || {
            let found = commands.command(id).await.expect("readable").expect("there");
            (found.state == CommandState::Done).then_some(())
        })
        .await;
        site.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_kept_and_holds_nothing_up() {
    let Some(cluster) = Cluster::start() else { return };
    let test = testkit::sqlite(&migrations()).await;
    let site = Site::open(test.store.clone(), &cluster).await;
    let first = cluster.addresses();
    let client = async_nats::connect(first.split(',').next().expect("one")).await.expect("NATS");
    let subject = format!("lucid.{}.deliveries", site.stream.name);
    let published = client.request(subject.clone(), "from another program".into()).await;
    assert!(published.expect("an answer").payload.starts_with(b"{\"stream\""));
    let mut device = Speaker::connect(site.address(0)).await;
    device.send(&minute_packet(&mn(0), 1, 5, 1)).await;
    testkit::until("the row behind it", async || (site.rows(0).await.len() == 1).then_some(()))
        .await;
    let mut kept = Vec::new();
    for block in 1..=last_block(&site.store).await.expect("readable") {
        kept.extend(raw_block(&site.store, block).await.expect("readable"));
    }
    assert!(kept.iter().any(|packet| packet.bytes == b"from another program"));

    // What a later release has packed waits for a server that reads it, and so does all behind.
    client.request(subject, "LDI\u{2}".into()).await.expect("it is taken");
    device.send(&minute_packet(&mn(0), 2, 5, 2)).await;
    let why = testkit::until("the server says so", async || site.standing.failure()).await.1;
    assert!(why.contains("later release"), "{why}");
    assert_eq!(site.rows(0).await.len(), 1);
    site.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_stream_takes_nothing_until_what_is_recorded_has_gone() {
    const PACKETS: usize = 20;
    let Some(cluster) = Cluster::start() else { return };
    let test = testkit::sqlite(&migrations()).await;
    let store = test.store.clone();
    let registry = city(&store, 1).await;
    let settings = StreamSettings {
        name: "FULL".to_owned(),
        bytes_max: 2 << 20,
        ..StreamSettings::at(cluster.addresses())
    };
    // Servers that are well may still be choosing who leads.
    let publisher =
        testkit::until("a stream", async || Publisher::open(&settings, "receiver").await.ok());
    let publisher = publisher.await;
    let publishing = tokio::spawn({
        let publisher = publisher.clone();
        async move {
            for number in 0..PACKETS {
                let sent = publisher.publish(vec![packet_of_noise(number as u64)]).await;
                sent.unwrap_or_else(|problem| panic!("packet {number}: {problem}"));
            }
        }
    });
    testkit::until("the stream is full", async || {
        publisher.health().last_failure.filter(|why| why.contains("the stream is full"))
    })
    .await;
    assert!(!publishing.is_finished(), "what does not fit waits");

    let recorder = Recorder::open(&store).await.expect("a recorder");
    let server = listen(at(Place::server()), &store, &registry, &recorder).await;
    let server = server.expect("it listens");
    let (stop, stopping) = watch::channel(false);
    let devices = server.devices().clone();
    let (store, recording) = (store.clone(), recorder.clone());
    let what = Intake { settings, store: store.clone(), recorder: recording, registry, devices };
    let (standing, intake) = take_in(what, stopping);
    testkit::in_time("all are published", publishing).await.expect("all are taken");
    testkit::until("all are recorded", async || {
        (standing.recorded() == PACKETS as u64).then_some(())
    })
    .await;
    let mut recorded = Vec::new();
    for block in 1..=last_block(&store).await.expect("readable") {
        recorded.extend(raw_block(&store, block).await.expect("readable"));
    }
    let wanted: Vec<_> = (0..PACKETS as u64).map(|number| packet_of_noise(number).raw).collect();
    let found: Vec<_> = recorded.into_iter().map(|packet| packet.bytes).collect();
    assert!(found == wanted, "{} packets, each once and in their order", found.len());
    publisher.close().await;
    server.stop().await;
    stop.send_replace(true);
    intake.await.expect("it ends in order");
    recorder.close().await;
}

/// A packet of 200,000 bytes that nothing makes smaller, the same for the same number.
fn packet_of_noise(number: u64) -> Delivery {
    let mut state = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    });
    Delivery {
        raw: noise.take(200_000).collect(),
        received_at: Timestamp::UNIX_EPOCH,
        origin: Origin { device: None, peer: "noise".into() },
        rows: Vec::new(),
    }
}
