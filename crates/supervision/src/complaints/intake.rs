//! The form of the hotline's operator (热线登记): taken down by the keyboard while the caller
//! speaks, with cases beside it that may tell of the same.

use super::candidates::{self, Alike, Sketch};
use super::{fields, kind, receipt, report};
use crate::citizen::opening_fields;
use crate::engine::{engine, refused};
use crate::form::{Entered, once_key};
use crate::place::in_force;
use authority::Action;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use caseflow::CaseKind;
use cases::{By, Candidate, CaseError, Cases, Channel, Opened};
use maud::{Markup, html};
use web::components;
use web::{AppState, Page, Problem, Reader, SignedIn};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/complaints/intake", get(form).post(taken))
        .route("/complaints/intake/candidates", get(alike))
}

/// Lets in who may open cases and write down who calls.
fn operator(signed_in: &SignedIn) -> Result<(), Problem> {
    signed_in.scope(Action::OpenCase)?;
    signed_in.scope(Action::ReadPersonalData).map(|_| ())
}

async fn form(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
) -> Result<Markup, Problem> {
    operator(&signed_in)?;
    let cases = engine(&state)?;
    form_page(&state, &reader, kind(&cases)?, &Entered::default(), None)
}

fn form_page(
    state: &AppState,
    reader: &Reader,
    kind: &CaseKind,
    entered: &Entered,
    wrong: Option<&str>,
) -> Result<Markup, Problem> {
    let key = match entered.some("key") {
        Some(key) => key.to_owned(),
        None => once_key()?,
    };
    let content = html! {
        @if let Some(wrong) = wrong {
            div class="notice notice-error" role="alert" { p { (wrong) } }
        }
        div class="intake" {
            form id="intake" class="block" method="post" action="/complaints/intake"
                {
                input type="hidden" name="key" value=(key);
                div class="intake-fields" {
                    (entry(reader, ("来电号码", "Caller's number"), "phone", "tel", entered, true))
                    (entry(reader, ("来电人", "Caller's name"), "name", "text", entered, false))
                    @for (field, _) in opening_fields(kind).filter(|(_, must)| *must) {
                        (fields::compact(reader, field, true, entered))
                    }
                    (division(state, reader, entered))
                    (enterprise(state, reader, entered))
                    label class="whole" {
                        (reader.pick("地址或标志物", "Address or landmark"))
                        input name="address" maxlength="200" autocomplete="off"
                            value=(entered.text("address"));
                    }
                    label class="whole" {
                        span { (reader.pick("反映内容", "What the caller says")) " *" }
                        textarea name="text" rows="5" required maxlength="4000" {
                            (entered.text("text"))
                        }
                    }
                    @for (field, _) in opening_fields(kind).filter(|(_, must)| !*must) {
                        (fields::compact(reader, field, false, entered))
                    }
                }
                details class="folded" {
                    summary { (reader.pick("在地图上标出位置", "Mark the place on the map")) }
                    (report::map(reader, entered))
                }
                div class="row" {
                    button type="submit" { (reader.pick("登记", "Register")) }
                    span class="hint" { (reader.pick("Ctrl + Enter 提交", "Ctrl + Enter registers")) }
                }
            }
            (candidates::list(reader, &[]))
        }
    };
    let title = reader.pick("热线登记", "Take a call down");
    Ok(Page::new(title).render(state, reader, content))
}

fn entry(
    reader: &Reader,
    (zh, en): (&str, &str),
    name: &str,
    form: &str,
    entered: &Entered,
    is_first: bool,
) -> Markup {
    html! {
        label {
            (reader.pick(zh, en))
            input name=(name) type=(form) maxlength="80" autocomplete="off"
                value=(entered.text(name)) autofocus[is_first];
        }
    }
}

fn division(state: &AppState, reader: &Reader, entered: &Entered) -> Markup {
    let snapshot = state.snapshot();
    let chosen = entered.text("division");
    html! {
        label {
            (reader.pick("县(市、区)", "County"))
            select name="division" {
                option value="" { (reader.pick("不清楚", "not known")) }
                @for row in in_force(&snapshot) {
                    @if row.parent.is_some() {
                        option value=(row.code) selected[row.code == chosen] {
                            (reader.name(&row.name))
                        }
                    }
                }
            }
        }
    }
}

fn enterprise(state: &AppState, reader: &Reader, entered: &Entered) -> Markup {
    let snapshot = state.snapshot();
    html! {
        label {
            (reader.pick("被反映企业", "Enterprise"))
            input name="enterprise" list="enterprises" autocomplete="off"
                value=(entered.text("enterprise"));
            datalist id="enterprises" {
                @for one in snapshot.enterprises() {
                    option value=(one.code) { (reader.name(&one.name)) }
                }
            }
        }
    }
}

