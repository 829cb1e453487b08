//! The six pollutants of the air quality index, and sets of them.

use rulebook::Text;

/// One of the six basic pollutants (基本项目).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pollutant {
    /// Sulphur dioxide (二氧化硫).
    So2,
    /// Nitrogen dioxide (二氧化氮).
    No2,
    /// Particles up to 10 µm (可吸入颗粒物).
    Pm10,
    /// Particles up to 2.5 µm (细颗粒物).
    Pm25,
    /// Carbon monoxide (一氧化碳).
    Co,
    /// Ozone (臭氧).
    O3,
}

impl Pollutant {
    /// Every pollutant, in the order in which the national feed lists several of them.
    pub const ALL: [Self; 6] = [Self::So2, Self::No2, Self::Pm10, Self::Pm25, Self::Co, Self::O3];

    /// The place in [`Pollutant::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The symbol as the standards print it: `PM2.5`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::So2 => "SO2",
            Self::No2 => "NO2",
            Self::Pm10 => "PM10",
            Self::Pm25 => "PM2.5",
            Self::Co => "CO",
            Self::O3 => "O3",
        }
    }

    /// The pollutant of a symbol; `PM25`, `pm2_5` and letter case do not matter. `None` otherwise.
    pub fn parse(symbol: &str) -> Option<Self> {
        let letters = |word: &str| {
            word.chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|letter| letter.to_ascii_uppercase())
                .collect::<String>()
        };
        let wanted = letters(symbol);
        Self::ALL.into_iter().find(|pollutant| letters(pollutant.as_str()) == wanted)
    }

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::So2 => Text::fixed("二氧化硫", "sulphur dioxide"),
            Self::No2 => Text::fixed("二氧化氮", "nitrogen dioxide"),
            Self::Pm10 => Text::fixed("可吸入颗粒物（PM10）", "PM10"),
            Self::Pm25 => Text::fixed("细颗粒物（PM2.5）", "PM2.5"),
            Self::Co => Text::fixed("一氧化碳", "carbon monoxide"),
            Self::O3 => Text::fixed("臭氧", "ozone"),
        }
    }

    /// The name that the national real-time feed prints as primary pollutant (2013 to 2026).
    ///
    /// # Standard
    /// Practice of the feed: all six were read in it.
    ///
    /// # Example
    /// ```
    /// use standards::air::Pollutant;
    /// assert_eq!(Pollutant::O3.name_in_feed(), "臭氧1小时");
    /// ```
    pub const fn name_in_feed(self) -> &'static str {
        match self {
            Self::So2 => "二氧化硫",
            Self::No2 => "二氧化氮",
            Self::Pm10 => "颗粒物(PM10)",
            Self::Pm25 => "细颗粒物(PM2.5)",
            Self::Co => "一氧化碳",
            Self::O3 => "臭氧1小时",
        }
    }

    /// The unit of its concentration: mg/m3 for CO, ug/m3 for the others.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Co => "mg/m3",
            _ => "ug/m3",
        }
    }

    /// Decimals of a concentration in that unit: 1 for CO, 0 for the others.
    ///
    /// # Standard
    /// HJ 633-2026 4.2.2, 4.2.3.
    pub const fn decimals(self) -> u32 {
        match self {
            Self::Co => 1,
            _ => 0,
        }
    }
}

impl std::fmt::Display for Pollutant {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A set of pollutants, for primary pollutants that tie (首要污染物).
///
/// # Example
/// ```
/// use standards::air::{Pollutant, PollutantSet};
/// let tied: PollutantSet = [Pollutant::Pm25, Pollutant::Pm10].into_iter().collect();
/// assert_eq!(tied.symbols(";"), "PM10;PM2.5");
/// assert_eq!(tied.names_in_feed(), "颗粒物(PM10),细颗粒物(PM2.5)");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PollutantSet(u8);

impl PollutantSet {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// Adds a pollutant.
    pub fn insert(&mut self, pollutant: Pollutant) {
        self.0 |= 1 << pollutant.index();
    }

    /// Whether a pollutant is in the set.
    pub fn contains(self, pollutant: Pollutant) -> bool {
        self.0 & (1 << pollutant.index()) != 0
    }

    /// Whether no pollutant is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// The pollutants, in the order of [`Pollutant::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Pollutant> {
        Pollutant::ALL.into_iter().filter(move |pollutant| self.contains(*pollutant))
    }

    /// The symbols with something between them, empty for the empty set.
    pub fn symbols(self, between: &str) -> String {
        self.iter().map(Pollutant::as_str).collect::<Vec<_>>().join(between)
    }

    /// The names as the national real-time feed prints them, with "," between.
    pub fn names_in_feed(self) -> String {
        self.iter().map(Pollutant::name_in_feed).collect::<Vec<_>>().join(",")
    }

    /// The names in both languages.
    pub fn names(self) -> Text {
        let join = |between: &str, pick: fn(&Text) -> &str| {
            self.iter().map(|one| pick(&one.name()).to_owned()).collect::<Vec<_>>().join(between)
        };
        Text::new(join("、", |text| &text.zh), join(", ", |text| &text.en))
    }
}

impl FromIterator<Pollutant> for PollutantSet {
    fn from_iter<I: IntoIterator<Item = Pollutant>>(pollutants: I) -> Self {
        let mut set = Self::NONE;
        for pollutant in pollutants {
            set.insert(pollutant);
        }
        set
    }
}
