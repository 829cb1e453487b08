//! Means of samples: of the points of a lake, of the sections of a small river system, of the
//! values of a period.

use std::sync::LazyLock;

use rulebook::{Decimal, NotComputable, Table, Text, round_half_even};
use rust_decimal::MathematicalOps as _;

use crate::water::gb3838_surface_water::{
    Item, Method, Sample, SurfaceWater, WaterBody, class_of_sample,
};

static PERIODS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("surface_water_assessment/periods", include_str!("periods.csv"), &["period"])
        .expect("the table shipped with this crate is sound")
});

pub(super) fn table() -> &'static Table {
    &PERIODS
}

/// Decimals that a mean of pH keeps: what a meter shows has two.
const PH_DECIMALS: u32 = 6;

/// Returns the mean of pH values, six decimals.
///
/// # Standard
/// Practice of one class library (means of hydrogen ions); no text was seen.
///
/// # Formula
/// `pH = -log10(Σ 10^-pH / n)`.
///
/// # Not computable
/// [`NotComputable::Missing`] without a value; [`NotComputable::Invalid`] outside 0 to 14.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::water::surface_water_assessment::mean_of_ph;
/// let of = |values: &[i64]| mean_of_ph(values.iter().copied().map(Decimal::from)).unwrap();
/// assert_eq!(of(&[7, 7]).normalize().to_string(), "7");
/// // Nearer to the more acid of the two, not 7.
/// assert_eq!(of(&[6, 8]).to_string(), "6.296709");
/// ```
pub fn mean_of_ph(values: impl IntoIterator<Item = Decimal>) -> Result<Decimal, NotComputable> {
    let (mut sum, mut count) = (Decimal::ZERO, 0_u32);
    for value in values {
        sum += hydrogen_ions(value)?;
        count += 1;
    }
    ph_of(sum, count).ok_or(NotComputable::Missing { what: Text::fixed("pH 值", "every pH") })
}

/// The pH of the mean of so many amounts of hydrogen ions.
fn ph_of(sum: Decimal, count: u32) -> Option<Decimal> {
    let mean = sum.checked_div(Decimal::from(count))?;
    Some(round_half_even(SHIFT - mean.checked_ln()? / ln_of_ten(), PH_DECIMALS))
}

/// Amounts of hydrogen ions are counted in units of `10^-SHIFT`, so that they keep their digits.
const SHIFT: Decimal = Decimal::from_parts(14, 0, 0, false, 0);

/// The hydrogen ions of a pH, in units of `10^-14` mol/L.
fn hydrogen_ions(ph: Decimal) -> Result<Decimal, NotComputable> {
    let invalid = || NotComputable::Invalid {
        what: Text::same("pH"),
        why: Text::fixed("不在 0 到 14 之间", "not between 0 and 14"),
    };
    if !(Decimal::ZERO..=SHIFT).contains(&ph) {
        return Err(invalid());
    }
    // A whole power of ten, exact, and a rest below it, whose series ends soon.
    let exponent = SHIFT - ph;
    let (whole, rest) = (exponent.floor(), exponent.fract());
    let power = u32::try_from(whole).ok().and_then(|whole| 10_u64.checked_pow(whole));
    let tolerance = Decimal::new(1, 24);
    let part = (rest * ln_of_ten()).checked_exp_with_tolerance(tolerance);
    let ions = power.zip(part).and_then(|(power, part)| part.checked_mul(Decimal::from(power)));
    ions.ok_or_else(invalid)
}

fn ln_of_ten() -> Decimal {
    Decimal::new(2_302_585_092_994_045_684, 18)
}

/// Returns the mean of each item over several samples; an item that some of them lack is the mean
/// of the others.
///
/// # Standard
/// 环办〔2011〕22号: the points of a lake first, then its times; the sections of a small river
/// system. That way of a lake is from memory.
///
/// # Formula
/// The arithmetic mean, of pH [`mean_of_ph`].
///
/// # Not computable
/// [`NotComputable::Missing`] without a sample; as [`mean_of_ph`]; [`NotComputable::Invalid`] for a
/// sum too large to hold.
///
/// # Note
/// A value below the detection limit enters as the caller gives it; half of the limit is usual
/// (from memory).
///
/// # Example
/// ```
/// use standards::water::gb3838_surface_water::{Item, Sample};
/// use standards::water::surface_water_assessment::mean_of_samples;
/// let of = |value: &str| Sample::default().with(Item::AmmoniaNitrogen, value.parse().unwrap());
/// let mean = mean_of_samples(&[of("0.2"), of("0.6")]).unwrap();
/// assert_eq!(mean.get(Item::AmmoniaNitrogen).unwrap().to_string(), "0.4");
/// ```
pub fn mean_of_samples(samples: &[Sample]) -> Result<Sample, NotComputable> {
    let mut means = Means::default();
    for sample in samples {
        means.add(sample)?;
    }
    means.mean()
}

/// The mean of samples that come one by one: however many, only their sums are kept.
///
/// # Example
/// ```
/// use standards::water::gb3838_surface_water::{Item, Sample};
/// use standards::water::surface_water_assessment::Means;
/// let mut means = Means::default();
/// for value in ["0.2", "0.6"] {
///     means.add(&Sample::default().with(Item::AmmoniaNitrogen, value.parse().unwrap())).unwrap();
/// }
/// let mean = means.mean().unwrap();
/// assert_eq!(mean.get(Item::AmmoniaNitrogen).unwrap().to_string(), "0.4");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Means {
    samples: u32,
    /// Sum and number of the values of each item; of pH the sum of its hydrogen ions.
    sums: [(Decimal, u32); Item::COUNT],
}

