//! People from their first link to their last session, on both databases.

use authority::{
    Action, Actor, Attempt, AuditFilter, Authority, AuthorityError, Jurisdiction, MIGRATIONS,
    NewOrganisation, NewUser, OrganisationKind, Origin, PasswordProblem, Purpose, Role,
    SharedSecret, Subject, UserId, decide,
};
use jiff::{SignedDuration, Timestamp};
use sha2::Digest as _;
use store::Store;

const GOOD: &str = "green rivers every day";

fn start() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

fn after(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

fn origin() -> Origin {
    Origin { address: "192.0.2.7".into(), agent: "test".into() }
}

async fn opened(store: &Store) -> Authority {
    Authority::open(store, start()).await.expect("it opens").0
}

async fn person(authority: &Authority, login: &str) -> UserId {
    let new = NewUser { login: login.into(), name: login.to_uppercase(), organisation: None };
    let actor = Actor::console();
    let user = authority.add_user(&actor, &new, start()).await.expect("they are added");
    let link = authority.make_link(&actor, user, Purpose::Password, start()).await.expect("a link");
    let attempt = authority.follow_link(&link, GOOD, &origin(), start()).await.expect("it works");
    assert!(matches!(attempt, Attempt::In(_)));
    user
}

async fn secret_of(authority: &Authority, login: &str, at: Timestamp) -> String {
    match authority.sign_in(login, GOOD, &origin(), at).await.expect("it works") {
        Attempt::In(begun) => begun.secret,
        other => panic!("{login} is not let in: {other:?}"),
    }
}

#[tokio::test]
async fn a_token_is_shown_once_and_holds_over_a_restart() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let (authority, shown) = Authority::open(&store, start()).await.expect("it opens");
        let token = shown.expect("the first start shows a token");
        let role = |authority: Authority, token: String| async move {
            let found = authority.verify(&token, start()).await.expect("the store answers");
            found.map(|principal| principal.grants[0].role)
        };
        assert_eq!(role(authority.clone(), token.clone()).await, Some(Role::Operator));
        assert_eq!(role(authority.clone(), "lucid-wrong".into()).await, None);
        assert_eq!(role(authority, String::new()).await, None);
        let (again, shown) = Authority::open(&store, start()).await.expect("it opens again");
        assert_eq!(shown, None);
        assert!(role(again.clone(), token.clone()).await.is_some());
        let observer = again.issue(&store, Role::Observer, start()).await.expect("a token");
        assert_eq!(role(again.clone(), observer).await, Some(Role::Observer));
        let newer = again.rotate(&store, Role::Operator, start()).await.expect("a token");
        assert_eq!(role(again.clone(), token).await, None);
        assert_eq!(role(again, newer).await, Some(Role::Operator));
    })
    .await;
}

#[tokio::test]
async fn the_first_administrator_begins_with_a_link_and_no_password() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let authority = opened(&store).await;
        let link = authority.first_administrator(start()).await.expect("it works");
        let link = link.expect("nobody is there yet");
        assert_eq!(authority.first_administrator(start()).await.expect("it works"), None);
        for guess in ["", "admin", "administrator", "password"] {
            let attempt = authority.sign_in("administrator", guess, &origin(), start()).await;
            assert!(matches!(attempt, Ok(Attempt::Wrong)), "{guess}");
        }
        let weak = authority.follow_link(&link, "administrator", &origin(), start()).await;
        assert!(matches!(weak, Err(AuthorityError::Password(PasswordProblem::WellKnown))));
        let late = authority.look_at_link(&link, after(24 * 3600)).await.expect("it works");
        assert_eq!(late, None, "a link ends");
        let attempt = authority.follow_link(&link, GOOD, &origin(), start()).await;
        let Ok(Attempt::In(begun)) = attempt else { panic!("not let in: {attempt:?}") };
        let again = authority.follow_link(&link, GOOD, &origin(), start()).await;
        assert!(matches!(again, Ok(Attempt::Wrong)), "a link works once");
        let (_, principal) =
            authority.session(&begun.secret, start()).await.expect("it works").expect("it lives");
        let everything = Subject::installation();
        assert!(decide(&principal, Action::ManageUsers, &everything).is_allowed());
        assert!(!decide(&principal, Action::ReadPersonalData, &everything).is_allowed());
    })
    .await;
}

