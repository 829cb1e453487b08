//! Every command of `spoken.txt` between the platform and a device, over a real socket.

mod fixture;

use fixture::{PASSWORD, city, migrations, mn};
use hj212::cipher::{Key, Keys, covers_upload, encrypt};
use hj212::request::askable;
use hj212::{Decoder, Draft, Edition, Packet, tables};
use ingest::commands::{Asker, CommandFilter, CommandId, CommandState, NewCommand};
use ingest::hj212::{Receiver, ReceiverSettings, listen};
use jiff::{SignedDuration, Timestamp};
use observations::Recorder;
use std::collections::BTreeSet;
use std::time::Duration;
use store::Store;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(30);
const FIRST_KEY: Key = *b"k7Qw2mZp9LxT4vBn";
const NEW_KEY: Key = *b"q8Rt3LwZ5xKmV2Nb";

/// A line of the table.
struct Line<'text> {
    edition: Edition,
    is_sealed: bool,
    is_platforms: bool,
    cn: &'text str,
    area: &'text str,
    /// Whether the device says it, CN, data area.
    steps: Vec<(bool, &'text str, &'text str)>,
    outcome: &'text str,
}

fn lines() -> Vec<Line<'static>> {
    let rows = include_str!("spoken.txt").lines().filter(|line| !line.starts_with('#'));
    rows.filter(|line| !line.trim().is_empty()).map(line).collect()
}

fn line(text: &'static str) -> Line<'static> {
    let mut cells = text.split('|').map(str::trim);
    let mut cell = || cells.next().unwrap_or_default();
    let edition = cell();
    let (year, seal) = edition.split_once(' ').unwrap_or((edition, ""));
    let known = [Edition::Hj2005, Edition::Hj2017, Edition::Hj2025];
    let edition = known.into_iter().find(|one| one.as_str() == year).expect(text);
    let is_platforms = match cell() {
        "platform" => true,
        "device" => false,
        other => panic!("{other:?} begins nothing: {text}"),
    };
    let what = cell();
    let (cn, area) = what.split_once(' ').unwrap_or((what, ""));
    let steps = steps(cell());
    Line { edition, is_sealed: seal == "SM4", is_platforms, cn, area, steps, outcome: cell() }
}

fn steps(text: &'static str) -> Vec<(bool, &'static str, &'static str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let end = rest[1..].find(['<', '>']).map_or(rest.len(), |at| at + 1);
        let said = rest[1..end].trim();
        let (cn, area) = said.split_once(' ').unwrap_or((said, ""));
        found.push((sign == '<', cn, area));
        rest = &rest[end..];
    }
    found
}

struct Device {
    stream: TcpStream,
    decoder: Decoder,
    edition: Edition,
    key: Option<Key>,
    uploads: u32,
}

impl Device {
    async fn connect(receiver: &Receiver, edition: Edition, key: Option<Key>) -> Self {
        let stream = TcpStream::connect(receiver.address()).await.expect("connected");
        let decoder = Decoder::with_keys(Keys::new(move |_| key.into_iter().collect()));
        let mut this = Self { stream, decoder, edition, key, uploads: 0 };
        // The platform learns the edition from the first packet.
        this.say("2011", None, "DataTime=20261129000000").await;
        assert_eq!(this.hear().await.cn(), "9014");
        this
    }

    async fn say(&mut self, cn: &str, qn: Option<&str>, area: &str) {
        self.uploads += 1;
        let own = format!("202611291200{:05}", self.uploads);
        let qn = qn.unwrap_or(&own);
        let is_answer = cn.starts_with("90") && !matches!(cn, "9015" | "9021");
        let flag = self.edition.answer_flag() | u8::from(!is_answer);
        let mut draft = Draft::new(cn).pw(PASSWORD).mn(&mn(0)).flag(flag);
        draft = draft.st(if is_answer { "91" } else { "32" });
        if is_answer && self.edition == Edition::Hj2005 {
            draft = draft.item(&[("QN", qn)]);
        } else {
            draft = draft.qn(qn);
        }
        for item in area.split(';').filter(|item| !item.is_empty()) {
            let pairs: Vec<_> = item.split(',').filter_map(|pair| pair.split_once('=')).collect();
            draft = draft.item(&pairs);
        }
        let plain = draft.build();
        let key = self.key.filter(|_| covers_upload(cn));
        let bytes = key.map_or_else(|| plain.clone(), |key| encrypt(&plain, &key));
        self.stream.write_all(&bytes).await.expect("written");
    }

