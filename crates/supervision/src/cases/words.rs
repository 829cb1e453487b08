//! The words of the desk in both languages.

use authority::{Action, Role, Scope, scope};
use caseflow::CaseKind;
use cases::{Case, CaseRow, SeenAs};
use maud::{Markup, html};
use registry::Snapshot;
use web::components::status_badge;
use web::{Reader, SignedIn};

/// The name of a division; its code where the city does not know it.
pub(crate) fn division<'a>(reader: &Reader, snapshot: &'a Snapshot, code: &'a str) -> &'a str {
    let found = snapshot.divisions.iter().find(|row| row.code == code);
    found.map_or(code, |row| reader.name(&row.name))
}

/// The name of an enterprise; its code where the city does not know it.
pub(crate) fn enterprise<'a>(reader: &Reader, snapshot: &'a Snapshot, code: &'a str) -> &'a str {
    let found = snapshot.enterprises().find(|row| row.code == code);
    found.map_or(code, |row| reader.name(&row.name))
}

/// The divisions of which somebody may choose when they want to do something.
pub(crate) fn divisions(
    snapshot: &Snapshot,
    signed_in: &SignedIn,
    action: Action,
) -> Vec<registry::Division> {
    let reach = scope(signed_in.principal(), action);
    let may = |code: &String| match &reach {
        Scope::Everything => true,
        Scope::Within(limits) if limits.divisions.is_empty() => true,
        Scope::Within(limits) => limits.divisions.contains(code),
        Scope::Nothing => false,
    };
    let rows = snapshot.divisions.iter().filter(|row| row.valid_to.is_none());
    rows.filter(|row| may(&row.code)).cloned().collect()
}

/// The badge of a state: a good end, a bad one, or work under way.
pub(crate) fn state_badge(is_final: bool, is_good: Option<bool>, name: &str) -> Markup {
    let tone = match (is_final, is_good) {
        (_, Some(true)) => "good",
        (_, Some(false)) => "bad",
        (true, None) => "quiet",
        (false, None) => "info",
    };
    status_badge(tone, name)
}

/// The names of clocks of a kind; all that are no rights in one word.
pub(crate) fn clocks(reader: &Reader, kind: &CaseKind, ids: &[String]) -> String {
    let duties = kind.clocks.iter().filter(|clock| !clock.is_right);
    if ids.len() > 1 && duties.clone().all(|clock| ids.contains(&clock.id)) {
        return reader.pick("全部时限", "every clock").to_owned();
    }
    let names = ids.iter().filter_map(|id| kind.clock(id));
    let names: Vec<_> = names.map(|clock| reader.text(&clock.name)).collect();
    names.join(reader.pick("、", ", "))
}

/// A text in which roles stand by their words, with their names.
pub(crate) fn with_roles(reader: &Reader, text: &str) -> String {
    // The longer words first: one may stand within another.
    let mut roles = Role::ALL;
    roles.sort_by_key(|role| std::cmp::Reverse(role.as_str().len()));
    roles.into_iter().fold(text.to_owned(), |text, role| {
        let (zh, en) = role.names();
        text.replace(role.as_str(), reader.pick(zh, en))
    })
}

/// What marks a case out: a key case, an escalated one, one with others merged into it.
pub(crate) struct Marks {
    pub(crate) is_key: bool,
    pub(crate) escalation: u32,
    pub(crate) merged: u32,
}

impl From<&CaseRow> for Marks {
    fn from(row: &CaseRow) -> Self {
        Self { is_key: row.is_key, escalation: row.escalation, merged: row.merged }
    }
}

impl From<&Case> for Marks {
    fn from(case: &Case) -> Self {
        Self { is_key: case.is_key, escalation: case.escalation, merged: case.merged }
    }
}

impl Marks {
    /// In words, for a file.
    pub(crate) fn words(&self, reader: &Reader) -> String {
        let mut words = Vec::new();
        if self.is_key {
            words.push(reader.pick("重点件", "key case").to_owned());
        }
        if self.escalation > 0 {
            words.push(reader.pick("已升级", "escalated").to_owned());
        }
        if self.merged > 0 {
            words.push(match reader.language {
                web::Language::Chinese => format!("并入 {} 件", self.merged),
                web::Language::English => format!("{} merged in", self.merged),
            });
        }
        words.join(reader.pick("、", ", "))
    }

    /// As small marks beside a title.
    pub(crate) fn render(&self, reader: &Reader) -> Markup {
        html! {
            @if self.is_key {
                span class="mark mark-key" { (reader.pick("重点件", "key case")) } " "
            }
            @if self.escalation > 0 {
                span class="mark mark-escalated" { (reader.pick("已升级", "escalated")) } " "
            }
            @if self.merged > 0 {
                span class="mark" {
                    @match reader.language {
                        web::Language::Chinese => { "并入 " (self.merged) " 件" }
                        web::Language::English => { (self.merged) " merged in" }
                    }
                } " "
            }
        }
    }
}

/// As what somebody sees a case.
pub(crate) fn is_officer(seen_as: SeenAs) -> bool {
    seen_as == SeenAs::Officer
}
