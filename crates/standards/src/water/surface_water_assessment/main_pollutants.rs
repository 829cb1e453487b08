//! The main pollutants of a section worse than class III (主要污染指标).

use rulebook::{Decimal, round_half_even};

use crate::water::gb3838_surface_water::{Class, Item, SurfaceWater, WaterBody, limit};

/// An item over the limit of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// The item.
    pub item: Item,
    /// Its class.
    pub class: Class,
    /// The multiple over the limit with one decimal; `None` for pH, dissolved oxygen and water
    /// temperature, which have none.
    pub multiple: Option<Decimal>,
}

impl std::fmt::Display for Excess {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.item.name().zh)?;
        self.multiple.map_or(Ok(()), |multiple| write!(formatter, "({multiple})"))
    }
}

/// The multiple of a value over the limit of a class, exact; `None` within it and for items that
/// have none.
///
/// # Standard
/// 环办〔2011〕22号: none for pH, dissolved oxygen and water temperature.
///
/// # Formula
/// `(C - S) / S`. The class is III for a section's main pollutants; publications against a target
/// use the target's.
///
/// # Example
/// ```
/// use standards::water::gb3838_surface_water::{Class, Item, WaterBody};
/// use standards::water::surface_water_assessment::multiple_over;
/// // Published for Guangdong in 2016-04 against the target III: 氨氮/1.3.
/// let value = "2.3".parse().unwrap();
/// let over = multiple_over(Item::AmmoniaNitrogen, WaterBody::River, value, Class::III);
/// assert_eq!(over.unwrap().normalize().to_string(), "1.3");
/// ```
pub fn multiple_over(item: Item, body: WaterBody, value: Decimal, class: Class) -> Option<Decimal> {
    if matches!(item, Item::Ph | Item::DissolvedOxygen | Item::WaterTemperature) {
        return None;
    }
    let limit = limit(item, body, class).ok()?;
    (value > limit).then(|| value.checked_sub(limit)?.checked_div(limit)).flatten()
}

/// An item with the share of the sections of a river system in which it is over class III.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The item.
    pub item: Item,
    /// The share of the sections, percent with one decimal (断面超标率).
    pub share: Decimal,
}

/// Returns the main pollutants of a river system: at most three.
///
/// # Standard
/// 环办〔2011〕22号: by the share of sections over class III, the largest first, three of them;
/// published so in the national bulletins (17.6 %, 15.1 %, 14.2 % in 2016).
///
/// # Formula
/// Sections in which the item is worse than class III over all sections in which it was measured.
///
/// # Note
/// That sections without the item leave the share, and that equal shares stand in the order of the
/// table, is a reading of ours. With fewer than five sections use [`main_pollutants`] on the means.
///
/// # Example
/// ```
/// use standards::water::gb3838_surface_water::{
///     Item, ItemSet, Method, Sample, WaterBody, class_of_sample,
/// };
/// use standards::water::surface_water_assessment::main_pollutants_of_basin;
/// let section = |ammonia: &str| {
///     let sample = Sample::default().with(Item::AmmoniaNitrogen, ammonia.parse().unwrap());
///     class_of_sample(Method::as_written(ItemSet::TwentyOne), WaterBody::River, &sample)
/// };
/// let found = main_pollutants_of_basin(&["0.2", "1.2", "0.3", "0.4", "0.9"].map(section));
/// assert_eq!((found[0].item, found[0].share.to_string()), (Item::AmmoniaNitrogen, "20.0".into()));
/// ```
pub fn main_pollutants_of_basin(sections: &[SurfaceWater]) -> Vec<Share> {
    let share = |item: Item| {
        let class = |section: &SurfaceWater| {
            let counts = section.method.items().contains(item);
            section.of(item)?.as_ref().ok().copied().filter(|_| counts)
        };
        let classes: Vec<Class> = sections.iter().filter_map(class).collect();
        let over = classes.iter().filter(|class| **class > Class::III).count();
        let share = Decimal::from(over * 100).checked_div(Decimal::from(classes.len()))?;
        (over > 0).then(|| (share, Share { item, share: round_half_even(share, 1) }))
    };
    let mut found: Vec<(Decimal, Share)> = Item::ALL.into_iter().filter_map(share).collect();
    // The order of equal shares stays that of the table.
    found.sort_by(|(one, _), (other, _)| other.cmp(one));
    found.truncate(3);
    found.into_iter().map(|(_, share)| share).collect()
}

/// Whether an item goes first when it is over class III: cyanide and heavy metals.
const fn goes_first(item: Item) -> bool {
    matches!(
        item,
        Item::Cyanide
            | Item::Lead
            | Item::HexavalentChromium
            | Item::Mercury
            | Item::Cadmium
            | Item::Arsenic
            | Item::Copper
            | Item::Zinc
    )
}

/// Returns the main pollutants of a section: at most three, none where it is class III or better.
///
/// # Standard
/// 环办〔2011〕22号.
///
/// # Formula
/// Items worse than class III; cyanide and heavy metals first, then by class, the worst first,
/// then by multiple over class III, the largest first.
///
/// # Note
/// From memory, to be checked against the text; so is the list of heavy metals that go first.
///
/// # Example
/// ```
/// use standards::water::gb3838_surface_water::{
///     Item, ItemSet, Method, Sample, WaterBody, class_of_sample,
/// };
/// use standards::water::surface_water_assessment::main_pollutants;
/// let sample = Sample::default()
///     .with(Item::AmmoniaNitrogen, "2.2".parse().unwrap())
///     .with(Item::PermanganateIndex, "7.2".parse().unwrap());
/// let method = Method::as_written(ItemSet::TwentyOne);
/// let found = main_pollutants(&class_of_sample(method, WaterBody::River, &sample));
/// let named: Vec<String> = found.iter().map(ToString::to_string).collect();
/// assert_eq!(named, ["氨氮(1.2)", "高锰酸盐指数(0.2)"]);
/// ```
pub fn main_pollutants(section: &SurfaceWater) -> Vec<Excess> {
    let excess = |item: Item| {
        let class = *section.of(item)?.as_ref().ok()?;
        let value = section.sample.get(item)?;
        let counts = section.method.items().contains(item) && class > Class::III;
        let multiple = multiple_over(item, section.body, value, Class::III);
        counts.then_some((Excess { item, class, multiple }, multiple.unwrap_or_default()))
    };
    let mut found: Vec<(Excess, Decimal)> = Item::ALL.into_iter().filter_map(excess).collect();
    found.sort_by(|(one, over), (other, other_over)| {
        let order = goes_first(other.item).cmp(&goes_first(one.item));
        order.then(other.class.cmp(&one.class)).then(other_over.cmp(over))
    });
    found.truncate(3);
    let rounded = |(excess, _): (Excess, Decimal)| Excess {
        multiple: excess.multiple.map(|multiple| round_half_even(multiple, 1)),
        ..excess
    };
    found.into_iter().map(rounded).collect()
}
