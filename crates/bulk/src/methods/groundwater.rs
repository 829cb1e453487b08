//! `groundwater`: the class of samples of groundwater.

use std::collections::BTreeMap;

use jiff::civil::Date;
use standards::water::gbt14848_groundwater::{Reading, class_of_sample, unit_of};

use crate::column::{Column, Holds};
use crate::method::{Given, Groups, Method, Row, Settings, Together, Work, reason};
use crate::output::{Cell, Gives, Output};
use crate::problem::Problem;

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "groundwater",
    title: ("地下水质量类别", "class of groundwater"),
    does: (
        "每行一个样品的一个项目；按 GB/T 14848 给出每个样品（点位与日期）的类别。\
         未检出写 ND 或“未检出”，感官项目写“有”或“无”。",
        "A row is one item of one sample; gives the class of each sample (point and day) by \
         GB/T 14848. Write ND for not detected, 有 or 无 for what is seen or smelt.",
    ),
    columns: &[
        Column::required("point", &["点位", "井号", "well"], Holds::Text, ("点位", "the point")),
        Column::optional("date", &["日期"], Holds::Day, ("日期", "the day")),
        Column::required(
            "item",
            &["项目", "指标"],
            Holds::Text,
            ("项目，如 氨氮(以N计)", "the item as the standard prints it"),
        ),
        Column::required(
            "value",
            &["测定值", "浓度"],
            Holds::Text,
            ("数值，无单位时同标准表", "the value; in the unit of the table where none is named"),
        ),
    ],
    gives: &[
        Given::new("point", Gives::Text, ("点位", "the point")),
        Given::new("date", Gives::Day, ("日期", "the day")),
        Given::new("class", Gives::Text, ("类别", "the class")),
        Given::new("deciding", Gives::Text, ("定类项目", "the items that decide the class")),
        Given::new("items", Gives::Whole, ("项目数", "items")),
        Given::new("edition", Gives::Text, ("依据", "the edition")),
        Given::new("reason", Gives::Text, ("不能评价的原因", "why there is no class")),
    ],
    clauses: &["GB/T 14848-2017 tables 1 and 2: single factor"],
    standards: &["GBT14848"],
    together: Together::By(&["point"]),
    example: "point,date,item,value\nG1,2026-04-10,氨氮(以N计),0.08\nG1,2026-04-10,铁,0.21\n\
              G1,2026-04-10,嗅和味,无\n",
    work: Work::Groups(|_| Box::<Samples>::default()),
};

type Sample = Vec<(String, Reading)>;

#[derive(Default)]
struct Samples {
    order: Vec<(String, Option<Date>)>,
    found: BTreeMap<(String, Option<Date>), (Date, Sample)>,
}

impl Groups for Samples {
    fn take(&mut self, settings: &Settings, row: &Row<'_>) -> Result<(), Problem> {
        let on = row.judged_on(settings, &METHOD)?;
        let key = (row.wanted_text("point")?.to_owned(), row.day("date")?);
        let item = row.wanted_text("item")?.to_owned();
        let Some(mut reading) = reading(row)? else { return Ok(()) };
        if let Reading::Value(value) = &mut reading {
            let unit = unit_of(&item, on).unwrap_or_default();
            *value = row.in_unit(settings, "value", *value, unit)?;
        }
        if !self.found.contains_key(&key) {
            self.order.push(key.clone());
        }
        let (_, sample) = self.found.entry(key).or_insert_with(|| (on, Vec::new()));
        if sample.iter().any(|(known, _)| *known == item) {
            let what = format!("{item} of this point and day is there twice");
            let cure = "Leave one of the rows out, or give each sample its `date`.";
            return Err(row.problem("item", what, cure));
        }
        sample.push((item, reading));
        Ok(())
    }

    fn finish(self: Box<Self>, _: &Settings, into: &mut Output) -> Result<(), Problem> {
        for key in &self.order {
            let Some((on, sample)) = self.found.get(key) else { continue };
            let readings: Vec<(&str, Reading)> =
                sample.iter().map(|(item, reading)| (item.as_str(), *reading)).collect();
            let mut row = vec![Cell::text(key.0.as_str()), key.1.map_or(Cell::None, Cell::Day)];
            match class_of_sample(&readings, *on) {
                Ok(judged) => row.extend([
                    Cell::Text(judged.value.class.name().zh),
                    Cell::text(judged.value.deciding().collect::<Vec<_>>().join("、")),
                    Cell::Whole(sample.len() as i64),
                    Cell::Text(judged.by.text().zh),
                    Cell::None,
                ]),
                Err(why) => row.extend([
                    Cell::None,
                    Cell::None,
                    Cell::Whole(sample.len() as i64),
                    Cell::None,
                    reason(&why),
                ]),
            }
            into.row(&row)?;
        }
        Ok(())
    }
}

/// A number, or a word for what was not found or was found.
fn reading(row: &Row<'_>) -> Result<Option<Reading>, Problem> {
    let Some(text) = row.text("value") else { return Ok(None) };
    match text {
        "ND" | "nd" | "未检出" | "无" => Ok(Some(Reading::NotDetected)),
        "有" => Ok(Some(Reading::Present)),
        _ => Ok(row.amount("value")?.map(Reading::Value)),
    }
}
