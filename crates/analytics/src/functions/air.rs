//! HJ 633, HJ 663 and GB 3095: outdoor air.

use super::arguments::whole;
use super::{Arguments, Entry, Function, Out, Parameter, Work};
use crate::tables::rows::Kind;
use environment::air::{Day, daily_item, day, hourly_method, pollutant_of_code};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use rulebook::Decimal;
use standards::air::Pollutant;
use standards::air::gb3095_ambient_air_quality::{Averaging, Zone, limit};
use standards::air::hj633_air_quality_index::{
    AirQuality, Category, Concentrations, Edition, Item, air_quality_index, category,
    individual_index,
};

const POLLUTANT: (&str, Parameter) = ("pollutant", Parameter::Text);
const VALUE: (&str, Parameter) = ("value", Parameter::Number);
const AT: (&str, Parameter) = ("at", Parameter::Time);
const AVERAGING: (&str, Parameter) = ("averaging", Parameter::Text);

/// The functions of this file.
pub(super) const FUNCTIONS: &[&Function] = &[
    &AQI_DAY,
    &AQI_DAY_PRIMARY,
    &AIR_DAY_VALUE,
    &AQI_HOUR,
    &AIR_INDEX,
    &AIR_LEVEL,
    &AIR_CLASS,
    &AIR_LIMIT,
];

const AQI_DAY: Function = Function {
    name: "aqi_day",
    parameters: &[POLLUTANT, VALUE, AT],
    returns: Kind::Integer,
    zh: "由一天的小时值求日 AQI:日均值与臭氧日最大 8 小时均值的有效性按 HJ 663,指数按当日有效的 \
         HJ 633;须按站点和日分组。污染物可写符号(PM2.5)或因子编码(a34004),其他因子不计。",
    en: "the index of a day from its hours: validity of means and of ozone's largest 8 h mean by \
         HJ 663, the index by the HJ 633 in force that day; group by station and day. A pollutant \
         is a symbol (PM2.5) or the code of a factor (a34004); other factors are passed over.",
    example: "SELECT code, day, aqi_day(factor, value, observed_at) AS aqi FROM observation \
              WHERE kind = 'air-station' AND period = 'hour' AND is_usable \
              AND day >= DATE '2026-11-01' GROUP BY code, day ORDER BY code, day",
    work: Work::Group { keep: hour_value, judge: aqi_day },
};

const AQI_DAY_PRIMARY: Function = Function {
    name: "aqi_day_primary",
    parameters: &[POLLUTANT, VALUE, AT],
    returns: Kind::Text,
    zh: "日 AQI 的首要污染物,并列者以 、 相隔;AQI 不超过 50 时为空文本。分组同 aqi_day。",
    en: "the primary pollutants of a day, several with 、 between; an empty text up to an index of \
         50. Group as for aqi_day.",
    example: "SELECT day, aqi_day(factor, value, observed_at) AS aqi, \
              aqi_day_primary(factor, value, observed_at) AS primary_pollutant FROM observation \
              WHERE code = '2074A' AND period = 'hour' AND is_usable GROUP BY day ORDER BY day",
    work: Work::Group { keep: hour_value, judge: primary_of_day },
};

const AIR_DAY_VALUE: Function = Function {
    name: "air_day_value",
    parameters: &[POLLUTANT, VALUE, AT],
    returns: Kind::Decimal,
    zh: "一种污染物的日评价值:24 小时均值,臭氧为日最大 8 小时均值;修约到公布位数,有效小时不足为空。\
         须按站点、日和因子分组。",
    en: "the value of a pollutant's day: the 24 h mean, for ozone the largest 8 h mean, rounded as \
         published; null with too few hours. Group by station, day and factor.",
    example: "SELECT code, day, air_day_value(factor, value, observed_at) AS pm25 FROM observation \
              WHERE kind = 'air-station' AND factor = 'a34004' AND period = 'hour' AND is_usable \
              GROUP BY code, day ORDER BY code, day",
    work: Work::Group { keep: hour_value, judge: value_of_day },
};

const AQI_HOUR: Function = Function {
    name: "aqi_hour",
    parameters: &[POLLUTANT, VALUE, AT],
    returns: Kind::Integer,
    zh: "由同一小时的各污染物求小时 AQI,方法与门户小时值相同;须按站点和 observed_at 分组。",
    en: "the index of an hour from its pollutants, by the method of the portal's hours; group by \
         station and observed_at.",
    example: "SELECT observed_at, aqi_hour(factor, value, observed_at) AS aqi FROM observation \
              WHERE code = '2074A' AND period = 'hour' AND is_usable \
              GROUP BY observed_at ORDER BY observed_at",
    work: Work::Group { keep: hour_value, judge: aqi_hour },
};

