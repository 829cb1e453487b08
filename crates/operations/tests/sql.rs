//! The page and the interface for questions in SQL, over an engine that answers what a test wants.

use authority::{Actor, Attempt, Authority, Jurisdiction, NewUser, Origin, Purpose, Role};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use evaluation::Worker;
use jiff::Timestamp;
use observations::Recorder;
use operations::sql::{
    ColumnFile, ColumnGuide, Engine, EngineHandle, Example, FunctionGuide, Guide, Limits, Question,
    Shown, TableGuide, Trouble, TroubleKind,
};
use registry::Registry;
use rulebook::Text;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt as _;
use web::{AppState, Later, Live, Parts};

fn now() -> Timestamp {
    "2026-06-01T05:30:00Z".parse().expect("a time")
}

/// Answers by what a question begins with.
struct Canned;

fn trouble(kind: TroubleKind) -> Trouble {
    Trouble {
        kind,
        what: Text::fixed("没有列 nmae", "there is no column nmae"),
        cure: Text::fixed("此处的列有:name", "the columns here are name"),
        place: Some((2, 3)),
    }
}

impl Engine for Canned {
    fn guide(&self) -> Arc<Guide> {
        Arc::new(Guide {
            tables: vec![TableGuide {
                name: "point",
                meaning: Text::fixed("监测点位", "monitoring points"),
                columns: vec![ColumnGuide {
                    name: "code",
                    kind: "text",
                    meaning: Text::fixed("编码", "its code"),
                }],
            }],
            functions: vec![FunctionGuide {
                signature: "aqi_day(pollutant, value, at)".into(),
                returns: "bigint",
                is_aggregate: true,
                meaning: Text::fixed("日 AQI", "the index of a day"),
                example: "SELECT aqi_day('CO', 1, now())",
            }],
            examples: vec![Example {
                title: Text::fixed("全部点位", "all points"),
                text: "SELECT * FROM point WHERE name <> '甲&乙'".into(),
            }],
            limits: Limits { rows: 3, ..Limits::default() },
        })
    }

    fn show(&self, question: Question, most: usize) -> Later<Result<Shown, Trouble>> {
        let rows = question.text.split_whitespace().nth(1).and_then(|word| word.parse().ok());
        let rows: usize = rows.unwrap_or_default();
        let answer = match question.text.split_whitespace().next() {
            Some("WRONG") => Err(trouble(TroubleKind::Wrong)),
            Some("BUSY") => Err(trouble(TroubleKind::Busy)),
            _ => Ok(Shown {
                columns: vec![
                    ("name".into(), "text".into(), false),
                    ("value".into(), "decimal(38, 10)".into(), true),
                ],
                rows: (0..rows.min(most))
                    .map(|row| vec![Some(format!("<站{row}>")), (row > 0).then(|| "1.50".into())])
                    .collect(),
                is_cut: rows > most,
                milliseconds: 1234,
            }),
        };
        Box::pin(async move { answer })
    }

    fn file(&self, question: Question, form: ColumnFile) -> Later<Result<Vec<u8>, Trouble>> {
        let is_wrong = question.text.starts_with("WRONG");
        Box::pin(async move {
            if is_wrong {
                return Err(trouble(TroubleKind::Wrong));
            }
            Ok(match form {
                ColumnFile::Parquet => b"PAR1".to_vec(),
                ColumnFile::Arrow => b"ARROW".to_vec(),
            })
        })
    }
}

