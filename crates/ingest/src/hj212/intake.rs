//! From decoded frames to what is to be recorded, what is answered after it, what is refused.

use super::exchanges::Exchanges;
use super::mapping::{self, FactorHints, Mapped};
use super::receiver::Shared;
use crate::commands::{Asker, CommandError, NewCommand};
use crate::devices::{Entry, Heard, Line};
use crate::refusals::Refused;
use ::hj212::{Edition, Frame, Packet, Rejection, cipher};
use jiff::{SignedDuration, Timestamp};
use observations::{Delivery, Marks, NewRow, Origin, Outcome, Recorded};
use registry::{Device, RegistryError, Snapshot};
use rulebook::parse_beijing;
use std::sync::Arc;

/// Codes never seen that one packet may bring.
const UNKNOWN_MAX: usize = 64;

/// What one connection has told, and in whose name.
pub(crate) struct Intake<'shared> {
    shared: &'shared Shared,
    peer: Arc<str>,
    session: u64,
    /// By which others reach this connection.
    pub(crate) line: Arc<Line>,
    /// The devices that have spoken here: one, or several behind a gateway.
    speakers: Vec<Speaker>,
    /// Devices that have asked for the time (1013), with the analyser where they name one.
    clocks: Vec<(Arc<str>, Option<String>)>,
    /// Devices that have spoken for the first time ever.
    newcomers: Vec<Arc<str>>,
    /// Devices that have asked for a new key (1014), by the key that they have.
    rekeys: Vec<Arc<str>>,
}

struct Speaker {
    mn: Arc<str>,
    entry: Arc<Entry>,
    hints: FactorHints,
    heard: Heard,
}

/// What was read at one time, to be recorded in one commit.
#[derive(Default)]
pub(crate) struct Group {
    /// The accepted packets.
    pub(crate) deliveries: Vec<Delivery>,
    /// The answers to all of them, one after the other.
    pub(crate) answers: Vec<u8>,
    /// How many frames came, accepted or not.
    pub(crate) frames: usize,
    /// By whom each delivery was sent.
    speakers: Vec<usize>,
}

impl<'shared> Intake<'shared> {
    pub(crate) fn new(shared: &'shared Shared, peer: Arc<str>) -> Self {
        let session = shared.devices.new_session();
        Self {
            shared,
            peer,
            session,
            line: Arc::default(),
            speakers: Vec::new(),
            clocks: Vec::new(),
            newcomers: Vec::new(),
            rekeys: Vec::new(),
        }
    }

    /// Takes a frame that holds together into the group, or refuses it.
    pub(crate) async fn accept(
        &mut self,
        frame: Frame,
        at: Timestamp,
        exchanges: &mut Exchanges,
        group: &mut Group,
    ) {
        group.frames += 1;
        let nouns = self.shared.registry.snapshot();
        let Some(device) = self.identify(&frame, &nouns, at) else { return };
        if !self.is_sealed_as_it_must(&frame, at).await {
            return;
        }
        let speaker = self.speaker(device, at);
        let rows = match mapping::period_of(command(&frame.packet)) {
            None => Vec::new(),
            Some(period) => {
                let time = mapping::data_time(frame.packet.value("DataTime"), at);
                let observed_at = match time {
                    Ok(time) => time,
                    Err(problem) => {
                        self.speakers[speaker].heard.refused += 1;
                        let mn = Some(frame.packet.mn());
                        self.refuse("hj212.data_time", problem.to_string(), mn, &frame.bytes, at);
                        return;
                    }
                };
                let mut marks = Marks::NONE;
                if mapping::is_late(period, observed_at, at) {
                    marks = marks | Marks::LATE;
                }
                if !frame.quirks.is_empty() {
                    marks = marks | Marks::QUIRK;
                }
                let heard = &mut self.speakers[speaker].heard;
                heard.data_time = heard.data_time.max(Some(observed_at));
                let mapped = self.values(&frame.packet, speaker, nouns.clone(), marks).await;
                // Not answered: the device sends it again, when its factors can be registered.
                let Some(Mapped { values, .. }) = mapped else {
                    metrics::counter!("lucid_ingest_not_recorded_total").increment(1);
                    return;
                };
                vec![NewRow { point: device.point, period, observed_at, values }]
            }
        };
        exchanges.hear(&frame.packet, at);
        if frame.packet.cn() == "1013" {
            let analyser = frame.packet.value("PolId").map(str::to_owned);
            self.clocks.push((self.speakers[speaker].mn.clone(), analyser));
        }
        let asks_for_key = frame.packet.cn() == "1014" && frame.packet.value("NewSK").is_none();
        if asks_for_key && frame.key.is_some() {
            self.rekeys.push(self.speakers[speaker].mn.clone());
        }
        let heard = &mut self.speakers[speaker].heard;
        heard.at = at;
        heard.edition = frame.packet.edition().as_str();
        heard.clock_offset_ms = frame.packet.qn().and_then(|qn| clock_offset_ms(qn, at));
        if let Some(answer) = ::hj212::answer::to(&frame.packet) {
            group.answers.extend_from_slice(answer.as_ref());
        }
        let origin =
            Origin { device: Some(self.speakers[speaker].mn.clone()), peer: self.peer.clone() };
        group.deliveries.push(Delivery { raw: frame.bytes, received_at: at, origin, rows });
        group.speakers.push(speaker);
    }

