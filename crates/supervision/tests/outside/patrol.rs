//! A phone that was without a network sends its work: once, its own, and late.

use crate::city::{Answer, COUNTY, City, PICTURE, Person, city, city_on_postgres, now};
use authority::Role;
use axum::http::StatusCode;
use serde_json::{Value, json};

const KEY: &str = "3f2b8c1e-7a55-4d0e-9a55-0b6b1f0d9c11";
const PHOTO: &str = "8c1e3f2b-7a55-4d0e-9a55-0b6b1f0d9c22";

async fn json_of(city: &City, who: &Person, path: &str) -> Value {
    let answer = city.get(&who.cookie, path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer.json()
}

async fn deliver(city: &City, who: &str, key: &str, bytes: &[u8]) -> Answer {
    let path = format!("/api/v1/patrol/photos/{key}?name=smoke.png");
    city.put(who, &path, "application/octet-stream", bytes).await
}

async fn send(city: &City, who: &str, key: &str, work: &Value) -> Answer {
    let path = format!("/api/v1/patrol/records/{key}");
    city.put(who, &path, "application/json", work.to_string().as_bytes()).await
}

/// A case that was given to an inspector of the county.
async fn given(city: &City, duty: &Person) -> String {
    let mut new = cases::NewCase::new("public_complaint", "990102", cases::Channel::Web);
    new.text = "烟囱冒黑烟".into();
    new.fields.insert("element".into(), "air".into());
    let by = cases::By::Anonymous { address: "192.0.2.7" };
    let earlier = now() - jiff::SignedDuration::from_hours(5);
    let opened = city.cases.open_case(&by, new, earlier).await.expect("it opens");
    let (id, number) = (opened.id, opened.number);
    city.step(duty, id, "accept", &[]).await;
    city.step(duty, id, "dispatch", &[]).await;
    number
}

fn visit(person: &Person, task: &Value) -> Value {
    json!({
        "person": person.id.0,
        "act": { "case": task["id"], "transition": "record_visit", "version": task["version"] },
        "text": "现场未见黑烟,设施正常运行",
        "fields": { "visited_on": "2027-01-15", "visit_found": "未见黑烟" },
        "place": { "longitude": "-29.5", "latitude": "10.2", "accuracy_m": 12 },
        "happened_at": "2027-01-15T07:30:00Z",
        "photos": [PHOTO],
    })
}

#[tokio::test]
async fn a_visit_recorded_without_a_network_is_taken_once() {
    story(city().await).await;
    if let Some(city) = city_on_postgres().await {
        story(city).await;
    }
}

async fn story(city: City) {
    let duty = city.everywhere("duty", Role::DutyOfficer).await;
    let inspector = city.in_county("inspector", Role::Inspector).await;
    let number = given(&city, &duty).await;
    let list = json_of(&city, &inspector, "/api/v1/patrol/tasks").await;
    assert_eq!(list["person"]["id"], inspector.id.0);
    let task = list["tasks"].as_array().expect("a list").first().expect("one task").clone();
    assert_eq!(task["number"], number.as_str());
    let offers = task["offers"].as_array().expect("a list");
    let offer = offers.iter().find(|one| one["id"] == "record_visit").expect("offered");
    assert_eq!(offer["photos_min"], 1);
    let asked: Vec<&Value> = offer["fields"].as_array().expect("a list").iter().collect();
    assert!(asked.iter().any(|field| field["id"] == "visited_on" && field["required"] == true));

    let work = visit(&inspector, &task);
    let early = send(&city, &inspector.cookie, KEY, &work).await;
    assert_eq!(early.status, StatusCode::CONFLICT, "{}", early.body);
    assert_eq!(early.json()["type"], "/problems/patrol.photo_missing");
    for _ in 0..2 {
        let delivered = deliver(&city, &inspector.cookie, PHOTO, PICTURE).await;
        assert_eq!(delivered.status, StatusCode::OK, "{}", delivered.body);
    }
    for _ in 0..2 {
        let taken = send(&city, &inspector.cookie, KEY, &work).await;
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
        assert_eq!(taken.json()["number"], number.as_str());
    }
    let view = city.case(&number).await;
    assert_eq!(view.case.state, "handling");
    assert_eq!(view.evidence.len(), 1, "one photo, however often it was sent");
    let visits: Vec<_> =
        view.timeline.iter().filter(|event| event.about == "record_visit").collect();
    assert_eq!(visits.len(), 1, "one visit, however often it was sent");
    let at = visits[0].happened_at.expect("it was done earlier").to_string();
    assert_eq!(at, "2027-01-15T07:30:00Z");
    assert!(visits[0].note.contains("现场未见黑烟") && visits[0].note.contains("±12 m"));
}

#[tokio::test]
async fn who_was_slower_is_told_and_nothing_of_theirs_is_mixed_in() {
    let city = city().await;
    let duty = city.everywhere("duty", Role::DutyOfficer).await;
    let inspector = city.in_county("inspector", Role::Inspector).await;
    let number = given(&city, &duty).await;
    let list = json_of(&city, &inspector, "/api/v1/patrol/tasks").await;
    let work = visit(&inspector, &list["tasks"][0]);
    let id = city.cases.find(&number).await.expect("there is one");
    city.step(&duty, id, "begin", &[]).await;
    deliver(&city, &inspector.cookie, PHOTO, PICTURE).await;
    let late = send(&city, &inspector.cookie, KEY, &work).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.body);
    assert_eq!(late.json()["type"], "/problems/cases.conflict");
    let renewed = json_of(&city, &inspector, "/api/v1/patrol/tasks").await;
    let again = send(&city, &inspector.cookie, KEY, &visit(&inspector, &renewed["tasks"][0])).await;
    assert_eq!(again.status, StatusCode::OK, "as things stand now: {}", again.body);
}

