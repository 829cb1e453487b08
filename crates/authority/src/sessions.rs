//! Sessions (会话): who is signed in on which device, until when.

use crate::audit::{Actor, Record, record};
use crate::store::sessions::NewSession;
use crate::{Authority, AuthorityError, Principal, UserId, secret, store};
use ::store::Transaction;
use jiff::{SignedDuration, Timestamp};

/// The number of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub i64);

/// Where somebody comes from: what a session remembers and the audit writes down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address.
    pub address: String,
    /// What the browser calls itself.
    pub agent: String,
}

/// A device on which a user is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its session.
    pub id: SessionId,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last seen.
    pub seen_at: Timestamp,
    /// From which address.
    pub address: String,
    /// What the browser calls itself.
    pub agent: String,
    /// How they signed in: `password`, `password+code`, `link`, `oidc`.
    pub how: String,
}

/// A session that has begun: the secret goes to the browser and is not kept.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Its number.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// The secret for the cookie.
    pub secret: String,
    /// When it ends, however busy.
    pub ends_at: Timestamp,
}

/// A last look is written down this often.
const LOOK: SignedDuration = SignedDuration::from_secs(60);

impl Authority {
    /// Begins a session within a transaction.
    pub(crate) async fn begin_session(
        &self,
        transaction: &mut Transaction,
        user: UserId,
        login: &str,
        origin: &Origin,
        how: &'static str,
        now: Timestamp,
    ) -> Result<Begun, AuthorityError> {
        let secret = secret::new("")?;
        let ends_at = now + self.settings().session_longest;
        let agent: String = origin.agent.chars().take(200).collect();
        let new = NewSession {
            digest: secret::digest(&secret),
            user,
            now,
            ends_at,
            address: &origin.address,
            agent: &agent,
            how,
        };
        let id = store::sessions::insert(transaction, new).await?;
        let actor = Actor {
            user: Some(user),
            name: login.to_owned(),
            origin: origin.address.clone(),
            on_behalf_of: None,
            rule: how.to_owned(),
        };
        let written = Record {
            at: now,
            actor: &actor,
            action: "session.begin",
            subject: format!("user {}", user.0),
            before: None,
            after: None,
        };
        record(transaction, written).await?;
        Ok(Begun { id, user, secret, ends_at })
    }

    /// Whose session this is; `None` when it is wrong, ended, idle for too long, or its user is
    /// disabled.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn session(
        &self,
        secret: &str,
        now: Timestamp,
    ) -> Result<Option<(SessionId, Principal)>, AuthorityError> {
        let digest = secret::digest(secret);
        let seen_after = now - self.settings().session_idle;
        let found = store::sessions::living(&self.store, digest, now, seen_after).await?;
        let Some((session, user, seen_at)) = found else { return Ok(None) };
        let Some(principal) = self.principal(user).await? else { return Ok(None) };
        if now.duration_since(seen_at) >= LOOK {
            let mut transaction = self.store.begin().await?;
            store::sessions::seen(&mut transaction, session, now).await?;
            transaction.commit().await?;
        }
        Ok(Some((session, principal)))
    }

    /// The devices on which a user is signed in, the last seen first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn devices_of(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<Device>, AuthorityError> {
        let seen_after = now - self.settings().session_idle;
        store::sessions::of_user(&self.store, user, now, seen_after).await
    }

    /// Ends a session of a user; false when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end_session(
        &self,
        user: UserId,
        actor: &Actor,
        session: SessionId,
        now: Timestamp,
    ) -> Result<bool, AuthorityError> {
        let mut transaction = self.store.begin().await?;
        let was_there = store::sessions::delete(&mut transaction, user, session).await?;
        if was_there {
            let subject = format!("user {}", user.0);
            let action = "session.end";
            let written = Record { at: now, actor, action, subject, before: None, after: None };
            record(&mut transaction, written).await?;
        }
        transaction.commit().await?;
        Ok(was_there)
    }

    /// Ends every session of a user but one, and says how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end_other_sessions(
        &self,
        user: UserId,
        actor: &Actor,
        but: Option<SessionId>,
        now: Timestamp,
    ) -> Result<u64, AuthorityError> {
        let mut transaction = self.store.begin().await?;
        let ended = store::sessions::delete_others(&mut transaction, user, but, now).await?;
        let subject = format!("user {}", user.0);
        let after = Some(serde_json::json!({ "ended": ended }).to_string());
        let action = "session.end_others";
        let written = Record { at: now, actor, action, subject, before: None, after };
        record(&mut transaction, written).await?;
        transaction.commit().await?;
        Ok(ended)
    }
}
