//! The wire protocol of PostgreSQL, asked by a driver through a socket.

use super::city::{City, migrations, now};
use super::refusals::ENDLESS;
use analytics::serve;
use authority::{Action, AuditFilter, Jurisdiction, Role};
use operations::sql::{Limits, TroubleKind};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error, NoTls, SimpleQueryMessage};

const PATIENCE: Duration = Duration::from_mins(1);

struct Door {
    address: SocketAddr,
    _running: watch::Sender<bool>,
}

async fn open(city: &City) -> Door {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (running, stopping) = watch::channel(false);
    let (engine, authority) = (city.engine.clone(), city.authority.clone());
    tokio::spawn(serve(listener, None, engine, authority, now, stopping));
    Door { address, _running: running }
}

impl Door {
    async fn connect(&self, token: &str) -> Result<Client, Error> {
        let mut config = Config::new();
        config
            .host("127.0.0.1")
            .port(self.address.port())
            .user("anybody")
            .dbname("lucid")
            .password(token)
            .connect_timeout(PATIENCE);
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(async move {
            // The client tells what broke.
            let _ = connection.await;
        });
        Ok(client)
    }
}

fn code(error: &Error) -> &SqlState {
    error.code().unwrap_or_else(|| panic!("no code: {error:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_asks_and_is_answered_as_by_postgresql() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::new(store).await;
        let door = open(&city).await;
        let place = Jurisdiction::Everything;
        let asks = [Action::QueryData, Action::ReadAlerts];
        let token = city.token("analyst", Role::Auditor, &place, &asks).await;
        let client = door.connect(&token).await.expect("let in");
        let asking = tokio::time::timeout(PATIENCE * 3, check(&city, &client));
        asking.await.expect("answered within three minutes");
        for wrong in ["nothing", "lucid-user-0000000000000000000000000000000000000000000"] {
            let refused = door.connect(wrong).await.expect_err("a wrong token is refused");
            assert_eq!(code(&refused), &SqlState::INVALID_PASSWORD);
        }
        let reader = city.token("reader", Role::Auditor, &place, &[Action::ReadAlerts]).await;
        let refused = door.connect(&reader).await.expect_err("a token for something else");
        assert_eq!(code(&refused), &SqlState::INSUFFICIENT_PRIVILEGE);
        let inspector = city.token("inspector", Role::Inspector, &place, &asks).await;
        let refused = door.connect(&inspector).await.expect_err("a role without the duty");
        assert_eq!(code(&refused), &SqlState::INSUFFICIENT_PRIVILEGE);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_is_cancelled_ends_and_leaves_a_record() {
    let test = testkit::sqlite(&migrations()).await;
    // One question at a time: the next is answered only when the one before has made way.
    let limits = Limits { seconds: 3_600, at_once: 1, ..Limits::default() };
    let city = City::limited(test.store.clone(), limits).await;
    let door = open(&city).await;
    let asks = [Action::QueryData];
    let token = city.token("analyst", Role::Auditor, &Jurisdiction::Everything, &asks).await;
    let mut client = door.connect(&token).await.expect("let in");
    for is_simple in [true, false] {
        let cancel = client.cancel_token();
        let asking = tokio::spawn(async move {
            let ended = if is_simple {
                client.simple_query(ENDLESS).await.map(|_| ())
            } else {
                client.query(ENDLESS, &[]).await.map(|_| ())
            };
            (client, ended)
        });
        // While it is at work, there is no place for another.
        let is_at_work = async || {
            let other = city.engine.ask_at_the_console("SELECT 1").await;
            other.err().filter(|trouble| trouble.kind == TroubleKind::Busy)
        };
        Box::pin(testkit::until("the question is at work", is_at_work)).await;
        cancel.cancel_query(NoTls).await.expect("heard");
        let ended;
        (client, ended) = testkit::in_time("it ends", asking).await.expect("it ended");
        assert_eq!(code(&ended.expect_err("cancelled")), &SqlState::QUERY_CANCELED);
        let next = testkit::in_time("the next is answered", client.simple_query("SELECT 1")).await;
        next.expect("an answer");
    }
    let filter = AuditFilter { action: "sql.query".into(), ..AuditFilter::default() };
    let both = async || {
        let records = city.authority.audit(&filter, None, 100).await.expect("records");
        let given_up = |after: &&str| after.contains("sql.given_up") && after.contains("1000000");
        let after = records.iter().filter_map(|record| record.after.as_deref());
        (after.filter(given_up).count() == 2).then_some(())
    };
    testkit::until("both left a record", both).await;
}

async fn check(city: &City, client: &Client) {
    // The simple form, as psql asks: what it says is what SQL says elsewhere.
    let question = "SELECT code, day, aqi_day(factor, value, observed_at) AS aqi FROM observation \
                    WHERE kind = 'air-station' AND period = 'hour' AND is_usable \
                    GROUP BY code, day ORDER BY code, day";
    let expected = city.rows(question).await;
    let found: Vec<Vec<Option<String>>> = client
        .simple_query(question)
        .await
        .expect("an answer")
        .into_iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|place| row.get(place).map(str::to_owned)).collect())
            }
            _ => None,
        })
        .collect();
    assert!(found.len() > 20);
    assert_eq!(found, expected);
    // The extended form with parameters, in the binary form, as drivers and Grafana ask.
    let rows = client
        .query(
            "SELECT code, count(*) AS hours, max(observed_at) AS newest FROM observation \
             WHERE kind = $1 AND factor = $2 AND period = 'hour' GROUP BY code ORDER BY code",
            &[&"air-station", &"a34004"],
        )
        .await
        .expect("an answer");
    assert!(rows.len() > 3);
    assert!(rows.iter().all(|row| row.get::<_, i64>("hours") > 24 && row.len() == 3));
    // What clients say about themselves.
    for polite in ["SET application_name = 'test'", "BEGIN", "COMMIT", "DISCARD ALL"] {
        client.simple_query(polite).await.unwrap_or_else(|error| panic!("{polite}: {error:?}"));
    }
    // What they may not say.
    for refused in [
        "CREATE TABLE mine AS SELECT 1",
        "DELETE FROM observation",
        "COPY (SELECT 1) TO STDOUT",
        "SET datafusion.runtime.memory_limit = '100G'",
        "DECLARE mine CURSOR FOR SELECT 1",
    ] {
        let error = client.simple_query(refused).await.expect_err(refused);
        assert_eq!(code(&error), &SqlState::READ_ONLY_SQL_TRANSACTION, "{refused}: {error:?}");
        let error = client.query(refused, &[]).await.expect_err(refused);
        assert_eq!(code(&error), &SqlState::READ_ONLY_SQL_TRANSACTION, "{refused}: {error:?}");
    }
    let error = client.simple_query("SELECT nmae FROM observation").await.expect_err("a mistake");
    let told = error.as_db_error().expect("told by the server");
    assert!(told.message().contains("nmae") && told.hint().is_some_and(|h| h.contains("name")));
    assert_eq!(told.position(), Some(&tokio_postgres::error::ErrorPosition::Original(8)));
    // The catalogue, as clients look at it.
    let tables = client
        .query(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
            &[],
        )
        .await
        .expect("the tables");
    let names: Vec<String> = tables.iter().map(|row| row.get(0)).collect();
    assert!(names.contains(&"observation".to_owned()), "{names:?}");
    let classes = "SELECT c.relname FROM pg_catalog.pg_class c \
                   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                   WHERE n.nspname = 'public'";
    assert!(!client.simple_query(classes).await.expect("the classes").is_empty());
    let filter =
        AuditFilter { action: "sql.query".into(), who: "analyst".into(), ..AuditFilter::default() };
    let records = city.authority.audit(&filter, None, 100).await.expect("records");
    let asked: Vec<&str> = records.iter().filter_map(|record| record.after.as_deref()).collect();
    assert!(asked.iter().any(|after| after.contains("$1") && after.contains("\"postgres\"")));
    assert!(asked.iter().all(|after| !after.contains("pg_catalog")), "{asked:?}");
    assert!(records.iter().all(|record| record.origin == "127.0.0.1"));
}
