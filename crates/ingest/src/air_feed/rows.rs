//! From the publication to observations of the stations that the city knows.

use std::collections::BTreeMap;

use observations::{FactorValue, Marks, NewRow};
use registry::{PointKind, Snapshot};
use rulebook::{Decimal, Period};

use super::{AirFeed, AirRecord, Concentrations};
use crate::files::{Problem, Weight};

/// What of a publication concerns the city.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// The rows, in the order of the publication.
    pub rows: Vec<NewRow>,
    /// How many records each station had that the city does not know.
    pub unknown: BTreeMap<String, usize>,
    /// What is remarkable: positions that cannot be right.
    pub problems: Vec<Problem>,
}

/// Takes one value out of many.
type Pick = fn(&Concentrations) -> Option<Decimal>;

/// The hourly value of a record in the factors of HJ 212.
const FACTORS: [(&str, Pick); 6] = [
    ("a21026", |values| values.so2),
    ("a21004", |values| values.no2),
    ("a21005", |values| values.co),
    ("a05024", |values| values.o3),
    ("a34002", |values| values.pm10),
    ("a34004", |values| values.pm25),
];

/// Takes the hourly values of the stations that the city knows by their code.
pub fn place(feed: &AirFeed, city: &Snapshot) -> Placed {
    let mut placed = Placed::default();
    for record in &feed.records {
        let Some(point) = city.point_by_code(PointKind::AirStation, &record.station) else {
            *placed.unknown.entry(record.station.clone()).or_default() += 1;
            continue;
        };
        placed.problems.extend(misplaced(record, city));
        let Some(observed_at) = record.hour_begins_at() else { continue };
        let values: Vec<_> = FACTORS
            .iter()
            .filter_map(|(code, value)| {
                let factor = city.factor_by_code(code)?.id;
                let marked = FactorValue::of(factor, value(&record.concentrations)?);
                Some(FactorValue { marks: Marks::FROM_FEED, ..marked })
            })
            .collect();
        if !values.is_empty() {
            placed.rows.push(NewRow { point: point.id, period: Period::Hour, observed_at, values });
        }
    }
    placed
}

/// A station of the city whose published position lies elsewhere.
fn misplaced(record: &AirRecord, city: &Snapshot) -> Option<Problem> {
    let position = record.position.filter(|position| !position.is_within(city.city.bounds))?;
    let what = format!(
        "the published position {}, {} of station {} {} lies outside {}",
        position.longitude, position.latitude, record.station, record.name, city.city.name.en
    );
    let cure = "It is not used; the city's files say where the station stands.";
    let problem = Problem::of_row("feed.position_outside", Some(record.line), what, cure);
    Some(problem.weighing(Weight::Note).in_column("longitude, latitude"))
}
