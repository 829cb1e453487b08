//! Judging a value of automatic monitoring against the limit of a discharge permit
//! (排污许可限值判定).
//!
//! The limit is not in a table of this crate: it stands in the permit of the outlet, dated, and
//! the caller passes it. Check values: `vectors.csv`.

mod explain;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use rulebook::{
    Citation, Confidence, Decimal, Input, Judged, NotComputable, Period, Rounding, RoundingRule,
    Text, round_half_even,
};

pub use explain::explain;

/// What a value may be (限值).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At most this.
    AtMost(Decimal),
    /// From the first to the second, both included: pH.
    Within(Decimal, Decimal),
}

impl Bound {
    /// Decimals in which the limit is printed: the most of its numbers.
    pub fn decimals(self) -> u32 {
        match self {
            Self::AtMost(limit) => limit.scale(),
            Self::Within(low, high) => low.scale().max(high.scale()),
        }
    }

    /// Whether a value keeps it.
    ///
    /// # Standard
    /// A limit is kept by a value that is equal to it, as the tables print "at most".
    ///
    /// # Example
    /// ```
    /// use rulebook::Decimal;
    /// use standards::discharge::permit_limit::Bound;
    /// let ph = Bound::Within(Decimal::from(6), Decimal::from(9));
    /// assert!(ph.holds(Decimal::from(9)) && !ph.holds("9.1".parse().unwrap()));
    /// ```
    pub fn holds(self, value: Decimal) -> bool {
        match self {
            Self::AtMost(limit) => value <= limit,
            Self::Within(low, high) => low <= value && value <= high,
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtMost(limit) => write!(formatter, "≤ {limit}"),
            Self::Within(low, high) => write!(formatter, "{low}-{high}"),
        }
    }
}

/// One limit of a permit, for one factor of one outlet (许可排放浓度限值).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The factor, for a reader.
    pub factor: Text,
    /// The unit of the limit and of the values judged by it.
    pub unit: Cow<'static, str>,
    /// Over what a value is averaged: the hour for gas, the day for water.
    pub period: Period,
    /// What a value may be.
    pub bound: Bound,
    /// Permit number, edition, place in the permit.
    pub by: Citation,
    /// How sure the limit is.
    pub confidence: Confidence,
}

/// How a value is compared (比较方法): parameters of the judgement, kept with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Whether the value is rounded by GB/T 8170 to the decimals of the limit first.
    pub round_to_limit: bool,
    /// Decimals of the multiple over the limit.
    pub multiple_decimals: u32,
}

impl Comparison {
    /// Rounds to the decimals of the limit first; multiples with two decimals.
    ///
    /// # Note
    /// That the value is rounded before it is compared is from memory (GB/T 8170 4.3,
    /// 修约值比较法), to be checked against the texts; [`Comparison::UNROUNDED`] is the other way.
    pub const ROUNDED: Self = Self { round_to_limit: true, multiple_decimals: 2 };

    /// Compares the value as it came (GB/T 8170 全数值比较法); multiples with two decimals.
    pub const UNROUNDED: Self = Self { round_to_limit: false, multiple_decimals: 2 };
}

impl Default for Comparison {
    fn default() -> Self {
        Self::ROUNDED
    }
}

/// A value that a device or a laboratory delivered, and whether it may be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// The value; converted to the reference oxygen where the standard has one.
    pub value: Option<Decimal>,
    /// Why it may not be used: the flag or mark of the device or the unit.
    pub unusable: Option<Text>,
}

impl Measured {
    /// A value that may be used.
    pub const fn usable(value: Decimal) -> Self {
        Self { value: Some(value), unusable: None }
    }
}

/// The verdict on one value (超标判定).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compliance {
    /// The value as compared.
    pub compared: Decimal,
    /// The limit.
    pub bound: Bound,
    /// Whether it exceeds.
    pub exceeds: bool,
    /// The multiple over the limit (超标倍数), `(C - S) / S`; `None` within the limit, for a
    /// range and for a limit of zero.
    pub multiple: Option<Decimal>,
}

