//! What the desk shows: the queue with what stands beside each finding, and how good the ranking
//! was.

use super::access::Officer;
use super::clocks::{Classes, Times};
use super::marks::Marks;
use super::model::{Conclusion, Finding, State, Verdict};
use super::order;
use super::parameters::Parameters;
use super::ranking::Clock;
use super::store::{self, Order, Ordered, TriageError, Wanted};
use cases::{CaseRow, CaseStanding, Cases, WorkFilter, WorkList};
use evaluation::AlertFilter;
use evaluation::alerts::AlertKind;
use jiff::{SignedDuration, Timestamp};
use registry::{EnterpriseId, FactorId, PointId, Snapshot};
use rulebook::{Decimal, Period, beijing_offset};
use std::collections::HashSet;
use validity::MarkFilter;
use web::{AppState, Problem};

/// Findings on one page.
pub(super) const A_PAGE: usize = 25;
/// Findings in a file.
pub(super) const IN_A_FILE: u32 = 10_000;
/// Decisions shown beside a finding.
const DECISIONS: usize = 5;
/// How far back the little curve goes.
const CURVE: SignedDuration = SignedDuration::from_hours(24);

/// A decision on an outlet, of whatever kind.
#[derive(Clone, Debug)]
pub(super) enum Decided {
    /// A verdict on a finding.
    Verdict(Verdict),
    /// An order, and how it stands.
    Order(Ordered, Option<CaseStanding>),
    /// A decision of the bureau on data.
    Mark(validity::Decision),
}

impl Decided {
    /// When.
    pub(super) fn at(&self) -> Timestamp {
        match self {
            Self::Verdict(verdict) => verdict.given_at,
            Self::Order(order, _) => order.at,
            Self::Mark(decision) => decision.at,
        }
    }
}

/// The last hours of what a finding is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Curve {
    /// The factor.
    pub(super) factor: Option<FactorId>,
    /// Hour by hour; `None` where there is no value.
    pub(super) values: Vec<(Timestamp, Option<Decimal>)>,
    /// The upper limit.
    pub(super) limit: Option<Decimal>,
    /// From when to when.
    pub(super) span: Option<(Timestamp, Timestamp)>,
}

/// A finding with what stands beside it.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) finding: Finding,
    pub(super) curve: Curve,
    pub(super) marks: Marks,
    pub(super) decided: Vec<Decided>,
    /// The order that is under way.
    pub(super) order: Option<(Ordered, Option<CaseStanding>)>,
    /// Until when the outlet is to be checked, where a time is set.
    pub(super) due_at: Option<Timestamp>,
}

/// Puts beside a finding what an officer wants to see.
pub(super) async fn beside(state: &AppState, finding: Finding) -> Result<Shown, Problem> {
    let snapshot = state.snapshot();
    let span = (finding.opened_at, finding.last_at);
    let decided = decided(state, finding.point).await?;
    let order = decided.iter().find_map(|one| match one {
        Decided::Order(order, standing)
            if order.finding == finding.id && order.ended_at.is_none() =>
        {
            Some((order.clone(), standing.clone()))
        }
        _ => None,
    });
    let marks = Marks::of(&state.store, Some(&[finding.point]), span).await?;
    Ok(Shown {
        curve: curve(state, &snapshot, &finding).await?,
        due_at: due_at(state, &snapshot, &finding).await?,
        marks,
        decided: decided.into_iter().take(DECISIONS).collect(),
        order,
        finding,
    })
}

async fn due_at(
    state: &AppState,
    snapshot: &Snapshot,
    finding: &Finding,
) -> Result<Option<Timestamp>, Problem> {
    let Some((_, unit)) = order::enterprise_of(snapshot, finding) else { return Ok(None) };
    let today = beijing_offset().to_datetime(state.now()).date();
    let ids: [EnterpriseId; 1] = [unit.id];
    let classes = Classes::of(&state.store, Some(&ids), today).await?;
    let clock = Times::of(state).clock(classes.class(unit.id));
    let Clock::Runs { length, .. } = clock else { return Ok(None) };
    Ok(finding.opened_at.checked_add(length).ok())
}

/// The last decisions at an outlet, the newest first.
async fn decided(state: &AppState, point: PointId) -> Result<Vec<Decided>, Problem> {
    const LOOKED_AT: u32 = 50;
    let limit = DECISIONS as u32;
    let verdicts = store::decisions(&state.store, point, limit).await?;
    let findings = store::newest_numbers(&state.store, &[point], LOOKED_AT).await?;
    let orders = store::of_findings(&state.store, findings.iter().map(|one| one.id)).await?;
    let standings = match state.handle::<Cases>() {
        Some(cases) => {
            let ids: Vec<_> = orders.iter().map(|order| order.case).collect();
            cases.standings(&ids).await?
        }
        None => Vec::new(),
    };
    let far = (Timestamp::MIN, Timestamp::MAX);
    let marks = validity::decisions(&state.store, point, far.0, far.1).await?;
    let mut all: Vec<Decided> = verdicts.into_iter().map(Decided::Verdict).collect();
    all.extend(orders.into_iter().map(|order| {
        let standing = standings.iter().find(|one| one.id == order.case).cloned();
        Decided::Order(order, standing)
    }));
    all.extend(marks.into_iter().map(Decided::Mark));
    all.sort_by_key(|one| std::cmp::Reverse(one.at()));
    Ok(all)
}

