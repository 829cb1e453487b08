//! The permits of a city's folder: `permits/*.toml`, one file a permit.

use crate::background::{Background, EiaApproval, Quota};
use crate::fault::Fault;
use crate::model::PermitContent;
use crate::{PermitDraft, PermitError, check, store};
use ::store::Store;
use authority::audit::Actor;
use jiff::Timestamp;
use registry::load::{CityFiles, Problem};
use registry::{Registry, Snapshot};
use rulebook::Language;
use serde::Deserialize;
use std::path::Path;

const FOLDER: &str = "permits/";

/// A file of a permit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    number: String,
    enterprise: String,
    #[serde(default, rename = "version")]
    versions: Vec<PermitContent>,
    #[serde(default, rename = "approval")]
    approvals: Vec<EiaApproval>,
    #[serde(default, rename = "quota")]
    quotas: Vec<Quota>,
}

/// The permits that a city's files bring, in the order of their files and versions.
///
/// # Errors
/// Everything that is wrong, file by file.
pub fn read(files: &CityFiles) -> Result<Vec<PermitDraft>, Vec<Problem>> {
    let snapshot = Snapshot::of_files(files);
    let mut problems = Vec::new();
    let mut drafts = Vec::new();
    for (path, bytes) in &files.kept_files {
        let is_permit = path.starts_with(FOLDER)
            && Path::new(path).extension().is_some_and(|ending| ending == "toml");
        if !is_permit {
            continue;
        }
        match of_file(bytes, &snapshot) {
            Ok(found) => drafts.extend(found),
            Err(found) => problems.extend(found.into_iter().map(|(line, column, what, cure)| {
                Problem { file: path.clone(), line, column, what, cure }
            })),
        }
    }
    if problems.is_empty() { Ok(drafts) } else { Err(problems) }
}

type Wrong = (Option<u64>, Option<String>, String, String);

fn of_file(bytes: &[u8], snapshot: &Snapshot) -> Result<Vec<PermitDraft>, Vec<Wrong>> {
    let cure = "Copy a file of cities/example/permits and change it";
    let text = std::str::from_utf8(bytes)
        .map_err(|_| vec![(None, None, "it is not UTF-8".to_owned(), cure.to_owned())])?;
    let file: File = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map(|before| before.matches('\n').count() as u64 + 1);
        vec![(line, None, error.message().trim().to_owned(), cure.to_owned())]
    })?;
    if file.versions.is_empty() {
        let what = "it has no [[version]]".to_owned();
        return Err(vec![(None, None, what, cure.to_owned())]);
    }
    let background = Background { approvals: file.approvals, quotas: file.quotas };
    let mut problems = Vec::new();
    let mut drafts = Vec::new();
    for (place, content) in file.versions.into_iter().enumerate() {
        let draft = PermitDraft {
            number: file.number.clone(),
            enterprise: file.enterprise.clone(),
            content,
            background: Some(background.clone()),
        }
        .normalised();
        let wrong = |fault: Fault| {
            let place = format!("version {}, {}", place + 1, fault.place(Language::English));
            (None, Some(place), fault.what.en.into_owned(), fault.cure.en.into_owned())
        };
        problems.extend(check::faults(&draft, snapshot).into_iter().map(wrong));
        drafts.push(draft);
    }
    if problems.is_empty() { Ok(drafts) } else { Err(problems) }
}

/// Keeps the permits of a city that was installed; what the store knows already stays as it is.
/// Gives how many versions are new.
///
/// # Errors
/// When a number belongs to another enterprise, or the store fails.
pub async fn install(
    store: &Store,
    drafts: &[PermitDraft],
    now: Timestamp,
) -> Result<usize, PermitError> {
    let snapshot = Registry::open(store).await?.snapshot();
    let actor = Actor::console();
    let mut added = 0;
    for draft in drafts {
        let Some(holder) = snapshot.enterprise_by_code(&draft.enterprise) else { continue };
        let kept = store::keep(store, &actor, &snapshot, holder.id, draft, now).await?;
        added += usize::from(kept.version.is_some());
    }
    Ok(added)
}
