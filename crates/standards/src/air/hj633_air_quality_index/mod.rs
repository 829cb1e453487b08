//! HJ 633: air quality index, AQI (环境空气质量指数).
//!
//! Editions: HJ 633-2012 (2016-01-01 to 2026-02-28), HJ 633-2026 (from 2026-03-01).
//! Tables: `breakpoints.csv`, `categories.csv`. Check values: `vectors.csv`.
//! The text of an edition and what the national platform does in practice are two things:
//! [`Method`] keeps them apart.

mod explain;
mod health;
mod item;
mod method;
mod table;
#[cfg(test)]
mod tests;

use std::ops::{Add, Div, Mul, Sub};

use jiff::civil::Date;
use rulebook::{
    Citation, Confidence, Decimal, Input, Judged, NotComputable, Rounding, RoundingRule, Table,
    Text, round_half_even,
};

use crate::air::{Pollutant, PollutantSet};
pub use health::{HealthAdvice, health_advice, sensitive_groups};
pub use item::{Concentrations, Item, NotMonitored};
pub use method::{EDITIONS, Edition, Method, Practice, Report};
use table::{Curve, Point};

/// A class of the index (空气质量指数级别).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// 1 (best) to 6.
    pub level: u8,
    /// The level in Chinese: 一级.
    pub level_name: &'static str,
    /// The class: 优, excellent.
    pub name: Text,
    /// The lowest index of the class.
    pub index_from: u16,
    /// The highest; `None` for the worst class.
    pub index_to: Option<u16>,
    /// The colour's name in Chinese.
    pub color_name: &'static str,
    /// The colour.
    pub rgb: [u8; 3],
}

impl Category {
    /// The colour as `#00E400`.
    ///
    /// # Standard
    /// The colours of HJ 633-2012 table 2 and HJ 633-2026 table 1.
    ///
    /// # Example
    /// ```
    /// use standards::air::hj633_air_quality_index::{Edition, category};
    /// assert_eq!(category(Edition::Hj633_2026, 250).hex(), "#99004C");
    /// ```
    pub fn hex(&self) -> String {
        let [red, green, blue] = self.rgb;
        format!("#{red:02X}{green:02X}{blue:02X}")
    }
}

/// The index of one pollutant, with the item that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndividualIndex {
    /// The index, 0 to 500.
    pub index: u16,
    /// The item that gave it.
    pub item: Item,
    /// The concentration that entered the formula: rounded where the edition or practice says so.
    pub concentration: Decimal,
    /// The concentration as it was given.
    pub measured: Decimal,
}

/// Returns the individual index (IAQI, 空气质量分指数) of one pollutant. Allocates nothing.
///
/// # Standard
/// HJ 633-2012 table 1, 6.2; HJ 633-2026 table 3, 4.2.
///
/// # Formula
/// `IAQI = (IAQI_hi - IAQI_lo) / (BP_hi - BP_lo) * (C - BP_lo) + IAQI_lo`, rounded up to an
/// integer, in integers. 2026 first rounds `C` by GB/T 8170 (4.2.2, 4.2.3); 2012 is silent.
/// Above the last breakpoint 500, where the index ends; SO2 1 h above 800 is 200 and O3 8 h
/// above 800 is 300 in 2026.
///
/// # Units
/// `concentration` in ug/m3, CO in mg/m3.
///
/// # Not computable
/// [`NotComputable::AboveTable`] in 2012 for SO2 1 h and O3 8 h above 800;
/// [`NotComputable::Invalid`] for a negative concentration.
///
/// # Note
/// Neither text says what lies above the last breakpoint of the other items; that the index
/// ends at 500 is taken from 2026 ("1-500"). The 1 h mean of particles has no index in the text
/// of 2012: here it is read on the daily breakpoints, and [`Method`] decides whether that is
/// asked for.
///
/// # Example
/// ```
/// use standards::air::hj633_air_quality_index::{Edition, Item, individual_index};
/// let index = |edition, text: &str| {
///     individual_index(edition, Item::Pm25Day, text.parse().unwrap()).unwrap().index
/// };
/// assert_eq!(index(Edition::Hj633_2012, "75"), 100);
/// assert_eq!(index(Edition::Hj633_2026, "75"), 114);
/// assert_eq!(index(Edition::Hj633_2026, "60.5"), 100);
/// ```
pub fn individual_index(
    edition: Edition,
    item: Item,
    concentration: Decimal,
) -> Result<IndividualIndex, NotComputable> {
    let used = match edition {
        Edition::Hj633_2012 => concentration,
        Edition::Hj633_2026 => round_half_even(concentration, item.pollutant().decimals()),
    };
    if used.is_sign_negative() && !used.is_zero() {
        let why = Text::fixed("浓度为负", "the concentration is negative");
        return Err(NotComputable::Invalid { what: item.name(), why });
    }
    let curve = Curve::get(edition, item);
    let index = match read_off(&curve.points, used) {
        Some(index) => index,
        None if item.ends_at_800() && edition == Edition::Hj633_2012 => {
            return Err(table::above(item, curve));
        }
        None => curve.points.last().map_or(500, |point| point.index),
    };
    Ok(IndividualIndex { index: index as u16, item, concentration: used, measured: concentration })
}

