//! The formulas: each is a few lines of exact arithmetic.

use jiff::civil::Date;
use rulebook::{Decimal, Text};

use crate::check::{Place, short};
use crate::entry::{Entry, Key, Value};
use crate::finding::Compared;
use crate::model::{Formula, Operand};
use crate::words::Shape;

/// What a formula found.
#[derive(Debug, Default)]
pub(crate) struct Hit {
    /// What was entered, where it is not simply the field's value.
    pub(crate) value: Option<String>,
    /// With what it was compared.
    pub(crate) compared: Option<Compared>,
}

/// Whether a formula looks at all rows at once.
pub(crate) const fn looks_at_all_rows(formula: &Formula) -> bool {
    matches!(formula, Formula::SameSeries { .. } | Formula::SameAcross { .. })
}

/// What the formula of a check finds at a place.
pub(crate) fn find(place: &Place<'_>) -> Option<Hit> {
    match &place.check.formula {
        Formula::Unreadable => plain(matches!(place.value()?, Value::Unreadable(_))),
        Formula::Missing => plain(place.value().is_none()),
        Formula::SaysNo => plain(*place.value()? == Value::YesNo(false)),
        Formula::SaysYes => plain(*place.value()? == Value::YesNo(true)),
        Formula::Negative => plain(place.number()? < Decimal::ZERO),
        Formula::Zero => plain(place.number()?.is_zero()),
        Formula::Positive => plain(place.number()? > Decimal::ZERO),
        Formula::Outside { at_least, at_most } => outside(place, *at_least, *at_most),
        Formula::MultipleOf { of } => {
            let number = place.number()?;
            plain(!number.is_zero() && number.checked_rem(*of)?.is_zero())
        }
        Formula::Decimals { than } => {
            let decimals = Decimal::from(place.number()?.normalize().scale());
            compared(place, than, decimals > place.operand_number(than)?, false)
        }
        Formula::Balance { plus, minus, share } => balance(place, plus, minus, *share),
        Formula::OutletsSum { share } => outlets_sum(place, *share),
        Formula::Product { concentration, volume, per, share } => {
            let factors = (place.operand_number(concentration)?, place.operand_number(volume)?);
            let product = factors.0.checked_mul(factors.1)?.checked_div(*per)?;
            let name = Text::fixed("浓度×排放量体积", "concentration times volume");
            computed(place, name, product, *share)
        }
        Formula::Ascending { fields } => {
            let numbers = numbers(place, fields)?;
            let is_sorted = numbers.windows(2).all(|pair| matches!(pair, [a, b] if a <= b));
            listed(&numbers, !is_sorted)
        }
        Formula::AllEqual { fields } => {
            let numbers = numbers(place, fields)?;
            let first = *numbers.first()?;
            listed(&numbers, !first.is_zero() && numbers.iter().all(|number| *number == first))
        }
        Formula::SameSeries { to, at_least } => same_series(place, to, *at_least),
        Formula::SameAcross { at_least } => same_across(place, *at_least),
        Formula::DayOutside { from, to } => day_outside(place, from.as_ref(), to.as_ref()),
        Formula::DaysAfter { from, more_than } => {
            let days = days(day(place.operand(from))?, day(place.value().cloned())?)?;
            compared(place, from, days > *more_than, false)
        }
        Formula::WordsShort { at_least } => {
            let Value::Words(words) = place.value()? else { return None };
            plain(Decimal::from(words.chars().count()) < *at_least)
        }
        Formula::WordsOnly { words } => {
            let Value::Words(said) = place.value()? else { return None };
            let said = said.trim_matches(|letter: char| !letter.is_alphanumeric());
            plain(words.iter().any(|word| word.eq_ignore_ascii_case(said)))
        }
        Formula::Shape { of } => {
            let Value::Words(words) = place.value()? else { return None };
            plain(!has_shape(*of, words))
        }
        other => of_two(place, other),
    }
}

