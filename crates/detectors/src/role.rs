//! What a factor's code stands for, as far as detectors need to know.

/// What a series measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The concentration of a pollutant (污染物浓度).
    Pollutant,
    /// The flow of waste water or gas (流量).
    Flow,
    /// Oxygen in waste gas, per cent (含氧量).
    Oxygen,
    /// How hard the plant works (生产负荷).
    Load,
    /// Acidity, which is logarithmic (pH 值).
    Acidity,
    /// Temperature, pressure, moisture, velocity and the rest (辅助参数).
    Auxiliary,
}

impl Role {
    /// The role that a code of HJ 212 names.
    ///
    /// # Standard
    /// HJ 212-2017 tables B.1, B.2 and B.10: `w00000` and `a00000` are flows, `a19001` oxygen,
    /// `w01001` pH, `I33400` production load; `a01…` and `w010[0-1][0-4]` describe the stream, the
    /// rest of `a` and `w` are what it carries.
    pub fn of_factor(code: &str) -> Self {
        match code {
            "w00000" | "a00000" => Self::Flow,
            "a19001" => Self::Oxygen,
            "w01001" => Self::Acidity,
            "i33400" | "I33400" => Self::Load,
            // Dissolved oxygen, turbidity, conductivity, temperature of water.
            "w01003" | "w01009" | "w01010" | "w01014" => Self::Auxiliary,
            _ if code.starts_with("a01") => Self::Auxiliary,
            _ if code.starts_with(['a', 'w']) => Self::Pollutant,
            _ => Self::Auxiliary,
        }
    }
}

/// Factors of which the first is a part of the second, so that it cannot be larger (组分不大于总量):
/// NO and NOx, ammonia nitrogen and total nitrogen, five-day BOD and COD, PM2.5 and PM10.
///
/// # Standard
/// Codes of HJ 212-2017 tables B.1 and B.2; the relations follow from what is measured.
pub const PARTS: [(&str, &str); 4] =
    [("a21003", "a21002"), ("w21003", "w21001"), ("w01017", "w01018"), ("a34004", "a34002")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_roles() {
        for (code, role) in [
            ("a00000", Role::Flow),
            ("w00000", Role::Flow),
            ("a19001", Role::Oxygen),
            ("w01001", Role::Acidity),
            ("I33400", Role::Load),
            ("a01012", Role::Auxiliary),
            ("w01010", Role::Auxiliary),
            ("w01018", Role::Pollutant),
            ("a21002", Role::Pollutant),
            ("", Role::Auxiliary),
            ("总氮", Role::Auxiliary),
        ] {
            assert_eq!(Role::of_factor(code), role, "{code}");
        }
    }
}
