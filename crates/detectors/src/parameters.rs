//! The parameters of the detectors: a dated table, because no standard sets them, and whoever is
//! pointed at may ask by what.

use jiff::civil::Date;
use rulebook::{Confidence, Table, Text};
use std::sync::LazyLock;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::load("detectors/parameters", include_str!("parameters.csv"), &["name"])
        .expect("the table shipped with this crate is sound")
});

/// A parameter with who sets it, for a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, `stuck.hours`; what stands before the point is its detector.
    pub name: &'static str,
    /// Its value as written.
    pub value: &'static str,
    /// Its unit; empty for a pure number.
    pub unit: &'static str,
    /// What it means.
    pub meaning: Text,
    /// Who sets it.
    pub source: &'static str,
    /// How sure that is.
    pub confidence: Confidence,
}

/// The dated table, for browsing.
pub fn table() -> &'static Table {
    &TABLE
}

/// The parameters in force on a day, in the order of the table.
pub fn parameters(on: Date) -> Vec<Parameter> {
    let table: &'static Table = &TABLE;
    let parameter = |row| Parameter {
        name: table.cell(row, "name"),
        value: table.cell(row, "value"),
        unit: table.cell(row, "unit"),
        meaning: Text::fixed(table.cell(row, "meaning_zh"), table.cell(row, "meaning_en")),
        source: table.cell(row, "source"),
        confidence: Confidence::parse(table.cell(row, "confidence")).unwrap_or(Confidence::Unknown),
    };
    table.in_force(on).map(parameter).collect()
}

