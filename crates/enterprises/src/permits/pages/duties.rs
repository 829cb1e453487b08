//! What a permit asks, when it is due, and the clocks of the law around it.

use jiff::ToSpan as _;
use jiff::civil::Date;
use maud::{Markup, html};
use permits::{DutyDate, PermitDuty, PermitVersion, clocks, duties_between, words};
use registry::Snapshot;
use web::Reader;
use web::components::{self, Column, Table};

/// Dates of duties are shown for so many days ahead.
const AHEAD_DAYS: i64 = 120;

pub(super) fn duties(
    reader: &Reader,
    snapshot: &Snapshot,
    shown: &PermitVersion,
    today: Date,
) -> Markup {
    let name = words::names(snapshot);
    let mut table = Table::new(
        reader.pick("许可证载明的义务", "What the permit asks"),
        vec![
            Column::words(reader.pick("义务", "Duty")),
            Column::words(reader.pick("期限或频次", "When")),
            Column::words(reader.pick("内容", "Content")),
        ],
    );
    for duty in &shown.duties {
        table.row(vec![
            html! { (reader.text(&words::duty(duty, &name))) },
            html! { (reader.text(&words::when(duty))) },
            html! { (words::content(duty)) },
        ]);
    }
    let until = today.checked_add(AHEAD_DAYS.days()).unwrap_or(today);
    let dates = duties_between(shown, today, until);
    html! {
        (coming(reader, snapshot, shown, &dates))
        details class="folded" {
            summary { (reader.pick("全部义务", "All duties")) " (" (shown.duties.len()) ")" }
            (table.render())
        }
    }
}

fn coming(
    reader: &Reader,
    snapshot: &Snapshot,
    shown: &PermitVersion,
    dates: &[DutyDate],
) -> Markup {
    let name = words::names(snapshot);
    let mut table = Table::new(
        reader.pick("今后 120 天内到期", "Due within 120 days"),
        vec![
            Column::words(reader.pick("到期", "Due")),
            Column::words(reader.pick("义务", "Duty")),
            Column::words(reader.pick("所属时段", "Period")),
        ],
    );
    for date in dates {
        let Some(duty) = date.of(shown) else { continue };
        table.row(vec![
            html! { (date.due) },
            html! {
                (reader.text(&words::duty(duty, &name)))
                @if date.is_replaced {
                    " " span class="muted" {
                        (reader.pick("(由年报、季报替代)", "(covered by a longer report)"))
                    }
                }
            },
            html! { (date.from) " – " (date.to) },
        ]);
    }
    let is_silent = shown
        .duties
        .iter()
        .any(|duty| matches!(duty, PermitDuty::ExecutionReport { due: None, .. }));
    html! {
        @if table.is_empty() {
            p { (reader.pick("今后 120 天内没有到期事项。", "Nothing is due within 120 days.")) }
        } @else { (table.render()) }
        @if is_silent {
            (components::notice("note", html! {
                p {
                    (reader.pick(
                        "许可证未载明部分报告的提交期限,平台不代为推定;请在许可证中查明后重新导入。",
                        "The permit does not say when some reports are due, and nobody guesses it \
                         here: find it in the permit and import it again."))
                }
            }))
        }
    }
}

/// What the law says of time around a permit of this class.
pub(super) fn clocks_of_law(reader: &Reader, shown: &PermitVersion, today: Date) -> Markup {
    let mut table = Table::new(
        reader.pick("法定时限及出处", "Clocks and where they are read"),
        vec![
            Column::words(reader.pick("起算", "From")),
            Column::words(reader.pick("时限", "Length")),
            Column::words(reader.pick("责任方", "Whose")),
            Column::words(reader.pick("出处", "Source")),
        ],
    );
    for row in clocks::of_law(shown.class, today) {
        let length = row.length().map(law::Length::text);
        table.row(vec![
            html! { (reader.text(&row.trigger)) },
            html! {
                @if let Some(length) = length { (reader.text(&length)) }
            },
            html! { (reader.text(&row.holder)) },
            html! {
                (row.source)
                @if row.confidence != rulebook::Confidence::High {
                    " " span class="muted" { "(" (reader.text(&row.confidence.text())) ")" }
                }
            },
        ]);
    }
    html! {
        details class="folded" {
            summary { (reader.pick("申请、延续、变更的时限", "Application, renewal, change")) }
            (table.render())
        }
    }
}
