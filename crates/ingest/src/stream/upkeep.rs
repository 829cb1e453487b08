//! Looking after the stream: how it stands, and letting go of what was recorded long enough ago.

use super::connection::{Connection, StreamStanding};
use super::consumer::IntakeStanding;
use async_nats::jetstream::stream::Stream;
use std::time::Duration;
use tokio::sync::watch;

/// How often the stream is looked at.
const EVERY: Duration = Duration::from_secs(5);
/// Every so many looks what is old goes.
const PURGE_EVERY: u32 = 12;

/// Looks after the stream until the server stops.
pub(super) async fn run(
    connection: Connection,
    stream: Stream,
    standing: IntakeStanding,
    mut stop: watch::Receiver<bool>,
) {
    let mut round = 0_u32;
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let seen = match stream.get_info().await {
            Ok(info) => StreamStanding::of(&info, &connection.client),
            Err(problem) => {
                tracing::debug!(%problem, "the stream cannot be looked at");
                continue;
            }
        };
        let recorded = standing.recorded();
        metrics::gauge!("lucid_stream_waiting").set(seen.last.saturating_sub(recorded) as f64);
        metrics::gauge!("lucid_stream_bytes").set(seen.bytes as f64);
        metrics::gauge!("lucid_stream_replicas_behind").set(seen.behind.len() as f64);
        standing.see(seen.clone());
        round = round.wrapping_add(1);
        // A stream that is half full lets everything go that is recorded.
        let is_tight = seen.bytes > seen.bytes_max / 2;
        if !is_tight && !round.is_multiple_of(PURGE_EVERY) {
            continue;
        }
        let keep_from = if is_tight {
            recorded + 1
        } else {
            first_younger(&stream, connection.settings.keep, seen.first, recorded + 1).await
        };
        if keep_from > seen.first {
            match stream.purge().sequence(keep_from).await {
                Ok(done) => tracing::debug!(messages = done.purged, "recorded messages have gone"),
                Err(problem) => tracing::warn!(%problem, "recorded messages do not go"),
            }
        }
    }
}

/// The first message between two that is younger than `keep`; the second where all are older.
async fn first_younger(stream: &Stream, keep: Duration, first: u64, end: u64) -> u64 {
    let oldest = std::time::SystemTime::now() - keep;
    let (mut low, mut high) = (first, end);
    while low < high {
        let middle = low + (high - low) / 2;
        match stream.get_raw_message(middle).await {
            Ok(message) if std::time::SystemTime::from(message.time) >= oldest => high = middle,
            Ok(_) => low = middle + 1,
            // One that is gone or cannot be asked for: nothing more goes this time.
            Err(_) => return first,
        }
    }
    low
}
