//! `air-index`: individual indices, index, primary pollutants and class of each row.

use rulebook::NotComputable;
use standards::air::Pollutant;
use standards::air::hj633_air_quality_index::{
    AirQuality, Concentrations, Edition, Item, Method as Rule, Report, air_quality_index,
};

use crate::column::{Column, Holds};
use crate::method::{Given, Method, Row, Settings, Together, Work};
use crate::output::{Cell, Gives};
use crate::problem::Problem;

const UG: Holds = Holds::Number("ug/m3");
const MG: Holds = Holds::Number("mg/m3");

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "air-index",
    title: ("逐行计算 IAQI、AQI 与级别", "indices, primary pollutants and class of each row"),
    does: (
        "每行一组浓度，按 HJ 633 原文计算各项 IAQI、AQI、首要污染物和级别；日报取 24 小时平均和臭氧日最大 8 \
         小时平均，实时报（--kind hourly）取 1 小时平均，2012 年版的颗粒物取 24 小时滑动平均。",
        "A row is one set of concentrations, judged by the text of HJ 633. A daily report takes \
         24 h means and the day's largest 8 h mean of ozone; an hourly one (--kind hourly) 1 h \
         means, of particles by the 2012 edition moving 24 h means.",
    ),
    columns: &[
        Column::optional(
            "date",
            &["日期"],
            Holds::Day,
            ("日期，未指定版本时用", "the day, which chooses the edition where none is named"),
        ),
        Column::optional("so2", &["二氧化硫", "SO₂"], UG, ("二氧化硫", "sulphur dioxide")),
        Column::optional("so2_24h", &[], UG, ("24 小时平均", "24 h mean")),
        Column::optional("so2_1h", &[], UG, ("1 小时平均", "1 h mean")),
        Column::optional("no2", &["二氧化氮", "NO₂"], UG, ("二氧化氮", "nitrogen dioxide")),
        Column::optional("no2_24h", &[], UG, ("24 小时平均", "24 h mean")),
        Column::optional("no2_1h", &[], UG, ("1 小时平均", "1 h mean")),
        Column::optional("co", &["一氧化碳"], MG, ("一氧化碳", "carbon monoxide")),
        Column::optional("co_24h", &[], MG, ("24 小时平均", "24 h mean")),
        Column::optional("co_1h", &[], MG, ("1 小时平均", "1 h mean")),
        Column::optional(
            "o3",
            &["臭氧", "O₃"],
            UG,
            ("臭氧：日报为日最大 8 小时平均", "ozone; of a day the largest 8 h mean"),
        ),
        Column::optional("o3_8h", &[], UG, ("8 小时平均", "8 h mean")),
        Column::optional("o3_1h", &[], UG, ("1 小时平均", "1 h mean")),
        Column::optional("pm10", &["可吸入颗粒物", "PM₁₀"], UG, ("可吸入颗粒物", "PM10")),
        Column::optional("pm10_24h", &[], UG, ("24 小时平均", "24 h mean")),
        Column::optional("pm10_1h", &[], UG, ("1 小时平均", "1 h mean")),
        Column::optional("pm25", &["PM2.5", "细颗粒物", "PM₂.₅"], UG, ("细颗粒物", "PM2.5")),
        Column::optional("pm25_24h", &[], UG, ("24 小时平均", "24 h mean")),
        Column::optional("pm25_1h", &[], UG, ("1 小时平均", "1 h mean")),
    ],
    gives: &[
        Given::new("iaqi_so2", Gives::Whole, ("分指数，NA 为不能计算", "individual index, or NA")),
        Given::new("iaqi_no2", Gives::Whole, ("分指数", "individual index")),
        Given::new("iaqi_co", Gives::Whole, ("分指数", "individual index")),
        Given::new("iaqi_o3", Gives::Whole, ("分指数", "individual index")),
        Given::new("iaqi_pm10", Gives::Whole, ("分指数", "individual index")),
        Given::new("iaqi_pm25", Gives::Whole, ("分指数", "individual index")),
        Given::new("aqi", Gives::Whole, ("空气质量指数", "the air quality index, or NA")),
        Given::new("primary", Gives::Text, ("首要污染物", "the primary pollutants, joined by ;")),
        Given::new("class", Gives::Text, ("空气质量级别", "the class")),
    ],
    clauses: &[
        "HJ 633-2012 4.4, 6; table 1 (breakpoints), table 2 (classes)",
        "HJ 633-2026 4.2, 5.3; table 3 (breakpoints), table 1 (classes)",
    ],
    standards: &["HJ633"],
    together: Together::Nothing,
    example: "date,so2,no2,co,o3,pm10,pm25\n\
              2026-02-28,10,15,0.5,60,150,75\n\
              2026-03-01,10,15,0.5,60,150,75\n",
    work: Work::Rows(judge),
};

