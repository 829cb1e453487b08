//! The versions of a permit, its files, and what who manages it may do.

use super::super::PATH;
use super::one::Found;
use super::parts;
use maud::{Markup, html};
use permits::{Background, PermitVersion, Quota};
use web::Reader;
use web::components::{self, Column, Table};

pub(super) fn history(reader: &Reader, found: &Found) -> Markup {
    let mut table = Table::new(
        reader.pick("版本,新的在前", "Versions, the newest first"),
        vec![
            Column::words(reader.pick("版本", "Version")),
            Column::words(reader.pick("生效", "From")),
            Column::words(reader.pick("有效期", "Validity")),
            Column::words(reader.pick("变更", "Why")),
            Column::words(reader.pick("录入", "Entered")),
            Column::words(reader.pick("比较", "Compare")),
        ],
    );
    let number = &found.shown.permit.number;
    let mut order: Vec<&PermitVersion> = found.all.iter().collect();
    order.sort_by_key(|it| (it.in_force_from, it.version));
    let before = std::iter::once(None).chain(order.iter().copied().map(Some));
    let pairs: Vec<_> = order.iter().copied().zip(before).collect();
    for (version, before) in pairs.into_iter().rev() {
        let path = parts::path(number);
        table.row(vec![
            html! {
                a href={ (path) "?version=" (version.version) } { (version.version) }
                @if version.version == found.shown.version {
                    " " span class="muted" { (reader.pick("(本页)", "(this page)")) }
                }
            },
            html! { span class="whole" { (version.in_force_from) } },
            html! {
                span class="whole" { (version.valid_from) } " – "
                span class="whole" { (version.valid_to) }
            },
            html! {
                (reader.text(&version.reason.text()))
                @if !version.reason_note.is_empty() { ": " (version.reason_note) }
            },
            html! { (components::moment(version.entered_at)) },
            html! {
                @if let Some(before) = before {
                    a href={ (path) "/versions?from=" (before.version) "&to=" (version.version) } {
                        (reader.pick("与第", "with version ")) (before.version)
                        (reader.pick("版比较", ""))
                    }
                }
            },
        ]);
    }
    table.render()
}

pub(super) fn documents(
    reader: &Reader,
    number: &str,
    shown: &PermitVersion,
    background: &Background,
) -> Markup {
    html! {
        ul {
            li {
                a href={ (parts::path(number)) "/workbook.xlsx?version=" (shown.version) } {
                    (reader.pick("本版许可证 XLSX", "This version as XLSX"))
                }
            }
            @for approval in &background.approvals {
                li {
                    (reader.pick("环评批复", "Impact assessment")) " " (approval.document) " "
                    (approval.project) " · " (approval.approved_by) " · " (approval.approved_on) " "
                    (parts::doubt(reader, approval.confidence))
                }
            }
            @for quota in quotas_once(background) {
                li {
                    (reader.pick("总量指标", "Quota")) " " (quota.document) " "
                    (parts::doubt(reader, quota.confidence))
                }
            }
        }
    }
}

/// One quota of each document.
fn quotas_once(background: &Background) -> Vec<&Quota> {
    let mut once: Vec<&Quota> = Vec::new();
    for quota in &background.quotas {
        if !once.iter().any(|known| known.document == quota.document) {
            once.push(quota);
        }
    }
    once
}

pub(super) fn manage(reader: &Reader, shown: &PermitVersion) -> Markup {
    html! {
        p {
            a class="button" href={ (PATH) "/import" } {
                (reader.pick("导入新版本", "Import a new version"))
            }
        }
        @if shown.ended().is_none() {
            form class="filters" method="post" action={ (parts::path(&shown.permit.number)) "/end" } {
                label {
                    (reader.pick("最后一天", "Last day"))
                    input type="date" name="last_day" required;
                }
                label {
                    (reader.pick("注销、撤销或吊销的决定", "Decision by which it ends"))
                    input name="reason" maxlength="400" required;
                }
                button type="submit" { (reader.pick("终止许可证", "End the permit")) }
            }
            p class="hint" {
                (reader.pick(
                    "终止后,自动监测数据在最后一天之后不再按本证限值判定。",
                    "After its last day values are no longer judged by the limits of this permit."))
            }
        }
    }
}
