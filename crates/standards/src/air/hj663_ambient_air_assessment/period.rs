//! From days to months, quarters and years: means, percentiles, attainment, good days.

use jiff::civil::Date;
use rulebook::{
    Decimal, Input, Judged, NotComputable, Rounding, RoundingRule, Text, round_half_even,
};

use super::Parameters;
use crate::air::Pollutant;
use crate::air::gb3095_ambient_air_quality::{Averaging, Zone, limit};

/// Returns the arithmetic mean, not rounded.
///
/// # Standard
/// GB 3095-2026 3: means of months, quarters and years are means of the daily means.
///
/// # Not computable
/// [`NotComputable::Missing`] without values; [`NotComputable::Invalid`] when the sum is too
/// large to hold.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::air::hj663_ambient_air_assessment::mean;
/// assert_eq!(mean([1, 2, 4].map(Decimal::from)).unwrap().to_string()[..6], *"2.3333");
/// ```
pub fn mean(values: impl IntoIterator<Item = Decimal>) -> Result<Decimal, NotComputable> {
    let mut counted = 0_u64;
    let sum = values.into_iter().try_fold(Decimal::ZERO, |sum, value| {
        counted += 1;
        sum.checked_add(value)
    });
    match (sum, counted) {
        (_, 0) => Err(NotComputable::Missing { what: Text::fixed("数值", "every value") }),
        (Some(sum), _) => Ok(sum / Decimal::from(counted)),
        (None, _) => Err(NotComputable::Invalid {
            what: Text::fixed("平均值", "the mean"),
            why: Text::fixed("数值过大", "a number is too large"),
        }),
    }
}

/// Returns a percentile of values that need not be sorted, not rounded.
///
/// # Standard
/// HJ 663-2013 annex A.
///
/// # Formula
/// Sorted ascending `X(1..n)`: `k = 1 + (n - 1) p / 100`, `s = floor(k)`,
/// `m = X(s) + (X(s+1) - X(s)) (k - s)`; exact, in decimals.
///
/// # Not computable
/// [`NotComputable::Missing`] without values; [`NotComputable::Invalid`] for `p` above 100.
///
/// # Note
/// That 2026 keeps the formula is the practice of one regional software.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::air::hj663_ambient_air_assessment::percentile;
/// let days = [50, 10, 40, 20, 30].map(Decimal::from);
/// assert_eq!(percentile(&days, 90).unwrap(), Decimal::from(46));
/// assert_eq!(percentile(&days, 100).unwrap(), Decimal::from(50));
/// ```
pub fn percentile(values: &[Decimal], percent: u32) -> Result<Decimal, NotComputable> {
    if values.is_empty() {
        return Err(NotComputable::Missing { what: Text::fixed("数值", "every value") });
    }
    if percent > 100 {
        return Err(NotComputable::Invalid {
            what: Text::fixed("百分位数", "the percentile"),
            why: Text::fixed("大于 100", "above 100"),
        });
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let hundredths = (sorted.len() - 1) as u64 * u64::from(percent);
    let (place, rest) = ((hundredths / 100) as usize, hundredths % 100);
    let low = sorted[place];
    let Some(high) = sorted.get(place + 1).filter(|_| rest != 0) else { return Ok(low) };
    Ok(low + (*high - low) * Decimal::new(rest as i64, 2))
}

/// Daily values of one pollutant of one place; ozone by its daily maximum 8 h mean.
pub type DaySeries = [(Date, Option<Decimal>)];

/// The statistics of a period, rounded to the decimals of statistics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Days with a valid value.
    pub valid_days: u32,
    /// The mean of the daily values; `None` for CO and ozone, which have no annual limit.
    pub mean: Option<Decimal>,
    /// The percentile of the daily values.
    pub percentile: Decimal,
    /// Which percentile.
    pub percent: u32,
}

