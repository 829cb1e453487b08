//! The outlet as the registry has it, for a month's record.

use crate::error::ValidityError;
use crate::inputs::{FactorSetup, FlowSetup, LimitRow, ReferenceOxygen, Setup};
use crate::month::Month;
use crate::rules;
use registry::{
    Factor, FactorId, Limit, LimitBound, Medium, MonitoringPoint, PointDetail, PointId, PointKind,
    Snapshot,
};
use rulebook::{Decimal, Period};
use std::collections::{BTreeSet, HashMap};
use store::Store;

/// Where a city says what reference oxygen its outlets have.
const OXYGEN_FILE: &str = "rules/reference_oxygen.csv";

const PH: &str = "w01001";
const OXYGEN: &str = "a19001";
const GAS_FLOW: &str = "a00000";
const WATER_FLOW: &str = "w00000";

/// What the city's files say beside the registry.
#[derive(Clone, Debug, Default)]
pub(crate) struct CityRules {
    oxygen: HashMap<String, ReferenceOxygen>,
}

impl CityRules {
    /// Reads them from the store; a city without such a file knows no reference oxygen.
    pub(crate) async fn read(store: &Store) -> Result<Self, ValidityError> {
        let file = registry::store::city_file(store, OXYGEN_FILE).await?;
        Ok(file.map_or_else(Self::default, |bytes| Self::of(&bytes)))
    }

    /// Rows `outlet,percent,source`; a row that says nothing usable is left out.
    fn of(bytes: &[u8]) -> Self {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(bytes);
        let mut oxygen = HashMap::new();
        for row in reader.records().flatten() {
            let cell = |place: usize| row.get(place).unwrap_or_default();
            let percent = cell(1).parse::<Decimal>().ok();
            let percent =
                percent.filter(|percent| *percent >= Decimal::ZERO && *percent < Decimal::from(21));
            if let Some(percent) = percent {
                let source = cell(2).to_owned();
                oxygen.insert(cell(0).to_owned(), ReferenceOxygen { percent, source });
            } else {
                tracing::warn!(
                    outlet = cell(0),
                    "a row of {OXYGEN_FILE} has no percentage from 0 to below 21"
                );
            }
        }
        Self { oxygen }
    }
}

/// The setup of an outlet.
pub(crate) fn setup_of(
    snapshot: &Snapshot,
    city: &CityRules,
    point: PointId,
) -> Result<Setup, ValidityError> {
    let none = || ValidityError::NoOutlet(point);
    let listed = snapshot.point(point).ok_or_else(none)?;
    let medium = medium_of(listed).ok_or_else(none)?;
    let mut sent = BTreeSet::new();
    let (mut minute, mut hour): (Option<u32>, Option<u32>) = (None, None);
    let shorter = |held: Option<u32>, other: Option<u32>| {
        let other = other.filter(|interval| *interval > 0);
        held.map_or(other, |held| Some(other.map_or(held, |other| held.min(other))))
    };
    for device in snapshot.devices_of(point) {
        sent.extend(device.factors.iter().copied());
        minute = shorter(minute, device.minute_interval_min);
        hour = shorter(hour, device.hour_interval_h);
    }
    let has = |code: &str| {
        let factor = snapshot.factor_by_code(code)?;
        sent.contains(&factor.id).then_some(factor)
    };
    let flow = has(if medium == Medium::Gas { GAS_FLOW } else { WATER_FLOW });
    let short = |number: Option<u32>| number.and_then(|number| u16::try_from(number).ok());
    Ok(Setup {
        medium,
        factors: judged(snapshot, medium, point, &sent),
        flow: flow.and_then(|factor| {
            let cubic_metres_an_hour = cubic_metres_an_hour(&factor.unit)?;
            Some(FlowSetup { factor: factor.id, cubic_metres_an_hour })
        }),
        oxygen: has(OXYGEN).filter(|_| medium == Medium::Gas).map(|factor| factor.id),
        reference_oxygen: city.oxygen.get(&listed.code).cloned(),
        minute_interval_min: short(minute),
        hour_interval_h: short(hour),
        valid_from: listed.valid_from,
        valid_to: listed.valid_to,
    })
}