/// Makes the fields and reads each from the row of its name.
macro_rules! fields {
    ($($(#[$meaning:meta])* $field:ident = $name:literal,)*) => {
        /// The numbers by which the detectors decide, as in force on one day.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Parameters {
            $($(#[$meaning])* pub $field: f64,)*
        }

        impl Parameters {
            #[cfg(test)]
            const NAMES: &[&str] = &[$($name),*];

            fn read(value: impl Fn(&str) -> f64) -> Self {
                Self { $($field: value($name),)* }
            }
        }
    };
}

fields! {
    /// A flow below this share of its median counts as a source that stands still.
    running_share = "running.share",
    /// So many equal hours in a row are looked at.
    stuck_hours = "stuck.hours",
    /// So many equal minute values in a row are looked at.
    stuck_minutes = "stuck.minutes",
    /// So many runs of that length may be expected by chance in what is looked at.
    stuck_chance = "stuck.chance",
    /// The lowest value returned to so often is a floor of the instrument.
    stuck_floor_visits = "stuck.floor_visits",
    /// The window in hours.
    narrow_hours = "narrow.hours",
    /// Below this a value remembers nothing of the one before it: what is left is noise.
    narrow_memory = "narrow.memory",
    /// The share of the usual change below which noise is narrow.
    narrow_change = "narrow.change",
    /// The share of the usual span within the window below which noise is narrow.
    narrow_range = "narrow.range",
    /// The share of the usual change below which anything is narrow.
    narrow_smooth_change = "narrow.smooth_change",
    /// The share of the usual span below which anything is narrow.
    narrow_smooth_range = "narrow.smooth_range",
    /// The span over the level below which it is narrow whatever is usual.
    narrow_absolute = "narrow.absolute",
    /// Units of the last digit that the level must have to be looked at.
    narrow_units = "narrow.units",
    /// The share of the limit from which the values are looked at.
    clipped_from = "clipped.from",
    /// The share of the limit up to which values beyond it are counted.
    clipped_to = "clipped.to",
    /// The chance at which so few values beyond the limit are a sign.
    clipped_chance = "clipped.chance",
    /// So many equal largest values are a cut.
    clipped_tops = "clipped.tops",
    /// Oxygen above this belongs to air, per cent.
    relation_oxygen = "relation.oxygen",
    /// So many hours in a row must be impossible.
    relation_hours = "relation.hours",
    /// Points of oxygen above what belongs to the flow that are a sign.
    relation_dilution = "relation.dilution",
    /// By how many scales of its usual scatter a relation must be off.
    relation_scales = "relation.scales",
    /// By which share a part may exceed the whole.
    relation_tolerance = "relation.tolerance",
    /// By which share the conversion to the reference oxygen may change.
    relation_conversion = "relation.conversion",
    /// By which factor flow over load may change.
    relation_load = "relation.load",
    /// So many values must repeat in a row.
    repeated_values = "repeated.values",
    /// Two values are equal when they differ by less than this share of the usual scatter.
    repeated_tolerance = "repeated.tolerance",
    /// So many repetitions of that length may be expected by chance.
    repeated_chance = "repeated.chance",
    /// The level after over the level before that is a jump.
    calibration_change = "calibration.change",
    /// By how many scales of the usual change it must be off.
    calibration_scales = "calibration.scales",
    /// The share of the limit within which a jump may be drift.
    calibration_least = "calibration.least",
    /// Hours before and after that are compared.
    calibration_hours = "calibration.hours",
    /// The share of values that counts as high.
    silence_top = "silence.top",
    /// The chance at which so many silences after high values are a sign.
    silence_chance = "silence.chance",
    /// Minutes by which a clock must be wrong.
    clock_minutes = "clock.minutes",
    /// So many packets in a row must be wrong.
    clock_packets = "clock.packets",
    /// So many hours must agree.
    copied_hours = "copied.hours",
    /// The correlation of the changes from hour to hour that is a sign.
    copied_correlation = "copied.correlation",
    /// By how many scales of chance the correlation must be off.
    copied_scales = "copied.scales",
    /// The largest shift in hours.
    copied_lag = "copied.lag",
    /// The chance at which so uneven last digits are a sign.
    digits_chance = "digits.chance",
    /// The share of values that would have to have another last digit.
    digits_distance = "digits.distance",
    /// So many days of inspection are needed.
    inspection_days = "inspection.days",
    /// The chance at which so low values on them are a sign.
    inspection_chance = "inspection.chance",
    /// The level on them over the level else below which it is a sign.
    inspection_drop = "inspection.drop",
    /// How much each detector counts in the ranking.
    weight_stuck = "weight.stuck",
    /// The same of [`crate::Detector::Narrow`].
    weight_narrow = "weight.narrow",
    /// The same of [`crate::Detector::Clipped`].
    weight_clipped = "weight.clipped",
    /// The same of [`crate::Detector::Relation`].
    weight_relation = "weight.relation",
    /// The same of [`crate::Detector::Repeated`].
    weight_repeated = "weight.repeated",
    /// The same of [`crate::Detector::Calibration`].
    weight_calibration = "weight.calibration",
    /// The same of [`crate::Detector::Silence`].
    weight_silence = "weight.silence",
    /// The same of [`crate::Detector::Clock`].
    weight_clock = "weight.clock",
    /// The same of [`crate::Detector::Copied`].
    weight_copied = "weight.copied",
    /// The same of [`crate::Detector::Digits`].
    weight_digits = "weight.digits",
    /// The same of [`crate::Detector::Inspection`].
    weight_inspection = "weight.inspection",
}

impl Parameters {
    /// The parameters in force on a day; before the first, those of the first.
    ///
    /// # Panics
    /// When the table that is shipped lacks one of them, which a test excludes.
    pub fn on(day: Date) -> Self {
        let mut rows = parameters(day);
        if rows.is_empty() {
            rows = parameters(Self::first_day());
        }
        let value = |name: &str| {
            let row = rows.iter().find(|row| row.name == name);
            row.and_then(|row| row.value.parse().ok()).expect("every parameter is in the table")
        };
        Self::read(value)
    }

    /// The first day of the table.
    pub fn first_day() -> Date {
        jiff::civil::date(2020, 1, 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_parameter_is_in_the_table_and_every_row_is_used() {
        let rows = parameters(Parameters::first_day());
        let names: BTreeSet<_> = rows.iter().map(|row| row.name).collect();
        assert_eq!(names, Parameters::NAMES.iter().copied().collect());
        for row in &rows {
            assert!(row.value.parse::<f64>().is_ok_and(f64::is_finite), "{}", row.name);
            assert!(!row.meaning.zh.is_empty() && !row.meaning.en.is_empty(), "{}", row.name);
            assert!(!row.source.is_empty(), "{}", row.name);
        }
        let ancient = Parameters::on(jiff::civil::date(1999, 1, 1));
        assert_eq!(ancient, Parameters::on(Parameters::first_day()));
    }
}
