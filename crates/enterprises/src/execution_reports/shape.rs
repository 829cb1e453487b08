//! The shape of a report: which outlets and factors its permit names.

use permits::{OutletMedium, PermitVersion, permitted_amount, permitted_amount_of_outlet};
use plausibility::{Field, Form, Key, Level, fields};
use registry::Snapshot;
use rulebook::{Decimal, Text};
use std::collections::{BTreeMap, BTreeSet};

use super::model::place;

/// The rows of a report.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    pub(crate) outlets: Vec<OutletRow>,
}

/// An outlet with its factors; without a number: the whole unit.
#[derive(Clone, Debug)]
pub(crate) struct OutletRow {
    pub(crate) number: Option<String>,
    pub(crate) name: Text,
    pub(crate) factors: Vec<FactorRow>,
}

/// A factor of an outlet.
#[derive(Clone, Debug)]
pub(crate) struct FactorRow {
    pub(crate) key: Key,
    pub(crate) name: Text,
    /// The unit of its concentration.
    pub(crate) unit: String,
    /// Decimals that its instrument shows.
    pub(crate) decimals: Option<u32>,
    /// The limit that holds always, or the widest of several.
    pub(crate) at_most: Option<Decimal>,
    pub(crate) at_least: Option<Decimal>,
    /// Tonnes that the permit allows in the year.
    pub(crate) permitted: Option<Decimal>,
    /// Whether it is weighed: pH and its like have no amount.
    pub(crate) has_amount: bool,
}

impl Shape {
    /// The outlets and factors of a permit: those with limits, those with amounts.
    pub(crate) fn of(version: &PermitVersion, snapshot: &Snapshot, year: i16) -> Self {
        let mut rows: BTreeMap<Option<String>, BTreeMap<String, FactorRow>> = BTreeMap::new();
        for outlet in &version.outlets {
            if matches!(outlet.medium, OutletMedium::Gas | OutletMedium::Water) {
                rows.entry(Some(outlet.number.clone())).or_default();
            }
        }
        for limit in &version.limits {
            // What holds at the boundary has no amount of its own.
            let Some(outlet) = &limit.outlet_number else { continue };
            let of = rows.entry(Some(outlet.clone())).or_default();
            let row = of
                .entry(limit.pollutant.clone())
                .or_insert_with(|| factor(version, snapshot, Some(outlet), &limit.pollutant, year));
            row.at_most = row.at_most.max(Some(limit.at_most));
            row.at_least = row.at_least.or(limit.at_least);
            if row.unit.is_empty() {
                row.unit.clone_from(&limit.unit);
            }
        }
        for amount in &version.amounts {
            let at_an_outlet = amount.outlet.is_none()
                && rows.values().any(|factors| factors.contains_key(&amount.pollutant));
            if at_an_outlet {
                continue;
            }
            let of = rows.entry(amount.outlet.clone()).or_default();
            of.entry(amount.pollutant.clone()).or_insert_with(|| {
                factor(version, snapshot, amount.outlet.as_deref(), &amount.pollutant, year)
            });
        }
        let name = |number: &Option<String>| match number {
            None => Text::fixed("全厂", "the whole unit"),
            Some(number) => {
                let known = version.outlets.iter().find(|outlet| outlet.number == *number);
                let name = known.map_or("", |outlet| outlet.name.as_str());
                Text::plain(format!("{number} {name}").trim_end())
            }
        };
        let outlets = rows.into_iter().map(|(number, factors)| OutletRow {
            name: name(&number),
            number,
            factors: factors.into_values().collect(),
        });
        let mut outlets: Vec<OutletRow> = outlets.collect();
        // The whole unit stands last.
        outlets.sort_by_key(|outlet| outlet.number.is_none());
        Self { outlets }
    }

    /// Every field of the report with its place, in the order of the form.
    pub(super) fn places(&self, is_year: bool) -> Vec<(Key, &'static Field)> {
        let mut places: Vec<_> = head_fields(is_year).map(|field| (Key::head(), field)).collect();
        for outlet in &self.outlets {
            if let Some(number) = &outlet.number {
                let key = Key::outlet(number.clone());
                places.extend(of_level(Level::Outlet).map(|field| (key.clone(), field)));
            }
            for factor in &outlet.factors {
                places.extend(factor.fields().map(|field| (factor.key.clone(), field)));
            }
        }
        places
    }

    /// The names of all fields of the report.
    pub(super) fn names(&self, is_year: bool) -> BTreeSet<String> {
        self.places(is_year).iter().map(|(key, field)| place(key, field.id)).collect()
    }

    /// All rows of factors.
    pub(super) fn factors(&self) -> impl Iterator<Item = &FactorRow> {
        self.outlets.iter().flat_map(|outlet| &outlet.factors)
    }
}

impl FactorRow {
    /// The fields that this row has.
    pub(super) fn fields(&self) -> impl Iterator<Item = &'static Field> + use<'_> {
        of_level(Level::Factor).filter(|field| self.has_amount || field.id != "amount")
    }
}

fn factor(
    version: &PermitVersion,
    snapshot: &Snapshot,
    outlet: Option<&str>,
    code: &str,
    year: i16,
) -> FactorRow {
    let known = snapshot.factor_by_code(code);
    let name = known.map_or_else(
        || Text::plain(code),
        |factor| Text::new(factor.name.zh.clone(), factor.name.en.clone()),
    );
    let unit = known.map_or_else(String::new, |factor| factor.unit.clone());
    let permitted = match outlet {
        Some(outlet) => permitted_amount_of_outlet(version, outlet, code, year),
        None => permitted_amount(version, code, year),
    };
    let is_weighed = ["mg/", "µg/", "ug/", "ng/", "g/"].iter().any(|it| unit.starts_with(it));
    FactorRow {
        key: Key { outlet: outlet.map(str::to_owned), factor: Some(code.to_owned()) },
        name,
        decimals: known.map(|factor| factor.decimals),
        unit,
        at_most: None,
        at_least: None,
        has_amount: is_weighed || permitted.is_some(),
        permitted,
    }
}

/// The seven items that only a yearly report has (年报另加的七项内容).
const YEARLY: [&str; 7] = [
    "production_notes",
    "facility_notes",
    "self_monitoring_notes",
    "ledger_notes",
    "disclosure_notes",
    "management_notes",
    "other_notes",
];

/// The fields of the whole report. The day of filing is known and not asked.
pub(super) fn head_fields(is_year: bool) -> impl Iterator<Item = &'static Field> {
    of_level(Level::Head)
        .filter(|field| field.id != "filed_on")
        .filter(move |field| is_year || !YEARLY.contains(&field.id))
}

/// The fields of a level.
pub(super) fn of_level(level: Level) -> impl Iterator<Item = &'static Field> {
    fields(Form::ExecutionReport).iter().filter(move |field| field.level == level)
}
