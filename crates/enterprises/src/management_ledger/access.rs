//! Who reads a ledger and who fills it in: the enterprise its own, officers those of their place.

use super::model::asks_for_it;
use crate::execution_reports::access::{filler, subject_of};
use authority::{Action, Actor};
use jiff::civil::Date;
use permits::{PermitVersion, versions};
use web::{AppState, Problem, SignedIn};

/// A permit whose ledger somebody may read.
pub(super) struct Seen {
    /// All versions of the permit.
    pub(super) versions: Vec<PermitVersion>,
    /// Who fills it in, for the audit record; `Err` with the reason for who may not.
    pub(super) filler: Result<Actor, Problem>,
}

impl Seen {
    /// The version that is shown for the permit as a whole.
    ///
    /// # Errors
    /// 404 for a permit without any.
    pub(super) fn shown(&self, today: Date) -> Result<&PermitVersion, Problem> {
        versions::shown(&self.versions, today).ok_or_else(no_permit)
    }

    /// The version that holds on a day.
    ///
    /// # Errors
    /// 404 for a day on which none does.
    pub(super) fn on(&self, day: Date) -> Result<&PermitVersion, Problem> {
        versions::on(&self.versions, day).ok_or_else(|| {
            Problem::not_found(
                format!("{day} 这一天排污许可证未生效或已失效，不能记录台账"),
                format!("the permit does not hold on {day}: there is no page of the ledger"),
            )
        })
    }

    /// Whether the permit asks for a ledger on a day.
    pub(super) fn is_asked(&self, day: Date) -> bool {
        versions::on(&self.versions, day).is_some_and(asks_for_it)
    }
}

/// The ledger of a permit, for who may read it.
///
/// # Errors
/// 404 for an unknown number, 403 for another's ledger.
pub(super) async fn seen(
    state: &AppState,
    signed_in: &SignedIn,
    number: &str,
) -> Result<Seen, Problem> {
    let versions = permits::by_number(&state.store, number).await?;
    let enterprise = versions.first().ok_or_else(no_permit)?.permit.enterprise;
    let snapshot = state.snapshot();
    let filler = filler(signed_in, &snapshot, enterprise);
    if filler.is_err() {
        signed_in.allowed(Action::ReadCase, &subject_of(&snapshot, enterprise))?;
    }
    Ok(Seen { versions, filler })
}

fn no_permit() -> Problem {
    Problem::not_found("没有这个编号的排污许可证", "there is no permit with this number")
}
