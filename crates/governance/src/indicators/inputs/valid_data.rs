//! Data that count: the judged months of outlets, as they are stored.

use super::{Reading, Sources};
use crate::GovernanceError;
use jiff::civil::{Date, date};
use plan::indicator::Item;
use registry::PointKind;
use rulebook::Decimal;
use validity::Month;

/// Periods due, received and valid, one item for each outlet and month that was judged.
pub(super) async fn gather(
    reading: &Reading<'_>,
    year: i16,
    sources: &mut Sources,
) -> Result<(), GovernanceError> {
    if !sources.contains_key("outlets.watched") {
        return Ok(());
    }
    for point in reading.snapshot.points_of(PointKind::Outlet) {
        for number in 1..=12 {
            let Some(month) = Month::new(year, number) else { continue };
            let stored = validity::stored(reading.store, point.id, month).await?;
            let Some(record) = stored else { continue };
            let rates = validity::rates(&[&record]);
            let on: Date = date(year, number, 1).last_of_month();
            let link = format!("/outlets/{}/months/{year}-{number:02}", point.code);
            for (name, count) in [
                ("data.due", rates.due),
                ("data.received", rates.received),
                ("data.valid", rates.valid),
            ] {
                sources.entry(name.to_owned()).or_default().push(Item {
                    key: point.name.zh.clone(),
                    on,
                    value: Decimal::from(count),
                    link: link.clone(),
                });
            }
        }
    }
    Ok(())
}
