//! From an alert to its case and back, and the rules by which alerts become cases.

use super::opening::{DisposalError, KIND, kind, new_case, open, title};
use super::rules::{FILE, Rule};
use super::store;
use super::worker::rules_of;
use crate::engine::{engine, refused};
use authority::{Action, Subject};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use cases::{By, CaseId};
use evaluation::alerts::{Alert, Severity};
use maud::{Markup, html};
use registry::{PointDetail, Snapshot};
use web::components::{self, Column, Table};
use web::{AppState, Page, Problem, Reader, SignedIn};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/cases/by-alert/{alert}", get(of_alert).post(open_by_hand))
        .route("/cases/alert-rules", get(rules))
}

pub(super) fn failed(error: DisposalError) -> Problem {
    match error {
        DisposalError::Case(error) => refused(error),
        other => Problem::internal(&other),
    }
}

/// The alert of a number, for somebody who may read it.
pub(super) async fn alert(
    state: &AppState,
    signed_in: &SignedIn,
    id: i64,
) -> Result<Alert, Problem> {
    signed_in.scope(Action::ReadAlerts)?;
    let unknown = || {
        Problem::not_found(
            format!("没有编号为 {id} 的告警"),
            format!("there is no alert with the number {id}"),
        )
    };
    let found = evaluation::alert(&state.store, id).await?.ok_or_else(unknown)?;
    signed_in.allowed(Action::ReadAlerts, &subject(&state.snapshot(), &found))?;
    Ok(found)
}

/// What an alert is about, for the decision who may read it.
fn subject(snapshot: &Snapshot, alert: &Alert) -> Subject {
    let Some(point) = snapshot.point(alert.subject.point) else { return Subject::installation() };
    let subject = Subject::installation().in_division(&point.division);
    let enterprise = match &point.detail {
        PointDetail::Outlet(outlet) => snapshot.enterprise(outlet.enterprise),
        PointDetail::AirStation(_) | PointDetail::WaterSection(_) => None,
    };
    enterprise.iter().fold(subject, |subject, one| subject.of_enterprise(&one.code))
}

fn to_case(id: CaseId) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, format!("/cases/{}", id.0))]).into_response()
}

/// The case of an alert; where it has none, the way to open one.
async fn of_alert(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    signed_in.scope(Action::ReadCase)?;
    let alert = alert(&state, &signed_in, id).await?;
    if let Some(tied) = store::of_alert(&state.store, id).await? {
        return Ok(to_case(tied.case));
    }
    let may_open = signed_in.allowed(Action::OpenCase, &subject(&state.snapshot(), &alert)).is_ok();
    let content = html! {
        (components::empty(
            reader.pick("此告警还没有转为事项", "The alert is no case yet"),
            reader.pick("符合本市规则的告警会自动转办,也可由办理人员登记。",
                "By the city's rules alerts become cases; officers may open one as well.")))
        @if may_open {
            form class="actions" method="post" {
                button type="submit" { (reader.pick("登记告警处置", "Open a case for it")) }
            }
        }
        p {
            a href={ "/alerts/" (id) } { (reader.pick("回到告警", "Back to the alert")) } " · "
            a href="/cases/alert-rules" { (reader.pick("转办规则", "The rules")) }
        }
    };
    let title = title(&state.snapshot(), &alert);
    let page = Page::new(reader.text(&title))
        .under("/alerts", reader.pick("告警", "Alerts"))
        .render(&state, &reader, content);
    Ok(page.into_response())
}

async fn open_by_hand(
    State(state): State<AppState>,
    signed_in: SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    signed_in.scope(Action::OpenCase)?;
    let alert = alert(&state, &signed_in, id).await?;
    if let Some(tied) = store::of_alert(&state.store, id).await? {
        return Ok(to_case(tied.case));
    }
    let engine = engine(&state)?;
    let units = state.authority.organisations().await?;
    let new = new_case(&state.snapshot(), &units, &alert);
    let address = &signed_in.origin().address;
    let by = By::Person { principal: signed_in.principal(), address };
    let made = open((&state.store, &engine), &by, (&alert, new), None, state.now()).await;
    Ok(to_case(made.map_err(failed)?))
}

