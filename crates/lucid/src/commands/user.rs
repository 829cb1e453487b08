//! `lucid user`: people and their roles, from the console; works beside a running server.

use authority::{
    Actor, Authority, AuthorityError, AuthoritySettings, Jurisdiction, NewUser, Purpose, Role,
    User as Person,
};
use clap::Subcommand;
use jiff::Timestamp;
use registry::Registry;
use serde_json::json;

use crate::arguments::Common;
use crate::commands::backup::existing;
use crate::configuration::{Settings, keys};
use crate::exit::{Exit, Failure, Outcome};
use crate::opened;
use crate::terminal::say;

#[derive(Subcommand, Debug)]
pub(crate) enum User {
    /// Add a person and print the one-time link by which they choose a password
    #[command(after_help = "\
Example:
  lucid user add li.na --name 李娜 --role county_officer --where division:350603")]
    Add {
        /// The name to sign in with: small letters, digits, dots, hyphens, underscores
        login: String,
        /// The name that others read
        #[arg(long)]
        name: String,
        /// A role to grant at once; see `lucid user grant --help`
        #[arg(long)]
        role: Option<String>,
        /// Where the role holds
        #[arg(long = "where", default_value = "everything", value_name = "WHERE")]
        place: String,
    },
    /// List everybody with their roles
    List,
    /// Let a person in no more: their sessions and tokens end at once
    Disable {
        /// Who
        login: String,
    },
    /// Let a disabled person in again
    Enable {
        /// Who
        login: String,
    },
    /// Withdraw password, second factor and sessions; print a link to begin anew
    Reset {
        /// Who
        login: String,
    },
    /// Grant a role somewhere
    #[command(after_help = "\
Roles: administrator, operator, observer, duty_officer, county_officer, inspector,
enterprise_manager, leader, auditor.

Examples:
  lucid user grant wang --role leader
  lucid user grant li.na --role county_officer --where division:350603
  lucid user grant chen --role enterprise_manager --where enterprise:DEMO-0001
  lucid user grant zhou --role inspector --where organisation:4")]
    Grant {
        /// Who
        login: String,
        /// The role
        #[arg(long)]
        role: String,
        /// everything, division:CODE, organisation:NUMBER or enterprise:CODE
        #[arg(long = "where", default_value = "everything", value_name = "WHERE")]
        place: String,
        /// Take the role back instead
        #[arg(long)]
        revoke: bool,
    },
}

pub(crate) fn run(what: &User, common: &Common) -> Outcome {
    let settings = Settings::load(&common.given())?;
    existing(&settings)?;
    opened::block_on(async {
        let store = opened::store(&settings).await?;
        let registry = Registry::open(&store).await.map_err(|error| {
            Failure::caused(error.code(), &error, "Load a city with `lucid init`.")
        })?;
        let authority = Authority::without_tokens(&store, AuthoritySettings::default());
        let desk = Desk { authority, registry, settings: &settings, as_json: common.json };
        let done = desk.serve(what).await;
        store.close().await;
        done
    })?
}

struct Desk<'a> {
    authority: Authority,
    registry: Registry,
    settings: &'a Settings,
    as_json: bool,
}

