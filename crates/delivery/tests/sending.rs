//! Messages from the transaction that writes them to the other side that takes them, on both
//! databases and over real sockets.

mod fixture;

use delivery::{
    Channel, DeliveryError, MIGRATIONS, Message, Outbox, Partner, Round, Secret, Security,
    Settings, SmsGateway, Smtp,
};
use fixture::{HttpServer, MailRules, MailServer, Reply, after, certificate, start};
use jiff::{SignedDuration, Timestamp};
use sqlx::Row as _;
use std::collections::BTreeMap;
use store::Store;
use tokio::sync::watch;

const SECRET: &str = "a secret of both sides";

fn message(channel: Channel, to: &str, key: &str) -> Message {
    let body = match channel {
        Channel::Email | Channel::Sms => "您的投诉已受理。".to_owned(),
        Channel::Webhook | Channel::Exchange => r#"{"case":"TS-2026-000001"}"#.to_owned(),
    };
    Message { channel, to: to.into(), subject: "case.opened".into(), body, key: key.into() }
}

fn webhooks(server: &HttpServer) -> Settings {
    Settings {
        webhook_secret: Secret(SECRET.into()),
        webhook_local: vec![server.origin()],
        patience: SignedDuration::from_secs(5),
        ..Settings::default()
    }
}

fn smtp(port: u16, security: Security) -> Smtp {
    Smtp {
        host: "localhost".into(),
        port: Some(port),
        user: String::new(),
        password: Secret::default(),
        from: "漳州市生态环境局 <lucid@example.org>".into(),
        security,
    }
}

fn opened(store: &Store, settings: Settings) -> Outbox {
    Outbox::new(store, settings).expect("settings that make sense")
}

async fn enqueue(store: &Store, outbox: &Outbox, message: &Message, now: Timestamp) -> i64 {
    let mut transaction = store.begin().await.expect("a transaction");
    let id = outbox.enqueue(&mut transaction, message, now).await.expect("it is enqueued");
    transaction.commit().await.expect("a commit");
    id
}

async fn deliver(outbox: &Outbox, now: Timestamp) -> (u32, u32, u32) {
    let Round { sent, failed, dead } = outbox.deliver_due(now).await.expect("a round");
    (sent, failed, dead)
}

#[tokio::test]
async fn a_message_leaves_with_the_commit_and_once_a_key() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let mut server = HttpServer::start().await;
        let outbox = opened(&store, webhooks(&server));
        let one = message(Channel::Webhook, &server.origin(), "case-1-opened");
        let mut transaction = store.begin().await.expect("a transaction");
        outbox.enqueue(&mut transaction, &one, start()).await.expect("it is enqueued");
        transaction.rollback().await.expect("it goes back");
        assert_eq!(deliver(&outbox, start()).await, (0, 0, 0));
        let id = enqueue(&store, &outbox, &one, start()).await;
        assert_eq!(enqueue(&store, &outbox, &one, start()).await, id);
        assert_eq!(deliver(&outbox, start()).await, (1, 0, 0));
        assert_eq!(enqueue(&store, &outbox, &one, after(60)).await, id, "known although sent");
        assert_eq!(deliver(&outbox, after(60)).await, (0, 0, 0));
        assert_eq!(server.so_far().len(), 1);
        let words = Message { body: "no JSON".into(), key: "other".into(), ..one };
        let mut transaction = store.begin().await.expect("a transaction");
        let refused = outbox.enqueue(&mut transaction, &words, start()).await;
        assert!(matches!(refused, Err(DeliveryError::Body("webhook", _))));
    })
    .await;
}

