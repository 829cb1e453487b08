//! `black-odorous`: the degree of black and odorous urban waters.

use std::collections::HashMap;

use jiff::civil::Date;
use standards::water::black_odorous_water::{Item, Measurement, degree_of_point};

use crate::column::{Column, Holds};
use crate::method::{Given, Groups, Method, Row, Settings, Together, Work, reason};
use crate::output::{Cell, Gives, Output};
use crate::problem::Problem;

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "black-odorous",
    title: ("黑臭水体分级", "black and odorous waters"),
    does: (
        "每行一个点位一次测定；给出每个点位的黑臭程度。",
        "A row is one measurement of one point; gives the degree of each point.",
    ),
    columns: &[
        Column::required("point", &["点位", "水体"], Holds::Text, ("点位", "the point")),
        Column::optional("date", &["日期"], Holds::Day, ("日期", "the day")),
        Column::optional(
            "transparency",
            &["透明度", "SD"],
            Holds::Number("cm"),
            ("透明度", "transparency"),
        ),
        Column::optional(
            "depth",
            &["水深"],
            Holds::Number("cm"),
            ("水深（浅于 25 cm 时填）", "depth of shallow water, below 25 cm"),
        ),
        Column::optional("DO", &["溶解氧"], Holds::Number("mg/L"), ("溶解氧", "dissolved oxygen")),
        Column::optional(
            "ORP",
            &["氧化还原电位"],
            Holds::Number("mV"),
            ("氧化还原电位", "redox potential"),
        ),
        Column::optional("NH3N", &["氨氮"], Holds::Number("mg/L"), ("氨氮", "ammonia nitrogen")),
    ],
    gives: &[
        Given::new("point", Gives::Text, ("点位", "the point")),
        Given::new("degree", Gives::Text, ("程度", "the degree")),
        Given::new("measurements", Gives::Whole, ("测定数", "measurements")),
        Given::new("edition", Gives::Text, ("依据", "the text")),
        Given::new("reason", Gives::Text, ("不能评价的原因", "why there is no degree")),
    ],
    clauses: &["城市黑臭水体整治工作指南 (2015) table 1"],
    standards: &["black-odorous"],
    together: Together::By(&["point"]),
    example: "point,date,transparency,DO,ORP,NH3N\nH1,2026-05-06,30,1.6,40,9.2\n",
    work: Work::Groups(|_| Box::<Points>::default()),
};

#[derive(Default)]
struct Points {
    places: HashMap<String, usize>,
    points: Vec<(String, Date, Vec<Measurement>)>,
}

impl Groups for Points {
    fn take(&mut self, settings: &Settings, row: &Row<'_>) -> Result<(), Problem> {
        let on = row.judged_on(settings, &METHOD)?;
        let name = row.wanted_text("point")?;
        let next = self.points.len();
        let place = *self.places.entry(name.to_owned()).or_insert(next);
        if place == next {
            self.points.push((name.to_owned(), on, Vec::new()));
        }
        let depth = row.amount("depth")?;
        for item in Item::ALL {
            let value = match item {
                Item::RedoxPotential => row.number(item.as_str())?,
                _ => row.amount(item.as_str())?,
            };
            let depth = depth.filter(|_| item == Item::Transparency);
            self.points[place].2.extend(value.map(|value| Measurement { item, value, depth }));
        }
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Settings, into: &mut Output) -> Result<(), Problem> {
        for (name, on, measurements) in &self.points {
            let counted = Cell::Whole(measurements.len() as i64);
            let (degree, edition, why) = match degree_of_point(measurements, *on) {
                Ok(judged) => {
                    let by = Cell::Text(judged.by.text().zh);
                    (Cell::Text(judged.value.name().zh), by, Cell::None)
                }
                Err(why) => (Cell::None, Cell::None, reason(&why)),
            };
            into.row(&[Cell::text(name.as_str()), degree, counted, edition, why])?;
        }
        Ok(())
    }
}
