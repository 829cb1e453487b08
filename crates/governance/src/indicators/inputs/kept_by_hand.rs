//! Rows of ledgers as inputs: one for each row of the year.

use super::{Reading, Sources, last_day, year_of};
use crate::GovernanceError;
use crate::ledgers::{self, Kept};
use jiff::civil::Date;
use ledger::{Form, Ledger};
use plan::indicator::Item;
use rulebook::Decimal;

pub(super) async fn gather(
    reading: &Reading<'_>,
    year: i16,
    sources: &mut Sources,
) -> Result<(), GovernanceError> {
    let declared = ledgers::all(reading.store).await?;
    for (id, kept) in ledgers::rows_of_all(reading.store).await? {
        let Some(ledger) = declared.iter().find(|ledger| ledger.id == id) else { continue };
        let Some(on) = day(ledger, &kept, year) else { continue };
        let link = format!("{}/{id}", ledgers::PATH);
        let item = Item { key: kept.key, on, value: Decimal::ONE, link };
        sources.entry(format!("ledger.{id}")).or_default().push(item);
    }
    Ok(())
}

/// The day in the year on which a row counts: of its year where the ledger has one; else of the
/// first day that its key names; a row without either counts from the year on in which it was
/// entered.
fn day(ledger: &Ledger, kept: &Kept, year: i16) -> Option<Date> {
    if let Some(column) = &ledger.year {
        let its: i16 = kept.row.get(column)?.parse().ok()?;
        return (its == year).then(|| last_day(year));
    }
    let is_day = |id: &&String| ledger.column(id).is_some_and(|it| it.form == Form::Date);
    if let Some(column) = ledger.key.iter().find(is_day) {
        let day: Date = kept.row.get(column)?.parse().ok()?;
        return (day.year() == year).then_some(day);
    }
    (kept.entered_at < year_of(year).end).then(|| last_day(year))
}