#[tokio::test]
async fn a_find_is_registered_once() {
    let city = city().await;
    let inspector = city.in_county("inspector", Role::Inspector).await;
    let list = json_of(&city, &inspector, "/api/v1/patrol/tasks").await;
    let kinds = list["new_kinds"].as_array().expect("a list");
    assert!(kinds.iter().any(|kind| kind["id"] == "grid_event"), "{kinds:?}");
    assert!(kinds.iter().all(|kind| kind["id"] != "public_complaint"), "that has its own page");
    deliver(&city, &inspector.cookie, PHOTO, PICTURE).await;
    let work = json!({
        "person": inspector.id.0,
        "open": { "kind": "grid_event", "title": "河边倾倒垃圾", "address": "桥下" },
        "text": "约三车建筑垃圾",
        "fields": { "category": "waste", "found": "约三车建筑垃圾" },
        "place": { "longitude": "-29.5", "latitude": "10.2", "accuracy_m": 8 },
        "happened_at": "2027-01-15T07:00:00Z",
        "photos": [PHOTO],
    });
    let first = send(&city, &inspector.cookie, KEY, &work).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let again = send(&city, &inspector.cookie, KEY, &work).await;
    assert_eq!(again.json(), first.json(), "sent twice, registered once");
    let number = first.json()["number"].as_str().expect("a number").to_owned();
    let view = city.case(&number).await;
    assert_eq!(view.case.channel, cases::Channel::Patrol);
    assert_eq!(view.evidence.len(), 1);
    assert_eq!(view.case.place.as_ref().map(|place| place.address.as_str()), Some("桥下"));

    let mut elsewhere = work.clone();
    elsewhere["place"] = Value::Null;
    let second = send(&city, &inspector.cookie, PHOTO, &elsewhere).await;
    assert_eq!(second.status, StatusCode::OK, "a phone may not know its place: {}", second.body);
    let second = second.json()["number"].as_str().expect("a number").to_owned();
    assert_eq!(city.case(&second).await.case.division, COUNTY, "it is the inspector's own county");
}

