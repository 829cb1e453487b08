//! E-mail over SMTP.

use crate::answer::{Answer, chain};
use crate::{DeliveryError, Security, Smtp};
use jiff::Timestamp;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use sha2::{Digest as _, Sha256};
use std::time::{Duration, SystemTime};

/// Says that no person wrote the letter, so that no machine answers it (RFC 3834).
#[derive(Clone, Debug)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// Sends letters. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// A letter.
#[derive(Debug)]
pub(crate) struct Letter<'a> {
    pub(crate) to: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) text: &'a str,
    pub(crate) key: &'a str,
}

impl Mailer {
    /// A way to the mail server. Believes these root certificates, or the well-known ones.
    pub(crate) fn new(
        smtp: &Smtp,
        patience: Duration,
        certificates: Option<&str>,
    ) -> Result<Self, DeliveryError> {
        let from: Mailbox = smtp.from.parse().map_err(|problem| DeliveryError::Setting {
            key: "smtp.from",
            why: format!("{problem}; write it as NAME <name@example.org>"),
        })?;
        let (tls, port) = match smtp.security {
            Security::StartTls => (Tls::Required(parameters(smtp, certificates)?), 587),
            Security::Tls => (Tls::Wrapper(parameters(smtp, certificates)?), 465),
            Security::Plain => (Tls::None, 25),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
            .port(smtp.port.unwrap_or(port))
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .timeout(Some(patience))
            .tls(tls);
        if !smtp.user.is_empty() {
            let password = smtp.password.0.clone();
            builder = builder.credentials(Credentials::new(smtp.user.clone(), password));
        }
        Ok(Self { transport: builder.build(), from })
    }

    /// Sends a letter and waits for the server's answer.
    pub(crate) async fn send(&self, letter: Letter<'_>, now: Timestamp) -> Answer {
        let Ok(to) = letter.to.trim().parse::<Address>() else {
            return Answer::Refused("the recipient is no e-mail address".into());
        };
        let id = base16ct::lower::encode_string(&Sha256::digest(letter.key.as_bytes())[..16]);
        let message = MessageBuilder::new()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject)
            .date(date(now))
            // The same at each attempt: mailboxes know a letter that came twice.
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.to_owned());
        let message = match message {
            Ok(message) => message,
            Err(problem) => return Answer::Refused(chain(&problem)),
        };
        match self.transport.send(message).await {
            Ok(answer) => {
                let said: Vec<&str> = answer.message().collect();
                Answer::Taken(format!("{} {}", answer.code(), said.join(" ")))
            }
            Err(problem) if is_final(&problem) => Answer::Refused(chain(&problem)),
            Err(problem) => Answer::Failed(chain(&problem), None),
        }
    }
}

/// The time as the library wants it.
fn date(now: Timestamp) -> SystemTime {
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// Whether the server says that there is no such mailbox (RFC 5321, 4.2.3). Other refusals are
/// matters of accounts and settings, which somebody mends.
fn is_final(problem: &lettre::transport::smtp::Error) -> bool {
    problem.is_permanent()
        && problem.status().is_some_and(|code| [550, 551, 553].contains(&u16::from(code)))
}

fn parameters(smtp: &Smtp, certificates: Option<&str>) -> Result<TlsParameters, DeliveryError> {
    let wrong = |problem: lettre::transport::smtp::Error| DeliveryError::Setting {
        key: "delivery.certificates",
        why: chain(&problem),
    };
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(text) = certificates {
        let roots = Certificate::from_pem(text.as_bytes()).map_err(wrong)?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(roots);
    }
    builder.build().map_err(wrong)
}
