//! A duty of a unit in a period, and how it stands on a day. Pure.

use cases::CaseId;
use jiff::Timestamp;
use jiff::civil::Date;
use rulebook::Text;

/// A duty of a unit in a period (单位任务).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyRow {
    /// The duty's id in the plan.
    pub duty: String,
    /// The unit's code.
    pub unit: String,
    /// The period, `2026-Q4`.
    pub period: String,
    /// Its case.
    pub case: CaseId,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it is due; none where nobody has set a day.
    pub due_on: Option<Date>,
    /// The state of its case, `to_do`.
    pub state: String,
    /// When it was done, as handed in.
    pub done_on: Option<Date>,
}

/// How a duty stands (任务状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lateness {
    /// Its day has passed, and it is not done.
    Late,
    /// To be done.
    ToDo,
    /// To be done, and nobody has set a day.
    Open,
    /// Done after its day.
    DoneLate,
    /// Done.
    Done,
    /// It does not apply.
    Void,
}

impl Lateness {
    /// The word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::ToDo => "to_do",
            Self::Open => "open",
            Self::DoneLate => "done_late",
            Self::Done => "done",
            Self::Void => "void",
        }
    }

    /// The word for readers.
    pub const fn text(self) -> Text {
        match self {
            Self::Late => Text::fixed("已逾期", "late"),
            Self::ToDo => Text::fixed("待完成", "to do"),
            Self::Open => Text::fixed("期限待定", "no day set"),
            Self::DoneLate => Text::fixed("逾期完成", "done late"),
            Self::Done => Text::fixed("已完成", "done"),
            Self::Void => Text::fixed("不适用", "does not apply"),
        }
    }

    /// The tone of its badge.
    pub(crate) const fn tone(self) -> &'static str {
        match self {
            Self::Late => "bad",
            Self::DoneLate => "warning",
            Self::Done => "good",
            Self::ToDo | Self::Open | Self::Void => "quiet",
        }
    }
}

impl DutyRow {
    /// How it stands on a day. What is handed in counts as done until it is returned.
    pub fn standing(&self, today: Date) -> Lateness {
        let is_after = |day: Date| self.due_on.is_some_and(|due| day > due);
        match self.state.as_str() {
            "void" => Lateness::Void,
            "handed_in" | "accepted" => {
                if self.done_on.is_some_and(is_after) {
                    Lateness::DoneLate
                } else {
                    Lateness::Done
                }
            }
            _ if is_after(today) => Lateness::Late,
            _ if self.due_on.is_none() => Lateness::Open,
            _ => Lateness::ToDo,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_duty_stands_by_its_state_and_its_day() {
        let row = |state: &str, due_on: Option<Date>, done_on: Option<Date>| DutyRow {
            duty: "study".into(),
            unit: "350603".into(),
            period: "2026-Q4".into(),
            case: CaseId(1),
            opened_at: Timestamp::UNIX_EPOCH,
            due_on,
            state: state.into(),
            done_on,
        };
        let (due, before, after) = (date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 1));
        for (state, due_on, done_on, today, wanted) in [
            ("to_do", Some(due), None, before, Lateness::ToDo),
            ("to_do", Some(due), None, after, Lateness::Late),
            ("to_do", None, None, after, Lateness::Open),
            ("handed_in", Some(due), Some(before), after, Lateness::Done),
            ("accepted", Some(due), Some(after), after, Lateness::DoneLate),
            ("accepted", None, Some(after), after, Lateness::Done),
            ("void", Some(due), None, after, Lateness::Void),
        ] {
            assert_eq!(row(state, due_on, done_on).standing(today), wanted, "{state} {today}");
        }
    }
}
