//! GB/T 8170, the percentile of HJ 663, and the clock of Beijing.

use super::arguments::whole;
use super::{Arguments, Entry, Function, Out, Parameter, Work};
use crate::tables::rows::{Kind, SCALE};
use rulebook::{Decimal, round_half_even};
use standards::air::hj663_ambient_air_assessment::percentile;

const VALUE: (&str, Parameter) = ("value", Parameter::Number);
const AT: (&str, Parameter) = ("at", Parameter::Time);

/// The functions of this file.
pub(super) const FUNCTIONS: &[&Function] =
    &[&PERCENTILE, &ROUND, &BEIJING, &BEIJING_DAY, &BEIJING_HOUR];

/// Places that a number can be rounded to.
pub(super) const PLACES_MAX: i8 = SCALE;

const PERCENTILE: Function = Function {
    name: "percentile_hj663",
    parameters: &[VALUE, ("percent", Parameter::Number)],
    returns: Kind::Decimal,
    zh: "百分位数,按 HJ 663 的公式(线性内插),未修约;percent 为 0 至 100 的整数。",
    en: "the percentile by the formula of HJ 663 (interpolated), not rounded; percent is a whole \
         number from 0 to 100.",
    example: "SELECT code, percentile_hj663(pm25, 95) AS p95 FROM (SELECT code, day, \
              air_day_value(factor, value, observed_at) AS pm25 FROM observation \
              WHERE kind = 'air-station' AND factor = 'a34004' AND period = 'hour' AND is_usable \
              GROUP BY code, day) GROUP BY code ORDER BY code",
    work: Work::Group { keep: ranked, judge: ranked_value },
};

/// The rounding of numbers.
pub(super) const ROUND: Function = Function {
    name: "round_gbt8170",
    parameters: &[VALUE, ("places", Parameter::Number)],
    returns: Kind::Decimal,
    zh: "按 GB/T 8170 修约(四舍六入五成双);places 为小数位数,0 至 10。",
    en: "rounded by GB/T 8170, a tie to the even digit; places is the number of decimals, 0 to 10.",
    example: "SELECT round_gbt8170(60.5, 0) AS even, round_gbt8170(61.5, 0) AS up, \
              round_gbt8170(0.3, 2) AS padded",
    work: Work::EachRow(rounded),
};

const BEIJING: Function = Function {
    name: "beijing",
    parameters: &[AT],
    returns: Kind::Local,
    zh: "北京时间的钟面时刻(不带时区)。",
    en: "the time of the clock in Beijing, without a zone.",
    example: "SELECT beijing(TIMESTAMPTZ '2026-11-01T16:30:00Z') AS local",
    work: Work::EachRow(|given| Ok(given.local(0).map_or(Out::Null, Out::Local))),
};

const BEIJING_DAY: Function = Function {
    name: "beijing_day",
    parameters: &[AT],
    returns: Kind::Day,
    zh: "所在自然日(北京时间)。",
    en: "the natural day, Beijing time.",
    example: "SELECT beijing_day(TIMESTAMPTZ '2026-11-01T16:30:00Z') AS day",
    work: Work::EachRow(|given| Ok(given.local(0).map_or(Out::Null, |at| Out::Day(at.date())))),
};

const BEIJING_HOUR: Function = Function {
    name: "beijing_hour",
    parameters: &[AT],
    returns: Kind::Integer,
    zh: "所在小时,0 至 23(北京时间)。",
    en: "the hour of the day, 0 to 23, Beijing time.",
    example: "SELECT beijing_hour(TIMESTAMPTZ '2026-11-01T16:30:00Z') AS hour",
    work: Work::EachRow(|given| {
        Ok(given.local(0).map_or(Out::Null, |at| Out::Integer(at.hour().into())))
    }),
};

fn rounded(given: &Arguments<'_>) -> Result<Out, String> {
    let (Some(value), Some(places)) = (given.number(0)?, given.number(1)?) else {
        return Ok(Out::Null);
    };
    let most = u32::from(PLACES_MAX.unsigned_abs());
    let whole = whole(places).filter(|places| *places <= most);
    let whole = whole.ok_or_else(|| format!("places is 0 to {most}, not {places}"))?;
    Ok(Out::Decimal(round_half_even(value, whole)))
}

fn ranked(given: &Arguments<'_>) -> Result<Option<Entry>, String> {
    let (Some(value), Some(percent)) = (given.number(0)?, given.number(1)?) else {
        return Ok(None);
    };
    let item = whole(percent)
        .filter(|whole| *whole <= 100)
        .ok_or_else(|| format!("percent is a whole number from 0 to 100, not {percent}"))?;
    Ok(Some(Entry { item, local: 0, value }))
}

fn ranked_value(entries: &[Entry]) -> Result<Out, String> {
    let Some(first) = entries.first() else { return Ok(Out::Null) };
    if entries.iter().any(|entry| entry.item != first.item) {
        return Err("percent differs within a group: give one number".to_owned());
    }
    let values: Vec<Decimal> = entries.iter().map(|entry| entry.value).collect();
    Ok(percentile(&values, first.item).map_or(Out::Null, Out::Decimal))
}
