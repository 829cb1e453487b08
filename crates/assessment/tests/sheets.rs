//! Score sheets from their history.

use assessment::{Book, Event, EventKind, Standing, points, replay};
use jiff::Timestamp;
use proptest::prelude::*;
use rulebook::Decimal;

fn book() -> Book {
    Book::load("pm10.toml", include_str!("pm10.toml")).expect("a sound book")
}

fn number(text: &str) -> Decimal {
    text.parse().expect("a number")
}

/// A history in short: who did what.
fn history(entries: &[(&str, EventKind)]) -> Vec<Event> {
    let event = |(index, (by, kind)): (usize, &(&str, EventKind))| Event {
        number: index as i64 + 1,
        at: Timestamp::from_second(1_800_000_000 + index as i64).expect("a time"),
        by: (*by).to_owned(),
        kind: kind.clone(),
    };
    entries.iter().enumerate().map(event).collect()
}

fn stated(item: &str, value: &str) -> EventKind {
    EventKind::Stated { item: item.into(), value: number(value), source: "own statistics".into() }
}

fn verified(item: &str, value: &str) -> EventKind {
    EventKind::Verified { item: item.into(), value: number(value), source: "stations".into() }
}

/// All items of the unit without a coast, verified.
fn complete() -> Vec<(&'static str, EventKind)> {
    vec![
        ("county", stated("pm10", "60")),
        ("bureau", verified("pm10", "63")),
        ("bureau", verified("good_days", "88.5")),
        ("bureau", verified("complaints", "98")),
    ]
}

#[test]
fn points_are_those_of_the_published_rules() {
    let book = book();
    for (item, unit, value, wanted) in [
        ("pm10", "350603", "60", "3"),
        ("pm10", "350603", "63", "1.5"),
        ("pm10", "350603", "67", "0"),
        ("pm10", "350603", "12", "3"),
        ("pm10", "350602", "60", "2"),
        ("good_days", "350603", "89", "0.75"),
        ("good_days", "350603", "88.01", "0.75"),
        ("complaints", "350603", "98", "2"),
        ("complaints", "350603", "97.9", "1"),
        ("complaints", "350603", "89.9", "0"),
        ("coast", "350602", "3.5", "3.5"),
    ] {
        let found = points(book.item(item).expect(item), unit, number(value));
        assert_eq!(found, number(wanted), "{item} {unit} {value}");
    }
}

#[test]
fn a_sheet_is_scaled_to_the_items_of_the_unit() {
    let sheet = replay(&book(), "350603", &history(&complete())).expect("it replays");
    assert_eq!(sheet.full_marks, number("6"));
    assert_eq!(sheet.points, number("4.25"));
    assert_eq!(sheet.scaled, number("70.83"));
    assert_eq!(sheet.grade.as_deref(), Some("pass"));
    assert!(sheet.is_complete && !sheet.is_published);
}

#[test]
fn the_same_history_gives_the_same_bytes() {
    let first = replay(&book(), "350603", &history(&complete())).expect("it replays").to_bytes();
    let again = replay(&book(), "350603", &history(&complete())).expect("it replays").to_bytes();
    assert_eq!(first, again);
    let text = String::from_utf8(first).expect("text");
    assert!(text.contains("item\tpm10\tair\t60\t60\t63\tstations\tverified\t1.5\t3\n"), "{text}");
    let other = history(&[("bureau", verified("pm10", "62"))]);
    let other = replay(&book(), "350603", &other).expect("it replays").to_bytes();
    assert_ne!(text.into_bytes(), other);
}

#[test]
fn an_appeal_is_decided_once_and_then_published() {
    let mut entries = complete();
    let appeal = |value: &str| EventKind::Appealed {
        item: "pm10".into(),
        value: number(value),
        reason: "a dust storm".into(),
    };
    entries.push(("county", appeal("61")));
    let open = replay(&book(), "350603", &history(&entries)).expect("it replays");
    assert_eq!(open.items[0].standing, Standing::Appealed);
    assert_eq!(open.items[0].value, Some(number("63")));
    entries.push(("bureau", EventKind::Published));
    let refused = replay(&book(), "350603", &history(&entries)).expect_err("an open appeal");
    assert_eq!(refused.event, 6);
    entries.pop();
    let decide = |value: &str| EventKind::Decided {
        item: "pm10".into(),
        value: number(value),
        reason: "three days are left out".into(),
    };
    entries.push(("bureau", decide("61.5")));
    assert_eq!(replay(&book(), "350603", &history(&entries)).expect_err("its own").event, 6);
    entries.pop();
    entries.push(("leader", decide("61.5")));
    entries.push(("bureau", EventKind::Published));
    let sheet = replay(&book(), "350603", &history(&entries)).expect("it replays");
    assert_eq!(sheet.items[0].points, Some(number("2.25")));
    assert!(sheet.is_published);
    entries.push(("bureau", verified("pm10", "60")));
    assert_eq!(replay(&book(), "350603", &history(&entries)).expect_err("too late").event, 8);
}

