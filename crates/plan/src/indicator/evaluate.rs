//! The evaluation of a definition over its inputs. Pure: the same inputs give the same value.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rulebook::{Decimal, NotComputable, Text, round_half_even};
use standards::air::hj663_ambient_air_assessment::{mean, percentile};

use super::{Baseline, Definition, Formula, REPORTED};

/// A value that enters (输入值), with the way to where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Whose it is: a station, a section, a kind of case.
    pub key: String,
    /// Its day.
    pub on: Date,
    /// The value.
    pub value: Decimal,
    /// The page on which its origin stands.
    pub link: String,
}

/// What an evaluation may read: nothing else enters.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The year.
    pub year: i16,
    /// The values of each source in the year, in the order of their days and keys.
    pub sources: BTreeMap<String, Vec<Item>>,
    /// Values of other indicators, by id and year.
    pub values: BTreeMap<(String, i16), Decimal>,
}

/// A value with all that it rests on (指标值).
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The value, rounded.
    pub value: Decimal,
    /// What entered.
    pub inputs: Vec<Item>,
    /// The edition of the definition.
    pub edition: String,
    /// Fewer values entered than the year needs.
    pub is_provisional: bool,
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoValue {
    /// Why.
    pub reason: Text,
    /// Who must deliver the data.
    pub delivers: Option<Text>,
}

/// The value of a definition in a year.
///
/// # Errors
/// Why there is none: no data and who must deliver them, no baseline.
///
/// # Example
/// ```
/// use plan::indicator::{Inputs, Item, evaluate, shipped};
/// use rulebook::Decimal;
/// let all = shipped().unwrap();
/// let days = all.iter().find(|one| one.id == "air_good_day_share").unwrap();
/// let item = |day, value: i64| Item {
///     key: "city".into(),
///     on: jiff::civil::date(2026, 1, day),
///     value: Decimal::from(value),
///     link: "/air".into(),
/// };
/// let mut inputs = Inputs { year: 2026, ..Inputs::default() };
/// inputs.sources.insert("air.city.aqi".into(), vec![item(1, 40), item(2, 101), item(3, 100)]);
/// let found = evaluate(days, &inputs).unwrap();
/// assert_eq!(found.value.to_string(), "66.7");
/// assert!(found.is_provisional);
/// ```
pub fn evaluate(definition: &Definition, inputs: &Inputs) -> Result<Value, NoValue> {
    let none = |reason: Text| NoValue { reason, delivers: definition.delivers.clone() };
    let (exact, entered) = match &definition.formula {
        Formula::Change { of, against } => {
            (change(of, *against, inputs).map_err(none)?, Vec::new())
        }
        formula => {
            let items =
                |name: &str| inputs.sources.get(name).map(Vec::as_slice).unwrap_or_default();
            let named = formula.sources();
            let of = named.first().copied().unwrap_or_default();
            if let Some(empty) = named.iter().find(|name| items(name).is_empty()) {
                return Err(none(no_data(empty)));
            }
            let entered = named.iter().flat_map(|name| items(name).iter().cloned()).collect();
            let whole = named.get(1).copied().unwrap_or_default();
            let value = over(formula, items(of), items(whole)).map_err(|why| none(why.text()))?;
            (value, entered)
        }
    };
    let counted = entered.len() as u32;
    Ok(Value {
        value: round_half_even(exact, definition.decimals),
        inputs: entered,
        edition: definition.edition.clone(),
        is_provisional: definition.fewest.is_some_and(|fewest| counted < fewest),
    })
}

fn no_data(source: &str) -> Text {
    if source == REPORTED {
        return Text::fixed("没有报送的数值", "nobody has reported a value");
    }
    Text::new(format!("来源 {source} 没有数据"), format!("the source {source} has no data"))
}

fn over(formula: &Formula, of: &[Item], whole: &[Item]) -> Result<Decimal, NotComputable> {
    let values = || of.iter().map(|item| item.value);
    let missing = || NotComputable::Missing { what: Text::fixed("数值", "every value") };
    let percent = |part: Decimal, whole: Decimal| {
        (part * Decimal::ONE_HUNDRED).checked_div(whole).ok_or_else(missing)
    };
    match formula {
        Formula::Count(_, condition) => {
            Ok(Decimal::from(values().filter(|value| condition.holds(*value)).count()))
        }
        Formula::Days(_, condition) => {
            let fulfilling = of.iter().filter(|item| condition.holds(item.value));
            let days: BTreeSet<Date> = fulfilling.map(|item| item.on).collect();
            Ok(Decimal::from(days.len()))
        }
        Formula::Share(_, condition) => {
            let part = values().filter(|value| condition.holds(*value)).count();
            percent(Decimal::from(part), Decimal::from(of.len()))
        }
        Formula::Ratio { .. } => percent(values().sum(), whole.iter().map(|item| item.value).sum()),
        Formula::Mean(_) => mean(values()),
        Formula::Percentile(_, percent) => percentile(&values().collect::<Vec<_>>(), *percent),
        Formula::Latest(_) => {
            of.iter().max_by_key(|item| item.on).map(|item| item.value).ok_or_else(missing)
        }
        Formula::Change { .. } => Err(missing()),
    }
}

