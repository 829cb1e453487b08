//! `lucid evaluate`: the standards as commands, without a store.

mod air_feed;
mod air_index;
mod explain;
mod judge;
mod water_feed;

pub(crate) use water_feed::dating;

use crate::arguments::{Evaluate, EvaluateMethod as Named};
use crate::exit::{Exit, Outcome};

pub(crate) fn run(what: &Evaluate, as_json: bool) -> Outcome {
    let Some(method) = &what.method else {
        explain::list(as_json);
        return Ok(Exit::Ok);
    };
    let (name, arguments) = match method {
        Named::AirIndex(arguments) => return air_index::run(arguments, as_json),
        Named::AirFeed { explain: true, .. } => {
            explain::explain_feed(&air_feed::FEED, as_json);
            return Ok(Exit::Ok);
        }
        Named::WaterFeed { explain: true, .. } => {
            explain::explain_feed(&water_feed::FEED, as_json);
            return Ok(Exit::Ok);
        }
        Named::AirFeed { files, output, .. } => {
            return air_feed::run(files, output.file.as_deref(), as_json);
        }
        Named::WaterFeed { files, year, output, .. } => {
            return water_feed::run(files, *year, output.file.as_deref(), as_json);
        }
        Named::AirDay(arguments) => ("air-day", arguments),
        Named::AirPeriod(arguments) => ("air-period", arguments),
        Named::AirRank(arguments) => ("air-rank", arguments),
        Named::SurfaceWater(arguments) => ("surface-water", arguments),
        Named::Cwqi(arguments) => ("cwqi", arguments),
        Named::TrophicState(arguments) => ("trophic-state", arguments),
        Named::Groundwater(arguments) => ("groundwater", arguments),
        Named::Seawater(arguments) => ("seawater", arguments),
        Named::Soil(arguments) => ("soil", arguments),
        Named::Noise(arguments) => ("noise", arguments),
        Named::DischargeDay(arguments) => ("discharge-day", arguments),
        Named::EcologicalFlow(arguments) => ("ecological-flow", arguments),
        Named::BlackOdorous(arguments) => ("black-odorous", arguments),
        Named::DrinkingWater(arguments) => ("drinking-water", arguments),
    };
    judge::run(name, arguments, as_json)
}
