//! From the publication to observations of the sections that the city knows.

use std::collections::BTreeMap;

use observations::{FactorValue, Marks, NewRow};
use registry::{PointKind, Snapshot};
use rulebook::Period;

use super::{Indicator, WaterFeed, WaterRecord};

/// What of a publication concerns the city.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// The rows, in the order of the publication.
    pub rows: Vec<NewRow>,
    /// How many records each section had that the city does not know.
    pub unknown: BTreeMap<String, usize>,
    /// Records of known sections without a time: the station had nothing to say.
    pub without_time: usize,
}

/// Indicators with their factors in HJ 212; chlorophyll and algae have none that is certain.
const FACTORS: [(Indicator, &str); 9] = [
    (Indicator::Temperature, "w01010"),
    (Indicator::Ph, "w01001"),
    (Indicator::DissolvedOxygen, "w01009"),
    (Indicator::Conductivity, "w01014"),
    (Indicator::Turbidity, "w01003"),
    (Indicator::PermanganateIndex, "w01019"),
    (Indicator::AmmoniaNitrogen, "w21003"),
    (Indicator::TotalPhosphorus, "w21011"),
    (Indicator::TotalNitrogen, "w21001"),
];

/// Provinces by the first two digits of a division's code (GB/T 2260).
const PROVINCES: [(&str, &str); 31] = [
    ("11", "北京"),
    ("12", "天津"),
    ("13", "河北"),
    ("14", "山西"),
    ("15", "内蒙古"),
    ("21", "辽宁"),
    ("22", "吉林"),
    ("23", "黑龙江"),
    ("31", "上海"),
    ("32", "江苏"),
    ("33", "浙江"),
    ("34", "安徽"),
    ("35", "福建"),
    ("36", "江西"),
    ("37", "山东"),
    ("41", "河南"),
    ("42", "湖北"),
    ("43", "湖南"),
    ("44", "广东"),
    ("45", "广西"),
    ("46", "海南"),
    ("50", "重庆"),
    ("51", "四川"),
    ("52", "贵州"),
    ("53", "云南"),
    ("54", "西藏"),
    ("61", "陕西"),
    ("62", "甘肃"),
    ("63", "青海"),
    ("64", "宁夏"),
    ("65", "新疆"),
];

/// Takes the values of the sections that the city knows by their name. A name that occurs in
/// another province or city, where the publication tells them, is another section.
pub fn place(feed: &WaterFeed, city: &Snapshot) -> Placed {
    let mut placed = Placed::default();
    for record in &feed.records {
        let known = city.point_by_name(PointKind::WaterSection, &record.section);
        let Some(point) = known.filter(|_| is_here(record, city)) else {
            *placed.unknown.entry(record.section.clone()).or_default() += 1;
            continue;
        };
        let Some(observed_at) = record.timestamp() else {
            placed.without_time += 1;
            continue;
        };
        let values: Vec<_> = FACTORS
            .iter()
            .filter_map(|(indicator, code)| {
                let factor = city.factor_by_code(code)?.id;
                let marked = FactorValue::of(factor, record.reading(*indicator).value()?);
                Some(FactorValue { marks: Marks::FROM_FEED, ..marked })
            })
            .collect();
        if !values.is_empty() {
            placed.rows.push(NewRow { point: point.id, period: Period::Hour, observed_at, values });
        }
    }
    placed
}

/// Whether province and city, as far as they are told, are those of this city.
fn is_here(record: &WaterRecord, city: &Snapshot) -> bool {
    let own = PROVINCES.iter().find(|(code, _)| city.city.code.starts_with(code));
    let province =
        own.is_none_or(|(_, name)| record.province.is_empty() || record.province.starts_with(name));
    let name = city.city.name.zh.trim_end_matches('市');
    province && (record.city.is_empty() || record.city.starts_with(name))
}
