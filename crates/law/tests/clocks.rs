//! Clocks: a table of cases counted by hand, and what holds for every clock.

use jiff::civil::Date;
use jiff::{Span, Timestamp, ToSpan};
use law::{Calendar, Due, Length, Running, Unit, after, before, due, until};
use proptest::prelude::*;
use rulebook::{Language, parse_beijing};

/// start; length; extensions; from..to of each suspension; rolls; when it is too late.
const CLOCKS: &[&str] = &[
    // The day of the event is not counted, the last day ends at 24:00 (Civil Code, 201 and 203).
    "20261102 0900; 5 calendar_day; ; ; no; 20261108 0000",
    "20261102 0000; 5 calendar_day; ; ; no; 20261108 0000",
    "20261102 2359; 5 calendar_day; ; ; no; 20261108 0000",
    // A last day off moves to the next working day, a working Saturday does not.
    "20261102 0900; 5 calendar_day; ; ; yes; 20261110 0000",
    "20260921 0900; 10 calendar_day; ; ; yes; 20261009 0000",
    "20260930 0900; 10 calendar_day; ; ; yes; 20261011 0000",
    // Working days skip festivals and count the days made working.
    "20260924 1530; 5 working_day; ; ; no; 20261010 0000",
    "20260213 0900; 5 working_day; ; ; no; 20260228 0000",
    "20240208 0900; 20 working_day; ; ; no; 20240314 0000",
    // Months end on the same number or at the end of the month (Civil Code, 202).
    "20260115 0900; 1 month; ; ; no; 20260216 0000",
    "20260131 0900; 1 month; ; ; no; 20260301 0000",
    "20240229 0900; 1 year; ; ; no; 20250301 0000",
    "20260131 0900; 3 month; ; ; yes; 20260501 0000",
    // Hours run through the night and the holiday.
    "20261001 2300; 4 hour; ; ; yes; 20261002 0300",
    "20261001 2300; 0 hour; ; ; yes; 20261001 2300",
    // An extension begins where the period ends, before that end is moved.
    "20261102 0900; 60 calendar_day; 30 calendar_day; ; no; 20270201 0000",
    "20260803 0900; 60 calendar_day; 30 calendar_day; ; yes; 20261103 0000",
    "20261102 0900; 2 working_day; 3 working_day; ; no; 20261110 0000",
    "20261102 0900; 2 working_day; 3 calendar_day; ; no; 20261108 0000",
    "20261102 0900; 1 calendar_day; 2 hour; ; no; 20261104 0200",
    // A suspension takes away its days, the one on which it begins and not the one it ends on.
    "20261102 0900; 5 calendar_day; ; 20261104 1000..20261106 1000; no; 20261110 0000",
    "20261102 0900; 5 calendar_day; ; 20261104 1000..20261104 1800; no; 20261108 0000",
    "20261102 0900; 5 calendar_day; ; 20261102 1000..20261104 1000; no; 20261110 0000",
    "20261102 0900; 5 calendar_day; ; 20261107 1000..20261109 1000; no; 20261110 0000",
    "20261102 0900; 5 calendar_day; ; 20261109 1000..20261120 1000; no; 20261108 0000",
    "20261102 0900; 5 working_day; ; 20261106 1000..20261109 1000; no; 20261111 0000",
    "20261102 0900; 5 working_day; ; 20261107 1000..20261109 1000; no; 20261110 0000",
    "20261102 0900; 1 month; ; 20261104 1000..20261114 1000; no; 20261213 0000",
    "20261102 0900; 4 hour; ; 20261102 1000..20261102 1130; no; 20261102 1430",
    "20261102 0900; 4 hour; ; 20261102 1300..20261102 1400; no; 20261102 1300",
    // Suspensions that meet are one; one that ends before it begins is none.
    "20261102 0900; 5 calendar_day; ; 20261104 1000..20261106 1000 20261105 1000..20261107 1000; \
     no; 20261111 0000",
    "20261102 0900; 5 calendar_day; ; 20261106 1000..20261104 1000; no; 20261108 0000",
    // A clock that stands still has no end, unless it ran out before.
    "20261102 0900; 5 calendar_day; ; 20261104 1000..; no; suspended",
    "20261102 0900; 4 hour; ; 20261102 1000..; no; suspended",
    "20261102 0900; 5 calendar_day; ; 20261108 0000..; no; 20261108 0000",
];

fn at(text: &str) -> Timestamp {
    parse_beijing(&format!("{}00", text.trim().replace(' ', ""))).expect(text)
}

