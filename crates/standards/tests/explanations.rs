//! The words of the explanations, whole and in both languages: what a citizen reads is tested as
//! strictly as what a program computes.

use jiff::civil::{Date, date};
use rulebook::{Decimal, Explanation, Language, Period};
use standards::discharge::permit_limit::{self, Comparison, Measured};
use standards::noise::DayPart;

const ON: Date = date(2026, 5, 1);

fn number(text: &str) -> Decimal {
    text.parse().expect("a decimal in a test")
}

#[track_caller]
fn reads(explanation: &Explanation, chinese: &[&str], english: &[&str]) {
    assert_eq!(explanation.to_plain(Language::Chinese), chinese.join("\n"));
    assert_eq!(explanation.to_plain(Language::English), english.join("\n"));
}

#[test]
fn sea_water() {
    use standards::sea::gb3097_sea_water::{Reading, class_of_sample, explain};
    let sample = [("DO", Reading::Value(number("6.1"))), ("DIN", Reading::Value(number("0.45")))];
    reads(
        &explain(&class_of_sample(&sample, ON).expect("a class")),
        &[
            "四类，由无机氮(以N计)决定（GB 3097-1997 表 1）",
            "项目 | 数值 | 所在类别限值 | 类别",
            "溶解氧 | 6.1 mg/L | > 6 | 一类",
            "无机氮(以N计) | 0.45 mg/L | ≤ 0.50 | 四类",
            "依据：GB 3097-1997 表 1（单一可信来源）",
        ],
        &[
            "class IV, decided by inorganic nitrogen (as N) (GB 3097-1997 table 1)",
            "item | value | limit of the class | class",
            "dissolved oxygen | 6.1 mg/L | > 6 | class I",
            "inorganic nitrogen (as N) | 0.45 mg/L | ≤ 0.50 | class IV",
            "by GB 3097-1997 table 1 (one trustworthy source)",
        ],
    );
}

#[test]
fn groundwater() {
    use standards::water::gbt14848_groundwater::{Reading, class_of_sample, explain};
    let sample = [("砷", Reading::Value(number("0.02"))), ("pH", Reading::Value(number("7.1")))];
    reads(
        &explain(&class_of_sample(&sample, ON).expect("a class")),
        &[
            "Ⅳ类，由砷决定（GB/T 14848-2017 表 1）",
            "项目 | 数值 | 所在类别限值 | 类别",
            "砷 | 0.02 mg/L | ≤ 0.05 | Ⅳ类",
            "pH | 7.1 | 6.5-8.5 | Ⅰ类",
            "依据：GB/T 14848-2017 表 1（多个来源一致）",
        ],
        &[
            "class IV, decided by arsenic (GB/T 14848-2017 table 1)",
            "item | value | limit of the class | class",
            "arsenic | 0.02 mg/L | ≤ 0.05 | class IV",
            "pH | 7.1 | 6.5-8.5 | class I",
            "by GB/T 14848-2017 table 1 (several sources agree)",
        ],
    );
}

#[test]
fn soil() {
    use standards::soil::gb36600_construction_land as site;
    let verdict = site::risk("砷", number("40"), site::LandUse::TypeOne, None, ON);
    reads(
        &site::explain(&verdict.expect("a risk")),
        &[
            "砷 40 mg/kg 超过筛选值（GB 36600-2018 表 1）",
            "项目 | 数值",
            "砷 | 40 mg/kg",
            "筛选值 | 20 mg/kg",
            "管制值 | 120 mg/kg",
            "依据：GB 36600-2018 表 1（多个来源一致）",
        ],
        &[
            "arsenic 40 mg/kg above the screening value (GB 36600-2018 table 1)",
            "item | value",
            "arsenic | 40 mg/kg",
            "screening value | 20 mg/kg",
            "control value | 120 mg/kg",
            "by GB 36600-2018 table 1 (several sources agree)",
        ],
    );
}

#[test]
fn farm_soil() {
    use standards::soil::gb15618_agricultural_land as farm;
    let verdict = farm::risk("镉", number("2"), number("5.5"), farm::Land::Paddy, ON);
    reads(
        &farm::explain(&verdict.expect("a risk")),
        &[
            "镉 2 mg/kg 超过管制值（GB 15618-2018 表 3）",
            "项目 | 数值",
            "镉 | 2 mg/kg",
            "pH | 5.5",
            "筛选值 | 0.3 mg/kg",
            "管制值 | 1.5 mg/kg",
            "依据：GB 15618-2018 表 3（单一可信来源）",
        ],
        &[
            "cadmium 2 mg/kg above the control value (GB 15618-2018 table 3)",
            "item | value",
            "cadmium | 2 mg/kg",
            "pH | 5.5",
            "screening value | 0.3 mg/kg",
            "control value | 1.5 mg/kg",
            "by GB 15618-2018 table 3 (one trustworthy source)",
        ],
    );
}

