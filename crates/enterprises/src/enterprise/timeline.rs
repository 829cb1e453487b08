//! What happened at an enterprise, put together from what all slices tell.

use authority::Principal;
use maud::{Markup, html};
use registry::EnterpriseId;
use std::sync::Arc;
use web::components;
use web::{AppState, Happening, Reader};

/// So many are shown at first, and more on request.
pub(super) const A_PAGE: usize = 50;

/// Everything that happened, the newest first, and the slices that could not tell.
pub(crate) async fn happenings(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
    principal: Option<&Arc<Principal>>,
) -> (Vec<Happening>, Vec<&'static str>) {
    let (mut all, mut silent) = (Vec::new(), Vec::new());
    for slice in state.slices() {
        let Some(tell) = slice.timeline else { continue };
        match tell(state.clone(), reader.clone(), enterprise, principal.cloned()).await {
            Ok(told) => all.extend(told),
            Err(_) => silent.push(slice.name),
        }
    }
    all.sort_by_key(|one| std::cmp::Reverse(one.at));
    (all, silent)
}

/// The timeline as a list, from the newest to as many as are asked for.
pub(super) fn list(
    reader: &Reader,
    all: &[Happening],
    silent: &[&'static str],
    shown: usize,
) -> Markup {
    html! {
        @if !silent.is_empty() {
            (components::notice("warning", html! { p {
                (reader.pick("以下部分暂时无法读取:", "These parts cannot be read now: "))
                (silent.join(", "))
            } }))
        }
        @if all.is_empty() {
            (components::empty(
                reader.pick("还没有可显示的记录", "Nothing to show yet"),
                reader.pick(
                    "许可、告警、事项、报告等发生后按时间列在这里;登录后可看到职责范围内的全部记录。",
                    "Permits, alerts, cases and reports are listed here in order of time; who has \
                     signed in sees all within their duty.")))
        } @else {
            ul class="happenings" {
                @for one in all.iter().take(shown) {
                    li {
                        (components::moment(one.at)) " · " strong { (one.kind) } " · "
                        @match &one.link {
                            Some(link) => { a href=(link) { (one.title) } }
                            None => { (one.title) }
                        }
                    }
                }
            }
            @if all.len() > shown {
                p { a class="button" href={ (reader.with("events", &(shown + 4 * A_PAGE).to_string()))
                    "#timeline" } {
                    (reader.pick("更早的记录", "Older ones")) " (" (all.len() - shown) ")"
                } }
            }
        }
    }
}
