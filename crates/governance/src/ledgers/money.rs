//! What the money of ledgers did: planned and paid for each measure of the plan.

use super::{declared, store};
use crate::GovernanceError;
use ::ledger::{Form, Ledger};
use ::store::Store;
use rulebook::Decimal;
use std::collections::BTreeMap;

/// Money that ledgers tell of (资金).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// Planned, in yuan.
    pub planned: Decimal,
    /// Paid, in yuan.
    pub paid: Decimal,
    /// The ledgers that tell of it, by id.
    pub ledgers: Vec<String>,
}

/// Planned and paid by measure, over all ledgers that have both columns and any row.
///
/// # Errors
/// When the store fails.
pub(crate) async fn money(store: &Store) -> Result<BTreeMap<u32, Money>, GovernanceError> {
    let has = |ledger: &Ledger, id: &str| {
        ledger.column(id).is_some_and(|column| column.form == Form::Money)
    };
    let mut sums: BTreeMap<String, (Decimal, Decimal)> = BTreeMap::new();
    for (ledger, kept) in store::rows_of_all(store).await? {
        let sum = sums.entry(ledger).or_default();
        sum.0 = sum.0.saturating_add(kept.row.number("planned").unwrap_or_default());
        sum.1 = sum.1.saturating_add(kept.row.number("paid").unwrap_or_default());
    }
    let mut by_measure: BTreeMap<u32, Money> = BTreeMap::new();
    for ledger in declared::all(store).await? {
        let Some((planned, paid)) = sums.get(&ledger.id) else { continue };
        if !has(&ledger, "planned") || !has(&ledger, "paid") {
            continue;
        }
        for measure in &ledger.measures {
            let money = by_measure.entry(*measure).or_default();
            money.planned = money.planned.saturating_add(*planned);
            money.paid = money.paid.saturating_add(*paid);
            money.ledgers.push(ledger.id.clone());
        }
    }
    Ok(by_measure)
}
