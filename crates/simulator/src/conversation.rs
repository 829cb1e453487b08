//! The conversation of a device on one connection.
//!
//! One upload is on the way at a time; the next is sent after its answer (HJ 212-2017 C.48).
//! A packet without an answer is sent again, three times as a rule, then the line counts as dead.

use crate::device::Device;
use crate::outbox::{InFlight, Packet, Task};
use crate::packet::{self, Incoming, Reader, Reply, Stamp};
use crate::report::{beijing, period_of};
use crate::scenario::Fault;
use crate::schedule::{due_between, later, length_s};
use crate::statistics::more;
use jiff::Timestamp;
use rulebook::parse_beijing;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Why a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The device was told to stop.
    Stopped,
    /// Nothing is owed any more.
    Done,
    /// The scenario silences the device.
    Silent,
    /// The connection broke or nobody answered.
    Lost {
        /// Whether the platform had answered anything.
        was_heard: bool,
    },
}

/// Given up so often, a packet is dropped: the platform does not want it.
const GIVEN_UP_FOR_GOOD: u32 = 4;
/// At most so many reports are sent for one request.
const LONGEST_RECALL: usize = 20_000;

/// Talks until the line breaks, the scenario falls silent or `stop` becomes true.
pub(crate) async fn converse(
    device: &mut Device,
    stream: TcpStream,
    stop: &mut watch::Receiver<bool>,
) -> Ended {
    let mut line = Line { stream, reader: Reader::default(), was_heard: false };
    let ended = loop {
        match turn(device, &mut line, stop).await {
            Ok(None) => {}
            Ok(Some(ended)) => break ended,
            Err(problem) => {
                tracing::debug!(mn = device.site.mn, %problem, "the line broke");
                break Ended::Lost { was_heard: line.was_heard };
            }
        }
    };
    device.outbox.line_broke();
    if matches!(ended, Ended::Stopped | Ended::Done) {
        // Says goodbye; a line already broken needs none.
        let _ = line.stream.shutdown().await;
    }
    ended
}

struct Line {
    stream: TcpStream,
    reader: Reader,
    was_heard: bool,
}

/// Sends what can be sent, then waits for the next thing to happen.
async fn turn(
    device: &mut Device,
    line: &mut Line,
    stop: &mut watch::Receiver<bool>,
) -> io::Result<Option<Ended>> {
    if *stop.borrow() {
        return Ok(Some(Ended::Stopped));
    }
    if device.is_silent() {
        return Ok(Some(Ended::Silent));
    }
    let now = device.now();
    device.outbox.collect(&device.site, device.signal.scenario(), now);
    if !repeat_if_late(device, line).await? {
        return Ok(Some(Ended::Lost { was_heard: line.was_heard }));
    }
    if device.outbox.in_flight.is_none() {
        send_next(device, line).await?;
    }
    if device.options.stops_when_done && device.outbox.is_empty() {
        return Ok(Some(Ended::Done));
    }
    let can_send = device.outbox.in_flight.is_none() && !device.outbox.tasks.is_empty();
    if can_send {
        return Ok(None);
    }
    let mut bytes = [0; 2048];
    let count = tokio::select! {
        read = line.stream.read(&mut bytes) => read?,
        () = sleep_until(wake_at(device)) => return Ok(None),
        _ = stop.wait_for(|stop| *stop) => return Ok(None),
    };
    if count == 0 {
        return Ok(Some(Ended::Lost { was_heard: line.was_heard }));
    }
    line.reader.push(&bytes[..count]);
    while let Some(incoming) = line.reader.next_packet() {
        line.was_heard = true;
        hear(device, line, incoming).await?;
    }
    Ok(None)
}

/// When something has to be done though nothing is heard.
fn wake_at(device: &Device) -> Instant {
    let outbox = &device.outbox;
    let clock = device.options.clock;
    let idle = outbox.in_flight.is_none();
    [
        outbox.next_due_at(),
        device.next_silence(),
        outbox.next_realtime.filter(|_| idle),
        outbox.next_mishap_at().filter(|_| idle),
    ]
    .into_iter()
    .flatten()
    .map(|at| clock.instant(at))
    .chain(outbox.in_flight.as_ref().map(|in_flight| in_flight.deadline))
    .min()
    .unwrap_or_else(|| Instant::now() + Duration::from_hours(1))
}

/// Sends again what has waited too long for its answer; false when the line counts as dead.
async fn repeat_if_late(device: &mut Device, line: &mut Line) -> io::Result<bool> {
    let now = Instant::now();
    let Some(in_flight) = device.outbox.in_flight.as_mut().filter(|it| it.deadline <= now) else {
        return Ok(true);
    };
    if in_flight.repeated >= device.options.repeats {
        device.outbox.given_up += 1;
        if device.outbox.given_up >= GIVEN_UP_FOR_GOOD {
            device.outbox.in_flight = None;
            device.outbox.given_up = 0;
            more(&device.statistics.unanswered);
        }
        return Ok(false);
    }
    in_flight.repeated += 1;
    in_flight.deadline = now + device.options.clock.real(device.options.answer_timeout);
    let bytes = packet::repeated(&device.site, &in_flight.packet.bytes);
    more(&device.statistics.packets_repeated);
    line.stream.write_all(&bytes).await?;
    Ok(true)
}

