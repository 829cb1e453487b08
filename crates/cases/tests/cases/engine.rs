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

#[tokio::test]
async fn two_programs_on_one_store_share_numbers_and_have_one_winner() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let other = town.again(crate::common::kinds()).await.expect("it opens");
        let engines = [town.cases.clone(), other.clone()];
        let mut tasks = Vec::new();
        for number in 0..30 {
            let engine = engines[number % 2].clone();
            tasks.push(tokio::spawn(async move {
                let citizen = cases::By::Anonymous { address: "192.0.2.1" };
                let mut new = complaint("黑烟");
                // Each third phone sends to both.
                new.origin_key = Some(format!("the-key-of-a-phone-{}", number / 2));
                engine.open_case(&citizen, new, start()).await.expect("opened")
            }));
        }
        let mut numbers = std::collections::BTreeMap::new();
        for task in tasks {
            let opened = task.await.expect("it ran");
            *numbers.entry(opened.number).or_insert(0) += 1;
        }
        assert_eq!(numbers.len(), 15, "{numbers:?}");
        assert_eq!(numbers.keys().last().map(String::as_str), Some("TS-2026-000015"));
        assert!(numbers.values().all(|times| *times == 2));
        let id = town.cases.find("TS-2026-000001").await.expect("found");
        let act = Act { unit: Some(town.county), ..town.now(id, "dispatch").await };
        let by_officer = by(&people.officer);
        let by_second = by(&people.second);
        let (one, two) = tokio::join!(
            engines[0].take(&by_officer, id, act.clone(), after_hours(1)),
            engines[1].take(&by_second, id, act.clone(), after_hours(1)),
        );
        let lost = if one.is_ok() { two } else { one };
        assert!(matches!(lost, Err(CaseError::Conflict(_))), "{lost:?}");
        assert_eq!(town.view(&people.auditor, id).await.timeline.len(), 2);
        other.close().await;
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_the_database_refuses_leaves_nothing_and_takes_nobody_with_it() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let (one, two) =
            (town.complain("黑烟", start()).await.id, town.complain("污水", start()).await.id);
        let dispatch = Act { unit: Some(town.county), ..town.now(one, "dispatch").await };
        town.act(&people.duty, two, dispatch.clone(), start()).await.expect("taken");
        // Replies cannot be written any more, everything else can.
        let rename = async |from: &str, to: &str| {
            let mut transaction = town.store.begin().await.expect("a transaction");
            let text = format!("ALTER TABLE {from} RENAME TO {to}");
            sqlx::query(sqlx::AssertSqlSafe(text))
                .execute(&mut *transaction)
                .await
                .expect("renamed");
            transaction.commit().await.expect("committed");
        };
        rename("outbox_message", "outbox_elsewhere").await;
        let mut reply = town.now(two, "reply").await;
        reply.fields.insert("reply".into(), "好".into());
        let (failed, taken) = tokio::join!(
            town.act(&people.officer, two, reply.clone(), after_hours(1)),
            town.act(&people.duty, one, dispatch, after_hours(1)),
        );
        assert!(matches!(failed, Err(CaseError::NotStored(_))), "{failed:?}");
        assert!(taken.is_ok(), "{taken:?}");
        let view = town.view(&people.auditor, two).await;
        assert_eq!((view.case.state.as_str(), view.timeline.len()), ("handling", 2));
        rename("outbox_elsewhere", "outbox_message").await;
        town.act(&people.officer, two, reply, after_hours(2)).await.expect("taken now");
        town.cases.close().await;
        let officer = by(&people.officer);
        let late = town.cases.comment(&officer, two, "晚了", false, after_hours(3)).await;
        assert!(matches!(late, Err(CaseError::Stopped)));
    })
    .await;
}

/// A picture of one pixel.
const PIXEL: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53,
    0xde, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x08, 0xd7, 0x63, 0xf8, 0xcf, 0xc0, 0x00,
    0x00, 0x03, 0x01, 0x01, 0x00, 0x18, 0xdd, 0x8d, 0xb0, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e,
    0x44, 0xae, 0x42, 0x60, 0x82,
];

