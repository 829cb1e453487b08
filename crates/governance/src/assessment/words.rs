//! What readers call the entries of a history.

use assessment::{Book, EventKind};
use registry::Snapshot;
use rulebook::Text;
use web::Reader;

/// What an entry did.
pub(super) const fn entry(kind: &EventKind) -> Text {
    match kind {
        EventKind::Stated { .. } => Text::fixed("自评", "stated"),
        EventKind::Verified { .. } => Text::fixed("核定", "verified"),
        EventKind::Appealed { .. } => Text::fixed("申诉", "appealed"),
        EventKind::Decided { .. } => Text::fixed("复核", "decided"),
        EventKind::Adjusted { .. } => Text::fixed("加减分", "adjusted"),
        EventKind::Vetoed { .. } => Text::fixed("否决", "veto applies"),
        EventKind::VetoLifted { .. } => Text::fixed("撤销否决", "veto taken back"),
        EventKind::Published => Text::fixed("公布", "published"),
    }
}

/// What an entry is about.
pub(super) fn about(book: &Book, kind: &EventKind) -> Text {
    let item = |id: &str| book.item(id).map(|item| item.name.clone());
    let veto = |id: &str| book.vetoes.iter().find(|it| it.id == id).map(|it| it.name.clone());
    let found = match kind {
        EventKind::Stated { item: id, .. }
        | EventKind::Verified { item: id, .. }
        | EventKind::Appealed { item: id, .. }
        | EventKind::Decided { item: id, .. } => item(id),
        EventKind::Adjusted { adjustment: id, .. } => {
            book.adjustments.iter().find(|it| &it.id == id).map(|it| it.name.clone())
        }
        EventKind::Vetoed { veto: id, .. } | EventKind::VetoLifted { veto: id, .. } => veto(id),
        EventKind::Published => None,
    };
    found.unwrap_or_default()
}

/// The name of a unit: a division's or a department's.
pub(super) fn unit(snapshot: &Snapshot, reader: &Reader, code: &str) -> String {
    let division = snapshot.divisions.iter().find(|it| it.code == code).map(|it| &it.name);
    let department = || snapshot.departments.iter().find(|it| it.code == code).map(|it| &it.name);
    division.or_else(department).map_or_else(|| code.to_owned(), |it| reader.name(it).to_owned())
}

/// The name of a grade.
pub(super) fn grade(book: &Book, id: Option<&str>) -> Text {
    let found = book.grades.iter().find(|grade| Some(grade.id.as_str()) == id);
    found.map_or(Text::fixed("—", "—"), |grade| grade.name.clone())
}
