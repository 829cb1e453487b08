//! Every page answers in both languages.

use crate::city::{self, Answer};
use crate::setup::{asked, auditor, complaint, picture};
use authority::Role;
use axum::http::StatusCode;
use cases::{Viewer, Visibility};

fn speaks(answer: &Answer, language: &str, path: &str) {
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    let (tag, word, other) = match language {
        "en" => ("lang=\"en\"", "Home", "首页"),
        _ => ("lang=\"zh-CN\"", "首页", "Home"),
    };
    assert!(answer.body.contains(tag), "{path} in {language}");
    if answer.body.contains("class=\"crumbs\"") {
        let crumbs = city::between(&answer.body, "class=\"crumbs\"", "</nav>");
        assert!(crumbs.contains(word) && !crumbs.contains(other), "{path}: {crumbs}");
    }
}

#[tokio::test]
async fn every_page_of_the_desk_answers_in_both_languages() {
    let city = city::city().await;
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    let id = complaint(&city, "first").await;
    complaint(&city, "second").await;
    picture(&city, id, "smoke.png", Visibility::Internal).await;
    asked(&city, &officer, id).await;
    let mut paths: Vec<String> = [
        "/cases",
        "/cases?list=mine",
        "/cases?list=unit",
        "/cases?list=overdue",
        "/cases?list=due_soon",
        "/cases?list=escalated",
        "/cases?list=watched",
        "/cases?list=all&kind=public_complaint&state=explaining&open=open&key=yes&from=2020-01-01",
        "/cases/new",
        "/cases/search",
        "/cases/search?words=%E9%BB%91%E7%83%9F",
        "/cases/search?words=%E6%B2%A1%E6%9C%89%E7%9A%84%E8%AF%8D",
        "/cases/kinds",
        "/cases/alert-rules",
        "/notifications",
    ]
    .map(str::to_owned)
    .to_vec();
    for page in ["", "/duplicates", "/personal-data"] {
        paths.push(format!("/cases/{}{page}", id.0));
    }
    for kind in city.cases.kinds() {
        paths.push(format!("/cases/kinds/{}", kind.id));
        paths.push(format!("/cases/new?kind={}", kind.id));
    }
    for path in &paths {
        for language in ["zh", "en"] {
            let between = if path.contains('?') { '&' } else { '?' };
            let answer =
                city.get(&officer.cookie, &format!("{path}{between}lang={language}")).await;
            speaks(&answer, language, path);
        }
    }
}

#[tokio::test]
async fn the_page_of_a_case_says_who_has_it_how_long_and_how_the_end_was_counted() {
    let city = city::city().await;
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    let id = complaint(&city, "first").await;
    picture(&city, id, "smoke.png", Visibility::Internal).await;
    asked(&city, &officer, id).await;
    let page = city.get(&officer.cookie, &format!("/cases/{}?lang=zh", id.0)).await.body;
    let all = auditor();
    let view = city.cases.case(&Viewer::Person(&all), id, city::now()).await.expect("readable");
    for wanted in [
        view.case.number.as_str(),
        "东湖区",
        "现由",
        "待企业说明",
        "期限怎么算的",
        "剩余",
        "smoke.png",
        "form=thumbnail",
        "data-current=\"yes\"",
        "填写理由后查看",
        "企业可见",
    ] {
        assert!(page.contains(wanted), "{wanted} is missing: {page}");
    }
    for clock in &view.clocks {
        assert!(page.contains(clock.name.zh.as_ref()), "{}", clock.name.zh);
        for line in &clock.proof {
            let line = line.zh.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
            assert!(page.contains(&line), "{line}");
        }
    }
    for offered in &view.offered {
        assert!(page.contains(offered.name.zh.as_ref()), "{}", offered.name.zh);
    }
    let by_number = city.get(&officer.cookie, &format!("/cases/{}", view.case.number)).await;
    assert_eq!(by_number.status, StatusCode::SEE_OTHER);
    assert_eq!(by_number.header("location"), format!("/cases/{}", id.0));
    let unknown = city.get(&officer.cookie, "/cases/TS-1999-000001").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_kinds_are_public_with_their_clocks_and_law() {
    let city = city::city().await;
    let page = city.get("", "/cases/kinds/public_complaint?lang=zh").await;
    assert_eq!(page.status, StatusCode::OK);
    for wanted in ["60", "个工作日", "环保举报热线工作管理办法", "<svg", "末日遇休息日顺延"]
    {
        assert!(page.body.contains(wanted), "{wanted}");
    }
    let none = city.get("", "/cases/kinds/no_such_kind").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}
