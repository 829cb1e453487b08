//! Who may do what where: one function decides, and a list shows exactly what it would allow.
//!
//! The token is shown once, at the first start; the store keeps its SHA-256 only. Its 256 random
//! bits need no slow hash: nobody guesses them.

mod action;
mod jurisdiction;
mod permit;
mod role;
mod store;

pub use action::Action;
pub use jurisdiction::{Jurisdiction, OrganisationId, Reach, Tree, UserId};
pub use permit::{Decision, Denial, Grant, Limits, Principal, Scope, Subject, decide, scope};
pub use role::Role;

use ::store::{Store, StoreError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, PoisonError, RwLock};

/// The schema of this crate.
pub const MIGRATIONS: &[::store::Migration] = &[::store::Migration {
    version: 202_611_230_500,
    name: "authority",
    sql: include_str!("migrations/202611230500_authority.sql"),
}];

/// Knows the tokens. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Authority {
    tokens: Arc<RwLock<Vec<Token>>>,
}

/// The SHA-256 of a token, and whose it is.
type Token = ([u8; 32], Role);

impl Authority {
    /// Reads the tokens; at the first start makes one and returns it, to be shown once.
    ///
    /// # Errors
    /// When the store fails or the system gives no random bytes.
    pub async fn open(
        store: &Store,
        now: Timestamp,
    ) -> Result<(Self, Option<String>), AuthorityError> {
        let mut tokens = self::store::tokens(store).await?;
        let mut shown = None;
        if tokens.is_empty() {
            let token = new_token()?;
            self::store::insert(store, &digest(&token), Role::Operator, now).await?;
            tokens.push((digest(&token), Role::Operator));
            shown = Some(token);
        }
        Ok((Self { tokens: Arc::new(RwLock::new(tokens)) }, shown))
    }

    /// Makes another token for a role and returns it, to be shown once.
    ///
    /// # Errors
    /// As [`Authority::open`].
    pub async fn issue(
        &self,
        store: &Store,
        role: Role,
        now: Timestamp,
    ) -> Result<String, AuthorityError> {
        let token = new_token()?;
        self::store::insert(store, &digest(&token), role, now).await?;
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        tokens.push((digest(&token), role));
        Ok(token)
    }

    /// Withdraws every token of a role and makes a new one.
    ///
    /// # Errors
    /// As [`Authority::open`].
    pub async fn rotate(
        &self,
        store: &Store,
        role: Role,
        now: Timestamp,
    ) -> Result<String, AuthorityError> {
        self::store::delete(store, role).await?;
        {
            let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
            tokens.retain(|(_, of)| *of != role);
        }
        self.issue(store, role, now).await
    }

    /// Who shows this token; `None` for a wrong one. Takes the same time however wrong it is.
    pub fn verify(&self, token: &str) -> Option<Principal> {
        let shown = digest(token);
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        tokens.iter().fold(None, |found, (known, role)| {
            if same(known, &shown) { Some(Principal::of_role(*role)) } else { found }
        })
    }
}

/// A failure of authority.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The store failed.
    #[error("tokens cannot be read or written")]
    Store(#[from] StoreError),
    /// The database refused.
    #[error("tokens cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(String),
}

fn new_token() -> Result<String, AuthorityError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| AuthorityError::Random(error.to_string()))?;
    Ok(format!("lucid-{}", URL_SAFE_NO_PAD.encode(bytes)))
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn same(left: &[u8; 32], right: &[u8; 32]) -> bool {
    left.iter().zip(right).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_is_shown_once_and_holds_over_a_restart() {
        testkit::on_both(MIGRATIONS, |store| async move {
            let now = Timestamp::from_second(1_800_000_000).expect("a time");
            let (authority, shown) = Authority::open(&store, now).await.expect("it opens");
            let token = shown.expect("the first start shows a token");
            assert_eq!(authority.verify(&token), Some(Principal::of_role(Role::Operator)));
            assert_eq!(authority.verify("lucid-wrong"), None);
            assert_eq!(authority.verify(""), None);
            let (again, shown) = Authority::open(&store, now).await.expect("it opens again");
            assert_eq!(shown, None);
            assert!(again.verify(&token).is_some());
            let observer = again.issue(&store, Role::Observer, now).await.expect("a token");
            assert_eq!(again.verify(&observer), Some(Principal::of_role(Role::Observer)));
            let newer = again.rotate(&store, Role::Operator, now).await.expect("a token");
            assert_eq!((again.verify(&token), again.verify(&newer).is_some()), (None, true));
        })
        .await;
    }
}