#[test]
fn what_cannot_have_happened_is_named() {
    let cases: [(&str, Vec<(&str, EventKind)>); 5] = [
        ("verifies its own", vec![("a", stated("pm10", "1")), ("a", verified("pm10", "1"))]),
        ("no such item", vec![("a", stated("pm25", "1"))]),
        ("not its item", vec![("a", stated("coast", "1"))]),
        ("states after", vec![("b", verified("pm10", "1")), ("a", stated("pm10", "1"))]),
        (
            "lifts nothing",
            vec![("a", EventKind::VetoLifted { veto: "forged".into(), reason: String::new() })],
        ),
    ];
    for (what, entries) in cases {
        let problem = replay(&book(), "350603", &history(&entries)).expect_err(what);
        assert_eq!(problem.event, entries.len() as i64, "{what}: {problem}");
    }
}

#[test]
fn vetoes_outweigh_points_and_bonuses_are_capped() {
    let mut entries = complete();
    entries[1] = ("bureau", verified("pm10", "60"));
    entries[2] = ("bureau", verified("good_days", "95"));
    let bonus = |points: &str| EventKind::Adjusted {
        adjustment: "praised".into(),
        points: number(points),
        reason: "spread by the province".into(),
    };
    entries.push(("bureau", bonus("1.5")));
    entries.push(("bureau", bonus("1.5")));
    let veto = |id: &str| EventKind::Vetoed { veto: id.into(), reason: "see case".into() };
    let sheet = replay(&book(), "350603", &history(&entries)).expect("it replays");
    assert_eq!((sheet.total, sheet.grade.as_deref()), (number("102"), Some("excellent")));
    entries.push(("bureau", veto("accident")));
    let sheet = replay(&book(), "350603", &history(&entries)).expect("it replays");
    assert_eq!(sheet.grade.as_deref(), Some("good"));
    entries.push(("bureau", veto("forged")));
    let sheet = replay(&book(), "350603", &history(&entries)).expect("it replays");
    assert_eq!((sheet.total, sheet.grade.as_deref()), (number("102"), Some("fail")));
}

#[test]
fn a_book_names_what_is_wrong_with_its_line() {
    let text = include_str!("pm10.toml")
        .replace("group = \"work\"", "group = \"woke\"")
        .replace("at_best = \"good\"", "at_best = \"fair\"")
        .replace("{ value = \"98\", points = \"2\" }", "{ value = \"8\", points = \"2\" }");
    let problems = Book::load("b.toml", &text).expect_err("three kinds of wrong");
    let mut codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
    codes.dedup();
    assert_eq!(codes, ["assessment.unknown", "assessment.cuts", "assessment.unknown"]);
    assert!(problems.iter().all(|problem| problem.line.is_some()), "{problems:?}");
    let problems = Book::load("b.toml", "id = 3\nyears = 1").expect_err("no shape");
    assert!(problems.iter().any(|problem| problem.to_string().starts_with("b.toml:2: years:")));
}

proptest! {
    #[test]
    fn points_never_leave_the_scale_and_better_is_never_worth_less(
        value in any::<i64>(), more in 0_i64..1_000_000, scale in 0_u32..8,
    ) {
        let book = book();
        for item in book.items.iter().filter(|item| item.id != "coast") {
            let at = |value: i64| points(item, "350603", Decimal::new(value, scale));
            let (low, high) = (at(value), at(value.saturating_add(more)));
            prop_assert!((Decimal::ZERO..=item.full_marks).contains(&low));
            let is_right = if item.id == "pm10" { low >= high } else { low <= high };
            prop_assert!(is_right, "{} {low} {high}", item.id);
        }
    }
}
