//! What the index is made of: a pollutant with its averaging period, and the values of a report.

use rulebook::{Decimal, Text};

use crate::air::Pollutant;

/// A pollutant with its averaging period (项目与取值时间), so that a 1 h value cannot meet a
/// 24 h table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Item {
    /// SO2, 24 h mean.
    So2Day,
    /// SO2, 1 h mean.
    So2Hour,
    /// NO2, 24 h mean.
    No2Day,
    /// NO2, 1 h mean.
    No2Hour,
    /// PM10, 24 h mean: of the day, or moving in a real-time report of 2012.
    Pm10Day,
    /// PM10, 1 h mean, read on the daily breakpoints.
    Pm10Hour,
    /// PM2.5, 24 h mean: of the day, or moving in a real-time report of 2012.
    Pm25Day,
    /// PM2.5, 1 h mean, read on the daily breakpoints.
    Pm25Hour,
    /// CO, 24 h mean.
    CoDay,
    /// CO, 1 h mean.
    CoHour,
    /// O3, 8 h mean: the day's maximum, or moving in a real-time report of 2012.
    O3EightHours,
    /// O3, 1 h mean: the day's maximum, or of this hour.
    O3Hour,
}

impl Item {
    /// How many items there are.
    pub const COUNT: usize = 12;

    /// Every item.
    pub const ALL: [Self; Self::COUNT] = [
        Self::So2Day,
        Self::So2Hour,
        Self::No2Day,
        Self::No2Hour,
        Self::Pm10Day,
        Self::Pm10Hour,
        Self::Pm25Day,
        Self::Pm25Hour,
        Self::CoDay,
        Self::CoHour,
        Self::O3EightHours,
        Self::O3Hour,
    ];

    /// The pollutant.
    pub const fn pollutant(self) -> Pollutant {
        match self {
            Self::So2Day | Self::So2Hour => Pollutant::So2,
            Self::No2Day | Self::No2Hour => Pollutant::No2,
            Self::Pm10Day | Self::Pm10Hour => Pollutant::Pm10,
            Self::Pm25Day | Self::Pm25Hour => Pollutant::Pm25,
            Self::CoDay | Self::CoHour => Pollutant::Co,
            Self::O3EightHours | Self::O3Hour => Pollutant::O3,
        }
    }

    /// Hours in the averaging period: 1, 8 or 24.
    pub const fn hours(self) -> u32 {
        match self {
            Self::So2Day | Self::No2Day | Self::Pm10Day | Self::Pm25Day | Self::CoDay => 24,
            Self::O3EightHours => 8,
            _ => 1,
        }
    }

