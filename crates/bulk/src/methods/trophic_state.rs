//! `trophic-state`: the trophic state of lakes and reservoirs.

use standards::water::trophic_state::{Parameter, index_of_lake, index_of_parameter};

use crate::column::{Column, Holds};
use crate::method::{Given, Method, Row, Settings, Together, Work, reason};
use crate::output::{Cell, Gives};
use crate::problem::Problem;

/// All five parameters are wanted.
const FEWEST: u32 = 5;

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "trophic-state",
    title: ("湖库营养状态", "trophic state of lakes"),
    does: (
        "由叶绿素 a、总磷、总氮、透明度、高锰酸盐指数计算综合营养状态指数 TLI；五项缺一不评。",
        "The comprehensive trophic level index TLI of each row from chlorophyll a, total \
         phosphorus, total nitrogen, transparency and permanganate index; all five are wanted.",
    ),
    columns: &[
        Column::optional(
            "lake",
            &["湖库", "点位", "section"],
            Holds::Text,
            ("湖库或点位", "the lake or point"),
        ),
        Column::optional(
            "chla",
            &["叶绿素a", "chl_a", "chlorophyll"],
            Holds::Number("mg/m3"),
            ("叶绿素 a", "chlorophyll a"),
        ),
        Column::optional("TP", &["总磷"], Holds::Number("mg/L"), ("总磷", "total phosphorus")),
        Column::optional("TN", &["总氮"], Holds::Number("mg/L"), ("总氮", "total nitrogen")),
        Column::optional("SD", &["透明度"], Holds::Number("m"), ("透明度", "transparency")),
        Column::optional(
            "CODMn",
            &["高锰酸盐指数"],
            Holds::Number("mg/L"),
            ("高锰酸盐指数", "permanganate index"),
        ),
    ],
    gives: &[
        Given::new("tli_chla", Gives::Number, ("叶绿素 a 指数", "index of chlorophyll a")),
        Given::new("tli_tp", Gives::Number, ("总磷指数", "index of total phosphorus")),
        Given::new("tli_tn", Gives::Number, ("总氮指数", "index of total nitrogen")),
        Given::new("tli_sd", Gives::Number, ("透明度指数", "index of transparency")),
        Given::new(
            "tli_codmn",
            Gives::Number,
            ("高锰酸盐指数的指数", "index of the permanganate index"),
        ),
        Given::new("tli", Gives::Number, ("综合营养状态指数", "the comprehensive index")),
        Given::new("level", Gives::Text, ("营养状态", "the trophic state")),
        Given::new("reason", Gives::Text, ("不能评价的原因", "why there is no index")),
    ],
    clauses: &["湖泊（水库）富营养化评价方法及分级技术规定: TLI, weights by r² with chlorophyll a"],
    standards: &["trophic-state"],
    together: Together::Nothing,
    example: "lake,chla,TP,TN,SD,CODMn\n峰头水库,5.2,0.021,0.71,1.9,1.8\n",
    work: Work::Rows(judge),
};

fn judge<'row>(_: &Settings, row: &Row<'row>) -> Result<Vec<Cell<'row>>, Problem> {
    let mut cells = Vec::with_capacity(METHOD.gives.len());
    let mut indices = Vec::new();
    let mut why = None;
    for parameter in Parameter::ALL {
        let value = row.amount(parameter.as_str())?;
        let index = value.map(|value| index_of_parameter(parameter, value));
        cells.push(match index {
            Some(Ok(index)) => {
                indices.push((parameter, index));
                Cell::Number(rulebook::round_half_even(index, 3))
            }
            Some(Err(reason)) => {
                why = Some(reason);
                Cell::None
            }
            None => Cell::None,
        });
    }
    match index_of_lake(&indices, FEWEST) {
        Ok(judged) => {
            let (index, level) = judged.value;
            cells.extend([Cell::Number(index), Cell::Text(level.name().zh), Cell::None]);
        }
        Err(missing) => cells.extend([Cell::None, Cell::None, reason(&why.unwrap_or(missing))]),
    }
    Ok(cells)
}
