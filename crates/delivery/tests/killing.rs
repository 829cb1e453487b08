//! A program that enqueues and sends is killed again and again between sending and noting: every
//! message whose commit was said has arrived in the end, always under one key with one body.
//!
//! `LUCID_SLOW_TESTS` makes it many rounds.

mod fixture;

use delivery::{Channel, MIGRATIONS, Message, Outbox, Secret, Settings};
use fixture::{HttpServer, Reply, after};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use store::Store;
use tokio::sync::watch;

const STORE: &str = "LUCID_TEST_OUTBOX";
const SERVER: &str = "LUCID_TEST_SERVER";
const ROUND: &str = "LUCID_TEST_ROUND";
/// How many messages are sent in a round before the one that is not answered.
const ANSWERED: usize = 12;

/// The time of a round: an hour after the one before, so that its claims have ended.
static NOW: OnceLock<Timestamp> = OnceLock::new();

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match std::env::var(STORE) {
        Ok(url) => runtime.block_on(enqueue_for_ever(&url)),
        Err(_) => runtime.block_on(kill_again_and_again()),
    }
}

fn now() -> Timestamp {
    *NOW.get().expect("the time of the round")
}

async fn opened(url: &str, origin: &str) -> (Store, Outbox) {
    let store = Store::open(url, MIGRATIONS).await.expect("the store opens without repair");
    let settings = Settings {
        webhook_secret: Secret("secret".into()),
        webhook_local: vec![origin.to_owned()],
        ..Settings::default()
    };
    let outbox = Outbox::new(&store, settings).expect("settings that make sense");
    (store, outbox)
}

/// Enqueues messages, says after each commit which, and sends them, until it is killed.
async fn enqueue_for_ever(url: &str) {
    let variable = |name| std::env::var(name).expect("a variable");
    let (origin, round) = (variable(SERVER), variable(ROUND));
    NOW.set(after(round.parse::<i64>().expect("a number") * 3600)).expect("once");
    let (store, outbox) = opened(url, &origin).await;
    let (_stop, stopping) = watch::channel(false);
    let worker = outbox.clone();
    tokio::spawn(async move { worker.run(now, stopping).await });
    for number in 0_u64.. {
        let key = format!("{round}-{number}");
        let message = Message {
            channel: Channel::Webhook,
            to: origin.clone(),
            subject: "case.opened".into(),
            body: format!(r#"{{"key":"{key}"}}"#),
            key: key.clone(),
        };
        let mut transaction = store.begin().await.expect("a transaction");
        outbox.enqueue(&mut transaction, &message, now()).await.expect("it is enqueued");
        transaction.commit().await.expect("a commit");
        outbox.wake();
        let mut output = std::io::stdout().lock();
        writeln!(output, "{key}").expect("somebody listens");
        output.flush().expect("somebody listens");
    }
}

fn start(url: &str, origin: &str, round: usize) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .env(STORE, url)
        .env(SERVER, origin)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts")
}

async fn kill_again_and_again() {
    let rounds = if std::env::var_os("LUCID_SLOW_TESTS").is_some() { 25 } else { 3 };
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("lucid.sqlite").display());
    let mut server = HttpServer::start().await;
    let mut said = BTreeSet::new();
    let mut arrived: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for round in 0..rounds {
        server.will(&vec![Reply::Status(200, ""); ANSWERED]);
        server.will(&vec![Reply::Silence; 64]);
        let mut process = start(&url, &server.origin(), round);
        let output = process.stdout.take().expect("its output");
        let listening = std::thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).collect::<Vec<_>>()
        });
        for _ in 0..=ANSWERED {
            let got = server.next().await;
            arrived.entry(got.header("Idempotency-Key").to_owned()).or_default().push(got.body);
        }
        process.kill().expect("it is killed");
        process.wait().expect("it is gone");
        said.extend(listening.join().expect("it listened"));
        server.forget();
        for got in server.so_far() {
            arrived.entry(got.header("Idempotency-Key").to_owned()).or_default().push(got.body);
        }
    }
    let (_, outbox) = opened(&url, &server.origin()).await;
    let last = after((rounds as i64 + 1) * 3600);
    while outbox.deliver_due(last).await.expect("a round").sent > 0 {}
    for got in server.so_far() {
        arrived.entry(got.header("Idempotency-Key").to_owned()).or_default().push(got.body);
    }
    let counts = outbox.counts().await.expect("counts");
    let left: u64 = counts.iter().map(|one| one.waiting + one.dead).sum();
    assert_eq!(left, 0, "{counts:?}");
    for key in &said {
        assert!(arrived.contains_key(key), "{key} was committed and is lost");
    }
    for (key, bodies) in &arrived {
        let body = format!(r#"{{"key":"{key}"}}"#);
        assert!(bodies.iter().all(|one| *one == body), "{key}: {bodies:?}");
    }
    let twice = arrived.values().filter(|bodies| bodies.len() > 1).count();
    println!("{rounds} rounds, {} messages, {twice} of them sent again", arrived.len());
    assert!(twice >= rounds, "it was never killed between sending and noting");
}
