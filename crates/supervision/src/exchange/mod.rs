//! The exchange with the city's hotline (12345 数据交换) and other systems: cases come in signed
//! and are taken once, what becomes of them goes out through the outbox, and what could not be
//! delivered is shown to the operator.
//!
//! The contract stands in `docs/reference/exchange.md`.

mod api;
mod deliveries;
mod follow;
mod model;
mod signed;
mod store;

pub use follow::{round, run};

use authority::Action;
use web::{Navigation, Slice};

/// What this slice contributes.
pub(crate) fn slice() -> Slice {
    Slice {
        name: "exchange",
        pages: deliveries::routes,
        api: api::routes,
        navigation: &[Navigation {
            path: "/operator/deliveries",
            zh: "外发",
            en: "Deliveries",
            needs: Some(Action::ReadOperations),
        }],
        home: None,
        map: None,
        enterprise: None,
        timeline: None,
        duties: None,
    }
}
