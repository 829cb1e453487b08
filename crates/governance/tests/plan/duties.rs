//! A duty's way: opened once for each unit, late when its day has passed, done with its proof.

use crate::city::{City, FIRST_DAY, city, migrations, now, set};
use authority::{Jurisdiction, OrganisationKind, Principal, Role};
use cases::{Act, By, CaseId, Upload, Viewer, Visibility};
use governance::cockpit::{overview, status};
use governance::duties::look;
use jiff::civil::date;
use serde_json::Value;

async fn plan(city: &City) -> Value {
    let seen = overview(&city.store, now()).await.expect("it is read").expect("a plan");
    status(&seen, &city.state.snapshot())
}

/// The case of a unit's duty, by what its fields say.
async fn case_of(city: &City, reader: &Principal, division: &str, duty: &str) -> CaseId {
    let filter = cases::WorkFilter {
        division: Some(division.into()),
        limit: 100,
        ..cases::WorkFilter::of(cases::WorkList::All)
    };
    let page = city.cases.list(reader, &filter, now()).await.expect("a list");
    for row in page.rows {
        let seen = city.cases.case(&Viewer::Person(reader), row.id, now()).await.expect("a case");
        if seen.case.fields.get("duty").is_some_and(|it| it == duty) {
            return row.id;
        }
    }
    panic!("no case of {duty} in {division}")
}

async fn version(city: &City, reader: &Principal, id: CaseId) -> i64 {
    city.cases.case(&Viewer::Person(reader), id, now()).await.expect("a case").case.version
}

#[tokio::test]
async fn a_quarters_study_opens_is_late_and_is_done_with_minutes() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store, "zhangzhou").await;
        let county = city.unit(OrganisationKind::County, "350603").await;
        let place = Jurisdiction::Division("350603".into());
        let (_, officer) = city.person("officer", Role::CountyOfficer, place, Some(county)).await;
        let (_, leader) = city.person("leader", Role::Leader, Jurisdiction::Everything, None).await;

        // Seventeen units study each quarter, sixteen report each year, and five duties of
        // departments have no day yet; each opens once.
        assert_eq!(look(&city.state).await.expect("looked"), 17 + 16 + 5);
        assert_eq!(look(&city.state).await.expect("looked"), 0);
        let before = plan(&city).await;
        assert_eq!(before["late_by_unit"], serde_json::json!([]));

        let study = "党委和政府主要负责人研究生态环境保护工作";
        let id = case_of(&city, &officer, "350603", study).await;
        let seen = city.cases.case(&Viewer::Person(&officer), id, now()).await.expect("it");
        assert_eq!(seen.case.responsible, Some(county));
        assert_eq!(seen.case.fields.get("due_on").map(String::as_str), Some("2026-12-31"));

        // The last day of the quarter is still in time, the day after is late; the case warns and
        // is escalated.
        set(date(2026, 12, 31));
        assert_eq!(plan(&city).await["late_by_unit"], serde_json::json!([]));
        city.cases.tick(now()).await.expect("ticked");
        set(date(2027, 1, 1));
        city.cases.tick(now()).await.expect("ticked");
        let late = plan(&city).await;
        let of_county = |plan: &Value| {
            let units = plan["late_by_unit"].as_array().expect("units").clone();
            units.iter().find(|it| it["unit"] == "350603").map(|it| it["late"].clone())
        };
        assert_eq!(of_county(&late), Some(1.into()), "{:#}", late["late_by_unit"]);
        assert_eq!(late["measures"][0]["state"], "late");
        let seen = city.cases.case(&Viewer::Person(&officer), id, now()).await.expect("it");
        assert!(seen.case.was_late && seen.case.escalation > 0, "{:?}", seen.case);

        // Without attendees and a file it is not taken; with them it is, and another confirms.
        let by = By::Person { principal: &officer, address: "10.0.0.9" };
        let mut act = Act::new("hand_in_meeting", version(&city, &officer, id).await);
        act.fields.insert("done_on".into(), "2027-01-01".into());
        act.fields.insert("topics".into(), "大气".into());
        assert!(city.cases.take(&by, id, act.clone(), now()).await.is_err(), "no proof");
        let upload = Upload {
            name: "minutes.txt".into(),
            bytes: "会议纪要".as_bytes().to_vec(),
            visibility: Visibility::Internal,
        };
        let file = city.cases.attach(&by, id, upload, now()).await.expect("attached");
        act.version = version(&city, &officer, id).await;
        act.fields.insert("attendees".into(), "书记、区长".into());
        act.evidence = vec![file];
        city.cases.take(&by, id, act, now()).await.expect("handed in");
        let mut accept = Act::new("accept", version(&city, &officer, id).await);
        accept.fields.insert("checked".into(), "佐证齐全".into());
        let own = city.cases.take(&by, id, accept.clone(), now()).await;
        assert!(own.is_err(), "nobody confirms their own work");
        let other = By::Person { principal: &leader, address: "10.0.0.9" };
        city.cases.take(&other, id, accept, now()).await.expect("confirmed");

        // A new quarter and year have begun: what they ask for is opened beside.
        assert_eq!(look(&city.state).await.expect("looked"), 17 + 16 + 5);
        let done = plan(&city).await;
        assert_eq!(of_county(&done), None, "{:#}", done["late_by_unit"]);
        let leads = city.sign_in(&leader).await;
        let page = city.get("/plan/duties?unit=350603&lang=en", &leads).await;
        assert!(page.body.contains("done late"), "{}", page.body);
    })
    .await;
}

