//! Who sees what: nothing tells an enterprise, or the public, who complained.

use crate::common::{Town, after_days, after_hours, by, complaint, migrations, start};
use authority::Principal;
use cases::{
    Assignment, By, CaseError, CaseId, CaseView, Correction, EvidenceId, Form, PublicFilter,
    SeenAs, Upload, Viewer, Visibility, WorkFilter, WorkList,
};

/// What only the reporter and the administration may know.
const SECRETS: [&str; 8] = [
    "林小明",
    "13800001234",
    "lin@example.org",
    "蓝田镇5号",
    "我家窗口",
    "117.6471",
    "邻居老王",
    "内部意见",
];

/// A complaint full of what must not be told, brought up to its publication.
async fn told_story(town: &Town, people: &crate::common::People) -> (CaseId, String, EvidenceId) {
    let mut new = complaint("我家窗口对面的厂夜里冒黑烟,邻居老王也看见了");
    new.title = "我家窗口外黑烟".into();
    new.fields.insert("bank_account".into(), "6222020000".into());
    new.place = Some(cases::Place {
        longitude: "117.6471".parse().expect("a number"),
        latitude: "24.5130".parse().expect("a number"),
        address: "蓝田镇5号".into(),
    });
    let citizen = By::Anonymous { address: "192.0.2.1" };
    let opened = town.cases.open_case(&citizen, new, start()).await.expect("opened");
    let id = opened.id;
    let reporter = By::Reporter { case: id, address: "192.0.2.1" };
    let photo = Upload {
        name: "我家窗口.txt".into(),
        bytes: "林小明拍的".as_bytes().to_vec(),
        visibility: Visibility::Public,
    };
    let photo = town.cases.attach(&reporter, id, photo, after_hours(1)).await.expect("attached");
    town.cases
        .comment(&reporter, id, "我家窗口还能看见", true, after_hours(1))
        .await
        .expect("said");
    town.take(&people.duty, id, "dispatch", &[], after_hours(2)).await;
    town.cases
        .comment(&by(&people.officer), id, "内部意见:林小明多次来电", false, after_hours(3))
        .await
        .expect("said");
    let asked = [("question", "为何冒烟"), ("explain_by", "2026-11-30")];
    town.take(&people.officer, id, "ask_enterprise", &asked, after_hours(4)).await;
    town.take(&people.manager, id, "explain", &[("explanation", "检修")], after_hours(5)).await;
    let reply = [("reply", "林小明您好,已责令整改")];
    town.take(&people.officer, id, "reply", &reply, after_days(1)).await;
    let code = opened.follow_code.expect("a code");
    let proof = (opened.number.as_str(), code.as_str());
    town.cases
        .rate(proof, true, "我家窗口干净了", "192.0.2.1", after_days(2))
        .await
        .expect("rated");
    town.take(&people.second, id, "close", &[], after_days(3)).await;
    town.take(&people.leader, id, "publish", &[("summary", "属实,已整改")], after_days(4)).await;
    (id, code, photo)
}

fn hides_everything(what: &str, seen: &impl std::fmt::Debug) {
    let text = format!("{seen:?}");
    for secret in SECRETS {
        assert!(!text.contains(secret), "{what} shows {secret}: {text}");
    }
    assert!(!text.contains("6222020000"), "{what} shows a personal field");
}

/// A view without its declaration, which holds no case.
fn parts(view: &CaseView) -> impl std::fmt::Debug + '_ {
    (
        (&view.case, &view.state, &view.fields, &view.clocks, &view.timeline),
        (&view.comments, &view.evidence, &view.links, view.is_watched),
    )
}

