//! Users (用户), the roles granted to them, and the one-time links by which they begin.

use crate::audit::{Actor, Record, record};
use crate::store::users::StoredGrant;
use crate::{
    Authority, AuthorityError, Grant, Jurisdiction, OrganisationId, Principal, Reach, Role, Tree,
    UserId, secret, store,
};
use ::store::Transaction;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::sync::Arc;

/// A user in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their number.
    pub id: UserId,
    /// The name under which they sign in.
    pub login: String,
    /// The name that others read.
    pub name: String,
    /// Where they belong.
    pub organisation: Option<OrganisationId>,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when they may not sign in.
    pub disabled_at: Option<Timestamp>,
    /// Whether they have chosen a password.
    pub has_password: bool,
    /// Whether a second factor is asked for.
    pub has_second_factor: bool,
}

/// A user to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUser {
    /// The name under which they sign in: small letters, digits, `.`, `-`, `_`.
    pub login: String,
    /// The name that others read.
    pub name: String,
    /// Where they belong.
    pub organisation: Option<OrganisationId>,
}

/// What a one-time link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Choose a password, the first one or another.
    Password,
    /// Sign in at once: people of a demonstration.
    SignIn,
    /// Show the second factor after the password.
    SecondFactor,
}

impl Purpose {
    /// The word under which it is stored.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::SignIn => "sign_in",
            Self::SecondFactor => "second_factor",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Password, Self::SignIn, Self::SecondFactor]
            .into_iter()
            .find(|purpose| purpose.as_str() == word)
    }

    /// How long a link lives.
    pub(crate) const fn life(self) -> SignedDuration {
        match self {
            Self::Password | Self::SignIn => SignedDuration::from_hours(24),
            Self::SecondFactor => SignedDuration::from_mins(5),
        }
    }
}

fn checked_login(login: &str) -> Result<(), AuthorityError> {
    let is_right = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_')
    };
    if (2..=40).contains(&login.len()) && login.bytes().all(is_right) {
        return Ok(());
    }
    Err(AuthorityError::Input(
        "登录名为 2 至 40 个小写字母、数字、点、连字符或下划线",
        "a login has 2 to 40 small letters, digits, dots, hyphens or underscores",
    ))
}

