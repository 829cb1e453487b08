//! The nouns: a report, its state, its content, what the checks found in it.

pub(super) use crate::entry::{Content, Explained, gravest, parse_place, place, severity_of};

use authority::UserId;
use jiff::Timestamp;
use jiff::civil::Date;
use permits::{PermitId, ReportCycle};
use plausibility::{PeriodKind, Severity, Span};
use registry::EnterpriseId;
use rulebook::{Text, beijing_offset};

/// A report on keeping to a permit (排污许可证执行报告), one version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// Its number in the store.
    pub(super) id: i64,
    /// Whose.
    pub(super) enterprise: EnterpriseId,
    /// What it is about.
    pub(super) subject: ReportSubject,
    /// The version of the permit that held at the end of the period.
    pub(super) permit_version: u32,
    /// Its version, from 1.
    pub(super) version: u32,
    /// How far it is.
    pub(super) state: State,
    /// How often a draft was saved.
    pub(super) revision: i64,
    /// What was filled in.
    pub(super) content: Content,
    /// What the checks found when it was last saved, with reasons.
    pub(super) findings: Vec<Explained>,
    /// When it is due, where the permit says so.
    pub(super) due_on: Option<Date>,
    /// Who began it.
    pub(super) begun: Done,
    /// Who filed it.
    pub(super) filed: Option<Done>,
    /// Who accepted or returned it.
    pub(super) decided: Option<Done>,
    /// What they wrote.
    pub(super) decision_note: String,
}

/// A version of a report as lists need it, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Its number in the store.
    pub(super) id: i64,
    /// What it is about.
    pub(super) subject: ReportSubject,
    /// Its version, from 1.
    pub(super) version: u32,
    /// How far it is.
    pub(super) state: State,
    /// How grave the gravest finding is; `None` where nothing was found.
    pub(super) gravest: Option<Severity>,
    /// When it was filed.
    pub(super) filed_at: Option<Timestamp>,
}

/// What a report is about: a permit and a period.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ReportSubject {
    /// The permit.
    pub(super) permit: PermitId,
    /// Its number, 22 characters.
    pub(super) permit_number: String,
    /// How long the period is.
    pub(super) cycle: ReportCycle,
    /// Its first day.
    pub(super) from: Date,
    /// Its last day.
    pub(super) to: Date,
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Done {
    /// When.
    pub(super) at: Timestamp,
    /// The user.
    pub(super) by: Option<UserId>,
    /// Their name.
    pub(super) name: String,
}

/// How far a report is (状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum State {
    /// Being filled in (草稿).
    Draft,
    /// Filed (已提交).
    Filed,
    /// Returned to be mended (已退回).
    Returned,
    /// Accepted and public (已受理).
    Accepted,
}

impl State {
    /// All states.
    pub(super) const ALL: [Self; 4] = [Self::Draft, Self::Filed, Self::Returned, Self::Accepted];

    /// The word under which it is stored.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Filed => "filed",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
        }
    }

    /// The state of a word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// What it is called.
    pub(super) const fn text(self) -> Text {
        match self {
            Self::Draft => Text::fixed("草稿", "draft"),
            Self::Filed => Text::fixed("已提交，待审核", "filed, to be looked at"),
            Self::Returned => Text::fixed("已退回", "returned"),
            Self::Accepted => Text::fixed("已通过", "accepted"),
        }
    }

    /// The tone of its badge.
    pub(super) const fn tone(self) -> &'static str {
        match self {
            Self::Draft => "quiet",
            Self::Filed => "warning",
            Self::Returned => "bad",
            Self::Accepted => "good",
        }
    }
}

impl ReportSubject {
    /// Its period as the checks read it.
    pub(super) const fn span(&self) -> Span {
        Span { kind: period_kind(self.cycle), from: self.from, to: self.to }
    }
}

/// How a cycle is called by the checks.
pub(super) const fn period_kind(cycle: ReportCycle) -> PeriodKind {
    match cycle {
        ReportCycle::Year => PeriodKind::Year,
        ReportCycle::Quarter => PeriodKind::Quarter,
        ReportCycle::Month => PeriodKind::Month,
    }
}

/// How a period is called: `2026年第3季度`, `2026 Q3`.
pub(super) fn period_text(cycle: ReportCycle, from: Date) -> Text {
    let (year, month) = (from.year(), from.month());
    match cycle {
        ReportCycle::Year => Text::new(format!("{year}年"), year.to_string()),
        ReportCycle::Quarter => {
            let quarter = (month + 2) / 3;
            Text::new(format!("{year}年第{quarter}季度"), format!("{year} Q{quarter}"))
        }
        ReportCycle::Month => Text::new(format!("{year}年{month}月"), format!("{year}-{month:02}")),
    }
}

/// A day in Beijing.
pub(crate) fn day_of(at: Timestamp) -> Date {
    beijing_offset().to_datetime(at).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_called_as_officials_write_them() {
        let day = |month| jiff::civil::date(2026, month, 1);
        assert_eq!(period_text(ReportCycle::Year, day(1)).zh, "2026年");
        assert_eq!(period_text(ReportCycle::Quarter, day(7)).zh, "2026年第3季度");
        assert_eq!(period_text(ReportCycle::Month, day(9)).en, "2026-09");
    }
}
