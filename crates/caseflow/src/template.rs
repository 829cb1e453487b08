//! Official replies: the places in them and how they are filled.

use rulebook::{Language, Text};

use crate::model::Template;

/// The places that a reply may have beside the fields of its kind, and what fills them.
pub const PLACES: &[(&str, Text)] = &[
    ("number", Text::fixed("事项编号", "the number of the case")),
    ("title", Text::fixed("标题", "the title of the case")),
    ("kind", Text::fixed("事项类型", "the kind of case")),
    ("state", Text::fixed("当前状态", "the state of the case")),
    ("unit", Text::fixed("承办单位", "the unit responsible")),
    ("opened_on", Text::fixed("登记日期", "the day on which the case was opened")),
    ("today", Text::fixed("今天的日期", "the day of the reply")),
    ("due_on", Text::fixed("最近的期限", "the last day of the clock that ends first")),
    ("note", Text::fixed("办理说明", "what the officer writes")),
];

impl Template {
    /// The reply in a language; a place that `value` does not know stays as it is.
    pub fn fill(&self, language: Language, value: impl Fn(&str) -> Option<String>) -> String {
        let text = self.text.in_language(language);
        let mut filled = String::with_capacity(text.len());
        for part in parts(text) {
            match part {
                Part::Words(words) => filled.push_str(words),
                Part::Place(name) => {
                    filled.push_str(&value(name).unwrap_or_else(|| format!("{{{name}}}")));
                }
            }
        }
        filled
    }

    /// The places of the reply, both languages together, each once.
    pub fn places(&self) -> Vec<&str> {
        let mut places: Vec<&str> = Vec::new();
        for part in parts(&self.text.zh).into_iter().chain(parts(&self.text.en)) {
            if let Part::Place(name) = part
                && !places.contains(&name)
            {
                places.push(name);
            }
        }
        places
    }
}

enum Part<'text> {
    Words(&'text str),
    Place(&'text str),
}

fn parts(mut text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    while let Some((before, rest)) = text.split_once('{') {
        let Some((name, after)) = rest.split_once('}') else { break };
        parts.push(Part::Words(before));
        parts.push(Part::Place(name));
        text = after;
    }
    parts.push(Part::Words(text));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_filled_in_and_keeps_what_it_does_not_know() {
        for (text, wanted, places) in [
            ("{number}已办结", "TS-1已办结", vec!["number"]),
            ("{number}{number} {who}", "TS-1TS-1 {who}", vec!["number", "who"]),
            ("no place", "no place", vec![]),
            ("an open { brace", "an open { brace", vec![]),
            ("{}", "{}", vec![""]),
            ("", "", vec![]),
        ] {
            let template = Template {
                id: "t".to_owned(),
                name: Text::same("t"),
                text: Text::new(text.to_owned(), text.to_owned()),
            };
            let value = |name: &str| (name == "number").then(|| "TS-1".to_owned());
            assert_eq!(template.fill(Language::Chinese, value), wanted);
            assert_eq!(template.places(), places);
        }
    }
}