#[tokio::test]
async fn a_picture_goes_out_as_a_copy_and_never_from_the_reporter_to_the_enterprise() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let id = town.complain("黑烟", start()).await.id;
        town.take(&people.duty, id, "dispatch", &[], after_hours(1)).await;
        let asked = [("question", "为何"), ("explain_by", "2026-11-30")];
        town.take(&people.officer, id, "ask_enterprise", &asked, after_hours(2)).await;
        let attach = async |by: &cases::By<'_>, visibility| {
            let upload = Upload { name: "p.png".into(), bytes: PIXEL.to_vec(), visibility };
            town.cases.attach(by, id, upload, after_hours(3)).await
        };
        let reporter = cases::By::Reporter { case: id, address: "192.0.2.1" };
        let officer = by(&people.officer);
        let manager = by(&people.manager);
        let of_reporter = attach(&reporter, Visibility::Public).await.expect("attached");
        let internal = attach(&officer, Visibility::Internal).await.expect("attached");
        let shared = attach(&officer, Visibility::Parties).await.expect("attached");
        let of_enterprise = attach(&manager, Visibility::Public).await.expect("attached");
        let refused = attach(&by(&people.stranger), Visibility::Internal).await;
        assert!(matches!(refused, Err(CaseError::Unknown)));
        let (nothing, copy, original) = (0, 1, 2);
        for (who, viewer, wanted) in [
            ("officer", Viewer::Person(&people.officer), [original; 4]),
            ("reporter", Viewer::Reporter(id), [copy, nothing, copy, nothing]),
            ("enterprise", Viewer::Person(&people.manager), [nothing, nothing, copy, original]),
            ("another enterprise", Viewer::Person(&people.rival), [nothing; 4]),
            ("public", Viewer::Public, [nothing; 4]),
        ] {
            for (file, wanted) in
                [of_reporter, internal, shared, of_enterprise].into_iter().zip(wanted)
            {
                let found = town.cases.evidence_file(&viewer, file, cases::Form::Whole).await;
                let found = match found {
                    Ok(file) if file.bytes == PIXEL => original,
                    Ok(file) => {
                        assert_eq!(file.media_type, "image/jpeg");
                        copy
                    }
                    Err(CaseError::Unknown) => nothing,
                    Err(error) => panic!("{error}"),
                };
                assert_eq!(found, wanted, "{who}, file {}", file.0);
                let view = town.cases.case(&viewer, id, start()).await;
                let listed = view.is_ok_and(|view| view.evidence.iter().any(|one| one.id == file));
                assert_eq!(listed, wanted != nothing, "{who} has file {} in the list", file.0);
            }
        }
        let digests = town.cases.evidence_digests().await.expect("digests");
        assert_eq!(digests.len(), 2, "of one pixel the copy is the small picture as well");
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn buttons_are_those_that_work() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let id = town.complain("黑烟", start()).await.id;
        let open = async |principal| {
            let view = town.view(principal, id).await;
            let free = view.offered.iter().filter(|offered| offered.refusal.is_none());
            free.map(|offered| offered.transition.clone()).collect::<Vec<_>>()
        };
        assert_eq!(open(&people.duty).await, ["dispatch", "merge"]);
        assert_eq!(open(&people.leader).await, ["dispatch"]);
        assert!(open(&people.inspector).await.is_empty());
        assert!(open(&people.auditor).await.is_empty());
        town.take(&people.duty, id, "dispatch", &[], after_hours(1)).await;
        assert_eq!(open(&people.inspector).await, ["visit"], "of a team below the unit");
        assert_eq!(open(&people.duty).await, ["merge"], "the city does not do the county's work");
        assert_eq!(open(&people.leader).await, ["extend"]);
        let case = town.view(&people.officer, id).await.case;
        let may = town.cases.may_take(&people.stranger, &case);
        assert!(may.is_empty());
        for (principal, transition, code) in [
            (&people.duty, "visit", "case.not_your_turn"),
            (&people.auditor, "visit", "authority.no_role"),
            (&people.stranger, "visit", "cases.unknown"),
            (&people.officer, "close", "case.wrong_state"),
            (&people.officer, "dance", "case.no_such_transition"),
            (&people.inspector, "visit", "case.missing"),
            (&people.inspector, "extend", "authority.no_role"),
        ] {
            let act = town.now(id, transition).await;
            let refused = town.act(principal, id, act, after_hours(2)).await;
            let Err(error) = refused else { panic!("{} may {transition}", principal.name) };
            assert_eq!(error.code(), code, "{} {transition}", principal.name);
            assert!(error.texts().is_some(), "it can be told");
        }
        town.cases.close().await;
    })
    .await;
}
