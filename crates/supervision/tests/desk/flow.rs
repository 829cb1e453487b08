//! Acting on a case by its page: forms with files, one winner and one clear message.

use crate::city::{self, City, PICTURE};
use crate::setup::{auditor, complaint, on_both, send_files};
use authority::Role;
use axum::http::StatusCode;
use cases::{CaseView, Viewer};

async fn view(city: &City, id: cases::CaseId) -> CaseView {
    city.cases.case(&Viewer::Person(&auditor()), id, city::now()).await.expect("readable")
}

#[tokio::test]
async fn a_case_goes_its_way_by_the_forms_of_its_page() {
    on_both(its_way).await;
}

async fn its_way(city: City) {
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    let inspector = city.in_county("li", Role::Inspector).await;
    let id = complaint(&city, "first").await;
    let path = format!("/cases/{}/act", id.0);
    let unit = city.unit.0.to_string();
    let act = async |cookie: &str, pairs: &[(&str, &str)], files: &[(&str, &[u8])]| {
        let version = view(&city, id).await.case.version.to_string();
        let pairs: Vec<_> = pairs.iter().copied().chain([("version", version.as_str())]).collect();
        send_files(&city, cookie, &path, &pairs, files).await
    };
    let accepted = act(&officer.cookie, &[("transition", "accept")], &[]).await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER, "{}", accepted.body);
    assert_eq!(accepted.header("location"), format!("/cases/{}?done=act", id.0));
    let no_unit =
        act(&officer.cookie, &[("transition", "dispatch"), ("note", "去看看")], &[]).await;
    assert_eq!(no_unit.status, StatusCode::BAD_REQUEST);
    assert!(no_unit.body.contains("承办单位") && no_unit.body.contains("去看看"), "kept");
    let to = [("transition", "dispatch"), ("unit", unit.as_str())];
    assert_eq!(act(&officer.cookie, &to, &[]).await.status, StatusCode::SEE_OTHER);
    let visit = [
        ("transition", "record_visit"),
        ("field.visited_on", "2027-01-16"),
        ("field.visit_found", "布袋破损"),
        ("note", "两人到场"),
    ];
    let without = act(&inspector.cookie, &visit, &[]).await;
    assert_eq!(without.status, StatusCode::BAD_REQUEST, "a visit needs evidence");
    assert!(without.body.contains("布袋破损"), "what was written is kept");
    let bad = act(&inspector.cookie, &visit, &[("virus.exe", b"MZ\x90\x00program")]).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST, "{}", bad.body);
    let with = act(&inspector.cookie, &visit, &[("stack.png", PICTURE)]).await;
    assert_eq!(with.status, StatusCode::SEE_OTHER, "{}", with.body);
    let now = view(&city, id).await;
    assert_eq!(now.case.state, "handling");
    assert_eq!(now.case.fields["visit_found"], "布袋破损");
    let kept: Vec<_> = now.evidence.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(kept, ["stack.png"], "a refused act keeps no file");
    let file = now.evidence[0].id.0;
    let whole = city.get(&officer.cookie, &format!("/cases/{}/evidence/{file}", id.0)).await;
    assert_eq!(whole.header("content-type"), "image/png");
    assert!(whole.header("content-disposition").starts_with("inline; filename*=UTF-8''stack.png"));
    let small = format!("/cases/{}/evidence/{file}?form=thumbnail", id.0);
    assert_eq!(city.get(&officer.cookie, &small).await.header("content-type"), "image/jpeg");
    let other = format!("/cases/{}/evidence/{}", id.0, file + 99);
    assert_eq!(city.get(&officer.cookie, &other).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn two_officers_at_once_get_one_winner_and_one_clear_message() {
    on_both(at_once).await;
}

async fn at_once(city: City) {
    let wang = city.in_county("wang", Role::CountyOfficer).await;
    let zhao = city.everywhere("zhao", Role::DutyOfficer).await;
    let id = complaint(&city, "first").await;
    let version = view(&city, id).await.case.version.to_string();
    let path = format!("/cases/{}/act", id.0);
    let accept = [("transition", "accept"), ("version", version.as_str()), ("note", "我来受理")];
    let first = city.post(&wang.cookie, &path, &accept).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let second = city.post(&zhao.cookie, &path, &accept).await;
    assert_eq!(second.status, StatusCode::CONFLICT, "{}", second.body);
    for wanted in ["wang", "受理", "没有保存", "我来受理"] {
        assert!(second.body.contains(wanted), "{wanted}: {}", second.body);
    }
    let again = city.post(&wang.cookie, &path, &accept).await;
    assert_eq!(again.header("location"), format!("/cases/{}?done=already", id.0), "{}", again.body);
    let acts = view(&city, id).await.timeline;
    let accepted = acts.iter().filter(|event| event.about == "accept").count();
    assert_eq!(accepted, 1, "{acts:?}");
}

#[tokio::test]
async fn duplicates_stand_side_by_side_and_are_merged() {
    let city = city::city().await;
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    let (one, two) = (complaint(&city, "first").await, complaint(&city, "second").await);
    let page = city.get(&officer.cookie, &format!("/cases/{}/duplicates?lang=zh", two.0)).await;
    assert_eq!(page.status, StatusCode::OK);
    let number = view(&city, one).await.case.number;
    assert!(page.body.contains(&number) && page.body.contains("疑似重复件"), "{}", page.body);
    let other = one.0.to_string();
    let merge = [("other", other.as_str()), ("direction", "into_other")];
    let merged = city.post(&officer.cookie, &format!("/cases/{}/merge", two.0), &merge).await;
    assert_eq!(
        merged.header("location"),
        format!("/cases/{}?done=merge", one.0),
        "{}",
        merged.body
    );
    assert_eq!(view(&city, two).await.case.merged_into, Some(one));
    let page = city.get(&officer.cookie, &format!("/cases/{}?lang=zh", two.0)).await.body;
    assert!(page.contains(&format!("href=\"/cases/{}\"", one.0)) && page.contains("打开主件"));
}

#[tokio::test]
async fn remarks_links_watching_and_corrections_are_told() {
    on_both(told).await;
}

async fn told(city: City) {
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    let colleague = city.in_county("zhao", Role::CountyOfficer).await;
    let (one, two) = (complaint(&city, "first").await, complaint(&city, "second").await);
    let to = |what: &str| format!("/cases/{}/{what}", one.0);
    let number = view(&city, two).await.case.number;
    for (what, pairs) in [
        ("comment", vec![("text", "已电话核实")]),
        ("link", vec![("kind", "follows"), ("other", number.as_str())]),
        ("watch", vec![("watch", "yes")]),
        ("correct", vec![("division", "990102"), ("enterprise", "")]),
    ] {
        let done = city.post(&officer.cookie, &to(what), &pairs).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{what}: {}", done.body);
    }
    let empty = city.post(&officer.cookie, &to("comment"), &[("text", " ")]).await;
    assert_eq!(empty.status, StatusCode::BAD_REQUEST);
    let nowhere = [("kind", "follows"), ("other", "TS-1999-000009")];
    let none = city.post(&officer.cookie, &to("link"), &nowhere).await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST, "{}", none.body);
    assert!(none.body.contains("TS-1999-000009"), "what was written is kept");
    let page = city.get(&officer.cookie, &format!("/cases/{}?lang=zh", one.0)).await.body;
    for wanted in ["已电话核实", "后续于", number.as_str(), "取消关注"] {
        assert!(page.contains(wanted), "{wanted}");
    }
    assert_eq!(view(&city, one).await.case.enterprise, None);
    city.step(&colleague, one, "accept", &[]).await;
    let inbox = city.get(&officer.cookie, "/notifications?lang=zh").await.body;
    assert!(inbox.contains("受理") && inbox.contains("未读"), "{inbox}");
    let notice = city::between(&inbox, "?notice=", "\"");
    let opened = city.get(&officer.cookie, &format!("/cases/{}?notice={notice}", one.0)).await;
    assert_eq!(opened.status, StatusCode::OK);
    let read = city.post(&officer.cookie, "/notifications/read", &[]).await;
    assert_eq!(read.status, StatusCode::SEE_OTHER);
    let inbox = city.get(&officer.cookie, "/notifications?lang=zh").await.body;
    assert!(!inbox.contains("未读"), "{inbox}");
    let wrong = city.post(&officer.cookie, "/notifications/reach", &[("email", "nowhere")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_officer_opens_a_case_of_a_kind_by_its_form() {
    let city = city::city().await;
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    let form = city.get(&officer.cookie, "/cases/new?kind=public_complaint&lang=zh").await.body;
    assert!(form.contains("污染类型") && form.contains("反映人"), "{form}");
    let key = city::between(&form, "name=\"key\" value=\"", "\"").to_owned();
    let told = [
        ("kind", "public_complaint"),
        ("key", key.as_str()),
        ("text", "来电反映夜间施工噪声"),
        ("division", "990102"),
        ("field.element", "noise"),
        ("reporter_name", "赵六"),
        ("reporter_phone", "13800000009"),
        ("address", "湖滨路"),
    ];
    let opened =
        send_files(&city, &officer.cookie, "/cases/new", &told, &[("a.png", PICTURE)]).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.body);
    assert!(opened.body.contains("查询码"), "the code is for the reporter: {}", opened.body);
    let twice = send_files(&city, &officer.cookie, "/cases/new", &told, &[]).await;
    assert!(!twice.status.is_client_error(), "{}", twice.body);
    let list = city.get(&officer.cookie, "/api/v1/cases").await.json();
    assert_eq!(list["cases"].as_array().map(Vec::len), Some(1), "once: {list}");
    let page = city.get(&officer.cookie, &format!("/cases/{}", list["cases"][0]["id"])).await.body;
    assert!(page.contains("湖滨路") && !page.contains("赵六") && !page.contains("13800000009"));
    let missing: Vec<_> = told
        .iter()
        .copied()
        .filter(|(name, _)| *name != "field.element" && *name != "key")
        .collect();
    let refused = city.post(&officer.cookie, "/cases/new", &missing).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body.contains("污染类型") && refused.body.contains("来电反映夜间施工噪声"));
    let inspector = city.in_county("li", Role::Inspector).await;
    let not_theirs = city.get(&inspector.cookie, "/cases/new?kind=public_complaint").await;
    assert_eq!(not_theirs.status, StatusCode::FORBIDDEN);
    let choice = city.get(&inspector.cookie, "/cases/new").await.body;
    assert!(choice.contains("kind=grid_event") && !choice.contains("kind=public_complaint"));
}
