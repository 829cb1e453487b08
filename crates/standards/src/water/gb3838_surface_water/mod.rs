//! GB 3838: environmental quality standards for surface water (地表水环境质量标准).
//!
//! Edition: GB 3838-2002 (from 2002-06-01). Tables: `table1.csv`, `digits.csv` (decimals in which
//! values are published and assessed). Check values: `vectors.csv`.
//! A class is made from the unrounded values, item by item; the worst item decides. What the
//! national platform does beside the text is a named [`Method`].

mod explain;
mod item;
mod table;
#[cfg(test)]
mod tests;

use jiff::civil::{Date, date};
use rulebook::{
    Citation, Confidence, Decimal, Input, Judged, NotComputable, Rounding, RoundingRule, Table,
    Text, round_half_even, round_half_even_keeping_first_digit,
};

pub use explain::Grade;
pub use item::{Class, Item, Sample, WaterBody};
use table::Limits;

/// The editions of the standard, for browsing.
pub const EDITIONS: &[rulebook::Edition] =
    &[rulebook::Edition::new("GB3838-2002", "GB 3838-2002", date(2002, 6, 1), None)];

/// An edition of GB 3838 (标准版本).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edition {
    /// GB 3838-2002.
    Gb3838_2002,
}

impl Edition {
    /// The edition in force on the day of the sample.
    ///
    /// # Standard
    /// Days: GB 3838-2002 from 2002-06-01.
    ///
    /// # Not computable
    /// [`NotComputable::NoEdition`] before 2002-06-01.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use standards::water::gb3838_surface_water::Edition;
    /// assert_eq!(Edition::in_force(date(2026, 2, 4)), Ok(Edition::Gb3838_2002));
    /// ```
    pub fn in_force(on: Date) -> Result<Self, NotComputable> {
        let edition = Self::Gb3838_2002;
        if edition.record().covers(on) {
            Ok(edition)
        } else {
            Err(NotComputable::NoEdition { standard: "GB 3838", on })
        }
    }

    /// Number and days of the edition.
    pub const fn record(self) -> &'static rulebook::Edition {
        &EDITIONS[self as usize]
    }
}

/// Which items make the class (评价项目). The set is dated and differs between uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemSet {
    /// pH, dissolved oxygen, permanganate index, ammonia nitrogen, total phosphorus.
    Five,
    /// The items of table 1 without temperature, total nitrogen and faecal coliforms.
    TwentyOne,
}

impl ItemSet {
    /// Whether an item is in the set.
    pub fn contains(self, item: Item) -> bool {
        match self {
            Self::Five => Item::FIVE.contains(&item),
            Self::TwentyOne => Limits::get(item, WaterBody::River).in_21_items,
        }
    }
}

/// How class I of dissolved oxygen is read: "saturation 90 % (or 7.5)".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OxygenRule {
    /// 7.5 mg/L or 90 % of saturation, where the temperature is known.
    SaturationOrConcentration,
    /// 7.5 mg/L only.
    ConcentrationOnly,
}

/// Which items count, how, and from how many on (评价方法).
///
/// # Note
/// The two practices of the national platform were found by recomputing its published classes:
/// 23,745 of 23,750 rows of 2020 and 2021 and 1,142 of 1,145 of 2026 agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Method {
    items: ItemSet,
    oxygen: OxygenRule,
    published_from: usize,
    rounds_first: bool,
}

impl Method {
    /// The national real-time platform of 2020 and 2021: five items, oxygen by 7.5 mg/L only, a
    /// class only from at least four of the five.
    pub const NATIONAL_REAL_TIME_2020: Self = Self {
        items: ItemSet::Five,
        oxygen: OxygenRule::ConcentrationOnly,
        published_from: 4,
        rounds_first: false,
    };

    /// The national real-time platform of 2026: the same, but classes appear with any number of
    /// items.
    pub const NATIONAL_REAL_TIME_2026: Self =
        Self { published_from: 1, ..Self::NATIONAL_REAL_TIME_2020 };

