//! One connection: reads what has come, records it in one commit, answers after it.

use super::exchanges::Exchanges;
use super::intake::{Group, Intake};
use super::pace::Pace;
use super::receiver::{Shared, stopped};
use crate::sink::Kept;
use ::hj212::Decoder;
use jiff::Timestamp;
use observations::TRACE;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Sleep;
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};

/// Bytes read at one time at first; a sender that fills them gets more, up to the second.
const BUFFER: usize = 4 << 10;
const BUFFER_MAX: usize = 64 << 10;

/// Why a connection ended.
enum End {
    /// The peer closed it, or the network did.
    Peer,
    /// The receiver stops.
    Stop,
    /// Another connection speaks for the same device.
    TakenOver,
    /// A limit was passed.
    Limit(&'static str, &'static str),
}

/// Serves a connection until it ends.
pub(crate) async fn run(
    mut stream: TcpStream,
    peer: SocketAddr,
    shared: &Shared,
    mut stopping: watch::Receiver<bool>,
) {
    let _without_it_answers_wait = stream.set_nodelay(true);
    let mut intake = Intake::new(shared, peer.to_string().into());
    let mut exchanges = Exchanges::new(shared.settings.terms);
    let end = serve(&mut stream, &mut intake, &mut exchanges, shared, &mut stopping).await;
    let now = Timestamp::now();
    exchanges.broken(shared, now).await;
    match end {
        End::Peer | End::Stop => {}
        End::TakenOver => tracing::info!(%peer, "closed: the device speaks elsewhere"),
        End::Limit(reason, why) => intake.refuse(reason, why.to_owned(), None, &[], now),
    }
    intake.finish(now);
}

async fn serve(
    stream: &mut TcpStream,
    intake: &mut Intake<'_>,
    exchanges: &mut Exchanges,
    shared: &Shared,
    stopping: &mut watch::Receiver<bool>,
) -> End {
    let limits = &shared.settings;
    let mut decoder = Decoder::with_keys(shared.keys.for_decoder());
    let mut buffer = vec![0; BUFFER];
    let mut pace = Pace::new(limits.packets_per_second_max, Instant::now());
    let silence = tokio::time::sleep(limits.greeting);
    tokio::pin!(silence);
    let mut greeted = false;
    let mut without_packet = 0;
    let line = intake.line.clone();
    loop {
        let read = tokio::select! {
            biased;
            () = stopped(stopping) => return End::Stop,
            () = line.end.notified() => return End::TakenOver,
            read = stream.read(&mut buffer) => read,
            () = line.orders.notified() => {
                if !order(stream, intake, exchanges, shared).await {
                    return End::Peer;
                }
                continue;
            }
            () = until(exchanges.wake_at()) => {
                let again = exchanges.wake(Timestamp::now());
                if exchanges.write(shared).await {
                    line.orders.notify_one();
                }
                if !send(stream, shared, &again).await {
                    return End::Peer;
                }
                continue;
            }
            () = silence.as_mut() => return silent(greeted),
        };
        let Ok(length @ 1..) = read else { return End::Peer };
        let now = Timestamp::now();
        let span = info_span!(
            target: TRACE,
            "packets",
            otel.kind = "server",
            otel.status_code = Empty,
            device.mn = Empty,
            packets = Empty,
            bytes = length as i64,
        );
        let mut group = Group::default();
        decoder.push(&buffer[..length]);
        while let Some(frame) = decoder.next_frame() {
            match frame {
                Ok(frame) => intake.accept(frame, now, exchanges, &mut group).await,
                Err(rejection) => intake.reject(&rejection, now, &mut group),
            }
        }
        without_packet += length;
        if !group.deliveries.is_empty() {
            (without_packet, greeted) = (0, true);
        }
        if without_packet > limits.bytes_without_packet_max {
            return End::Limit(
                "hj212.no_packet",
                "长时间收到的字节中没有有效数据包 / too many bytes without a valid packet",
            );
        }
        if greeted {
            rest(silence.as_mut(), limits.idle);
        }
        if length == buffer.len() && length < BUFFER_MAX {
            buffer.resize(length * 2, 0);
        }
        let wait = pace.take(group.frames, Instant::now());
        if let Some(mn) = intake.mns().first().filter(|_| !span.is_disabled()) {
            span.record("device.mn", &**mn);
        }
        span.record("packets", group.frames as i64);
        if !record_and_answer(stream, intake, shared, group).instrument(span).await {
            return End::Peer;
        }
        if exchanges.write(shared).await {
            line.orders.notify_one();
        }
        intake.set_clocks().await;
        intake.greet().await;
        intake.renew_keys().await;
        if let Some(wait) = wait {
            metrics::counter!("lucid_ingest_slowed_total").increment(1);
            tokio::select! {
                () = stopped(stopping) => return End::Stop,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }
}

fn rest(silence: std::pin::Pin<&mut Sleep>, idle: std::time::Duration) {
    silence.reset(tokio::time::Instant::now() + idle);
}

const fn silent(greeted: bool) -> End {
    if greeted {
        End::Limit("hj212.idle", "连接长时间无数据 / nothing came for long on the connection")
    } else {
        End::Limit(
            "hj212.no_greeting",
            "连接后未发送有效数据包 / no valid packet came after connecting",
        )
    }
}

/// Records a group and answers it when it is on the disk; false when the peer takes no answer.
async fn record_and_answer(
    stream: &mut TcpStream,
    intake: &mut Intake<'_>,
    shared: &Shared,
    mut group: Group,
) -> bool {
    let (deliveries, speakers) = group.take();
    if deliveries.is_empty() {
        return true;
    }
    match shared.sink.keep(deliveries).await {
        Ok(Kept::Recorded(recorded)) => intake.recorded(&speakers, &recorded),
        Ok(Kept::InStream(rows)) => intake.published(&speakers, &rows),
        Err(problem) => {
            metrics::counter!("lucid_ingest_not_recorded_total").increment(speakers.len() as u64);
            tracing::debug!(code = problem.code(), %problem, "not recorded, not answered");
            Span::current().record("otel.status_code", "ERROR");
            return true;
        }
    }
    send(stream, shared, &group.answers).await
}

/// Sends the next commands of the devices that speak here; false when the peer takes no bytes.
async fn order(
    stream: &mut TcpStream,
    intake: &Intake<'_>,
    exchanges: &mut Exchanges,
    shared: &Shared,
) -> bool {
    let bytes = exchanges.begin(shared, &intake.mns()).await;
    send(stream, shared, &bytes).await
}

async fn send(stream: &mut TcpStream, shared: &Shared, bytes: &[u8]) -> bool {
    if bytes.is_empty() {
        return true;
    }
    let write = stream.write_all(bytes);
    matches!(tokio::time::timeout(shared.settings.write, write).await, Ok(Ok(())))
}

/// Resolves at a moment; never where there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}
