//! Times: every length is known and sensible, warnings and steps up stand in order.

use rulebook::Text;

use super::names::fields;
use super::{Checker, at_transition};
use crate::model::{Clock, ClockLength};
use crate::words::FieldForm;

pub(super) fn check(checker: &mut Checker<'_>) {
    let kind = checker.kind;
    for clock in &kind.clocks {
        length(checker, clock);
        order(checker, clock);
    }
    for transition in &kind.transitions {
        let place = format!("{}.extends", at_transition(&transition.id));
        for extension in &transition.extends {
            deadline(checker, &place, &extension.length);
        }
    }
}

fn length(checker: &mut Checker<'_>, clock: &Clock) {
    let place = format!("clocks.{}", clock.id);
    deadline(checker, &place, &clock.length);
    if let ClockLength::UntilField(id) = &clock.length {
        fields(checker, &place, std::slice::from_ref(id));
        let field = checker.kind.field(id);
        if field.is_some_and(|field| field.form != FieldForm::Date) {
            checker.report(
                "case_kind.until_field",
                &place,
                Text::new(format!("字段 {id} 不是日期"), format!("field {id} is no date")),
                Text::fixed("指向 form = \"date\" 的字段", "name a field of form = \"date\""),
            );
        }
    }
    for warn in &clock.warn {
        let longer = match &clock.length {
            ClockLength::Stated { length, .. } => Some(*length),
            ClockLength::Deadline(id) => {
                law::deadlines().iter().find(|row| row.id == *id).and_then(law::Deadline::length)
            }
            ClockLength::UntilField(_) => None,
        }
        .is_some_and(|whole| whole.unit == warn.unit && whole.amount <= warn.amount);
        if longer || warn.amount == 0 {
            checker.report(
                "case_kind.warn",
                &format!("{place}.warn"),
                Text::new(
                    format!("提前 {} 预警没有意义", warn.text().zh),
                    format!("a warning {} before the end says nothing", warn.text().en),
                ),
                Text::fixed(
                    "写比期限短、大于零的提前量",
                    "write less than the clock, more than nothing",
                ),
            );
        }
    }
}

/// Warnings and steps up are taken one after the other, so they stand in the order of time.
fn order(checker: &mut Checker<'_>, clock: &Clock) {
    let later =
        |pair: &[law::Length]| pair[0].unit == pair[1].unit && pair[0].amount > pair[1].amount;
    let warn: Vec<law::Length> = clock.warn.iter().rev().copied().collect();
    let escalate: Vec<law::Length> = clock.escalate.iter().map(|step| step.after).collect();
    for (key, lengths) in [("warn", warn), ("escalate", escalate)] {
        if lengths.windows(2).any(later) {
            checker.report(
                "case_kind.order",
                &format!("clocks.{}.{key}", clock.id),
                Text::fixed("没有按时间先后排列", "not in the order of time"),
                Text::fixed("先发生的写在前面", "write first what happens first"),
            );
        }
    }
}

fn deadline(checker: &mut Checker<'_>, place: &str, length: &ClockLength) {
    match length {
        ClockLength::Deadline(id) => {
            let rows = law::deadlines().iter().filter(|row| row.id == *id);
            if rows.clone().count() == 0 {
                checker.unknown(place, id, ("法定期限", "row of the table of deadlines"), &[]);
            } else if rows.clone().any(|row| row.length().is_none()) {
                checker.report(
                    "case_kind.deadline",
                    place,
                    Text::new(
                        format!("{id} 是每年的固定日期，不是时长"),
                        format!("{id} is a day of each year, not a length"),
                    ),
                    Text::fixed(
                        "用日期字段和 until_field",
                        "use a field with a day and until_field",
                    ),
                );
            }
        }
        ClockLength::Stated { length, .. } if length.amount == 0 => checker.report(
            "case_kind.length",
            place,
            Text::fixed("期限长度为零", "its length is nothing"),
            Text::fixed("写大于零的 amount", "write an `amount` above 0"),
        ),
        _ => {}
    }
}
