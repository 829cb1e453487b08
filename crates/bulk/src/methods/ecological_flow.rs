//! `ecological-flow`: whether sections keep their ecological flow.

use std::collections::HashMap;

use jiff::civil::Date;
use rulebook::Decimal;
use standards::flow::guaranteed_flow::guarantee;
use standards::flow::tennant;

use crate::column::{Column, Holds};
use crate::method::{Given, Groups, Method, Row, Settings, Together, Work, reason};
use crate::output::{Cell, Gives, Output};
use crate::problem::Problem;

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "ecological-flow",
    title: ("生态流量保障", "ecological flow"),
    does: (
        "每行一个断面一日的流量与目标；给出每个断面的保证率与是否达标，\
         有多年平均流量时给出最枯日的蒙大拿法等级。",
        "A row is the flow of one section and day with its target; gives the guaranteed rate of \
         each section and, with a mean annual flow, the Tennant grade of its lowest day.",
    ),
    columns: &[
        Column::required("section", &["断面", "控制断面"], Holds::Text, ("断面", "the section")),
        Column::required("date", &["日期"], Holds::Day, ("日期", "the day")),
        Column::required(
            "flow",
            &["流量", "日均流量"],
            Holds::Number("m3/s"),
            ("流量，缺测留空", "the flow; empty where it is missing"),
        ),
        Column::required(
            "target",
            &["生态流量目标", "目标"],
            Holds::Number("m3/s"),
            ("生态流量目标", "the target"),
        ),
        Column::optional(
            "wanted",
            &["保证率要求"],
            Holds::Number("%"),
            ("要求的保证率，空则按国家规定", "the rate wanted; the national one where it is empty"),
        ),
        Column::optional(
            "mean_annual",
            &["多年平均流量"],
            Holds::Number("m3/s"),
            ("多年平均流量", "the mean annual flow"),
        ),
    ],
    gives: &[
        Given::new("section", Gives::Text, ("断面", "the section")),
        Given::new("days", Gives::Whole, ("日数", "days")),
        Given::new("kept_days", Gives::Whole, ("达标日数", "days that kept the target")),
        Given::new("rate", Gives::Number, ("保证率 %", "the guaranteed rate, percent")),
        Given::new("meets", Gives::Truth, ("是否达标", "whether it is met")),
        Given::new("completeness", Gives::Number, ("有效数据比例 %", "valid days, percent")),
        Given::new("lowest", Gives::Number, ("最小流量 m³/s", "the lowest flow, m³/s")),
        Given::new("lowest_on", Gives::Day, ("最小流量日期", "its day")),
        Given::new(
            "tennant",
            Gives::Text,
            ("最枯日蒙大拿法等级", "Tennant grade of the lowest day"),
        ),
        Given::new("edition", Gives::Text, ("依据", "the text")),
        Given::new("reason", Gives::Text, ("不能评价的原因", "why there is no verdict")),
    ],
    clauses: &["水资管〔2020〕67号: guaranteed rate", "Tennant 1976 (from memory)"],
    standards: &["guaranteed-flow", "Tennant"],
    together: Together::By(&["section"]),
    example: "section,date,flow,target,mean_annual\n郑店,2026-01-01,62.1,55,340\n\
              郑店,2026-01-02,51.7,55,340\n",
    work: Work::Groups(|_| Box::<Sections>::default()),
};

/// The days of a section.
struct Section {
    name: String,
    last: Date,
    flows: Vec<Option<Decimal>>,
    kept: u32,
    wanted: Option<Decimal>,
    lowest: Option<(Decimal, Date, Option<Decimal>)>,
}

#[derive(Default)]
struct Sections {
    places: HashMap<String, usize>,
    sections: Vec<Section>,
}

impl Groups for Sections {
    fn take(&mut self, _: &Settings, row: &Row<'_>) -> Result<(), Problem> {
        let name = row.wanted_text("section")?;
        let day = row.day("date")?;
        let day = day.ok_or_else(|| row.problem("date", "the cell is empty", "Fill it in."))?;
        let target = row.amount("target")?;
        let target = target.ok_or_else(|| {
            row.problem("target", "the cell is empty", "Fill in the target of the section.")
        })?;
        let next = self.sections.len();
        let place = *self.places.entry(name.to_owned()).or_insert(next);
        if place == next {
            self.sections.push(Section {
                name: name.to_owned(),
                last: day,
                flows: Vec::new(),
                kept: 0,
                wanted: None,
                lowest: None,
            });
        }
        let section = &mut self.sections[place];
        section.last = section.last.max(day);
        section.wanted = row.amount("wanted")?.or(section.wanted);
        let flow = row.amount("flow")?;
        let mean = row.amount("mean_annual")?;
        // Targets may change by season: what counts is whether the day kept its own.
        section.flows.push(flow.map(|flow| flow - target));
        if let Some(flow) = flow {
            section.kept += u32::from(flow >= target);
            if section.lowest.is_none_or(|(lowest, ..)| flow < lowest) {
                section.lowest = Some((flow, day, mean));
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, settings: &Settings, into: &mut Output) -> Result<(), Problem> {
        for section in &self.sections {
            let on = settings.judged_on(Some(section.last)).unwrap_or(section.last);
            let tennant = section.lowest.and_then(|(lowest, day, mean)| {
                tennant::grade(lowest, mean?, day).ok().map(|judged| judged.value)
            });
            let mut row = vec![
                Cell::text(section.name.as_str()),
                Cell::Whole(section.flows.len() as i64),
                Cell::Whole(section.kept.into()),
            ];
            let (edition, why) = match guarantee(&section.flows, Decimal::ZERO, section.wanted, on)
            {
                Ok(judged) => {
                    row.extend([
                        Cell::Number(judged.value.rate),
                        Cell::Truth(judged.value.meets),
                        Cell::Number(judged.value.completeness),
                    ]);
                    (Cell::Text(judged.by.text().zh), Cell::None)
                }
                Err(why) => {
                    row.extend([Cell::None, Cell::None, Cell::None]);
                    (Cell::None, reason(&why))
                }
            };
            row.extend([
                Cell::number(section.lowest.map(|(lowest, ..)| lowest)),
                section.lowest.map_or(Cell::None, |(_, day, _)| Cell::Day(day)),
                tennant.map_or(Cell::None, |grade| Cell::Text(grade.zh)),
                edition,
                why,
            ]);
            into.row(&row)?;
        }
        Ok(())
    }
}
