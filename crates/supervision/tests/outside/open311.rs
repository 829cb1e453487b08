//! The calls of the public documentation of GeoReport v2, one after the other, in both forms.
//!
//! <https://wiki.open311.org/GeoReport_v2/>; what the documentation leaves to the endpoint (its
//! address, jurisdiction, key and service codes) is this city's.

use crate::city::{City, Person, between, city, city_on_postgres, encoded, now};
use authority::{Action, Actor, Role};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;

/// The body of a form.
type Pairs<'a> = Vec<(&'a str, &'a str)>;

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

async fn key_of(city: &City, who: &Person, scopes: &[Action]) -> String {
    let actor = Actor::console();
    let key = city.authority.issue_for(who.id, &actor, "app", scopes, 30, now()).await;
    key.expect("a key")
}

/// As an application sends it: no cookie, perhaps from a page of another site.
async fn post(city: &City, path: &str, pairs: &[(&str, &str)]) -> crate::city::Answer {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, FORM)
        .header("origin", "https://app.example.org")
        .header("sec-fetch-site", "cross-site");
    city.send(request.body(Body::from(encoded(pairs))).expect("a request")).await
}

/// The example request of the documentation, with a service and an attribute of this city.
fn example<'a>(key: &'a str, service: &'a str) -> Pairs<'a> {
    vec![
        ("api_key", key),
        ("jurisdiction_id", "example"),
        ("service_code", service),
        ("lat", "10.37765240"),
        ("long", "-29.4212043"),
        ("address_string", "1234 5th street"),
        ("email", "smit333@sfgov.edu"),
        ("device_id", "tt222111"),
        ("account_id", "123456"),
        ("first_name", "john"),
        ("last_name", "smith"),
        ("phone", "111111111"),
        ("description", "A large sinkhole is destroying the street"),
        ("media_url", "http://farm3.static.flickr.com/2002/2212426634_5ed477a060.jpg"),
        ("attribute[wants_reward]", "yes"),
        ("attribute[WHISPAWN]", "123456"),
        ("attribute[WHISDORN]", "COISL001"),
    ]
}

