//! Reads the formula of a check and the operands it names.

use declaration::{Entry, Reader};
use rulebook::{Decimal, Text};

use super::not_there;
use crate::model::{Formula, Operand, Parameter};
use crate::vocabulary::{KNOWN, fields, known};
use crate::words::{Form, Shape};

const OPERAND: Text = Text::fixed("比较对象", "value to compare with");
const PARAMETER: Text = Text::fixed("参数", "parameter");
const FORMULA: Text = Text::fixed("公式", "formula");

/// The words of the formulas.
const KINDS: [&str; 28] = [
    "unreadable",
    "negative",
    "zero",
    "positive",
    "missing",
    "ratio_above",
    "ratio_below",
    "unit_slip",
    "differs",
    "equals",
    "above",
    "below",
    "outside",
    "decimals",
    "multiple_of",
    "balance",
    "outlets_sum",
    "product",
    "ascending",
    "all_equal",
    "same_series",
    "same_across",
    "day_outside",
    "days_after",
    "words_short",
    "words_only",
    "says_no",
    "says_yes",
];

/// The operand of a word: a field, `last_year.`, `last.`, `median.` with a field, what is known,
/// something of the period.
fn operand(form: Form, word: &str) -> Option<Operand> {
    let is_field = |id: &str| fields(form).iter().any(|field| field.id == id);
    let past = [
        ("last_year.", Operand::LastYear as fn(String) -> Operand),
        ("last.", Operand::Last),
        ("median.", Operand::Median),
    ];
    for (prefix, make) in past {
        if let Some(field) = word.strip_prefix(prefix) {
            return is_field(field).then(|| make(field.to_owned()));
        }
    }
    if let Some((field, factor)) = word.split_once('@') {
        let (field, factor) = (field.to_owned(), factor.to_owned());
        return is_field(&field).then_some(Operand::Other { field, factor });
    }
    Some(match word {
        "period.hours" => Operand::PeriodHours,
        "period.days" => Operand::PeriodDays,
        "period.from" => Operand::PeriodFrom,
        "period.to" => Operand::PeriodTo,
        "today" => Operand::Today,
        _ if known(word).is_some() => Operand::Known(word.to_owned()),
        _ if is_field(word) => Operand::Field(word.to_owned()),
        _ => return None,
    })
}

fn said(reader: &mut Reader<'_>, entry: &Entry<'_>, key: &str, form: Form, word: &str) -> Operand {
    operand(form, word).unwrap_or_else(|| {
        let mut known: Vec<&str> = fields(form).iter().map(|field| field.id).collect();
        known.extend([
            "FIELD@FACTOR",
            "last_year.…",
            "last.…",
            "median.…",
            "period.hours",
            "period.days",
        ]);
        known.extend(["period.from", "period.to", "today"]);
        known.extend(KNOWN.iter().map(|(word, _)| *word));
        not_there(reader, entry, key, word, &OPERAND, &known);
        Operand::Today
    })
}

/// A list of operands.
pub(super) fn operands(
    reader: &mut Reader<'_>,
    entry: &mut Entry<'_>,
    key: &'static str,
    form: Form,
) -> Vec<Operand> {
    let words = reader.strings(entry, key);
    words.iter().map(|word| said(reader, entry, key, form, word)).collect()
}

/// What reads the parts of one formula.
struct Parts<'a, 'text, 'table> {
    reader: &'a mut Reader<'text>,
    entry: Entry<'table>,
    form: Form,
    parameters: &'a [Parameter],
}

impl Parts<'_, '_, '_> {
    fn operand(&mut self, key: &'static str) -> Operand {
        let word = self.reader.required_string(&mut self.entry, key);
        said(self.reader, &self.entry, key, self.form, &word)
    }

    fn some_operand(&mut self, key: &'static str) -> Option<Operand> {
        let word = self.reader.string(&mut self.entry, key)?;
        Some(said(self.reader, &self.entry, key, self.form, &word))
    }

    fn operands(&mut self, key: &'static str) -> Vec<Operand> {
        operands(self.reader, &mut self.entry, key, self.form)
    }

    /// The value of the parameter that a key names.
    fn number(&mut self, key: &'static str) -> Decimal {
        let id = self.reader.required_string(&mut self.entry, key);
        self.parameter(key, &id)
    }

    fn some_number(&mut self, key: &'static str) -> Option<Decimal> {
        let id = self.reader.string(&mut self.entry, key)?;
        Some(self.parameter(key, &id))
    }

    fn parameter(&mut self, key: &'static str, id: &str) -> Decimal {
        let found = self.parameters.iter().find(|parameter| parameter.id == id);
        let Some(found) = found else {
            let known: Vec<&str> = self.parameters.iter().map(|it| it.id.as_str()).collect();
            not_there(self.reader, &self.entry, key, id, &PARAMETER, &known);
            return Decimal::ZERO;
        };
        found.value
    }
}

