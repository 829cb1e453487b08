//! Opening a case of any kind that somebody may open, by a form made from the kind's fields.

use super::changes::by;
use super::fields::{self, required};
use super::one::find;
use super::people::{People, number};
use super::words;
use crate::engine::{engine, refused};
use crate::form::{Entered, once_key};
use crate::place::place_of;
use authority::{Action, OrganisationId, Role, UserId};
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use caseflow::CaseKind;
use cases::{
    CaseError, CaseId, Cases, Channel, LinkKind, NewCase, Opened, Reporter, Upload, Visibility,
};
use jiff::Timestamp;
use jiff::civil::DateTime;
use maud::{Markup, html};
use rulebook::beijing_offset;
use serde::Deserialize;
use std::collections::BTreeMap;
use web::components;
use web::{AppState, Page, Problem, Reader, SignedIn};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
}

/// Whether somebody may open cases of a kind somewhere.
pub(super) fn may_open(signed_in: &SignedIn, kind: &CaseKind) -> bool {
    let Some(action) = Action::parse(&kind.opens.by) else { return false };
    let holds =
        |word: &String| Role::parse(word).is_some_and(|role| signed_in.principal().has_role(role));
    signed_in.scope(action).is_ok()
        && (kind.opens.roles.is_empty() || kind.opens.roles.iter().any(holds))
}

pub(super) async fn page(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    signed_in.scope(Action::OpenCase)?;
    let engine = engine(&state)?;
    if asked.kind.is_empty() {
        return Ok(choice(&state, &reader, &signed_in, &engine).into_response());
    }
    let kind = kind(&engine, &signed_in, &asked.kind)?;
    let mut entered = Entered::default();
    entered.put("key", &once_key()?);
    Ok(form(&state, &reader, &signed_in, &kind, &entered, None).await?.into_response())
}

fn kind(
    engine: &Cases,
    signed_in: &SignedIn,
    id: &str,
) -> Result<std::sync::Arc<CaseKind>, Problem> {
    let found = engine.kind(id).cloned();
    let found = found.ok_or_else(|| refused(CaseError::UnknownKind(id.to_owned())))?;
    if may_open(signed_in, &found) {
        return Ok(found);
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "cases.not_to_open",
        format!("您的角色不能登记“{}”", found.name.zh),
        format!("your roles do not open cases of the kind {:?}", found.name.en),
    ))
}

fn choice(state: &AppState, reader: &Reader, signed_in: &SignedIn, engine: &Cases) -> Markup {
    let kinds: Vec<_> = engine.kinds().iter().filter(|kind| may_open(signed_in, kind)).collect();
    let content = html! {
        @if kinds.is_empty() {
            (components::empty(
                reader.pick("没有您可以登记的类型", "There is no kind that you may open"),
                reader.pick("如需要,请向系统管理员申请角色。", "Ask an administrator for a role.")))
        }
        ul class="cards" {
            @for kind in kinds {
                li class="card" {
                    h2 class="card-title" {
                        a href={ "/cases/new?kind=" (kind.id) } { (reader.text(&kind.name)) }
                    }
                    p { (reader.text(&kind.purpose)) }
                    p class="hint" {
                        a href={ "/cases/kinds/" (kind.id) } {
                            (reader.pick("流程与时限", "its flow and clocks"))
                        }
                    }
                }
            }
        }
    };
    Page::new(reader.pick("登记什么事项", "What to open"))
        .under("/cases", reader.pick("事项", "Cases"))
        .render(state, reader, content)
}

