//! A device against a small platform: answers, lost answers, requests, broken lines, faults.

use hj212::{Decoder, Draft, Packet};
use jiff::{SignedDuration, Timestamp};
use rulebook::parse_beijing;
use simulator::{
    Clock, DeviceOptions, Event, Fault, Fleet, FleetOptions, Scenario, Signal, Site, SiteKind,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const MN: &str = "350600D0AAAAAAAAAAAAAAAA";
const SEED: u64 = 3;
/// No step of a test may take longer.
const PATIENCE: Duration = Duration::from_secs(20);

fn start() -> Timestamp {
    parse_beijing("20261123080000").expect("a time")
}

fn after(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

fn site() -> Site {
    Site::invented(SEED, MN, "123456", SiteKind::WasteWater)
}

/// A platform of which the test plays the mind.
struct Platform {
    listener: TcpListener,
}

/// One connection to it.
struct Line {
    stream: TcpStream,
    decoder: Decoder,
}

impl Platform {
    async fn new() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("a port") }
    }

    /// A fleet whose time runs fast, and that waits for an answer as long as a test takes.
    fn options(&self, speed: f64) -> FleetOptions {
        let address = self.listener.local_addr().expect("an address").to_string();
        let device = DeviceOptions {
            sent_until: start(),
            answer_timeout: Duration::from_secs_f64(20.0 * speed),
            ..DeviceOptions::new(address, Clock::new(start(), speed))
        };
        FleetOptions { device, spread: Duration::ZERO }
    }

    async fn accept(&self) -> Line {
        let (stream, _) =
            timeout(PATIENCE, self.listener.accept()).await.expect("in time").expect("a device");
        Line { stream, decoder: Decoder::new() }
    }
}

impl Line {
    /// The next frame, right or wrong; `None` when the device hangs up.
    async fn frame(&mut self) -> Option<Result<Packet, hj212::Rejection>> {
        loop {
            if let Some(frame) = self.decoder.next_frame() {
                return Some(frame.map(|frame| frame.packet));
            }
            let mut bytes = [0; 4096];
            let read = timeout(PATIENCE, self.stream.read(&mut bytes)).await.expect("in time");
            match read {
                Ok(count) if count > 0 => self.decoder.push(&bytes[..count]),
                _ => return None,
            }
        }
    }

    async fn packet(&mut self) -> Packet {
        self.frame().await.expect("the device is there").expect("a right packet")
    }

    /// The next packet with this command; the ones before it are answered.
    async fn packet_of(&mut self, cn: &str) -> Packet {
        loop {
            let packet = self.packet().await;
            if packet.cn() == cn {
                return packet;
            }
            self.answer(&packet).await;
        }
    }

    async fn answer(&mut self, packet: &Packet) {
        if let Some(answer) = hj212::answer::to(packet) {
            self.stream.write_all(answer.as_ref()).await.expect("the device listens");
        }
    }

    async fn ask(&mut self, cn: &str, pw: &str, fields: &[(&str, &str)]) {
        let mut draft = Draft::new(cn).qn("20261123090000123").st("32").pw(pw).mn(MN).flag(5);
        for field in fields {
            draft = draft.item(&[*field]);
        }
        self.stream.write_all(&draft.build()).await.expect("the device listens");
    }
}

fn fleet(platform: &Platform, speed: f64, events: Vec<Event>) -> Fleet {
    let signal = Signal::new(SEED, Arc::new(Scenario::of(events)));
    Fleet::start(&[site()], &signal, &platform.options(speed))
}

/// As [`fleet`], but it waits for an answer only a second of real time.
fn impatient_fleet(platform: &Platform, speed: f64, events: Vec<Event>) -> Fleet {
    let signal = Signal::new(SEED, Arc::new(Scenario::of(events)));
    let mut options = platform.options(speed);
    options.device.answer_timeout = Duration::from_secs_f64(speed);
    Fleet::start(&[site()], &signal, &options)
}

fn event(from_s: i64, to_s: i64, fault: Fault) -> Event {
    Event { mn: MN.to_owned(), from: after(from_s), to: after(to_s), fault }
}

