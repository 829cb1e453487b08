//! The canonical form of JSON (RFC 8785, 规范化 JSON) over which digests are made.
//!
//! What the log digests holds texts, whole numbers, `true`, `false` and `null` only, so the rules
//! of RFC 8785 for fractions are never met: a decimal is a text.

use serde_json::Value;

/// The canonical text of a value: keys sorted, no blanks.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|one, other| one.0.encode_utf16().cmp(other.0.encode_utf16()));
            text.push('{');
            for (place, (name, item)) in members.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write(&Value::String(name.clone()), text);
                text.push(':');
                write(item, text);
            }
            text.push('}');
        }
        // Escapes as little as RFC 8785 wants it.
        simple => text.push_str(&simple.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn keys_are_sorted_and_nothing_is_blank() {
        let table = [
            (r#"{ "b": 1, "a": [ true, null, "x" ] }"#, r#"{"a":[true,null,"x"],"b":1}"#),
            (r#"{"z":{"y":"é","x":-7}}"#, r#"{"z":{"x":-7,"y":"é"}}"#),
            ("\"\\u000f\\n\\\"\\/\\u20ac\"", "\"\\u000f\\n\\\"/€\""),
            ("{}", "{}"),
        ];
        for (given, wanted) in table {
            let value = serde_json::from_str(given).expect("JSON");
            assert_eq!(canonical(&value), wanted);
        }
    }

    #[test]
    fn keys_are_sorted_as_the_rfc_shows() {
        // RFC 8785, 3.2.3: by code units of UTF-16.
        let given = "{\"\u{20ac}\":1,\"\\r\":2,\"\u{fb33}\":3,\"1\":4,\"\u{1f600}\":5,\
                     \"\\u0080\":6,\"\u{f6}\":7}";
        let value = serde_json::from_str(given).expect("JSON");
        let numbers: String =
            canonical(&value).split(':').skip(1).filter_map(|part| part.chars().next()).collect();
        assert_eq!(numbers, "2467153");
    }
}
