//! What an enterprise's page shows of its reports, tells on its timeline and asks it to do.

use super::access::subject_of;
use super::model::{Report, State, period_text};
use super::pages::PATH;
use super::queries::{Standing, rows_of};
use super::store::{self, Filter};
use authority::{Action, Principal, decide};
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use registry::EnterpriseId;
use rulebook::beijing_offset;
use std::sync::Arc;
use web::components::{self, Column, Table};
use web::{AppState, Duty, Happening, Later, Panel, Problem, Reader};

/// Reports that a panel shows.
const SHOWN: usize = 12;

/// Whether somebody sees what is not public yet.
fn sees_filed(state: &AppState, enterprise: EnterpriseId, who: Option<&Principal>) -> bool {
    let subject = subject_of(&state.snapshot(), enterprise);
    let may = |action| who.is_some_and(|one| decide(one, action, &subject).is_allowed());
    may(Action::ReadCase) || may(Action::FileReports)
}

/// The reports of an enterprise; for strangers the accepted ones.
pub(super) fn panel(
    state: AppState,
    reader: Reader,
    enterprise: EnterpriseId,
    who: Option<Arc<Principal>>,
) -> Later<Result<Option<Panel>, Problem>> {
    Box::pin(async move {
        let content = if sees_filed(&state, enterprise, who.as_deref()) {
            asked_for(&state, &reader, enterprise).await?
        } else {
            public(&state, &reader, enterprise).await?
        };
        let title = reader.pick("执行报告", "Execution reports").to_owned();
        Ok(content.map(|content| Panel { anchor: "reports", order: 40, title, content }))
    })
}

async fn asked_for(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
) -> Result<Option<Markup>, Problem> {
    let rows = rows_of(state, enterprise, false).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut table = Table::new(
        reader.pick("应报的执行报告", "Reports that are asked for"),
        vec![
            Column::words(reader.pick("报告期", "Period")),
            Column::words(reader.pick("提交期限", "Due")),
            Column::words(reader.pick("状态", "State")),
        ],
    );
    for row in rows.iter().take(SHOWN) {
        let subject = &row.due.subject;
        let period = period_text(subject.cycle, subject.from);
        let name = format!("{} {}", reader.text(&period), reader.text(&subject.cycle.text()));
        table.row(vec![
            html! {
                @match &row.newest {
                    Some(report) => a href={ (PATH) "/" (report.id) } { (name) },
                    None => (name),
                }
            },
            html! { @match row.due.due { Some(day) => (day), None => "—" } },
            components::status_badge(row.standing.tone(), reader.text(&row.standing.text())),
        ]);
    }
    Ok(Some(html! {
        (table.render())
        p { a href=(PATH) { (reader.pick("全部执行报告", "All reports")) } }
    }))
}

async fn public(
    state: &AppState,
    reader: &Reader,
    enterprise: EnterpriseId,
) -> Result<Option<Markup>, Problem> {
    let count = i64::try_from(SHOWN).unwrap_or(i64::MAX);
    let of = [enterprise];
    let reports = store::public(&state.store, Some(&of), None, i64::MAX, count).await?;
    if reports.is_empty() {
        return Ok(None);
    }
    let name = |report: &Report| {
        let subject = &report.subject;
        let period = period_text(subject.cycle, subject.from);
        format!("{} {}", reader.text(&period), reader.text(&subject.cycle.text()))
    };
    Ok(Some(html! {
        ul {
            @for report in &reports {
                li { a href={ (PATH) "/" (report.id) } { (name(report)) } }
            }
        }
    }))
}

/// When reports were filed and accepted.
pub(super) fn timeline(
    state: AppState,
    reader: Reader,
    enterprise: EnterpriseId,
    who: Option<Arc<Principal>>,
) -> Later<Result<Vec<Happening>, Problem>> {
    Box::pin(async move {
        let sees = sees_filed(&state, enterprise, who.as_deref());
        let filter = Filter { enterprise: Some(enterprise), ..Filter::default() };
        let mut happenings = Vec::new();
        for report in store::newest(&state.store, filter).await? {
            let is_accepted = report.state == State::Accepted;
            if report.state == State::Draft || !(sees || is_accepted) {
                continue;
            }
            let subject = &report.subject;
            let period = period_text(subject.cycle, subject.from);
            let name = format!("{} {}", reader.text(&period), reader.text(&subject.cycle.text()));
            let happening = |at: Timestamp, zh: &str, en: &str| Happening {
                at,
                kind: reader.pick("执行报告", "Execution report").to_owned(),
                title: format!("{name}: {}", reader.pick(zh, en)),
                link: Some(format!("{PATH}/{}", report.id)),
            };
            if let Some(filed) = &report.filed {
                happenings.push(happening(filed.at, "已提交", "filed"));
            }
            if let Some(decided) = &report.decided {
                happenings.push(if is_accepted {
                    happening(decided.at, "通过审核", "accepted")
                } else {
                    happening(decided.at, "被退回", "returned")
                });
            }
        }
        Ok(happenings)
    })
}

/// Reports that are to be filed or mended.
pub(super) fn duties(
    state: AppState,
    reader: Reader,
    enterprise: EnterpriseId,
    who: Arc<Principal>,
) -> Later<Result<Vec<Duty>, Problem>> {
    Box::pin(async move {
        let subject = subject_of(&state.snapshot(), enterprise);
        let with_drafts = decide(&who, Action::FileReports, &subject).is_allowed();
        let rows = rows_of(&state, enterprise, with_drafts).await?;
        let is_open = |standing: Standing| {
            matches!(standing, Standing::Open | Standing::Overdue(_) | Standing::Returned)
        };
        let duty = |row: super::queries::Row| {
            let subject = &row.due.subject;
            let period = period_text(subject.cycle, subject.from);
            let id = row.draft.or(row.newest.as_ref().map(|report| report.id));
            Duty {
                due_at: row.due.due.and_then(end_of),
                kind: reader.pick("执行报告", "Execution report").to_owned(),
                title: format!(
                    "{} {}：{}",
                    reader.text(&period),
                    reader.text(&subject.cycle.text()),
                    reader.text(&row.standing.text())
                ),
                link: id.map_or_else(|| PATH.to_owned(), |id| format!("{PATH}/{id}")),
            }
        };
        Ok(rows.into_iter().filter(|row| is_open(row.standing)).map(duty).collect())
    })
}

/// The end of a day in Beijing.
fn end_of(day: Date) -> Option<Timestamp> {
    let next = day.tomorrow().ok()?.at(0, 0, 0, 0);
    beijing_offset().to_timestamp(next).ok()
}
