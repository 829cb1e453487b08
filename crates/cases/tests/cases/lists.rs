//! Work lists: whose they are, in what order, page by page; search; counts; saved views; messages.

use crate::common::{
    OTHER_COUNTY, Town, after_days, after_hours, by, complaint, migrations, start,
};
use authority::{Jurisdiction, Principal, Role};
use cases::{
    Assignment, By, CaseError, CaseId, Channel, Cursor, LinkKind, NewCase, WorkFilter, WorkList,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

async fn numbers(
    town: &Town,
    principal: &Principal,
    filter: &WorkFilter,
    at: Timestamp,
) -> Vec<CaseId> {
    let page = town.cases.list(principal, filter, at).await.expect("a list");
    page.rows.into_iter().map(|row| row.id).collect()
}

/// A case in a division, of a unit, due so many days after the start.
async fn case(town: &Town, duty: &Principal, division: &str, days: i64) -> CaseId {
    let mut new = complaint("黑烟");
    new.division = division.into();
    let at = after_days(days - 10);
    let citizen = By::Anonymous { address: "192.0.2.1" };
    let id = town.cases.open_case(&citizen, new, at).await.expect("opened").id;
    let mut act = cases::Act::new("dispatch", 1);
    act.unit = Some(if division == OTHER_COUNTY { town.other_county } else { town.county });
    town.act(duty, id, act, at).await.expect("dispatched");
    id
}

#[tokio::test]
async fn a_list_shows_exactly_what_its_reader_may_see_in_order_page_by_page() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let of_unit = Jurisdiction::Organisation(town.county);
        let clerk = town.person("clerk", Some(town.team), Role::Inspector, of_unit).await;
        let mut here = Vec::new();
        for days in [9, 3, 7, 5, 1, 3] {
            here.push((days, case(&town, &people.duty, crate::common::COUNTY, days).await));
        }
        let there = case(&town, &people.duty, OTHER_COUNTY, 2).await;
        here.sort();
        let by_end: Vec<CaseId> = here.iter().map(|(_, id)| *id).collect();
        let open = WorkFilter { is_open: Some(true), ..WorkFilter::of(WorkList::All) };
        assert_eq!(numbers(&town, &people.officer, &open, start()).await, by_end);
        assert_eq!(numbers(&town, &clerk, &open, start()).await, by_end, "by unit");
        assert_eq!(numbers(&town, &people.stranger, &open, start()).await, [there]);
        assert_eq!(numbers(&town, &people.duty, &open, start()).await.len(), 7);
        let nothing = town.cases.list(&people.administrator, &open, start()).await;
        assert!(matches!(nothing, Err(CaseError::Denied(_))));

        for (filter, sorted) in [
            (open.clone(), by_end.clone()),
            (
                WorkFilter::of(WorkList::All),
                by_end.iter().copied().collect::<BTreeSet<_>>().into_iter().rev().collect(),
            ),
        ] {
            let mut filter = WorkFilter { limit: 2, ..filter };
            let mut paged = Vec::new();
            loop {
                let page = town.cases.list(&people.officer, &filter, start()).await;
                let page = page.expect("a page");
                assert!(page.rows.len() <= 2);
                paged.extend(page.rows.iter().map(|row| row.id));
                let Some(next) = page.next else { break };
                let text = next.to_string();
                filter.after = Some(text.parse::<Cursor>().expect("it comes back"));
            }
            assert_eq!(paged, sorted);
        }
        assert!("1".parse::<Cursor>().is_err() && "a.b".parse::<Cursor>().is_err());
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn each_list_holds_its_own_and_counts_agree() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let county = crate::common::COUNTY;
        let late = case(&town, &people.duty, county, 1).await;
        let soon = case(&town, &people.duty, county, 5).await;
        let far = case(&town, &people.duty, county, 20).await;
        let helped = case(&town, &people.duty, OTHER_COUNTY, 20).await;
        let now = after_days(3);
        town.cases.tick(now).await.expect("a look");
        let give = Assignment { assignee: Some(people.inspector.user), ..Assignment::default() };
        town.cases.assign(&by(&people.officer), far, give, now).await.expect("given");
        let help = Assignment { assisting: Some(vec![town.county]), ..Assignment::default() };
        town.cases.assign(&by(&people.stranger), helped, help, now).await.expect("given");
        town.cases.watch(&people.officer, far, true, now).await.expect("watched");
        let done = case(&town, &people.duty, county, 4).await;
        town.take(&people.officer, done, "reply", &[("reply", "好")], now).await;
        town.take(&people.second, done, "close", &[], now).await;
        let own = [late, soon, far];
        let table: [(WorkList, &Principal, &[CaseId]); 12] = [
            (WorkList::Mine, &people.inspector, &[far]),
            (WorkList::Mine, &people.officer, &[]),
            (WorkList::Unit, &people.officer, &[late, soon, far, helped]),
            (WorkList::Unit, &people.stranger, &[helped]),
            (WorkList::Overdue, &people.officer, &[late]),
            (WorkList::Overdue, &people.stranger, &[]),
            (WorkList::DueSoon, &people.officer, &[soon]),
            (WorkList::Escalated, &people.officer, &[late]),
            (WorkList::Escalated, &people.stranger, &[]),
            (WorkList::Watched, &people.officer, &[far]),
            (WorkList::Watched, &people.leader, &[]),
            (WorkList::All, &people.leader, &[done, far, soon, late]),
        ];
        for (list, principal, wanted) in table {
            // What a unit helps with is read by who reads that unit's cases.
            let seen: Vec<CaseId> = wanted
                .iter()
                .copied()
                .filter(|id| *id != helped || principal.name != "officer")
                .collect();
            let found = numbers(&town, principal, &WorkFilter::of(list), now).await;
            assert_eq!(found, seen, "{} of {}", list.as_str(), principal.name);
        }
        let counts = town.cases.counts(&people.officer, now).await.expect("counts");
        let shown = [counts.mine, counts.overdue, counts.due_soon, counts.escalated, counts.open]
            .map(|count| count.to_string());
        assert_eq!(shown, ["0", "1", "1", "1", "3"]);
        assert_eq!(own.len(), 3);
        let filters: [(&str, WorkFilter, usize); 8] = [
            ("kind", WorkFilter { kind: Some("event".into()), ..WorkFilter::of(WorkList::All) }, 0),
            (
                "state",
                WorkFilter { state: Some("closed".into()), ..WorkFilter::of(WorkList::All) },
                1,
            ),
            ("closed", WorkFilter { is_open: Some(false), ..WorkFilter::of(WorkList::All) }, 1),
            ("unit", WorkFilter { unit: Some(town.county), ..WorkFilter::of(WorkList::All) }, 4),
            (
                "division",
                WorkFilter { division: Some(OTHER_COUNTY.into()), ..WorkFilter::of(WorkList::All) },
                0,
            ),
            (
                "enterprise",
                WorkFilter { enterprise: Some("E1".into()), ..WorkFilter::of(WorkList::All) },
                4,
            ),
            (
                "assignee",
                WorkFilter { assignee: people.inspector.user, ..WorkFilter::of(WorkList::All) },
                1,
            ),
            (
                "opened",
                WorkFilter { from: Some(after_days(9)), ..WorkFilter::of(WorkList::All) },
                1,
            ),
        ];
        for (what, filter, wanted) in filters {
            let found = numbers(&town, &people.officer, &filter, now).await;
            assert_eq!(found.len(), wanted, "{what}");
        }
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn many_are_given_at_once_and_what_is_refused_is_told_beside_it() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let mut ids = Vec::new();
        for days in 1..4 {
            ids.push(case(&town, &people.duty, crate::common::COUNTY, days).await);
        }
        ids.push(case(&town, &people.duty, OTHER_COUNTY, 1).await);
        let to = Assignment { assignee: Some(people.inspector.user), ..Assignment::default() };
        let answers = town.cases.bulk_assign(&by(&people.officer), &ids, to, start()).await;
        let given: Vec<bool> = answers.iter().map(|(_, answer)| answer.is_ok()).collect();
        assert_eq!(given, [true, true, true, false]);
        let mine = WorkFilter::of(WorkList::Mine);
        assert_eq!(numbers(&town, &people.inspector, &mine, start()).await.len(), 3);
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn words_find_cases_within_reach() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let citizen = By::Anonymous { address: "192.0.2.1" };
        let mut ids = Vec::new();
        for (text, division) in [
            ("某化工厂夜间冒黑烟", crate::common::COUNTY),
            ("化工厂排放污水,河水发黑", crate::common::COUNTY),
            ("化工厂夜间排污水", OTHER_COUNTY),
        ] {
            let mut new = complaint(text);
            new.division = division.into();
            ids.push(town.cases.open_case(&citizen, new, start()).await.expect("opened").id);
        }
        town.cases
            .comment(&by(&people.officer), ids[0], "已联系热电厂", false, after_hours(1))
            .await
            .expect("said");
        for (principal, words, wanted) in [
            (&people.officer, "化工厂", vec![ids[1], ids[0]]),
            (&people.officer, "化工厂 夜间", vec![ids[0]]),
            (&people.officer, "夜间化工厂黑烟", vec![ids[0]]),
            (&people.officer, "污水", vec![ids[1]]),
            (&people.officer, "热电厂", vec![ids[0]]),
            (&people.officer, "噪声", vec![]),
            (&people.duty, "污水", vec![ids[2], ids[1]]),
            (&people.stranger, "化工厂", vec![ids[2]]),
            (&people.manager, "化工厂", vec![]),
        ] {
            let filter = WorkFilter::of(WorkList::All);
            let page = town.cases.search(principal, words, &filter, start()).await;
            let found: Vec<CaseId> =
                page.expect("a list").rows.into_iter().map(|row| row.id).collect();
            assert_eq!(found, wanted, "{} looks for {words}", principal.name);
        }
        let nothing = town
            .cases
            .search(&people.officer, ",。", &WorkFilter::of(WorkList::All), start())
            .await;
        assert!(matches!(nothing, Err(CaseError::Input(_))));
        let paged = WorkFilter { limit: 1, ..WorkFilter::of(WorkList::All) };
        let first = town.cases.search(&people.officer, "化工厂", &paged, start()).await;
        let next = first.expect("a page").next;
        let rest = WorkFilter { after: next, ..paged };
        let second = town.cases.search(&people.officer, "化工厂", &rest, start()).await;
        let second = second.expect("a page");
        assert_eq!((second.rows[0].id, second.next), (ids[0], None));
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn links_are_kept_once_and_make_no_ring() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let one = town.complain("黑烟", start()).await.id;
        let mut new = NewCase::new("event", crate::common::COUNTY, Channel::Patrol);
        new.links.push((LinkKind::CausedBy, one));
        let event = town.cases.open_case(&by(&people.inspector), new.clone(), start()).await;
        let event = event.expect("opened");
        assert_eq!((event.number.as_str(), event.follow_code), ("WG-2026-000001", None));
        let link = async |id, kind, other| {
            town.cases.link(&by(&people.officer), id, kind, other, start()).await
        };
        link(event.id, LinkKind::CausedBy, one).await.expect("it is there already");
        assert!(link(one, LinkKind::CausedBy, event.id).await.is_err(), "a ring");
        assert!(link(one, LinkKind::Follows, one).await.is_err(), "itself");
        link(one, LinkKind::Follows, event.id).await.expect("linked");
        let view = town.view(&people.officer, one).await;
        let ends: Vec<(LinkKind, bool)> =
            view.links.iter().map(|link| (link.kind, link.is_from_here)).collect();
        assert_eq!(ends, [(LinkKind::CausedBy, false), (LinkKind::Follows, true)]);
        let merged = link(event.id, LinkKind::MergedInto, one).await;
        assert!(matches!(merged, Err(CaseError::Input(_))), "an event is not merged: {merged:?}");
        new.links = vec![(LinkKind::Follows, CaseId(999))];
        let nowhere = town.cases.open_case(&by(&people.inspector), new.clone(), start()).await;
        assert!(matches!(nowhere, Err(CaseError::Unknown)));
        let citizen = By::Anonymous { address: "192.0.2.1" };
        new.links.clear();
        let refused = town.cases.open_case(&citizen, new, start()).await;
        assert!(matches!(refused, Err(CaseError::Refused(_))), "{refused:?}");
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn views_are_kept_by_name_for_their_owner() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let save = async |principal: &Principal, name: &str, query: &str| {
            town.cases.save_view(principal, name, query, start()).await
        };
        let one = save(&people.officer, " 超期 ", "list=overdue").await.expect("saved");
        let two = save(&people.officer, "超期", "list=escalated").await.expect("saved");
        assert_eq!((one.id, two.query.as_str()), (two.id, "list=escalated"));
        assert!(save(&people.officer, "", "x").await.is_err());
        save(&people.second, "超期", "list=mine").await.expect("saved");
        let own = town.cases.views(&people.officer).await.expect("views");
        assert_eq!(own.iter().map(|view| view.id).collect::<Vec<_>>(), [two.id]);
        let delete = async |principal| {
            town.cases.delete_view(principal, two.id, start()).await.expect("it works")
        };
        assert!(!delete(&people.second).await, "another's");
        assert!(delete(&people.officer).await && !delete(&people.officer).await);
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn messages_reach_their_audience_and_are_read_by_each_alone() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let id = case(&town, &people.duty, crate::common::COUNTY, 10).await;
        let of = async |principal: &Principal| {
            let user = crate::common::user(principal);
            town.cases.notifications(user, None, 50).await.expect("notices")
        };
        let unread = async |principal| {
            let counts = town.cases.counts(principal, start()).await.expect("counts");
            counts.unread.number
        };
        assert_eq!((unread(&people.officer).await, unread(&people.second).await), (1, 1));
        assert_eq!(unread(&people.leader).await, 2, "the unit's and the leaders'");
        let first = of(&people.officer).await;
        assert_eq!((first[0].what.zh.as_ref(), first[0].case), ("交办", id));
        let user = crate::common::user(&people.officer);
        town.cases.mark_read(user, Some(first[0].id), start()).await.expect("read");
        assert!(of(&people.officer).await[0].is_read);
        assert_eq!((unread(&people.officer).await, unread(&people.second).await), (0, 1));
        town.cases.comment(&by(&people.second), id, "看过", false, start()).await.expect("said");
        assert_eq!(
            unread(&people.officer).await,
            0,
            "nobody is told who has nothing to do with it"
        );
        town.cases.watch(&people.officer, id, true, start()).await.expect("watched");
        town.cases.comment(&by(&people.second), id, "又看", false, start()).await.expect("said");
        assert_eq!(unread(&people.officer).await, 1);
        town.cases.watch(&people.officer, id, false, start()).await.expect("no more");
        town.cases.comment(&by(&people.second), id, "再看", false, start()).await.expect("said");
        assert_eq!(unread(&people.officer).await, 1);
        town.cases.mark_read(user, None, start()).await.expect("all read");
        assert!(of(&people.officer).await.iter().all(|notice| notice.is_read));
        assert_eq!(unread(&people.officer).await, 0);
        let wrong = town.cases.set_reach(&people.officer, Some("nobody"), None, start()).await;
        assert!(matches!(wrong, Err(CaseError::Input(_))));
        let right = Some("officer@example.org");
        town.cases.set_reach(&people.officer, right, None, start()).await.expect("set");
        let (email, webhook) = town.cases.reach(user).await.expect("it is known");
        assert_eq!((email.as_deref(), webhook), (right, None));
        town.cases.tick(start()).await.expect("a look");
        let mails = async || {
            let all = crate::messages(&town.store).await;
            all.into_iter().filter(|(to, _)| to == "officer@example.org").count()
        };
        assert_eq!(mails().await, 0, "what came before is not told again");
        town.take(&people.officer, id, "reply", &[("reply", "好")], start()).await;
        town.take(&people.second, id, "close", &[], start()).await;
        town.cases.tick(start()).await.expect("a look");
        town.cases.tick(start()).await.expect("a look");
        assert_eq!(mails().await, 1, "the closing, once");
        town.cases.close().await;
    })
    .await;
}
