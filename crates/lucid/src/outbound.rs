//! The ways out that the configuration opens: mail server, gateway of text messages, webhooks,
//! partners of exchange.

use std::path::Path;

use delivery::{Outbox, Partner, Secret, Security, SmsGateway, Smtp};
use store::Store;

use crate::configuration::{Settings, keys};
use crate::exit::Failure;

/// An outbox with the ways out that the configuration opens.
pub(crate) fn outbox(store: &Store, settings: &Settings) -> Result<Outbox, Failure> {
    Outbox::new(store, ways(settings)?).map_err(|error| {
        let cure = "`lucid config show --explain` says what each setting wants.";
        Failure::caused(error.code(), &error, cure)
    })
}

fn ways(settings: &Settings) -> Result<delivery::Settings, Failure> {
    let text = |key| settings.text(key).to_owned();
    let certificates = match settings.text(keys::CERTIFICATES) {
        "" => None,
        file => Some(read(keys::CERTIFICATES, Path::new(file))?),
    };
    let partners = match settings.text(keys::EXCHANGE_PARTNERS) {
        "" => Vec::new(),
        file => partners(&read(keys::EXCHANGE_PARTNERS, Path::new(file))?)
            .map_err(|what| wrong(keys::EXCHANGE_PARTNERS, &format!("{file}: {what}")))?,
    };
    let local = settings.text(keys::WEBHOOK_LOCAL);
    Ok(delivery::Settings {
        smtp: smtp(settings)?,
        sms: sms(settings)?,
        partners,
        own_name: text(keys::EXCHANGE_OWN_NAME),
        webhook_secret: Secret(text(keys::WEBHOOK_SECRET)),
        webhook_local: local.split_whitespace().map(str::to_owned).collect(),
        certificates,
        ..delivery::Settings::default()
    })
}

fn smtp(settings: &Settings) -> Result<Option<Smtp>, Failure> {
    let text = |key| settings.text(key).to_owned();
    if settings.text(keys::SMTP_HOST).is_empty() {
        return Ok(None);
    }
    if settings.text(keys::SMTP_FROM).is_empty() {
        return Err(wrong(
            keys::SMTP_FROM,
            "a mail server is named, but not whom letters are from",
        ));
    }
    let port = u16::try_from(settings.count(keys::SMTP_PORT)).unwrap_or_default();
    Ok(Some(Smtp {
        host: text(keys::SMTP_HOST),
        port: Some(port).filter(|port| *port > 0),
        user: text(keys::SMTP_USER),
        password: Secret(text(keys::SMTP_PASSWORD)),
        from: text(keys::SMTP_FROM),
        security: Security::parse(settings.text(keys::SMTP_SECURITY)).unwrap_or_default(),
    }))
}

fn sms(settings: &Settings) -> Result<Option<SmsGateway>, Failure> {
    let address = settings.text(keys::SMS_GATEWAY);
    if address.is_empty() {
        return Ok(None);
    }
    let secret = Secret(settings.text(keys::SMS_SECRET).to_owned());
    if secret.is_empty() {
        return Err(wrong(keys::SMS_SECRET, "a gateway is named, but no secret to sign with"));
    }
    Ok(Some(SmsGateway { address: address.to_owned(), secret }))
}

/// Letters and digits of a secret that nobody guesses.
const SECRET_LETTERS_MIN: usize = 16;

/// The partners of a file, or what is wrong with it.
fn partners(text: &str) -> Result<Vec<Partner>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let head = reader.headers().map_err(|problem| problem.to_string())?;
    if head != ["name", "address", "secret"].as_slice() {
        return Err("the first line has to be name,address,secret".into());
    }
    let mut found: Vec<Partner> = Vec::new();
    for line in reader.records() {
        let line = line.map_err(|problem| problem.to_string())?;
        let number = line.position().map_or(0, csv::Position::line);
        let cell = |index: usize| line.get(index).unwrap_or_default().to_owned();
        let partner = Partner { name: cell(0), address: cell(1), secret: Secret(cell(2)) };
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if partner.name.is_empty() || !partner.name.chars().all(is_word) {
            return Err(format!("line {number}: a name is letters, digits and hyphens"));
        }
        if found.iter().any(|other| other.name == partner.name) {
            return Err(format!("line {number}: {} is there twice", partner.name));
        }
        if partner.secret.0.chars().count() < SECRET_LETTERS_MIN {
            let least = SECRET_LETTERS_MIN;
            return Err(format!("line {number}: the secret is shorter than {least} characters"));
        }
        found.push(partner);
    }
    Ok(found)
}