/// The formula of the table `formula`.
pub(super) fn read(
    reader: &mut Reader<'_>,
    top: &mut Entry<'_>,
    form: Form,
    parameters: &[Parameter],
) -> Formula {
    let Some(mut entry) = reader.required_table(top, "formula") else { return Formula::Missing };
    let kind = reader.required_string(&mut entry, "kind");
    let mut parts = Parts { reader, entry, form, parameters };
    let formula = simple(&kind)
        .or_else(|| compared(&mut parts, &kind))
        .or_else(|| composed(&mut parts, &kind))
        .or_else(|| of_days_and_words(&mut parts, &kind));
    let Parts { reader, entry, .. } = parts;
    if formula.is_none() && !kind.is_empty() {
        let mut kinds = KINDS.to_vec();
        kinds.push("shape");
        not_there(reader, &entry, "kind", &kind, &FORMULA, &kinds);
        return Formula::Missing;
    }
    reader.close(&entry);
    formula.unwrap_or(Formula::Missing)
}

fn simple(kind: &str) -> Option<Formula> {
    Some(match kind {
        "unreadable" => Formula::Unreadable,
        "negative" => Formula::Negative,
        "zero" => Formula::Zero,
        "positive" => Formula::Positive,
        "missing" => Formula::Missing,
        "says_no" => Formula::SaysNo,
        "says_yes" => Formula::SaysYes,
        _ => return None,
    })
}

fn compared(parts: &mut Parts<'_, '_, '_>, kind: &str) -> Option<Formula> {
    Some(match kind {
        "ratio_above" => {
            Formula::RatioAbove { to: parts.operand("to"), times: parts.number("times") }
        }
        "ratio_below" => {
            Formula::RatioBelow { to: parts.operand("to"), times: parts.number("times") }
        }
        "unit_slip" => {
            Formula::UnitSlip { to: parts.operand("to"), tolerance: parts.number("tolerance") }
        }
        "differs" => Formula::Differs { to: parts.operand("to"), share: parts.number("share") },
        "equals" => Formula::Equals { to: parts.operand("to") },
        "above" => Formula::Above { than: parts.operand("than") },
        "below" => Formula::Below { than: parts.operand("than") },
        "outside" => Formula::Outside {
            at_least: parts.some_number("at_least"),
            at_most: parts.some_number("at_most"),
        },
        "decimals" => Formula::Decimals { than: parts.operand("than") },
        "multiple_of" => Formula::MultipleOf { of: parts.number("of") },
        _ => return None,
    })
}

fn composed(parts: &mut Parts<'_, '_, '_>, kind: &str) -> Option<Formula> {
    Some(match kind {
        "balance" => Formula::Balance {
            plus: parts.operands("plus"),
            minus: parts.operands("minus"),
            share: parts.number("share"),
        },
        "outlets_sum" => Formula::OutletsSum { share: parts.number("share") },
        "product" => Formula::Product {
            concentration: parts.operand("concentration"),
            volume: parts.operand("volume"),
            per: parts.number("per"),
            share: parts.number("share"),
        },
        "ascending" => Formula::Ascending { fields: parts.operands("fields") },
        "all_equal" => Formula::AllEqual { fields: parts.operands("fields") },
        "same_series" => {
            Formula::SameSeries { to: parts.operand("to"), at_least: parts.number("at_least") }
        }
        "same_across" => Formula::SameAcross { at_least: parts.number("at_least") },
        _ => return None,
    })
}

fn of_days_and_words(parts: &mut Parts<'_, '_, '_>, kind: &str) -> Option<Formula> {
    Some(match kind {
        "day_outside" => {
            Formula::DayOutside { from: parts.some_operand("from"), to: parts.some_operand("to") }
        }
        "days_after" => {
            Formula::DaysAfter { from: parts.operand("from"), more_than: parts.number("more_than") }
        }
        "words_short" => Formula::WordsShort { at_least: parts.number("at_least") },
        "words_only" => {
            Formula::WordsOnly { words: parts.reader.required_strings(&mut parts.entry, "words") }
        }
        "shape" => {
            let of = parts.reader.required_word(&mut parts.entry, "of");
            Formula::Shape { of: of.unwrap_or(Shape::OutletNumber) }
        }
        _ => return None,
    })
}