#[tokio::test]
async fn a_webhook_is_signed_and_tried_again_under_its_key() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let mut server = HttpServer::start().await;
        server.will(&[Reply::Status(500, ""), Reply::Status(429, "Retry-After: 600\r\n")]);
        let outbox = opened(&store, webhooks(&server));
        let to = format!("{}/hook?x=1", server.origin());
        let one = message(Channel::Webhook, &to, "case-1 受理");
        let id = enqueue(&store, &outbox, &one, start()).await;
        assert_eq!(deliver(&outbox, start()).await, (0, 1, 0));
        assert_eq!(deliver(&outbox, after(9)).await, (0, 0, 0), "not before ten seconds");
        assert_eq!(deliver(&outbox, after(13)).await, (0, 1, 0));
        assert_eq!(deliver(&outbox, after(600)).await, (0, 0, 0), "as long as was asked");
        assert_eq!(deliver(&outbox, after(613)).await, (1, 0, 0));
        let got = server.so_far();
        for (request, at) in got.iter().zip([0, 13, 613]) {
            assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/hook?x=1"));
            assert_eq!(request.body, one.body);
            assert_eq!(request.header("Content-Type"), "application/json");
            assert_eq!(request.header("Idempotency-Key"), "case-1%20%E5%8F%97%E7%90%86");
            assert_eq!(request.header("X-Lucid-Event"), "case.opened");
            assert_eq!(request.header("X-Lucid-Partner"), "lucid");
            assert!(request.is_signed(SECRET, after(at)));
            assert!(!request.is_signed("another", after(at)));
        }
        let mut nonces: Vec<_> = got.iter().map(|one| one.header("X-Lucid-Nonce")).collect();
        nonces.sort_unstable();
        nonces.dedup();
        assert_eq!(nonces.len(), 3, "a nonce is used once");
        let attempts = outbox.attempts(id).await.expect("the log");
        let seen: Vec<_> =
            attempts.iter().map(|one| (one.outcome.as_str(), one.answer.as_str())).collect();
        assert_eq!(seen, [("failed", "500 well"), ("failed", "429 well"), ("sent", "200 well")]);
        assert_eq!(attempts[2].at, after(613));
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_or_fails_too_often_is_a_dead_letter_that_can_be_sent_again() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let mut server = HttpServer::start().await;
        server.will(&[Reply::Status(404, ""), Reply::Status(503, ""), Reply::Status(503, "")]);
        let outbox = opened(&store, Settings { attempts_max: 2, ..webhooks(&server) });
        let to = format!("{}/hook?key=hidden", server.origin());
        let gone = enqueue(&store, &outbox, &message(Channel::Webhook, &to, "gone"), start()).await;
        assert_eq!(deliver(&outbox, start()).await, (0, 0, 1), "nobody is there");
        let busy = enqueue(&store, &outbox, &message(Channel::Webhook, &to, "busy"), start()).await;
        assert_eq!(deliver(&outbox, start()).await, (0, 1, 0));
        assert_eq!(deliver(&outbox, after(3600)).await, (0, 0, 1), "twice is enough");
        let dead = outbox.list_dead(None, 10).await.expect("the list");
        let seen: Vec<_> =
            dead.iter().map(|one| (one.id, one.attempts, one.answer.as_str())).collect();
        assert_eq!(seen, [(busy, 2, "503 well"), (gone, 1, "404 well")]);
        assert_eq!(dead[0].to, format!("{}/…", server.origin()), "what may be secret is not told");
        assert_eq!((dead[0].created_at, dead[0].given_up_at), (start(), after(3600)));
        assert_eq!(outbox.list_dead(Some(busy), 10).await.expect("the list").len(), 1);

        let mut transaction = store.begin().await.expect("a transaction");
        assert!(outbox.retry(&mut transaction, busy, after(7200)).await.expect("it works"));
        assert!(outbox.discard(&mut transaction, gone, after(7200)).await.expect("it works"));
        for other in [busy, gone, 999] {
            assert!(!outbox.retry(&mut transaction, other, after(7200)).await.expect("it works"));
            assert!(!outbox.discard(&mut transaction, other, after(7200)).await.expect("it works"));
        }
        transaction.commit().await.expect("a commit");
        let counts = outbox.counts().await.expect("counts");
        let webhook = counts.iter().find(|one| one.channel == Channel::Webhook).expect("a count");
        assert_eq!((webhook.waiting, webhook.sent, webhook.dead), (1, 0, 0));
        assert_eq!(webhook.oldest_waiting, Some(start()));
        assert_eq!(deliver(&outbox, after(7200)).await, (1, 0, 0));
        assert!(outbox.list_dead(None, 10).await.expect("the list").is_empty());
        assert_eq!(server.so_far().len(), 4);
    })
    .await;
}