/// Returns mean and percentile of the valid days of a period.
///
/// # Standard
/// GB 3095 3 (means of daily means), HJ 663 table 1 and annex A.
///
/// # Not computable
/// [`NotComputable::Missing`] without a valid day.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::air::Pollutant;
/// use standards::air::hj663_ambient_air_assessment::{Parameters, statistics};
/// let first = date(2025, 1, 1);
/// let day = |number: i64| first.saturating_add(jiff::Span::new().days(number));
/// let days: Vec<_> = (0..365).map(|number| (day(number), Some(Decimal::from(33)))).collect();
/// let parameters = Parameters::in_force(date(2025, 12, 31)).unwrap();
/// let found = statistics(Pollutant::Pm25, &days, &parameters).unwrap();
/// assert_eq!((found.valid_days, found.mean), (365, Some(Decimal::from(33))));
/// ```
pub fn statistics(
    pollutant: Pollutant,
    days: &DaySeries,
    parameters: &Parameters,
) -> Result<Statistics, NotComputable> {
    let values: Vec<Decimal> = days.iter().filter_map(|(_, value)| *value).collect();
    let percent = parameters.percentile(pollutant);
    let places = parameters.statistics(pollutant);
    let has_mean = !matches!(pollutant, Pollutant::Co | Pollutant::O3);
    let whole = mean(values.iter().copied())?;
    Ok(Statistics {
        valid_days: values.len() as u32,
        mean: has_mean.then(|| round_half_even(whole, places)),
        percentile: round_half_even(percentile(&values, percent)?, places),
        percent,
    })
}

/// The evaluation of one pollutant of a year (年评价).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemEvaluation {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// Mean and percentile.
    pub statistics: Statistics,
    /// Whether the mean keeps the annual limit; `None` where there is none.
    pub mean_attains: Option<bool>,
    /// Whether the percentile keeps the daily limit.
    pub percentile_attains: bool,
    /// The multiple of the mean over its limit with two decimals, where it exceeds.
    pub mean_multiple: Option<Decimal>,
    /// The multiple of the percentile over its limit, where it exceeds.
    pub percentile_multiple: Option<Decimal>,
}

impl ItemEvaluation {
    /// Whether the pollutant attains: mean and percentile both.
    ///
    /// # Standard
    /// HJ 663-2013 (from memory): mean and percentile both.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use rulebook::Decimal;
    /// use standards::air::Pollutant;
    /// use standards::air::gb3095_ambient_air_quality::Zone;
    /// use standards::air::hj663_ambient_air_assessment::{Parameters, evaluate_year};
    /// let first = date(2025, 1, 1);
    /// let day = |number: i64| first.saturating_add(jiff::Span::new().days(number));
    /// let days: Vec<_> = (0..365).map(|number| (day(number), Some(Decimal::from(33)))).collect();
    /// let parameters = Parameters::in_force(date(2025, 12, 31)).unwrap();
    /// let on = date(2025, 12, 31);
    /// let found = evaluate_year(Pollutant::Pm25, &days, Zone::II, on, &parameters).unwrap();
    /// assert!(found.value.attains());
    /// ```
    pub fn attains(&self) -> bool {
        self.mean_attains.unwrap_or(true) && self.percentile_attains
    }
}