impl Item {
    const fn ends_at_800(self) -> bool {
        matches!(self, Self::So2Hour | Self::O3EightHours)
    }
}

/// The index of a concentration that is not negative, `None` above the last point.
fn read_off(points: &[Point], concentration: Decimal) -> Option<i64> {
    let (mantissa, scale) = (concentration.mantissa(), concentration.scale());
    match i64::try_from(mantissa) {
        // Instruments send few digits: machine integers hold every product then.
        Ok(mantissa) if scale <= 6 && mantissa < 1_000_000_000_000 => {
            climb(points, mantissa, 10_i64.pow(scale))
        }
        _ => climb(points, mantissa, 10_i128.pow(scale)).map(|index| index as i64),
    }
}

/// The index of `mantissa / one` on the rising points, rounded up.
fn climb<Integer>(points: &[Point], mantissa: Integer, one: Integer) -> Option<Integer>
where
    Integer: Copy
        + Ord
        + From<i64>
        + Add<Output = Integer>
        + Sub<Output = Integer>
        + Mul<Output = Integer>
        + Div<Output = Integer>,
{
    let whole = Integer::from;
    let above = points.iter().position(|point| mantissa <= whole(point.concentration) * one)?;
    let high = points[above];
    let Some(low) = above.checked_sub(1).map(|place| points[place]) else {
        return Some(whole(high.index));
    };
    let risen = mantissa - whole(low.concentration) * one;
    let width = whole(high.concentration - low.concentration) * one;
    let climbed = whole(high.index - low.index) * risen;
    Some(whole(low.index) + (climbed + width - whole(1)) / width)
}

/// The same as [`individual_index`] by the edition in force on the day monitored, as a verdict
/// that keeps its reasons.
///
/// # Standard
/// HJ 633-2012 table 1, 6.2; HJ 633-2026 table 3, 4.2.
///
/// # Formula
/// That of [`individual_index`].
///
/// # Units
/// `concentration` in ug/m3, CO in mg/m3.
///
/// # Not computable
/// As [`individual_index`]; [`NotComputable::NoEdition`] before 2016.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Decimal;
/// use standards::air::hj633_air_quality_index::{Item, judge_individual_index};
/// let verdict =
///     judge_individual_index(Item::Pm25Day, Decimal::from(75), date(2026, 6, 1)).unwrap();
/// assert_eq!(verdict.value, 114);
/// assert_eq!(verdict.by.to_string(), "HJ 633-2026 table 3");
/// ```
pub fn judge_individual_index(
    item: Item,
    concentration: Decimal,
    on: Date,
) -> Result<Judged<u16>, NotComputable> {
    let edition = Edition::in_force(on)?;
    let found = individual_index(edition, item, concentration)?;
    let (by, confidence) = citation(edition, item);
    Ok(Judged {
        value: found.index,
        by,
        inputs: vec![Input::new(item.name(), concentration, item.pollutant().unit())],
        rounding: roundings(edition, item),
        confidence,
    })
}

fn citation(edition: Edition, item: Item) -> (Citation, Confidence) {
    let unknown = || {
        let by = Citation {
            standard: "HJ 633".into(),
            edition: edition.number().into(),
            clause: "".into(),
            source: "".into(),
        };
        (by, Confidence::Unknown)
    };
    Curve::get(edition, item).citation().unwrap_or_else(unknown)
}