fn length(text: &str) -> Length {
    let (amount, unit) = text.trim().split_once(' ').expect(text);
    Length::new(amount.parse().expect(text), Unit::parse(unit).expect(text))
}

fn running(line: &str) -> (Running, &str) {
    let cells: Vec<&str> = line.split(';').map(str::trim).collect();
    let [start, span, extension, suspensions, rolls, wanted] = cells[..] else {
        panic!("six cells: {line}")
    };
    let suspensions = suspensions.replace(' ', "");
    let mut rest = suspensions.as_str();
    let mut list = Vec::new();
    while let Some((from, to)) = rest.split_once("..") {
        let end = to.get(..12);
        list.push((at(from), end.map(at)));
        rest = to.get(12..).unwrap_or("");
    }
    let running = Running {
        started_at: at(start),
        length: length(span),
        extensions: (!extension.is_empty()).then(|| length(extension)).into_iter().collect(),
        suspensions: list,
        rolls_to_working_day: rolls == "yes",
    };
    (running, wanted)
}

#[test]
fn clocks_end_as_counted_by_hand() {
    for line in CLOCKS {
        let (running, wanted) = running(line);
        let due = due(&running, Calendar::national());
        match wanted {
            "suspended" => assert!(due.at().is_none(), "{line}"),
            wanted => assert_eq!(due.at(), Some(at(wanted)), "{line}"),
        }
    }
}