/// Returns whether a pollutant attains grade 2 in a calendar year.
///
/// # Standard
/// HJ 663-2013 6 and table 1; limits of GB 3095 in force on `limits_on`; fewest days of GB 3095
/// table 4: 324 a year, 27 in each month, 25 in February.
///
/// # Formula
/// Attains when the annual mean keeps the annual limit and the percentile keeps the 24 h limit
/// (ozone: daily maximum 8 h). Values are rounded to the decimals of evaluation before the
/// comparison; multiples `(C - S) / S` keep two decimals.
///
/// # Units
/// CO in mg/m3, the others in ug/m3.
///
/// # Not computable
/// [`NotComputable::TooFew`] when the year or one of its months has too few valid days.
///
/// # Note
/// `limits_on` is a parameter of its own: a year may be judged by the limits of another stage,
/// which answers "would it attain under the new limits". CO and ozone have no fewest days of
/// their own in GB 3095 table 4; the same are used (from memory).
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::air::Pollutant;
/// use standards::air::gb3095_ambient_air_quality::Zone;
/// use standards::air::hj663_ambient_air_assessment::{Parameters, evaluate_year};
/// let first = date(2025, 1, 1);
/// let day = |number: i64| first.saturating_add(jiff::Span::new().days(number));
/// let days: Vec<_> = (0..365).map(|number| (day(number), Some(Decimal::from(33)))).collect();
/// let parameters = Parameters::in_force(date(2025, 12, 31)).unwrap();
/// let attains = |limits_on| {
///     let found = evaluate_year(Pollutant::Pm25, &days, Zone::II, limits_on, &parameters);
///     found.unwrap().value.attains()
/// };
/// assert!(attains(date(2025, 12, 31)) && !attains(date(2026, 3, 1)));
/// ```
pub fn evaluate_year(
    pollutant: Pollutant,
    days: &DaySeries,
    zone: Zone,
    limits_on: Date,
    parameters: &Parameters,
) -> Result<Judged<ItemEvaluation>, NotComputable> {
    check_days(days, parameters)?;
    let statistics = statistics(pollutant, days, parameters)?;
    let daily = match pollutant {
        Pollutant::O3 => Averaging::DailyMaximumOfEightHours,
        _ => Averaging::Day,
    };
    let daily_limit = limit(pollutant.as_str(), daily, zone, limits_on)?;
    let annual_limit = match statistics.mean {
        Some(_) => Some(limit(pollutant.as_str(), Averaging::Year, zone, limits_on)?),
        None => None,
    };
    let places = parameters.evaluation(pollutant);
    let compare = |value: Decimal, limit: Decimal| {
        let value = round_half_even(value, places);
        let multiple = (value > limit).then(|| round_half_even((value - limit) / limit, 2));
        (value <= limit, multiple)
    };
    let (percentile_attains, percentile_multiple) =
        compare(statistics.percentile, daily_limit.limit);
    let mean = statistics.mean.zip(annual_limit.as_ref());
    let mean = mean.map(|(mean, annual)| compare(mean, annual.limit));
    let mut inputs = Vec::new();
    let unit = pollutant.unit();
    if let (Some(mean), Some(annual)) = (statistics.mean, &annual_limit) {
        inputs.push(Input::new(Text::fixed("年平均", "annual mean"), mean, unit));
        inputs.push(Input::new(Text::fixed("年平均限值", "annual limit"), annual.limit, unit));
    }
    let name = Text::new(
        format!("第 {} 百分位数", statistics.percent),
        format!("percentile {}", statistics.percent),
    );
    inputs.push(Input::new(name, statistics.percentile, unit));
    inputs.push(Input::new(Text::fixed("日限值", "daily limit"), daily_limit.limit, unit));
    Ok(Judged {
        value: ItemEvaluation {
            pollutant,
            statistics,
            mean_attains: mean.as_ref().map(|(attains, _)| *attains),
            percentile_attains,
            mean_multiple: mean.and_then(|(_, multiple)| multiple),
            percentile_multiple,
        },
        by: daily_limit.by,
        inputs,
        rounding: vec![Rounding {
            of: Text::fixed("年平均与百分位数", "mean and percentile"),
            how: RoundingRule::HalfEven(places),
        }],
        confidence: parameters.confidence.min(daily_limit.confidence),
    })
}

/// Whether a year has enough valid days, in all and in each of its months.
fn check_days(days: &DaySeries, parameters: &Parameters) -> Result<(), NotComputable> {
    let wanted = parameters.days_of_a_year;
    let counted = days.iter().filter(|(_, value)| value.is_some()).count() as u32;
    if counted < wanted {
        let what = Text::fixed("全年有效日", "valid days of the year");
        return Err(NotComputable::TooFew { what, counted, wanted });
    }
    (1..=12).try_for_each(|month| check_month(days, month, parameters))
}

/// Says whether a month has enough valid days for a mean: days of other months do not count.
///
/// # Standard
/// GB 3095 table 4: at least 27 daily means in each month of a year, 25 in February.
///
/// # Not computable
/// [`NotComputable::TooFew`] with fewer.
///
/// # Note
/// Table 4 asks this of the months of a year; that a mean of one month asks the same is taken from
/// it. CO and ozone are not named there; the same days are asked of them (from memory).
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::air::hj663_ambient_air_assessment::{Parameters, check_month};
/// let parameters = Parameters::in_force(date(2025, 5, 31)).unwrap();
/// let days: Vec<_> = (1..=26).map(|day| (date(2025, 5, day), Some(Decimal::TEN))).collect();
/// let reason = check_month(&days, 5, &parameters).unwrap_err();
/// assert_eq!(reason.to_string(), "too few valid days of month 5: 26 of the 27 wanted");
/// ```
pub fn check_month(
    days: &DaySeries,
    month: i8,
    parameters: &Parameters,
) -> Result<(), NotComputable> {
    let wanted = if month == 2 { parameters.days_of_february } else { parameters.days_of_a_month };
    let counts = |(day, value): &&(Date, Option<Decimal>)| value.is_some() && day.month() == month;
    let counted = days.iter().filter(counts).count() as u32;
    if counted < wanted {
        let what = Text::new(format!("{month} 月有效日"), format!("valid days of month {month}"));
        return Err(NotComputable::TooFew { what, counted, wanted });
    }
    Ok(())
}

