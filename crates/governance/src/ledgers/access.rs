//! Who reads a ledger and who keeps its rows.

use crate::access::Officer;
use ::ledger::{Ledger, Readers, Row};
use authority::audit::Actor;
use authority::{Action, Subject};
use web::{Problem, SignedIn, Visitor};

/// Lets a visitor read.
///
/// # Errors
/// 401 for who is not signed in and 403 for who is no officer, where the ledger is not public.
pub(super) fn to_read(visitor: &Visitor, ledger: &Ledger) -> Result<(), Problem> {
    match (ledger.readers, &visitor.signed_in) {
        (Readers::Public, _) => Ok(()),
        (Readers::Officers, None) => Err(Problem::unauthorized()),
        (Readers::Officers, Some(signed_in)) => Officer::of(signed_in).map(|_| ()),
    }
}

/// Whether a visitor may read.
pub(super) fn reads(visitor: &Visitor, ledger: &Ledger) -> bool {
    to_read(visitor, ledger).is_ok()
}

/// Who keeps a row, for the audit record.
///
/// # Errors
/// 403 outside their jurisdiction.
pub(super) fn to_keep(signed_in: &SignedIn, ledger: &Ledger, row: &Row) -> Result<Actor, Problem> {
    let division = ledger.division.as_ref().and_then(|column| row.get(column));
    let subject = division
        .map_or_else(Subject::installation, |code| Subject::installation().in_division(code));
    signed_in.allowed(Action::ManagePlan, &subject)
}

/// Whether somebody keeps rows anywhere.
pub(super) fn may_keep(visitor: &Visitor) -> bool {
    let Some(signed_in) = &visitor.signed_in else { return false };
    let scope = authority::scope(signed_in.principal(), Action::ManagePlan);
    scope != authority::Scope::Nothing
}
