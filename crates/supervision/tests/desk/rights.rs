//! Who may: 401 for whoever has not signed in, 403 without the role, 404 outside one's
//! jurisdiction, where even the existence of a case is not told.

use crate::city::{self, Answer, City};
use crate::setup::{asked, complaint, of_no_unit, picture, send_json};
use authority::{Jurisdiction, Role};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use cases::{CaseId, Visibility};
use serde_json::{Value, json};

/// Everything that may be asked about one case: method, path, what is sent.
fn about(id: CaseId) -> Vec<(&'static str, String, Value)> {
    let page = |path: &str| format!("/cases/{}{path}", id.0);
    let api = |path: &str| format!("/api/v1/cases/{}{path}", id.0);
    vec![
        ("GET", page(""), Value::Null),
        ("GET", page("/duplicates"), Value::Null),
        ("GET", page("/personal-data"), Value::Null),
        ("GET", page("/evidence/1"), Value::Null),
        ("POST", page("/act"), json!({ "transition": "accept", "version": "1" })),
        ("POST", page("/attach"), json!({})),
        ("POST", page("/comment"), json!({ "text": "x" })),
        ("POST", page("/assign"), json!({ "unit": "1" })),
        ("POST", page("/correct"), json!({ "division": "990121" })),
        ("POST", page("/link"), json!({ "kind": "follows", "other": "1" })),
        ("POST", page("/merge"), json!({ "other": "2", "direction": "into_other" })),
        ("POST", page("/watch"), json!({ "watch": "yes" })),
        ("POST", page("/claim"), json!({ "code": "x" })),
        ("POST", page("/personal-data"), json!({ "reason": "x" })),
        ("GET", api(""), Value::Null),
        ("GET", api("/duplicates"), Value::Null),
        ("GET", api("/evidence/1"), Value::Null),
        ("POST", api("/acts"), json!({ "transition": "accept", "version": 1 })),
        ("POST", api("/comments"), json!({ "text": "x" })),
        ("POST", api("/assignment"), json!({ "unit": 1 })),
        ("POST", api("/links"), json!({ "kind": "follows", "other": "2" })),
        ("POST", api("/merge"), json!({ "into": "2" })),
        ("POST", api("/watch"), json!({ "is_watched": true })),
        ("POST", api("/personal-data"), json!({ "reason": "x" })),
        ("POST", api("/evidence"), json!({})),
    ]
}

/// What may be asked about no case in particular.
fn at_large() -> Vec<(&'static str, String, Value)> {
    let get = |path: &str| ("GET", path.to_owned(), Value::Null);
    vec![
        get("/cases"),
        get("/cases/new"),
        get("/cases/search"),
        get("/cases/export/csv"),
        get("/cases/export/xlsx"),
        ("POST", "/cases/new".into(), json!({ "kind": "public_complaint" })),
        ("POST", "/cases/assign".into(), json!({ "case": "1", "unit": "1" })),
        ("POST", "/cases/views".into(), json!({ "name": "x", "query": "list=all" })),
        ("POST", "/cases/views/1/delete".into(), json!({})),
        get("/api/v1/cases"),
        get("/api/v1/cases/counts"),
        get("/api/v1/cases/search?words=x"),
        get("/api/v1/cases/statistics"),
        get("/api/v1/cases/views"),
        (
            "POST",
            "/api/v1/cases".into(),
            json!({ "kind": "public_complaint", "division": "990102" }),
        ),
        ("POST", "/api/v1/cases/views".into(), json!({ "name": "x", "query": "" })),
        ("DELETE", "/api/v1/cases/views/1".into(), Value::Null),
        ("POST", "/api/v1/cases/assignments".into(), json!({ "cases": [1], "to": { "unit": 1 } })),
    ]
}

async fn ask(city: &City, cookie: &str, (method, path, body): &(&str, String, Value)) -> Answer {
    if path.starts_with("/api/") && !path.ends_with("/evidence") {
        return send_json(city, cookie, method, path, body).await;
    }
    let pairs = body.as_object().cloned().unwrap_or_default();
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()))
        .collect();
    let request = Request::builder()
        .method(*method)
        .uri(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    let body = if *method == "GET" { String::new() } else { city::encoded(&pairs) };
    city.send(request.body(Body::from(body)).expect("a request")).await
}

/// Whether a stranger is led to the sign-in, or refused as a program.
fn is_unknown(answer: &Answer, path: &str) -> bool {
    if path.starts_with("/api/") {
        return answer.status == StatusCode::UNAUTHORIZED;
    }
    answer.status == StatusCode::SEE_OTHER && answer.header("location").starts_with("/sign-in")
}