    /// The text of the standard over a set of items.
    ///
    /// # Standard
    /// GB 3838-2002 5.1; the set of items is that of the use.
    ///
    /// # Example
    /// ```
    /// use standards::water::gb3838_surface_water::{ItemSet, Method};
    /// assert_eq!(Method::as_written(ItemSet::TwentyOne).items(), ItemSet::TwentyOne);
    /// ```
    pub const fn as_written(items: ItemSet) -> Self {
        Self {
            items,
            oxygen: OxygenRule::SaturationOrConcentration,
            published_from: 1,
            rounds_first: false,
        }
    }

    /// The same with the values rounded to the decimals of assessment before they are judged
    /// ([`Item::assessment_decimals`]): oxygen of 4.96 mg/L is class IV in real time and, as 5.0,
    /// class III in a monthly assessment.
    ///
    /// # Standard
    /// Decimals of one class library; whether the national assessment rounds first was not seen in
    /// a text, so it is a choice.
    ///
    /// # Example
    /// ```
    /// use standards::water::gb3838_surface_water::{
    ///     Class, Item, ItemSet, Method, Sample, WaterBody, class_of_sample,
    /// };
    /// let sample = Sample::default().with(Item::DissolvedOxygen, "4.96".parse().unwrap());
    /// let of = |method| class_of_sample(method, WaterBody::River, &sample).class.unwrap();
    /// let method = Method::as_written(ItemSet::TwentyOne);
    /// assert_eq!((of(method), of(method.rounding_first())), (Class::IV, Class::III));
    /// ```
    #[must_use]
    pub const fn rounding_first(self) -> Self {
        Self { rounds_first: true, ..self }
    }

    /// Whether values are rounded before they are judged.
    ///
    /// # Standard
    /// As [`Method::rounding_first`].
    ///
    /// # Example
    /// ```
    /// use standards::water::gb3838_surface_water::Method;
    /// assert!(!Method::NATIONAL_REAL_TIME_2026.rounds_first());
    /// ```
    pub const fn rounds_first(self) -> bool {
        self.rounds_first
    }

    /// The practice of the national real-time platform on a day.
    ///
    /// # Standard
    /// Read off the published classes of 2020, 2021 and 2026.
    ///
    /// # Note
    /// The day of the change lies somewhere between 2021-05 and 2026-02 and is not known;
    /// 2026-01-01 is assumed.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use standards::water::gb3838_surface_water::Method;
    /// let of = Method::national_real_time;
    /// assert_eq!(of(date(2021, 4, 1)), Method::NATIONAL_REAL_TIME_2020);
    /// assert_eq!(of(date(2026, 2, 4)), Method::NATIONAL_REAL_TIME_2026);
    /// ```
    pub fn national_real_time(on: Date) -> Self {
        if on < date(2026, 1, 1) {
            Self::NATIONAL_REAL_TIME_2020
        } else {
            Self::NATIONAL_REAL_TIME_2026
        }
    }

    /// The value of an item as it is judged.
    fn judged(self, item: Item, value: Decimal) -> Decimal {
        if !self.rounds_first {
            return value;
        }
        item.assessment_decimals().map_or(value, |decimals| round_half_even(value, decimals))
    }

    /// The set of items.
    pub const fn items(self) -> ItemSet {
        self.items
    }

    /// How class I of dissolved oxygen is read.
    pub const fn oxygen(self) -> OxygenRule {
        self.oxygen
    }
}

/// Returns the limit of an item for a class; pH has none (6 to 9 in every class).
///
/// # Standard
/// GB 3838-2002 table 1.
///
/// # Units
/// Those of [`Item::unit`].
///
/// # Not computable
/// [`NotComputable::NotInTable`] for water temperature, pH, and worse than class V.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::water::gb3838_surface_water::{Class, Item, WaterBody, limit};
/// let phosphorus = |body| limit(Item::TotalPhosphorus, body, Class::III).unwrap();
/// assert_eq!(phosphorus(WaterBody::River), Decimal::new(2, 1));
/// assert_eq!(phosphorus(WaterBody::Lake), Decimal::new(5, 2));
/// ```
pub fn limit(item: Item, body: WaterBody, class: Class) -> Result<Decimal, NotComputable> {
    let limits = &Limits::get(item, body).of_class;
    limits.get(class as usize).copied().ok_or(NotComputable::NotInTable {
        what: item.name(),
        edition: Edition::Gb3838_2002.record().number,
    })
}

