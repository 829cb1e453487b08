//! What the program counts, for `/metrics`: every name with its meaning, there from the start at
//! nought, so that a rule that watches one never waits for the first event.

use std::path::PathBuf;
use std::time::Duration;

use ingest::Devices;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use observations::Recorder;
use store::{Room, Store};

use crate::configuration::{Settings, keys};
use crate::exit::Failure;

/// The metric of the last commit; the doctor holds that of evaluation against it.
pub(crate) const COMMITTED: &str = "lucid_observations_block";
/// How often the histograms are folded and the gauges read.
const UPKEEP: Duration = Duration::from_secs(5);
/// Where a duration falls: from a commit on a fast disk to a page that somebody gives up on.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// Packets of one commit or message.
const PACKETS: [f64; 10] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 500.0, 2000.0, 8000.0];

/// How a metric behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Rises for ever, and begins at nought with the program.
    Counter,
    /// Stands at something.
    Gauge,
    /// How often something took how much.
    Histogram,
}

use Kind::{Counter, Gauge, Histogram};

/// Every metric: its name, kind and meaning. Those that count by labels say which.
const METRICS: &[(&str, Kind, &str)] = &[
    ("lucid_alerts_open", Gauge, "Alerts that are open."),
    ("lucid_backup_age_seconds", Gauge, "Seconds since the last good backup."),
    ("lucid_backup_failing", Gauge, "1 while the last backup by plan failed, else 0."),
    ("lucid_backup_failures_total", Counter, "Backups by plan that failed."),
    ("lucid_backup_seconds", Gauge, "How long the last backup took."),
    ("lucid_cases_commit_failures_total", Counter, "Changes of cases that were not stored."),
    ("lucid_cases_commit_seconds", Histogram, "How long commits of cases took."),
    (
        "lucid_delivery_attempts_total",
        Counter,
        "Attempts to send messages, by channel and outcome.",
    ),
    ("lucid_devices_known", Gauge, "Devices that have ever spoken."),
    ("lucid_devices_online", Gauge, "Devices that are connected."),
    ("lucid_disk_free_bytes", Gauge, "Bytes free, by place: data, log."),
    ("lucid_disk_full", Gauge, "1 while less is free than is held back, else 0."),
    ("lucid_disk_reserve_bytes", Gauge, "Bytes of the data folder's disk that are held back."),
    ("lucid_disk_total_bytes", Gauge, "Bytes of the disk, by place: data, log."),
    ("lucid_evaluation_block", Gauge, "The last commit that was judged."),
    ("lucid_evaluation_failures_total", Counter, "Verdicts that the store did not take at once."),
    ("lucid_forward_failures_total", Counter, "Failures to hand packets on to a higher platform."),
    ("lucid_history_bytes", Gauge, "Bytes of the current files of closed months, by period."),
    ("lucid_history_failing", Gauge, "1 while the last round of moving months failed, else 0."),
    ("lucid_history_failures_total", Counter, "Rounds of moving months that failed."),
    ("lucid_history_forgotten_rows_total", Counter, "Rows deleted by rule, by period."),
    (
        "lucid_history_late_refused_total",
        Counter,
        "Packets for moved months refused while the history is out of reach.",
    ),
    (
        "lucid_history_late_rows",
        Gauge,
        "Rows that came for moved months and wait for compaction, by period.",
    ),
    ("lucid_history_late_rows_total", Counter, "Rows that came for moved months, by period."),
    ("lucid_history_month_seconds", Histogram, "How long moving or compacting one month took."),
    ("lucid_history_months", Gauge, "Months in files, by period."),
    (
        "lucid_history_months_written_total",
        Counter,
        "Months moved or compacted, by period and work.",
    ),
    ("lucid_history_replaced_bytes", Gauge, "Bytes of replaced files that are not deleted yet."),
    ("lucid_history_rows", Gauge, "Rows in files, by period."),
    ("lucid_http_request_seconds", Histogram, "How long requests took until their answer began."),
    ("lucid_http_requests_total", Counter, "Requests, by method, declared route, class of status."),
    (
        "lucid_ingest_commands_total",
        Counter,
        "Commands to devices that came to an end, by outcome.",
    ),
    ("lucid_ingest_connections", Gauge, "Connections of devices."),
    (
        "lucid_ingest_not_recorded_total",
        Counter,
        "Packets that could not be recorded and were not answered.",
    ),
    ("lucid_ingest_packets_total", Counter, "Packets recorded and answered."),
    ("lucid_ingest_refused_total", Counter, "Packets refused, by reason."),
    ("lucid_ingest_rows_total", Counter, "Rows of values that packets brought."),
    ("lucid_ingest_slowed_total", Counter, "Times that a device sent too fast and had to wait."),
    ("lucid_ingest_takeovers_total", Counter, "Connections closed by a newer of the same device."),
    ("lucid_log_entries", Gauge, "Entries of the public log."),
    ("lucid_log_lines_lost_total", Counter, "Log lines that found no room on the disk."),
    (COMMITTED, Gauge, "The last commit of observations."),
    (
        "lucid_observations_commit_failures_total",
        Counter,
        "Commits of observations that failed; nothing of them was answered.",
    ),
    ("lucid_observations_commit_packets", Histogram, "Packets that a commit held."),
    ("lucid_observations_commit_seconds", Histogram, "How long commits of observations took."),
    ("lucid_observations_packets_total", Counter, "Packets recorded, from wherever they came."),
    ("lucid_observations_queued", Gauge, "Packets that wait for a commit."),
    ("lucid_process_resident_bytes", Gauge, "Memory of the program."),
    ("lucid_ready", Gauge, "1 while the server records what comes, else 0."),
    ("lucid_receivers", Gauge, "Receivers that have told of themselves lately."),
    ("lucid_refused_without_room_total", Counter, "Requests refused because the disk is full."),
    ("lucid_started_at_seconds", Gauge, "When the program started, in seconds since 1970."),
    ("lucid_store_bytes", Gauge, "The SQLite file."),
    ("lucid_store_journal_bytes", Gauge, "The write-ahead log beside the SQLite file."),
    ("lucid_stream_bytes", Gauge, "Bytes of all messages of the stream."),
    ("lucid_stream_connected", Gauge, "1 while NATS is connected, else 0."),
    ("lucid_stream_disconnections_total", Counter, "Times that the connection to NATS was lost."),
    ("lucid_stream_duplicates_total", Counter, "Packets from the stream that brought nothing new."),
    (
        "lucid_stream_intake_failures_total",
        Counter,
        "Times that nothing could be taken in from the stream.",
    ),
    ("lucid_stream_message_packets", Histogram, "Packets that a message of the stream held."),
    ("lucid_stream_messages_known_total", Counter, "Messages published again that the stream had."),
    (
        "lucid_stream_messages_missing_total",
        Counter,
        "Messages gone before the store knew of them.",
    ),
    ("lucid_stream_messages_published_total", Counter, "Messages that the stream has taken."),
    ("lucid_stream_messages_recorded_total", Counter, "Messages of the stream that are recorded."),
    (
        "lucid_stream_messages_unread_total",
        Counter,
        "Messages kept as they came; nobody can read them.",
    ),
    ("lucid_stream_packets_recorded_total", Counter, "Packets of the stream that are recorded."),
    (
        "lucid_stream_publish_failures_total",
        Counter,
        "Messages that the stream did not take in time.",
    ),
    ("lucid_stream_publish_retries_total", Counter, "Times that a message was published again."),
    (
        "lucid_stream_publish_seconds",
        Histogram,
        "How long messages took until most servers had them.",
    ),
    ("lucid_stream_recorded", Gauge, "The last message of the stream that is recorded."),
    ("lucid_stream_replicas_behind", Gauge, "Servers of the stream that are gone or behind."),
    ("lucid_stream_waiting", Gauge, "Messages of the stream that are not recorded yet."),
    ("lucid_stream_bytes", Gauge, "Bytes that the stream of receivers holds."),
    ("lucid_stream_connected", Gauge, "1 while the stream's servers are reached, else 0."),
    ("lucid_stream_disconnections_total", Counter, "Connections to the stream that were lost."),
    ("lucid_stream_duplicates_total", Counter, "Packets of the stream that were known already."),
    ("lucid_stream_intake_failures_total", Counter, "Messages that were not recorded at once."),
    ("lucid_stream_message_packets", Histogram, "Packets that a message held."),
    ("lucid_stream_messages_known_total", Counter, "Messages that the stream had already."),
    ("lucid_stream_messages_missing_total", Counter, "Messages that the stream no longer has."),
    ("lucid_stream_messages_published_total", Counter, "Messages that the stream acknowledged."),
    ("lucid_stream_messages_recorded_total", Counter, "Messages recorded from the stream."),
    ("lucid_stream_messages_unread_total", Counter, "Messages that could not be read."),
    ("lucid_stream_packets_recorded_total", Counter, "Packets recorded from the stream."),
    ("lucid_stream_publish_failures_total", Counter, "Messages that the stream did not take."),
    ("lucid_stream_publish_retries_total", Counter, "Messages that were published again."),
    ("lucid_stream_publish_seconds", Histogram, "How long the stream took to acknowledge."),
    ("lucid_stream_recorded", Gauge, "The last message of the stream that is recorded."),
    ("lucid_stream_replicas_behind", Gauge, "Servers of the stream that are behind."),
    ("lucid_stream_waiting", Gauge, "Messages that are published and not yet recorded."),
    ("lucid_telemetry_failures_total", Counter, "Batches of traces that no collector took."),
];