/// Returns the share of valid days whose value keeps the daily limit, percent with one decimal
/// (日达标率).
///
/// # Standard
/// HJ 663-2013 (from memory): days that attain over valid days; the value of a day is rounded to
/// the decimals of evaluation first. Limits of GB 3095 in force on each day.
///
/// # Units
/// CO in mg/m3, the others in ug/m3; ozone by its daily maximum 8 h mean.
///
/// # Not computable
/// [`NotComputable::Missing`] without a valid day; as [`limit`] otherwise.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::air::Pollutant;
/// use standards::air::gb3095_ambient_air_quality::Zone;
/// use standards::air::hj663_ambient_air_assessment::{Parameters, attainment_rate};
/// let parameters = Parameters::in_force(date(2026, 3, 31)).unwrap();
/// // 61 keeps the limit of 75 on the last day of the old edition, not that of 60 on the next.
/// let found = Some(Decimal::from(61));
/// let days = [(date(2026, 2, 28), found), (date(2026, 3, 1), found)];
/// let rate = attainment_rate(Pollutant::Pm25, &days, Zone::II, &parameters).unwrap();
/// assert_eq!(rate.to_string(), "50.0");
/// ```
pub fn attainment_rate(
    pollutant: Pollutant,
    days: &DaySeries,
    zone: Zone,
    parameters: &Parameters,
) -> Result<Decimal, NotComputable> {
    let daily = match pollutant {
        Pollutant::O3 => Averaging::DailyMaximumOfEightHours,
        _ => Averaging::Day,
    };
    let places = parameters.evaluation(pollutant);
    let (mut kept, mut valid) = (0_u32, 0_u32);
    for (day, value) in days {
        let Some(value) = value else { continue };
        let limit = limit(pollutant.as_str(), daily, zone, *day)?;
        valid += 1;
        kept += u32::from(round_half_even(*value, places) <= limit.limit);
    }
    if valid == 0 {
        return Err(NotComputable::Missing { what: Text::fixed("有效日", "every valid day") });
    }
    Ok(round_half_even(Decimal::from(kept * 100) / Decimal::from(valid), 1))
}

/// Returns the share of good days (优良天数比例), percent with one decimal.
///
/// # Standard
/// HJ 663: days with AQI up to 100 over valid days.
///
/// # Not computable
/// [`NotComputable::Missing`] without a valid day.
///
/// # Example
/// ```
/// use standards::air::hj663_ambient_air_assessment::good_days;
/// let puning_2025 = std::iter::repeat_n(60, 352).chain(std::iter::repeat_n(120, 13));
/// assert_eq!(good_days(puning_2025).unwrap().to_string(), "96.4");
/// ```
pub fn good_days(indices: impl IntoIterator<Item = u16>) -> Result<Decimal, NotComputable> {
    let (mut good, mut valid) = (0_u32, 0_u32);
    for index in indices {
        valid += 1;
        good += u32::from(index <= 100);
    }
    if valid == 0 {
        return Err(NotComputable::Missing { what: Text::fixed("有效日", "every valid day") });
    }
    Ok(round_half_even(Decimal::from(good * 100) / Decimal::from(valid), 1))
}

/// Returns the mean of three annual values (三年滑动平均), not rounded.
///
/// # Standard
/// HJ 663-2026 introduces it; which results use it and how it is rounded is not known.
///
/// # Not computable
/// [`NotComputable::TooFew`] unless all three years are valid.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::air::hj663_ambient_air_assessment::three_year_mean;
/// let years = [30, 33, 36].map(|year| Some(Decimal::from(year)));
/// assert_eq!(three_year_mean(years), Ok(Decimal::from(33)));
/// ```
pub fn three_year_mean(years: [Option<Decimal>; 3]) -> Result<Decimal, NotComputable> {
    let counted = years.iter().flatten().count() as u32;
    if counted < 3 {
        let what = Text::fixed("有效年", "valid years");
        return Err(NotComputable::TooFew { what, counted, wanted: 3 });
    }
    mean(years.into_iter().flatten())
}
