//! `air-period`: days of stations become months, quarters or years of cities.

mod city;
mod plot;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use jiff::civil::{Date, date as civil};
use rulebook::{Decimal, NotComputable, Text};
use standards::air::Pollutant;
use standards::air::city_air_ranking::{Weights, composite_index};
use standards::air::gb3095_ambient_air_quality::{Averaging, Zone, limit};
use standards::air::hj663_ambient_air_assessment::{
    ItemEvaluation, Parameters, Statistics, check_month, evaluate_year, good_days, statistics,
};

use crate::air_day::{daily_index, index_of_day};
use crate::column::{Column, Holds};
use crate::input::Opened;
use crate::method::{Given, Method, PeriodKind, Settings, Together, Work};
use crate::micro::{self, MISSING};
use crate::output::{Cell, Gives, Output};
use crate::parallel::in_order;
use crate::problem::Problem;
use crate::rows::{self, Layout, Part, Take, When, Wrong};
use crate::run::{Refused, Summary, pieces, workers};
use crate::time::{DAY, date};
use city::City;

const UG: Holds = Holds::Number("ug/m3");

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "air-period",
    title: ("城市时段评价", "months, quarters and years of cities from days of stations"),
    does: (
        "由站点（或城市）日值计算城市的均值、百分位数、达标、综合指数和优良天数比例；多次给出 --on \
         则按各日期的标准各评一次。",
        "Means, percentiles, attainment, composite index and share of good days of each city and \
         period; each --on adds a judgement by the texts in force on that day.",
    ),
    columns: &[
        Column::required("date", &["日期", "day"], Holds::Day, ("日期", "the day")),
        Column::optional(
            "city",
            &["城市", "area"],
            Holds::Text,
            ("城市；没有此列时全部为一个城市", "the city; without it all is one"),
        ),
        Column::optional(
            "station",
            &["站点", "站点编号"],
            Holds::Text,
            (
                "站点；没有此列时每行为城市日值",
                "the station; without it a row is the day of a city",
            ),
        ),
        Column::optional("so2", &["二氧化硫"], UG, ("日均值", "daily mean")),
        Column::optional("no2", &["二氧化氮"], UG, ("日均值", "daily mean")),
        Column::optional("pm10", &["可吸入颗粒物"], UG, ("日均值", "daily mean")),
        Column::optional("pm25", &["PM2.5", "细颗粒物"], UG, ("日均值", "daily mean")),
        Column::optional("co", &["一氧化碳"], Holds::Number("mg/m3"), ("日均值", "daily mean")),
        Column::optional(
            "o3_8h",
            &["o3", "臭氧"],
            UG,
            ("日最大 8 小时平均", "daily maximum 8 h mean"),
        ),
    ],
    gives: &[
        Given::new("city", Gives::Text, ("城市", "the city")),
        Given::new("period", Gives::Text, ("时段", "the period")),
        Given::new("judged_on", Gives::Day, ("按此日期的标准评价", "the day whose editions judge")),
        Given::new("stations", Gives::Whole, ("站点数", "stations")),
        Given::new("so2_days", Gives::Whole, ("有效日数", "valid days")),
        Given::new("so2_mean", Gives::Number, ("平均浓度 ug/m3", "mean, ug/m3")),
        Given::new("so2_p98", Gives::Number, ("日均值第 98 百分位数", "percentile 98 of days")),
        Given::new("so2_attains", Gives::Truth, ("是否达标（仅年评价）", "attains; years only")),
        Given::new("no2_days", Gives::Whole, ("有效日数", "valid days")),
        Given::new("no2_mean", Gives::Number, ("平均浓度 ug/m3", "mean, ug/m3")),
        Given::new("no2_p98", Gives::Number, ("日均值第 98 百分位数", "percentile 98 of days")),
        Given::new("no2_attains", Gives::Truth, ("是否达标", "attains")),
        Given::new("pm10_days", Gives::Whole, ("有效日数", "valid days")),
        Given::new("pm10_mean", Gives::Number, ("平均浓度 ug/m3", "mean, ug/m3")),
        Given::new("pm10_p95", Gives::Number, ("日均值第 95 百分位数", "percentile 95 of days")),
        Given::new("pm10_attains", Gives::Truth, ("是否达标", "attains")),
        Given::new("pm25_days", Gives::Whole, ("有效日数", "valid days")),
        Given::new("pm25_mean", Gives::Number, ("平均浓度 ug/m3", "mean, ug/m3")),
        Given::new("pm25_p95", Gives::Number, ("日均值第 95 百分位数", "percentile 95 of days")),
        Given::new("pm25_attains", Gives::Truth, ("是否达标", "attains")),
        Given::new("co_days", Gives::Whole, ("有效日数", "valid days")),
        Given::new(
            "co_p95",
            Gives::Number,
            ("日均值第 95 百分位数 mg/m3", "percentile 95 of days, mg/m3"),
        ),
        Given::new("co_attains", Gives::Truth, ("是否达标", "attains")),
        Given::new("o3_days", Gives::Whole, ("有效日数", "valid days")),
        Given::new(
            "o3_p90",
            Gives::Number,
            ("日最大 8 小时第 90 百分位数", "percentile 90 of the daily maxima"),
        ),
        Given::new("o3_attains", Gives::Truth, ("是否达标", "attains")),
        Given::new("attains", Gives::Truth, ("六项均达标", "all six attain")),
        Given::new("index", Gives::Number, ("综合指数", "the composite index")),
        Given::new("main", Gives::Text, ("单项指数最大的污染物", "the largest single index")),
        Given::new("aqi_days", Gives::Whole, ("有 AQI 的日数", "days with an AQI")),
        Given::new("good_days", Gives::Whole, ("优良日数", "days with AQI up to 100")),
        Given::new("good_day_ratio", Gives::Number, ("优良天数比例 %", "their share, percent")),
        Given::new("limits", Gives::Text, ("浓度限值的版本", "the edition of the limits")),
        Given::new(
            "because",
            Gives::Text,
            (
                "超标项与倍数，或不能评价的原因",
                "what exceeds by how much, or why there is no verdict",
            ),
        ),
    ],
    clauses: &[
        "HJ 663-2013 / HJ 663-2026: city values, means, percentiles (annex A), attainment",
        "GB 3095 table 1, edition and stage in force, grade 2; table 4: 324 valid days a year",
        "环办监测〔2018〕19号: composite index",
        "HJ 633: days with AQI up to 100; days of the 2012 edition as they were published",
    ],
    standards: &["GB3095", "HJ663", "HJ633"],
    together: Together::By(&["city"]),
    example: "city,station,date,so2,no2,pm10,pm25,co,o3_8h\n\
              漳州,A1,2025-06-01,6,18,40,22,0.5,98\n\
              漳州,A2,2025-06-01,7,20,44,24,0.6,101\n",
    work: Work::AirPeriod,
};

