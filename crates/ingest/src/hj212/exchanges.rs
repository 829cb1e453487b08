//! Commands under way on one connection: at most one for each device that speaks there.

use super::mapping;
use super::receiver::Shared;
use crate::commands::store::{Progress, Step, note, take_next};
use crate::commands::{self, CommandId, CommandState, DeviceCommand};
use ::hj212::cipher::Key;
use ::hj212::conversation::{Addressee, Conversation, Due, End, Heard, Terms};
use ::hj212::{Edition, Packet};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The exchanges of a connection.
pub(crate) struct Exchanges {
    began: Instant,
    terms: Terms,
    open: Vec<Exchange>,
    /// What is to be written down.
    progress: Vec<Progress>,
    /// Keys that devices say they have taken.
    taken: Vec<(Arc<str>, Key)>,
}

struct Exchange {
    mn: Arc<str>,
    id: CommandId,
    conversation: Conversation,
    /// The key that the device is to take (1014).
    new_key: Option<Key>,
    /// The parameters as they may be kept when it has ended.
    shown: Vec<(String, String)>,
}

impl Exchanges {
    pub(crate) fn new(terms: Terms) -> Self {
        Self {
            began: Instant::now(),
            terms,
            open: Vec::new(),
            progress: Vec::new(),
            taken: Vec::new(),
        }
    }

