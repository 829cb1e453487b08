//! `lucid export`: values as CSV, XLSX, Parquet or Arrow, and what the fixed questions answer.

mod answers;
mod lines;

use ingest::files::time;
use jiff::Timestamp;
use observations::history::scan::{ExportFormat, Question, export};
use registry::{FactorId, MonitoringPoint, PointId, PointKind, Registry, Snapshot};
use rulebook::Period;
use std::fs::File;
use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::Arc;
use store::Store;

use crate::arguments::{Asked, Common, Export, ExportObservations};
use crate::commands::backup::existing;
use crate::configuration::Settings;
use crate::exit::{Exit, Failure, Outcome};
use crate::opened;
use crate::terminal::note;

pub(crate) fn run(what: &Export, common: &Common) -> Outcome {
    let settings = Settings::load(&common.given())?;
    existing(&settings)?;
    opened::block_on(async {
        let store = opened::store(&settings).await?;
        let done = match what {
            Export::Observations(wanted) => observations(&store, wanted).await,
            Export::DailyMeans(asked) => answers::daily_means(&store, asked).await,
            Export::Percentiles(wanted) => {
                answers::percentiles(&store, &wanted.asked, &wanted.percent).await
            }
            Export::Exceedances(wanted) => {
                answers::exceedances(&store, &wanted.asked, &wanted.limit).await
            }
        };
        store.close().await;
        done
    })??;
    Ok(Exit::Ok)
}

/// The city as the store knows it, and what is asked of it.
async fn asked(store: &Store, asked: &Asked) -> Result<(Arc<Snapshot>, Question), Failure> {
    let registry = Registry::open(store)
        .await
        .map_err(|error| Failure::caused(error.code(), &error, "Load a city with `lucid init`."))?;
    let city = registry.snapshot();
    let Some(period) = Period::parse(&asked.period) else {
        let what = format!("there is no period {:?}", asked.period);
        return Err(Failure::of_use("export.period", what, "realtime, minute, hour or day."));
    };
    let range = instant("--from", &asked.from)?..instant("--to", &asked.to)?;
    if range.start >= range.end {
        let what = format!("--from {} is not before --to {}", asked.from, asked.to);
        return Err(Failure::of_use("export.time", what, "--to is the first moment left out."));
    }
    let mut question = Question::all(period, range);
    let points: Result<Vec<PointId>, Failure> =
        asked.point.iter().map(|text| Ok(point(&city, text)?.id)).collect();
    question.points = Some(points?).filter(|points| !points.is_empty());
    let factors: Result<Vec<FactorId>, Failure> =
        asked.factor.iter().map(|code| factor(&city, code)).collect();
    question.factors = Some(factors?).filter(|factors| !factors.is_empty());
    Ok((city, question))
}

async fn observations(store: &Store, wanted: &ExportObservations) -> Result<(), Failure> {
    let (city, question) = asked(store, &wanted.asked).await?;
    let output = wanted.asked.output.as_deref();
    let ending = output.and_then(Path::extension).and_then(|ending| ending.to_str());
    let named = wanted.format.as_deref().or(ending).unwrap_or("csv");
    if named == "xlsx" {
        return lines::workbook(store, &city, &question, output).await;
    }
    let format = match ExportFormat::of_ending(named) {
        Some(format) => format,
        // A file of any other name is a table of text, as ever.
        None if wanted.format.is_none() => ExportFormat::Csv,
        None => {
            let what = format!("there is no format {named:?}");
            return Err(Failure::of_use("export.format", what, "csv, xlsx, parquet or arrow."));
        }
    };
    if let (ExportFormat::Csv, Some([point])) = (format, question.points.as_deref()) {
        // One point is told row by row: its factors side by side.
        return lines::of_point(store, &city, &question, *point, output).await;
    }
    let written = match output.filter(|path| *path != Path::new("-")) {
        None => {
            if format != ExportFormat::Csv && std::io::stdout().is_terminal() {
                let what = format!("{named} is not for a screen");
                return Err(Failure::of_use("export.format", what, "Name a file with -o FILE."));
            }
            export(store, &question, &city, format, std::io::stdout())
                .await
                .map_err(|e| read(&e))?
        }
        Some(path) => {
            let mut beside = path.as_os_str().to_owned();
            beside.push(".part");
            let file = File::create(&beside).map_err(|error| unwritten(path, &error))?;
            let whole = file.try_clone().map_err(|error| unwritten(path, &error))?;
            let done = export(store, &question, &city, format, file).await;
            let written = done.inspect_err(|_| {
                // What is half written is of no use; that it stays is no further harm.
                let _ = std::fs::remove_file(&beside);
            });
            let written = written.map_err(|error| read(&error))?;
            whole.sync_all().map_err(|error| unwritten(path, &error))?;
            std::fs::rename(&beside, path).map_err(|error| unwritten(path, &error))?;
            written
        }
    };
    note!("{} lines", written.lines);
    Ok(())
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    let what = format!("cannot write {}: {error}", path.display());
    Failure::of_environment(
        "file.write",
        what,
        "Check that the folder exists, may be written and has room.",
    )
}

fn read(error: &observations::ObservationError) -> Failure {
    Failure::caused(error.code(), error, "Try `lucid doctor`.")
}

/// The kind and the code of a point, as every table that is given out names it.
fn named(city: &Snapshot, point: PointId) -> (&'static str, String) {
    let found = city.every_point().find(|known| known.id == point);
    found.map_or(("", format!("#{}", point.0)), |found| (found.kind().as_str(), found.code.clone()))
}

fn point<'city>(city: &'city Snapshot, text: &str) -> Result<&'city MonitoringPoint, Failure> {
    let parts = text.split_once('/');
    let found = parts.and_then(|(kind, code)| Some((PointKind::parse(kind)?, code)));
    let (kind, code) = found.ok_or_else(|| {
        let what = format!("{text:?} is no point");
        let cure = "Write air-station/2074A, water-section/CODE or outlet/ENTERPRISE/DW001.";
        Failure::of_use("export.point", what, cure)
    })?;
    city.point_by_code(kind, code).ok_or_else(|| {
        let what = format!("the city has no {} {code:?}", kind.as_str());
        let cure = "Codes stand in the city's files and in the addresses of the pages.";
        Failure::of_use("export.point", what, cure)
    })
}

fn factor(city: &Snapshot, code: &str) -> Result<FactorId, Failure> {
    city.factor_by_code(code).map(|factor| factor.id).ok_or_else(|| {
        let what = format!("there is no factor {code:?}");
        Failure::of_use("export.factor", what, "Codes are those of HJ 212: a34004, w01018.")
    })
}

fn instant(flag: &str, text: &str) -> Result<Timestamp, Failure> {
    time::parse(text).and_then(time::FileTime::timestamp).ok_or_else(|| {
        let what = format!("{flag} {text:?} is no time");
        Failure::of_use("export.time", what, "Write 2026-11-01 or 2026-11-01T08:00.")
    })
}