/// Formulas that compare the number with another.
fn of_two(place: &Place<'_>, formula: &Formula) -> Option<Hit> {
    let number = place.number()?;
    match formula {
        Formula::RatioAbove { to, times } => {
            let other = above_zero(place, to)?;
            compared(place, to, number > other.checked_mul(*times)?, true)
        }
        Formula::RatioBelow { to, times } => {
            let other = above_zero(place, to)?;
            compared(place, to, number < other.checked_mul(*times)?, true)
        }
        Formula::UnitSlip { to, tolerance } => {
            let other = above_zero(place, to)?;
            let is_slip = number > Decimal::ZERO && is_unit_slip(number, other, *tolerance);
            compared(place, to, is_slip, true)
        }
        Formula::Differs { to, share } => {
            let other = place.operand_number(to)?;
            let away = number.checked_sub(other)?.abs();
            compared(place, to, away > other.abs().checked_mul(*share)?, true)
        }
        Formula::Equals { to } => {
            let other = place.operand_number(to)?;
            compared(place, to, number == other && !number.is_zero(), false)
        }
        Formula::Above { than } => {
            compared(place, than, number > place.operand_number(than)?, true)
        }
        Formula::Below { than } => {
            compared(place, than, number < place.operand_number(than)?, true)
        }
        _ => None,
    }
}

fn plain(is_found: bool) -> Option<Hit> {
    is_found.then(Hit::default)
}

/// A hit that names the other value, with the ratio to it where that says something.
fn compared(place: &Place<'_>, to: &Operand, is_found: bool, with_ratio: bool) -> Option<Hit> {
    if !is_found {
        return None;
    }
    let ratio =
        with_ratio.then(|| place.number()?.checked_div(place.operand_number(to)?)).flatten();
    Some(Hit { value: None, compared: place.compared(to, ratio) })
}

fn above_zero(place: &Place<'_>, operand: &Operand) -> Option<Decimal> {
    place.operand_number(operand).filter(|number| *number > Decimal::ZERO)
}

/// Whether one is about a thousand or a million times the other.
fn is_unit_slip(number: Decimal, other: Decimal, tolerance: Decimal) -> bool {
    let (larger, smaller) = (number.max(other), number.min(other));
    let near = |factor: i64| {
        let exact = smaller.checked_mul(Decimal::from(factor))?;
        let away = larger.checked_sub(exact)?.abs();
        Some(away <= exact.checked_mul(tolerance)?)
    };
    [1000, 1_000_000].into_iter().any(|factor| near(factor) == Some(true))
}

fn outside(place: &Place<'_>, at_least: Option<Decimal>, at_most: Option<Decimal>) -> Option<Hit> {
    let number = place.number()?;
    let is_outside =
        at_least.is_some_and(|least| number < least) || at_most.is_some_and(|most| number > most);
    if !is_outside {
        return None;
    }
    let end =
        |end: Option<Decimal>| end.map_or_else(String::new, |end| end.normalize().to_string());
    let value = format!("{}–{}", end(at_least), end(at_most));
    let name = Text::fixed("合理范围", "range");
    Some(Hit { value: None, compared: Some(Compared { name, value, ratio: None }) })
}

/// Whether two numbers lie apart by more than a share of the larger.
fn lie_apart(one: Decimal, other: Decimal, share: Decimal) -> Option<bool> {
    let larger = one.abs().max(other.abs());
    Some(one.checked_sub(other)?.abs() > larger.checked_mul(share)?)
}

fn computed(place: &Place<'_>, name: Text, other: Decimal, share: Decimal) -> Option<Hit> {
    let number = place.number()?;
    if !lie_apart(number, other, share)? {
        return None;
    }
    let ratio = number.checked_div(other).map(short);
    let compared = Compared { name, value: short(other), ratio };
    Some(Hit { value: None, compared: Some(compared) })
}

fn balance(place: &Place<'_>, plus: &[Operand], minus: &[Operand], share: Decimal) -> Option<Hit> {
    let mut sum = Decimal::ZERO;
    for number in numbers(place, plus)? {
        sum = sum.checked_add(number)?;
    }
    for number in numbers(place, minus)? {
        sum = sum.checked_sub(number)?;
    }
    computed(place, Text::fixed("按其余各项计算", "by the other fields"), sum, share)
}

fn outlets_sum(place: &Place<'_>, share: Decimal) -> Option<Hit> {
    if place.key.outlet.is_some() {
        return None;
    }
    let rows = place.context.entry.rows.iter();
    let of_factor = rows.filter(|(key, _)| {
        key.outlet.is_some() && key.factor.is_some() && key.factor == place.key.factor
    });
    let mut sum = None;
    for (_, row) in of_factor {
        let number = row.get(place.field).and_then(Value::number)?;
        sum = Some(sum.unwrap_or(Decimal::ZERO).checked_add(number)?);
    }
    computed(place, Text::fixed("各排放口之和", "sum of the outlets"), sum?, share)
}

