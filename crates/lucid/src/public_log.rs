//! The log that everybody can read: opened with the server, appended to as long as it runs.

use transparency::Log;

use crate::clock;
use crate::configuration::{Settings, keys};
use crate::engine::Engine;
use crate::exit::Failure;

/// Opens the log; its key is made at the first start.
pub(crate) async fn open(engine: &Engine, settings: &Settings) -> Result<Log, Failure> {
    let city = engine.registry.snapshot().city.code.clone();
    let origin = origin(settings.text(keys::PUBLIC_ADDRESS), &city);
    let publications = environment::publications();
    let data = settings.data();
    let opened = Log::open(&engine.store, &data, &origin, publications, clock::now());
    opened.await.map_err(|error| {
        let cure = "Let this user write into the data folder; a lost log.key is in its backup.";
        Failure::caused(error.code(), &error, cure)
    })
}

/// The name of the log: where it is read, or the city's code where that is not known.
fn origin(public_address: &str, city: &str) -> String {
    let address = public_address.split_once("://").map_or(public_address, |(_, rest)| rest);
    match address.trim_end_matches('/') {
        "" => format!("lucid/{city}/log"),
        address => format!("{address}/log"),
    }
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn a_log_is_named_after_its_address_or_its_city() {
        assert_eq!(origin("https://lucid.example/", "350600"), "lucid.example/log");
        assert_eq!(origin("https://city.example/air", "350600"), "city.example/air/log");
        assert_eq!(origin("", "350600"), "lucid/350600/log");
    }
}
