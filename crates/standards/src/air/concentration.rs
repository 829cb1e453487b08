//! A concentration that knows its unit, and a mean that knows its pollutant and period besides:
//! with them a milligram cannot pass for a microgram, nor an hour for a day.

use jiff::civil::Date;
use rulebook::{Decimal, Judged, NotComputable, Text};

use super::Pollutant;
use super::gb3095_ambient_air_quality::{self as gb3095, Averaging, Zone};
use super::hj633_air_quality_index::{self as hj633, Edition, IndividualIndex, Item};

/// A mass concentration in air with its unit (质量浓度).
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::air::{Concentration, Pollutant};
/// let monoxide = Concentration::micrograms(Decimal::from(1_700));
/// assert_eq!(monoxide.of(Pollutant::Co).unwrap().to_string(), "1.7");
/// assert_eq!("0.061 mg/m³".parse(), Ok(Concentration::milligrams(Decimal::new(61, 3))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concentration {
    value: Decimal,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Microgram,
    Milligram,
}

impl Concentration {
    /// So many micrograms in a cubic metre.
    pub const fn micrograms(value: Decimal) -> Self {
        Self { value, unit: Unit::Microgram }
    }

    /// So many milligrams in a cubic metre.
    pub const fn milligrams(value: Decimal) -> Self {
        Self { value, unit: Unit::Milligram }
    }

    /// The number in the unit in which the standards give a pollutant ([`Pollutant::unit`]).
    ///
    /// # Not computable
    /// [`NotComputable::Invalid`] for a number too large to hold.
    ///
    /// # Standard
    /// The units of GB 3095: CO in mg/m3, the others in ug/m3.
    ///
    /// # Example
    /// ```
    /// use rulebook::Decimal;
    /// use standards::air::{Concentration, Pollutant};
    /// let found = Concentration::milligrams(Decimal::new(61, 3)).of(Pollutant::Pm25);
    /// assert_eq!(found, Ok(Decimal::from(61)));
    /// ```
    pub fn of(self, pollutant: Pollutant) -> Result<Decimal, NotComputable> {
        let thousand = Decimal::ONE_THOUSAND;
        let turned = match (self.unit, pollutant) {
            (Unit::Microgram, Pollutant::Co) => self.value.checked_div(thousand),
            (Unit::Milligram, Pollutant::Co) | (Unit::Microgram, _) => Some(self.value),
            (Unit::Milligram, _) => self.value.checked_mul(thousand),
        };
        turned.map(|turned| turned.normalize()).ok_or_else(|| NotComputable::Invalid {
            what: pollutant.name(),
            why: Text::fixed("数值过大", "a number is too large"),
        })
    }
}

/// A text that is no concentration with its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcentrationError {
    /// The text as it came.
    pub text: String,
}

impl std::fmt::Display for ConcentrationError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?} is no concentration like 61 ug/m3 or 0.9 mg/m3", self.text)
    }
}

impl std::error::Error for ConcentrationError {}

impl std::str::FromStr for Concentration {
    type Err = ConcentrationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ConcentrationError { text: text.to_owned() };
        let plain = text.replace(['µ', 'μ'], "u").replace('³', "3");
        let (number, unit) = plain.trim().rsplit_once(' ').ok_or_else(wrong)?;
        let value = number.trim().parse().map_err(|_| wrong())?;
        match unit {
            "ug/m3" => Ok(Self::micrograms(value)),
            "mg/m3" => Ok(Self::milligrams(value)),
            _ => Err(wrong()),
        }
    }
}

impl std::fmt::Display for Concentration {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = match self.unit {
            Unit::Microgram => "ug/m3",
            Unit::Milligram => "mg/m3",
        };
        write!(formatter, "{} {unit}", self.value)
    }
}

/// A mean of a pollutant over a period of its own (某平均时间的浓度): what was measured, of what,
/// over how long, in one value.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::air::gb3095_ambient_air_quality::Zone;
/// use standards::air::hj633_air_quality_index::{Edition, Item};
/// use standards::air::{Concentration, Mean};
/// let day = Mean::new(Item::Pm25Day, Concentration::micrograms(Decimal::from(61)));
/// assert_eq!(day.individual_index(Edition::Hj633_2026).unwrap().index, 101);
/// assert!(!day.meets(Zone::II, date(2026, 6, 1)).unwrap().value);
/// // An hour of particles has no limit: it is not held against that of a day.
/// let hour = Mean::new(Item::Pm25Hour, Concentration::micrograms(Decimal::from(61)));
/// assert!(hour.meets(Zone::II, date(2026, 6, 1)).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mean {
    item: Item,
    concentration: Concentration,
}