#[tokio::test]
async fn wrong_passwords_lock_a_name_for_longer_each_time() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let authority = opened(&store).await;
        person(&authority, "li.na").await;
        for login in ["li.na", "nobody"] {
            let at = |attempt: i64| after(attempt);
            for attempt in 0..5 {
                let found = authority.sign_in(login, "wrong", &origin(), at(attempt)).await;
                assert!(matches!(found, Ok(Attempt::Wrong)), "{login} {attempt}");
            }
            let sixth = authority.sign_in(login, "wrong", &origin(), at(5)).await;
            let Ok(Attempt::Locked(until)) = sixth else { panic!("{login}: {sixth:?}") };
            assert_eq!(until, after(35), "whether or not somebody has the name");
            let right = authority.sign_in(login, GOOD, &origin(), after(34)).await;
            assert!(matches!(right, Ok(Attempt::Locked(_))), "not even the right one: {login}");
            let seventh = authority.sign_in(login, "wrong", &origin(), after(36)).await;
            let Ok(Attempt::Locked(until)) = seventh else { panic!("{login}: {seventh:?}") };
            assert_eq!(until, after(96), "twice as long");
        }
        secret_of(&authority, "li.na", after(97)).await;
        let forgiven = authority.sign_in("li.na", "wrong", &origin(), after(98)).await;
        assert!(matches!(forgiven, Ok(Attempt::Wrong)), "the right one begins the count anew");
        let filter = AuditFilter { action: "user.lock".into(), ..AuditFilter::default() };
        assert_eq!(authority.audit(&filter, None, 10).await.expect("records").len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_a_code_works_once() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let authority = opened(&store).await;
        let user = person(&authority, "wang").await;
        let shared = SharedSecret::random().expect("random bytes");
        let set = async |password: &'static str, code: String| {
            let given = (&shared, code.as_str());
            authority.set_second_factor(user, password, given, &origin(), start()).await
        };
        let code = shared.code_at(start());
        let wrong = set("not the password", code.clone()).await;
        assert!(matches!(wrong, Err(AuthorityError::WrongPassword)));
        assert!(matches!(set(GOOD, "000".into()).await, Err(AuthorityError::WrongCode)));
        let recovery = set(GOOD, code.clone()).await.expect("it is set");
        assert_eq!(recovery.len(), 10);

        let ticket = async |at| match authority.sign_in("wang", GOOD, &origin(), at).await {
            Ok(Attempt::SecondFactor(ticket)) => ticket,
            other => panic!("no second factor is asked for: {other:?}"),
        };
        let first = ticket(after(1)).await;
        let same = authority.second_factor(&first, &code, &origin(), after(1)).await;
        assert!(matches!(same, Ok(Attempt::Wrong)), "a code works once");
        let next = shared.code_at(after(60));
        let right = authority.second_factor(&first, &next, &origin(), after(60)).await;
        assert!(matches!(right, Ok(Attempt::In(_))));
        let used = authority.second_factor(&first, &recovery[0], &origin(), after(61)).await;
        assert!(matches!(used, Ok(Attempt::Wrong)), "a ticket works once");

        let second = ticket(after(100)).await;
        let late = authority.second_factor(&second, &recovery[0], &origin(), after(401)).await;
        assert!(matches!(late, Ok(Attempt::Wrong)), "a ticket ends after five minutes");
        let third = ticket(after(500)).await;
        let spaced = recovery[0].to_lowercase().replace('-', " ");
        let right = authority.second_factor(&third, &spaced, &origin(), after(500)).await;
        assert!(matches!(right, Ok(Attempt::In(_))));
        assert_eq!(authority.recovery_codes_left(user).await.expect("a count"), 9);
        let fourth = ticket(after(600)).await;
        let again = authority.second_factor(&fourth, &recovery[0], &origin(), after(600)).await;
        assert!(matches!(again, Ok(Attempt::Wrong)), "a recovery code works once");

        let reset = authority.reset(&Actor::console(), user, after(700)).await.expect("a link");
        let chosen = "another heron at dawn";
        let attempt = authority.follow_link(&reset, chosen, &origin(), after(701)).await;
        assert!(matches!(attempt, Ok(Attempt::In(_))), "the second factor is gone as well");
    })
    .await;
}

