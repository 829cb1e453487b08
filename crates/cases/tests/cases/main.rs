//! Cases from their opening to their end, on both databases.

mod citizens;
mod clocks;
mod common;
mod engine;
mod lists;
mod sight;

use sqlx::{AssertSqlSafe, Row as _};
use store::Store;

/// Every text of every table, row by row: for looking for what must not stand there.
async fn store_texts(store: &Store) -> Vec<String> {
    let mut texts = Vec::new();
    for (table, columns) in [
        ("case_file", "title, fields, doers, clocks, last_act"),
        ("case_report", "body, address"),
        ("case_event", "about, who, note, fields"),
        ("case_evidence", "name, who"),
        ("case_notice", "audience"),
        ("case_word", "word"),
        ("audit_record", "who, subject, COALESCE(before, ''), COALESCE(after, '')"),
    ] {
        let text = format!("SELECT {columns} FROM {table}");
        let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(store.reader()).await;
        for row in rows.expect("rows") {
            let many = columns.matches(", ").count() + 1;
            let cells: Vec<String> =
                (0..many).filter_map(|column| row.try_get(column).ok()).collect();
            texts.push(cells.join(" | "));
        }
    }
    texts
}

/// Text messages that wait: to whom, and what.
async fn messages(store: &Store) -> Vec<(String, String)> {
    let rows = sqlx::query("SELECT recipient, body FROM outbox_message ORDER BY id")
        .fetch_all(store.reader())
        .await
        .expect("rows");
    rows.iter()
        .map(|row| (row.try_get(0).expect("a text"), row.try_get(1).expect("a text")))
        .collect()
}
