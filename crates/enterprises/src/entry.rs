//! What is filled into a form, as it was typed, and what the checks find in it with the reasons
//! that were given.

use jiff::civil::Date;
use plausibility::{Check, Entry, Finding, Form, History, Key, Measured, Severity, Span, check};
use rulebook::Text;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The beginning of a reason's name in a form; the rest is the finding's id.
pub(crate) const REASON: &str = "reason:";
/// What is typed into a field is at most so long.
pub(crate) const LONGEST: usize = 2000;

/// What the checks find in a form, with the reasons given.
pub(crate) fn explained(
    checks: &[Check],
    entry: &Entry,
    history: &History,
    known: &Measured,
    reasons: &BTreeMap<String, String>,
) -> Vec<Explained> {
    let findings = check(checks, entry, history, known).into_iter();
    let explained = findings.map(|finding| {
        let reason = reasons.get(&finding.id()).map_or("", |reason| reason.trim()).to_owned();
        Explained { finding, reason }
    });
    explained.collect()
}

/// What was filled in, as typed, by place and field: `DW001/w01018/amount`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    values: BTreeMap<String, String>,
}

impl Content {
    /// What stands in a field; empty where nothing does.
    pub(crate) fn get(&self, key: &Key, field: &str) -> &str {
        self.values.get(&place(key, field)).map_or("", String::as_str)
    }

    /// Writes into a field.
    pub(crate) fn put(&mut self, place: String, typed: &str) {
        let typed = typed.trim();
        if typed.is_empty() {
            self.values.remove(&place);
        } else {
            self.values.insert(place, typed.to_owned());
        }
    }

    /// All fields that are filled in.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(place, typed)| (place.as_str(), typed.as_str()))
    }

    /// As kept.
    pub(crate) fn to_json(&self) -> Json {
        let pairs = self.values.iter().map(|(place, typed)| (place.clone(), json!(typed)));
        Json::Object(pairs.collect::<Map<_, _>>())
    }

    /// What [`Content::to_json`] wrote; `None` when it is nothing of the kind.
    pub(crate) fn of_json(json: &Json) -> Option<Self> {
        let pairs = json.as_object()?.iter();
        let values = pairs.map(|(place, typed)| Some((place.clone(), typed.as_str()?.to_owned())));
        Some(Self { values: values.collect::<Option<_>>()? })
    }

    /// As the checks read it.
    pub(crate) fn entry(&self, form: Form, span: Span, today: Date) -> Entry {
        let mut entry = Entry::new(form);
        entry.span = Some(span);
        entry.today = Some(today);
        for (place, typed) in &self.values {
            if let Some((key, field)) = parse_place(place) {
                entry.put(key, field, typed);
            }
        }
        entry
    }
}

/// The name of a field in forms and files: `DW001/w01018/amount`.
pub(crate) fn place(key: &Key, field: &str) -> String {
    let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".to_owned());
    format!("{}/{}/{field}", part(&key.outlet), part(&key.factor))
}

/// What [`place`] wrote.
pub(crate) fn parse_place(place: &str) -> Option<(Key, &str)> {
    let mut parts = place.splitn(3, '/');
    let mut part = || parts.next().map(|part| (part != "-").then(|| part.to_owned()));
    let (outlet, factor) = (part()?, part()?);
    Some((Key { outlet, factor }, parts.next()?))
}

/// A finding with the reason that was given for it (说明).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Explained {
    /// The finding.
    pub(crate) finding: Finding,
    /// Why it is right all the same; empty where nobody said.
    pub(crate) reason: String,
}

impl Explained {
    /// Whether it keeps the form from being filed.
    pub(crate) fn is_in_the_way(&self) -> bool {
        let severity = self.finding.severity;
        severity.refuses() || (severity.asks_for_a_reason() && self.reason.is_empty())
    }

    /// As kept and as programs read it.
    pub(crate) fn to_json(&self) -> Json {
        let finding = &self.finding;
        let compared = finding.compared.as_ref().map(|it| {
            json!({ "zh": it.name.zh, "en": it.name.en, "value": it.value, "ratio": it.ratio })
        });
        json!({
            "check": finding.check, "version": finding.version,
            "severity": finding.severity.as_str(), "outlet": finding.key.outlet,
            "factor": finding.key.factor, "field": finding.field, "value": finding.value,
            "compared": compared, "reason": self.reason,
        })
    }

    /// What [`Explained::to_json`] wrote.
    pub(crate) fn of_json(form: Form, json: &Json) -> Option<Self> {
        let word = |of: &Json, name: &str| of[name].as_str().map(str::to_owned);
        let compared = &json["compared"];
        let compared = compared.is_object().then(|| plausibility::Compared {
            name: Text::new(
                word(compared, "zh").unwrap_or_default(),
                word(compared, "en").unwrap_or_default(),
            ),
            value: word(compared, "value").unwrap_or_default(),
            ratio: word(compared, "ratio"),
        });
        Some(Self {
            finding: Finding {
                check: word(json, "check")?,
                version: u32::try_from(json["version"].as_u64()?).ok()?,
                severity: Severity::parse(json["severity"].as_str()?)?,
                form,
                key: Key { outlet: word(json, "outlet"), factor: word(json, "factor") },
                field: word(json, "field")?,
                value: word(json, "value")?,
                compared,
            },
            reason: word(json, "reason")?,
        })
    }
}

/// How grave the gravest finding is, from 0 for none to 5: for lists and their filters.
pub(crate) fn gravest(findings: &[Explained]) -> i64 {
    let worst = findings.iter().map(|it| it.finding.severity).max();
    worst.map_or(0, rank)
}

/// The severity of a number that [`gravest`] gave.
pub(crate) fn severity_of(rank: i64) -> Option<Severity> {
    Severity::ALL.iter().copied().find(|severity| self::rank(*severity) == rank)
}

/// A severity as a number from 1 to 5.
fn rank(severity: Severity) -> i64 {
    Severity::ALL.iter().zip(1..).find(|(it, _)| **it == severity).map_or(0, |(_, rank)| rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_content_come_back_as_they_were_written() {
        for key in [Key::head(), Key::outlet("DW001"), Key::factor("DW001", "w01018")] {
            let written = place(&key, "amount");
            assert_eq!(parse_place(&written), Some((key, "amount")), "{written}");
        }
        assert_eq!(parse_place("amount"), None);
        let mut content = Content::default();
        content.put("DW001/w01018/amount".into(), " 1.2 ");
        content.put("-/-/product_unit".into(), "");
        assert_eq!(content.get(&Key::factor("DW001", "w01018"), "amount"), "1.2");
        assert_eq!(Content::of_json(&content.to_json()), Some(content));
        assert_eq!(Content::of_json(&json!([])), None);
    }
}