    /// Takes the next command of each of these devices that has none under way; gives the bytes
    /// to be sent.
    pub(crate) async fn begin(&mut self, shared: &Shared, mns: &[Arc<str>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for mn in mns {
            while self.open.iter().all(|one| one.mn != *mn) {
                let now = Timestamp::now();
                let qn = number_of(now);
                let receiver = &shared.settings.place.name;
                let command = match take_next(&shared.store, mn, &qn, receiver, now).await {
                    Ok(Some(command)) => command,
                    Ok(None) => break,
                    Err(problem) => {
                        tracing::error!(code = problem.code(), %problem, "no command can be taken");
                        break;
                    }
                };
                let command = match commands::opened(&command, &shared.keys) {
                    Ok(parameters) => DeviceCommand { parameters, ..command },
                    // What cannot be opened is refused by its form when it is started.
                    Err(_) => command,
                };
                let new_key = new_key_of(&command);
                if let Some(key) = &new_key {
                    shared.keys.propose(mn, key, now).await;
                }
                if let Some(first) = self.start(shared, mn, &command, &qn, now) {
                    bytes.extend_from_slice(&first);
                }
            }
        }
        self.write(shared).await;
        bytes
    }

    fn start(
        &mut self,
        shared: &Shared,
        mn: &Arc<str>,
        command: &DeviceCommand,
        qn: &str,
        now: Timestamp,
    ) -> Option<Vec<u8>> {
        let nouns = shared.registry.snapshot();
        let device = nouns.device(mn);
        let checked =
            commands::checked(&command.cn, command.edition, &command.parameters, now).ok();
        let (Some(device), Some(request)) = (device, checked) else {
            let end = Step::Ended {
                state: CommandState::Failed,
                result: None,
                shown: command.parameters.clone(),
            };
            self.progress.push(Progress { id: command.id, at: now, step: end });
            return None;
        };
        let addressee = Addressee {
            mn: device.mn.clone(),
            password: device.password.clone(),
            system_type: device.system_type.to_string(),
            edition: command.edition,
            key: shared.keys.in_force(mn),
        };
        let now_ms = self.now_ms();
        let (conversation, bytes) =
            Conversation::begin(&request, &addressee, qn, self.terms, now_ms);
        let (id, shown) = (command.id, request.shown());
        let new_key = new_key_of(command);
        self.open.push(Exchange { mn: Arc::clone(mn), id, conversation, new_key, shown });
        metrics::counter!("lucid_ingest_commands_total").increment(1);
        Some(bytes)
    }

    /// Hears a packet that was accepted.
    pub(crate) fn hear(&mut self, packet: &Packet, at: Timestamp) {
        let now_ms = self.now_ms();
        let Some(place) = self.open.iter().position(|one| *one.mn == *packet.mn()) else { return };
        let exchange = &mut self.open[place];
        let id = exchange.id;
        match exchange.conversation.hear(packet, now_ms) {
            Heard::Nothing => {}
            Heard::Accepted => self.progress.push(Progress { id, at, step: Step::Accepted }),
            Heard::Content => {
                let cn = packet.cn().to_owned();
                let is_upload = cn.parse().ok().and_then(mapping::period_of).is_some();
                let content = (!is_upload).then(|| area_of(packet));
                self.progress.push(Progress { id, at, step: Step::Content { cn, content } });
            }
            Heard::Ended(end) => self.end(place, end, at),
        }
    }

    /// Sends again what had no answer, and gives up what was sent often enough.
    pub(crate) fn wake(&mut self, at: Timestamp) -> Vec<u8> {
        let now_ms = self.now_ms();
        let mut bytes = Vec::new();
        let mut place = 0;
        while place < self.open.len() {
            match self.open[place].conversation.wake(now_ms) {
                Due::Nothing => place += 1,
                Due::Send(again) => {
                    bytes.extend_from_slice(&again);
                    let id = self.open[place].id;
                    self.progress.push(Progress { id, at, step: Step::SentAgain });
                    place += 1;
                }
                Due::Ended(end) => self.end(place, end, at),
            }
        }
        bytes
    }

    /// When [`Exchanges::wake`] is to be called.
    pub(crate) fn wake_at(&self) -> Option<Instant> {
        let next = self.open.iter().filter_map(|one| one.conversation.wake_at_ms()).min()?;
        Some(self.began + Duration::from_millis(next))
    }

    /// Whether a device's exchange ended, so that its next command may begin.
    pub(crate) async fn write(&mut self, shared: &Shared) -> bool {
        for (mn, key) in std::mem::take(&mut self.taken) {
            shared.keys.taken(&mn, &key);
        }
        let steps = std::mem::take(&mut self.progress);
        let has_ended = steps.iter().any(|step| matches!(step.step, Step::Ended { .. }));
        if let Err(problem) = note(&shared.store, &steps).await {
            tracing::error!(code = problem.code(), %problem, "the course of a command is lost");
        }
        has_ended
    }

    /// The connection has ended: nobody will learn what the device did.
    pub(crate) async fn broken(&mut self, shared: &Shared, at: Timestamp) {
        while !self.open.is_empty() {
            self.end(0, End::NoResult, at);
        }
        self.write(shared).await;
    }

    fn end(&mut self, place: usize, end: End, at: Timestamp) {
        let Exchange { mn, id, new_key, shown, .. } = self.open.swap_remove(place);
        if let Some(key) = new_key.filter(|_| end == End::Done) {
            self.taken.push((mn, key));
        }
        let (state, result) = (CommandState::of(end), end.number());
        self.progress.push(Progress { id, at, step: Step::Ended { state, result, shown } });
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The data area as text, without what covers the exchange itself in 2005.
fn area_of(packet: &Packet) -> String {
    let is_2005 = packet.edition() == Edition::Hj2005;
    let items = packet.items();
    let texts = items.iter().filter_map(|pairs| {
        let pairs: Vec<_> = pairs
            .iter()
            .filter(|(name, _)| !(is_2005 && *name == "QN"))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join(","))
    });
    texts.collect::<Vec<_>>().join(";")
}

/// The key in a command that hands one out (1014).
fn new_key_of(command: &DeviceCommand) -> Option<Key> {
    let is_handed_out = |pair: &&(String, String)| command.cn == "1014" && pair.0 == "NewSK";
    command.parameters.iter().find(is_handed_out)?.1.as_bytes().try_into().ok()
}

/// QN: the time to the millisecond.
fn number_of(now: Timestamp) -> String {
    let milliseconds = now.as_millisecond().rem_euclid(1000);
    format!("{}{milliseconds:03}", commands::beijing(now))
}