#[tokio::test]
async fn it_sends_real_time_minutes_hours_and_days_when_they_are_due() {
    let platform = Platform::new().await;
    let fleet = fleet(&platform, 40_000.0, Vec::new());
    let mut line = platform.accept().await;
    let (mut minutes, mut hours) = (Vec::new(), Vec::new());
    let day = loop {
        let packet = line.packet().await;
        line.answer(&packet).await;
        assert_eq!((packet.st(), packet.mn(), packet.pw()), ("32", MN, Some("123456")));
        assert!(packet.wants_answer() && packet.value("w01018-Flag") == Some("N"));
        let time = packet.value("DataTime").expect("a time").to_owned();
        match packet.cn() {
            "2011" => assert!(packet.value("w01018-Rtd").is_some()),
            "2051" => minutes.push(time),
            "2061" => hours.push(time),
            "2031" => break packet,
            other => panic!("command {other}"),
        }
    };
    assert_eq!(minutes[..3], ["20261123075000", "20261123080000", "20261123081000"]);
    assert_eq!(hours[..3], ["20261123070000", "20261123080000", "20261123090000"]);
    assert!(minutes.is_sorted() && hours.is_sorted());
    assert_eq!((minutes.len(), hours.len()), (97, 17));
    assert_eq!(day.value("DataTime"), Some("20261123000000"));
    let fields = ["w01018-Cou", "w01018-Min", "w01018-Avg", "w01018-Max", "w00000-Cou"];
    assert!(fields.iter().all(|field| day.value(field).is_some()), "{}", day.text());
    let counts = fleet.stop().await;
    assert!(counts.answers >= 114 && counts.connections == 1, "{counts:?}");
}

#[tokio::test]
async fn the_next_upload_waits_for_the_answer_and_a_lost_answer_makes_a_repeat() {
    let platform = Platform::new().await;
    let fleet = impatient_fleet(&platform, 60.0, Vec::new());
    let mut line = platform.accept().await;
    let first = line.packet().await;
    let again = line.packet().await;
    assert_eq!(first.text(), again.text(), "the same packet comes again, the next one waits");
    line.answer(&again).await;
    let next = line.packet().await;
    assert_ne!(next.qn(), first.qn());
    let counts = fleet.stop().await;
    assert_eq!((counts.packets_repeated, counts.answers), (1, 1), "{counts:?}");
}

#[tokio::test]
async fn after_three_repeats_it_hangs_up_and_brings_kept_packets_again() {
    let platform = Platform::new().await;
    let fleet = impatient_fleet(&platform, 300.0, Vec::new());
    let mut line = platform.accept().await;
    let hour = line.packet_of("2061").await;
    for _ in 0..3 {
        assert_eq!(line.packet().await.text(), hour.text());
    }
    assert!(line.frame().await.is_none(), "the line counts as dead");
    let mut line = platform.accept().await;
    assert_eq!(line.packet_of("2061").await.text(), hour.text());
    drop(fleet);
}

#[tokio::test]
async fn it_comes_back_with_its_backlog() {
    let platform = Platform::new().await;
    let events = vec![event(-5 * 3600, 600, Fault::Backlog)];
    let fleet = fleet(&platform, 600.0, events);
    let mut line = platform.accept().await;
    let mut times = Vec::new();
    while times.len() < 5 {
        let packet = line.packet_of("2061").await;
        line.answer(&packet).await;
        times.push(packet.value("DataTime").expect("a time").to_owned());
    }
    assert_eq!(times[0], "20261123020000");
    assert!(times.is_sorted(), "{times:?}");
    fleet.stop().await;
}

#[tokio::test]
async fn silence_ends_the_conversation_and_loses_what_was_measured() {
    let platform = Platform::new().await;
    let fleet = fleet(&platform, 3000.0, vec![event(1800, 3 * 3600, Fault::Silence)]);
    let mut line = platform.accept().await;
    while let Some(frame) = line.frame().await {
        line.answer(&frame.expect("a right packet")).await;
    }
    let mut line = platform.accept().await;
    let hour = line.packet_of("2061").await;
    assert_eq!(hour.value("DataTime"), Some("20261123100000"));
    fleet.stop().await;
}

