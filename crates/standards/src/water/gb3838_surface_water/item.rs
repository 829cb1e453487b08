//! The items of table 1, the classes, and the values of one sample.

use rulebook::{Decimal, Text};

use super::table::digits;

/// A basic item of table 1 (基本项目).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Item {
    /// Water temperature (水温), ℃; its limits are on man-made change and are not evaluated.
    WaterTemperature,
    /// pH.
    Ph,
    /// Dissolved oxygen (溶解氧).
    DissolvedOxygen,
    /// Permanganate index (高锰酸盐指数).
    PermanganateIndex,
    /// Chemical oxygen demand (化学需氧量).
    ChemicalOxygenDemand,
    /// Five-day biochemical oxygen demand (五日生化需氧量).
    BiochemicalOxygenDemand,
    /// Ammonia nitrogen (氨氮).
    AmmoniaNitrogen,
    /// Total phosphorus (总磷).
    TotalPhosphorus,
    /// Total nitrogen (总氮): lakes and reservoirs only, never in the class.
    TotalNitrogen,
    /// Copper (铜).
    Copper,
    /// Zinc (锌).
    Zinc,
    /// Fluoride (氟化物).
    Fluoride,
    /// Selenium (硒).
    Selenium,
    /// Arsenic (砷).
    Arsenic,
    /// Mercury (汞).
    Mercury,
    /// Cadmium (镉).
    Cadmium,
    /// Hexavalent chromium (六价铬).
    HexavalentChromium,
    /// Lead (铅).
    Lead,
    /// Cyanide (氰化物).
    Cyanide,
    /// Volatile phenol (挥发酚).
    VolatilePhenol,
    /// Petroleum (石油类).
    Petroleum,
    /// Anionic surfactants (阴离子表面活性剂).
    AnionicSurfactants,
    /// Sulphide (硫化物).
    Sulphide,
    /// Faecal coliforms (粪大肠菌群), reported apart.
    FaecalColiforms,
}

impl Item {
    /// How many items there are.
    pub const COUNT: usize = 24;

    /// Every item, in the order of the table.
    pub const ALL: [Self; Self::COUNT] = [
        Self::WaterTemperature,
        Self::Ph,
        Self::DissolvedOxygen,
        Self::PermanganateIndex,
        Self::ChemicalOxygenDemand,
        Self::BiochemicalOxygenDemand,
        Self::AmmoniaNitrogen,
        Self::TotalPhosphorus,
        Self::TotalNitrogen,
        Self::Copper,
        Self::Zinc,
        Self::Fluoride,
        Self::Selenium,
        Self::Arsenic,
        Self::Mercury,
        Self::Cadmium,
        Self::HexavalentChromium,
        Self::Lead,
        Self::Cyanide,
        Self::VolatilePhenol,
        Self::Petroleum,
        Self::AnionicSurfactants,
        Self::Sulphide,
        Self::FaecalColiforms,
    ];

    /// The five items of the national real-time platform.
    pub const FIVE: [Self; 5] = [
        Self::Ph,
        Self::DissolvedOxygen,
        Self::PermanganateIndex,
        Self::AmmoniaNitrogen,
        Self::TotalPhosphorus,
    ];

