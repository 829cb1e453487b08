//! `GET requests`: how requests stand. Those that an application made are answered from the
//! beginning, the others once they are published.

use super::answer::{Element, Form, answer, refusal};
use super::filter::{Asked, Filter};
use super::services::{Service, services};
use super::store::{self, Request};
use super::{Jurisdiction, engine, no_form};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use cases::{Cases, PublicCase, PublicFilter, Viewer};
use jiff::Timestamp;
use rulebook::{Language, beijing_offset};
use web::{AppState, Problem, Reader};

/// Answered at most.
const REQUESTS_MAX: usize = 1000;
/// Published cases read at once.
const PAGE: u16 = 200;

/// How a request stands.
struct Standing {
    number: String,
    service_code: String,
    is_open: bool,
    notes: String,
    agency: String,
    requested_at: Timestamp,
    updated_at: Timestamp,
    expected_at: Option<Timestamp>,
    address: String,
    place: Option<(String, String)>,
}

pub(super) async fn many(
    State(state): State<AppState>,
    reader: Reader,
    Query(asked): Query<Asked>,
    form: Form,
) -> Response {
    let cases = match engine(&state, asked.jurisdiction_id.as_deref(), form) {
        Ok(cases) => cases,
        Err(refused) => return refused.into_response(),
    };
    let filter = match asked.filter(state.now()) {
        Ok(filter) => filter,
        Err(what) => return refusal(StatusCode::BAD_REQUEST, form, &what),
    };
    match found(&state, &cases, &filter, reader.language).await {
        Ok(standings) => listed(&cases, &standings, reader.language, form),
        Err(_) => general(form),
    }
}

pub(super) async fn one(
    State(state): State<AppState>,
    reader: Reader,
    Query(query): Query<Jurisdiction>,
    Path(last): Path<String>,
) -> Response {
    let Some((number, form)) = Form::split(&last) else { return no_form(&last) };
    let cases = match engine(&state, query.jurisdiction_id.as_deref(), form) {
        Ok(cases) => cases,
        Err(refused) => return refused.into_response(),
    };
    match by_number(&state, &cases, number, reader.language).await {
        Ok(Some(standing)) => listed(&cases, &[standing], reader.language, form),
        Ok(None) => {
            let what = format!("service_request_id {number} was not found");
            refusal(StatusCode::NOT_FOUND, form, &what)
        }
        Err(_) => general(form),
    }
}

/// Every request has its number at once, so nothing here ever gives a token away.
pub(super) async fn of_token(
    State(state): State<AppState>,
    Query(query): Query<Jurisdiction>,
    Path(last): Path<String>,
) -> Response {
    let Some((token, form)) = Form::split(&last) else { return no_form(&last) };
    if let Err(refused) = engine(&state, query.jurisdiction_id.as_deref(), form) {
        return refused.into_response();
    }
    match store::by_number(&state.store, token).await {
        // Who keeps the number where others keep a token is served all the same.
        Ok(Some(request)) => {
            let pair = Element::Parts(vec![
                ("service_request_id", Element::text(request.number)),
                ("token", Element::text(token)),
            ]);
            let list = Element::List("request", vec![pair]);
            answer(StatusCode::OK, form, "service_requests", &list)
        }
        Ok(None) => {
            let what = format!("token {token} was not found; POST requests answers with an id");
            refusal(StatusCode::NOT_FOUND, form, &what)
        }
        Err(error) => {
            tracing::error!(%error, "a request could not be looked up");
            general(form)
        }
    }
}

fn general(form: Form) -> Response {
    refusal(StatusCode::BAD_REQUEST, form, "general service error; try again later")
}

