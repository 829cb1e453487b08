//! Who sees the plan, who keeps it, and that another city's plan needs no change of the program.

use crate::city::{City, city, migrations, now};
use authority::{Jurisdiction, Role};
use axum::http::StatusCode;
use documents::Block;
use governance::brief::document;
use governance::cockpit::overview;
use governance::indicators::compute;

const PAGES: [&str; 7] = [
    "/plan",
    "/plan?view=wall",
    "/plan/measures/1",
    "/plan/indicators",
    "/plan/indicators/air_good_day_share",
    "/plan/duties",
    "/plan/air/2026-11-19",
];
const FILES: [&str; 3] =
    ["/plan/status.xlsx", "/plan/duties.xlsx", "/plan/indicators/air_good_day_share/inputs.xlsx"];
const API: [&str; 3] =
    ["/api/v1/plan", "/api/v1/indicators", "/api/v1/indicators/air_good_day_share"];

#[tokio::test]
async fn officers_see_the_plan_and_enterprises_do_not() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, "example").await;
    let everywhere = Jurisdiction::Everything;
    let works = Jurisdiction::Enterprise("DEMO-9002".into());
    let (manager, _) = city.person("manager", Role::EnterpriseManager, works, None).await;
    let (auditor, _) = city.person("auditor", Role::Auditor, everywhere, None).await;
    for path in PAGES.iter().chain(&FILES) {
        let answer = city.get(path, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.to.starts_with("/sign-in"), "{path} leads to {}", answer.to);
    }
    for path in API {
        assert_eq!(city.get(path, "").await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in PAGES.iter().chain(&FILES).chain(&API) {
        assert_eq!(city.get(path, &manager).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(city.get(path, &auditor).await.status, StatusCode::OK, "{path}");
    }
    for (path, status) in [
        ("/plan/measures/99", StatusCode::NOT_FOUND),
        ("/plan/indicators/no_such", StatusCode::NOT_FOUND),
        ("/api/v1/indicators/no_such", StatusCode::NOT_FOUND),
        ("/plan/air/yesterday", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(city.get(path, &auditor).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn only_who_keeps_the_whole_plan_reports_and_computes() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, "example").await;
    let here = Jurisdiction::Division("990102".into());
    let (county, _) = city.person("county", Role::CountyOfficer, here, None).await;
    let (auditor, _) = city.person("auditor", Role::Auditor, Jurisdiction::Everything, None).await;
    let (leader, _) = city.person("leader", Role::Leader, Jurisdiction::Everything, None).await;
    let form = "year=2026&value=1&source=a";
    for path in ["/plan/compute", "/plan/indicators/donghu_sewers/report"] {
        let stranger = city.post(path, "", form).await;
        assert_eq!(stranger.status, StatusCode::SEE_OTHER, "{path}");
        assert!(stranger.to.starts_with("/sign-in"), "{path} leads to {}", stranger.to);
        for cookie in [&county, &auditor] {
            assert_eq!(city.post(path, cookie, form).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(city.post(path, &leader, form).await.status, StatusCode::SEE_OTHER, "{path}");
    }
    let records = city.audited("plan.").await;
    assert_eq!(records, ["plan.report_value"], "what was reported stands in the audit");
}

#[tokio::test]
async fn the_brief_says_what_the_page_says_and_is_the_same_each_time() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, "zhangzhou").await;
    compute(&city.state).await.expect("computed");
    let seen = overview(&city.store, now()).await.expect("it is read").expect("a plan");
    let brief = || document(&seen, &city.state.snapshot(), &[]);
    assert_eq!(brief().docx().expect("written"), brief().docx().expect("written"));
    let cells: Vec<String> = brief()
        .blocks
        .into_iter()
        .filter_map(|block| match block {
            Block::Table(table) => Some(table.rows),
            _ => None,
        })
        .flatten()
        .flatten()
        .map(|cell| cell.text)
        .collect();
    for measure in &seen.city.plan.measures {
        let page = format!("/plan/measures/{}", measure.number);
        assert!(cells.contains(&page), "no way to {page}");
        let title = format!("{}．{}", measure.number, measure.title.zh);
        assert!(cells.contains(&title), "no {title}");
    }
    for target in &seen.city.plan.targets {
        assert!(cells.contains(&target.stated.zh.to_string()), "no {}", target.id);
    }
    let (auditor, _) = city.person("auditor", Role::Auditor, Jurisdiction::Everything, None).await;
    let no_fonts = city.get("/plan/brief.pdf", &auditor).await;
    assert_eq!(no_fonts.status, StatusCode::SERVICE_UNAVAILABLE);
}

/// The links of a page below an address.
fn links(body: &str, start: &str) -> Vec<String> {
    let marked = format!("href=\"{start}");
    let found = body.match_indices(&marked).filter_map(|(at, _)| {
        let rest = body.get(at + 6..)?;
        rest.split('"').next().map(|link| link.replace("&amp;", "&"))
    });
    found.collect()
}

async fn walk(city: &City, cookie: &str) -> usize {
    let cockpit = city.get("/plan", cookie).await;
    assert_eq!(cockpit.status, StatusCode::OK);
    let mut pages = links(&cockpit.body, "/plan/measures/");
    pages.extend(links(&cockpit.body, "/plan/indicators/"));
    pages.sort();
    pages.dedup();
    for page in &pages {
        let answer = city.get(page.split('#').next().unwrap_or_default(), cookie).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
    }
    pages.len()
}

#[tokio::test]
async fn two_plans_with_other_chapters_work_by_their_files_alone() {
    for (name, chapters, measures) in [("zhangzhou", 8, 28), ("example", 2, 3)] {
        let test = testkit::sqlite(&migrations()).await;
        let city = city(&test.store, name).await;
        compute(&city.state).await.expect("computed");
        let (auditor, _) =
            city.person("auditor", Role::Auditor, Jurisdiction::Everything, None).await;
        let plan = city.get("/api/v1/plan", &auditor).await.json();
        assert_eq!(plan["measures"].as_array().map(Vec::len), Some(measures), "{name}");
        let page = city.get("/plan", &auditor).await;
        assert_eq!(page.body.matches("scope=\"rowgroup\"").count(), chapters, "{name}");
        assert!(walk(&city, &auditor).await >= measures, "{name}");
    }
}

#[tokio::test]
async fn a_city_without_a_plan_is_told_what_to_do() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, "example").await;
    city.without_plan().await;
    let (auditor, _) = city.person("auditor", Role::Auditor, Jurisdiction::Everything, None).await;
    let page = city.get("/plan?lang=en", &auditor).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.body.contains("put its files into plan/"), "{}", page.body);
    assert_eq!(compute(&city.state).await.expect("nothing to do").computed, 0);
}