    /// Refuses a frame that does not hold together: no answer is due (protocol.md 6).
    pub(crate) fn reject(&self, rejection: &Rejection, at: Timestamp, group: &mut Group) {
        group.frames += 1;
        let (zh, en) = rejection.reason.cure();
        let reason = format!("hj212.{}", rejection.reason.code());
        let mn = mn_in(&rejection.bytes);
        if let Some(speaker) = self.speakers.iter().find(|one| Some(&*one.mn) == mn.as_deref()) {
            let heard =
                Heard { refused: 1, at, edition: speaker.heard.edition, ..Heard::default() };
            speaker.entry.hear(&heard);
        }
        self.refuse(&reason, format!("{zh} / {en}"), mn.as_deref(), &rejection.bytes, at);
    }

    /// Takes note of what a commit did with the group.
    pub(crate) fn recorded(&mut self, speakers: &[usize], recorded: &[Recorded]) {
        let mut values = 0;
        for (speaker, recorded) in speakers.iter().zip(recorded) {
            let heard = &mut self.speakers[*speaker].heard;
            heard.packets += 1;
            let is_known = |outcome: &Outcome| *outcome == Outcome::Duplicate;
            if !recorded.outcomes.is_empty() && recorded.outcomes.iter().all(is_known) {
                heard.duplicates += 1;
            }
            values += recorded.outcomes.len();
        }
        self.note(recorded.len(), values);
    }

    /// Takes note that the stream has the group, with so many rows of each packet; what is new of
    /// it only the server will know that records it.
    pub(crate) fn published(&mut self, speakers: &[usize], rows: &[usize]) {
        for speaker in speakers {
            self.speakers[*speaker].heard.packets += 1;
        }
        self.note(rows.len(), rows.iter().sum());
    }

    fn note(&mut self, packets: usize, rows: usize) {
        metrics::counter!("lucid_ingest_packets_total").increment(packets as u64);
        metrics::counter!("lucid_ingest_rows_total").increment(rows as u64);
        for speaker in &mut self.speakers {
            if speaker.heard.packets + speaker.heard.refused > 0 {
                speaker.entry.hear(&speaker.heard);
                speaker.heard = Heard { edition: speaker.heard.edition, ..Heard::default() };
            }
        }
    }

    /// The devices that have spoken here.
    pub(crate) fn mns(&self) -> Vec<Arc<str>> {
        self.speakers.iter().map(|speaker| speaker.mn.clone()).collect()
    }