fn plain(proof: &[rulebook::Text], language: Language) -> String {
    proof.iter().map(|line| line.in_language(language)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_proof_shows_each_step_in_both_languages() {
    let line = "20260921 1530; 5 working_day; 2 working_day; 20260922 0900..20260923 0900; no; ";
    let due = due(&running(line).0, Calendar::national());
    assert_eq!(
        plain(due.proof(), Language::Chinese),
        "2026-09-21 15:30 起算，当日不计入（民法典第二百零一条）\n\
         期限 5个工作日：2026-09-22 至 2026-09-30\n\
         中秋节放假 2026-09-25 至 2026-09-27，不计入\n\
         延期 2个工作日：2026-10-01 至 2026-10-09\n\
         国庆节放假 2026-10-01 至 2026-10-07，不计入\n\
         中止 2026-09-22 09:00 至 2026-09-23 09:00：自中止之日起至恢复前一日不计入\n\
         2026-10-09 24:00 届满（北京时间）"
    );
    assert_eq!(
        plain(due.proof(), Language::English),
        "starts 2026-09-21 15:30; that day is not counted (Civil Code, article 201)\n\
         period of 5 working days: 2026-09-22 to 2026-09-30\n\
         2026-09-25 to 2026-09-27 is a holiday (中秋节) and does not count\n\
         extended by 2 working days: 2026-10-01 to 2026-10-09\n\
         2026-10-01 to 2026-10-07 is a holiday (国庆节) and does not count\n\
         suspended from 2026-09-22 09:00 to 2026-09-23 09:00: the days up to the one before it \
         went on do not count\n\
         ends 2026-10-09 at 24:00, Beijing time"
    );
}

#[test]
fn the_proof_says_what_was_moved_and_what_is_provisional() {
    let line = "20261102 0900; 61 calendar_day; ; ; yes; ";
    let due = due(&running(line).0, Calendar::national());
    let ending = due.ending().expect("an end");
    assert!(ending.is_provisional);
    assert_eq!(ending.last_day, "2027-01-04".parse().unwrap());
    let zh = plain(&ending.proof, Language::Chinese);
    assert!(zh.contains("最后一日 2027-01-02 是休假日，顺延至 2027-01-04"), "{zh}");
    assert!(zh.contains("暂定"), "{zh}");
}

#[test]
fn a_calendar_clock_that_does_not_roll_is_never_provisional() {
    let (running, _) = running("20261102 0900; 400 calendar_day; ; ; no; ");
    assert!(!due(&running, Calendar::national()).ending().expect("an end").is_provisional);
}

#[test]
fn a_day_that_a_person_set_ends_at_its_midnight() {
    for (day, rolls, last, is_provisional) in [
        ("2026-11-28", false, "2026-11-28", false),
        ("2026-11-28", true, "2026-11-30", false),
        ("2027-01-02", true, "2027-01-04", true),
        ("2027-01-02", false, "2027-01-02", false),
    ] {
        let ending = until(day.parse().unwrap(), rolls, Calendar::national());
        let last: Date = last.parse().unwrap();
        assert_eq!((ending.last_day, ending.is_provisional), (last, is_provisional), "{day}");
        let midnight = last.tomorrow().unwrap().to_string().replace('-', "");
        assert_eq!(ending.at, at(&format!("{midnight} 0000")));
    }
}

#[test]
fn warnings_and_escalations_keep_to_the_calendar() {
    let calendar = Calendar::national();
    for (end, span, wanted_before, wanted_after) in [
        // Friday 2026-11-27 is the last day.
        ("20261128 0000", "1 working_day", "20261127 0000", "20261201 0000"),
        ("20261128 0000", "3 working_day", "20261125 0000", "20261203 0000"),
        ("20261128 0000", "2 calendar_day", "20261126 0000", "20261130 0000"),
        ("20261128 0000", "6 hour", "20261127 1800", "20261128 0600"),
        ("20261128 0000", "1 month", "20261028 0000", "20261228 0000"),
        // In the middle of a day, as clocks of hours end.
        ("20261127 1030", "1 working_day", "20261126 1030", "20261130 1030"),
        // Over a festival.
        ("20261009 0000", "2 working_day", "20260930 0000", "20261011 0000"),
    ] {
        assert_eq!(before(at(end), length(span), calendar), at(wanted_before), "{end} - {span}");
        assert_eq!(after(at(end), length(span), calendar), at(wanted_after), "{end} + {span}");
    }
}

fn beijing_day(at: Timestamp) -> Date {
    rulebook::beijing_offset().to_datetime(at).date()
}

fn a_start() -> impl Strategy<Value = Timestamp> {
    // 2007 to 2027, to the minute.
    (0_i64..11_000_000)
        .prop_map(|minute| at("20070101 0000").checked_add(minute.minutes()).expect("within range"))
}

fn a_unit() -> impl Strategy<Value = Unit> {
    proptest::sample::select(Unit::ALL.to_vec())
}

fn clock(started_at: Timestamp, amount: u32, unit: Unit) -> Running {
    Running {
        started_at,
        length: Length::new(amount, unit),
        extensions: Vec::new(),
        suspensions: Vec::new(),
        rolls_to_working_day: false,
    }
}

fn ends(running: &Running) -> Timestamp {
    due(running, Calendar::national()).at().expect("an end")
}

proptest! {
    #[test]
    fn a_longer_clock_never_ends_earlier(
        start in a_start(), amount in 0_u32..80, unit in a_unit(), rolls: bool,
    ) {
        let clock = |amount| Running { rolls_to_working_day: rolls, ..clock(start, amount, unit) };
        prop_assert!(ends(&clock(amount)) <= ends(&clock(amount + 1)));
    }

    #[test]
    fn a_later_start_never_ends_earlier(
        start in a_start(), later in 0_i64..100_000, amount in 0_u32..80, unit in a_unit(),
    ) {
        let other = start.checked_add(later.minutes()).expect("within range");
        prop_assert!(ends(&clock(start, amount, unit)) <= ends(&clock(other, amount, unit)));
    }

    #[test]
    fn a_suspension_moves_a_calendar_clock_by_its_days(
        start in a_start(), amount in 1_u32..80, begins in 0_i64..1440, minutes in 0_i64..100_000,
    ) {
        let begins = begins.min(i64::from(amount) * 1440 - 1);
        let from = start.checked_add(begins.minutes()).expect("within range");
        let to = from.checked_add(minutes.minutes()).expect("within range");
        let plain = clock(start, amount, Unit::CalendarDay);
        let suspended = Running { suspensions: vec![(from, Some(to))], ..plain.clone() };
        let days = beijing_day(from).until(beijing_day(to)).expect("a span").get_days();
        let moved = beijing_day(ends(&plain)).checked_add(days.days()).expect("within range");
        prop_assert_eq!(beijing_day(ends(&suspended)), moved);
    }

    #[test]
    fn a_suspension_moves_a_clock_of_hours_by_its_time(
        start in a_start(), amount in 1_u32..100, begins in 0_i64..60, minutes in 0_i64..100_000,
    ) {
        let from = start.checked_add(begins.min(59).minutes()).expect("within range");
        let to = from.checked_add(minutes.minutes()).expect("within range");
        let plain = clock(start, amount, Unit::Hour);
        let suspended = Running { suspensions: vec![(from, Some(to))], ..plain.clone() };
        prop_assert_eq!(
            ends(&suspended), ends(&plain).checked_add(minutes.minutes()).expect("within range")
        );
    }

    #[test]
    fn as_many_working_days_are_counted_as_the_length_says(
        start in a_start(), amount in 1_u32..80,
        from in 0_i64..50_000, minutes in 0_i64..50_000,
    ) {
        let from = start.checked_add(from.minutes()).expect("within range");
        let to = from.checked_add(minutes.minutes()).expect("within range");
        let suspensions = vec![(from, Some(to))];
        let clock = Running { suspensions, ..clock(start, amount, Unit::WorkingDay) };
        let last = beijing_day(ends(&clock)).yesterday().expect("a day before");
        let is_still = |day: Date| beijing_day(from) <= day && day < beijing_day(to);
        // A clock that is stopped on the day it starts starts on the day it goes on.
        let first = if is_still(beijing_day(start)) { beijing_day(to) } else { beijing_day(start) };
        let days = first.series(1.days()).skip(1).take_while(|day| *day <= last);
        let works = |day: &Date| Calendar::national().is_working_day(*day).value();
        let counted = days.filter(|day| works(day) && !is_still(*day)).count();
        prop_assert_eq!(counted, amount as usize);
        prop_assert!(works(&last) && !is_still(last));
    }

    #[test]
    fn the_order_of_suspensions_does_not_matter(
        start in a_start(), amount in 1_u32..40, unit in a_unit(),
        spans in prop::collection::vec((0_i64..90_000, 0_i64..20_000), 0..4),
    ) {
        let plus = |minutes: i64| start.checked_add(minutes.minutes()).expect("within range");
        let mut suspensions: Vec<_> =
            spans.iter().map(|(from, long)| (plus(*from), Some(plus(from + long)))).collect();
        let clock = clock(start, amount, unit);
        let one = Running { suspensions: suspensions.clone(), ..clock.clone() };
        suspensions.reverse();
        suspensions.extend(suspensions.clone());
        prop_assert_eq!(ends(&one), ends(&Running { suspensions, ..clock }));
    }

    #[test]
    fn an_extension_of_days_adds_to_the_length(
        start in a_start(), one in 0_u32..60, other in 0_u32..60, is_working: bool, rolls: bool,
    ) {
        let unit = if is_working { Unit::WorkingDay } else { Unit::CalendarDay };
        let whole = Running { rolls_to_working_day: rolls, ..clock(start, one + other, unit) };
        let extended = Running {
            length: Length::new(one, unit),
            extensions: vec![Length::new(other, unit)],
            ..whole.clone()
        };
        prop_assert_eq!(ends(&whole), ends(&extended));
    }

    #[test]
    fn a_rolled_end_is_the_first_working_day_from_the_plain_one(
        start in a_start(), amount in 0_u32..80,
    ) {
        let plain = clock(start, amount, Unit::CalendarDay);
        let rolled = Running { rolls_to_working_day: true, ..plain.clone() };
        let last = |at| beijing_day(at).yesterday().expect("a day before");
        let next = Calendar::national().next_working_day_on_or_after(last(ends(&plain)));
        prop_assert_eq!(last(ends(&rolled)), next.value());
    }

    #[test]
    fn a_warning_comes_before_the_end_and_an_escalation_after(
        start in a_start(), amount in 1_u32..40, unit in a_unit(),
    ) {
        let length = Length::new(amount, unit);
        prop_assert!(before(start, length, Calendar::national()) < start);
        prop_assert!(after(start, length, Calendar::national()) > start);
    }

    #[test]
    fn no_clock_is_too_long_to_be_counted(
        second in -377_705_023_201_i64..=253_402_207_200, amount: u32, unit in a_unit(),
        rolls: bool,
    ) {
        let started_at = Timestamp::from_second(second).expect("within range");
        let amount = if unit == Unit::WorkingDay { amount % 3000 } else { amount };
        let clock = Running { rolls_to_working_day: rolls, ..clock(started_at, amount, unit) };
        prop_assert!(matches!(due(&clock, Calendar::national()), Due::Ends(_)));
    }
}

#[test]
fn a_clock_of_four_billion_days_ends_with_the_calendar() {
    let start = at("20261102 0900");
    for unit in [Unit::CalendarDay, Unit::WorkingDay, Unit::Month, Unit::Year] {
        let ending = due(&clock(start, u32::MAX, unit), Calendar::national());
        assert_eq!(ending.ending().expect("an end").last_day, Date::MAX, "{unit:?}");
    }
    let span = Span::new().hours(1);
    assert!(Timestamp::MAX.checked_add(span).is_err());
}
