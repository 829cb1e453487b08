//! What the pages, the interface and the panel read alike.

use super::access;
use registry::{MonitoringPoint, PointKind, Snapshot};
use std::collections::HashMap;
use validity::{
    Decision, EnterpriseMark, MarkFilter, MarkId, Month, MonthRecord, decisions_on, find_mark,
    marks,
};
use web::{AppState, Problem, SignedIn};

/// Marks on one page.
pub(super) const A_PAGE: u32 = 50;

/// A mark with all decisions on it, the oldest first.
#[derive(Clone, Debug)]
pub(super) struct Marked {
    pub(super) mark: EnterpriseMark,
    pub(super) decisions: Vec<Decision>,
}

impl Marked {
    /// The decision that holds.
    pub(super) fn decision(&self) -> Option<&Decision> {
        self.decisions.last()
    }
}

/// Marks with their decisions, the newest first.
pub(super) async fn listed(state: &AppState, filter: &MarkFilter) -> Result<Vec<Marked>, Problem> {
    let found = marks(&state.store, filter).await?;
    let ids: Vec<MarkId> = found.iter().map(|mark| mark.id).collect();
    let mut decided: HashMap<MarkId, Vec<Decision>> = HashMap::new();
    for decision in decisions_on(&state.store, &ids).await? {
        if let Some(mark) = decision.mark {
            decided.entry(mark).or_default().push(decision);
        }
    }
    let with = |mark: EnterpriseMark| Marked {
        decisions: decided.remove(&mark.id).unwrap_or_default(),
        mark,
    };
    Ok(found.into_iter().map(with).collect())
}

/// One mark that this person may see, with its outlet.
///
/// # Errors
/// 404 where there is none that they may see: whose marks exist is not told.
pub(super) async fn one(
    state: &AppState,
    signed_in: &SignedIn,
    snapshot: &Snapshot,
    id: i64,
) -> Result<(Marked, MonitoringPoint), Problem> {
    access::points(signed_in, snapshot)?;
    let none = || {
        Problem::not_found(
            format!("没有编号为 {id} 的标记，或不在您的管辖范围内"),
            format!("there is no mark {id} that you may see"),
        )
    };
    let mark = find_mark(&state.store, MarkId(id)).await?.ok_or_else(none)?;
    let point = snapshot.point(mark.point).ok_or_else(none)?;
    access::may_see(signed_in, snapshot, point).map_err(|_| none())?;
    let decisions = decisions_on(&state.store, &[mark.id]).await?;
    Ok((Marked { mark, decisions }, point.clone()))
}

/// The outlet of a code.
///
/// # Errors
/// 404 where there is none.
pub(super) fn outlet<'snapshot>(
    snapshot: &'snapshot Snapshot,
    code: &str,
) -> Result<&'snapshot MonitoringPoint, Problem> {
    snapshot.point_by_code(PointKind::Outlet, code).ok_or_else(|| {
        Problem::not_found(
            format!("没有排放口 {code}"),
            format!("there is no outlet {code}; the list of outlets names them"),
        )
    })
}

/// The month's record; hours of today are in it, not stored.
pub(super) async fn record(
    state: &AppState,
    snapshot: &Snapshot,
    point: &MonitoringPoint,
    month: Month,
    with_today: bool,
) -> Result<MonthRecord, Problem> {
    let (store, now) = (&state.store, state.now());
    if with_today && Month::at(now) == month {
        return Ok(validity::provisional(store, snapshot, point.id, month, now).await?);
    }
    Ok(validity::month(store, snapshot, point.id, month, now).await?)
}

/// A month of an address or a query.
///
/// # Errors
/// 400 for anything else than `2026-10`, and for months to come.
pub(super) fn month(state: &AppState, text: &str) -> Result<Month, Problem> {
    let found = Month::parse(text).filter(|month| *month <= Month::at(state.now()));
    found.ok_or_else(|| {
        Problem::bad_request(
            format!("月份 {text:?} 应为不晚于本月的年月，如 2026-10"),
            format!("{text:?} is no month up to this one, like 2026-10"),
        )
    })
}
