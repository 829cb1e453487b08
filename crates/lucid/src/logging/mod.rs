//! Log lines, on standard error or in a file that is changed from time to time.

mod rotation;

use tracing::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer};

use crate::configuration::{Settings, keys};
use crate::exit::Failure;
use crate::telemetry::{self, Telemetry};
use rotation::{Lines, RotatingFile, Rules};

/// Starts to log as the settings say, and to send traces if they say where.
pub(crate) fn start(settings: &Settings) -> Result<Telemetry, Failure> {
    let telemetry = Telemetry::open(settings)?;
    let lines = match settings.text(keys::LOG_FILE) {
        "" => lines(settings, std::io::stderr, true)?,
        file => {
            let file = RotatingFile::open(file.as_ref(), rules(settings)).map_err(|error| {
                let what = format!("cannot write the log file {file}: {error}");
                let cure = "Choose another with log.file, or let this user write there.";
                Failure::of_environment("log.file", what, cure)
            })?;
            lines(settings, Lines::from(file), false)?
        }
    };
    let all = tracing_subscriber::registry().with(lines).with(telemetry.layer());
    // A second start within one process finds the first: that is as well.
    let _ = all.try_init();
    Ok(telemetry)
}

fn rules(settings: &Settings) -> Rules {
    Rules {
        bytes_max: settings.count(keys::LOG_MAX).saturating_mul(1_000_000),
        is_daily: settings.text(keys::LOG_DAILY) == "yes",
        keep: usize::try_from(settings.count(keys::LOG_KEEP)).unwrap_or(usize::MAX),
        compresses: settings.text(keys::LOG_COMPRESS) == "yes",
    }
}

/// What writes the lines. The spans of traces are none of theirs.
fn lines<Writer, Registry>(
    settings: &Settings,
    writer: Writer,
    is_terminal: bool,
) -> Result<Box<dyn Layer<Registry> + Send + Sync>, Failure>
where
    Writer: for<'line> MakeWriter<'line> + Send + Sync + 'static,
    Registry: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let level = settings.text(keys::LOG_LEVEL);
    let filter = EnvFilter::try_new(format!("{level},{}=off", telemetry::TARGET));
    let filter = filter.map_err(|error| {
        let what = format!("{} {level:?}: {error}", keys::LOG_LEVEL);
        Failure::of_use("configuration.value", what, "Write for example info,ingest=debug.")
    })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(is_terminal);
    Ok(match settings.text(keys::LOG_FORM) {
        "json" => lines.json().with_filter(filter).boxed(),
        _ => lines.with_target(false).with_filter(filter).boxed(),
    })
}
