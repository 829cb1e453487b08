//! Backup and restore: what comes back is what went in, on each engine and across them; what is
//! damaged is refused and leaves nothing.

use sqlx::Row as _;
use std::path::{Path, PathBuf};
use store::backup::{Summary, backup, contents, restore, restore_at, verify};
use store::{Migration, Store, StoreError, copy};

const STEPS: &[Migration] = &[
    Migration {
        version: 1,
        name: "tables",
        // The names are chosen so that the order of the alphabet would break the reference.
        sql: "CREATE TABLE zone (code TEXT NOT NULL PRIMARY KEY, note TEXT); \
              CREATE TABLE alarm (id {identity}, zone TEXT NOT NULL REFERENCES zone (code), \
                  content {bytes}, size BIGINT); \
              CREATE TABLE empty (a BIGINT NOT NULL, b BIGINT NOT NULL, PRIMARY KEY (b, a)) \
              {without_rowid};",
    },
    Migration { version: 2, name: "more", sql: "ALTER TABLE zone ADD COLUMN \"order\" BIGINT;" },
];

async fn fill(store: &Store, alarms: i64) {
    let mut transaction = store.begin().await.expect("a transaction");
    for (code, note) in
        [("芗城", Some("quote \" line\nbreak \u{1F30A}")), ("b", None), ("", Some(""))]
    {
        sqlx::query("INSERT INTO zone (code, note, \"order\") VALUES ($1, $2, $3)")
            .bind(code.to_owned())
            .bind(note.map(str::to_owned))
            .bind(note.map(|_| i64::MIN))
            .execute(&mut *transaction)
            .await
            .expect("a zone");
    }
    for number in 0..alarms {
        let content: Vec<u8> = (0..number % 300).map(|byte| (byte * 7 % 256) as u8).collect();
        sqlx::query("INSERT INTO alarm (zone, content, size) VALUES ($1, $2, $3)")
            .bind("芗城".to_owned())
            .bind((number % 3 != 0).then_some(content))
            .bind((number % 5 != 0).then_some(i64::MAX - number))
            .execute(&mut *transaction)
            .await
            .expect("an alarm");
    }
    // The last number is given and taken away again: it must not be given a second time.
    sqlx::query("DELETE FROM alarm WHERE id = $1")
        .bind(alarms)
        .execute(&mut *transaction)
        .await
        .expect("a deletion");
    transaction.commit().await.expect("it is kept");
}

type Alarm = (i64, String, Option<Vec<u8>>, Option<i64>);
type Zone = (String, Option<String>, Option<i64>);

async fn content(store: &Store) -> (Vec<Alarm>, Vec<Zone>) {
    let alarms = sqlx::query("SELECT id, zone, content, size FROM alarm ORDER BY id")
        .fetch_all(store.reader())
        .await
        .expect("alarms");
    let zones = sqlx::query("SELECT code, note, \"order\" FROM zone")
        .fetch_all(store.reader())
        .await
        .expect("zones");
    let alarms = alarms.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3)));
    let mut zones: Vec<_> = zones.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    zones.sort();
    (alarms.collect(), zones)
}

async fn next_alarm(store: &Store) -> i64 {
    let mut transaction = store.begin().await.expect("a transaction");
    let id = sqlx::query_scalar("INSERT INTO alarm (zone) VALUES ('b') RETURNING id")
        .fetch_one(&mut *transaction)
        .await
        .expect("an alarm");
    transaction.commit().await.expect("it is kept");
    id
}

async fn is_empty(store: &Store) -> bool {
    let (alarms, zones) = content(store).await;
    alarms.is_empty() && zones.is_empty()
}

/// A backup of a filled SQLite store, with the folder that holds it.
async fn sample(alarms: i64) -> (tempfile::TempDir, PathBuf) {
    let source = testkit::sqlite(STEPS).await;
    fill(&source.store, alarms).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("city.backup");
    backup(&source.store, &file, |_| {}).await.expect("a backup");
    (folder, file)
}

fn lines(file: &Path) -> Vec<String> {
    let plain = zstd::decode_all(std::fs::File::open(file).expect("the file")).expect("zstd");
    String::from_utf8(plain).expect("UTF-8").lines().map(str::to_owned).collect()
}

fn write_lines(file: &Path, lines: &[String]) {
    let plain = lines.join("\n") + "\n";
    let packed = zstd::encode_all(plain.as_bytes(), 1).expect("zstd");
    std::fs::write(file, packed).expect("the file");
}