    async fn hear(&mut self) -> Packet {
        let hearing = async {
            let mut buffer = [0; 4096];
            loop {
                if let Some(frame) = self.decoder.next_frame() {
                    let frame = frame.expect("the platform sends what holds together");
                    let is_secret = matches!(frame.packet.cn(), "1014" | "3020");
                    assert_eq!(frame.key.is_some(), self.key.is_some() && is_secret);
                    return frame.packet;
                }
                let length = self.stream.read(&mut buffer).await.expect("readable");
                assert!(length > 0, "the platform closed the line");
                self.decoder.push(&buffer[..length]);
            }
        };
        tokio::time::timeout(PATIENCE, hearing).await.expect("the platform says something")
    }

    /// Takes a new key: from now on it encrypts by it.
    fn adopt(&mut self, key: Key) {
        self.key = Some(key);
        self.decoder = Decoder::with_keys(Keys::new(move |_| vec![key]));
    }

    /// Goes through the steps; `request` is what the platform asked.
    async fn go_on(&mut self, line: &Line<'_>, mut request: Option<Packet>) {
        for (is_devices, cn, area) in &line.steps {
            if *is_devices {
                let is_upload = cn.starts_with('2') || area.starts_with("DataTime");
                let qn = request.as_ref().filter(|_| !is_upload).and_then(|one| one.qn());
                let qn = qn.map(str::to_owned);
                self.say(cn, qn.as_deref(), area).await;
                let handed_out = request.as_ref().and_then(|one| one.value("NewSK"));
                if let Some(key) = handed_out.filter(|_| *cn == "9012") {
                    let key = key.as_bytes().try_into().expect("sixteen signs");
                    self.adopt(key);
                }
            } else {
                let heard = self.hear().await;
                assert_eq!(heard.cn(), *cn, "{} {}", line.edition.as_str(), line.cn);
                assert_eq!(heard.edition(), line.edition);
                if !cn.starts_with("90") {
                    request = Some(heard);
                }
            }
        }
    }
}

struct Platform {
    store: Store,
    receiver: Receiver,
}

impl Platform {
    async fn ask(&self, line: &Line<'_>) -> Result<CommandId, ingest::commands::CommandError> {
        let by =
            |user| Asker { name: format!("user {user}"), user: Some(user), is_platform: false };
        let pairs = line.area.split(';').filter_map(|pair| pair.split_once('='));
        let new = NewCommand {
            mn: mn(0),
            cn: line.cn.to_owned(),
            parameters: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            reason: "因核查需要".to_owned(),
            patience: SignedDuration::from_hours(1),
        };
        let commands = self.receiver.commands();
        let mut transaction = self.store.begin().await.expect("a transaction");
        let now = Timestamp::now();
        let (id, state) = commands.ask(&mut transaction, &by(7), &new, now).await?;
        transaction.commit().await.expect("committed");
        if state == CommandState::Waiting {
            let mut transaction = self.store.begin().await.expect("a transaction");
            commands.agree(&mut transaction, id, &by(8), now).await.expect("another agrees");
            transaction.commit().await.expect("committed");
        }
        commands.hurry(&mn(0));
        Ok(id)
    }

