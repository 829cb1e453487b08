//! `surface-water`: the class of each sample of a section.

use standards::water::gb3838_surface_water::{
    Class, Item, ItemSet, Method as Rule, Sample, WaterBody, class_of_sample,
};
use standards::water::surface_water_assessment::main_pollutants;

use super::water_columns;
use crate::column::{Column, Holds};
use crate::method::{Given, Method, Row, Settings, Together, Work, reason};
use crate::output::{Cell, Gives};
use crate::problem::Problem;

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "surface-water",
    title: ("地表水水质类别", "class of surface water"),
    does: (
        "按 GB 3838 单因子评价每行的水质类别；有水温时溶解氧 I 类也按饱和度 90% 判定。\
         总氮、水温、粪大肠菌群不参评。",
        "The class of each row by its worst item (GB 3838). Total nitrogen, temperature and \
         faecal coliforms do not count; with a temperature, 90 % of oxygen saturation is class I.",
    ),
    columns: water_columns![
        Column::optional(
            "section",
            &["断面", "断面名称", "station", "point"],
            Holds::Text,
            ("断面", "the section")
        ),
        Column::optional("date", &["日期", "time", "监测时间"], Holds::Day, ("日期", "the day")),
        Column::optional(
            "water_body",
            &["水体类型", "waterbody"],
            Holds::Text,
            ("river 河流或 lake 湖库，默认河流", "river or lake; river where it is empty")
        ),
        Column::optional(
            "target",
            &["目标类别", "水质目标"],
            Holds::Text,
            ("目标类别 I–V", "the class aimed at, I to V")
        ),
    ],
    gives: &[
        Given::new("class", Gives::Text, ("水质类别", "the class")),
        Given::new("grade", Gives::Text, ("水质状况", "the quality")),
        Given::new("deciding", Gives::Text, ("定类项目", "the items that decide the class")),
        Given::new(
            "main_pollutants",
            Gives::Text,
            ("主要污染指标（超 III 类倍数）", "main pollutants, with multiples over class III"),
        ),
        Given::new("item_classes", Gives::Text, ("各项目类别", "the class of each item")),
        Given::new("items", Gives::Whole, ("参评项目数", "items that counted")),
        Given::new("meets_target", Gives::Truth, ("是否达到目标", "whether the target is met")),
        Given::new("edition", Gives::Text, ("依据", "the edition")),
        Given::new("reason", Gives::Text, ("不能评价的原因", "why there is no class")),
    ],
    clauses: &[
        "GB 3838-2002 5.1, table 1: single factor",
        "环办〔2011〕22号: main pollutants, quality of a section",
    ],
    standards: &["GB3838", "surface-water-assessment"],
    together: Together::Nothing,
    example: "section,water_body,pH,DO,CODMn,NH3N,TP,target\n\
              上坂,river,7.2,6.8,2.1,0.31,0.08,III\n\
              峰头水库,lake,7.9,7.6,2.4,0.12,0.041,II\n",
    work: Work::Rows(judge),
};

const BODIES: [(&str, WaterBody); 5] = [
    ("river", WaterBody::River),
    ("河流", WaterBody::River),
    ("lake", WaterBody::Lake),
    ("湖库", WaterBody::Lake),
    ("reservoir", WaterBody::Lake),
];

const TARGETS: [(&str, Class); 15] = [
    ("I", Class::I),
    ("II", Class::II),
    ("III", Class::III),
    ("IV", Class::IV),
    ("V", Class::V),
    ("Ⅰ", Class::I),
    ("Ⅱ", Class::II),
    ("Ⅲ", Class::III),
    ("Ⅳ", Class::IV),
    ("Ⅴ", Class::V),
    ("1", Class::I),
    ("2", Class::II),
    ("3", Class::III),
    ("4", Class::IV),
    ("5", Class::V),
];

/// River or lake; river where the row does not say.
pub(super) fn body(row: &Row<'_>) -> Result<WaterBody, Problem> {
    Ok(row.one_of("water_body", &BODIES)?.unwrap_or(WaterBody::River))
}

/// The items of table 1 that a row has.
pub(super) fn sample(row: &Row<'_>) -> Result<Sample, Problem> {
    let mut sample = Sample::default();
    for item in Item::ALL {
        let value = match item {
            Item::WaterTemperature => row.number(item.as_str())?,
            _ => row.amount(item.as_str())?,
        };
        sample = sample.with_option(item, value);
    }
    Ok(sample)
}

fn judge<'row>(settings: &Settings, row: &Row<'row>) -> Result<Vec<Cell<'row>>, Problem> {
    // One edition: the day is read so that a wrong one is said.
    let _ = settings.judged_on(row.day("date")?);
    let (body, sample) = (body(row)?, sample(row)?);
    let target = row.one_of("target", &TARGETS)?;
    let rule = Rule::as_written(ItemSet::TwentyOne);
    let found = class_of_sample(rule, body, &sample);
    let classes: Vec<String> = Item::ALL
        .into_iter()
        .filter_map(|item| {
            let class = found.of(item)?.as_ref().ok()?;
            Some(format!("{item} {}", class.published()))
        })
        .collect();
    let counted = Item::ALL.into_iter().filter(|item| {
        ItemSet::TwentyOne.contains(*item) && found.of(*item).is_some_and(Result::is_ok)
    });
    let counted = Cell::Whole(counted.count() as i64);
    let judged = match found.judged() {
        Ok(judged) => judged,
        Err(why) => {
            let classes = Cell::text(classes.join(";"));
            let none = Cell::None;
            return Ok(vec![
                none.clone(),
                none.clone(),
                none.clone(),
                none.clone(),
                classes,
                counted,
                none.clone(),
                none,
                reason(&why),
            ]);
        }
    };
    let names = |items: Vec<String>| {
        if items.is_empty() { Cell::None } else { Cell::text(items.join("、")) }
    };
    let deciding = found.deciding().into_iter().map(|item| item.name().zh.into_owned());
    let main = main_pollutants(&found).iter().map(ToString::to_string).collect();
    let class = judged.value;
    Ok(vec![
        Cell::text(class.published()),
        Cell::Text(class.grade().name.zh),
        names(deciding.collect()),
        names(main),
        Cell::text(classes.join(";")),
        counted,
        target.map_or(Cell::None, |target| Cell::Truth(class <= target)),
        Cell::Text(judged.by.text().zh),
        Cell::None,
    ])
}