/// What a restore of `file` into an empty store says; the store must stay empty.
async fn refusal(file: &Path) -> StoreError {
    let target = testkit::sqlite(STEPS).await;
    let refused = restore(&target.store, file, |_| {}).await.expect_err("it was restored");
    assert!(is_empty(&target.store).await, "{refused} left rows behind");
    refused
}

#[track_caller]
fn says(refused: &StoreError, code: &str, words: &str) {
    assert_eq!(refused.code(), code, "{refused}");
    assert!(refused.to_string().contains(words), "{refused}");
}

#[tokio::test]
async fn what_went_in_comes_back_on_the_same_engine() {
    testkit::on_both(STEPS, async |source: Store| {
        fill(&source, 2500).await;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("city.backup");
        let mut told = Vec::new();
        let written = backup(&source, &file, |progress| {
            told.push((progress.rows_done, progress.rows_total));
        })
        .await
        .expect("a backup");
        assert_eq!((written.tables, written.rows), (3, 2502));
        assert_eq!(written.file_bytes, std::fs::metadata(&file).expect("the file").len());
        assert!(told.len() > 3 && told.is_sorted(), "{told:?}");
        assert_eq!(told.last(), Some(&(2502, 2502)));
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1);

        let target = match source.engine() {
            store::Engine::Sqlite => testkit::sqlite(STEPS).await,
            store::Engine::Postgres => testkit::postgres(STEPS).await.expect("the same server"),
        };
        let read = restore(&target.store, &file, |_| {}).await.expect("a restore");
        assert_eq!(read, written);
        assert_eq!(content(&target.store).await, content(&source).await);
        assert_eq!(next_alarm(&target.store).await, 2501);

        let again = folder.path().join("again.backup");
        let second = testkit::sqlite(STEPS).await;
        restore(&second.store, &file, |_| {}).await.expect("a restore");
        let Summary { rows, .. } = backup(&second.store, &again, |_| {}).await.expect("a backup");
        assert_eq!(rows, 2502);
    })
    .await;
}

#[tokio::test]
async fn a_backup_of_one_engine_goes_into_the_other() {
    let Some(postgres) = testkit::postgres(STEPS).await else { return };
    let (folder, file) = sample(700).await;
    restore(&postgres.store, &file, |_| {}).await.expect("SQLite to PostgreSQL");
    let back = folder.path().join("back.backup");
    backup(&postgres.store, &back, |_| {}).await.expect("a backup of PostgreSQL");
    let sqlite = testkit::sqlite(STEPS).await;
    restore(&sqlite.store, &back, |_| {}).await.expect("PostgreSQL to SQLite");
    assert_eq!(content(&sqlite.store).await, content(&postgres.store).await);
    assert_eq!(next_alarm(&postgres.store).await, 701);
    assert_eq!(next_alarm(&sqlite.store).await, 701);
}

#[tokio::test]
async fn the_same_state_gives_the_same_bytes() {
    let (_folder, one) = sample(50).await;
    let (_other_folder, other) = sample(50).await;
    assert_eq!(std::fs::read(one).expect("one"), std::fs::read(other).expect("the other"));
}

#[tokio::test]
async fn a_backup_sees_one_state_while_others_write() {
    let source = testkit::sqlite(STEPS).await;
    fill(&source.store, 3000).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("city.backup");
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let writer = tokio::spawn({
        let store = source.store.clone();
        async move {
            heard.recv().await.expect("the backup has begun");
            next_alarm(&store).await
        }
    });
    let written = backup(&source.store, &file, |progress| {
        let _ = told.send(progress.rows_done);
    })
    .await
    .expect("a backup");
    assert_eq!(writer.await.expect("the writer"), 3001);
    assert_eq!(written.rows, 3002);
}

#[tokio::test]
async fn a_store_with_rows_is_refused() {
    let (_folder, file) = sample(3).await;
    let target = testkit::sqlite(STEPS).await;
    fill(&target.store, 1).await;
    let before = content(&target.store).await;
    let refused = restore(&target.store, &file, |_| {}).await.expect_err("it was restored");
    says(&refused, "store.not_empty", "table zone has rows");
    assert_eq!(content(&target.store).await, before);
}

#[tokio::test]
async fn another_schema_is_refused() {
    let (_folder, file) = sample(3).await;
    let target = testkit::sqlite(&STEPS[..1]).await;
    let refused = restore(&target.store, &file, |_| {}).await.expect_err("it was restored");
    says(&refused, "store.backup_schema", "schema step 2, the store is at 1");
}