fn roundings(edition: Edition, item: Item) -> Vec<Rounding> {
    let up = Rounding { of: Text::same("IAQI"), how: RoundingRule::Up(0) };
    match edition {
        Edition::Hj633_2012 => vec![up],
        Edition::Hj633_2026 => {
            let how = RoundingRule::HalfEven(item.pollutant().decimals());
            vec![Rounding { of: item.name(), how }, up]
        }
    }
}

/// The air quality of one place and period (空气质量).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AirQuality {
    /// By which edition, report and practice.
    pub method: Method,
    /// The index of each pollutant, in the order of [`Pollutant::ALL`].
    pub individual: [Result<IndividualIndex, NotComputable>; 6],
    /// The index (AQI), or why there is none.
    pub index: Result<u16, NotComputable>,
    /// The primary pollutants (首要污染物): all with the largest index, none up to 50.
    pub primary: PollutantSet,
    /// What a publisher is likely to hold back although the index exists
    /// ([`Practice::PublishedRealTime2012`] without any particles).
    pub likely_withheld: Option<NotComputable>,
}

/// Returns the air quality index of one place and period. Allocates nothing where nothing is
/// missing.
///
/// # Standard
/// HJ 633-2012 4.4, 6; HJ 633-2026 4.2, 5.3.
///
/// # Formula
/// `AQI = max(IAQI)`; primary pollutants are all with `IAQI = AQI` when `AQI > 50`.
/// In 2012 the index of ozone in a day is the larger of those of its 1 h and 8 h maxima, in an
/// hour that of the 1 h and the moving 8 h mean; SO2 1 h above 800 falls back to the 24 h mean.
///
/// # Units
/// As [`Concentrations`].
///
/// # Not computable
/// [`NotComputable::Missing`] when nothing can be computed. HJ 633-2026 5.3.1: with a pollutant
/// missing the index is published only above 100, else [`NotComputable::Withheld`]; a pollutant
/// not monitored by plan does not stop it when shown harmless (5.3.2).
///
/// # Note
/// Whether the 2012 text takes the larger of the two ozone indices or lists them apart makes no
/// difference to the AQI. The class of an index of 0 in 2026 ("1-50") is taken as the first.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::air::hj633_air_quality_index::{
///     Concentrations, Edition, Item, Method, Report, air_quality_index,
/// };
/// let day = Concentrations::default()
///     .with(Item::So2Day, Decimal::from(10))
///     .with(Item::No2Day, Decimal::from(15))
///     .with(Item::CoDay, Decimal::new(5, 1))
///     .with(Item::O3EightHours, Decimal::from(60))
///     .with(Item::Pm10Day, Decimal::from(150))
///     .with(Item::Pm25Day, Decimal::from(75));
/// let air = air_quality_index(Method::as_written(Edition::Hj633_2026, Report::Daily), &day);
/// assert_eq!(air.index, Ok(114));
/// assert_eq!(air.primary.symbols(";"), "PM2.5");
/// assert_eq!(air.category().unwrap().name.zh, "轻度污染");
/// ```
pub fn air_quality_index(method: Method, air: &Concentrations) -> AirQuality {
    let individual = Pollutant::ALL.map(|pollutant| index_of_pollutant(method, pollutant, air));
    let largest = individual.iter().flatten().map(|found| found.index).max();
    let (index, likely_withheld) = match largest {
        None => {
            let what = Text::fixed("全部污染物浓度", "every concentration");
            (Err(NotComputable::Missing { what }), None)
        }
        Some(largest) => published(method, air, &individual, largest),
    };
    let primary = match index {
        Ok(index) if index > 50 => Pollutant::ALL
            .into_iter()
            .zip(&individual)
            .filter(|(_, found)| found.as_ref().is_ok_and(|found| found.index == index))
            .map(|(pollutant, _)| pollutant)
            .collect(),
        _ => PollutantSet::NONE,
    };
    AirQuality { method, individual, index, primary, likely_withheld }
}