/// Sends the next thing whose turn it is.
async fn send_next(device: &mut Device, line: &mut Line) -> io::Result<()> {
    let now = device.now();
    let mishap = device.outbox.mishap(now);
    if mishap == Some(Fault::Duplicate)
        && let Some(again) = device.outbox.answered.clone()
    {
        more(&device.statistics.packets_repeated);
        return line.stream.write_all(&again.bytes).await;
    }
    let is_damaged = mishap == Some(Fault::BadCheckSum);
    let realtime_is_due = device.outbox.next_realtime.is_some_and(|at| at <= now);
    if realtime_is_due || is_damaged {
        return send_realtime(device, line, now, is_damaged).await;
    }
    match device.outbox.tasks.pop_front() {
        Some(Task::Report { period, start }) => {
            let report = device.report(period, start);
            let stamp = device.stamp(start);
            let packets = packet::upload(&device.site, &report, &stamp);
            for packet in packets.into_iter().rev() {
                let packet = Packet { qn: packet.qn, bytes: packet.bytes, is_kept: true };
                device.outbox.tasks.push_front(Task::Packet(packet));
            }
            Ok(())
        }
        Some(Task::Packet(packet)) => send(device, line, packet, false).await,
        Some(Task::Reply(reply)) => answer(device, line, &reply).await,
        None => Ok(()),
    }
}

async fn send_realtime(
    device: &mut Device,
    line: &mut Line,
    now: Timestamp,
    is_damaged: bool,
) -> io::Result<()> {
    let report = device.signal.realtime(&device.site, now);
    let stamp = device.stamp(now);
    let mut packets = packet::upload(&device.site, &report, &stamp).into_iter();
    if let Some(interval) = device.outbox.realtime_interval_s {
        device.outbox.next_realtime = Some(later(now, interval));
    }
    let Some(first) = packets.next() else { return Ok(()) };
    for packet in packets.rev() {
        let packet = Packet { qn: packet.qn, bytes: packet.bytes, is_kept: false };
        device.outbox.tasks.push_front(Task::Packet(packet));
    }
    let first = Packet { qn: first.qn, bytes: first.bytes, is_kept: false };
    send(device, line, first, is_damaged).await
}

async fn send(
    device: &mut Device,
    line: &mut Line,
    packet: Packet,
    is_damaged: bool,
) -> io::Result<()> {
    more(&device.statistics.packets_sent);
    if is_damaged {
        more(&device.statistics.packets_damaged);
        line.stream.write_all(&packet::damaged(&packet.bytes)).await?;
    } else {
        line.stream.write_all(&packet.bytes).await?;
    }
    if device.options.wants_answers {
        let deadline = Instant::now() + device.options.clock.real(device.options.answer_timeout);
        device.outbox.in_flight = Some(InFlight { packet, deadline, repeated: 0 });
    } else {
        device.outbox.answered = Some(packet);
    }
    Ok(())
}

/// What the platform says: an answer to an upload, or a request.
async fn hear(device: &mut Device, line: &mut Line, incoming: Incoming) -> io::Result<()> {
    match incoming.command {
        9011..=9022 => {
            let is_answer =
                |it: &mut InFlight| incoming.qn.is_empty() || incoming.qn == it.packet.qn;
            if let Some(answered) = device.outbox.in_flight.take_if(is_answer) {
                more(&device.statistics.answers);
                device.outbox.given_up = 0;
                device.outbox.answered = Some(answered.packet);
            }
            Ok(())
        }
        _ => request(device, line, &incoming).await,
    }
}

