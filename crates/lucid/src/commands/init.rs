//! `lucid init`: a configuration file, a store, a city.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use crate::arguments::{Common, Init};
use crate::configuration::{Settings, keys, template};
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::{note, say};
use crate::{city, opened};

pub(crate) fn run(arguments: &Init, common: &Common) -> Outcome {
    let mut given = common.given();
    if let Some(city) = &arguments.city {
        given.values.push((keys::CITY, "--city", city.clone()));
    }
    let wanted = given.file.take_if(|file| !file.exists());
    let settings = Settings::load(&given)?;
    let _lock = opened::lock(&settings.data())?;
    let files = city::read(settings.text(keys::CITY))?;
    let written = write_configuration(&settings, wanted)?;
    for warning in &files.warnings {
        note!("{warning}");
    }
    let installed = opened::block_on(async {
        let store = opened::store(&settings).await?;
        let installed = city::install(&store, &files).await;
        store.close().await;
        installed
    })??;
    if common.json {
        say!(
            "{}",
            json!({
                "data": settings.data().display().to_string(),
                "city": files.city.key,
                "configuration": written.as_ref().map(|file| file.display().to_string()),
                "points": files.points.len(),
                "devices": files.devices.len(),
                "warnings": files.warnings.len(),
            })
        );
        return Ok(Exit::Ok);
    }
    let name = &files.city.name;
    say!(
        "{} {}: {} divisions, {} air stations, {} water sections, {} outlets, {} devices",
        name.zh,
        name.en,
        installed.divisions,
        installed.air_stations,
        installed.water_sections,
        installed.outlets,
        installed.devices
    );
    say!("data folder    {}", settings.data().display());
    if let Some(file) = written {
        say!("configuration  {}", file.display());
    }
    say!("next           lucid serve --data {}", settings.data().display());
    Ok(Exit::Ok)
}

/// Writes the configuration file where there is none yet.
fn write_configuration(
    settings: &Settings,
    wanted: Option<PathBuf>,
) -> Result<Option<PathBuf>, Failure> {
    let mut values = BTreeMap::from([(keys::CITY, settings.text(keys::CITY).to_owned())]);
    let file = match wanted {
        Some(file) => {
            let data = std::path::absolute(settings.data()).unwrap_or_else(|_| settings.data());
            values.insert(keys::DATA, data.display().to_string());
            file
        }
        None => settings.data().join("lucid.toml"),
    };
    if settings.file.is_some() || file.exists() {
        return Ok(None);
    }
    std::fs::write(&file, template(&values)).map_err(|error| {
        let what = format!("cannot write {}: {error}", file.display());
        let cure = "Choose a place that may be written, with --config FILE.";
        Failure::of_environment("configuration.file", what, cure)
    })?;
    Ok(Some(file))
}
