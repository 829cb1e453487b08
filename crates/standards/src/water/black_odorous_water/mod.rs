//! Black and odorous water of cities (城市黑臭水体, 整治工作指南 2015) and of the countryside
//! (农村黑臭水体, 2019).
//!
//! Tables: `limits.csv`, `rural.csv`. Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::Date;
use rulebook::{
    Confidence, Decimal, Explanation, Input, Judged, NotComputable, Rounding, RoundingRule, Row,
    Table, Text, round_half_even,
};

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("black_odorous_water/limits", include_str!("limits.csv"), &["item"])
        .expect("the table shipped with this crate is sound")
});

static RURAL: LazyLock<Table> = LazyLock::new(|| {
    Table::load("black_odorous_water/rural", include_str!("rural.csv"), &["item"])
        .expect("the table shipped with this crate is sound")
});

/// An item by which water is judged black and odorous.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// Transparency (透明度), cm.
    Transparency,
    /// Dissolved oxygen (溶解氧), mg/L.
    DissolvedOxygen,
    /// Redox potential (氧化还原电位), mV.
    RedoxPotential,
    /// Ammonia nitrogen (氨氮), mg/L.
    AmmoniaNitrogen,
}

impl Item {
    /// Every item.
    pub const ALL: [Self; 4] =
        [Self::Transparency, Self::DissolvedOxygen, Self::RedoxPotential, Self::AmmoniaNitrogen];

    /// The identifier in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transparency => "transparency",
            Self::DissolvedOxygen => "DO",
            Self::RedoxPotential => "ORP",
            Self::AmmoniaNitrogen => "NH3N",
        }
    }

    /// The item of an identifier, or `None`.
    pub fn parse(identifier: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.as_str() == identifier)
    }

    /// The unit of its values.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Transparency => "cm",
            Self::DissolvedOxygen | Self::AmmoniaNitrogen => "mg/L",
            Self::RedoxPotential => "mV",
        }
    }

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::Transparency => Text::fixed("透明度", "transparency"),
            Self::DissolvedOxygen => Text::fixed("溶解氧", "dissolved oxygen"),
            Self::RedoxPotential => Text::fixed("氧化还原电位", "redox potential"),
            Self::AmmoniaNitrogen => Text::fixed("氨氮", "ammonia nitrogen"),
        }
    }
}

/// How black and odorous water is (黑臭级别).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Degree {
    /// Not black and odorous.
    None,
    /// Lightly (轻度黑臭).
    Light,
    /// Severely (重度黑臭).
    Severe,
}

impl Degree {
    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::None => Text::fixed("非黑臭", "not black and odorous"),
            Self::Light => Text::fixed("轻度黑臭", "lightly black and odorous"),
            Self::Severe => Text::fixed("重度黑臭", "severely black and odorous"),
        }
    }
}

/// One measurement at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// The item.
    pub item: Item,
    /// The value.
    pub value: Decimal,
    /// The depth of the water in cm, where it is known: matters to transparency.
    pub depth: Option<Decimal>,
}

/// Returns the degree of one measurement.
///
/// # Standard
/// 城市黑臭水体整治工作指南 (2015), table of classes.
///
/// # Formula
/// Ammonia above 8 light, above 15 severe; the other items from the upper to the lower number
/// light, below the lower severe. In water shallower than 25 cm the limit of transparency is 40 %
/// of the depth.
///
/// # Units
/// cm, mg/L, mV.
///
/// # Not computable
/// [`NotComputable::NoEdition`] before 2015-08-28.
///
/// # Note
/// Sources disagree about shallow water: the footnote says only what the limit is, so here water
/// below it is light; one library calls it severe. A value on the upper number (2.0 mg/L, 25 cm,
/// 50 mV, 8 mg/L) is taken as light.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::water::black_odorous_water::{Degree, Item, Measurement, degree};
/// let oxygen = |text: &str| {
///     let value = text.parse().unwrap();
///     let one = Measurement { item: Item::DissolvedOxygen, value, depth: None };
///     degree(&one, date(2026, 1, 1)).unwrap()
/// };
/// assert_eq!((oxygen("2.1"), oxygen("0.19")), (Degree::None, Degree::Severe));
/// ```
pub fn degree(measurement: &Measurement, on: Date) -> Result<Degree, NotComputable> {
    let (_, low, high) = limits_of(measurement.item, on)?;
    let value = measurement.value;
    let degree = match measurement.item {
        Item::AmmoniaNitrogen if value > high => Degree::Severe,
        Item::AmmoniaNitrogen if value >= low => Degree::Light,
        Item::AmmoniaNitrogen => Degree::None,
        Item::Transparency if measurement.depth.is_some_and(|depth| depth < high) => {
            let depth = measurement.depth.unwrap_or_default();
            let limit = depth * Decimal::new(4, 1);
            if value < limit { Degree::Light } else { Degree::None }
        }
        _ if value < low => Degree::Severe,
        _ if value <= high => Degree::Light,
        _ => Degree::None,
    };
    Ok(degree)
}

