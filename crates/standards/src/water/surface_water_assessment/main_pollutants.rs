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
/// # Formula
/// `(C - S) / S`. The class is III for a section's main pollutants; publications against a target
/// use the target's.
pub fn multiple_over(item: Item, body: WaterBody, value: Decimal, class: Class) -> Option<Decimal> {
    if matches!(item, Item::Ph | Item::DissolvedOxygen | Item::WaterTemperature) {
        return None;
    }
    let limit = limit(item, body, class).ok()?;
    (value > limit).then(|| value.checked_sub(limit)?.checked_div(limit)).flatten()
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