/// Begins to count what the crates below count; before them, so that nothing is missed.
pub(crate) fn count() -> Result<PrometheusHandle, Failure> {
    let failed = |error: &dyn std::error::Error| {
        Failure::of_environment("metrics", error.to_string(), "Start the program again.")
    };
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(|builder| {
            builder.set_buckets_for_metric(Matcher::Suffix("_packets".to_owned()), &PACKETS)
        })
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| failed(&error))?;
    for (name, kind, meaning) in METRICS.iter().copied() {
        match kind {
            Counter => {
                metrics::describe_counter!(name, meaning);
                metrics::counter!(name).absolute(0);
            }
            Gauge => {
                metrics::describe_gauge!(name, meaning);
                if !is_known_later(name) {
                    metrics::gauge!(name).set(0.0);
                }
            }
            Histogram => {
                metrics::describe_histogram!(name, meaning);
                let _made = metrics::histogram!(name);
            }
        }
    }
    metrics::gauge!("lucid_started_at_seconds").set(jiff::Timestamp::now().as_second() as f64);
    Ok(handle)
}

/// Whether nought would be wrong before somebody has looked, or where nobody does: a receiver has
/// no store.
fn is_known_later(name: &str) -> bool {
    matches!(
        name,
        "lucid_backup_age_seconds"
            | "lucid_disk_free_bytes"
            | "lucid_disk_full"
            | "lucid_disk_total_bytes"
            | "lucid_ready"
    )
}

