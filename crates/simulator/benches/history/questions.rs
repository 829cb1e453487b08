//! The fixed questions, timed, with what they answer.

use super::workload::{self, DECIMALS};
use jiff::{SignedDuration, Timestamp};
use observations::history::scan::{
    ExportFormat, Flags, Question, daily_means, exceedances, export, factor_series, percentiles,
};
use registry::{FactorId, PointId, Snapshot};
use rulebook::{Decimal, Period};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::Instant;
use store::Store;

/// Warm runs of each question; the median counts.
const RUNS: usize = 5;
/// The outlet and the factor of the questions about one datastream.
const OUTLET: usize = 7;
const FACTOR: usize = 3;
/// The factor of the questions about a whole city.
const CITY_FACTOR: usize = 0;

/// Runs a question once and then some times, and notes its milliseconds and its answer.
macro_rules! timed {
    ($into:ident, $name:literal, $work:expr) => {{
        let mut milliseconds = Vec::new();
        let mut answer = Value::Null;
        for _ in 0..=RUNS {
            let started = Instant::now();
            let found = $work;
            milliseconds.push(started.elapsed().as_secs_f64() * 1000.0);
            answer = found;
        }
        eprintln!("{}: {milliseconds:.2?} {answer}", $name);
        $into.insert($name.to_owned(), json!({ "ms": milliseconds, "answer": answer }));
    }};
}

pub(crate) async fn ask(
    store: &Store,
    snapshot: &Snapshot,
    points: &[PointId],
    factors: &[FactorId],
    (hours, minutes): (i64, i64),
    folder: &Path,
) -> Value {
    let instant = |text: &str| -> Timestamp { text.parse().expect("a time") };
    let begins = instant("2024-12-31T16:00:00Z");
    let ends = begins + SignedDuration::from_hours(hours);
    let year = begins..ends;
    let month = begins..begins + SignedDuration::from_hours(hours.min(744));
    let mut found = Map::new();
    let stream = |range| async move {
        let factor = [factors[FACTOR]];
        let series = factor_series(store, points[OUTLET], Period::Hour, Some(&factor), range).await;
        let series = series.expect("a series");
        let values = series.iter().flat_map(|one| &one.values);
        let sum: Decimal = values.clone().filter_map(|(_, value)| value.value).sum();
        json!([values.count(), sum.to_string()])
    };
    timed!(found, "month of hours", stream(month.clone()).await);
    timed!(found, "year of hours", stream(year.clone()).await);
    let day = instant("2026-01-09T16:00:00Z");
    let day = day..day + SignedDuration::from_mins(minutes.min(1_440));
    timed!(found, "day of minutes", {
        let factor = [factors[FACTOR]];
        let series =
            factor_series(store, points[OUTLET], Period::Minute, Some(&factor), day.clone()).await;
        let series = series.expect("a series");
        let values = series.iter().flat_map(|one| &one.values);
        let sum: Decimal = values.clone().filter_map(|(_, value)| value.value).sum();
        json!([values.count(), sum.to_string()])
    });
    timed!(found, "year of hours, whole rows", {
        let rows = observations::series(store, points[OUTLET], Period::Hour, year.clone()).await;
        let rows = rows.expect("rows");
        json!([rows.iter().map(|row| row.values.len()).sum::<usize>()])
    });
    let mut city = Question::all(Period::Hour, year.clone());
    city.factors = Some(vec![factors[CITY_FACTOR]]);
    let all = Question::all(Period::Hour, year.clone());
    let mut few = city.clone();
    few.points = Some(points[..points.len() / 10].to_vec());
    for (name, question) in [
        ("daily means, one factor", &city),
        ("daily means, one factor, a tenth of the outlets", &few),
        ("daily means, all factors", &all),
    ] {
        let mut milliseconds = Vec::new();
        let mut answer = Value::Null;
        for _ in 0..=RUNS {
            let started = Instant::now();
            let days = daily_means(store, question).await.expect("days");
            milliseconds.push(started.elapsed().as_secs_f64() * 1000.0);
            let means: f64 = days.iter().filter_map(|day| f64::try_from(day.mean).ok()).sum();
            answer = json!([days.len(), means]);
        }
        eprintln!("{name}: {milliseconds:.1?} {answer}");
        found.insert(name.to_owned(), json!({ "ms": milliseconds, "answer": answer }));
    }
    timed!(found, "percentiles, one factor", {
        let found = percentiles(store, &city, &[95]).await.expect("percentiles");
        let sum: Decimal = found.iter().map(|one| one.percentiles[0]).sum();
        json!([found.len(), sum.to_string()])
    });
    let mut normal = all.clone();
    normal.flags = Flags::Only(vec![b'N']);
    let place = |factor: FactorId| factors.iter().position(|known| *known == factor);
    timed!(found, "exceedances, all factors", {
        let places: Vec<Option<usize>> = (0..=u16::MAX).map(|id| place(FactorId(id))).collect();
        let limit = move |_, factor: FactorId| {
            let place = places[usize::from(factor.0)]?;
            Some(Decimal::new(workload::limit(place), DECIMALS[place]))
        };
        let found = exceedances(store, &normal, limit).await.expect("exceedances");
        let counted: u64 = found.iter().map(|one| one.count).sum();
        json!([counted, found.iter().map(|one| one.exceeding).sum::<u64>()])
    });
    let whole_day = Question::all(Period::Minute, day);
    for (name, ending) in [
        ("export a day of minutes, CSV", "csv"),
        ("export a day of minutes, Parquet", "parquet"),
        ("export a day of minutes, Arrow", "arrow"),
    ] {
        let path = folder.join(format!("export.{ending}"));
        let format = ExportFormat::of_ending(ending).expect("a format");
        let mut milliseconds = Vec::new();
        let mut lines = 0;
        for _ in 0..3 {
            let file = std::fs::File::create(&path).expect("a file");
            let started = Instant::now();
            let done = export(store, &whole_day, snapshot, format, file).await.expect("exported");
            milliseconds.push(started.elapsed().as_secs_f64() * 1000.0);
            lines = done.lines;
        }
        let bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
        eprintln!("{name}: {milliseconds:.0?} {lines} lines, {bytes} bytes");
        let answer = json!([lines]);
        found.insert(
            name.to_owned(),
            json!({ "ms": milliseconds, "answer": answer, "bytes": bytes }),
        );
        std::fs::remove_file(&path).expect("deleted");
    }
    Value::Object(found)
}
