//! Alerts that become cases: by the city's table, each once, and told when they end.

use crate::city::{self, City};
use crate::setup::on_both;
use authority::Role;
use axum::http::StatusCode;
use cases::{Viewer, WorkFilter, WorkList};
use evaluation::Worker;
use jiff::{SignedDuration, Timestamp};
use observations::Recorder;
use registry::{PointKind, Registry};
use supervision::alert_disposal::{Disposal, Looked};

const OUTLET: &str = "DEMO-9001/DW001";

fn later(hours: i64) -> Timestamp {
    city::now() + SignedDuration::from_hours(hours)
}

async fn disposal(city: &City) -> Disposal {
    let store = city.store.clone();
    let registry = Registry::open(&store).await.expect("a registry");
    let recorder = Recorder::open(&store).await.expect("a recorder");
    let opened = Worker::open(&store, &registry, &recorder, Vec::new(), city::now).await;
    let (_, evaluation) = opened.expect("a worker");
    let (authority, cases) = (city.authority.clone(), city.cases.clone());
    Disposal { store, registry, authority, evaluation, cases }
}

/// An alert at the outlet that began now.
async fn alert(city: &City, disposal: &Disposal, severity: &str, factor: i64) -> i64 {
    let snapshot = disposal.registry.snapshot();
    let point = snapshot.point_by_code(PointKind::Outlet, OUTLET).expect("the outlet").id.0;
    let mut transaction = city.store.begin().await.expect("a transaction");
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO alert (kind, point, factor, severity, opened_at, last_at, count, \
         last_value, worst_value, bound, evidence) \
         VALUES ('exceedance', $1, $2, $3, $4, $4, 1, '62', '80', '≤ 50', '{}') RETURNING id",
    )
    .bind(point)
    .bind(factor)
    .bind(severity.to_owned())
    .bind(city::now().as_second())
    .fetch_one(&mut *transaction)
    .await
    .expect("it is written");
    transaction.commit().await.expect("committed");
    id
}

async fn end(city: &City, alert: i64, at: Timestamp) {
    let mut transaction = city.store.begin().await.expect("a transaction");
    sqlx::query(
        "UPDATE alert SET closed_at = $1, close_reason = 'value_within_limit' WHERE id = $2",
    )
    .bind(at.as_second())
    .bind(alert)
    .execute(&mut *transaction)
    .await
    .expect("it is written");
    transaction.commit().await.expect("committed");
}

/// Sets the city's table.
async fn rules(city: &City, lines: &str) {
    let head = "id,alert_kind,severity_at_least,hours_at_least,division,explain_days,valid_from,\
        valid_to,source,confidence,note\n";
    let mut transaction = city.store.begin().await.expect("a transaction");
    sqlx::query("UPDATE city_file SET content = $1 WHERE path = 'rules/alert_disposal.csv'")
        .bind(format!("{head}{lines}").into_bytes())
        .execute(&mut *transaction)
        .await
        .expect("it is written");
    transaction.commit().await.expect("committed");
}

async fn cases_of(city: &City) -> Vec<cases::CaseRow> {
    let filter =
        WorkFilter { kind: Some("alert_disposal".into()), ..WorkFilter::of(WorkList::All) };
    let all = crate::setup::auditor();
    city.cases.list(&all, &filter, later(3)).await.expect("a list").rows
}

#[tokio::test]
async fn without_a_rule_no_alert_becomes_a_case() {
    on_both(no_rule).await;
}

async fn no_rule(city: City) {
    let disposal = disposal(&city).await;
    alert(&city, &disposal, "serious", 1).await;
    assert_eq!(disposal.look(later(3)).await.expect("it looks"), Looked::default());
    assert!(cases_of(&city).await.is_empty());
    rules(&city, "wrong,smell,grave,,,,,,,,\n").await;
    assert_eq!(
        disposal.look(later(3)).await.expect("a wrong table opens nothing"),
        Looked::default()
    );
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    let page = city.get(&officer.cookie, "/cases/alert-rules?lang=zh").await.body;
    assert!(page.contains("规则表有误") && page.contains("alert_kind"), "{page}");
}

#[tokio::test]
async fn an_alert_becomes_a_case_once_and_the_case_is_told_of_its_end() {
    on_both(by_rule).await;
}

