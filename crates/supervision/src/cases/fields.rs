//! The fields of a kind as parts of a form, made from their declaration.

use super::people::People;
use crate::form::Entered;
use caseflow::{CaseKind, Field, FieldForm};
use maud::{Markup, html};
use std::collections::BTreeMap;
use web::Reader;

/// The beginning of the names of such inputs.
const PREFIX: &str = "field.";

/// An input for a field, with its help.
pub(crate) fn input(
    reader: &Reader,
    people: &People,
    field: &Field,
    value: &str,
    is_required: bool,
    form: &str,
) -> Markup {
    let name = format!("{PREFIX}{}", field.id);
    let id = format!("{form}-{}", field.id);
    let help = reader.text(&field.help);
    let help_id = (!help.is_empty()).then(|| format!("{id}-help"));
    let described = help_id.as_deref();
    html! {
        div class={ "entry" (if field.form == FieldForm::LongText { " wide" } else { "" }) } {
            label for=(id) {
                (reader.text(&field.name))
                @if is_required { (required(reader)) }
                @if field.personal {
                    " " span class="mark" { (reader.pick("个人信息,加密保存", "personal, sealed")) }
                }
            }
            @match field.form {
                FieldForm::LongText => {
                    textarea id=(id) name=(name) rows="4" required[is_required]
                        aria-describedby=[described] { (value) }
                }
                FieldForm::Choice => {
                    select id=(id) name=(name) required[is_required] aria-describedby=[described] {
                        option value="" { (reader.pick("请选择", "choose")) }
                        @for choice in &field.choices {
                            option value=(choice.id) selected[choice.id == value] {
                                (reader.text(&choice.name))
                            }
                        }
                    }
                }
                FieldForm::YesNo => {
                    select id=(id) name=(name) required[is_required] aria-describedby=[described] {
                        option value="" { (reader.pick("请选择", "choose")) }
                        option value="yes" selected[value == "yes"] { (reader.pick("是", "yes")) }
                        option value="no" selected[value == "no"] { (reader.pick("否", "no")) }
                    }
                }
                FieldForm::Organisation => {
                    input id=(id) name=(name) value=(value) list={ (id) "-units" } maxlength="200"
                        required[is_required] aria-describedby=[described];
                    datalist id={ (id) "-units" } {
                        @for unit in people.unit_names(reader) { option value=(unit) {} }
                    }
                }
                other => {
                    input id=(id) name=(name) value=(value) type=(kind_of(other)) maxlength="200"
                        inputmode=[figures(other)] required[is_required]
                        aria-describedby=[described];
                }
            }
            @if let Some(help_id) = &help_id { p class="hint" id=(help_id) { (help) } }
        }
    }
}

/// The sign that something must be filled in.
pub(crate) fn required(reader: &Reader) -> Markup {
    html! {
        " " span class="required" aria-hidden="true" { "*" }
        span class="visually-hidden" { (reader.pick("(必填)", "(required)")) }
    }
}

fn kind_of(form: FieldForm) -> &'static str {
    if form == FieldForm::Date { "date" } else { "text" }
}

fn figures(form: FieldForm) -> Option<&'static str> {
    [FieldForm::Number, FieldForm::Money].contains(&form).then_some("decimal")
}

/// What was entered into the fields of a kind and is not as it was, by their ids; `takes`: those
/// that count here.
pub(crate) fn entered(
    kind: &CaseKind,
    form: &Entered,
    takes: impl Fn(&str) -> bool,
    before: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let ids = kind.fields.iter().map(|field| &field.id).filter(|id| takes(id));
    let values = ids.map(|id| (id.clone(), form.text(&format!("{PREFIX}{id}")).to_owned()));
    let known = |id: &String| before.get(id).map_or("", String::as_str);
    values.filter(|(id, value)| value != known(id)).collect()
}
