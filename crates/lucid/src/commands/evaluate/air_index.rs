//! `lucid evaluate air-index`: individual indices, index, primary pollutants and class of each
//! row of a table.

use std::path::PathBuf;

use bulk::Settings;
use standards::air::hj633_air_quality_index::Report;

use super::{explain, judge};
use crate::arguments::AirIndex;
use crate::exit::{Exit, Outcome};

pub(super) fn run(arguments: &AirIndex, as_json: bool) -> Outcome {
    let method = judge::method("air-index")?;
    if arguments.explain {
        explain::explain(method, as_json);
        return Ok(Exit::Ok);
    }
    let edition = arguments.edition.as_ref();
    let named = edition.map(|edition| method.day_of_edition(edition)).transpose();
    let named = named.map_err(|problem| judge::failure(&problem))?;
    let settings = Settings {
        on: arguments.on.or(named).into_iter().collect(),
        report: Report::parse(&arguments.kind).unwrap_or_default(),
        units: judge::units(&arguments.units).map_err(|problem| judge::failure(&problem))?,
        workers: arguments.threads,
        ..Settings::default()
    };
    judge::of_streams_alone(&arguments.stream)?;
    if arguments.stream.arrow_stream {
        return judge::stream(method, &settings, &arguments.stream, as_json);
    }
    let input = arguments.input.clone().unwrap_or_else(|| PathBuf::from("-"));
    Ok(judge::files(method, &settings, &[input], arguments.output.as_deref(), as_json))
}
