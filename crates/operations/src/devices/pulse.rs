//! The pulse of the installation: what a duty engineer looks at first.

use ingest::Devices;
use jiff::Timestamp;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use web::{AppState, Problem};

/// How the installation fares.
#[derive(Clone, Debug)]
pub(super) struct Pulse {
    pub(super) online: usize,
    pub(super) devices: usize,
    pub(super) packets: u64,
    pub(super) packets_per_second: Option<f64>,
    pub(super) refused: u64,
    pub(super) commits_behind: i64,
    pub(super) queued: usize,
    pub(super) committed_at: Option<Timestamp>,
    pub(super) failure: Option<String>,
    pub(super) disk: Option<Disk>,
    pub(super) store_bytes: Option<u64>,
    pub(super) memory_bytes: Option<u64>,
}

/// Room on the disk of the data folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Disk {
    pub(super) free: u64,
    pub(super) total: u64,
}

pub(super) async fn take(state: &AppState) -> Result<Pulse, Problem> {
    let states = state.handle::<Devices>().map(|devices| devices.states()).unwrap_or_default();
    let refused: u64 =
        ingest::refused_counts(&state.store).await?.iter().map(|count| count.packets).sum();
    let health = state.recorder.health();
    let packets = states.iter().map(|device| device.packets).sum();
    let file = state.store.file();
    Ok(Pulse {
        online: states.iter().filter(|device| device.online).count(),
        devices: state.snapshot().devices().count(),
        packets,
        packets_per_second: rate(state.now(), packets),
        refused,
        commits_behind: health.block - state.evaluation.progress().block,
        queued: health.queued,
        committed_at: health.committed_at,
        failure: failure(state, health),
        disk: file.and_then(Path::parent).and_then(disk),
        store_bytes: file.and_then(|file| std::fs::metadata(file).ok()).map(|found| found.len()),
        memory_bytes: memory(),
    })
}

/// Why nothing from outside is stored now: no room on the disk, or commits that fail.
fn failure(state: &AppState, health: observations::Health) -> Option<String> {
    let room = state.store.ensure_room().err().map(|error| error.to_string());
    room.or_else(|| health.last_failure.filter(|_| health.failures_in_a_row > 0))
}

/// Packets a second between the looks of the last minutes; `None` at the first.
fn rate(now: Timestamp, packets: u64) -> Option<f64> {
    static LOOKS: Mutex<Vec<(Timestamp, u64)>> = Mutex::new(Vec::new());
    let mut looks = LOOKS.lock().unwrap_or_else(PoisonError::into_inner);
    looks.retain(|(at, _)| now.duration_since(*at).as_secs() <= 120);
    let first = looks
        .iter()
        .find(|(at, seen)| now.duration_since(*at).as_millis() >= 1000 && *seen <= packets);
    let rate =
        first.map(|(at, seen)| (packets - seen) as f64 / now.duration_since(*at).as_secs_f64());
    looks.push((now, packets));
    rate
}

fn disk(folder: &Path) -> Option<Disk> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(Disk { free: found.f_bavail * found.f_frsize, total: found.f_blocks * found.f_frsize })
}

/// The program's resident memory, where the system tells.
fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// Bytes as people read them.
pub(super) fn bytes(count: u64) -> String {
    let (divisor, unit) = match count {
        0..=9_999_999 => (1_000, "kB"),
        10_000_000..=9_999_999_999 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    format!("{} {unit}", count / divisor)
}