async fn form(
    state: &AppState,
    reader: &Reader,
    signed_in: &SignedIn,
    kind: &CaseKind,
    entered: &Entered,
    told: Option<&(String, String)>,
) -> Result<Markup, Problem> {
    let people = People::read(state).await?;
    let snapshot = state.snapshot();
    let action = Action::parse(&kind.opens.by).unwrap_or(Action::OpenCase);
    let divisions = words::divisions(&snapshot, signed_in, action);
    let content = html! {
        @if let Some((zh, en)) = told {
            (components::notice("error", html! { p { (reader.pick(zh, en)) } }))
        }
        form class="card case-form" method="post" enctype="multipart/form-data"
            action="/cases/new" {
            input type="hidden" name="kind" value=(kind.id);
            input type="hidden" name="key" value=(entered.text("key"));
            (about(reader, &divisions, &snapshot, entered))
            (declared(reader, &people, kind, entered))
            @if kind.opens.public { (reporter(reader, entered)) }
            (belonging(reader, &people, entered))
            div class="entry" {
                label for="new-files" { (reader.pick("材料", "Files")) }
                input id="new-files" type="file" name="files" multiple
                    accept=(super::act::ACCEPTED);
            }
            button type="submit" { (reader.pick("登记", "Open the case")) }
        }
    };
    Ok(Page::new(reader.text(&kind.name))
        .under("/cases", reader.pick("事项", "Cases"))
        .under("/cases/new", reader.pick("登记", "Open a case"))
        .render(state, reader, content))
}

/// What it is about and where.
fn about(
    reader: &Reader,
    divisions: &[registry::Division],
    snapshot: &registry::Snapshot,
    entered: &Entered,
) -> Markup {
    let text = |name: &str| entered.text(name).to_owned();
    html! {
        div class="entry" {
            label for="new-title" { (reader.pick("标题", "Title")) }
            input id="new-title" name="title" maxlength="80" value=(text("title"));
            p class="hint" { (reader.pick("不填则取内容的开头。", "Left empty: the text's beginning.")) }
        }
        div class="entry" {
            label for="new-text" { (reader.pick("内容", "What happened")) (required(reader)) }
            textarea id="new-text" name="text" rows="5" required maxlength="20000" {
                (text("text"))
            }
        }
        div class="entries" {
            div class="entry" {
                label for="new-division" { (reader.pick("区县", "Division")) (required(reader)) }
                select id="new-division" name="division" required {
                    option value="" { (reader.pick("请选择", "choose")) }
                    @for division in divisions {
                        option value=(division.code)
                            selected[division.code == entered.text("division")] {
                            (reader.name(&division.name))
                        }
                    }
                }
            }
            div class="entry" {
                label for="new-enterprise" { (reader.pick("涉及企业", "Enterprise")) }
                input id="new-enterprise" name="enterprise" list="new-enterprises"
                    value=(text("enterprise"))
                    placeholder=(reader.pick("编码,可按名称查找", "its code; search by name"));
                datalist id="new-enterprises" {
                    @for one in snapshot.enterprises() {
                        option value=(one.code) { (reader.name(&one.name)) }
                    }
                }
            }
            div class="entry" {
                label for="new-happened" { (reader.pick("发生时间", "When it happened")) }
                input id="new-happened" type="datetime-local" name="happened_at"
                    value=(text("happened_at"));
            }
        }
        (place(reader, entered))
    }
}

fn place(reader: &Reader, entered: &Entered) -> Markup {
    html! {
        div class="entries" {
            div class="entry" {
                label for="new-address" { (reader.pick("地点", "Place")) }
                input id="new-address" name="address" maxlength="200"
                    value=(entered.text("address"));
            }
            div class="entry" {
                label for="new-longitude" { (reader.pick("经度", "Longitude")) }
                input id="new-longitude" name="longitude" inputmode="decimal" maxlength="20"
                    value=(entered.text("longitude")) placeholder="117.65";
            }
            div class="entry" {
                label for="new-latitude" { (reader.pick("纬度", "Latitude")) }
                input id="new-latitude" name="latitude" inputmode="decimal" maxlength="20"
                    value=(entered.text("latitude")) placeholder="24.51";
            }
        }
    }
}

/// The kind's own fields that may be filled from the start.
fn declared(reader: &Reader, people: &People, kind: &CaseKind, entered: &Entered) -> Markup {
    html! {
        div class="entries" {
            @for id in kind.opens.needs.iter().chain(&kind.opens.may_fill) {
                @if let Some(field) = kind.field(id) {
                    @let value = entered.text(&format!("field.{id}"));
                    @let is_needed = kind.opens.needs.contains(id);
                    (fields::input(reader, people, field, value, is_needed, "new"))
                }
            }
        }
    }
}

