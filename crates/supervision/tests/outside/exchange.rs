//! A partner hands cases over, asks, speaks, is told; unsigned and repeated requests do nothing.

use crate::city::{Answer, City, SECRET, city, city_on_postgres, now};
use authority::Role;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use delivery::signature::{self, NONCE_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

const CASES: &str = "/api/v1/exchange/hotline/cases";

fn nonce() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{:032}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A request, signed with a secret at a time under a nonce.
fn signed(
    method: &Method,
    path: &str,
    body: &str,
    (secret, at, nonce): (&str, i64, &str),
) -> Request<Body> {
    let asked = signature::Request { method: method.as_str(), path, body: body.as_bytes() };
    let timestamp = at.to_string();
    let signature = signature::sign(secret.as_bytes(), asked, &timestamp, nonce);
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(TIMESTAMP_HEADER, timestamp)
        .header(NONCE_HEADER, nonce)
        .header(SIGNATURE_HEADER, signature)
        .body(Body::from(body.to_owned()))
        .expect("a request")
}

async fn call(city: &City, method: Method, path: &str, body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let nonce = nonce();
    city.send(signed(&method, path, &body, (SECRET, now().as_second(), &nonce))).await
}

/// Tells partners what they do not know yet; how many messages that were.
async fn tell(city: &City) -> u32 {
    let (cases, outbox) = (&city.cases, &city.outbox);
    let from_the_first = cases::CaseId(0);
    let round =
        supervision::exchange::round(&city.store, cases, outbox, from_the_first, now()).await;
    let (count, next) = round.expect("it works");
    assert_eq!(next, from_the_first, "all were looked at");
    count
}

fn given(number: &str) -> Value {
    json!({
        "number": number,
        "title": "烟囱冒黑烟",
        "text": "来电人反映烟囱每晚冒黑烟",
        "fields": { "element": "air" },
        "division": "990102",
        "address": "湖边路",
        "due_on": "2027-02-10",
        "happened_at": "2027-01-14T21:00:00+08:00",
        "reporter": { "name": "钱七", "phone": "13600004444" },
    })
}

#[tokio::test]
async fn a_case_is_handed_over_once() {
    let city = city().await;
    let first = call(&city, Method::POST, CASES, &given("GD-0001")).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
    let number = first.json()["number"].as_str().expect("a number").to_owned();
    assert!(first.json()["follow_code"].is_string(), "{}", first.body);
    let again = call(&city, Method::POST, CASES, &given("GD-0001")).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.json()["number"], number.as_str());
    assert_eq!(again.json()["is_new"], false);
    let other = call(&city, Method::POST, CASES, &given("GD-0002")).await;
    assert_ne!(other.json()["number"], number.as_str());

    let view = city.case(&number).await;
    assert_eq!(view.case.channel, cases::Channel::Exchange);
    assert_eq!(view.case.fields.get("hotline_number").map(String::as_str), Some("GD-0001"));
    assert_eq!(view.case.fields.get("hotline_due").map(String::as_str), Some("2027-02-10"));
    assert!(view.case.has_reporter && view.case.happened_at.is_some());
    let standing = call(&city, Method::GET, &format!("{CASES}/GD-0001"), &Value::Null).await;
    assert_eq!(standing.status, StatusCode::OK, "{}", standing.body);
    assert_eq!(standing.json()["state"], "received");
    for secret in ["钱七", "13600004444"] {
        assert!(!standing.body.contains(secret), "{}", standing.body);
    }
}

