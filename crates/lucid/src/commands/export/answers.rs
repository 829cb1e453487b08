//! What the fixed questions answer, as tables of text.

use observations::history::scan;
use registry::{FactorId, PointId, Snapshot};
use rulebook::Decimal;
use store::Store;

use super::{asked, named, read};
use crate::arguments::Asked;
use crate::commands::files::{self, Csv};
use crate::exit::Failure;
use crate::terminal::note;

pub(super) async fn daily_means(store: &Store, wanted: &Asked) -> Result<(), Failure> {
    let (city, question) = asked(store, wanted).await?;
    let days = scan::daily_means(store, &question).await.map_err(|error| read(&error))?;
    let mut table = Csv::new(&["point_kind", "point", "factor", "day", "count", "mean"]);
    let mut codes = Codes::of(&city);
    for day in &days {
        let (kind, point, factor) = codes.of_series(day.point, day.factor);
        let cells = [day.day.to_string(), day.count.to_string(), day.mean.normalize().to_string()];
        let [date, count, mean] = &cells;
        table.row([kind, point, factor, date, count, mean]);
    }
    files::write(wanted.output.as_deref(), &table.into_bytes())?;
    note!("{} lines", days.len());
    Ok(())
}

pub(super) async fn percentiles(
    store: &Store,
    wanted: &Asked,
    percents: &[u32],
) -> Result<(), Failure> {
    let (city, question) = asked(store, wanted).await?;
    let found = scan::percentiles(store, &question, percents).await;
    let found = found.map_err(|error| read(&error))?;
    let heads: Vec<String> = percents.iter().map(|percent| format!("p{percent}")).collect();
    let header = ["point_kind", "point", "factor", "count"].into_iter();
    let header: Vec<&str> = header.chain(heads.iter().map(String::as_str)).collect();
    let mut table = Csv::new(&header);
    let mut codes = Codes::of(&city);
    for one in &found {
        let (kind, point, factor) = codes.of_series(one.point, one.factor);
        let mut cells =
            vec![kind.to_owned(), point.to_owned(), factor.to_owned(), one.count.to_string()];
        cells.extend(one.percentiles.iter().map(|number| number.normalize().to_string()));
        table.row(cells);
    }
    files::write(wanted.output.as_deref(), &table.into_bytes())?;
    note!("{} lines", found.len());
    Ok(())
}

pub(super) async fn exceedances(store: &Store, wanted: &Asked, limit: &str) -> Result<(), Failure> {
    let (city, question) = asked(store, wanted).await?;
    let limit: Decimal = limit.parse().map_err(|_| {
        Failure::of_use(
            "export.limit",
            format!("--limit {limit:?} is no number"),
            "Write 50 or 0.5.",
        )
    })?;
    let found = scan::exceedances(store, &question, move |_, _| Some(limit)).await;
    let found = found.map_err(|error| read(&error))?;
    let header = ["point_kind", "point", "factor", "limit", "count", "exceeding", "largest"];
    let mut table = Csv::new(&header);
    let mut codes = Codes::of(&city);
    for one in &found {
        let (kind, point, factor) = codes.of_series(one.point, one.factor);
        let (count, exceeding) = (one.count.to_string(), one.exceeding.to_string());
        let (limit, largest) = (limit.to_string(), one.largest.to_string());
        table.row([kind, point, factor, &limit, &count, &exceeding, &largest]);
    }
    files::write(wanted.output.as_deref(), &table.into_bytes())?;
    note!("{} lines", found.len());
    Ok(())
}

/// What points and factors are called; a point is looked up once while its lines last.
struct Codes<'city> {
    city: &'city Snapshot,
    point: Option<(PointId, (&'static str, String))>,
}

impl<'city> Codes<'city> {
    const fn of(city: &'city Snapshot) -> Self {
        Self { city, point: None }
    }

    fn of_series(&mut self, point: PointId, factor: FactorId) -> (&'static str, &str, &'city str) {
        if self.point.as_ref().is_none_or(|(known, _)| *known != point) {
            self.point = None;
        }
        let city = self.city;
        let (_, (kind, code)) = self.point.get_or_insert_with(|| (point, named(city, point)));
        let factor = city.factor(factor).map_or("", |factor| factor.code.as_str());
        (kind, code, factor)
    }
}
