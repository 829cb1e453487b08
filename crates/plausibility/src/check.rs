//! Runs checks over an entry. Pure, and no number makes it fail: what cannot be computed finds
//! nothing.

use std::collections::BTreeSet;

use rulebook::{Decimal, Text};

use crate::entry::{Entry, History, Key, Measured, Value};
use crate::finding::{Compared, Finding};
use crate::formula::{self, Hit};
use crate::model::{Check, Operand};
use crate::vocabulary::{field_of, known};
use crate::words::Level;

/// What the checks find in an entry, the gravest first, then in the order of the form.
pub fn check(
    checks: &[Check],
    entry: &Entry,
    history: &History,
    measured: &Measured,
) -> Vec<Finding> {
    let context = Context { entry, history, measured };
    let findings: Vec<Finding> = checks.iter().flat_map(|check| one(check, &context)).collect();
    let is_told_by = |finding: &Finding, of: &Check| {
        let same = |other: &&Finding| other.key == finding.key && other.field == finding.field;
        findings.iter().filter(same).any(|other| of.unless.contains(&other.check))
    };
    let mut findings: Vec<Finding> = findings
        .iter()
        .filter(|finding| {
            let of = checks.iter().find(|check| check.id == finding.check);
            !of.is_some_and(|of| is_told_by(finding, of))
        })
        .cloned()
        .collect();
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.key.cmp(&b.key)));
    findings
}

/// All that a check may look at.
pub(crate) struct Context<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) history: &'a History,
    pub(crate) measured: &'a Measured,
}

/// A check at one place.
pub(crate) struct Place<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) check: &'a Check,
    pub(crate) field: &'a str,
    pub(crate) key: Key,
}

