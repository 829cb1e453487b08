//! How long a period is: an amount and its unit.

use rulebook::Text;

/// What a period is counted in (期限单位).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// Hours, which run through nights and holidays (小时).
    Hour,
    /// Days of the calendar (日、自然日).
    CalendarDay,
    /// Days on which offices are open (工作日).
    WorkingDay,
    /// Months, to the same number or the end of the month (月).
    Month,
    /// Years, to the same day (年).
    Year,
}

impl Unit {
    /// Every unit, the shortest first.
    pub const ALL: [Self; 5] =
        [Self::Hour, Self::CalendarDay, Self::WorkingDay, Self::Month, Self::Year];

    /// The word used in tables and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::CalendarDay => "calendar_day",
            Self::WorkingDay => "working_day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The unit that [`Unit::as_str`] names, or `None`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == word)
    }

    /// What a reader calls it: Chinese, English for one, English for several.
    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Hour => ("小时", "hour", "hours"),
            Self::CalendarDay => ("日", "day", "days"),
            Self::WorkingDay => ("个工作日", "working day", "working days"),
            Self::Month => ("个月", "month", "months"),
            Self::Year => ("年", "year", "years"),
        }
    }
}

/// How long something may take (期限长度).
///
/// # Example
/// ```
/// use law::{Length, Unit};
/// let length = Length::new(3, Unit::WorkingDay);
/// assert_eq!(length.text().zh, "3个工作日");
/// assert_eq!(length.text().en, "3 working days");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Length {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

impl Length {
    /// So many of a unit.
    pub const fn new(amount: u32, unit: Unit) -> Self {
        Self { amount, unit }
    }

    /// The length for a reader.
    pub fn text(self) -> Text {
        let (zh, one, several) = self.unit.names();
        let en = if self.amount == 1 { one } else { several };
        Text::new(format!("{}{zh}", self.amount), format!("{} {en}", self.amount))
    }
}
