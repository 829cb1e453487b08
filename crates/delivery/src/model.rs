//! What is sent: channels, messages, what became of them.

use jiff::Timestamp;

/// A way out of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// An e-mail over SMTP (电子邮件).
    Email,
    /// A signed POST of JSON to an address that a user chose.
    Webhook,
    /// A text message (短信) through the city's gateway.
    Sms,
    /// A signed POST of JSON to a partner of the configuration, such as the hotline 12345
    /// (数据交换).
    Exchange,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 4] = [Self::Email, Self::Webhook, Self::Sms, Self::Exchange];

    /// The word in the store, in JSON and in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Webhook => "webhook",
            Self::Sms => "sms",
            Self::Exchange => "exchange",
        }
    }

    /// The channel of a word, or `None`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == word)
    }

    /// What people call it, in Chinese and English.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Email => ("电子邮件", "e-mail"),
            Self::Webhook => ("网络回调", "webhook"),
            Self::Sms => ("短信", "text message"),
            Self::Exchange => ("数据交换", "exchange"),
        }
    }
}

/// Something to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// By which way.
    pub channel: Channel,
    /// To whom: an e-mail address, an address `https://…`, a phone number, or the name of a
    /// partner in the configuration.
    pub to: String,
    /// The subject of an e-mail; the kind of event (`case.opened`) of a webhook and an exchange,
    /// which the header `X-Lucid-Event` carries; unused in a text message.
    pub subject: String,
    /// Plain text of an e-mail or a text message; JSON of a webhook and an exchange.
    pub body: String,
    /// What makes it one: a message of a known key is not enqueued again. Receivers see it as
    /// `Idempotency-Key`, in an e-mail as part of `Message-ID`. In exchange, messages whose keys
    /// are the same up to the last `:` leave in order of writing.
    pub key: String,
}

impl Message {
    /// What this message leaves in order with: in exchange all whose keys are the same up to the
    /// last `:`, as those of one case are (`exchange:hotline:TS-2026-000001:7`). A message waits
    /// until those before it were taken or given up.
    pub(crate) fn series(&self) -> Option<&str> {
        let (series, _) = self.key.rsplit_once(':')?;
        (self.channel == Channel::Exchange).then_some(series)
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It will be sent, at once or again.
    Waiting,
    /// The other side has taken it.
    Sent,
    /// It was given up; somebody has to look at it.
    Dead,
    /// Somebody has looked at it and wants it no more.
    Discarded,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::Dead, Self::Discarded];

    /// The word in the store and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Dead => "dead",
            Self::Discarded => "discarded",
        }
    }

    /// The state of a word, or `None`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A message that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its number.
    pub id: i64,
    /// By which way.
    pub channel: Channel,
    /// To whom, in short: `z…@example.org`, `138…78`.
    pub to: String,
    /// The subject or the kind of event.
    pub subject: String,
    /// What makes it one.
    pub key: String,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it was given up.
    pub given_up_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// What the other side said last.
    pub answer: String,
}

/// One attempt to send a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// `sent`, `failed` (will be tried again) or `refused` (given up).
    pub outcome: String,
    /// What the other side said.
    pub answer: String,
}

/// How many messages of a channel are in which state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The channel.
    pub channel: Channel,
    /// Will be sent.
    pub waiting: u64,
    /// Were sent, as far back as the outbox remembers.
    pub sent: u64,
    /// Were given up.
    pub dead: u64,
    /// Since when the oldest waits.
    pub oldest_waiting: Option<Timestamp>,
}

/// What a round of sending did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Taken by the other side.
    pub sent: u32,
    /// To be tried again.
    pub failed: u32,
    /// Given up.
    pub dead: u32,
}