/// Returns the class of one item by its unrounded value (单因子类别). Allocates nothing.
///
/// # Standard
/// GB 3838-2002 5.1, table 1.
///
/// # Formula
/// The best class whose limit holds: `>=` for dissolved oxygen, `<=` for the others; pH within 6
/// to 9 never worsens a class, outside it is worse than V.
///
/// # Units
/// Those of [`Item::unit`].
///
/// # Not computable
/// [`NotComputable::NotInTable`] for water temperature and for total nitrogen of a river;
/// [`NotComputable::Invalid`] for a negative value.
///
/// # Note
/// That pH outside 6 to 9 is worse than V is not printed: every published class shows it.
///
/// # Example
/// ```
/// use standards::water::gb3838_surface_water::{Class, Item, WaterBody, class_of_item};
/// let oxygen = |text: &str| {
///     class_of_item(Item::DissolvedOxygen, WaterBody::River, text.parse().unwrap()).unwrap()
/// };
/// assert_eq!(oxygen("5.00"), Class::III);
/// assert_eq!(oxygen("4.995"), Class::IV);
/// ```
pub fn class_of_item(item: Item, body: WaterBody, value: Decimal) -> Result<Class, NotComputable> {
    if value.is_sign_negative() && !value.is_zero() {
        let why = Text::fixed("数值为负", "the value is negative");
        return Err(NotComputable::Invalid { what: item.name(), why });
    }
    if item == Item::Ph {
        let neutral = Decimal::from(6) <= value && value <= Decimal::from(9);
        return Ok(if neutral { Class::I } else { Class::InferiorV });
    }
    let limits = &Limits::get(item, body).of_class;
    let river_nitrogen = item == Item::TotalNitrogen && body == WaterBody::River;
    if limits.is_empty() || river_nitrogen {
        let edition = Edition::Gb3838_2002.record().number;
        return Err(NotComputable::NotInTable { what: item.name(), edition });
    }
    let holds = |limit: &Decimal| match item {
        Item::DissolvedOxygen => value >= *limit,
        _ => value <= *limit,
    };
    let place = limits.iter().position(holds).unwrap_or(limits.len());
    Ok(Class::ALL[place])
}

/// Whether dissolved oxygen reaches 90 % of saturation.
///
/// # Standard
/// GB 3838-2002 table 1, class I of dissolved oxygen: "saturation 90 % (or 7.5)".
///
/// # Formula
/// `DO >= 0.9 * 468 / (31.6 + T)`, multiplied out so that nothing is rounded.
///
/// # Units
/// `oxygen` in mg/L, `temperature` in ℃.
///
/// # Note
/// The saturation formula is the one in use for fresh water at sea level; the text of GB 3838
/// gives none.
///
/// # Example
/// ```
/// use standards::water::gb3838_surface_water::reaches_90_percent_saturation;
/// let value = |text: &str| text.parse().unwrap();
/// // 468 / (31.6 + 28.4) = 7.8; nine tenths are 7.02.
/// assert!(reaches_90_percent_saturation(value("7.02"), value("28.4")));
/// assert!(!reaches_90_percent_saturation(value("7.01"), value("28.4")));
/// ```
pub fn reaches_90_percent_saturation(oxygen: Decimal, temperature: Decimal) -> bool {
    let below = Decimal::new(316, 1).checked_add(temperature);
    let product = below.and_then(|below| oxygen.checked_mul(below));
    product.is_some_and(|product| product >= Decimal::new(4212, 1))
}

/// The class of one sample, with the class of each item (断面水质类别).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurfaceWater {
    /// By which method.
    pub method: Method,
    /// River or lake.
    pub body: WaterBody,
    /// The sample.
    pub sample: Sample,
    /// The class of each item in the order of [`Item::ALL`], whether it counts or not; `None`
    /// where it was not measured.
    pub items: [Option<Result<Class, NotComputable>>; Item::COUNT],
    /// The class, or why there is none.
    pub class: Result<Class, NotComputable>,
    /// What the publisher holds back although a class can be made: fewer than four of the five
    /// items ([`Method::NATIONAL_REAL_TIME_2020`]).
    pub likely_withheld: Option<NotComputable>,
}

