//! Whether a value is what its field holds.

use jiff::civil::Date;
use rulebook::{Decimal, Text};

use crate::model::Field;
use crate::words::FieldForm;

/// The letters of one line.
const LINE_LETTERS_MAX: usize = 200;
/// The letters of a long text.
const TEXT_LETTERS_MAX: usize = 20_000;

/// Whether a value is what its field holds.
///
/// # Errors
/// What to write instead.
pub fn check_value(field: &Field, value: &str) -> Result<(), Text> {
    let value = value.trim();
    let wrong = |zh: &'static str, en: &'static str| Err(Text::fixed(zh, en));
    let limit = match field.form {
        FieldForm::LongText => TEXT_LETTERS_MAX,
        _ => LINE_LETTERS_MAX,
    };
    if value.chars().count() > limit {
        return Err(Text::new(format!("不超过 {limit} 字"), format!("at most {limit} letters")));
    }
    match field.form {
        FieldForm::Choice if !field.choices.iter().any(|choice| choice.id == value) => {
            wrong("从列出的选项中选择", "choose one of the values listed")
        }
        FieldForm::YesNo if !matches!(value, "yes" | "no") => {
            wrong("填 yes 或 no", "write yes or no")
        }
        FieldForm::Date if value.parse::<Date>().is_err() || value.len() != 10 => {
            wrong("填写日期，如 2026-11-25", "write a day as 2026-11-25")
        }
        FieldForm::Number if value.parse::<Decimal>().is_err() => {
            wrong("填写数字，如 12.5", "write a number as 12.5")
        }
        FieldForm::Money if !is_money(value) => wrong(
            "填写不为负的金额（元），最多两位小数",
            "write yuan, not negative, at most two decimals",
        ),
        _ => Ok(()),
    }
}

fn is_money(value: &str) -> bool {
    value
        .parse::<Decimal>()
        .is_ok_and(|amount| amount >= Decimal::ZERO && amount.normalize().scale() <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Choice;

    #[test]
    fn a_value_is_what_its_field_holds() {
        let long = "字".repeat(201);
        for (form, value, is_good) in [
            (FieldForm::Text, "anything", true),
            (FieldForm::Text, &long, false),
            (FieldForm::LongText, &long, true),
            (FieldForm::Choice, "one", true),
            (FieldForm::Choice, "two", false),
            (FieldForm::Date, "2026-11-25", true),
            (FieldForm::Date, "2026-02-30", false),
            (FieldForm::Date, "2026-11-25T10:00", false),
            (FieldForm::Date, "20261125", false),
            (FieldForm::Number, "-12.50", true),
            (FieldForm::Number, "1e3x", false),
            (FieldForm::Number, "NaN", false),
            (FieldForm::Money, "12.50", true),
            (FieldForm::Money, "12.500", true),
            (FieldForm::Money, "12.505", false),
            (FieldForm::Money, "-1", false),
            (FieldForm::YesNo, "yes", true),
            (FieldForm::YesNo, "true", false),
            (FieldForm::Organisation, "x", true),
        ] {
            let field = Field {
                id: "field".to_owned(),
                name: Text::same("field"),
                form,
                choices: vec![Choice { id: "one".to_owned(), name: Text::same("one") }],
                help: Text::default(),
                public: false,
                enterprise: false,
                reporter: false,
                personal: false,
            };
            let checked = check_value(&field, value);
            assert_eq!(checked.is_ok(), is_good, "{form:?} {value}");
            assert!(checked.err().is_none_or(|cure| !cure.zh.is_empty() && !cure.en.is_empty()));
        }
    }
}
