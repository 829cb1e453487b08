//! From hours to days and from stations to a city.

use rulebook::{Decimal, NotComputable, Text};

use super::{Parameters, mean};

/// Returns the daily mean of a station from the 24 hours labelled 01 to 24.
///
/// # Standard
/// GB 3095 3 (daily mean) and table 4: at least 20 valid hours.
///
/// # Formula
/// The arithmetic mean of the valid hours, not rounded.
///
/// # Not computable
/// [`NotComputable::TooFew`] below the fewest hours of the parameters.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::air::hj663_ambient_air_assessment::{Parameters, daily_mean};
/// let parameters = Parameters::in_force(date(2026, 6, 1)).unwrap();
/// let mut hours = [Some(Decimal::from(40)); 24];
/// hours[..4].fill(None);
/// assert_eq!(daily_mean(&hours, &parameters), Ok(Decimal::from(40)));
/// hours[4] = None;
/// assert!(daily_mean(&hours, &parameters).is_err());
/// ```
pub fn daily_mean(
    hours: &[Option<Decimal>; 24],
    parameters: &Parameters,
) -> Result<Decimal, NotComputable> {
    enough_mean(hours, parameters.hours_of_a_day, Text::fixed("有效小时", "valid hours"))
}

/// Returns the 8 h mean labelled by its last hour.
///
/// # Standard
/// GB 3095 3 and table 4: at least 6 valid hours of the 8.
///
/// # Not computable
/// [`NotComputable::TooFew`] below the fewest hours of the parameters.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::air::hj663_ambient_air_assessment::{Parameters, eight_hour_mean};
/// let parameters = Parameters::in_force(date(2026, 6, 1)).unwrap();
/// let mut hours = [Some(Decimal::from(80)); 8];
/// hours[..2].fill(None);
/// assert_eq!(eight_hour_mean(&hours, &parameters), Ok(Decimal::from(80)));
/// hours[2] = None;
/// assert!(eight_hour_mean(&hours, &parameters).is_err());
/// ```
pub fn eight_hour_mean(
    hours: &[Option<Decimal>; 8],
    parameters: &Parameters,
) -> Result<Decimal, NotComputable> {
    enough_mean(hours, parameters.hours_of_8, Text::fixed("有效小时", "valid hours"))
}

/// Returns the daily maximum 8 h mean of ozone from the 24 hours labelled 01 to 24.
///
/// # Standard
/// HJ 663-2013 and HJ 663-2026, 6.1.2.
///
/// # Formula
/// The largest of the valid 8 h means labelled 08 to 24; each lies within the day.
///
/// # Units
/// `limit` is the daily limit in the unit of the hours: GB 3095 in force.
///
/// # Not computable
/// [`NotComputable::TooFew`] with fewer than 14 valid 8 h means, unless the largest exceeds the
/// limit.
///
/// # Note
/// That the labels begin at 08 is from memory.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::air::hj663_ambient_air_assessment::{Parameters, daily_maximum_8_hours};
/// let parameters = Parameters::in_force(date(2026, 6, 1)).unwrap();
/// let mut hours = [Some(Decimal::from(60)); 24];
/// hours[10..18].fill(Some(Decimal::from(170)));
/// let largest = daily_maximum_8_hours(&hours, Decimal::from(160), &parameters);
/// assert_eq!(largest, Ok(Decimal::from(170)));
/// ```
pub fn daily_maximum_8_hours(
    hours: &[Option<Decimal>; 24],
    limit: Decimal,
    parameters: &Parameters,
) -> Result<Decimal, NotComputable> {
    let first = parameters.first_window.clamp(8, 24) as usize;
    let windows = (first..=24).filter_map(|label| {
        let window = hours[label - 8..label].try_into().ok()?;
        eight_hour_mean(window, parameters).ok()
    });
    let (mut counted, mut largest) = (0, None);
    for value in windows {
        counted += 1;
        largest = largest.max(Some(value));
    }
    let wanted = parameters.windows_of_a_day;
    match largest {
        Some(largest) if counted >= wanted || largest > limit => Ok(largest),
        _ => {
            let what = Text::fixed("有效 8 小时平均", "valid 8 h means");
            Err(NotComputable::TooFew { what, counted, wanted })
        }
    }
}

/// Returns the value of a city from those of its stations: hour, day or daily maximum alike.
///
/// # Standard
/// HJ 663-2013, city evaluation.
///
/// # Formula
/// The arithmetic mean of the valid stations, not rounded. Ozone of a city is the mean of the
/// stations' maxima, not the maximum of the city's series.
///
/// # Not computable
/// [`NotComputable::TooFew`] with less than 75 % of the stations, 50 % where there are fewer than
/// four.
///
/// # Note
/// The shares are from memory; those of 2026 are not known and carried over.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::air::hj663_ambient_air_assessment::{Parameters, city_value};
/// let parameters = Parameters::in_force(date(2026, 6, 1)).unwrap();
/// let stations = [Some(Decimal::from(30)), Some(Decimal::from(40)), None];
/// assert_eq!(city_value(&stations, &parameters), Ok(Decimal::from(35)));
/// assert!(city_value(&stations[1..], &parameters).is_ok());
/// assert!(city_value(&stations[2..], &parameters).is_err());
/// ```
pub fn city_value(
    stations: &[Option<Decimal>],
    parameters: &Parameters,
) -> Result<Decimal, NotComputable> {
    let all = stations.len() as u32;
    let percent = if all < parameters.few_stations_below {
        parameters.stations_percent_few
    } else {
        parameters.stations_percent
    };
    let wanted = (all * percent).div_ceil(100).max(1);
    enough_mean(stations, wanted, Text::fixed("有效站点", "valid stations"))
}

fn enough_mean(
    values: &[Option<Decimal>],
    wanted: u32,
    what: Text,
) -> Result<Decimal, NotComputable> {
    let counted = values.iter().flatten().count() as u32;
    if counted < wanted {
        return Err(NotComputable::TooFew { what, counted, wanted });
    }
    mean(values.iter().flatten().copied())
}
