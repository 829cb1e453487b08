//! Accepted packets handed on to a higher platform (数据转发), in order, each until it is answered.
//!
//! The commit log is the queue: a cursor tells how far it has been handed on, so an outage of any
//! length loses nothing, a restart resumes where it stopped, and nothing is kept twice. What was
//! sent and not yet answered is sent again; a platform recognises it as a duplicate.

mod store;

pub use store::forward_standings;

use ::hj212::{Decoder, Frame, decode_whole, encode};
use ::store::{Store, StoreError};
use jiff::Timestamp;
use observations::{Recorder, raw_block};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

/// Where packets are handed on to, and how.
#[derive(Clone, Debug)]
pub struct ForwardSettings {
    /// The higher platform, `host:port`.
    pub target: String,
    /// The commands that are handed on: data and notices, no answers.
    pub commands: Vec<u16>,
    /// Packets that may be on the way unanswered.
    pub window: usize,
    /// An answer is waited for so long; then the line is begun anew.
    pub answer: Duration,
    /// After a failure it is tried again after so long, twice as long each time up to the second.
    pub pause: (Duration, Duration),
}

impl ForwardSettings {
    /// The usual way to a target: uploads of data, 10 s for an answer (HJ 212-2017 table 1).
    pub fn to(target: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            commands: vec![2011, 2021, 2031, 2041, 2051, 2061, 2062, 2081, 2111, 3020],
            window: 64,
            answer: Duration::from_secs(10),
            pause: (Duration::from_secs(1), Duration::from_mins(1)),
        }
    }
}

/// How a target stands (转发状态).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The higher platform.
    pub target: String,
    /// The commit up to which packets are handed on.
    pub block: i64,
    /// The last packet within it.
    pub packet: i64,
    /// Packets answered since the target was set up.
    pub forwarded: i64,
    /// The last answer.
    pub answered_at: Option<Timestamp>,
    /// Since when it fails.
    pub failing_since: Option<Timestamp>,
    /// How it fails.
    pub problem: String,
}

/// Hands packets on until told to stop.
pub async fn forward(
    settings: ForwardSettings,
    store: Store,
    recorder: Recorder,
    mut stop: watch::Receiver<bool>,
) {
    let mut pause = settings.pause.0;
    loop {
        let mut stopping = stop.clone();
        let run = async {
            let mut standing =
                store::open(&store, &settings.target, recorder.health().block).await?;
            let ended = hand_on(&settings, &store, &recorder, &mut standing, &mut stopping).await;
            if let Err(problem) = &ended {
                standing.failing_since = standing.failing_since.or_else(|| Some(Timestamp::now()));
                standing.problem = problem.to_string();
            }
            store::keep(&store, &standing).await?;
            ended
        };
        let before = Instant::now();
        match run.await {
            Ok(()) => return,
            Err(problem) => {
                metrics::counter!("lucid_forward_failures_total").increment(1);
                tracing::warn!(target = settings.target, %problem, "handing on is interrupted");
            }
        }
        // A line that held for a while is no reason to wait long.
        pause = if before.elapsed() > settings.pause.1 { settings.pause.0 } else { pause };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(settings.pause.1);
    }
}

