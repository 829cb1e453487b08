//! The checks of what people enter, held against the limits and amounts of a permit before it is
//! accepted: a soft stop that explains.

use crate::checks::Checks;
use permits::{AmountKind, Fault, Part, PermitContent, PermitDraft, PermitLimit, PermitVersion};
use plausibility::{Entry, Finding, Form, History, Key, Measured};
use rulebook::{Period, Text};
use std::collections::HashMap;

/// What the checks find in the limits and amounts of a draft, told at the entries from which it
/// comes. Number and validity are left to the checks of the workbook.
pub(super) fn notes(
    checks: &Checks,
    draft: &PermitDraft,
    before: Option<&PermitVersion>,
    earlier: &[PermitVersion],
) -> Vec<Fault> {
    let mut found = Vec::new();
    for period in [Period::Hour, Period::Day] {
        let places = |content: &PermitContent| limits(content, period);
        let found_here = run(checks, draft, before, earlier, &Measured::default(), places);
        let (_, rows) = limits(&draft.content, period);
        found.extend(told(checks, Part::Limits, &rows, found_here));
    }
    let known = known(draft);
    let found_here = run(checks, draft, before, earlier, &known, amounts);
    let (_, rows) = amounts(&draft.content);
    found.extend(told(checks, Part::Amounts, &rows, found_here));
    found.sort_by_key(|fault| (fault.part, fault.entry));
    found
}

/// An entry with the places of its rows among those of the permit.
type Read = (Entry, HashMap<Key, usize>);

fn run(
    checks: &Checks,
    draft: &PermitDraft,
    before: Option<&PermitVersion>,
    earlier: &[PermitVersion],
    known: &Measured,
    read: impl Fn(&PermitContent) -> Read,
) -> Vec<Finding> {
    let history = History {
        last_year: None,
        last: before.map(|version| read(&version.content).0),
        earlier: earlier.iter().map(|version| read(&version.content).0).collect(),
    };
    plausibility::check(&checks.0, &read(&draft.content).0, &history, known)
}

fn key(outlet: Option<&str>, pollutant: &str) -> Key {
    Key { outlet: outlet.map(str::to_owned), factor: Some(pollutant.to_owned()) }
}

/// The limits of a period that always hold.
fn limits(content: &PermitContent, period: Period) -> Read {
    let mut entry = Entry::new(Form::PermitLimit);
    let mut rows = HashMap::new();
    let always = |limit: &&PermitLimit| limit.condition.is_none() && limit.period == period;
    let all = content.limits.iter().enumerate();
    for (place, limit) in all.filter(|(_, limit)| always(limit)) {
        let key = key(limit.outlet_number.as_deref(), &limit.pollutant);
        if let Some(least) = limit.at_least {
            entry.put(key.clone(), "at_least", &least.to_string());
        }
        entry.put(key.clone(), "at_most", &limit.at_most.to_string());
        entry.put(key.clone(), "citation", &limit.citation);
        if let Some(number) = &limit.outlet_number {
            entry.put(key.clone(), "outlet_number", number);
        }
        rows.insert(key, place);
    }
    (entry, rows)
}

/// The amounts of each year.
fn amounts(content: &PermitContent) -> Read {
    let mut entry = Entry::new(Form::PermitAmount);
    let mut rows = HashMap::new();
    for (place, amount) in content.amounts.iter().enumerate() {
        if amount.kind != AmountKind::Yearly || amount.year.is_some() {
            continue;
        }
        let key = key(amount.outlet.as_deref(), &amount.pollutant);
        entry.put(key.clone(), "tonnes", &amount.tonnes.to_string());
        rows.insert(key, place);
    }
    (entry, rows)
}

/// What impact assessments and quotas allow the whole unit in the version's first year.
fn known(draft: &PermitDraft) -> Measured {
    let mut known = Measured::default();
    let Some(background) = &draft.background else { return known };
    let year = draft.content.in_force_from.year();
    for amount in draft.content.amounts.iter().filter(|amount| amount.outlet.is_none()) {
        let code = amount.pollutant.as_str();
        let approved = permits::approved_amount(&background.approvals, code, year);
        if let Some(approved) = approved {
            known.put(key(None, code), "permit.approved", approved);
        }
        if let Some(quota) = permits::quota_amount(&background.quotas, code, year) {
            known.put(key(None, code), "permit.quota", quota);
        }
    }
    known
}

fn told(
    checks: &Checks,
    part: Part,
    rows: &HashMap<Key, usize>,
    found: Vec<Finding>,
) -> Vec<Fault> {
    let at_a_row = found.into_iter().filter_map(|finding| {
        let entry = *rows.get(&finding.key)?;
        let check = checks.get(&finding.check)?;
        let numbers = finding.numbers();
        let column = match finding.field.as_str() {
            "at_least" => "下限",
            "at_most" => "上限",
            "citation" => "执行标准",
            "outlet_number" => "排放口编号",
            _ => "许可排放量(t)",
        };
        Some(Fault {
            part: Some(part),
            row: None,
            entry: Some(entry),
            column,
            what: Text::new(
                format!("{}({})", check.what.zh, numbers.zh),
                format!("{} ({})", check.what.en, numbers.en),
            ),
            cure: check.cure.clone(),
        })
    });
    at_a_row.collect()
}
