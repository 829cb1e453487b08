//! A running server as whoever watches over it sees it: on a full disk, in traces, in metrics.

#[path = "../devices/mod.rs"]
mod devices;

mod dashboards;
#[cfg(target_os = "linux")]
mod full_disk;
mod support;
mod traces;