impl Authority {
    /// Every user with the roles granted to them, by login.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn users(&self) -> Result<Vec<(User, Vec<(Role, Jurisdiction)>)>, AuthorityError> {
        let grants = store::users::grants(&self.store).await?;
        let users = store::users::all(&self.store).await?;
        let of = |user: UserId| {
            let theirs = grants.iter().filter(move |(whose, _, _)| *whose == user);
            theirs.map(|(_, role, place)| (*role, place.clone())).collect()
        };
        Ok(users.into_iter().map(|user| (user.clone(), of(user.id))).collect())
    }

    /// The user of a login.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn user_by_login(&self, login: &str) -> Result<Option<User>, AuthorityError> {
        Ok(store::users::by_login(&self.store, login).await?.map(|keys| keys.user))
    }

    /// The user of a number.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn user(&self, user: UserId) -> Result<Option<User>, AuthorityError> {
        Ok(store::users::by_id(&self.store, user).await?.map(|keys| keys.user))
    }

    /// Who a user is for decisions; `None` when disabled or unknown.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn principal(&self, user: UserId) -> Result<Option<Principal>, AuthorityError> {
        let Some(keys) = store::users::by_id(&self.store, user).await? else { return Ok(None) };
        if keys.user.disabled_at.is_some() {
            return Ok(None);
        }
        let mut grants = Vec::new();
        for (_, role, jurisdiction) in store::users::grants_of(&self.store, user).await? {
            let reach = self.reach(&jurisdiction).await?;
            grants.push(Grant { role, jurisdiction, reach });
        }
        Ok(Some(Principal {
            user: Some(user),
            name: keys.user.login,
            organisation: keys.user.organisation,
            grants,
            scopes: None,
        }))
    }

    async fn reach(&self, jurisdiction: &Jurisdiction) -> Result<Reach, AuthorityError> {
        Ok(match jurisdiction {
            Jurisdiction::Everything => Reach::Everything,
            Jurisdiction::Division(code) => {
                Reach::Divisions(Arc::new(self.divisions().subtree(code)))
            }
            Jurisdiction::Organisation(id) => {
                let all = self.organisations().await?;
                let tree = Tree::new(all.iter().map(|one| (one.id, one.parent)));
                Reach::Organisations(Arc::new(tree.subtree(id)))
            }
            Jurisdiction::Enterprise(code) => Reach::Enterprise(code.clone()),
        })
    }

    /// Adds a user, who can do nothing until a link and a role are given.
    ///
    /// # Errors
    /// When the login is wrong or taken, there is no name, or the store fails.
    pub async fn add_user(
        &self,
        actor: &Actor,
        new: &NewUser,
        now: Timestamp,
    ) -> Result<UserId, AuthorityError> {
        checked_login(&new.login)?;
        if new.name.trim().is_empty() || new.name.chars().count() > 80 {
            return Err(AuthorityError::Input(
                "须填写姓名,最多 80 个字符",
                "a user needs a name of at most 80 letters",
            ));
        }
        let mut transaction = self.store.begin().await?;
        let added = store::users::insert(&mut transaction, new, now).await?;
        let Some(user) = added else { return Err(AuthorityError::Taken(new.login.clone())) };
        let after = json!({ "login": new.login, "name": new.name,
            "organisation": new.organisation.map(|id| id.0) });
        write(&mut transaction, actor, "user.add", user, None, Some(after), now).await?;
        transaction.commit().await?;
        Ok(user)
    }

    /// Lets a user in no more, ends their sessions; or lets them in again.
    ///
    /// # Errors
    /// When nobody has this number or the store fails.
    pub async fn set_disabled(
        &self,
        actor: &Actor,
        user: UserId,
        is_disabled: bool,
        now: Timestamp,
    ) -> Result<(), AuthorityError> {
        let known = self.user(user).await?.ok_or(AuthorityError::Unknown)?;
        let mut transaction = self.store.begin().await?;
        store::users::set_disabled(&mut transaction, user, is_disabled.then_some(now)).await?;
        if is_disabled {
            store::sessions::delete_others(&mut transaction, user, None, now).await?;
            store::users::delete_links(&mut transaction, user, now).await?;
        }
        let action = if is_disabled { "user.disable" } else { "user.enable" };
        let before = json!({ "disabled": known.disabled_at.is_some() });
        let after = json!({ "disabled": is_disabled });
        write(&mut transaction, actor, action, user, Some(before), Some(after), now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes a one-time link by which a user chooses a password or, in a demonstration, signs in;
    /// earlier links are withdrawn.
    ///
    /// # Errors
    /// When nobody has this number or the store fails.
    pub async fn make_link(
        &self,
        actor: &Actor,
        user: UserId,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<String, AuthorityError> {
        self.user(user).await?.ok_or(AuthorityError::Unknown)?;
        let link = secret::new("")?;
        let mut transaction = self.store.begin().await?;
        store::users::delete_links(&mut transaction, user, now).await?;
        let (digest, ends_at) = (secret::digest(&link), now + purpose.life());
        store::users::insert_link(&mut transaction, digest, user, purpose, ends_at).await?;
        let after = json!({ "purpose": purpose.as_str(), "ends_at": ends_at.to_string() });
        write(&mut transaction, actor, "user.link", user, None, Some(after), now).await?;
        transaction.commit().await?;
        Ok(link)
    }

    /// Withdraws a user's password, second factor and sessions, and makes the link by which they
    /// begin anew.
    ///
    /// # Errors
    /// When nobody has this number or the store fails.
    pub async fn reset(
        &self,
        actor: &Actor,
        user: UserId,
        now: Timestamp,
    ) -> Result<String, AuthorityError> {
        let known = self.user(user).await?.ok_or(AuthorityError::Unknown)?;
        let mut transaction = self.store.begin().await?;
        store::users::set_password(&mut transaction, user, None).await?;
        store::users::set_second_factor(&mut transaction, user, None, 0).await?;
        store::users::put_recovery_codes(&mut transaction, user, &[]).await?;
        store::sessions::delete_others(&mut transaction, user, None, now).await?;
        store::sessions::forgive(&mut transaction, secret::digest(&known.login)).await?;
        let before =
            json!({ "password": known.has_password, "second_factor": known.has_second_factor });
        write(&mut transaction, actor, "user.reset", user, Some(before), None, now).await?;
        transaction.commit().await?;
        self.make_link(actor, user, Purpose::Password, now).await
    }

    /// Gives a user a role somewhere; false when they have it.
    ///
    /// # Errors
    /// When nobody has this number, the organisation or division is not known, or the store fails.
    pub async fn grant(
        &self,
        actor: &Actor,
        user: UserId,
        role: Role,
        jurisdiction: &Jurisdiction,
        now: Timestamp,
    ) -> Result<bool, AuthorityError> {
        self.user(user).await?.ok_or(AuthorityError::Unknown)?;
        if let Jurisdiction::Organisation(id) = jurisdiction
            && self.organisations().await?.iter().all(|known| known.id != *id)
        {
            return Err(AuthorityError::Input("没有这个组织机构", "the organisation is not known"));
        }
        let grant: StoredGrant = (user, role, jurisdiction.clone());
        let mut transaction = self.store.begin().await?;
        let is_new = store::users::insert_grant(&mut transaction, &grant, now).await?;
        if is_new {
            let after = told(role, jurisdiction);
            write(&mut transaction, actor, "user.grant", user, None, Some(after), now).await?;
        }
        transaction.commit().await?;
        Ok(is_new)
    }

    /// Takes a role from a user; false when they had it not.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke(
        &self,
        actor: &Actor,
        user: UserId,
        role: Role,
        jurisdiction: &Jurisdiction,
        now: Timestamp,
    ) -> Result<bool, AuthorityError> {
        let grant: StoredGrant = (user, role, jurisdiction.clone());
        let mut transaction = self.store.begin().await?;
        let was_there = store::users::delete_grant(&mut transaction, &grant).await?;
        if was_there {
            let before = told(role, jurisdiction);
            write(&mut transaction, actor, "user.revoke", user, Some(before), None, now).await?;
        }
        transaction.commit().await?;
        Ok(was_there)
    }

    /// At the first start, when there are no users: makes the administrator and gives the secret
    /// of the link by which they choose their password.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn first_administrator(
        &self,
        now: Timestamp,
    ) -> Result<Option<String>, AuthorityError> {
        if !store::users::all(&self.store).await?.is_empty() {
            return Ok(None);
        }
        let actor = Actor::console();
        let new = NewUser {
            login: "administrator".into(),
            name: "系统管理员 Administrator".into(),
            organisation: None,
        };
        let user = self.add_user(&actor, &new, now).await?;
        let everything = Jurisdiction::Everything;
        self.grant(&actor, user, Role::Administrator, &everything, now).await?;
        self.make_link(&actor, user, Purpose::Password, now).await.map(Some)
    }
}

fn told(role: Role, jurisdiction: &Jurisdiction) -> serde_json::Value {
    json!({ "role": role.as_str(), "jurisdiction": jurisdiction.to_string() })
}

pub(crate) async fn write(
    transaction: &mut Transaction,
    actor: &Actor,
    action: &str,
    user: UserId,
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
    now: Timestamp,
) -> Result<(), AuthorityError> {
    let subject = format!("user {}", user.0);
    let (before, after) = (before.map(|json| json.to_string()), after.map(|json| json.to_string()));
    record(transaction, Record { at: now, actor, action, subject, before, after }).await?;
    Ok(())
}
