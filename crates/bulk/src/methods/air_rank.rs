//! `air-rank`: composite index and ranking of cities.

use jiff::civil::Date;
use rulebook::{Decimal, NotComputable};
use standards::air::Pollutant;
use standards::air::city_air_ranking::{
    CompositeIndex, PeriodConcentrations, Weights, change_rate, composite_index,
};

use super::cwqi::ranks;
use crate::column::{Column, Holds};
use crate::method::{Given, Groups, Method, Row, Settings, Work, reason};
use crate::output::{Cell, Gives, Output};
use crate::problem::Problem;

const UG: Holds = Holds::Number("ug/m3");

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "air-rank",
    title: ("城市空气质量排名", "ranking of cities by air quality"),
    does: (
        "每行一个城市一个时段的六项浓度；给出综合指数、单项指数、排名（并列同名次），\
         有上期综合指数时给出变化率与排名。air-period 的结果可直接作为输入。",
        "A row is the six concentrations of one city and period; gives composite and single \
         indices, rank (ties share one) and, with the index before, the change. The result of \
         air-period can be read as it is.",
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
    ],
    gives: &[
        Given::new("city", Gives::Text, ("城市", "the city")),
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
    example: "city,date,so2,no2,pm10,pm25,co,o3,index_before\n\
              普宁,2025-12-31,6,12,51,19,0.9,137,2.81\n漳州,2025-12-31,6,17,39,22,0.8,140,2.61\n",
    work: Work::Groups(|_| Box::<Cities>::default()),
};

#[derive(Default)]
struct Cities(Vec<(String, PeriodConcentrations, Date, Option<Decimal>)>);

impl Groups for Cities {
    fn take(&mut self, settings: &Settings, row: &Row<'_>) -> Result<(), Problem> {
        let on = row.judged_on(settings, &METHOD)?;
        let mut values: PeriodConcentrations = [None; 6];
        for pollutant in Pollutant::ALL {
            let column = METHOD.columns[2 + pollutant.index()].name;
            values[pollutant.index()] = row.amount(column)?;
        }
        let before = row.amount("index_before")?;
        self.0.push((row.wanted_text("city")?.to_owned(), values, on, before));
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Settings, into: &mut Output) -> Result<(), Problem> {
        let found: Vec<Result<(CompositeIndex, String), NotComputable>> = self
            .0
            .iter()
            .map(|(_, values, on, _)| {
                let judged = composite_index(values, Weights::PLAIN, *on)?;
                Ok((judged.value, judged.by.edition.into_owned()))
            })
            .collect();
        let index = |one: &Result<(CompositeIndex, String), NotComputable>| {
            one.as_ref().ok().map(|(index, _)| index.index)
        };
        let places = ranks(found.iter().map(index));
        let changes: Vec<Option<Decimal>> = self
            .0
            .iter()
            .zip(&found)
            .map(|((.., before), now)| change_rate((*before)?, index(now)?).ok())
            .collect();
        let change_places = ranks(changes.iter().copied());
        for (place, ((city, ..), found)) in self.0.iter().zip(&found).enumerate() {
            let mut row = vec![Cell::text(city.as_str())];
            let (main, edition, why) = match found {
                Ok((index, edition)) => {
                    row.push(Cell::Number(index.index));
                    row.push(places[place].map_or(Cell::None, Cell::Whole));
                    row.extend(index.single.map(Cell::Number));
                    let main = Cell::text(index.largest.symbols(";"));
                    (main, Cell::text(edition.as_str()), Cell::None)
                }
                Err(why) => {
                    row.resize(9, Cell::None);
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
