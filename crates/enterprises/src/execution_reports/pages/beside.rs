//! What stands beside a field: last year, the last period, measured, permitted.

use super::super::facts::Facts;
use crate::checks::controls::shown;
use plausibility::{Entry, Field, Key};
use rulebook::Decimal;
use web::Reader;

/// What is known beside a field, each with its name.
pub(super) fn known(
    reader: &Reader,
    facts: &Facts,
    key: &Key,
    field: &Field,
) -> Vec<(&'static str, String)> {
    let past = |entry: &Option<Entry>| {
        entry.as_ref()?.get(key, field.id).map(|value| shown(reader, value))
    };
    let number = |word: &str| facts.known.get(key, word).map(|it| it.normalize().to_string());
    let measured = number(&format!("measured.{}", field.id));
    let permitted = match field.id {
        "amount" => number("permit.amount"),
        "concentration_max" => limit(facts, key),
        _ => None,
    };
    let name = |zh: &'static str, en: &'static str| match reader.language {
        web::Language::Chinese => zh,
        web::Language::English => en,
    };
    [
        (name("监测", "measured"), measured),
        (name("去年同期", "last year"), past(&facts.history.last_year)),
        (name("上一期", "last period"), past(&facts.history.last)),
        (name("许可", "permit"), permitted),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// The limit of a factor as it is read: `50`, `6–9`.
fn limit(facts: &Facts, key: &Key) -> Option<String> {
    let text = |number: Decimal| number.normalize().to_string();
    let most = facts.known.get(key, "permit.at_most").map(text)?;
    let least = facts.known.get(key, "permit.at_least").map(text);
    Some(least.map_or_else(|| most.clone(), |least| format!("{least}–{most}")))
}
