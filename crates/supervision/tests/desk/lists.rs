//! Work lists: filters, kept filters, giving many at once, files that hold what is shown.

use crate::city::{self, COUNTY};
use crate::setup::{MARKER, complaint};
use authority::Role;
use axum::http::StatusCode;
use cases::{By, Channel, NewCase};

#[tokio::test]
async fn a_file_holds_exactly_what_the_list_shows() {
    let city = city::city().await;
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    for number in 0..3 {
        complaint(&city, &format!("key-{number}")).await;
    }
    let mut other = NewCase::new("grid_event", COUNTY, Channel::Patrol);
    other.text = "沟里有油".into();
    other.title = "=危险公式".into();
    other.fields.insert("category".into(), "water".into());
    other.fields.insert("found".into(), "油膜".into());
    let by = By::System { name: "test" };
    city.cases.open_case(&by, other, city::now()).await.expect("it opens");
    for query in ["list=all", "list=all&kind=grid_event", "list=all&text=%E9%BB%91%E7%83%9F"] {
        let page = city.get(&officer.cookie, &format!("/cases?{query}&lang=zh")).await.body;
        let shown: Vec<_> = page.split("class=\"case-number\" href=\"").skip(1).collect();
        let numbers: Vec<_> = shown.iter().map(|part| city::between(part, ">", "<")).collect();
        let file = city.get(&officer.cookie, &format!("/cases/export/csv?{query}&lang=zh")).await;
        assert_eq!(file.status, StatusCode::OK);
        assert!(file.header("content-disposition").contains("cases-"), "{:?}", file.headers);
        let lines: Vec<_> = file.body.trim_start_matches('\u{feff}').lines().collect();
        assert!(lines[0].starts_with("编号,事项,标记,类型,状态"), "{}", lines[0]);
        let in_file: Vec<_> =
            lines[1..].iter().map(|line| line.split(',').next().expect("a cell")).collect();
        assert_eq!(in_file, numbers, "{query}");
        assert!(!in_file.is_empty(), "{query}");
    }
    let all = city.get(&officer.cookie, "/cases/export/csv?list=all").await.body;
    assert!(all.contains("'=危险公式"), "a formula stays a text: {all}");
    let book = city.get(&officer.cookie, "/cases/export/xlsx?list=all").await;
    assert!(book.header("content-type").contains("spreadsheetml"));
    assert_eq!(city.get(&officer.cookie, "/cases/export/pdf").await.status, StatusCode::NOT_FOUND);
    let inspector = city.in_county("li", Role::Inspector).await;
    let refused = city.get(&inspector.cookie, "/cases/export/csv").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "an inspector takes no lists away");
    let filter = authority::AuditFilter {
        action: "case.export".into(),
        ..authority::AuditFilter::default()
    };
    let records = city.authority.audit(&filter, None, 20).await.expect("records");
    assert_eq!(records.len(), 5, "each file that was taken away is written down");
}

#[tokio::test]
async fn ticked_cases_are_given_together() {
    let city = city::city().await;
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    let inspector = city.in_county("li", Role::Inspector).await;
    let ids = [complaint(&city, "a").await, complaint(&city, "b").await];
    let (one, two) = (ids[0].0.to_string(), ids[1].0.to_string());
    let (unit, assignee) = (city.unit.0.to_string(), inspector.id.0.to_string());
    let form = [
        ("case", one.as_str()),
        ("case", two.as_str()),
        ("unit", unit.as_str()),
        ("assignee", assignee.as_str()),
        ("back", "/cases?list=all"),
    ];
    let done = city.post(&officer.cookie, "/cases/assign", &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(done.header("location"), "/cases?list=all&assigned=2");
    let mine = city.get(&inspector.cookie, "/cases?lang=zh").await.body;
    assert_eq!(
        mine.matches("class=\"case-number\"").count(),
        2,
        "both are in the own list: {mine}"
    );
    let nothing = city.post(&officer.cookie, "/cases/assign", &[("unit", unit.as_str())]).await;
    assert_eq!(nothing.status, StatusCode::BAD_REQUEST, "nothing was ticked");
    let partly = [("case", one.as_str()), ("case", "99999"), ("assignee", "nobody")];
    let partly = city.post(&officer.cookie, "/cases/assign", &partly).await;
    assert_eq!(partly.status, StatusCode::CONFLICT);
    assert!(partly.body.contains("99999"), "which one was not given is told: {}", partly.body);
    let elsewhere = [("case", one.as_str()), ("unit", unit.as_str()), ("back", "//evil.example")];
    let led = city.post(&officer.cookie, "/cases/assign", &elsewhere).await;
    assert_eq!(led.header("location"), "/cases?assigned=1", "nobody is led elsewhere");
}

#[tokio::test]
async fn filters_are_kept_by_name() {
    let city = city::city().await;
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    let query = "list=overdue&kind=public_complaint&after=9.9&division=990102";
    let kept = [("name", "东湖超期"), ("query", query)];
    let done = city.post(&officer.cookie, "/cases/views", &kept).await;
    let clean = "/cases?division=990102&kind=public_complaint&list=overdue";
    assert_eq!(done.header("location"), clean, "{}", done.body);
    let page = city.get(&officer.cookie, "/cases?lang=zh").await.body;
    assert!(page.contains("东湖超期"), "{page}");
    let wrong = [("name", "x"), ("query", "list=hers")];
    let refused = city.post(&officer.cookie, "/cases/views", &wrong).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let id = city::between(&page, "/cases/views/", "/delete").to_owned();
    let path = format!("/cases/views/{id}/delete");
    let stranger = city.in_county("zhao", Role::CountyOfficer).await;
    assert_eq!(city.post(&stranger.cookie, &path, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(city.post(&officer.cookie, &path, &[]).await.status, StatusCode::SEE_OTHER);
    let page = city.get(&officer.cookie, "/cases?lang=zh").await.body;
    assert!(!page.contains("东湖超期"));
}

#[tokio::test]
async fn a_list_is_paged_and_says_when_nothing_fits() {
    let city = city::city().await;
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    for number in 0..53 {
        complaint(&city, &format!("key-{number}")).await;
    }
    let first = city.get(&officer.cookie, "/cases?list=all").await.body;
    assert_eq!(first.matches("class=\"case-number\"").count(), 50);
    let after = city::between(&first, "after=", "\"").to_owned();
    let second = city.get(&officer.cookie, &format!("/cases?list=all&after={after}")).await.body;
    assert_eq!(second.matches("class=\"case-number\"").count(), 3);
    assert!(!second.contains("rel=\"next\""), "the last page leads nowhere");
    let api = city.get(&officer.cookie, "/api/v1/cases?list=all").await.json();
    assert_eq!(api["next"], after.as_str());
    let none = city.get(&officer.cookie, "/cases?list=all&text=nosuchword&lang=en").await;
    assert!(none.body.contains("No case fits"), "{}", none.body);
    let wrong = city.get(&officer.cookie, "/cases?list=hers").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let found = city.get(&officer.cookie, &format!("/cases/search?words={MARKER}")).await.body;
    assert!(found.matches("class=\"case-number\"").count() > 1, "{found}");
}
