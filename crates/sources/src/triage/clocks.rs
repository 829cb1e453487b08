//! How long the check on site may take, by class of unit: as the kind of the supervision order says
//! it, so that the desk and the order count by the same clock.

use super::ranking::Clock;
use super::store::TriageError;
use caseflow::{CaseKind, ClockLength};
use cases::Cases;
use jiff::SignedDuration;
use jiff::civil::Date;
use law::Unit;
use permits::ManagementClass;
use registry::EnterpriseId;
use rulebook::Text;
use std::collections::HashMap;
use store::Store;
use web::AppState;

/// The kind of case that an order is.
pub(super) const KIND: &str = "supervision_order";

/// The class of a unit (单位类别), as the order names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum UnitClass {
    /// A key unit (重点排污单位).
    Key,
    /// Another unit.
    Other,
}

impl UnitClass {
    /// Both.
    pub(super) const ALL: [Self; 2] = [Self::Key, Self::Other];

    /// The word of the order's field.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Other => "other",
        }
    }

    /// The class of a word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == word)
    }

    /// For a reader.
    pub(super) const fn text(self) -> Text {
        match self {
            Self::Key => Text::fixed("重点排污单位", "key unit"),
            Self::Other => Text::fixed("其他单位", "other unit"),
        }
    }

    const fn clock(self) -> &'static str {
        match self {
            Self::Key => "check_key",
            Self::Other => "check_other",
        }
    }
}

/// The classes of units, by what their permits say.
#[derive(Clone, Debug, Default)]
pub(super) struct Classes {
    known: HashMap<EnterpriseId, ManagementClass>,
}

impl Classes {
    /// Of all units, or of those named.
    pub(super) async fn of(
        store: &Store,
        units: Option<&[EnterpriseId]>,
        on: Date,
    ) -> Result<Self, TriageError> {
        let mut known = HashMap::new();
        let mut note = |version: &permits::PermitVersion| {
            let held = known.entry(version.permit.enterprise).or_insert(version.permit.class);
            // Of several permits the strictest counts.
            if version.permit.class == ManagementClass::Key {
                *held = ManagementClass::Key;
            }
        };
        match units {
            None => permits::all_in_force(store, on).await?.iter().for_each(note),
            Some(units) => {
                for unit in units {
                    permits::in_force(store, *unit, on).await?.iter().for_each(&mut note);
                }
            }
        }
        Ok(Self { known })
    }

    /// The class of a unit, and why. Without a permit it counts as a key unit: the law obliges
    /// those to measure automatically, and the shorter time misses nothing.
    pub(super) fn class(&self, unit: EnterpriseId) -> (UnitClass, Text) {
        match self.known.get(&unit) {
            Some(ManagementClass::Key) => (
                UnitClass::Key,
                Text::fixed("许可证为重点管理", "its permit is under key management"),
            ),
            Some(_) => (
                UnitClass::Other,
                Text::fixed("许可证不是重点管理", "its permit is not under key management"),
            ),
            None => (
                UnitClass::Key,
                Text::fixed(
                    "未登记许可证,从严按重点单位计",
                    "no permit is on file: the shorter time counts",
                ),
            ),
        }
    }
}

/// The times of the order's kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    lengths: Vec<(UnitClass, SignedDuration, String)>,
}

impl Times {
    /// As this installation's kind says; none where it has no cases.
    pub(super) fn of(state: &AppState) -> Self {
        let kind = state.handle::<Cases>().and_then(|cases| cases.kind(KIND).cloned());
        kind.map(|kind| Self::of_kind(&kind)).unwrap_or_default()
    }

    fn of_kind(kind: &CaseKind) -> Self {
        let length = |class: UnitClass| {
            let ClockLength::Stated { length, source, .. } = &kind.clock(class.clock())?.length
            else {
                return None;
            };
            let hours = match length.unit {
                Unit::Hour => i64::from(length.amount),
                Unit::CalendarDay => 24 * i64::from(length.amount),
                // The desk counts hours; what is counted by working days it leaves to the order.
                Unit::WorkingDay | Unit::Month | Unit::Year => return None,
            };
            Some((class, SignedDuration::from_hours(hours), source.clone()))
        };
        Self { lengths: UnitClass::ALL.into_iter().filter_map(length).collect() }
    }

    /// How long, and who says so.
    pub(super) fn length(&self, class: UnitClass) -> Option<(SignedDuration, &str)> {
        let found = self.lengths.iter().find(|(of, ..)| *of == class);
        found.map(|(_, length, source)| (*length, source.as_str()))
    }

    /// The clock of a finding at a unit.
    pub(super) fn clock(&self, (class, why): (UnitClass, Text)) -> Clock {
        let Some((length, _)) = self.length(class) else { return Clock::Unset };
        let (name, hours) = (class.text(), length.as_hours());
        Clock::Runs {
            length,
            by: Text::new(
                format!("{}({})须在 {hours} 小时内现场核查", name.zh, why.zh),
                format!("a {} ({}) is checked on site within {hours} h", name.en, why.en),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_permit_the_shorter_time_counts_and_without_a_kind_none() {
        let classes = Classes::default();
        assert_eq!(classes.class(EnterpriseId(1)).0, UnitClass::Key);
        assert_eq!(Times::default().clock(classes.class(EnterpriseId(1))), Clock::Unset);
        for class in UnitClass::ALL {
            assert_eq!(UnitClass::parse(class.as_str()), Some(class));
        }
    }
}
