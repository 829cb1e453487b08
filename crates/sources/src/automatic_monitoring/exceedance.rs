//! Hour and day values against the limits of the outlet's permit (超标判定).
//!
//! A value is judged when its limit is for its period and in force on its day; gas on the value
//! converted to the reference oxygen content where the limit says so. A value that the device does
//! not mark as normal is not judged, and the verdict says so.

use evaluation::alerts::{AlertKind, Seen, Severity, Signal, Subject, Wrong};
use evaluation::{Context, Judge, Judgement, Outcome, Verdict, not_computable, of_judged};
use jiff::{SignedDuration, Timestamp};
use observations::{FactorValue, Row};
use registry::{Factor, LimitBound, PointDetail, PointKind};
use rulebook::{Citation, Confidence, Period, Text};
use serde_json::json;
use standards::discharge::permit_limit::{self, Bound, Comparison, Measured};

/// The rule by which an hour is judged.
pub const RULE_HOUR: &str = "permit.hour";
/// The rule by which a day is judged.
pub const RULE_DAY: &str = "permit.day";

/// Judges hours and days by the limits of permits.
pub struct PermitLimit;

impl Judge for PermitLimit {
    fn name(&self) -> &'static str {
        "permit limit"
    }

    fn judge(&self, context: &Context<'_>, row: &Row, judgement: &mut Judgement) {
        let rule = match row.period {
            Period::Hour => RULE_HOUR,
            Period::Day => RULE_DAY,
            Period::RealTime | Period::Minute => return,
        };
        let Some(point) = context.snapshot.point(row.point) else { return };
        let PointDetail::Outlet(_) = &point.detail else { return };
        let on = rulebook::beijing_offset().to_datetime(row.observed_at).date();
        for limit in context.snapshot.limits_of(row.point) {
            let binds = limit.period == row.period
                && limit.valid_from <= on
                && limit.valid_to.is_none_or(|last| on <= last);
            let Some(factor) = context.snapshot.factor(limit.factor).filter(|_| binds) else {
                continue;
            };
            let Some(value) = row.factor(limit.factor) else { continue };
            judge_one(rule, row, limit, factor, value, judgement);
        }
    }
}

fn judge_one(
    rule: &str,
    row: &Row,
    limit: &registry::Limit,
    factor: &Factor,
    value: &FactorValue,
    judgement: &mut Judgement,
) {
    let binding = permit_limit::Limit {
        factor: Text::new(factor.name.zh.clone(), factor.name.en.clone()),
        unit: factor.unit_at(PointKind::Outlet).to_owned().into(),
        period: limit.period,
        bound: match &limit.bound {
            LimitBound::AtMost(most) => Bound::AtMost(*most),
            LimitBound::Within(least, most) => Bound::Within(*least, *most),
        },
        by: Citation {
            standard: "排污许可证".into(),
            edition: limit.source.clone().into(),
            clause: if limit.on_converted {
                "折算浓度 converted value"
            } else {
                "实测浓度 as measured"
            }
            .into(),
            source: limit.source.clone().into(),
        },
        confidence: Confidence::High,
    };
    let measured = Measured {
        value: if limit.on_converted { value.converted } else { value.value },
        unusable: unusable(value.flag),
    };
    let verdict = permit_limit::judge(&binding, &measured, Comparison::ROUNDED);
    let explanation = permit_limit::explain(&binding, &verdict);
    let mut kept = Verdict {
        point: row.point,
        rule: rule.to_owned(),
        factor: Some(limit.factor),
        period: row.period,
        observed_at: row.observed_at,
        source: row.source,
        edition: limit.source.clone(),
        outcome: Outcome::NotComputable,
        value: None,
        level: None,
        reasons: json!(null),
    };
    match verdict {
        Ok(judged) => {
            kept.outcome = if judged.value.exceeds { Outcome::Exceeds } else { Outcome::Meets };
            kept.value = Some(judged.value.compared);
            kept.reasons = of_judged(&judged, &explanation);
            kept.reasons["limit"] = json!(binding.bound.to_string());
            kept.reasons["multiple"] = json!(judged.value.multiple.map(|m| m.to_string()));
            judgement.signals.push(signal(&kept, judged.value.exceeds, &binding));
        }
        Err(reason) => kept.reasons = not_computable(&reason),
    }
    judgement.verdicts.push(kept);
}

/// Exceedance opens and keeps an alert, a value within its limit ends it. pH is told as a warning:
/// the province's rule leaves it out of what is punished as exceedance.
fn signal(verdict: &Verdict, exceeds: bool, limit: &permit_limit::Limit) -> Signal {
    let subject =
        Subject { kind: AlertKind::Exceedance, point: verdict.point, factor: verdict.factor };
    let at = end_of(verdict.period, verdict.observed_at);
    let seen = if exceeds {
        Seen::Wrong(Wrong {
            severity: match limit.bound {
                Bound::AtMost(_) => Severity::Serious,
                Bound::Within(..) => Severity::Warning,
            },
            value: verdict.value,
            worse_is_higher: true,
            bound: Some(limit.bound.to_string()),
            since: Some(verdict.observed_at),
            source: Some(verdict.source),
            evidence: json!({
                "rule": verdict.rule,
                "observed_at": verdict.observed_at.to_string(),
                "reasons": verdict.reasons,
            }),
        })
    } else {
        Seen::Right {
            reason: "value_within_limit",
            value: verdict.value,
            source: Some(verdict.source),
        }
    };
    Signal { subject, at, seen }
}

/// When a period ends that began at `start`.
pub(super) fn end_of(period: Period, start: Timestamp) -> Timestamp {
    let length = match period {
        Period::RealTime | Period::Minute => SignedDuration::ZERO,
        Period::Hour => SignedDuration::from_hours(1),
        Period::Day => SignedDuration::from_hours(24),
    };
    start.saturating_add(length).unwrap_or(start)
}

/// Whether a device's mark lets a value be used: `N`, or none at all.
pub fn is_usable_flag(flag: Option<u8>) -> bool {
    matches!(flag, None | Some(b'N'))
}

/// Why a value with this mark may not be used; `None` for a usable one.
///
/// # Standard
/// HJ 212-2017 table 8; marks of 2005 among them.
pub fn unusable(flag: Option<u8>) -> Option<Text> {
    let text = match flag? {
        b'N' => return None,
        b'F' => Text::fixed("标记 F:在线监控仪器停运", "mark F: the instrument is stopped"),
        b'M' => Text::fixed("标记 M:维护期间", "mark M: in maintenance"),
        b'S' => Text::fixed("标记 S:手工输入的设定值", "mark S: set by hand"),
        b'D' => Text::fixed("标记 D:仪器故障或数据异常", "mark D: instrument fault"),
        b'C' => Text::fixed("标记 C:校准", "mark C: calibration"),
        b'T' => Text::fixed("标记 T:超出测量上限", "mark T: over the measuring range"),
        b'B' => Text::fixed("标记 B:通讯异常", "mark B: the link to the instrument is broken"),
        b'P' => Text::fixed("标记 P:电源故障", "mark P: power failure"),
        other => {
            let letter = char::from(other);
            Text::new(format!("标记 {letter}"), format!("mark {letter}"))
        }
    };
    Some(text)
}
