//! Tokens of programs (接口令牌): shown once, kept as digests, limited to actions and a last day.

use crate::audit::{Actor, Record, record};
use crate::store::tokens::NewToken;
use crate::{Action, Authority, AuthorityError, Principal, Role, UserId, secret, store};
use ::store::Store;
use jiff::{SignedDuration, Timestamp};

/// The number of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenId(pub i64);

/// A token as it is listed: never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its number.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// Whose it is; none for a token of the installation.
    pub user: Option<UserId>,
    /// The role of a token that is nobody's own.
    pub role: Option<Role>,
    /// The actions it is limited to; none means all of the role's.
    pub scopes: Vec<Action>,
    /// Since when.
    pub issued_at: Timestamp,
    /// Until when.
    pub ends_at: Option<Timestamp>,
}

/// The longest life of a user's token.
const DAYS_MAX: i64 = 366;

impl Authority {
    /// Makes another token for a role and returns it, to be shown once.
    ///
    /// # Errors
    /// When the store fails or the system gives no random bytes.
    pub async fn issue(
        &self,
        store: &Store,
        role: Role,
        now: Timestamp,
    ) -> Result<String, AuthorityError> {
        self.issue_role(store, role, now, false).await
    }

    /// Withdraws every token of a role and makes a new one.
    ///
    /// # Errors
    /// As [`Authority::issue`].
    pub async fn rotate(
        &self,
        store: &Store,
        role: Role,
        now: Timestamp,
    ) -> Result<String, AuthorityError> {
        self.issue_role(store, role, now, true).await
    }

    async fn issue_role(
        &self,
        store: &Store,
        role: Role,
        now: Timestamp,
        alone: bool,
    ) -> Result<String, AuthorityError> {
        let token = secret::new("lucid-")?;
        let mut transaction = store.begin().await?;
        if alone {
            store::tokens::delete_role(&mut transaction, role).await?;
        }
        let new = NewToken {
            digest: secret::digest(&token),
            name: role.as_str(),
            user: None,
            role: Some(role),
            scopes: &[],
            ends_at: None,
        };
        let id = store::tokens::insert(&mut transaction, new, now).await?;
        let written = Record {
            at: now,
            actor: &Actor::console(),
            action: "token.issue",
            subject: format!("token {}", id.0),
            before: None,
            after: Some(serde_json::json!({ "role": role.as_str() }).to_string()),
        };
        record(&mut transaction, written).await?;
        transaction.commit().await?;
        Ok(token)
    }

    /// Makes a token of a user, limited to `scopes`, for so many days, and returns it, to be shown
    /// once.
    ///
    /// # Errors
    /// When it has no name, no scope or lives too long, or the store fails.
    pub async fn issue_for(
        &self,
        user: UserId,
        actor: &Actor,
        name: &str,
        scopes: &[Action],
        days: i64,
        now: Timestamp,
    ) -> Result<String, AuthorityError> {
        if name.trim().is_empty() || name.chars().count() > 80 {
            return Err(AuthorityError::Input(
                "令牌须有名称,最多 80 个字符",
                "a token needs a name of at most 80 letters",
            ));
        }
        if scopes.is_empty() {
            return Err(AuthorityError::Input(
                "请至少勾选一项令牌可做的操作",
                "a token needs at least one action that it may do",
            ));
        }
        if !(1..=DAYS_MAX).contains(&days) {
            return Err(AuthorityError::Input(
                "令牌有效期为 1 至 366 天",
                "a token lives between 1 and 366 days",
            ));
        }
        let token = secret::new("lucid-user-")?;
        let ends_at = now + SignedDuration::from_hours(24 * days);
        let mut transaction = self.store.begin().await?;
        let new = NewToken {
            digest: secret::digest(&token),
            name: name.trim(),
            user: Some(user),
            role: None,
            scopes,
            ends_at: Some(ends_at),
        };
        let id = store::tokens::insert(&mut transaction, new, now).await?;
        let words: Vec<&str> = scopes.iter().map(|action| action.as_str()).collect();
        let after = serde_json::json!({ "name": name.trim(), "scopes": words,
            "ends_at": ends_at.to_string() });
        let written = Record {
            at: now,
            actor,
            action: "token.issue",
            subject: format!("token {}", id.0),
            before: None,
            after: Some(after.to_string()),
        };
        record(&mut transaction, written).await?;
        transaction.commit().await?;
        Ok(token)
    }

    /// The tokens of a user.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tokens_of(&self, user: UserId) -> Result<Vec<ApiToken>, AuthorityError> {
        store::tokens::of_user(&self.store, user).await
    }

    /// Withdraws a token of a user; false when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn withdraw_token(
        &self,
        user: UserId,
        actor: &Actor,
        token: TokenId,
        now: Timestamp,
    ) -> Result<bool, AuthorityError> {
        let mut transaction = self.store.begin().await?;
        let was_there = store::tokens::delete(&mut transaction, user, token).await?;
        if was_there {
            let subject = format!("token {}", token.0);
            let action = "token.withdraw";
            let written = Record { at: now, actor, action, subject, before: None, after: None };
            record(&mut transaction, written).await?;
        }
        transaction.commit().await?;
        Ok(was_there)
    }

    /// Who shows this token; `None` for a wrong, ended or withdrawn one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn verify(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Principal>, AuthorityError> {
        if !token.starts_with("lucid-") {
            return Ok(None);
        }
        let found = store::tokens::living(&self.store, secret::digest(token), now).await?;
        let Some(found) = found else { return Ok(None) };
        let principal = match (found.user, found.role) {
            (Some(user), _) => self.principal(user).await?,
            (None, Some(role)) => Some(Principal::of_role(role)),
            (None, None) => None,
        };
        Ok(principal.map(|principal| Principal {
            scopes: (!found.scopes.is_empty()).then_some(found.scopes),
            ..principal
        }))
    }
}
