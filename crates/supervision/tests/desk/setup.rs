//! A case with everything that a case may have, and forms with files from somebody signed in.

use crate::city::{self, Answer, COUNTY, City, PICTURE, Person, now};
use authority::{Actor, Attempt, Jurisdiction, NewUser, Origin, Principal, Purpose, Role};
use axum::body::Body;
use axum::http::{Request, header};
use cases::{By, CaseId, Channel, NewCase, Place, Reporter, Upload, Visibility};

/// An enterprise of the county.
pub(crate) const ENTERPRISE: &str = "DEMO-9001";
/// Stands in all that only the administration may read.
pub(crate) const MARKER: &str = "Zuiqie";

/// Runs a story in a city on SQLite and, where a server is named, in one on PostgreSQL.
pub(crate) async fn on_both(story: impl AsyncFn(City)) {
    story(city::city().await).await;
    if let Some(city) = city::city_on_postgres().await {
        story(city).await;
    }
}

/// A complaint as a citizen makes it; the marker stands in everything that is theirs.
pub(crate) async fn complaint(city: &City, key: &str) -> CaseId {
    let mut new = NewCase::new("public_complaint", COUNTY, Channel::Phone);
    new.title = format!("{MARKER} 河边烟囱冒黑烟");
    new.text = format!("{MARKER} 昨晚十点烟囱一直冒黑烟,有刺鼻气味。我是{MARKER}小学老师。");
    new.enterprise = Some(ENTERPRISE.into());
    new.place = Some(Place {
        longitude: "-29.71".parse().expect("a number"),
        latitude: "10.11".parse().expect("a number"),
        address: format!("{MARKER} 河边路 1 号"),
    });
    new.fields.insert("element".into(), "air".into());
    new.reporter = Some(Reporter {
        name: format!("{MARKER} 王五"),
        phone: format!("139{MARKER}"),
        email: format!("{MARKER}@example.org"),
        address: format!("{MARKER} 二栋"),
    });
    new.origin_key = Some(key.to_owned());
    let by = By::Anonymous { address: "192.0.2.9" };
    city.cases.open_case(&by, new, now()).await.expect("it opens").id
}

/// A file that came with a case.
pub(crate) async fn picture(city: &City, id: CaseId, name: &str, visibility: Visibility) {
    let by = By::System { name: "test" };
    let upload = Upload { name: name.into(), bytes: PICTURE.to_vec(), visibility };
    city.cases.attach(&by, id, upload, now()).await.expect("it is kept");
}

/// Takes a complaint on until the enterprise is asked to explain.
pub(crate) async fn asked(city: &City, officer: &Person, id: CaseId) {
    city.step(officer, id, "accept", &[]).await;
    city.step(officer, id, "dispatch", &[]).await;
    city.step(officer, id, "begin", &[]).await;
    let question = [("question", "请说明锅炉运行情况。"), ("explain_by", "2027-02-01")];
    city.step(officer, id, "ask_enterprise", &question).await;
}

/// Someone signed in who belongs to no unit.
pub(crate) async fn of_no_unit(
    city: &City,
    login: &str,
    role: Role,
    place: Jurisdiction,
) -> Person {
    let (actor, origin) = (Actor::console(), Origin::default());
    let new = NewUser { login: login.into(), name: login.into(), organisation: None };
    let id = city.authority.add_user(&actor, &new, now()).await.expect("added");
    city.authority.grant(&actor, id, role, &place, now()).await.expect("granted");
    let link = city.authority.make_link(&actor, id, Purpose::SignIn, now()).await;
    let link = link.expect("a link");
    let attempt = city.authority.follow_link(&link, "", &origin, now()).await;
    let Ok(Attempt::In(begun)) = attempt else { panic!("not let in: {attempt:?}") };
    Person { id, cookie: format!("lucid_session={}", begun.secret) }
}

pub(crate) async fn principal(city: &City, who: &Person) -> Principal {
    city.authority.principal(who.id).await.expect("it works").expect("a user")
}

/// Whoever sees every case.
pub(crate) fn auditor() -> Principal {
    Principal::of_role(Role::Auditor)
}

/// A form with files, from somebody signed in.
pub(crate) async fn send_files(
    city: &City,
    cookie: &str,
    path: &str,
    pairs: &[(&str, &str)],
    files: &[(&str, &[u8])],
) -> Answer {
    const BOUNDARY: &str = "----lucid-desk-boundary";
    let mut body = Vec::new();
    for (name, value) in pairs {
        let head = format!("Content-Disposition: form-data; name=\"{name}\"");
        body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n").bytes());
    }
    for (name, bytes) in files {
        let head = format!(
            "Content-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream"
        );
        body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    let request = Request::post(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
        .header("sec-fetch-site", "same-origin");
    city.send(request.body(Body::from(body)).expect("a request")).await
}

/// A program's request with a body, by somebody's session.
pub(crate) async fn send_json(
    city: &City,
    cookie: &str,
    method: &str,
    path: &str,
    body: &serde_json::Value,
) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "same-origin");
    city.send(request.body(Body::from(body.to_string())).expect("a request")).await
}