#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error("the commit log cannot be read: {0}")]
    Log(String),
    #[error("the cursor cannot be kept")]
    Store(#[from] StoreError),
    #[error("the higher platform cannot be reached: {0}")]
    Line(#[from] std::io::Error),
    #[error("the higher platform does not answer within {} s", .0.as_secs())]
    Silent(Duration),
}

/// A packet on the way.
struct OnTheWay {
    block: i64,
    packet: i64,
    mn: String,
    qn: Option<String>,
    deadline: Instant,
}

/// The number of the packet when a whole commit was read.
const WHOLE: i64 = 2_147_483_647;
/// New commits are looked for so often where nobody tells of them.
const LOOK: Duration = Duration::from_secs(1);
/// The cursor is kept after so many answers, and whenever nothing is on the way.
const KEPT_EVERY: i64 = 200;

async fn hand_on(
    settings: &ForwardSettings,
    store: &Store,
    recorder: &Recorder,
    standing: &mut Standing,
    stop: &mut watch::Receiver<bool>,
) -> Result<(), Interrupted> {
    let connect = TcpStream::connect(&settings.target);
    let silent = || Interrupted::Silent(settings.answer);
    let mut stream = tokio::select! {
        _ = stop.wait_for(|stop| *stop) => return Ok(()),
        stream = timeout(settings.answer, connect) => stream.map_err(|_| silent())??,
    };
    let _without_it_answers_wait = stream.set_nodelay(true);
    let mut live = recorder.live();
    let mut line = Line { decoder: Decoder::new(), buffer: vec![0; 16 << 10] };
    let mut on_the_way: VecDeque<OnTheWay> = VecDeque::new();
    let mut ready: VecDeque<(OnTheWay, Vec<u8>)> = VecDeque::new();
    let mut read_up_to = (standing.block, standing.packet);
    let mut kept = standing.forwarded;
    loop {
        if ready.is_empty() {
            ready = next_packets(settings, store, recorder, &mut read_up_to).await?;
        }
        while on_the_way.len() < settings.window
            && let Some((mut packet, bytes)) = ready.pop_front()
        {
            packet.deadline = Instant::now() + settings.answer;
            timeout_at(packet.deadline, stream.write_all(&bytes)).await.map_err(|_| silent())??;
            on_the_way.push_back(packet);
        }
        if on_the_way.is_empty() {
            if (standing.block, standing.packet) < read_up_to || standing.forwarded > kept {
                (standing.block, standing.packet) = read_up_to;
                store::keep(store, standing).await?;
                kept = standing.forwarded;
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                _ = live.recv(), if !live.is_closed() => {}
                () = tokio::time::sleep(LOOK) => {}
                read = stream.read(&mut line.buffer) => { line.take(read?)?; }
            }
            continue;
        }
        let deadline = on_the_way.front().map_or_else(Instant::now, |first| first.deadline);
        let read = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            read = timeout_at(deadline, stream.read(&mut line.buffer)) => read,
        };
        for answer in line.take(read.map_err(|_| silent())??)? {
            let place = on_the_way.iter().position(|one| is_answered(one, &answer));
            let Some(place) = place else { continue };
            // A platform answers in order; what lies before was received as well.
            for one in on_the_way.drain(..=place) {
                (standing.block, standing.packet) = (one.block, one.packet);
                standing.forwarded += 1;
            }
            standing.answered_at = Some(Timestamp::now());
            standing.failing_since = None;
            standing.problem.clear();
        }
        if standing.forwarded - kept >= KEPT_EVERY {
            store::keep(store, standing).await?;
            kept = standing.forwarded;
        }
    }
}

fn is_answered(one: &OnTheWay, answer: &Frame) -> bool {
    let packet = &answer.packet;
    let qn = packet.qn().or_else(|| packet.value("QN"));
    packet.cn() == "9014" && packet.mn() == one.mn && (qn.is_none() || qn == one.qn.as_deref())
}

struct Line {
    decoder: Decoder,
    buffer: Vec<u8>,
}

impl Line {
    /// The frames in what was read; an end of the line is an error.
    fn take(&mut self, length: usize) -> Result<Vec<Frame>, std::io::Error> {
        if length == 0 {
            return Err(std::io::Error::other("the line was closed"));
        }
        self.decoder.push(&self.buffer[..length]);
        let mut frames = Vec::new();
        while let Some(frame) = self.decoder.next_frame() {
            frames.extend(frame);
        }
        Ok(frames)
    }
}

