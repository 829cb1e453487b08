//! Who sees a report, who fills it in, who accepts it.

use authority::{Action, Actor, Subject};
use axum::http::StatusCode;
use registry::{EnterpriseId, Snapshot};
use web::{AppState, Problem, SignedIn};

use super::model::{Report, State};
use super::store;

/// What a report is about, for the question who may.
pub(crate) fn subject_of(snapshot: &Snapshot, enterprise: EnterpriseId) -> Subject {
    match snapshot.enterprise(enterprise) {
        Some(found) => Subject::installation()
            .in_division(found.division.clone())
            .of_enterprise(found.code.clone()),
        None => Subject::installation(),
    }
}

/// What somebody may do with the reports of an enterprise.
pub(crate) struct Sight {
    /// Whether they speak for it and fill in its reports.
    pub(crate) may_fill: bool,
    /// Whether they supervise it and accept its reports.
    pub(super) may_decide: bool,
    /// Whether they see what was filed and not yet accepted.
    sees_filed: bool,
}

impl Sight {
    /// What somebody, or a stranger, may do with the reports of an enterprise.
    pub(crate) fn of(
        signed_in: Option<&SignedIn>,
        snapshot: &Snapshot,
        enterprise: EnterpriseId,
    ) -> Self {
        let subject = subject_of(snapshot, enterprise);
        let may = |action| signed_in.is_some_and(|one| one.allowed(action, &subject).is_ok());
        Self {
            may_fill: may(Action::FileReports),
            may_decide: may(Action::ManagePermits),
            sees_filed: may(Action::ReadCase),
        }
    }

    /// Whether they see a version: what is accepted is public, a draft is its author's alone.
    pub(super) fn sees(&self, state: State) -> bool {
        match state {
            State::Accepted => true,
            State::Filed | State::Returned => self.sees_filed || self.may_fill || self.may_decide,
            State::Draft => self.may_fill,
        }
    }
}

/// A report that somebody may see, and what they may do with it.
///
/// # Errors
/// 404 when it is not there, or not for them: that a draft exists is nobody's business.
pub(super) async fn seen(
    state: &AppState,
    signed_in: Option<&SignedIn>,
    id: i64,
) -> Result<(Report, Sight), Problem> {
    let found = store::report(&state.store, id).await?;
    let report = found.ok_or_else(|| not_there(id))?;
    let sight = Sight::of(signed_in, &state.snapshot(), report.enterprise);
    if !sight.sees(report.state) {
        return Err(if signed_in.is_some() { not_there(id) } else { Problem::unauthorized() });
    }
    Ok((report, sight))
}

/// Who fills in reports of an enterprise, for the audit record.
///
/// # Errors
/// 403 when they may not.
pub(crate) fn filler(
    signed_in: &SignedIn,
    snapshot: &Snapshot,
    enterprise: EnterpriseId,
) -> Result<Actor, Problem> {
    signed_in.allowed(Action::FileReports, &subject_of(snapshot, enterprise))
}

/// Who accepts or returns a report, for the audit record: never who filed it.
///
/// # Errors
/// 403 when they may not.
pub(super) fn decider(
    signed_in: &SignedIn,
    snapshot: &Snapshot,
    report: &Report,
) -> Result<Actor, Problem> {
    let subject = subject_of(snapshot, report.enterprise);
    let actor = signed_in.allowed(Action::ManagePermits, &subject)?;
    let filer = report.filed.as_ref().and_then(|filed| filed.by);
    if filer.is_some() && filer == actor.user {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "execution_report.own_work",
            "本人提交的报告须由他人审核",
            "what one has filed oneself is looked at by another person",
        ));
    }
    Ok(actor)
}

fn not_there(id: i64) -> Problem {
    Problem::not_found(
        format!("没有编号为 {id} 的执行报告，或您无权查看"),
        format!("there is no report with the number {id}, or it is not for you"),
    )
}
