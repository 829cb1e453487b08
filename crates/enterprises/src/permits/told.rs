//! What permits tell an enterprise: on its timeline when versions began, among its duties when the
//! renewal is to be applied for and which samples are due.

use super::pages::parts;
use super::{list, problem};
use authority::{Action, Principal, Scope, scope};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use permits::clocks::{self, Radar};
use permits::{PermitDuty, duties_between, versions, words};
use registry::EnterpriseId;
use rulebook::beijing_offset;
use std::sync::Arc;
use web::{AppState, Duty, Happening, Later, Problem, Reader};

/// Samples are told for so many days ahead.
const AHEAD_DAYS: i64 = 45;

/// When versions began and permits ended; public, as permits are.
pub(super) fn timeline(
    state: AppState,
    reader: Reader,
    enterprise: EnterpriseId,
    _: Option<Arc<Principal>>,
) -> Later<Result<Vec<Happening>, Problem>> {
    Box::pin(async move {
        let today = list::today(&state);
        let all = permits::of(&state.store, enterprise).await.map_err(problem)?;
        let kind = reader.pick("排污许可", "Permit").to_owned();
        let mut found = Vec::new();
        for of in versions::by_permit(&all) {
            for version in of.iter().filter(|it| it.in_force_from <= today) {
                let reason = reader.text(&version.reason.text()).to_owned();
                let number = version.version;
                let title = match reader.language {
                    web::Language::Chinese => format!("许可证第{number}版生效({reason})"),
                    web::Language::English => format!("version {number} in force ({reason})"),
                };
                let path = parts::path(&version.permit.number);
                found.push(Happening {
                    at: start_of(version.in_force_from),
                    kind: kind.clone(),
                    title,
                    link: Some(format!("{path}?version={number}")),
                });
            }
            let ended = of.iter().find_map(|it| Some((it, it.ended()?)));
            if let Some((version, ended)) = ended.filter(|(_, ended)| ended.last_day < today) {
                found.push(Happening {
                    at: end_of(ended.last_day),
                    kind: kind.clone(),
                    title: format!(
                        "{} {}",
                        reader.pick("许可证终止:", "permit ended:"),
                        ended.reason
                    ),
                    link: Some(parts::path(&version.permit.number)),
                });
            }
        }
        Ok(found)
    })
}

/// The renewal within its lead time, and samples that are due; execution reports have their own
/// place.
pub(super) fn duties(
    state: AppState,
    reader: Reader,
    enterprise: EnterpriseId,
    principal: Arc<Principal>,
) -> Later<Result<Vec<Duty>, Problem>> {
    Box::pin(async move {
        let snapshot = state.snapshot();
        let sees = [Action::FileReports, Action::ManagePermits].into_iter().any(|action| {
            let scope = scope(&principal, action);
            let holder = snapshot.enterprise(enterprise);
            scope != Scope::Nothing
                && holder.is_some_and(|it| scope.holds(&super::access::subject(it)))
        });
        if !sees {
            return Ok(Vec::new());
        }
        let today = list::today(&state);
        let until = today.checked_add(AHEAD_DAYS.days()).unwrap_or(today);
        let name = words::names(&snapshot);
        let all = permits::of(&state.store, enterprise).await.map_err(problem)?;
        let mut found = Vec::new();
        for version in
            versions::by_permit(&all).into_iter().filter_map(|of| versions::shown(of, today))
        {
            let link = parts::path(&version.permit.number);
            let radar = Radar::of(version, today);
            let is_near = !matches!(radar, Radar::Ended | Radar::Later);
            if let Some(clock) = clocks::renewal(version).filter(|_| is_near) {
                found.push(Duty {
                    due_at: Some(end_of(clock.last_day)),
                    kind: reader.pick("延续许可证", "Renewal").to_owned(),
                    title: format!(
                        "{} {} ({})",
                        reader.pick("申请延续许可证", "Apply for the renewal of"),
                        version.permit.number,
                        reader.text(&radar.text())
                    ),
                    link: link.clone(),
                });
            }
            for date in duties_between(version, today, until) {
                let Some(duty @ PermitDuty::SelfMonitoring { .. }) = date.of(version) else {
                    continue;
                };
                found.push(Duty {
                    due_at: Some(end_of(date.due)),
                    kind: reader.pick("自行监测", "Samples").to_owned(),
                    title: format!(
                        "{} {} – {}",
                        reader.text(&words::duty(duty, &name)),
                        date.from,
                        date.to
                    ),
                    link: format!("{link}#duties"),
                });
            }
        }
        Ok(found)
    })
}

fn start_of(day: Date) -> Timestamp {
    beijing_offset().to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MIN)
}

fn end_of(day: Date) -> Timestamp {
    start_of(day.tomorrow().unwrap_or(day))
}
