//! `air-day`: hours of stations become days of stations.
//!
//! Hours may come in any order of stations as long as the days of each station do not go back:
//! then one open day a station is all that is kept, however long the file is.

mod hours;
mod merge;
mod part;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;

use jiff::civil::Date;
use standards::air::Pollutant;
use standards::air::gb3095_ambient_air_quality::{Averaging, Zone, limit};
use standards::air::hj633_air_quality_index::{
    AirQuality, Concentrations, Edition, Item, Method as Index, Report, air_quality_index,
};
use standards::air::hj663_ambient_air_assessment::Parameters;

use crate::column::{Column, Holds};
use crate::input::Opened;
use crate::method::{Given, Method, Settings, Work};
use crate::micro::{self, MISSING};
use crate::output::{Cell, Gives, Output};
use crate::parallel::in_order;
use crate::problem::Problem;
use crate::rows::{self, Layout, When};
use crate::run::{Refused, Summary, pieces, workers};
use crate::time::date;
use hours::DayRules;
use merge::Merger;

const UG: Holds = Holds::Number("ug/m3");

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "air-day",
    title: ("站点日评价", "days of stations from their hours"),
    does: (
        "由小时浓度计算站点日均值、臭氧日最大 8 小时平均和 AQI；每站的日期须按先后排列。",
        "Daily means, the daily maximum 8 h mean of ozone and the AQI of each station and day; \
         the days of a station must not go back.",
    ),
    columns: &[
        Column::required(
            "station",
            &["站点", "站点编号", "station_code", "code"],
            Holds::Text,
            ("站点", "the station"),
        ),
        Column::optional(
            "city",
            &["城市", "area"],
            Holds::Text,
            ("所属城市，原样带到结果", "its city, carried over"),
        ),
        Column::optional(
            "time",
            &["时间", "datetime", "timepoint", "监测时间"],
            Holds::Time,
            ("小时（北京时间）", "the hour, Beijing time"),
        ),
        Column::optional(
            "date",
            &["日期"],
            Holds::Day,
            ("日期，与 hour 合用", "the day, with `hour`"),
        ),
        Column::optional(
            "year",
            &["年"],
            Holds::Number(""),
            ("年，与 month、day、hour 合用", "the year, with `month`, `day`, `hour`"),
        ),
        Column::optional("month", &["月"], Holds::Number(""), ("月", "the month")),
        Column::optional("day", &["日"], Holds::Number(""), ("日", "the day of the month")),
        Column::optional(
            "hour",
            &["小时", "时"],
            Holds::Number(""),
            ("小时 0–24", "the hour, 0 to 24"),
        ),
        Column::optional("so2", &["二氧化硫"], UG, ("二氧化硫", "sulphur dioxide")),
        Column::optional("no2", &["二氧化氮"], UG, ("二氧化氮", "nitrogen dioxide")),
        Column::optional("pm10", &["可吸入颗粒物"], UG, ("可吸入颗粒物", "PM10")),
        Column::optional("pm25", &["PM2.5", "细颗粒物"], UG, ("细颗粒物", "PM2.5")),
        Column::optional(
            "co",
            &["一氧化碳"],
            Holds::Number("mg/m3"),
            ("一氧化碳", "carbon monoxide"),
        ),
        Column::optional("o3", &["臭氧"], UG, ("臭氧", "ozone")),
    ],
    gives: &[
        Given::new("station", Gives::Text, ("站点", "the station")),
        Given::new("city", Gives::Text, ("城市", "its city")),
        Given::new("date", Gives::Day, ("日期", "the day")),
        Given::new("so2", Gives::Number, ("日均值 ug/m3", "daily mean, ug/m3")),
        Given::new("no2", Gives::Number, ("日均值 ug/m3", "daily mean, ug/m3")),
        Given::new("pm10", Gives::Number, ("日均值 ug/m3", "daily mean, ug/m3")),
        Given::new("pm25", Gives::Number, ("日均值 ug/m3", "daily mean, ug/m3")),
        Given::new("co", Gives::Number, ("日均值 mg/m3", "daily mean, mg/m3")),
        Given::new(
            "o3_8h",
            Gives::Number,
            ("日最大 8 小时平均 ug/m3", "daily maximum 8 h mean, ug/m3"),
        ),
        Given::new("so2_hours", Gives::Whole, ("有效小时数", "valid hours")),
        Given::new("no2_hours", Gives::Whole, ("有效小时数", "valid hours")),
        Given::new("pm10_hours", Gives::Whole, ("有效小时数", "valid hours")),
        Given::new("pm25_hours", Gives::Whole, ("有效小时数", "valid hours")),
        Given::new("co_hours", Gives::Whole, ("有效小时数", "valid hours")),
        Given::new("o3_hours", Gives::Whole, ("有效小时数", "valid hours")),
        Given::new("aqi", Gives::Whole, ("空气质量指数", "the air quality index")),
        Given::new("primary", Gives::Text, ("首要污染物", "the primary pollutants")),
        Given::new("class", Gives::Text, ("空气质量级别", "the class")),
        Given::new("edition", Gives::Text, ("所用 HJ 633 版本", "the edition of HJ 633")),
    ],
    clauses: &[
        "GB 3095-2012 / GB 3095-2026 3, table 4: daily mean of at least 20 valid hours",
        "HJ 663-2013 / HJ 663-2026 6.1.2: ozone, 14 valid 8 h means unless the largest exceeds",
        "HJ 633-2012 / HJ 633-2026: index; days of the 2012 edition as they were published, \
         with ozone by its 8 h maximum alone",
    ],
    standards: &["HJ633", "GB3095", "HJ663"],
    example: "station,city,time,so2,no2,co,o3,pm10,pm25\n\
              A1,漳州,2026-06-01 01:00,6,18,0.5,61,40,22\n\
              A1,漳州,2026-06-01 02:00,6,17,0.5,58,38,21\n",
    work: Work::AirDay,
};