#[tokio::test]
async fn work_is_taken_from_its_maker_alone_in_person() {
    let city = city().await;
    let duty = city.everywhere("duty", Role::DutyOfficer).await;
    let inspector = city.in_county("inspector", Role::Inspector).await;
    let other = city.in_county("other", Role::Inspector).await;
    let enterprise = city.everywhere("enterprise", Role::EnterpriseManager).await;
    given(&city, &duty).await;
    let list = json_of(&city, &inspector, "/api/v1/patrol/tasks").await;
    let work = visit(&inspector, &list["tasks"][0]);
    deliver(&city, &inspector.cookie, PHOTO, PICTURE).await;
    let stolen = send(&city, &other.cookie, KEY, &work).await;
    assert_eq!(stolen.status, StatusCode::CONFLICT, "{}", stolen.body);
    assert_eq!(stolen.json()["type"], "/problems/patrol.other_person");
    let mut own = work.clone();
    own["person"] = json!(other.id.0);
    let missing = send(&city, &other.cookie, KEY, &own).await;
    assert_eq!(missing.json()["type"], "/problems/patrol.photo_missing", "another's photo");

    for cookie in ["", "lucid_session=ended"] {
        assert_eq!(send(&city, cookie, KEY, &work).await.status, StatusCode::UNAUTHORIZED);
        let photo = deliver(&city, cookie, PHOTO, PICTURE).await;
        assert_eq!(photo.status, StatusCode::UNAUTHORIZED);
        let tasks = city.get(cookie, "/api/v1/patrol/tasks").await;
        assert_eq!(tasks.status, StatusCode::UNAUTHORIZED);
        assert_eq!(city.get(cookie, "/patrol").await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(send(&city, &enterprise.cookie, KEY, &work).await.status, StatusCode::FORBIDDEN);
    assert_eq!(city.get(&enterprise.cookie, "/patrol").await.status, StatusCode::FORBIDDEN);
    for (key, bytes, status) in [
        ("short", PICTURE, StatusCode::BAD_REQUEST),
        (KEY, b"MZ\x90\x00 a program".as_slice(), StatusCode::BAD_REQUEST),
        (KEY, b"".as_slice(), StatusCode::BAD_REQUEST),
    ] {
        let answer = deliver(&city, &inspector.cookie, key, bytes).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    assert_eq!(
        send(&city, &enterprise.cookie, KEY, &json!([])).await.status,
        StatusCode::FORBIDDEN
    );
    let none = send(&city, &inspector.cookie, KEY, &json!({ "person": "x" })).await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST, "{}", none.body);
    let mut wrong = work.clone();
    wrong["happened_at"] = json!("this morning");
    let wrong = send(&city, &inspector.cookie, KEY, &wrong).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{}", wrong.body);
}

#[tokio::test]
async fn the_page_can_be_installed_and_keeps_nothing_of_anybody() {
    let city = city().await;
    let duty = city.everywhere("duty", Role::DutyOfficer).await;
    let inspector = city.in_county("inspector", Role::Inspector).await;
    let number = given(&city, &duty).await;
    for (language, words) in [("zh", "<h1>巡查</h1>"), ("en", "<h1>Patrol</h1>")] {
        let page = city.get(&inspector.cookie, &format!("/patrol?lang={language}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.body.contains(words), "{}", page.body);
        assert!(page.body.contains(&number), "without scripts it is the list: {}", page.body);
        assert!(page.body.contains("rel=\"manifest\""));
    }
    let empty = city.get(&inspector.cookie, "/patrol/page").await.body;
    assert!(!empty.contains(&number), "what a phone keeps holds nobody's tasks: {empty}");
    let manifest = city.get("", "/patrol/manifest.webmanifest").await;
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    assert_eq!(manifest.json()["scope"], "/patrol");
    assert_eq!(manifest.json()["display"], "standalone");
    let worker = city.get("", "/patrol/service-worker.js").await;
    if worker.status == StatusCode::OK {
        assert_eq!(worker.header("service-worker-allowed"), "/patrol");
        assert!(worker.header("content-type").starts_with("text/javascript"));
        assert!(worker.body.starts_with("self.LUCID_KEPT={"), "{}", worker.body);
        assert!(worker.body.contains("/assets/lucid.css?v="));
        assert!(!worker.body.contains("import "), "it is one file: {}", worker.body);
    } else {
        // The front end has not been built here: the page is whole without it.
        assert_eq!(worker.status, StatusCode::NOT_FOUND);
    }
}
