//! Units as people write them, and what brings a number from one into another: a power of ten.

/// What a unit measures and the power of ten that it is of the first of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Unit {
    /// g/m3.
    MassInVolume(i32),
    /// g/g.
    MassInMass(i32),
    /// 1/m3: bacteria.
    CountInVolume(i32),
    /// m.
    Length(i32),
    /// m3/s.
    Flow(i32),
    /// V.
    Potential(i32),
    /// A unit that nothing is turned into but itself.
    Other(String),
}

impl Unit {
    fn read(text: &str) -> Self {
        let plain = plain(text);
        let parts = plain.split_once('/');
        let length = match plain.as_str() {
            "km" => Some(3),
            "m" | "米" => Some(0),
            "dm" => Some(-1),
            "cm" | "厘米" => Some(-2),
            "mm" | "毫米" => Some(-3),
            "um" => Some(-6),
            _ => None,
        };
        match (length, plain.as_str(), parts) {
            (Some(power), ..) => Self::Length(power),
            (_, "v", _) => Self::Potential(0),
            (_, "mv", _) => Self::Potential(-3),
            (_, _, Some((of, per))) => Self::quotient(of, per).unwrap_or(Self::Other(plain)),
            _ => Self::Other(plain),
        }
    }

    fn quotient(of: &str, per: &str) -> Option<Self> {
        if matches!(per, "s" | "秒") {
            return volume(of).map(Self::Flow);
        }
        let is_count = matches!(of, "" | "个" | "count" | "mpn" | "cfu");
        match (mass(of), mass(per), volume(per)) {
            (Some(of), Some(per), _) => Some(Self::MassInMass(of - per)),
            (Some(of), _, Some(per)) => Some(Self::MassInVolume(of - per)),
            (None, _, Some(per)) if is_count => Some(Self::CountInVolume(-per)),
            _ => None,
        }
    }
}

/// Small letters, one spelling of what has several.
fn plain(text: &str) -> String {
    let one = text
        .replace(['µ', 'μ'], "u")
        .replace('³', "3")
        .replace('％', "%")
        .replace(['／', '∕'], "/")
        .replace('℃', "°C")
        .replace("m^3", "m3")
        .replace('毫', "m")
        .replace('微', "u")
        .replace('升', "L")
        .replace('克', "g");
    let small: String =
        one.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect();
    match small.as_str() {
        "db" | "db(a)" | "db（a）" | "分贝" => "dba".to_owned(),
        "c" | "degc" | "度" => "°c".to_owned(),
        "percent" => "%".to_owned(),
        _ => small,
    }
}

fn mass(text: &str) -> Option<i32> {
    Some(match text {
        "kg" => 3,
        "g" => 0,
        "mg" => -3,
        "ug" => -6,
        "ng" => -9,
        "pg" => -12,
        _ => return None,
    })
}

fn volume(text: &str) -> Option<i32> {
    Some(match text {
        "m3" => 0,
        "l" | "dm3" => -3,
        "100ml" => -4,
        "ml" | "cm3" => -6,
        _ => return None,
    })
}

/// The power of ten by which a number in one unit is multiplied to be one in the other; `None`
/// where they measure different things.
pub(crate) fn power(given: &str, wanted: &str) -> Option<i32> {
    match (Unit::read(given), Unit::read(wanted)) {
        (one, other) if one == other => Some(0),
        (Unit::MassInVolume(one), Unit::MassInVolume(other))
        | (Unit::MassInMass(one), Unit::MassInMass(other))
        | (Unit::CountInVolume(one), Unit::CountInVolume(other))
        | (Unit::Length(one), Unit::Length(other))
        | (Unit::Flow(one), Unit::Flow(other))
        | (Unit::Potential(one), Unit::Potential(other)) => Some(one - other),
        _ => None,
    }
}

/// A title as a name and a unit in brackets: `PM2.5 (µg/m³)`, `CO[ug/m3]`, `声级（dB(A)）`.
pub(crate) fn split(title: &str) -> (&str, Option<&str>) {
    let title = title.trim();
    let is_open = |letter: char| matches!(letter, '(' | '[' | '（');
    let is_close = |letter: char| matches!(letter, ')' | ']' | '）');
    let Some(end) = title.char_indices().next_back().filter(|(_, letter)| is_close(*letter)) else {
        return (title, None);
    };
    let mut depth = 0;
    for (place, letter) in title.char_indices().rev() {
        depth += i32::from(is_close(letter)) - i32::from(is_open(letter));
        if depth == 0 {
            let name = title[..place].trim();
            let unit = title[place + letter.len_utf8()..end.0].trim();
            return if name.is_empty() { (title, None) } else { (name, Some(unit)) };
        }
    }
    (title, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_turned_where_they_measure_the_same() {
        for (given, wanted, expected) in [
            ("µg/m³", "ug/m3", Some(0)),
            ("mg/m3", "ug/m3", Some(3)),
            ("mg/L", "ug/L", Some(3)),
            ("微克/升", "mg/L", Some(-3)),
            // A microgram in a litre is a milligram in a cubic metre.
            ("μg/L", "mg/m3", Some(0)),
            ("g/m3", "mg/L", Some(0)),
            ("g/kg", "mg/kg", Some(3)),
            ("MPN/100mL", "个/L", Some(1)),
            ("个/L", "/L", Some(0)),
            ("m", "cm", Some(2)),
            ("L/s", "m3/s", Some(-3)),
            ("V", "mV", Some(3)),
            ("°C", "℃", Some(0)),
            ("dB", "dB(A)", Some(0)),
            ("％", "%", Some(0)),
            ("mg/kg", "mg/L", None),
            ("ppb", "ug/m3", None),
            ("K", "℃", None),
            ("m3/h", "m3/s", None),
            ("m", "m3/s", None),
        ] {
            assert_eq!(power(given, wanted), expected, "{given} to {wanted}");
        }
    }

    #[test]
    fn a_unit_stands_in_the_last_brackets() {
        for (title, name, unit) in [
            ("PM2.5 (µg/m³)", "PM2.5", Some("µg/m³")),
            ("CO[ug/m3]", "CO", Some("ug/m3")),
            ("氨氮（mg/L）", "氨氮", Some("mg/L")),
            ("等效声级(dB(A))", "等效声级", Some("dB(A)")),
            ("(mg/L)", "(mg/L)", None),
            ("pH", "pH", None),
            ("a)", "a)", None),
        ] {
            assert_eq!(split(title), (name, unit), "{title}");
        }
    }
}