    /// The place in [`Item::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The identifier in files: `NH3N`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WaterTemperature => "T",
            Self::Ph => "pH",
            Self::DissolvedOxygen => "DO",
            Self::PermanganateIndex => "CODMn",
            Self::ChemicalOxygenDemand => "COD",
            Self::BiochemicalOxygenDemand => "BOD5",
            Self::AmmoniaNitrogen => "NH3N",
            Self::TotalPhosphorus => "TP",
            Self::TotalNitrogen => "TN",
            Self::Copper => "Cu",
            Self::Zinc => "Zn",
            Self::Fluoride => "F",
            Self::Selenium => "Se",
            Self::Arsenic => "As",
            Self::Mercury => "Hg",
            Self::Cadmium => "Cd",
            Self::HexavalentChromium => "Cr6",
            Self::Lead => "Pb",
            Self::Cyanide => "CN",
            Self::VolatilePhenol => "phenol",
            Self::Petroleum => "oil",
            Self::AnionicSurfactants => "LAS",
            Self::Sulphide => "S2",
            Self::FaecalColiforms => "FC",
        }
    }

    /// The item of an identifier; letter case and punctuation do not matter. `None` otherwise.
    pub fn parse(identifier: &str) -> Option<Self> {
        let letters = |word: &str| {
            word.chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|letter| letter.to_ascii_uppercase())
                .collect::<String>()
        };
        let wanted = letters(identifier);
        Self::ALL.into_iter().find(|item| letters(item.as_str()) == wanted)
    }

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::WaterTemperature => Text::fixed("水温", "water temperature"),
            Self::Ph => Text::same("pH"),
            Self::DissolvedOxygen => Text::fixed("溶解氧", "dissolved oxygen"),
            Self::PermanganateIndex => Text::fixed("高锰酸盐指数", "permanganate index"),
            Self::ChemicalOxygenDemand => Text::fixed("化学需氧量", "chemical oxygen demand"),
            Self::BiochemicalOxygenDemand => {
                Text::fixed("五日生化需氧量", "five-day biochemical oxygen demand")
            }
            Self::AmmoniaNitrogen => Text::fixed("氨氮", "ammonia nitrogen"),
            Self::TotalPhosphorus => Text::fixed("总磷", "total phosphorus"),
            Self::TotalNitrogen => Text::fixed("总氮", "total nitrogen"),
            Self::Copper => Text::fixed("铜", "copper"),
            Self::Zinc => Text::fixed("锌", "zinc"),
            Self::Fluoride => Text::fixed("氟化物", "fluoride"),
            Self::Selenium => Text::fixed("硒", "selenium"),
            Self::Arsenic => Text::fixed("砷", "arsenic"),
            Self::Mercury => Text::fixed("汞", "mercury"),
            Self::Cadmium => Text::fixed("镉", "cadmium"),
            Self::HexavalentChromium => Text::fixed("六价铬", "hexavalent chromium"),
            Self::Lead => Text::fixed("铅", "lead"),
            Self::Cyanide => Text::fixed("氰化物", "cyanide"),
            Self::VolatilePhenol => Text::fixed("挥发酚", "volatile phenol"),
            Self::Petroleum => Text::fixed("石油类", "petroleum"),
            Self::AnionicSurfactants => Text::fixed("阴离子表面活性剂", "anionic surfactants"),
            Self::Sulphide => Text::fixed("硫化物", "sulphide"),
            Self::FaecalColiforms => Text::fixed("粪大肠菌群", "faecal coliforms"),
        }
    }

    /// The unit of its value; empty for pH.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::WaterTemperature => "℃",
            Self::Ph => "",
            Self::FaecalColiforms => "/L",
            _ => "mg/L",
        }
    }

    /// Decimals in which the national platform shows it, where it does (发布小数位).
    ///
    /// # Standard
    /// `digits.csv`: read off 35,944 published rows; no text of it was obtained.
    ///
    /// # Example
    /// ```
    /// use standards::water::gb3838_surface_water::Item;
    /// assert_eq!(Item::TotalPhosphorus.published_decimals(), Some(3));
    /// assert_eq!(Item::Copper.published_decimals(), None);
    /// ```
    pub fn published_decimals(self) -> Option<u32> {
        digits("published", self.as_str()).map(|(decimals, _)| decimals)
    }

    /// Decimals to which a mean is rounded before it is judged in a monthly assessment, where they
    /// are known (评价修约位数).
    ///
    /// # Standard
    /// `digits.csv`: those of one class library; the text (环办监测函〔2020〕82号) was not seen.
    ///
    /// # Example
    /// ```
    /// use standards::water::gb3838_surface_water::Item;
    /// assert_eq!(Item::DissolvedOxygen.assessment_decimals(), Some(1));
    /// ```
    pub fn assessment_decimals(self) -> Option<u32> {
        digits("assessment", self.as_str()).map(|(decimals, _)| decimals)
    }
}

