//! Work lists (工作台): which cases are wanted, a row of them, how many there are.

use crate::{CaseId, SeenAs};
use authority::{OrganisationId, UserId};
use jiff::Timestamp;
use rulebook::{Decimal, Text};
use std::fmt;
use std::str::FromStr;

/// A list of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WorkList {
    /// Given to me, open (我的待办).
    Mine,
    /// Of my unit, responsible or assisting, open (本单位).
    Unit,
    /// Open and past their end (已超期).
    Overdue,
    /// Open and warned of, not yet past their end (即将到期).
    DueSoon,
    /// Open and escalated (已升级督办).
    Escalated,
    /// Watched by me, open or closed (我的关注).
    Watched,
    /// All within my reach, open or closed, the newest first (全部).
    #[default]
    All,
}

impl WorkList {
    /// Every list, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Mine,
        Self::Unit,
        Self::Overdue,
        Self::DueSoon,
        Self::Escalated,
        Self::Watched,
        Self::All,
    ];

    /// The word used in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Unit => "unit",
            Self::Overdue => "overdue",
            Self::DueSoon => "due_soon",
            Self::Escalated => "escalated",
            Self::Watched => "watched",
            Self::All => "all",
        }
    }

    /// What it is called in Chinese and English.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Mine => ("我的待办", "Mine"),
            Self::Unit => ("本单位", "My unit's"),
            Self::Overdue => ("已超期", "Overdue"),
            Self::DueSoon => ("即将到期", "Due soon"),
            Self::Escalated => ("已升级督办", "Escalated"),
            Self::Watched => ("我的关注", "Watched"),
            Self::All => ("全部", "All"),
        }
    }

    /// The list of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == word)
    }
}

/// Which cases are wanted: each part narrows, an empty one does not.
#[derive(Clone, Debug, Default)]
pub struct WorkFilter {
    /// Of which list. Lists of open work come by their end, the others the newest first.
    pub list: WorkList,
    /// Open ones or closed ones, in a list that has both.
    pub is_open: Option<bool>,
    /// Of this kind.
    pub kind: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// In this division; those below it are not asked for.
    pub division: Option<String>,
    /// Concerning this enterprise.
    pub enterprise: Option<String>,
    /// For which this unit answers.
    pub unit: Option<OrganisationId>,
    /// Given to this user.
    pub assignee: Option<UserId>,
    /// Key cases alone.
    pub is_key: Option<bool>,
    /// Holding all of these words.
    pub text: Option<String>,
    /// Opened at or after.
    pub from: Option<Timestamp>,
    /// Opened before.
    pub to: Option<Timestamp>,
    /// Behind this place of the list.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: u16,
}

impl WorkFilter {
    /// A list, at most 50 a page.
    pub fn of(list: WorkList) -> Self {
        Self { list, limit: 50, ..Self::default() }
    }
}

/// A place in a list: the page behind it begins there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) key: i64,
    pub(crate) id: i64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.key, self.id)
    }
}

/// A text that is no place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is none that a list gave; leave it out to begin at the first page")]
pub struct CursorError;

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (key, id) = text.split_once('.').ok_or(CursorError)?;
        let number = |text: &str| text.parse().map_err(|_| CursorError);
        Ok(Self { key: number(key)?, id: number(id)? })
    }
}

/// A page of a list.
#[derive(Clone, Debug, Default)]
pub struct Page<Row> {
    /// Its rows.
    pub rows: Vec<Row>,
    /// Where the next page begins; none on the last.
    pub next: Option<Cursor>,
}

/// A case in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Its id.
    pub id: CaseId,
    /// Its number.
    pub number: String,
    /// The id of its kind.
    pub kind: String,
    /// The kind's name.
    pub kind_name: Text,
    /// Its state.
    pub state: String,
    /// The state's name.
    pub state_name: Text,
    /// In a few words; the kind's name for who must not read the reporter's words.
    pub title: Text,
    /// The division.
    pub division: String,
    /// The enterprise.
    pub enterprise: Option<String>,
    /// The unit that answers for it.
    pub responsible: Option<OrganisationId>,
    /// The user who is to do it.
    pub assignee: Option<UserId>,
    /// When it was opened; for the enterprise, when it was let in.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// The earliest end of its running clocks.
    pub due_at: Option<Timestamp>,
    /// Whether that end may still move: holidays not announced.
    pub is_provisional: bool,
    /// Whether that end has passed.
    pub is_overdue: bool,
    /// Whether its warning has begun.
    pub is_due_soon: bool,
    /// How far it was escalated.
    pub escalation: u32,
    /// Whether it is a key case.
    pub is_key: bool,
    /// How many cases were merged into it.
    pub merged: u32,
    /// Its version, for bulk actions.
    pub version: i64,
    /// As what it is seen.
    pub seen_as: SeenAs,
}