/// Answers a request or a notice of the platform.
///
/// # Standard
/// HJ 212-2017 table 9 and annex C: 9011 when it is accepted or refused, 9012 when it is done,
/// 9013 to a notice.
async fn request(device: &mut Device, line: &mut Line, incoming: &Incoming) -> io::Result<()> {
    more(&device.statistics.requests);
    let reply = |command, field: &str, value: &str| {
        let fields = [(field, value)].into_iter().filter(|(field, _)| !field.is_empty());
        Reply {
            qn: incoming.qn.clone(),
            command,
            fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    };
    let refusal = device.refusal(incoming);
    if let Some(code) = refusal {
        return answer(device, line, &reply(9011, "QnRtn", code)).await;
    }
    if matches!(incoming.command, 2012 | 2022) {
        device.outbox.next_realtime = None;
        return answer(device, line, &reply(9013, "", "")).await;
    }
    answer(device, line, &reply(9011, "QnRtn", "1")).await?;
    let mut result = "1";
    match incoming.command {
        1011 => {
            let time = beijing(later(device.now(), device.outbox.clock_error_s));
            answer(device, line, &reply(1011, "SystemTime", &time)).await?;
        }
        1061 => {
            let interval = device.outbox.realtime_interval_s.unwrap_or(0).to_string();
            answer(device, line, &reply(1061, "RtdInterval", &interval)).await?;
        }
        1063 => {
            let interval = device.site.minute_interval_min.unwrap_or(0).to_string();
            answer(device, line, &reply(1063, "MinInterval", &interval)).await?;
        }
        2031 | 2051 | 2061 => {
            let count = device.recall(incoming);
            let result = if count == 0 { "100" } else { "1" };
            // What was asked for is in the queue; the result follows behind it.
            device.outbox.tasks.push_back(Task::Reply(reply(9012, "ExeRtn", result)));
            return Ok(());
        }
        _ => {
            if !device.set(incoming) {
                result = "3";
            }
        }
    }
    answer(device, line, &reply(9012, "ExeRtn", result)).await
}

async fn answer(device: &Device, line: &mut Line, reply: &Reply) -> io::Result<()> {
    more(&device.statistics.packets_sent);
    let bytes = packet::reply(&device.site, &device.outbox.password, reply);
    line.stream.write_all(&bytes).await
}

impl Device {
    /// The name of an exchange that begins now, on the device's own clock.
    fn stamp(&self, start: Timestamp) -> Stamp {
        let own_time = later(self.now(), self.outbox.clock_error_s);
        Stamp::new(&self.site, own_time, start)
            .with_password(&self.outbox.password)
            .wanting_answer(self.options.wants_answers)
    }

    /// The code QnRtn of a refusal, if the request is refused.
    fn refusal(&self, incoming: &Incoming) -> Option<&'static str> {
        let is_old = self.site.edition == hj212::Edition::Hj2005;
        let known = [
            1000, 1011, 1012, 1061, 1062, 1063, 1072, 2011, 2012, 2021, 2022, 2031, 2051, 2061,
            3011, 3012, 3013,
        ];
        let code = if incoming.password != self.outbox.password {
            "3"
        } else if incoming.mn != self.site.mn {
            "4"
        } else if !known.contains(&incoming.command) {
            "8"
        } else {
            return None;
        };
        Some(if is_old && code != "3" { "2" } else { code })
    }

    /// Carries out a command that sets something; false when it lacks what it needs.
    fn set(&mut self, incoming: &Incoming) -> bool {
        let number = |name: &str| incoming.field(name).and_then(|text| text.parse::<i64>().ok());
        match incoming.command {
            1000 => {
                if let Some(seconds) = number("OverTime").filter(|it| (1..=99).contains(it)) {
                    self.options.answer_timeout = Duration::from_secs(seconds.unsigned_abs());
                }
                if let Some(count) = number("ReCount").filter(|it| (1..=99).contains(it)) {
                    self.options.repeats = count as u32;
                }
            }
            1012 => {
                let Some(time) = incoming.field("SystemTime") else { return false };
                let Ok(time) = parse_beijing(time) else { return false };
                self.outbox.clock_error_s = time.duration_since(self.now()).as_secs();
            }
            1062 => {
                let Some(seconds) = number("RtdInterval").filter(|it| (30..=3600).contains(it))
                else {
                    return false;
                };
                self.outbox.realtime_interval_s = Some(seconds);
                self.outbox.next_realtime = Some(later(self.now(), seconds));
            }
            1072 => {
                let new = incoming.field("NewPW").or_else(|| incoming.field("PW"));
                let Some(new) = new.filter(|new| new.len() == 6) else { return false };
                new.clone_into(&mut self.outbox.password);
            }
            2011 if self.outbox.next_realtime.is_none() => {
                self.outbox.next_realtime = Some(self.now());
            }
            _ => {}
        }
        true
    }

    /// Puts the reports of a request for history into the queue; how many they are.
    fn recall(&mut self, incoming: &Incoming) -> usize {
        let time = |name: &str| parse_beijing(incoming.field(name)?).ok();
        let (Some(period), Some(begin), Some(end)) =
            (period_of(incoming.command), time("BeginTime"), time("EndTime"))
        else {
            return 0;
        };
        let length = length_s(&self.site, period);
        let (site, scenario) = (self.site.clone(), self.signal.scenario());
        // Due times lie after the end of the period; half a day covers the longest delay.
        let until = later(end, length + 43_200).min(self.now());
        let due = due_between(&site, period, begin, until)
            .filter(|due| begin <= due.start && due.start <= end)
            .filter(|due| {
                let silence = scenario.silence_at(&site.mn, due.at);
                silence.is_none_or(|event| event.fault == Fault::Backlog)
            })
            .take(LONGEST_RECALL);
        let tasks: Vec<_> = due.map(|due| Task::Report { period, start: due.start }).collect();
        let count = tasks.len();
        self.outbox.tasks.extend(tasks);
        count
    }
}