/// Who reported, where it is told by phone.
fn reporter(reader: &Reader, entered: &Entered) -> Markup {
    html! {
        fieldset {
            legend { (reader.pick("反映人(加密保存,企业看不到)",
                "The reporter (sealed, never seen by the enterprise)")) }
            div class="entries" {
                @for (name, zh, en, kind) in [
                    ("reporter_name", "姓名", "Name", "text"),
                    ("reporter_phone", "电话", "Phone", "tel"),
                    ("reporter_email", "电子邮箱", "E-mail", "email"),
                    ("reporter_address", "住址", "Address", "text"),
                ] {
                    div class="entry" {
                        label for={ "new-" (name) } { (reader.pick(zh, en)) }
                        input id={ "new-" (name) } type=(kind) name=(name) maxlength="200"
                            autocomplete="off" value=(entered.text(name));
                    }
                }
            }
        }
    }
}

/// How it came, to whom it goes, to which case it belongs.
fn belonging(reader: &Reader, people: &People, entered: &Entered) -> Markup {
    let chosen = |name: &str| entered.text(name).parse().ok();
    let unit: Vec<_> = chosen("unit").map(OrganisationId).into_iter().collect();
    let channel = Channel::parse(entered.text("channel")).unwrap_or(Channel::Hotline);
    html! {
        details class="folded" {
            summary { (reader.pick("来源、派办、关联", "How it came, to whom it goes, links")) }
            div class="entries" {
                div class="entry" {
                    label for="new-channel" { (reader.pick("来源", "Came by")) }
                    select id="new-channel" name="channel" {
                        @for one in [Channel::Hotline, Channel::Web, Channel::Patrol,
                            Channel::Exchange, Channel::Import] {
                            @let (zh, en) = one.names();
                            option value=(one.as_str()) selected[one == channel] {
                                (reader.pick(zh, en))
                            }
                        }
                    }
                }
                div class="entry" {
                    label for="new-unit" { (reader.pick("承办单位", "Unit")) }
                    select id="new-unit" name="unit" {
                        option value="" { (reader.pick("稍后派办", "later")) }
                        (people.unit_options(reader, &unit))
                    }
                }
                div class="entry" {
                    label for="new-assignee" { (reader.pick("承办人", "Officer")) }
                    select id="new-assignee" name="assignee" {
                        option value="" { (reader.pick("稍后派办", "later")) }
                        (people.user_options(reader, chosen("assignee").map(UserId)))
                    }
                }
                div class="entry" {
                    label for="new-follows" { (reader.pick("后续于(编号)", "Follows (number)")) }
                    input id="new-follows" name="follows" maxlength="40"
                        value=(entered.text("follows"));
                }
            }
        }
    }
}

pub(super) async fn open(
    State(state): State<AppState>,
    reader: Reader,
    signed_in: SignedIn,
    entered: Entered,
) -> Result<Response, Problem> {
    signed_in.scope(Action::OpenCase)?;
    let engine = engine(&state)?;
    let kind = kind(&engine, &signed_in, entered.text("kind"))?;
    let new = new_case(&engine, &kind, &signed_in, &entered).await?;
    match engine.open_case(&by(&signed_in), new, state.now()).await {
        Ok(opened) => {
            let refused = files(&state, &engine, &signed_in, opened.id, &entered).await;
            Ok(answer(&state, &reader, &opened, &refused))
        }
        Err(error) => {
            let problem = refused(error);
            let (zh, en) = problem.texts();
            if problem.status().is_server_error() || problem.status() == StatusCode::FORBIDDEN {
                return Err(problem);
            }
            let told = (zh.to_owned(), en.to_owned());
            let page = form(&state, &reader, &signed_in, &kind, &entered, Some(&told)).await?;
            Ok((problem.status(), page).into_response())
        }
    }
}

