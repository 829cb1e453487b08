//! One byte is changed by hand in the database, and verification names it; on both databases.

use crate::city::{City, hour, migrations, start};
use jiff::SignedDuration;
use observations::history::Month;
use sqlx::{AssertSqlSafe, Row as _};
use store::Store;

/// A city with a logged past: values, one corrected, and audit records.
async fn logged(store: &Store) -> City {
    let city = City::start(store).await;
    for (number, value) in [(0, "12.5"), (1, "20"), (2, "31.0")] {
        city.value(number, value).await;
    }
    city.value(1, "21").await;
    for who in ["张三", "li.na"] {
        city.audit(who, Some("{\"name\":\"王小明\"}")).await;
    }
    assert_eq!(city.sequence(start() + SignedDuration::from_hours(1)).await, 3 + 2 + 1);
    // Later entries and a later checkpoint, so that the earlier ones are in the middle.
    city.value(1, "22").await;
    city.audit("console", None).await;
    city.sequence(start() + SignedDuration::from_hours(9)).await;
    assert_eq!(city.verify().await.findings, [], "before anything is changed");
    city
}

async fn run(store: &Store, text: &str) -> u64 {
    let mut transaction = store.begin().await.expect("a transaction");
    let done = sqlx::query(AssertSqlSafe(text.to_owned())).execute(&mut *transaction).await;
    let affected = done.unwrap_or_else(|error| panic!("{text}: {error}")).rows_affected();
    transaction.commit().await.expect("committed");
    affected
}

/// Changes one byte of a column of bytes, or puts it back.
async fn flip(store: &Store, table: &str, column: &str, which: &str, place: usize) {
    let text = format!("SELECT {column} FROM {table} WHERE {which}");
    let row = sqlx::query(AssertSqlSafe(text)).fetch_one(store.reader()).await.expect("a row");
    let mut bytes: Vec<u8> = row.try_get(0).expect("bytes");
    let place = place % bytes.len();
    bytes[place] ^= 1;
    let mut transaction = store.begin().await.expect("a transaction");
    let text = format!("UPDATE {table} SET {column} = $1 WHERE {which}");
    let done = sqlx::query(AssertSqlSafe(text)).bind(bytes).execute(&mut *transaction).await;
    assert_eq!(done.expect("updated").rows_affected(), 1);
    transaction.commit().await.expect("committed");
}

async fn found(city: &City) -> Vec<(&'static str, String)> {
    let findings = city.verify().await.findings;
    findings.into_iter().map(|finding| (finding.code, finding.subject)).collect()
}

fn figure(number: i64) -> String {
    format!("figure:{}:hour:{}", crate::city::POINT, hour(number))
}

