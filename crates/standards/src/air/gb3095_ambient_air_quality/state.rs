//! Temperature and pressure that a concentration refers to (浓度状态), and what that changed in 2018.

use jiff::civil::Date;
use rulebook::{Decimal, Input, Judged, NotComputable, Text};

use super::{Averaging, Zone, limit};
use crate::air::Pollutant;

/// The state of the air that a concentration refers to (状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// 273 K and 101.325 kPa (标准状态): everything until 2018-08-31.
    Standard,
    /// 298.15 K and 1013.25 hPa (参比状态): gases since.
    Reference,
    /// Temperature and pressure of the place and hour (监测时的实际状态): particles since.
    AsMeasured,
}

impl State {
    /// The state that the limit of a pollutant in force on a day refers to.
    ///
    /// # Standard
    /// GB 3095-2012 (273 K for all), its 2018 amendment and GB 3095-2026 (gases at the reference
    /// state, particles as measured).
    ///
    /// # Not computable
    /// As [`limit`].
    ///
    /// # Example
    /// ```
    /// use jiff::civil::date;
    /// use standards::air::Pollutant;
    /// use standards::air::gb3095_ambient_air_quality::State;
    /// let of = |pollutant, on| State::of(pollutant, on).unwrap();
    /// assert_eq!(of(Pollutant::No2, date(2018, 8, 31)), State::Standard);
    /// assert_eq!(of(Pollutant::No2, date(2018, 9, 1)), State::Reference);
    /// assert_eq!(of(Pollutant::Pm25, date(2018, 9, 1)), State::AsMeasured);
    /// ```
    pub fn of(pollutant: Pollutant, on: Date) -> Result<Self, NotComputable> {
        let averaging = match pollutant {
            Pollutant::O3 => Averaging::Hour,
            _ => Averaging::Day,
        };
        let limit = limit(pollutant.as_str(), averaging, Zone::II, on)?;
        Self::parse(limit.state).ok_or(NotComputable::NotObtained {
            what: Text::new(format!("{pollutant} 浓度状态"), format!("the state of {pollutant}")),
        })
    }

    /// The state that the words of the table name.
    pub(super) fn parse(words: &str) -> Option<Self> {
        match words {
            "273 K, 101.325 kPa (standard state) for ALL pollutants" => Some(Self::Standard),
            "298.15 K, 1013.25 hPa (reference state)" => Some(Self::Reference),
            "actual temperature and pressure at monitoring" => Some(Self::AsMeasured),
            _ => None,
        }
    }

    /// The name in both languages.
    pub const fn name(self) -> Text {
        match self {
            Self::Standard => {
                Text::fixed("标准状态（273 K、101.325 kPa）", "273 K, 101.325 kPa (standard state)")
            }
            Self::Reference => Text::fixed(
                "参比状态（298.15 K、1013.25 hPa）",
                "298.15 K, 1013.25 hPa (reference state)",
            ),
            Self::AsMeasured => Text::fixed(
                "监测时的实际温度和压力",
                "actual temperature and pressure at monitoring",
            ),
        }
    }
}

/// Returns a concentration of a gas at another state, not rounded: years before and after
/// 2018-09-01 are comparable only after this.
///
/// # Standard
/// The two states of GB 3095-2012 before and after its 2018 amendment; the amendment prints no
/// factor, the quotient is that of an ideal gas at nearly one pressure.
///
/// # Formula
/// `C(298.15 K) = C(273 K) * 273 / 298.15`, and back.
///
/// # Units
/// Any unit of mass in volume.
///
/// # Not computable
/// [`NotComputable::Invalid`] for particles and for a state as measured: that needs temperature and
/// pressure of each hour; for a number too large to hold.
///
/// # Example
/// ```
/// use rulebook::{Decimal, round_half_even};
/// use standards::air::Pollutant;
/// use standards::air::gb3095_ambient_air_quality::{State, restate_gas};
/// let no2 = restate_gas(Pollutant::No2, Decimal::from(40), State::Standard, State::Reference);
/// assert_eq!(round_half_even(no2.unwrap().value, 2).to_string(), "36.63");
/// ```
pub fn restate_gas(
    pollutant: Pollutant,
    concentration: Decimal,
    from: State,
    to: State,
) -> Result<Judged<Decimal>, NotComputable> {
    let invalid =
        |zh, en| NotComputable::Invalid { what: pollutant.name(), why: Text::fixed(zh, en) };
    let is_particle = matches!(pollutant, Pollutant::Pm10 | Pollutant::Pm25);
    if is_particle || from == State::AsMeasured || to == State::AsMeasured {
        return Err(invalid(
            "换算需要每小时的实际温度和压力",
            "turning it needs the temperature and pressure of each hour",
        ));
    }
    let (colder, warmer) = (Decimal::from(273), Decimal::new(29_815, 2));
    let (times, by) = match (from, to) {
        (State::Standard, State::Reference) => (colder, warmer),
        (State::Reference, State::Standard) => (warmer, colder),
        _ => (Decimal::ONE, Decimal::ONE),
    };
    let turned = concentration.checked_mul(times).and_then(|product| product.checked_div(by));
    // The first edition's limit names the state and its source.
    let row = limit(pollutant.as_str(), Averaging::Hour, Zone::II, jiff::civil::date(2018, 9, 1))?;
    Ok(Judged {
        value: turned.ok_or_else(|| invalid("数值过大", "a number is too large"))?,
        by: row.by,
        inputs: vec![
            Input::new(pollutant.name(), concentration, ""),
            Input::new(Text::fixed("原状态温度", "temperature before"), kelvin(from), "K"),
            Input::new(Text::fixed("新状态温度", "temperature after"), kelvin(to), "K"),
        ],
        rounding: Vec::new(),
        confidence: row.confidence,
    })
}

fn kelvin(state: State) -> Decimal {
    match state {
        State::Standard => Decimal::from(273),
        State::Reference | State::AsMeasured => Decimal::new(29_815, 2),
    }
}
