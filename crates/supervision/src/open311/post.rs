//! `POST requests`: a case opened by an application for a citizen.

use super::answer::{Element, Form, Refused, answer};
use super::services::{Service, services};
use super::{engine, no_service, store};
use crate::citizen::note_real_name;
use crate::place::{division_of, place_of};
use authority::{Action, Decision, Principal, Scope, Subject, decide, scope};
use axum::Form as Body;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use cases::{By, CaseError, Channel, NewCase, Opened, Place, Reporter};
use rulebook::{Decimal, Language};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use web::{AppState, Reader, Visitor};

/// The longest description of the specification, in letters.
const DESCRIPTION_MAX: usize = 4000;
/// Wrong keys of one address in a minute.
const WRONG_KEYS_A_MINUTE: u32 = 20;
/// Places are answered with so many decimals: about a hundred metres.
const PLACE_DECIMALS: u32 = 3;

/// The arguments as they were sent; the last of a name counts.
struct Arguments(Vec<(String, String)>);

impl Arguments {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// `attribute[code]=value`, several values of a code joined by commas.
    fn attributes(&self) -> BTreeMap<String, String> {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in &self.0 {
            let code = name.strip_prefix("attribute[").and_then(|rest| rest.split(']').next());
            let Some(code) = code.filter(|_| !value.trim().is_empty()) else { continue };
            let values = found.entry(code.to_owned()).or_default();
            if !values.is_empty() {
                values.push(',');
            }
            values.push_str(value.trim());
        }
        found
    }
}

/// The body of a form: pairs in their order.
pub(super) type Pairs = Result<Body<Vec<(String, String)>>, FormRejection>;

fn refused(status: StatusCode, form: Form, what: &str) -> Refused {
    Refused::new(status, form, what)
}

pub(super) async fn post(
    State(state): State<AppState>,
    visitor: Visitor,
    reader: Reader,
    body: Pairs,
    form: Form,
) -> Response {
    match posted(&state, &visitor, reader.language, body, form).await {
        Ok(response) => response,
        Err(refused) => refused.into_response(),
    }
}

async fn posted(
    state: &AppState,
    visitor: &Visitor,
    language: Language,
    body: Pairs,
    form: Form,
) -> Result<Response, Refused> {
    let Body(pairs) = body.map_err(|_| {
        let what = "the body is not of the form application/x-www-form-urlencoded in UTF-8";
        refused(StatusCode::BAD_REQUEST, form, what)
    })?;
    let arguments = Arguments(pairs);
    let cases = engine(state, arguments.get("jurisdiction_id"), form)?;
    let principal = key_holder(state, visitor, &arguments, form).await?;
    if scope(&principal, Action::OpenCase) == Scope::Nothing {
        let what = "the key does not let its holder open cases; make one with the scope open_case";
        return Err(refused(StatusCode::FORBIDDEN, form, what));
    }
    let Some(code) = arguments.get("service_code") else {
        return Err(refused(StatusCode::BAD_REQUEST, form, "service_code was not provided"));
    };
    let all = services(&cases);
    let Some(service) = all.into_iter().find(|service| service.code == code) else {
        return Err(no_service(code, form).into());
    };
    let new = new_case(state, &arguments, &service, form).await?;
    let subject = Subject::installation().in_division(&*new.division);
    if let Decision::Denied { why } = decide(&principal, Action::OpenCase, &subject) {
        return Err(refused(StatusCode::FORBIDDEN, form, why.texts().1));
    }
    let place = new.place.clone();
    let by = By::Person { principal: &principal, address: &visitor.origin.address };
    let opened = cases.open_case(&by, new, state.now()).await;
    let opened = opened.map_err(|error| not_opened(&error, form))?;
    keep(state, &opened, &service, place.as_ref()).await.map_err(|error| {
        tracing::error!(%error, number = opened.number, "an Open311 request was not noted");
        refused(StatusCode::BAD_REQUEST, form, "general service error; the request was opened")
    })?;
    Ok(created(state, &opened, language, form))
}

/// Whose key it is. A bearer token or a session does as well.
async fn key_holder(
    state: &AppState,
    visitor: &Visitor,
    arguments: &Arguments,
    form: Form,
) -> Result<Principal, Refused> {
    const WRONG: &str = "wrong Open311 key";
    let (now, address) = (state.now(), visitor.origin.address.as_str());
    let Some(key) = arguments.get("api_key") else {
        return match &visitor.signed_in {
            Some(signed_in) => Ok(signed_in.principal().clone()),
            None => Err(refused(StatusCode::FORBIDDEN, form, "api_key was not provided")),
        };
    };
    if state.throttle.check(WRONG, address, WRONG_KEYS_A_MINUTE, now).is_err() {
        let what = "too many wrong keys; try again in a minute";
        return Err(refused(StatusCode::FORBIDDEN, form, what));
    }
    match state.authority.verify(key, now).await {
        Ok(Some(principal)) => Ok(principal),
        Ok(None) => {
            state.throttle.count(WRONG, address, now);
            let what = "invalid api_key received: it is wrong, ended or was withdrawn";
            Err(refused(StatusCode::FORBIDDEN, form, what))
        }
        Err(error) => {
            tracing::error!(%error, "a key could not be looked up");
            Err(refused(StatusCode::BAD_REQUEST, form, "general service error; try again later"))
        }
    }
}