#[tokio::test]
async fn sessions_end_when_idle_when_old_when_ended_and_when_disabled() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let authority = opened(&store).await;
        let user = person(&authority, "chen").await;
        let lives = async |secret: &str, at| {
            authority.session(secret, at).await.expect("the store answers").is_some()
        };
        let hour = 3600;
        let idle = secret_of(&authority, "chen", start()).await;
        assert!(lives(&idle, after(2 * hour - 1)).await);
        assert!(lives(&idle, after(4 * hour - 2)).await, "a look keeps it");
        assert!(!lives(&idle, after(6 * hour - 2)).await, "idle for two hours");
        let busy = secret_of(&authority, "chen", start()).await;
        for hours in 1..12 {
            assert!(lives(&busy, after(hours * hour)).await);
        }
        assert!(!lives(&busy, after(12 * hour)).await, "twelve hours, however busy");
        assert!(!lives("wrong", start()).await);

        let (here, there) = (
            secret_of(&authority, "chen", start()).await,
            secret_of(&authority, "chen", start()).await,
        );
        let (id, _) = authority.session(&here, start()).await.expect("it works").expect("it lives");
        let actor = Actor::console();
        assert!(authority.devices_of(user, start()).await.expect("a list").len() >= 2);
        authority.end_other_sessions(user, &actor, Some(id), start()).await.expect("they end");
        assert!(lives(&here, start()).await && !lives(&there, start()).await);
        let other = person(&authority, "zhao").await;
        let taken = authority.end_session(other, &actor, id, start()).await.expect("it works");
        assert!(!taken, "nobody ends the session of another");
        authority.set_disabled(&actor, user, true, start()).await.expect("disabled");
        assert!(!lives(&here, start()).await);
        let attempt = authority.sign_in("chen", GOOD, &origin(), start()).await;
        assert!(matches!(attempt, Ok(Attempt::Wrong)));
        authority.set_disabled(&actor, user, false, start()).await.expect("enabled");
        secret_of(&authority, "chen", start()).await;
        let changed = ("wrong", "another heron at dawn");
        let refused = authority.change_password(user, None, changed, &origin(), start()).await;
        assert!(matches!(refused, Err(AuthorityError::WrongPassword)));
        let changed = (GOOD, "another heron at dawn");
        let done = authority.change_password(user, None, changed, &origin(), start()).await;
        assert!(done.is_ok(), "{done:?}");
        assert!(authority.devices_of(user, start()).await.expect("a list").is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_users_token_is_limited_to_its_actions_its_days_and_its_user() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let authority = opened(&store).await;
        authority.know_divisions([("LOCAL-Z".to_owned(), Some("350603".to_owned()))]);
        let (user, actor) = (person(&authority, "lin").await, Actor::console());
        let longwen = Jurisdiction::Division("350603".into());
        let granted = authority.grant(&actor, user, Role::CountyOfficer, &longwen, start()).await;
        assert!(granted.expect("granted"));
        let issue = async |scopes: &[Action], days| {
            authority.issue_for(user, &actor, "a program", scopes, days, start()).await
        };
        assert!(issue(&[], 7).await.is_err() && issue(&[Action::ReadCase], 367).await.is_err());
        let token = issue(&[Action::ReadCase], 7).await.expect("a token");
        let who = async |at| authority.verify(&token, at).await.expect("the store answers");
        let principal = who(start()).await.expect("it holds");
        let zone = Subject::installation().in_division("LOCAL-Z");
        assert!(decide(&principal, Action::ReadCase, &zone).is_allowed());
        assert!(!decide(&principal, Action::AssignCase, &zone).is_allowed(), "not in its scope");
        let elsewhere = Subject::installation().in_division("350602");
        assert!(!decide(&principal, Action::ReadCase, &elsewhere).is_allowed());
        assert_eq!(who(after(7 * 86_400)).await, None, "it ends");
        authority.revoke(&actor, user, Role::CountyOfficer, &longwen, start()).await.expect("gone");
        let less = who(start()).await.expect("it holds");
        assert!(!decide(&less, Action::ReadCase, &zone).is_allowed(), "less than its user's");
        authority.set_disabled(&actor, user, true, start()).await.expect("disabled");
        assert_eq!(who(start()).await, None);
        authority.set_disabled(&actor, user, false, start()).await.expect("enabled");
        let id = authority.tokens_of(user).await.expect("a list")[0].id;
        assert!(authority.withdraw_token(user, &actor, id, start()).await.expect("withdrawn"));
        assert_eq!(who(start()).await, None);
    })
    .await;
}

