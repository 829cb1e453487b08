//! Files that come with a report: each is attached, or it is told why not and the rest goes on.

use crate::engine::file_refusal;
use crate::form::Given;
use cases::{By, CaseId, Cases, Upload, Viewer, Visibility};
use jiff::Timestamp;
use maud::{Markup, html};
use web::{Reader, components};

/// A file that was not taken: its name, and why in both languages.
pub(super) type Refused = (String, (String, String));

/// Attaches files; one that the case has already (a form sent twice) is not attached again.
pub(super) async fn attach(
    cases: &Cases,
    by: &By<'_>,
    case: CaseId,
    files: Vec<Given>,
    now: Timestamp,
) -> Vec<Refused> {
    let mut refused = Vec::new();
    if files.is_empty() {
        return refused;
    }
    let known = match cases.case(&Viewer::Reporter(case), case, now).await {
        Ok(view) => view.evidence,
        Err(_) => Vec::new(),
    };
    for file in files {
        let size = file.bytes.len() as i64;
        if known.iter().any(|one| one.name == file.name && one.size == size) {
            continue;
        }
        let name = file.name.clone();
        let upload =
            Upload { name: file.name, bytes: file.bytes, visibility: Visibility::Internal };
        if let Err(error) = cases.attach(by, case, upload, now).await {
            refused.push((name, file_refusal(&error)));
        }
    }
    refused
}

/// Tells which files were not taken.
pub(super) fn told(reader: &Reader, refused: &[Refused]) -> Markup {
    html! {
        @if !refused.is_empty() {
            (components::notice("warning", html! {
                p { (reader.pick("以下文件没有收到:", "These files were not taken:")) }
                ul {
                    @for (name, (zh, en)) in refused {
                        li { (name) ": " (reader.pick(zh, en)) }
                    }
                }
            }))
        }
    }
}
