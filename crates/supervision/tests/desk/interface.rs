//! The interface for programs: the same story as the pages, in JSON.

use crate::city::{self, PICTURE};
use crate::setup::{send_files, send_json};
use authority::Role;
use axum::http::StatusCode;
use serde_json::json;

#[tokio::test]
async fn a_program_opens_reads_and_moves_a_case() {
    let city = city::city().await;
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    let cookie = &officer.cookie;
    let new = json!({ "kind": "public_complaint", "division": "990102", "text": "夜间异味",
        "fields": { "element": "odour" }, "longitude": "-29.7", "latitude": "10.1",
        "reporter": { "name": "赵六" }, "key": "batch-1-row-7" });
    let opened = send_json(&city, cookie, "POST", "/api/v1/cases", &new).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.body);
    let again = send_json(&city, cookie, "POST", "/api/v1/cases", &new).await;
    assert_eq!(again.status, StatusCode::OK, "the same key opens it once: {}", again.body);
    assert_eq!(again.json()["id"], opened.json()["id"]);
    let number = opened.json()["number"].as_str().expect("a number").to_owned();
    let path = format!("/api/v1/cases/{number}");
    let case = city.get(cookie, &path).await.json();
    assert_eq!(case["state"], "received");
    assert_eq!(case["place"]["longitude"], "-29.7");
    assert!(case["clocks"][0]["proof"].as_array().is_some_and(|proof| !proof.is_empty()));
    assert!(
        case["offered"].as_array().is_some_and(|all| all
            .iter()
            .any(|one| { one["transition"] == "accept" && one["refusal"].is_null() })),
        "{case}"
    );
    let act = json!({ "transition": "accept", "version": case["version"], "key": "k1" });
    let acts = format!("{path}/acts");
    let taken = send_json(&city, cookie, "POST", &acts, &act).await;
    assert_eq!(taken.json()["state"], "accepted", "{}", taken.body);
    let twice = send_json(&city, cookie, "POST", &acts, &act).await;
    assert_eq!(twice.json()["is_new"], false, "{}", twice.body);
    let late = json!({ "transition": "dispatch", "version": case["version"], "unit": city.unit.0 });
    let conflict = send_json(&city, cookie, "POST", &acts, &late).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert_eq!(conflict.json()["type"], "/problems/cases.conflict");
    let give = json!({ "unit": city.unit.0, "assignee": officer.id.0 });
    let given = send_json(&city, cookie, "POST", &format!("{path}/assignment"), &give).await;
    assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.body);
    let evidence = format!("{path}/evidence");
    let kept = send_files(&city, cookie, &evidence, &[], &[("a.png", PICTURE)]).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.body);
    let file = kept.json()["evidence"][0].as_i64().expect("an id");
    let whole = city.get(cookie, &format!("{path}/evidence/{file}")).await;
    assert_eq!(whole.header("content-type"), "image/png");
    let counts = city.get(cookie, "/api/v1/cases/counts").await.json();
    assert_eq!(counts["mine"]["number"], 1, "{counts}");
    let found = city.get(cookie, "/api/v1/cases/search?words=%E5%BC%82%E5%91%B3").await.json();
    assert_eq!(found["cases"][0]["number"], number.as_str(), "{found}");
    let why = json!({ "reason": "核实" });
    let data = send_json(&city, cookie, "POST", &format!("{path}/personal-data"), &why).await;
    assert_eq!(data.json()["reporter"]["name"], "赵六", "{}", data.body);
    let numbers = city.get(cookie, "/api/v1/cases/statistics").await.json();
    assert_eq!(numbers["all"]["opened"], 1, "{numbers}");
}

#[tokio::test]
async fn the_kinds_and_their_drawing_are_open_to_programs() {
    let city = city::city().await;
    let kinds = city.get("", "/api/v1/case-kinds").await.json();
    assert_eq!(kinds["kinds"].as_array().map(Vec::len), Some(city.cases.kinds().len()));
    let one = city.get("", "/api/v1/case-kinds/public_complaint").await.json();
    assert!(one["drawing"].as_str().is_some_and(|text| text.contains("stateDiagram")), "{one}");
    assert!(
        one["clocks"].as_array().is_some_and(|clocks| clocks
            .iter()
            .any(|clock| { clock["id"] == "finish" && clock["length"]["zh"] == "60日" })),
        "{}",
        one["clocks"]
    );
    let described = city.get("", "/api/v1/openapi.json").await.json();
    for path in ["/cases", "/cases/{id}/acts", "/case-kinds/{id}", "/notifications/read"] {
        assert!(described["paths"].get(format!("/api/v1{path}")).is_some(), "{path}");
    }
}
