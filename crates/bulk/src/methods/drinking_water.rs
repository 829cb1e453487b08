//! `drinking-water`: sources of drinking water from surface water.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rulebook::Decimal;
use standards::water::drinking_water_sources::{judge_source, unit_of};
use standards::water::gb3838_surface_water::{Item, Sample, WaterBody};

use crate::column::{Column, Holds};
use crate::method::{Given, Groups, Method, Row, Settings, Together, Work, reason};
use crate::output::{Cell, Gives, Output};
use crate::problem::Problem;

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "drinking-water",
    title: ("饮用水水源地评价", "sources of drinking water"),
    does: (
        "每行一个样品的一个项目（表 1 用 pH、DO、NH3N 等代号或中文名，表 2、3 用标准名称）；\
         给出每个水源地每日是否达标。",
        "A row is one item of one sample (of table 1 by its symbol, of tables 2 and 3 by its \
         printed name); gives whether each source met the standard on each day.",
    ),
    columns: &[
        Column::required("source", &["水源地", "point"], Holds::Text, ("水源地", "the source")),
        Column::optional("date", &["日期"], Holds::Day, ("日期", "the day")),
        Column::optional(
            "water_body",
            &["水体类型"],
            Holds::Text,
            ("river 河流或 lake 湖库，默认河流", "river or lake; river where it is empty"),
        ),
        Column::required("item", &["项目"], Holds::Text, ("项目", "the item")),
        Column::required(
            "value",
            &["测定值", "浓度"],
            Holds::Number(""),
            ("数值，无单位时同标准表", "the value; in the unit of the table where none is named"),
        ),
    ],
    gives: &[
        Given::new("source", Gives::Text, ("水源地", "the source")),
        Given::new("date", Gives::Day, ("日期", "the day")),
        Given::new("meets", Gives::Truth, ("是否达标", "whether it meets the standard")),
        Given::new(
            "basic_over",
            Gives::Text,
            ("超标的基本项目", "items of table 1 over class III"),
        ),
        Given::new(
            "specific_over",
            Gives::Text,
            ("超标的补充、特定项目", "items of tables 2 and 3 over their limits"),
        ),
        Given::new("edition", Gives::Text, ("依据", "the edition")),
        Given::new("reason", Gives::Text, ("不能评价的原因", "why there is no verdict")),
    ],
    clauses: &["GB 3838-2002 table 1 class III (21 items), tables 2 and 3"],
    standards: &["drinking-water-sources", "GB3838"],
    together: Together::By(&["source"]),
    example: "source,date,item,value\nW1,2026-05-06,NH3N,0.12\nW1,2026-05-06,DO,7.1\n\
              W1,2026-05-06,铁,0.35\n",
    work: Work::Groups(|_| Box::<Sources>::default()),
};

struct Source {
    on: Date,
    body: WaterBody,
    basic: Sample,
    specific: Vec<(String, Decimal)>,
}

#[derive(Default)]
struct Sources {
    order: Vec<(String, Option<Date>)>,
    found: BTreeMap<(String, Option<Date>), Source>,
}

impl Groups for Sources {
    fn take(&mut self, settings: &Settings, row: &Row<'_>) -> Result<(), Problem> {
        let on = row.judged_on(settings, &METHOD)?;
        let key = (row.wanted_text("source")?.to_owned(), row.day("date")?);
        let body = super::surface_water::body(row)?;
        let name = row.wanted_text("item")?;
        let basic = Item::ALL
            .into_iter()
            .find(|item| item.as_str().eq_ignore_ascii_case(name) || item.name().zh == name);
        let value = match basic {
            Some(Item::WaterTemperature) => row.number("value")?,
            _ => row.amount("value")?,
        };
        let Some(value) = value else { return Ok(()) };
        let unit = basic.map_or_else(|| unit_of(name, on).unwrap_or_default(), Item::unit);
        let value = row.in_unit(settings, "value", value, unit)?;
        if !self.found.contains_key(&key) {
            self.order.push(key.clone());
        }
        let source = self.found.entry(key).or_insert_with(|| Source {
            on,
            body,
            basic: Sample::default(),
            specific: Vec::new(),
        });
        let is_there = match basic {
            Some(item) => source.basic.get(item).is_some(),
            None => source.specific.iter().any(|(known, _)| known == name),
        };
        if is_there {
            let what = format!("{name} of this source and day is there twice");
            let cure = "Leave one of the rows out, or give each sample its `date`.";
            return Err(row.problem("item", what, cure));
        }
        match basic {
            Some(item) => source.basic = source.basic.clone().with(item, value),
            None => source.specific.push((name.to_owned(), value)),
        }
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Settings, into: &mut Output) -> Result<(), Problem> {
        for key in &self.order {
            let Some(source) = self.found.get(key) else { continue };
            let specific: Vec<(&str, Decimal)> =
                source.specific.iter().map(|(name, value)| (name.as_str(), *value)).collect();
            let mut row = vec![Cell::text(key.0.as_str()), key.1.map_or(Cell::None, Cell::Day)];
            match judge_source(source.body, &source.basic, &specific, source.on) {
                Ok(judged) => {
                    let basic = judged.value.basic_over.iter().map(|item| item.name().zh);
                    let names = |names: Vec<String>| {
                        if names.is_empty() { Cell::None } else { Cell::text(names.join("、")) }
                    };
                    let over = judged.value.specific_over.iter().map(ToString::to_string);
                    row.extend([
                        Cell::Truth(judged.value.meets()),
                        names(basic.map(std::borrow::Cow::into_owned).collect()),
                        names(over.collect()),
                        Cell::Text(judged.by.text().zh),
                        Cell::None,
                    ]);
                }
                Err(why) => {
                    let none = || Cell::None;
                    row.extend([none(), none(), none(), none(), reason(&why)]);
                }
            }
            into.row(&row)?;
        }
        Ok(())
    }
}