#[tokio::test]
async fn organisations_form_a_tree_that_jurisdictions_follow() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let (authority, actor) = (opened(&store).await, Actor::console());
        let add = async |kind, code: &str, parent| {
            let (name_zh, name_en) = (format!("{code}名"), code.to_owned());
            let new = NewOrganisation { parent, kind, code: code.into(), name_zh, name_en };
            authority.add_organisation(&actor, &new, start()).await
        };
        let city = add(OrganisationKind::City, "350600", None).await.expect("added");
        let county = add(OrganisationKind::County, "350603", Some(city)).await.expect("added");
        let town = add(OrganisationKind::Town, "350603101", Some(county)).await.expect("added");
        let same = add(OrganisationKind::Town, "350603101", Some(county)).await.expect("known");
        assert_eq!(town, same);
        assert!(add(OrganisationKind::Enterprise, "E", Some(city)).await.is_err());
        assert!(add(OrganisationKind::Bank, "B", None).await.is_ok());
        let user = person(&authority, "huang").await;
        let place = Jurisdiction::Organisation(county);
        authority.grant(&actor, user, Role::Leader, &place, start()).await.expect("granted");
        let principal = authority.principal(user).await.expect("it works").expect("enabled");
        let may = |id| {
            let subject = Subject::installation().of_organisation(id);
            decide(&principal, Action::ReadCase, &subject).is_allowed()
        };
        assert!(may(county) && may(town) && !may(city));
        let nowhere = Jurisdiction::Organisation(authority::OrganisationId(9999));
        let refused = authority.grant(&actor, user, Role::Leader, &nowhere, start()).await;
        assert!(matches!(refused, Err(AuthorityError::Input(..))));
    })
    .await;
}

#[tokio::test]
async fn an_identity_lets_in_only_whom_it_is_tied_to() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let (authority, actor) = (opened(&store).await, Actor::console());
        let user = person(&authority, "sun").await;
        let issuer = "https://sso.example";
        let enter = async |issuer: &str, subject: &str| {
            let begun = authority.sign_in_by_identity(issuer, subject, &origin(), start()).await;
            begun.expect("the store answers").map(|begun| begun.user)
        };
        assert_eq!(enter(issuer, "42").await, None);
        let tie =
            async |subject| authority.tie_identity(&actor, user, (issuer, subject), start()).await;
        assert!(tie("42").await.expect("tied"));
        assert!(!tie("42").await.expect("known"));
        assert_eq!(enter(issuer, "42").await, Some(user));
        assert_eq!(enter("https://other.example", "42").await, None);
        authority.set_disabled(&actor, user, true, start()).await.expect("disabled");
        assert_eq!(enter(issuer, "42").await, None);
    })
    .await;
}

