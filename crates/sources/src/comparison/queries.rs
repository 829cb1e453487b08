//! The hours of the outlets that are compared.

use super::figures::{self, Figures};
use crate::automatic_monitoring::unusable;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use observations::history::scan::factor_series;
use registry::{Factor, LimitBound, MonitoringPoint, PointKind, Snapshot};
use rulebook::{Decimal, Period, beijing_offset};
use std::collections::{BTreeMap, BTreeSet};
use web::{AppState, Problem};

/// Outlets beside each other.
pub(super) const MOST: usize = 6;
/// Days of a comparison.
const DAYS_MAX: i64 = 92;
const DAYS_USUAL: i64 = 7;

/// What is asked for, in addresses: `outlet` up to six times, `factor`, `from`, `to`.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) outlets: Vec<String>,
    pub(super) factor: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

/// One outlet's column.
pub(super) struct Column {
    pub(super) point: MonitoringPoint,
    /// The most that is allowed for an hour on the last day, and whether the converted value is
    /// judged.
    pub(super) limit: Option<Decimal>,
    pub(super) on_converted: bool,
    /// The values that may be used.
    pub(super) values: BTreeMap<Timestamp, Decimal>,
    pub(super) figures: Figures,
}

/// A comparison.
pub(super) struct Comparison {
    pub(super) from: Date,
    pub(super) to: Date,
    /// Hours of the period that have ended.
    pub(super) due: i64,
    pub(super) factor: Option<Factor>,
    /// The factors that all or some of the outlets have.
    pub(super) factors: Vec<Factor>,
    pub(super) columns: Vec<Column>,
}

impl Wanted {
    /// Reads the pairs of an address.
    pub(super) fn of(pairs: Vec<(String, String)>) -> Self {
        let mut wanted = Self::default();
        for (name, value) in pairs {
            let value = value.trim().to_owned();
            if value.is_empty() {
                continue;
            }
            match name.as_str() {
                "outlet" if !wanted.outlets.contains(&value) => wanted.outlets.push(value),
                "factor" => wanted.factor = Some(value),
                "from" => wanted.from = Some(value),
                "to" => wanted.to = Some(value),
                _ => {}
            }
        }
        wanted
    }

    fn days(&self, today: Date) -> Result<(Date, Date), Problem> {
        let read = |name: &str, text: &String| {
            text.parse::<Date>().map_err(|_| {
                Problem::bad_request(
                    format!("{name} 应为日期 2026-03-01,而不是 {text:?}"),
                    format!("{name} is a day such as 2026-03-01, not {text:?}"),
                )
            })
        };
        let to = self.to.as_ref().map(|text| read("to", text)).transpose()?.unwrap_or(today);
        let usual = to.saturating_sub(jiff::Span::new().days(DAYS_USUAL - 1));
        let from = self.from.as_ref().map(|text| read("from", text)).transpose()?.unwrap_or(usual);
        let days = from.until(to).map_or(-1, |span| i64::from(span.get_days()));
        if (0..DAYS_MAX).contains(&days) {
            return Ok((from, to));
        }
        Err(Problem::bad_request(
            format!("时段为 1 至 {DAYS_MAX} 天,且开始不晚于结束"),
            format!("a period has 1 to {DAYS_MAX} days and begins before it ends"),
        ))
    }
}

