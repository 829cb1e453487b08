//! The table is sound, chosen by day, and agrees with the rules of counting of its laws.

use jiff::civil::date;

use super::*;

#[test]
fn the_table_is_there_and_every_row_says_who_says_so() {
    assert_eq!(deadlines().len(), 91);
    for row in deadlines() {
        assert!(!row.source.is_empty() && row.confidence > Confidence::Unknown, "{}", row.id);
    }
}

#[test]
fn rows_are_those_of_the_law() {
    for (id, amount, unit) in [
        ("complaint.tell.accept", 15, Unit::CalendarDay),
        ("complaint.transfer", 3, Unit::WorkingDay),
        ("complaint.finish", 60, Unit::CalendarDay),
        ("complaint.extend", 30, Unit::CalendarDay),
        ("petition.object", 5, Unit::WorkingDay),
        ("petition.review.ask", 30, Unit::CalendarDay),
        ("emerg.general", 4, Unit::Hour),
        ("emerg.major", 2, Unit::Hour),
        ("emerg.province", 1, Unit::Hour),
        ("limitprod.max", 3, Unit::Month),
        ("permit.validity", 5, Unit::Year),
        ("permit.decide.key", 30, Unit::WorkingDay),
    ] {
        let row = deadline(id, date(2026, 11, 25)).expect(id);
        assert_eq!(row.length(), Some(Length::new(amount, unit)), "{id}");
    }
}

#[test]
fn a_row_is_chosen_by_the_day() {
    let report = |on| deadline("eia.report.decide", on).map(|row| row.confidence);
    assert_eq!(report(date(2026, 8, 14)), Some(Confidence::Memory));
    assert_eq!(report(date(2026, 8, 15)), Some(Confidence::High));
    assert_eq!(report(date(2000, 1, 1)), None);
    assert_eq!(deadline("complaint.finish", date(2011, 2, 28)), None);
    assert!(is_known("complaint.finish") && !is_known("complaint.forget"));
}

#[test]
fn what_nobody_has_read_stays_marked() {
    for row in deadlines() {
        let recalled = row.source.starts_with("recalled");
        assert_eq!(recalled, row.confidence == Confidence::Memory, "{}", row.id);
    }
    assert!(deadlines().iter().any(|row| row.confidence == Confidence::Memory));
}

#[test]
fn a_day_of_each_year_is_no_length() {
    let row = deadline("disclosure.annual", date(2026, 11, 25)).expect("a row");
    assert_eq!(row.term, Term::EachYearBy { month: 3, day: 15 });
    assert_eq!(row.length(), None);
}

#[test]
fn units_follow_the_rule_of_each_law() {
    for row in deadlines() {
        let Some(Length { amount, unit }) = row.length() else { continue };
        let is_day = matches!(unit, Unit::CalendarDay | Unit::WorkingDay);
        let wanted = if !is_day {
            continue;
        } else if row.source.contains("移送适用行政拘留") {
            Unit::WorkingDay
        } else if row.source.contains("行政处罚法2021") {
            if amount <= 7 { Unit::WorkingDay } else { Unit::CalendarDay }
        } else if row.source.contains("行政强制法") {
            if amount <= 10 { Unit::WorkingDay } else { Unit::CalendarDay }
        } else if row.id.starts_with("permit.decide") || row.source.contains("政府信息公开条例")
        {
            Unit::WorkingDay
        } else {
            continue;
        };
        assert_eq!(unit, wanted, "{}", row.id);
    }
}

#[test]
fn an_unsound_table_is_refused_with_its_line() {
    let head = "id,topic,trigger_zh,trigger_en,sense,amount,unit,holder_zh,holder_en,valid_from,\
                valid_to,source,confidence,note\n";
    let sound = "a,b,c,d,within,3,hour,e,f,2020-01-01,,g,high,\n";
    assert_eq!(load(&format!("{head}{sound}")).expect("a sound table").len(), 1);
    for (row, word) in [
        ("a,b,c,d,within,3,week,e,f,,,g,high,\n", "\"week\" is no unit"),
        ("a,b,c,d,within,few,hour,e,f,,,g,high,\n", "\"few\" is no amount"),
        ("a,b,c,d,soon,3,hour,e,f,,,g,high,\n", "\"soon\" is no sense"),
        ("a,b,c,d,within,3,hour,e,f,,,,high,\n", "source is empty"),
        ("a,b,c,d,within,3,hour,e,f,,,g,sure,\n", "\"sure\" is no degree"),
        ("a,b,c,d,within,02-30,each_year_by,e,f,,,g,high,\n", "\"02-30\" is no day"),
        ("a,b,c,d,within,3,hour,e,f,2019-01-01,,g,high,\n", "twice on a day"),
    ] {
        let error = load(&format!("{head}{sound}{row}")).expect_err("an unsound table");
        assert!(error.starts_with("line 3") && error.contains(word), "{error}");
    }
}
