//! A city with a few days of what its devices sent, judged, on a store of one's own.

use analytics::SqlEngine;
use authority::{Action, Actor, Authority, Jurisdiction, NewUser, Role};
use evaluation::Worker;
use jiff::{SignedDuration, Timestamp};
use observations::Recorder;
use operations::sql::{Limits, Question, Shown, Trouble};
use registry::Registry;
use simulator::{Demonstration, History};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{Migration, Store};
use tokio::sync::watch;

/// When the city is looked at: a few days behind the change of the air's standards.
pub(crate) fn now() -> Timestamp {
    "2026-03-03T02:00:00Z".parse().expect("a time")
}

/// How many days of hours the city has.
const DAYS: i64 = 5;

pub(crate) fn migrations() -> Vec<Migration> {
    [
        registry::MIGRATIONS,
        observations::MIGRATIONS,
        evaluation::MIGRATIONS,
        authority::MIGRATIONS,
        permits::MIGRATIONS,
        validity::MIGRATIONS,
        sources::MIGRATIONS,
    ]
    .concat()
}

/// The city.
pub(crate) struct City {
    pub(crate) store: Store,
    pub(crate) registry: Registry,
    pub(crate) authority: Authority,
    pub(crate) engine: SqlEngine,
}

impl City {
    /// The city with all values and verdicts.
    pub(crate) async fn new(store: Store) -> Self {
        Self::limited(store, Limits { seconds: 60, ..Limits::default() }).await
    }

    /// The same, of which questions may take no more than this.
    pub(crate) async fn limited(store: Store, limits: Limits) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/zhangzhou");
        let files = registry::load::read_city(&folder).expect("a right city");
        registry::store::install(&store, &files).await.expect("it installs");
        let registry = Registry::open(&store).await.expect("the city");
        let recorder = Recorder::open(&store).await.expect("a recorder");
        let demonstration = Demonstration::new(7, &registry.snapshot(), now());
        let from = now() - SignedDuration::from_hours(24 * DAYS);
        let minutes_from = now() - SignedDuration::from_hours(1);
        let sites = demonstration.sites().to_vec().into();
        let signal = demonstration.signal().clone();
        let history = History::new(sites, signal, from, minutes_from, now());
        history.record(&recorder, |_, _| {}).await.expect("it is recorded");
        let judges = [environment::judges(), sources::automatic_monitoring::judges()].concat();
        let opened = Worker::open(&store, &registry, &recorder, judges, now).await;
        let (worker, evaluation) = opened.expect("a worker");
        let (running, stop) = watch::channel(false);
        let judging = tokio::spawn(worker.run(Duration::from_mins(1), stop));
        let last = recorder.health().block;
        let judged = tokio::time::timeout(Duration::from_mins(5), evaluation.wait_for(last)).await;
        let _ = judged.expect("all is judged within five minutes");
        running.send_replace(true);
        recorder.close().await;
        judging.await.expect("the worker ended");
        let (authority, _) = Authority::open(&store, now()).await.expect("authority");
        let snapshot = registry.snapshot();
        let pairs = snapshot.divisions.iter().map(|row| (row.code.clone(), row.parent.clone()));
        authority.know_divisions(pairs);
        let engine = SqlEngine::new(store.clone(), registry.clone(), limits, now);
        let engine = engine.expect("threads");
        Self { store, registry, authority, engine }
    }

    /// A token of somebody with a role somewhere, limited to these actions.
    pub(crate) async fn token(
        &self,
        login: &str,
        role: Role,
        place: &Jurisdiction,
        scopes: &[Action],
    ) -> String {
        let actor = Actor::console();
        let new = NewUser { login: login.into(), name: login.into(), organisation: None };
        let user = self.authority.add_user(&actor, &new, now()).await.expect("added");
        self.authority.grant(&actor, user, role, place, now()).await.expect("granted");
        let issued = self.authority.issue_for(user, &actor, "sql", scopes, 30, now()).await;
        issued.expect("a token")
    }

    /// What somebody with a token is answered.
    pub(crate) async fn ask_as(&self, token: &str, text: &str) -> Result<Shown, Trouble> {
        use operations::sql::Engine as _;
        let principal = self.authority.verify(token, now()).await.expect("looked up");
        let principal = principal.expect("a token that holds");
        let actor = operations::sql::asker(&principal, "test").expect("may ask");
        let principal = Arc::new(principal);
        let question = Question { text: text.into(), principal, actor, way: "page" };
        self.engine.show(question, 100_000).await
    }

    /// The rows that the console is answered.
    pub(crate) async fn rows(&self, text: &str) -> Vec<Vec<Option<String>>> {
        let answer = self.engine.ask_at_the_console(text).await;
        let answer = answer.unwrap_or_else(|trouble| panic!("{text}\n{trouble:?}"));
        answer.texts().expect("texts")
    }

    /// What is wrong with a question.
    pub(crate) async fn trouble(&self, text: &str) -> Trouble {
        match self.engine.ask_at_the_console(text).await {
            Ok(answer) => panic!("{text} is answered: {:?}", answer.texts()),
            Err(trouble) => trouble,
        }
    }
}
