//! The class of each section over a year: of the means of its items.

use super::{Reading, Sources, last_day, year_of};
use crate::GovernanceError;
use observations::Row;
use plan::indicator::Item as Entered;
use registry::{PointDetail, PointKind, Snapshot};
use rulebook::{Decimal, Period};
use standards::water::gb3838_surface_water::{
    Item, ItemSet, Method, Sample, WaterBody, class_of_sample,
};
use standards::water::surface_water_assessment::mean_of_samples;

/// The factors of HJ 212 in which the items come.
const FACTORS: [(Item, &str); 6] = [
    (Item::WaterTemperature, "w01010"),
    (Item::Ph, "w01001"),
    (Item::DissolvedOxygen, "w01009"),
    (Item::PermanganateIndex, "w01019"),
    (Item::AmmoniaNitrogen, "w21003"),
    (Item::TotalPhosphorus, "w21011"),
];

/// The sections by network, with their class from 1 to 6.
pub(super) async fn gather(
    reading: &Reading<'_>,
    year: i16,
    sources: &mut Sources,
) -> Result<(), GovernanceError> {
    for point in reading.snapshot.points_of(PointKind::WaterSection) {
        let PointDetail::WaterSection(section) = &point.detail else { continue };
        let rows =
            observations::series(reading.store, point.id, Period::Hour, year_of(year)).await?;
        let body = match section.body {
            registry::WaterBody::River => WaterBody::River,
            registry::WaterBody::Lake => WaterBody::Lake,
        };
        let Some(class) = class_of(reading.snapshot, body, &rows) else { continue };
        let name = format!("water.{}.class", section.network);
        sources.entry(name).or_default().push(Entered {
            key: point.name.zh.clone(),
            on: last_day(year),
            value: Decimal::from(class),
            link: format!("/water/sections/{}", point.code),
        });
    }
    Ok(())
}

fn class_of(snapshot: &Snapshot, body: WaterBody, rows: &[Row]) -> Option<u8> {
    let samples: Vec<Sample> = rows.iter().map(|row| sample_of(snapshot, row)).collect();
    let mean = mean_of_samples(&samples).ok()?;
    let found = class_of_sample(Method::as_written(ItemSet::TwentyOne), body, &mean);
    found.class.ok().map(|class| class as u8 + 1)
}

/// The sample of a row, as far as its values may be used.
fn sample_of(snapshot: &Snapshot, row: &Row) -> Sample {
    FACTORS.iter().fold(Sample::default(), |sample, (item, code)| {
        let value = snapshot.factor_by_code(code).and_then(|factor| row.factor(factor.id));
        let usable = value.filter(|value| matches!(value.flag, None | Some(b'N')));
        sample.with_option(*item, usable.and_then(|value| value.value))
    })
}