fn limits_of(item: Item, on: Date) -> Result<(&'static Row, Decimal, Decimal), NotComputable> {
    let table: &'static Table = &LIMITS;
    table
        .in_force(on)
        .find(|row| table.cell(row, "item") == item.as_str())
        .and_then(|row| {
            let number = |column| table.decimal(row, column).ok().flatten();
            Some((row, number("light_from")?, number("light_to")?))
        })
        .ok_or(NotComputable::NoEdition { standard: "城市黑臭水体整治工作指南", on })
}

/// Returns the degree of a point from its measurements.
///
/// # Standard
/// 城市黑臭水体整治工作指南 (2015).
///
/// # Formula
/// Severe when one item has at least 60 % of its data severe, or two items have at least 30 %;
/// light when any measurement is light or severe; else none.
///
/// # Not computable
/// [`NotComputable::Missing`] without measurements.
///
/// # Note
/// That one item is enough for a point to be black and odorous is from memory.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::water::black_odorous_water::{Degree, Item, Measurement, degree_of_point};
/// let of = |text: &str| {
///     let value = text.parse().unwrap();
///     Measurement { item: Item::DissolvedOxygen, value, depth: None }
/// };
/// let visits = ["0.1", "0.1", "0.1", "3", "3"].map(of);
/// let found = degree_of_point(&visits, date(2026, 1, 1)).unwrap();
/// assert_eq!(found.value, Degree::Severe);
/// ```
pub fn degree_of_point(
    measurements: &[Measurement],
    on: Date,
) -> Result<Judged<Degree>, NotComputable> {
    let what = Text::fixed("监测数据", "every measurement");
    let first = measurements.first().ok_or(NotComputable::Missing { what })?;
    let (row, _, _) = limits_of(first.item, on)?;
    let mut worst = Degree::None;
    // Per item: all measurements, severe ones.
    let mut counts = [(0_u32, 0_u32); Item::ALL.len()];
    let mut inputs = Vec::with_capacity(measurements.len());
    for measurement in measurements {
        let found = degree(measurement, on)?;
        worst = worst.max(found);
        let (all, severe) = &mut counts[measurement.item as usize];
        *all += 1;
        *severe += u32::from(found == Degree::Severe);
        inputs.push(Input::new(
            measurement.item.name(),
            measurement.value,
            measurement.item.unit(),
        ));
    }
    let at_least = |percent: u32| {
        let enough = |(all, severe): &&(u32, u32)| *severe > 0 && severe * 100 >= all * percent;
        counts.iter().filter(enough).count()
    };
    let severe = at_least(60) >= 1 || at_least(30) >= 2;
    Ok(Judged {
        value: if severe { Degree::Severe } else { worst.min(Degree::Light) },
        by: row.citation(),
        inputs,
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// What the points along a water body amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waters {
    /// The share of severe points, percent with one decimal.
    pub severe_share: Decimal,
    /// Whether the whole water body counts as severe.
    pub is_severe: bool,
    /// Reaches that count as severe, as places of their first and last point.
    pub severe_reaches: Vec<std::ops::RangeInclusive<usize>>,
}

/// Returns which reaches of a water body, or whether the whole of it, are severely black and
/// odorous, from the degrees of its points in their order along the water.
///
/// # Standard
/// 城市黑臭水体整治工作指南 (2015), as one published copy has it.
///
/// # Formula
/// At least 60 % of the points severe: the whole; more than three severe points one after another:
/// their reach.
///
/// # Not computable
/// [`NotComputable::TooFew`] with fewer than three points; [`NotComputable::NoEdition`] before
/// 2015-08-28.
///
/// # Note
/// The copy says "连续 3 个以上", which may mean three or more; more than three is taken. The confidence
/// is that of one copy.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::water::black_odorous_water::{Degree, degree_of_waters};
/// use Degree::{Light, Severe};
/// let points = [Light, Severe, Severe, Severe, Severe, Light, Light, Light];
/// let found = degree_of_waters(&points, date(2026, 1, 1)).unwrap().value;
/// assert_eq!((found.is_severe, found.severe_reaches), (false, vec![1..=4]));
/// ```
pub fn degree_of_waters(points: &[Degree], on: Date) -> Result<Judged<Waters>, NotComputable> {
    let counted = points.len() as u32;
    if counted < 3 {
        let what = Text::fixed("监测点位", "points");
        return Err(NotComputable::TooFew { what, counted, wanted: 3 });
    }
    let (row, _, _) = limits_of(Item::DissolvedOxygen, on)?;
    let severe = points.iter().filter(|degree| **degree == Degree::Severe).count();
    let share = Decimal::from(severe * 100) / Decimal::from(counted);
    let mut reaches = Vec::new();
    let mut start = 0;
    for (place, degree) in points.iter().chain([&Degree::None]).enumerate() {
        if *degree != Degree::Severe {
            if place > start + 3 {
                reaches.push(start..=place - 1);
            }
            start = place + 1;
        }
    }
    Ok(Judged {
        value: Waters {
            severe_share: round_half_even(share, 1),
            is_severe: share >= Decimal::from(60),
            severe_reaches: reaches,
        },
        by: row.citation(),
        inputs: vec![
            Input::new(Text::fixed("点位数", "points"), Decimal::from(counted), ""),
            Input::new(Text::fixed("重度点位数", "severe points"), Decimal::from(severe), ""),
        ],
        rounding: vec![Rounding {
            of: Text::fixed("重度点位比例", "share of severe points"),
            how: RoundingRule::HalfEven(1),
        }],
        confidence: row.confidence().min(Confidence::Low),
    })
}

/// Explains a water body.
///
/// # Standard
/// As [`degree_of_waters`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::Language;
/// use standards::water::black_odorous_water::{Degree, degree_of_waters, explain_waters};
/// let found = degree_of_waters(&[Degree::Severe; 3], date(2026, 1, 1)).unwrap();
/// let plain = explain_waters(&found).to_plain(Language::Chinese);
/// assert!(plain.starts_with("整个水体为重度黑臭：重度点位占 100.0 %"));
/// ```
pub fn explain_waters(verdict: &Judged<Waters>) -> Explanation {
    let found = &verdict.value;
    let (share, reaches) = (found.severe_share, found.severe_reaches.len());
    let (zh, en) = match (found.is_severe, reaches) {
        (true, _) => ("整个水体为重度黑臭".to_owned(), "the whole water body is severe".to_owned()),
        (false, 0) => ("没有重度黑臭河段".to_owned(), "no reach is severe".to_owned()),
        (false, count) => {
            (format!("{count} 个河段为重度黑臭"), format!("{count} reaches are severe"))
        }
    };
    verdict.explained(Text::new(
        format!("{zh}：重度点位占 {share} %"),
        format!("{en}: {share} % of the points are"),
    ))
}

/// Returns whether rural water is black and odorous, from its measurements.
///
/// # Standard
/// 农村黑臭水体治理工作指南（试行）(2019), from memory: no degrees.
///
/// # Formula
/// Any of transparency below 25 cm (40 % of the depth where it is shallower), dissolved oxygen
/// below 2 mg/L, ammonia nitrogen above 15 mg/L.
///
/// # Units
/// cm, mg/L.
///
/// # Not computable
/// [`NotComputable::Missing`] without a measurement of the three; [`NotComputable::NoEdition`]
/// before 2019.
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use standards::water::black_odorous_water::{Item, Measurement, is_black_rural};
/// let oxygen = |text: &str| {
///     let value = text.parse().unwrap();
///     let one = Measurement { item: Item::DissolvedOxygen, value, depth: None };
///     is_black_rural(&[one], date(2026, 1, 1)).unwrap().value
/// };
/// assert!(oxygen("1.9") && !oxygen("2"));
/// ```
pub fn is_black_rural(
    measurements: &[Measurement],
    on: Date,
) -> Result<Judged<bool>, NotComputable> {
    let table: &'static Table = &RURAL;
    let none = NotComputable::NoEdition {
        standard: "农村黑臭水体治理工作指南（试行）", on
    };
    table.in_force(on).next().ok_or(none)?;
    let mut found: Option<(bool, &'static Row)> = None;
    let mut inputs = Vec::new();
    for one in measurements {
        let named = |row: &&Row| table.cell(row, "item") == one.item.as_str();
        let Some(row) = table.in_force(on).find(named) else { continue };
        let Some(limit) = table.decimal(row, "limit").ok().flatten() else { continue };
        let shallow = one.depth.filter(|depth| *depth < limit && one.item == Item::Transparency);
        let limit = shallow.map_or(limit, |depth| depth * Decimal::new(4, 1));
        let is_black = match table.cell(row, "compare") {
            ">" => one.value > limit,
            _ => one.value < limit,
        };
        inputs.push(Input::new(one.item.name(), one.value, one.item.unit()));
        // The first row that makes it black is cited; else the first row.
        if found.is_none_or(|(already, _)| is_black && !already) {
            found = Some((is_black, row));
        }
    }
    let what = Text::fixed("透明度、溶解氧、氨氮", "transparency, dissolved oxygen, ammonia");
    let (is_black, row) = found.ok_or(NotComputable::Missing { what })?;
    Ok(Judged {
        value: is_black,
        by: row.citation(),
        inputs,
        rounding: Vec::new(),
        confidence: row.confidence(),
    })
}

/// Explains whether rural water is black and odorous.
///
/// # Standard
/// As [`is_black_rural`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Decimal, Language};
/// use standards::water::black_odorous_water::{
///     Item, Measurement, explain_rural, is_black_rural,
/// };
/// let one = Measurement { item: Item::DissolvedOxygen, value: Decimal::ONE, depth: None };
/// let found = is_black_rural(&[one], date(2026, 1, 1)).unwrap();
/// assert!(explain_rural(&found).to_plain(Language::Chinese).starts_with("属于农村黑臭水体"));
/// ```
pub fn explain_rural(verdict: &Judged<bool>) -> Explanation {
    let by = verdict.by.text();
    let (zh, en) = if verdict.value {
        ("属于农村黑臭水体", "the rural water is black and odorous")
    } else {
        ("不属于农村黑臭水体", "the rural water is not black and odorous")
    };
    verdict.explained(Text::new(format!("{zh}（{}）", by.zh), format!("{en} ({})", by.en)))
}

/// Explains the degree of a point.
///
/// # Standard
/// As [`degree_of_point`].
///
/// # Example
/// ```
/// use jiff::civil::date;
/// use rulebook::{Decimal, Language};
/// use standards::water::black_odorous_water::{
///     Item, Measurement, degree_of_point, explain,
/// };
/// let one = Measurement { item: Item::AmmoniaNitrogen, value: Decimal::from(9), depth: None };
/// let found = degree_of_point(&[one], date(2026, 1, 1)).unwrap();
/// assert!(explain(&found).to_plain(Language::Chinese).starts_with("轻度黑臭"));
/// ```
pub fn explain(verdict: &Judged<Degree>) -> Explanation {
    let name = verdict.value.name();
    verdict.explained(Text::new(
        format!("{}（{}）", name.zh, verdict.by.edition),
        format!("{} ({})", name.en, verdict.by.edition),
    ))
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 2] {
    [&LIMITS, &RURAL]
}
