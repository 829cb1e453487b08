//! What an enterprise's page shows of its ledger, and what its desk asks for: days of this month
//! without a page, where the permit has the duty. No clock: a permit sets none.

use super::model::asks_for_it;
use super::pages::PATH;
use super::pages::month::days_of;
use super::store::{self, LedgerError};
use crate::execution_reports::access::subject_of;
use crate::execution_reports::day_of;
use authority::{Action, Principal, decide};
use maud::html;
use permits::versions;
use registry::EnterpriseId;
use std::sync::Arc;
use validity::Month;
use web::components::{Column, Table};
use web::{AppState, Duty, Later, Panel, Problem, Reader};

/// How the ledger of a permit stands in this month.
struct Standing {
    number: String,
    is_asked: bool,
    recorded: usize,
    gaps: usize,
}

async fn standings(
    state: &AppState,
    enterprise: EnterpriseId,
) -> Result<(Month, Vec<Standing>), Problem> {
    let today = day_of(state.now());
    let month = Month::of(today);
    let all = permits::of(&state.store, enterprise).await?;
    let mut found = Vec::new();
    for of_permit in versions::by_permit(&all) {
        let Some(one) = of_permit.first() else { continue };
        let (first, last) = (month.first_day(), month.last_day());
        let pages: Result<_, LedgerError> =
            store::newest(&state.store, one.permit.id, first, last).await;
        let pages = pages?;
        let is_asked = |day| versions::on(of_permit, day).is_some_and(asks_for_it);
        let gaps = days_of(month, today)
            .filter(|day| *day < today && is_asked(*day))
            .filter(|day| !pages.iter().any(|page| page.day == *day));
        found.push(Standing {
            number: one.permit.number.clone(),
            is_asked: is_asked(today),
            recorded: pages.len(),
            gaps: gaps.count(),
        });
    }
    Ok((month, found))
}

fn may(state: &AppState, who: &Principal, action: Action, enterprise: EnterpriseId) -> bool {
    decide(who, action, &subject_of(&state.snapshot(), enterprise)).is_allowed()
}

/// The ledgers of an enterprise in this month, for who may read them.
pub(super) fn panel(
    state: AppState,
    reader: Reader,
    enterprise: EnterpriseId,
    who: Option<Arc<Principal>>,
) -> Later<Result<Option<Panel>, Problem>> {
    Box::pin(async move {
        let reads = who.is_some_and(|who| {
            may(&state, &who, Action::ReadCase, enterprise)
                || may(&state, &who, Action::FileReports, enterprise)
        });
        if !reads {
            return Ok(None);
        }
        let (month, standings) = standings(&state, enterprise).await?;
        if standings.is_empty() {
            return Ok(None);
        }
        let mut table = Table::new(
            format!("{} {month}", reader.pick("环境管理台账", "Management ledger")),
            vec![
                Column::words(reader.pick("排污许可证", "Permit")),
                Column::numbers(reader.pick("已记录天数", "Days recorded")),
                Column::numbers(reader.pick("未记录天数", "Days without a page")),
            ],
        );
        for one in &standings {
            table.row(vec![
                html! { a href={ (PATH) "/" (one.number) } { (one.number) } },
                html! { (one.recorded) },
                html! { @if one.is_asked { (one.gaps) } @else { "—" } },
            ]);
        }
        let content = table.render();
        let title = reader.pick("环境管理台账", "Management ledger").to_owned();
        Ok(Some(Panel { anchor: "management-ledger", order: 45, title, content }))
    })
}

/// Days of this month without a page.
pub(super) fn duties(
    state: AppState,
    reader: Reader,
    enterprise: EnterpriseId,
    who: Arc<Principal>,
) -> Later<Result<Vec<Duty>, Problem>> {
    Box::pin(async move {
        if !may(&state, &who, Action::FileReports, enterprise) {
            return Ok(Vec::new());
        }
        let (month, standings) = standings(&state, enterprise).await?;
        let open = standings.into_iter().filter(|one| one.is_asked && one.gaps > 0);
        let duty = |one: Standing| Duty {
            due_at: None,
            kind: reader.pick("管理台账", "Management ledger").to_owned(),
            title: match reader.language {
                web::Language::Chinese => format!("{month} 有 {} 天没有台账记录", one.gaps),
                web::Language::English => format!("{month}: {} days without a page", one.gaps),
            },
            link: format!("{PATH}/{}", one.number),
        };
        Ok(open.map(duty).collect())
    })
}