#[tokio::test]
async fn what_is_not_signed_right_does_nothing() {
    let city = city().await;
    let body = given("GD-0009").to_string();
    let (at, post) = (now().as_second(), &Method::POST);
    let late = at - SignedDuration::from_mins(6).as_secs();
    let fine = nonce();
    let altered = {
        let mut request = signed(post, CASES, &body, (SECRET, at, &nonce()));
        *request.body_mut() = Body::from(body.replace("GD-0009", "GD-0010"));
        request
    };
    let elsewhere = {
        let mut request = signed(post, CASES, &body, (SECRET, at, &nonce()));
        *request.uri_mut() = "/api/v1/exchange/nobody/cases".parse().expect("a path");
        request
    };
    let unsigned = Request::post(CASES)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.clone()))
        .expect("a request");
    for (request, code) in [
        (unsigned, "delivery.signature_form"),
        (signed(post, CASES, &body, ("another secret", at, &nonce())), "delivery.signature_wrong"),
        (signed(post, CASES, &body, ("", at, &nonce())), "delivery.signature_wrong"),
        (signed(post, CASES, &body, (SECRET, late, &nonce())), "delivery.signature_clock"),
        (signed(post, CASES, &body, (SECRET, at, "short")), "delivery.signature_form"),
        (altered, "delivery.signature_wrong"),
        (elsewhere, "delivery.signature_wrong"),
    ] {
        let answer = city.send(request).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{code}: {}", answer.body);
        assert_eq!(answer.json()["type"], format!("/problems/{code}"));
    }
    let one = city.send(signed(post, CASES, &body, (SECRET, at, &fine))).await;
    assert_eq!(one.status, StatusCode::CREATED, "{}", one.body);
    let replayed = city.send(signed(post, CASES, &body, (SECRET, at, &fine))).await;
    assert_eq!(replayed.status, StatusCode::UNAUTHORIZED);
    assert_eq!(replayed.json()["type"], "/problems/exchange.replayed");
    for path in [CASES.to_owned(), format!("{CASES}/GD-0009"), format!("{CASES}/GD-0009/messages")]
    {
        for cookie in ["", "lucid_session=nobody"] {
            let answer = city.get(cookie, &path).await;
            let is_shut = answer.status == StatusCode::UNAUTHORIZED
                || answer.status == StatusCode::METHOD_NOT_ALLOWED;
            assert!(is_shut, "{path}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_told() {
    let city = city().await;
    let change = |name: &str, value: Value| {
        let mut body = given("GD-0003");
        body[name] = value;
        body
    };
    for (body, word) in [
        (change("number", json!("")), "number"),
        (change("number", json!("a/b")), "number"),
        (change("fields", json!({})), "element"),
        (change("division", json!("1")), "division"),
        (change("enterprise", json!("NOBODY")), "enterprise"),
        (change("kind", json!("alert_disposal")), ""),
        (change("happened_at", json!("gestern")), "happened_at"),
        (change("longitude", json!("east")), "longitude"),
        (json!([1, 2]), "JSON"),
    ] {
        let answer = call(&city, Method::POST, CASES, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {}", answer.body);
        assert!(answer.body.contains(word), "{word}: {}", answer.body);
    }
    let unknown = call(&city, Method::GET, &format!("{CASES}/GD-0003"), &Value::Null).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "nothing was opened");
}

#[tokio::test]
async fn a_partner_speaks_about_a_case_once_and_is_told_what_becomes_of_it() {
    story(city().await).await;
    if let Some(city) = city_on_postgres().await {
        story(city).await;
    }
}

async fn story(city: City) {
    let duty = city.everywhere("duty", Role::DutyOfficer).await;
    let number = call(&city, Method::POST, CASES, &given("GD-0005")).await.json();
    let number = number["number"].as_str().expect("a number").to_owned();
    let path = format!("{CASES}/GD-0005/messages");
    let urge = json!({ "id": "m-1", "kind": "urge", "text": "来电人再次催促" });
    for is_new in [true, false] {
        let answer = call(&city, Method::POST, &path, &urge).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(answer.json()["is_new"], is_new);
    }
    let remarks = city.case(&number).await.comments;
    let urged = remarks.iter().filter(|event| event.note.contains("来电人再次催促"));
    assert_eq!(urged.count(), 1, "{remarks:?}");
    let wrong = json!({ "id": "m-2", "kind": "sing", "text": "x" });
    let wrong = call(&city, Method::POST, &path, &wrong).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);

    let id = city.cases.find(&number).await.expect("there is one");
    for step in ["accept", "dispatch", "begin"] {
        city.step(&duty, id, step, &[]).await;
    }
    let fields = [("facts", "true"), ("handling", "停产"), ("reply", "已责令停产。")];
    city.step(&duty, id, "reply", &fields).await;
    let rating =
        json!({ "id": "m-3", "kind": "rating", "satisfaction": "satisfied", "text": "好" });
    let rated = call(&city, Method::POST, &path, &rating).await;
    assert_eq!(rated.status, StatusCode::OK, "{}", rated.body);
    let field = city.case(&number).await.case.fields.get("satisfaction").cloned();
    assert_eq!(field.as_deref(), Some("satisfied"));

    let told = tell(&city).await;
    assert!(told >= 4, "accepted, dispatched, begun, replied: {told}");
    let waiting = city.outbox.counts().await.expect("it works");
    let exchange = waiting.iter().find(|one| one.channel == delivery::Channel::Exchange);
    assert_eq!(exchange.map(|one| one.waiting), Some(u64::from(told)));
    assert_eq!(tell(&city).await, 0, "each is told once");
    let standing = call(&city, Method::GET, &format!("{CASES}/GD-0005"), &Value::Null).await;
    assert!(standing.body.contains("已责令停产"), "{}", standing.body);
    assert!(!standing.body.contains("duty"), "who acted is not told: {}", standing.body);
}

#[tokio::test]
async fn a_caller_whose_case_was_merged_hears_what_becomes_of_the_other() {
    let city = city().await;
    let duty = city.everywhere("duty", Role::DutyOfficer).await;
    let number = |answer: Answer| answer.json()["number"].as_str().expect("a number").to_owned();
    let main = number(call(&city, Method::POST, CASES, &given("GD-0010")).await);
    let other = number(call(&city, Method::POST, CASES, &given("GD-0011")).await);
    let find = async |number: &str| city.cases.find(number).await.expect("there is one");
    let (main_id, other_id) = (find(&main).await, find(&other).await);
    let principal = city.authority.principal(duty.id).await.expect("it works").expect("a user");
    let by = cases::By::Person { principal: &principal, address: "192.0.2.1" };
    city.cases.merge(&by, other_id, main_id, now()).await.expect("merged");
    for step in ["accept", "dispatch", "begin"] {
        city.step(&duty, main_id, step, &[]).await;
    }
    let fields = [("facts", "true"), ("handling", "停产"), ("reply", "已责令停产。")];
    city.step(&duty, main_id, "reply", &fields).await;
    let standing = call(&city, Method::GET, &format!("{CASES}/GD-0011"), &Value::Null).await;
    assert_eq!(standing.json()["is_merged"], true);
    assert_eq!(standing.json()["state"], "replied");
    assert!(standing.body.contains("已责令停产"), "{}", standing.body);
    assert!(standing.body.contains(&other) && !standing.body.contains(&main), "{}", standing.body);
    let told = tell(&city).await;
    let steps = ["accept", "dispatch", "begin", "reply"].len();
    let events = standing.json()["events"].as_array().map_or(0, Vec::len);
    assert_eq!(events, 2 + steps, "opened, merged and what became of the other");
    assert_eq!(told as usize, steps + 1 + steps, "both callers hear");
    assert_eq!(tell(&city).await, 0);
}

#[tokio::test]
async fn what_was_given_up_is_seen_by_operators_and_sent_again() {
    let city = city().await;
    let operator = city.everywhere("operator", Role::Operator).await;
    let observer = city.everywhere("observer", Role::Observer).await;
    let duty = city.everywhere("duty", Role::DutyOfficer).await;
    let page = "/operator/deliveries";
    assert_eq!(city.get("", page).await.status, StatusCode::SEE_OTHER);
    assert_eq!(city.get(&duty.cookie, page).await.status, StatusCode::FORBIDDEN);
    for language in ["zh", "en"] {
        let shown = city.get(&operator.cookie, &format!("{page}?lang={language}")).await;
        assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    }
    // A partner that is not configured cannot be told: the message is given up at once.
    let mut transaction = city.store.begin().await.expect("a transaction");
    let message = delivery::Message {
        channel: delivery::Channel::Exchange,
        to: "nobody".into(),
        subject: "case.progress".into(),
        body: "{}".into(),
        key: "test:1".into(),
    };
    let id = city.outbox.enqueue(&mut transaction, &message, now()).await.expect("it is taken");
    transaction.commit().await.expect("it commits");
    let round = city.outbox.deliver_due(now()).await.expect("it works");
    assert_eq!(round.dead, 1, "{round:?}");
    let shown = city.get(&operator.cookie, page).await.body;
    let retry = format!("/operator/deliveries/{id}/retry");
    assert!(shown.contains("nobody") && shown.contains(&retry), "{shown}");
    let seen = city.get(&observer.cookie, page).await.body;
    assert!(seen.contains("nobody") && !seen.contains(&retry), "an observer only looks: {seen}");
    assert_eq!(city.post(&observer.cookie, &retry, &[]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.post("", &retry, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(city.post(&operator.cookie, &retry, &[]).await.status, StatusCode::SEE_OTHER);
    let again = city.post(&operator.cookie, &retry, &[]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "it waits already");
    let filter = authority::AuditFilter { action: "delivery.retry".into(), ..Default::default() };
    let records = city.authority.audit(&filter, None, 10).await.expect("it works");
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].who, "operator");
}
