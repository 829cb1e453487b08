//! Messages to users (通知): within the program, and besides by e-mail and webhook to who wants it.

use crate::desk::{to_enterprise, to_unit, to_user};
use crate::store::notices::{Audiences, Kept, Reach as Way};
use crate::telling;
use crate::{CaseError, Cases, Count, EventKind, Notice, sight, store};
use authority::{Action, Denial, Principal, Reach, Role, UserId};
use delivery::{Channel, Message};
use jiff::Timestamp;

/// Messages to one user told by another way in one go.
const TOLD_AT_ONCE: u32 = 100;
/// A number of two digits is all that a badge shows.
const UNREAD_MOST: u32 = 99;

impl Cases {
    /// Messages to a user, the newest first, those before the message `before`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn notifications(
        &self,
        user: UserId,
        before: Option<i64>,
        limit: u16,
    ) -> Result<Vec<Notice>, CaseError> {
        let Some(principal) = self.engine.authority.principal(user).await? else {
            return Ok(Vec::new());
        };
        let mark = store::notices::mark_of(&self.engine.store, user).await?;
        let range = (0, before.unwrap_or(i64::MAX));
        let limit = u32::from(limit.clamp(1, 500));
        let audiences = audiences(&principal);
        let kept =
            store::notices::to(&self.engine.store, user, &audiences, range, false, limit).await?;
        kept.into_iter().map(|kept| self.notice(kept, mark)).collect()
    }

    fn notice(&self, kept: Kept, mark: i64) -> Result<Notice, CaseError> {
        let kind = self.engine.kinds.of(kept.declaration)?;
        let entry = EventKind::parse(&kept.kind).unwrap_or(EventKind::Act);
        Ok(Notice {
            id: kept.id,
            at: kept.at,
            case: kept.case,
            number: kept.number,
            what: telling::what(kind, entry, &kept.about),
            kind: kept.kind,
            is_read: kept.is_read || kept.id <= mark,
        })
    }

    /// How many messages somebody has not read.
    pub(crate) async fn unread(&self, principal: &Principal) -> Result<Count, CaseError> {
        let Some(user) = principal.user else { return Ok(Count::default()) };
        let mark = store::notices::mark_of(&self.engine.store, user).await?;
        let audiences = audiences(principal);
        let found = store::notices::to(
            &self.engine.store,
            user,
            &audiences,
            (mark, i64::MAX),
            true,
            UNREAD_MOST + 1,
        )
        .await?
        .len() as u32;
        Ok(Count { number: found.min(UNREAD_MOST), is_more: found > UNREAD_MOST })
    }

    /// Notes that a user has read a message, or all up to now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn mark_read(
        &self,
        user: UserId,
        notice: Option<i64>,
        _now: Timestamp,
    ) -> Result<(), CaseError> {
        let mut transaction = self.engine.store.begin().await?;
        match notice {
            Some(notice) => store::notices::mark_one(&mut transaction, user, notice).await?,
            None => store::notices::mark_all(&mut transaction, user).await?,
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Sets by what way a user wants to be told besides: an e-mail address, an address of a
    /// webhook; none: not.
    ///
    /// # Errors
    /// When they are no user, an address makes no sense, or the store fails.
    pub async fn set_reach(
        &self,
        principal: &Principal,
        email: Option<&str>,
        webhook: Option<&str>,
        now: Timestamp,
    ) -> Result<(), CaseError> {
        let user = principal.user.ok_or(CaseError::Denied(Denial::NoRole))?;
        let given = |text: Option<&str>| {
            text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let (email, webhook) = (given(email), given(webhook));
        let is_address = |email: &String| {
            email.chars().count() <= 200
                && email.split_once('@').is_some_and(|(name, host)| {
                    !name.is_empty() && host.contains('.') && !host.contains('@')
                })
        };
        if email.as_ref().is_some_and(|email| !is_address(email)) {
            return Err(CaseError::input("邮箱地址不正确", "the e-mail address is none"));
        }
        if let Some(address) = &webhook {
            let checked = self.engine.outbox.check_webhook(address);
            checked.map_err(|problem| CaseError::Input(problem.text()))?;
        }
        let mut transaction = self.engine.store.begin().await?;
        let told_up_to = store::notices::last(&mut transaction).await?;
        let way = Way { user, email, webhook, told_up_to };
        store::notices::put_reach(&mut transaction, &way).await?;
        crate::recording::record_own(&mut transaction, principal, "case_reach.set", "", now)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// By what way a user wants to be told besides: e-mail, webhook.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reach(&self, user: UserId) -> Result<(Option<String>, Option<String>), CaseError> {
        let ways = store::notices::reaches(&self.engine.store).await?;
        let own = ways.into_iter().find(|way| way.user == user);
        Ok(own.map(|way| (way.email, way.webhook)).unwrap_or_default())
    }

    /// Writes e-mails and webhooks for messages that came since the last time.
    pub(crate) async fn tell_by_other_ways(&self, now: Timestamp) -> Result<(), CaseError> {
        let engine = &self.engine;
        let (mail, hook) =
            (engine.outbox.offers(Channel::Email), engine.outbox.offers(Channel::Webhook));
        if !mail && !hook {
            return Ok(());
        }
        for mut way in store::notices::reaches(&engine.store).await? {
            let Some(principal) = engine.authority.principal(way.user).await? else { continue };
            let range = (way.told_up_to, i64::MAX);
            let audiences = audiences(&principal);
            let kept =
                store::notices::to(&engine.store, way.user, &audiences, range, false, TOLD_AT_ONCE)
                    .await?;
            let Some(newest) = kept.first().map(|kept| kept.id) else { continue };
            let mut transaction = engine.store.begin().await?;
            for kept in kept.into_iter().rev() {
                let notice = self.notice(kept, 0)?;
                for message in messages(&way, &notice, (mail, hook)) {
                    engine.outbox.enqueue(&mut transaction, &message, now).await?;
                }
            }
            way.told_up_to = newest;
            store::notices::put_reach(&mut transaction, &way).await?;
            transaction.commit().await?;
            engine.outbox.wake();
        }
        Ok(())
    }
}

/// The messages that tell one notice: nothing personal is in them.
fn messages(way: &Way, notice: &Notice, (mail, hook): (bool, bool)) -> Vec<Message> {
    let key = |by: &str| format!("notice-{}-{by}-{}", notice.id, way.user.0);
    let mut messages = Vec::new();
    if let Some(to) = way.email.as_ref().filter(|_| mail) {
        messages.push(Message {
            channel: Channel::Email,
            to: to.clone(),
            subject: format!("{} {} / {}", notice.number, notice.what.zh, notice.what.en),
            body: format!(
                "{}:{}\n{}: {}\n",
                notice.number, notice.what.zh, notice.number, notice.what.en
            ),
            key: key("email"),
        });
    }
    if let Some(to) = way.webhook.as_ref().filter(|_| hook) {
        let body = serde_json::json!({ "notice": notice.id, "case": notice.number,
            "event": notice.kind, "at": notice.at.to_string(),
            "what": { "zh": notice.what.zh, "en": notice.what.en } });
        messages.push(Message {
            channel: Channel::Webhook,
            to: to.clone(),
            subject: format!("case.{}", notice.kind),
            body: body.to_string(),
            key: key("webhook"),
        });
    }
    messages
}

/// To which audiences somebody belongs.
fn audiences(principal: &Principal) -> Audiences {
    let mut audiences = Audiences::default();
    audiences.names.extend(principal.user.map(to_user));
    let reads = |role: Role| role.actions().contains(&Action::ReadCase);
    if principal
        .grants
        .iter()
        .any(|grant| reads(grant.role) && grant.role != Role::EnterpriseManager)
    {
        audiences.names.extend(principal.organisation.map(to_unit));
    }
    audiences.names.extend(sight::enterprises(principal).iter().map(|code| to_enterprise(code)));
    for grant in principal.grants.iter().filter(|grant| grant.role == Role::Leader) {
        match &grant.reach {
            Reach::Everything => audiences.leads_everything = true,
            Reach::Divisions(codes) => audiences.leads_divisions.extend(codes.iter().cloned()),
            Reach::Organisations(units) => {
                audiences.leads_units.extend(units.iter().map(|unit| unit.0));
            }
            Reach::Enterprise(_) => {}
        }
    }
    audiences
}
