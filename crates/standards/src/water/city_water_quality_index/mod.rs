//! City water quality index, CWQI (城市水质指数, 城市地表水环境质量排名技术规定（试行）, 2017).
//!
//! Check values: `vectors.csv`. The text was not obtained; the formulas were read in two versions
//! of one library, the weighting of rivers and lakes is from memory.

#[cfg(test)]
mod tests;

use rulebook::{
    Citation, Confidence, Decimal, Explanation, Input, Judged, NotComputable, Rounding,
    RoundingRule, Text, round_half_even,
};

use crate::water::gb3838_surface_water::{Class, Item, ItemSet, Sample, WaterBody, limit};

/// Returns the index of one item, not rounded.
///
/// # Standard
/// 城市地表水环境质量排名技术规定（试行）(2017), as two versions of one library have it.
///
/// # Formula
/// pH: `(7 - pH) / (7 - 6)` up to 7, `(pH - 7) / (9 - 7)` above; dissolved oxygen: `C_III / C`; the
/// others: `C / C_III`, total phosphorus by river or lake.
///
/// # Units
/// Those of GB 3838; `value` is the mean over the sections.
///
/// # Not computable
/// [`NotComputable::Invalid`] for oxygen of zero or a negative value; [`NotComputable::NotInTable`]
/// for an item without a class III limit.
///
/// # Example
/// ```
/// use standards::water::city_water_quality_index::index_of_item;
/// use standards::water::gb3838_surface_water::{Item, WaterBody};
/// let oxygen = index_of_item(Item::DissolvedOxygen, WaterBody::River, "8".parse().unwrap());
/// assert_eq!(oxygen.unwrap().to_string(), "0.625");
/// ```
pub fn index_of_item(
    item: Item,
    body: WaterBody,
    value: Decimal,
) -> Result<Decimal, NotComputable> {
    let invalid = |zh, en| NotComputable::Invalid { what: item.name(), why: Text::fixed(zh, en) };
    if value < Decimal::ZERO {
        return Err(invalid("数值为负", "the value is negative"));
    }
    let seven = Decimal::from(7);
    if item == Item::Ph {
        let above = (value - seven) / Decimal::TWO;
        return Ok(if value <= seven { seven - value } else { above });
    }
    let limit = limit(item, body, Class::III)?;
    let index = match item {
        Item::DissolvedOxygen => limit.checked_div(value),
        _ => value.checked_div(limit),
    };
    index.ok_or_else(|| invalid("数值为零", "the value is zero"))
}

/// The index of the rivers or of the lakes of a city: the sum over the items measured.
///
/// # Standard
/// 21 items of GB 3838 table 1; `fewest` says how many of them must be there.
///
/// # Formula
/// `CWQI = Σ CWQI(i)`, not rounded.
///
/// # Not computable
/// [`NotComputable::TooFew`] with fewer items than wanted.
///
/// # Note
/// Whether the national ranking still sums 21 items after "5+X" monitoring came is not known, so
/// the number is the caller's.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::water::city_water_quality_index::index_of_waters;
/// use standards::water::gb3838_surface_water::{Item, Sample, WaterBody};
/// let means = Sample::default()
///     .with(Item::Ph, Decimal::from(8))
///     .with(Item::AmmoniaNitrogen, Decimal::new(25, 2));
/// let index = index_of_waters(WaterBody::River, &means, 2).unwrap();
/// assert_eq!(index, Decimal::new(75, 2));
/// ```
pub fn index_of_waters(
    body: WaterBody,
    means: &Sample,
    fewest: u32,
) -> Result<Decimal, NotComputable> {
    let mut counted = 0;
    let mut sum = Decimal::ZERO;
    for item in Item::ALL.into_iter().filter(|item| ItemSet::TwentyOne.contains(*item)) {
        if let Some(value) = means.get(item) {
            sum = sum.saturating_add(index_of_item(item, body, value)?);
            counted += 1;
        }
    }
    if counted < fewest.max(1) {
        let what = Text::fixed("评价项目", "items");
        return Err(NotComputable::TooFew { what, counted, wanted: fewest.max(1) });
    }
    Ok(sum)
}