fn index_of_pollutant(
    method: Method,
    pollutant: Pollutant,
    air: &Concentrations,
) -> Result<IndividualIndex, NotComputable> {
    let (first, second) = method.items(pollutant);
    let of = |item: Item| match air.get(item) {
        Some(measured) => {
            let printed = match method.practice() {
                Practice::PublishedDaily2012 => round_half_even(measured, pollutant.decimals()),
                _ => measured,
            };
            let found = individual_index(method.edition(), item, printed)?;
            Ok(IndividualIndex { measured, ..found })
        }
        None => Err(NotComputable::Missing { what: item.name() }),
    };
    let found = of(first);
    match (second, &found) {
        // The 24 h mean of SO2 stands in only where the 1 h mean has no index of its own.
        (Some(Item::So2Day), Err(NotComputable::AboveTable { .. })) => of(Item::So2Day).or(found),
        (Some(Item::So2Day) | None, _) => found,
        (Some(second), _) => match (found, of(second)) {
            (Ok(one), Ok(other)) if other.index > one.index => Ok(other),
            (Ok(one), _) | (Err(_), Ok(one)) => Ok(one),
            (Err(reason), Err(_)) => Err(reason),
        },
    }
}

/// The index as the method publishes it.
fn published(
    method: Method,
    air: &Concentrations,
    individual: &[Result<IndividualIndex, NotComputable>; 6],
    largest: u16,
) -> (Result<u16, NotComputable>, Option<NotComputable>) {
    let missing = |pollutant: Pollutant| {
        matches!(individual[pollutant.index()], Err(NotComputable::Missing { .. }))
            && air.not_monitored(pollutant) != Some(NotMonitored::Harmless)
    };
    let any_missing = Pollutant::ALL.into_iter().any(missing);
    match (method.practice(), method.edition()) {
        (Practice::AsWritten, Edition::Hj633_2026) if any_missing && largest <= 100 => {
            let why = Text::fixed(
                "有污染物缺测且其余的指数不超过 100",
                "a pollutant is missing and the index of the others is not above 100",
            );
            (Err(NotComputable::Withheld { rule: "HJ 633-2026 5.3.1", why }), None)
        }
        (Practice::PublishedDaily2012, _) if any_missing => {
            let why = Text::fixed("有污染物缺测", "a pollutant is missing");
            (Err(NotComputable::Withheld { rule: "2012 年日报发布惯例", why }), None)
        }
        (Practice::PublishedRealTime2012, _)
            if missing(Pollutant::Pm10) && missing(Pollutant::Pm25) =>
        {
            let why = Text::fixed("PM10 与 PM2.5 均缺测", "both PM10 and PM2.5 are missing");
            let reason = NotComputable::Withheld { rule: "2012 年实时发布惯例", why };
            (Ok(largest), Some(reason))
        }
        _ => (Ok(largest), None),
    }
}

