//! Days that are left out of the statistics: dust that was deducted, exceptional events (例外事件).
//!
//! What was measured is always kept beside what is used, with the reason and who decided. Which
//! events count, and how they are shown to be exceptional, is in the text of HJ 663-2026, which was
//! not obtained: an exclusion therefore brings its own citation.

use jiff::civil::Date;
use rulebook::{Citation, Decimal, NotComputable, Text};

use super::DaySeries;
use crate::air::hj633_air_quality_index::{
    AirQuality, Concentrations, Item, Method, NotMonitored, air_quality_index,
};
use crate::air::{Pollutant, PollutantSet};

/// A decision that values of a day do not count (剔除).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// Why: dust, an exceptional event.
    pub why: Text,
    /// The decision and who made it.
    pub by: Citation,
}

/// A day of which some pollutants do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionalDay {
    /// The day.
    pub day: Date,
    /// The pollutants whose values do not count.
    pub pollutants: PollutantSet,
    /// The decision.
    pub exclusion: Exclusion,
}

/// A daily value with what became of it: the measured value is never lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayValue {
    /// The day.
    pub day: Date,
    /// What was measured.
    pub measured: Option<Decimal>,
    /// Why it does not count, where it does not.
    pub excluded: Option<Exclusion>,
}

impl DayValue {
    /// The value that the statistics use.
    ///
    /// # Standard
    /// As [`exclude`].
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use rulebook::Decimal;
    /// use standards::air::hj663_ambient_air_assessment::DayValue;
    /// let measured = Some(Decimal::from(40));
    /// let day = DayValue { day: date(2025, 4, 14), measured, excluded: None };
    /// assert_eq!(day.used(), measured);
    /// ```
    pub fn used(&self) -> Option<Decimal> {
        self.measured.filter(|_| self.excluded.is_none())
    }
}

/// Sets the decisions beside the daily values of a pollutant.
///
/// # Standard
/// 环办监测〔2016〕120号 for dust; HJ 663-2026 for exceptional events, whose text was not obtained.
/// In practice whole days of PM10 and PM2.5 were blanked on 205 of 211 city-days seen, PM10 alone
/// on the others.
///
/// # Formula
/// A value whose day and pollutant a decision names does not count; every value stays.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Citation, Decimal, Text};
/// use standards::air::hj663_ambient_air_assessment::{ExceptionalDay, Exclusion, exclude};
/// use standards::air::Pollutant;
/// let dust = ExceptionalDay {
///     day: date(2025, 4, 14),
///     pollutants: [Pollutant::Pm10, Pollutant::Pm25].into_iter().collect(),
///     exclusion: Exclusion {
///         why: Text::fixed("沙尘天气过程", "a dust event"),
///         by: Citation {
///             standard: "环办监测〔2016〕120号".into(),
///             edition: "环办监测〔2016〕120号".into(),
///             clause: "".into(),
///             source: "decision of the national station".into(),
///         },
///     },
/// };
/// let days = [(date(2025, 4, 14), Some(Decimal::from(310)))];
/// let found = exclude(Pollutant::Pm10, &days, &[dust]);
/// assert_eq!((found[0].measured, found[0].used()), (Some(Decimal::from(310)), None));
/// ```
pub fn exclude(
    pollutant: Pollutant,
    days: &DaySeries,
    decisions: &[ExceptionalDay],
) -> Vec<DayValue> {
    let of = |day: Date| {
        let named = |one: &&ExceptionalDay| one.day == day && one.pollutants.contains(pollutant);
        decisions.iter().find(named).map(|one| one.exclusion.clone())
    };
    let value = |(day, measured): &(Date, Option<Decimal>)| DayValue {
        day: *day,
        measured: *measured,
        excluded: of(*day),
    };
    days.iter().map(value).collect()
}

/// Returns the index of a day as measured, and that of the pollutants that still count.
///
/// # Standard
/// As published for Guangdong, 2023 to 2026: of 211 city-days with dust deducted the index was
/// that of the other pollutants on 165, the original one was kept on 46; both are returned.
///
/// # Formula
/// The second index is made as if the pollutants left out were not monitored by plan.
///
/// # Not computable
/// In each index as [`air_quality_index`].
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::air::Pollutant;
/// use standards::air::hj633_air_quality_index::{Concentrations, Item, Method};
/// use standards::air::hj663_ambient_air_assessment::index_without;
/// let day = Concentrations::default()
///     .with(Item::O3EightHours, Decimal::from(158))
///     .with(Item::No2Day, Decimal::from(51))
///     .with(Item::So2Day, Decimal::from(6))
///     .with(Item::CoDay, Decimal::ONE)
///     .with(Item::Pm10Day, Decimal::from(420))
///     .with(Item::Pm25Day, Decimal::from(80));
/// let dust = [Pollutant::Pm10, Pollutant::Pm25].into_iter().collect();
/// let (measured, after) = index_without(Method::PUBLISHED_DAILY_2012, &day, dust);
/// assert_eq!((measured.index, after.index), (Ok(300), Ok(99)));
/// ```
pub fn index_without(
    method: Method,
    air: &Concentrations,
    pollutants: PollutantSet,
) -> (AirQuality, AirQuality) {
    let mut rest = air.clone();
    for pollutant in pollutants.iter() {
        rest = rest.without(pollutant, NotMonitored::Harmless);
        for hours in [1, 8, 24] {
            if let Some(item) = Item::of(pollutant, hours) {
                rest = rest.with_option(item, None);
            }
        }
    }
    (air_quality_index(method, air), air_quality_index(method, &rest))
}

/// What is not known of exceptional events, as a reason.
///
/// # Standard
/// HJ 663-2026 defines exceptional events (例外事件) and what they ask for; its text was not
/// obtained, so nothing here decides which days are exceptional.
///
/// # Example
/// ```
/// use standards::air::hj663_ambient_air_assessment::events_not_obtained;
/// assert_eq!(events_not_obtained().code(), "judgement.not_obtained");
/// ```
pub fn events_not_obtained() -> NotComputable {
    NotComputable::NotObtained {
        what: Text::fixed("HJ 663-2026 例外事件", "HJ 663-2026 on exceptional events"),
    }
}