/// The rules by which alerts become cases, as the city has dated them.
async fn rules(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Markup, Problem> {
    signed_in.scope(Action::ReadAlerts)?;
    let content = html! {
        p class="words" {
            (reader.pick(
                "告警符合下列规则之一时自动登记为“告警处置”事项,每个告警只登记一次;告警解除后在事项中注明,仍由人核实销号。",
                "An alert that fits a rule becomes a case, once; when the alert ends the case is told, \
                 and a person still closes it."))
        }
        @match rules_of(&state.store).await.map_err(failed)? {
            Err(wrong) => {
                (components::error_box(
                    reader.pick("规则表有误,暂不自动转办", "The table is wrong: nothing is opened"),
                    &wrong.join("; ")))
            }
            Ok(rules) => (table(&state, &reader, &rules))
        }
        p { a href={ "/cases/kinds/" (KIND) } {
            (reader.pick("告警处置的流程与时限", "The flow and clocks of such cases"))
        } }
    };
    Ok(Page::new(reader.pick("告警转办规则", "From alerts to cases"))
        .under("/cases", reader.pick("事项", "Cases"))
        .render(&state, &reader, content))
}

fn table(state: &AppState, reader: &Reader, rules: &[Rule]) -> Markup {
    let mut table = Table::new(
        reader.pick("转办规则", "Rules"),
        vec![
            Column::words(reader.pick("规则", "Rule")),
            Column::words(reader.pick("告警类别", "Kind of alert")),
            Column::words(reader.pick("级别不低于", "At least")),
            Column::numbers(reader.pick("持续小时不少于", "Hours at least")),
            Column::words(reader.pick("区县", "Division")),
            Column::numbers(reader.pick("企业说明天数", "Days to explain")),
            Column::words(reader.pick("施行", "In force")),
            Column::words(reader.pick("依据", "By")),
        ],
    );
    let snapshot = state.snapshot();
    for rule in rules {
        let division = rule.division.as_deref();
        let division = division.map_or_else(
            || reader.pick("全市", "the whole city").to_owned(),
            |code| crate::cases::division_name(reader, &snapshot, code).to_owned(),
        );
        table.row(vec![
            html! { code { (rule.id) } },
            html! {
                @match rule.kind {
                    Some(of) => (reader.text(&kind(of)))
                    None => (reader.pick("任何", "any"))
                }
            },
            html! { (severity(reader, rule.severity)) },
            html! { (rule.hours) },
            html! { (division) },
            html! { @match rule.explain_days { Some(days) => (days), None => "—" } },
            html! {
                (rule.valid_from) " – "
                @if let Some(last) = rule.valid_to { (last) }
            },
            html! {
                (rule.source) " "
                span class="muted" { "(" (confidence(reader, &rule.confidence)) ")" }
                @if !rule.note.is_empty() { div class="hint" { (rule.note) } }
            },
        ]);
    }
    if table.is_empty() {
        let advice = match reader.language {
            web::Language::Chinese => {
                format!("本市没有设规则,告警不会自动转办;规则写在城市文件夹的 {FILE}。")
            }
            web::Language::English => {
                format!(
                    "The city has set none, so no alert becomes a case by itself; they stand in \
                         {FILE} of the city's folder."
                )
            }
        };
        return components::empty(reader.pick("没有规则", "No rules"), &advice);
    }
    table.render()
}

/// How far a row of the city's files can be trusted, by its word.
fn confidence<'a>(reader: &'a Reader, word: &'a str) -> &'a str {
    match word {
        "official" => reader.pick("官方公布", "official"),
        "secondary" => reader.pick("转载", "secondary"),
        "unverified" => reader.pick("未核实", "unverified"),
        "fictitious" => reader.pick("演示虚构", "invented"),
        other => other,
    }
}

fn severity(reader: &Reader, severity: Severity) -> &str {
    match severity {
        Severity::Notice => reader.pick("提示", "notice"),
        Severity::Warning => reader.pick("预警", "warning"),
        Severity::Serious => reader.pick("严重", "serious"),
    }
}
