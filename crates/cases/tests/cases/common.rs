//! A small city with its people, its enterprises and two kinds of case.

use authority::{
    Actor, Authority, Jurisdiction, NewOrganisation, NewUser, OrganisationId, OrganisationKind,
    Principal, Role, UserId,
};
use caseflow::CaseKind;
use cases::{Act, By, CaseId, CaseView, Cases, Channel, NewCase, Opened, Taken, Viewer};
use delivery::{Outbox, Settings, SmsGateway, Smtp};
use evidence::Evidence;
use jiff::{SignedDuration, Timestamp};
use store::{Migration, Store};

pub(crate) const COUNTY: &str = "350603";
pub(crate) const OTHER_COUNTY: &str = "350602";
pub(crate) const COMPLAINT: &str = include_str!("kinds/complaint.toml");
pub(crate) const EVENT: &str = include_str!("kinds/event.toml");
const ADDRESS: &str = "192.0.2.7";

/// A Tuesday morning in Beijing: 2026-11-24 09:00.
pub(crate) fn start() -> Timestamp {
    "2026-11-24T01:00:00Z".parse().expect("a time")
}

pub(crate) fn after_hours(hours: i64) -> Timestamp {
    start() + SignedDuration::from_hours(hours)
}

pub(crate) fn after_days(days: i64) -> Timestamp {
    after_hours(days * 24)
}

pub(crate) fn migrations() -> Vec<Migration> {
    [authority::MIGRATIONS, delivery::MIGRATIONS, cases::MIGRATIONS].concat()
}

pub(crate) fn kinds() -> Vec<CaseKind> {
    [("complaint.toml", COMPLAINT), ("event.toml", EVENT)]
        .map(|(file, text)| CaseKind::parse(file, text).expect("a sound kind"))
        .to_vec()
}

/// The city.
pub(crate) struct Town {
    pub(crate) store: Store,
    pub(crate) authority: Authority,
    pub(crate) cases: Cases,
    pub(crate) outbox: Outbox,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) city: OrganisationId,
    pub(crate) county: OrganisationId,
    pub(crate) other_county: OrganisationId,
    pub(crate) team: OrganisationId,
}

