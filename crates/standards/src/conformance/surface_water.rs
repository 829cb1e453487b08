//! Suite `surface-water`: classes of samples and rounding as published.
//!
//! Columns: `id`, `kind` (`class_rt2020`, `class_rt2026`, `round`), `waterbody`, `values`, the
//! items `pH`, `DO`, `CODMn`, `NH3N`, `TP`, `TN`, `T`, and `expected`.

use rulebook::Decimal;

use super::{Records, Report};
use crate::water::gb3838_surface_water::{
    Item, Method, Sample, WaterBody, class_of_sample, shown_with,
};

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
    let mut report = Report { failures: records.problems.clone(), ..Report::default() };
    if let Some(problem) = records.lacks(&["id", "kind", "expected"]) {
        report.failures.push(problem);
        return report;
    }
    for row in &records.rows {
        let cell = |column: &str| records.cell(row, column);
        let tag = cell("tag");
        let apart = ["anomaly", "disputed", "circular"].iter().find(|word| tag.contains(**word));
        match check(&cell) {
            Ok(got) => report.compare(cell("id"), cell("expected"), &got, apart.copied()),
            Err(why) => report.refuse(cell("id"), &why),
        }
    }
    report
}

fn check<'row>(cell: &impl Fn(&str) -> &'row str) -> Result<String, String> {
    match cell("kind") {
        "class_rt2020" => class(cell, Method::NATIONAL_REAL_TIME_2020),
        "class_rt2026" => class(cell, Method::NATIONAL_REAL_TIME_2026),
        "round" => rounded(cell),
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
    Ok(shown_with(value, places).to_string())
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