impl Means {
    /// Adds a sample.
    ///
    /// # Standard
    /// As [`mean_of_samples`].
    ///
    /// # Not computable
    /// [`NotComputable::Invalid`] for a pH outside 0 to 14 or a sum too large to hold; then nothing
    /// was added.
    ///
    /// # Example
    /// ```
    /// use standards::water::gb3838_surface_water::{Item, Sample};
    /// use standards::water::surface_water_assessment::Means;
    /// let mut means = Means::default();
    /// let acid = Sample::default().with(Item::Ph, "-1".parse().unwrap());
    /// assert!(means.add(&acid).is_err() && means.samples() == 0);
    /// ```
    pub fn add(&mut self, sample: &Sample) -> Result<(), NotComputable> {
        let mut sums = self.sums;
        for item in Item::ALL {
            let Some(value) = sample.get(item) else { continue };
            let amount = if item == Item::Ph { hydrogen_ions(value)? } else { value };
            let (sum, count) = &mut sums[item.index()];
            *sum = sum.checked_add(amount).ok_or_else(|| NotComputable::Invalid {
                what: item.name(),
                why: Text::fixed("数值过大", "a number is too large"),
            })?;
            *count += 1;
        }
        self.sums = sums;
        self.samples += 1;
        Ok(())
    }

    /// How many samples were added.
    ///
    /// # Standard
    /// As [`mean_of_samples`].
    ///
    /// # Example
    /// ```
    /// use standards::water::surface_water_assessment::Means;
    /// assert_eq!(Means::default().samples(), 0);
    /// ```
    pub fn samples(&self) -> u32 {
        self.samples
    }

    /// The mean of each item.
    ///
    /// # Standard
    /// As [`mean_of_samples`].
    ///
    /// # Not computable
    /// [`NotComputable::Missing`] without a sample.
    ///
    /// # Example
    /// ```
    /// use standards::water::surface_water_assessment::Means;
    /// assert!(Means::default().mean().is_err());
    /// ```
    pub fn mean(&self) -> Result<Sample, NotComputable> {
        if self.samples == 0 {
            return Err(NotComputable::Missing { what: Text::fixed("样品", "every sample") });
        }
        let mean = |item: Item| {
            let (sum, count) = self.sums[item.index()];
            match item {
                Item::Ph if count > 0 => ph_of(sum, count).map(|ph| ph.normalize()),
                _ => sum.checked_div(Decimal::from(count)),
            }
        };
        let with = |sample: Sample, item: Item| sample.with_option(item, mean(item));
        Ok(Item::ALL.into_iter().fold(Sample::default(), with))
    }
}

/// The period whose values are averaged (评价时段).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaterPeriod {
    /// A week, ten days or a month: its one value, or their mean.
    Month,
    /// A quarter.
    Quarter,
    /// A year.
    Year,
}

impl WaterPeriod {
    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }
}

/// Returns the mean of a section over a period, with enough values for it.
///
/// # Standard
/// 环办〔2011〕22号, from memory: at least two values in a quarter, six in a year.
///
/// # Formula
/// As [`mean_of_samples`].
///
/// # Not computable
/// [`NotComputable::TooFew`] with fewer samples; as [`mean_of_samples`].
///
/// # Example
/// ```
/// use standards::water::gb3838_surface_water::{Item, Sample};
/// use standards::water::surface_water_assessment::{WaterPeriod, mean_of_period};
/// let month = Sample::default().with(Item::TotalPhosphorus, "0.1".parse().unwrap());
/// let months = vec![month; 5];
/// assert!(mean_of_period(&months, WaterPeriod::Quarter).is_ok());
/// assert!(mean_of_period(&months, WaterPeriod::Year).is_err());
/// ```
pub fn mean_of_period(samples: &[Sample], period: WaterPeriod) -> Result<Sample, NotComputable> {
    let table: &'static Table = &PERIODS;
    let row = table.rows().iter().find(|row| table.cell(row, "period") == period.as_str());
    let fewest = row.and_then(|row| table.cell(row, "fewest_values").parse::<u32>().ok());
    let (counted, wanted) = (samples.len() as u32, fewest.unwrap_or(1));
    if counted < wanted {
        let what = Text::fixed("监测次数", "samples of the period");
        return Err(NotComputable::TooFew { what, counted, wanted });
    }
    mean_of_samples(samples)
}

/// Returns the class of a river system with fewer than five sections: that of the means of its
/// items, judged as one section.
///
/// # Standard
/// 环办〔2011〕22号, as a published copy has it (Shenzhen).
///
/// # Formula
/// [`mean_of_samples`] over the sections, then the worst item.
///
/// # Not computable
/// As [`mean_of_samples`]; [`NotComputable::Invalid`] for five sections or more, which are judged
/// by their shares.
///
/// # Example
/// ```
/// use standards::water::gb3838_surface_water::{Class, Item, ItemSet, Method, Sample, WaterBody};
/// use standards::water::surface_water_assessment::class_of_few_sections;
/// let of = |value: &str| Sample::default().with(Item::AmmoniaNitrogen, value.parse().unwrap());
/// let method = Method::as_written(ItemSet::TwentyOne);
/// let sections = [of("0.4"), of("1.8")];
/// let found = class_of_few_sections(method, WaterBody::River, &sections).unwrap();
/// assert_eq!(found.class, Ok(Class::IV));
/// ```
pub fn class_of_few_sections(
    method: Method,
    body: WaterBody,
    sections: &[Sample],
) -> Result<SurfaceWater, NotComputable> {
    if sections.len() >= 5 {
        return Err(NotComputable::Invalid {
            what: Text::fixed("断面数", "the number of sections"),
            why: Text::fixed("五个及以上按比例评价", "five or more are judged by their shares"),
        });
    }
    Ok(class_of_sample(method, body, &mean_of_samples(sections)?))
}