#[tokio::test]
async fn whoever_dies_between_sending_and_noting_sends_again_under_the_same_key() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let mut server = HttpServer::start().await;
        server.will(&[Reply::Silence]);
        let outbox = opened(&store, webhooks(&server));
        let one = message(Channel::Webhook, &server.origin(), "once-or-twice");
        enqueue(&store, &outbox, &one, start()).await;
        let dying = tokio::spawn({
            let outbox = outbox.clone();
            async move { outbox.deliver_due(start()).await.map(|_| ()) }
        });
        let first = server.next().await;
        dying.abort();
        assert!(dying.await.expect_err("it was stopped").is_cancelled());
        let reborn = opened(&store, webhooks(&server));
        assert_eq!(deliver(&reborn, after(14)).await, (0, 0, 0), "the claim holds for a while");
        assert_eq!(deliver(&reborn, after(16)).await, (1, 0, 0));
        let second = server.next().await;
        let same = |name| (first.header(name).to_owned(), second.header(name).to_owned());
        assert_eq!(same("Idempotency-Key"), ("once-or-twice".into(), "once-or-twice".into()));
        assert_eq!(first.body, second.body);
        assert_eq!(deliver(&reborn, after(9999)).await, (0, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn redirects_are_not_followed_and_silence_is_not_waited_for() {
    let test = testkit::sqlite(MIGRATIONS).await;
    let server = HttpServer::start().await;
    server.will(&[Reply::Status(302, "Location: http://127.0.0.1:1/secret\r\n")]);
    let outbox = opened(&test.store, webhooks(&server));
    let one = message(Channel::Webhook, &server.origin(), "redirected");
    enqueue(&test.store, &outbox, &one, start()).await;
    assert_eq!(deliver(&outbox, start()).await, (0, 0, 1));
    assert_eq!(outbox.list_dead(None, 10).await.expect("the list")[0].answer, "302 well");
    server.will(&[Reply::Silence]);
    let patience = SignedDuration::from_millis(500);
    let outbox = opened(&test.store, Settings { patience, ..webhooks(&server) });
    let one = message(Channel::Webhook, &server.origin(), "silent");
    enqueue(&test.store, &outbox, &one, start()).await;
    assert_eq!(deliver(&outbox, start()).await, (0, 1, 0));
}

#[tokio::test]
async fn a_webhook_of_a_user_goes_nowhere_into_the_house() {
    let test = testkit::sqlite(MIGRATIONS).await;
    let mut server = HttpServer::start().await;
    let settings = Settings { webhook_local: Vec::new(), ..webhooks(&server) };
    let outbox = opened(&test.store, settings);
    let port = server.address.port();
    for (index, (address, code)) in [
        (format!("http://127.0.0.1:{port}/"), "delivery.address_https"),
        (format!("https://127.0.0.1:{port}/"), "delivery.address_local"),
        (format!("https://localhost:{port}/"), "delivery.address_local"),
        ("words".into(), "delivery.address_form"),
    ]
    .into_iter()
    .enumerate()
    {
        let problem = outbox.check_webhook(&address).expect_err(&address);
        assert_eq!(problem.code(), code, "{address}");
        assert!(!problem.text().zh.is_empty());
        // Whoever writes it without asking gets no further.
        let one = message(Channel::Webhook, &address, &index.to_string());
        enqueue(&test.store, &outbox, &one, start()).await;
        assert_eq!(deliver(&outbox, start()).await, (0, 0, 1), "{address}");
    }
    assert!(server.so_far().is_empty());
    assert_eq!(outbox.check_webhook("https://example.org/hook"), Ok(()));
}

#[tokio::test]
async fn text_messages_and_exchange_go_where_the_configuration_says() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let mut server = HttpServer::start().await;
        let sms =
            SmsGateway { address: format!("{}/sms", server.origin()), secret: Secret("s".into()) };
        let partner = Partner {
            name: "hotline".into(),
            address: format!("{}/in", server.origin()),
            secret: Secret("p".into()),
        };
        let settings = Settings {
            sms: Some(sms),
            partners: vec![partner],
            own_name: "zhangzhou".into(),
            ..Settings::default()
        };
        let outbox = opened(&store, settings);
        assert_eq!(outbox.partner("hotline").map(|one| one.secret.0.as_str()), Some("p"));
        for one in [
            message(Channel::Sms, "13812345678", "k1"),
            message(Channel::Exchange, "hotline", "k2"),
        ] {
            enqueue(&store, &outbox, &one, start()).await;
            assert_eq!(deliver(&outbox, start()).await, (1, 0, 0), "{one:?}");
        }
        let got = server.so_far();
        assert_eq!((got[0].path.as_str(), got[1].path.as_str()), ("/sms", "/in"));
        assert_eq!(got[0].body, r#"{"key":"k1","text":"您的投诉已受理。","to":"13812345678"}"#);
        assert!(got[0].is_signed("s", start()) && got[1].is_signed("p", start()));
        assert_eq!(got[1].header("X-Lucid-Partner"), "zhangzhou");
        let stranger = message(Channel::Exchange, "stranger", "k3");
        enqueue(&store, &outbox, &stranger, start()).await;
        assert_eq!(deliver(&outbox, start()).await, (0, 0, 1));
    })
    .await;
}

