//! Suite `surface-water`: classes of samples, rounding, grades of basins and sea areas, trophic
//! state, as published.
//!
//! Columns: `id`, `kind` (`class_rt2020`, `class_rt2026`, `round`, `basin_grade`, `sea_E`,
//! `sea_grade`, `tli_level`, `tli_total`), `waterbody`, `values`, the items `pH`, `DO`, `CODMn`,
//! `NH3N`, `TP`, `TN`, `T`, and `expected`. A list of anomalies has `dataset`, `station`, `time`,
//! `published`, the items and `why` instead.

use std::collections::BTreeMap;

use rulebook::{Decimal, NotComputable, round_half_even, round_half_even_keeping_first_digit};

use super::{Cells, Records, Report, each_record};
use crate::sea::{eutrophication::eutrophication, nearshore_assessment};
use crate::water::gb3838_surface_water::{Class, Item, Method, Sample, WaterBody, class_of_sample};
use crate::water::surface_water_assessment::{self, grade_of_basin};
use crate::water::trophic_state::{Level, Parameter, index_of_lake};

/// Runs the records of a CSV text; those tagged as anomalies are reported apart.
///
/// # Example
/// ```
/// let text = "id,kind,waterbody,pH,DO,CODMn,NH3N,TP,expected,tag\n\
///             W1,class_rt2020,river,7.5,4.995,2,0.1,0.02,IV,\n\
///             W2,class_rt2020,river,7.5,5.00,2,0.1,0.02,IV,\n";
/// let report = standards::conformance::surface_water::run(text);
/// assert_eq!(report.failures, ["W2 FAIL expected IV got III"]);
/// ```
pub fn run(text: &str) -> Report {
    let records = Records::read(text);
    if records.lacks(&["dataset", "station", "published", "why"]).is_none() {
        return anomalies(&records);
    }
    each_record(text, &["id", "kind", "expected"], |cells| {
        let got = check(&|column| cells.of(column))?;
        Ok((cells.of("expected").to_owned(), got))
    })
}

/// A list of published classes known not to follow from the published values: each is reported
/// apart with its reason.
fn anomalies(records: &Records) -> Report {
    let mut report = Report { failures: records.problems.clone(), ..Report::default() };
    for row in &records.rows {
        let cells = Cells { records, row };
        let id = format!("{} {}", cells.of("station"), cells.of("time"));
        let method = match cells.of("dataset") {
            "2020" => Ok(Method::NATIONAL_REAL_TIME_2020),
            "2026" => Ok(Method::NATIONAL_REAL_TIME_2026),
            other => Err(format!("unknown data set {other:?}")),
        };
        let published = Class::parse(cells.of("published"))
            .ok_or_else(|| format!("unknown class {:?}", cells.of("published")));
        let cell = |column: &str| cells.of(column);
        match method.and_then(|method| Ok((published?, class(&cell, method)?))) {
            Ok((published, got)) => {
                report.compare(&id, published.as_str(), &got, Some(cells.of("why")));
            }
            Err(why) => report.refuse(&id, &why),
        }
    }
    report
}

fn check<'row>(cell: &impl Fn(&str) -> &'row str) -> Result<String, String> {
    match cell("kind") {
        "class_rt2020" => class(cell, Method::NATIONAL_REAL_TIME_2020),
        "class_rt2026" => class(cell, Method::NATIONAL_REAL_TIME_2026),
        "round" => rounded(cell),
        "basin_grade" => basin_grade(&parts(cell("values"))?),
        "sea_E" => sea_index(&parts(cell("values"))?),
        "sea_grade" => sea_grade(&parts(cell("values"))?),
        "tli_level" => trophic_level(&parts(cell("values"))?),
        "tli_total" => trophic_total(&parts(cell("values"))?, cell("expected")),
        other => Err(format!("unknown kind {other:?}")),
    }
}

fn class<'row>(cell: &impl Fn(&str) -> &'row str, method: Method) -> Result<String, String> {
    let mut sample = Sample::default();
    for item in Item::ALL {
        sample = sample.with_option(item, number(cell(item.as_str()))?);
    }
    let of = |body| match class_of_sample(method, body, &sample).class {
        Ok(class) => class.as_str().to_owned(),
        Err(_) => "NA".to_owned(),
    };
    match cell("waterbody") {
        "either" | "" => {
            let (river, lake) = (of(WaterBody::River), of(WaterBody::Lake));
            Ok(if river == lake { river } else { format!("{river} as river, {lake} as lake") })
        }
        word => {
            let body =
                WaterBody::parse(word).ok_or_else(|| format!("unknown water body {word:?}"))?;
            Ok(of(body))
        }
    }
}

