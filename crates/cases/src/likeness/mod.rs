//! Whether two reports tell of the same thing (疑似重复), and what repeats often enough to be a key
//! case (重点件). The numbers are a dated table: ours, since no text gives any.

use crate::{CaseError, Place};
use jiff::Timestamp;
use rulebook::{Decimal, Table, Text, beijing_offset};
use std::sync::LazyLock;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::load("likeness", include_str!("parameters.csv"), &["parameter"])
        .expect("the table shipped is sound")
});

/// The numbers in force on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parameters {
    /// Two places further apart are not compared, metres.
    pub(crate) distance_m: u32,
    /// Two reports further apart in time are not compared, days.
    pub(crate) days: u32,
    /// Words in common, thousandths: fewer tell nothing.
    pub(crate) similarity: u32,
    /// Earlier complaints count as far back, days.
    pub(crate) repeat_days: u32,
    /// A complaint without enterprise repeats another within this distance, metres.
    pub(crate) repeat_distance_m: u32,
    /// So many complaints of one matter make a key case.
    pub(crate) repeat_count: u32,
}

impl Parameters {
    /// The numbers in force at a time.
    pub(crate) fn at(now: Timestamp) -> Result<Self, CaseError> {
        let day = beijing_offset().to_datetime(now).date();
        let value = |name: &str| {
            let row = TABLE.in_force(day).find(|row| TABLE.cell(row, "parameter") == name);
            let value = row.and_then(|row| TABLE.decimal(row, "value").ok().flatten());
            value.ok_or_else(|| {
                CaseError::Stored(format!("the table of likeness has no {name} on {day}"))
            })
        };
        let whole = |value: Decimal| u32::try_from(value.trunc()).unwrap_or(u32::MAX);
        Ok(Self {
            distance_m: whole(value("duplicate.distance")?),
            days: whole(value("duplicate.days")?),
            similarity: whole(value("duplicate.similarity")? * Decimal::ONE_THOUSAND),
            repeat_days: whole(value("repeat.days")?),
            repeat_distance_m: whole(value("repeat.distance")?),
            repeat_count: whole(value("repeat.count")?),
        })
    }
}

/// The mean radius of the earth, metres.
const EARTH_M: f64 = 6_371_008.8;

fn degrees(value: Decimal) -> f64 {
    f64::try_from(value).unwrap_or(f64::NAN)
}

/// How far apart two places are on the sphere (haversine), metres; `None` for a place that is
/// none.
pub(crate) fn distance_m(one: &Place, other: &Place) -> Option<u32> {
    let radians = |value: Decimal| degrees(value).to_radians();
    let (north, south) = (radians(one.latitude), radians(other.latitude));
    let east = radians(one.longitude) - radians(other.longitude);
    let half = ((north - south) / 2.0).sin().powi(2)
        + north.cos() * south.cos() * (east / 2.0).sin().powi(2);
    let metres = 2.0 * EARTH_M * half.clamp(0.0, 1.0).sqrt().asin();
    metres.is_finite().then_some(metres.round() as u32)
}

/// Cells are a hundredth of a degree: some 1.1 km from south to north.
const CELLS_A_DEGREE: f64 = 100.0;
const CELLS_AROUND: i64 = 100_000;

/// The cell of the grid in which a place lies: what the store finds it by.
pub(crate) fn cell(place: &Place) -> Option<i64> {
    let (row, column) = row_and_column(place)?;
    Some(row * CELLS_AROUND + column)
}

/// The cells that hold everything within a distance of a place.
pub(crate) fn cells_around(place: &Place, distance_m: u32) -> Vec<i64> {
    let Some((row, column)) = row_and_column(place) else { return Vec::new() };
    let metres_a_cell = EARTH_M.to_radians() / CELLS_A_DEGREE;
    let cells = |width: f64| ((f64::from(distance_m) / width).ceil() as i64).clamp(1, 20);
    let narrowing = degrees(place.latitude).to_radians().cos().max(0.05);
    let (rows, columns) = (cells(metres_a_cell), cells(metres_a_cell * narrowing));
    let around = |row: i64| (column - columns..=column + columns).map(move |column| (row, column));
    (row - rows..=row + rows)
        .flat_map(around)
        .map(|(row, column)| row * CELLS_AROUND + column)
        .collect()
}

fn row_and_column(place: &Place) -> Option<(i64, i64)> {
    let (north, east) = (degrees(place.latitude), degrees(place.longitude));
    let is_on_earth = (-90.0..=90.0).contains(&north) && (-180.0..=180.0).contains(&east);
    is_on_earth.then(|| {
        let cell = |value: f64| (value * CELLS_A_DEGREE).floor() as i64;
        (cell(north + 90.0), cell(east + 180.0))
    })
}

/// What two reports have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Likeness {
    /// Metres between their places.
    pub(crate) distance_m: Option<u32>,
    /// Hours between them.
    pub(crate) hours_apart: u32,
    /// Words in common, thousandths.
    pub(crate) similarity: u32,
    /// Whether they name the same enterprise.
    pub(crate) same_enterprise: bool,
    /// Whether the same person reported both.
    pub(crate) same_reporter: bool,
}