#[tokio::test]
async fn a_changed_audit_record_is_named() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        let columns = [
            ("at", "at + 1", "at - 1"),
            ("user_id", "user_id + 1", "user_id - 1"),
            ("who", "'li.nb'", "'li.na'"),
            ("origin", "'192.0.2.8'", "'192.0.2.7'"),
            ("on_behalf_of", "'x'", "NULL"),
            ("action", "'case.read_personal_datb'", "'case.read_personal_data'"),
            ("subject", "'case 2026-000124'", "'case 2026-000123'"),
            ("rule", "'inspector@everythinh'", "'inspector@everything'"),
            ("before", "''", "NULL"),
            ("after", "'{\"name\":\"王小名\"}'", "'{\"name\":\"王小明\"}'"),
        ];
        for (column, wrong, right) in columns {
            let set = |value| format!("UPDATE audit_record SET {column} = {value} WHERE id = 2");
            assert_eq!(run(&store, &set(wrong)).await, 1);
            assert_eq!(found(&city).await, [("log.audit_changed", "audit:2".into())], "{column}");
            run(&store, &set(right)).await;
            assert_eq!(found(&city).await, [], "{column} put back");
        }
        run(&store, "DELETE FROM audit_record WHERE id = 1").await;
        assert_eq!(found(&city).await, [("log.audit_missing", "audit:1".into())]);
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_audit_record_that_was_slipped_in_is_named() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        run(
            &store,
            "INSERT INTO audit_record (id, at, who, origin, action, subject, rule) \
             VALUES (-4, 1, 'x', 'x', 'x', 'x', 'x')",
        )
        .await;
        let wanted = [("log.audit_unlogged", "audit:-4".to_owned())];
        assert_eq!(found(&city).await, wanted);
        // Nor does it help to give it a salt.
        let text = "INSERT INTO log_audit SELECT -4, 0, salt FROM log_audit WHERE record = 1";
        run(&store, text).await;
        assert_eq!(found(&city).await, wanted);
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_changed_block_of_packets_is_named() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        for column in ["bytes", "touched"] {
            for place in [0, 3, 1000] {
                flip(&store, "raw_block", column, "id = 2", place).await;
                let named = found(&city).await;
                assert_eq!(named, [("log.block_changed", "block 2".into())], "{column} {place}");
                flip(&store, "raw_block", column, "id = 2", place).await;
            }
        }
        for column in ["first_received_at", "last_received_at", "packets", "size", "codec"] {
            run(&store, &format!("UPDATE raw_block SET {column} = {column} + 1 WHERE id = 2"))
                .await;
            assert_eq!(found(&city).await, [("log.block_changed", "block 2".into())], "{column}");
            run(&store, &format!("UPDATE raw_block SET {column} = {column} - 1 WHERE id = 2"))
                .await;
        }
        assert_eq!(found(&city).await, []);
        run(
            &store,
            "INSERT INTO raw_block SELECT 0, first_received_at, last_received_at, packets, size, \
             codec, touched, bytes FROM raw_block WHERE id = 1",
        )
        .await;
        assert_eq!(found(&city).await, [("log.block_added", "block 0".into())]);
        run(&store, "DELETE FROM raw_block WHERE id = 0").await;
        run(&store, "DELETE FROM raw_block WHERE id = 2").await;
        assert_eq!(found(&city).await, [("log.block_missing", "block 2".into())]);
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_changed_verdict_is_named() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        let wanted = [("log.figure_verdict", figure(0))];
        let columns = [
            ("value", "'12.4'", "'12.5'"),
            ("edition", "'TEST 1-2027'", "'TEST 1-2026'"),
            ("outcome", "'meets'", "'computed'"),
            ("outcome", "'nonsense'", "'computed'"),
            ("level", "level + 1", "level - 1"),
            ("judged_at", "judged_at + 1", "judged_at - 1"),
            ("block_index", "block_index + 1", "block_index - 1"),
        ];
        for (column, wrong, right) in columns {
            let set = |value| format!("UPDATE verdict SET {column} = {value} WHERE id = 1");
            assert_eq!(run(&store, &set(wrong)).await, 1);
            assert_eq!(found(&city).await, wanted, "{column}");
            run(&store, &set(right)).await;
            assert_eq!(found(&city).await, [], "{column} put back");
        }
        flip(&store, "verdict", "reasons", "id = 1", 12).await;
        assert_eq!(found(&city).await, wanted, "reasons");
        flip(&store, "verdict", "reasons", "id = 1", 12).await;
        // What was said before a correction is vouched for as well.
        let earlier = "verdict = 2 AND version = 2";
        run(&store, &format!("UPDATE verdict_superseded SET value = '1' WHERE {earlier}")).await;
        assert_eq!(found(&city).await, [("log.figure_verdict", figure(1))]);
        run(&store, &format!("UPDATE verdict_superseded SET value = '21' WHERE {earlier}")).await;
        assert_eq!(found(&city).await, []);
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn changed_values_of_a_figure_are_named() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        let hour_of = |number| format!("observed_at = {}", hour(number).as_second());
        let last = usize::MAX;
        for place in [0, 1, 2] {
            flip(&store, "observation", "payload", &hour_of(0), last - place).await;
            assert_eq!(found(&city).await, [("log.figure_values", figure(0))], "{place}");
            flip(&store, "observation", "payload", &hour_of(0), last - place).await;
        }
        let earlier = format!("{} AND version = 2", hour_of(1));
        flip(&store, "observation_revision", "payload", &earlier, last - 1).await;
        assert_eq!(found(&city).await, [("log.figure_values", figure(1))]);
        flip(&store, "observation_revision", "payload", &earlier, last - 1).await;
        assert_eq!(found(&city).await, []);
        run(&store, &format!("DELETE FROM observation WHERE {}", hour_of(2))).await;
        assert_eq!(found(&city).await, [("log.figure_missing", figure(2))]);
        // The same, as a rule would have done it: no finding.
        let month = Month::of(hour(2)).code();
        run(
            &store,
            &format!(
                "INSERT INTO history_forgotten (period, month, forgotten_at, row_count, \
                 keep_months) VALUES (2, {month}, 0, 1, 1)"
            ),
        )
        .await;
        assert_eq!(found(&city).await, []);
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_verdict_that_was_slipped_in_is_named() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        let at = hour(-5).as_second();
        run(
            &store,
            &format!(
                "INSERT INTO verdict (id, point, rule, factor, period, observed_at, version, \
                 judged_at, block, block_index, edition, outcome, value, level, reasons) SELECT \
                 900, point, rule, factor, period, {at}, 1, judged_at, block, block_index, \
                 edition, outcome, value, level, reasons FROM verdict WHERE id = 1"
            ),
        )
        .await;
        assert_eq!(found(&city).await, [("log.figure_unlogged", figure(-5))]);
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_log_that_was_itself_rewritten_is_named() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        let codes = async || {
            let mut codes: Vec<_> = found(&city).await.into_iter().map(|(code, _)| code).collect();
            codes.dedup();
            codes
        };
        let entry = "position = 1";
        run(&store, &format!("UPDATE log_entry SET entry = entry || ' ' WHERE {entry}")).await;
        assert_eq!(found(&city).await[0], ("log.entry_changed", "entry 1".into()));
        run(&store, &format!("UPDATE log_entry SET entry = trim(entry) WHERE {entry}")).await;
        run(&store, "UPDATE log_entry SET name = 'audit:77' WHERE name = 'audit:2'").await;
        assert_eq!(found(&city).await[0], ("log.entry_name", "entry 1".into()));
        run(&store, "UPDATE log_entry SET name = 'audit:2' WHERE name = 'audit:77'").await;

        flip(&store, "log_tile", "hashes", "level = 0", 40).await;
        let wanted = ["log.entry_changed", "log.checkpoint_root", "log.checkpoint_inconsistent"];
        assert_eq!(codes().await, wanted);
        flip(&store, "log_tile", "hashes", "level = 0", 40).await;

        flip(&store, "log_audit", "salt", "record = 1", 0).await;
        assert_eq!(codes().await, ["log.audit_changed"]);
        flip(&store, "log_audit", "salt", "record = 1", 0).await;
        flip(&store, "log_packets", "salt", "position = 2", 0).await;
        assert_eq!(codes().await, ["log.hour_changed"]);
        flip(&store, "log_packets", "salt", "position = 2", 0).await;

        let newest = "size = (SELECT MAX(size) FROM log_checkpoint)";
        let swap = |from: &str, to: &str| {
            format!(
                "UPDATE log_checkpoint SET note = replace(note, '{from}', '{to}') WHERE {newest}"
            )
        };
        run(&store, &swap("city.example/log", "city.example/lag")).await;
        assert_eq!(codes().await, ["log.checkpoint_signature"]);
        run(&store, &swap("city.example/lag", "city.example/log")).await;
        assert_eq!(codes().await, [""; 0]);
        run(&store, &format!("DELETE FROM log_checkpoint WHERE {newest}")).await;
        assert_eq!(codes().await, ["log.checkpoint_missing"]);
        city.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_past_that_was_rewritten_from_the_ground_up_breaks_its_checkpoints() {
    testkit::on_both(&migrations(), |store| async move {
        let city = logged(&store).await;
        let before = city.log.signed().await.expect("a checkpoint");
        // Whoever holds the database and the key makes a new log in which the record never was.
        run(&store, "DELETE FROM audit_record WHERE id = 2").await;
        for table in ["entry", "tile", "cursor", "audit", "audit_gap", "packets", "figure"] {
            run(&store, &format!("DELETE FROM log_{table}")).await;
        }
        let kept = "DELETE FROM log_checkpoint WHERE size = (SELECT MAX(size) FROM log_checkpoint)";
        run(&store, kept).await;
        city.sequence(start() + SignedDuration::from_hours(20)).await;
        let codes: Vec<_> = found(&city).await.into_iter().map(|(code, _)| code).collect();
        assert!(codes.contains(&"log.checkpoint_root"), "{codes:?}");
        assert!(codes.contains(&"log.checkpoint_inconsistent"), "{codes:?}");
        // Whoever kept a checkpoint sees it too, whatever was done to those in the database.
        let after = city.log.signed().await.expect("a checkpoint");
        assert_ne!(before.checkpoint.head.root, after.checkpoint.head.root);
        city.stop().await;
    })
    .await;
}