impl std::fmt::Display for Item {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A class of surface water (水质类别), the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Ⅰ.
    I,
    /// Ⅱ.
    II,
    /// Ⅲ.
    III,
    /// Ⅳ.
    IV,
    /// Ⅴ.
    V,
    /// 劣Ⅴ.
    InferiorV,
}

impl Class {
    /// Every class, the best first.
    pub const ALL: [Self; 6] = [Self::I, Self::II, Self::III, Self::IV, Self::V, Self::InferiorV];

    /// The identifier in files: `I` to `V`, `inferior_V`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
            Self::IV => "IV",
            Self::V => "V",
            Self::InferiorV => "inferior_V",
        }
    }

    /// The class that an identifier, a Roman numeral sign or a Chinese publication names.
    ///
    /// # Example
    /// ```
    /// use standards::water::gb3838_surface_water::Class;
    /// assert_eq!(Class::parse("Ⅲ"), Some(Class::III));
    /// assert_eq!(Class::parse("劣Ⅴ类"), Some(Class::InferiorV));
    /// assert_eq!(Class::parse("-"), None);
    /// ```
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.trim().trim_end_matches('类');
        match word {
            "Ⅰ" | "I" => Some(Self::I),
            "Ⅱ" | "II" => Some(Self::II),
            "Ⅲ" | "III" => Some(Self::III),
            "Ⅳ" | "IV" => Some(Self::IV),
            "Ⅴ" | "V" => Some(Self::V),
            "劣Ⅴ" | "劣V" | "劣五" | "inferior_V" => Some(Self::InferiorV),
            _ => None,
        }
    }

    /// The class as publications print it: `Ⅲ`, `劣Ⅴ`.
    pub const fn published(self) -> &'static str {
        match self {
            Self::I => "Ⅰ",
            Self::II => "Ⅱ",
            Self::III => "Ⅲ",
            Self::IV => "Ⅳ",
            Self::V => "Ⅴ",
            Self::InferiorV => "劣Ⅴ",
        }
    }

    /// The class for a reader.
    pub const fn name(self) -> Text {
        match self {
            Self::I => Text::fixed("Ⅰ类", "class I"),
            Self::II => Text::fixed("Ⅱ类", "class II"),
            Self::III => Text::fixed("Ⅲ类", "class III"),
            Self::IV => Text::fixed("Ⅳ类", "class IV"),
            Self::V => Text::fixed("Ⅴ类", "class V"),
            Self::InferiorV => Text::fixed("劣Ⅴ类", "worse than class V"),
        }
    }
}

/// The kind of water body, a fixed property of a section: lakes have their own limits of total
/// phosphorus and nitrogen (河流、湖库).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaterBody {
    /// A river (河流).
    River,
    /// A lake or reservoir (湖库).
    Lake,
}

impl WaterBody {
    /// The word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::River => "river",
            Self::Lake => "lake",
        }
    }

    /// The kind of a word, or `None`.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::River, Self::Lake].into_iter().find(|body| body.as_str() == word)
    }
}

/// The values of one sample by item; what was not given was not measured.
///
/// # Units
/// Those of [`Item::unit`]. Values unrounded: the class is made from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    values: [Option<Decimal>; Item::COUNT],
}

impl Sample {
    /// The same with one value more.
    #[must_use]
    pub fn with(mut self, item: Item, value: Decimal) -> Self {
        self.values[item.index()] = Some(value);
        self
    }

    /// The same with a value that may be missing.
    #[must_use]
    pub fn with_option(mut self, item: Item, value: Option<Decimal>) -> Self {
        self.values[item.index()] = value;
        self
    }

    /// The value of an item.
    pub fn get(&self, item: Item) -> Option<Decimal> {
        self.values[item.index()]
    }
}
