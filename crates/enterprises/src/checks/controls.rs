//! The control of a field and what is known beside it.

use maud::{Markup, html};
use plausibility::{Field, Kind, Value};
use web::Reader;

/// Where something is typed into a field; words in one line where they are short.
pub(crate) fn control(
    reader: &Reader,
    field: &Field,
    name: &str,
    typed: &str,
    label: &str,
    is_short: bool,
) -> Markup {
    html! {
        @match field.kind {
            Kind::YesNo => {
                select id=(name) name=(name) {
                    option value="" { (reader.pick("请选择", "choose")) }
                    option value="yes" selected[typed == "yes"] { (reader.pick("是", "yes")) }
                    option value="no" selected[typed == "no"] { (reader.pick("否", "no")) }
                }
            }
            Kind::Number | Kind::Day => {
                input id=(name) name=(name) value=(typed) inputmode="decimal" size="10"
                    autocomplete="off" aria-label=(label);
            }
            Kind::Words => {
                @if is_short {
                    input id=(name) name=(name) value=(typed) size="10" autocomplete="off";
                } @else {
                    textarea id=(name) name=(name) rows="2" maxlength="2000" aria-label=(label) {
                        (typed)
                    }
                }
            }
        }
    }
}

/// What is known beside a field, each with its name.
pub(crate) fn beside_list(known: &[(&str, String)]) -> Markup {
    html! {
        @if !known.is_empty() {
            ul class="beside" {
                @for (name, value) in known {
                    li { span class="muted" { (name) } " " (value) }
                }
            }
        }
    }
}

/// A value as it is read.
pub(crate) fn shown(reader: &Reader, value: &Value) -> String {
    match value {
        Value::YesNo(true) => reader.pick("是", "yes").to_owned(),
        Value::YesNo(false) => reader.pick("否", "no").to_owned(),
        other => other.typed(),
    }
}
