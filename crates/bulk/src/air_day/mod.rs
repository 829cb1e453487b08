//! `air-day`: hours of stations become days of stations.
//!
//! Hours may come in any order of stations as long as the days of each station do not go back:
//! then one open day a station is all that is kept, however long the file is.

mod hours;
mod merge;
mod part;
mod rules;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use standards::air::hj633_air_quality_index::category;

use crate::column::{Column, Holds};
use crate::input::Opened;
use crate::method::{Given, Method, Settings, Together, Work};
use crate::output::{Cell, Gives, Output};
use crate::parallel::in_order;
use crate::problem::Problem;
use crate::rows::{self, Layout, When};
use crate::run::{Refused, Summary, pieces, workers};
use crate::time::date;
use merge::Merger;
use part::Days;
use rules::Judged;
pub(crate) use rules::{daily_index, index_of_day};

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
    together: Together::By(&["station"]),
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
    let mut merger = Merger::new(settings);
    let mut refused: Option<Refused> = None;
    let mut weight = 0;
    let work = |piece| rows::read(&LAYOUT, piece, Days::new(settings));
    in_order(workers(settings), pieces(opened), work, |part| {
        let result = part.and_then(|part| {
            weight += part.weight;
            progress(weight);
            summary.rows += part.rows;
            summary.rounded += part.rounded;
            let file = part.file.clone();
            let failed = |problem| Refused { file: file.clone(), problems: vec![problem] };
            let days = merger.take(part).map_err(failed)?;
            write(output, &merger, &days).map_err(own)
        });
        refused = result.err();
        refused.is_none()
    });
    if let Some(refused) = refused {
        return Err(refused);
    }
    let rest = merger.finish().map_err(own)?;
    write(output, &merger, &rest).map_err(own)?;
    Ok(summary)
}

/// A problem of the result.
fn own(problem: Problem) -> Refused {
    Refused { file: PathBuf::new(), problems: vec![problem] }
}

fn write(output: &mut Output, merger: &Merger, days: &[Judged]) -> Result<(), Problem> {
    for day in days {
        let (station, city) = merger.unit(day.unit);
        let mut row: Vec<Cell<'_>> = Vec::with_capacity(METHOD.gives.len());
        row.push(Cell::text(station));
        row.push(if city.is_empty() { Cell::None } else { Cell::text(city) });
        row.push(date(day.day).map_or(Cell::None, Cell::Day));
        row.extend(day.values.values.map(Cell::micro));
        row.extend(day.values.hours.map(|hours| Cell::Whole(i64::from(hours))));
        row.extend(index_cells(day));
        output.row(&row)?;
    }
    Ok(())
}

/// Index, primary pollutants, class and edition.
fn index_cells(day: &Judged) -> [Cell<'static>; 4] {
    let edition = day.edition.map_or(Cell::None, |edition| Cell::text(edition.number()));
    let (Some((index, primary)), Some(by)) = (day.index, day.edition) else {
        return [Cell::None, Cell::None, Cell::None, edition];
    };
    let primary = if primary.is_empty() { Cell::None } else { Cell::text(primary.symbols(";")) };
    let class = Cell::Text(category(by, index).name.zh.clone());
    [Cell::Whole(i64::from(index)), primary, class, edition]
}
