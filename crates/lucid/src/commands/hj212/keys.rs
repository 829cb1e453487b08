//! `lucid hj212 keys`: the keys of many devices from a file; works beside a running server, which
//! sees the change within a second.

use std::path::Path;

use authority::Actor;
use authority::audit::{Record, record};
use ingest::{DeviceKeys, read_key};
use jiff::Timestamp;
use registry::Registry;

use crate::arguments::Common;
use crate::commands::backup::existing;
use crate::commands::files;
use crate::configuration::Settings;
use crate::exit::{Exit, Failure, Outcome};
use crate::opened;
use crate::terminal::say;

const CURE: &str = "Write a line `MN,key` for each device; a key is 16 signs or 32 hexadecimal \
                    digits drawn by lot.";

pub(super) fn run(file: &Path, common: &Common) -> Outcome {
    let settings = Settings::load(&common.given())?;
    existing(&settings)?;
    let bytes = files::read(Some(file))?;
    let lines = read(&ingest::files::text(&bytes))?;
    opened::block_on(async {
        let store = opened::store(&settings).await?;
        let set = set_all(&store, &settings, &lines).await;
        store.close().await;
        set?;
        say!("{} keys are set", lines.len());
        Ok(Exit::Ok)
    })?
}

/// The devices and keys of a file, all right or none taken.
fn read(text: &str) -> Result<Vec<(String, [u8; 16])>, Failure> {
    let mut found = Vec::new();
    for (number, line) in (1_usize..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line.eq_ignore_ascii_case("mn,key") {
            continue;
        }
        let wrong = |what: String| {
            Failure::of_use("device_key.file_line", format!("line {number}: {what}"), CURE)
        };
        let (mn, key) = line
            .split_once(',')
            .ok_or_else(|| wrong("there is no comma between MN and key".to_owned()))?;
        let key = read_key(key).map_err(|problem| wrong(problem.to_string()))?;
        found.push((mn.trim().to_owned(), key));
    }
    Ok(found)
}

async fn set_all(
    store: &store::Store,
    settings: &Settings,
    lines: &[(String, [u8; 16])],
) -> Result<(), Failure> {
    let failed = |problem: ingest::KeyProblem| Failure::caused(problem.code(), &problem, CURE);
    let stored = |problem: store::StoreError| {
        Failure::caused(problem.code(), &problem, "Look at the store with `lucid doctor`.")
    };
    let registry = Registry::open(store)
        .await
        .map_err(|error| Failure::caused(error.code(), &error, "Load a city with `lucid init`."))?;
    let nouns = registry.snapshot();
    let keys = DeviceKeys::open(store, Some(&settings.data())).await.map_err(failed)?;
    let (actor, now) = (Actor::console(), Timestamp::now());
    let mut transaction = store.begin().await.map_err(stored)?;
    for (mn, key) in lines {
        if nouns.device(mn).is_none() {
            let what = format!("no device with the MN {mn:?} is registered; nothing was set");
            return Err(Failure::of_use("command.device", what, "Compare the city's devices.csv."));
        }
        keys.set(&mut transaction, mn, key, &actor.name, now).await.map_err(failed)?;
        let written = Record {
            at: now,
            actor: &actor,
            action: "device.key_set",
            subject: format!("device {mn}"),
            before: None,
            after: None,
        };
        record(&mut transaction, written).await.map_err(|error| {
            Failure::caused(error.code(), &error, "Look at the store with `lucid doctor`.")
        })?;
    }
    transaction.commit().await.map_err(|error| stored(error.into()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_file_of_keys_is_taken_whole_or_not_at_all() {
        let good = "MN,key\n# first network\nA, k7Qw2mZp9LxT4vBn\n\nB,6b375177326d5a70394c785434764\
                    26e\n";
        let found = read(good).expect("two keys");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].1, found[1].1, "the same key in both forms");
        for bad in ["A k7Qw2mZp9LxT4vBn", "A,short", "A,0000000000000000"] {
            let failure = read(&format!("{good}{bad}")).expect_err(bad);
            assert_eq!(failure.code, "device_key.file_line");
            assert!(failure.what.contains("line 6"), "{}", failure.what);
        }
    }
}