impl Mean {
    /// A mean of an item.
    pub const fn new(item: Item, concentration: Concentration) -> Self {
        Self { item, concentration }
    }

    /// The pollutant with its averaging period.
    pub const fn item(self) -> Item {
        self.item
    }

    /// The number in the unit in which the standards give the pollutant.
    ///
    /// # Not computable
    /// As [`Concentration::of`].
    ///
    /// # Standard
    /// As [`Concentration::of`].
    ///
    /// # Example
    /// ```
    /// use standards::air::Mean;
    /// use standards::air::hj633_air_quality_index::Item;
    /// let hour = Mean::new(Item::CoHour, "900 ug/m3".parse().unwrap());
    /// assert_eq!(hour.value().unwrap().to_string(), "0.9");
    /// ```
    pub fn value(self) -> Result<Decimal, NotComputable> {
        self.concentration.of(self.item.pollutant())
    }

    /// The individual index.
    ///
    /// # Standard
    /// As [`hj633::individual_index`].
    ///
    /// # Not computable
    /// As [`hj633::individual_index`] and [`Concentration::of`].
    ///
    /// # Example
    /// ```
    /// use standards::air::hj633_air_quality_index::{Edition, Item};
    /// use standards::air::Mean;
    /// let day = Mean::new(Item::CoDay, "2200 ug/m3".parse().unwrap());
    /// assert_eq!(day.individual_index(Edition::Hj633_2026).unwrap().index, 55);
    /// ```
    pub fn individual_index(self, edition: Edition) -> Result<IndividualIndex, NotComputable> {
        hj633::individual_index(edition, self.item, self.value()?)
    }

    /// Whether it meets the limit in force.
    ///
    /// # Standard
    /// As [`gb3095::meets`].
    ///
    /// # Not computable
    /// As [`gb3095::meets`]: there is no limit for an hour of particles, and that of 8 h is for the
    /// day's maximum of ozone.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use standards::air::gb3095_ambient_air_quality::Zone;
    /// use standards::air::hj633_air_quality_index::Item;
    /// use standards::air::Mean;
    /// let day = Mean::new(Item::Pm10Day, "0.13 mg/m3".parse().unwrap());
    /// let meets = |on| day.meets(Zone::II, on).unwrap().value;
    /// assert!(meets(date(2026, 2, 28)) && !meets(date(2026, 3, 1)));
    /// ```
    pub fn meets(self, zone: Zone, on: Date) -> Result<Judged<bool>, NotComputable> {
        let averaging = match self.item.hours() {
            1 => Averaging::Hour,
            8 => Averaging::DailyMaximumOfEightHours,
            _ => Averaging::Day,
        };
        gb3095::meets(self.item.pollutant().as_str(), averaging, zone, self.value()?, on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_turned_exactly_and_written_back() {
        for (text, pollutant, wanted) in [
            ("61 ug/m3", Pollutant::Pm25, "61"),
            ("0.061 mg/m³", Pollutant::Pm25, "61"),
            ("1.7 mg/m3", Pollutant::Co, "1.7"),
            ("850 µg/m³", Pollutant::Co, "0.85"),
        ] {
            let read: Concentration = text.parse().expect("a concentration");
            assert_eq!(read.of(pollutant).map(|value| value.to_string()), Ok(wanted.to_owned()));
            assert_eq!(read.to_string().parse(), Ok(read));
        }
        for wrong in ["61", "61 ppb", "few ug/m3", "", "ug/m3", "61ug/m3"] {
            assert!(wrong.parse::<Concentration>().is_err(), "{wrong}");
        }
        let huge = Concentration::milligrams(Decimal::MAX);
        assert_eq!(huge.of(Pollutant::O3).expect_err("too large").code(), "judgement.invalid");
    }

    #[test]
    fn a_mean_is_judged_as_its_number_in_its_unit_and_period() {
        let on = jiff::civil::date(2026, 6, 1);
        for item in Item::ALL {
            let unit = item.pollutant().unit();
            let mean = Mean::new(item, format!("12 {unit}").parse().expect("a concentration"));
            let index = hj633::individual_index(Edition::Hj633_2026, item, Decimal::from(12));
            assert_eq!(mean.individual_index(Edition::Hj633_2026), index);
            let has_limit = !matches!(item, Item::Pm10Hour | Item::Pm25Hour);
            assert_eq!(mean.meets(Zone::II, on).is_ok(), has_limit, "{item:?}");
        }
    }
}
