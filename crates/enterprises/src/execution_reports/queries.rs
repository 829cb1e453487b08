//! What permits ask for beside what was filed.

use super::access::{Sight, subject_of};
use super::due::{self, DueReport, days_late};
use super::model::{Head, State, day_of};
use super::store::{self, Filter, ReportError};
use authority::{Action, Scope};
use jiff::ToSpan as _;
use jiff::civil::Date;
use permits::{PermitId, ReportCycle, versions};
use registry::{EnterpriseId, Snapshot};
use rulebook::Text;
use std::collections::{BTreeMap, HashSet};
use web::{AppState, SignedIn};

/// Reports are shown from so long before today.
const PAST_DAYS: i64 = 400;
/// Reports are shown until so long after today: a habit of this platform, no clock.
const AHEAD_DAYS: i64 = 60;

/// How a report that is asked for stands (应报情况).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The period is over, nothing is filed yet, there is time.
    Open,
    /// The period is not over.
    Ahead,
    /// So many days late, and not filed.
    Overdue(i32),
    /// The yearly report stands in its place.
    Replaced,
    /// Filed, to be looked at.
    Filed,
    /// Returned, to be mended.
    Returned,
    /// Accepted.
    Accepted,
}

impl Standing {
    /// Its word in addresses.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ahead => "ahead",
            Self::Overdue(_) => "overdue",
            Self::Replaced => "replaced",
            Self::Filed => "filed",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
        }
    }

    /// The words that a list can be narrowed to, with their names.
    pub(super) const WORDS: [(&'static str, Text); 7] = [
        ("overdue", Text::fixed("逾期未报", "overdue")),
        ("open", Text::fixed("待填报", "to be filed")),
        ("filed", Text::fixed("待审核", "to be looked at")),
        ("returned", Text::fixed("已退回", "returned")),
        ("accepted", Text::fixed("已通过", "accepted")),
        ("ahead", Text::fixed("报告期未结束", "period not over")),
        ("replaced", Text::fixed("由年报替代", "replaced by the yearly report")),
    ];

    /// What it is called.
    pub(super) fn text(self) -> Text {
        if let Self::Overdue(days) = self {
            return Text::new(format!("逾期 {days} 天未报"), format!("{days} days overdue"));
        }
        let found = Self::WORDS.into_iter().find(|(word, _)| *word == self.as_str());
        found.map(|(_, text)| text).unwrap_or_default()
    }

    /// The tone of its badge.
    pub(super) const fn tone(self) -> &'static str {
        match self {
            Self::Overdue(_) | Self::Returned => "bad",
            Self::Open | Self::Filed => "warning",
            Self::Accepted => "good",
            Self::Ahead | Self::Replaced => "quiet",
        }
    }
}

/// A report that is asked for, beside what was filed.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// What the permit asks for.
    pub(super) due: DueReport,
    /// The newest version that this reader sees.
    pub(super) newest: Option<Head>,
    /// Whether this reader may begin it.
    pub(super) may_begin: bool,
    /// A draft that this reader may go on with.
    pub(super) draft: Option<i64>,
    /// The day of the first filing.
    pub(super) filed_on: Option<Date>,
    /// How many days late it was filed, or is.
    pub(super) late: i32,
    /// How it stands.
    pub(super) standing: Standing,
}

/// Whose reports somebody sees in the list of what is asked for.
pub(crate) struct Reach {
    fills: Option<Scope>,
    reads: Option<Scope>,
}

impl Reach {
    /// The reach of somebody; `None` for who sees none.
    pub(crate) fn of(signed_in: &SignedIn) -> Option<Self> {
        let reach = Self {
            fills: signed_in.scope(Action::FileReports).ok(),
            reads: signed_in.scope(Action::ReadCase).ok(),
        };
        (reach.fills.is_some() || reach.reads.is_some()).then_some(reach)
    }

    /// Whether an enterprise is within reach.
    pub(crate) fn holds(&self, snapshot: &Snapshot, enterprise: EnterpriseId) -> bool {
        let subject = subject_of(snapshot, enterprise);
        let within = |scope: &Option<Scope>| scope.as_ref().is_some_and(|it| it.holds(&subject));
        within(&self.fills) || within(&self.reads)
    }
}

