//! The permits of an enterprise on its page.

use super::pages::{amounts, parts};
use super::{actual, list, problem};
use authority::Principal;
use maud::html;
use permits::clocks::{self, Radar};
use permits::{PermitVersion, duties_between, versions, words};
use registry::EnterpriseId;
use std::sync::Arc;
use web::{AppState, Later, Panel, Problem, Reader, components};

/// Where it stands on the page.
const ORDER: u16 = 10;
/// Dates of duties that are shown.
const DATES: usize = 4;
/// Dates are shown for so many days ahead.
const AHEAD_DAYS: i64 = 120;

/// What a permit says is public: every reader sees it.
pub(super) fn panel(
    state: AppState,
    reader: Reader,
    enterprise: EnterpriseId,
    _: Option<Arc<Principal>>,
) -> Later<Result<Option<Panel>, Problem>> {
    Box::pin(async move { of(&state, &reader, enterprise).await })
}

async fn of(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
) -> Result<Option<Panel>, Problem> {
    let today = list::today(state);
    let snapshot = state.snapshot();
    let all = permits::of(&state.store, enterprise).await.map_err(problem)?;
    let shown: Vec<PermitVersion> = versions::by_permit(&all)
        .into_iter()
        .filter_map(|of| versions::shown(of, today))
        .cloned()
        .collect();
    if shown.is_empty() {
        return Ok(Some(Panel {
            anchor: "permit",
            order: ORDER,
            title: reader.pick("排污许可", "Permit").to_owned(),
            content: components::empty(
                reader.pick("尚未录入排污许可证", "No permit here"),
                reader.pick(
                    "县区经办员可在“排污许可”中导入。",
                    "County officers import it under Permits.",
                ),
            ),
        }));
    }
    let approvals = permits::approvals(&state.store, enterprise).await.map_err(problem)?;
    let quotas = permits::quotas(&state.store, enterprise).await.map_err(problem)?;
    let discharged = actual::discharged(state, &snapshot, enterprise, today.year()).await?;
    let rows = actual::beside(&shown, &approvals, &quotas, &discharged, today.year());
    let name = words::names(&snapshot);
    let until = today.checked_add(jiff::Span::new().days(AHEAD_DAYS)).unwrap_or(today);
    let content = html! {
        ul class="plain" {
            @for version in &shown {
                li {
                    a href=(parts::path(&version.permit.number)) {
                        code { (version.permit.number) }
                    }
                    " · " (reader.text(&version.class.text())) " · "
                    (reader.pick("有效期至 ", "valid to ")) (version.valid_to)
                    " (" (clocks::days_left(version, today)) (reader.pick(" 天)", " days) "))
                    " " (parts::radar(reader, Radar::of(version, today)))
                    @let dates = duties_between(version, today, until);
                    @if !dates.is_empty() {
                        br;
                        (reader.pick("近期到期:", "Due soon: "))
                        @for (place, date) in dates.iter().take(DATES).enumerate() {
                            @if place > 0 { (reader.pick("、", ", ")) }
                            (date.due) " "
                            @if let Some(duty) = date.of(version) {
                                (reader.text(&words::duty(duty, &name)))
                            }
                        }
                    }
                }
            }
        }
        (amounts::counted(reader, discharged.days, today.year()))
        (amounts::table(reader, &snapshot, &[(None, rows)], today.year(), false))
    };
    Ok(Some(Panel {
        anchor: "permit",
        order: ORDER,
        title: reader.pick("排污许可", "Permit").to_owned(),
        content,
    }))
}
