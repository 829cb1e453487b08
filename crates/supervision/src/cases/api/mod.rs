//! Cases for programs: the same questions and acts as the pages, with the same rules.

mod acts;
mod answers;
mod lists;

use super::files;
use crate::form::with_files;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    let with_files = OpenApiRouter::new().routes(routes!(acts::attach)).layer(with_files());
    OpenApiRouter::new()
        .routes(routes!(lists::all, acts::open))
        .routes(routes!(lists::counts))
        .routes(routes!(lists::search))
        .routes(routes!(lists::statistics))
        .routes(routes!(lists::views, lists::keep_view))
        .routes(routes!(lists::forget_view))
        .routes(routes!(lists::kinds))
        .routes(routes!(lists::kind))
        .routes(routes!(lists::notifications))
        .routes(routes!(lists::mark_read))
        .routes(routes!(acts::one))
        .routes(routes!(acts::act))
        .routes(routes!(acts::comment))
        .routes(routes!(acts::assign))
        .routes(routes!(acts::assign_many))
        .routes(routes!(acts::link))
        .routes(routes!(acts::merge))
        .routes(routes!(acts::watch))
        .routes(routes!(acts::duplicates))
        .routes(routes!(acts::personal_data))
        .routes(routes!(files::of_api))
        .merge(with_files)
}