const AIR_INDEX: Function = Function {
    name: "air_index",
    parameters: &[POLLUTANT, VALUE, AVERAGING, AT],
    returns: Kind::Integer,
    zh: "一种污染物的分指数(IAQI),按 at 当日有效的 HJ 633。averaging 为 hour、8h 或 day;\
         臭氧的 day 即日最大 8 小时均值。",
    en: "the individual index of a pollutant by the HJ 633 in force on the day of at. averaging is \
         hour, 8h or day; a day of ozone is its largest 8 h mean.",
    example: "SELECT air_index('PM2.5', 75, 'day', DATE '2026-02-28') AS before, \
              air_index('PM2.5', 75, 'day', DATE '2026-03-01') AS since",
    work: Work::EachRow(air_index),
};

const AIR_LEVEL: Function = Function {
    name: "air_level",
    parameters: &[("index", Parameter::Number), AT],
    returns: Kind::Integer,
    zh: "指数所属级别,1(优)至 6(严重污染)。",
    en: "the level of an index, 1 (excellent) to 6 (severe pollution).",
    example: "SELECT air_level(101, DATE '2026-11-01') AS level",
    work: Work::EachRow(|given| class(given, |found| Out::Integer(found.level.into()))),
};

const AIR_CLASS: Function = Function {
    name: "air_class",
    parameters: &[("index", Parameter::Number), AT],
    returns: Kind::Text,
    zh: "指数所属类别:优、良、轻度污染……",
    en: "the class of an index in Chinese: 优, 良, 轻度污染, …",
    example: "SELECT air_class(101, DATE '2026-11-01') AS class",
    work: Work::EachRow(|given| class(given, |found| Out::Text(found.name.zh.to_string()))),
};

const AIR_LIMIT: Function = Function {
    name: "air_limit",
    parameters: &[POLLUTANT, AVERAGING, ("zone", Parameter::Number), AT],
    returns: Kind::Decimal,
    zh: "GB 3095 的浓度限值,按 at 当日有效的版本。averaging 为 hour、8h(臭氧)、day 或 year;zone 为 1 或 2。",
    en: "the limit of GB 3095 in force on the day of at. averaging is hour, 8h (ozone), day or \
         year; zone is 1 or 2.",
    example: "SELECT air_limit('PM2.5', 'day', 2, DATE '2026-02-28') AS before, \
              air_limit('PM2.5', 'day', 2, DATE '2026-03-01') AS since",
    work: Work::EachRow(air_limit),
};

/// The pollutant that a word names; `None` for the code of another factor.
fn pollutant(word: &str) -> Result<Option<Pollutant>, String> {
    if let Some(found) = Pollutant::parse(word).or_else(|| pollutant_of_code(word)) {
        return Ok(Some(found));
    }
    let is_code = word.len() == 6
        && word.starts_with(|letter: char| letter.is_ascii_lowercase())
        && word[1..].bytes().all(|byte| byte.is_ascii_digit());
    if is_code {
        return Ok(None);
    }
    Err(format!(
        "{word:?} is no pollutant: write SO2, NO2, PM10, PM2.5, CO, O3 or the code of a factor"
    ))
}

fn hours_of(averaging: &str) -> Result<Option<u32>, String> {
    match averaging {
        "hour" | "1h" => Ok(Some(1)),
        "8h" => Ok(Some(8)),
        "day" | "24h" => Ok(None),
        other => Err(format!("averaging is hour, 8h or day, not {other:?}")),
    }
}

fn air_index(given: &Arguments<'_>) -> Result<Out, String> {
    let (Some(word), Some(value), Some(averaging), Some(at)) =
        (given.text(0), given.number(1)?, given.text(2), given.local(3))
    else {
        return Ok(Out::Null);
    };
    let hours = hours_of(averaging)?;
    let Some(pollutant) = pollutant(word)? else { return Ok(Out::Null) };
    let item = match hours {
        Some(hours) => Item::of(pollutant, hours),
        None => daily_item(pollutant),
    };
    let found = item
        .and_then(|item| individual_index(Edition::in_force(at.date()).ok()?, item, value).ok());
    Ok(found.map_or(Out::Null, |found| Out::Integer(found.index.into())))
}

fn class(given: &Arguments<'_>, told: fn(&Category) -> Out) -> Result<Out, String> {
    let (Some(index), Some(at)) = (given.number(0)?, given.local(1)) else {
        return Ok(Out::Null);
    };
    let whole = whole(index).and_then(|index| u16::try_from(index).ok());
    let whole = whole.ok_or_else(|| format!("an index is a whole number from 0, not {index}"))?;
    let edition = Edition::in_force(at.date()).ok();
    Ok(edition.map_or(Out::Null, |edition| told(category(edition, whole))))
}

