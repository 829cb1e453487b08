//! Alerts that become cases (告警处置): by a dated table of the city, each alert once, and by hand.

mod api;
mod opening;
mod pages;
mod rules;
mod store;
mod worker;

pub use opening::DisposalError;
pub use worker::{Disposal, Looked};

use cases::CaseId;
use web::{AppState, Problem, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "alert_disposal",
        pages: pages::routes,
        api: api::routes,
        navigation: &[],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}

/// The alert from which a case came, for the link on its page.
pub(crate) async fn alert_of(state: &AppState, case: CaseId) -> Result<Option<i64>, Problem> {
    Ok(store::of_case(&state.store, case).await?.map(|tied| tied.alert))
}