    /// Gives the time to the devices that have asked for it.
    ///
    /// # Standard
    /// HJ 212-2017 table 9: after the notice 1013 and its answer the platform sends 1012.
    pub(crate) async fn set_clocks(&mut self) {
        for (mn, analyser) in std::mem::take(&mut self.clocks) {
            let analyser = analyser.map(|code| ("PolId".to_owned(), code));
            let time = ("SystemTime".to_owned(), "now".to_owned());
            let command = NewCommand {
                mn: mn.to_string(),
                cn: "1012".to_owned(),
                parameters: analyser.into_iter().chain([time]).collect(),
                reason: "设备请求校时（1013） / the device asked for the time (1013)".to_owned(),
                patience: SignedDuration::from_mins(10),
            };
            if let Err(problem) =
                self.shared.commands.ask_by_itself(&command, Timestamp::now()).await
            {
                tracing::warn!(%mn, code = problem.code(), %problem, "the time is not given");
            }
        }
    }

    /// Hands new keys to the devices that have asked for one.
    ///
    /// # Standard
    /// HJ 212-2025 as quoted by one implementer: after 1014 and its answer 9013 the platform sends
    /// 1014 with the new key.
    pub(crate) async fn renew_keys(&mut self) {
        for mn in std::mem::take(&mut self.rekeys) {
            if let Err(problem) = self.shared.commands.renew_key(&mn, Timestamp::now()).await {
                tracing::warn!(%mn, code = problem.code(), %problem, "no new key is handed out");
            }
        }
    }

    /// Initialises devices that have spoken for the first time, in the edition that they spoke.
    pub(crate) async fn greet(&mut self) {
        for mn in std::mem::take(&mut self.newcomers) {
            let reason = "首次连接初始化 / initialisation at the first connection";
            let shared = self.shared;
            let work = async {
                let mut transaction = shared.store.begin().await?;
                let (by, now) = (Asker::platform(), Timestamp::now());
                shared.commands.initialise(&mut transaction, &by, &mn, reason, now).await?;
                transaction.commit().await.map_err(::store::StoreError::from)?;
                shared.commands.hurry(&mn);
                Ok::<(), CommandError>(())
            };
            if let Err(problem) = work.await {
                tracing::warn!(%mn, code = problem.code(), %problem, "a device is not initialised");
            }
        }
    }

    /// Says that the connection has ended.
    pub(crate) fn finish(&self, at: Timestamp) {
        for speaker in &self.speakers {
            self.shared.devices.end(&speaker.entry, self.session, at);
        }
    }

    /// Refuses bytes and keeps them for the operator.
    pub(crate) fn refuse(
        &self,
        reason: &str,
        explanation: String,
        mn: Option<&str>,
        raw: &[u8],
        at: Timestamp,
    ) {
        self.shared.refusals.refuse(Refused {
            received_at: at,
            peer: self.peer.clone(),
            mn: mn.map(str::to_owned),
            reason: reason.to_owned(),
            explanation,
            size: raw.len(),
            raw: raw.to_vec(),
        });
    }

