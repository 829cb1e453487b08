//! How fast the recorder alone is: 500 senders of minute rows with 10 factors, each waiting for
//! the commit, beside a plain insert of the same rows. `cargo bench -p observations`.

use jiff::Timestamp;
use observations::{Delivery, FactorValue, MIGRATIONS, NewRow, Origin, Recorder, pack};
use registry::{FactorId, PointId};
use rulebook::{Decimal, Period};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::Store;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SENDERS: i64 = 500;
const RUN: Duration = Duration::from_secs(5);

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        for a_time in [1, 4] {
            let test = testkit::sqlite(MIGRATIONS).await;
            record(&test.store, "SQLite", a_time).await;
            test.store.close().await;
        }
        let test = testkit::sqlite(MIGRATIONS).await;
        insert(&test.store, "SQLite").await;
        test.store.close().await;
        if let Some(test) = testkit::postgres(MIGRATIONS).await {
            record(&test.store, "PostgreSQL", 1).await;
            test.store.close().await;
            copy().await;
        }
    });
}

fn values(number: i64) -> Vec<FactorValue> {
    let decimal = |digits| Some(Decimal::new(digits, 2));
    (1..=10)
        .map(|factor| FactorValue {
            value: decimal(1000 + (number * 7 + i64::from(factor) * 131) % 4000),
            min: decimal(900 + number % 100),
            max: decimal(5000 + number % 1000),
            sum: decimal(number % 2000),
            flag: Some(b'N'),
            ..FactorValue::empty(FactorId(factor))
        })
        .collect()
}

fn raw(number: i64) -> Vec<u8> {
    use std::fmt::Write as _;
    let mut text =
        format!("##0600QN=20260101{number:09};ST=32;CN=2051;PW=123456;MN=A{number:023};");
    text.push_str("Flag=5;CP=&&DataTime=20260101000000");
    for factor in 1..=10 {
        let value = number * 7 % 4000 + factor;
        write!(
            text,
            ";w01{factor:03}-Min={value},w01{factor:03}-Avg={value},w01{factor:03}-Flag=N"
        )
        .expect("text");
    }
    text.push_str("&&1C80\r\n");
    text.into_bytes()
}

fn delivery(sender: i64, step: i64) -> Delivery {
    Delivery {
        raw: raw(sender * 1000 + step),
        received_at: Timestamp::now(),
        origin: Origin { device: Some("A0000".into()), peer: "127.0.0.1:5000".into() },
        rows: vec![NewRow {
            point: PointId(sender),
            period: Period::Minute,
            observed_at: Timestamp::from_second(1_767_225_600 + step * 60).expect("a time"),
            values: values(sender + step),
        }],
    }
}

async fn record(store: &Store, engine: &str, a_time: i64) {
    let recorder = Recorder::open(store).await.expect("a recorder");
    let rows = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let (recorder, rows) = (recorder.clone(), rows.clone());
            tokio::spawn(async move {
                let mut waits = Vec::new();
                let mut step = 0;
                while started.elapsed() < RUN {
                    let group = (step..step + a_time).map(|step| delivery(sender, step)).collect();
                    step += a_time;
                    let sent = Instant::now();
                    recorder.submit_all(group).await.expect("recorded");
                    waits.push(sent.elapsed());
                    rows.fetch_add(a_time as u64, Ordering::Relaxed);
                }
                waits
            })
        })
        .collect();
    let mut waits = Vec::new();
    for sender in senders {
        waits.extend(sender.await.expect("it ran"));
    }
    let seconds = started.elapsed().as_secs_f64();
    waits.sort_unstable();
    let at = |share: f64| waits[(waits.len() as f64 * share) as usize].as_secs_f64() * 1e3;
    let rows = rows.load(Ordering::Relaxed) as f64;
    println!(
        "{engine}: recorder, {a_time} a time: {:.0} rows/s, {:.0} values/s, {} commits, \
         wait p50 {:.1} ms p99 {:.1} ms",
        rows / seconds,
        rows * 10.0 / seconds,
        recorder.health().block,
        at(0.5),
        at(0.99)
    );
    recorder.close().await;
}

async fn insert(store: &Store, engine: &str) {
    let started = Instant::now();
    let mut rows = 0_i64;
    let text: Arc<str> = format!(
        "INSERT INTO observation (point, period, observed_at, received_at, block, block_index, \
         version, payload) VALUES {}",
        (0..100)
            .map(|_| {
                let marks: Vec<_> = (1..=8).map(|_| "?".to_owned()).collect();
                format!("({})", marks.join(","))
            })
            .collect::<Vec<_>>()
            .join(",")
    )
    .into();
    while started.elapsed() < RUN {
        let mut transaction = store.begin().await.expect("a transaction");
        for _ in 0..5 {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(text.clone()));
            for _ in 0..100 {
                query = query.bind(rows % SENDERS).bind(1_i64).bind(rows / SENDERS * 60);
                query = query.bind(rows).bind(rows).bind(0_i64).bind(1_i64);
                query = query.bind(pack(&values(rows)));
                rows += 1;
            }
            query.execute(&mut *transaction).await.expect("inserted");
        }
        transaction.commit().await.expect("committed");
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{engine}: plain insert, 500 a commit: {:.0} rows/s", rows as f64 / seconds);
}

/// COPY of the same rows into a table of its own, 500 a commit.
async fn copy() {
    use sqlx::postgres::{PgConnectOptions, PgPoolCopyExt as _};
    use std::fmt::Write as _;

    let server = std::env::var("LUCID_TEST_POSTGRES").expect("a server");
    let options: PgConnectOptions = format!("{server}/postgres").parse().expect("an address");
    let pool = sqlx::PgPool::connect_with(options).await.expect("the server");
    let table = "lucid_bench_copy";
    let make = format!(
        "DROP TABLE IF EXISTS {table}; CREATE TABLE {table} (point BIGINT, period BIGINT, \
         observed_at BIGINT, received_at BIGINT, block BIGINT, block_index BIGINT, \
         version BIGINT, payload BYTEA, PRIMARY KEY (point, period, observed_at))"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&pool).await.expect("a table");
    let started = Instant::now();
    let mut rows = 0_i64;
    let mut text = String::new();
    while started.elapsed() < RUN {
        text.clear();
        for _ in 0..500 {
            let (point, second) = (rows % SENDERS, rows / SENDERS * 60);
            write!(text, "{point}\t1\t{second}\t{rows}\t{rows}\t0\t1\t\\\\x").expect("text");
            for byte in pack(&values(rows)) {
                write!(text, "{byte:02x}").expect("text");
            }
            text.push('\n');
            rows += 1;
        }
        let copy = format!("COPY {table} FROM STDIN");
        let mut copy = pool.copy_in_raw(&copy).await.expect("it begins");
        copy.send(text.as_bytes()).await.expect("sent");
        copy.finish().await.expect("committed");
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("PostgreSQL: COPY, 500 a commit: {:.0} rows/s", rows as f64 / seconds);
    let drop = format!("DROP TABLE {table}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&pool).await.expect("dropped");
    pool.close().await;
}