#[tokio::test]
async fn a_file_cut_anywhere_is_refused() {
    let (_folder, file) = sample(400).await;
    let whole = std::fs::read(&file).expect("the file");
    for keep in [0, 1, 10, whole.len() / 2, whole.len() - 4, whole.len() - 1] {
        std::fs::write(&file, &whole[..keep]).expect("a shorter file");
        says(&refusal(&file).await, "store.backup_content", "cut short");
    }
}

#[tokio::test]
async fn lines_that_are_missing_are_noticed() {
    let (_folder, file) = sample(40).await;
    let whole = lines(&file);
    for missing in 0..whole.len() {
        let mut fewer = whole.clone();
        fewer.remove(missing);
        write_lines(&file, &fewer);
        says(&refusal(&file).await, "store.backup_content", "line ");
    }
}

#[tokio::test]
async fn a_changed_value_is_noticed_by_the_sum() {
    let (_folder, file) = sample(40).await;
    let mut whole = lines(&file);
    let row = whole.iter().position(|line| line.contains("quote")).expect("the zone's row");
    whole[row] = whole[row].replace("quote", "quotE");
    write_lines(&file, &whole);
    says(&refusal(&file).await, "store.backup_content", "SHA-256");
}

#[tokio::test]
async fn a_value_of_another_kind_is_told_with_its_line() {
    let (_folder, file) = sample(40).await;
    let mut whole = lines(&file);
    let row = whole.iter().position(|line| line.contains("quote")).expect("the zone's row");
    whole[row] = whole[row].replace("-9223372036854775808", "1.5");
    write_lines(&file, &whole);
    let words = format!("line {} of the backup: column zone.order", row + 1);
    says(&refusal(&file).await, "store.backup_content", &words);
}

#[tokio::test]
async fn a_bit_that_has_flipped_is_noticed() {
    let (_folder, file) = sample(400).await;
    let whole = std::fs::read(&file).expect("the file");
    for place in (0..whole.len()).step_by(whole.len() / 60) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x10;
        std::fs::write(&file, damaged).expect("a damaged file");
        says(&refusal(&file).await, "store.backup_content", "line ");
    }
}

#[tokio::test]
async fn other_files_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("other");
    std::fs::write(&file, "not even compressed").expect("a file");
    says(&refusal(&file).await, "store.backup_content", "damaged");
    write_lines(&file, &["{\"type\":\"FeatureCollection\"}".to_owned()]);
    says(&refusal(&file).await, "store.backup_content", "no backup of Lucid");
    write_lines(&file, &["{\"lucid_backup\":99}".to_owned()]);
    says(&refusal(&file).await, "store.backup_content", "form 99");
    let absent = folder.path().join("absent");
    says(&refusal(&absent).await, "store.backup_file", "absent");
}

#[tokio::test]
async fn a_backup_that_cannot_be_written_says_where() {
    let source = testkit::sqlite(STEPS).await;
    let file = Path::new("/nowhere/at/all/city.backup");
    let refused = backup(&source.store, file, |_| {}).await.expect_err("it was written");
    says(&refused, "store.backup_file", "/nowhere/at/all/city.backup");
}

/// A schema one step ahead of [`STEPS`], which reworks rows that an earlier release wrote.
fn later() -> Vec<Migration> {
    let step = Migration {
        version: 3,
        name: "loud notes",
        sql: "ALTER TABLE zone ADD COLUMN loud TEXT; UPDATE zone SET loud = upper(note);",
    };
    [STEPS, &[step]].concat()
}

fn new_store(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("new/lucid.sqlite").display())
}

#[tokio::test]
async fn a_backup_of_an_earlier_release_is_brought_to_the_present() {
    let (folder, file) = sample(30).await;
    let url = new_store(folder.path());
    let (store, summary) = restore_at(&url, &later(), &file, |_| {}).await.expect("a restore");
    assert_eq!(summary.rows, 32);
    assert_eq!(store.steps().await.expect("the steps"), [1, 2, 3]);
    let loud: Option<String> = sqlx::query_scalar("SELECT loud FROM zone WHERE note <> ''")
        .fetch_one(store.reader())
        .await
        .expect("the note");
    assert_eq!(loud.as_deref(), Some("QUOTE \" LINE\nBREAK \u{1F30A}"));
    assert_eq!(next_alarm(&store).await, 31);
}

