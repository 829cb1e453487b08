//! Names of units and people, and the choices of them in forms.

use authority::{Action, Jurisdiction, Organisation, OrganisationId, Role, User, UserId};
use maud::{Markup, html};
use web::{AppState, Problem, Reader};

/// Units and people, as pages name them.
pub(crate) struct People {
    users: Vec<(User, Vec<(Role, Jurisdiction)>)>,
    units: Vec<Organisation>,
}

impl People {
    /// Everybody, read once for a page.
    pub(crate) async fn read(state: &AppState) -> Result<Self, Problem> {
        let users = state.authority.users().await?;
        Ok(Self { users, units: state.authority.organisations().await? })
    }

    /// The name of a user.
    pub(crate) fn user(&self, id: UserId) -> &str {
        let found = self.users.iter().find(|(user, _)| user.id == id);
        found.map_or("—", |(user, _)| user.name.as_str())
    }

    /// The name of whoever has a login; the login itself where nobody has it.
    pub(crate) fn login<'a>(&'a self, login: &'a str) -> &'a str {
        let found = self.users.iter().find(|(user, _)| user.login == login);
        found.map_or(login, |(user, _)| user.name.as_str())
    }

    /// The name of a unit.
    pub(crate) fn unit<'a>(&'a self, reader: &Reader, id: OrganisationId) -> &'a str {
        let found = self.units.iter().find(|unit| unit.id == id);
        found.map_or("—", |unit| unit_name(reader, unit))
    }

    /// The names of all units, for the suggestions of a field.
    pub(crate) fn unit_names<'a>(&'a self, reader: &'a Reader) -> impl Iterator<Item = &'a str> {
        self.units.iter().map(|unit| unit_name(reader, unit))
    }

    /// The options of a choice of units that may answer for a case.
    pub(crate) fn unit_options(&self, reader: &Reader, chosen: &[OrganisationId]) -> Markup {
        html! {
            @for unit in self.units.iter().filter(|unit| !unit.kind.is_outside()) {
                option value=(unit.id.0) selected[chosen.contains(&unit.id)] {
                    (unit_name(reader, unit))
                }
            }
        }
    }

    /// The options of a choice of people who may act on cases, by their units.
    pub(crate) fn user_options(&self, reader: &Reader, chosen: Option<UserId>) -> Markup {
        let of = |unit: Option<OrganisationId>| {
            let acts = |(user, grants): &&(User, Vec<(Role, Jurisdiction)>)| {
                user.organisation == unit
                    && user.disabled_at.is_none()
                    && grants.iter().any(|(role, _)| {
                        *role != Role::EnterpriseManager
                            && role.actions().contains(&Action::ActOnCase)
                    })
            };
            self.users.iter().filter(acts).map(|(user, _)| user).collect::<Vec<_>>()
        };
        let option = |user: &User| {
            html! { option value=(user.id.0) selected[chosen == Some(user.id)] { (user.name) } }
        };
        html! {
            @for user in of(None) { (option(user)) }
            @for unit in &self.units {
                @let users = of(Some(unit.id));
                @if !users.is_empty() {
                    optgroup label=(unit_name(reader, unit)) {
                        @for user in users { (option(user)) }
                    }
                }
            }
        }
    }
}

fn unit_name<'a>(reader: &Reader, unit: &'a Organisation) -> &'a str {
    if reader.language == web::Language::English && !unit.name_en.is_empty() {
        &unit.name_en
    } else {
        &unit.name_zh
    }
}

/// The number of a choice that may be empty.
pub(crate) fn number(name: &str, text: &str) -> Result<Option<i64>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        Problem::bad_request(
            format!("{name} 应为编号,而不是 {text:?}"),
            format!("{name} is a number, not {text:?}"),
        )
    })
}