#[tokio::test]
async fn what_is_exchanged_about_a_case_leaves_in_order() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let mut server = HttpServer::start().await;
        server.will(&[Reply::Status(503, ""), Reply::Status(200, ""), Reply::Status(404, "")]);
        let partner = Partner {
            name: "hotline".into(),
            address: server.origin(),
            secret: Secret("p".into()),
        };
        let outbox = opened(&store, Settings { partners: vec![partner], ..Settings::default() });
        let keys = ["x:1:1", "x:2:1", "x:1:2", "x:1:3"];
        for key in &keys[..2] {
            let one = message(Channel::Exchange, "hotline", key);
            enqueue(&store, &outbox, &one, start()).await;
            let round = deliver(&outbox, start()).await;
            assert_eq!(round, if *key == "x:1:1" { (0, 1, 0) } else { (1, 0, 0) });
        }
        for key in &keys[2..] {
            enqueue(&store, &outbox, &message(Channel::Exchange, "hotline", key), start()).await;
        }
        assert_eq!(deliver(&outbox, after(9)).await, (0, 0, 0), "they wait for the first");
        assert_eq!(
            deliver(&outbox, after(60)).await,
            (2, 0, 1),
            "and no longer once it is given up"
        );
        let got = server.so_far();
        let seen: Vec<_> = got.iter().map(|one| one.header("Idempotency-Key")).collect();
        assert_eq!(seen, ["x:1:1", "x:2:1", "x:1:1", "x:1:2", "x:1:3"]);
    })
    .await;
}