async fn new_case(
    engine: &Cases,
    kind: &CaseKind,
    signed_in: &SignedIn,
    entered: &Entered,
) -> Result<NewCase, Problem> {
    let channel = Channel::parse(entered.text("channel")).unwrap_or(Channel::Hotline);
    let mut new = NewCase::new(&kind.id, entered.text("division"), channel);
    entered.text("title").clone_into(&mut new.title);
    entered.text("text").clone_into(&mut new.text);
    new.enterprise = entered.some("enterprise").map(str::to_owned);
    let address = entered.text("address");
    new.place = place_of(entered.text("longitude"), entered.text("latitude"), address)?;
    if new.place.is_none() && !address.is_empty() {
        // Without degrees the address is kept as words of the text.
        new.text = format!("{}\n地点 Place: {address}", new.text);
    }
    let takes =
        |id: &str| kind.opens.needs.iter().chain(&kind.opens.may_fill).any(|known| known == id);
    new.fields = fields::entered(kind, entered, takes, &BTreeMap::new());
    let part = |name: &str| entered.text(name).to_owned();
    let reporter = Reporter {
        name: part("reporter_name"),
        phone: part("reporter_phone"),
        email: part("reporter_email"),
        address: part("reporter_address"),
    };
    new.reporter = Some(reporter).filter(|reporter| kind.opens.public && !reporter.is_empty());
    new.responsible = number("unit", entered.text("unit"))?.map(OrganisationId);
    new.assignee = number("assignee", entered.text("assignee"))?.map(UserId);
    new.happened_at = entered.some("happened_at").map(moment).transpose()?;
    if let Some(other) = entered.some("follows") {
        new.links.push((LinkKind::Follows, find(engine, other).await?));
    }
    let who = signed_in.principal().user.map_or(0, |user| user.0);
    new.origin_key = entered.some("key").map(|key| format!("desk:{who}:{key}"));
    Ok(new)
}

/// A time as a form's field writes it, in Beijing.
fn moment(text: &str) -> Result<Timestamp, Problem> {
    let civil = text.parse::<DateTime>().ok();
    civil.and_then(|civil| beijing_offset().to_timestamp(civil).ok()).ok_or_else(|| {
        Problem::bad_request(
            format!("时间应如 2026-03-01T08:30,而不是 {text:?}"),
            format!("a time is written 2026-03-01T08:30, not {text:?}"),
        )
    })
}

/// Attaches the files; gives those that were not taken, with the reasons.
async fn files(
    state: &AppState,
    engine: &Cases,
    signed_in: &SignedIn,
    id: CaseId,
    entered: &Entered,
) -> Vec<(String, (String, String))> {
    let mut not_taken = Vec::new();
    for file in &entered.files {
        let upload = Upload {
            name: file.name.clone(),
            bytes: file.bytes.clone(),
            visibility: Visibility::Internal,
        };
        if let Err(error) = engine.attach(&by(signed_in), id, upload, state.now()).await {
            not_taken.push((file.name.clone(), crate::engine::file_refusal(&error)));
        }
    }
    not_taken
}

/// To the case; where a code was made or a file was not taken, that is said first.
fn answer(
    state: &AppState,
    reader: &Reader,
    opened: &Opened,
    not_taken: &[(String, (String, String))],
) -> Response {
    if opened.follow_code.is_none() && not_taken.is_empty() {
        let done = if opened.is_new { "opened" } else { "known" };
        return super::changes::back(opened.id, done);
    }
    let content = html! {
        (components::notice("good", html! {
            p {
                (reader.pick("已登记,编号", "The case is open, its number is")) " "
                strong class="case-number" { (opened.number) }
            }
        }))
        @if let Some(code) = &opened.follow_code {
            (shown_once(reader, reader.pick("查询码", "Code to follow it"), code,
                reader.pick("请告知反映人:凭编号和查询码可查进度。",
                    "Tell the reporter: number and code show the progress.")))
        }
        @for (name, (zh, en)) in not_taken {
            (components::notice("error", html! {
                p { strong { (name) } " — " (reader.pick(zh, en)) }
            }))
        }
        p { a class="button primary" href={ "/cases/" (opened.id.0) } {
            (reader.pick("打开事项", "Open its page"))
        } }
    };
    let page = Page::new(reader.pick("已登记", "Opened"))
        .under("/cases", reader.pick("事项", "Cases"))
        .render(state, reader, content);
    (StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], page).into_response()
}

fn shown_once(reader: &Reader, what: &str, code: &str, advice: &str) -> Markup {
    components::notice(
        "warning",
        html! {
            p { (what) " " code { (code) } }
            p { (advice) " " (reader.pick("只显示这一次。", "It is shown this once.")) }
        },
    )
}
