//! Noise (噪声): limits of places and of the boundaries of sites.

pub mod gb12348_boundary_noise;
pub mod gb12523_construction_noise;
pub mod gb3096_acoustic_environment;

use jiff::civil::Time;
use rulebook::Text;

/// The time of the day that a limit is for (时段).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayPart {
    /// Day (昼间): 06:00 to 22:00 unless the government sets other hours.
    Day,
    /// Night (夜间).
    Night,
}

impl DayPart {
    /// The part of the day of a time, by the national hours.
    ///
    /// # Standard
    /// GB 12348-2008 3.6; a government at county level or above may set other hours.
    ///
    /// # Example
    /// ```
    /// use jiff::civil::time;
    /// use standards::noise::DayPart;
    /// assert_eq!(DayPart::of(time(6, 0, 0, 0)), DayPart::Day);
    /// assert_eq!(DayPart::of(time(22, 0, 0, 0)), DayPart::Night);
    /// ```
    pub fn of(time: Time) -> Self {
        if (6..22).contains(&time.hour()) { Self::Day } else { Self::Night }
    }

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::Day => Text::fixed("昼间", "day"),
            Self::Night => Text::fixed("夜间", "night"),
        }
    }

    pub(crate) const fn column(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Night => "night",
        }
    }
}
