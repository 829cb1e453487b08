//! What an installation says about its ways out.

use jiff::SignedDuration;
use std::fmt;

/// A text that is not shown where settings are printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(pub String);

impl Secret {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.is_empty() { "none" } else { "…" })
    }
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Security {
    /// TLS is asked for on a plain connection, and nothing is sent without it (port 587).
    #[default]
    StartTls,
    /// TLS from the first byte (port 465).
    Tls,
    /// None: a server on the same machine or in the same rack (port 25).
    Plain,
}

impl Security {
    /// The words of the configuration.
    pub const WORDS: &'static [&'static str] = &["starttls", "tls", "none"];

    /// The protection of a word, or `None`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "starttls" => Some(Self::StartTls),
            "tls" => Some(Self::Tls),
            "none" => Some(Self::Plain),
            _ => None,
        }
    }
}

/// The mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port; `None`: the usual one of the protection.
    pub port: Option<u16>,
    /// The account there; empty: none.
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// Whom letters are from, `漳州市生态环境局 <lucid@example.org>`.
    pub from: String,
    /// How the connection is protected.
    pub security: Security,
}

/// The gateway that sends text messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsGateway {
    /// Where it takes them.
    pub address: String,
    /// What requests are signed with.
    pub secret: Secret,
}

/// A system with which cases are exchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Its name here: what [`crate::Message::to`] says, and what it says of itself when it calls.
    pub name: String,
    /// Where it takes messages; empty: it only calls.
    pub address: String,
    /// What requests are signed with, both ways.
    pub secret: Secret,
}

/// What an installation says about its ways out.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The mail server; `None`: no e-mail.
    pub smtp: Option<Smtp>,
    /// The gateway of text messages; `None`: none.
    pub sms: Option<SmsGateway>,
    /// The partners of exchange.
    pub partners: Vec<Partner>,
    /// The name under which partners and receivers know this installation.
    pub own_name: String,
    /// What webhooks are signed with; empty: no webhooks.
    pub webhook_secret: Secret,
    /// Addresses (`http://10.0.0.5:8080`) within the house to which webhooks may go.
    pub webhook_local: Vec<String>,
    /// A file of root certificates (PEM) to believe in place of the well-known ones, as text.
    pub certificates: Option<String>,
    /// How long the other side may take.
    pub patience: SignedDuration,
    /// After how many attempts a message is given up.
    pub attempts_max: u32,
    /// How long it is remembered that a message was sent.
    pub remember: SignedDuration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            smtp: None,
            sms: None,
            partners: Vec::new(),
            own_name: "lucid".into(),
            webhook_secret: Secret::default(),
            webhook_local: Vec::new(),
            certificates: None,
            patience: SignedDuration::from_secs(15),
            attempts_max: 23,
            remember: SignedDuration::from_hours(24 * 90),
        }
    }
}