impl Likeness {
    /// Why the other is shown; empty: it is not.
    pub(crate) fn reasons(&self, parameters: &Parameters) -> Vec<Text> {
        let mut reasons = Vec::new();
        if self.hours_apart > parameters.days.saturating_mul(24) {
            return reasons;
        }
        if self.same_enterprise {
            reasons.push(Text::fixed("涉及同一企业", "about the same enterprise"));
        }
        if let Some(metres) = self.distance_m.filter(|metres| *metres <= parameters.distance_m) {
            reasons.push(Text::new(
                format!("相距 {metres} 米"),
                format!("{metres} m from each other"),
            ));
        }
        if self.similarity >= parameters.similarity {
            let (whole, tenth) = (self.similarity / 10, self.similarity % 10);
            reasons.push(Text::new(
                format!("用词重合 {whole}.{tenth}%"),
                format!("{whole}.{tenth}% of their words in common"),
            ));
        }
        if self.same_reporter {
            reasons.push(Text::fixed("同一反映人", "from the same reporter"));
        }
        if !reasons.is_empty() {
            let hours = self.hours_apart;
            reasons.push(Text::new(format!("相隔 {hours} 小时"), format!("{hours} h apart")));
        }
        reasons
    }

    /// The likelier, the larger: words count most, then the enterprise, nearness, the reporter,
    /// and how soon one followed the other.
    pub(crate) fn rank(&self, parameters: &Parameters) -> u32 {
        let share = |part: u32, whole: u32| 1000 - (part.min(whole) * 1000) / whole.max(1);
        let near = self.distance_m.map_or(0, |metres| share(metres, parameters.distance_m));
        let soon = share(self.hours_apart, parameters.days.saturating_mul(24));
        self.similarity * 2
            + u32::from(self.same_enterprise) * 700
            + near
            + u32::from(self.same_reporter) * 300
            + soon / 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(longitude: &str, latitude: &str) -> Place {
        let number = |text: &str| text.parse().expect("a number");
        Place { longitude: number(longitude), latitude: number(latitude), address: String::new() }
    }

    fn parameters() -> Parameters {
        let now = "2026-11-29T00:00:00Z".parse().expect("a time");
        Parameters::at(now).expect("numbers in force")
    }

    #[test]
    fn numbers_are_those_of_the_day() {
        assert_eq!(parameters().distance_m, 1000);
        assert_eq!(parameters().similarity, 150);
        let before = "2020-01-01T00:00:00Z".parse().expect("a time");
        assert!(Parameters::at(before).is_err(), "none is in force before the table begins");
    }

    #[test]
    fn distances_are_those_of_the_sphere() {
        // A degree of a great circle is 111,195 m.
        let metres = |one: &Place, other: &Place| distance_m(one, other).expect("places");
        assert_eq!(metres(&place("117", "24"), &place("117", "25")), 111_195);
        assert_eq!(metres(&place("0", "0"), &place("1", "0")), 111_195);
        assert_eq!(metres(&place("117.6", "24.5"), &place("117.6", "24.5")), 0);
        let (here, there) = (place("117.6471", "24.5130"), place("117.6500", "24.5200"));
        assert_eq!(metres(&here, &there), metres(&there, &here));
    }

    #[test]
    fn cells_around_a_place_hold_everything_near() {
        let here = place("117.6471", "24.5130");
        let around = cells_around(&here, 1000);
        for step in 0..360_i32 {
            let angle = f64::from(step).to_radians();
            let metres = 111_195.0;
            let latitude = 24.5130 + 999.0 / metres * angle.sin();
            let longitude =
                117.6471 + 999.0 / (metres * 24.5130_f64.to_radians().cos()) * angle.cos();
            let there = place(&longitude.to_string(), &latitude.to_string());
            assert!(distance_m(&here, &there).expect("places") <= 1000);
            assert!(around.contains(&cell(&there).expect("on earth")), "{step}");
        }
        assert_eq!(cell(&place("117", "91")), None);
        assert!(cells_around(&place("200", "24"), 1000).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn what_is_near_lies_in_a_cell_around(
            longitude in 73.0..135.0_f64,
            latitude in 3.0..54.0_f64,
            east in -0.02..0.02_f64,
            north in -0.02..0.02_f64,
        ) {
            let here = place(&longitude.to_string(), &latitude.to_string());
            let there = place(&(longitude + east).to_string(), &(latitude + north).to_string());
            let metres = distance_m(&here, &there).expect("places");
            proptest::prop_assert_eq!(distance_m(&there, &here), Some(metres));
            let cell = cell(&there).expect("on earth");
            proptest::prop_assert!(cells_around(&here, metres).contains(&cell));
        }
    }

    #[test]
    fn a_report_is_shown_for_a_reason() {
        let parameters = parameters();
        let nothing = Likeness {
            distance_m: None,
            hours_apart: 2,
            similarity: 0,
            same_enterprise: false,
            same_reporter: false,
        };
        let cases = [
            (nothing, 0),
            (Likeness { distance_m: Some(1001), ..nothing }, 0),
            (Likeness { distance_m: Some(1000), ..nothing }, 2),
            (Likeness { similarity: 149, ..nothing }, 0),
            (Likeness { similarity: 150, ..nothing }, 2),
            (Likeness { same_enterprise: true, distance_m: Some(5), ..nothing }, 3),
            (Likeness { same_enterprise: true, hours_apart: 14 * 24 + 1, ..nothing }, 0),
        ];
        for (likeness, lines) in cases {
            assert_eq!(likeness.reasons(&parameters).len(), lines, "{likeness:?}");
        }
        let alike = Likeness { similarity: 600, ..nothing };
        let near = Likeness { distance_m: Some(10), ..nothing };
        assert!(alike.rank(&parameters) > near.rank(&parameters));
        assert!(near.rank(&parameters) > nothing.rank(&parameters));
    }
}