async fn found(
    state: &AppState,
    cases: &Cases,
    filter: &Filter,
    language: Language,
) -> Result<Vec<Standing>, Problem> {
    if !filter.ids.is_empty() {
        let mut all = Vec::new();
        for number in filter.ids.iter().take(REQUESTS_MAX) {
            all.extend(by_number(state, cases, number, language).await?);
        }
        return Ok(all);
    }
    let wanted = |standing: &Standing| {
        (filter.services.is_empty() || filter.services.contains(&standing.service_code))
            && filter.is_open.is_none_or(|is_open| is_open == standing.is_open)
    };
    let mut all: Vec<Standing> = Vec::new();
    for request in store::between(&state.store, filter.span, REQUESTS_MAX as i64).await? {
        all.extend(of_request(state, cases, request, language).await?);
    }
    for case in published(cases, filter.span).await? {
        if !all.iter().any(|known| known.number == case.number) {
            all.push(of_published(state, cases, &case, language));
        }
    }
    all.retain(wanted);
    all.sort_by_key(|standing| std::cmp::Reverse(standing.requested_at));
    all.truncate(REQUESTS_MAX);
    Ok(all)
}

/// Published cases opened within a span. They are listed by the day of publication, which is never
/// before the day of opening.
async fn published(
    cases: &Cases,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<PublicCase>, Problem> {
    let mut filter = PublicFilter { from: Some(from), limit: PAGE, ..PublicFilter::default() };
    let mut all = Vec::new();
    loop {
        let page = cases.public_cases(&filter).await.map_err(crate::engine::refused)?;
        let within = page.rows.into_iter().filter(|case| (from..=to).contains(&case.opened_on));
        all.extend(within);
        match page.next {
            Some(next) if all.len() < REQUESTS_MAX => filter.after = Some(next),
            _ => return Ok(all),
        }
    }
}

async fn by_number(
    state: &AppState,
    cases: &Cases,
    number: &str,
    language: Language,
) -> Result<Option<Standing>, Problem> {
    if let Some(request) = store::by_number(&state.store, number).await? {
        return of_request(state, cases, request, language).await;
    }
    let Ok(id) = cases.find(number).await else { return Ok(None) };
    let view = match cases.case(&Viewer::Public, id, state.now()).await {
        Ok(view) => view,
        Err(cases::CaseError::Unknown) => return Ok(None),
        Err(error) => return Err(crate::engine::refused(error)),
    };
    let is_service = |service: &&Service| {
        let is_chosen = service.choice.as_ref().is_none_or(|(field, choice)| {
            view.fields.iter().any(|shown| shown.id == *field && shown.value == *choice)
        });
        service.kind.id == view.case.kind && is_chosen
    };
    let all = services(cases);
    let code = all.iter().find(is_service).map(|service| service.code.clone());
    let case = &view.case;
    Ok(Some(Standing {
        number: case.number.clone(),
        service_code: code.unwrap_or_else(|| case.kind.clone()),
        is_open: case.is_open(),
        notes: view.state.in_language(language).to_owned(),
        agency: String::new(),
        requested_at: case.opened_at,
        updated_at: case.closed_at.or(case.published_at).unwrap_or(case.opened_at),
        expected_at: None,
        address: division(state, &case.division, language),
        place: None,
    }))
}

/// How a request stands that an application made, without a word of its reporter.
async fn of_request(
    state: &AppState,
    cases: &Cases,
    request: Request,
    language: Language,
) -> Result<Option<Standing>, Problem> {
    let viewer = Viewer::Reporter(request.case);
    let view = match cases.case(&viewer, request.case, state.now()).await {
        Ok(view) => view,
        Err(cases::CaseError::Unknown) => return Ok(None),
        Err(error) => return Err(crate::engine::refused(error)),
    };
    let case = &view.case;
    let last = view.timeline.last().map_or(case.opened_at, |event| event.at);
    Ok(Some(Standing {
        is_open: case.is_open(),
        notes: view.state.in_language(language).to_owned(),
        agency: agency(state, case.responsible, language).await?,
        requested_at: request.requested_at,
        updated_at: case.closed_at.unwrap_or(last),
        expected_at: case.due_at,
        address: division(state, &case.division, language),
        place: request.place,
        number: request.number,
        service_code: request.service_code,
    }))
}

fn of_published(
    state: &AppState,
    cases: &Cases,
    case: &PublicCase,
    language: Language,
) -> Standing {
    let is_service = |service: &&Service| {
        let chosen = service
            .choice
            .as_ref()
            .is_none_or(|_| case.fields.iter().any(|(_, value)| value.zh == service.name.zh));
        service.kind.id == case.kind && chosen
    };
    let all = services(cases);
    let service = all.iter().find(is_service).map(|service| service.code.clone());
    Standing {
        number: case.number.clone(),
        service_code: service.unwrap_or_else(|| case.kind.clone()),
        is_open: !case.is_closed,
        notes: case.state_name.in_language(language).to_owned(),
        agency: String::new(),
        requested_at: case.opened_on,
        updated_at: case.published_at,
        expected_at: None,
        address: division(state, &case.division, language),
        place: None,
    }
}

async fn agency(
    state: &AppState,
    unit: Option<authority::OrganisationId>,
    language: Language,
) -> Result<String, Problem> {
    let Some(unit) = unit else { return Ok(String::new()) };
    let all = state.authority.organisations().await?;
    let found = all.into_iter().find(|one| one.id == unit);
    Ok(found.map_or_else(String::new, |one| match language {
        Language::English if !one.name_en.is_empty() => one.name_en,
        _ => one.name_zh,
    }))
}

fn division(state: &AppState, code: &str, language: Language) -> String {
    let snapshot = state.snapshot();
    let name = snapshot.division(code).map(|row| &row.name);
    name.map_or_else(
        || code.to_owned(),
        |name| match language {
            Language::Chinese => name.zh.clone(),
            Language::English => name.en.clone(),
        },
    )
}

fn listed(cases: &Cases, standings: &[Standing], language: Language, form: Form) -> Response {
    let services = services(cases);
    let requests = standings.iter().map(|standing| element(standing, &services, language));
    let list = Element::List("request", requests.collect());
    answer(StatusCode::OK, form, "service_requests", &list)
}

fn element(standing: &Standing, services: &[Service], language: Language) -> Element {
    let service = services.iter().find(|service| service.code == standing.service_code);
    let name = service.map(|service| service.name.in_language(language).to_owned());
    let time = |at: Timestamp| Element::text(w3(at));
    let (longitude, latitude) = standing.place.clone().unzip();
    let number = |digits: Option<String>| digits.map_or(Element::Empty, Element::Number);
    Element::Parts(vec![
        ("service_request_id", Element::text(&*standing.number)),
        ("status", Element::text(if standing.is_open { "open" } else { "closed" })),
        ("status_notes", Element::text(&*standing.notes)),
        ("service_name", Element::of(name)),
        ("service_code", Element::text(&*standing.service_code)),
        ("description", Element::Empty),
        ("agency_responsible", Element::text(&*standing.agency)),
        ("service_notice", Element::Empty),
        ("requested_datetime", time(standing.requested_at)),
        ("updated_datetime", time(standing.updated_at)),
        ("expected_datetime", standing.expected_at.map_or(Element::Empty, time)),
        ("address", Element::text(&*standing.address)),
        ("address_id", Element::Empty),
        ("zipcode", Element::Empty),
        ("lat", number(latitude)),
        ("long", number(longitude)),
        ("media_url", Element::Empty),
    ])
}

/// A time as the specification writes it, in Beijing.
fn w3(at: Timestamp) -> String {
    let local = beijing_offset().to_datetime(at);
    format!("{}+08:00", local.strftime("%Y-%m-%dT%H:%M:%S"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_name_their_zone() {
        let at = "2026-11-29T16:30:05Z".parse().expect("a time");
        assert_eq!(super::w3(at), "2026-11-30T00:30:05+08:00");
    }
}