#[test]
fn noise_of_places() {
    use standards::noise::gb3096_acoustic_environment::{explain, meets};
    let verdict = meets("4a", DayPart::Night, number("55.5"), ON).expect("a verdict");
    reads(
        &explain(&verdict),
        &[
            "噪声超标（GB 3096-2008 表 1）",
            "项目 | 数值",
            "等效声级 | 55.5 dB(A)",
            "限值 | 55 dB(A)",
            "依据：GB 3096-2008 表 1（单一可信来源）",
        ],
        &[
            "the noise exceeds its limit (GB 3096-2008 table 1)",
            "item | value",
            "equivalent level | 55.5 dB(A)",
            "limit | 55 dB(A)",
            "by GB 3096-2008 table 1 (one trustworthy source)",
        ],
    );
}

#[test]
fn noise_of_boundaries() {
    use standards::noise::gb12348_boundary_noise::{Place, explain, meets};
    let verdict = meets(Place::RoomA, "1", DayPart::Night, number("30"), ON).expect("a verdict");
    reads(
        &explain(&verdict),
        &[
            "噪声达标（GB 12348-2008 表 2）",
            "项目 | 数值",
            "等效声级 | 30 dB(A)",
            "限值 | 30 dB(A)",
            "依据：GB 12348-2008 表 2（录自官方文本）",
        ],
        &[
            "the noise keeps its limit (GB 12348-2008 table 2)",
            "item | value",
            "equivalent level | 30 dB(A)",
            "limit | 30 dB(A)",
            "by GB 12348-2008 table 2 (read in the official text)",
        ],
    );
}

#[test]
fn limit_of_an_emission_standard() {
    let limit = standards::discharge::gb18918_town_sewage_plants::limit(
        "COD",
        "town sewage plant",
        "1A",
        ON,
    );
    let limit = limit.expect("a limit").to_limit(Period::Day).expect("a known limit");
    let verdict = permit_limit::judge(&limit, &Measured::usable(number("65")), Comparison::ROUNDED);
    reads(
        &permit_limit::explain(&limit, &verdict),
        &[
            "COD日均值 65 mg/L 超过限值 ≤ 50 mg/L，超标 0.30 倍（GB 18918-2002 表 1）",
            "项目 | 数值 | 单位",
            "COD | 65 | mg/L",
            "COD：按 GB/T 8170 修约到 0 位小数",
            "超标倍数：按 GB/T 8170 修约到 2 位小数",
        ],
        &[
            "COD daily mean 65 mg/L exceeds the limit ≤ 50 mg/L, 0.30 times over \
             (GB 18918-2002 table 1)",
            "item | value | unit",
            "COD | 65 | mg/L",
            "COD: rounded by GB/T 8170 to 0 decimals",
            "multiple over the limit: rounded by GB/T 8170 to 2 decimals",
        ],
    );
}

#[test]
fn limit_that_was_not_obtained() {
    let limit = standards::discharge::db35_1869_rural_sewage::limit(
        "氨氮",
        "rural sewage < 500 m3/d, Fujian, new",
        "1",
        ON,
    );
    let reason = limit.expect("a row").to_limit(Period::Day).expect_err("no number");
    assert_eq!(reason.code(), "judgement.not_obtained");
    assert_eq!(reason.text().zh, "尚未取得DB35/1869-2019 表 1的原文");
}

#[test]
fn tennant() {
    use standards::flow::tennant::{explain, grade};
    let verdict = grade(number("40"), number("100"), date(2026, 7, 1)).expect("a grade");
    reads(
        &explain(&verdict),
        &[
            "生态流量状况：好（Tennant 1976）",
            "项目 | 数值",
            "流量 | 40 m3/s",
            "多年平均流量 | 100 m3/s",
            "依据：Tennant 1976 蒙大拿法分级表（凭记忆录入，待核对）",
        ],
        &[
            "ecological flow: good (Tennant 1976)",
            "item | value",
            "flow | 40 m3/s",
            "mean annual flow | 100 m3/s",
            "by Tennant 1976 table of Tennant (from memory, to be checked)",
        ],
    );
}

#[test]
fn guaranteed_flow() {
    use standards::flow::guaranteed_flow::{explain, guarantee};
    let mut days = vec![Some(Decimal::TEN); 28];
    days.extend([Some(Decimal::ONE), None]);
    let verdict = guarantee(&days, Decimal::TWO, None, date(2026, 6, 1)).expect("a rate");
    reads(
        &explain(&verdict),
        &[
            "生态流量达标：保证率 96.6%，数据完整率 96.7%",
            "项目 | 数值",
            "目标 | 2 m3/s",
            "要求保证率 | 90 %",
            "有效时段 | 29",
            "保证率：按 GB/T 8170 修约到 1 位小数",
            "依据：水资管〔2020〕67号 生态基流（凭记忆录入，待核对）",
        ],
        &[
            "the ecological flow is met: guaranteed 96.6 %, data complete 96.7 %",
            "item | value",
            "target | 2 m3/s",
            "rate wanted | 90 %",
            "valid periods | 29",
            "the rate: rounded by GB/T 8170 to 1 decimal",
            "by 水资管〔2020〕67号 base flow (from memory, to be checked)",
        ],
    );
}

