//! `air-rank`: composite index and ranking of cities.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rulebook::{Decimal, NotComputable};
use standards::air::Pollutant;
use standards::air::city_air_ranking::{
    CompositeIndex, PeriodConcentrations, Weights, change_rate, composite_index,
};

use super::cwqi::ranks;
use crate::column::{Column, Holds};
use crate::method::{Given, Groups, Method, Row, Settings, Together, Work, reason};
use crate::output::{Cell, Gives, Output};
use crate::problem::Problem;

const UG: Holds = Holds::Number("ug/m3");

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "air-rank",
    title: ("城市空气质量排名", "ranking of cities by air quality"),
    does: (
        "每行一个城市一个时段的六项浓度；给出综合指数、单项指数、排名（并列同名次），\
         有上期综合指数时给出变化率与排名；各时段分别排名。air-period 的结果可直接作为输入。",
        "A row is the six concentrations of one city and period; gives composite and single \
         indices, rank (ties share one) and, with the index before, the change; each period is \
         ranked by itself. The result of air-period can be read as it is.",
    ),
    columns: &[
        Column::required("city", &["城市"], Holds::Text, ("城市", "the city")),
        Column::optional(
            "date",
            &["日期", "judged_on"],
            Holds::Day,
            ("时段的最后一天，选择限值版本", "the last day of the period: it chooses the limits"),
        ),
        Column::required("so2", &["so2_mean"], UG, ("平均浓度", "mean")),
        Column::required("no2", &["no2_mean"], UG, ("平均浓度", "mean")),
        Column::required("pm10", &["pm10_mean"], UG, ("平均浓度", "mean")),
        Column::required("pm25", &["pm25_mean", "PM2.5"], UG, ("平均浓度", "mean")),
        Column::required(
            "co",
            &["co_p95"],
            Holds::Number("mg/m3"),
            ("日均值第 95 百分位数", "percentile 95 of days"),
        ),
        Column::required(
            "o3",
            &["o3_p90", "o3_8h"],
            UG,
            ("日最大 8 小时第 90 百分位数", "percentile 90 of the daily maxima"),
        ),
        Column::optional(
            "index_before",
            &["上期综合指数"],
            Holds::Number(""),
            ("上期综合指数", "the index of the period before"),
        ),
        Column::optional(
            "period",
            &["时段"],
            Holds::Text,
            ("时段，分别排名", "the period, ranked by itself; else the date tells periods apart"),
        ),
    ],
    gives: &[
        Given::new("city", Gives::Text, ("城市", "the city")),
        Given::new("period", Gives::Text, ("时段", "the period")),
        Given::new("index", Gives::Number, ("综合指数", "the composite index")),
        Given::new("rank", Gives::Whole, ("排名", "the rank")),
        Given::new("single_so2", Gives::Number, ("单项指数", "single index")),
        Given::new("single_no2", Gives::Number, ("单项指数", "single index")),
        Given::new("single_pm10", Gives::Number, ("单项指数", "single index")),
        Given::new("single_pm25", Gives::Number, ("单项指数", "single index")),
        Given::new("single_co", Gives::Number, ("单项指数", "single index")),
        Given::new("single_o3", Gives::Number, ("单项指数", "single index")),
        Given::new("main", Gives::Text, ("主要污染物", "the largest single index")),
        Given::new(
            "change_rate",
            Gives::Number,
            ("综合指数变化 %，负为改善", "change, percent; below zero is better"),
        ),
        Given::new("change_rank", Gives::Whole, ("变化排名", "the rank of the change")),
        Given::new("edition", Gives::Text, ("限值版本", "the edition of the limits")),
        Given::new("reason", Gives::Text, ("不能评价的原因", "why there is no index")),
    ],
    clauses: &[
        "环办监测〔2018〕19号: composite index, plain sum; ties share a rank",
        "城市环境空气质量变化程度排名方案 (2017): rate of change",
    ],
    standards: &["GB3095", "air-ranking"],
    together: Together::By(&["period", "date"]),
    example: "city,date,so2,no2,pm10,pm25,co,o3,index_before\n\
              普宁,2025-12-31,6,12,51,19,0.9,137,2.81\n漳州,2025-12-31,6,17,39,22,0.8,140,2.61\n",
    work: Work::Groups(|_| Box::<Cities>::default()),
};

