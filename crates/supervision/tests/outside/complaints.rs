//! Citizens report, follow, rate; the operator takes calls down; everybody reads results.

use crate::city::{City, PICTURE, Person, between, city, city_on_postgres, now};
use authority::Role;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use cases::{Channel, Visibility};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const EVIL: &str = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>";

/// A report with a key of its own; gives number and code.
async fn report(city: &City, key: &str, text: &str) -> (String, String) {
    let pairs = [("key", key), ("field.element", "air"), ("text", text), ("division", "990102")];
    let answer = city.post("", "/report", &pairs).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let number = between(&answer.body, "id=\"number\">", "<").to_owned();
    (number, between(&answer.body, "id=\"follow-code\">", "<").to_owned())
}

async fn follow(city: &City, number: &str, code: &str) -> (StatusCode, String) {
    let answer = city.post("", "/report/follow", &[("number", number), ("code", code)]).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    (answer.status, answer.body)
}

#[tokio::test]
async fn pages_speak_both_languages() {
    let city = city().await;
    for (path, zh, en) in [
        ("/report", "我要举报", "Report pollution"),
        ("/report/follow", "查看我的举报", "Follow my report"),
        ("/results", "办理公开", "What became of it"),
    ] {
        for (language, words) in [("zh", zh), ("en", en)] {
            let answer = city.get("", &format!("{path}?lang={language}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
            assert!(answer.body.contains(&format!("<h1>{words}</h1>")), "{path} {language}");
        }
    }
    let form = city.get("", "/report?lang=en").await.body;
    for part in ["capture=\"environment\"", "name=\"field.element\"", "data-island=\"place\""] {
        assert!(form.contains(part), "{part}: {form}");
    }
    for part in ["hotline_number", "is_urgent", "is_real_name"] {
        assert!(!form.contains(part), "a citizen is not asked for {part}");
    }
}

#[tokio::test]
async fn a_citizen_reports_with_a_photo_and_follows_it_by_its_code() {
    let city = city().await;
    let pairs = [
        ("key", KEY),
        ("field.element", "odour"),
        ("text", "夜里有刺鼻的气味,从厂里飘来"),
        ("longitude", "-29.5"),
        ("latitude", "10.2"),
        ("address", "湖边路 3 号"),
        ("phone", "13800001111"),
        ("name", "李四"),
    ];
    let files: [(&str, &[u8]); 2] = [("smoke.png", PICTURE), ("run.exe", b"MZ\x90\x00program")];
    let answer = city.post_files("/report", &pairs, &files).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert!(answer.body.contains("run.exe"), "a program is not taken: {}", answer.body);
    let number = between(&answer.body, "id=\"number\">", "<").to_owned();
    let code = between(&answer.body, "id=\"follow-code\">", "<").to_owned();
    let view = city.case(&number).await;
    assert_eq!(view.case.channel, Channel::Web);
    assert_eq!(view.evidence.len(), 1, "the photo is attached, the program is not");
    assert_eq!(view.case.fields.get("is_real_name").map(String::as_str), Some("yes"));

    let again = city.post_files("/report", &pairs, &files[..1]).await;
    assert_eq!(between(&again.body, "id=\"number\">", "<"), number, "sent twice, opened once");
    assert_eq!(between(&again.body, "id=\"follow-code\">", "<"), code);
    assert_eq!(city.case(&number).await.evidence.len(), 1, "and the photo is there once");

    let (status, page) = follow(&city, &number.to_lowercase(), &code).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    for part in ["id=\"state\"", "夜里有刺鼻的气味", "data:image/jpeg;base64,"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let pairs = [("number", number.as_str()), ("code", code.as_str())];
    let more: [(&str, &[u8]); 1] = [("more.txt", "一周以来每晚十点".as_bytes())];
    let added = city.post_files("/report/follow/photo", &pairs, &more).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    let evidence = city.case(&number).await.evidence;
    assert_eq!(evidence.len(), 2);
    assert!(evidence.iter().all(|one| one.visibility == Visibility::Internal));
}

#[tokio::test]
async fn a_number_alone_opens_nothing_and_codes_cannot_be_tried_for_ever() {
    let city = city().await;
    let (number, _) = report(&city, KEY, "噪声很大,整夜不停").await;
    for (number, code) in [(number.as_str(), "WRONG-CODE"), ("TS-2027-999999", "X"), ("", "")] {
        let (status, page) = follow(&city, number, code).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{page}");
        assert!(!page.contains("噪声很大"), "{page}");
    }
    let pairs = [("number", number.as_str()), ("code", "WRONG"), ("satisfied", "no")];
    for path in ["/report/follow/rate", "/report/follow/review", "/report/follow/photo"] {
        let answer = city.post("", path, &pairs).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {}", answer.body);
    }
    for _ in 0..20 {
        city.post("", "/report/follow", &pairs).await;
    }
    let answer = city.post("", "/report/follow", &pairs).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn what_is_missing_is_said_and_what_was_entered_stays() {
    let city = city().await;
    let pairs = [("key", KEY), ("text", "没有选类型"), ("address", "西门口")];
    let answer = city.post("", "/report", &pairs).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    for part in ["role=\"alert\"", "没有选类型", "西门口", KEY] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    let wrong = [("field.element", "air"), ("text", "x"), ("longitude", "east"), ("latitude", "1")];
    assert_eq!(city.post("", "/report", &wrong).await.status, StatusCode::BAD_REQUEST);
    let nowhere = [("field.element", "air"), ("text", "x"), ("division", "000000")];
    assert_eq!(city.post("", "/report", &nowhere).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nobody_floods_the_city_with_reports() {
    let city = city().await;
    for count in 0..20 {
        let key = format!("{count:032}");
        report(&city, &key, "第几次举报").await;
    }
    let pairs = [("field.element", "air"), ("text", "第 21 次")];
    let answer = city.post("", "/report", &pairs).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.body);
}

#[tokio::test]
async fn what_citizens_write_is_never_markup() {
    let city = city().await;
    let pairs =
        [("key", KEY), ("field.element", "air"), ("text", EVIL), ("address", EVIL), ("name", EVIL)];
    let answer = city.post_files("/report", &pairs, &[("<img src=x>.png", PICTURE)]).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let number = between(&answer.body, "id=\"number\">", "<").to_owned();
    let code = between(&answer.body, "id=\"follow-code\">", "<").to_owned();
    let (_, page) = follow(&city, &number, &code).await;
    let duty = city.everywhere("duty", Role::DutyOfficer).await;
    let sketch = "/complaints/intake/candidates?text=%3Cscript%3Ealert(1)";
    let beside = city.get(&duty.cookie, sketch).await.body;
    let again = city.post("", "/report", &[("text", EVIL), ("address", EVIL)]).await.body;
    for page in [answer.body, page, beside, again] {
        assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{page}");
    }
}

/// Brings a case to its reply: accepted, dispatched, visited, answered.
async fn answered(city: &City, number: &str, duty: &Person, officer: &Person) {
    let id = city.cases.find(number).await.expect("there is one");
    city.step(duty, id, "accept", &[]).await;
    city.step(duty, id, "dispatch", &[]).await;
    city.step(officer, id, "begin", &[]).await;
    let fields = [("facts", "true"), ("handling", "责令停产"), ("reply", "已责令该企业停产整改。")];
    city.step(officer, id, "reply", &fields).await;
}

#[tokio::test]
async fn the_citizen_rates_the_reply_and_everybody_reads_the_result_without_a_name() {
    story(city().await).await;
    if let Some(city) = city_on_postgres().await {
        story(city).await;
    }
}

async fn story(city: City) {
    let duty = city.everywhere("duty", Role::DutyOfficer).await;
    let officer = city.in_county("officer", Role::CountyOfficer).await;
    let leader = city.everywhere("leader", Role::Leader).await;
    let pairs = [
        ("key", KEY),
        ("field.element", "air"),
        ("text", "我家住湖边路三号,对面烟囱冒黑烟"),
        ("name", "王五"),
        ("phone", "13900002222"),
        ("division", "990102"),
    ];
    let page = city.post("", "/report", &pairs).await.body;
    let number = between(&page, "id=\"number\">", "<").to_owned();
    let code = between(&page, "id=\"follow-code\">", "<").to_owned();
    answered(&city, &number, &duty, &officer).await;

    let (_, page) = follow(&city, &number, &code).await;
    for part in ["已责令该企业停产整改", "name=\"satisfied\"", "东湖区"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let rating =
        [("number", number.as_str()), ("code", &code), ("satisfied", "yes"), ("words", "很快")];
    let rated = city.post("", "/report/follow/rate", &rating).await;
    assert_eq!(rated.status, StatusCode::OK, "{}", rated.body);
    assert_eq!(city.case(&number).await.case.satisfied, Some(true));
    let twice = city.post("", "/report/follow/rate", &rating).await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST, "{}", twice.body);

    let hidden = city.get("", &format!("/results/{number}")).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND, "nothing is public before it is published");
    let id = city.cases.find(&number).await.expect("there is one");
    city.step(&leader, id, "close", &[]).await;
    city.step(&leader, id, "publish", &[("public_summary", "烟囱冒黑烟属实,已停产整改")]).await;
    let list = city.get("", "/results").await.body;
    let one = city.get("", &format!("/results/{number}")).await;
    assert_eq!(one.status, StatusCode::OK, "{}", one.body);
    let file = city.get("", "/results.csv").await.body;
    let api = city.get("", "/api/v1/complaints/results").await.body;
    for page in [&list, &one.body, &file, &api] {
        assert!(page.contains(&number), "{page}");
        for secret in ["王五", "13900002222", "湖边路三号", "我家住"] {
            assert!(!page.contains(secret), "{secret}: {page}");
        }
    }
    assert!(one.body.contains("已停产整改"), "{}", one.body);
    let numbers = city.get("", "/api/v1/complaints/statistics").await.json();
    assert_eq!(numbers["all"]["opened"], 1);
    assert_eq!(numbers["all"]["closed"], 1);
    assert_eq!(numbers["all"]["satisfied"], 1);
    let other = city.get("", "/api/v1/complaints/results?division=990121").await.json();
    assert_eq!(other["results"].as_array().map(Vec::len), Some(0));
    let wrong = city.get("", "/results?from=yesterday").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let sheet = city.get("", "/results.xlsx").await;
    assert!(sheet.body.starts_with("PK"), "a workbook");
}

#[tokio::test]
async fn the_operator_takes_a_call_down_with_likely_duplicates_beside() {
    let city = city().await;
    let (number, _) = report(&city, KEY, "蓝田工业区烟囱冒黑烟").await;
    let duty = city.everywhere("duty", Role::DutyOfficer).await;
    let sketch = "/complaints/intake/candidates?text=%E7%83%9F%E5%9B%B1%E5%86%92%E9%BB%91%E7%83%9F";
    let beside = city.get(&duty.cookie, sketch).await;
    assert!(beside.body.contains(&number), "{}", beside.body);
    let elsewhere = city.get(&duty.cookie, &format!("{sketch}&division=990121")).await;
    assert!(!elsewhere.body.contains(&number), "{}", elsewhere.body);
    let pairs = [
        ("key", "f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0"),
        ("phone", "13700003333"),
        ("name", "赵六"),
        ("field.element", "air"),
        ("division", "990102"),
        ("text", "蓝田工业区有烟囱在冒黑烟"),
        ("enterprise", "DEMO-9001"),
    ];
    let taken = city.post(&duty.cookie, "/complaints/intake", &pairs).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.body);
    let second = between(&taken.body, "id=\"number\">", "<");
    let beside = between(&taken.body, "id=\"duplicates\"", "</section>");
    assert!(beside.contains(&number) && beside.contains("/duplicates?with="), "{beside}");
    let view = city.case(second).await;
    assert_eq!(view.case.channel, Channel::Hotline);
    assert_eq!(view.case.enterprise.as_deref(), Some("DEMO-9001"));
    assert!(view.case.has_reporter);
    let wrong = [("field.element", "air"), ("text", "x"), ("enterprise", "NOBODY")];
    let wrong = city.post(&duty.cookie, "/complaints/intake", &wrong).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{}", wrong.body);
}

#[tokio::test]
async fn calls_are_taken_down_by_who_may_know_the_caller() {
    let city = city().await;
    let inspector = city.everywhere("inspector", Role::Inspector).await;
    let auditor = city.everywhere("auditor", Role::Auditor).await;
    let pairs = [("field.element", "air"), ("text", "x")];
    for path in ["/complaints/intake", "/complaints/intake/candidates"] {
        assert_eq!(city.get("", path).await.status, StatusCode::SEE_OTHER, "{path}");
        for who in [&inspector, &auditor] {
            assert_eq!(city.get(&who.cookie, path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    let answer = city.post(&inspector.cookie, "/complaints/intake", &pairs).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(city.post("", "/complaints/intake", &pairs).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_report_from_a_phone_is_known_as_one() {
    let city = city().await;
    let body = crate::city::encoded(&[("field.element", "water"), ("text", "河水发黑")]);
    let request = Request::post("/report")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::USER_AGENT, "Mozilla/5.0 (Linux; Android 14) MicroMessenger Mobile")
        .header("sec-fetch-site", "same-origin");
    let answer = city.send(request.body(Body::from(body)).expect("a request")).await;
    let number = between(&answer.body, "id=\"number\">", "<");
    let view = city.case(number).await;
    assert_eq!(view.case.channel, Channel::Phone);
    assert_eq!(view.case.division, "990100", "without a place it lies with the city");
    assert_eq!(view.case.opened_at, now());
}
