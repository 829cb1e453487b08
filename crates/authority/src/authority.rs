//! The operator token: made once, kept only as its digest, replaced at will.

use crate::permit::{Principal, Role};
use crate::store as tables;
use crate::token::{Digest, digest, equal, new_token};
use jiff::Timestamp;
use std::sync::{Arc, PoisonError, RwLock};
use store::{Store, StoreError};

/// Knows who shows a token. Cheap to clone; all clones see the same.
#[derive(Clone, Debug)]
pub struct Authority {
    store: Store,
    in_force: Arc<RwLock<Option<Digest>>>,
}

/// Why a token could not be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The store refused.
    #[error("cannot read or keep the operator token")]
    Store(#[from] StoreError),
    /// The system gave no random bytes.
    #[error("the operating system gives no random bytes for a token")]
    Randomness(#[source] getrandom::Error),
}

impl AuthorityError {
    /// The stable code under which the error is documented.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) => "authority.store",
            Self::Randomness(_) => "authority.randomness",
        }
    }
}

impl Authority {
    /// Reads the token in force. Where there is none, makes one and returns it in clear: it is to
    /// be shown now, for it is kept only as its digest.
    ///
    /// # Errors
    /// When the store refuses or there is no randomness.
    pub async fn open(store: &Store) -> Result<(Self, Option<String>), AuthorityError> {
        let authority = Self { store: store.clone(), in_force: Arc::new(RwLock::new(None)) };
        authority.reload().await?;
        let first = if authority.has_token() { None } else { Some(authority.rotate().await?) };
        Ok((authority, first))
    }

    /// Who shows this token, in a time that does not tell how much of it is right; `None` when
    /// it is not the one in force.
    pub fn verify(&self, token: &str) -> Option<Principal> {
        let shown = digest(token.trim());
        let in_force = self.in_force.read().unwrap_or_else(PoisonError::into_inner);
        let known = in_force.as_ref()?;
        equal(&shown, known).then_some(Principal::Holder(Role::Operator))
    }

    /// Retires the token and returns a new one in clear.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn rotate(&self) -> Result<String, AuthorityError> {
        let token = new_token().map_err(AuthorityError::Randomness)?;
        let made = digest(&token);
        tables::replace(&self.store, &made, Timestamp::now()).await?;
        self.set(Some(made));
        Ok(token)
    }

    /// Reads the token in force again, after another process may have replaced it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn reload(&self) -> Result<(), AuthorityError> {
        let found = tables::in_force(&self.store).await?;
        self.set(found);
        Ok(())
    }

    fn has_token(&self) -> bool {
        self.in_force.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn set(&self, digest: Option<Digest>) {
        *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = digest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MIGRATIONS;
    use sqlx::Row as _;

    #[tokio::test]
    async fn the_first_start_shows_a_token_and_later_ones_do_not() {
        testkit::on_both(MIGRATIONS, |store| async move {
            let (authority, first) = Authority::open(&store).await.expect("it opens");
            let token = first.expect("the first start makes a token");
            let operator = Some(Principal::Holder(Role::Operator));
            assert_eq!(authority.verify(&token), operator);
            assert_eq!(authority.verify(&format!(" {token}\n")), operator);
            assert_eq!(authority.verify(&token[1..]), None);
            assert_eq!(authority.verify(""), None);

            let (again, none) = Authority::open(&store).await.expect("it opens again");
            assert_eq!(none, None);
            assert_eq!(again.verify(&token), operator);
        })
        .await;
    }

    #[tokio::test]
    async fn a_replaced_token_opens_nothing_and_no_token_is_kept_in_clear() {
        testkit::on_both(MIGRATIONS, |store| async move {
            let (authority, first) = Authority::open(&store).await.expect("it opens");
            let old = first.expect("a token");
            let (other_process, _) = Authority::open(&store).await.expect("it opens");
            let new = authority.rotate().await.expect("it is replaced");
            assert_eq!(authority.verify(&old), None);
            assert!(authority.verify(&new).is_some());
            assert!(other_process.verify(&old).is_some(), "not yet read again");
            other_process.reload().await.expect("it is read");
            assert_eq!(other_process.verify(&old), None);
            assert!(other_process.verify(&new).is_some());

            let rows = sqlx::query("SELECT digest, retired_at FROM operator_token ORDER BY id")
                .fetch_all(store.reader())
                .await
                .expect("the table");
            let digests: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            let retired: Vec<bool> =
                rows.iter().map(|row| row.get::<Option<i64>, _>(1).is_some()).collect();
            assert_eq!(retired, [true, false]);
            assert!(digests.iter().all(|kept| kept.len() == 64 && *kept != old && *kept != new));
        })
        .await;
    }
}