#[tokio::test]
async fn a_leader_sets_the_day_that_the_document_left_open_and_no_other() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, "zhangzhou").await;
    look(&city.state).await.expect("looked");
    let here = Jurisdiction::Division("350603".into());
    let (_, officer) = city.person("officer", Role::CountyOfficer, here, None).await;
    let (_, leader) = city.person("leader", Role::Leader, Jurisdiction::Everything, None).await;
    let stated = "党委和政府主要负责人研究生态环境保护工作";
    let open = "向上级党委和政府报告生态环境保护工作情况";
    let set_day = async |who: &Principal, duty: &str| {
        let id = case_of(&city, who, "350603", duty).await;
        let mut act = Act::new("set_day", version(&city, who, id).await);
        act.fields.insert("due_on".into(), "2026-12-10".into());
        act.fields.insert("due_rule".into(), "市通知".into());
        act.note = "按市通知".into();
        let by = By::Person { principal: who, address: "10.0.0.9" };
        city.cases.take(&by, id, act, now()).await
    };
    assert!(set_day(&leader, stated).await.is_err(), "the document names the day");
    assert!(set_day(&officer, open).await.is_err(), "the unit does not set its own day");
    set_day(&leader, open).await.expect("the leader sets it");
    look(&city.state).await.expect("looked");
    set(date(2026, 12, 11));
    let late = plan(&city).await["late_by_unit"].clone();
    assert_eq!(
        late,
        serde_json::json!([
            { "unit": "350603", "zh": "龙文区", "en": "Longwen District", "late": 1 }
        ])
    );
}

#[tokio::test]
async fn a_day_that_nobody_has_set_makes_nobody_late() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, "zhangzhou").await;
    look(&city.state).await.expect("looked");
    set(date(2027, 3, 1));
    let (leads, _) = city.person("leader", Role::Leader, Jurisdiction::Everything, None).await;
    let late = plan(&city).await;
    // Only the studies of the last quarter, whose end the document names.
    let all = late["measures"][0]["duties_late"].as_array().expect("late").clone();
    assert_eq!(all.len(), 17);
    assert!(all.iter().all(|it| it["duty"] == "quarterly_study"), "{all:#?}");
    let page = city.get("/plan/duties?lang=en", &leads).await;
    assert!(page.body.contains("Duties without a day"));
    assert_ne!(FIRST_DAY, date(2027, 3, 1));
}