#[tokio::test]
async fn a_client_discovers_the_endpoint_and_lists_services() {
    let city = city().await;
    let xml = city.get("", "/open311/v2/discovery.xml").await;
    assert_eq!(xml.status, StatusCode::OK);
    assert_eq!(xml.header("content-type"), "text/xml; charset=utf-8");
    assert!(xml.body.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<discovery>"));
    let json = city.get("", "/open311/v2/discovery.json").await;
    assert_eq!(json.header("content-type"), "application/json; charset=utf-8");
    let discovery = json.json();
    for field in ["changeset", "contact", "key_service", "endpoints"] {
        assert!(!discovery[field].is_null(), "all fields are required: {field}");
    }
    let endpoint = &discovery["endpoints"][0];
    assert_eq!(endpoint["specification"], "http://wiki.open311.org/GeoReport_v2");
    assert_eq!(endpoint["formats"], serde_json::json!(["text/xml", "application/json"]));

    let xml = city.get("", "/open311/v2/services.xml?jurisdiction_id=990100").await;
    assert_eq!(xml.status, StatusCode::OK, "{}", xml.body);
    assert!(xml.body.contains("<services>\n    <service>\n        <service_code>"), "{}", xml.body);
    let services = city.get("", "/open311/v2/services.json").await.json();
    let services = services.as_array().expect("a list").clone();
    assert_eq!(services.len(), 10, "one for each kind of pollution");
    for service in &services {
        for field in ["service_code", "service_name", "description", "type", "keywords", "group"] {
            assert!(service[field].is_string(), "{field} of {service}");
        }
        assert_eq!(service["type"], "realtime");
        assert!(service["metadata"].is_boolean());
    }
    let english = Request::get("/open311/v2/services.json").header("accept-language", "en-GB");
    let english = city.send(english.body(Body::empty()).expect("a request")).await.json();
    assert_eq!(english[1]["service_name"], "odour");

    let path = "/open311/v2/services/public_complaint-odour";
    let xml = city.get("", &format!("{path}.xml?jurisdiction_id=example")).await.body;
    for part in ["<service_definition>", "<attributes>", "<attribute>", "<variable>true</variable>"]
    {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    let definition = city.get("", &format!("{path}.json")).await.json();
    assert_eq!(definition["service_code"], "public_complaint-odour");
    let attributes = definition["attributes"].as_array().expect("a list");
    let reward = attributes.iter().find(|one| one["code"] == "wants_reward").expect("one");
    assert_eq!(reward["datatype"], "singlevaluelist");
    assert_eq!(reward["required"], false);
    assert_eq!(reward["values"][0]["key"], "yes");
    assert!(attributes.iter().all(|one| one["code"] != "hotline_number"), "{attributes:?}");
}

#[tokio::test]
async fn a_client_posts_the_example_request_and_asks_how_it_stands() {
    story(city().await).await;
    if let Some(city) = city_on_postgres().await {
        story(city).await;
    }
}

async fn story(city: City) {
    let duty = city.everywhere("duty", Role::DutyOfficer).await;
    let key = key_of(&city, &duty, &[Action::OpenCase]).await;
    let created =
        post(&city, "/open311/v2/requests.xml", &example(&key, "public_complaint-air")).await;
    assert_eq!(created.status, StatusCode::OK, "{}", created.body);
    assert_eq!(created.header("access-control-allow-origin"), "*");
    assert!(
        created.body.contains("<service_requests>\n    <request>\n        <service_request_id>")
    );
    let number = between(&created.body, "<service_request_id>", "<").to_owned();
    assert!(!created.body.contains("<token>"), "a number or a token, never both");

    let view = city.case(&number).await;
    assert_eq!(view.case.channel, cases::Channel::Open311);
    assert_eq!(view.case.fields.get("element").map(String::as_str), Some("air"));
    assert_eq!(view.case.fields.get("wants_reward").map(String::as_str), Some("yes"));
    for kept in ["A large sinkhole", "WHISPAWN: 123456", "2212426634_5ed477a060.jpg"] {
        assert!(view.case.text.contains(kept), "{kept}: {}", view.case.text);
    }

    let xml =
        city.get("", &format!("/open311/v2/requests/{number}.xml?jurisdiction_id=example")).await;
    assert_eq!(xml.status, StatusCode::OK, "{}", xml.body);
    assert!(xml.body.contains("<status>open</status>"), "{}", xml.body);
    let json = city.get("", &format!("/open311/v2/requests/{number}.json")).await.json();
    let one = &json[0];
    assert_eq!(one["service_request_id"], number);
    assert_eq!(one["service_code"], "public_complaint-air");
    assert_eq!(one["lat"], 10.378);
    assert_eq!(one["long"], -29.421);
    assert!(one["requested_datetime"].as_str().is_some_and(|at| at.ends_with("+08:00")));
    assert!(one["description"].is_null() && one["media_url"].is_null());
    let text = json.to_string() + &xml.body;
    for secret in ["john", "smith", "111111111", "smit333", "5th street", "sinkhole", "tt222111"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }

    let second = example(&key, "public_complaint-water");
    let second = post(&city, "/open311/v2/requests.json", &second).await.json();
    let second = second[0]["service_request_id"].as_str().expect("a number").to_owned();
    let count = async |query: &str| {
        let answer = city.get("", &format!("/open311/v2/requests.json?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.body);
        answer.json().as_array().map(Vec::len)
    };
    let day = |days: i64| (now() + SignedDuration::from_hours(24 * days)).to_string();
    let (before, after) = (day(-1), day(1));
    for (query, wanted) in [
        (String::new(), 2),
        ("status=open&jurisdiction_id=example".to_owned(), 2),
        ("status=closed".to_owned(), 0),
        ("status=open,closed".to_owned(), 2),
        (format!("start_date={before}&end_date={after}&status=open"), 2),
        (format!("start_date={after}"), 0),
        ("start_date=2010-05-24T00:00:00Z&end_date=2010-06-24T00:00:00Z&status=open".to_owned(), 0),
        ("service_code=public_complaint-water".to_owned(), 1),
        ("service_code=public_complaint-water,public_complaint-air".to_owned(), 2),
        (format!("service_request_id={number},{second},TS-2000-000001&status=closed"), 2),
    ] {
        assert_eq!(count(&query).await, Some(wanted), "{query}");
    }
    let token = city.get("", &format!("/open311/v2/tokens/{number}.json")).await.json();
    assert_eq!(token[0]["service_request_id"], number);
}

#[tokio::test]
async fn other_cases_are_answered_once_they_are_published() {
    let city = city().await;
    let duty = city.everywhere("duty", Role::DutyOfficer).await;
    let leader = city.everywhere("leader", Role::Leader).await;
    let pairs = [("field.element", "noise"), ("text", "施工噪声"), ("division", "990102")];
    let page = city.post("", "/report", &pairs).await.body;
    let number = between(&page, "id=\"number\">", "<").to_owned();
    let path = format!("/open311/v2/requests/{number}.json");
    assert_eq!(city.get("", &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(city.get("", "/open311/v2/requests.json").await.json(), serde_json::json!([]));
    let id = city.cases.find(&number).await.expect("there is one");
    for step in ["accept", "dispatch", "begin"] {
        city.step(&duty, id, step, &[]).await;
    }
    let fields = [("facts", "not_true"), ("handling", "现场未发现"), ("reply", "未发现夜间施工。")];
    city.step(&duty, id, "reply", &fields).await;
    city.step(&leader, id, "close", &[]).await;
    city.step(&leader, id, "publish", &[("public_summary", "未发现夜间施工")]).await;
    let one = city.get("", &path).await.json();
    assert_eq!(one[0]["status"], "closed");
    assert_eq!(one[0]["service_code"], "public_complaint-noise");
    let all = city.get("", "/open311/v2/requests.json?status=closed").await.json();
    assert_eq!(all[0]["service_request_id"], number);
    assert_eq!(all[0]["service_code"], "public_complaint-noise");
}

#[tokio::test]
async fn errors_have_the_form_of_the_specification() {
    let city = city().await;
    let duty = city.everywhere("duty", Role::DutyOfficer).await;
    let nobody = city.person("nobody", None).await;
    let key = key_of(&city, &duty, &[Action::OpenCase]).await;
    let reading = key_of(&city, &duty, &[Action::ReadCase]).await;
    let foreign = key_of(&city, &nobody, &[Action::OpenCase]).await;
    let service = "public_complaint-air";
    let without = |left: &str| -> Vec<(&str, &str)> {
        let all = example(&key, service).into_iter();
        let left: Vec<&str> = left.split(' ').collect();
        all.filter(|(name, _)| !left.contains(name)).collect()
    };
    let with = |name: &'static str, value: &'static str| -> Vec<(&str, &str)> {
        let all = example(&key, service).into_iter();
        all.map(|(known, old)| (known, if known == name { value } else { old })).collect()
    };
    let posts: Vec<(Pairs<'_>, u16, &str)> = vec![
        (without("api_key"), 403, "api_key"),
        (with("api_key", "xyz"), 403, "api_key"),
        (example(&reading, service), 403, ""),
        (example(&foreign, service), 403, ""),
        (without("service_code"), 400, "service_code"),
        (with("service_code", "001"), 404, "service_code"),
        (with("jurisdiction_id", "city.gov"), 404, "jurisdiction_id"),
        (without("lat long address_string"), 400, "location"),
        (without("lat"), 400, "lat"),
        (with("lat", "north"), 400, "lat"),
    ];
    for (pairs, status, word) in posts {
        let xml = post(&city, "/open311/v2/requests.xml", &pairs).await;
        assert_eq!(xml.status.as_u16(), status, "{}", xml.body);
        let wanted = format!("<errors>\n    <error>\n        <code>{status}</code>");
        assert!(xml.body.contains(&wanted) && xml.body.contains(word), "{}", xml.body);
        let json = post(&city, "/open311/v2/requests.json", &pairs).await.json();
        assert_eq!(json[0]["code"], status);
        assert!(json[0]["description"].as_str().is_some_and(|text| text.contains(word)));
    }
    for (path, status) in [
        ("services.json?jurisdiction_id=city.gov", 404),
        ("services/033.xml?jurisdiction_id=example", 404),
        ("services/public_complaint-air", 404),
        ("requests/123456.xml", 404),
        ("requests.json?status=solved", 400),
        ("requests.json?start_date=2010-01-01T00:00:00Z&end_date=2010-12-31T00:00:00Z", 400),
        ("tokens/123456.xml?jurisdiction_id=example", 404),
    ] {
        let answer = city.get("", &format!("/open311/v2/{path}")).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.body);
        assert!(answer.body.contains(&status.to_string()), "{path}: {}", answer.body);
    }
    assert_eq!(city.get("", "/open311/v2/requests.json").await.json(), serde_json::json!([]));
}
