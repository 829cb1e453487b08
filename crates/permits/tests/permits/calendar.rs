//! Dates of duties as the permit sets them, and the clocks of the law around it.

use crate::common::{NUMBER, draft};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use permits::clocks::{self, Radar};
use permits::{ManagementClass, Permit, PermitDuty, PermitId, PermitVersion, duties_between};
use registry::EnterpriseId;

fn version() -> PermitVersion {
    PermitVersion {
        permit: Permit {
            id: PermitId(1),
            number: NUMBER.to_owned(),
            enterprise: EnterpriseId(1),
            class: ManagementClass::Key,
            ended: None,
        },
        version: 1,
        content: draft().content,
        entered_at: Timestamp::UNIX_EPOCH,
        entered_by: "console".to_owned(),
    }
}

fn reports(version: &PermitVersion, from: Date, to: Date) -> Vec<(String, Date)> {
    duties_between(version, from, to)
        .into_iter()
        .filter_map(|date| match date.of(version) {
            Some(PermitDuty::ExecutionReport { cycle, .. }) => {
                Some((format!("{} {}", cycle.as_str(), date.from), date.due))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn reports_are_due_when_the_permit_says() {
    let found = reports(&version(), date(2025, 1, 1), date(2025, 12, 31));
    let expected = [
        ("quarter 2024-10-01", date(2025, 1, 15)),
        ("year 2024-01-01", date(2025, 1, 31)),
        ("quarter 2025-01-01", date(2025, 4, 15)),
        ("quarter 2025-04-01", date(2025, 7, 15)),
        ("quarter 2025-07-01", date(2025, 10, 15)),
    ];
    let expected: Vec<_> = expected.map(|(what, due)| (what.to_owned(), due)).to_vec();
    assert_eq!(found, expected);
}

#[test]
fn the_yearly_report_covers_the_last_quarter() {
    let version = version();
    let found = duties_between(&version, date(2026, 1, 1), date(2026, 4, 30));
    let covered: Vec<Date> =
        found.iter().filter(|date| date.is_replaced).map(|date| date.from).collect();
    assert_eq!(covered, [date(2025, 10, 1)]);
}

#[test]
fn before_its_validity_and_without_a_rule_nothing_is_due() {
    let early = reports(&version(), date(2024, 1, 1), date(2024, 9, 30));
    assert!(early.is_empty(), "{early:?}");
    let mut silent = version();
    for duty in &mut silent.content.duties {
        if let PermitDuty::ExecutionReport { due, .. } = duty {
            *due = None;
        }
    }
    assert!(reports(&silent, date(2025, 1, 1), date(2028, 12, 31)).is_empty());
}

#[test]
fn samples_of_a_quarter_are_due_by_its_end() {
    let version = version();
    let all = duties_between(&version, date(2026, 1, 1), date(2026, 6, 30));
    let samples: Vec<Date> = all
        .iter()
        .filter(|date| matches!(date.of(&version), Some(PermitDuty::SelfMonitoring { .. })))
        .map(|date| date.due)
        .collect();
    assert_eq!(samples, [date(2026, 3, 31), date(2026, 6, 30)]);
}

#[test]
fn a_permit_of_half_a_year_says_how_long_it_held() {
    let found = duties_between(&version(), date(2025, 1, 31), date(2025, 1, 31));
    assert_eq!(found.iter().map(|it| it.held_days).collect::<Vec<_>>(), [184]);
}

#[test]
fn renewal_is_applied_for_sixty_days_before_the_expiry() {
    let clock = clocks::renewal(&version()).expect("a row of the law");
    assert_eq!(clock.last_day, date(2029, 5, 1));
    assert_eq!(clock.deadline.id, "permit.renew.apply");
    let mut registered = version();
    registered.content.class = ManagementClass::Registration;
    assert!(clocks::renewal(&registered).is_none());
}

#[test]
fn decisions_and_changes_have_the_days_of_the_law() {
    let calendar = law::Calendar::shipped();
    let on = date(2026, 11, 2);
    let days = [
        clocks::decision(ManagementClass::Simplified, on, false, &calendar),
        clocks::decision(ManagementClass::Key, on, false, &calendar),
        clocks::change(ManagementClass::Key, on, &calendar),
        clocks::change(ManagementClass::Registration, on, &calendar),
        clocks::change_decision(on, &calendar),
    ]
    .map(|clock| clock.map(|clock| clock.last_day));
    let expected = [
        date(2026, 11, 30),
        date(2026, 12, 14),
        date(2026, 12, 2),
        date(2026, 11, 22),
        date(2026, 11, 16),
    ];
    assert_eq!(days, expected.map(Some));
    assert!(clocks::decision(ManagementClass::Registration, on, false, &calendar).is_none());
}

#[test]
fn the_clocks_of_each_class_are_rows_of_the_law() {
    for (class, count) in [
        (ManagementClass::Key, 10),
        (ManagementClass::Simplified, 8),
        (ManagementClass::Registration, 2),
    ] {
        let rows = clocks::of_law(class, date(2026, 11, 29));
        assert_eq!(rows.len(), count, "{class:?}");
    }
}

#[test]
fn the_radar_tells_how_near_the_expiry_is() {
    for (today, expected) in [
        (date(2029, 1, 1), Radar::Later),
        (date(2029, 4, 1), Radar::Within90),
        (date(2029, 5, 1), Radar::Within60),
        (date(2029, 5, 31), Radar::Within30),
        (date(2029, 6, 30), Radar::Within30),
        (date(2029, 7, 1), Radar::Expired),
    ] {
        assert_eq!(Radar::of(&version(), today), expected, "{today}");
    }
}