    /// The identifier in files: `PM25_24H`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::So2Day => "SO2_24H",
            Self::So2Hour => "SO2_1H",
            Self::No2Day => "NO2_24H",
            Self::No2Hour => "NO2_1H",
            Self::Pm10Day => "PM10_24H",
            Self::Pm10Hour => "PM10_1H",
            Self::Pm25Day => "PM25_24H",
            Self::Pm25Hour => "PM25_1H",
            Self::CoDay => "CO_24H",
            Self::CoHour => "CO_1H",
            Self::O3EightHours => "O3_8H",
            Self::O3Hour => "O3_1H",
        }
    }

    /// The item of an identifier, or `None`.
    pub fn parse(identifier: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.as_str() == identifier)
    }

    /// The item of a pollutant averaged over 1, 8 or 24 hours, or `None`.
    ///
    /// # Standard
    /// The items of HJ 633 table 1 (2012), table 3 (2026).
    ///
    /// # Example
    /// ```
    /// use standards::air::Pollutant;
    /// use standards::air::hj633_air_quality_index::Item;
    /// assert_eq!(Item::of(Pollutant::O3, 8), Some(Item::O3EightHours));
    /// assert_eq!(Item::of(Pollutant::Co, 8), None);
    /// ```
    pub fn of(pollutant: Pollutant, hours: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.pollutant() == pollutant && item.hours() == hours)
    }

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::So2Day => Text::fixed("SO2 24 小时平均浓度", "the 24 h mean of SO2"),
            Self::So2Hour => Text::fixed("SO2 1 小时平均浓度", "the 1 h mean of SO2"),
            Self::No2Day => Text::fixed("NO2 24 小时平均浓度", "the 24 h mean of NO2"),
            Self::No2Hour => Text::fixed("NO2 1 小时平均浓度", "the 1 h mean of NO2"),
            Self::Pm10Day => Text::fixed("PM10 24 小时平均浓度", "the 24 h mean of PM10"),
            Self::Pm10Hour => Text::fixed("PM10 1 小时平均浓度", "the 1 h mean of PM10"),
            Self::Pm25Day => Text::fixed("PM2.5 24 小时平均浓度", "the 24 h mean of PM2.5"),
            Self::Pm25Hour => Text::fixed("PM2.5 1 小时平均浓度", "the 1 h mean of PM2.5"),
            Self::CoDay => Text::fixed("CO 24 小时平均浓度", "the 24 h mean of CO"),
            Self::CoHour => Text::fixed("CO 1 小时平均浓度", "the 1 h mean of CO"),
            Self::O3EightHours => Text::fixed("O3 8 小时平均浓度", "the 8 h mean of O3"),
            Self::O3Hour => Text::fixed("O3 1 小时平均浓度", "the 1 h mean of O3"),
        }
    }

    /// The name of the rows in the table of breakpoints.
    pub(super) const fn row_name(self) -> &'static str {
        match self {
            Self::Pm10Hour => "PM10_24H",
            Self::Pm25Hour => "PM25_24H",
            other => other.as_str(),
        }
    }
}

/// The concentrations of one place and period, by item; what was not given is missing.
///
/// # Units
/// CO in mg/m3, the others in ug/m3.
///
/// # Example
/// ```
/// use rulebook::Decimal;
/// use standards::air::hj633_air_quality_index::{Concentrations, Item};
/// let air = Concentrations::default().with(Item::Pm25Day, Decimal::from(61));
/// assert_eq!(air.get(Item::Pm25Day), Some(Decimal::from(61)));
/// assert_eq!(air.get(Item::Pm10Day), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concentrations {
    values: [Option<Decimal>; Item::COUNT],
    not_monitored: [Option<NotMonitored>; 6],
}

/// A pollutant that a place does not monitor by its plan ("/" in a report).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMonitored {
    /// Three years of measurements show no day of light pollution or worse with it as primary
    /// pollutant, so it does not stop the index (HJ 633-2026 5.3.2).
    Harmless,
    /// That was not shown: it counts as missing (HJ 633-2026 5.3.1).
    NotShownHarmless,
}

impl Concentrations {
    /// The same with one value more.
    #[must_use]
    pub fn with(mut self, item: Item, concentration: Decimal) -> Self {
        self.values[item as usize] = Some(concentration);
        self
    }

    /// The same with a value that may be missing.
    #[must_use]
    pub fn with_option(mut self, item: Item, concentration: Option<Decimal>) -> Self {
        self.values[item as usize] = concentration;
        self
    }

    /// The same with a pollutant that the place does not monitor by plan.
    #[must_use]
    pub fn without(mut self, pollutant: Pollutant, why: NotMonitored) -> Self {
        self.not_monitored[pollutant.index()] = Some(why);
        self
    }

    /// The concentration of an item.
    pub fn get(&self, item: Item) -> Option<Decimal> {
        self.values[item as usize]
    }

    /// Whether and why a pollutant is not monitored by plan.
    ///
    /// # Standard
    /// HJ 633-2026 5.3.2.
    ///
    /// # Example
    /// ```
    /// use standards::air::Pollutant;
    /// use standards::air::hj633_air_quality_index::{Concentrations, NotMonitored};
    /// let air = Concentrations::default().without(Pollutant::So2, NotMonitored::Harmless);
    /// assert_eq!(air.not_monitored(Pollutant::So2), Some(NotMonitored::Harmless));
    /// ```
    pub fn not_monitored(&self, pollutant: Pollutant) -> Option<NotMonitored> {
        self.not_monitored[pollutant.index()]
    }
}
