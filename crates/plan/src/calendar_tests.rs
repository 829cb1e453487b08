//! Periods of duties and their ends.

use jiff::civil::{Date, date};
use rulebook::Text;

use crate::words::Rhythm;
use crate::{Due, DueDay, Duty, Plan, SetClock};

fn duty(rhythm: Rhythm, due: Due) -> Duty {
    Duty {
        id: "one".into(),
        measure: 1,
        title: Text::default(),
        rhythm,
        due,
        who: Vec::new(),
        proof: Vec::new(),
    }
}

fn open() -> Due {
    Due::Open { decided_by: Text::same("city") }
}

fn day_of(plan: &Plan, duty: &Duty, on: Date) -> (String, Option<Date>) {
    let period = plan.period_on(duty, on);
    let day = match plan.due_day(duty, &period) {
        DueDay::On(day, _) => Some(day),
        DueDay::Open(_) => None,
    };
    (period.key, day)
}

#[test]
fn a_day_lies_in_its_period_and_the_period_has_its_end() {
    let plan = Plan::default();
    let end = || Due::EndOfPeriod { source: "plan".into() };
    let after = || Due::DaysAfterPeriod { days: 10, source: "plan".into() };
    let on = date(2026, 11, 29);
    for (rhythm, due, key, day) in [
        (Rhythm::Quarter, end(), "2026-Q4", Some(date(2026, 12, 31))),
        (Rhythm::Month, end(), "2026-11", Some(date(2026, 11, 30))),
        (Rhythm::Year, after(), "2026", Some(date(2027, 1, 10))),
        (Rhythm::Year, open(), "2026", None),
        (Rhythm::Once, open(), "once", None),
    ] {
        assert_eq!(day_of(&plan, &duty(rhythm, due), on), (key.to_owned(), day));
    }
    let first = duty(Rhythm::Quarter, end());
    assert_eq!(day_of(&plan, &first, date(2024, 2, 29)).1, Some(date(2024, 3, 31)));
}

#[test]
fn a_day_that_the_city_has_set_holds_from_its_first_period() {
    let set = |days, valid_from| SetClock {
        duty: "one".into(),
        due: Due::DaysAfterPeriod { days, source: "notice".into() },
        valid_from,
    };
    let clocks = vec![set(10, date(2026, 1, 1)), set(20, date(2027, 1, 1))];
    let plan = Plan { clocks, ..Plan::default() };
    let duty = duty(Rhythm::Year, open());
    assert_eq!(day_of(&plan, &duty, date(2025, 6, 1)).1, None);
    assert_eq!(day_of(&plan, &duty, date(2026, 6, 1)).1, Some(date(2027, 1, 10)));
    assert_eq!(day_of(&plan, &duty, date(2027, 6, 1)).1, Some(date(2028, 1, 20)));
}
