//! What a permit says, in words of both languages.

use crate::duty::{DueRule, PermitDuty};
use crate::model::{AmountKind, Condition, PermitAmount, PermitLimit};
use registry::Snapshot;
use rulebook::{Period, Text};
use standards::codes::pollutants;

/// The name of a pollutant by its code.
pub type NameOf<'names> = &'names dyn Fn(&str) -> Text;

/// The names of pollutants by their codes: the city's, else the standard's, else the code itself.
pub fn names(snapshot: &Snapshot) -> impl Fn(&str) -> Text {
    |code: &str| {
        let listed = snapshot.factor_by_code(code).filter(|factor| factor.is_listed);
        if let Some(factor) = listed {
            return Text::new(factor.name.zh.clone(), factor.name.en.clone());
        }
        pollutants::pollutant(code).map_or_else(|| Text::plain(code), |known| known.name.clone())
    }
}

/// An outlet, or the whole unit.
pub fn outlet(number: Option<&str>) -> Text {
    number.map_or_else(|| Text::fixed("全厂", "whole unit"), Text::plain)
}

/// The bound of a limit: `≤ 50 mg/L`, `6–9`.
pub fn bound(limit: &PermitLimit) -> String {
    let number = match limit.at_least {
        Some(least) => format!("{least}–{}", limit.at_most),
        None => format!("≤ {}", limit.at_most),
    };
    if limit.unit.is_empty() { number } else { format!("{number} {}", limit.unit) }
}

/// The mean that a limit is for.
pub fn period(limit: &PermitLimit) -> Text {
    let of = limit.condition.as_ref().and_then(|condition| condition.averaging.clone());
    match (of, limit.period) {
        (Some(words), _) => Text::plain(words),
        (None, Period::Day) => Text::fixed("日均值", "daily mean"),
        (None, _) => Text::fixed("小时均值", "hourly mean"),
    }
}

/// When a limit holds; empty where it always does.
pub fn condition(condition: Option<&Condition>) -> Text {
    let Some(condition) = condition else { return Text::same("") };
    let mut zh = Vec::new();
    let mut en = Vec::new();
    if let Some(fuel) = &condition.fuel {
        zh.push(format!("燃料:{fuel}"));
        en.push(format!("fuel: {fuel}"));
    }
    if let Some(season) = condition.season {
        zh.push(format!("每年 {} 至 {}", season.from, season.to));
        en.push(format!("each year from {} to {}", season.from, season.to));
    }
    Text::new(zh.join(";"), en.join("; "))
}

/// What an amount is of: a year, each year, a special period.
pub fn amount_of(amount: &PermitAmount) -> Text {
    match (&amount.kind, amount.year) {
        (AmountKind::SpecialPeriod { from, to }, _) => {
            Text::new(format!("特殊时段 {from} 至 {to}"), format!("special period {from} to {to}"))
        }
        (AmountKind::Yearly, Some(year)) => Text::new(format!("{year}年"), year.to_string()),
        (AmountKind::Yearly, None) => Text::fixed("每年", "each year"),
    }
}

/// What a duty asks, in one line.
pub fn duty(duty: &PermitDuty, name: NameOf<'_>) -> Text {
    match duty {
        PermitDuty::ExecutionReport { cycle, .. } => {
            let cycle = cycle.text();
            Text::new(format!("执行报告({})", cycle.zh), cycle.en.into_owned())
        }
        PermitDuty::SelfMonitoring { outlet: number, pollutant, .. } => {
            let (place, what) = (outlet(number.as_deref()), name(pollutant));
            Text::new(
                format!("自行监测 {} {}", place.zh, what.zh),
                format!("self-monitoring of {} at {}", what.en, place.en),
            )
        }
        PermitDuty::Ledger { .. } => Text::fixed("环境管理台账", "ledger"),
        PermitDuty::Disclosure { .. } => Text::fixed("信息公开", "disclosure"),
    }
}

/// When or how often a duty is due, as the permit sets it.
pub fn when(duty: &PermitDuty) -> Text {
    let silent = || Text::fixed("许可证未载明", "the permit does not say");
    match duty {
        PermitDuty::ExecutionReport { due, .. } => due.map_or_else(silent, DueRule::text),
        PermitDuty::SelfMonitoring { method, frequency, .. } => {
            let (method, often) = (method.text(), frequency.text());
            Text::new(format!("{},{}", method.zh, often.zh), format!("{}, {}", method.en, often.en))
        }
        PermitDuty::Ledger { kept_years, .. } => kept_years.map_or_else(silent, |years| {
            Text::new(format!("保存{years}年"), format!("kept for {years} years"))
        }),
        PermitDuty::Disclosure { when, .. } if when.is_empty() => silent(),
        PermitDuty::Disclosure { when, .. } => Text::plain(when),
    }
}

/// The other words of a duty.
pub fn content(duty: &PermitDuty) -> String {
    let joined = |one: &str, other: &str| match (one.is_empty(), other.is_empty()) {
        (false, false) => format!("{one}({other})"),
        (true, _) => other.to_owned(),
        (_, true) => one.to_owned(),
    };
    match duty {
        PermitDuty::ExecutionReport { content, .. } => content.clone(),
        PermitDuty::SelfMonitoring { note, .. } => note.clone(),
        PermitDuty::Ledger { content, medium, .. } => joined(content, medium),
        PermitDuty::Disclosure { content, way, .. } => joined(content, way),
    }
}
