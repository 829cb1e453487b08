//! The words beside a finding, for pages and files alike.

use super::model::{Factor, Finding, Score};
use super::queries::{Decided, Shown};
use super::ranking::times;
use crate::words as area;
use jiff::Timestamp;
use maud::{Markup, html};
use registry::Snapshot;
use rulebook::Decimal;
use web::components;
use web::{Reader, duration, local_minute};

/// What every page says first.
pub(super) fn no_proof(reader: &Reader) -> Markup {
    html! {
        p class="hint" {
            (reader.pick("排序只提示先看哪里,不是证据,也不会自动处罚;结论由人作出。",
                "The ranking says where to look first. It is no proof and no penalty follows from \
                 it; people conclude."))
            " "
            a href="/triage/precision" {
                (reader.pick("排序方法与准确率", "How it is made, and how often it is right"))
            }
        }
    }
}

/// The outlet of a finding.
pub(super) fn outlet(snapshot: &Snapshot, reader: &Reader, finding: &Finding) -> String {
    snapshot.point(finding.point).map_or_else(
        || finding.point.0.to_string(),
        |point| reader.text(&area::point(snapshot, point)).to_owned(),
    )
}

/// What is wrong.
pub(super) fn what(snapshot: &Snapshot, reader: &Reader, finding: &Finding) -> String {
    reader.text(&super::order::what(snapshot, finding)).to_owned()
}

/// A score as officers read it: thousandths, one decimal.
pub(super) fn score(value: i64) -> String {
    Decimal::new(value, 3).round_dp(1).to_string()
}

/// The number of a factor.
pub(super) fn number_of(score: &Score, factor: Factor) -> String {
    match factor {
        Factor::Likely => format!("{} %", Decimal::new(score.likely, 4).round_dp(2)),
        Factor::Harm => times(score.harm),
        Factor::Clock => times(score.clock),
    }
}

/// The worst value over its limit.
pub(super) fn worst(reader: &Reader, finding: &Finding) -> Option<String> {
    let worst = finding.members.iter().filter_map(|member| member.times).max()?;
    let beyond = (worst - Decimal::ONE).max(Decimal::ZERO).round_dp(2).normalize();
    Some(match reader.pick("zh", "en") {
        "zh" => format!("超标 {beyond} 倍"),
        _ => format!("{beyond} times over"),
    })
}

/// How much of a clock is left.
pub(super) fn left(reader: &Reader, due_at: Option<Timestamp>, now: Timestamp) -> Markup {
    let Some(due_at) = due_at else {
        return html! { span class="none" { (reader.pick("未设时限", "no time set")) } };
    };
    let left = due_at.duration_since(now);
    if left.is_negative() || left.is_zero() {
        let by = duration(left.abs(), reader.language);
        return components::status_badge("bad", &format!("{} {by}", reader.pick("已超", "late")));
    }
    let tone = if left.as_secs() < 3600 { "warning" } else { "quiet" };
    let words = format!("{} {}", reader.pick("还剩", "left"), duration(left, reader.language));
    components::status_badge(tone, &words)
}

/// One earlier decision in a few words.
pub(super) fn decision(reader: &Reader, decided: &Decided) -> String {
    let what = match decided {
        Decided::Verdict(verdict) => {
            let text = verdict.conclusion.text();
            format!("{}:{}", reader.pick("研判", "verdict"), reader.text(&text))
        }
        Decided::Order(order, standing) => {
            let state = standing.as_ref().map_or("", |standing| reader.text(&standing.state));
            format!("{} {} {state}", reader.pick("督办", "order"), order.number)
        }
        Decided::Mark(decision) => {
            let text = super::marks::verdict(decision.verdict);
            format!("{}:{}", reader.pick("标记", "mark"), reader.text(&text))
        }
    };
    format!("{} {what}", local_minute(decided.at()))
}

/// The last decisions at the outlet.
pub(super) fn decisions(reader: &Reader, shown: &Shown) -> Markup {
    html! {
        @if shown.decided.is_empty() {
            span class="none" { (reader.pick("无", "none")) }
        } @else {
            ul class="plain-list muted" {
                @for one in &shown.decided {
                    li {
                        @match one {
                            Decided::Order(order, _) => {
                                a href={ "/cases/" (order.case.0) } { (decision(reader, one)) }
                            }
                            Decided::Verdict(verdict) => {
                                a href={ "/triage/" (verdict.finding.0) } { (decision(reader, one)) }
                            }
                            Decided::Mark(_) => { (decision(reader, one)) }
                        }
                    }
                }
            }
        }
    }
}

/// Marks that bear on the time of a finding.
pub(super) fn marks(reader: &Reader, shown: &Shown) -> String {
    let finding = &shown.finding;
    let span = (finding.opened_at, finding.last_at);
    let marked = shown.marks.marked(finding.point, span, &finding.members);
    let mut parts = Vec::new();
    if marked.accepted > 0 {
        parts.push(format!("{} {}", reader.pick("已认可", "accepted"), marked.accepted));
    }
    if marked.waiting > 0 {
        parts.push(format!("{} {}", reader.pick("待审核", "to be decided"), marked.waiting));
    }
    if parts.is_empty() { reader.pick("无", "none").to_owned() } else { parts.join(" · ") }
}