#[derive(Default)]
struct Cities {
    rows: Vec<City>,
    seen: BTreeSet<(Period, String)>,
}

/// The name of a period, where it has one, and its last day.
type Period = (String, Option<Date>);

struct City {
    name: String,
    period: Period,
    values: PeriodConcentrations,
    on: Date,
    before: Option<Decimal>,
}

impl Groups for Cities {
    fn take(&mut self, settings: &Settings, row: &Row<'_>) -> Result<(), Problem> {
        let on = row.judged_on(settings, &METHOD)?;
        let mut values: PeriodConcentrations = [None; 6];
        for pollutant in Pollutant::ALL {
            let column = METHOD.columns[2 + pollutant.index()].name;
            values[pollutant.index()] = row.amount(column)?;
        }
        let before = row.amount("index_before")?;
        let name = row.wanted_text("city")?.to_owned();
        let period = (row.text("period").unwrap_or_default().to_owned(), row.day("date")?);
        if !self.seen.insert((period.clone(), name.clone())) {
            let what = format!("{name} stands in this period already");
            let cure = "Keep one row a city and period; a column `period` tells periods apart.";
            return Err(row.problem("city", what, cure));
        }
        self.rows.push(City { name, period, values, on, before });
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Settings, into: &mut Output) -> Result<(), Problem> {
        let found: Vec<Found> = self.rows.iter().map(City::index).collect();
        let indices: Vec<Option<Decimal>> =
            found.iter().map(|one| one.as_ref().ok().map(|(index, _)| index.index)).collect();
        let changes: Vec<Option<Decimal>> = self
            .rows
            .iter()
            .zip(&indices)
            .map(|(city, now)| change_rate(city.before?, (*now)?).ok())
            .collect();
        let places = self.ranks(&indices);
        let change_places = self.ranks(&changes);
        for (place, (city, found)) in self.rows.iter().zip(&found).enumerate() {
            let mut row = vec![Cell::text(city.name.as_str()), Cell::text(city.period.0.as_str())];
            let (main, edition, why) = match found {
                Ok((index, edition)) => {
                    row.push(Cell::Number(index.index));
                    row.push(places[place].map_or(Cell::None, Cell::Whole));
                    row.extend(index.single.map(Cell::Number));
                    let main = Cell::text(index.largest.symbols(";"));
                    (main, Cell::text(edition.as_str()), Cell::None)
                }
                Err(why) => {
                    row.resize(10, Cell::None);
                    (Cell::None, Cell::None, reason(why))
                }
            };
            row.extend([
                main,
                Cell::number(changes[place]),
                change_places[place].map_or(Cell::None, Cell::Whole),
                edition,
                why,
            ]);
            into.row(&row)?;
        }
        Ok(())
    }
}

/// An index with the edition of its limits, or why there is none.
type Found = Result<(CompositeIndex, String), NotComputable>;

impl City {
    fn index(&self) -> Found {
        let judged = composite_index(&self.values, Weights::PLAIN, self.on)?;
        Ok((judged.value, judged.by.edition.into_owned()))
    }
}

impl Cities {
    /// The rank of each row's value among those of its period.
    fn ranks(&self, values: &[Option<Decimal>]) -> Vec<Option<i64>> {
        let mut periods: BTreeMap<&Period, Vec<usize>> = BTreeMap::new();
        for (place, city) in self.rows.iter().enumerate() {
            periods.entry(&city.period).or_default().push(place);
        }
        let mut found = vec![None; values.len()];
        for places in periods.values() {
            let ranked = ranks(places.iter().map(|place| values[*place]));
            for (place, rank) in places.iter().zip(ranked) {
                found[*place] = rank;
            }
        }
        found
    }
}