/// How many, counted no further than somebody reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// So many, at most [`Count::MOST`].
    pub number: u32,
    /// Whether there are more.
    pub is_more: bool,
}

impl Count {
    /// Counted no further.
    pub const MOST: u32 = 999;
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.number, if self.is_more { "+" } else { "" })
    }
}

/// How many cases stand in somebody's lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Given to me.
    pub mine: Count,
    /// Of my unit.
    pub unit: Count,
    /// Past their end.
    pub overdue: Count,
    /// Warned of.
    pub due_soon: Count,
    /// Escalated.
    pub escalated: Count,
    /// Open, within my reach.
    pub open: Count,
    /// Notices that I have not read.
    pub unread: Count,
}

/// A filter that somebody keeps (保存的视图).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The query of the page's address.
    pub query: String,
}

/// A case that may tell of the same thing (疑似重复).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The other case.
    pub case: CaseRow,
    /// How far apart they are, in metres, where both places are known.
    pub distance_m: Option<u32>,
    /// How many hours lie between them.
    pub hours_apart: u32,
    /// How much of their words they share, 0 to 1.
    pub similarity: Decimal,
    /// Why it is shown, one reason a line.
    pub reasons: Vec<Text>,
}

/// What numbers are wanted: each part narrows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatisticsFilter {
    /// Of this kind.
    pub kind: Option<String>,
    /// In this division.
    pub division: Option<String>,
    /// Opened at or after.
    pub from: Option<Timestamp>,
    /// Opened before.
    pub to: Option<Timestamp>,
}

/// How work goes (办理统计). A rate is absent where nothing can be divided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Opened, merged ones not counted.
    pub opened: i64,
    /// Of them closed.
    pub closed: i64,
    /// Of the closed, those none of whose clocks ran out.
    pub on_time: i64,
    /// Open and late now or once.
    pub late_open: i64,
    /// On time of the closed, in per cent, one decimal.
    pub on_time_percent: Option<Decimal>,
    /// Days from opening to closing in the mean, one decimal.
    pub average_days: Option<Decimal>,
    /// Rated by their reporters.
    pub rated: i64,
    /// Of them satisfied.
    pub satisfied: i64,
    /// Satisfied of the rated, in per cent, one decimal.
    pub satisfaction_percent: Option<Decimal>,
    /// Key cases: complained of again.
    pub repeated: i64,
    /// Merged into others.
    pub merged: i64,
}

/// Statistics of a part of the cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatisticsRow {
    /// What the part has in common: a division's code, a kind's id.
    pub key: String,
    /// Its numbers.
    pub numbers: Statistics,
}

/// A published case (公开的办理结果): nothing in it tells who reported or where they live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicCase {
    /// Its id, for the page's address.
    pub id: CaseId,
    /// Its number.
    pub number: String,
    /// The id of its kind.
    pub kind: String,
    /// The kind's name.
    pub kind_name: Text,
    /// The name of its state.
    pub state_name: Text,
    /// The division.
    pub division: String,
    /// The day on which it was opened, at 0:00 Beijing time.
    pub opened_on: Timestamp,
    /// When it was published.
    pub published_at: Timestamp,
    /// Whether it is finished.
    pub is_closed: bool,
    /// The fields that are public, in the order of the declaration: name and value.
    pub fields: Vec<(Text, Text)>,
    /// The official words that are public, oldest first.
    pub words: Vec<String>,
}

/// Which published cases are wanted.
#[derive(Clone, Debug, Default)]
pub struct PublicFilter {
    /// Of this kind.
    pub kind: Option<String>,
    /// In this division.
    pub division: Option<String>,
    /// Published at or after.
    pub from: Option<Timestamp>,
    /// Published before.
    pub to: Option<Timestamp>,
    /// Behind this place of the list.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: u16,
}

/// A message to somebody within the program (站内通知).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// The case that it is about.
    pub case: CaseId,
    /// The case's number.
    pub number: String,
    /// What happened.
    pub what: Text,
    /// What kind of entry it tells of, `act`, `overdue`, `escalated`.
    pub kind: String,
    /// Whether they have read it.
    pub is_read: bool,
}

/// What a look at the clocks has found; each is told once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// Clocks whose warning began.
    pub warned: u32,
    /// Clocks that ran out.
    pub overdue: u32,
    /// Clocks that were told further up.
    pub escalated: u32,
}
