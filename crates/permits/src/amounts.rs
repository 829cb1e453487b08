//! How much may be discharged in a year, by each of the three papers.

use crate::background::{EiaApproval, Quota};
use crate::model::{AmountKind, PermitAmount, PermitContent};
use jiff::civil::Date;
use rulebook::Decimal;
use std::collections::BTreeMap;

/// The amount of a pollutant that a permit allows the whole unit in a year, in tonnes.
///
/// What is said for the whole unit goes before the sum of its outlets, and what is said for this
/// year before what is said for each year. `None` where the permit sets none.
pub fn permitted_amount(version: &PermitContent, pollutant: &str, year: i16) -> Option<Decimal> {
    let of_unit = || yearly(version, pollutant).filter(|row| row.outlet.is_none());
    if let Some(row) = best(of_unit(), year) {
        return Some(row.tonnes);
    }
    let mut by_outlet: BTreeMap<&str, Vec<&PermitAmount>> = BTreeMap::new();
    for row in yearly(version, pollutant) {
        by_outlet.entry(row.outlet.as_deref().unwrap_or_default()).or_default().push(row);
    }
    let chosen: Vec<Decimal> = by_outlet
        .into_values()
        .filter_map(|rows| best(rows.into_iter(), year))
        .map(|row| row.tonnes)
        .collect();
    (!chosen.is_empty()).then(|| chosen.into_iter().sum())
}

/// The amount of a pollutant that a permit allows one outlet in a year, in tonnes.
pub fn permitted_amount_of_outlet(
    version: &PermitContent,
    outlet: &str,
    pollutant: &str,
    year: i16,
) -> Option<Decimal> {
    let of_outlet = yearly(version, pollutant).filter(|row| row.outlet.as_deref() == Some(outlet));
    best(of_outlet, year).map(|row| row.tonnes)
}

fn yearly<'content>(
    version: &'content PermitContent,
    pollutant: &str,
) -> impl Iterator<Item = &'content PermitAmount> {
    let is =
        move |row: &&PermitAmount| row.kind == AmountKind::Yearly && row.pollutant == pollutant;
    version.amounts.iter().filter(is)
}

/// The row of this year before the row of each year.
fn best<'content>(
    rows: impl Iterator<Item = &'content PermitAmount>,
    year: i16,
) -> Option<&'content PermitAmount> {
    let fits = rows.filter(|row| row.year.is_none_or(|of| of == year));
    fits.max_by_key(|row| row.year.is_some())
}

/// The amount of a pollutant that approvals allow in a year, in tonnes: the sum of those whose
/// amounts count in it. `None` where none names the pollutant.
pub fn approved_amount(approvals: &[EiaApproval], pollutant: &str, year: i16) -> Option<Decimal> {
    let last = |year| Date::new(year, 12, 31).ok();
    let counts = |approval: &&EiaApproval| {
        last(year).is_some_and(|last| approval.approved_on <= last)
            && approval.valid_to.is_none_or(|until| until.year() >= year)
    };
    let amounts = approvals.iter().filter(counts).flat_map(|approval| &approval.amounts);
    sum(amounts.filter(|row| row.pollutant == pollutant).map(|row| row.tonnes))
}

/// The quota of a pollutant in a year, in tonnes. `None` where there is none.
pub fn quota_amount(quotas: &[Quota], pollutant: &str, year: i16) -> Option<Decimal> {
    let counts = |quota: &&Quota| {
        quota.pollutant == pollutant
            && quota.from_year <= year
            && quota.to_year.is_none_or(|last| year <= last)
    };
    sum(quotas.iter().filter(counts).map(|quota| quota.tonnes))
}

fn sum(amounts: impl Iterator<Item = Decimal>) -> Option<Decimal> {
    amounts.fold(None, |sum, amount| Some(sum.unwrap_or_default() + amount))
}
