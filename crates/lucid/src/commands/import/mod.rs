//! `lucid import`: files into the store, through the same recorder as packets of devices.
//!
//! A data folder has one writer. Where a server runs, the work is handed to it through the inbox
//! of the data folder, and its report is printed as if it had been done here.

mod desk;
mod feeds;
pub(crate) mod inbox;
mod observations;
mod report;

use std::path::PathBuf;

use crate::arguments::{Common, Import};
use crate::commands::backup::existing;
use crate::commands::files;
use crate::configuration::Settings;
use crate::exit::{Failure, Outcome};
use crate::opened;
pub(crate) use desk::Desk;
use report::Report;

/// What is to be imported, with the bytes: whoever does it need not find the files.
pub(crate) struct Work {
    kind: Kind,
    inputs: Vec<Input>,
    as_json: bool,
}

/// The kinds of import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A table of observations; whether good rows are taken when others are wrong.
    Observations { partial: bool },
    /// The national publication of air.
    AirFeed,
    /// The national publication of water; the year of times without one.
    WaterFeed { year: Option<i16> },
}

/// One file.
struct Input {
    name: PathBuf,
    bytes: Vec<u8>,
}

pub(crate) fn run(what: &Import, common: &Common) -> Outcome {
    let (kind, names) = match what {
        Import::Template { what, output } => return observations::template(*what, output),
        Import::Observations { file, partial } => {
            (Kind::Observations { partial: *partial }, std::slice::from_ref(file))
        }
        Import::AirFeed { files } => (Kind::AirFeed, files.as_slice()),
        Import::WaterFeed { files, year } => (Kind::WaterFeed { year: *year }, files.as_slice()),
    };
    let settings = Settings::load(&common.given())?;
    existing(&settings)?;
    let read =
        |name: &PathBuf| Ok(Input { name: name.clone(), bytes: files::read_packed(Some(name))? });
    let inputs = names.iter().map(read).collect::<Result<Vec<_>, Failure>>()?;
    let work = Work { kind, inputs, as_json: common.json };
    let data = settings.data();
    let report = match opened::lock(&data) {
        Ok(lock) => opened::block_on(async {
            let desk = Desk::open(&settings).await?;
            let report = perform(work, &desk).await;
            desk.close().await;
            drop(lock);
            report
        })??,
        Err(failure) if failure.code == opened::LOCKED && opened::doors(&data).is_some() => {
            inbox::hand_over(&data, &work)?
        }
        Err(failure) => return Err(failure),
    };
    report.publish()
}

/// Does the work, here or in a running server.
async fn perform(work: Work, desk: &Desk) -> Result<Report, Failure> {
    match work.kind {
        Kind::Observations { partial } => observations::import(work, partial, desk).await,
        Kind::AirFeed => feeds::air(work, desk).await,
        Kind::WaterFeed { year } => feeds::water(work, year, desk).await,
    }
}
