//! The index of a station's hour.

use evaluation::{Context, Judge, Judgement, Outcome, Verdict, not_computable, of_judged};
use observations::Row;
use registry::{PointDetail, Snapshot};
use rulebook::{NotComputable, Period};
use serde_json::json;
use standards::air::Pollutant;
use standards::air::hj633_air_quality_index::{
    AirQuality, Concentrations, Edition, Item, Method, Report, air_quality_index,
};

/// The rule by which an hour is judged.
pub const RULE_HOUR: &str = "hj633.hour";

/// The factors of HJ 212 in which the six pollutants come.
pub(super) const FACTORS: [(Pollutant, &str); 6] = [
    (Pollutant::So2, "a21026"),
    (Pollutant::No2, "a21004"),
    (Pollutant::Pm10, "a34002"),
    (Pollutant::Pm25, "a34004"),
    (Pollutant::Co, "a21005"),
    (Pollutant::O3, "a05024"),
];

/// Judges every hour of an air station.
pub struct HourIndex;

impl Judge for HourIndex {
    fn name(&self) -> &'static str {
        "air quality index of an hour"
    }

    fn judge(&self, context: &Context<'_>, row: &Row, judgement: &mut Judgement) {
        if row.period != Period::Hour {
            return;
        }
        let Some(point) = context.snapshot.point(row.point) else { return };
        let PointDetail::AirStation(_) = &point.detail else { return };
        let on = rulebook::beijing_offset().to_datetime(row.observed_at).date();
        let found = hourly_method(on)
            .map(|method| air_quality_index(method, &concentrations_of(context.snapshot, row)));
        judgement.verdicts.push(verdict(row, found));
    }
}

/// The method for an hour: the text of the edition in force; under the 2012 edition the practice
/// of the national real-time feed, which judges particles by their 1 h mean.
///
/// # Errors
/// Before the first edition there is none.
pub fn hourly_method(on: jiff::civil::Date) -> Result<Method, NotComputable> {
    match Edition::in_force(on)? {
        Edition::Hj633_2012 => Ok(Method::PUBLISHED_REAL_TIME_2012),
        Edition::Hj633_2026 => Method::in_force(on, Report::Hourly),
    }
}

/// The pollutant that a factor of HJ 212 brings, one of the six of the index.
pub fn pollutant_of_code(code: &str) -> Option<Pollutant> {
    FACTORS.into_iter().find_map(|(pollutant, known)| (known == code).then_some(pollutant))
}

/// Whether a device's mark lets a value be used: `N`, or none at all.
pub fn is_usable_flag(flag: Option<u8>) -> bool {
    matches!(flag, None | Some(b'N'))
}

/// The concentrations of an hour, as far as they may be used.
pub fn concentrations_of(snapshot: &Snapshot, row: &Row) -> Concentrations {
    FACTORS.iter().fold(Concentrations::default(), |air, (pollutant, code)| {
        let value = snapshot.factor_by_code(code).and_then(|factor| row.factor(factor.id));
        let usable = value.filter(|value| is_usable_flag(value.flag));
        match Item::of(*pollutant, 1) {
            Some(item) => air.with_option(item, usable.and_then(|value| value.value)),
            None => air,
        }
    })
}

fn verdict(row: &Row, found: Result<AirQuality, NotComputable>) -> Verdict {
    let mut verdict = Verdict {
        point: row.point,
        rule: RULE_HOUR.to_owned(),
        factor: None,
        period: row.period,
        observed_at: row.observed_at,
        source: row.source,
        edition: String::new(),
        outcome: Outcome::NotComputable,
        value: None,
        level: None,
        reasons: json!(null),
    };
    let air = match found {
        Ok(air) => air,
        Err(reason) => {
            verdict.reasons = not_computable(&reason);
            return verdict;
        }
    };
    air.method.edition().number().clone_into(&mut verdict.edition);
    match air.judged() {
        Ok(judged) => {
            verdict.outcome = Outcome::Computed;
            verdict.value = Some(judged.value.into());
            verdict.level = air.category().map(|category| category.level);
            verdict.reasons = of_judged(&judged, &air.explain());
        }
        Err(reason) => verdict.reasons = not_computable(&reason),
    }
    verdict.reasons["primary"] =
        json!(air.primary.iter().map(Pollutant::as_str).collect::<Vec<_>>());
    verdict.reasons["individual"] = Pollutant::ALL
        .into_iter()
        .map(|pollutant| match air.of(pollutant) {
            Ok(found) => json!({
                "pollutant": pollutant.as_str(),
                "index": found.index,
                "concentration": found.concentration.to_string(),
            }),
            Err(reason) => json!({
                "pollutant": pollutant.as_str(),
                "reason": { "zh": reason.text().zh, "en": reason.text().en },
            }),
        })
        .collect();
    verdict
}