/// Returns the class of one sample: that of its worst item.
///
/// # Standard
/// GB 3838-2002 5.1 (single factor); the set of items by the method. Total nitrogen, water
/// temperature and faecal coliforms never count.
///
/// # Formula
/// `class = max(class of item)` over the items that the method counts.
///
/// # Units
/// As [`Sample`]; unrounded values.
///
/// # Not computable
/// [`NotComputable::Missing`] when no item that counts was measured.
///
/// # Example
/// ```
/// use standards::water::gb3838_surface_water::{
///     Class, Item, Method, Sample, WaterBody, class_of_sample,
/// };
/// let value = |text: &str| text.parse().unwrap();
/// let sample = Sample::default()
///     .with(Item::Ph, value("7.57"))
///     .with(Item::DissolvedOxygen, value("7.001"))
///     .with(Item::PermanganateIndex, value("6.211"))
///     .with(Item::AmmoniaNitrogen, value("0.0837"))
///     .with(Item::TotalPhosphorus, value("0.02402"));
/// let found = class_of_sample(Method::NATIONAL_REAL_TIME_2020, WaterBody::River, &sample);
/// assert_eq!(found.class, Ok(Class::IV));
/// assert_eq!(found.deciding(), [Item::PermanganateIndex]);
/// ```
pub fn class_of_sample(method: Method, body: WaterBody, sample: &Sample) -> SurfaceWater {
    let items = Item::ALL.map(|item| {
        let value = method.judged(item, sample.get(item)?);
        let found = class_of_item(item, body, value);
        let saturated = item == Item::DissolvedOxygen
            && method.oxygen == OxygenRule::SaturationOrConcentration
            && sample
                .get(Item::WaterTemperature)
                .is_some_and(|temperature| reaches_90_percent_saturation(value, temperature));
        Some(if saturated { found.map(|_| Class::I) } else { found })
    });
    let counting = || {
        Item::ALL
            .into_iter()
            .zip(&items)
            .filter(move |(item, _)| method.items.contains(*item))
            .filter_map(|(_, found)| found.as_ref()?.as_ref().ok().copied())
    };
    let what = Text::fixed("全部评价项目", "every item that counts");
    let class = counting().max().ok_or(NotComputable::Missing { what });
    let measured = counting().count();
    let likely_withheld =
        (class.is_ok() && measured < method.published_from).then(|| NotComputable::TooFew {
            what: Text::fixed("评价项目", "items that count"),
            counted: measured as u32,
            wanted: method.published_from as u32,
        });
    SurfaceWater { method, body, sample: sample.clone(), items, class, likely_withheld }
}

impl SurfaceWater {
    /// The class of one item, `None` where it was not measured.
    ///
    /// # Standard
    /// GB 3838-2002 table 1, as [`class_of_item`].
    ///
    /// # Example
    /// ```
    /// use standards::water::gb3838_surface_water::{
    ///     Class, Item, Method, Sample, WaterBody, class_of_sample,
    /// };
    /// let sample = Sample::default().with(Item::AmmoniaNitrogen, "1.2".parse().unwrap());
    /// let found = class_of_sample(Method::NATIONAL_REAL_TIME_2026, WaterBody::River, &sample);
    /// assert_eq!(found.of(Item::AmmoniaNitrogen), Some(&Ok(Class::IV)));
    /// assert_eq!(found.of(Item::TotalPhosphorus), None);
    /// ```
    pub fn of(&self, item: Item) -> Option<&Result<Class, NotComputable>> {
        self.items[item.index()].as_ref()
    }

