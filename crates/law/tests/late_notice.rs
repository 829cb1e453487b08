//! A notice that came after the program: installed at its start, by itself in this process.

use jiff::civil::date;
use law::{Calendar, Known};

#[test]
fn a_calendar_is_installed_once_and_then_counts() {
    let list = "date,name,is_off_day,notice_year,notice_url\n2027-01-01,元旦,true,2027,gov.cn\n";
    let calendar = Calendar::shipped().and(list).expect("a sound list");
    assert!(calendar.install());
    let end = Calendar::national().working_days_after(date(2026, 12, 31), 1);
    assert_eq!(end, Known::Certain(date(2027, 1, 4)));
    assert!(!Calendar::shipped().install(), "another is in use");
}
