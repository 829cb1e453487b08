//! Complaints of citizens (群众举报): reported from a phone, followed by number and code, published
//! without a name; and taken down by the operator of the hotline.

mod api;
mod candidates;
mod fields;
mod follow;
mod intake;
mod photos;
mod receipt;
mod report;
mod results;

use authority::Action;
use axum::Router;
use caseflow::CaseKind;
use cases::Cases;
use std::sync::Arc;
use web::{AppState, Navigation, Problem, Slice};

/// What this slice contributes.
pub(crate) fn slice() -> Slice {
    Slice {
        name: "complaints",
        pages: routes,
        api: api::routes,
        navigation: &[
            Navigation { path: "/report", zh: "我要举报", en: "Report", needs: None },
            Navigation { path: "/results", zh: "办理公开", en: "Results", needs: None },
            Navigation {
                path: "/complaints/intake",
                zh: "热线登记",
                en: "Hotline",
                needs: Some(Action::ReadPersonalData),
            },
        ],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}

fn routes() -> Router<AppState> {
    report::routes().merge(follow::routes()).merge(results::routes()).merge(intake::routes())
}

/// The kind that a citizen opens: the first that anybody may open.
fn kind(cases: &Cases) -> Result<&Arc<CaseKind>, Problem> {
    cases.kinds().iter().find(|kind| kind.opens.public).ok_or_else(|| {
        Problem::not_found(
            "本安装没有公众可登记的事项类型",
            "this installation has no kind of case that citizens may open",
        )
    })
}
