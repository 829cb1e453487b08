//! The ways out together: which one a message takes, and what is said there.

use crate::address::{Target, parse};
use crate::answer::Answer;
use crate::mail::{Letter, Mailer};
use crate::post::{Post, Poster};
use crate::{AddressProblem, Channel, DeliveryError, Partner, Settings};
use jiff::Timestamp;
use std::time::Duration;
use ureq::http::Uri;

/// A message that is being sent.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) id: i64,
    pub(crate) key: String,
    pub(crate) channel: Channel,
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) body: String,
    /// Which attempt this is, counted from one.
    pub(crate) attempt: u32,
}

/// The ways that the settings open.
#[derive(Debug)]
pub(crate) struct Ways {
    pub(crate) settings: Settings,
    pub(crate) patience: Duration,
    local: Vec<Uri>,
    mailer: Option<Mailer>,
    poster: Poster,
    sms: Option<Target>,
}

impl Ways {
    pub(crate) fn new(settings: Settings) -> Result<Self, DeliveryError> {
        let patience = settings.patience.unsigned_abs();
        let certificates = settings.certificates.as_deref();
        let mailer = settings.smtp.as_ref();
        let mailer = mailer.map(|smtp| Mailer::new(smtp, patience, certificates)).transpose()?;
        let wrong = |key: &'static str, address: &str| {
            let place = address.to_owned();
            move |problem: AddressProblem| DeliveryError::Setting {
                key,
                why: format!("{place}: {problem}"),
            }
        };
        let local = settings.webhook_local.iter();
        let local = local.map(|one| parse(one).map_err(wrong("webhook.local", one)));
        let local = local.collect::<Result<_, _>>()?;
        let sms = settings.sms.as_ref().map(|gateway| {
            Target::configured(&gateway.address).map_err(wrong("sms.gateway", &gateway.address))
        });
        for partner in &settings.partners {
            check(partner).map_err(wrong("exchange.partners", &partner.address))?;
        }
        let poster = Poster::new(patience, certificates)?;
        Ok(Self { patience, local, mailer, poster, sms: sms.transpose()?, settings })
    }

    pub(crate) fn partner(&self, name: &str) -> Option<&Partner> {
        self.settings.partners.iter().find(|partner| partner.name == name)
    }

    /// Where a user's webhook goes.
    pub(crate) fn webhook(&self, address: &str) -> Result<Target, AddressProblem> {
        Target::of_user(address, &self.local)
    }

    /// Sends a message and waits for the answer, not for ever.
    pub(crate) async fn send(&self, outgoing: &Outgoing, now: Timestamp) -> Answer {
        // The parts of a conversation each have their patience; all together have twice as much.
        let sending = self.send_by_its_way(outgoing, now);
        tokio::time::timeout(self.patience * 2, sending)
            .await
            .unwrap_or_else(|_| Answer::Failed("the other side takes too long".into(), None))
    }

    async fn send_by_its_way(&self, outgoing: &Outgoing, now: Timestamp) -> Answer {
        if outgoing.channel == Channel::Email {
            let Some(mailer) = &self.mailer else { return unconfigured("smtp.host") };
            let letter = Letter {
                to: &outgoing.to,
                subject: &outgoing.subject,
                text: &outgoing.body,
                key: &outgoing.key,
            };
            return mailer.send(letter, now).await;
        }
        match self.post(outgoing) {
            Ok(post) => {
                let poster = self.poster.clone();
                let posting = tokio::task::spawn_blocking(move || poster.post(&post, now));
                posting.await.unwrap_or_else(|_| Answer::Failed("it was stopped".into(), None))
            }
            Err(answer) => answer,
        }
    }

    fn post(&self, outgoing: &Outgoing) -> Result<Post, Answer> {
        let (target, secret, body) = match outgoing.channel {
            Channel::Email => return Err(unconfigured("smtp.host")),
            Channel::Webhook => {
                let secret = &self.settings.webhook_secret;
                if secret.is_empty() {
                    return Err(unconfigured("webhook.secret"));
                }
                let target = self.webhook(&outgoing.to);
                let target = target.map_err(|problem| Answer::Refused(problem.to_string()))?;
                (target, secret, outgoing.body.clone())
            }
            Channel::Sms => {
                let (Some(target), Some(gateway)) = (&self.sms, &self.settings.sms) else {
                    return Err(unconfigured("sms.gateway"));
                };
                let body = serde_json::json!({
                    "key": outgoing.key, "to": outgoing.to, "text": outgoing.body,
                });
                (target.clone(), &gateway.secret, body.to_string())
            }
            Channel::Exchange => {
                let partner = self.partner(&outgoing.to).filter(|one| !one.address.is_empty());
                let partner = partner.ok_or_else(|| unconfigured("exchange.partners"))?;
                let target = Target::configured(&partner.address);
                let target = target.map_err(|problem| Answer::Refused(problem.to_string()))?;
                (target, &partner.secret, outgoing.body.clone())
            }
        };
        Ok(Post {
            target,
            secret: secret.0.clone().into_bytes(),
            own_name: self.settings.own_name.clone(),
            key: outgoing.key.clone(),
            event: outgoing.subject.clone(),
            body,
        })
    }
}

/// A partner has a secret, and an address that is one, or none.
fn check(partner: &Partner) -> Result<(), AddressProblem> {
    if partner.address.is_empty() { Ok(()) } else { parse(&partner.address).map(|_| ()) }
}

/// Given up at once: the message waits for a setting, not for time.
fn unconfigured(key: &str) -> Answer {
    Answer::Refused(format!("this way out is not configured: set {key}, then send it again"))
}
