//! Values as they are kept.

use crate::GovernanceError;
use jiff::Timestamp;
use jiff::civil::Date;
use plan::indicator::{Item, NoValue, Value};
use rulebook::{Decimal, Text};
use serde_json::{Value as Json, json};

/// The value of an indicator in a year, or why there is none (指标年度值).
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its number.
    pub id: i64,
    /// The indicator.
    pub indicator: String,
    /// The year.
    pub year: i16,
    /// The value.
    pub value: Option<Decimal>,
    /// Why there is none.
    pub why: Text,
    /// Who must deliver the data.
    pub delivers: Option<Text>,
    /// Fewer values entered than a year needs.
    pub is_provisional: bool,
    /// How many values entered.
    pub counted: i64,
    /// The edition of the definition.
    pub edition: String,
    /// When it was computed.
    pub computed_at: Timestamp,
    /// When another took its place.
    pub superseded_at: Option<Timestamp>,
}

/// What an evaluation gave, in the form in which it is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fresh {
    pub(crate) indicator: String,
    pub(crate) year: i16,
    pub(crate) value: Option<Decimal>,
    pub(crate) why: String,
    pub(crate) is_provisional: bool,
    pub(crate) counted: i64,
    pub(crate) inputs: String,
    pub(crate) edition: String,
}

impl Fresh {
    pub(crate) fn of(
        indicator: &str,
        year: i16,
        edition: &str,
        found: &Result<Value, NoValue>,
    ) -> Self {
        let (value, why, inputs, is_provisional) = match found {
            Ok(value) => {
                (Some(value.value), Json::Null, value.inputs.as_slice(), value.is_provisional)
            }
            Err(none) => (None, why_to_json(none), [].as_slice(), false),
        };
        Self {
            indicator: indicator.to_owned(),
            year,
            value,
            why: why.to_string(),
            is_provisional,
            counted: inputs.len() as i64,
            inputs: inputs_to_text(inputs),
            edition: edition.to_owned(),
        }
    }
}

fn text_to_json(text: &Text) -> Json {
    json!({ "zh": text.zh, "en": text.en })
}

fn why_to_json(none: &NoValue) -> Json {
    json!({ "reason": text_to_json(&none.reason),
        "delivers": none.delivers.as_ref().map(text_to_json) })
}

fn text_of(json: &Json) -> Option<Text> {
    let part = |key: &str| json[key].as_str().map(str::to_owned);
    Some(Text::new(part("zh")?, part("en")?))
}

/// Why there is no value, and who must deliver the data.
pub(super) fn why_of(text: &str) -> (Text, Option<Text>) {
    let json: Json = serde_json::from_str(text).unwrap_or_default();
    (text_of(&json["reason"]).unwrap_or_default(), text_of(&json["delivers"]))
}

fn inputs_to_text(items: &[Item]) -> String {
    let item = |item: &Item| {
        json!([item.key, item.on.to_string(), item.value.normalize().to_string(), item.link])
    };
    Json::from(items.iter().map(item).collect::<Vec<_>>()).to_string()
}

/// The values that entered.
pub(super) fn inputs_of(text: &str) -> Result<Vec<Item>, GovernanceError> {
    let wrong = || GovernanceError::Kept("the inputs of an indicator".to_owned());
    let json: Json = serde_json::from_str(text).map_err(|_| wrong())?;
    let item = |json: &Json| {
        let part = |at: usize| json[at].as_str();
        Some(Item {
            key: part(0)?.to_owned(),
            on: part(1)?.parse::<Date>().ok()?,
            value: part(2)?.parse().ok()?,
            link: part(3)?.to_owned(),
        })
    };
    json.as_array().ok_or_else(wrong)?.iter().map(|it| item(it).ok_or_else(wrong)).collect()
}

/// What a unit reported of a year (报送值).
#[derive(Clone, Debug, PartialEq)]
pub struct Reported {
    /// The indicator.
    pub indicator: String,
    /// The year.
    pub year: i16,
    /// The value.
    pub value: Decimal,
    /// The document in which it stands.
    pub source: String,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// By whom.
    pub who: String,
}

/// A computation of all indicators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Values computed.
    pub computed: i64,
    /// Of them changed.
    pub changed: i64,
}
