//! Score sheets on pages: who states, who verifies, who decides, who sees what before and after the
//! publication.

use crate::city::{City, city, migrations};
use authority::{Jurisdiction, Role};
use axum::http::StatusCode;
use store::Store;

const BOOK: &str = r#"
id = "lakes_2026"
version = 1
year = 2026
name = { zh = "示例责任书", en = "Sample book" }
source = "invented"
confidence = "low"
assessed = ["990102", "990121"]
groups = [{ id = "air", name = { zh = "大气", en = "Air" } }]
grades = [
  { id = "good", name = { zh = "良好", en = "good" }, at_least = "80" },
  { id = "fail", name = { zh = "不合格", en = "fail" }, at_least = "0" },
]
vetoes = [{ id = "forged", name = { zh = "弄虚作假", en = "Forged data" } }]
[[items]]
id = "pm10"
group = "air"
name = { zh = "PM10 年均浓度", en = "Annual mean of PM10" }
unit = "µg/m³"
full_marks = "100"
rule = { kind = "linear", better = "lower", target = "60", step = "1", points = "5" }
"#;
const LIST: &str = "/plan/assessment";
const SHEET: &str = "/plan/assessment/lakes_2026/990102";
const API: &str = "/api/v1/assessments/lakes_2026/990102";

async fn with_book(store: &Store, book: &str) -> City {
    let city = city(store, "example").await;
    city.with_file("assessment/lakes_2026.toml", book).await;
    city
}

async fn enter(city: &City, cookie: &str, kind: &str, value: &str) -> StatusCode {
    let item = if kind.starts_with("veto") { "forged" } else { "pm10" };
    let form = format!("kind={kind}&item={item}&value={value}&note=from+the+stations");
    city.post(&format!("{SHEET}/entries"), cookie, &form).await.status
}

#[tokio::test]
async fn a_sheet_goes_from_the_unit_to_the_public_and_each_step_is_another_persons() {
    testkit::on_both(&migrations(), async |store| {
        let city = with_book(&store, BOOK).await;
        let division = |code: &str| Jurisdiction::Division(code.into());
        let all = || Jurisdiction::Everything;
        let county = city.cookie("county", Role::CountyOfficer, division("990102")).await;
        let neighbour = city.cookie("neighbour", Role::CountyOfficer, division("990121")).await;
        let bureau = city.cookie("bureau", Role::CountyOfficer, all()).await;
        let leader = city.cookie("leader", Role::Leader, all()).await;
        let inspector = city.cookie("inspector", Role::Inspector, all()).await;
        let works = Jurisdiction::Enterprise("DEMO-9001".into());
        let manager = city.cookie("manager", Role::EnterpriseManager, works).await;

        for (who, cookie, kind, value, wanted) in [
            ("nobody", "", "stated", "60", StatusCode::SEE_OTHER),
            ("another county", neighbour.as_str(), "stated", "60", StatusCode::FORBIDDEN),
            ("an inspector", &inspector, "stated", "60", StatusCode::FORBIDDEN),
            ("an enterprise", &manager, "stated", "60", StatusCode::FORBIDDEN),
            ("the county, no number", &county, "stated", "sixty", StatusCode::BAD_REQUEST),
            ("the county", &county, "stated", "60", StatusCode::SEE_OTHER),
            ("the county itself", &county, "verified", "60", StatusCode::FORBIDDEN),
            ("the bureau", &bureau, "verified", "65", StatusCode::SEE_OTHER),
            ("the county", &county, "appealed", "61", StatusCode::SEE_OTHER),
            ("the bureau", &bureau, "decided", "61", StatusCode::FORBIDDEN),
            ("the bureau, too early", &bureau, "published", "", StatusCode::UNPROCESSABLE_ENTITY),
            ("a leader", &leader, "decided", "62", StatusCode::SEE_OTHER),
        ] {
            let entered = enter(&city, cookie, kind, value).await;
            assert_eq!(entered, wanted, "{who} enters {kind}");
        }
        for (cookie, wanted) in [
            ("", StatusCode::NOT_FOUND),
            (manager.as_str(), StatusCode::NOT_FOUND),
            (&neighbour, StatusCode::NOT_FOUND),
            (&county, StatusCode::OK),
            (&leader, StatusCode::OK),
        ] {
            assert_eq!(city.get(SHEET, cookie).await.status, wanted);
            assert_eq!(city.get(API, cookie).await.status, wanted);
        }
        let text = format!("{SHEET}/sheet.txt");
        let before = city.get(&text, &county).await.body;
        assert!(
            before.contains("item\tpm10\tair\t60\t60\t62\tfrom the stations\tdecided\t90\t100")
        );
        assert_eq!(before, city.get(&text, &leader).await.body, "the same bytes each time");

        assert_eq!(enter(&city, &bureau, "published", "").await, StatusCode::SEE_OTHER);
        assert_eq!(enter(&city, &leader, "vetoed", "").await, StatusCode::UNPROCESSABLE_ENTITY);
        let public: serde_json::Value =
            serde_json::from_str(&city.get(API, "").await.body).expect("JSON");
        assert_eq!((&public["total"], &public["grade"]), (&"90".into(), &"good".into()));
        let page = city.get(&format!("{SHEET}?lang=en"), "").await.body;
        assert!(page.contains("decided on appeal") && !page.contains("<textarea"), "{page}");
        let excel = city.get(&format!("{SHEET}?format=xlsx"), "").await;
        assert_eq!(excel.status, StatusCode::OK);

        let records = city.audited("assessment.enter").await;
        assert_eq!(records.len(), 5, "one for each that was entered");
    })
    .await;
}

#[tokio::test]
async fn the_list_shows_totals_of_what_may_be_seen_and_what_is_wrong_with_a_book() {
    let test = testkit::sqlite(&migrations()).await;
    let city = with_book(&test.store, BOOK).await;
    let leader = city.cookie("leader", Role::Leader, Jurisdiction::Everything).await;
    let list = city.get(&format!("{LIST}?lang=en"), "").await.body;
    assert!(list.contains("not published yet") && list.contains("Donghu District"), "{list}");
    let list = city.get(&format!("{LIST}?lang=en"), &leader).await.body;
    assert!(list.contains("0 of 1 items have a value"), "{list}");
    assert_eq!(
        city.get("/plan/assessment/lakes_2026/990199", "").await.status,
        StatusCode::NOT_FOUND
    );
    let years = format!("{LIST}/years");
    let page = city.get(&format!("{years}?lang=en"), &leader).await.body;
    assert!(page.contains("/plan/assessment/lakes_2026/990121"), "{page}");
    let public = city.get(&format!("{years}?lang=en"), "").await.body;
    assert!(!public.contains("/plan/assessment/lakes_2026/990121"), "{public}");
    assert_eq!(city.get(&format!("{years}?format=xlsx"), "").await.status, StatusCode::OK);

    let wrong = testkit::sqlite(&migrations()).await;
    let wrong = with_book(&wrong.store, &BOOK.replace("step = \"1\"", "step = \"0\"")).await;
    let list = wrong.get(&format!("{LIST}?lang=en"), "").await.body;
    assert!(list.contains("must be a decimal above 0"), "{list}");
    assert!(list.contains("The city has no book"), "{list}");
}
