//! What single cells of the template mean.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use registry::PointKind;
use rulebook::{Decimal, Period};

use crate::files::{is_missing, time};

pub(super) fn kind(cell: &str) -> Option<PointKind> {
    PointKind::parse(&cell.to_lowercase().replace('_', "-")).or(match cell {
        "空气站" | "空气质量监测站" => Some(PointKind::AirStation),
        "断面" | "地表水断面" => Some(PointKind::WaterSection),
        "排放口" => Some(PointKind::Outlet),
        _ => None,
    })
}

pub(super) fn period(cell: &str) -> Option<Period> {
    Period::parse(&cell.to_lowercase()).or(match cell {
        "实时" => Some(Period::RealTime),
        "分钟" => Some(Period::Minute),
        "小时" => Some(Period::Hour),
        "日" => Some(Period::Day),
        _ => None,
    })
}

/// The start of a period: on the hour for hours, at midnight for days, on the minute for minutes.
pub(super) fn observed_at(
    cell: &str,
    period: Period,
    now: Timestamp,
) -> Result<Timestamp, (String, String)> {
    let wrong = |what: String, cure: &str| (what, cure.to_owned());
    let Some(read) = time::parse(cell) else {
        let what = format!("{} is no time", crate::files::problem::quoted(cell));
        return Err(wrong(what, "Write Beijing time as 2026-03-01 08:00."));
    };
    let civil: DateTime = read.civil;
    let clock = civil.time();
    let is_start = match period {
        Period::RealTime => true,
        Period::Minute => clock.second() == 0,
        Period::Hour => clock.second() == 0 && clock.minute() == 0,
        Period::Day => clock == Time::midnight(),
    };
    if !is_start {
        let what = format!("{civil} is not the start of a period {}", period.as_str());
        return Err(wrong(what, "Write the start: 08:00 for the hour from 08:00 to 09:00."));
    }
    let Some(instant) = read.timestamp() else {
        return Err(wrong(format!("{civil} is out of range"), "Correct the year."));
    };
    if instant > now {
        let what = format!("{civil} lies in the future");
        return Err(wrong(what, "Correct the time, or the clock of this machine."));
    }
    Ok(instant)
}

pub(super) fn number(cell: &str) -> Result<Option<Decimal>, ()> {
    if is_missing(cell) {
        return Ok(None);
    }
    let cell = cell.trim();
    cell.parse().or_else(|_| Decimal::from_scientific(cell)).map(Some).map_err(|_| ())
}

pub(super) fn flag(cell: &str) -> Result<Option<u8>, ()> {
    match cell.trim().as_bytes() {
        [] => Ok(None),
        [letter] if letter.is_ascii_alphanumeric() => Ok(Some(letter.to_ascii_uppercase())),
        _ => Err(()),
    }
}
