//! The sources of values that a formula may name.

use rulebook::Text;

/// A source of values (数据来源).
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name; `*` stands for a word of its own, such as a kind of case.
    pub name: &'static str,
    /// What it holds.
    pub what: Text,
}

const fn source(name: &'static str, zh: &'static str, en: &'static str) -> Source {
    Source { name, what: Text::fixed(zh, en) }
}

/// Every source, in the order of the documentation.
const SOURCES: &[Source] = &[
    source("reported", "责任单位报送的年度值", "yearly values that units report"),
    source("air.city.aqi", "城市空气质量日指数", "the city's index of each day"),
    source("air.city.a21026", "城市二氧化硫日均值", "the city's daily mean of SO2"),
    source("air.city.a21004", "城市二氧化氮日均值", "the city's daily mean of NO2"),
    source("air.city.a34002", "城市 PM10 日均值", "the city's daily mean of PM10"),
    source("air.city.a34004", "城市 PM2.5 日均值", "the city's daily mean of PM2.5"),
    source("air.city.a21005", "城市一氧化碳日均值", "the city's daily mean of CO"),
    source(
        "air.city.a05024",
        "城市臭氧日最大8小时均值",
        "the city's daily maximum 8 h mean of ozone",
    ),
    source(
        "air.items_attaining",
        "六项污染物年评价结果，达标为 1",
        "the year's evaluation of the six pollutants, 1 where it attains",
    ),
    source(
        "water.national.class",
        "国考断面全年水质类别，1～6",
        "the class of each national section over the year, 1 to 6",
    ),
    source(
        "water.provincial.class",
        "省考断面全年水质类别，1～6",
        "the class of each provincial section over the year, 1 to 6",
    ),
    source(
        "water.small_basin.class",
        "小流域断面全年水质类别，1～6",
        "the class of each section of a small basin over the year, 1 to 6",
    ),
    source("points.all", "在用监测点位", "monitoring points in operation"),
    source("points.heard", "当年有数据的监测点位", "points with values in the year"),
    source("outlets.all", "在用排放口", "outlets in operation"),
    source("outlets.watched", "已接入自动监测的排放口", "outlets with automatic monitoring"),
    source("data.due", "排放口应有数据的时段", "periods of outlets in which data are due"),
    source("data.received", "其中收到数据的时段", "periods of outlets with data"),
    source("data.valid", "其中数据有效的时段", "periods of outlets with data that count"),
    source("alerts.*", "当年告警数", "the number of alerts of the year"),
    source("cases.opened.*", "当年登记的事项数", "cases opened in the year"),
    source("cases.closed.*", "当年登记且已办结的事项", "cases of the year that are closed"),
    source("cases.on_time.*", "其中按期办结的事项", "cases closed on time"),
    source("cases.rated.*", "当年登记且已评价的事项", "cases of the year that were rated"),
    source("cases.satisfied.*", "其中评价满意的事项", "cases rated as satisfied"),
    source("permits.enterprises", "持有有效排污许可证的企业", "enterprises with a permit in force"),
    source("enterprises.all", "登记在册的排污单位", "enterprises in the registry"),
    source("ledger.*", "当年台账行数", "rows of the year in a ledger"),
    source("duties.ended", "当年已到期的任务", "duties of the year whose day has come"),
    source("duties.on_time", "其中按期完成", "of them done on time"),
];

/// Every source that a formula may name.
pub fn sources() -> &'static [Source] {
    SOURCES
}

/// Whether a formula may name it.
pub fn is_source(name: &str) -> bool {
    SOURCES.iter().any(|source| match source.name.strip_suffix('*') {
        Some(start) => name.strip_prefix(start).is_some_and(|word| !word.is_empty()),
        None => source.name == name,
    })
}

/// What a source holds; of a kind of case or alert, with its word.
pub(super) fn text_of(name: &str) -> Text {
    for source in SOURCES {
        if source.name == name {
            return source.what.clone();
        }
        let word = source.name.strip_suffix('*').and_then(|start| name.strip_prefix(start));
        if let Some(word) = word {
            let what = &source.what;
            return Text::new(format!("{}（{word}）", what.zh), format!("{} ({word})", what.en));
        }
    }
    Text::plain(name)
}