#[tokio::test]
async fn it_answers_requests() {
    let platform = Platform::new().await;
    let fleet = fleet(&platform, 1.0, Vec::new());
    let mut line = platform.accept().await;
    let first = line.packet().await;
    line.answer(&first).await;

    line.ask("1011", "123456", &[]).await;
    assert_eq!(line.packet_of("9011").await.value("QnRtn"), Some("1"));
    let clock = line.packet_of("1011").await;
    assert_eq!(clock.qn(), Some("20261123090000123"));
    let time = parse_beijing(clock.value("SystemTime").expect("a time")).expect("a time");
    assert!(time.duration_since(start()).abs() < SignedDuration::from_mins(5));
    assert_eq!(line.packet_of("9012").await.value("ExeRtn"), Some("1"));

    line.ask("1012", "123456", &[("SystemTime", "20261123090000")]).await;
    assert_eq!(line.packet_of("9012").await.value("ExeRtn"), Some("1"));
    line.ask("1011", "123456", &[]).await;
    let clock = line.packet_of("1011").await;
    let time = parse_beijing(clock.value("SystemTime").expect("a time")).expect("a time");
    let set = parse_beijing("20261123090000").expect("a time");
    assert!(time.duration_since(set).abs() < SignedDuration::from_mins(1), "{time}");
    line.packet_of("9012").await;

    line.ask("1062", "123456", &[("RtdInterval", "10")]).await;
    assert_eq!(line.packet_of("9012").await.value("ExeRtn"), Some("3"), "10 s is too short");
    line.ask("1062", "123456", &[("RtdInterval", "30")]).await;
    assert_eq!(line.packet_of("9012").await.value("ExeRtn"), Some("1"));
    line.ask("1061", "123456", &[]).await;
    assert_eq!(line.packet_of("1061").await.value("RtdInterval"), Some("30"));
    line.packet_of("9012").await;

    line.ask("2012", "123456", &[]).await;
    line.packet_of("9013").await;
    line.ask("1072", "123456", &[("NewPW", "654321")]).await;
    line.packet_of("9012").await;
    line.ask("1011", "123456", &[]).await;
    assert_eq!(line.packet_of("9011").await.value("QnRtn"), Some("3"), "the old password");
    line.ask("3999", "654321", &[]).await;
    assert_eq!(line.packet_of("9011").await.value("QnRtn"), Some("8"), "no such command");
    fleet.stop().await;
}

#[tokio::test]
async fn it_sends_history_on_request() {
    let platform = Platform::new().await;
    let silence = event(-5 * 3600, -4 * 3600, Fault::Silence);
    let fleet = fleet(&platform, 1.0, vec![silence]);
    let mut line = platform.accept().await;
    let first = line.packet().await;
    line.answer(&first).await;

    let range = [("BeginTime", "20261123000000"), ("EndTime", "20261123050000")];
    line.ask("2061", "123456", &range).await;
    assert_eq!(line.packet_of("9011").await.value("QnRtn"), Some("1"));
    let mut times = Vec::new();
    loop {
        let packet = line.packet().await;
        line.answer(&packet).await;
        match packet.cn() {
            "2061" => {
                assert_ne!(packet.qn(), Some("20261123090000123"), "each has a name of its own");
                times.push(packet.value("DataTime").expect("a time").to_owned());
            }
            "9012" => {
                assert_eq!(packet.value("ExeRtn"), Some("1"));
                break;
            }
            _ => {}
        }
    }
    let hours = ["00", "01", "03", "04", "05"];
    assert_eq!(times, hours.map(|hour| format!("20261123{hour}0000")), "02 was lost in silence");

    let one = [("BeginTime", "20261123053000"), ("EndTime", "20261123053000")];
    line.ask("2051", "123456", &one).await;
    // Minutes that become due meanwhile come between.
    loop {
        let minute = line.packet_of("2051").await;
        line.answer(&minute).await;
        if minute.value("DataTime") == Some("20261123053000") {
            break;
        }
    }
    line.packet_of("9012").await;

    let future = [("BeginTime", "20271123000000"), ("EndTime", "20271123050000")];
    line.ask("2061", "123456", &future).await;
    assert_eq!(line.packet_of("9012").await.value("ExeRtn"), Some("100"), "no data");
    fleet.stop().await;
}