async fn taken(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    entered: Entered,
) -> Result<Response, Problem> {
    operator(&signed_in)?;
    let cases = engine(&state)?;
    let kind = kind(&cases)?;
    let again = |wrong: &str| {
        let page = form_page(&state, &reader, kind, &entered, Some(wrong))?;
        Ok((StatusCode::BAD_REQUEST, page).into_response())
    };
    if entered.text("text").is_empty() {
        return again(reader.pick("请填写反映内容。", "Write down what the caller says."));
    }
    let mut new = report::new_case(&state, kind, &entered, Channel::Hotline).await?;
    if let Some(named) = entered.some("enterprise") {
        let snapshot = state.snapshot();
        let mut all = snapshot.enterprises();
        let Some(found) = all.find(|one| one.code == named || one.name.zh == named) else {
            return again(reader.pick(
                "没有这个企业;不确定时请留空。",
                "There is no such enterprise; leave it empty when you are not sure.",
            ));
        };
        new.enterprise = Some(found.code.clone());
    }
    let by = By::Person { principal: signed_in.principal(), address: &signed_in.origin().address };
    let opened = match cases.open_case(&by, new, state.now()).await {
        Ok(opened) => opened,
        Err(CaseError::Refused(refusal)) => return again(reader.text(&refusal.what)),
        Err(CaseError::Input(text)) => return again(reader.text(&text)),
        Err(error) => return Err(refused(error)),
    };
    let sketch = Sketch {
        text: entered.text("text").to_owned(),
        division: entered.text("division").to_owned(),
        ..Sketch::default()
    };
    let principal = signed_in.principal();
    let mut alike = candidates::alike(&cases, principal, &sketch, state.now()).await?;
    alike.retain(|one| one.row.id != opened.id);
    let page = registered(&state, &reader, &signed_in, &cases, (&opened, &alike)).await?;
    Ok((StatusCode::CREATED, page).into_response())
}

async fn registered(
    state: &AppState,
    reader: &Reader,
    signed_in: &SignedIn,
    cases: &Cases,
    (opened, alike): (&Opened, &[Alike]),
) -> Result<Markup, Problem> {
    let found = cases.duplicates(signed_in.principal(), opened.id, state.now()).await;
    // A county's operator may have taken a call down that is another county's.
    let found = match found {
        Ok(found) => found,
        Err(CaseError::Unknown | CaseError::Denied(_)) => Vec::new(),
        Err(error) => return Err(refused(error)),
    };
    let content = html! {
        p { (reader.pick("请把编号和查询码念给来电人。", "Read the number and the code to the caller.")) }
        (receipt::codes(reader, opened))
        @if !found.is_empty() || !alike.is_empty() {
            (components::section("duplicates", reader.pick("疑似重复", "Perhaps the same"),
                duplicates(reader, opened, &found, alike)))
        }
        div class="row" {
            a class="button primary" href="/complaints/intake" autofocus {
                (reader.pick("登记下一个来电", "The next call"))
            }
            a class="button" href={ "/cases/" (opened.number) } {
                (reader.pick("打开事项", "Open the case"))
            }
        }
    };
    Ok(Page::new(reader.pick("已登记", "Registered"))
        .under("/complaints/intake", reader.pick("热线登记", "Hotline"))
        .render(state, reader, content))
}

/// What the engine finds by place, time, enterprise and caller, and what the words alone suggest.
fn duplicates(reader: &Reader, opened: &Opened, found: &[Candidate], alike: &[Alike]) -> Markup {
    let words = |one: &Alike| {
        let percent = one.percent;
        format!("{} {percent}%", reader.pick("标题用字相同", "letters of the title in common"))
    };
    let by_engine = found.iter().map(|one| {
        let reasons = one.reasons.iter().map(|reason| reader.text(reason).to_owned());
        (&one.case, reasons.collect::<Vec<_>>())
    });
    let is_new = |one: &&Alike| !found.iter().any(|known| known.case.id == one.row.id);
    let by_words = alike.iter().filter(is_new).map(|one| (&one.row, vec![words(one)]));
    html! {
        ul class="candidates" {
            @for (case, reasons) in by_engine.chain(by_words) {
                li class="card" {
                    a href={ "/cases/" (opened.id.0) "/duplicates?with=" (case.id.0) } {
                        (case.number)
                    }
                    " " (reader.text(&case.title))
                    @for reason in &reasons { p class="muted" { (reason) } }
                }
            }
        }
    }
}

async fn alike(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(sketch): Query<Sketch>,
) -> Result<Markup, Problem> {
    operator(&signed_in)?;
    let cases = engine(&state)?;
    let found = candidates::alike(&cases, signed_in.principal(), &sketch, state.now()).await?;
    Ok(candidates::list(&reader, &found))
}