/// The hours of the factor that is furthest over its limit, else of the first that is named.
pub(super) async fn curve(
    state: &AppState,
    snapshot: &Snapshot,
    finding: &Finding,
) -> Result<Curve, TriageError> {
    let worst = finding.members.iter().filter(|member| member.factor.is_some());
    let Some(factor) = worst.max_by_key(|member| member.times).and_then(|member| member.factor)
    else {
        return Ok(Curve::default());
    };
    let now = state.now();
    let to = if finding.is_active { now } else { finding.last_at.max(finding.opened_at) };
    let from = to.saturating_sub(CURVE).unwrap_or(to);
    let until = to.saturating_add(SignedDuration::from_secs(1)).unwrap_or(to);
    let rows = observations::series(&state.store, finding.point, Period::Hour, from..until).await?;
    let limit = snapshot.limit(
        finding.point,
        factor,
        Period::Hour,
        beijing_offset().to_datetime(to).date(),
    );
    let limit = limit.or_else(|| {
        let day = beijing_offset().to_datetime(to).date();
        snapshot.limit(finding.point, factor, Period::Day, day)
    });
    let on_converted = limit.is_some_and(|limit| limit.on_converted);
    let value = |row: &observations::Row| {
        let value = row.factor(factor)?;
        if on_converted { value.converted } else { value.value }
    };
    Ok(Curve {
        factor: Some(factor),
        values: rows.iter().map(|row| (row.observed_at, value(row))).collect(),
        limit: limit.and_then(|limit| match &limit.bound {
            registry::LimitBound::AtMost(most) => Some(*most),
            registry::LimitBound::Within(..) => None,
        }),
        span: Some((from, to)),
    })
}

/// The numbers above the queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    /// Findings that wait.
    pub(super) waiting: i64,
    /// Devices from which nothing comes.
    pub(super) offline: usize,
    /// Orders under way.
    pub(super) orders: Vec<CaseRow>,
    /// Marks of enterprises on which nobody has decided.
    pub(super) marks: i64,
}

impl Counts {
    /// Orders that run out within this time or have.
    pub(super) fn running_out(&self) -> usize {
        self.orders.iter().filter(|row| row.is_overdue || row.is_due_soon).count()
    }
}

/// Counts what an officer may see.
pub(super) async fn counts(
    state: &AppState,
    snapshot: &Snapshot,
    officer: &Officer,
) -> Result<Counts, Problem> {
    let points = officer.points(snapshot);
    let waiting = store::count(&state.store, points.as_deref()).await?;
    let filter = AlertFilter {
        open: Some(true),
        kind: Some(AlertKind::DeviceOffline),
        points: points.clone(),
        limit: IN_A_FILE,
        ..AlertFilter::default()
    };
    let open = MarkFilter { points, is_open: true, ..MarkFilter::default() };
    let offline: HashSet<PointId> = evaluation::list_alerts(&state.store, &filter)
        .await?
        .iter()
        .map(|alert| alert.subject.point)
        .collect();
    Ok(Counts {
        waiting,
        offline: offline.len(),
        orders: orders(state, officer).await?,
        marks: validity::count_marks(&state.store, &open).await?,
    })
}

/// The open orders that an officer may read.
async fn orders(state: &AppState, officer: &Officer) -> Result<Vec<CaseRow>, Problem> {
    let Some(cases) = state.handle::<Cases>().filter(|_| officer.reads_cases()) else {
        return Ok(Vec::new());
    };
    let filter = WorkFilter {
        is_open: Some(true),
        kind: Some(super::clocks::KIND.to_owned()),
        limit: 1000,
        ..WorkFilter::of(WorkList::All)
    };
    let page = cases.list(officer.as_principal(), &filter, state.now()).await;
    Ok(page.map_err(order::refused)?.rows)
}

/// The queue of an officer: a page of it, and where the next begins.
pub(super) async fn queue(
    state: &AppState,
    points: Option<Vec<PointId>>,
    (order, after): (Order, Option<(i64, i64)>),
    limit: usize,
) -> Result<(Vec<Finding>, Option<String>), Problem> {
    let wanted = Wanted {
        state: State::Waiting,
        points,
        order,
        after,
        limit: u32::try_from(limit).unwrap_or(u32::MAX).saturating_add(1),
    };
    let mut found = store::queue(&state.store, &wanted).await?;
    let is_more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| is_more);
    let next = last.map(|finding| {
        let key = match order {
            Order::Ranked => finding.score.value(),
            Order::Newest => finding.last_at.as_millisecond(),
        };
        format!("{key}.{}", finding.id.0)
    });
    Ok((found, next))
}

