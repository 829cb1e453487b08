//! An enterprise walks every page and every address of the interface that it can reach, and never
//! meets the reporter: not the name, not the phone, not their words, not where they live.

use crate::city::{self, City, Person};
use crate::setup::{ENTERPRISE, MARKER, asked, complaint, of_no_unit, picture, send_json};
use authority::{Jurisdiction, Role};
use axum::http::StatusCode;
use cases::{By, CaseId, Visibility};
use std::collections::BTreeSet;

async fn manager(city: &City) -> Person {
    let place = Jurisdiction::Enterprise(ENTERPRISE.into());
    of_no_unit(city, "manager", Role::EnterpriseManager, place).await
}

/// A complaint that was shared with the enterprise, with internal remarks and files; another that
/// was merged into it; a third that was never shared.
async fn cases_of(city: &City) -> (CaseId, CaseId) {
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    let id = complaint(city, "first").await;
    let twin = complaint(city, "twin").await;
    let hidden = complaint(city, "hidden").await;
    picture(city, id, &format!("{MARKER}.png"), Visibility::Internal).await;
    asked(city, &officer, id).await;
    let principal = crate::setup::principal(city, &officer).await;
    let by = By::Person { principal: &principal, address: "192.0.2.1" };
    let remark = format!("{MARKER} 反映人来电催问");
    city.cases.comment(&by, id, &remark, false, city::now()).await.expect("stored");
    city.cases.merge(&by, twin, id, city::now()).await.expect("merged");
    (id, hidden)
}

/// The addresses that a page leads to.
fn links(page: &str) -> BTreeSet<String> {
    let parts =
        ["href=\"", "src=\"", "action=\""].into_iter().flat_map(|name| page.split(name).skip(1));
    let paths = parts.filter_map(|part| part.split('"').next());
    let own = paths.filter(|path| path.starts_with('/') && !path.starts_with("/assets"));
    own.map(|path| path.replace("&amp;", "&"))
        .map(|path| path.split('#').next().unwrap_or_default().to_owned())
        .filter(|path| !path.contains("sign-out") && !path.contains("lang="))
        .collect()
}

#[tokio::test]
async fn an_enterprise_never_meets_who_complained() {
    let city = city::city().await;
    let (id, hidden) = cases_of(&city).await;
    let manager = manager(&city).await;
    let mut waiting: BTreeSet<String> = ["/", "/cases", "/notifications", "/cases?list=watched"]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("/cases/{}", id.0), format!("/cases/{}", hidden.0)])
        .chain([format!("/cases/search?words={MARKER}"), "/cases?text=%E9%BB%91%E7%83%9F".into()])
        .collect();
    for list in ["mine", "unit", "overdue", "due_soon", "escalated", "all"] {
        waiting.insert(format!("/cases?list={list}"));
        waiting.insert(format!("/api/v1/cases?list={list}"));
    }
    for path in [
        format!("/api/v1/cases/{}", id.0),
        format!("/api/v1/cases/{}", hidden.0),
        format!("/api/v1/cases/search?words={MARKER}"),
        format!("/api/v1/cases/{}/duplicates", id.0),
        format!("/cases/{}/duplicates", id.0),
        format!("/cases/{}/personal-data", id.0),
        "/api/v1/cases/counts".into(),
        "/api/v1/cases/statistics".into(),
        "/api/v1/notifications".into(),
        "/cases/export/csv".into(),
        format!("/enterprises/{ENTERPRISE}"),
        format!("/api/v1/enterprises/{ENTERPRISE}"),
        "/my-enterprise".into(),
    ] {
        waiting.insert(path);
    }
    for file in 1..=4 {
        waiting.insert(format!("/cases/{}/evidence/{file}", id.0));
        waiting.insert(format!("/api/v1/cases/{}/evidence/{file}?form=thumbnail", id.0));
    }
    let (mut seen, mut read) = (BTreeSet::new(), 0);
    while let Some(path) = waiting.pop_first() {
        if !seen.insert(path.clone()) || seen.len() > 600 {
            continue;
        }
        let answer = city.get(&manager.cookie, &path).await;
        // What was asked for stands in the field of the search and in the page's own address.
        let own_words = [format!("value=\"{MARKER}\""), format!("words={MARKER}")];
        let body = own_words.iter().fold(answer.body.clone(), |body, own| body.replace(own, ""));
        assert!(!body.contains(MARKER), "{path} ({}): {body}", answer.status);
        if answer.status == StatusCode::OK {
            read += 1;
            waiting.extend(links(&answer.body));
        }
    }
    assert!(read > 20, "only {read} pages were read: {seen:?}");
    assert!(seen.contains(&format!("/cases/{}", id.0)));
}

#[tokio::test]
async fn an_enterprise_sees_what_it_is_asked_and_answers() {
    let city = city::city().await;
    let (id, hidden) = cases_of(&city).await;
    let manager = manager(&city).await;
    let page = city.get(&manager.cookie, &format!("/cases/{}?lang=zh", id.0)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("请说明锅炉运行情况。") && page.body.contains("提交说明"));
    let unshared = city.get(&manager.cookie, &format!("/cases/{}", hidden.0)).await;
    assert_eq!(unshared.status, StatusCode::NOT_FOUND, "what was not shared is not there");
    let link = format!("href=\"/cases/{}\"", id.0);
    let of_hidden = format!("href=\"/cases/{}\"", hidden.0);
    let own = format!("/enterprises/{ENTERPRISE}");
    for (path, times) in [("/my-enterprise", 2), (own.as_str(), 2)] {
        let page = city.get(&manager.cookie, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        assert!(!page.body.contains(&of_hidden), "{path}: what was not shared is not told");
        let found = page.body.matches(&link).count();
        assert!((1..=times).contains(&found), "{path}: list and timeline tell it: {found}");
    }
    let stranger = city.get("", &own).await;
    assert!(!stranger.body.contains("/cases/"), "nobody else reads of it");
    let body = city.get(&manager.cookie, &format!("/api/v1/cases/{}", id.0)).await.json();
    assert_eq!(body["seen_as"], "enterprise");
    assert_eq!(body["title"], "公众投诉举报", "the kind's name in place of the reporter's words");
    assert_eq!(body["text"], "");
    let act = serde_json::json!({ "transition": "explain", "version": body["version"],
        "fields": { "explanation": "启炉时布袋未投运,已改正。" } });
    let path = format!("/api/v1/cases/{}/acts", id.0);
    let done = send_json(&city, &manager.cookie, "POST", &path, &act).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(done.json()["state"], "handling");
    let desk = city.get(&manager.cookie, "/my-enterprise").await;
    assert!(!desk.body.contains(&link), "the next step is the officer's: no duty any more");
    let reply = serde_json::json!({ "transition": "reply", "version": done.json()["version"],
        "fields": { "facts": "true", "handling": "x", "reply": "x" } });
    let refused = send_json(&city, &manager.cookie, "POST", &path, &reply).await;
    assert!(
        refused.status.is_client_error(),
        "an enterprise answers no reporter: {}",
        refused.body
    );
    let number = body["number"].as_str().expect("a number");
    assert_eq!(city.cases.find(number).await.expect("found"), id);
}
