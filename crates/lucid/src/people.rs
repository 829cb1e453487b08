//! The people of an installation: the city's organisations at the first start, and the invented
//! people of a demonstration.

use authority::{
    Actor, Authority, AuthorityError, AuthoritySettings, BreachedList, Jurisdiction,
    NewOrganisation, NewUser, OrganisationId, OrganisationKind, Purpose, Role,
};
use jiff::Timestamp;
use registry::{DivisionKind, Name, Snapshot};

use std::path::Path;

use crate::configuration::{Settings, keys};
use crate::exit::Failure;

/// A person of the demonstration with the link by which one signs in as them.
pub(crate) struct DemoPerson {
    pub(crate) login: String,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) link: String,
}

/// What the configuration says about accounts.
pub(crate) fn settings(settings: &Settings) -> Result<AuthoritySettings, Failure> {
    let mut found = AuthoritySettings::default();
    let file = settings.text(keys::BREACHED);
    if !file.is_empty() {
        found.breached = BreachedList::read(Path::new(file)).map_err(|error| {
            let what = format!("cannot read the list of leaked passwords {file}: {error}");
            let cure = "Mend accounts.breached_passwords, or leave it out.";
            Failure::of_environment("accounts.breached_passwords", what, cure)
        })?;
    }
    Ok(found)
}

/// Makes an organisation of the city, of each division in force and of each department. What is
/// there stays as it is.
pub(crate) async fn found_organisations(
    authority: &Authority,
    snapshot: &Snapshot,
    now: Timestamp,
) -> Result<(), AuthorityError> {
    let known = authority.organisations().await?;
    let add = async |kind: OrganisationKind, code: &str, name: &Name, parent| {
        let is_same = |one: &&authority::Organisation| one.kind == kind && one.code == code;
        if let Some(one) = known.iter().find(is_same) {
            return Ok(one.id);
        }
        let new = NewOrganisation {
            parent,
            kind,
            code: code.to_owned(),
            name_zh: name.zh.clone(),
            name_en: name.en.clone(),
        };
        authority.add_organisation(&Actor::console(), &new, now).await
    };
    let city = &snapshot.city;
    let top = add(OrganisationKind::City, &city.code, &city.name, None).await?;
    for division in snapshot.divisions.iter().filter(|row| row.valid_to.is_none()) {
        let kind = match division.kind {
            DivisionKind::City => continue,
            DivisionKind::County => OrganisationKind::County,
            DivisionKind::DevelopmentZone => OrganisationKind::Zone,
        };
        add(kind, &division.code, &division.name, Some(top)).await?;
    }
    for department in &snapshot.departments {
        add(OrganisationKind::Department, &department.code, &department.name, Some(top)).await?;
    }
    Ok(())
}

/// Makes the people of a table where they are missing, and a new link for each.
pub(crate) async fn make_demo_people(
    authority: &Authority,
    snapshot: &Snapshot,
    table: &[u8],
    now: Timestamp,
) -> Result<Vec<DemoPerson>, Failure> {
    let mut people = Vec::new();
    let mut lines = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(table);
    for (index, line) in lines.records().enumerate() {
        let wrong = |what: &str| {
            let what = format!("people.csv, person {}: {what}", index + 1);
            Failure::of_use("city.people", what, "The columns are those of cities/README.md.")
        };
        let line = line.map_err(|error| wrong(&error.to_string()))?;
        let cell = |at: usize| line.get(at).unwrap_or_default().to_owned();
        let role = Role::parse(&cell(4)).ok_or_else(|| wrong("no such role"))?;
        let place = cell(5);
        let (kind, code) = place.split_once(':').unwrap_or((place.as_str(), ""));
        let place = Jurisdiction::parse(kind, code).ok_or_else(|| wrong("no such place"))?;
        let person = (cell(0), cell(1), cell(2));
        let made = make_person(authority, snapshot, person, &cell(3), (role, place), now).await;
        people.push(made.map_err(|error| wrong(&error.to_string()))?);
    }
    Ok(people)
}

async fn make_person(
    authority: &Authority,
    snapshot: &Snapshot,
    (login, zh, en): (String, String, String),
    organisation: &str,
    (role, place): (Role, Jurisdiction),
    now: Timestamp,
) -> Result<DemoPerson, AuthorityError> {
    let actor = Actor::console();
    let user = if let Some(user) = authority.user_by_login(&login).await? {
        user.id
    } else {
        let organisation = organisation_of(authority, snapshot, organisation, now).await?;
        let name = format!("{zh} {en}");
        let new = NewUser { login: login.clone(), name, organisation };
        let user = authority.add_user(&actor, &new, now).await?;
        authority.grant(&actor, user, role, &place, now).await?;
        user
    };
    let link = authority.make_link(&actor, user, Purpose::SignIn, now).await?;
    Ok(DemoPerson { login, zh, en, link })
}

/// The organisation of `kind:code`; that of an enterprise is made from the city's files.
async fn organisation_of(
    authority: &Authority,
    snapshot: &Snapshot,
    text: &str,
    now: Timestamp,
) -> Result<Option<OrganisationId>, AuthorityError> {
    let Some((kind, code)) = text.split_once(':') else { return Ok(None) };
    let Some(kind) = OrganisationKind::parse(kind) else { return Ok(None) };
    let all = authority.organisations().await?;
    if let Some(known) = all.iter().find(|one| one.kind == kind && one.code == code) {
        return Ok(Some(known.id));
    }
    let Some(enterprise) = snapshot.enterprise_by_code(code) else { return Ok(None) };
    let new = NewOrganisation {
        parent: None,
        kind: OrganisationKind::Enterprise,
        code: code.to_owned(),
        name_zh: enterprise.name.zh.clone(),
        name_en: enterprise.name.en.clone(),
    };
    authority.add_organisation(&Actor::console(), &new, now).await.map(Some)
}