/// The place in a list that a cursor names.
pub(super) fn cursor(text: Option<&str>) -> Result<Option<(i64, i64)>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let read = || {
        let (key, id) = text.split_once('.')?;
        Some((key.parse().ok()?, id.parse().ok()?))
    };
    read().map(Some).ok_or_else(|| {
        Problem::bad_request(
            "after 应为上一页给出的值",
            "after is the cursor that the last page gave",
        )
    })
}

/// One finding, for whoever may see it; one that was merged is the one in which it goes on.
pub(super) async fn one(
    state: &AppState,
    snapshot: &Snapshot,
    officer: &Officer,
    id: i64,
) -> Result<Finding, Problem> {
    let found = store::finding(&state.store, id).await?;
    let finding = found.ok_or_else(|| {
        Problem::not_found(
            format!("没有编号为 {id} 的线索"),
            format!("there is no finding with the number {id}"),
        )
    })?;
    officer.may_see(snapshot, &finding)?;
    Ok(finding)
}

/// How often the ranking was right: verdicts by place in the queue when they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Precision {
    /// Places 1 to 10, 11 to 50, further down, and those that stood in no queue.
    pub(super) bands: [Band; 4],
    /// Fewer verdicts than this say nothing.
    pub(super) enough: i64,
}

/// Verdicts in a band of places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Band {
    /// By [`Conclusion`], in the order of [`Conclusion::ALL`].
    pub(super) counts: [i64; 4],
}

impl Band {
    /// How many were judged.
    pub(super) fn judged(&self) -> i64 {
        self.counts.iter().sum()
    }

    /// How many were real.
    pub(super) fn real(&self) -> i64 {
        let place = Conclusion::ALL.iter().position(|one| *one == Conclusion::Real);
        place.and_then(|place| self.counts.get(place)).copied().unwrap_or_default()
    }

    /// The share that was real, in per cent with one decimal; `None` before the first verdict.
    pub(super) fn share(&self) -> Option<Decimal> {
        let judged = Decimal::from(self.judged());
        let percent = (Decimal::from(self.real()) * Decimal::ONE_HUNDRED).checked_div(judged)?;
        Some(percent.round_dp(1))
    }

    fn and(&self, other: &Self) -> Self {
        let mut counts = self.counts;
        for (count, more) in counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        Self { counts }
    }
}

impl Precision {
    fn of(verdicts: &[(Option<i64>, Conclusion)], enough: i64) -> Self {
        let mut bands = [Band::default(); 4];
        for (place, conclusion) in verdicts {
            let band = match place {
                Some(1..=10) => 0,
                Some(11..=50) => 1,
                Some(_) => 2,
                None => 3,
            };
            let index = Conclusion::ALL.iter().position(|one| one == conclusion);
            if let Some(index) = index {
                bands[band].counts[index] += 1;
            }
        }
        Self { bands, enough }
    }

    /// Precision at ten: of those judged at the first ten places.
    pub(super) fn at_10(&self) -> Band {
        self.bands[0]
    }

    /// Precision at fifty.
    pub(super) fn at_50(&self) -> Band {
        self.bands[0].and(&self.bands[1])
    }

    /// All verdicts.
    pub(super) fn all(&self) -> Band {
        self.bands.iter().fold(Band::default(), |sum, band| sum.and(band))
    }
}

/// The precision of the ranking, from the verdicts that hold.
pub(super) async fn precision(state: &AppState) -> Result<Precision, Problem> {
    let today = beijing_offset().to_datetime(state.now()).date();
    let enough = Parameters::on(today).get("precision.enough");
    Ok(Precision::of(&store::judged_places(&state.store).await?, enough))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_counts_by_the_place_at_which_a_finding_was_judged() {
        let verdicts = [
            (Some(1), Conclusion::Real),
            (Some(10), Conclusion::Device),
            (Some(11), Conclusion::Real),
            (Some(50), Conclusion::Process),
            (Some(51), Conclusion::Other),
            (None, Conclusion::Real),
        ];
        let found = Precision::of(&verdicts, 30);
        let told = |band: Band| (band.real(), band.judged());
        assert_eq!(told(found.at_10()), (1, 2));
        assert_eq!(told(found.at_50()), (2, 4));
        assert_eq!(told(found.all()), (3, 6));
        assert_eq!(found.at_10().share(), Some(Decimal::from(50)));
        assert_eq!(Precision::of(&[], 30).at_10().share(), None);
    }

    #[test]
    fn a_cursor_is_what_a_page_gave() {
        assert!(matches!(cursor(Some("12.7")), Ok(Some((12, 7)))));
        assert!(matches!(cursor(Some("")), Ok(None)));
        assert!(cursor(Some("12")).is_err());
    }
}