    fn identify<'nouns>(
        &self,
        frame: &Frame,
        nouns: &'nouns Snapshot,
        at: Timestamp,
    ) -> Option<&'nouns Device> {
        let mn = frame.packet.mn();
        let Some(device) = nouns.device(mn) else {
            if frame.packet.cn() == "1001" && frame.packet.edition() == Edition::Hj2025 {
                let why = "入网申请(1001):请为该数采仪分配 MN 并登记到城市文件 devices,再在设备上\
                           设置 MN;编码规则与后续步骤见标准附录,平台未见原文,不自动分配 / a logger \
                           asks to be admitted (1001): allot its MN, list it in the city's files \
                           and set it on the device; the coding rule stands in an annex that we \
                           have not seen, so nothing is allotted by itself";
                self.refuse("hj212.registration", why.to_owned(), None, &frame.bytes, at);
                return None;
            }
            let why = "未登记的设备：请在城市文件 devices 中登记此 MN / \
                       unknown MN: list the device in the city's files";
            self.refuse("hj212.unknown_mn", why.to_owned(), Some(mn), &frame.bytes, at);
            return None;
        };
        if frame.packet.pw() != Some(device.password.as_str()) {
            let why = "访问密码不符：请核对设备的 PW / wrong password: compare PW with the \
                       registered one";
            self.refuse("hj212.password", why.to_owned(), Some(mn), &frame.bytes, at);
            return None;
        }
        Some(device)
    }

    /// Whether the packet of a device with a key came encrypted, where it has to be; the first
    /// one by a new key ends the old key.
    async fn is_sealed_as_it_must(&self, frame: &Frame, at: Timestamp) -> bool {
        let (mn, keys) = (frame.packet.mn(), &self.shared.keys);
        if let Some(key) = &frame.key {
            keys.settle(mn, key, at).await;
            return true;
        }
        if !cipher::covers_upload(frame.packet.cn())
            || cipher::stays_clear(&frame.bytes)
            || !keys.binds(mn)
        {
            return true;
        }
        let why = "设备已登记密钥但数据区未加密：请在设备上启用 SM4 加密，或在设备页面撤销密钥 / \
                   a key is set for the device and its data area is not encrypted: let the \
                   device encrypt, or remove its key on its page";
        self.refuse("hj212.plain_text", why.to_owned(), Some(mn), &frame.bytes, at);
        false
    }

    fn speaker(&mut self, device: &Device, at: Timestamp) -> usize {
        if let Some(index) = self.speakers.iter().position(|known| *known.mn == *device.mn) {
            return index;
        }
        let devices = &self.shared.devices;
        if self.shared.settings.initialises && devices.state(&device.mn).is_none() {
            self.newcomers.push(device.mn.as_str().into());
        }
        let entry = devices.speak(&device.mn, self.session, &self.line, &self.peer, at);
        // What waited for the device may be sent now.
        self.line.orders.notify_one();
        self.speakers.push(Speaker {
            mn: device.mn.as_str().into(),
            entry,
            hints: FactorHints::default(),
            heard: Heard::default(),
        });
        self.speakers.len() - 1
    }

    /// The packet's values; codes never seen are registered first. `None` when the store cannot
    /// register them now.
    async fn values(
        &mut self,
        packet: &Packet,
        speaker: usize,
        nouns: Arc<Snapshot>,
        marks: Marks,
    ) -> Option<Mapped> {
        let hints = &mut self.speakers[speaker].hints;
        let mapped = mapping::map(packet.pairs(), &nouns, hints, marks);
        if mapped.unknown.is_empty() {
            return Some(mapped);
        }
        for code in mapped.unknown.iter().take(UNKNOWN_MAX) {
            match self.shared.registry.factor_or_new(code).await {
                Ok(_) => {}
                Err(problem @ (RegistryError::Store(_) | RegistryError::Database(_))) => {
                    tracing::error!(mn = packet.mn(), code, %problem, "a packet waits");
                    return None;
                }
                Err(problem) => {
                    tracing::warn!(mn = packet.mn(), code, %problem, "a factor is left out");
                }
            }
        }
        let nouns = self.shared.registry.snapshot();
        Some(mapping::map(packet.pairs(), &nouns, &mut self.speakers[speaker].hints, marks))
    }
}

impl Group {
    /// Takes the deliveries out, with their senders.
    pub(crate) fn take(&mut self) -> (Vec<Delivery>, Vec<usize>) {
        (std::mem::take(&mut self.deliveries), std::mem::take(&mut self.speakers))
    }
}

fn command(packet: &Packet) -> u16 {
    packet.cn().parse().unwrap_or(0)
}

fn clock_offset_ms(qn: &str, at: Timestamp) -> Option<i64> {
    let (seconds, milliseconds) = qn.split_at_checked(14)?;
    let sent = parse_beijing(seconds).ok()?.as_millisecond();
    let milliseconds: i64 =
        if milliseconds.is_empty() { 0 } else { milliseconds.get(..3)?.parse().ok()? };
    Some(sent + milliseconds - at.as_millisecond())
}

/// The MN that broken bytes seem to name.
fn mn_in(bytes: &[u8]) -> Option<String> {
    let start = bytes.windows(3).position(|window| window == b"MN=")? + 3;
    let rest = &bytes[start..];
    let length = rest.iter().take(32).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    (length > 0).then(|| String::from_utf8_lossy(&rest[..length]).into_owned())
}
