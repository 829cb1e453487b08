//! Log lines on standard error, and counters for `/metrics`.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::configuration::{Settings, keys};
use crate::exit::Failure;

/// Starts to log as the settings say.
pub(crate) fn start(settings: &Settings) -> Result<(), Failure> {
    let level = settings.text(keys::LOG_LEVEL);
    let filter = EnvFilter::try_new(level).map_err(|error| {
        let what = format!("{} {level:?}: {error}", keys::LOG_LEVEL);
        Failure::of_use("configuration.value", what, "Write for example info,ingest=debug.")
    })?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start within one process finds the first: that is as well.
    let _ = match settings.text(keys::LOG_FORM) {
        "json" => lines.json().try_init(),
        _ => lines.with_target(false).try_init(),
    };
    Ok(())
}

/// Begins to count what the crates below count; before them, so that nothing is missed.
pub(crate) fn count() -> Result<PrometheusHandle, Failure> {
    let handle = PrometheusBuilder::new()
        .install_recorder()
        .map_err(|error| Failure::caused("metrics", &error, "Start the program again."))?;
    metrics::gauge!("lucid_started_at_seconds").set(jiff::Timestamp::now().as_second() as f64);
    Ok(handle)
}
