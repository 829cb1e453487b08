//! GB 3838: surface water.

use super::arguments::whole;
use super::{Arguments, Entry, Function, Out, Parameter, Work};
use crate::tables::rows::Kind;
use environment::surface_water::{class_on, item_of_code};
use jiff::Timestamp;
use jiff::tz::Offset;
use standards::water::gb3838_surface_water::{
    Class, Edition, Item, Sample, WaterBody, class_of_item,
};

const ITEM: (&str, Parameter) = ("item", Parameter::Text);
const VALUE: (&str, Parameter) = ("value", Parameter::Number);
const BODY: (&str, Parameter) = ("body", Parameter::Text);
const AT: (&str, Parameter) = ("at", Parameter::Time);

/// The functions of this file.
pub(super) const FUNCTIONS: &[&Function] =
    &[&SURFACE_WATER_CLASS, &SURFACE_WATER_ITEM_CLASS, &SURFACE_WATER_CLASS_NAME];

const SURFACE_WATER_CLASS: Function = Function {
    name: "surface_water_class",
    parameters: &[ITEM, VALUE, BODY, AT],
    returns: Kind::Integer,
    zh: "由一次采样的各项求断面类别,1(Ⅰ类)至 6(劣Ⅴ类),方法与门户相同(国家平台当日的做法);\
         须按断面和 observed_at 分组。项目可写标识(NH3N)或因子编码(w21003),其他因子不计;\
         body 为 river 或 lake,总磷限值不同。",
    en: "the class of a section from the items of one sample, 1 (I) to 6 (worse than V), by the \
         method of the portal (the practice of the national platform that day); group by section \
         and observed_at. An item is an identifier (NH3N) or the code of a factor (w21003); other \
         factors are passed over. body is river or lake: the limits of phosphorus differ.",
    example: "SELECT o.code, o.observed_at, \
              surface_water_class(o.factor, o.value, s.body, o.observed_at) AS class \
              FROM observation o JOIN water_section s ON s.point = o.point \
              WHERE o.kind = 'water-section' AND o.period = 'hour' AND o.is_usable \
              AND o.day = DATE '2026-11-28' \
              GROUP BY o.code, o.observed_at ORDER BY o.code, o.observed_at",
    work: Work::Group { keep: item_value, judge: class_of_sample },
};

const SURFACE_WATER_ITEM_CLASS: Function = Function {
    name: "surface_water_item_class",
    parameters: &[ITEM, VALUE, BODY, AT],
    returns: Kind::Integer,
    zh: "单项类别,1 至 6,按 at 当日有效的 GB 3838。",
    en: "the class of one item, 1 to 6, by the GB 3838 in force on the day of at.",
    example: "SELECT surface_water_item_class('TP', 0.15, 'river', DATE '2026-11-01') AS river, \
              surface_water_item_class('TP', 0.15, 'lake', DATE '2026-11-01') AS lake",
    work: Work::EachRow(item_class),
};

const SURFACE_WATER_CLASS_NAME: Function = Function {
    name: "surface_water_class_name",
    parameters: &[("class", Parameter::Number)],
    returns: Kind::Text,
    zh: "类别的写法:Ⅰ 至 Ⅴ、劣Ⅴ。",
    en: "a class as it is printed: Ⅰ to Ⅴ, 劣Ⅴ.",
    example: "SELECT surface_water_class_name(6) AS class",
    work: Work::EachRow(|given| {
        let Some(number) = given.number(0)? else { return Ok(Out::Null) };
        let place = whole(number).and_then(|number| number.checked_sub(1));
        let class = place.and_then(|place| Class::ALL.get(place as usize));
        let class = class.ok_or_else(|| format!("a class is 1 to 6, not {number}"))?;
        Ok(Out::Text(class.published().to_owned()))
    }),
};

/// The item that a word names; `None` for the code of another factor.
fn item(word: &str) -> Result<Option<Item>, String> {
    if let Some(found) = item_of_code(word).or_else(|| Item::parse(word)) {
        return Ok(Some(found));
    }
    let is_code = word.len() == 6
        && word.starts_with(|letter: char| letter.is_ascii_lowercase())
        && word[1..].bytes().all(|byte| byte.is_ascii_digit());
    if is_code {
        return Ok(None);
    }
    let known: Vec<&str> = Item::ALL.iter().map(|item| item.as_str()).collect();
    Err(format!("{word:?} is no item: write {} or the code of a factor", known.join(", ")))
}

fn body(word: &str) -> Result<WaterBody, String> {
    WaterBody::parse(word).ok_or_else(|| format!("body is river or lake, not {word:?}"))
}

/// 1 for class I to 6 for worse than V.
fn number(class: Class) -> Out {
    Out::Integer(class as i64 + 1)
}

fn item_class(given: &Arguments<'_>) -> Result<Out, String> {
    let (Some(word), Some(value), Some(body_word), Some(at)) =
        (given.text(0), given.number(1)?, given.text(2), given.local(3))
    else {
        return Ok(Out::Null);
    };
    let body = body(body_word)?;
    let Some(item) = item(word)? else { return Ok(Out::Null) };
    if Edition::in_force(at.date()).is_err() {
        return Ok(Out::Null);
    }
    Ok(class_of_item(item, body, value).map_or(Out::Null, number))
}

/// Where the kind of water stands in what is kept of a row, above the item.
const LAKE: u32 = 1 << 16;

fn item_value(given: &Arguments<'_>) -> Result<Option<Entry>, String> {
    let (Some(word), Some(value), Some(body_word), Some(at)) =
        (given.text(0), given.number(1)?, given.text(2), given.local(3))
    else {
        return Ok(None);
    };
    let kind = if body(body_word)? == WaterBody::Lake { LAKE } else { 0 };
    let Some(item) = item(word)? else { return Ok(None) };
    let local = Offset::UTC.to_timestamp(at).map_err(|error| error.to_string())?.as_second();
    Ok(Some(Entry { item: item.index() as u32 | kind, local, value }))
}

fn class_of_sample(entries: &[Entry]) -> Result<Out, String> {
    let Some(first) = entries.first() else { return Ok(Out::Null) };
    let mut sample = Sample::default();
    for entry in entries {
        if entry.local != first.local || (entry.item ^ first.item) & LAKE != 0 {
            let what = "values of several samples stand in one group: group by section and \
                        observed_at";
            return Err(what.to_owned());
        }
        let item = Item::ALL[(entry.item & !LAKE) as usize % Item::COUNT];
        if sample.get(item).is_some() {
            let item = item.as_str();
            return Err(format!(
                "{item} has two values in one sample: group by section, and ask for one period"
            ));
        }
        sample = sample.with(item, entry.value);
    }
    let at = Timestamp::from_second(first.local).map_err(|error| error.to_string())?;
    let on = Offset::UTC.to_datetime(at).date();
    let body = if first.item & LAKE == 0 { WaterBody::River } else { WaterBody::Lake };
    Ok(class_on(on, body, &sample).judged().map_or(Out::Null, |judged| number(judged.value)))
}