/// The numbers of all operands; `None` when one is missing.
fn numbers(place: &Place<'_>, operands: &[Operand]) -> Option<Vec<Decimal>> {
    operands.iter().map(|operand| place.operand_number(operand)).collect()
}

fn listed(numbers: &[Decimal], is_found: bool) -> Option<Hit> {
    let texts: Vec<String> = numbers.iter().map(Decimal::to_string).collect();
    is_found.then(|| Hit { value: Some(texts.join(" / ")), compared: None })
}

/// The numbers of a field in the rows that the check looks at.
fn series<'a>(entry: &'a Entry, place: &Place<'_>, field: &str) -> Vec<(&'a Key, Decimal)> {
    let applies = &place.check.applies_to;
    let is_of = |key: &Key| {
        let begins = |codes: &[String]| {
            let factor = key.factor.as_deref().unwrap_or_default();
            codes.iter().any(|code| factor.starts_with(code.as_str()))
        };
        (applies.factors.is_empty() || begins(&applies.factors)) && !begins(&applies.not_factors)
    };
    let rows = entry.rows.iter().filter(|(key, _)| is_of(key));
    rows.filter_map(|(key, row)| Some((key, row.get(field)?.number()?)))
        .filter(|(_, number)| !number.is_zero())
        .collect()
}

fn same_series(place: &Place<'_>, to: &Operand, at_least: Decimal) -> Option<Hit> {
    let history = place.context.history;
    let (past, field) = match to {
        Operand::LastYear(field) => (history.last_year.as_ref()?, field),
        Operand::Last(field) => (history.last.as_ref()?, field),
        _ => return None,
    };
    let now = series(place.context.entry, place, place.field);
    let is_same = now == series(past, place, field);
    if !is_same || Decimal::from(now.len()) < at_least {
        return None;
    }
    let value = now.iter().map(|(_, number)| number.to_string()).collect::<Vec<_>>().join(" / ");
    let name = place.name(to);
    let compared = Compared { name, value: value.clone(), ratio: None };
    Some(Hit { value: Some(value), compared: Some(compared) })
}

fn same_across(place: &Place<'_>, at_least: Decimal) -> Option<Hit> {
    let all = series(place.context.entry, place, place.field);
    let has_digits = |number: &Decimal| number.normalize().mantissa().unsigned_abs() >= 100;
    let same = |number: Decimal| {
        all.iter().filter(|(_, other)| *other == number).map(|(key, _)| *key).collect::<Vec<_>>()
    };
    let (keys, number) = all
        .iter()
        .filter(|(_, number)| has_digits(number))
        .map(|(_, number)| (same(*number), *number))
        .max_by_key(|(keys, _)| keys.len())?;
    if Decimal::from(keys.len()) < at_least {
        return None;
    }
    let named = |key: &&Key| {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        [part(&key.outlet), part(&key.factor)].join(" ").trim().to_owned()
    };
    let value = keys.iter().map(named).collect::<Vec<_>>().join("、");
    let compared =
        Compared { name: Text::fixed("数值相同的行", "rows with it"), value, ratio: None };
    Some(Hit { value: Some(number.to_string()), compared: Some(compared) })
}

fn day(value: Option<Value>) -> Option<Date> {
    if let Some(Value::Day(day)) = value { Some(day) } else { None }
}

fn days(from: Date, to: Date) -> Option<Decimal> {
    Some(Decimal::from(to.since(from).ok()?.get_days()))
}

fn day_outside(place: &Place<'_>, from: Option<&Operand>, to: Option<&Operand>) -> Option<Hit> {
    let entered = day(place.value().cloned())?;
    let end = |operand: Option<&Operand>| day(place.operand(operand?));
    if let (Some(operand), Some(first)) = (from, end(from))
        && entered < first
    {
        return compared(place, operand, true, false);
    }
    let last = end(to)?;
    compared(place, to?, entered > last, false)
}

/// Whether words have a form.
fn has_shape(shape: Shape, words: &str) -> bool {
    let bytes = words.trim().as_bytes();
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let upper = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    match shape {
        Shape::OutletNumber => match bytes {
            [b'D', b'A' | b'W', number @ ..] => number.len() == 3 && digits(number),
            _ => false,
        },
        Shape::PermitNumber => {
            bytes.len() == 22
                && bytes.iter().take(18).all(upper)
                && digits(bytes.get(18..21).unwrap_or_default())
                && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        }
    }
}
