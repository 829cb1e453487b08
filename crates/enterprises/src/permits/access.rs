//! Who may bring and end permits: those who manage them where the holder stands.

use authority::audit::Actor;
use authority::{Action, Scope, Subject};
use registry::Enterprise;
use web::{Problem, SignedIn, Visitor};

/// What a permit is about.
pub(super) fn subject(holder: &Enterprise) -> Subject {
    Subject::installation().in_division(holder.division.clone()).of_enterprise(holder.code.clone())
}

/// Who acts, when they may manage the permits of this holder.
///
/// # Errors
/// 403 when they may not.
pub(super) fn manager(signed_in: &SignedIn, holder: &Enterprise) -> Result<Actor, Problem> {
    signed_in.allowed(Action::ManagePermits, &subject(holder))
}

/// Lets those in who manage permits anywhere: they may look at the form.
///
/// # Errors
/// 403 for everybody else.
pub(super) fn of_managers(signed_in: &SignedIn) -> Result<(), Problem> {
    signed_in.scope(Action::ManagePermits).map(|_| ())
}

/// Whether a visitor manages permits somewhere: they are shown the way to the form.
pub(super) fn manages(visitor: &Visitor) -> bool {
    let may = |one: &SignedIn| {
        one.scope(Action::ManagePermits).is_ok_and(|scope| scope != Scope::Nothing)
    };
    visitor.signed_in.as_ref().is_some_and(may)
}

/// Whether a visitor manages the permits of this holder.
pub(super) fn manages_of(visitor: &Visitor, holder: Option<&Enterprise>) -> bool {
    let may = |one: &SignedIn| holder.is_some_and(|holder| manager(one, holder).is_ok());
    visitor.signed_in.as_ref().is_some_and(may)
}
