//! Who sees which outlets: officers those of their jurisdiction, an enterprise its own.

use super::coverage::Must;
use super::report::{OutletLine, Report};
use crate::alerts::subject_of;
use authority::{Action, Scope, Subject};
use registry::{MonitoringPoint, Snapshot};
use web::{Problem, SignedIn};

/// What of the city a reader sees.
pub(super) struct Sight {
    scope: Scope,
}

impl Sight {
    /// Of whoever has signed in.
    ///
    /// # Errors
    /// 403 when they may see no outlet's alerts.
    pub(super) fn of(signed_in: &SignedIn) -> Result<Self, Problem> {
        Ok(Self { scope: signed_in.scope(Action::ReadAlerts)? })
    }

    /// Whether all of the city is seen.
    pub(super) fn is_whole(&self) -> bool {
        self.scope == Scope::Everything
    }

    /// Whether an outlet is seen.
    pub(super) fn holds(&self, snapshot: &Snapshot, point: &MonitoringPoint) -> bool {
        self.scope.holds(&subject_of(snapshot, point))
    }

    /// Leaves in a report what is seen.
    pub(super) fn limit(&self, snapshot: &Snapshot, report: &mut Report) {
        if self.is_whole() {
            return;
        }
        let line = |line: &OutletLine| {
            snapshot.point(line.point).is_some_and(|point| self.holds(snapshot, point))
        };
        let must = |must: &Must| {
            if let Some(point) = must.point.and_then(|point| snapshot.point(point)) {
                return self.holds(snapshot, point);
            }
            let unit = must.code.split_once('/').map_or(must.code.as_str(), |(unit, _)| unit);
            let subject = Subject::installation().in_division(must.division.as_str());
            self.scope.holds(&subject.of_enterprise(unit))
        };
        report.retain(line, must);
        // What is wrong in the city's files is for those who mend them.
        report.doubts.clear();
    }

    /// Refuses an outlet that is not seen.
    ///
    /// # Errors
    /// 403 then.
    pub(super) fn must_hold(
        &self,
        snapshot: &Snapshot,
        point: &MonitoringPoint,
    ) -> Result<(), Problem> {
        if self.holds(snapshot, point) { Ok(()) } else { Err(outside()) }
    }
}

fn outside() -> Problem {
    let (zh, en) = authority::Denial::OutOfJurisdiction.texts();
    let code = authority::Denial::OutOfJurisdiction.code();
    Problem::new(axum::http::StatusCode::FORBIDDEN, code, zh, en)
}
