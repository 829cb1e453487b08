//! The stream between receivers and the server that records, as the settings name it.

use std::path::PathBuf;
use std::time::Duration;

use ingest::hj212::Receiver;
use ingest::stream::{self, Intake, IntakeStanding, StreamSettings};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::configuration::{Settings, keys};
use crate::engine::Engine;
use crate::exit::Failure;

/// Where the stream is; `None` where none is named.
pub(crate) fn settings(settings: &Settings) -> Result<Option<StreamSettings>, Failure> {
    let servers = settings.text(keys::INTAKE_NATS);
    if servers.is_empty() {
        return Ok(None);
    }
    let name = settings.text(keys::INTAKE_STREAM);
    let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if name.is_empty() || name.len() > 64 || !name.bytes().all(is_sound) {
        let what = format!("{}: {name:?} is no name of a stream", keys::INTAKE_STREAM);
        let cure = "Take up to 64 letters, digits, _ and -, for example LUCID.";
        return Err(Failure::of_use("configuration.value", what, cure));
    }
    let file = |key| {
        let text = settings.text(key);
        (!text.is_empty()).then(|| PathBuf::from(text))
    };
    let own = (file(keys::INTAKE_OWN_CERTIFICATE), file(keys::INTAKE_OWN_KEY));
    let own_certificate = match own {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => {
            let what = "a certificate of one's own needs its key, and the key its certificate";
            let cure = "Set both intake.own_certificate and intake.own_key, or neither.";
            return Err(Failure::of_use("configuration.value", what, cure));
        }
    };
    let user = settings.text(keys::INTAKE_USER);
    let password = settings.text(keys::INTAKE_PASSWORD);
    Ok(Some(StreamSettings {
        name: name.to_owned(),
        replicas: usize::try_from(settings.count(keys::INTAKE_REPLICAS)).unwrap_or(3),
        bytes_max: settings.count(keys::INTAKE_MAX).saturating_mul(1 << 20),
        keep: Duration::from_secs(settings.count(keys::INTAKE_KEEP).saturating_mul(60)),
        user: (!user.is_empty()).then(|| (user.to_owned(), password.to_owned())),
        credentials: file(keys::INTAKE_CREDENTIALS),
        certificates: file(keys::INTAKE_CERTIFICATES),
        own_certificate,
        ..StreamSettings::at(servers)
    }))
}

/// Begins to record what receivers deliver, where the settings name a stream.
pub(crate) fn take_in(
    engine: &Engine,
    receiver: &Receiver,
    given: &Settings,
    stopping: &watch::Receiver<bool>,
) -> Result<Option<(IntakeStanding, JoinHandle<()>)>, Failure> {
    let Some(settings) = settings(given)? else { return Ok(None) };
    let intake = Intake {
        settings,
        store: engine.store.clone(),
        recorder: engine.recorder.clone(),
        registry: engine.registry.clone(),
        devices: receiver.devices().clone(),
    };
    Ok(Some(stream::take_in(intake, stopping.clone())))
}
