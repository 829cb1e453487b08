//! What a partner of exchange asks: a case is handed over, asked about, spoken about.

use super::follow::Heard;
use super::model::{Given, Said, SaidKind, is_number};
use super::signed::{BODY_MAX, Signed};
use super::store::{self, Exchanged, Told};
use crate::citizen::note_real_name;
use crate::engine::{engine, refused};
use crate::place::{division_of, place_of};
use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use caseflow::{CaseKind, Who};
use cases::{Act, By, CaseError, Cases, Channel, NewCase, Reporter, Viewer};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{AppState, Problem};

/// The part of the program by whose name it acts.
const NAME: &str = "exchange";
/// Fields of a kind that say what a hotline said of its work order.
const HOTLINE_NUMBER: &str = "hotline_number";
const HOTLINE_DUE: &str = "hotline_due";

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(hand_over))
        .routes(routes!(standing))
        .routes(routes!(say))
        .layer(DefaultBodyLimit::max(BODY_MAX))
}

/// Hands a case over. The partner's number makes it one: sent again, the same case is answered.
#[utoipa::path(post, path = "/exchange/{partner}/cases", tag = "exchange",
    params(("partner" = String, Path, description = "The name of the partner here")),
    responses((status = 201, description = "It was opened"),
        (status = 200, description = "It had been opened before"),
        (status = 400, description = "Something is missing or wrong"),
        (status = 401, description = "The signature is not believed")))]
async fn hand_over(
    State(state): State<AppState>,
    signed: Signed,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let given: Given = read(&signed)?;
    if !is_number(&given.number) {
        return Err(no_number("number"));
    }
    let cases = engine(&state)?;
    let partner = signed.partner.name.as_str();
    let new = new_case(&state, &cases, partner, &given).await?;
    let by = By::System { name: NAME };
    let opened = cases.open_case(&by, new, state.now()).await.map_err(named)?;
    let exchanged = Exchanged {
        partner: partner.to_owned(),
        partner_number: given.number.clone(),
        case: opened.id,
        number: opened.number.clone(),
        told: Told::default(),
    };
    store::insert(&state.store, &exchanged, state.now()).await?;
    let status = if opened.is_new { StatusCode::CREATED } else { StatusCode::OK };
    let answer = json!({
        "number": opened.number,
        "partner_number": given.number,
        "is_new": opened.is_new,
        "follow_code": opened.follow_code,
    });
    Ok((status, Json(answer)))
}

fn read<T: serde::de::DeserializeOwned>(signed: &Signed) -> Result<T, Problem> {
    serde_json::from_slice(&signed.body).map_err(|error| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "exchange.json",
            format!("请求体不是约定的 JSON:{error}"),
            format!("the body is not the JSON of the contract: {error}"),
        )
    })
}

/// A refusal that a program understands: fields that are missing are named by their ids.
fn named(error: CaseError) -> Problem {
    match &error {
        CaseError::Refused(refusal) if !refusal.missing.is_empty() => {
            let ids = refusal.missing.join(", ");
            Problem::new(
                StatusCode::BAD_REQUEST,
                refusal.code,
                format!("{}(fields: {ids})", refusal.what.zh),
                format!("{} (fields: {ids})", refusal.what.en),
            )
        }
        _ => refused(error),
    }
}

fn no_number(name: &str) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "exchange.number",
        format!("{name} 须为 1 至 64 个字母、数字或 - _ ."),
        format!("{name} has 1 to 64 letters, digits and - _ ."),
    )
}

async fn new_case(
    state: &AppState,
    cases: &Cases,
    partner: &str,
    given: &Given,
) -> Result<NewCase, Problem> {
    let kind = kind_of(cases, &given.kind)?;
    let place = place_of(&given.longitude, &given.latitude, &given.address)?;
    let division = division_of(state, &given.division, place.as_ref()).await?;
    let mut new = NewCase::new(&*kind.id, division, Channel::Exchange);
    new.title.clone_from(&given.title);
    new.text = match (&place, given.address.is_empty()) {
        (None, false) => format!("{}\n地点: {}", given.text, given.address),
        _ => given.text.clone(),
    };
    new.place = place;
    new.fields.clone_from(&given.fields);
    for (field, value) in [(HOTLINE_NUMBER, &given.number), (HOTLINE_DUE, &given.due_on)] {
        if kind.opens.may_fill.iter().any(|id| id == field) && !value.is_empty() {
            new.fields.insert(field.to_owned(), value.clone());
        }
    }
    new.enterprise = enterprise(state, &given.enterprise)?;
    new.reporter = given
        .reporter
        .as_ref()
        .map(|one| Reporter {
            name: one.name.clone(),
            phone: one.phone.clone(),
            email: one.email.clone(),
            address: one.address.clone(),
        })
        .filter(|reporter| !reporter.is_empty());
    note_real_name(kind, &mut new.fields, new.reporter.as_ref());
    new.origin_key = Some(format!("exchange:{partner}:{}", given.number));
    if !given.happened_at.is_empty() {
        let at = given.happened_at.parse().map_err(|_| {
            let text = &given.happened_at;
            Problem::bad_request(
                format!("happened_at {text} 不是时间"),
                format!("happened_at {text} is no time like 2026-11-29T08:00:00+08:00"),
            )
        })?;
        new.happened_at = Some(std::cmp::min(at, state.now()));
    }
    Ok(new)
}

/// The kind that was named, if the platform may open it; else what citizens report.
fn kind_of<'a>(cases: &'a Cases, named: &str) -> Result<&'a CaseKind, Problem> {
    let mut kinds = cases.kinds().iter().filter(|kind| kind.opens.system);
    let found =
        kinds.find(|kind| if named.is_empty() { kind.opens.public } else { kind.id == named });
    found.map(AsRef::as_ref).ok_or_else(|| {
        Problem::bad_request(
            format!("不能经交换登记的事项类型:{named}"),
            format!("cases of the kind {named:?} cannot be opened by exchange"),
        )
    })
}

