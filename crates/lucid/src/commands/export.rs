//! `lucid export observations`: the values of one point and period as CSV or XLSX.

use ingest::files::observations::{COLUMNS, lines_of};
use ingest::files::time;
use jiff::Timestamp;
use registry::{PointKind, Registry};
use rulebook::Period;

use crate::arguments::{Common, Export, ExportObservations};
use crate::commands::backup::existing;
use crate::commands::files::{self, Csv};
use crate::configuration::Settings;
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::note;
use crate::{opened, spreadsheet};

/// The first and last of the columns that hold numbers.
const NUMBERS: std::ops::RangeInclusive<usize> = 5..=9;

pub(crate) fn run(what: &Export, common: &Common) -> Outcome {
    let Export::Observations(wanted) = what;
    let settings = Settings::load(&common.given())?;
    let (kind, code) = point(&wanted.point)?;
    let Some(period) = Period::parse(&wanted.period) else {
        let what = format!("there is no period {:?}", wanted.period);
        return Err(Failure::of_use("export.period", what, "realtime, minute, hour or day."));
    };
    let range = instant("--from", &wanted.from)?..instant("--to", &wanted.to)?;
    existing(&settings)?;
    let lines = opened::block_on(async {
        let store = opened::store(&settings).await?;
        let lines = lines(&store, kind, code, period, range).await;
        store.close().await;
        lines
    })??;
    write(wanted, &lines)?;
    note!("{} lines", lines.len());
    Ok(Exit::Ok)
}

async fn lines(
    store: &store::Store,
    kind: PointKind,
    code: &str,
    period: Period,
    range: std::ops::Range<Timestamp>,
) -> Result<Vec<[String; 11]>, Failure> {
    let registry = Registry::open(store)
        .await
        .map_err(|error| Failure::caused(error.code(), &error, "Load a city with `lucid init`."))?;
    let city = registry.snapshot();
    let Some(point) = city.point_by_code(kind, code) else {
        let what = format!("the city has no {} {code:?}", kind.as_str());
        let cure = "Codes stand in the city's files and in the addresses of the pages.";
        return Err(Failure::of_use("export.point", what, cure));
    };
    let rows = observations::series(store, point.id, period, range).await;
    let rows =
        rows.map_err(|error| Failure::caused(error.code(), &error, "Try `lucid doctor`."))?;
    Ok(rows.iter().flat_map(|row| lines_of(kind, code, row, &city)).collect())
}

fn write(wanted: &ExportObservations, lines: &[[String; 11]]) -> Result<(), Failure> {
    let header = COLUMNS.map(|column| column.name);
    let output = wanted.output.as_deref();
    let ending = output.and_then(|file| file.extension()).and_then(|ending| ending.to_str());
    if ending == Some("xlsx") {
        let all = lines.iter().map(|line| line.to_vec());
        let book = spreadsheet::workbook(&header, all, |column| NUMBERS.contains(&column), &[]);
        let book = book.map_err(|error| Failure::caused("file.write", &error, "Use .csv."))?;
        return files::write(output, &book);
    }
    let mut table = Csv::new(&header);
    for line in lines {
        table.row(line);
    }
    files::write(output, &table.into_bytes())
}

fn point(text: &str) -> Result<(PointKind, &str), Failure> {
    let parts = text.split_once('/');
    let found = parts.and_then(|(kind, code)| Some((PointKind::parse(kind)?, code)));
    found.ok_or_else(|| {
        let what = format!("{text:?} is no point");
        let cure = "Write air-station/2074A, water-section/CODE or outlet/ENTERPRISE/DW001.";
        Failure::of_use("export.point", what, cure)
    })
}

fn instant(flag: &str, text: &str) -> Result<Timestamp, Failure> {
    time::parse(text).and_then(time::FileTime::timestamp).ok_or_else(|| {
        let what = format!("{flag} {text:?} is no time");
        Failure::of_use("export.time", what, "Write 2026-11-01 or 2026-11-01T08:00.")
    })
}
