//! Signing in (登录): password, second factor, one-time links, single sign-on; the lock-out.

use crate::audit::Actor;
use crate::one_time_password::SharedSecret;
use crate::sessions::{Begun, Origin, SessionId};
use crate::store::users::Keys;
use crate::users::{Purpose, User, write};
use crate::{Authority, AuthorityError, UserId, password, secret, store};
use ::store::Transaction;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// Wrong attempts that cost nothing.
const FREE_ATTEMPTS: i64 = 5;
/// The first lock; each further failure doubles it.
const FIRST_LOCK: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_LOCK: SignedDuration = SignedDuration::from_hours(1);
/// Wrong attempts are forgotten after a day without another.
const FORGET: SignedDuration = SignedDuration::from_hours(24);
const RECOVERY_CODES: usize = 10;

/// What came of an attempt.
#[derive(Clone, Debug)]
pub enum Attempt {
    /// They are in.
    In(Begun),
    /// The password is right; now the second factor, with this ticket.
    SecondFactor(String),
    /// Wrong, whatever it was: name, password, code or link.
    Wrong,
    /// Too many wrong ones under this name; until then not even the right one counts.
    Locked(Timestamp),
}

impl Authority {
    /// A try with name and password.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_in(
        &self,
        login: &str,
        given: &str,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Attempt, AuthorityError> {
        let login = login.trim().to_lowercase();
        if let Some(until) = self.locked(&login, now).await? {
            return Ok(Attempt::Locked(until));
        }
        let keys = store::users::by_login(&self.store, &login).await?;
        let keys = keys.filter(|keys| keys.user.disabled_at.is_none());
        let hash = keys.as_ref().and_then(|keys| keys.password.clone());
        let is_right = self.is_right_password(given, hash).await?;
        let Some(keys) = keys.filter(|_| is_right) else {
            return self.failed(&login, origin, now).await;
        };
        let user = &keys.user;
        let mut transaction = self.store.begin().await?;
        if keys.totp_secret.is_none() {
            let begun = self.let_in(&mut transaction, user, origin, "password", now).await?;
            transaction.commit().await?;
            return Ok(Attempt::In(begun));
        }
        let ticket = secret::new("")?;
        let purpose = Purpose::SecondFactor;
        let (digest, ends_at) = (secret::digest(&ticket), now + purpose.life());
        store::users::insert_link(&mut transaction, digest, user.id, purpose, ends_at).await?;
        transaction.commit().await?;
        Ok(Attempt::SecondFactor(ticket))
    }

    /// A try with the code of the second factor, or with a recovery code, after the password.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn second_factor(
        &self,
        ticket: &str,
        code: &str,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Attempt, AuthorityError> {
        let ticket = secret::digest(ticket);
        let found = store::users::link(&self.store, ticket.clone(), now).await?;
        let Some((user, Purpose::SecondFactor)) = found else { return Ok(Attempt::Wrong) };
        let keys = store::users::by_id(&self.store, user).await?;
        let Some(keys) = keys.filter(|keys| keys.user.disabled_at.is_none()) else {
            return Ok(Attempt::Wrong);
        };
        let login = &keys.user.login;
        if let Some(until) = self.locked(login, now).await? {
            return Ok(Attempt::Locked(until));
        }
        let mut transaction = self.store.begin().await?;
        let how = match use_code(&mut transaction, &keys, code, now).await? {
            Some(how) if store::users::delete_link(&mut transaction, ticket).await? => how,
            _ => {
                drop(transaction);
                return self.failed(login, origin, now).await;
            }
        };
        let begun = self.let_in(&mut transaction, &keys.user, origin, how, now).await?;
        transaction.commit().await?;
        Ok(Attempt::In(begun))
    }

