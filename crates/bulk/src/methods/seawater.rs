//! `seawater`: the class of sea water of each station and its eutrophication.

use rulebook::Decimal;
use standards::sea::eutrophication::eutrophication;
use standards::sea::gb3097_sea_water::{Reading, class_of_sample};

use crate::column::{Column, Holds};
use crate::method::{Given, Method, Row, Settings, Together, Work, reason};
use crate::output::{Cell, Gives};
use crate::problem::Problem;

const MG: Holds = Holds::Number("mg/L");

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "seawater",
    title: ("海水水质类别", "class of sea water"),
    does: (
        "按 GB 3097 单因子评价每行（站位）的海水类别，并计算富营养化指数。",
        "The class of each row (a station) by its worst item (GB 3097), and the index of \
         eutrophication.",
    ),
    columns: &[
        Column::optional("station", &["站位", "点位"], Holds::Text, ("站位", "the station")),
        Column::optional("date", &["日期"], Holds::Day, ("日期", "the day")),
        Column::optional("pH", &[], Holds::Number(""), ("pH", "pH")),
        Column::optional("DO", &["溶解氧"], MG, ("溶解氧", "dissolved oxygen")),
        Column::optional(
            "COD",
            &["化学需氧量"],
            MG,
            ("化学需氧量（碱性高锰酸钾法）", "chemical oxygen demand"),
        ),
        Column::optional("BOD5", &["生化需氧量"], MG, ("生化需氧量", "biochemical oxygen demand")),
        Column::optional("DIN", &["无机氮"], MG, ("无机氮（以 N 计）", "inorganic nitrogen, as N")),
        Column::optional("NH3", &["非离子氨"], MG, ("非离子氨", "un-ionised ammonia")),
        Column::optional(
            "PO4P",
            &["活性磷酸盐", "DIP"],
            MG,
            ("活性磷酸盐（以 P 计）", "phosphate, as P"),
        ),
        Column::optional("Hg", &["汞"], MG, ("汞", "mercury")),
        Column::optional("Cd", &["镉"], MG, ("镉", "cadmium")),
        Column::optional("Pb", &["铅"], MG, ("铅", "lead")),
        Column::optional("Cr6", &["六价铬"], MG, ("六价铬", "hexavalent chromium")),
        Column::optional("Cr", &["总铬"], MG, ("总铬", "chromium")),
        Column::optional("As", &["砷"], MG, ("砷", "arsenic")),
        Column::optional("Cu", &["铜"], MG, ("铜", "copper")),
        Column::optional("Zn", &["锌"], MG, ("锌", "zinc")),
        Column::optional("Se", &["硒"], MG, ("硒", "selenium")),
        Column::optional("Ni", &["镍"], MG, ("镍", "nickel")),
        Column::optional("CN", &["氰化物"], MG, ("氰化物", "cyanide")),
        Column::optional("S2", &["硫化物"], MG, ("硫化物", "sulphide")),
        Column::optional("phenol", &["挥发性酚"], MG, ("挥发性酚", "volatile phenol")),
        Column::optional("oil", &["石油类"], MG, ("石油类", "petroleum")),
        Column::optional(
            "LAS",
            &["阴离子表面活性剂"],
            MG,
            ("阴离子表面活性剂", "anionic surfactants"),
        ),
    ],
    gives: &[
        Given::new("class", Gives::Text, ("海水类别", "the class")),
        Given::new(
            "is_good",
            Gives::Truth,
            ("是否优良（一、二类）", "whether it is good, class 1 or 2"),
        ),
        Given::new("deciding", Gives::Text, ("定类项目", "the items that decide the class")),
        Given::new(
            "eutrophication",
            Gives::Number,
            ("富营养化指数", "the index of eutrophication"),
        ),
        Given::new("eutrophication_level", Gives::Text, ("富营养化等级", "its level")),
        Given::new("edition", Gives::Text, ("依据", "the edition")),
        Given::new("reason", Gives::Text, ("不能评价的原因", "why there is no class")),
    ],
    clauses: &["GB 3097-1997 table 1: single factor", "E = COD × DIN × DIP × 10⁶ / 4500"],
    standards: &["GB3097", "eutrophication"],
    together: Together::Nothing,
    example: "station,date,pH,DO,COD,DIN,PO4P,oil\nFJ01,2026-05-12,8.1,6.8,0.9,0.21,0.014,0.011\n",
    work: Work::Rows(judge),
};

fn judge<'row>(settings: &Settings, row: &Row<'row>) -> Result<Vec<Cell<'row>>, Problem> {
    let on = row.judged_on(settings, &METHOD)?;
    let mut sample = Vec::new();
    let mut values: Vec<(&str, Decimal)> = Vec::new();
    for column in &METHOD.columns[2..] {
        if let Some(value) = row.amount(column.name)? {
            sample.push((column.name, Reading::Value(value)));
            values.push((column.name, value));
        }
    }
    let of = |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let index = match (of("COD"), of("DIN"), of("PO4P")) {
        (Some(demand), Some(nitrogen), Some(phosphate)) => {
            eutrophication(demand, nitrogen, phosphate).ok()
        }
        _ => None,
    };
    let (index, level) = index.map_or((Cell::None, Cell::None), |judged| {
        (Cell::Number(judged.value.index.normalize()), Cell::Text(judged.value.level.zh))
    });
    Ok(match class_of_sample(&sample, on) {
        Ok(judged) => {
            let deciding: Vec<&str> = judged.value.deciding().collect();
            vec![
                Cell::Text(judged.value.class.name().zh),
                Cell::Truth(judged.value.class.is_good()),
                Cell::text(deciding.join("、")),
                index,
                level,
                Cell::Text(judged.by.text().zh),
                Cell::None,
            ]
        }
        Err(why) => {
            let none = || Cell::None;
            vec![none(), none(), none(), index, level, none(), reason(&why)]
        }
    })
}