/// Which columns hold what.
const LAYOUT: Layout = Layout {
    names: METHOD.columns,
    station: 2,
    needs_station: false,
    city: 1,
    when: When::Day(0),
    first_pollutant: 3,
};

/// The rows of a piece as they are.
#[derive(Default)]
struct Gathered(Vec<(u64, u32, i32, [i64; 6])>);

impl Take for Gathered {
    fn place(&mut self) {}

    fn row(&mut self, row: u64, place: u32, seconds: i64, values: &[i64; 6]) -> Result<(), Wrong> {
        self.0.push((row, place, seconds.div_euclid(DAY) as i32, *values));
        Ok(())
    }
}

/// Judges days into periods.
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
    let mut all = AirPeriod::default();
    let mut refused: Option<Refused> = None;
    let mut weight = 0;
    let work = |piece| rows::read(&LAYOUT, piece, Gathered::default());
    in_order(workers(settings), pieces(opened), work, |part| {
        let result = part.and_then(|part| {
            weight += part.weight;
            progress(weight);
            summary.rows += part.rows;
            summary.rounded += part.rounded;
            let file = part.file.clone();
            all.take(part).map_err(|problem| Refused { file, problems: vec![problem] })
        });
        refused = result.err();
        refused.is_none()
    });
    if let Some(refused) = refused {
        return Err(refused);
    }
    let own = |problem| Refused { file: PathBuf::new(), problems: vec![problem] };
    all.finish(settings, output).map_err(own)?;
    Ok(summary)
}

