//! Permits (排污许可): the list with its expiry radar, one permit with its versions, import with a
//! preview, and the three papers beside what was discharged.
//!
//! What a permit says is public; only those who manage permits bring and end them.

mod access;
mod actual;
mod api;
mod changes;
mod list;
mod pages;
mod panel;
mod plausible;
mod told;

use axum::Router;
use permits::PermitError;
use registry::Registry;
use std::time::Duration;
use store::Store;
use web::{AppState, Navigation, Problem, Slice};

/// Where the permits are.
pub const PATH: &str = "/permits";

/// What this slice contributes.
pub fn slice() -> Slice {
    Slice {
        name: "permits",
        pages: routes,
        api: api::routes,
        navigation: &[Navigation { path: PATH, zh: "排污许可", en: "Permits", needs: None }],
        home: None,
        map: None,
        enterprise: Some(panel::panel),
        timeline: Some(told::timeline),
        duties: Some(told::duties),
    }
}

fn routes() -> Router<AppState> {
    pages::routes().merge(changes::routes())
}

/// How often the server looks whether a permit was kept beside it.
const LOOK: Duration = Duration::from_secs(30);

/// Has judges use the limits of permits that a command kept while the server runs; never ends by
/// itself.
pub async fn serve(store: Store, registry: Registry) {
    let mut seen = permits::stamp(&store).await.ok();
    loop {
        tokio::time::sleep(LOOK).await;
        match permits::stamp(&store).await {
            Ok(now) if Some(&now) != seen.as_ref() => match registry.reload().await {
                Ok(()) => seen = Some(now),
                Err(problem) => tracing::error!(%problem, "limits of permits were not taken over"),
            },
            Ok(_) => {}
            Err(problem) => tracing::error!(%problem, "permits cannot be read"),
        }
    }
}

/// What a page answers when the store fails, or a number is another's.
fn problem(error: PermitError) -> Problem {
    match &error {
        PermitError::OtherHolder { number, holder } => Problem::new(
            axum::http::StatusCode::CONFLICT,
            error.code(),
            format!("许可证 {number} 属于单位 {holder},请核对编号或单位代码"),
            error.to_string(),
        ),
        PermitError::Unknown(number) => unknown(number),
        _ => Problem::internal(&error),
    }
}

fn unknown(number: &str) -> Problem {
    Problem::not_found(
        format!("没有编号为“{number}”的许可证;全部许可证见 {PATH}"),
        format!("there is no permit {number:?}; all are listed at {PATH}"),
    )
}