    /// Whose a one-time link is, and what for; nothing is used up.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn look_at_link(
        &self,
        link: &str,
        now: Timestamp,
    ) -> Result<Option<(User, Purpose)>, AuthorityError> {
        let found = store::users::link(&self.store, secret::digest(link), now).await?;
        let Some((user, purpose)) = found else { return Ok(None) };
        let user = self.user(user).await?.filter(|user| user.disabled_at.is_none());
        Ok(user.filter(|_| purpose != Purpose::SecondFactor).map(|user| (user, purpose)))
    }

    /// Uses a link up. With one for a password, `chosen` becomes it and other sessions end; the
    /// user then signs in with it when a second factor is asked for.
    ///
    /// # Errors
    /// When the password is not taken or the store fails.
    pub async fn follow_link(
        &self,
        link: &str,
        chosen: &str,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Attempt, AuthorityError> {
        let Some((user, purpose)) = self.look_at_link(link, now).await? else {
            return Ok(Attempt::Wrong);
        };
        let hash = match purpose {
            Purpose::Password => Some(self.hashed(chosen, &user.login).await?),
            _ => None,
        };
        let mut transaction = self.store.begin().await?;
        if !store::users::delete_link(&mut transaction, secret::digest(link)).await? {
            return Ok(Attempt::Wrong);
        }
        if let Some(hash) = hash {
            let actor = actor(&user, origin, "link");
            self.put_password(&mut transaction, &actor, &user, &hash, None, now).await?;
            if user.has_second_factor {
                transaction.commit().await?;
                return self.sign_in(&user.login, chosen, origin, now).await;
            }
        }
        let begun = self.let_in(&mut transaction, &user, origin, "link", now).await?;
        transaction.commit().await?;
        Ok(Attempt::In(begun))
    }

    /// Changes a user's own password: the old one is asked for, other sessions end.
    ///
    /// # Errors
    /// When the old one is wrong, the new one is not taken, or the store fails.
    pub async fn change_password(
        &self,
        user: UserId,
        session: Option<SessionId>,
        (old, new): (&str, &str),
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(), AuthorityError> {
        let keys = self.proven(user, old, origin, now).await?;
        let hash = self.hashed(new, &keys.user.login).await?;
        let actor = actor(&keys.user, origin, "self");
        let mut transaction = self.store.begin().await?;
        self.put_password(&mut transaction, &actor, &keys.user, &hash, session, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Asks for a second factor from now on, once its first code was shown; gives the recovery
    /// codes, to be shown once.
    ///
    /// # Errors
    /// When the password or the code is wrong, or the store fails.
    pub async fn set_second_factor(
        &self,
        user: UserId,
        password: &str,
        (shared, code): (&SharedSecret, &str),
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Vec<String>, AuthorityError> {
        let keys = self.proven(user, password, origin, now).await?;
        let step = shared.step_of(code, now, 0).ok_or(AuthorityError::WrongCode)?;
        let mut transaction = self.store.begin().await?;
        let secret = Some(shared.0.as_slice());
        store::users::set_second_factor(&mut transaction, user, secret, step).await?;
        let codes = new_codes(&mut transaction, user).await?;
        let actor = actor(&keys.user, origin, "self");
        let before = json!({ "second_factor": keys.user.has_second_factor });
        let after = json!({ "second_factor": true });
        let action = "user.second_factor";
        write(&mut transaction, &actor, action, user, Some(before), Some(after), now).await?;
        transaction.commit().await?;
        Ok(codes)
    }

    /// Asks for no second factor any more.
    ///
    /// # Errors
    /// When the password is wrong or the store fails.
    pub async fn drop_second_factor(
        &self,
        user: UserId,
        password: &str,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(), AuthorityError> {
        let keys = self.proven(user, password, origin, now).await?;
        let mut transaction = self.store.begin().await?;
        store::users::set_second_factor(&mut transaction, user, None, 0).await?;
        store::users::put_recovery_codes(&mut transaction, user, &[]).await?;
        let actor = actor(&keys.user, origin, "self");
        let before = json!({ "second_factor": keys.user.has_second_factor });
        let after = json!({ "second_factor": false });
        let action = "user.second_factor";
        write(&mut transaction, &actor, action, user, Some(before), Some(after), now).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// How many recovery codes a user has left.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn recovery_codes_left(&self, user: UserId) -> Result<i64, AuthorityError> {
        store::users::recovery_codes(&self.store, user).await
    }

    /// Lets in whom an identity provider vouches for, by its address and their number there;
    /// `None` when nobody is tied to them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_in_by_identity(
        &self,
        issuer: &str,
        subject: &str,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Option<Begun>, AuthorityError> {
        let user = store::users::by_identity(&self.store, issuer, subject).await?;
        let Some(user) = user else { return Ok(None) };
        let user = self.user(user).await?.filter(|user| user.disabled_at.is_none());
        let Some(user) = user else { return Ok(None) };
        let mut transaction = self.store.begin().await?;
        let begun = self.let_in(&mut transaction, &user, origin, "oidc", now).await?;
        transaction.commit().await?;
        Ok(Some(begun))
    }

    /// Ties a user to whom an identity provider knows; false when somebody is tied already.
    ///
    /// # Errors
    /// When nobody has this number or the store fails.
    pub async fn tie_identity(
        &self,
        actor: &Actor,
        user: UserId,
        (issuer, subject): (&str, &str),
        now: Timestamp,
    ) -> Result<bool, AuthorityError> {
        self.user(user).await?.ok_or(AuthorityError::Unknown)?;
        let mut transaction = self.store.begin().await?;
        let is_new = store::users::insert_identity(&mut transaction, issuer, subject, user).await?;
        if is_new {
            let after = Some(json!({ "issuer": issuer, "subject": subject }));
            write(&mut transaction, actor, "user.identity", user, None, after, now).await?;
        }
        transaction.commit().await?;
        Ok(is_new)
    }

    /// A user who shows their password again before something serious.
    async fn proven(
        &self,
        user: UserId,
        given: &str,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Keys, AuthorityError> {
        let keys = store::users::by_id(&self.store, user).await?.ok_or(AuthorityError::Unknown)?;
        let login = &keys.user.login;
        if let Some(until) = self.locked(login, now).await? {
            return Err(AuthorityError::Locked(until));
        }
        if self.is_right_password(given, keys.password.clone()).await? {
            return Ok(keys);
        }
        self.failed(login, origin, now).await?;
        Err(AuthorityError::WrongPassword)
    }

    async fn let_in(
        &self,
        transaction: &mut Transaction,
        user: &User,
        origin: &Origin,
        how: &'static str,
        now: Timestamp,
    ) -> Result<Begun, AuthorityError> {
        store::sessions::forgive(transaction, secret::digest(&user.login)).await?;
        self.begin_session(transaction, user.id, &user.login, origin, how, now).await
    }

    async fn put_password(
        &self,
        transaction: &mut Transaction,
        actor: &Actor,
        user: &User,
        hash: &str,
        but: Option<SessionId>,
        now: Timestamp,
    ) -> Result<(), AuthorityError> {
        store::users::set_password(transaction, user.id, Some(hash)).await?;
        store::sessions::delete_others(transaction, user.id, but, now).await?;
        let before = json!({ "password": user.has_password });
        let after = json!({ "password": true });
        write(transaction, actor, "user.password", user.id, Some(before), Some(after), now).await
    }

    async fn locked(
        &self,
        login: &str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, AuthorityError> {
        let known = store::sessions::attempts(&self.store, secret::digest(login)).await?;
        Ok(known.map(|(_, until)| until).filter(|until| *until > now))
    }

    /// Counts a failure; from the sixth on the name is locked, each time for twice as long.
    async fn failed(
        &self,
        login: &str,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Attempt, AuthorityError> {
        let digest = secret::digest(login);
        let mut transaction = self.store.begin().await?;
        let failures =
            store::sessions::fail(&mut transaction, digest.clone(), now, now - FORGET).await?;
        let lock = lock_after(failures);
        if let Some(lock) = lock {
            store::sessions::lock(&mut transaction, digest, now + lock).await?;
            if let Some(keys) = store::users::by_login(&self.store, login).await? {
                let actor = Actor {
                    user: None,
                    name: "anonymous".into(),
                    origin: origin.address.clone(),
                    on_behalf_of: None,
                    rule: "lock-out".into(),
                };
                let after = json!({ "failures": failures, "seconds": lock.as_secs() });
                let user = keys.user.id;
                write(&mut transaction, &actor, "user.lock", user, None, Some(after), now).await?;
            }
        }
        transaction.commit().await?;
        Ok(lock.map_or(Attempt::Wrong, |lock| Attempt::Locked(now + lock)))
    }

    async fn hashed(&self, chosen: &str, login: &str) -> Result<String, AuthorityError> {
        password::check(chosen, login, &self.settings().breached)
            .map_err(AuthorityError::Password)?;
        let chosen = chosen.to_owned();
        self.slowly(move || password::hash(&chosen)).await?
    }

    /// Whether the password is that of the hash; without a hash it takes as long and is wrong.
    async fn is_right_password(
        &self,
        given: &str,
        hash: Option<String>,
    ) -> Result<bool, AuthorityError> {
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let given = given.to_owned();
        let is_right = self.slowly(move || password::is_right(&given, &hash)).await?;
        Ok(is_right && is_known)
    }
}

/// A hash that costs as much to try as anybody's; where it is tried, the answer is no anyway.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGF0IGFsbA\
    $HMB6k2drEYkeXQT22Dn7x6LhBWMNYMa3TTrTtAWpjBM";

/// How long a name is locked after so many failures.
fn lock_after(failures: i64) -> Option<SignedDuration> {
    let doubled = u32::try_from(failures.checked_sub(FREE_ATTEMPTS + 1)?).ok()?;
    let factor = 2_i32.checked_pow(doubled).unwrap_or(i32::MAX);
    Some(FIRST_LOCK.checked_mul(factor).map_or(LONGEST_LOCK, |lock| lock.min(LONGEST_LOCK)))
}

fn actor(user: &User, origin: &Origin, rule: &str) -> Actor {
    Actor {
        user: Some(user.id),
        name: user.login.clone(),
        origin: origin.address.clone(),
        on_behalf_of: None,
        rule: rule.to_owned(),
    }
}

/// Uses up a code, of the phone or for recovery; says how, or that it is wrong.
async fn use_code(
    transaction: &mut Transaction,
    keys: &Keys,
    code: &str,
    now: Timestamp,
) -> Result<Option<&'static str>, AuthorityError> {
    let user = keys.user.id;
    if let Some(secret) = &keys.totp_secret
        && let Some(step) = SharedSecret(secret.clone()).step_of(code, now, keys.totp_step)
        && store::users::use_step(transaction, user, step).await?
    {
        return Ok(Some("password+code"));
    }
    let digest = secret::digest(&plain(code));
    let is_right = store::users::use_recovery_code(transaction, user, digest).await?;
    Ok(is_right.then_some("password+recovery"))
}

/// A recovery code without what people write between its letters.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase()
}

async fn new_codes(
    transaction: &mut Transaction,
    user: UserId,
) -> Result<Vec<String>, AuthorityError> {
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let letters = secret::base32(&secret::random::<10>()?);
        codes.push(format!(
            "{}-{}-{}-{}",
            &letters[..4],
            &letters[4..8],
            &letters[8..12],
            &letters[12..]
        ));
    }
    let digests: Vec<_> = codes.iter().map(|code| secret::digest(&plain(code))).collect();
    store::users::put_recovery_codes(transaction, user, &digests).await?;
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trying_nobodys_password_costs_as_much() {
        let hash = password::hash("green rivers every day").expect("a hash");
        let parsed = argon2::password_hash::phc::PasswordHash::new(NOBODY).expect("it parses");
        let real = argon2::password_hash::phc::PasswordHash::new(&hash).expect("it parses");
        assert_eq!((&parsed.algorithm, &parsed.params), (&real.algorithm, &real.params));
        let lengths = |hash: &argon2::password_hash::phc::PasswordHash| {
            hash.hash.map(|output| output.as_bytes().len())
        };
        assert_eq!(lengths(&parsed), lengths(&real));
    }

    #[test]
    fn locks_double_up_to_an_hour() {
        let seconds = |failures| lock_after(failures).map(|lock| lock.as_secs());
        let wanted = [
            (1, None),
            (5, None),
            (6, Some(30)),
            (7, Some(60)),
            (8, Some(120)),
            (12, Some(1920)),
            (13, Some(3600)),
            (60, Some(3600)),
            (5000, Some(3600)),
        ];
        for (failures, lock) in wanted {
            assert_eq!(seconds(failures), lock, "{failures}");
        }
    }
}
