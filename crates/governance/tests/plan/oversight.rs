//! The overview of rectification, and the file of a term of office.

use crate::city::{city, migrations, now};
use authority::{Jurisdiction, Role};
use axum::body::to_bytes;
use axum::http::StatusCode;
use calamine::{Reader as _, Xlsx};
use cases::{By, Channel, NewCase};
use std::io::Cursor;

#[tokio::test]
async fn problems_of_inspections_are_seen_together_by_officers_alone() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store, "example").await;
        let everywhere = Jurisdiction::Everything;
        let works = Jurisdiction::Enterprise("DEMO-9002".into());
        let (manager, _) = city.person("manager", Role::EnterpriseManager, works, None).await;
        let (leader, _) = city.person("leader", Role::Leader, everywhere, None).await;
        assert_eq!(city.get("/plan/rectification", "").await.status, StatusCode::SEE_OTHER);
        let denied = city.get("/plan/rectification", &manager).await;
        assert_eq!(denied.status, StatusCode::FORBIDDEN);
        let (observer, _) =
            city.person("observer", Role::Observer, Jurisdiction::Everything, None).await;
        let denied = city.get("/plan/rectification", &observer).await;
        assert_eq!(denied.status, StatusCode::FORBIDDEN, "who reads no cases");
        let empty = city.get("/plan/rectification?lang=en", &leader).await.body;
        assert!(empty.contains("No problem"), "{empty}");

        let mut new = NewCase::new("inspection_rectification", "990102", Channel::Import);
        new.title = "Sewage into the lake".into();
        for (field, value) in [
            ("source", "central"),
            ("round", "2026"),
            ("problem_number", "7"),
            ("problem", "Sewage runs into the lake"),
            ("leader_in_charge", "Vice mayor Lin"),
        ] {
            new.fields.insert(field.into(), value.into());
        }
        let by = By::System { name: "import" };
        city.cases.open_case(&by, new, now()).await.expect("it opens");
        let page = city.get("/plan/rectification?lang=en", &leader).await.body;
        for told in ["central inspection", "Sewage runs into the lake", "Vice mayor Lin"] {
            assert!(page.contains(told), "{told}: {page}");
        }
        for number in 8..58 {
            let mut new = NewCase::new("inspection_rectification", "990102", Channel::Import);
            for (field, value) in
                [("source", "central"), ("round", "2026"), ("problem", "One of many")]
            {
                new.fields.insert(field.into(), value.into());
            }
            new.fields.insert("problem_number".into(), number.to_string());
            city.cases.open_case(&by, new, now()).await.expect("it opens");
        }
        let page = city.get("/plan/rectification?lang=en", &leader).await.body;
        assert!(page.contains("after=50") && !page.contains("Vice mayor Lin"), "{page}");
        let last = city.get("/plan/rectification?after=50&lang=en", &leader).await.body;
        assert!(last.contains("Vice mayor Lin") && !last.contains("rel=\"next\""), "{last}");
        let other = city.get("/plan/rectification?state=sold_off&lang=en", &leader).await.body;
        assert!(other.contains("No problem"), "{other}");
        let excel = city.get("/plan/rectification?format=xlsx", &leader).await;
        assert_eq!(excel.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn the_file_of_a_term_holds_what_lies_in_division_and_years() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, "example").await;
    let everywhere = Jurisdiction::Everything;
    let (bureau, _) = city.person("bureau", Role::CountyOfficer, everywhere, None).await;
    for (division, year, money) in
        [("990102", 2025, "11"), ("990102", 2019, "22"), ("990121", 2025, "33")]
    {
        let row = format!(
            "matter=Monitoring&level=shared&division={division}&year={year}&planned={money}"
        );
        let answer = city.post("/ledgers/fiscal_matters/rows", &bureau, &row).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
    let plan = city.get("/plan?lang=en", &bureau).await.body;
    let measure = city.get("/api/v1/plan", &bureau).await.json()["measures"].clone();
    let money: Vec<_> = measure
        .as_array()
        .expect("measures")
        .iter()
        .filter(|one| !one["money"].is_null())
        .map(|one| one["money"]["planned"].clone())
        .collect();
    assert_eq!(money, ["66"], "over all divisions and years");
    assert!(plan.contains("planned 66 yuan, paid 0 yuan"), "{plan}");
    let path = "/plan/term-file/workbook.xlsx?lang=en&division=990102";
    assert_eq!(city.get("/plan/term-file", &bureau).await.status, StatusCode::OK);
    assert_eq!(city.get(path, "").await.status, StatusCode::SEE_OTHER);
    for wrong in ["", "&from=2026-01-01&to=2020-01-01", "&from=2020&to=2021"] {
        let answer = city.get(&format!("{path}{wrong}"), &bureau).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let response = city.response(&format!("{path}&from=2021-12-01&to=2026-10-31"), &bureau).await;
    assert_eq!(response.status(), StatusCode::OK);
    let bytes = to_bytes(response.into_body(), 1 << 23).await.expect("a file");
    let mut book = Xlsx::new(Cursor::new(bytes.to_vec())).expect("a workbook");
    assert_eq!(book.sheet_names()[..4], ["About", "Indicators", "Assessment", "Cases"]);
    let sheet =
        book.worksheet_range("Fiscal matters of city and coun").expect("the ledger's sheet");
    let cells: Vec<String> = sheet.rows().flatten().map(ToString::to_string).collect();
    assert!(cells.contains(&"11".to_owned()), "{cells:?}");
    assert!(!cells.contains(&"22".to_owned()) && !cells.contains(&"33".to_owned()), "{cells:?}");
}

const BOOK: &str = r#"
id = "lakes_2026"
version = 1
year = 2026
name = { zh = "示例责任书", en = "Sample book" }
source = "invented"
confidence = "low"
assessed = ["990102", "990121"]
groups = [{ id = "air", name = { zh = "大气", en = "Air" } }]
[[items]]
id = "pm10"
group = "air"
name = { zh = "PM10 年均浓度", en = "Annual mean of PM10" }
full_marks = "100"
rule = { kind = "met", better = "lower", target = "60" }
"#;

#[tokio::test]
async fn an_assessment_begins_with_one_case_for_each_unit() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store, "example").await;
        city.with_file("assessment/lakes_2026.toml", BOOK).await;
        let here = Jurisdiction::Division("990102".into());
        let (county, _) = city.person("county", Role::CountyOfficer, here, None).await;
        let everywhere = Jurisdiction::Everything;
        let (bureau, _) = city.person("bureau", Role::CountyOfficer, everywhere, None).await;
        let begin = "/plan/assessment/lakes_2026/begin";
        let days = "stated=2027-01-15&verified=2027-02-15&published=2027-03-31";
        for (cookie, form, wanted) in [
            ("", days, StatusCode::SEE_OTHER),
            (county.as_str(), days, StatusCode::FORBIDDEN),
            (&bureau, "stated=2027-01-15", StatusCode::BAD_REQUEST),
            (
                &bureau,
                "stated=2027-03-15&verified=2027-02-15&published=2027-03-31",
                StatusCode::BAD_REQUEST,
            ),
            (&bureau, days, StatusCode::SEE_OTHER),
            (&bureau, days, StatusCode::SEE_OTHER),
        ] {
            assert_eq!(city.post(begin, cookie, form).await.status, wanted, "{form}");
        }
        let opened = city.audited("case.open").await;
        assert_eq!(opened.len(), 2, "one for each unit, however often it is begun");
        let sheet = "/plan/assessment/lakes_2026/990102?lang=en";
        let page = city.get(sheet, &county).await.body;
        assert!(page.contains("KH-2026-") && page.contains("Self-assessment"), "{page}");
    })
    .await;
}

