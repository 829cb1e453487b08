//! What SQL refuses, and how it says so.

use super::city::{City, migrations};
use operations::sql::{Limits, TroubleKind};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_changed_and_no_file_is_touched() {
    let store = testkit::sqlite(&migrations()).await;
    let city = City::new(store.store.clone()).await;
    for text in [
        "INSERT INTO factor VALUES ('x')",
        "UPDATE factor SET name = 'x'",
        "DELETE FROM observation",
        "TRUNCATE TABLE observation",
        "CREATE TABLE mine AS SELECT 1",
        "CREATE VIEW mine AS SELECT 1",
        "CREATE EXTERNAL TABLE passwd STORED AS CSV LOCATION '/etc/passwd'",
        "DROP TABLE observation",
        "ALTER TABLE observation ADD COLUMN x INT",
        "COPY (SELECT 1) TO '/tmp/lucid-sql-test.csv'",
        "COPY observation TO '/tmp/lucid-sql-test.parquet'",
        "SET datafusion.runtime.memory_limit = '100G'",
        "RESET datafusion.runtime.memory_limit",
        "PREPARE mine AS SELECT 1",
        "EXPLAIN INSERT INTO factor VALUES ('x')",
        "CREATE FUNCTION f(x INT) RETURNS INT RETURN x",
        "BEGIN",
        "SELECT * INTO mine FROM factor",
    ] {
        let trouble = city.trouble(text).await;
        assert_eq!(trouble.kind, TroubleKind::Refused, "{text}: {trouble:?}");
        assert!(trouble.what.en.contains("read-only"), "{text}: {trouble:?}");
        assert!(trouble.cure.en.contains("SELECT"), "{text}: {trouble:?}");
    }
    for text in [
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM \"/etc/passwd\"",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT 1; SELECT 2",
    ] {
        let trouble = city.trouble(text).await;
        assert_eq!(trouble.kind, TroubleKind::Wrong, "{text}: {trouble:?}");
    }
    assert!(!std::path::Path::new("/tmp/lucid-sql-test.csv").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_says_what_where_and_how_to_mend_it() {
    let store = testkit::sqlite(&migrations()).await;
    let city = City::new(store.store.clone()).await;
    let place = |text: &str| {
        let text = text.to_owned();
        let city = &city;
        async move {
            let trouble = city.trouble(&text).await;
            (trouble.what.en.to_string(), trouble.cure.en.to_string(), trouble.place)
        }
    };
    let (what, cure, at) = place("SELECT code,\n  nmae FROM observation").await;
    assert!(what.contains("nmae") && cure.contains("name"), "{what} {cure}");
    assert_eq!(at, Some((2, 3)));
    let (what, cure, at) = place("SELECT 1 FROM observations").await;
    assert!(what.contains("observations") && cure.contains("SHOW TABLES"), "{what} {cure}");
    assert_eq!(at, Some((1, 15)));
    let (what, _, at) = place("SELECT (code FROM observation").await;
    assert!(what.starts_with("wrong syntax"), "{what}");
    assert_eq!(at, Some((1, 14)), "{what}");
    let (what, cure, _) = place("SELECT aqi(1)").await;
    assert!(what.contains("aqi") && cure.contains("/sql"), "{what} {cure}");
    let (what, ..) = place("SELECT air_index('PM2.5', 75, 'day')").await;
    assert!(what.contains("takes 4 arguments, not 3"), "{what}");
    let (what, ..) = place("SELECT air_index('PM9', 75, 'day', DATE '2026-03-01')").await;
    assert!(what.contains("\"PM9\" is no pollutant"), "{what}");
    let (what, ..) = place("SELECT air_index('CO', 1, 'week', DATE '2026-03-01')").await;
    assert!(what.contains("averaging is hour, 8h or day"), "{what}");
    let (what, ..) = place(
        "SELECT aqi_day(factor, value, observed_at) FROM observation \
         WHERE kind = 'air-station' AND period = 'hour' AND is_usable GROUP BY code",
    )
    .await;
    assert!(what.contains("group by station and day"), "{what}");
    let (what, ..) = place(
        "SELECT aqi_hour(factor, value, observed_at) FROM observation \
         WHERE kind = 'air-station' AND period = 'hour' AND is_usable GROUP BY observed_at",
    )
    .await;
    assert!(what.contains("two values"), "{what}");
}

/// Compares all with all and finds nothing.
pub(super) const ENDLESS: &str = "SELECT count(*) FROM generate_series(1, 10000000) AS a(x), \
                                  generate_series(1, 1000000) AS b(y) WHERE x + y = 1";

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_leaves_its_processor_to_others() {
    let test = testkit::sqlite(&migrations()).await;
    let limits = Limits { seconds: 2, at_once: 1, ..Limits::default() };
    let city = City::limited(test.store.clone(), limits).await;
    // Two processors at least: were they kept, the third would find none.
    for _ in 0..3 {
        let trouble = city.trouble(ENDLESS).await;
        assert_eq!(trouble.kind, TroubleKind::TooMuch, "{trouble:?}");
        assert!(trouble.what.en.contains("2 s"), "{trouble:?}");
    }
    assert_eq!(city.rows("SELECT 1").await, [[Some("1".to_owned())]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_ends_with_the_limit_that_was_met() {
    let store = testkit::sqlite(&migrations()).await;
    let limits = Limits { seconds: 3, memory_mib: 8, rows: 100, at_once: 1 };
    let city = City::limited(store.store.clone(), limits).await;
    let trouble = city.trouble("SELECT * FROM observation").await;
    assert_eq!(trouble.kind, TroubleKind::TooMuch);
    assert!(trouble.what.en.contains("more than 100 rows"), "{trouble:?}");
    let trouble = city
        .trouble(
            "SELECT count(*) FROM (SELECT (value * 7919) % 2999999 AS scattered, count(*) \
             FROM generate_series(1, 3000000) AS a(value) GROUP BY scattered)",
        )
        .await;
    assert_eq!(trouble.kind, TroubleKind::TooMuch, "{trouble:?}");
    assert!(trouble.what.en.contains("8 MiB"), "{trouble:?}");
    let trouble = city.trouble(ENDLESS).await;
    assert_eq!(trouble.kind, TroubleKind::TooMuch, "{trouble:?}");
    // What would go deeper than a thread's stack does not get so far.
    let deep = format!("SELECT {}1", "1 + ".repeat(20_000));
    let trouble = city.trouble(&deep).await;
    assert_eq!(trouble.kind, TroubleKind::TooMuch, "{trouble:?}");
    assert!(trouble.what.en.contains("20000 operators"), "{trouble:?}");
    let nested = format!("SELECT {}1{}", "(".repeat(300), ")".repeat(300));
    let trouble = city.trouble(&nested).await;
    assert_eq!(trouble.kind, TroubleKind::Wrong, "{trouble:?}");
    let allowed = format!("SELECT {}1", "1 + ".repeat(399));
    assert_eq!(city.rows(&allowed).await, [[Some("400".to_owned())]]);
    let long = "x".repeat(100_001);
    assert_eq!(city.trouble(&long).await.kind, TroubleKind::TooMuch);
    // What ended leaves room for the next.
    assert_eq!(city.rows("SELECT 1").await, [[Some("1".to_owned())]]);
}
