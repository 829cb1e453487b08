//! The class of a section's sample.

use evaluation::{Context, Judge, Judgement, Outcome, Verdict, not_computable, of_judged};
use jiff::civil::Date;
use observations::Row;
use registry::{PointDetail, Snapshot};
use rulebook::Period;
use serde_json::json;
use standards::water::gb3838_surface_water::{
    Class, Edition, Item, Method, Sample, SurfaceWater, WaterBody, class_of_sample,
};

/// The rule by which a sample is judged.
pub const RULE_CLASS: &str = "gb3838.sample";

/// The factors of HJ 212 in which the items come.
pub(super) const FACTORS: [(Item, &str); 7] = [
    (Item::WaterTemperature, "w01010"),
    (Item::Ph, "w01001"),
    (Item::DissolvedOxygen, "w01009"),
    (Item::PermanganateIndex, "w01019"),
    (Item::AmmoniaNitrogen, "w21003"),
    (Item::TotalPhosphorus, "w21011"),
    (Item::TotalNitrogen, "w21001"),
];

/// Judges every hour value of a water section.
pub struct SectionClass;

impl Judge for SectionClass {
    fn name(&self) -> &'static str {
        "class of a water section"
    }

    fn judge(&self, context: &Context<'_>, row: &Row, judgement: &mut Judgement) {
        if row.period != Period::Hour {
            return;
        }
        let Some(point) = context.snapshot.point(row.point) else { return };
        let PointDetail::WaterSection(section) = &point.detail else { return };
        let body = match section.body {
            registry::WaterBody::River => WaterBody::River,
            registry::WaterBody::Lake => WaterBody::Lake,
        };
        let on = rulebook::beijing_offset().to_datetime(row.observed_at).date();
        let sample = sample_of(context.snapshot, row);
        let found = class_on(on, body, &sample);
        let mut verdict = Verdict {
            point: row.point,
            rule: RULE_CLASS.to_owned(),
            factor: None,
            period: row.period,
            observed_at: row.observed_at,
            source: row.source,
            edition: Edition::in_force(on)
                .map_or_else(|_| String::new(), |edition| edition.record().number.to_owned()),
            outcome: Outcome::NotComputable,
            value: None,
            level: None,
            reasons: json!(null),
        };
        match found.judged() {
            Ok(judged) => {
                verdict.outcome = Outcome::Computed;
                verdict.level = Some(level(judged.value));
                verdict.reasons = of_judged(&judged, &found.explain());
                verdict.reasons["deciding"] =
                    json!(found.deciding().into_iter().map(Item::as_str).collect::<Vec<_>>());
            }
            Err(reason) => verdict.reasons = not_computable(&reason),
        }
        judgement.verdicts.push(verdict);
    }
}

/// The class of a sample taken on this day, by the practice of the national platform then.
pub fn class_on(on: Date, body: WaterBody, sample: &Sample) -> SurfaceWater {
    class_of_sample(Method::national_real_time(on), body, sample)
}

/// The item that a factor of HJ 212 brings.
pub fn item_of_code(code: &str) -> Option<Item> {
    FACTORS.into_iter().find_map(|(item, known)| (known == code).then_some(item))
}

/// 1 for class I to 6 for worse than V.
fn level(class: Class) -> u8 {
    class as u8 + 1
}

/// The sample of a row, unrounded, as far as its values may be used.
pub fn sample_of(snapshot: &Snapshot, row: &Row) -> Sample {
    FACTORS.iter().fold(Sample::default(), |sample, (item, code)| {
        let value = snapshot.factor_by_code(code).and_then(|factor| row.factor(factor.id));
        let usable = value.filter(|value| matches!(value.flag, None | Some(b'N')));
        sample.with_option(*item, usable.and_then(|value| value.value))
    })
}