fn enterprise(state: &AppState, code: &str) -> Result<Option<String>, Problem> {
    if code.is_empty() {
        return Ok(None);
    }
    let snapshot = state.snapshot();
    let found = snapshot.enterprise_by_code(code).map(|one| one.code.clone());
    found.map(Some).ok_or_else(|| {
        Problem::bad_request(
            format!("没有企业 {code};不确定时请留空"),
            format!("there is no enterprise {code}; leave it out when you are not sure"),
        )
    })
}

async fn known(state: &AppState, partner: &str, number: &str) -> Result<Exchanged, Problem> {
    let found = store::find(&state.store, partner, number).await?;
    found.ok_or_else(|| {
        Problem::not_found(
            format!("没有编号为 {number} 的事项"),
            format!("no case was handed over under the number {number}"),
        )
    })
}

/// How a case stands that the partner handed over, with everything that its caller may hear.
#[utoipa::path(get, path = "/exchange/{partner}/cases/{number}", tag = "exchange",
    params(("partner" = String, Path, description = "The name of the partner here"),
        ("number" = String, Path, description = "The partner's own number")),
    responses((status = 200, description = "State, end and replies"),
        (status = 401, description = "The signature is not believed"),
        (status = 404, description = "No such case")))]
async fn standing(
    State(state): State<AppState>,
    Path((_partner, number)): Path<(String, String)>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let one = known(&state, &signed.partner.name, &number).await?;
    let cases = engine(&state)?;
    let heard = Heard::of(&cases, &one, state.now()).await?;
    let view = heard.standing();
    Ok(Json(json!({
        "number": one.number,
        "partner_number": one.partner_number,
        "is_merged": heard.main.is_some(),
        "state": view.case.state,
        "state_name": { "zh": view.state.zh, "en": view.state.en },
        "is_closed": !view.case.is_open(),
        "due_at": view.case.due_at.map(|at| at.to_string()),
        "events": heard.everything(),
    })))
}

/// Says something about a case: more about it, that it is urgent, that the caller takes it back,
/// what the caller thinks of the result. Each message is taken once, by its id.
#[utoipa::path(post, path = "/exchange/{partner}/cases/{number}/messages", tag = "exchange",
    params(("partner" = String, Path, description = "The name of the partner here"),
        ("number" = String, Path, description = "The partner's own number")),
    responses((status = 200, description = "It is taken, now or before"),
        (status = 400, description = "Something is missing or wrong"),
        (status = 401, description = "The signature is not believed"),
        (status = 404, description = "No such case")))]
async fn say(
    State(state): State<AppState>,
    Path((_partner, number)): Path<(String, String)>,
    signed: Signed,
) -> Result<Json<Value>, Problem> {
    let said: Said = read(&signed)?;
    let partner = signed.partner.name.as_str();
    let one = known(&state, partner, &number).await?;
    if !is_number(&said.id) {
        return Err(no_number("id"));
    }
    let Some(kind) = SaidKind::parse(&said.kind) else {
        return Err(Problem::bad_request(
            "kind 须为 supplement、urge、withdraw 或 rating",
            "kind is one of supplement, urge, withdraw, rating",
        ));
    };
    if store::is_taken(&state.store, partner, &said.id).await? {
        return Ok(Json(json!({ "id": said.id, "is_new": false })));
    }
    let cases = engine(&state)?;
    take(&state, &cases, &one, kind, &said).await?;
    store::note_taken(&state.store, partner, &said.id, state.now()).await?;
    Ok(Json(json!({ "id": said.id, "is_new": true })))
}

async fn take(
    state: &AppState,
    cases: &Cases,
    one: &Exchanged,
    kind: SaidKind,
    said: &Said,
) -> Result<(), Problem> {
    if kind == SaidKind::Rating && rate(state, cases, one, said).await? {
        return Ok(());
    }
    let by = By::System { name: NAME };
    let words = [said.text.as_str(), said.satisfaction.as_str()].join(" ");
    let text = format!("{}: {}", kind.title(), words.trim());
    cases.comment(&by, one.case, &text, false, state.now()).await.map_err(refused)
}

/// The caller's rating, where the kind has one now; the partner vouches for its caller.
async fn rate(
    state: &AppState,
    cases: &Cases,
    one: &Exchanged,
    said: &Said,
) -> Result<bool, Problem> {
    let (case, now) = (one.case, state.now());
    let view = cases.case(&Viewer::Reporter(case), case, now).await.map_err(refused)?;
    let is_rating = |transition: &&caseflow::Transition| {
        transition.who == Who::Reporter && transition.needs.fields == ["satisfaction"]
    };
    let Some(transition) = view.kind.transitions.iter().find(is_rating) else {
        return Ok(false);
    };
    let mut act = Act::new(&*transition.id, view.case.version);
    act.fields.insert("satisfaction".to_owned(), said.satisfaction.clone());
    let may_fill = |id: &str| transition.may_fill.iter().any(|known| known == id);
    if may_fill("rating_words") && !said.text.is_empty() {
        act.fields.insert("rating_words".to_owned(), said.text.clone());
    }
    act.action_key = Some(format!("exchange:{}:{}", one.partner, said.id));
    match cases.take(&By::Reporter { case, address: NAME }, case, act, now).await {
        Ok(_) => Ok(true),
        // Not now: it is kept as a remark.
        Err(CaseError::Refused(refusal)) if refusal.missing.is_empty() => Ok(false),
        Err(error) => Err(refused(error)),
    }
}