/// All cities as they were read.
#[derive(Default)]
struct AirPeriod {
    places: HashMap<String, usize>,
    cities: Vec<City>,
    seen: HashSet<u64>,
}

impl AirPeriod {
    fn take(&mut self, part: Part<Gathered>) -> Result<(), Problem> {
        let places: Vec<(usize, u32)> =
            part.places.iter().map(|(station, city)| self.place(station, city)).collect();
        for (row, place, day, values) in part.taken.0 {
            let (city, station) = places[place as usize];
            // A hundred thousand cities of a million stations over a million days.
            let key = ((city as u64) << 44) ^ (u64::from(station) << 22) ^ u64::from(day as u32);
            if !self.seen.insert(key) {
                let name = &part.places[place as usize].0;
                let date = date(day).map_or_else(String::new, |day| day.to_string());
                let what = format!("{name} has two rows on {date}");
                let cure = "Leave one of them out.";
                return Err(Problem::of_file("rows.twice", what, cure).in_row(row));
            }
            self.cities[city].add(station, day, &values);
        }
        Ok(())
    }

    /// The numbers of a city and of its station.
    fn place(&mut self, station: &str, name: &str) -> (usize, u32) {
        let next = self.cities.len();
        let city = *self.places.entry(name.to_owned()).or_insert(next);
        if city == next {
            self.cities.push(City::new(name));
        }
        (city, self.cities[city].station(station))
    }

    fn finish(self, settings: &Settings, into: &mut Output) -> Result<(), Problem> {
        let mut panels = Vec::new();
        for city in &self.cities {
            for (period, days) in periods(city, settings.period) {
                panels.push((city, period, days));
            }
        }
        let judge = |(city, period, days): &'_ (&City, Period, Vec<Date>)| {
            let judged = if settings.on.is_empty() { &[period.last][..] } else { &settings.on };
            let verdict = |on: &Date| Verdict::of(city, period, days, *on, settings);
            let verdicts: Result<Vec<_>, Problem> = judged.iter().map(verdict).collect();
            verdicts.map(|verdicts| verdicts.iter().map(Verdict::cells).collect::<Vec<_>>())
        };
        let mut done = Ok(());
        in_order(workers(settings), panels.iter(), judge, |rows| {
            done = rows.and_then(|rows| rows.iter().try_for_each(|row| into.row(row)));
            done.is_ok()
        });
        done?;
        match &settings.plot {
            Some((file, pollutant)) => plot::draw(file, *pollutant, &panels, settings),
            None => Ok(()),
        }
    }
}

/// A period of the calendar.
struct Period {
    name: String,
    first: Date,
    last: Date,
    kind: PeriodKind,
}

impl Period {
    fn of(day: Date, kind: PeriodKind) -> Self {
        let year = day.year();
        let (name, from, to) = match kind {
            PeriodKind::Year => (format!("{year}"), 1, 12),
            PeriodKind::Quarter => {
                let quarter = (day.month() + 2) / 3;
                (format!("{year}-Q{quarter}"), quarter * 3 - 2, quarter * 3)
            }
            PeriodKind::Month => (format!("{year}-{:02}", day.month()), day.month(), day.month()),
        };
        let (first, last) = (civil(year, from, 1), civil(year, to, 1).last_of_month());
        Self { name, first, last, kind }
    }
}

