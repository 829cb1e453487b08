//! `discharge-day`: values of outlets against the limits of their standard or permit.

use jiff::civil::Date;
use rulebook::{Citation, Confidence, Decimal, NotComputable, Period, Text, round_half_even};
use standards::discharge::permit_limit::{Bound, Comparison, Limit, Measured};
use standards::discharge::reference_oxygen::{at_reference, dry, reference_of};
use standards::discharge::{
    EmissionBound, EmissionLimit, db35_1869_rural_sewage, gb8978_integrated_wastewater,
    gb13223_thermal_power, gb13271_boilers, gb16297_integrated_air, gb18918_town_sewage_plants,
    permit_limit,
};

use crate::column::{Column, Holds};
use crate::method::{Given, Method, Row, Settings, Together, Work, reason};
use crate::output::{Cell, Gives};
use crate::problem::Problem;

/// The method.
pub(crate) const METHOD: Method = Method {
    name: "discharge-day",
    title: ("污染源日均值评价", "daily discharges of outlets"),
    does: (
        "每行一个排口一日（或一次）一个项目：可由湿基换算干基、按基准氧含量折算，\
         再与排放标准或许可证限值比较。",
        "A row is one item of one outlet and day: turned to dry basis and reference oxygen where \
         the columns are there, then compared with the limit of its standard or permit.",
    ),
    columns: &[
        Column::optional("outlet", &["排口", "排放口"], Holds::Text, ("排口", "the outlet")),
        Column::optional("date", &["日期"], Holds::Day, ("日期", "the day")),
        Column::required(
            "item",
            &["项目", "污染物"],
            Holds::Text,
            ("项目，如 COD、二氧化硫", "the item as the standard prints it"),
        ),
        Column::required(
            "value",
            &["浓度", "日均值"],
            Holds::Number(""),
            (
                "浓度，无单位时同限值",
                "the concentration; in the unit of the limit where none is named",
            ),
        ),
        Column::optional(
            "standard",
            &["标准"],
            Holds::Text,
            ("GB18918、GB8978、GB13223、GB13271、GB16297、DB35-1869", "the standard"),
        ),
        Column::optional(
            "scope",
            &["适用范围"],
            Holds::Text,
            ("适用范围，原样同标准表", "the scope, as the table has it"),
        ),
        Column::optional("grade", &["级别"], Holds::Text, ("级别，如 1A", "the grade, 1A")),
        Column::optional(
            "limit_max",
            &["许可限值", "limit"],
            Holds::Number(""),
            ("许可证上限，优先于标准", "the permit's upper limit; goes before the standard"),
        ),
        Column::optional(
            "limit_min",
            &[],
            Holds::Number(""),
            ("许可证下限（如 pH）", "the permit's lower limit, of pH"),
        ),
        Column::optional(
            "moisture",
            &["含湿量"],
            Holds::Number("%"),
            ("烟气含湿量（湿基换算干基）", "moisture of the gas"),
        ),
        Column::optional(
            "oxygen",
            &["含氧量", "O2"],
            Holds::Number("%"),
            ("实测含氧量", "measured oxygen"),
        ),
        Column::optional(
            "reference_oxygen",
            &["基准氧含量"],
            Holds::Number("%"),
            ("基准氧含量", "reference oxygen"),
        ),
        Column::optional(
            "source",
            &["源类型"],
            Holds::Text,
            (
                "源类型，用于查基准氧含量，如 燃煤锅炉",
                "the kind of source, to look the reference up",
            ),
        ),
    ],
    gives: &[
        Given::new("converted", Gives::Number, ("折算浓度", "the concentration judged")),
        Given::new("limit_shown", Gives::Text, ("限值", "the limit")),
        Given::new("unit", Gives::Text, ("单位", "its unit")),
        Given::new("exceeds", Gives::Truth, ("是否超标", "whether it is exceeded")),
        Given::new("multiple", Gives::Number, ("超标倍数", "the multiple over the limit")),
        Given::new("edition", Gives::Text, ("依据", "the edition and clause")),
        Given::new("confidence", Gives::Text, ("限值可信度", "how sure the limit is")),
        Given::new("reason", Gives::Text, ("不能评价的原因", "why there is no verdict")),
    ],
    clauses: &[
        "GB 18918-2002, GB 8978-1996, GB 13223-2011, GB 13271-2014, GB 16297-1996, DB35/1869-2019",
        "GB 13271-2014 5.2, GB 13223-2011: reference oxygen",
        "the value is rounded by GB/T 8170 to the decimals of the limit (from memory)",
    ],
    standards: &["GB18918", "GB8978", "GB13223", "GB13271", "GB16297", "DB35-1869"],
    together: Together::Nothing,
    example: "outlet,date,item,value,standard,scope,grade,oxygen,source,limit_max\n\
              DW001,2026-06-01,COD,52.3,GB18918,town sewage plant,1A,,,\n\
              DA001,2026-06-01,二氧化硫,38,,,,11.2,燃煤锅炉,50\n",
    work: Work::Rows(judge),
};

/// Above this oxygen a conversion says nothing: a guard from practice, not of the standard.
const MEANINGFUL_BELOW: i64 = 19;

type Lookup = fn(&str, &str, &str, Date) -> Result<EmissionLimit, NotComputable>;

const STANDARDS: [(&str, Lookup); 6] = [
    ("GB18918", gb18918_town_sewage_plants::limit),
    ("GB8978", gb8978_integrated_wastewater::limit),
    ("GB13223", gb13223_thermal_power::limit),
    ("GB13271", gb13271_boilers::limit),
    ("GB16297", gb16297_integrated_air::limit),
    ("DB35-1869", db35_1869_rural_sewage::limit),
];

