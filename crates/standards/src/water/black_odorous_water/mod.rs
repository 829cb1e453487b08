//! Black and odorous water of cities (城市黑臭水体, 整治工作指南 2015).
//!
//! Table: `limits.csv`. Check values: `vectors.csv`.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use jiff::civil::Date;
use rulebook::{Decimal, Explanation, Input, Judged, NotComputable, Row, Table, Text};

static LIMITS: LazyLock<Table> = LazyLock::new(|| {
    Table::load("black_odorous_water/limits", include_str!("limits.csv"), &["item"])
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

/// Explains the degree of a point.
pub fn explain(verdict: &Judged<Degree>) -> Explanation {
    let name = verdict.value.name();
    let row = |input: &Input| vec![input.name.clone(), input.shown()];
    Explanation {
        sentence: Text::new(
            format!("{}（{}）", name.zh, verdict.by.edition),
            format!("{} ({})", name.en, verdict.by.edition),
        ),
        columns: vec![Text::fixed("项目", "item"), Text::fixed("数值", "value")],
        rows: verdict.inputs.iter().map(row).collect(),
        notes: vec![verdict.confidence.text()],
    }
}

/// The dated tables, for browsing.
pub fn tables() -> [&'static Table; 1] {
    [&LIMITS]
}
