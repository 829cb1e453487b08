//! The calendar of a permit's duties (义务日历): dates only where the permit sets them.

use crate::duty::{Cycle, DueRule, Frequency, MonitoringMethod, PermitDuty, ReportCycle};
use crate::model::{PermitId, PermitVersion};
use jiff::ToSpan as _;
use jiff::civil::Date;

/// A date of a duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyDate {
    /// The permit.
    pub permit: PermitId,
    /// Its version.
    pub version: u32,
    /// The place of the duty among those of the version.
    pub duty: usize,
    /// The first day of the period that it is about.
    pub from: Date,
    /// The last day of the period.
    pub to: Date,
    /// The last day on which it is in time.
    pub due: Date,
    /// On how many days of the period the version's validity held.
    pub held_days: i32,
    /// Whether a longer report of the same version covers the period: a yearly report that of the
    /// year's last quarter and month, a quarterly one that of the quarter's last month.
    pub is_replaced: bool,
}

impl DutyDate {
    /// The duty.
    pub fn of<'version>(&self, version: &'version PermitVersion) -> Option<&'version PermitDuty> {
        version.content.duties.get(self.duty)
    }
}

/// The dates of a version's duties that are due between two days, both counted, the first first:
/// reports as the permit sets their dates, and samples of each month or longer by the end of their
/// period. A duty whose date the permit does not set has none.
pub fn duties_between(version: &PermitVersion, from: Date, to: Date) -> Vec<DutyDate> {
    let mut found = Vec::new();
    for (place, duty) in version.content.duties.iter().enumerate() {
        let Some((cycle, rule)) = dated(duty) else { continue };
        for (first, last) in periods(cycle, version, from, to) {
            let Some(due) = due(last, rule).filter(|due| (from..=to).contains(due)) else {
                continue;
            };
            let held_from = first.max(version.content.valid_from);
            let held_to = last.min(version.content.valid_to);
            let held_days = held_to.since(held_from).map_or(0, |span| span.get_days() + 1);
            found.push(DutyDate {
                permit: version.permit.id,
                version: version.version,
                duty: place,
                from: first,
                to: last,
                due,
                held_days,
                is_replaced: is_replaced(version, duty, last),
            });
        }
    }
    found.sort_by_key(|date| (date.due, date.duty));
    found
}

/// Whether a longer report covers the period of a report that ends on a day (办法 37).
fn is_replaced(version: &PermitVersion, duty: &PermitDuty, end: Date) -> bool {
    let PermitDuty::ExecutionReport { cycle, .. } = duty else { return false };
    let asks = |wanted: ReportCycle| {
        version.content.duties.iter().any(
            |duty| matches!(duty, PermitDuty::ExecutionReport { cycle, .. } if *cycle == wanted),
        )
    };
    let ends_the_year = end.month() == 12 && *cycle != ReportCycle::Year;
    let ends_a_quarter = end.month() % 3 == 0 && *cycle == ReportCycle::Month;
    (ends_the_year && asks(ReportCycle::Year)) || (ends_a_quarter && asks(ReportCycle::Quarter))
}

/// How often a duty recurs and when it is due, where its permit says so.
const fn dated(duty: &PermitDuty) -> Option<(Cycle, DueRule)> {
    match duty {
        PermitDuty::ExecutionReport { cycle, due: Some(rule), .. } => {
            let cycle = match cycle {
                ReportCycle::Year => Cycle::Year,
                ReportCycle::Quarter => Cycle::Quarter,
                ReportCycle::Month => Cycle::Month,
            };
            Some((cycle, *rule))
        }
        PermitDuty::SelfMonitoring {
            method: MonitoringMethod::Manual,
            frequency: Frequency::Times { per, .. },
            ..
        } => Some((*per, DueRule::DaysAfterEnd(0))),
        _ => None,
    }
}

fn due(end: Date, rule: DueRule) -> Option<Date> {
    match rule {
        DueRule::DaysAfterEnd(days) => end.checked_add(i32::from(days).days()).ok(),
        DueRule::NextYearBy(day) => day.in_year(end.year().checked_add(1)?),
    }
}

/// The periods of a cycle that touch the version's validity and may be due between two days: a
/// report is due at most two years after its period.
fn periods(cycle: Cycle, version: &PermitVersion, from: Date, to: Date) -> Vec<(Date, Date)> {
    let months: i8 = match cycle {
        Cycle::Month => 1,
        Cycle::Quarter => 3,
        Cycle::HalfYear => 6,
        Cycle::Year => 12,
        Cycle::Day | Cycle::Week => return Vec::new(),
    };
    let begin = version.content.valid_from.max(version.content.in_force_from);
    let ended = version.ended().map(|ended| ended.last_day);
    let end = ended.map_or(version.content.valid_to, |day| day.min(version.content.valid_to));
    let mut found = Vec::new();
    for year in from.year().saturating_sub(2)..=to.year() {
        let mut month = 1_i8;
        while month <= 12 {
            let first = Date::new(year, month, 1).ok();
            let last = Date::new(year, month + months - 1, 1).ok().map(Date::last_of_month);
            month += months;
            if let (Some(first), Some(last)) = (first, last)
                && last >= begin
                && first <= end
            {
                found.push((first, last));
            }
        }
    }
    found
}