struct City {
    router: Router,
    authority: Authority,
    _store: testkit::TestStore,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

async fn city(engine: bool) -> City {
    let migrations = [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
    ]
    .concat();
    let store = testkit::sqlite(&migrations).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/example");
    let files = registry::load::read_city(&folder).expect("a right city");
    registry::store::install(&store.store, &files).await.expect("it installs");
    let registry = Registry::open(&store.store).await.expect("a registry");
    let recorder = Recorder::open(&store.store).await.expect("a recorder");
    let opened = Worker::open(&store.store, &registry, &recorder, Vec::new(), now).await;
    let (_, evaluation) = opened.expect("a worker");
    let (authority, _) = Authority::open(&store.store, now()).await.expect("authority");
    let parts = Parts {
        store: store.store.clone(),
        registry,
        recorder,
        evaluation,
        authority: authority.clone(),
        live: Live::default(),
        clock: now,
        started_at: now(),
        metrics: Box::new(String::new),
    };
    let mut state = AppState::new(parts, operations::slices());
    if engine {
        state = state.with(EngineHandle(Arc::new(Canned)));
    }
    City { router: web::router(state), authority, _store: store }
}

impl City {
    /// The cookie of somebody with a role.
    async fn cookie(&self, role: Role) -> String {
        let actor = Actor::console();
        let login = role.as_str().replace('_', "-");
        let new = NewUser { login: login.clone(), name: login, organisation: None };
        let user = self.authority.add_user(&actor, &new, now()).await.expect("added");
        let place = Jurisdiction::Everything;
        self.authority.grant(&actor, user, role, &place, now()).await.expect("granted");
        let link = self.authority.make_link(&actor, user, Purpose::SignIn, now()).await;
        let origin = Origin::default();
        let attempt = self.authority.follow_link(&link.expect("a link"), "", &origin, now()).await;
        let Ok(Attempt::In(begun)) = attempt else { panic!("not let in: {attempt:?}") };
        format!("lucid_session={}", begun.secret)
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 23).await.expect("a body").to_vec();
        let text = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    async fn get(&self, cookie: &str, path: &str) -> Answer {
        let request = Request::get(path)
            .header(header::ACCEPT_LANGUAGE, "en")
            .header(header::COOKIE, cookie)
            .body(Body::empty());
        self.send(request.expect("a request")).await
    }

    async fn post(&self, cookie: &str, form: &str) -> Answer {
        let request = Request::post("/sql")
            .header(header::ACCEPT_LANGUAGE, "en")
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.send(request.expect("a request")).await
    }

    async fn ask(&self, cookie: &str, body: &str, accept: &str) -> Answer {
        let request = Request::post("/api/v1/sql")
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, accept)
            .body(Body::from(body.to_owned()));
        self.send(request.expect("a request")).await
    }
}

fn kind(answer: &Answer) -> &str {
    answer.headers[header::CONTENT_TYPE].to_str().expect("text")
}