#[tokio::test]
async fn an_enterprise_never_learns_who_complained() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let (id, _, photo) = told_story(&town, &people).await;
        let manager = Viewer::Person(&people.manager);
        let view = town.cases.case(&manager, id, after_days(5)).await.expect("it is shared");
        assert_eq!(view.seen_as, SeenAs::Enterprise);
        hides_everything("the case", &parts(&view));
        assert_eq!(view.case.opened_at, after_hours(4), "when it was let in, not when it began");
        let about: Vec<&str> = view.timeline.iter().map(|event| event.about.as_str()).collect();
        assert_eq!(about, ["ask_enterprise", "explain", "reply", "close", "publish"]);
        assert!(view.timeline.iter().all(|event| event.reply.is_none()));
        let fields: Vec<&str> = view.fields.iter().map(|field| field.id.as_str()).collect();
        assert_eq!(fields, ["question", "explain_by", "explanation"]);
        assert!(!view.case.has_reporter && view.case.satisfied.is_none());
        assert!(view.evidence.is_empty() && view.comments.is_empty() && view.links.is_empty());
        for form in [Form::Whole, Form::Thumbnail] {
            let file = town.cases.evidence_file(&manager, photo, form).await;
            assert!(matches!(file, Err(CaseError::Unknown)), "{file:?}");
        }
        for list in WorkList::ALL {
            let filter = WorkFilter { list, limit: 50, ..WorkFilter::default() };
            let page = town.cases.list(&people.manager, &filter, after_days(5)).await;
            hides_everything("a list", &page.expect("a list").rows);
        }
        let search = async |principal: &Principal, words: &str| {
            let filter = WorkFilter::of(WorkList::All);
            let page = town.cases.search(principal, words, &filter, after_days(5)).await;
            page.expect("a list").rows.len()
        };
        for words in ["窗口", "老王", "黑烟", "林小明", "多次来电", "窗口 检修"] {
            assert_eq!(search(&people.manager, words).await, 0, "found by {words}");
        }
        assert_eq!(search(&people.manager, "检修").await, 1, "its own words find it");
        assert_eq!(search(&people.officer, "窗口 检修").await, 1);
        assert_eq!(search(&people.rival, "检修").await, 0);
        let user = crate::common::user(&people.manager);
        let notices = town.cases.notifications(user, None, 50).await.expect("notices");
        hides_everything("a notice", &notices);
        let asked = town.cases.reporter(&by(&people.manager), id, "想知道", after_days(5)).await;
        assert!(matches!(asked, Err(CaseError::Denied(_))), "{asked:?}");
        let same = town.cases.duplicates(&people.manager, id, after_days(5)).await;
        assert!(matches!(same, Err(CaseError::Denied(_))), "{same:?}");
        let (all, _, _) = town
            .cases
            .statistics(&people.manager, &cases::StatisticsFilter::default())
            .await
            .expect("numbers");
        assert_eq!((all.opened, all.rated), (0, 0));
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn before_it_is_shared_and_for_others_there_is_no_case() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let id = town.complain("黑烟", start()).await.id;
        let everybody = [
            ("officer", Viewer::Person(&people.officer), Some(SeenAs::Officer)),
            ("inspector", Viewer::Person(&people.inspector), Some(SeenAs::Officer)),
            ("auditor", Viewer::Person(&people.auditor), Some(SeenAs::Officer)),
            ("leader", Viewer::Person(&people.leader), Some(SeenAs::Officer)),
            ("stranger", Viewer::Person(&people.stranger), None),
            ("administrator", Viewer::Person(&people.administrator), None),
            ("manager", Viewer::Person(&people.manager), None),
            ("rival", Viewer::Person(&people.rival), None),
            ("reporter", Viewer::Reporter(id), Some(SeenAs::Reporter)),
            ("another reporter", Viewer::Reporter(CaseId(id.0 + 1)), None),
            ("public", Viewer::Public, None),
        ];
        for (who, viewer, wanted) in &everybody {
            let seen = town.cases.case(viewer, id, start()).await;
            match (seen, wanted) {
                (Ok(view), Some(wanted)) => assert_eq!(view.seen_as, *wanted, "{who}"),
                (Err(CaseError::Unknown), None) => {}
                (seen, _) => panic!("{who}: {seen:?}"),
            }
        }
        town.take(&people.duty, id, "dispatch", &[], after_hours(1)).await;
        let asked = [("question", "为何"), ("explain_by", "2026-11-30")];
        town.take(&people.officer, id, "ask_enterprise", &asked, after_hours(2)).await;
        let sees = async |principal| {
            town.cases.case(&Viewer::Person(principal), id, start()).await.is_ok()
        };
        assert!(sees(&people.manager).await && !sees(&people.rival).await);
        let to = Correction { enterprise: Some(Some("E2".into())), ..Correction::default() };
        town.cases.correct(&by(&people.officer), id, to, after_hours(3)).await.expect("corrected");
        assert!(!sees(&people.manager).await, "another enterprise");
        assert!(!sees(&people.rival).await, "not let in yet");
        let to = Correction { division: Some("350602".into()), ..Correction::default() };
        town.cases.correct(&by(&people.duty), id, to, after_hours(3)).await.expect("corrected");
        assert!(sees(&people.stranger).await && !sees(&people.officer).await, "it lies elsewhere");
        let case = town.view(&people.auditor, id).await.case;
        assert_eq!((case.division.as_str(), case.enterprise.as_deref()), ("350602", Some("E2")));
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_published_tells_nothing_of_the_reporter() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        town.complain("另一件不公开", start()).await;
        let (id, _, photo) = told_story(&town, &people).await;
        let filter = PublicFilter { limit: 10, ..PublicFilter::default() };
        let page = town.cases.public_cases(&filter).await.expect("a page");
        assert_eq!(page.rows.len(), 1, "one is published");
        let public = &page.rows[0];
        hides_everything("the public list", public);
        let fields: Vec<(&str, &str)> =
            public.fields.iter().map(|(name, value)| (&*name.zh, &*value.zh)).collect();
        assert_eq!(fields, [("污染类型", "废气"), ("公开内容", "属实,已整改")]);
        assert_eq!(public.opened_on.to_string(), "2026-11-23T16:00:00Z", "the day alone");
        let other = PublicFilter { division: Some("350602".into()), ..filter.clone() };
        assert!(town.cases.public_cases(&other).await.expect("a page").rows.is_empty());
        for viewer in [Viewer::Public, Viewer::Person(&people.rival)] {
            let view = town.cases.case(&viewer, id, after_days(5)).await.expect("a view");
            assert_eq!(view.seen_as, SeenAs::Public);
            hides_everything("the public page", &parts(&view));
            assert!(view.case.enterprise.is_none());
            let file = town.cases.evidence_file(&viewer, photo, Form::Whole).await;
            assert!(matches!(file, Err(CaseError::Unknown)));
        }
        let (all, divisions) = town
            .cases
            .public_statistics(&cases::StatisticsFilter::default())
            .await
            .expect("numbers");
        assert_eq!((all.opened, all.closed, all.on_time, all.satisfied), (2, 1, 1, 1));
        assert_eq!(all.satisfaction_percent.map(|rate| rate.to_string()).as_deref(), Some("100.0"));
        assert_eq!(all.average_days.map(|days| days.to_string()).as_deref(), Some("3.0"));
        assert_eq!(divisions.len(), 1);
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn personal_data_is_read_for_a_reason_and_each_reading_is_written_down() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let (id, _, _) = told_story(&town, &people).await;
        let ask = async |principal, reason: &str| {
            town.cases.reporter(&by(principal), id, reason, after_days(5)).await
        };
        assert!(matches!(ask(&people.officer, " ").await, Err(CaseError::Input(_))));
        for (who, principal) in [
            ("inspector", &people.inspector),
            ("leader", &people.leader),
            ("auditor", &people.auditor),
        ] {
            let asked = ask(principal, "想看").await;
            assert!(matches!(asked, Err(CaseError::Denied(_))), "{who}: {asked:?}");
        }
        let asked = ask(&people.stranger, "想看").await;
        assert!(matches!(asked, Err(CaseError::Unknown)), "{asked:?}");
        let data = ask(&people.officer, "回访").await.expect("read");
        assert_eq!(data.reporter.phone, "13800001234");
        assert_eq!(data.fields["bank_account"], "6222020000");
        let filter = authority::AuditFilter {
            action: "case.read_personal_data".into(),
            ..authority::AuditFilter::default()
        };
        let records = town.authority.audit(&filter, None, 10).await.expect("records");
        assert_eq!(records.len(), 1, "who was refused has read nothing");
        assert_eq!(records[0].who, "officer");
        assert_eq!(records[0].after.as_deref(), Some(r#"{"reason":"回访"}"#));
        let rows = crate::store_texts(&town.store).await;
        for secret in ["13800001234", "lin@example.org", "6222020000"] {
            let found: Vec<&String> = rows.iter().filter(|row| row.contains(secret)).collect();
            assert!(found.is_empty(), "{secret} stands open in the store: {found:?}");
        }
        assert!(rows.iter().any(|row| row.contains("我家窗口")), "the texts were looked at");
        town.cases.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_case_is_given_to_who_sees_it_and_to_units_alone() {
    testkit::on_both(&migrations(), |store| async move {
        let town = Town::new(store).await;
        let people = town.people().await;
        let id = town.complain("黑烟", start()).await.id;
        let give = async |principal, to: Assignment| {
            town.cases.assign(&by(principal), id, to, after_hours(1)).await
        };
        let to = |user: &Principal| Assignment {
            unit: Some(town.county),
            assisting: Some(vec![town.city, town.county]),
            assignee: Some(user.user),
        };
        assert!(matches!(
            give(&people.officer, to(&people.stranger)).await,
            Err(CaseError::Input(_))
        ));
        assert!(matches!(
            give(&people.officer, to(&people.manager)).await,
            Err(CaseError::Input(_))
        ));
        let inspector = give(&people.inspector, to(&people.inspector)).await;
        assert!(matches!(inspector, Err(CaseError::Denied(_))), "{inspector:?}");
        let nowhere =
            Assignment { unit: Some(authority::OrganisationId(999)), ..Assignment::default() };
        assert!(matches!(give(&people.officer, nowhere).await, Err(CaseError::Input(_))));
        give(&people.officer, to(&people.inspector)).await.expect("given");
        let case = town.view(&people.officer, id).await.case;
        assert_eq!(case.responsible, Some(town.county));
        assert_eq!(case.assisting, [town.city], "who answers does not help as well");
        assert_eq!(case.assignee, people.inspector.user);
        let mine = WorkFilter::of(WorkList::Mine);
        let list = async |principal, filter: &WorkFilter| {
            let page = town.cases.list(principal, filter, after_hours(2)).await.expect("a list");
            page.rows.len()
        };
        assert_eq!(list(&people.inspector, &mine).await, 1);
        assert_eq!(list(&people.officer, &mine).await, 0);
        let unit = WorkFilter::of(WorkList::Unit);
        assert_eq!(list(&people.officer, &unit).await, 1);
        assert_eq!(list(&people.duty, &unit).await, 1, "the city helps");
        assert_eq!(list(&people.stranger, &unit).await, 0);
        let user = crate::common::user(&people.inspector);
        let notices = town.cases.notifications(user, None, 10).await.expect("notices");
        assert_eq!(notices[0].kind, "assigned");
        town.cases.close().await;
    })
    .await;
}
