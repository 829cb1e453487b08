//! The way of a case: who acts, what stands where, what happens once.

use crate::common::{Town, after_days, after_hours, by, complaint, migrations, start};
use cases::{Act, CaseError, EventKind, SeenAs, Upload, Viewer, Visibility};

#[tokio::test]
async fn a_complaint_goes_its_way_and_each_step_is_in_timeline_and_audit() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let opened = town.complain("夜间冒黑烟,气味刺鼻", start()).await;
        assert_eq!(opened.number, "TS-2026-000001");
        assert!(opened.is_new && opened.follow_code.is_some());
        let id = opened.id;
        town.take(&people.duty, id, "dispatch", &[], after_hours(1)).await;
        let photo = Upload {
            name: "烟.txt".into(),
            bytes: "现场记录".as_bytes().to_vec(),
            visibility: Visibility::Internal,
        };
        let file = town.cases.attach(&by(&people.inspector), id, photo, after_hours(2)).await;
        let file = file.expect("attached");
        let mut visit = town.now(id, "visit").await;
        visit.fields.insert("found".into(), "烟囱冒烟".into());
        visit.evidence = vec![file];
        town.act(&people.inspector, id, visit, after_hours(3)).await.expect("visited");
        let asked = [("question", "为何冒烟"), ("explain_by", "2026-11-30")];
        town.take(&people.officer, id, "ask_enterprise", &asked, after_hours(4)).await;
        town.take(&people.manager, id, "explain", &[("explanation", "设备检修")], after_days(1))
            .await;
        town.take(&people.officer, id, "reply", &[("reply", "已责令整改")], after_days(2)).await;
        town.take(&people.second, id, "close", &[], after_days(3)).await;
        town.take(&people.leader, id, "publish", &[("summary", "属实,已整改")], after_days(4))
            .await;
        let view = town.view(&people.officer, id).await;
        assert_eq!((view.seen_as, view.case.state.as_str()), (SeenAs::Officer, "closed"));
        assert_eq!(view.state.zh, "已办结");
        assert!(!view.case.was_late && view.case.due_at.is_none());
        assert_eq!(view.case.closed_at, Some(after_days(3)));
        let steps: Vec<(EventKind, &str)> =
            view.timeline.iter().map(|event| (event.kind, event.about.as_str())).collect();
        let act = EventKind::Act;
        let wanted = [
            (EventKind::Opened, ""),
            (act, "dispatch"),
            (EventKind::Attached, "1"),
            (act, "visit"),
            (act, "ask_enterprise"),
            (act, "explain"),
            (act, "reply"),
            (act, "close"),
            (act, "publish"),
        ];
        assert_eq!(steps, wanted);
        assert_eq!(view.evidence[0].sequence, view.timeline[3].sequence, "it came with the visit");
        let reply = view.timeline[6].reply.as_ref().expect("an official reply");
        assert_eq!(reply.zh, "TS-2026-000001：已责令整改");
        let filter = authority::AuditFilter {
            subject: format!("case {}", opened.number),
            ..authority::AuditFilter::default()
        };
        let records = town.authority.audit(&filter, None, 100).await.expect("records");
        let actions: Vec<&str> =
            records.iter().rev().map(|record| record.action.as_str()).collect();
        let mut wanted = vec!["case.open"];
        wanted.extend(["case.act", "case.attach"]);
        wanted.extend(["case.act"; 6]);
        assert_eq!(actions, wanted);
        for record in &records {
            let text = format!("{record:?}");
            for secret in ["13800001234", "林小明", "蓝田镇5号"] {
                assert!(!text.contains(secret), "no personal data: {text}");
            }
        }
        assert_eq!(records[0].rule, "leader@division 350603");
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn of_two_officers_at_once_one_wins_and_the_other_is_told_who_did_what() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let id = town.complain("黑烟", start()).await.id;
        let act = Act { unit: Some(town.county), ..town.now(id, "dispatch").await };
        let (one, other) = tokio::join!(
            town.act(&people.officer, id, act.clone(), after_hours(1)),
            town.act(&people.second, id, act.clone(), after_hours(1)),
        );
        let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
        assert_eq!(won.expect("one wins").version, 2);
        let Err(CaseError::Conflict(conflict)) = lost else { panic!("no conflict: {lost:?}") };
        assert_eq!(conflict.what.zh, "交办");
        assert_eq!((conflict.version, conflict.at), (2, after_hours(1)));
        assert!(["officer", "second"].contains(&conflict.who.as_str()));
        let text = conflict.text().zh;
        assert!(text.contains("2026-11-24 10:00:00") && text.contains("TS-2026-000001"), "{text}");
        let view = town.view(&people.auditor, id).await;
        assert_eq!(view.timeline.len(), 2, "nothing of the other stands anywhere");
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_phone_that_sends_twice_opens_and_acts_once() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let mut new = complaint("黑烟");
        new.origin_key = Some("a-long-key-of-the-phone-1".into());
        let citizen = cases::By::Anonymous { address: "192.0.2.1" };
        let open = async |new: &cases::NewCase| {
            town.cases.open_case(&citizen, new.clone(), start()).await.expect("opened")
        };
        let (first, second) = tokio::join!(open(&new), open(&new));
        assert_eq!((first.id, &first.number), (second.id, &second.number));
        assert_ne!(first.is_new, second.is_new);
        assert_eq!(first.follow_code, second.follow_code, "the lost answer comes again");
        new.origin_key = Some("short".into());
        open(&new).await;
        let again = open(&new).await;
        assert_eq!(again.follow_code, None, "a key that may be guessed gives no code");
        assert!(!again.is_new);

        let mut act = town.now(first.id, "dispatch").await;
        act.unit = Some(town.county);
        act.action_key = Some("act-1".into());
        let once = town.act(&people.duty, first.id, act.clone(), after_hours(1)).await;
        let twice = town.act(&people.duty, first.id, act.clone(), after_hours(2)).await;
        let (once, twice) = (once.expect("taken"), twice.expect("taken before"));
        assert!(once.is_new && !twice.is_new);
        assert_eq!((once.sequence, once.version), (twice.sequence, twice.version));
        let other = town.act(&people.officer, first.id, act, after_hours(2)).await;
        assert!(matches!(other, Err(CaseError::Conflict(_))), "another's key is another key");
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_done_without_a_network_stands_with_its_time_beside_the_clocks_time() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        for (done, kept) in [
            (after_hours(3), Some(after_hours(3))),
            (after_hours(-5), Some(start())),
            (after_hours(99), None),
        ] {
            let id = town.complain("黑烟", start()).await.id;
            let mut act = town.now(id, "dispatch").await;
            act.unit = Some(town.county);
            act.happened_at = Some(done);
            town.act(&people.duty, id, act, after_hours(5)).await.expect("taken");
            let view = town.view(&people.auditor, id).await;
            let last = view.timeline.last().expect("an entry");
            assert_eq!((last.at, last.happened_at), (after_hours(5), kept));
            let clock = view.clocks.iter().find(|clock| clock.id == "finish").expect("a clock");
            assert_eq!(clock.started_at, after_hours(5), "a phone does not set the clocks back");
        }
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_public_comment_is_for_the_parties_and_an_empty_one_for_nobody() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let id = town.complain("黑烟", start()).await.id;
        let say = async |principal, text: &str, is_public| {
            town.cases.comment(&by(principal), id, text, is_public, after_hours(1)).await
        };
        assert!(matches!(say(&people.officer, "  ", true).await, Err(CaseError::Input(_))));
        say(&people.officer, "内部意见", false).await.expect("said");
        say(&people.officer, "请耐心等待", true).await.expect("said");
        let refused = say(&people.auditor, "不该说", false).await;
        assert!(matches!(refused, Err(CaseError::Denied(_))), "{refused:?}");
        let outside = say(&people.stranger, "不该说", false).await;
        assert!(matches!(outside, Err(CaseError::Unknown)), "{outside:?}");
        let texts = async |viewer: Viewer<'_>| {
            let view = town.cases.case(&viewer, id, start()).await.expect("a view");
            view.comments.into_iter().map(|event| event.note).collect::<Vec<_>>()
        };
        assert_eq!(texts(Viewer::Person(&people.officer)).await, ["内部意见", "请耐心等待"]);
        assert_eq!(texts(Viewer::Reporter(id)).await, ["请耐心等待"]);
        let version = town.view(&people.officer, id).await.case.version;
        assert_eq!(version, 1, "a comment is no conflict for who acts");
        town.cases.close().await;
    })
    .await;
}
