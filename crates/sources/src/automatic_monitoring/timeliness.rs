//! What should have come and has not: devices that fall silent, values that are missing.

use super::exceedance::end_of;
use super::parameters;
use evaluation::alerts::{AlertKind, Seen, Severity, Signal, Subject, Wrong};
use evaluation::{Context, Judge, Judgement};
use jiff::{SignedDuration, Timestamp};
use observations::{Row, Source};
use registry::Device;
use rulebook::Period;
use serde_json::json;
use std::sync::Arc;

/// Looks at the clock for every device of the city.
pub struct Timeliness;

impl Judge for Timeliness {
    fn name(&self) -> &'static str {
        "timeliness"
    }

    fn judge(&self, _context: &Context<'_>, _row: &Row, _judgement: &mut Judgement) {}

    fn tick(&self, context: &Context<'_>, judgement: &mut Judgement) {
        for device in context.snapshot.devices() {
            look(context, device, judgement);
        }
    }
}

fn look(context: &Context<'_>, device: &Device, judgement: &mut Judgement) {
    let newest = Period::ALL
        .into_iter()
        .filter_map(|period| context.latest.get(device.point, period))
        .max_by_key(|row| row.received_at);
    // A device that has never reported is not silent, it has not begun.
    let Some(newest) = newest else { return };
    let is_offline = silence(context, device, &newest, judgement);
    if is_offline {
        return;
    }
    let due = [
        (Period::Minute, device.minute_interval_min.map(i64::from), "minute_grace"),
        (Period::Hour, device.hour_interval_h.map(|hours| i64::from(hours) * 60), "hour_grace"),
    ];
    let missing = due.into_iter().find_map(|(period, interval, grace)| {
        let row = context.latest.get(device.point, period)?;
        let next_ends = match period {
            Period::Hour => end_of(period, row.observed_at).saturating_add(minutes(interval?)),
            _ => row.observed_at.saturating_add(minutes(interval? * 2)),
        };
        let latest_arrival =
            next_ends.ok()?.saturating_add(minutes(parameters::value(grace))).ok()?;
        (context.now > latest_arrival).then_some((period, row))
    });
    judgement.signals.push(Signal {
        subject: Subject { kind: AlertKind::MissingData, point: device.point, factor: None },
        at: context.now,
        seen: match missing {
            Some((period, row)) => wrong(Severity::Warning, period, &row, row.observed_at),
            None => right(&newest),
        },
    });
}

fn silence(
    context: &Context<'_>,
    device: &Device,
    newest: &Arc<Row>,
    judgement: &mut Judgement,
) -> bool {
    let interval = i64::from(device.realtime_interval_s.unwrap_or(60));
    let allowed = SignedDuration::from_secs(interval * parameters::value("offline_intervals"))
        .max(minutes(parameters::value("offline_at_least")));
    // Without real-time values the shortest interval that is due says when silence begins.
    let allowed = match (device.realtime_interval_s, device.minute_interval_min) {
        (Some(_), _) => allowed,
        (None, Some(interval)) => minutes(i64::from(interval) * 3),
        (None, None) => minutes(i64::from(device.hour_interval_h.unwrap_or(1)) * 120),
    };
    let is_offline = context.now.duration_since(newest.received_at) > allowed;
    judgement.signals.push(Signal {
        subject: Subject { kind: AlertKind::DeviceOffline, point: device.point, factor: None },
        at: context.now,
        seen: if is_offline {
            wrong(Severity::Warning, newest.period, newest, newest.received_at)
        } else {
            right(newest)
        },
    });
    is_offline
}

fn wrong(severity: Severity, period: Period, row: &Row, since: Timestamp) -> Seen {
    Seen::Wrong(Wrong {
        severity,
        value: None,
        worse_is_higher: true,
        bound: None,
        since: Some(since),
        source: Some(row.source),
        evidence: json!({
            "rule": "timeliness",
            "period": period.as_str(),
            "last_observed_at": row.observed_at.to_string(),
            "last_received_at": row.received_at.to_string(),
            "source": "Lucid default; no standard sets it",
        }),
    })
}

fn right(row: &Row) -> Seen {
    let source: Option<Source> = Some(row.source);
    Seen::Right { reason: "data_resumed", value: None, source }
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}