#[tokio::test]
async fn a_way_that_is_not_configured_is_said_and_the_message_can_leave_later() {
    let test = testkit::sqlite(MIGRATIONS).await;
    let none = opened(&test.store, Settings::default());
    let mut ids = Vec::new();
    for (channel, to, key) in [
        (Channel::Email, "a@example.org", "smtp.host"),
        (Channel::Webhook, "https://example.org/", "webhook.secret"),
        (Channel::Sms, "13812345678", "sms.gateway"),
        (Channel::Exchange, "hotline", "exchange.partners"),
    ] {
        assert!(!none.offers(channel));
        ids.push(enqueue(&test.store, &none, &message(channel, to, key), start()).await);
        assert_eq!(deliver(&none, start()).await, (0, 0, 1), "{channel:?}");
        let dead = none.list_dead(None, 1).await.expect("the list");
        assert!(dead[0].answer.contains(key), "{:?}", dead[0]);
    }
    let mut server = MailServer::start(MailRules::default()).await;
    let smtp = Some(smtp(server.port, Security::Plain));
    let outbox = opened(&test.store, Settings { smtp, ..Settings::default() });
    assert!(outbox.offers(Channel::Email));
    let mut transaction = test.store.begin().await.expect("a transaction");
    assert!(outbox.retry(&mut transaction, ids[0], after(60)).await.expect("it works"));
    transaction.commit().await.expect("a commit");
    assert_eq!(deliver(&outbox, after(60)).await, (1, 0, 0));
    assert_eq!(server.so_far().len(), 1);
}

#[tokio::test]
async fn an_e_mail_is_a_letter_that_no_machine_answers() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let mut server = MailServer::start(MailRules::default()).await;
        let smtp = Some(smtp(server.port, Security::Plain));
        let outbox = opened(&store, Settings { smtp, ..Settings::default() });
        let one = Message {
            subject: "投诉 TS-2026-000001 已受理\r\nBcc: all@example.org".into(),
            body: "您好:\n您的投诉已受理。\n.\n漳州市生态环境局".into(),
            ..message(Channel::Email, "zhang.san@example.org", "k1")
        };
        let id = enqueue(&store, &outbox, &one, start()).await;
        assert_eq!(deliver(&outbox, start()).await, (1, 0, 0));
        let letters = server.so_far();
        let letter = &letters[0];
        assert_eq!(letter.from, "FROM:<lucid@example.org>");
        assert_eq!(letter.to, "TO:<zhang.san@example.org>");
        assert!(letter.header("From").ends_with("<lucid@example.org>"), "{}", letter.text);
        assert_eq!(letter.header("Bcc"), "", "a subject is a subject: {}", letter.text);
        assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
        assert_eq!(letter.header("Date"), "Fri, 15 Jan 2027 08:00:00 +0000");
        assert_eq!(letter.header("Content-Type"), "text/plain; charset=utf-8");
        assert!(letter.header("Message-ID").ends_with("@example.org>"));
        assert_eq!(letter.body().replace("\r\n", "\n"), one.body);
        let attempts = outbox.attempts(id).await.expect("the log");
        assert_eq!(attempts[0].answer, "250 2.0.0 taken as 77");
    })
    .await;
}

#[tokio::test]
async fn a_mailbox_that_is_not_there_is_final_and_an_account_is_mended() {
    let test = testkit::sqlite(MIGRATIONS).await;
    let refuses = BTreeMap::from([("gone", "550 5.1.1 nobody"), ("full", "452 4.2.2 full")]);
    let mut server = MailServer::start(MailRules { refuses, ..MailRules::default() }).await;
    let own = smtp(server.port, Security::Plain);
    let outbox = opened(&test.store, Settings { smtp: Some(own.clone()), ..Settings::default() });
    for (to, ends) in [
        ("gone@example.org", (0, 0, 1)),
        ("full@example.org", (0, 1, 0)),
        ("no address", (0, 0, 1)),
        ("a@example.org>\r\nRCPT TO:<b@example.org", (0, 0, 1)),
    ] {
        enqueue(&test.store, &outbox, &message(Channel::Email, to, to), start()).await;
        assert_eq!(deliver(&outbox, start()).await, ends, "{to}");
    }
    assert!(server.so_far().is_empty());

    let rules = MailRules { no_accounts: true, ..MailRules::default() };
    let strict = MailServer::start(rules).await;
    let user = Smtp { user: "lucid".into(), password: Secret("x".into()), ..own };
    let smtp = Some(Smtp { port: Some(strict.port), ..user });
    let outbox = opened(&test.store, Settings { smtp, ..Settings::default() });
    let one = message(Channel::Email, "a@example.org", "account");
    let id = enqueue(&test.store, &outbox, &one, start()).await;
    assert_eq!(deliver(&outbox, start()).await, (0, 1, 0), "a wrong account is mended by somebody");
    let attempts = outbox.attempts(id).await.expect("the log");
    assert!(attempts[0].answer.contains("wrong account"), "{attempts:?}");
}