/// Which columns hold what.
const LAYOUT: Layout = Layout {
    names: METHOD.columns,
    station: 0,
    needs_station: true,
    city: 1,
    when: When::Hour { time: 2, date: 3, year: 4, month: 5, day: 6, hour: 7 },
    first_pollutant: 8,
};

/// Judges hours into days.
pub(crate) fn run(
    settings: &Settings,
    opened: Vec<Opened>,
    output: &mut Output,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, Refused> {
    for one in &opened {
        rows::check(&LAYOUT, &one.head)
            .map_err(|problem| Refused { file: one.head.path.clone(), problems: vec![problem] })?;
    }
    let mut summary = Summary::default();
    let mut writer = Writer { settings, output, rules: Rules::new(settings) };
    let mut merger = Merger::default();
    let mut refused: Option<Refused> = None;
    let mut weight = 0;
    let work = |piece| rows::read(&LAYOUT, piece, part::Days::new(settings.label));
    in_order(workers(settings), pieces(opened), work, |part| {
        let result = part.and_then(|part| {
            weight += part.weight;
            progress(weight);
            summary.rows += part.rows;
            summary.rounded += part.rounded;
            let file = part.file.clone();
            let failed = |problem| Refused { file: file.clone(), problems: vec![problem] };
            let days = merger.take(part).map_err(failed)?;
            writer.write(&merger, days).map_err(own)
        });
        refused = result.err();
        refused.is_none()
    });
    if let Some(refused) = refused {
        return Err(refused);
    }
    let rest = merger.finish();
    writer.write(&merger, rest).map_err(own)?;
    Ok(summary)
}

/// A problem of the result.
fn own(problem: Problem) -> Refused {
    Refused { file: PathBuf::new(), problems: vec![problem] }
}

/// The rules of each day met, looked up once.
struct Rules {
    on: Option<Date>,
    known: HashMap<i32, Option<(DayRules, Option<Index>)>>,
}

impl Rules {
    fn new(settings: &Settings) -> Self {
        Self { on: settings.on.first().copied(), known: HashMap::new() }
    }

    fn of(&mut self, day: i32) -> Option<&(DayRules, Option<Index>)> {
        let on = self.on;
        let look = || {
            let on = on.or_else(|| date(day))?;
            Some((DayRules::in_force(on)?, daily_index(on)))
        };
        self.known.entry(day).or_insert_with(look).as_ref()
    }
}

impl DayRules {
    /// The rules in force on a day; `None` before the first edition.
    pub(crate) fn in_force(on: Date) -> Option<Self> {
        let parameters = Parameters::in_force(on).ok()?;
        let ozone =
            limit(Pollutant::O3.as_str(), Averaging::DailyMaximumOfEightHours, Zone::II, on)
                .ok()?;
        let micro::Read::Exact(ozone_limit) = micro::of_decimal(ozone.limit) else { return None };
        Some(Self {
            hours_of_a_day: parameters.hours_of_a_day,
            hours_of_8: parameters.hours_of_8,
            windows_of_a_day: parameters.windows_of_a_day,
            first_window: parameters.first_window,
            ozone_limit,
        })
    }
}

/// How the index of a day is made: as the text of 2026 says, as days were published before.
pub(crate) fn daily_index(on: Date) -> Option<Index> {
    match Edition::in_force(on).ok()? {
        Edition::Hj633_2012 => Some(Index::PUBLISHED_DAILY_2012),
        Edition::Hj633_2026 => Some(Index::as_written(Edition::Hj633_2026, Report::Daily)),
    }
}

/// The item of a day of each pollutant, in the order of `Pollutant::ALL`.
const ITEMS: [Item; 6] =
    [Item::So2Day, Item::No2Day, Item::Pm10Day, Item::Pm25Day, Item::CoDay, Item::O3EightHours];

/// The air quality of a day from its values in millionths.
pub(crate) fn index_of_day(index: Index, values: &[i64; 6]) -> AirQuality {
    let given = ITEMS.into_iter().zip(values).filter(|(_, value)| **value != MISSING);
    let air = given.fold(Concentrations::default(), |air, (item, value)| {
        air.with(item, rulebook::Decimal::new(*value, 6))
    });
    air_quality_index(index, &air)
}

/// Writes days.
struct Writer<'run> {
    settings: &'run Settings,
    output: &'run mut Output,
    rules: Rules,
}

