//! Who may do what where: one function decides, and a list shows exactly what it would allow.
//!
//! Users, the roles granted to them, their sessions and tokens, and the audit of what they did.
//! Secrets are shown once; the store keeps digests.

mod action;
pub mod audit;
mod jurisdiction;
mod one_time_password;
mod organisations;
mod password;
mod permit;
mod role;
mod secret;
mod sessions;
mod sign_in;
mod store;
mod tokens;
mod users;

pub use action::Action;
pub use audit::{Actor, AuditFilter, Recorded};
pub use jurisdiction::{Jurisdiction, OrganisationId, Reach, Tree, UserId};
pub use one_time_password::SharedSecret;
pub use organisations::{NewOrganisation, Organisation, OrganisationKind};
pub use password::{BreachedList, PASSWORD_LETTERS_MIN, PasswordProblem};
pub use permit::{Decision, Denial, Grant, Limits, Principal, Scope, Subject, decide, scope};
pub use role::Role;
pub use sessions::{Begun, Device, Origin, SessionId};
pub use sign_in::Attempt;
pub use tokens::{ApiToken, TokenId};
pub use users::{NewUser, Purpose, User};

use ::store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Semaphore;

/// The schema of this crate.
pub const MIGRATIONS: &[::store::Migration] = &[
    ::store::Migration {
        version: 202_611_230_500,
        name: "authority",
        sql: include_str!("migrations/202611230500_authority.sql"),
    },
    ::store::Migration {
        version: 202_611_232_030,
        name: "people",
        sql: include_str!("migrations/202611232030_people.sql"),
    },
];

/// What an installation may set.
#[derive(Clone, Debug)]
pub struct AuthoritySettings {
    /// A session ends after so long without a look.
    pub session_idle: SignedDuration,
    /// A session ends after so long, however busy.
    pub session_longest: SignedDuration,
    /// Leaked passwords, from a local list.
    pub breached: BreachedList,
}

impl Default for AuthoritySettings {
    fn default() -> Self {
        Self {
            session_idle: SignedDuration::from_hours(2),
            session_longest: SignedDuration::from_hours(12),
            breached: BreachedList::default(),
        }
    }
}

/// Knows people and tokens. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Authority {
    store: Store,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: AuthoritySettings,
    divisions: RwLock<Arc<Tree<String>>>,
    /// Password hashes take 19 MiB each: not too many at once.
    hashing: Semaphore,
}

/// Password hashes computed at once.
const HASHES_AT_ONCE: usize = 4;

impl Authority {
    /// Opens what the store knows; at the first start makes the operator's token and returns it,
    /// to be shown once.
    ///
    /// # Errors
    /// When the store fails or the system gives no random bytes.
    pub async fn open(
        store: &Store,
        now: Timestamp,
    ) -> Result<(Self, Option<String>), AuthorityError> {
        Self::open_with(store, AuthoritySettings::default(), now).await
    }

    /// As [`Authority::open`], with settings.
    ///
    /// # Errors
    /// As [`Authority::open`].
    pub async fn open_with(
        store: &Store,
        settings: AuthoritySettings,
        now: Timestamp,
    ) -> Result<(Self, Option<String>), AuthorityError> {
        let authority = Self::without_tokens(store, settings);
        let shown = if store::tokens::has_role(store, Role::Operator).await? {
            None
        } else {
            Some(authority.issue(store, Role::Operator, now).await?)
        };
        Ok((authority, shown))
    }

    /// As [`Authority::open_with`], making nothing: for commands beside a running server.
    pub fn without_tokens(store: &Store, settings: AuthoritySettings) -> Self {
        let inner = Inner {
            settings,
            divisions: RwLock::default(),
            hashing: Semaphore::new(HASHES_AT_ONCE),
        };
        Self { store: store.clone(), inner: Arc::new(inner) }
    }

    /// Tells which division lies in which, so that a jurisdiction holds below its root.
    pub fn know_divisions(&self, pairs: impl IntoIterator<Item = (String, Option<String>)>) {
        let tree = Arc::new(Tree::new(pairs));
        *self.inner.divisions.write().unwrap_or_else(PoisonError::into_inner) = tree;
    }

    fn divisions(&self) -> Arc<Tree<String>> {
        Arc::clone(&self.inner.divisions.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn settings(&self) -> &AuthoritySettings {
        &self.inner.settings
    }

    /// Does something slow beside the threads that answer, and not too many at once.
    pub(crate) async fn slowly<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AuthorityError> {
        let stopped = || AuthorityError::Stored("a computation that was stopped".into());
        let _permit = self.inner.hashing.acquire().await.map_err(|_| stopped())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| stopped())
    }
}

/// A failure of authority.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// The store failed.
    #[error("people and tokens cannot be read or written")]
    Store(#[from] StoreError),
    /// The database refused.
    #[error("people and tokens cannot be read or written")]
    Database(#[from] sqlx::Error),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(String),
    /// What is stored makes no sense.
    #[error("the store holds what this program does not know: {0}")]
    Stored(String),
    /// What was given makes no sense: why, in Chinese and English.
    #[error("{1}")]
    Input(&'static str, &'static str),
    /// The login is taken.
    #[error("the login {0} is taken; choose another")]
    Taken(String),
    /// Nobody has this number.
    #[error("there is no such user")]
    Unknown,
    /// The password is not taken.
    #[error("{}", .0.texts().1)]
    Password(PasswordProblem),
    /// The password shown again is wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// The first code of a second factor is wrong.
    #[error("the code is wrong; check the clock of the phone")]
    WrongCode,
    /// Too many wrong attempts.
    #[error("too many wrong attempts; locked until {0}")]
    Locked(Timestamp),
}

impl AuthorityError {
    /// What to tell whoever gave something wrong, in Chinese and English; `None` when the failure
    /// is none of theirs.
    pub fn texts(&self) -> Option<(String, String)> {
        let chinese = match self {
            Self::Store(_) | Self::Database(_) | Self::Random(_) | Self::Stored(_) => return None,
            Self::Input(zh, _) => (*zh).to_owned(),
            Self::Taken(login) => format!("登录名 {login} 已被使用,请换一个"),
            Self::Unknown => "没有这个用户".to_owned(),
            Self::Password(problem) => problem.texts().0.to_owned(),
            Self::WrongPassword => "当前密码不对".to_owned(),
            Self::WrongCode => "验证码不对,请核对手机时间".to_owned(),
            Self::Locked(until) => format!("错误过多,{until} 之前暂停尝试"),
        };
        Some((chinese, self.to_string()))
    }

    /// A stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(_) | Self::Database(_) => "authority.store",
            Self::Random(_) => "authority.random",
            Self::Stored(_) => "authority.stored",
            Self::Input(..) => "authority.input",
            Self::Taken(_) => "authority.login_taken",
            Self::Unknown => "authority.unknown_user",
            Self::Password(problem) => problem.code(),
            Self::WrongPassword => "authority.wrong_password",
            Self::WrongCode => "authority.wrong_code",
            Self::Locked(_) => "authority.locked",
        }
    }
}
