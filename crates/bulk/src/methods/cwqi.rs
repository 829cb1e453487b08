//! `cwqi`: the water quality index of cities and their ranking.

use std::collections::BTreeMap;

use rulebook::{Decimal, NotComputable};
use standards::air::city_air_ranking::rank;
use standards::water::city_water_quality_index::{change_rate, index_of_city, index_of_waters};
use standards::water::gb3838_surface_water::{Item, ItemSet, WaterBody};
use standards::water::surface_water_assessment::Means;

use super::water_columns;
use crate::column::{Column, Holds};
use crate::method::{Given, Groups, Method, Row, Settings, Together, Work, reason};
use crate::output::{Cell, Gives, Output};
use crate::problem::Problem;

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "cwqi",
    title: ("城市水质指数与排名", "water quality index of cities"),
    does: (
        "每行一个断面一个时段的平均值；各项目按断面平均（pH 按氢离子浓度），给出每个城市每个时段的 \
         CWQI、排名（并列同名次），以及与上一时段相比的变化率与排名。",
        "A row is the mean of one section and period; items are averaged over the sections (pH by \
         its hydrogen ions). Gives the CWQI of each city and period, its rank (ties share one), \
         and the rate of change against the period before.",
    ),
    columns: water_columns![
        Column::required("city", &["城市"], Holds::Text, ("城市", "the city")),
        Column::optional(
            "period",
            &["时段", "年份", "year"],
            Holds::Text,
            ("时段，如 2025；按文字先后排序", "the period, 2025; ordered as text")
        ),
        Column::optional("section", &["断面"], Holds::Text, ("断面", "the section")),
        Column::optional(
            "water_body",
            &["水体类型"],
            Holds::Text,
            ("river 河流或 lake 湖库，默认河流", "river or lake; river where it is empty")
        ),
    ],
    gives: &[
        Given::new("period", Gives::Text, ("时段", "the period")),
        Given::new("city", Gives::Text, ("城市", "the city")),
        Given::new("sections", Gives::Whole, ("断面数", "sections")),
        Given::new(
            "items",
            Gives::Whole,
            ("参评项目数（河流与湖库中较少者）", "items, the fewer of rivers and lakes"),
        ),
        Given::new(
            "cwqi",
            Gives::Number,
            ("城市水质指数，越小越好", "the index, the smaller the better"),
        ),
        Given::new("rank", Gives::Whole, ("排名", "the rank")),
        Given::new(
            "change_rate",
            Gives::Number,
            ("与上一时段相比变化 %，负为改善", "change, percent; below zero is better"),
        ),
        Given::new("change_rank", Gives::Whole, ("变化排名", "the rank of the change")),
        Given::new("reason", Gives::Text, ("不能评价的原因", "why there is no index")),
    ],
    clauses: &[
        "城市地表水环境质量排名技术规定（试行）2017: CWQI (weights of rivers and lakes from memory)",
    ],
    standards: &["GB3838"],
    together: Together::All,
    example: "period,city,section,water_body,pH,DO,CODMn,NH3N,TP\n\
              2025,漳州,S1,river,7.1,7.2,2.2,0.30,0.08\n2025,厦门,S2,river,7.3,6.9,2.9,0.42,0.11\n",
    work: Work::Groups(|_| Box::<Cities>::default()),
};

/// How many of the 21 items were measured.
fn items(waters: &Means) -> i64 {
    let mean = waters.mean().unwrap_or_default();
    let measured = |item: &Item| ItemSet::TwentyOne.contains(*item) && mean.get(*item).is_some();
    Item::ALL.iter().filter(|item| measured(item)).count() as i64
}

#[derive(Default)]
struct Cities(BTreeMap<String, BTreeMap<String, [Means; 2]>>);

impl Groups for Cities {
    fn take(&mut self, _: &Settings, row: &Row<'_>) -> Result<(), Problem> {
        let city = row.wanted_text("city")?.to_owned();
        let period = row.text("period").unwrap_or_default().to_owned();
        let body = super::surface_water::body(row)?;
        let sample = super::surface_water::sample(row)?;
        let cities = self.0.entry(period).or_default();
        let waters = &mut cities.entry(city).or_default()[usize::from(body == WaterBody::Lake)];
        waters.add(&sample).map_err(|why| {
            row.problem("pH", why.to_string(), "Correct the value, or leave the cell empty.")
        })
    }

    fn finish(self: Box<Self>, _: &Settings, into: &mut Output) -> Result<(), Problem> {
        let mut before: BTreeMap<String, Decimal> = BTreeMap::new();
        for (period, cities) in &self.0 {
            let found: Vec<(&String, &[Means; 2], Result<Decimal, NotComputable>)> =
                cities.iter().map(|(city, waters)| (city, waters, index(waters))).collect();
            let ranks = ranks(found.iter().map(|(.., index)| index.as_ref().ok().copied()));
            let changes: Vec<Option<Decimal>> = found
                .iter()
                .map(|(city, _, index)| {
                    let (old, new) = (before.get(*city)?, index.as_ref().ok()?);
                    change_rate(*old, *new).ok()
                })
                .collect();
            let change_ranks = self::ranks(changes.iter().copied());
            for (place, (city, waters, index)) in found.iter().enumerate() {
                let items = waters.iter().filter(|one| one.samples() > 0);
                into.row(&[
                    Cell::text(period.as_str()),
                    Cell::text(city.as_str()),
                    Cell::Whole(waters.iter().map(|one| i64::from(one.samples())).sum()),
                    Cell::Whole(items.map(self::items).min().unwrap_or(0)),
                    Cell::number(index.as_ref().ok().copied()),
                    ranks[place].map_or(Cell::None, Cell::Whole),
                    Cell::number(changes[place]),
                    change_ranks[place].map_or(Cell::None, Cell::Whole),
                    index.as_ref().err().map_or(Cell::None, reason),
                ])?;
            }
            before = found
                .into_iter()
                .filter_map(|(city, _, index)| Some((city.clone(), index.ok()?)))
                .collect();
        }
        Ok(())
    }
}

fn index(waters: &[Means; 2]) -> Result<Decimal, NotComputable> {
    let of = |body: WaterBody, waters: &Means| {
        if waters.samples() == 0 {
            return Ok(None);
        }
        let means = waters.mean()?;
        index_of_waters(body, &means, 1).map(|index| Some((index, waters.samples())))
    };
    let (rivers, lakes) = (of(WaterBody::River, &waters[0])?, of(WaterBody::Lake, &waters[1])?);
    index_of_city(rivers, lakes).map(|judged| judged.value)
}

/// Ranks of those that have a value; ties share one.
pub(super) fn ranks(values: impl Iterator<Item = Option<Decimal>>) -> Vec<Option<i64>> {
    let values: Vec<Option<Decimal>> = values.collect();
    let keys: Vec<Vec<Decimal>> = values.iter().flatten().map(|value| vec![*value]).collect();
    let mut ranks = rank(&keys).into_iter();
    values.iter().map(|value| value.and_then(|_| ranks.next()).map(|rank| rank as i64)).collect()
}
