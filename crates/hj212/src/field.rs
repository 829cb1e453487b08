//! Names in the data area: a factor's code and what is said of it, `w01018-Avg`.

/// What a name says of its factor (字段).
///
/// # Standard
/// HJ 212-2017 table 4; fields added by 2025 as quoted by its implementers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field<'a> {
    /// `Rtd`, the instantaneous value (实时采样数据).
    RealTime,
    /// `Min`, the smallest of the period.
    Min,
    /// `Avg`, the mean of the period.
    Mean,
    /// `Max`, the largest of the period.
    Max,
    /// `Cou`, the quantity of the period (累计值).
    Sum,
    /// `ZsRtd`, the instantaneous value converted to the reference oxygen content (折算).
    ConvertedRealTime,
    /// `ZsMin`.
    ConvertedMin,
    /// `ZsAvg`.
    ConvertedMean,
    /// `ZsMax`.
    ConvertedMax,
    /// `Flag`, the device's mark (数据标记).
    Flag,
    /// `EFlag`, the maker's own state code.
    MakerFlag,
    /// `SampleTime`, when the sample was taken.
    SampleTime,
    /// `Data`, a value of noise.
    NoiseData,
    /// `DayData`, noise by day.
    NoiseDay,
    /// `NightData`, noise by night.
    NoiseNight,
    /// `RS`, whether a plant runs (治理设施运行状态).
    RunState,
    /// `RT`, how long a plant has run (运行时间).
    RunTime,
    /// `Info`, a line of the device's log or state.
    Information,
    /// `SN`, a serial number.
    SerialNumber,
    /// Any other; kept as it came.
    Other(&'a str),
}

/// Splits a name at its last hyphen into code and field; `None` where there is no hyphen
/// (`DataTime`, `PolId`, …).
///
/// Some loggers write a converted value as the factor's code with a `z` behind it
/// (`a21026z-Avg`): it is read as `a21026` with the converted field.
///
/// # Example
/// ```
/// use hj212::{Field, field};
/// assert_eq!(field::split("a21026-ZsAvg"), Some(("a21026", Field::ConvertedMean)));
/// assert_eq!(field::split("a21026z-Avg"), Some(("a21026", Field::ConvertedMean)));
/// assert_eq!(field::split("DataTime"), None);
/// ```
pub fn split(name: &str) -> Option<(&str, Field<'_>)> {
    let (code, suffix) = name.rsplit_once('-')?;
    let field = match suffix {
        "Rtd" => Field::RealTime,
        "Min" => Field::Min,
        "Avg" => Field::Mean,
        "Max" => Field::Max,
        "Cou" => Field::Sum,
        "ZsRtd" => Field::ConvertedRealTime,
        "ZsMin" => Field::ConvertedMin,
        "ZsAvg" => Field::ConvertedMean,
        "ZsMax" => Field::ConvertedMax,
        "Flag" => Field::Flag,
        "EFlag" => Field::MakerFlag,
        "SampleTime" => Field::SampleTime,
        "Data" => Field::NoiseData,
        "DayData" => Field::NoiseDay,
        "NightData" => Field::NoiseNight,
        "RS" => Field::RunState,
        "RT" => Field::RunTime,
        "Info" => Field::Information,
        "SN" => Field::SerialNumber,
        other => Field::Other(other),
    };
    let is_gas_code = code.len() == 7 && code.starts_with('a');
    match (code.strip_suffix('z').filter(|_| is_gas_code), field) {
        (Some(code), Field::RealTime) => Some((code, Field::ConvertedRealTime)),
        (Some(code), Field::Min) => Some((code, Field::ConvertedMin)),
        (Some(code), Field::Mean) => Some((code, Field::ConvertedMean)),
        (Some(code), Field::Max) => Some((code, Field::ConvertedMax)),
        _ => Some((code, field)),
    }
}
