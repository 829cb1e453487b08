//! Answers in both forms of GeoReport v2: XML, and JSON that follows from it by the Spark
//! convention (a list of like elements is an array, an empty element is `null`).

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Number, Value};
use std::fmt::Write as _;

/// The form that an address ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `.xml`
    Xml,
    /// `.json`
    Json,
}

impl Form {
    /// What an address names and in which form: `033.xml` gives `033`.
    pub(super) fn split(last: &str) -> Option<(&str, Self)> {
        let (name, ending) = last.rsplit_once('.')?;
        match ending {
            "xml" => Some((name, Self::Xml)),
            "json" => Some((name, Self::Json)),
            _ => None,
        }
    }
}

/// An element of an answer.
#[derive(Clone, Debug)]
pub(super) enum Element {
    /// Named parts.
    Parts(Vec<(&'static str, Self)>),
    /// Elements that are all called the same.
    List(&'static str, Vec<Self>),
    /// A text.
    Text(String),
    /// A number, as it is written.
    Number(String),
    /// `true` or `false`.
    Flag(bool),
    /// Nothing.
    Empty,
}

impl Element {
    /// A text; empty where there is none.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::of(Some(text.into()).filter(|text| !text.is_empty()))
    }

    /// A text that may be absent.
    pub(super) fn of(text: Option<String>) -> Self {
        text.map_or(Self::Empty, Self::Text)
    }

    fn json(&self) -> Value {
        match self {
            Self::Parts(parts) => {
                let pairs = parts.iter().map(|(name, part)| ((*name).to_owned(), part.json()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
            Self::List(_, elements) => elements.iter().map(Self::json).collect(),
            Self::Text(text) => Value::String(text.clone()),
            Self::Number(digits) => {
                let number = digits.parse::<f64>().ok().and_then(Number::from_f64);
                let whole = digits.parse::<i64>().ok().map(Number::from);
                whole.or(number).map_or(Value::Null, Value::Number)
            }
            Self::Flag(flag) => Value::Bool(*flag),
            Self::Empty => Value::Null,
        }
    }

    fn xml(&self, name: &str, depth: usize, text: &mut String) {
        let indent = "    ".repeat(depth);
        let mut nested = |children: Vec<(&str, &Self)>| {
            let _ = writeln!(text, "{indent}<{name}>");
            for (child, element) in children {
                element.xml(child, depth + 1, text);
            }
            let _ = writeln!(text, "{indent}</{name}>");
        };
        match self {
            Self::Parts(parts) => nested(parts.iter().map(|(name, part)| (*name, part)).collect()),
            Self::List(child, elements) => {
                nested(elements.iter().map(|element| (*child, element)).collect());
            }
            Self::Text(words) | Self::Number(words) => {
                let _ = writeln!(text, "{indent}<{name}>{}</{name}>", escaped(words));
            }
            Self::Flag(flag) => {
                let _ = writeln!(text, "{indent}<{name}>{flag}</{name}>");
            }
            Self::Empty => {
                let _ = writeln!(text, "{indent}<{name}/>");
            }
        }
    }
}

/// A text as XML takes it: its signs as entities, what XML has no place for left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\t' => safe.push(letter),
            '\u{fffe}' | '\u{ffff}' => {}
            other if other.is_control() => {}
            other => safe.push(other),
        }
    }
    safe
}

/// An answer whose outermost element is called `root`.
pub(super) fn answer(status: StatusCode, form: Form, root: &str, element: &Element) -> Response {
    let (kind, body) = match form {
        Form::Xml => {
            let mut text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_owned();
            element.xml(root, 0, &mut text);
            ("text/xml; charset=utf-8", text)
        }
        Form::Json => ("application/json; charset=utf-8", element.json().to_string()),
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        // What is answered is public; a page of another site may show it.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (status, headers, body).into_response()
}

/// A refusal in the form of the specification.
pub(super) fn refusal(status: StatusCode, form: Form, description: &str) -> Response {
    let code = Element::Number(status.as_u16().to_string());
    let error = Element::Parts(vec![("code", code), ("description", Element::text(description))]);
    answer(status, form, "errors", &Element::List("error", vec![error]))
}

/// A refusal on its way out of a function.
pub(super) struct Refused(Box<Response>);

impl Refused {
    /// A refusal in the form of the specification.
    pub(super) fn new(status: StatusCode, form: Form, description: &str) -> Self {
        Self(Box::new(refusal(status, form, description)))
    }
}

impl From<Response> for Refused {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        *self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Element {
        Element::List(
            "request",
            vec![Element::Parts(vec![
                ("service_request_id", Element::text("TS-2026-000001")),
                ("description", Element::text("a < b & \"c\"\u{0}\u{1b}[0m")),
                ("lat", Element::Number("24.513".into())),
                ("code", Element::Number("403".into())),
                ("metadata", Element::Flag(true)),
                ("account_id", Element::Empty),
            ])],
        )
    }

    #[test]
    fn xml_has_a_declaration_and_no_markup_from_outside() {
        let mut text = String::new();
        example().xml("service_requests", 0, &mut text);
        assert_eq!(
            text,
            "<service_requests>\n    <request>\n        \
             <service_request_id>TS-2026-000001</service_request_id>\n        \
             <description>a &lt; b &amp; &quot;c&quot;[0m</description>\n        \
             <lat>24.513</lat>\n        <code>403</code>\n        \
             <metadata>true</metadata>\n        <account_id/>\n    \
             </request>\n</service_requests>\n"
        );
    }

    #[test]
    fn json_follows_from_xml_by_the_spark_convention() {
        let wanted = serde_json::json!([{
            "service_request_id": "TS-2026-000001",
            "description": "a < b & \"c\"\u{0}\u{1b}[0m",
            "lat": 24.513,
            "code": 403,
            "metadata": true,
            "account_id": null,
        }]);
        assert_eq!(example().json(), wanted);
    }

    #[test]
    fn an_address_names_its_form() {
        assert_eq!(Form::split("033.xml"), Some(("033", Form::Xml)));
        assert_eq!(Form::split("TS-2026-000001.json"), Some(("TS-2026-000001", Form::Json)));
        assert_eq!(Form::split("033"), None);
        assert_eq!(Form::split("033.html"), None);
    }
}