impl Writer<'_> {
    fn write(&mut self, merger: &Merger, days: Vec<hours::DayHours>) -> Result<(), Problem> {
        for hours in days {
            let Some((rules, index)) = self.rules.of(hours.day) else {
                let day = date(hours.day).map_or_else(String::new, |day| day.to_string());
                let what = format!("no edition of HJ 663 was in force on {day}");
                let cure = "Judge by an edition that you name: --on 2016-01-01.";
                return Err(Problem::of_file("method.edition", what, cure).in_row(hours.first_row));
            };
            let day = hours.judge(rules, self.settings.decimals);
            let air = index.map(|index| index_of_day(index, &day.values));
            let (station, city) = merger.unit(hours.unit);
            let mut row: Vec<Cell<'_>> = Vec::with_capacity(19);
            row.push(Cell::text(station));
            row.push(if city.is_empty() { Cell::None } else { Cell::text(city) });
            row.push(date(hours.day).map_or(Cell::None, Cell::Day));
            row.extend(day.values.map(Cell::micro));
            row.extend(day.hours.map(|hours| Cell::Whole(i64::from(hours))));
            row.extend(index_cells(air.as_ref()));
            self.output.row(&row)?;
        }
        Ok(())
    }
}

/// Index, primary pollutants, class and edition.
pub(crate) fn index_cells(air: Option<&AirQuality>) -> [Cell<'static>; 4] {
    let Some(air) = air else { return [Cell::None, Cell::None, Cell::None, Cell::None] };
    let edition = Cell::text(air.method.edition().number());
    let Ok(index) = air.index else { return [Cell::None, Cell::None, Cell::None, edition] };
    let primary =
        if air.primary.is_empty() { Cell::None } else { Cell::text(air.primary.symbols(";")) };
    let class = air.category().map_or(Cell::None, |class| Cell::Text(class.name.zh.clone()));
    [Cell::Whole(i64::from(index)), primary, class, edition]
}
