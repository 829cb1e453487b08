//! Suite `air`: individual indices, daily and hourly indices of HJ 633.
//!
//! Columns: `id`, `standard` (or `edition`), `kind` (`iaqi`, `aqi_daily`, `aqi_hourly`), `item`,
//! `conc`, `so2`, `no2`, `co`, `o3`, `pm10`, `pm25`, `expected_iaqi`, `expected_aqi`,
//! `expected_primary`, `expected_iaqis`, `trust`.

use rulebook::{Decimal, NotComputable};

use super::{Report, each_record};
use crate::air::hj633_air_quality_index::{
    self as hj633, AirQuality, Concentrations, Edition, Item, Method,
};
use crate::air::{Pollutant, PollutantSet};

/// Runs the records of a CSV text; those marked `single_peer` or `disputed` are reported apart.
///
/// # Example
/// ```
/// let text = "id,standard,kind,item,conc,expected_iaqi,trust\n\
///             A1,HJ633-2026,iaqi,PM25_24H,75,114,consensus\n\
///             A2,HJ633-2026,iaqi,PM25_24H,75,100,consensus\n";
/// let report = standards::conformance::air::run(text);
/// assert_eq!(report.failures, ["A2 FAIL expected 100 got 114"]);
/// assert_eq!(report.summary(), "1 passed, 1 failed");
/// ```
pub fn run(text: &str) -> Report {
    each_record(text, &["id", "kind", "expected_iaqi"], |cells| check(&|column| cells.of(column)))
}

/// What one record expects and what the rules give, in the same words.
fn check<'row>(cell: &impl Fn(&str) -> &'row str) -> Result<(String, String), String> {
    let name = if cell("standard").is_empty() { cell("edition") } else { cell("standard") };
    let edition = Edition::parse(name).ok_or_else(|| format!("unknown standard {name:?}"))?;
    match cell("kind") {
        "iaqi" => {
            let word = cell("item");
            let item = Item::parse(word).ok_or_else(|| format!("unknown item {word:?}"))?;
            let concentration =
                number(cell("conc"))?.ok_or_else(|| "column conc is empty".to_owned())?;
            let found = hj633::individual_index(edition, item, concentration);
            Ok((cell("expected_iaqi").to_owned(), shown(found.map(|found| found.index).as_ref())))
        }
        "aqi_daily" => whole(cell, Method::as_written(edition, hj633::Report::Daily)),
        "aqi_hourly" => whole(cell, Method::as_written(edition, hj633::Report::Hourly)),
        other => Err(format!("unknown kind {other:?}")),
    }
}

fn whole<'row>(
    cell: &impl Fn(&str) -> &'row str,
    method: Method,
) -> Result<(String, String), String> {
    let hourly = method.report() == hj633::Report::Hourly;
    let moving = hourly && method.edition() == Edition::Hj633_2012;
    let item = |hour, day| if hourly { hour } else { day };
    let particles = |hour, day| if hourly && !moving { hour } else { day };
    let columns = [
        ("so2", item(Item::So2Hour, Item::So2Day)),
        ("no2", item(Item::No2Hour, Item::No2Day)),
        ("co", item(Item::CoHour, Item::CoDay)),
        ("o3", item(Item::O3Hour, Item::O3EightHours)),
        ("pm10", particles(Item::Pm10Hour, Item::Pm10Day)),
        ("pm25", particles(Item::Pm25Hour, Item::Pm25Day)),
    ];
    let mut air = Concentrations::default();
    for (column, item) in columns {
        air = air.with_option(item, number(cell(column))?);
    }
    let found = hj633::air_quality_index(method, &air);
    let mut expected =
        format!("{} {}", cell("expected_aqi"), primary_of(cell("expected_primary"))?.symbols(";"));
    let mut got = format!("{} {}", shown(found.index.as_ref()), found.primary.symbols(";"));
    if !cell("expected_iaqis").is_empty() {
        expected = format!("{expected} {}", cell("expected_iaqis"));
        got = format!("{got} {}", individual_in_order(&found, cell("expected_iaqis")));
    }
    Ok((expected.trim().to_owned(), got.trim().to_owned()))
}

/// The individual indices as `SO2=5;NO2=13`, in the order of the record.
fn individual_in_order(found: &AirQuality, order: &str) -> String {
    let of = |part: &str| {
        let symbol = part.split('=').next().unwrap_or("");
        let Some(pollutant) = Pollutant::parse(symbol) else { return format!("{symbol}=?") };
        let own = found.of(pollutant).as_ref().map(|found| &found.index);
        format!("{symbol}={}", shown(own))
    };
    order.split(';').map(of).collect::<Vec<_>>().join(";")
}

fn shown<Index: std::borrow::Borrow<u16>>(found: Result<Index, &NotComputable>) -> String {
    found.map_or_else(|_| "NA".to_owned(), |index| index.borrow().to_string())
}

fn primary_of(cell: &str) -> Result<PollutantSet, String> {
    cell.split([';', ',', '/'])
        .map(str::trim)
        .filter(|symbol| !symbol.is_empty() && *symbol != "NA")
        .map(|symbol| {
            Pollutant::parse(symbol).ok_or_else(|| format!("unknown pollutant {symbol:?}"))
        })
        .collect()
}

fn number(cell: &str) -> Result<Option<Decimal>, String> {
    match cell {
        "" | "NA" | "-" | "—" => Ok(None),
        text => text
            .parse()
            .or_else(|_| Decimal::from_scientific(text))
            .map(Some)
            .map_err(|_| format!("{text:?} is no number")),
    }
}
