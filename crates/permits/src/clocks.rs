//! The clocks of the law around a permit: renewal, decisions, changes; and how near its expiry is.

use crate::model::{ManagementClass, PermitVersion};
use jiff::ToSpan as _;
use jiff::civil::Date;
use law::{Calendar, Deadline, Ending, Running, Unit};
use rulebook::{Text, beijing_offset};

/// A clock with the row of the law that sets it.
#[derive(Clone, Debug)]
pub struct LegalClock {
    /// The row.
    pub deadline: &'static Deadline,
    /// The last day that is in time.
    pub last_day: Date,
    /// Whether it runs over days of a year whose holidays are not published yet.
    pub is_provisional: bool,
}

/// Up to which day the renewal is to be applied for (延续申请); `None` where no row of the law
/// covers the expiry.
pub fn renewal(version: &PermitVersion) -> Option<LegalClock> {
    if version.class == ManagementClass::Registration {
        return None;
    }
    let deadline = law::deadline("permit.renew.apply", version.valid_to)?;
    let length = deadline.length().filter(|length| length.unit == Unit::CalendarDay)?;
    let last_day = version.valid_to.checked_sub(i64::from(length.amount).days()).ok()?;
    Some(LegalClock { deadline, last_day, is_provisional: false })
}

/// Up to which day an application that was accepted is decided (审批决定).
pub fn decision(
    class: ManagementClass,
    accepted_on: Date,
    has_site_check: bool,
    calendar: &Calendar,
) -> Option<LegalClock> {
    let row = match (class, has_site_check) {
        (ManagementClass::Key, true) => "permit.decide.key.site",
        (ManagementClass::Key, false) => "permit.decide.key",
        (ManagementClass::Simplified, _) => "permit.decide.simplified",
        (ManagementClass::Registration, _) => return None,
    };
    counted(row, accepted_on, calendar)
}

/// Up to which day a changed name, address or representative is applied for (变更申请); for a
/// registration, up to which day it is updated.
pub fn change(class: ManagementClass, changed_on: Date, calendar: &Calendar) -> Option<LegalClock> {
    let row = match class {
        ManagementClass::Registration => "registration.update",
        _ => "permit.basicinfo.change",
    };
    counted(row, changed_on, calendar)
}

/// Up to which day an accepted change is decided.
pub fn change_decision(accepted_on: Date, calendar: &Calendar) -> Option<LegalClock> {
    counted("permit.basicinfo.decide", accepted_on, calendar)
}

/// The clocks of the law that concern a permit of a class, as they stand on a day.
pub fn of_law(class: ManagementClass, on: Date) -> Vec<&'static Deadline> {
    let rows: &[&str] = match class {
        ManagementClass::Registration => &["registration.update", "permit.validity"],
        ManagementClass::Key => &[
            "permit.validity",
            "permit.renew.apply",
            "permit.renew.decide",
            "permit.basicinfo.change",
            "permit.basicinfo.decide",
            "permit.prepublish.key",
            "permit.completeness",
            "permit.decide.key",
            "permit.decide.key.site",
            "permit.records.keep",
        ],
        ManagementClass::Simplified => &[
            "permit.validity",
            "permit.renew.apply",
            "permit.renew.decide",
            "permit.basicinfo.change",
            "permit.basicinfo.decide",
            "permit.completeness",
            "permit.decide.simplified",
            "permit.records.keep",
        ],
    };
    rows.iter().filter_map(|row| law::deadline(row, on)).collect()
}

fn counted(row: &str, from: Date, calendar: &Calendar) -> Option<LegalClock> {
    let deadline = law::deadline(row, from)?;
    let running = Running {
        started_at: beijing_offset().to_timestamp(from.at(0, 0, 0, 0)).ok()?,
        length: deadline.length()?,
        extensions: Vec::new(),
        suspensions: Vec::new(),
        rolls_to_working_day: false,
    };
    let due = law::due(&running, calendar);
    let Ending { last_day, is_provisional, .. } = *due.ending()?;
    Some(LegalClock { deadline, last_day, is_provisional })
}

/// How near the expiry of a permit is (到期雷达). The lead times of 90, 60 and 30 days are a habit
/// of this platform; the law asks for an application 60 days before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Radar {
    /// It was cancelled, withdrawn or revoked.
    Ended,
    /// It has expired.
    Expired,
    /// At most 30 days are left.
    Within30,
    /// At most 60 days.
    Within60,
    /// At most 90 days.
    Within90,
    /// More.
    Later,
}

impl Radar {
    /// All of them, the most urgent first.
    pub const ALL: [Self; 6] =
        [Self::Ended, Self::Expired, Self::Within30, Self::Within60, Self::Within90, Self::Later];

    /// How near the expiry of a version is on a day.
    pub fn of(version: &PermitVersion, today: Date) -> Self {
        if version.ended().is_some_and(|ended| ended.last_day < today) {
            return Self::Ended;
        }
        match days_left(version, today) {
            ..0 => Self::Expired,
            0..=30 => Self::Within30,
            31..=60 => Self::Within60,
            61..=90 => Self::Within90,
            91.. => Self::Later,
        }
    }

    /// The word in addresses and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Expired => "expired",
            Self::Within30 => "30",
            Self::Within60 => "60",
            Self::Within90 => "90",
            Self::Later => "later",
        }
    }

    /// The one of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// What it is called.
    pub const fn text(self) -> Text {
        match self {
            Self::Ended => Text::fixed("已终止", "ended"),
            Self::Expired => Text::fixed("已过期", "expired"),
            Self::Within30 => Text::fixed("30天内到期", "expires within 30 days"),
            Self::Within60 => Text::fixed("60天内到期", "expires within 60 days"),
            Self::Within90 => Text::fixed("90天内到期", "expires within 90 days"),
            Self::Later => Text::fixed("有效", "valid"),
        }
    }
}

/// The days from today to the last day of validity; negative after it.
pub fn days_left(version: &PermitVersion, today: Date) -> i32 {
    version.valid_to.since(today).map_or(0, |span| span.get_days())
}
