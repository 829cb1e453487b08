//! `lucid evaluate`: the standards as commands, without a store.

mod air_feed;
mod air_index;
mod water_feed;

pub(crate) use water_feed::dating;

use crate::arguments::Evaluate;
use crate::exit::Outcome;

pub(crate) fn run(what: &Evaluate, as_json: bool) -> Outcome {
    match what {
        Evaluate::AirIndex(arguments) => air_index::run(arguments, as_json),
        Evaluate::AirFeed { files, output } => {
            air_feed::run(files, output.file.as_deref(), as_json)
        }
        Evaluate::WaterFeed { files, year, output } => {
            water_feed::run(files, *year, output.file.as_deref(), as_json)
        }
    }
}