/// Returns the index of a city from those of its rivers and lakes, four decimals.
///
/// # Standard
/// 城市地表水环境质量排名技术规定（试行）(2017); the weighting is from memory.
///
/// # Formula
/// `(CWQI_river * M + CWQI_lake * N) / (M + N)` with M and N the counts of sections and points.
///
/// # Not computable
/// [`NotComputable::Missing`] when neither has sections.
///
/// # Note
/// The weighting by counts and the four decimals are from memory.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::water::city_water_quality_index::index_of_city;
/// let verdict = index_of_city(Some((Decimal::from(4), 6)), Some((Decimal::from(8), 2))).unwrap();
/// assert_eq!(verdict.value, Decimal::from(5));
/// ```
pub fn index_of_city(
    river: Option<(Decimal, u32)>,
    lake: Option<(Decimal, u32)>,
) -> Result<Judged<Decimal>, NotComputable> {
    let parts = || [river, lake].into_iter().flatten();
    let count: u32 = parts().map(|(_, count)| count).sum();
    let sum = parts().fold(Decimal::ZERO, |sum, (index, count)| {
        sum.saturating_add(index.saturating_mul(Decimal::from(count)))
    });
    let what = Text::fixed("断面（点位）", "every section");
    let exact = sum.checked_div(Decimal::from(count)).ok_or(NotComputable::Missing { what })?;
    let names = [Text::fixed("河流", "rivers"), Text::fixed("湖库", "lakes")];
    Ok(Judged {
        value: round_half_even(exact, 4).normalize(),
        by: Citation {
            standard: "城市地表水环境质量排名技术规定（试行）".into(),
            edition: "城市地表水环境质量排名技术规定（试行）".into(),
            clause: "CWQI".into(),
            source: "two versions of one library; weighting from memory".into(),
        },
        inputs: names
            .into_iter()
            .zip([river, lake])
            .filter_map(|(name, part)| Some(Input::new(name, part?.0, "")))
            .collect(),
        rounding: vec![Rounding { of: Text::same("CWQI"), how: RoundingRule::HalfEven(4) }],
        confidence: Confidence::Low,
    })
}

/// The rate of change against the same period before, percent with two decimals; below zero is
/// better.
///
/// # Standard
/// 城市地表水环境质量排名技术规定（试行）(2017), as published explanations have it.
///
/// # Formula
/// `(CWQI - CWQI_0) / CWQI_0`.
///
/// # Not computable
/// [`NotComputable::Invalid`] when the index before was zero.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::water::city_water_quality_index::change_rate;
/// let rate = change_rate(Decimal::from(4), "4.2".parse().unwrap()).unwrap();
/// assert_eq!(rate.to_string(), "5.00");
/// ```
pub fn change_rate(before: Decimal, now: Decimal) -> Result<Decimal, NotComputable> {
    let why = Text::fixed("为零", "it is zero");
    let what = Text::fixed("上期指数", "the index before");
    (now - before)
        .checked_mul(Decimal::ONE_HUNDRED)
        .and_then(|points| points.checked_div(before))
        .map(|points| round_half_even(points, 2))
        .ok_or(NotComputable::Invalid { what, why })
}

/// Explains the index of a city.
///
/// # Standard
/// As [`index_of_city`].
///
/// # Example
/// ```
/// use rulebook::{Decimal, Language};
/// use standards::water::city_water_quality_index::{explain, index_of_city};
/// let found = index_of_city(Some((Decimal::from(4), 6)), None).unwrap();
/// assert!(explain(&found).to_plain(Language::Chinese).starts_with("城市水质指数 4，越小越好"));
/// ```
pub fn explain(verdict: &Judged<Decimal>) -> Explanation {
    verdict.explained(Text::new(
        format!("城市水质指数 {}，越小越好", verdict.value),
        format!("city water quality index {}; the smaller the better", verdict.value),
    ))
}