/// Every report that is asked for of the enterprises in reach, the most urgent first.
pub(super) async fn rows(
    state: &AppState,
    signed_in: &SignedIn,
    reach: &Reach,
) -> Result<Vec<Row>, ReportError> {
    let snapshot = state.snapshot();
    let all = permits::all(&state.store).await?;
    let of_permits = versions::by_permit(&all).into_iter();
    let held = of_permits
        .filter(|of| of.first().is_some_and(|one| reach.holds(&snapshot, one.permit.enterprise)));
    let today = day_of(state.now());
    let dues: Vec<DueReport> = held.flat_map(|of| window(of, today)).collect();
    let filter = Filter { ended_from: back(today, 2 * PAST_DAYS), ..Filter::default() };
    let reports = store::heads(&state.store, filter).await?;
    let fills = |enterprise| Sight::of(Some(signed_in), &snapshot, enterprise).may_fill;
    Ok(joined(dues, reports, today, fills))
}

/// What is asked for of one enterprise, as the enterprise sees it or, without drafts, as an officer
/// does.
pub(super) async fn rows_of(
    state: &AppState,
    enterprise: EnterpriseId,
    with_drafts: bool,
) -> Result<Vec<Row>, ReportError> {
    let all = permits::of(&state.store, enterprise).await?;
    let today = day_of(state.now());
    let dues = versions::by_permit(&all).into_iter().flat_map(|of| window(of, today)).collect();
    let filter = Filter { enterprise: Some(enterprise), ..Filter::default() };
    let reports = store::heads(&state.store, filter).await?;
    Ok(joined(dues, reports, today, |_| with_drafts))
}

fn window(of_permit: &[permits::PermitVersion], today: Date) -> Vec<DueReport> {
    let from = back(today, PAST_DAYS).unwrap_or(Date::MIN);
    let to = today.checked_add(AHEAD_DAYS.days()).unwrap_or(Date::MAX);
    due::between(of_permit, from, to)
}

fn back(today: Date, days: i64) -> Option<Date> {
    today.checked_sub(days.days()).ok()
}

type Subject = (PermitId, ReportCycle, Date);

fn joined(
    dues: Vec<DueReport>,
    reports: Vec<Head>,
    today: Date,
    fills: impl Fn(EnterpriseId) -> bool,
) -> Vec<Row> {
    let mut by_subject: BTreeMap<Subject, Vec<Head>> = BTreeMap::new();
    for report in reports {
        let subject = &report.subject;
        let key = (subject.permit, subject.cycle, subject.from);
        by_subject.entry(key).or_default().push(report);
    }
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for due in dues {
        let key = (due.subject.permit, due.subject.cycle, due.subject.from);
        if seen.insert(key) {
            let versions = by_subject.remove(&key).unwrap_or_default();
            let may_fill = fills(due.enterprise);
            rows.push(row(due, versions, may_fill, today));
        }
    }
    let urgency = |row: &Row| match row.standing {
        Standing::Overdue(_) => 0,
        Standing::Returned => 1,
        Standing::Open => 2,
        Standing::Filed => 3,
        Standing::Ahead => 4,
        Standing::Accepted => 5,
        Standing::Replaced => 6,
    };
    rows.sort_by_key(|row| (urgency(row), row.due.due, row.due.enterprise));
    rows
}

fn row(due: DueReport, versions: Vec<Head>, may_fill: bool, today: Date) -> Row {
    let filed = versions.iter().filter_map(|it| it.filed_at).min();
    let filed_on = filed.map(day_of);
    let is_draft = |it: &&Head| it.state == State::Draft;
    let draft = versions.iter().find(is_draft).filter(|_| may_fill).map(|it| it.id);
    let newest =
        versions.into_iter().filter(|it| it.state != State::Draft).max_by_key(|it| it.version);
    let late = days_late(due.due, filed_on, today);
    let standing = match newest.as_ref().map(|report| report.state) {
        Some(State::Accepted) => Standing::Accepted,
        Some(State::Filed) => Standing::Filed,
        Some(State::Returned) => Standing::Returned,
        _ if due.is_replaced => Standing::Replaced,
        _ if due.subject.to >= today => Standing::Ahead,
        _ if late > 0 => Standing::Overdue(late),
        _ => Standing::Open,
    };
    let may_begin = may_fill && newest.is_none() && draft.is_none();
    Row { due, newest, may_begin, draft, filed_on, late, standing }
}