fn air_limit(given: &Arguments<'_>) -> Result<Out, String> {
    let (Some(word), Some(averaging), Some(zone), Some(at)) =
        (given.text(0), given.text(1), given.number(2)?, given.local(3))
    else {
        return Ok(Out::Null);
    };
    let averaging = match averaging {
        "hour" | "1h" => Averaging::Hour,
        "8h" => Averaging::DailyMaximumOfEightHours,
        "day" | "24h" => Averaging::Day,
        "year" => Averaging::Year,
        other => return Err(format!("averaging is hour, 8h, day or year, not {other:?}")),
    };
    let zone = if zone == Decimal::ONE {
        Zone::I
    } else if zone == Decimal::TWO {
        Zone::II
    } else {
        return Err(format!("zone is 1 or 2, not {zone}"));
    };
    let Some(pollutant) = pollutant(word)? else { return Ok(Out::Null) };
    let found = limit(pollutant.as_str(), averaging, zone, at.date());
    Ok(found.map_or(Out::Null, |found| Out::Decimal(found.limit)))
}

/// Keeps the value of an hour.
fn hour_value(given: &Arguments<'_>) -> Result<Option<Entry>, String> {
    let (Some(word), Some(value), Some(at)) = (given.text(0), given.number(1)?, given.local(2))
    else {
        return Ok(None);
    };
    let Some(pollutant) = pollutant(word)? else { return Ok(None) };
    if at.minute() != 0 || at.second() != 0 {
        return Err(format!("a value at {at} is none of an hour: add WHERE period = 'hour'"));
    }
    let local = Offset::UTC.to_timestamp(at).map_err(|error| error.to_string())?.as_second();
    Ok(Some(Entry { item: pollutant.index() as u32, local, value }))
}

fn local_of(entry: &Entry) -> Result<DateTime, String> {
    let at = Timestamp::from_second(entry.local).map_err(|error| error.to_string())?;
    Ok(Offset::UTC.to_datetime(at))
}

/// Concentrations by the hour of the day.
type Hours = Vec<(usize, Concentrations)>;

/// The hours of one natural day; `None` without any.
fn hours_of_day(entries: &[Entry]) -> Result<Option<(Date, Hours)>, String> {
    let Some(first) = entries.first() else { return Ok(None) };
    let date = local_of(first)?.date();
    let mut hours: [Option<Concentrations>; 24] = [const { None }; 24];
    for entry in entries {
        let local = local_of(entry)?;
        if local.date() != date {
            let other = local.date();
            return Err(format!(
                "hours of {date} and of {other} stand in one group: group by station and day"
            ));
        }
        let hour = &mut hours[local.hour().unsigned_abs() as usize % 24];
        *hour = Some(with(hour.take().unwrap_or_default(), entry, local)?);
    }
    let known = hours.into_iter().enumerate();
    Ok(Some((date, known.filter_map(|(hour, air)| Some((hour, air?))).collect())))
}

/// An hour with a value more, which it must not hold yet.
fn with(air: Concentrations, entry: &Entry, local: DateTime) -> Result<Concentrations, String> {
    let pollutant = Pollutant::ALL[entry.item as usize % Pollutant::ALL.len()];
    let Some(item) = Item::of(pollutant, 1) else { return Ok(air) };
    if air.get(item).is_some() {
        return Err(format!(
            "{pollutant} has two values for {local}: group by station, and ask for one period"
        ));
    }
    Ok(air.with(item, entry.value))
}

fn judged_day(entries: &[Entry]) -> Result<Option<Day>, String> {
    Ok(hours_of_day(entries)?.map(|(date, hours)| day(date, &hours)))
}

fn index_of(air: &AirQuality) -> Out {
    air.index.as_ref().map_or(Out::Null, |index| Out::Integer((*index).into()))
}

fn aqi_day(entries: &[Entry]) -> Result<Out, String> {
    let day = judged_day(entries)?;
    Ok(day.and_then(|day| day.index.ok()).map_or(Out::Null, |air| index_of(&air)))
}

fn primary_of_day(entries: &[Entry]) -> Result<Out, String> {
    let air = judged_day(entries)?.and_then(|day| day.index.ok());
    let air = air.filter(|air| air.index.is_ok());
    Ok(air.map_or(Out::Null, |air| Out::Text(air.primary.symbols("、"))))
}

fn value_of_day(entries: &[Entry]) -> Result<Out, String> {
    let Some(first) = entries.first() else { return Ok(Out::Null) };
    if entries.iter().any(|entry| entry.item != first.item) {
        let what = "several pollutants stand in one group: group by station, day and factor";
        return Err(what.to_owned());
    }
    let pollutant = Pollutant::ALL[first.item as usize % Pollutant::ALL.len()];
    let value = judged_day(entries)?.and_then(|day| day.air.get(daily_item(pollutant)?));
    Ok(value.map_or(Out::Null, Out::Decimal))
}

fn aqi_hour(entries: &[Entry]) -> Result<Out, String> {
    let Some(first) = entries.first() else { return Ok(Out::Null) };
    let at = local_of(first)?;
    let mut air = Concentrations::default();
    for entry in entries {
        let local = local_of(entry)?;
        if local != at {
            return Err(format!(
                "values of {at} and of {local} stand in one group: group by station and \
                 observed_at"
            ));
        }
        air = with(air, entry, local)?;
    }
    let method = hourly_method(at.date()).ok();
    Ok(method.map_or(Out::Null, |method| index_of(&air_quality_index(method, &air))))
}
