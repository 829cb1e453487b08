//! Findings beside the fields that they are about, with the place for a reason.

use super::Checks;
use super::pages::{severity_badge, tone};
use crate::entry::{Explained, REASON};
use maud::{Markup, html};
use plausibility::Severity;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use web::Reader;

/// The slot of findings that are about no single field.
pub(crate) const GENERAL: &str = "*";

/// The slot of a finding.
fn slot_of(known: &BTreeSet<String>, one: &Explained) -> String {
    let place = one.finding.place();
    if known.contains(&place) { place } else { GENERAL.to_owned() }
}

/// What stands in each slot that is not empty: place and markup.
pub(crate) fn all(
    reader: &Reader,
    checks: &Checks,
    known: &BTreeSet<String>,
    findings: &[Explained],
) -> Map<String, Value> {
    let mut slots = Map::new();
    for one in findings {
        let told = finding(reader, checks, one, true).into_string();
        let slot = slots.entry(slot_of(known, one)).or_insert_with(|| Value::from(""));
        *slot = Value::from(format!("{}{told}", slot.as_str().unwrap_or_default()));
    }
    slots
}

/// The findings of one slot.
pub(crate) fn slot(
    reader: &Reader,
    checks: &Checks,
    known: &BTreeSet<String>,
    findings: &[Explained],
    wanted: &str,
) -> Markup {
    html! {
        div class="findings" data-slot=(wanted) {
            @for one in findings.iter().filter(|one| slot_of(known, one) == wanted) {
                (finding(reader, checks, one, true))
            }
        }
    }
}

/// One finding: what, why, what to do, and the reason where one may be given.
pub(crate) fn finding(reader: &Reader, checks: &Checks, one: &Explained, is_form: bool) -> Markup {
    let Explained { finding, reason } = one;
    let check = checks.get(&finding.check);
    let name = format!("{REASON}{}", finding.id());
    html! {
        div class={ "finding finding-" (tone(finding.severity)) } {
            p class="finding-head" {
                (severity_badge(reader, finding.severity)) " "
                @if let Some(check) = check {
                    strong { a href={ "/checks/" (check.id) } { (reader.text(&check.name)) } }
                } @else {
                    strong { (finding.check) }
                }
            }
            p { (reader.text(&finding.numbers())) }
            @if let Some(check) = check {
                p { (reader.text(&check.what)) (reader.pick("。", ". ")) (reader.text(&check.why))
                    (reader.pick("。", ".")) }
                p { strong { (reader.pick("怎么办：", "What to do: ")) }
                    (reader.text(&check.cure)) (reader.pick("。", ".")) }
            }
            @if is_form && !finding.severity.refuses() {
                label {
                    @if finding.severity.asks_for_a_reason() {
                        (reader.pick("确认无误的，写明原因", "If it is right: why"))
                    } @else {
                        (reader.pick("说明（可不填）", "A word about it (may be left empty)"))
                    }
                    textarea name=(name) rows="2" maxlength="2000" { (reason) }
                }
            } @else if !reason.is_empty() {
                p { strong { (reader.pick("企业说明：", "The enterprise says: ")) } (reason) }
            }
        }
    }
}

/// How many findings there are and what keeps the form from being filed.
pub(crate) fn summary(reader: &Reader, findings: &[Explained]) -> Markup {
    let refused = findings.iter().filter(|one| one.finding.severity.refuses()).count();
    let unexplained = findings.iter().filter(|one| one.is_in_the_way()).count() - refused;
    let notes = findings.iter().filter(|it| it.finding.severity == Severity::Note).count();
    html! {
        @if findings.is_empty() {
            p { (reader.pick("检查未发现问题。", "The checks find nothing.")) }
        } @else {
            p {
                @if refused > 0 {
                    strong { (refused) " " (reader.pick("处须改正", "to be mended")) } " · "
                }
                @if unexplained > 0 {
                    strong { (unexplained) " "
                        (reader.pick("处须核对或写明原因", "to be checked or explained")) } " · "
                }
                @if notes > 0 { (notes) " " (reader.pick("条提示", "notes")) " · " }
                (findings.len()) " " (reader.pick("条结果", "findings in all"))
            }
        }
    }
}