impl Period {
    /// The numbers of its months.
    fn months(&self) -> impl Iterator<Item = i8> + use<> {
        self.first.month()..=self.last.month()
    }
}

/// The days of a city with their values in millionths, in order.
type Days = Vec<(Date, [i64; 6])>;

fn periods(city: &City, kind: PeriodKind) -> Vec<(Period, Vec<Date>)> {
    let mut found: BTreeMap<Date, (Period, Vec<Date>)> = BTreeMap::new();
    for day in city.days() {
        let period = Period::of(day, kind);
        let (_, days) = found.entry(period.first).or_insert_with(|| (period, Vec::new()));
        days.push(day);
    }
    found.into_values().collect()
}

/// What a period of a city amounts to.
struct Verdict<'city> {
    city: &'city City,
    period: &'city Period,
    on: Date,
    items: Vec<Item>,
    index: Option<(Decimal, String)>,
    aqi_days: u32,
    good_days: u32,
    good_day_ratio: Option<Decimal>,
    limits: String,
}

/// One pollutant of a period.
struct Item {
    pollutant: Pollutant,
    statistics: Option<Statistics>,
    verdict: Result<ItemEvaluation, Option<NotComputable>>,
}

impl<'city> Verdict<'city> {
    fn of(
        city: &'city City,
        period: &'city Period,
        days: &[Date],
        on: Date,
        settings: &Settings,
    ) -> Result<Self, Problem> {
        let parameters = Parameters::in_force(on).map_err(|why| no_edition(&why))?;
        let values = city.values(days, &parameters, settings.decimals);
        let items: Vec<Item> = Pollutant::ALL
            .into_iter()
            .map(|pollutant| Item::of(pollutant, &values, period, on, &parameters))
            .collect();
        let concentrations: Vec<Option<Decimal>> = items.iter().map(Item::of_period).collect();
        let concentrations = std::array::from_fn(|place| concentrations[place]);
        let index = composite_index(&concentrations, Weights::PLAIN, on).ok();
        let index = index.map(|judged| (judged.value.index, judged.value.largest.symbols(";")));
        let indices: Vec<u16> = values
            .iter()
            .filter_map(|(day, values)| {
                let day = settings.on.first().map_or(*day, |_| on);
                index_of_day(daily_index(day)?, values).index.ok()
            })
            .collect();
        let good = indices.iter().filter(|index| **index <= 100).count() as u32;
        let limits = limit(Pollutant::Pm25.as_str(), Averaging::Day, Zone::II, on);
        let limits = limits.map_err(|why| no_edition(&why))?;
        let stage = match limits.stage {
            "transition" => "（过渡阶段）",
            _ => "",
        };
        Ok(Self {
            city,
            period,
            on,
            items,
            index,
            aqi_days: indices.len() as u32,
            good_days: good,
            good_day_ratio: good_days(indices).ok(),
            limits: format!("{}{stage}", limits.by.edition),
        })
    }

