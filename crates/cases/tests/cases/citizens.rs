//! What citizens get: a number and a code, every reply, a say in the result, a reward without a
//! name.

use crate::common::{Town, after_days, after_hours, by, complaint, migrations, start};
use cases::{By, CaseError, EventKind, Opened, Place, Progress, Viewer};
use jiff::Timestamp;

fn proof(opened: &Opened) -> (&str, &str) {
    (&opened.number, opened.follow_code.as_deref().expect("a code"))
}

async fn track(town: &Town, opened: &Opened, at: Timestamp) -> Progress {
    let (number, code) = proof(opened);
    town.cases.track(number, code, at).await.expect("progress")
}

fn said(progress: &Progress) -> Vec<&str> {
    progress.steps.iter().map(|step| &*step.what.zh).collect()
}

#[tokio::test]
async fn a_code_opens_its_own_case_alone() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let (one, two) =
            (town.complain("黑烟", start()).await, town.complain("污水", start()).await);
        let (number, code) = proof(&one);
        let typed = code.to_lowercase().replace('-', "");
        assert_eq!(town.cases.prove(&number.to_lowercase(), &typed).await.expect("right"), one.id);
        for (number, code) in [
            (number, proof(&two).1),
            (proof(&two).0, code),
            (number, ""),
            (number, "00000-00000"),
            ("TS-2026-999999", code),
            ("' OR 1=1 --", code),
        ] {
            let wrong = town.cases.track(number, code, start()).await;
            assert!(matches!(wrong, Err(CaseError::WrongCode)), "{number} {code}");
        }
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn whoever_reported_a_merged_case_keeps_the_right_to_a_reply() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let main = town.complain("夜间冒黑烟", start()).await;
        town.take(&people.duty, main.id, "dispatch", &[], after_hours(1)).await;
        let mut others = Vec::new();
        for number in 0..3 {
            let mut new = complaint("也看见黑烟");
            let phone = format!("1390000000{number}");
            new.reporter = Some(cases::Reporter { phone, ..cases::Reporter::default() });
            let citizen = By::Anonymous { address: "192.0.2.1" };
            others.push(town.cases.open_case(&citizen, new, after_hours(2)).await.expect("opened"));
        }
        let merge = async |duplicate: &Opened, into: &Opened| {
            let at = after_hours(3);
            town.cases.merge(&by(&people.duty), duplicate.id, into.id, at).await
        };
        merge(&others[1], &others[0]).await.expect("merged");
        merge(&others[0], &main).await.expect("merged, with what was merged into it");
        merge(&others[2], &main).await.expect("merged");
        let own = merge(&main, &main).await;
        assert!(matches!(own, Err(CaseError::Input(_))), "{own:?}");
        let late = town.complain("又见黑烟", after_hours(4)).await;
        let gone = merge(&late, &others[0]).await;
        assert!(matches!(gone, Err(CaseError::Input(_))), "{gone:?}");
        let view = town.view(&people.officer, main.id).await;
        assert_eq!((view.case.merged, view.links.len()), (3, 2));
        town.take(&people.officer, main.id, "reply", &[("reply", "已整改")], after_days(1)).await;
        for other in &others {
            let progress = track(&town, other, after_days(1)).await;
            assert!(progress.is_merged && progress.may_rate, "{}", other.number);
            assert_eq!(progress.state.zh, "已答复");
            assert_eq!(said(&progress).last(), Some(&"答复"));
            assert!(!format!("{progress:?}").contains("夜间冒黑烟"), "not another's words");
        }
        let sent = crate::messages(&town.store).await;
        let replies: Vec<&(String, String)> =
            sent.iter().filter(|(_, body)| body.contains("已整改")).collect();
        assert_eq!(replies.len(), 4, "each is told: {sent:?}");
        for (to, body) in &replies {
            let place = others.iter().position(|_| to.starts_with("139")).is_some();
            let number = match to.chars().last() {
                Some(digit) if place => &others[digit as usize - '0' as usize].number,
                _ => &main.number,
            };
            assert!(body.starts_with(number.as_str()), "{to} hears of {body}");
        }
        let (number, code) = proof(&others[1]);
        let rate = async |is_satisfied| {
            let words = "谢谢";
            town.cases.rate((number, code), is_satisfied, words, "192.0.2.1", after_days(2)).await
        };
        rate(true).await.expect("rated");
        assert!(matches!(rate(false).await, Err(CaseError::Input(_))), "once");
        town.take(&people.second, main.id, "close", &[], after_days(3)).await;
        town.cases
            .ask_review(proof(&others[2]), "仍有黑烟", "192.0.2.1", after_days(4))
            .await
            .expect("asked by one whose case was merged");
        let progress = track(&town, &main, after_days(4)).await;
        assert_eq!(progress.state.zh, "复查中");
        assert!(!format!("{progress:?}").contains("仍有黑烟"), "the words of another reporter");
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_result_is_rated_once_and_reviewed_in_time() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let opened = town.complain("黑烟", start()).await;
        let rate =
            async |at| town.cases.rate(proof(&opened), false, "还在冒烟", "192.0.2.1", at).await;
        let review =
            async |at| town.cases.ask_review(proof(&opened), "不服", "192.0.2.1", at).await;
        assert!(matches!(rate(start()).await, Err(CaseError::Input(_))), "no result yet");
        town.take(&people.duty, opened.id, "dispatch", &[], start()).await;
        town.take(&people.officer, opened.id, "reply", &[("reply", "已整改")], after_days(1)).await;
        assert!(matches!(review(after_days(1)).await, Err(CaseError::Input(_))));
        rate(after_days(1)).await.expect("rated");
        assert!(rate(after_days(1)).await.is_err(), "once");
        let view = town.view(&people.officer, opened.id).await;
        assert_eq!(view.case.satisfied, Some(false));
        assert_eq!(view.case.fields["satisfaction"], "unsatisfied");
        let user = crate::common::user(&people.officer);
        let notices = town.cases.notifications(user, None, 10).await.expect("notices");
        assert_eq!(notices[0].what.zh, "评价");
        let refused = town.now(opened.id, "close").await;
        let refused = town.act(&people.officer, opened.id, refused, after_days(2)).await;
        let Err(error) = refused else { panic!("who replied accepts their own work") };
        assert_eq!(error.code(), "case.same_person");
        town.take(&people.second, opened.id, "close", &[], after_days(2)).await;
        let late: Timestamp = after_days(40);
        assert!(matches!(review(late).await, Err(CaseError::Input(_))), "its time has passed");
        assert!(!track(&town, &opened, late).await.may_ask_review);
        assert!(track(&town, &opened, after_days(3)).await.may_ask_review);
        review(after_days(3)).await.expect("asked");
        let view = town.view(&people.leader, opened.id).await;
        assert!(view.case.is_open() && view.case.closed_at.is_none(), "it is open again");
        town.take(&people.leader, opened.id, "answer_review", &[("reply", "维持")], after_days(9))
            .await;
        let progress = track(&town, &opened, after_days(9)).await;
        assert!(progress.is_closed);
        let replies: Vec<String> = progress
            .steps
            .iter()
            .filter_map(|step| step.reply.as_ref().map(|reply| reply.zh.to_string()))
            .collect();
        assert_eq!(replies.len(), 3, "{replies:?}");
        assert!(progress.steps.iter().all(|step| step.who.is_empty()), "no officer by name");
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_reward_is_claimed_by_a_code_without_a_name_and_once() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let mut new = complaint("暗管排污");
        new.reporter = None;
        let citizen = By::Anonymous { address: "192.0.2.1" };
        let opened = town.cases.open_case(&citizen, new, start()).await.expect("opened");
        town.take(&people.duty, opened.id, "dispatch", &[], start()).await;
        town.take(&people.officer, opened.id, "reply", &[("reply", "属实")], after_days(1)).await;
        town.take(&people.second, opened.id, "close", &[], after_days(2)).await;
        assert_eq!(track(&town, &opened, after_days(2)).await.claim_code, None);
        town.take(&people.leader, opened.id, "reward", &[], after_days(3)).await;
        let code = track(&town, &opened, after_days(3)).await.claim_code.expect("a claim code");
        let claim = async |principal, code: &str| {
            town.cases.claim(&by(principal), opened.id, code, after_days(4)).await
        };
        let follow = proof(&opened).1.to_owned();
        for wrong in ["", "00000-00000", follow.as_str()] {
            let refused = claim(&people.officer, wrong).await;
            assert!(matches!(refused, Err(CaseError::WrongCode)), "{wrong}");
        }
        let stranger = claim(&people.stranger, &code).await;
        assert!(matches!(stranger, Err(CaseError::Unknown)), "{stranger:?}");
        let (one, two) = tokio::join!(claim(&people.officer, &code), claim(&people.second, &code));
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        let progress = track(&town, &opened, after_days(5)).await;
        assert!(progress.is_claimed);
        let fields = [("bank_account", "6222")];
        town.take(&people.officer, opened.id, "pay", &fields, after_days(5)).await;
        let data = town
            .cases
            .reporter(&by(&people.officer), opened.id, "付款", after_days(5))
            .await
            .expect("read");
        assert!(data.reporter.is_empty(), "nobody knows who it was");
        assert_eq!(data.fields["bank_account"], "6222");
        let view = town.view(&people.officer, opened.id).await;
        assert_eq!(view.case.fields["bank_account"], "●");
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_complained_of_again_and_again_is_a_key_case() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let place = |latitude: &str| Place {
            longitude: "117.6471".parse().expect("a number"),
            latitude: latitude.parse().expect("a number"),
            address: String::new(),
        };
        let citizen = By::Anonymous { address: "192.0.2.1" };
        let open = async |enterprise: Option<&str>, latitude: Option<&str>, at| {
            let mut new = complaint("黑烟");
            new.enterprise = enterprise.map(str::to_owned);
            new.place = latitude.map(place);
            let id = town.cases.open_case(&citizen, new, at).await.expect("opened").id;
            let view = town.view(&people.auditor, id).await;
            let flagged = view.timeline.iter().any(|event| event.kind == EventKind::Flagged);
            assert_eq!(flagged, view.case.is_key);
            (view.case.repeats, view.case.is_key)
        };
        for (what, enterprise, latitude, at, wanted) in [
            ("the first of E1", Some("E1"), None, start(), (0, false)),
            ("the second of E1", Some("E1"), None, after_days(1), (1, false)),
            ("another enterprise", Some("E2"), None, after_days(1), (0, false)),
            ("the third of E1", Some("E1"), None, after_days(2), (2, true)),
            ("a place", None, Some("24.5130"), after_days(3), (0, false)),
            ("150 m from it", None, Some("24.51435"), after_days(3), (1, false)),
            ("300 m from the last", None, Some("24.5171"), after_days(3), (0, false)),
            ("half a year later", Some("E1"), None, after_days(400), (0, false)),
            ("no place, no enterprise, the same phone", None, None, after_days(401), (1, false)),
        ] {
            assert_eq!(open(enterprise, latitude, at).await, wanted, "{what}");
        }
        let key =
            cases::WorkFilter { is_key: Some(true), ..cases::WorkFilter::of(cases::WorkList::All) };
        let page = town.cases.list(&people.officer, &key, start()).await.expect("a list");
        assert_eq!(page.rows.len(), 1);
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn duplicates_are_shown_with_their_reasons_the_likeliest_first() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let citizen = By::Anonymous { address: "192.0.2.1" };
        let open = async |text: &str, enterprise: Option<&str>, latitude: &str, at| {
            let mut new = complaint(text);
            new.enterprise = enterprise.map(str::to_owned);
            let phone = format!("137{latitude}").replace('.', "");
            new.reporter = Some(cases::Reporter { phone, ..cases::Reporter::default() });
            new.place = Some(Place {
                longitude: "117.6471".parse().expect("a number"),
                latitude: latitude.parse().expect("a number"),
                address: String::new(),
            });
            town.cases.open_case(&citizen, new, at).await.expect("opened").id
        };
        let alike = open("某化工厂夜间冒黑烟,气味刺鼻", None, "24.5135", start()).await;
        let near = open("烧烤摊油烟扰民", None, "24.5130", start()).await;
        let far = open("某化工厂夜间冒黑烟,气味刺鼻", None, "24.7000", start()).await;
        let early = open("化工厂黑烟", Some("E1"), "24.5131", start()).await;
        let own = open("化工厂夜间又冒黑烟,刺鼻气味", Some("E1"), "24.5132", after_days(10)).await;
        let found = async |principal, at| {
            let all = town.cases.duplicates(principal, own, at).await.expect("candidates");
            all.iter().map(|one| one.case.id).collect::<Vec<_>>()
        };
        assert_eq!(found(&people.officer, after_days(10)).await, [alike, early, near]);
        assert!(!found(&people.officer, after_days(10)).await.contains(&far));
        let all = town.cases.duplicates(&people.officer, own, after_days(10)).await.expect("all");
        assert_eq!(all[0].distance_m, Some(33));
        assert_eq!(all[0].hours_apart, 240);
        let reasons: Vec<&str> = all[1].reasons.iter().map(|reason| &*reason.zh).collect();
        assert_eq!(reasons[0], "涉及同一企业");
        let viewer = Viewer::Person(&people.officer);
        assert!(town.cases.case(&viewer, own, start()).await.is_ok());
        town.cases.merge(&by(&people.officer), alike, early, after_days(10)).await.expect("merged");
        assert_eq!(found(&people.officer, after_days(10)).await, [early, near]);
        let stranger = town.cases.duplicates(&people.stranger, own, after_days(10)).await;
        assert!(matches!(stranger, Err(CaseError::Unknown)), "{stranger:?}");
        town.cases.close().await;
    })
    .await;
}