/// Reads what is asked for.
///
/// # Errors
/// 400 when there are too many outlets or the days are wrong, 404 for an unknown outlet or factor.
pub(super) async fn compare(state: &AppState, wanted: &Wanted) -> Result<Comparison, Problem> {
    let snapshot = state.snapshot();
    let now = state.now();
    let (from, to) = wanted.days(beijing_offset().to_datetime(now).date())?;
    if wanted.outlets.len() > MOST {
        return Err(Problem::bad_request(
            format!("最多对比 {MOST} 个排放口"),
            format!("at most {MOST} outlets are compared"),
        ));
    }
    let points = wanted.outlets.iter().map(|code| outlet(&snapshot, code));
    let points = points.collect::<Result<Vec<_>, _>>()?;
    let factors = factors_of(&snapshot, &points);
    let factor = match &wanted.factor {
        Some(code) => Some(snapshot.factor_by_code(code).cloned().ok_or_else(|| {
            Problem::not_found(
                format!("没有代码为 {code} 的因子"),
                format!("there is no factor with the code {code}"),
            )
        })?),
        None => factors.first().cloned(),
    };
    let midnight =
        |day: Date| beijing_offset().to_timestamp(day.to_datetime(Time::midnight())).unwrap_or(now);
    let end = midnight(to.saturating_add(jiff::Span::new().days(1)));
    let range = midnight(from)..end;
    let due = range.end.min(now).duration_since(range.start).as_hours().max(0);
    let mut columns = Vec::with_capacity(points.len());
    for point in points {
        let Some(factor) = &factor else { break };
        let limit = snapshot.limit(point.id, factor.id, Period::Hour, to);
        let on_converted = limit.is_some_and(|limit| limit.on_converted);
        let at_most = limit.map(|limit| match limit.bound {
            LimitBound::AtMost(most) | LimitBound::Within(_, most) => most,
        });
        // Of the other factors nothing is read: the days may be years.
        let wanted = [factor.id];
        let read =
            factor_series(&state.store, point.id, Period::Hour, Some(&wanted), range.clone());
        let values: BTreeMap<_, _> = read
            .await?
            .iter()
            .flat_map(|series| &series.values)
            .filter(|(_, value)| unusable(value.flag).is_none())
            .filter_map(|(at, value)| {
                let judged = if on_converted { value.converted } else { value.value };
                Some((*at, judged?))
            })
            .collect();
        let all: Vec<_> = values.values().copied().collect();
        let figures = figures::of(&all, at_most);
        columns.push(Column { point, limit: at_most, on_converted, values, figures });
    }
    Ok(Comparison { from, to, due, factor, factors, columns })
}

impl Comparison {
    /// The hours for which any of the outlets has a value, the newest first.
    pub(super) fn hours(&self) -> Vec<Timestamp> {
        let hours: BTreeSet<_> =
            self.columns.iter().flat_map(|column| column.values.keys().copied()).collect();
        hours.into_iter().rev().collect()
    }

    /// The hours of an outlet as a line: a missing hour is a gap.
    pub(super) fn line(&self, column: &Column) -> Vec<(f64, Option<f64>)> {
        let (Some(first), Some(last)) = (
            self.columns.iter().filter_map(|column| column.values.keys().next()).min(),
            self.columns.iter().filter_map(|column| column.values.keys().next_back()).max(),
        ) else {
            return Vec::new();
        };
        let mut points = Vec::new();
        let mut at = *first;
        while at <= *last {
            let value = column.values.get(&at).and_then(|value| f64::try_from(*value).ok());
            points.push((at.as_second() as f64, value));
            let Ok(next) = at.checked_add(SignedDuration::from_hours(1)) else { break };
            at = next;
        }
        points
    }
}

fn outlet(snapshot: &Snapshot, code: &str) -> Result<MonitoringPoint, Problem> {
    snapshot.point_by_code(PointKind::Outlet, code).cloned().ok_or_else(|| {
        Problem::not_found(
            format!("没有编码为 {code} 的排放口"),
            format!("there is no outlet with the code {code}"),
        )
    })
}

/// The factors with a limit or a device at any of the outlets: those that are limited at most of
/// them first, and among those the ones of most outlets.
fn factors_of(snapshot: &Snapshot, points: &[MonitoringPoint]) -> Vec<Factor> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for point in points {
        let limited = snapshot.limits_of(point.id).iter().map(|limit| limit.factor);
        let limited = limited.filter_map(|id| snapshot.factor(id).map(|one| one.code.clone()));
        let sent = snapshot.devices_of(point.id).flat_map(|device| device.factors.iter());
        let sent = sent.filter_map(|id| snapshot.factor(*id).map(|one| one.code.clone()));
        let limited: BTreeSet<String> = limited.collect();
        let own: BTreeSet<String> = limited.iter().cloned().chain(sent).collect();
        for code in own {
            let count = counts.entry(code.clone()).or_default();
            count.0 += 1;
            count.1 += usize::from(limited.contains(&code));
        }
    }
    let mut codes: Vec<_> = counts.into_iter().collect();
    let rank = |(code, (all, limited)): &(String, (usize, usize))| {
        (std::cmp::Reverse((*limited, *all)), code.clone())
    };
    codes.sort_by_key(rank);
    codes.iter().filter_map(|(code, _)| snapshot.factor_by_code(code).cloned()).collect()
}
