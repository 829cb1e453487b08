//! What is published of a station's hour, for the log.

use super::rules::{FACTORS, RULE_HOUR, concentrations_of};
use evaluation::Verdict;
use observations::Row;
use registry::{PointKind, Snapshot};
use rulebook::{Decimal, Period, Text};
use standards::air::Pollutant;
use standards::air::hj633_air_quality_index::Item;
use transparency::{Part, Publication};

/// Index and concentrations of an hour, as `/air/stations/{code}/hour.csv` has them.
pub struct StationHour;

impl Publication for StationHour {
    fn kind(&self) -> PointKind {
        PointKind::AirStation
    }

    fn period(&self) -> Period {
        Period::Hour
    }

    fn rule(&self) -> &'static str {
        RULE_HOUR
    }

    fn edition(&self) -> u32 {
        1
    }

    fn parts(&self) -> Vec<Part> {
        let index = Part::number("aqi", Text::same("AQI"));
        let pollutants = FACTORS.iter().map(|(of, code)| Part::number(code, of.name()));
        std::iter::once(index).chain(pollutants).collect()
    }

    fn values(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        verdict: Option<&Verdict>,
    ) -> Vec<Option<Decimal>> {
        let air = concentrations_of(snapshot, row);
        let index = verdict.and_then(|verdict| verdict.value);
        let concentrations =
            FACTORS.iter().map(|(of, _)| Item::of(*of, 1).and_then(|item| air.get(item)));
        std::iter::once(index).chain(concentrations).collect()
    }
}

/// The factor's code under which a pollutant comes.
pub(super) fn factor_code(pollutant: Pollutant) -> Option<&'static str> {
    FACTORS.iter().find(|(of, _)| *of == pollutant).map(|(_, code)| *code)
}