fn read(key: &str, file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| {
        let what = format!("cannot read the file {} of {key}: {error}", file.display());
        Failure::of_environment(key, what, format!("Mend {key}, or leave it out."))
    })
}

fn wrong(key: &str, what: &str) -> Failure {
    let cure = format!("Set {key}; `lucid config show --explain` says what it wants.");
    Failure::of_environment(key, what, cure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Given;
    use delivery::Channel;

    fn settings(values: &[(&'static str, &str)]) -> Settings {
        let values = values.iter().map(|(key, text)| (*key, "--test", (*text).to_owned()));
        let given = Given { values: values.collect(), ..Given::default() };
        Settings::load(&given).expect("settings")
    }

    #[tokio::test]
    async fn nothing_leaves_unless_it_is_configured() {
        let test = testkit::sqlite(&[]).await;
        let none = outbox(&test.store, &settings(&[])).expect("an outbox");
        assert!(Channel::ALL.into_iter().all(|channel| !none.offers(channel)));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("partners.csv");
        std::fs::write(&file, "name,address,secret\nhotline,http://10.0.0.9/in,0123456789abcdef\n")
            .expect("it is written");
        let all = outbox(
            &test.store,
            &settings(&[
                (keys::SMTP_HOST, "mail.example"),
                (keys::SMTP_FROM, "局 <lucid@example.org>"),
                (keys::SMS_GATEWAY, "http://10.0.0.7/sms"),
                (keys::SMS_SECRET, "x"),
                (keys::WEBHOOK_SECRET, "x"),
                (keys::WEBHOOK_LOCAL, "http://10.0.0.5:8080 http://10.0.0.6"),
                (keys::EXCHANGE_PARTNERS, &file.display().to_string()),
            ]),
        )
        .expect("an outbox");
        assert!(Channel::ALL.into_iter().all(|channel| all.offers(channel)));
        assert_eq!(all.partner("hotline").expect("a partner").address, "http://10.0.0.9/in");
        assert_eq!(all.check_webhook("http://10.0.0.6/hook"), Ok(()));
    }

    #[tokio::test]
    async fn what_is_wrong_is_said_by_the_name_of_its_setting() {
        let test = testkit::sqlite(&[]).await;
        for (values, code) in [
            (vec![(keys::SMTP_HOST, "mail.example")], keys::SMTP_FROM),
            (vec![(keys::SMS_GATEWAY, "http://10.0.0.7")], keys::SMS_SECRET),
            (vec![(keys::EXCHANGE_PARTNERS, "/nowhere.csv")], keys::EXCHANGE_PARTNERS),
            (vec![(keys::CERTIFICATES, "/nowhere.pem")], keys::CERTIFICATES),
            (vec![(keys::WEBHOOK_LOCAL, "words")], "delivery.setting"),
        ] {
            let problem = outbox(&test.store, &settings(&values)).expect_err(code);
            assert_eq!(problem.code, code);
        }
    }

    #[test]
    fn partners_are_checked_line_by_line() {
        let found = |lines: &str| partners(&format!("name,address,secret\n{lines}"));
        let secret = "0123456789abcdef";
        let two = format!("# both\na, http://10.0.0.9/in ,{secret}\nb,,{secret}\n");
        assert_eq!(found(&two).expect("partners")[0].address, "http://10.0.0.9/in");
        for (lines, what) in [
            (format!("a b,,{secret}"), "line 2: a name"),
            (format!("a,,{secret}\na,,{secret}"), "line 3: a is there twice"),
            ("a,,short".to_owned(), "line 2: the secret"),
            ("a,".to_owned(), "found record with 2 fields"),
        ] {
            let said = found(&lines).expect_err(&lines);
            assert!(said.contains(what), "{said}");
        }
        assert!(partners("name,secret\n").expect_err("columns").contains("first line"));
    }
}