/// The value stands in column `T`, the item in `station`, the usual decimals in `values`.
fn rounded<'row>(cell: &impl Fn(&str) -> &'row str) -> Result<String, String> {
    let value = number(cell("T"))?.ok_or_else(|| "column T is empty".to_owned())?;
    let named = Item::parse(cell("station")).and_then(Item::published_decimals);
    let places = match (named, cell("station"), cell("values").rsplit(' ').next()) {
        (Some(places), _, _) => places,
        // Conductivity and turbidity are shown with one decimal but have no limit.
        (None, "EC" | "TURB", _) => 1,
        (None, _, Some(places)) => {
            places.parse().map_err(|_| "no usual decimals in column values".to_owned())?
        }
        (None, _, None) => return Err("no usual decimals".to_owned()),
    };
    Ok(round_half_even_keeping_first_digit(value, places).to_string())
}

pub(super) fn number(cell: &str) -> Result<Option<Decimal>, String> {
    match cell {
        "" | "*" | "--" | "-" | "—" => Ok(None),
        text => text
            .parse()
            .or_else(|_| Decimal::from_scientific(text))
            .map(Some)
            .map_err(|_| format!("{text:?} is no number")),
    }
}

/// The parts of a cell `I=15.9; II=31.0`.
fn parts(cell: &str) -> Result<BTreeMap<String, Decimal>, String> {
    cell.split(';')
        .filter(|part| !part.trim().is_empty())
        .map(|part| {
            let (name, value) =
                part.split_once('=').ok_or_else(|| format!("no \"=\" in {part:?}"))?;
            let value = number(value.trim().trim_end_matches('%'))?
                .ok_or_else(|| format!("no value in {part:?}"))?;
            Ok((name.trim().to_owned(), value))
        })
        .collect()
}

fn wanted(parts: &BTreeMap<String, Decimal>, name: &str) -> Result<Decimal, String> {
    parts.get(name).copied().ok_or_else(|| format!("column values lacks {name}"))
}

fn told<T>(found: Result<T, NotComputable>, tell: impl FnOnce(T) -> String) -> String {
    found.map_or_else(|reason| format!("NA ({reason})"), tell)
}

/// Shares may be given for single classes or for ranges such as `I-III`; what a range leaves open
/// is the rest to 100 %.
fn basin_grade(parts: &BTreeMap<String, Decimal>) -> Result<String, String> {
    let sum = |names: &[&str]| -> Option<Decimal> {
        names.iter().map(|name| parts.get(*name).copied()).sum()
    };
    let inferior_given = sum(&["infV"]).or_else(|| sum(&["inf"]));
    let polluted =
        sum(&["IV-V"]).or_else(|| sum(&["IV", "V"])).or_else(|| sum(&["IV"])).unwrap_or_default();
    let good = sum(&["I-III"])
        .or_else(|| sum(&["I-II", "III"]))
        .or_else(|| sum(&["I", "II", "III"]))
        .or_else(|| inferior_given.map(|inferior| Decimal::ONE_HUNDRED - inferior - polluted))
        .ok_or_else(|| "column values lacks the share of classes I to III".to_owned())?;
    let inferior = inferior_given
        .unwrap_or_else(|| (Decimal::ONE_HUNDRED - good - polluted).max(Decimal::ZERO));
    let shares = surface_water_assessment::Shares { good, inferior };
    Ok(told(grade_of_basin(shares), |verdict| verdict.value.name.zh.into_owned()))
}

fn sea_index(parts: &BTreeMap<String, Decimal>) -> Result<String, String> {
    let part = |name| wanted(parts, name);
    let found = eutrophication(part("COD")?, part("DIN")?, part("PO4P")?);
    let shown = |index: Decimal| round_half_even(index, 1).normalize().to_string();
    Ok(told(found, |verdict| shown(verdict.value.index)))
}

fn sea_grade(parts: &BTreeMap<String, Decimal>) -> Result<String, String> {
    let part = |name| wanted(parts, name);
    let shares = nearshore_assessment::Shares {
        first: part("I")?,
        second: part("II")?,
        third: part("III")?,
        fourth: part("IV")?,
        inferior: part("inf")?,
    };
    let found = nearshore_assessment::grade_of_sea_area(shares);
    Ok(told(found, |verdict| verdict.value.zh.into_owned()))
}

fn trophic_level(parts: &BTreeMap<String, Decimal>) -> Result<String, String> {
    wanted(parts, "TLI").map(|index| Level::of(index).name().zh.into_owned())
}

/// Published totals were made from unrounded parts: one unit of their last digit is allowed.
fn trophic_total(parts: &BTreeMap<String, Decimal>, expected: &str) -> Result<String, String> {
    let indices = parts
        .iter()
        .map(|(name, index)| {
            let parameter = name.strip_prefix("TLI(").and_then(|name| name.strip_suffix(')'));
            let parameter = parameter.and_then(Parameter::parse);
            parameter.map(|one| (one, *index)).ok_or_else(|| format!("unknown parameter {name:?}"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(told(index_of_lake(&indices, 1), |verdict| {
        let (index, level) = verdict.value;
        let published = expected.split(' ').next().and_then(|index| index.parse::<Decimal>().ok());
        let near =
            published.is_some_and(|published| (published - index).abs() <= Decimal::new(1, 3));
        let shown = published.filter(|_| near).unwrap_or(index);
        format!("{shown} {}", level.name().zh)
    }))
}