async fn case(city: &City) -> CaseId {
    let officer = city.in_county("owner", Role::CountyOfficer).await;
    let id = complaint(city, "first").await;
    complaint(city, "second").await;
    picture(city, id, "smoke.png", Visibility::Internal).await;
    asked(city, &officer, id).await;
    id
}

#[tokio::test]
async fn strangers_are_asked_to_sign_in_everywhere() {
    let city = city::city().await;
    let id = case(&city).await;
    for asked in about(id).iter().chain(&at_large()) {
        let answer = ask(&city, "", asked).await;
        assert!(is_unknown(&answer, &asked.1), "{asked:?}: {}", answer.status);
    }
    for path in ["/api/v1/notifications", "/notifications"] {
        let answer = ask(&city, "", &("GET", path.to_owned(), Value::Null)).await;
        assert!(is_unknown(&answer, path), "{path}");
    }
}

#[tokio::test]
async fn without_the_role_everything_is_refused() {
    let city = city::city().await;
    let id = case(&city).await;
    let operator = city.everywhere("ops", Role::Operator).await;
    let nobody = city.person("nobody", None).await;
    for who in [&operator, &nobody] {
        for asked in about(id).iter().chain(&at_large()) {
            let answer = ask(&city, &who.cookie, asked).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{asked:?}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn outside_ones_jurisdiction_a_case_is_not_there() {
    let city = city::city().await;
    let id = case(&city).await;
    let place = Jurisdiction::Division("990121".into());
    let neighbour = of_no_unit(&city, "neighbour", Role::CountyOfficer, place).await;
    for asked in &about(id) {
        let answer = ask(&city, &neighbour.cookie, asked).await;
        // A form without a file is refused before anybody looks at the case.
        let wanted = [StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST];
        assert!(wanted.contains(&answer.status), "{asked:?}: {} {}", answer.status, answer.body);
        assert!(!answer.body.contains(crate::setup::MARKER), "{asked:?}");
        if answer.status == StatusCode::BAD_REQUEST {
            let form = asked.1.ends_with("/attach") || asked.1.ends_with("/evidence");
            assert!(form, "{asked:?}: {}", answer.body);
        }
    }
    let list = city.get(&neighbour.cookie, "/api/v1/cases").await.json();
    assert_eq!(list["cases"].as_array().map(Vec::len), Some(0), "{list}");
    let before = city.case_version(id).await;
    let many = json!({ "cases": [id.0], "to": { "unit": city.unit.0 } });
    let done =
        send_json(&city, &neighbour.cookie, "POST", "/api/v1/cases/assignments", &many).await;
    assert_eq!(done.json()["cases"][0]["is_given"], false, "{}", done.body);
    assert_eq!(city.case_version(id).await, before, "nothing was changed");
}

#[tokio::test]
async fn personal_data_need_a_reason_and_leave_a_record() {
    let city = city::city().await;
    let id = case(&city).await;
    let officer = city.in_county("zhao", Role::CountyOfficer).await;
    let path = format!("/cases/{}/personal-data", id.0);
    let form = city.get(&officer.cookie, &path).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(!form.body.contains("139"), "nothing is shown before a reason is given");
    let none = city.post(&officer.cookie, &path, &[("reason", " ")]).await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST, "{}", none.body);
    let given = [("reason", "x"), ("other", "核实地点")];
    let shown = city.post(&officer.cookie, &path, &given).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
    assert!(shown.body.contains("139Zuiqie") && shown.body.contains("核实地点"));
    assert_eq!(shown.header("cache-control"), "no-store");
    let filter = authority::AuditFilter { who: "zhao".into(), ..authority::AuditFilter::default() };
    let records = city.authority.audit(&filter, None, 20).await.expect("records");
    let told = records
        .iter()
        .any(|record| record.after.as_deref().is_some_and(|after| after.contains("核实地点")));
    assert!(told, "{records:?}");
    // An inspector works on the case and has no need of the name.
    let inspector = city.in_county("qian", Role::Inspector).await;
    let refused = city.post(&inspector.cookie, &path, &given).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

impl City {
    async fn case_version(&self, id: CaseId) -> i64 {
        let all = crate::setup::auditor();
        let view = self.cases.case(&cases::Viewer::Person(&all), id, city::now()).await;
        view.expect("readable").case.version
    }
}