async fn new_case(
    state: &AppState,
    arguments: &Arguments,
    service: &Service,
    form: Form,
) -> Result<NewCase, Refused> {
    let wrong = |what: &str| refused(StatusCode::BAD_REQUEST, form, what);
    let (longitude, latitude) = (arguments.text("long"), arguments.text("lat"));
    let address = [arguments.text("address_string"), arguments.text("address_id")];
    let address = address.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let place = place_of(longitude, latitude, address)
        .map_err(|_| wrong("lat and long must both be sent, in decimal degrees (WGS 84)"))?;
    if place.is_none() && address.is_empty() {
        return Err(wrong("a location is needed: lat and long, or address_string, or address_id"));
    }
    if arguments.text("description").chars().count() > DESCRIPTION_MAX {
        return Err(wrong("description has more than 4,000 characters"));
    }
    let division = division_of(state, "", place.as_ref())
        .await
        .map_err(|_| wrong("general service error: the place cannot be looked up"))?;
    let mut new = NewCase::new(&*service.kind.id, division, Channel::Open311);
    let (fields, unknown) = fields(arguments, service);
    new.fields = fields;
    new.text = text(arguments, place.is_none().then_some(address), &unknown);
    new.place = place;
    new.reporter = Some(Reporter {
        name: format!("{} {}", arguments.text("first_name"), arguments.text("last_name"))
            .trim()
            .to_owned(),
        phone: arguments.text("phone").to_owned(),
        email: arguments.text("email").to_owned(),
        address: String::new(),
    })
    .filter(|reporter| !reporter.is_empty());
    note_real_name(&service.kind, &mut new.fields, new.reporter.as_ref());
    Ok(new)
}

/// The fields of the kind, and the attributes that it does not have.
fn fields(
    arguments: &Arguments,
    service: &Service,
) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let known = service.attributes();
    let is_known = |code: &String| known.iter().any(|field| field.id == *code);
    let (mut fields, unknown): (BTreeMap<_, _>, BTreeMap<_, _>) =
        arguments.attributes().into_iter().partition(|(code, _)| is_known(code));
    if let Some((field, choice)) = &service.choice {
        fields.insert(field.clone(), choice.clone());
    }
    (fields, unknown)
}

/// The reporter's words, and what the kind has no place for: nothing that was sent is lost.
fn text(
    arguments: &Arguments,
    address: Option<&str>,
    unknown: &BTreeMap<String, String>,
) -> String {
    let mut text = arguments.text("description").to_owned();
    if let Some(address) = address {
        let _ = write!(text, "\n地点 address: {address}");
    }
    if let Some(media) = arguments.get("media_url") {
        let _ = write!(text, "\n附件 media_url: {media}");
    }
    for (code, value) in unknown {
        let _ = write!(text, "\n{code}: {value}");
    }
    text.trim().to_owned()
}

fn not_opened(error: &CaseError, form: Form) -> Refused {
    let status = match error {
        CaseError::Denied(_) => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    if let Some((_, english)) = error.texts() {
        return refused(status, form, &english);
    }
    tracing::error!(code = error.code(), %error, "an Open311 request was not opened");
    refused(status, form, "general service error; try again later")
}

async fn keep(
    state: &AppState,
    opened: &Opened,
    service: &Service,
    place: Option<&Place>,
) -> Result<(), ::store::StoreError> {
    let rounded = |value: Decimal| value.round_dp(PLACE_DECIMALS).normalize().to_string();
    let request = store::Request {
        case: opened.id,
        number: opened.number.clone(),
        service_code: service.code.clone(),
        place: place.map(|place| (rounded(place.longitude), rounded(place.latitude))),
        requested_at: state.now(),
    };
    store::insert(&state.store, &request).await
}

fn created(state: &AppState, opened: &Opened, language: Language, form: Form) -> Response {
    let base = state.door().public_address.trim_end_matches('/').to_owned();
    let notice = opened.follow_code.as_ref().map(|code| match language {
        Language::Chinese => format!("查询码 {code};在 {base}/report/follow 查看进展"),
        Language::English => format!("follow it at {base}/report/follow with the code {code}"),
    });
    let request = Element::Parts(vec![
        ("service_request_id", Element::text(&*opened.number)),
        ("service_notice", Element::of(notice)),
        ("account_id", Element::Empty),
    ]);
    answer(StatusCode::OK, form, "service_requests", &Element::List("request", vec![request]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(pairs: &[(&str, &str)]) -> Arguments {
        Arguments(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect())
    }

    #[test]
    fn attributes_are_named_in_brackets() {
        let arguments = arguments(&[
            ("attribute[WHISPAWN]", "123456"),
            ("attribute[A][]", "x"),
            ("attribute[A][]", "y"),
            ("attribute[B]", ""),
            ("z", "1"),
        ]);
        let found = arguments.attributes();
        let found: Vec<_> = found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(found, [("A", "x,y"), ("WHISPAWN", "123456")]);
    }

    #[test]
    fn what_has_no_place_stays_in_the_text() {
        let media = "https://example.org/a.jpg";
        let arguments = arguments(&[("description", "smoke"), ("media_url", media)]);
        let unknown = BTreeMap::from([("WHISPAWN".to_owned(), "1".to_owned())]);
        assert_eq!(
            text(&arguments, Some("5th street"), &unknown),
            "smoke\n地点 address: 5th street\n附件 media_url: https://example.org/a.jpg\nWHISPAWN: 1"
        );
    }
}