    async fn ended(&self, id: CommandId) -> ingest::commands::DeviceCommand {
        let waiting = async {
            loop {
                let found = self.receiver.commands().command(id).await.expect("readable");
                if let Some(found) = found.filter(|one| one.state.is_final()) {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it ends")
    }

    async fn set_key(&self, key: &Key) {
        let keys = self.receiver.keys();
        let mut transaction = self.store.begin().await.expect("a transaction");
        let now = Timestamp::now();
        keys.set(&mut transaction, &mn(0), key, "user 7", now).await.expect("kept");
        transaction.commit().await.expect("committed");
        keys.refresh().await.expect("read");
    }
}

#[tokio::test]
async fn every_command_is_spoken_as_the_table_says() {
    let test = testkit::sqlite(&migrations()).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let registry = city(&test.store, 1).await;
    let recorder = Recorder::open(&test.store).await.expect("a recorder");
    let settings = ReceiverSettings {
        keys_folder: Some(folder.path().to_owned()),
        ..ReceiverSettings::at("127.0.0.1:0".parse().expect("an address"))
    };
    let receiver = listen(settings, &test.store, &registry, &recorder).await.expect("it listens");
    let platform = Platform { store: test.store.clone(), receiver };
    let mut device: Option<Device> = None;
    let mut seen = (Edition::Hj2005, true);
    for line in lines() {
        if (line.edition, line.is_sealed) != seen || device.is_none() {
            seen = (line.edition, line.is_sealed);
            if line.is_sealed {
                platform.set_key(&FIRST_KEY).await;
            }
            let key = line.is_sealed.then_some(FIRST_KEY);
            device = Some(Device::connect(&platform.receiver, line.edition, key).await);
        }
        let device = device.as_mut().expect("connected");
        if !line.is_platforms {
            device.say(line.cn, None, line.area).await;
            device.go_on(&line, None).await;
            continue;
        }
        let id = match platform.ask(&line).await {
            Ok(id) => id,
            Err(problem) => {
                assert_eq!(problem.code(), line.outcome, "{} {}", line.edition.as_str(), line.cn);
                continue;
            }
        };
        let request = device.hear().await;
        assert_eq!((request.cn(), request.edition()), (line.cn, line.edition));
        for pair in line.area.split(';').filter_map(|pair| pair.split_once('=')) {
            assert_eq!(request.value(pair.0), Some(pair.1), "{}", line.cn);
        }
        device.go_on(&line, Some(request)).await;
        let ended = platform.ended(id).await;
        assert_eq!(ended.state.as_str(), line.outcome, "{} {}", line.edition.as_str(), line.cn);
        assert_eq!(ended.edition, line.edition, "the edition is that of the last packet");
        if line.cn == "1014" {
            assert_eq!(device.key, Some(NEW_KEY), "as the table says");
        }
    }
    let all = CommandFilter { limit: 1000, ..CommandFilter::default() };
    for command in platform.receiver.commands().list(&all).await.expect("readable") {
        let shown = format!("{:?}", command.parameters);
        let is_secret = shown.contains("secret") || shown.contains("q8Rt3LwZ5xKmV2Nb");
        assert!(!is_secret, "passwords and keys are blank when it has ended: {shown}");
    }
    let standing = platform.receiver.keys().standing(&mn(0)).expect("a key");
    assert!(!standing.is_changing, "the device has taken the new key");
    platform.receiver.stop().await;
}

#[test]
fn the_table_leaves_no_command_out() {
    let spoken: BTreeSet<_> =
        lines().iter().map(|line| (line.edition, line.is_platforms, line.cn.to_owned())).collect();
    for edition in [Edition::Hj2005, Edition::Hj2017, Edition::Hj2025] {
        for one in askable(edition) {
            let wanted = (edition, true, one.cn.to_owned());
            assert!(spoken.contains(&wanted), "{} {}", edition.as_str(), one.cn);
        }
        for cn in 1000..=9999 {
            let Some(command) = tables::command(&cn.to_string()) else { continue };
            let is_request = edition == Edition::Hj2005 && command.cn == "1001";
            let is_told = command.from_device.is_some() && !is_request;
            if is_told && command.editions.contains(edition.as_str()) {
                let wanted = (edition, false, command.cn.to_owned());
                assert!(spoken.contains(&wanted), "{} from the device", command.cn);
            }
        }
    }
}
