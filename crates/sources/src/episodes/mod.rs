//! Episodes of exceedance (超标过程): consecutive valid periods over the limit of one factor at one
//! outlet, computed from judged months, counted as acts by people, each with an evidence packet
//! that anybody can check.

mod access;
mod api;
mod cases;
mod changes;
mod events;
mod model;
mod packet;
mod pages;
mod panel;
mod queries;
mod rules;
mod run;
mod runs;
mod store;
mod told;
mod words;

pub use packet::{Checked, Issuer, check_file, check_with_store};
pub use run::{Computation, compute, serve};
pub use store::{EpisodeError, Packet, kept_files};
pub use told::{Recomputed, Told, newest, recompute};

use axum::Router;
use web::{AppState, Navigation, Slice};

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "episodes",
        pages: routes,
        api: api::routes,
        navigation: &[
            Navigation {
                path: pages::PATH,
                zh: "超标过程",
                en: "Exceedance episodes",
                needs: Some(authority::Action::ReadAlerts),
            },
            Navigation {
                path: "/evidence/verify",
                zh: "证据核验",
                en: "Check evidence",
                needs: None,
            },
        ],
        home: None,
        map: None,
        enterprise: Some(|state, reader, enterprise, principal| {
            Box::pin(async move { panel::panel(&state, &reader, enterprise, principal).await })
        }),
        timeline: Some(|state, reader, enterprise, principal| {
            Box::pin(async move { panel::timeline(&state, &reader, enterprise, principal).await })
        }),
        duties: None,
    }
}

fn routes() -> Router<AppState> {
    pages::routes().merge(changes::routes())
}