#[test]
fn black_and_odorous_water() {
    use standards::water::black_odorous_water::{Item, Measurement, degree_of_point, explain};
    let one = |item, value: &str| Measurement { item, value: number(value), depth: None };
    let point = [one(Item::DissolvedOxygen, "0.1"), one(Item::AmmoniaNitrogen, "9")];
    reads(
        &explain(&degree_of_point(&point, ON).expect("a degree")),
        &[
            "重度黑臭（城市黑臭水体整治工作指南）",
            "项目 | 数值",
            "溶解氧 | 0.1 mg/L",
            "氨氮 | 9 mg/L",
            "依据：城市黑臭水体整治工作指南 黑臭分级（单一可信来源）",
        ],
        &[
            "severely black and odorous (城市黑臭水体整治工作指南)",
            "item | value",
            "dissolved oxygen | 0.1 mg/L",
            "ammonia nitrogen | 9 mg/L",
            "by 城市黑臭水体整治工作指南 classes of black-odorous water (one trustworthy source)",
        ],
    );
}

#[test]
fn sources_of_drinking_water() {
    use standards::water::drinking_water_sources::{explain, judge_source};
    use standards::water::gb3838_surface_water::{Item, Sample, WaterBody};
    let basic = Sample::default().with(Item::AmmoniaNitrogen, number("1.2"));
    let specific = [("硝酸盐(以N计)", number("10.1"))];
    let verdict = judge_source(WaterBody::River, &basic, &specific, ON).expect("a verdict");
    reads(
        &explain(&verdict),
        &[
            "水源水质不达标：氨氮、硝酸盐(以N计)（GB 3838-2002 表 1；表 2）",
            "项目 | 数值 | 限值",
            "氨氮 | 1.2 mg/L | ≤ 1.0",
            "硝酸盐(以N计) | 10.1 mg/L | ≤ 10",
            "依据：GB 3838-2002 表 1；表 2（凭记忆录入，待核对）",
        ],
        &[
            "the source does not meet its standard: ammonia nitrogen, nitrate (as N) \
             (GB 3838-2002 table 1; table 2)",
            "item | value | limit",
            "ammonia nitrogen | 1.2 mg/L | ≤ 1.0",
            "nitrate (as N) | 10.1 mg/L | ≤ 10",
            "by GB 3838-2002 table 1; table 2 (from memory, to be checked)",
        ],
    );
}

#[test]
fn grade_of_a_sea_area() {
    use standards::sea::nearshore_assessment::{Shares, explain, grade_of_sea_area};
    let shares = Shares {
        first: number("70"),
        second: number("25"),
        third: number("5"),
        ..Shares::default()
    };
    reads(
        &explain(&grade_of_sea_area(shares).expect("a grade")),
        &[
            "海域水质状况优（HJ 442 海区水质评价）",
            "项目 | 数值",
            "一类比例 | 70 %",
            "二类比例 | 25 %",
            "三类比例 | 5 %",
            "四类比例 | 0 %",
            "劣四类比例 | 0 %",
            "依据：HJ 442 海区水质评价（凭记忆录入，待核对）",
        ],
        &[
            "sea water quality excellent (HJ 442 grade of a sea area)",
            "item | value",
            "share of class I | 70 %",
            "share of class II | 25 %",
            "share of class III | 5 %",
            "share of class IV | 0 %",
            "share worse than IV | 0 %",
            "by HJ 442 grade of a sea area (from memory, to be checked)",
        ],
    );
}

#[test]
fn eutrophication_of_sea_water() {
    use standards::sea::eutrophication::{eutrophication, explain};
    let verdict = eutrophication(number("2"), number("0.3"), number("0.03")).expect("an index");
    reads(
        &explain(&verdict),
        &[
            "富营养化指数 4，中度富营养",
            "项目 | 数值",
            "化学需氧量 | 2 mg/L",
            "无机氮 | 0.3 mg/L",
            "活性磷酸盐 | 0.03 mg/L",
            "依据：富营养化指数 3 < E <= 9（凭记忆录入，待核对）",
        ],
        &[
            "eutrophication index 4, moderately eutrophic",
            "item | value",
            "chemical oxygen demand | 2 mg/L",
            "inorganic nitrogen | 0.3 mg/L",
            "reactive phosphate | 0.03 mg/L",
            "by 富营养化指数 3 < E <= 9 (from memory, to be checked)",
        ],
    );
}