impl Town {
    pub(crate) async fn new(store: Store) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (authority, _) = Authority::open(&store, start()).await.expect("authority");
        authority.know_divisions([
            (COUNTY.to_owned(), Some("350600".to_owned())),
            (OTHER_COUNTY.to_owned(), Some("350600".to_owned())),
        ]);
        let evidence = Evidence::open(&folder.path().join("evidence")).expect("a folder");
        let outbox = Outbox::new(&store, settings()).expect("an outbox");
        let cases = Cases::open(&store, &authority, &evidence, &outbox, folder.path(), kinds())
            .await
            .expect("the engine opens");
        let unit = async |kind, code: &str, parent| {
            let (name_zh, name_en) = (format!("{code}单位"), format!("unit {code}"));
            let new = NewOrganisation { parent, kind, code: code.into(), name_zh, name_en };
            let added = authority.add_organisation(&Actor::console(), &new, start()).await;
            added.expect("a unit")
        };
        let city = unit(OrganisationKind::City, "350600", None).await;
        let county = unit(OrganisationKind::County, COUNTY, Some(city)).await;
        let other_county = unit(OrganisationKind::County, OTHER_COUNTY, Some(city)).await;
        let team = unit(OrganisationKind::Department, "team", Some(county)).await;
        Self { store, authority, cases, outbox, folder, city, county, other_county, team }
    }

    /// Opens the engine of the same store anew, as after a restart.
    pub(crate) async fn again(&self, kinds: Vec<CaseKind>) -> Result<Cases, cases::CaseError> {
        let evidence = Evidence::open(&self.folder.path().join("evidence")).expect("a folder");
        let folder = self.folder.path();
        Cases::open(&self.store, &self.authority, &evidence, &self.outbox, folder, kinds).await
    }

    pub(crate) async fn person(
        &self,
        login: &str,
        organisation: Option<OrganisationId>,
        role: Role,
        jurisdiction: Jurisdiction,
    ) -> Principal {
        let new = NewUser { login: login.into(), name: login.to_uppercase(), organisation };
        let actor = Actor::console();
        let user = self.authority.add_user(&actor, &new, start()).await.expect("a user");
        let granted = self.authority.grant(&actor, user, role, &jurisdiction, start()).await;
        assert!(granted.expect("granted"));
        self.authority.principal(user).await.expect("known").expect("enabled")
    }

    pub(crate) async fn people(&self) -> People {
        let division = || Jurisdiction::Division(COUNTY.into());
        let other = || Jurisdiction::Division(OTHER_COUNTY.into());
        let all = || Jurisdiction::Everything;
        let (city, county) = (Some(self.city), Some(self.county));
        let of = |code: &str| Jurisdiction::Enterprise(code.into());
        People {
            duty: self.person("duty", city, Role::DutyOfficer, all()).await,
            officer: self.person("officer", county, Role::CountyOfficer, division()).await,
            second: self.person("second", county, Role::CountyOfficer, division()).await,
            inspector: self.person("inspector", Some(self.team), Role::Inspector, division()).await,
            stranger: self
                .person("stranger", Some(self.other_county), Role::CountyOfficer, other())
                .await,
            leader: self.person("leader", county, Role::Leader, division()).await,
            auditor: self.person("auditor", city, Role::Auditor, all()).await,
            administrator: self.person("admin", city, Role::Administrator, all()).await,
            manager: self.person("manager", None, Role::EnterpriseManager, of("E1")).await,
            rival: self.person("rival", None, Role::EnterpriseManager, of("E2")).await,
        }
    }

    /// Opens a complaint of a citizen about E1.
    pub(crate) async fn complain(&self, text: &str, at: Timestamp) -> Opened {
        let by = By::Anonymous { address: ADDRESS };
        self.cases.open_case(&by, complaint(text), at).await.expect("it is opened")
    }

    pub(crate) async fn act(
        &self,
        principal: &Principal,
        id: CaseId,
        act: Act,
        at: Timestamp,
    ) -> Result<Taken, cases::CaseError> {
        self.cases.take(&by(principal), id, act, at).await
    }

    /// Takes a transition with fields at whatever version the case has.
    pub(crate) async fn take(
        &self,
        principal: &Principal,
        id: CaseId,
        transition: &str,
        fields: &[(&str, &str)],
        at: Timestamp,
    ) -> Taken {
        let mut act = self.now(id, transition).await;
        act.note = "因故".into();
        for (field, value) in fields {
            act.fields.insert((*field).into(), (*value).into());
        }
        if transition == "dispatch" {
            act.unit = Some(self.county);
        }
        let taken = self.act(principal, id, act, at).await;
        taken.unwrap_or_else(|error| panic!("{transition} at {at}: {error}"))
    }

    /// An act at the version that the case has now.
    pub(crate) async fn now(&self, id: CaseId, transition: &str) -> Act {
        let all = Principal::of_role(Role::Auditor);
        Act::new(transition, self.view(&all, id).await.case.version)
    }

    pub(crate) async fn view(&self, principal: &Principal, id: CaseId) -> CaseView {
        let viewer = Viewer::Person(principal);
        self.cases.case(&viewer, id, start()).await.expect("a view")
    }
}

/// Ways out to which nobody listens.
fn settings() -> Settings {
    let sms = SmsGateway {
        address: "http://127.0.0.1:9/sms".into(),
        secret: delivery::Secret("s".into()),
    };
    let smtp = Smtp {
        host: "127.0.0.1".into(),
        port: Some(9),
        user: String::new(),
        password: delivery::Secret::default(),
        from: "Lucid <lucid@example.org>".into(),
        security: delivery::Security::Plain,
    };
    Settings { sms: Some(sms), smtp: Some(smtp), ..Settings::default() }
}

/// The people.
pub(crate) struct People {
    pub(crate) duty: Principal,
    pub(crate) officer: Principal,
    pub(crate) second: Principal,
    pub(crate) inspector: Principal,
    pub(crate) stranger: Principal,
    pub(crate) leader: Principal,
    pub(crate) auditor: Principal,
    pub(crate) administrator: Principal,
    pub(crate) manager: Principal,
    pub(crate) rival: Principal,
}

pub(crate) fn by(principal: &Principal) -> By<'_> {
    By::Person { principal, address: ADDRESS }
}

pub(crate) fn user(principal: &Principal) -> UserId {
    principal.user.expect("a user")
}

/// A complaint about E1 in the county, by somebody with a phone.
pub(crate) fn complaint(text: &str) -> NewCase {
    let mut new = NewCase::new("complaint", COUNTY, Channel::Phone);
    new.text = text.into();
    new.enterprise = Some("E1".into());
    new.fields.insert("element".into(), "air".into());
    new.reporter = Some(cases::Reporter {
        name: "林小明".into(),
        phone: "13800001234".into(),
        email: "lin@example.org".into(),
        address: "蓝田镇5号".into(),
    });
    new
}
