//! Episodes on an enterprise's page and on its timeline.

use super::model::Episode;
use super::pages::PATH;
use super::store::{self, EpisodeFilter};
use super::words;
use crate::alerts::subject_of;
use authority::{Action, Decision, Principal, decide};
use maud::html;
use registry::{EnterpriseId, PointDetail, PointId, PointKind, Snapshot};
use std::sync::Arc;
use web::components;
use web::{AppState, Happening, Panel, Problem, Reader};

const SHOWN: u32 = 8;
const TOLD: u32 = 40;

/// The outlets of an enterprise that this reader may see.
fn outlets(
    snapshot: &Snapshot,
    enterprise: EnterpriseId,
    principal: Option<&Principal>,
) -> Vec<PointId> {
    let Some(principal) = principal else { return Vec::new() };
    let of_it = |detail: &PointDetail| match detail {
        PointDetail::Outlet(outlet) => outlet.enterprise == enterprise,
        PointDetail::AirStation(_) | PointDetail::WaterSection(_) => false,
    };
    snapshot
        .points_of(PointKind::Outlet)
        .filter(|point| of_it(&point.detail))
        .filter(|point| {
            let subject = subject_of(snapshot, point);
            matches!(decide(principal, Action::ReadAlerts, &subject), Decision::Allowed { .. })
        })
        .map(|point| point.id)
        .collect()
}

async fn newest(
    state: &AppState,
    points: Vec<PointId>,
    limit: u32,
) -> Result<Vec<Episode>, Problem> {
    let filter = EpisodeFilter { points: Some(points), limit, ..EpisodeFilter::default() };
    Ok(store::episodes(&state.store, &filter).await?)
}

/// The newest episodes of an enterprise.
pub(super) async fn panel(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
    principal: Option<Arc<Principal>>,
) -> Result<Option<Panel>, Problem> {
    let snapshot = state.snapshot();
    let points = outlets(&snapshot, enterprise, principal.as_deref());
    if points.is_empty() {
        return Ok(None);
    }
    let episodes = newest(state, points, SHOWN).await?;
    let content = html! {
        @if episodes.is_empty() {
            (components::empty(
                reader.pick("没有超标过程", "No episode of exceedance"),
                reader.pick("有效数据没有超过限值。", "No valid period is over its limit.")))
        } @else {
            ul {
                @for episode in &episodes {
                    li {
                        a href={ (PATH) "/" (episode.id) } {
                            (reader.text(&words::place(&snapshot, &episode.computed)))
                        } " "
                        span class="muted" {
                            (words::span(&episode.computed)) " · "
                            (reader.text(&words::count(episode.computed.period,
                                episode.computed.over.len())))
                            " · " (reader.pick("最高超标倍数 ", "multiple "))
                            (words::multiple(&episode.computed.figures()))
                        }
                    }
                }
            }
            p { a href=(PATH) { (reader.pick("全部超标过程", "All episodes")) } }
        }
    };
    Ok(Some(Panel {
        anchor: "episodes",
        order: 50,
        title: reader.pick("超标过程", "Exceedance episodes").to_owned(),
        content,
    }))
}

/// Episodes as happenings.
pub(super) async fn timeline(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
    principal: Option<Arc<Principal>>,
) -> Result<Vec<Happening>, Problem> {
    let snapshot = state.snapshot();
    let points = outlets(&snapshot, enterprise, principal.as_deref());
    if points.is_empty() {
        return Ok(Vec::new());
    }
    let episodes = newest(state, points, TOLD).await?;
    let told = episodes.iter().map(|episode| Happening {
        at: episode.computed.began_at(),
        kind: reader.pick("超标过程", "exceedance episode").to_owned(),
        title: reader.text(&words::title(&snapshot, &episode.computed)).to_owned(),
        link: Some(format!("{PATH}/{}", episode.id)),
    });
    Ok(told.collect())
}