    /// The items that decide the class (定类项目): all that have it, in the order of the table;
    /// empty in class I, which no item worsens.
    ///
    /// # Standard
    /// GB 3838-2002 5.1: the worst item decides.
    ///
    /// # Example
    /// ```
    /// use standards::water::gb3838_surface_water::{
    ///     Item, Method, Sample, WaterBody, class_of_sample,
    /// };
    /// let sample = Sample::default().with(Item::AmmoniaNitrogen, "1.2".parse().unwrap());
    /// let found = class_of_sample(Method::NATIONAL_REAL_TIME_2026, WaterBody::River, &sample);
    /// assert_eq!(found.deciding(), [Item::AmmoniaNitrogen]);
    /// ```
    pub fn deciding(&self) -> Vec<Item> {
        let Ok(worst) = &self.class else { return Vec::new() };
        Item::ALL
            .into_iter()
            .filter(|item| self.method.items.contains(*item) && *worst > Class::I)
            .filter(|item| self.of(*item).is_some_and(|found| found.as_ref() == Ok(worst)))
            .collect()
    }

    /// The class as a verdict with its reasons.
    ///
    /// # Standard
    /// GB 3838-2002 5.1, table 1.
    ///
    /// # Not computable
    /// The reason in `class`.
    ///
    /// # Example
    /// ```
    /// use standards::water::gb3838_surface_water::{
    ///     Class, Item, Method, Sample, WaterBody, class_of_sample,
    /// };
    /// let sample = Sample::default().with(Item::AmmoniaNitrogen, "1.2".parse().unwrap());
    /// let found = class_of_sample(Method::NATIONAL_REAL_TIME_2026, WaterBody::River, &sample);
    /// let verdict = found.judged().unwrap();
    /// assert_eq!(verdict.value, Class::IV);
    /// assert_eq!(verdict.by.to_string(), "GB 3838-2002 table 1");
    /// ```
    pub fn judged(&self) -> Result<Judged<Class>, NotComputable> {
        let class = self.class.clone()?;
        let inputs = Item::ALL
            .into_iter()
            .filter(|item| self.method.items.contains(*item))
            .filter_map(|item| Some(Input::new(item.name(), self.sample.get(item)?, item.unit())))
            .collect();
        let row = Limits::get(Item::DissolvedOxygen, self.body).row;
        let (mut rounding, mut sure) = (Vec::new(), Confidence::Certain);
        let measured = |item: &Item| {
            self.method.rounds_first
                && self.method.items.contains(*item)
                && self.of(*item).is_some()
        };
        for item in Item::ALL.into_iter().filter(measured) {
            if let Some((decimals, row)) = table::digits("assessment", item.as_str()) {
                let how = RoundingRule::HalfEven(decimals);
                rounding.push(Rounding { of: item.name(), how });
                sure = sure.min(row.confidence());
            }
        }
        let confidence = row.map_or(Confidence::Unknown, rulebook::Row::confidence);
        Ok(Judged {
            value: class,
            by: row.map_or_else(citation_without_row, rulebook::Row::citation),
            inputs,
            rounding,
            confidence: confidence.min(sure),
        })
    }
}

fn citation_without_row() -> Citation {
    Citation {
        standard: "GB 3838".into(),
        edition: Edition::Gb3838_2002.record().number.into(),
        clause: "table 1".into(),
        source: "".into(),
    }
}

/// The value as the national platform shows it: rounded half to even to its usual decimals, a
/// value that is not zero never to zero. `None` for an item that the platform does not show.
///
/// # Standard
/// Practice seen on published values (3,151 exact ties, all to the even digit).
///
/// # Example
/// ```
/// use standards::water::gb3838_surface_water::{Item, published_value};
/// let shown = |item, text: &str| {
///     published_value(item, text.parse().unwrap()).unwrap().to_string()
/// };
/// assert_eq!(shown(Item::TotalPhosphorus, "0.0205"), "0.020");
/// assert_eq!(shown(Item::AmmoniaNitrogen, "0.82"), "0.820");
/// assert_eq!(shown(Item::AmmoniaNitrogen, "0.00025"), "0.0002");
/// ```
pub fn published_value(item: Item, value: Decimal) -> Option<Decimal> {
    item.published_decimals().map(|places| round_half_even_keeping_first_digit(value, places))
}

/// The dated tables of the standard, for browsing.
pub fn tables() -> [&'static Table; 2] {
    table::tables()
}