/// Returns whether a value keeps the limit of the permit.
///
/// # Standard
/// The permit cited in the limit; the multiple as in HJ 663 and the evaluation rules of surface
/// water: `(C - S) / S`. In Fujian any valid hourly mean of gas and any valid daily mean of
/// wastewater over the limit, pH excepted, may be recognised as exceedance (省政府令第230号,
/// art. 26); whether pH is alerted on is the caller's choice.
///
/// # Formula
/// `C' = C` rounded by GB/T 8170 to the decimals of the limit where [`Comparison`] says so;
/// exceeds when `C' > S`, or outside the range; multiple `(C' - S) / S`, rounded by GB/T 8170.
///
/// # Units
/// Value and limit in the limit's unit.
///
/// # Not computable
/// [`NotComputable::Missing`] without a value; [`NotComputable::Invalid`] when it may not be
/// used.
///
/// # Note
/// Rounding before comparison is a parameter because its rule is from memory.
/// Exemptions (start-up, shut-down, marks that the bureau accepts) are not decided here.
///
/// # Example
/// ```
/// use rulebook::{Citation, Confidence, Period, Text};
/// use standards::discharge::permit_limit::{Bound, Comparison, Limit, Measured, judge};
/// let limit = Limit {
///     factor: Text::fixed("氮氧化物", "nitrogen oxides"),
///     unit: "mg/m3".into(),
///     period: Period::Hour,
///     bound: Bound::AtMost("50".parse().unwrap()),
///     by: Citation {
///         standard: "排污许可证".into(),
///         edition: "示例证号".into(),
///         clause: "表 5".into(),
///         source: "permit".into(),
///     },
///     confidence: Confidence::Certain,
/// };
/// let of = |text: &str| {
///     judge(&limit, &Measured::usable(text.parse().unwrap()), Comparison::ROUNDED).unwrap().value
/// };
/// assert!(!of("50.4").exceeds);
/// assert!(of("50.6").exceeds);
/// assert_eq!(of("76").multiple.unwrap().to_string(), "0.52");
/// ```
pub fn judge(
    limit: &Limit,
    measured: &Measured,
    comparison: Comparison,
) -> Result<Judged<Compliance>, NotComputable> {
    if let Some(why) = &measured.unusable {
        return Err(NotComputable::Invalid { what: limit.factor.clone(), why: why.clone() });
    }
    let Some(value) = measured.value else {
        return Err(NotComputable::Missing { what: limit.factor.clone() });
    };
    let places = limit.bound.decimals();
    let compared = if comparison.round_to_limit { round_half_even(value, places) } else { value };
    let exceeds = !limit.bound.holds(compared);
    let exact = exceeds.then(|| multiple_over(compared, limit.bound)).flatten();
    let multiple = exact.map(|exact| round_half_even(exact, comparison.multiple_decimals));
    let mut rounding = Vec::new();
    if comparison.round_to_limit {
        let how = RoundingRule::HalfEven(places);
        rounding.push(Rounding { of: limit.factor.clone(), how });
    }
    if multiple.is_some() {
        let how = RoundingRule::HalfEven(comparison.multiple_decimals);
        rounding.push(Rounding { of: Text::fixed("超标倍数", "multiple over the limit"), how });
    }
    Ok(Judged {
        value: Compliance { compared, bound: limit.bound, exceeds, multiple },
        by: limit.by.clone(),
        inputs: vec![Input::new(limit.factor.clone(), value, limit.unit.clone())],
        rounding,
        confidence: limit.confidence,
    })
}

/// The multiple over an upper limit, exact as far as a decimal holds it.
fn multiple_over(value: Decimal, bound: Bound) -> Option<Decimal> {
    match bound {
        Bound::AtMost(limit) if !limit.is_zero() => value.checked_sub(limit)?.checked_div(limit),
        _ => None,
    }
}