#[tokio::test]
async fn a_brief_is_issued_once_by_the_calendar_and_again_when_asked() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, "example").await;
    let everywhere = Jurisdiction::Everything;
    let (_, leader) = city.person("leader", Role::Leader, everywhere.clone(), None).await;
    let (_, auditor) = city.person("auditor", Role::Auditor, everywhere, None).await;
    let works = Jurisdiction::Enterprise("DEMO-9002".into());
    let (_, manager) = city.person("manager", Role::EnterpriseManager, works, None).await;
    let issued = governance::brief::issue_due(&city.state).await.expect("it works");
    assert!(issued.is_none(), "nothing was computed yet");
    governance::indicators::compute(&city.state).await.expect("computed");
    let issued = governance::brief::issue_due(&city.state).await.expect("it works");
    assert!(issued.is_none(), "of October nothing is known");
    crate::city::set(jiff::civil::date(2026, 12, 1));
    let issued = governance::brief::issue_due(&city.state).await.expect("it works");
    let issued = issued.expect("the month before");
    assert_eq!((issued.month, issued.version), ((2026, 11), 1));
    let again = governance::brief::issue_due(&city.state).await.expect("it works");
    assert!(again.is_none(), "once a month");
    let leader = city.sign_in(&leader).await;
    let auditor = city.sign_in(&auditor).await;
    let manager = city.sign_in(&manager).await;

    let briefs = "/plan/briefs";
    let issue = "/plan/briefs/issue";
    for (cookie, form, wanted) in [
        ("", "month=2026-11", StatusCode::SEE_OTHER),
        (manager.as_str(), "month=2026-11", StatusCode::FORBIDDEN),
        (&auditor, "month=2026-11", StatusCode::FORBIDDEN),
        (&leader, "month=2027-01", StatusCode::BAD_REQUEST),
        (&leader, "month=2026-10", StatusCode::BAD_REQUEST),
        (&leader, "month=2026-11", StatusCode::SEE_OTHER),
    ] {
        assert_eq!(city.post(issue, cookie, form).await.status, wanted, "{form}");
    }
    assert_eq!(city.audited("brief.issue").await.len(), 2);
    let page = city.get(&format!("{briefs}?lang=en"), &auditor).await.body;
    assert!(page.contains("by the calendar") && page.contains("leader"), "{page}");
    let file = format!("{briefs}/{}", issued.word);
    assert_eq!(city.get(&file, &manager).await.status, StatusCode::FORBIDDEN);
    let response = city.response(&file, &auditor).await;
    assert_eq!(response.status(), StatusCode::OK);
    let bytes = to_bytes(response.into_body(), 1 << 23).await.expect("a file");
    assert!(bytes.starts_with(b"PK"), "a Word file");
    let other = format!("{briefs}/{}", "0".repeat(64));
    assert_eq!(city.get(&other, &auditor).await.status, StatusCode::NOT_FOUND);
}
