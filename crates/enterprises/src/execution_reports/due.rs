//! Which reports a permit asks for, and when: only what the permit sets.

use jiff::ToSpan as _;
use jiff::civil::Date;
use permits::{PermitDuty, PermitVersion, ReportCycle, duties_between, versions};
use registry::EnterpriseId;

use super::model::ReportSubject;

/// A report that a permit asks for (应报报告).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DueReport {
    /// Whose.
    pub(super) enterprise: EnterpriseId,
    /// What it is about.
    pub(super) subject: ReportSubject,
    /// The version of the permit that asks.
    pub(super) permit_version: u32,
    /// The last day on which it is in time; `None` where the permit does not say.
    pub(super) due: Option<Date>,
    /// On how many days of the period the permit held, where the permit sets the date.
    pub(super) held_days: Option<i32>,
    /// Whether the yearly report stands in its place (办法第三十七条).
    pub(super) is_replaced: bool,
}

/// The reports of one permit that are due between two days, or whose period ends between them where
/// the permit sets no day; the first due first.
pub(super) fn between(of_permit: &[PermitVersion], from: Date, to: Date) -> Vec<DueReport> {
    let mut found = Vec::new();
    for version in of_permit {
        for date in duties_between(version, from, to) {
            let Some(PermitDuty::ExecutionReport { cycle, .. }) = date.of(version) else {
                continue;
            };
            if !holds(of_permit, version, date.to) {
                continue;
            }
            let mut one = report(version, *cycle, date.from, date.to);
            one.due = Some(date.due);
            one.held_days = Some(date.held_days);
            found.push(one);
        }
        for cycle in without_a_day(version) {
            for (first, last) in periods(cycle, from, to) {
                let touches = last >= version.valid_from && first <= version.valid_to;
                if touches && holds(of_permit, version, last) {
                    found.push(report(version, cycle, first, last));
                }
            }
        }
    }
    found.sort_by_key(|one| (one.due.unwrap_or(one.subject.to), one.subject.clone()));
    found
}

/// The report of a permit, cycle and first day, if its permit asks for it.
pub(super) fn one(
    of_permit: &[PermitVersion],
    cycle: ReportCycle,
    from: Date,
) -> Option<DueReport> {
    let to = period(cycle, from)?;
    let later = to.checked_add(2.years()).ok()?;
    between(of_permit, to, later)
        .into_iter()
        .find(|one| one.subject.cycle == cycle && one.subject.from == from)
}

/// The last day of the period that begins on a day; `None` where none begins.
pub(super) fn period(cycle: ReportCycle, from: Date) -> Option<Date> {
    let months: i8 = match cycle {
        ReportCycle::Year => 12,
        ReportCycle::Quarter => 3,
        ReportCycle::Month => 1,
    };
    if from.day() != 1 || (from.month() - 1) % months != 0 {
        return None;
    }
    Date::new(from.year(), from.month() + months - 1, 1).ok().map(Date::last_of_month)
}

/// Whether a version is the one that holds, or last held, at the end of a period.
fn holds(of_permit: &[PermitVersion], version: &PermitVersion, end: Date) -> bool {
    versions::shown(of_permit, end).is_some_and(|shown| shown.version == version.version)
}

fn report(version: &PermitVersion, cycle: ReportCycle, from: Date, to: Date) -> DueReport {
    let asks = |wanted: ReportCycle| {
        version.duties.iter().any(
            |duty| matches!(duty, PermitDuty::ExecutionReport { cycle, .. } if *cycle == wanted),
        )
    };
    let ends_the_year = to.month() == 12 && cycle != ReportCycle::Year;
    let is_replaced = ends_the_year && asks(ReportCycle::Year);
    DueReport {
        enterprise: version.permit.enterprise,
        subject: ReportSubject {
            permit: version.permit.id,
            permit_number: version.permit.number.clone(),
            cycle,
            from,
            to,
        },
        permit_version: version.version,
        due: None,
        held_days: None,
        is_replaced,
    }
}

/// The cycles that a version asks for without a day.
fn without_a_day(version: &PermitVersion) -> Vec<ReportCycle> {
    let cycles = version.duties.iter().filter_map(|duty| match duty {
        PermitDuty::ExecutionReport { cycle, due: None, .. } => Some(*cycle),
        _ => None,
    });
    cycles.collect()
}

/// The periods of a cycle that end between two days.
fn periods(cycle: ReportCycle, from: Date, to: Date) -> Vec<(Date, Date)> {
    let mut found = Vec::new();
    for year in from.year().saturating_sub(1)..=to.year() {
        for month in 1..=12 {
            let Ok(first) = Date::new(year, month, 1) else { continue };
            if let Some(last) = period(cycle, first).filter(|last| (from..=to).contains(last)) {
                found.push((first, last));
            }
        }
    }
    found
}

/// How many days late something is that was done on a day, or not done until today.
pub(super) fn days_late(due: Option<Date>, done: Option<Date>, today: Date) -> i32 {
    let Some(due) = due else { return 0 };
    done.unwrap_or(today).since(due).map_or(0, |span| span.get_days()).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_period_begins_where_its_cycle_does() {
        for (cycle, from, to) in [
            (ReportCycle::Year, date(2026, 1, 1), Some(date(2026, 12, 31))),
            (ReportCycle::Quarter, date(2026, 10, 1), Some(date(2026, 12, 31))),
            (ReportCycle::Month, date(2028, 2, 1), Some(date(2028, 2, 29))),
            (ReportCycle::Year, date(2026, 4, 1), None),
            (ReportCycle::Quarter, date(2026, 11, 1), None),
            (ReportCycle::Month, date(2026, 11, 2), None),
        ] {
            assert_eq!(period(cycle, from), to, "{cycle:?} {from}");
        }
    }

    #[test]
    fn periods_are_those_that_end_between_two_days() {
        let found = periods(ReportCycle::Quarter, date(2025, 12, 31), date(2026, 6, 29));
        let firsts: Vec<Date> = found.iter().map(|(first, _)| *first).collect();
        assert_eq!(firsts, [date(2025, 10, 1), date(2026, 1, 1)]);
    }

    #[test]
    fn lateness_counts_from_the_day_after_it_was_due() {
        let (due, today) = (date(2026, 10, 15), date(2026, 11, 1));
        for (due, done, days) in [
            (Some(due), Some(due), 0),
            (Some(due), Some(date(2026, 10, 18)), 3),
            (Some(due), None, 17),
            (Some(date(2026, 12, 1)), None, 0),
            (None, None, 0),
        ] {
            assert_eq!(days_late(due, done, today), days, "{due:?} {done:?}");
        }
    }
}