fn medium_of(point: &MonitoringPoint) -> Option<Medium> {
    match &point.detail {
        PointDetail::Outlet(outlet) => Some(outlet.medium),
        PointDetail::AirStation(_) | PointDetail::WaterSection(_) => None,
    }
}

/// The factors that are judged: concentrations of mass, pH, and whatever has a limit.
fn judged(
    snapshot: &Snapshot,
    medium: Medium,
    point: PointId,
    sent: &BTreeSet<FactorId>,
) -> Vec<FactorSetup> {
    let mut all = sent.clone();
    let limits = snapshot.limits_of(point);
    all.extend(limits.iter().map(|limit| limit.factor));
    let row = |id: FactorId| -> Option<FactorSetup> {
        let factor: &Factor = snapshot.factor(id)?;
        let is_mass = is_mass(medium, factor.unit_at(PointKind::Outlet));
        let is_apart = factor.code == PH;
        let has_limit = limits.iter().any(|limit| limit.factor == id);
        let is_judged = is_mass || is_apart || has_limit;
        is_judged.then(|| FactorSetup {
            factor: id,
            code: factor.code.clone(),
            is_mass,
            is_apart,
            plausible: rules::plausible(&factor.code, is_mass),
        })
    };
    all.into_iter().filter_map(row).collect()
}

fn is_mass(medium: Medium, unit: &str) -> bool {
    match medium {
        Medium::Gas => matches!(unit, "mg/m³" | "mg/m3"),
        Medium::Water => unit == "mg/L",
    }
}

/// What one unit of a flow is in m3 an hour.
fn cubic_metres_an_hour(unit: &str) -> Option<Decimal> {
    match unit {
        "L/s" => Some(Decimal::new(36, 1)),
        "m³/s" | "m3/s" => Some(Decimal::from(3600)),
        "m³/h" | "m3/h" => Some(Decimal::ONE),
        _ => None,
    }
}

/// The limits of an outlet that bind on a day of the month, in an order of their own.
pub(crate) fn limits_of(snapshot: &Snapshot, point: PointId, month: Month) -> Vec<LimitRow> {
    let (first, last) = (month.first_day(), month.last_day());
    let binds = |limit: &&Limit| {
        limit.valid_from <= last
            && limit.valid_to.is_none_or(|to| first <= to)
            && matches!(limit.period, Period::Hour | Period::Day)
    };
    let row = |limit: &Limit| LimitRow {
        factor: limit.factor,
        period: limit.period,
        bound: limit.bound.clone(),
        on_converted: limit.on_converted,
        valid_from: limit.valid_from,
        valid_to: limit.valid_to,
        source: limit.source.clone(),
    };
    let mut rows: Vec<LimitRow> = snapshot.limits_of(point).iter().filter(binds).map(row).collect();
    let bound = |row: &LimitRow| match row.bound {
        LimitBound::AtMost(most) => (Decimal::MIN, most),
        LimitBound::Within(least, most) => (least, most),
    };
    rows.sort_by(|one, other| {
        let key = |row: &LimitRow| (row.factor, row.period, row.valid_from, row.valid_to);
        key(one)
            .cmp(&key(other))
            .then_with(|| one.source.cmp(&other.source))
            .then_with(|| bound(one).cmp(&bound(other)))
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_city_says_what_reference_oxygen_its_outlets_have() {
        let text = "# comment\noutlet,percent,source\nDEMO/DA001, 9 ,GB 13271-2014 5.2\n\
                    DEMO/DA002,25,impossible\nDEMO/DA003,,none\n";
        let rules = CityRules::of(text.as_bytes());
        let found = rules.oxygen.get("DEMO/DA001").map(|row| (row.percent, row.source.as_str()));
        assert_eq!(found, Some((Decimal::from(9), "GB 13271-2014 5.2")));
        assert_eq!(rules.oxygen.len(), 1);
    }

    #[test]
    fn a_flow_is_told_in_cubic_metres_an_hour() {
        assert_eq!(cubic_metres_an_hour("L/s"), Some(Decimal::new(36, 1)));
        assert_eq!(cubic_metres_an_hour("m³/s"), Some(Decimal::from(3600)));
        assert_eq!(cubic_metres_an_hour("t/d"), None);
    }
}