/// The packets of the next commit that has some to be handed on; `read_up_to` goes on with them.
async fn next_packets(
    settings: &ForwardSettings,
    store: &Store,
    recorder: &Recorder,
    read_up_to: &mut (i64, i64),
) -> Result<VecDeque<(OnTheWay, Vec<u8>)>, Interrupted> {
    let end = recorder.health().block;
    loop {
        let (block, after) = *read_up_to;
        if block > 0 && after < WHOLE {
            let packets = raw_block(store, block).await;
            let packets = packets.map_err(|problem| Interrupted::Log(problem.to_string()))?;
            let numbered = (0_i64..).zip(&packets);
            let found: VecDeque<_> = numbered
                .filter(|(index, packet)| *index > after && packet.device.is_some())
                .filter_map(|(index, packet)| to_be_sent(settings, &packet.bytes, block, index))
                .collect();
            *read_up_to = (block, WHOLE);
            if !found.is_empty() {
                return Ok(found);
            }
        }
        if block >= end {
            return Ok(VecDeque::new());
        }
        *read_up_to = (block + 1, -1);
    }
}

/// The packet as it is sent on, with the bit by which an answer is asked for; `None` when it is
/// not handed on.
fn to_be_sent(
    settings: &ForwardSettings,
    raw: &[u8],
    block: i64,
    packet: i64,
) -> Option<(OnTheWay, Vec<u8>)> {
    let frame = decode_whole(raw).ok()?;
    let command: u16 = frame.packet.cn().parse().ok()?;
    if !settings.commands.contains(&command) {
        return None;
    }
    let one = OnTheWay {
        block,
        packet,
        mn: frame.packet.mn().to_owned(),
        qn: frame.packet.qn().map(str::to_owned),
        deadline: Instant::now(),
    };
    Some((one, asking_for_an_answer(&frame)))
}

fn asking_for_an_answer(frame: &Frame) -> Vec<u8> {
    let text = frame.packet.text();
    let header = text.find("CP=").map_or(text, |at| &text[..at]);
    let asked = match frame.packet.flag_text() {
        Some(flag) => {
            let with_bit = frame.packet.flag().unwrap_or(0) | 1;
            let (old, new) = (format!("Flag={flag}"), format!("Flag={with_bit}"));
            format!("{}{}", header.replacen(&old, &new, 1), &text[header.len()..])
        }
        // Packets of 2005 may have no Flag.
        None => format!("{header}Flag=1;{}", &text[header.len()..]),
    };
    encode::frame(asked.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_handed_on_as_it_came_and_asks_for_an_answer() {
        for (area, flag, wanted) in
            [("Flag=4;", 4, "Flag=5;"), ("Flag=5;", 5, "Flag=5;"), ("", 0, "Flag=1;")]
        {
            let text = format!(
                "QN=20261129080000123;ST=32;CN=2061;PW=123456;MN=M1;{area}\
                 CP=&&DataTime=20261129070000;w01018-Avg=40.1,w01018-Flag=N&&"
            );
            let settings = ForwardSettings::to("127.0.0.1:1");
            let raw = encode::frame(text.as_bytes());
            let (one, bytes) = to_be_sent(&settings, &raw, 7, 3).expect("it is handed on");
            let sent = decode_whole(&bytes).expect("it holds together");
            assert_eq!((one.block, one.packet, one.mn.as_str()), (7, 3, "M1"), "{flag}");
            assert!(sent.packet.text().contains(wanted), "{}", sent.packet.text());
            assert_eq!(sent.packet.value("w01018-Avg"), Some("40.1"));
            assert!(sent.packet.wants_answer());
        }
        let answer = Frame::clone(
            &decode_whole(&encode::frame(
                b"QN=1;ST=91;CN=9011;PW=123456;MN=M1;Flag=4;CP=&&QnRtn=1&&",
            ))
            .expect("it holds together"),
        );
        let settings = ForwardSettings::to("127.0.0.1:1");
        assert!(to_be_sent(&settings, &answer.bytes, 1, 1).is_none(), "answers stay here");
    }
}