#[tokio::test]
async fn mail_and_webhooks_are_protected_and_believe_the_certificates_they_are_given() {
    let test = testkit::sqlite(MIGRATIONS).await;
    let (pem, tls) = certificate();
    let (other, _) = certificate();
    let plain = MailServer::start(MailRules::default()).await;
    let start_tls = MailRules { start_tls: Some(tls.clone()), ..MailRules::default() };
    let mut starting = MailServer::start(start_tls).await;
    let wrapped = MailRules { tls: Some(tls.clone()), ..MailRules::default() };
    let mut wrapped = MailServer::start(wrapped).await;
    let mut https = HttpServer::start_with(Some(tls)).await;
    let origin = format!("https://localhost:{}", https.address.port());
    let mut count = 0;
    let mut send = async |port, security, roots: Option<&String>, channel, to: &str| {
        count += 1;
        let user =
            Smtp { user: "lucid".into(), password: Secret("x".into()), ..smtp(port, security) };
        let settings = Settings {
            smtp: Some(user),
            certificates: roots.cloned(),
            webhook_secret: Secret(SECRET.into()),
            webhook_local: vec![origin.clone()],
            ..Settings::default()
        };
        let outbox = opened(&test.store, settings);
        let one = message(channel, to, &count.to_string());
        enqueue(&test.store, &outbox, &one, after(count)).await;
        deliver(&outbox, after(count)).await
    };
    let (to, email, webhook) = ("a@example.org", Channel::Email, Channel::Webhook);
    let (begins, whole) = (Security::StartTls, Security::Tls);
    assert_eq!(send(starting.port, begins, Some(&pem), email, to).await, (1, 0, 0));
    assert_eq!(send(wrapped.port, whole, Some(&pem), email, to).await, (1, 0, 0));
    for letter in [starting.so_far(), wrapped.so_far()].concat() {
        assert!(letter.was_protected && letter.account.is_some(), "{letter:?}");
    }
    let port = plain.port;
    assert_eq!(send(port, begins, Some(&pem), email, to).await, (0, 1, 0), "never in the clear");
    let port = wrapped.port;
    assert_eq!(send(port, whole, Some(&other), email, to).await, (0, 1, 0), "a stranger");
    assert_eq!(send(port, whole, None, email, to).await, (0, 1, 0), "unknown to the world");
    assert_eq!(send(port, whole, Some(&pem), webhook, &origin).await, (1, 0, 0));
    assert_eq!(https.so_far().len(), 1);
    assert_eq!(send(port, whole, Some(&other), webhook, &origin).await, (0, 1, 0), "a stranger");
    assert_eq!(send(port, whole, None, webhook, &origin).await, (0, 1, 0), "unknown to the world");
    assert!(https.so_far().is_empty() && wrapped.so_far().is_empty());
}

#[tokio::test]
async fn what_was_sent_keeps_its_key_and_loses_its_text() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let server = MailServer::start(MailRules::default()).await;
        let smtp = Some(smtp(server.port, Security::Plain));
        let remember = SignedDuration::from_hours(24);
        let outbox = opened(&store, Settings { smtp, remember, ..Settings::default() });
        let one = message(Channel::Email, "zhang.san@example.org", "k1");
        let id = enqueue(&store, &outbox, &one, start()).await;
        assert_eq!(deliver(&outbox, start()).await, (1, 0, 0));
        let row = sqlx::query("SELECT key, recipient, body FROM outbox_message")
            .fetch_one(store.reader())
            .await
            .expect("a row");
        let kept: [String; 3] = [row.get(0), row.get(1), row.get(2)];
        assert_eq!(kept, ["k1", "z…@example.org", ""]);
        assert_eq!(outbox.forget(after(24 * 3600)).await.expect("it works"), 0);
        assert_eq!(outbox.forget(after(24 * 3600 + 1)).await.expect("it works"), 1);
        assert!(outbox.attempts(id).await.expect("the log").is_empty());
        assert_ne!(enqueue(&store, &outbox, &one, after(90_000)).await, id);
    })
    .await;
}