#[tokio::test]
async fn every_change_of_people_leaves_a_record_with_before_and_after() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let authority = opened(&store).await;
        let user = person(&authority, "wu").await;
        let actor = Actor { rule: "administrator@everything".into(), ..Actor::console() };
        authority.set_disabled(&actor, user, true, after(10)).await.expect("disabled");
        let subject = format!("user {}", user.0);
        let filter = AuditFilter { subject, ..AuditFilter::default() };
        let records = authority.audit(&filter, None, 100).await.expect("records");
        let actions: Vec<&str> = records.iter().map(|record| record.action.as_str()).collect();
        let wanted = ["user.disable", "session.begin", "user.password", "user.link", "user.add"];
        assert_eq!(actions, wanted);
        assert_eq!(records[0].before.as_deref(), Some(r#"{"disabled":false}"#));
        assert_eq!(records[0].after.as_deref(), Some(r#"{"disabled":true}"#));
        assert_eq!(records[0].rule, "administrator@everything");
        let more = authority.audit(&filter, Some(records[1].id), 2).await.expect("records");
        assert_eq!(more.first().map(|record| record.action.as_str()), Some("user.password"));
        let late = AuditFilter { from: Some(after(10)), ..filter.clone() };
        assert_eq!(authority.audit(&late, None, 100).await.expect("records").len(), 1);
        let hostile = AuditFilter { action: "%_\\'".into(), ..AuditFilter::default() };
        assert!(authority.audit(&hostile, None, 100).await.expect("records").is_empty());
        for record in &records {
            let text = format!("{record:?}");
            assert!(!text.contains(GOOD) && !text.contains("argon2"), "no secret: {text}");
        }
    })
    .await;
}

#[tokio::test]
async fn one_link_used_twice_at_once_lets_in_once() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let (authority, actor) = (opened(&store).await, Actor::console());
        let user = person(&authority, "zhou").await;
        let link = authority.make_link(&actor, user, Purpose::SignIn, start()).await.expect("it");
        let origin = origin();
        let (one, two) = tokio::join!(
            authority.follow_link(&link, "", &origin, start()),
            authority.follow_link(&link, "", &origin, start()),
        );
        let let_in =
            [one, two].into_iter().filter(|attempt| matches!(attempt, Ok(Attempt::In(_)))).count();
        assert_eq!(let_in, 1);
        let wrong = NewUser { login: "Zhou Wei".into(), name: "Z".into(), organisation: None };
        assert!(authority.add_user(&actor, &wrong, start()).await.is_err());
        let taken = NewUser { login: "zhou".into(), name: "Z".into(), organisation: None };
        let refused = authority.add_user(&actor, &taken, start()).await;
        assert!(matches!(refused, Err(AuthorityError::Taken(_))));
    })
    .await;
}

#[tokio::test]
async fn tokens_of_an_older_store_still_hold() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("lucid.sqlite").display());
    let older = Store::open(&url, &MIGRATIONS[..1]).await.expect("the older schema");
    let token = "lucid-from-before";
    let mut transaction = older.begin().await.expect("a transaction");
    sqlx::query("INSERT INTO authority_token (digest, role, issued_at) VALUES ($1, $2, $3)")
        .bind(sha2::Sha256::digest(token.as_bytes()).to_vec())
        .bind("operator")
        .bind(1_i64)
        .execute(&mut *transaction)
        .await
        .expect("the older row");
    transaction.commit().await.expect("it is kept");
    older.close().await;
    let store = Store::open(&url, MIGRATIONS).await.expect("it is brought up");
    let (authority, shown) = Authority::open(&store, start()).await.expect("it opens");
    assert_eq!(shown, None, "there is a token already");
    let principal = authority.verify(token, start()).await.expect("the store answers");
    assert_eq!(principal.map(|one| one.grants[0].role), Some(Role::Operator));
    store.close().await;
}
