//! Where an officer accepts or returns a report.

use super::super::access::{decider, subject_of};
use super::super::model::{Report, State};
use super::PATH;
use authority::Action;
use maud::{Markup, html};
use registry::Snapshot;
use web::components;
use web::{Reader, SignedIn};

/// The form of the decision, for who may decide; what is missing, for an officer who may not.
pub(super) fn form(
    reader: &Reader,
    snapshot: &Snapshot,
    signed_in: &SignedIn,
    report: &Report,
) -> Markup {
    let subject = subject_of(snapshot, report.enterprise);
    let is_officer = signed_in.allowed(Action::ManagePermits, &subject).is_ok();
    if report.state != State::Filed || !is_officer {
        return html! {};
    }
    if let Err(problem) = decider(signed_in, snapshot, report) {
        let (zh, en) = problem.texts();
        return html! { p class="hint" { (reader.pick(zh, en)) } };
    }
    components::section(
        "decision",
        reader.pick("审核", "Accept or return"),
        html! {
            form class="filters" method="post" action={ (PATH) "/" (report.id) "/decision" } {
                label {
                    (reader.pick("意见（退回时必填）", "Note (needed when it is returned)"))
                    textarea name="note" rows="3" maxlength="2000" {}
                }
                button type="submit" name="decision" value="accept" {
                    (reader.pick("通过并公开", "Accept and publish"))
                }
                button type="submit" class="secondary" name="decision" value="return" {
                    (reader.pick("退回修改", "Return it"))
                }
            }
            p class="hint" {
                (reader.pick("通过后报告向社会公开（排污许可管理条例）；意见、姓名和时间写入审计记录。",
                    "An accepted report is public (Regulation on permits); note, name and time go \
                     into the audit record."))
            }
        },
    )
}
