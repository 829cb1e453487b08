//! The vectors of the calendar: what the notices say, and counts made by hand from them.

use jiff::civil::{Date, date};

use super::*;

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

#[test]
fn working_days_after_a_start_are_those_counted_by_hand() {
    for (start, n, end) in [
        ("2026-09-24", 5, "2026-10-09"),
        ("2026-02-13", 5, "2026-02-27"),
        ("2025-09-30", 7, "2025-10-16"),
        ("2024-02-08", 20, "2024-03-13"),
        ("2026-09-18", 7, "2026-09-29"),
        ("2026-04-30", 3, "2026-05-08"),
        ("2026-11-25", 0, "2026-11-25"),
    ] {
        let calendar = Calendar::national();
        assert_eq!(calendar.working_days_after(day(start), n), Known::Certain(day(end)), "{start}");
        if n > 0 {
            let back = calendar.working_days_before(day(end), n).value();
            assert!(back >= day(start), "{end} back to {back}");
            assert_eq!(calendar.working_days_after(back, n), Known::Certain(day(end)));
        }
    }
}

#[test]
fn each_year_has_as_many_working_days_as_published() {
    for (year, wanted) in [(2024, 251), (2025, 248), (2026, 248)] {
        let days = date(year, 1, 1).series(jiff::Span::new().days(1));
        let days = days.take_while(|day| day.year() == year);
        let working =
            days.filter(|day| Calendar::national().is_working_day(*day) == Known::Certain(true));
        assert_eq!(working.count(), wanted, "{year}");
    }
}

#[test]
fn days_made_working_are_those_of_the_notices() {
    for days in [
        "2024: 02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
        "2025: 01-26 02-08 04-27 09-28 10-11",
        "2026: 01-04 02-14 02-28 05-09 09-20 10-10",
    ] {
        let (year, wanted) = days.split_once(": ").expect("a year");
        let wanted: Vec<Date> =
            wanted.split(' ').map(|text| day(&format!("{year}-{text}"))).collect();
        let (first, last) = (day(&format!("{year}-01-01")), day(&format!("{year}-12-31")));
        let first = first.yesterday().expect("a day before");
        let made: Vec<Date> = Calendar::national()
            .named_between(first, last)
            .filter(|(_, notice)| !notice.is_off)
            .map(|(day, _)| day)
            .collect();
        assert_eq!(made, wanted);
    }
}

#[test]
fn days_off_are_those_of_the_notices() {
    for (year, wanted) in [
        (2024, "01-01 02-10..02-17 04-04..04-06 05-01..05-05 06-10 09-15..09-17 10-01..10-07"),
        (2025, "01-01 01-28..02-04 04-04..04-06 05-01..05-05 05-31..06-02 10-01..10-08"),
        (
            2026,
            "01-01..01-03 02-15..02-23 04-04..04-06 05-01..05-05 06-19..06-21 09-25..09-27 \
             10-01..10-07",
        ),
    ] {
        let mut days = Vec::new();
        for range in wanted.split(' ') {
            let (from, to) = range.split_once("..").unwrap_or((range, range));
            let (from, to) = (day(&format!("{year}-{from}")), day(&format!("{year}-{to}")));
            days.extend(from.series(jiff::Span::new().days(1)).take_while(|day| *day <= to));
        }
        let named = Calendar::national().named_between(date(year - 1, 12, 31), date(year, 12, 31));
        let off: Vec<Date> =
            named.filter(|(_, notice)| notice.is_off).map(|(day, _)| day).collect();
        assert_eq!(off, days, "{year}");
    }
}

#[test]
fn the_notices_of_2007_to_2026_are_there_and_say_where_they_stand() {
    let calendar = Calendar::national();
    assert!(calendar.years().eq(2007..=2026));
    let notice = calendar.notice(date(2026, 10, 1)).expect("a holiday");
    assert_eq!((notice.festival.as_str(), notice.is_off, notice.year), ("国庆节", true, 2026));
    assert!(notice.source.contains("gov.cn"), "{}", notice.source);
    assert_eq!(calendar.notice(date(2026, 11, 25)), None);
}

#[test]
fn what_touches_a_year_without_a_notice_is_provisional() {
    let calendar = Calendar::national();
    let end = calendar.working_days_after(date(2026, 12, 28), 3);
    assert_eq!(end, Known::Certain(date(2026, 12, 31)));
    let end = calendar.working_days_after(date(2026, 12, 28), 4);
    assert_eq!(end, Known::Provisional(date(2027, 1, 1)));
    assert_eq!(calendar.is_working_day(date(2006, 12, 29)), Known::Provisional(true));
    assert_eq!(calendar.is_working_day(date(2006, 12, 30)), Known::Certain(true));
}

#[test]
fn a_later_notice_makes_a_provisional_day_certain() {
    let list = "date,name,is_off_day,notice_year,notice_url\n2027-01-01,元旦,true,2027,gov.cn\n";
    let calendar = Calendar::national().and(list).expect("a sound list");
    let end = calendar.working_days_after(date(2026, 12, 28), 4);
    assert_eq!(end, Known::Certain(date(2027, 1, 4)));
    assert_eq!(calendar.years().last(), Some(2027));
}

#[test]
fn a_list_that_is_none_is_refused_with_its_line() {
    let head = "date,name,is_off_day,notice_year,notice_url\n";
    for (list, line, word) in [
        ("day,name\n2027-01-01,x\n".to_owned(), 1, "head"),
        (format!("{head}2027-13-01,x,true,2027,u\n"), 2, "date"),
        (format!("{head}2027-01-01,x,perhaps,2027,u\n"), 2, "true nor false"),
        (format!("{head}2027-01-01,x,true,soon,u\n"), 2, "year"),
        (format!("{head}2027-01-01,,true,2027,u\n"), 2, "name"),
        (format!("{head}2027-01-01,x,true\n"), 2, "CSV"),
    ] {
        let error = Calendar::default().and(&list).expect_err("an unsound list");
        assert_eq!(error.line, line, "{error}");
        assert!(error.to_string().contains(word), "{error}");
        assert_eq!(error.code(), "calendar.unreadable");
    }
}

#[test]
fn an_end_on_a_day_off_moves_to_the_next_working_day() {
    let calendar = Calendar::national();
    for (day_off, next) in [
        ("2026-10-03", Known::Certain(date(2026, 10, 8))),
        ("2026-10-10", Known::Certain(date(2026, 10, 10))),
        ("2026-11-28", Known::Certain(date(2026, 11, 30))),
        ("2026-11-27", Known::Certain(date(2026, 11, 27))),
        ("2027-01-02", Known::Provisional(date(2027, 1, 4))),
        ("2027-01-04", Known::Provisional(date(2027, 1, 4))),
    ] {
        assert_eq!(calendar.next_working_day_on_or_after(day(day_off)), next, "{day_off}");
    }
}
