//! The fields of a kind as questions of a form: one a block, choices large.

use crate::citizen::opening_fields;
use crate::form::Entered;
use caseflow::{CaseKind, Field, FieldForm};
use maud::{Markup, html};
use std::collections::BTreeMap;
use web::Reader;

/// What stands before the id of a field in the name of its entry.
const PREFIX: &str = "field.";
/// More choices than this stand in a list that opens.
const LARGE_CHOICES_MAX: usize = 12;

/// The values that were entered for the fields of an opening.
pub(super) fn values(kind: &CaseKind, entered: &Entered) -> BTreeMap<String, String> {
    let entered = opening_fields(kind).filter_map(|(field, _)| {
        let value = entered.some(&format!("{PREFIX}{}", field.id))?;
        Some((field.id.clone(), value.to_owned()))
    });
    entered.collect()
}

/// A field as a question.
pub(super) fn question(reader: &Reader, field: &Field, must: bool, entered: &Entered) -> Markup {
    let name = format!("{PREFIX}{}", field.id);
    let value = entered.text(&name);
    match field.form {
        FieldForm::Choice if field.choices.len() <= LARGE_CHOICES_MAX => {
            let choices = field.choices.iter();
            let choices: Vec<_> =
                choices.map(|choice| (choice.id.as_str(), reader.text(&choice.name))).collect();
            large(reader, field, (&name, must, value), &choices)
        }
        FieldForm::YesNo => {
            let choices = [("yes", reader.pick("是", "yes")), ("no", reader.pick("否", "no"))];
            large(reader, field, (&name, must, value), &choices)
        }
        _ => typed(reader, field, (&name, must, value)),
    }
}

fn large(
    reader: &Reader,
    field: &Field,
    (name, must, value): (&str, bool, &str),
    choices: &[(&str, &str)],
) -> Markup {
    html! {
        fieldset class="question" {
            legend { (reader.text(&field.name)) (star(must)) }
            (help(reader, field))
            div class="big-choices" {
                @for (id, words) in choices {
                    label class="big-choice" {
                        input type="radio" name=(name) value=(id) required[must]
                            checked[*id == value];
                        span { (words) }
                    }
                }
            }
        }
    }
}

/// A field on one line of a form that is filled by the keyboard.
pub(super) fn compact(reader: &Reader, field: &Field, must: bool, entered: &Entered) -> Markup {
    let name = format!("{PREFIX}{}", field.id);
    let value = entered.text(&name);
    html! {
        label class=[(field.form == FieldForm::LongText).then_some("whole")] {
            span { (reader.text(&field.name)) (star(must)) }
            (entry(reader, field, (&name, must, value), None))
        }
    }
}

fn typed(reader: &Reader, field: &Field, (name, must, value): (&str, bool, &str)) -> Markup {
    let id = format!("field-{}", field.id);
    html! {
        div class="question" {
            label for=(id) { (reader.text(&field.name)) (star(must)) }
            (help(reader, field))
            (entry(reader, field, (name, must, value), Some(&id)))
        }
    }
}

fn entry(
    reader: &Reader,
    field: &Field,
    (name, must, value): (&str, bool, &str),
    id: Option<&str>,
) -> Markup {
    html! {
        @match field.form {
            FieldForm::LongText => {
                textarea id=[id] name=(name) rows="3" required[must] { (value) }
            }
            FieldForm::Choice | FieldForm::YesNo => {
                select id=[id] name=(name) required[must] {
                    option value="" { "—" }
                    @if field.form == FieldForm::YesNo {
                        option value="yes" selected[value == "yes"] { (reader.pick("是", "yes")) }
                        option value="no" selected[value == "no"] { (reader.pick("否", "no")) }
                    }
                    @for choice in &field.choices {
                        option value=(choice.id) selected[value == choice.id] {
                            (reader.text(&choice.name))
                        }
                    }
                }
            }
            FieldForm::Date => {
                input type="date" id=[id] name=(name) value=(value) required[must];
            }
            FieldForm::Number | FieldForm::Money => {
                input type="text" inputmode="decimal" id=[id] name=(name) value=(value)
                    required[must];
            }
            _ => { input type="text" id=[id] name=(name) value=(value) required[must]; }
        }
    }
}

fn star(must: bool) -> Markup {
    html! { @if must { " *" } }
}

fn help(reader: &Reader, field: &Field) -> Markup {
    let words = reader.text(&field.help);
    html! { @if !words.is_empty() { p class="hint" { (words) } } }
}