impl AirQuality {
    /// The class of the index, `None` where there is no index.
    ///
    /// # Standard
    /// As [`category`].
    ///
    /// # Example
    /// ```
    /// use rulebook::Decimal;
    /// use standards::air::hj633_air_quality_index::{
    ///     Concentrations, Item, Method, air_quality_index,
    /// };
    /// let hour = Concentrations::default().with(Item::Pm25Hour, Decimal::from(76));
    /// let air = air_quality_index(Method::PUBLISHED_REAL_TIME_2012, &hour);
    /// assert_eq!(air.category().unwrap().level, 3);
    /// ```
    pub fn category(&self) -> Option<&'static Category> {
        self.index.as_ref().ok().map(|index| category(self.method.edition(), *index))
    }

    /// The index of one pollutant.
    ///
    /// # Standard
    /// As [`individual_index`].
    ///
    /// # Example
    /// ```
    /// use standards::air::Pollutant;
    /// use rulebook::Decimal;
    /// use standards::air::hj633_air_quality_index::{
    ///     Concentrations, Item, Method, air_quality_index,
    /// };
    /// let hour = Concentrations::default().with(Item::Pm25Hour, Decimal::from(76));
    /// let air = air_quality_index(Method::PUBLISHED_REAL_TIME_2012, &hour);
    /// assert_eq!(air.of(Pollutant::Pm25).as_ref().unwrap().index, 102);
    /// ```
    pub fn of(&self, pollutant: Pollutant) -> &Result<IndividualIndex, NotComputable> {
        &self.individual[pollutant.index()]
    }

    /// Pollutants whose own index is above 100 (超标污染物 in 2012; the term is gone in 2026).
    ///
    /// # Standard
    /// HJ 633-2012 3.4, 4.4.2; HJ 633-2026 has no such term.
    ///
    /// # Example
    /// ```
    /// use rulebook::Decimal;
    /// use standards::air::hj633_air_quality_index::{
    ///     Concentrations, Item, Method, air_quality_index,
    /// };
    /// let hour = Concentrations::default().with(Item::Pm25Hour, Decimal::from(76));
    /// let air = air_quality_index(Method::PUBLISHED_REAL_TIME_2012, &hour);
    /// assert_eq!(air.above_100().symbols(";"), "PM2.5");
    /// ```
    pub fn above_100(&self) -> PollutantSet {
        Pollutant::ALL
            .into_iter()
            .filter(|pollutant| self.of(*pollutant).as_ref().is_ok_and(|found| found.index > 100))
            .collect()
    }

    /// The index as a verdict with its reasons: what went in as measured, and what was rounded.
    ///
    /// # Standard
    /// HJ 633-2012 table 1, 6; HJ 633-2026 table 3, 4.2, 5.3.
    ///
    /// # Not computable
    /// The reason in `index`.
    ///
    /// # Example
    /// ```
    /// use rulebook::Decimal;
    /// use standards::air::hj633_air_quality_index::{
    ///     Concentrations, Item, Method, air_quality_index,
    /// };
    /// let hour = Concentrations::default().with(Item::Pm25Hour, Decimal::from(76));
    /// let air = air_quality_index(Method::PUBLISHED_REAL_TIME_2012, &hour);
    /// let verdict = air.judged().unwrap();
    /// assert_eq!((verdict.value, verdict.by.to_string()), (102, "HJ 633-2012 table 1; 6".into()));
    /// ```
    pub fn judged(&self) -> Result<Judged<u16>, NotComputable> {
        let index = self.index.clone()?;
        let edition = self.method.edition();
        let found: Vec<&IndividualIndex> = self.individual.iter().flatten().collect();
        let input = |one: &&IndividualIndex| {
            Input::new(one.item.name(), one.measured, one.item.pollutant().unit())
        };
        let rounded = |one: &&IndividualIndex| Rounding {
            of: one.item.name(),
            how: RoundingRule::HalfEven(one.item.pollutant().decimals()),
        };
        let mut rounding: Vec<Rounding> = match (edition, self.method.practice()) {
            (Edition::Hj633_2026, _) | (_, Practice::PublishedDaily2012) => {
                found.iter().map(rounded).collect()
            }
            _ => Vec::new(),
        };
        rounding.push(Rounding { of: Text::same("IAQI"), how: RoundingRule::Up(0) });
        let rows = found.iter().map(|one| citation(edition, one.item).1);
        let by = Citation {
            standard: "HJ 633".into(),
            edition: edition.number().into(),
            clause: match edition {
                Edition::Hj633_2012 => "table 1; 6".into(),
                Edition::Hj633_2026 => "table 3; 4.2; 5.3".into(),
            },
            source: found.first().map_or("".into(), |one| citation(edition, one.item).0.source),
        };
        Ok(Judged {
            value: index,
            by,
            inputs: found.iter().map(input).collect(),
            rounding,
            confidence: rows.min().unwrap_or(Confidence::Unknown),
        })
    }
}

/// The class of an index.
///
/// # Standard
/// HJ 633-2012 table 2; HJ 633-2026 table 1: six classes at 50, 100, 150, 200, 300.
///
/// # Note
/// An index of 0 falls into the first class, although 2026 begins it at 1.
///
/// # Example
/// ```
/// use standards::air::hj633_air_quality_index::{Edition, category};
/// assert_eq!(category(Edition::Hj633_2026, 101).name.en, "light pollution");
/// assert_eq!(category(Edition::Hj633_2026, 0).hex(), "#00E400");
/// ```
pub fn category(edition: Edition, index: u16) -> &'static Category {
    let classes = table::classes(edition);
    let place = classes
        .iter()
        .position(|class| class.index_to.is_none_or(|last| index <= last))
        .unwrap_or(classes.len() - 1);
    &classes[place]
}

/// Every class of an edition, the best first, with colours.
///
/// # Standard
/// HJ 633-2012 table 2; HJ 633-2026 table 1.
///
/// # Example
/// ```
/// use standards::air::hj633_air_quality_index::{Edition, categories};
/// assert_eq!(categories(Edition::Hj633_2012).len(), 6);
/// ```
pub fn categories(edition: Edition) -> &'static [Category] {
    table::classes(edition)
}

/// The dated tables of the standard, for browsing.
pub fn tables() -> [&'static Table; 2] {
    table::tables()
}
