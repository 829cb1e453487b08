//! What the money of ledgers did: planned and paid for each measure of the plan.

use super::declared;
use super::store::rows;
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
    let mut by_measure: BTreeMap<u32, Money> = BTreeMap::new();
    for ledger in declared::all(store).await? {
        if !has(&ledger, "planned") || !has(&ledger, "paid") {
            continue;
        }
        let kept = rows(store, &ledger.id).await?;
        if kept.is_empty() {
            continue;
        }
        let sum = |column: &str| {
            let values = kept.iter().filter_map(|kept| kept.row.number(column));
            values.fold(Decimal::ZERO, Decimal::saturating_add)
        };
        let (planned, paid) = (sum("planned"), sum("paid"));
        for measure in &ledger.measures {
            let money = by_measure.entry(*measure).or_default();
            money.planned = money.planned.saturating_add(planned);
            money.paid = money.paid.saturating_add(paid);
            money.ledgers.push(ledger.id.clone());
        }
    }
    Ok(by_measure)
}
