//! `soil`: values of soil against screening and control values.

use rulebook::{Decimal, Judged, NotComputable, Text};
use standards::soil::{
    Risk, gb15618_agricultural_land as farm, gb36600_construction_land as built,
};

use crate::column::{Column, Holds};
use crate::method::{Given, Method, Row, Settings, Together, Work, reason};
use crate::output::{Cell, Gives};
use crate::problem::Problem;

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "soil",
    title: ("土壤污染风险", "risk of soil pollution"),
    does: (
        "每行一个样品的一个项目：建设用地按 GB 36600，农用地按 GB 15618（需 pH），\
         与筛选值和管制值比较。",
        "A row is one item of one sample: development land by GB 36600, agricultural land by \
         GB 15618 (which needs the pH), against screening and control values.",
    ),
    columns: &[
        Column::optional("sample", &["样品", "点位", "point"], Holds::Text, ("样品", "the sample")),
        Column::optional("date", &["日期"], Holds::Day, ("日期", "the day")),
        Column::required(
            "land_use",
            &["用地类型", "土地利用"],
            Holds::Text,
            (
                "type1 第一类用地、type2 第二类用地、paddy 水田、orchard 果园、rotation 水旱轮作、other 其他农用地",
                "type1, type2, paddy, orchard, rotation, other",
            ),
        ),
        Column::required(
            "item",
            &["项目", "污染物"],
            Holds::Text,
            ("项目，如 镉", "the item as the standard prints it, 镉"),
        ),
        Column::required(
            "value",
            &["测定值", "含量"],
            Holds::Number("mg/kg"),
            ("含量", "the content"),
        ),
        Column::optional(
            "pH",
            &[],
            Holds::Number(""),
            ("土壤 pH，农用地必填", "pH of the soil, for agricultural land"),
        ),
        Column::optional(
            "background",
            &["背景值"],
            Holds::Number("mg/kg"),
            ("背景值，建设用地可填", "the background, for development land"),
        ),
    ],
    gives: &[
        Given::new("risk", Gives::Text, ("风险", "the risk")),
        Given::new("screening", Gives::Number, ("筛选值 mg/kg", "screening value, mg/kg")),
        Given::new("control", Gives::Number, ("管制值 mg/kg", "control value, mg/kg")),
        Given::new("ratio", Gives::Number, ("与筛选值之比", "ratio to the screening value")),
        Given::new("edition", Gives::Text, ("依据", "the edition")),
        Given::new("reason", Gives::Text, ("不能评价的原因", "why there is no verdict")),
    ],
    clauses: &["GB 36600-2018 tables 1 and 2", "GB 15618-2018 tables 1 to 3"],
    standards: &["GB36600", "GB15618"],
    together: Together::Nothing,
    example: "sample,land_use,item,value,pH\nS1,paddy,镉,0.42,5.8\nS2,type1,砷,24,\n",
    work: Work::Rows(judge),
};

#[derive(Clone, Copy)]
enum Land {
    Built(built::LandUse),
    Farm(farm::Land),
}

const LANDS: [(&str, Land); 12] = [
    ("type1", Land::Built(built::LandUse::TypeOne)),
    ("第一类用地", Land::Built(built::LandUse::TypeOne)),
    ("type2", Land::Built(built::LandUse::TypeTwo)),
    ("第二类用地", Land::Built(built::LandUse::TypeTwo)),
    ("paddy", Land::Farm(farm::Land::Paddy)),
    ("水田", Land::Farm(farm::Land::Paddy)),
    ("orchard", Land::Farm(farm::Land::Orchard)),
    ("果园", Land::Farm(farm::Land::Orchard)),
    ("rotation", Land::Farm(farm::Land::Rotation)),
    ("水旱轮作", Land::Farm(farm::Land::Rotation)),
    ("other", Land::Farm(farm::Land::Other)),
    ("其他", Land::Farm(farm::Land::Other)),
];

fn judge<'row>(settings: &Settings, row: &Row<'row>) -> Result<Vec<Cell<'row>>, Problem> {
    let on = row.judged_on(settings, &METHOD)?;
    let item = row.wanted_text("item")?;
    row.wanted_text("land_use")?;
    let land = row.one_of("land_use", &LANDS)?;
    let missing = |zh, en| Err(NotComputable::Missing { what: Text::fixed(zh, en) });
    let verdict = match (land, row.amount("value")?) {
        (Some(Land::Built(land)), Some(value)) => {
            built::risk(item, value, land, row.amount("background")?, on)
        }
        (Some(Land::Farm(land)), Some(value)) => match row.number("pH")? {
            Some(ph) => farm::risk(item, value, ph, land, on),
            None => missing("土壤 pH", "the pH of the soil"),
        },
        _ => missing("含量", "the content"),
    };
    Ok(verdict.map_or_else(
        |why| {
            let none = || Cell::None;
            vec![none(), none(), none(), none(), none(), reason(&why)]
        },
        |judged| cells(&judged),
    ))
}

fn cells(judged: &Judged<Risk>) -> Vec<Cell<'static>> {
    let of = |name: &str| {
        judged.inputs.iter().find(|input| input.name.en == name).map(|input| input.value)
    };
    let screening = of("screening value");
    let value = judged.inputs.first().map(|input| input.value);
    let ratio = value.zip(screening).and_then(|(value, limit)| value.checked_div(limit));
    vec![
        Cell::Text(judged.value.name().zh),
        Cell::number(screening),
        Cell::number(of("control value")),
        Cell::number(ratio.map(|ratio: Decimal| rulebook::round_half_even(ratio, 2))),
        Cell::Text(judged.by.text().zh),
        Cell::None,
    ]
}