/// The order of the indices: that of the columns.
const ORDER: [Pollutant; 6] = [
    Pollutant::So2,
    Pollutant::No2,
    Pollutant::Co,
    Pollutant::O3,
    Pollutant::Pm10,
    Pollutant::Pm25,
];

/// The columns that hold an item by its name, and those that leave the period to the report.
const COLUMNS: [(&str, Pollutant, Option<u32>); 18] = [
    ("so2", Pollutant::So2, None),
    ("so2_24h", Pollutant::So2, Some(24)),
    ("so2_1h", Pollutant::So2, Some(1)),
    ("no2", Pollutant::No2, None),
    ("no2_24h", Pollutant::No2, Some(24)),
    ("no2_1h", Pollutant::No2, Some(1)),
    ("co", Pollutant::Co, None),
    ("co_24h", Pollutant::Co, Some(24)),
    ("co_1h", Pollutant::Co, Some(1)),
    ("o3", Pollutant::O3, None),
    ("o3_8h", Pollutant::O3, Some(8)),
    ("o3_1h", Pollutant::O3, Some(1)),
    ("pm10", Pollutant::Pm10, None),
    ("pm10_24h", Pollutant::Pm10, Some(24)),
    ("pm10_1h", Pollutant::Pm10, Some(1)),
    ("pm25", Pollutant::Pm25, None),
    ("pm25_24h", Pollutant::Pm25, Some(24)),
    ("pm25_1h", Pollutant::Pm25, Some(1)),
];

fn judge<'row>(settings: &Settings, row: &Row<'row>) -> Result<Vec<Cell<'row>>, Problem> {
    let on = row.judged_on(settings, &METHOD)?;
    let edition = Edition::in_force(on).map_err(|why| before(row, &why))?;
    let rule = Rule::as_written(edition, settings.report);
    let mut air = Concentrations::default();
    let mut held: Vec<(Item, &str)> = Vec::with_capacity(6);
    for (name, pollutant, hours) in COLUMNS {
        if row.title(name).is_none() {
            continue;
        }
        let item = hours.map_or(Some(usual(pollutant, rule)), |hours| Item::of(pollutant, hours));
        let Some(item) = item else { continue };
        if let Some((_, first)) = held.iter().find(|(known, _)| *known == item) {
            let what = format!("{first} and {name} mean the same");
            return Err(row.problem(name, what, "Leave one of the columns out."));
        }
        held.push((item, name));
        air = air.with_option(item, row.amount(name)?);
    }
    Ok(cells(&air_quality_index(rule, &air)))
}

/// A day on which no edition was in force.
fn before(row: &Row<'_>, why: &NotComputable) -> Problem {
    let cure = "Name an edition with --edition, HJ633-2012 or HJ633-2026.";
    row.problem("date", why.text().en.into_owned(), cure)
}

/// The item that a name without period means.
fn usual(pollutant: Pollutant, rule: Rule) -> Item {
    let hourly = rule.report() == Report::Hourly;
    let moving = rule.edition() == Edition::Hj633_2012;
    match pollutant {
        Pollutant::So2 if hourly => Item::So2Hour,
        Pollutant::So2 => Item::So2Day,
        Pollutant::No2 if hourly => Item::No2Hour,
        Pollutant::No2 => Item::No2Day,
        Pollutant::Co if hourly => Item::CoHour,
        Pollutant::Co => Item::CoDay,
        Pollutant::O3 if hourly => Item::O3Hour,
        Pollutant::O3 => Item::O3EightHours,
        Pollutant::Pm10 if hourly && !moving => Item::Pm10Hour,
        Pollutant::Pm10 => Item::Pm10Day,
        Pollutant::Pm25 if hourly && !moving => Item::Pm25Hour,
        Pollutant::Pm25 => Item::Pm25Day,
    }
}

fn cells(judged: &AirQuality) -> Vec<Cell<'static>> {
    let whole =
        |found: Option<u16>| found.map_or(Cell::text("NA"), |index| Cell::Whole(index.into()));
    let mut primary: Vec<_> = judged.primary.iter().map(Pollutant::as_str).collect();
    primary.sort_unstable();
    let class = judged.category().map_or(Cell::None, |class| Cell::text(class.name.zh.clone()));
    ORDER
        .into_iter()
        .map(|pollutant| whole(judged.of(pollutant).as_ref().ok().map(|found| found.index)))
        .chain([whole(judged.index.as_ref().ok().copied()), Cell::text(primary.join(";")), class])
        .collect()
}