fn change(of: &str, against: Baseline, inputs: &Inputs) -> Result<Decimal, Text> {
    let base = match against {
        Baseline::Year(year) => year,
        Baseline::Previous => inputs.year - 1,
    };
    let value = |year: i16| {
        inputs.values.get(&(of.to_owned(), year)).copied().ok_or_else(|| {
            Text::new(
                format!("缺少 {of} 的 {year} 年值"),
                format!("there is no value of {of} for {year}"),
            )
        })
    };
    let (now, before) = (value(inputs.year)?, value(base)?);
    let part = (now - before) * Decimal::ONE_HUNDRED;
    part.checked_div(before).ok_or_else(|| {
        Text::new(
            format!("{of} 的 {base} 年值为零，无法比较"),
            format!("{of} is zero in {base}: nothing can be compared"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::Condition;
    use super::*;
    use crate::words::Direction;
    use jiff::civil::date;

    fn of(formula: Formula) -> Definition {
        Definition {
            id: "one".to_owned(),
            name: Text::same("one"),
            unit: String::new(),
            direction: Direction::Lower,
            formula,
            decimals: 1,
            edition: "house".to_owned(),
            owner: Text::same("house"),
            delivers: Some(Text::same("somebody")),
            note: None,
            fewest: Some(3),
        }
    }

    fn items(values: &[i64]) -> Vec<Item> {
        let item = |(day, value): (i8, &i64)| Item {
            key: "city".to_owned(),
            on: date(2026, 1, day),
            value: Decimal::from(*value),
            link: String::new(),
        };
        (1..).zip(values).map(item).collect()
    }

    #[test]
    fn each_formula_gives_the_number_computed_by_hand() {
        let low = Condition { at_most: Some(Decimal::from(20)), at_least: None };
        let source = || "a".to_owned();
        let ratio = Formula::Ratio { part: source(), whole: "b".to_owned() };
        let previous = Formula::Change { of: "x".to_owned(), against: Baseline::Previous };
        let fixed = Formula::Change { of: "x".to_owned(), against: Baseline::Year(2020) };
        let cases = [
            (Formula::Count(source(), low), "2"),
            (Formula::Days(source(), low), "2"),
            (Formula::Share(source(), low), "66.7"),
            (ratio, "30"),
            (Formula::Mean(source()), "20"),
            (Formula::Percentile(source(), 90), "28"),
            (Formula::Latest(source()), "30"),
            (previous, "-20"),
            (fixed, "-10"),
        ];
        let mut inputs = Inputs { year: 2026, ..Inputs::default() };
        inputs.sources.insert("a".into(), items(&[10, 20, 30]));
        inputs.sources.insert("b".into(), items(&[150, 50]));
        for (year, value) in [(2020, 40), (2025, 45), (2026, 36)] {
            inputs.values.insert(("x".into(), year), Decimal::from(value));
        }
        for (formula, wanted) in cases {
            let found = evaluate(&of(formula.clone()), &inputs).expect("a value");
            assert_eq!(found.value.normalize().to_string(), wanted, "{formula:?}");
        }
    }

    #[test]
    fn without_data_it_is_said_who_must_deliver_them() {
        let found = evaluate(&of(Formula::Latest(REPORTED.to_owned())), &Inputs::default());
        let why = found.expect_err("no value");
        assert_eq!(why.delivers.map(|who| who.en.into_owned()), Some("somebody".to_owned()));
        let change = Formula::Change { of: "x".to_owned(), against: Baseline::Year(2020) };
        let why = evaluate(&of(change), &Inputs::default()).expect_err("no baseline");
        assert!(why.reason.en.contains("no value of x"), "{}", why.reason.en);
    }

    #[test]
    fn a_year_with_few_values_is_provisional() {
        let mut inputs = Inputs { year: 2026, ..Inputs::default() };
        inputs.sources.insert("a".into(), items(&[10, 20]));
        let found = evaluate(&of(Formula::Mean("a".to_owned())), &inputs).expect("a value");
        assert!(found.is_provisional);
        inputs.sources.insert("a".into(), items(&[10, 20, 30]));
        let found = evaluate(&of(Formula::Mean("a".to_owned())), &inputs).expect("a value");
        assert!(!found.is_provisional);
    }
}