impl Desk<'_> {
    async fn serve(&self, what: &User) -> Outcome {
        let (actor, now) = (Actor::console(), Timestamp::now());
        match what {
            User::Add { login, name, role, place } => {
                let granted = role.as_deref().map(|role| self.role_in(role, place)).transpose()?;
                let new = NewUser { login: login.clone(), name: name.clone(), organisation: None };
                let user = self.authority.add_user(&actor, &new, now).await.map_err(failed)?;
                if let Some((role, place)) = granted {
                    let granted = self.authority.grant(&actor, user, role, &place, now).await;
                    granted.map_err(failed)?;
                }
                let link = self.authority.make_link(&actor, user, Purpose::Password, now).await;
                self.say_link(login, &link.map_err(failed)?);
            }
            User::List => self.list().await?,
            User::Disable { login } | User::Enable { login } => {
                let is_disabled = matches!(what, User::Disable { .. });
                let user = self.find(login).await?.id;
                let done = self.authority.set_disabled(&actor, user, is_disabled, now).await;
                done.map_err(failed)?;
                say!("{login} is {}", if is_disabled { "disabled" } else { "enabled" });
            }
            User::Reset { login } => {
                let user = self.find(login).await?.id;
                let link = self.authority.reset(&actor, user, now).await.map_err(failed)?;
                self.say_link(login, &link);
            }
            User::Grant { login, role, place, revoke } => {
                let (role, place) = self.role_in(role, place)?;
                let user = self.find(login).await?.id;
                let changed = if *revoke {
                    self.authority.revoke(&actor, user, role, &place, now).await
                } else {
                    self.authority.grant(&actor, user, role, &place, now).await
                };
                let is_new = changed.map_err(failed)?;
                let did = match (is_new, revoke) {
                    (true, false) => "granted",
                    (true, true) => "taken back",
                    (false, false) => "had it already",
                    (false, true) => "had it not",
                };
                say!("{login}: {} in {place}: {did}", role.as_str());
            }
        }
        Ok(Exit::Ok)
    }

    async fn find(&self, login: &str) -> Result<Person, Failure> {
        let found = self.authority.user_by_login(login).await.map_err(failed)?;
        found.ok_or_else(|| {
            let what = format!("nobody signs in as {login:?}");
            Failure::of_use("user.unknown", what, "`lucid user list` names everybody.")
        })
    }

    fn role_in(&self, role: &str, place: &str) -> Result<(Role, Jurisdiction), Failure> {
        let words: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        let role = Role::parse(role).ok_or_else(|| {
            let cure = format!("One of {}.", words.join(", "));
            Failure::of_use("user.role", format!("there is no role {role:?}"), cure)
        })?;
        let (kind, code) = place.split_once(':').unwrap_or((place, ""));
        let found = Jurisdiction::parse(kind, code).filter(|found| self.is_known(found));
        let place = found.ok_or_else(|| {
            let what = format!("{place:?} is no place that this city knows");
            let cure = "everything, division:CODE, organisation:NUMBER or enterprise:CODE.";
            Failure::of_use("user.where", what, cure)
        })?;
        Ok((role, place))
    }

    /// Organisations are checked when the role is granted.
    fn is_known(&self, place: &Jurisdiction) -> bool {
        let snapshot = self.registry.snapshot();
        match place {
            Jurisdiction::Division(code) => snapshot.division(code).is_some(),
            Jurisdiction::Enterprise(code) => snapshot.enterprise_by_code(code).is_some(),
            Jurisdiction::Everything | Jurisdiction::Organisation(_) => true,
        }
    }

    async fn list(&self) -> Result<(), Failure> {
        let users = self.authority.users().await.map_err(failed)?;
        for (user, grants) in &users {
            let roles: Vec<String> =
                grants.iter().map(|(role, place)| format!("{}@{place}", role.as_str())).collect();
            if self.as_json {
                say!(
                    "{}",
                    json!({
                        "login": user.login,
                        "name": user.name,
                        "disabled": user.disabled_at.is_some(),
                        "second_factor": user.has_second_factor,
                        "roles": roles,
                    })
                );
                continue;
            }
            let state = match (user.disabled_at, user.has_password) {
                (Some(_), _) => "disabled",
                (None, true) => "active",
                (None, false) => "no password yet",
            };
            say!("{:<20} {:<16} {}  {}", user.login, state, user.name, roles.join(", "));
        }
        if users.is_empty() && !self.as_json {
            say!("nobody yet: `lucid serve` makes the administrator at its first start");
        }
        Ok(())
    }

    fn say_link(&self, login: &str, link: &str) {
        let running = opened::doors(&self.settings.data()).map(|doors| doors.http);
        let http = running.unwrap_or_else(|| self.settings.address(keys::HTTP_LISTEN));
        let at = match self.settings.text(keys::PUBLIC_ADDRESS).trim_end_matches('/') {
            "" => format!("http://{http}"),
            public => public.to_owned(),
        };
        let address = format!("{at}/sign-in/link?token={link}");
        if self.as_json {
            say!("{}", json!({ "login": login, "link": address }));
            return;
        }
        say!("{login} chooses a password here, once, within a day:");
        say!("{address}");
    }
}

/// What was given wrongly is the caller's to mend, the rest is not.
fn failed(error: AuthorityError) -> Failure {
    match error.texts() {
        Some((_, en)) => Failure::of_use(error.code(), en, "`lucid user --help` says how."),
        None => Failure::caused(error.code(), &error, "`lucid doctor` says more."),
    }
}