#[tokio::test]
async fn a_bad_check_sum_is_followed_by_the_same_packet_in_order() {
    let platform = Platform::new().await;
    let fleet = impatient_fleet(&platform, 60.0, vec![event(5, 6, Fault::BadCheckSum)]);
    let mut line = platform.accept().await;
    let damaged = loop {
        match line.frame().await.expect("the device is there") {
            Ok(packet) => line.answer(&packet).await,
            Err(rejection) => break rejection,
        }
    };
    let repeated = line.packet().await;
    let text = String::from_utf8(damaged.bytes).expect("ASCII");
    assert!(text.contains(repeated.text()), "{text}");
    let counts = fleet.stop().await;
    assert_eq!(counts.packets_damaged, 1);
}

#[tokio::test]
async fn a_duplicate_is_the_same_to_the_byte() {
    let platform = Platform::new().await;
    let fleet = fleet(&platform, 60.0, vec![event(5, 6, Fault::Duplicate)]);
    let mut line = platform.accept().await;
    let mut seen: Vec<String> = Vec::new();
    loop {
        let packet = line.packet().await;
        line.answer(&packet).await;
        if seen.iter().any(|text| text == packet.text()) {
            break;
        }
        assert!(seen.len() < 50, "no duplicate among {seen:?}");
        seen.push(packet.text().to_owned());
    }
    fleet.stop().await;
}

#[tokio::test]
async fn strangers_come_on_lines_of_their_own() {
    let platform = Platform::new().await;
    let events = vec![event(2, 3, Fault::WrongPassword), event(4, 5, Fault::UnknownDevice)];
    let fleet = fleet(&platform, 60.0, events);
    let mut own = platform.accept().await;
    assert_eq!(own.packet().await.mn(), MN);
    let mut stranger = platform.accept().await;
    let packet = stranger.packet().await;
    assert_eq!(packet.mn(), MN);
    assert_ne!(packet.pw(), Some("123456"));
    drop(stranger);
    let mut stranger = platform.accept().await;
    let packet = stranger.packet().await;
    assert_ne!(packet.mn(), MN);
    assert_eq!(packet.mn().len(), 24);
    drop(stranger);
    let counts = fleet.stop().await;
    assert_eq!(counts.strangers, 2);
}

#[tokio::test]
async fn it_keeps_trying_until_the_platform_is_there() {
    let platform = Platform::new().await;
    let options = platform.options(300.0);
    let address = platform.listener.local_addr().expect("an address");
    drop(platform);
    let fleet = Fleet::start(&[site()], &Signal::new(SEED, Arc::default()), &options);
    let tried = async {
        while fleet.counts().connections_failed == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, tried).await.expect("it tries");
    let listener = TcpListener::bind(address).await.expect("the same port");
    let mut line = Platform { listener }.accept().await;
    assert_eq!(line.packet().await.mn(), MN);
    fleet.stop().await;
}

#[tokio::test]
async fn a_fleet_for_a_load_ends_when_everything_is_answered() {
    let platform = Platform::new().await;
    let mut options = platform.options(1.0);
    options.device.stops_when_done = true;
    options.device.sends_realtime = false;
    options.device.sent_until = after(-3600);
    let mut fleet = Fleet::start(&[site()], &Signal::new(SEED, Arc::default()), &options);
    let mut line = platform.accept().await;
    let mut count = 0;
    while let Some(frame) = line.frame().await {
        line.answer(&frame.expect("a right packet")).await;
        count += 1;
    }
    assert_eq!(count, 7, "six minutes and an hour");
    timeout(PATIENCE, fleet.finished()).await.expect("it ends by itself");
    assert_eq!(fleet.counts().answers, 7);
}
