//! The outbox (发件箱): what is to be told to the world is written in the transaction of the change
//! that it tells, and sent after the commit, at least once and under one key.
//!
//! E-mail over SMTP, webhooks, text messages through a gateway, exchange with partner systems.

mod address;
mod answer;
mod error;
mod mail;
mod model;
mod post;
mod recipient;
mod schedule;
mod settings;
pub mod signature;
mod store;
mod ways;
mod worker;

pub use address::AddressProblem;
pub use error::DeliveryError;
pub use model::{Attempt, Channel, Count, DeadLetter, Message, Round, State};
pub use settings::{Partner, Secret, Security, Settings, SmsGateway, Smtp};
pub use signature::SignatureProblem;

use ::store::{Store, Transaction};
use jiff::Timestamp;
use std::sync::Arc;
use tokio::sync::watch;
use ways::Ways;

/// The schema of this crate.
pub const MIGRATIONS: &[::store::Migration] = &[::store::Migration {
    version: 202_611_290_300,
    name: "outbox",
    sql: include_str!("migrations/202611290300_outbox.sql"),
}];

/// The outbox. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Outbox {
    store: Store,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    ways: Ways,
    /// Counts how often something was enqueued and committed.
    woken: watch::Sender<u64>,
}

impl Outbox {
    /// An outbox with its ways out.
    ///
    /// # Errors
    /// When a setting makes no sense.
    pub fn new(store: &Store, settings: Settings) -> Result<Self, DeliveryError> {
        let inner = Inner { ways: Ways::new(settings)?, woken: watch::Sender::new(0) };
        Ok(Self { store: store.clone(), inner: Arc::new(inner) })
    }

    /// Whether messages of this channel can leave: nobody need write any for one that is not
    /// configured.
    pub fn offers(&self, channel: Channel) -> bool {
        let settings = &self.inner.ways.settings;
        match channel {
            Channel::Email => settings.smtp.is_some(),
            Channel::Webhook => !settings.webhook_secret.is_empty(),
            Channel::Sms => settings.sms.is_some(),
            Channel::Exchange => !settings.partners.is_empty(),
        }
    }

    /// Writes a message within the caller's transaction and gives its number; a message whose key
    /// is known is left as it is. After the commit, [`Outbox::wake`] sends it without delay.
    ///
    /// # Errors
    /// When the body of a webhook or an exchange is no JSON, or the database refuses.
    pub async fn enqueue(
        &self,
        transaction: &mut Transaction,
        message: &Message,
        now: Timestamp,
    ) -> Result<i64, DeliveryError> {
        if matches!(message.channel, Channel::Webhook | Channel::Exchange) {
            serde_json::from_str::<serde_json::Value>(&message.body).map_err(|problem| {
                DeliveryError::Body(message.channel.as_str(), problem.to_string())
            })?;
        }
        store::insert(transaction, message, now).await
    }

    /// Says that something was enqueued and committed.
    pub fn wake(&self) {
        self.inner.woken.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Whether a webhook may go to this address, and if not, why: for whoever sets one.
    ///
    /// # Errors
    /// When the address is not one of `https://`, or leads into the house.
    pub fn check_webhook(&self, address: &str) -> Result<(), AddressProblem> {
        self.inner.ways.webhook(address).map(|_| ())
    }

    /// The partner of exchange with this name.
    pub fn partner(&self, name: &str) -> Option<&Partner> {
        self.inner.ways.partner(name)
    }

    /// Messages that were given up, the newest first, those before the number `before`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list_dead(
        &self,
        before: Option<i64>,
        limit: u16,
    ) -> Result<Vec<DeadLetter>, DeliveryError> {
        store::dead(&self.store, before.unwrap_or(i64::MAX), limit).await
    }

    /// The attempts to send a message, the oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn attempts(&self, id: i64) -> Result<Vec<Attempt>, DeliveryError> {
        store::attempts(&self.store, id).await
    }

    /// Gives a message that was given up another chance, within the transaction in which the
    /// caller writes down who wanted it. `false` when there is no such dead letter.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn retry(
        &self,
        transaction: &mut Transaction,
        id: i64,
        now: Timestamp,
    ) -> Result<bool, DeliveryError> {
        store::revive(transaction, id, now).await
    }

    /// Takes a message that was given up off the list, within the transaction in which the caller
    /// writes down who wanted it. `false` when there is no such dead letter.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn discard(
        &self,
        transaction: &mut Transaction,
        id: i64,
        now: Timestamp,
    ) -> Result<bool, DeliveryError> {
        store::discard(transaction, id, now).await
    }

    /// How many messages are where, by channel.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn counts(&self) -> Result<Vec<Count>, DeliveryError> {
        store::counts(&self.store).await
    }

    /// Notes the nonce of a partner's signed request within the transaction of what it does;
    /// `false` when it was used before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn is_new_nonce(
        &self,
        transaction: &mut Transaction,
        partner: &str,
        nonce: &str,
        now: Timestamp,
    ) -> Result<bool, DeliveryError> {
        store::insert_nonce(transaction, partner, nonce, now).await
    }
}
