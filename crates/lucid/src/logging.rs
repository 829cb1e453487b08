//! Log lines on standard error.

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
