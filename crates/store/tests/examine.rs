//! The examination of a database: a sound one passes, a damaged one is told.

use store::{Migration, Store, examine};

const STEPS: &[Migration] = &[Migration {
    version: 1,
    name: "tables",
    sql: "CREATE TABLE zone (code TEXT NOT NULL PRIMARY KEY, note TEXT); \
          CREATE TABLE alarm (id {identity}, zone TEXT NOT NULL REFERENCES zone (code), \
              note TEXT);",
}];

async fn fill(store: &Store) {
    let mut transaction = store.begin().await.expect("a transaction");
    sqlx::query("INSERT INTO zone (code, note) VALUES ('a', 'first')")
        .execute(&mut *transaction)
        .await
        .expect("a zone");
    for number in 0..2000 {
        sqlx::query("INSERT INTO alarm (zone, note) VALUES ('a', $1)")
            .bind(format!("alarm {number} {}", "x".repeat(200)))
            .execute(&mut *transaction)
            .await
            .expect("an alarm");
    }
    transaction.commit().await.expect("it is kept");
}

#[tokio::test]
async fn a_sound_database_passes() {
    testkit::on_both(STEPS, async |store: Store| {
        fill(&store).await;
        let mut told = (0, 0);
        let found = examine(&store, |done, total| told = (done, total)).await.expect("examined");
        assert_eq!(found.problems, Vec::<String>::new());
        assert_eq!((found.tables, found.rows, told), (2, 2001, (2001, 2001)));
    })
    .await;
}

#[tokio::test]
async fn a_reference_to_nothing_is_told() {
    let test = testkit::sqlite(STEPS).await;
    fill(&test.store).await;
    let file = test.store.file().expect("a file").to_owned();
    test.store.close().await;
    let pool = sqlx::AnyPool::connect(&format!("sqlite://{}", file.display())).await.expect("open");
    let mut connection = pool.acquire().await.expect("a connection");
    // Only whoever goes past the program can leave it so.
    for sql in ["PRAGMA foreign_keys = OFF", "DELETE FROM zone"] {
        sqlx::query(sql).execute(&mut *connection).await.expect("it is done");
    }
    drop(connection);
    pool.close().await;
    let store = Store::open(&format!("sqlite:{}", file.display()), STEPS).await.expect("it opens");
    let found = examine(&store, |_, _| {}).await.expect("examined");
    assert_eq!(found.problems, ["2000 rows of alarm refer to rows of zone that are gone"]);
}

#[tokio::test]
async fn a_damaged_page_is_told() {
    let test = testkit::sqlite(STEPS).await;
    fill(&test.store).await;
    let file = test.store.file().expect("a file").to_owned();
    test.store.close().await;
    let mut bytes = std::fs::read(&file).expect("the file");
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 64].fill(0xFF);
    std::fs::write(&file, bytes).expect("damaged");
    let store = Store::open(&format!("sqlite:{}", file.display()), STEPS).await.expect("it opens");
    let found = examine(&store, |_, _| {}).await.expect("examined");
    assert!(!found.problems.is_empty(), "nothing was noticed");
}
