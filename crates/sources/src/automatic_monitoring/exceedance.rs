//! Hour and day values against the limits of the outlet's permit (超标判定).
//!
//! A value is judged when its limit is for its period and in force on its day; gas on the value
//! converted to the reference oxygen content where the limit says so. A value that the device does
//! not mark as normal is not judged, and the verdict says so.
//!
//! One exceedance is a run of consecutive valid periods over the limit: periods that cannot be
//! judged neither begin nor end it. Any valid hourly mean of gas or daily mean of waste water over
//! the limit counts (Fujian government order No. 230, art. 26, pH excepted; seen in an excerpt).

use super::rules::{bound_of, end_of, judged_value, unusable};
use evaluation::alerts::{AlertKind, Seen, Severity, Signal, Subject, Wrong};
use evaluation::{Context, Judge, Judgement, Outcome, Verdict, not_computable, of_judged};
use jiff::Timestamp;
use observations::{FactorValue, Row};
use registry::{Factor, FactorId, PointDetail, PointId, PointKind};
use rulebook::{Citation, Confidence, Decimal, Period, Text};
use serde_json::json;
use standards::discharge::permit_limit::{self, Bound, Comparison, Measured};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The rule by which an hour is judged.
pub const RULE_HOUR: &str = "permit.hour";
/// The rule by which a day is judged.
pub const RULE_DAY: &str = "permit.day";

/// Judges hours and days by the limits of permits.
#[derive(Default)]
pub struct PermitLimit {
    newest: Mutex<HashMap<(PointId, Period, FactorId), Newest>>,
}

/// The newest valid period of a factor that was judged.
#[derive(Clone, Copy)]
struct Newest {
    observed_at: Timestamp,
    value: Option<Decimal>,
    exceeds: bool,
}

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
            let found = judge_one(rule, row, limit, factor, value);
            if found.outcome != Outcome::NotComputable {
                self.tell(limit.factor, &found, bound_of(limit), judgement);
            }
            judgement.verdicts.push(found);
        }
    }
}

impl PermitLimit {
    /// Tells whether the period exceeds. A late one that does, while a newer one is known to keep
    /// the limit, is over already.
    fn tell(&self, factor: FactorId, found: &Verdict, bound: Bound, judgement: &mut Judgement) {
        let exceeds = found.outcome == Outcome::Exceeds;
        let now = Newest { observed_at: found.observed_at, value: found.value, exceeds };
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let known = newest.entry((found.point, found.period, factor)).or_insert(now);
        judgement.signals.push(signal(found, bound));
        if found.observed_at >= known.observed_at {
            *known = now;
        } else if exceeds && !known.exceeds {
            judgement.signals.push(Signal {
                subject: subject(found),
                at: end_of(found.period, known.observed_at),
                seen: right(known.value, found),
            });
        }
    }
}

fn judge_one(
    rule: &str,
    row: &Row,
    limit: &registry::Limit,
    factor: &Factor,
    value: &FactorValue,
) -> Verdict {
    let binding = permit_limit::Limit {
        factor: Text::new(factor.name.zh.clone(), factor.name.en.clone()),
        unit: factor.unit_at(PointKind::Outlet).to_owned().into(),
        period: limit.period,
        bound: bound_of(limit),
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
    let measured = Measured { value: judged_value(limit, value), unusable: unusable(value.flag) };
    let verdict = permit_limit::judge(&binding, &measured, comparison(binding.bound));
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
        }
        Err(reason) => kept.reasons = not_computable(&reason),
    }
    kept
}

/// How a value is compared: rounded to the decimals of the limit, but acidity as it is. Limits of
/// pH are printed as whole numbers, and 5.6 is not 6.
const fn comparison(bound: Bound) -> Comparison {
    match bound {
        Bound::AtMost(_) => Comparison::ROUNDED,
        Bound::Within(..) => Comparison::UNROUNDED,
    }
}

fn subject(found: &Verdict) -> Subject {
    Subject { kind: AlertKind::Exceedance, point: found.point, factor: found.factor }
}

/// Exceedance opens and keeps an alert, a value within its limit ends it. pH is told as a warning:
/// the province's rule leaves it out of what is punished as exceedance.
fn signal(found: &Verdict, bound: Bound) -> Signal {
    let below = matches!((bound, found.value), (Bound::Within(least, _), Some(value))
        if value < least);
    let seen = if found.outcome == Outcome::Exceeds {
        Seen::Wrong(Wrong {
            severity: match bound {
                Bound::AtMost(_) => Severity::Serious,
                Bound::Within(..) => Severity::Warning,
            },
            value: found.value,
            worse_is_higher: !below,
            bound: Some(bound.to_string()),
            since: Some(found.observed_at),
            source: Some(found.source),
            evidence: json!({
                "rule": found.rule,
                "observed_at": found.observed_at.to_string(),
                "reasons": found.reasons,
            }),
        })
    } else {
        right(found.value, found)
    };
    Signal { subject: subject(found), at: end_of(found.period, found.observed_at), seen }
}

fn right(value: Option<Decimal>, found: &Verdict) -> Seen {
    Seen::Right { reason: "value_within_limit", value, source: Some(found.source) }
}
