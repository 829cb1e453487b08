//! The clocks of cases: what is due when, and what is told once.

use crate::common::{Town, after_days, after_hours, by, migrations, start};
use authority::Principal;
use cases::{CaseId, ClockState, EventKind, Ticked, WorkFilter, WorkList};
use jiff::Timestamp;

async fn told(town: &Town, at: Timestamp) -> (u32, u32, u32) {
    let Ticked { warned, overdue, escalated } = town.cases.tick(at).await.expect("a look");
    (warned, overdue, escalated)
}

async fn dispatched(town: &Town, duty: &Principal) -> CaseId {
    let id = town.complain("黑烟", start()).await.id;
    town.take(duty, id, "dispatch", &[], start()).await;
    id
}

#[tokio::test]
async fn each_thing_that_comes_to_pass_is_told_once() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        // Ten days from Tuesday the 24th end with Friday the 4th of December.
        let id = dispatched(&town, &people.duty).await;
        let due: Timestamp = "2026-12-04T16:00:00Z".parse().expect("a time");
        let view = town.view(&people.officer, id).await;
        assert_eq!((view.case.due_at, view.case.is_provisional), (Some(due), false));
        let hours_before_due = |hours: i64| due - jiff::SignedDuration::from_hours(hours);
        for (hours, wanted) in [
            (80, (0, 0, 0)),
            (72, (1, 0, 0)),
            (71, (0, 0, 0)),
            (23, (1, 0, 0)),
            (1, (0, 0, 0)),
            (0, (0, 1, 1)),
            (0, (0, 0, 0)),
            (-47, (0, 0, 0)),
            (-48, (0, 0, 1)),
            (-999, (0, 0, 0)),
        ] {
            let found = told(&town, hours_before_due(hours)).await;
            assert_eq!(found, wanted, "{hours} hours before the end");
        }
        let view = town.view(&people.officer, id).await;
        let kinds: Vec<(EventKind, &str)> =
            view.timeline[2..].iter().map(|event| (event.kind, event.about.as_str())).collect();
        let wanted = [
            (EventKind::Warned, "finish"),
            (EventKind::Warned, "finish"),
            (EventKind::Overdue, "finish"),
            (EventKind::Escalated, "finish leader"),
            (EventKind::Escalated, "finish superior_unit"),
        ];
        assert_eq!(kinds, wanted);
        assert!(view.case.was_late);
        assert_eq!(view.case.escalation, 2);
        let notices = async |principal: &Principal| {
            let user = crate::common::user(principal);
            let all = town.cases.notifications(user, None, 50).await.expect("notices");
            all.into_iter().map(|notice| notice.kind).collect::<Vec<_>>()
        };
        let of_leader = notices(&people.leader).await;
        assert!(of_leader.contains(&"escalated".to_owned()), "{of_leader:?}");
        assert_eq!(of_leader.last().map(String::as_str), Some("opened"));
        assert_eq!(notices(&people.duty).await, ["escalated"], "the city hears of the second");
        assert!(notices(&people.officer).await.contains(&"overdue".to_owned()));
        assert!(notices(&people.stranger).await.is_empty());
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_look_after_a_long_silence_tells_everything_at_once() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        for _ in 0..3 {
            dispatched(&town, &people.duty).await;
        }
        assert_eq!(told(&town, after_days(300)).await, (0, 3, 6));
        assert_eq!(told(&town, after_days(301)).await, (0, 0, 0));
        let late = WorkFilter::of(WorkList::Escalated);
        let page = town.cases.list(&people.leader, &late, after_days(301)).await.expect("a list");
        assert_eq!(page.rows.len(), 3);
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_stands_still_runs_out_later_and_an_extension_is_given_once() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let id = dispatched(&town, &people.duty).await;
        let clock = async || {
            let view = town.view(&people.officer, id).await;
            let clock = view.clocks.into_iter().find(|clock| clock.id == "finish");
            clock.expect("it is there")
        };
        let last_day = |at: Option<Timestamp>| {
            let at = at.expect("an end") - jiff::SignedDuration::from_secs(1);
            rulebook::beijing_offset().to_datetime(at).date().to_string()
        };
        assert_eq!(last_day(clock().await.due_at), "2026-12-04");
        town.take(&people.officer, id, "hold", &[], after_days(1)).await;
        let held = clock().await;
        assert_eq!((held.state, held.due_at), (ClockState::Suspended, None));
        let row = WorkFilter { is_open: Some(true), ..WorkFilter::of(WorkList::All) };
        let page = town.cases.list(&people.officer, &row, after_days(99)).await.expect("a list");
        assert!(!page.rows[0].is_overdue, "nothing is late while it stands still");
        assert_eq!(told(&town, after_days(50)).await, (0, 0, 0));
        town.take(&people.officer, id, "go_on", &[], after_days(4)).await;
        assert_eq!(last_day(clock().await.due_at), "2026-12-07", "three days were lost");
        town.take(&people.leader, id, "extend", &[], after_days(5)).await;
        let extended = clock().await;
        assert_eq!((last_day(extended.due_at).as_str(), extended.extensions), ("2026-12-12", 1));
        assert!(extended.proof.len() >= 4, "{:?}", extended.proof);
        let mut again = town.now(id, "extend").await;
        again.note = "再延".into();
        let refused = town.act(&people.leader, id, again, after_days(6)).await;
        let Err(error) = refused else { panic!("a second extension") };
        assert_eq!(error.code(), "case.extension_used");
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_clock_follows_the_day_in_its_field_and_the_enterprise_is_told_when_it_is_late() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let id = dispatched(&town, &people.duty).await;
        let asked = [("question", "为何"), ("explain_by", "2026-11-27")];
        town.take(&people.officer, id, "ask_enterprise", &asked, after_hours(1)).await;
        let view = town.view(&people.manager, id).await;
        let own: Vec<&str> = view.clocks.iter().map(|clock| clock.id.as_str()).collect();
        assert_eq!(own, ["explain"], "the enterprise sees its own clock alone");
        let due: Timestamp = "2026-11-27T16:00:00Z".parse().expect("a time");
        assert_eq!(view.case.due_at, Some(due));
        let overdue = WorkFilter::of(WorkList::Overdue);
        let late = async |at| {
            let page = town.cases.list(&people.manager, &overdue, at).await.expect("a list");
            page.rows.len()
        };
        assert_eq!(late(due - jiff::SignedDuration::from_hours(1)).await, 0);
        assert_eq!(late(due).await, 1);
        assert_eq!(told(&town, due).await, (0, 1, 0));
        let user = crate::common::user(&people.manager);
        let notices = town.cases.notifications(user, None, 10).await.expect("notices");
        assert_eq!(notices[0].kind, "overdue");
        assert_eq!(notices[0].what.zh, "时限届满:企业说明");
        town.take(&people.manager, id, "explain", &[("explanation", "检修")], after_days(9)).await;
        let view = town.view(&people.officer, id).await;
        let clock = view.clocks.iter().find(|clock| clock.id == "explain").expect("a clock");
        assert!(clock.is_overdue && clock.state == ClockState::Stopped && view.case.was_late);
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_stops_too_late_was_late_though_nobody_looked() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let in_time = town.complain("黑烟", start()).await.id;
        town.take(&people.duty, in_time, "dispatch", &[], after_days(3)).await;
        assert!(!town.view(&people.officer, in_time).await.case.was_late);
        let late = town.complain("黑烟", start()).await.id;
        town.take(&people.duty, late, "dispatch", &[], after_days(4)).await;
        assert!(town.view(&people.officer, late).await.case.was_late, "after Friday 24:00");
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_case_goes_on_by_the_declaration_under_which_it_was_opened() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let old = dispatched(&town, &people.duty).await;
        town.cases.close().await;
        let changed = crate::common::COMPLAINT.replace("version = 1", "version = 2").replace(
            "amount = 10\nunit = \"calendar_day\"",
            "amount = 20\nunit = \"calendar_day\"",
        );
        let kind = caseflow::CaseKind::parse("complaint.toml", &changed).expect("a sound kind");
        let cases = town.again(vec![kind]).await.expect("it opens");
        let new = crate::common::complaint("黑烟");
        let citizen = cases::By::Anonymous { address: "192.0.2.1" };
        let new = cases.open_case(&citizen, new, start()).await.expect("opened");
        assert_eq!(new.number, "TS-2026-000002", "numbers go on");
        let mut act = cases::Act::new("dispatch", 1);
        act.unit = Some(town.county);
        cases.take(&by(&people.duty), new.id, act, start()).await.expect("taken");
        let due = async |id| {
            let viewer = cases::Viewer::Person(&people.officer);
            let view = cases.case(&viewer, id, start()).await.expect("a view");
            (view.kind.version, view.case.due_at.expect("an end").to_string())
        };
        assert_eq!(due(old).await, (1, "2026-12-04T16:00:00Z".into()));
        assert_eq!(due(new.id).await, (2, "2026-12-14T16:00:00Z".into()));
        cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn kinds_with_words_that_nobody_knows_are_refused_at_the_start() {
    let test = testkit::sqlite(&migrations()).await;
    let town = Town::new(test.store.clone()).await;
    for (from, to, word) in [
        ("by = \"assign_case\"", "by = \"dance\"", "dance"),
        ("roles = [\"inspector\", \"county_officer\"]", "roles = [\"wizard\"]", "wizard"),
        ("prefix = \"TS\"", "prefix = \"WG\"", "WG"),
        ("id = \"complaint\"", "id = \"event\"", "event"),
    ] {
        let text = crate::common::COMPLAINT.replacen(from, to, 1);
        let kind = caseflow::CaseKind::parse("changed.toml", &text).expect("it can be read");
        let mut kinds = crate::common::kinds();
        kinds.remove(0);
        kinds.push(kind);
        let Err(cases::CaseError::Kinds(problems)) = town.again(kinds).await else {
            panic!("{to} is taken")
        };
        assert!(problems.iter().any(|line| line.contains(word)), "{problems:?}");
        assert!(problems.iter().any(|line| line.contains("changed.toml")), "{problems:?}");
    }
    town.cases.close().await;
}