#[tokio::test]
async fn a_backup_of_a_later_release_is_refused() {
    let source = testkit::sqlite(&later()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("later.backup");
    backup(&source.store, &file, |_| {}).await.expect("a backup");
    let url = new_store(folder.path());
    let refused = restore_at(&url, STEPS, &file, |_| {}).await.expect_err("it was restored");
    says(&refused, "store.backup_newer", "schema step 3");
    assert!(!folder.path().join("new").exists(), "a store was made for nothing");
}

#[tokio::test]
async fn a_store_of_later_steps_takes_no_earlier_backup() {
    let (folder, file) = sample(3).await;
    let url = new_store(folder.path());
    Store::open(&url, &later()).await.expect("a later store").close().await;
    let refused = restore_at(&url, &later(), &file, |_| {}).await.expect_err("it was restored");
    says(&refused, "store.backup_schema", "schema step 2, the store is at 3");
}

#[tokio::test]
async fn a_store_is_backed_up_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = new_store(folder.path());
    let store = Store::open(&url, STEPS).await.expect("a store");
    fill(&store, 5).await;
    store.close().await;
    let old = Store::open_as_it_is(&url).await.expect("it opens");
    assert_eq!(old.steps().await.expect("the steps"), [1, 2]);
    let file = folder.path().join("before.backup");
    backup(&old, &file, |_| {}).await.expect("a backup");
    let found = contents(&file).await.expect("its header");
    assert_eq!((found.schema, found.rows), (vec![1, 2], 7));
    let mut told = 0;
    let read = verify(&file, |progress| told = progress.rows_done).await.expect("it is whole");
    assert_eq!((read.rows, told), (7, 7));
    let mut damaged = std::fs::read(&file).expect("the file");
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    std::fs::write(&file, damaged).expect("a damaged file");
    let refused = verify(&file, |_| {}).await.expect_err("it passed");
    says(&refused, "store.backup_content", "line ");
}

#[tokio::test]
async fn a_store_is_copied_into_an_empty_one_and_compared() {
    testkit::on_both(STEPS, async |target: Store| {
        let source = testkit::sqlite(STEPS).await;
        fill(&source.store, 700).await;
        let mut told = Vec::new();
        let copied = copy(&source.store, &target, |progress| {
            told.push((progress.rows_done, progress.rows_total));
        });
        let copied = copied.await.expect("a copy");
        let rows: Vec<_> = copied.iter().map(|one| (one.table.as_str(), one.rows)).collect();
        assert_eq!(rows, [("empty", 0), ("zone", 3), ("alarm", 699)]);
        assert!(copied.iter().all(|one| one.digest.len() == 64));
        assert!(told.is_sorted(), "{told:?}");
        assert_eq!(told.last(), Some(&(1404, 1404)));
        assert_eq!(content(&target).await, content(&source.store).await);
        assert_eq!(next_alarm(&target).await, 701);

        let refused = copy(&source.store, &target, |_| {}).await.expect_err("copied twice");
        says(&refused, "store.not_empty", "has rows");
    })
    .await;
}

#[tokio::test]
async fn what_a_target_refuses_leaves_it_empty() {
    let Some(target) = testkit::postgres(STEPS).await else { return };
    let source = testkit::sqlite(STEPS).await;
    fill(&source.store, 20).await;
    let mut transaction = source.store.begin().await.expect("a transaction");
    // PostgreSQL keeps no text with a zero in it.
    sqlx::query("UPDATE zone SET note = 'a' || char(0) || 'b' WHERE code = 'b'")
        .execute(&mut *transaction)
        .await
        .expect("a note");
    transaction.commit().await.expect("it is kept");
    let refused = copy(&source.store, &target.store, |_| {}).await.expect_err("it was copied");
    says(&refused, "store.refused", "table zone");
    assert!(is_empty(&target.store).await, "rows were left behind");
}

#[tokio::test]
async fn a_table_that_has_counted_to_nothing_goes_into_the_other_engine() {
    let Some(postgres) = testkit::postgres(STEPS).await else { return };
    let source = testkit::sqlite(STEPS).await;
    let mut transaction = source.store.begin().await.expect("a transaction");
    // Of nothing at all SQLite still writes down that it has counted to 0.
    sqlx::query("INSERT INTO alarm (zone) SELECT code FROM zone")
        .execute(&mut *transaction)
        .await
        .expect("no alarm");
    sqlx::query("INSERT INTO zone (code) VALUES ('b')")
        .execute(&mut *transaction)
        .await
        .expect("a zone");
    transaction.commit().await.expect("it is kept");
    let counted: i64 = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'alarm'")
        .fetch_one(source.store.reader())
        .await
        .expect("a number");
    assert_eq!(counted, 0);
    copy(&source.store, &postgres.store, |_| {}).await.expect("a copy");
    assert_eq!(next_alarm(&postgres.store).await, 1);
}
