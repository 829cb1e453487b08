//! Every alarm of the outlets: alerts and signs of fraud, as members of findings.

use super::model::{Member, Origin};
use super::parameters::Parameters;
use super::store::TriageError;
use crate::fraud_signs::{self, ToldSign};
use evaluation::AlertFilter;
use evaluation::alerts::{Alert, AlertKind};
use jiff::{SignedDuration, Timestamp};
use registry::{PointId, PointKind, Snapshot};
use rulebook::Decimal;
use std::collections::BTreeMap;
use store::Store;

/// Alerts looked at in one go.
const ALERTS_MAX: u32 = 100_000;

/// From when on alarms are looked back at.
pub(super) fn since(now: Timestamp, parameters: &Parameters) -> Timestamp {
    let back = SignedDuration::from_hours(24 * parameters.get("window.days"));
    now.saturating_sub(back).unwrap_or(Timestamp::MIN)
}

/// The alarms of these outlets, or of all, that go on or were seen in the window.
pub(super) async fn members(
    store: &Store,
    snapshot: &Snapshot,
    points: Option<&[PointId]>,
    (now, parameters): (Timestamp, &Parameters),
) -> Result<Vec<Member>, TriageError> {
    let since = since(now, parameters);
    let mut members = BTreeMap::new();
    let is_outlet = |point: PointId| {
        snapshot.point(point).is_some_and(|point| point.kind() == PointKind::Outlet)
    };
    // Those that go on however long ago they began, and those that began in the window.
    for (open, from) in [(Some(true), None), (None, Some(since))] {
        let points = points.map(<[PointId]>::to_vec);
        let filter =
            AlertFilter { open, from, points, limit: ALERTS_MAX, ..AlertFilter::default() };
        for alert in evaluation::list_alerts(store, &filter).await? {
            if is_outlet(alert.subject.point) {
                let member = of_alert(&alert, now);
                members.insert(member.key(), member);
            }
        }
    }
    let last = SignedDuration::from_hours(parameters.get("merge.sign_hours"));
    for sign in fraud_signs::told(store, points, since).await? {
        let is_wanted = points.is_none_or(|points| points.contains(&sign.point));
        if is_wanted && is_outlet(sign.point) {
            let member = of_sign(&sign, last, now);
            members.insert(member.key(), member);
        }
    }
    Ok(members.into_values().collect())
}

/// One alert, however old: one that went on for longer than the window and has ended since.
pub(super) async fn alert(
    store: &Store,
    id: i64,
    now: Timestamp,
) -> Result<Option<Member>, TriageError> {
    Ok(evaluation::alert(store, id).await?.map(|alert| of_alert(&alert, now)))
}

fn of_alert(alert: &Alert, now: Timestamp) -> Member {
    Member {
        origin: Origin::Alert,
        reference: alert.id,
        what: alert.subject.kind.as_str().to_owned(),
        point: alert.subject.point,
        factor: alert.subject.factor,
        began_at: alert.opened_at,
        ended_at: alert.closed_at.unwrap_or(alert.last_at).max(alert.opened_at),
        found_at: now,
        is_open: alert.closed_at.is_none(),
        times: times(alert),
        count: alert.count,
    }
}

/// The worst value over its limit; a range such as that of pH has no multiple.
fn times(alert: &Alert) -> Option<Decimal> {
    if alert.subject.kind != AlertKind::Exceedance {
        return None;
    }
    let limit = alert.bound.as_deref()?.trim().strip_prefix('≤')?;
    let limit: Decimal = limit.trim().parse().ok().filter(|limit| *limit > Decimal::ZERO)?;
    Some(alert.worst_value?.checked_div(limit)?.round_dp(4).normalize())
}

/// A sign speaks of weeks; it is merged by its last hours.
fn of_sign(sign: &ToldSign, last: SignedDuration, now: Timestamp) -> Member {
    let from = sign.span.to.saturating_sub(last).unwrap_or(sign.span.from);
    Member {
        origin: Origin::FraudSign,
        reference: sign.id,
        what: sign.detector.to_owned(),
        point: sign.point,
        factor: sign.factor,
        began_at: sign.span.from.max(from),
        ended_at: sign.span.to,
        found_at: now,
        is_open: false,
        times: None,
        count: 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evaluation::alerts::{Severity, Subject};

    fn alert(kind: AlertKind, worst: Option<&str>, bound: Option<&str>) -> Alert {
        let at = Timestamp::UNIX_EPOCH;
        Alert {
            id: 1,
            subject: Subject { kind, point: PointId(1), factor: None },
            severity: Severity::Serious,
            opened_at: at,
            last_at: at,
            closed_at: None,
            count: 1,
            last_value: None,
            worst_value: worst.map(|text| text.parse().expect("a number")),
            bound: bound.map(str::to_owned),
            close_reason: None,
            evidence: serde_json::Value::Null,
        }
    }

    #[test]
    fn only_a_value_over_an_upper_limit_has_a_multiple() {
        let times = |kind, worst, bound| {
            of_alert(&alert(kind, worst, bound), Timestamp::UNIX_EPOCH)
                .times
                .map(|times| times.to_string())
        };
        let over = AlertKind::Exceedance;
        assert_eq!(times(over, Some("75"), Some("≤ 50")).as_deref(), Some("1.5"));
        assert_eq!(times(over, Some("9.4"), Some("6 – 9")), None);
        assert_eq!(times(over, None, Some("≤ 50")), None);
        assert_eq!(times(over, Some("1"), Some("≤ 0")), None);
        assert_eq!(times(AlertKind::ConstantValue, Some("75"), Some("≤ 50")), None);
    }
}
