//! The list of audit records. Whoever reads it leaves a record too.

use authority::audit::{Record, record};
use authority::{Action, AuditFilter, Recorded, Subject};
use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

/// Records on one page.
const A_PAGE: u16 = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/audit", get(all))
}

#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    who: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    subject: String,
    after: Option<i64>,
}

async fn all(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, Problem> {
    let actor = signed_in.allowed(Action::ReadAudit, &Subject::installation())?;
    let filter = AuditFilter {
        who: wanted.who.trim().to_owned(),
        action: wanted.action.trim().to_owned(),
        subject: wanted.subject.trim().to_owned(),
        from: None,
        until: None,
    };
    let found = state.authority.audit(&filter, wanted.after, A_PAGE).await?;
    let mut transaction = state.store.begin().await?;
    let asked = serde_json::json!({ "who": filter.who, "action": filter.action,
        "subject": filter.subject, "after": wanted.after });
    let read = Record {
        at: state.now(),
        actor: &actor,
        action: "audit.read",
        subject: "audit".into(),
        before: None,
        after: Some(asked.to_string()),
    };
    record(&mut transaction, read).await?;
    transaction.commit().await?;
    let next = (found.len() == usize::from(A_PAGE))
        .then(|| found.last().map(|record| record.id.to_string()))
        .flatten();
    let content = html! {
        (filters(&reader, &filter))
        (table(&reader, &found))
        (components::pages(&reader, next.as_deref()))
    };
    Ok(Page::new(reader.pick("审计记录", "Audit records")).render(&state, &reader, content))
}

fn filters(reader: &Reader, filter: &AuditFilter) -> Markup {
    html! {
        form class="filters" method="get" action="/audit" {
            label { (reader.pick("操作人", "By")) input name="who" value=(filter.who); }
            label {
                (reader.pick("操作(开头)", "Action (its beginning)"))
                input name="action" value=(filter.action) placeholder="user.";
            }
            label {
                (reader.pick("对象", "Subject"))
                input name="subject" value=(filter.subject) placeholder="user 7";
            }
            button type="submit" { (reader.pick("筛选", "Filter")) }
        }
    }
}

fn table(reader: &Reader, records: &[Recorded]) -> Markup {
    let mut table = Table::new(
        reader.pick("最新的在前,北京时间", "The newest first, Beijing time"),
        vec![
            Column::words(reader.pick("时间", "Time")),
            Column::words(reader.pick("操作人", "By")),
            Column::words(reader.pick("来自", "From")),
            Column::words(reader.pick("操作", "Action")),
            Column::words(reader.pick("对象", "Subject")),
            Column::words(reader.pick("依据", "Rule")),
            Column::words(reader.pick("变更", "Change")),
        ],
    );
    for record in records {
        table.keyed_row(
            format!("record-{}", record.id),
            vec![
                html! { (components::moment(record.at)) },
                html! {
                    (record.who)
                    @if let Some(other) = &record.on_behalf_of {
                        " " (reader.pick("代", "for")) " " (other)
                    }
                },
                html! { code { (record.origin) } },
                html! { code { (record.action) } },
                html! { (record.subject) },
                html! { code { (record.rule) } },
                change(record),
            ],
        );
    }
    if table.is_empty() {
        return components::empty(
            reader.pick("没有符合的记录", "No record matches"),
            reader.pick("放宽筛选条件再试。", "Widen the filter and try again."),
        );
    }
    table.render()
}

fn change(record: &Recorded) -> Markup {
    html! {
        @match (&record.before, &record.after) {
            (None, None) => { "—" }
            (before, after) => {
                @if let Some(before) = before { del { code { (before) } } " " }
                @if let Some(after) = after { ins { code { (after) } } }
            }
        }
    }
}