fn one(check: &Check, context: &Context<'_>) -> Vec<Finding> {
    let applies = &check.applies_to;
    let kind = context.entry.span.map(|span| span.kind);
    let is_period =
        applies.periods.is_empty() || kind.is_some_and(|kind| applies.periods.contains(&kind));
    if applies.form != context.entry.form || !is_period {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for field in &applies.fields {
        let Some(known) = field_of(applies.form, field) else { continue };
        let keys = if formula::looks_at_all_rows(&check.formula) {
            BTreeSet::from([Key::head()])
        } else {
            keys(context, known.level)
        };
        for key in keys {
            if known.level == Level::Factor && !is_of(check, &key) {
                continue;
            }
            let place = Place { context, check, field, key };
            if !place.holds() {
                continue;
            }
            if let Some(hit) = formula::find(&place) {
                findings.push(place.finding(hit));
            }
        }
    }
    findings
}

/// The places of a level that the entry or the platform knows of.
fn keys(context: &Context<'_>, level: Level) -> BTreeSet<Key> {
    if level == Level::Head {
        return BTreeSet::from([Key::head()]);
    }
    let of_level = |key: &&Key| match level {
        Level::Outlet => key.outlet.is_some() && key.factor.is_none(),
        _ => key.factor.is_some(),
    };
    let entered = context.entry.rows.keys().filter(of_level).cloned();
    let listed = context.measured.keys().filter(of_level).cloned();
    entered.chain(listed).collect()
}

fn is_of(check: &Check, key: &Key) -> bool {
    let Some(factor) = &key.factor else { return true };
    let begins = |codes: &[String]| codes.iter().any(|code| factor.starts_with(code.as_str()));
    let applies = &check.applies_to;
    (applies.factors.is_empty() || begins(&applies.factors)) && !begins(&applies.not_factors)
}

impl Place<'_> {
    /// What was entered here.
    pub(crate) fn value(&self) -> Option<&Value> {
        let field = field_of(self.context.entry.form, self.field)?;
        self.context.entry.get(&self.at(field.level), self.field)
    }

    /// The number entered here.
    pub(crate) fn number(&self) -> Option<Decimal> {
        self.value()?.number()
    }

    /// The place of a level, seen from here.
    fn at(&self, level: Level) -> Key {
        match level {
            Level::Head => Key::head(),
            Level::Outlet => Key { outlet: self.key.outlet.clone(), factor: None },
            Level::Factor => self.key.clone(),
        }
    }

    /// The value that an operand names.
    pub(crate) fn operand(&self, operand: &Operand) -> Option<Value> {
        let Context { entry, history, measured } = self.context;
        let form = entry.form;
        let of =
            |entry: &Entry, id: &str| entry.get(&self.at(field_of(form, id)?.level), id).cloned();
        match operand {
            Operand::Field(id) => of(entry, id),
            Operand::Other { field, factor } => {
                let outlet = self.key.outlet.clone();
                entry.get(&Key { outlet, factor: Some(factor.clone()) }, field).cloned()
            }
            Operand::LastYear(id) => of(history.last_year.as_ref()?, id),
            Operand::Last(id) => of(history.last.as_ref()?, id),
            Operand::Median(id) => {
                let key = self.at(field_of(form, id)?.level);
                history.median(&key, id).map(Value::Number)
            }
            Operand::Known(word) => {
                let outlet = self.at(Level::Outlet);
                let factor = Key { outlet: None, factor: self.key.factor.clone() };
                let found = measured.get(&self.key, word).or_else(|| measured.get(&outlet, word));
                let found = found.or_else(|| measured.get(&factor, word));
                found.or_else(|| measured.get(&Key::head(), word)).map(Value::Number)
            }
            Operand::PeriodHours => {
                let hours = entry.span?.days().checked_mul(24)?;
                Some(Value::Number(Decimal::from(hours)))
            }
            Operand::PeriodDays => Some(Value::Number(Decimal::from(entry.span?.days()))),
            Operand::PeriodFrom => Some(Value::Day(entry.span?.from)),
            Operand::PeriodTo => Some(Value::Day(entry.span?.to)),
            Operand::Today => entry.today.map(Value::Day),
        }
    }

    /// The number that an operand names.
    pub(crate) fn operand_number(&self, operand: &Operand) -> Option<Decimal> {
        self.operand(operand)?.number()
    }

    /// Whether the conditions of the check hold here.
    fn holds(&self) -> bool {
        let positive = |operand: &Operand| match self.operand(operand) {
            Some(Value::Number(number)) => number > Decimal::ZERO,
            Some(Value::YesNo(yes)) => yes,
            Some(Value::Words(_) | Value::Day(_)) => true,
            Some(Value::Unreadable(_)) | None => false,
        };
        let zero = |operand: &Operand| match self.operand(operand) {
            Some(Value::Number(number)) => number.is_zero(),
            Some(Value::YesNo(yes)) => !yes,
            _ => false,
        };
        let missing = |operand: &Operand| self.operand(operand).is_none();
        self.check.while_positive.iter().all(positive)
            && self.check.while_zero.iter().all(zero)
            && self.check.while_missing.iter().all(missing)
    }

    fn finding(&self, hit: Hit) -> Finding {
        let value = hit.value.or_else(|| self.value().map(Value::typed)).unwrap_or_default();
        Finding {
            check: self.check.id.clone(),
            version: self.check.version,
            severity: self.check.severity,
            form: self.context.entry.form,
            key: self.key.clone(),
            field: self.field.to_owned(),
            value,
            compared: hit.compared,
        }
    }

    /// With what was compared, in words.
    pub(crate) fn compared(&self, operand: &Operand, ratio: Option<Decimal>) -> Option<Compared> {
        let value = self.operand(operand)?.typed();
        Some(Compared { name: self.name(operand), value, ratio: ratio.map(short) })
    }

    /// What an operand is called.
    pub(crate) fn name(&self, operand: &Operand) -> Text {
        let form = self.context.entry.form;
        let field = |id: &str| field_of(form, id).map(|it| it.name.clone()).unwrap_or_default();
        let past = |zh: &str, en: &str, id: &str| {
            let name = field(id);
            Text::new(format!("{zh}{}", name.zh), format!("{en} {}", name.en))
        };
        match operand {
            Operand::Field(id) => field(id),
            Operand::Other { field: id, factor } => {
                let name = field(id);
                Text::new(format!("{factor} 的{}", name.zh), format!("{} of {factor}", name.en))
            }
            Operand::LastYear(id) => past("去年同期", "last year's", id),
            Operand::Last(id) => past("上一期", "the last", id),
            Operand::Median(id) => {
                let name = field(id);
                Text::new(
                    format!("历次{}中位数", name.zh),
                    format!("median of earlier {}", name.en),
                )
            }
            Operand::Known(word) => known(word).cloned().unwrap_or_default(),
            Operand::PeriodHours => Text::fixed("报告期小时数", "hours of the period"),
            Operand::PeriodDays => Text::fixed("报告期天数", "days of the period"),
            Operand::PeriodFrom => Text::fixed("报告期首日", "first day of the period"),
            Operand::PeriodTo => Text::fixed("报告期末日", "last day of the period"),
            Operand::Today => Text::fixed("今天", "today"),
        }
    }
}

/// A number with four digits that count.
pub(crate) fn short(number: Decimal) -> String {
    number.round_sf(4).unwrap_or(number).normalize().to_string()
}