#[tokio::test]
async fn the_page_answers_and_says_where_a_question_is_wrong() {
    let city = city(true).await;
    let cookie = city.cookie(Role::Auditor).await;
    let page = city.get(&cookie, "/sql?query=SELECT%201").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        ">SELECT 1</textarea>",
        "aqi_day(pollutant, value, at)",
        "monitoring points",
        "all points",
        "audit record",
        "value=\"parquet\"",
    ] {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let link = page.text.split("href=\"/sql?query=").nth(2).and_then(|rest| rest.split('"').next());
    let begun = city.get(&cookie, &format!("/sql?query={}", link.expect("a link"))).await;
    assert!(begun.text.contains("甲&amp;乙"), "the example as it is: {}", begun.text);
    let answer = city.post(&cookie, "query=SELECT+2&form=table").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text.contains("&lt;站0&gt;") && answer.text.contains("1.50"));
    assert!(answer.text.contains("2 rows, 1.234 s"), "{}", answer.text);
    let many = city.post(&cookie, "query=SELECT+1001&form=table").await;
    assert!(many.text.contains("the first 1000 rows"), "{}", many.text);
    let none = city.post(&cookie, "query=SELECT+0&form=table").await;
    assert!(none.text.contains("No row meets the conditions"));
    let wrong = city.post(&cookie, "query=WRONG%0A++nmae&form=table").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    for part in [
        "line 2, column 3: ",
        "there is no column nmae",
        "the columns here are name",
        "<mark>▸</mark>nmae",
        "WRONG\n  nmae</textarea>",
    ] {
        assert!(wrong.text.contains(part), "{part}: {}", wrong.text);
    }
    let busy = city.post(&cookie, "query=BUSY&form=table").await;
    assert_eq!(busy.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(city.post(&cookie, "query=+&form=table").await.status, StatusCode::BAD_REQUEST);
    let long = format!("query={}&form=table", "x".repeat(30_000));
    assert_eq!(city.post(&cookie, &long).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn answers_come_as_files() {
    let city = city(true).await;
    let cookie = city.cookie(Role::Leader).await;
    let csv = city.post(&cookie, "query=SELECT+2&form=csv").await;
    assert_eq!(csv.text, "\u{feff}name,value\n<站0>,\n<站1>,1.50\n");
    let book = city.post(&cookie, "query=SELECT+2&form=xlsx").await;
    assert!(book.text.starts_with("PK"));
    for (form, body, ending) in
        [("parquet", "PAR1", "answer.parquet"), ("arrow", "ARROW", "arrows")]
    {
        let file = city.post(&cookie, &format!("query=SELECT+2&form={form}")).await;
        assert_eq!(file.text, body);
        let disposition = file.headers[header::CONTENT_DISPOSITION].to_str().expect("text");
        assert!(disposition.contains(ending), "{disposition}");
        let wrong = city.post(&cookie, &format!("query=WRONG&form={form}")).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        assert!(wrong.text.contains("there is no column nmae"));
    }
    let more = city.post(&cookie, "query=SELECT+4&form=csv").await;
    assert_eq!(more.status, StatusCode::BAD_REQUEST, "a file is whole or none");
    assert!(more.text.contains("more than 3 rows"), "{}", more.text);
}

#[tokio::test]
async fn programs_ask_and_are_told_what_there_is() {
    let city = city(true).await;
    let cookie = city.cookie(Role::Operator).await;
    let guide = city.get(&cookie, "/api/v1/sql").await;
    let guide: Value = serde_json::from_str(&guide.text).expect("JSON");
    assert_eq!(guide["tables"][0]["columns"][0]["name"], "code");
    assert_eq!(guide["functions"][0]["is_aggregate"], true);
    assert_eq!(guide["limits"]["rows"], 3);
    let asked = "{\"query\": \"SELECT 2\"}";
    let answer = city.ask(&cookie, asked, "*/*").await;
    let told: Value = serde_json::from_str(&answer.text).expect("JSON");
    assert_eq!(told["columns"][1]["type"], "decimal(38, 10)");
    assert_eq!(told["rows"][1][1], "1.50");
    assert_eq!(told["rows"][0][1], Value::Null);
    let csv = city.ask(&cookie, asked, "text/csv").await;
    assert!(kind(&csv).starts_with("text/csv") && csv.text.contains("<站1>,1.50"));
    let parquet = city.ask(&cookie, asked, "application/vnd.apache.parquet").await;
    assert_eq!((kind(&parquet), parquet.text.as_str()), ("application/vnd.apache.parquet", "PAR1"));
    let arrow = city.ask(&cookie, asked, "application/vnd.apache.arrow.stream").await;
    assert_eq!(arrow.text, "ARROW");
    let wrong = city.ask(&cookie, "{\"query\": \"WRONG\"}", "*/*").await;
    let told: Value = serde_json::from_str(&wrong.text).expect("JSON");
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let detail = told["detail"].as_str().expect("a text");
    assert_eq!(detail, "line 2, column 3: there is no column nmae; the columns here are name");
    assert_eq!(told["type"], "/problems/sql.wrong");
    for body in ["{}", "no JSON", "{\"query\": \"SELECT 4\"}"] {
        assert_eq!(city.ask(&cookie, body, "*/*").await.status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[tokio::test]
async fn a_build_without_sql_says_how_to_get_it() {
    let city = city(false).await;
    let cookie = city.cookie(Role::Auditor).await;
    let page = city.get(&cookie, "/sql").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("--features sql"), "{}", page.text);
    let asked = city.post(&cookie, "query=SELECT+1&form=table").await;
    assert_eq!(asked.status, StatusCode::NOT_IMPLEMENTED);
    let asked = city.ask(&cookie, "{\"query\": \"SELECT 1\"}", "*/*").await;
    assert_eq!(asked.status, StatusCode::NOT_IMPLEMENTED);
    assert!(asked.text.contains("--features sql"), "{}", asked.text);
}

#[tokio::test]
async fn whoever_has_not_the_duty_is_turned_away() {
    let city = city(true).await;
    for role in [Role::Observer, Role::Inspector, Role::EnterpriseManager] {
        let cookie = city.cookie(role).await;
        assert_eq!(city.get(&cookie, "/sql").await.status, StatusCode::FORBIDDEN, "{role:?}");
        let asked = city.post(&cookie, "query=SELECT+1&form=table").await;
        assert_eq!(asked.status, StatusCode::FORBIDDEN, "{role:?}");
        let asked = city.ask(&cookie, "{\"query\": \"SELECT 1\"}", "*/*").await;
        assert_eq!(asked.status, StatusCode::FORBIDDEN, "{role:?}");
        assert_eq!(city.get(&cookie, "/api/v1/sql").await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(city.get("", "/sql").await.status, StatusCode::SEE_OTHER, "to the sign-in");
    assert_eq!(city.ask("", "{}", "*/*").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(city.get("", "/api/v1/sql").await.status, StatusCode::UNAUTHORIZED);
}
