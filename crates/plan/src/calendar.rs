//! Which period of a duty a day lies in, and when it is due. Pure.

use jiff::Span;
use jiff::civil::{Date, date};
use rulebook::Text;

use crate::model::{Due, Duty, Plan};
use crate::words::Rhythm;

/// A period of a duty (任务周期).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DutyPeriod {
    /// Its name: `2026`, `2026-Q4`, `2026-11`, `once`.
    pub key: String,
    /// Its first day; of a duty done once, the day of the document.
    pub first: Date,
    /// Its last day; none where it is done once.
    pub last: Option<Date>,
}

impl DutyPeriod {
    /// What a reader calls it.
    pub fn text(&self) -> Text {
        match self.key.split_once('-') {
            None if self.last.is_none() => Text::fixed("一次性", "once"),
            None => Text::new(format!("{}年", self.key), self.key.clone()),
            Some((year, rest)) => match rest.strip_prefix('Q') {
                Some(quarter) => Text::new(
                    format!("{year}年第{quarter}季度"),
                    format!("quarter {quarter} of {year}"),
                ),
                None => Text::new(format!("{year}年{rest}月"), self.key.clone()),
            },
        }
    }
}

/// When a duty is due in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DueDay {
    /// On this day, and who says so.
    On(Date, String),
    /// Nobody has said; who decides it.
    Open(Text),
}

impl Plan {
    /// The period of a duty in which a day lies.
    pub fn period_on(&self, duty: &Duty, day: Date) -> DutyPeriod {
        let year = day.year();
        match duty.rhythm {
            Rhythm::Once => {
                DutyPeriod { key: "once".to_owned(), first: self.head.date, last: None }
            }
            Rhythm::Year => DutyPeriod {
                key: year.to_string(),
                first: date(year, 1, 1),
                last: Some(date(year, 12, 31)),
            },
            Rhythm::Quarter => {
                let quarter = (day.month() - 1) / 3 + 1;
                let first = date(year, (quarter - 1) * 3 + 1, 1);
                let last = date(year, quarter * 3, 1).last_of_month();
                DutyPeriod { key: format!("{year}-Q{quarter}"), first, last: Some(last) }
            }
            Rhythm::Month => DutyPeriod {
                key: format!("{year}-{:02}", day.month()),
                first: day.first_of_month(),
                last: Some(day.last_of_month()),
            },
        }
    }

    /// When a duty is due in a period: as the document says, else as the city has set it.
    pub fn due_day(&self, duty: &Duty, period: &DutyPeriod) -> DueDay {
        let by = |due: &Due| match due {
            Due::EndOfPeriod { source } => period.last.map(|last| DueDay::On(last, source.clone())),
            Due::DaysAfterPeriod { days, source } => {
                let last = period.last?;
                let day = last.checked_add(Span::new().days(i64::from(*days))).ok()?;
                Some(DueDay::On(day, source.clone()))
            }
            Due::OnDay { day, source } => Some(DueDay::On(*day, source.clone())),
            Due::Open { .. } => None,
        };
        let holds = |first: Date| period.last.is_none() || first <= period.first;
        let of_city = self
            .clocks
            .iter()
            .filter(|clock| clock.duty == duty.id && holds(clock.valid_from))
            .max_by_key(|clock| clock.valid_from);
        let found = by(&duty.due).or_else(|| by(&of_city?.due));
        found.unwrap_or_else(|| match &duty.due {
            Due::Open { decided_by } => DueDay::Open(decided_by.clone()),
            _ => DueDay::Open(Text::fixed("本方案未载明", "the plan does not say")),
        })
    }
}