fn judge<'row>(settings: &Settings, row: &Row<'row>) -> Result<Vec<Cell<'row>>, Problem> {
    let item = row.wanted_text("item")?;
    let value = row.number("value")?;
    let own = (row.number("limit_min")?, row.number("limit_max")?);
    let on = row.judged_on(settings, &METHOD)?;
    let limit = match (own, row.one_of("standard", &STANDARDS)?) {
        ((low, Some(high)), _) => {
            let unit = row.unit(settings, "limit_max").unwrap_or_default();
            Ok(permitted(low, high, unit))
        }
        (_, Some(lookup)) => {
            let text = |name| row.text(name).unwrap_or("*");
            lookup(item, text("scope"), text("grade"), on).map(Against::from)
        }
        _ => {
            let cure = "Fill in `standard` (with scope and grade) or `limit_max`.";
            return Err(row.problem("standard", "there is no limit to judge by", cure));
        }
    };
    let unit = limit.as_ref().map_or("", |limit| &limit.unit);
    let value = value.map(|value| row.in_unit(settings, "value", value, unit)).transpose()?;
    let converted = match value.map(|value| convert(row, value, on)).transpose()? {
        None => Err(NotComputable::Missing { what: Text::fixed("浓度", "the concentration") }),
        Some(converted) => converted,
    };
    Ok(cells(item, converted, limit))
}

/// The concentration at dry basis and reference oxygen, where the columns are there.
fn convert(
    row: &Row<'_>,
    value: Decimal,
    on: Date,
) -> Result<Result<Decimal, NotComputable>, Problem> {
    let dried = match row.number("moisture")? {
        Some(moisture) => dry(value, moisture),
        None => Ok(value),
    };
    let Some(oxygen) = row.number("oxygen")? else { return Ok(dried) };
    let reference = match (row.number("reference_oxygen")?, row.text("source")) {
        (Some(reference), _) => Ok(reference),
        (None, Some(kind)) => reference_of(kind, on).map(|judged| judged.value),
        (None, None) => {
            let cure = "Fill in `reference_oxygen`, or `source` to look it up.";
            return Err(row.problem("oxygen", "there is no reference oxygen", cure));
        }
    };
    Ok(dried.and_then(|dried| {
        at_reference(dried, oxygen, reference?, MEANINGFUL_BELOW.into()).map(|judged| judged.value)
    }))
}

/// What a value is compared with.
struct Against {
    bound: Result<EmissionBound, NotComputable>,
    unit: String,
    by: Citation,
    confidence: Confidence,
}

impl From<EmissionLimit> for Against {
    fn from(limit: EmissionLimit) -> Self {
        let EmissionLimit { bound, unit, by, confidence, .. } = limit;
        Self { bound, unit: unit.to_owned(), by, confidence }
    }
}

/// A limit of the file itself.
fn permitted(low: Option<Decimal>, high: Decimal, unit: &str) -> Against {
    let bound = low.map_or(Bound::AtMost(high), |low| Bound::Within(low, high));
    let by = Citation {
        standard: "排污许可证".into(),
        edition: "排污许可证限值".into(),
        clause: "".into(),
        source: "".into(),
    };
    let bound = Ok(EmissionBound::Number(bound));
    Against { bound, unit: unit.to_owned(), by, confidence: Confidence::Certain }
}

fn cells(
    item: &str,
    converted: Result<Decimal, NotComputable>,
    limit: Result<Against, NotComputable>,
) -> Vec<Cell<'static>> {
    let shown =
        Cell::number(converted.as_ref().ok().map(|value| round_half_even(*value, 6).normalize()));
    let none = || Cell::None;
    let limit = match limit {
        Ok(limit) => limit,
        Err(why) => {
            return vec![shown, none(), none(), none(), none(), none(), none(), reason(&why)];
        }
    };
    let bound = match &limit.bound {
        Ok(EmissionBound::Number(Bound::AtMost(high))) => format!("≤{high}"),
        Ok(EmissionBound::Number(Bound::Within(low, high))) => format!("{low}–{high}"),
        Ok(EmissionBound::NotDetected) => "不得检出".to_owned(),
        Err(_) => String::new(),
    };
    let (exceeds, multiple, why) = match converted.and_then(|value| verdict(item, value, &limit)) {
        Ok((exceeds, multiple)) => (Cell::Truth(exceeds), Cell::number(multiple), Cell::None),
        Err(why) => (Cell::None, Cell::None, reason(&why)),
    };
    let by = limit.by.text().zh;
    let confidence = if limit.confidence == Confidence::Certain {
        Cell::None
    } else {
        Cell::Text(limit.confidence.text().zh)
    };
    vec![
        shown,
        if bound.is_empty() { none() } else { Cell::text(bound) },
        if limit.unit.is_empty() { none() } else { Cell::text(limit.unit.clone()) },
        exceeds,
        multiple,
        Cell::text(by.trim().to_owned()),
        confidence,
        why,
    ]
}

fn verdict(
    item: &str,
    value: Decimal,
    limit: &Against,
) -> Result<(bool, Option<Decimal>), NotComputable> {
    let bound = match limit.bound.clone()? {
        EmissionBound::NotDetected => return Ok((!value.is_zero(), None)),
        EmissionBound::Number(bound) => bound,
    };
    let limit = Limit {
        factor: Text::plain(item),
        unit: limit.unit.clone().into(),
        period: Period::Day,
        bound,
        by: limit.by.clone(),
        confidence: limit.confidence,
    };
    let judged = permit_limit::judge(&limit, &Measured::usable(value), Comparison::default())?;
    Ok((judged.value.exceeds, judged.value.multiple))
}
