//! Who asks sees what the pages show them, and leaves a record.

use super::city::{City, migrations};
use authority::{Action, AuditFilter, Jurisdiction, Role};
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_those_of_ones_jurisdiction_and_every_question_is_recorded() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::new(store).await;
        let everywhere = Jurisdiction::Everything;
        let asks = [Action::QueryData, Action::ReadAlerts];
        let auditor = city.token("auditor", Role::Auditor, &everywhere, &asks).await;
        let question = "SELECT alert, division FROM alert";
        let all = city.ask_as(&auditor, question).await.expect("an answer").rows;
        assert!(!all.is_empty(), "the city has alerts");
        let divisions: BTreeSet<String> = all.iter().filter_map(|row| row[1].clone()).collect();
        assert!(divisions.len() > 1, "in several divisions: {divisions:?}");
        for (number, division) in divisions.iter().enumerate() {
            let county = Jurisdiction::Division(division.clone());
            let login = format!("county-{number}");
            let token = city.token(&login, Role::CountyOfficer, &county, &asks).await;
            let own = city.ask_as(&token, question).await.expect("an answer").rows;
            let expected = all.iter().filter(|row| row[1].as_ref() == Some(division)).count();
            assert_eq!(own.len(), expected, "{division}");
            assert!(own.iter().all(|row| row[1].as_ref() == Some(division)), "{own:?}");
            // Values stand on public pages.
            let values = "SELECT count(*) > 0 FROM observation WHERE period = 'day' \
                          OR division <> 'nowhere'";
            let values = city.ask_as(&token, values).await.expect("an answer").rows;
            assert_eq!(values, [[Some("true".to_owned())]]);
        }
        let alone = city.token("program", Role::Auditor, &everywhere, &[Action::QueryData]).await;
        let nothing = city.ask_as(&alone, question).await.expect("an answer").rows;
        assert!(nothing.is_empty(), "a token for SQL alone reads no alerts");
        let wrong = city.ask_as(&alone, "SELECT nothing FROM alert").await;
        assert!(wrong.is_err());
        let filter = AuditFilter { action: "sql.query".into(), ..AuditFilter::default() };
        let records = city.authority.audit(&filter, None, 200).await.expect("records");
        assert_eq!(records.len(), 3 + 2 * divisions.len());
        let last = records[0].after.as_deref().expect("what was asked");
        assert!(last.contains("SELECT nothing FROM alert") && last.contains("sql.wrong"), "{last}");
        assert_eq!(records[0].who, "program");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_whoever_holds_the_duty_may_ask() {
    let store = testkit::sqlite(&migrations()).await;
    let city = City::new(store.store.clone()).await;
    let place = Jurisdiction::Everything;
    for (role, may) in [(Role::Auditor, true), (Role::Observer, false), (Role::Inspector, false)] {
        let token = city
            .token(
                &role.as_str().replace('_', "-"),
                role,
                &place,
                &[Action::QueryData, Action::ReadAlerts],
            )
            .await;
        let principal = city.authority.verify(&token, super::city::now()).await;
        let principal = principal.expect("looked up").expect("a token that holds");
        assert_eq!(operations::sql::asker(&principal, "test").is_some(), may, "{role:?}");
    }
    let token = city.token("reader", Role::Auditor, &place, &[Action::ReadAlerts]).await;
    let principal = city.authority.verify(&token, super::city::now()).await;
    let principal = principal.expect("looked up").expect("a token that holds");
    assert!(operations::sql::asker(&principal, "test").is_none(), "a token for other actions");
}
