//! The golden table: every role, every action, in and out of jurisdiction.
//! `LUCID_BLESS=1` writes it anew.

use authority::{
    Action, Decision, Denial, Grant, Jurisdiction, OrganisationId, Principal, Reach, Role, Scope,
    Subject, Tree, UserId, decide, scope,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/who_may_what.txt");

fn divisions() -> Tree<String> {
    let pairs = [
        ("350600", None),
        ("350603", Some("350600")),
        ("LOCAL-ZONE", Some("350603")),
        ("350602", Some("350600")),
    ];
    Tree::new(pairs.map(|(code, parent)| (code.to_owned(), parent.map(str::to_owned))))
}

fn reach(jurisdiction: &Jurisdiction) -> Reach {
    match jurisdiction {
        Jurisdiction::Everything => Reach::Everything,
        Jurisdiction::Division(code) => Reach::Divisions(Arc::new(divisions().subtree(code))),
        Jurisdiction::Organisation(id) => {
            let tree = Tree::new([(OrganisationId(2), Some(OrganisationId(1)))]);
            Reach::Organisations(Arc::new(tree.subtree(id)))
        }
        Jurisdiction::Enterprise(code) => Reach::Enterprise(code.clone()),
    }
}

fn holder(role: Role, jurisdiction: Jurisdiction) -> Principal {
    let reach = reach(&jurisdiction);
    Principal {
        user: Some(UserId(7)),
        name: "test".into(),
        organisation: None,
        grants: vec![Grant { role, jurisdiction, reach }],
        scopes: None,
    }
}

fn jurisdictions() -> [Jurisdiction; 4] {
    [
        Jurisdiction::Everything,
        Jurisdiction::Division("350603".into()),
        Jurisdiction::Organisation(OrganisationId(1)),
        Jurisdiction::Enterprise("DEMO-0001".into()),
    ]
}

fn subjects() -> [(&'static str, Subject); 5] {
    [
        ("installation", Subject::installation()),
        ("own division", Subject::installation().in_division("LOCAL-ZONE")),
        ("other division", Subject::installation().in_division("350602")),
        ("unit below", Subject::installation().of_organisation(OrganisationId(2))),
        ("own enterprise", Subject::installation().of_enterprise("DEMO-0001")),
    ]
}

fn table() -> String {
    let mut text = String::from(
        "# role · jurisdiction · action: subjects that it reaches. Written by the test beside it.\n\
         # A citizen (nobody signed in) holds no role and reaches nothing here.\n",
    );
    for role in Role::ALL {
        for jurisdiction in jurisdictions() {
            let principal = holder(role, jurisdiction.clone());
            for action in Action::ALL {
                let reached: Vec<&str> = subjects()
                    .iter()
                    .filter(|(_, subject)| decide(&principal, action, subject).is_allowed())
                    .map(|(name, _)| *name)
                    .collect();
                let reached =
                    if reached.is_empty() { "nothing".to_owned() } else { reached.join(", ") };
                let (role, action) = (role.as_str(), action.as_str());
                let _ = writeln!(text, "{role} · {jurisdiction} · {action}: {reached}");
            }
        }
    }
    text
}

#[test]
fn the_table_of_who_may_what_holds() {
    let found = table();
    if std::env::var_os("LUCID_BLESS").is_some() {
        std::fs::write(TABLE, &found).expect("the table can be written");
    }
    let wanted = std::fs::read_to_string(TABLE).expect("the table is there");
    for (line, (found, wanted)) in found.lines().zip(wanted.lines()).enumerate() {
        assert_eq!(found, wanted, "line {} of {TABLE}", line + 1);
    }
    assert_eq!(found.lines().count(), wanted.lines().count());
}

#[test]
fn only_what_the_city_places_below_a_division_lies_in_it() {
    let officer = holder(Role::CountyOfficer, Jurisdiction::Division("350603".into()));
    let may = |code: &str| {
        let subject = Subject::installation().in_division(code);
        decide(&officer, Action::ReadCase, &subject).is_allowed()
    };
    assert!(may("350603") && may("LOCAL-ZONE"));
    // The code of a zone may begin with that of a county which does not govern it.
    assert!(!may("350603501") && !may("350602") && !may("350600") && !may(""));
}

#[test]
fn denials_say_why() {
    let subject = Subject::installation().in_division("350603");
    let officer = holder(Role::CountyOfficer, Jurisdiction::Division("350603".into()));
    let denied =
        |principal: &Principal, action, subject: &Subject| match decide(principal, action, subject)
        {
            Decision::Denied { why } => Some(why),
            Decision::Allowed { .. } => None,
        };
    assert_eq!(denied(&officer, Action::Configure, &subject), Some(Denial::NoRole));
    let elsewhere = Subject::installation().in_division("350602");
    assert_eq!(denied(&officer, Action::ReadCase, &elsewhere), Some(Denial::OutOfJurisdiction));
    let own = subject.clone().done_by(UserId(7));
    assert_eq!(denied(&officer, Action::AcceptCase, &own), Some(Denial::OwnWork));
    assert_eq!(denied(&officer, Action::ReadCase, &own), None);
    let others = subject.clone().done_by(UserId(8));
    assert_eq!(denied(&officer, Action::AcceptCase, &others), None);
    let limited = Principal { scopes: Some(vec![Action::ReadAlerts]), ..officer };
    assert_eq!(denied(&limited, Action::ReadCase, &subject), Some(Denial::OutOfScope));
    assert_eq!(
        decide(&limited, Action::ReadAlerts, &subject),
        Decision::Allowed { rule: "county_officer@division 350603".into() }
    );
}

#[test]
fn a_ring_of_divisions_ends() {
    let ring = Tree::new([("a", Some("b")), ("b", Some("a"))]);
    assert_eq!(ring.subtree(&"a"), BTreeSet::from(["a", "b"]));
}

fn any_grant() -> impl Strategy<Value = Grant> {
    (0..Role::ALL.len(), 0..4_usize).prop_map(|(role, place)| {
        let jurisdiction = jurisdictions()[place].clone();
        let reach = reach(&jurisdiction);
        Grant { role: Role::ALL[role], jurisdiction, reach }
    })
}

proptest! {
    /// A list shows exactly what can be read one by one.
    #[test]
    fn lists_and_single_decisions_agree(
        grants in prop::collection::vec(any_grant(), 0..4),
        action in 0..Action::ALL.len(),
        limited in prop::option::of(0..Action::ALL.len()),
        what in 0..5_usize,
    ) {
        let action = Action::ALL[action];
        let scopes = limited.map(|one| vec![Action::ALL[one]]);
        let principal = Principal {
            user: Some(UserId(7)), name: "test".into(), organisation: None, grants, scopes,
        };
        let subject = &subjects()[what].1;
        let one = decide(&principal, action, subject).is_allowed();
        prop_assert_eq!(one, scope(&principal, action).holds(subject));
    }
}

#[test]
fn nobody_sees_nothing() {
    let nobody = Principal {
        user: None,
        name: String::new(),
        organisation: None,
        grants: Vec::new(),
        scopes: None,
    };
    for action in Action::ALL {
        assert_eq!(scope(&nobody, action), Scope::Nothing);
    }
}
