//! What somebody sees in the tables: what the pages would show them, nothing more.

use authority::{Action, Principal, Scope, scope};
use registry::{MonitoringPoint, Snapshot};

/// What somebody sees in the tables.
///
/// Points, values, verdicts and limits stand on public pages; alerts are for those who may read
/// them, within their jurisdiction.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    alerts: Scope,
}

impl Sight {
    /// All of it: for whoever may write into the data folder.
    pub(crate) const EVERYTHING: Self = Self { alerts: Scope::Everything };

    /// What the pages show to this principal, or to this token: one that is limited to SQL sees no
    /// alerts, as it could not read them elsewhere.
    pub(crate) fn of(principal: &Principal) -> Self {
        Self { alerts: scope(principal, Action::ReadAlerts) }
    }

    /// Whether alerts at a point are theirs to read.
    pub(crate) fn sees_alerts_at(&self, snapshot: &Snapshot, point: &MonitoringPoint) -> bool {
        match &self.alerts {
            Scope::Everything => true,
            Scope::Nothing => false,
            Scope::Within(_) => self.alerts.holds(&sources::alerts::subject_of(snapshot, point)),
        }
    }
}