/// What the gauges are read from.
pub(crate) struct Watched {
    pub(crate) store: Store,
    pub(crate) recorder: Recorder,
    pub(crate) devices: Devices,
    /// The disks that are watched, by their name in the metric.
    pub(crate) places: Vec<(&'static str, PathBuf)>,
}

/// The disks that the settings put something on.
pub(crate) fn places(settings: &Settings) -> Vec<(&'static str, PathBuf)> {
    let mut places = vec![("data", settings.data())];
    let log = settings.text(keys::LOG_FILE);
    if let Some(folder) = std::path::Path::new(log).parent().filter(|_| !log.is_empty()) {
        let is_here = folder.as_os_str().is_empty();
        places.push(("log", if is_here { PathBuf::from(".") } else { folder.to_owned() }));
    }
    places
}

/// Folds the histograms and reads the gauges, as long as the server runs.
pub(crate) async fn keep_up(handle: PrometheusHandle, watched: Watched) {
    let mut due = tokio::time::interval(UPKEEP);
    let mut was_full = false;
    loop {
        due.tick().await;
        handle.run_upkeep();
        was_full = read(&watched, was_full);
    }
}

/// Reads everything once; whether the disk is full, which is told when it changes.
fn read(watched: &Watched, was_full: bool) -> bool {
    let health = watched.recorder.health();
    metrics::gauge!(COMMITTED).set(health.block as f64);
    for (place, folder) in &watched.places {
        if let Some(Room { free, total }) = Room::of(folder) {
            metrics::gauge!("lucid_disk_free_bytes", "place" => *place).set(free as f64);
            metrics::gauge!("lucid_disk_total_bytes", "place" => *place).set(total as f64);
        }
    }
    let room = watched.store.ensure_room();
    match &room {
        Err(problem) if !was_full => {
            tracing::error!(%problem, "the disk is full: nothing from outside is taken");
        }
        Ok(()) if was_full => tracing::info!("there is room on the disk again"),
        _ => {}
    }
    let is_full = room.is_err();
    let is_ready = !is_full && health.failures_in_a_row == 0;
    metrics::gauge!("lucid_disk_reserve_bytes").set(watched.store.reserve() as f64);
    metrics::gauge!("lucid_disk_full").set(f64::from(u8::from(is_full)));
    metrics::gauge!("lucid_ready").set(f64::from(u8::from(is_ready)));
    if let Some(file) = watched.store.file() {
        let length = |file: &std::path::Path| std::fs::metadata(file).map_or(0, |of| of.len());
        let mut journal = file.as_os_str().to_owned();
        journal.push("-wal");
        metrics::gauge!("lucid_store_bytes").set(length(file) as f64);
        metrics::gauge!("lucid_store_journal_bytes").set(length(journal.as_ref()) as f64);
    }
    let devices = watched.devices.states();
    let online = devices.iter().filter(|device| device.online).count();
    metrics::gauge!("lucid_devices_known").set(devices.len() as f64);
    metrics::gauge!("lucid_devices_online").set(online as f64);
    if let Some(bytes) = resident() {
        metrics::gauge!("lucid_process_resident_bytes").set(bytes as f64);
    }
    is_full
}

/// The program's resident memory, where the system tells.
#[cfg(unix)]
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

#[cfg(not(unix))]
fn resident() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn sources(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(std::fs::read_to_string(&path).expect("a source"));
            }
        }
    }

    /// The names that stand in a text as metrics of ours, in quotes.
    fn names(text: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for macro_name in ["counter!(", "gauge!(", "histogram!("] {
            for (at, _) in text.match_indices(macro_name) {
                let rest = text[at + macro_name.len()..].trim_start();
                if let Some(rest) = rest.strip_prefix('"') {
                    let name = rest.split('"').next().filter(|name| name.starts_with("lucid_"));
                    found.extend(name.map(str::to_owned));
                }
            }
        }
        found
    }

    #[test]
    fn every_metric_that_is_counted_anywhere_has_a_meaning() {
        let mut texts = Vec::new();
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for one in std::fs::read_dir(crates).expect("the crates").flatten() {
            sources(&one.path().join("src"), &mut texts);
        }
        let counted: BTreeSet<String> = texts.iter().flat_map(|text| names(text)).collect();
        assert!(counted.len() > 20, "{counted:?}");
        let told: BTreeSet<String> = METRICS.iter().map(|(name, ..)| (*name).to_owned()).collect();
        let untold: Vec<_> = counted.difference(&told).collect();
        assert!(untold.is_empty(), "no meaning in METRICS for {untold:?}");
        let idle: Vec<_> = told.difference(&counted).filter(|name| *name != COMMITTED).collect();
        assert!(idle.is_empty(), "told in METRICS and counted nowhere: {idle:?}");
        for (name, kind, meaning) in METRICS {
            assert!(name.starts_with("lucid_") && meaning.ends_with('.'), "{name}");
            assert_eq!(*kind == Counter, name.ends_with("_total"), "{name}");
        }
    }

    #[test]
    fn the_reference_lists_every_metric() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/metrics.md");
        let line = |(name, kind, meaning): &(&str, Kind, &str)| {
            let kind = format!("{kind:?}").to_lowercase();
            format!("| `{name}` | {kind} | {meaning} |\n")
        };
        let lines: Vec<String> = METRICS.iter().map(line).collect();
        let table = format!("| name | kind | meaning |\n|---|---|---|\n{}", lines.concat());
        let page = std::fs::read_to_string(&file).expect("the page");
        let (head, _) = page.split_once("| name | kind |").expect("the table");
        if std::env::var_os("LUCID_BLESS").is_some() {
            std::fs::write(&file, format!("{head}{table}")).expect("written");
        }
        assert!(page.ends_with(&table), "bless it: LUCID_BLESS=1 cargo test -p lucid --bin lucid");
    }
}