async fn by_rule(city: City) {
    let disposal = disposal(&city).await;
    let (serious, notice) =
        (alert(&city, &disposal, "serious", 1).await, alert(&city, &disposal, "notice", 2).await);
    rules(&city, "r1,exceedance,serious,2,,3,2020-01-01,,city order,official,\n").await;
    assert_eq!(disposal.look(later(1)).await.expect("it looks"), Looked::default(), "too early");
    let opened = disposal.look(later(3)).await.expect("it looks");
    assert_eq!(opened, Looked { opened: 1, ended: 0 });
    for hours in [3, 4, 5] {
        let again = disposal.look(later(hours)).await.expect("it looks");
        assert_eq!(again, Looked::default(), "an alert becomes a case once");
    }
    let rows = cases_of(&city).await;
    assert_eq!(rows.len(), 1);
    let all = crate::setup::auditor();
    let read = async || {
        city.cases.case(&Viewer::Person(&all), rows[0].id, later(5)).await.expect("readable")
    };
    let view = read().await;
    assert_eq!(view.case.enterprise.as_deref(), Some("DEMO-9001"));
    assert_eq!(view.case.division, city::COUNTY);
    assert_eq!(view.case.responsible, Some(city.unit));
    assert_eq!(view.case.state, "explaining", "the rule asks the enterprise at once");
    assert!(
        view.case.fields["alert"].starts_with(&format!("#{serious} ")),
        "{:?}",
        view.case.fields
    );
    assert!(view.case.title.contains("超标"), "{}", view.case.title);
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    let page = city.get(&officer.cookie, &format!("/cases/{}", rows[0].id.0)).await.body;
    assert!(page.contains(&format!("href=\"/alerts/{serious}\"")), "the case leads to its alert");
    let to = city.get(&officer.cookie, &format!("/cases/by-alert/{serious}")).await;
    assert_eq!(to.header("location"), format!("/cases/{}", rows[0].id.0), "and back");
    end(&city, serious, later(6)).await;
    end(&city, notice, later(6)).await;
    assert_eq!(disposal.look(later(7)).await.expect("it looks"), Looked { opened: 0, ended: 1 });
    assert_eq!(disposal.look(later(8)).await.expect("it looks"), Looked::default());
    let view = read().await;
    assert_eq!(view.comments.len(), 1, "{:?}", view.comments);
    assert!(view.comments[0].note.contains("已于"), "{:?}", view.comments);
    assert!(view.case.is_open(), "a person still closes the case");
}

#[tokio::test]
async fn an_officer_opens_the_case_of_an_alert_by_hand() {
    on_both(by_hand).await;
}

async fn by_hand(city: City) {
    let disposal = disposal(&city).await;
    let id = alert(&city, &disposal, "notice", 1).await;
    let officer = city.in_county("wang", Role::CountyOfficer).await;
    let path = format!("/cases/by-alert/{id}");
    let page = city.get(&officer.cookie, &format!("{path}?lang=zh")).await;
    assert!(page.body.contains("登记告警处置"), "{}", page.body);
    let api = format!("/api/v1/cases/by-alert/{id}");
    let none = city.get(&officer.cookie, &api).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND, "it is no case yet");
    let opened = city.post(&officer.cookie, &path, &[]).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.body);
    let again = city.post(&officer.cookie, &path, &[]).await;
    assert_eq!(again.header("location"), opened.header("location"));
    let known = city.get(&officer.cookie, &api).await.json();
    assert_eq!(format!("/cases/{}", known["case"]), opened.header("location"));
    let once = crate::setup::send_json(&city, &officer.cookie, "POST", &api, &known).await;
    assert_eq!(once.status, StatusCode::OK, "{}", once.body);
    assert_eq!(once.json()["case"], known["case"]);
    rules(&city, "r1,,notice,,,,2020-01-01,,city order,official,\n").await;
    assert_eq!(disposal.look(later(1)).await.expect("it looks").opened, 0, "it has its case");
    assert_eq!(cases_of(&city).await.len(), 1);
    let operator = city.everywhere("ops", Role::Operator).await;
    assert_eq!(city.get(&operator.cookie, &path).await.status, StatusCode::FORBIDDEN);
    let leader = city.everywhere("leader", Role::Leader).await;
    assert_eq!(city.post(&leader.cookie, &path, &[]).await.status, StatusCode::FORBIDDEN);
    let none = city.get(&officer.cookie, "/cases/by-alert/999").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}