    fn cells(&self) -> Vec<Cell<'static>> {
        let mut cells = vec![
            Cell::text(self.city.name.clone()),
            Cell::text(self.period.name.clone()),
            Cell::Day(self.on),
            Cell::Whole(self.city.stations(self.period.first.year()).into()),
        ];
        for item in &self.items {
            let statistics = item.statistics.as_ref();
            cells.push(Cell::Whole(statistics.map_or(0, |found| found.valid_days.into())));
            if !matches!(item.pollutant, Pollutant::Co | Pollutant::O3) {
                cells.push(Cell::number(statistics.and_then(|found| found.mean)));
            }
            cells.push(Cell::number(statistics.map(|found| found.percentile)));
            cells.push(match &item.verdict {
                Ok(verdict) => Cell::Truth(verdict.attains()),
                Err(_) => Cell::None,
            });
        }
        let verdicts: Option<Vec<bool>> = self
            .items
            .iter()
            .map(|item| item.verdict.as_ref().ok().map(ItemEvaluation::attains))
            .collect();
        let all = verdicts.map(|verdicts| verdicts.into_iter().all(|attains| attains));
        // One that exceeds decides, whatever is missing.
        let any = self
            .items
            .iter()
            .any(|item| item.verdict.as_ref().is_ok_and(|verdict| !verdict.attains()));
        cells.push(if any { Some(false) } else { all }.map_or(Cell::None, Cell::Truth));
        cells.push(Cell::number(self.index.as_ref().map(|(index, _)| *index)));
        cells.push(self.index.as_ref().map_or(Cell::None, |(_, main)| Cell::text(main.clone())));
        cells.push(Cell::Whole(self.aqi_days.into()));
        cells.push(Cell::Whole(self.good_days.into()));
        cells.push(Cell::number(self.good_day_ratio));
        cells.push(Cell::text(self.limits.clone()));
        let because: Vec<String> = self.items.iter().filter_map(Item::because).collect();
        cells.push(if because.is_empty() { Cell::None } else { Cell::text(because.join("；")) });
        cells
    }
}

impl Item {
    fn of(
        pollutant: Pollutant,
        days: &Days,
        period: &Period,
        on: Date,
        parameters: &Parameters,
    ) -> Self {
        let series: Vec<(Date, Option<Decimal>)> = days
            .iter()
            .map(|(day, values)| {
                let value = values[pollutant.index()];
                // All of one scale: they are compared without being rescaled.
                (*day, (value != MISSING).then(|| Decimal::new(value, 6)))
            })
            .collect();
        let verdict = match period.kind {
            PeriodKind::Year => evaluate_year(pollutant, &series, Zone::II, on, parameters)
                .map(|judged| judged.value)
                .map_err(Some),
            // Months have no verdict of their own, but their means need as many days.
            _ => {
                Err(period.months().find_map(|month| check_month(&series, month, parameters).err()))
            }
        };
        let statistics = statistics(pollutant, &series, parameters).ok();
        Self { pollutant, statistics, verdict }
    }

    /// The concentration that stands for the period in the composite index.
    fn of_period(&self) -> Option<Decimal> {
        let statistics = self.statistics.as_ref()?;
        Some(statistics.mean.unwrap_or(statistics.percentile))
    }

    /// What exceeds and by how much, or why there is no verdict.
    fn because(&self) -> Option<String> {
        let name = self.pollutant.as_str();
        match &self.verdict {
            Ok(verdict) if verdict.attains() => None,
            Ok(verdict) => {
                let percent = verdict.statistics.percent;
                let parts = [
                    verdict.mean_multiple.map(|multiple| format!("年均超 {multiple} 倍")),
                    verdict
                        .percentile_multiple
                        .map(|multiple| format!("第 {percent} 百分位数超 {multiple} 倍")),
                ];
                let parts: Vec<String> = parts.into_iter().flatten().collect();
                Some(format!("{name} {}", parts.join("、")))
            }
            Err(Some(why)) => Some(format!("{name} {}", why.text().zh)),
            Err(None) => None,
        }
    }
}

fn no_edition(why: &NotComputable) -> Problem {
    let Text { en, .. } = why.text();
    let cure = "Judge by an edition that you name: --on 2016-01-01.";
    Problem::of_file("method.edition", en, cure)
}

/// The mean of a city's stations where enough of them are valid, in millionths.
///
/// The rule of `hj663_ambient_air_assessment::city_value` in integers; a test holds both together.
fn city_mean(sum: i64, counted: u32, stations: u32, parameters: &Parameters) -> i64 {
    let percent = if stations < parameters.few_stations_below {
        parameters.stations_percent_few
    } else {
        parameters.stations_percent
    };
    let wanted = (stations * percent).div_ceil(100).max(1);
    if counted < wanted { MISSING } else { micro::mean(sum, i64::from(counted)) }
}