#[tokio::test]
async fn a_nonce_is_used_once_a_partner_within_its_time() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let outbox = opened(&store, Settings::default());
        let note = async |partner: &str, at| {
            let mut transaction = store.begin().await.expect("a transaction");
            let is_new = outbox.is_new_nonce(&mut transaction, partner, "0123456789abcdef", at);
            let is_new = is_new.await.expect("it works");
            transaction.commit().await.expect("a commit");
            is_new
        };
        assert!(note("a", start()).await);
        assert!(note("b", start()).await);
        assert!(!note("a", after(60)).await);
        outbox.forget(after(600)).await.expect("it works");
        assert!(!note("a", after(600)).await, "as long as its time could be believed");
        outbox.forget(after(901)).await.expect("it works");
        assert!(note("a", after(901)).await);
    })
    .await;
}

#[tokio::test]
async fn the_worker_sends_what_it_is_woken_for_and_ends_when_told() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let mut server = HttpServer::start().await;
        let outbox = opened(&store, webhooks(&server));
        let (stop, stopping) = watch::channel(false);
        let worker = tokio::spawn({
            let outbox = outbox.clone();
            async move { outbox.run(start, stopping).await }
        });
        for number in 0..30 {
            let key = number.to_string();
            let one = message(Channel::Webhook, &server.origin(), &key);
            enqueue(&store, &outbox, &one, start()).await;
            outbox.wake();
        }
        let mut keys = Vec::new();
        for _ in 0..30 {
            keys.push(server.next().await.header("Idempotency-Key").to_owned());
        }
        stop.send_replace(true);
        worker.await.expect("it ends well");
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 30, "each once");
        let counts = outbox.counts().await.expect("counts");
        assert_eq!(counts.iter().map(|one| one.sent).sum::<u64>(), 30);
    })
    .await;
}

#[tokio::test]
async fn two_workers_at_once_send_each_message_once() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let mut server = HttpServer::start().await;
        let outbox = opened(&store, webhooks(&server));
        for number in 0..40 {
            let one = message(Channel::Webhook, &server.origin(), &number.to_string());
            enqueue(&store, &outbox, &one, start()).await;
        }
        let other = opened(&store, webhooks(&server));
        let (one, two) = tokio::join!(deliver(&outbox, start()), deliver(&other, start()));
        assert_eq!((one.0 + two.0, one.1 + two.1, one.2 + two.2), (40, 0, 0));
        let got = server.so_far();
        let mut keys: Vec<_> = got.iter().map(|one| one.header("Idempotency-Key")).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!((got.len(), keys.len()), (40, 40));
    })
    .await;
}

#[tokio::test]
async fn settings_that_make_no_sense_are_said_by_their_name() {
    let test = testkit::sqlite(MIGRATIONS).await;
    let own = smtp(25, Security::Plain);
    let partner = Partner {
        name: "hotline".into(),
        address: "hotline.example".into(),
        secret: Secret("p".into()),
    };
    for (settings, wanted) in [
        (
            Settings { smtp: Some(Smtp { from: "nobody".into(), ..own }), ..Settings::default() },
            "smtp.from",
        ),
        (
            Settings { webhook_local: vec!["10.0.0.5".into()], ..Settings::default() },
            "webhook.local",
        ),
        (Settings { partners: vec![partner], ..Settings::default() }, "exchange.partners"),
        (
            Settings { certificates: Some("words".into()), ..Settings::default() },
            "delivery.certificates",
        ),
    ] {
        let problem = Outbox::new(&test.store, settings).expect_err(wanted);
        assert!(matches!(problem, DeliveryError::Setting { key, .. } if key == wanted));
    }
}
