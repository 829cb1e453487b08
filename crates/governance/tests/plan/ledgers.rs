//! Ledgers on pages: who reads, who keeps, rows by form and by spreadsheet, their history.

use crate::city::{Answer, City, city, migrations};
use authority::{Jurisdiction, Role};
use axum::body::Body;
use axum::http::{Method, StatusCode};

const FISCAL: &str = "/ledgers/fiscal_matters";
const RESOURCES: &str = "/ledgers/natural_resources";
const MATTER: &str = "matter=Lake+monitoring&level=shared&division=990102&year=2026\
    &city_share=60&planned=1%2C200.50&paid=0&reason=";
const HEADS: [&str; 6] = ["区县*", "资源*", "计量单位*", "年份*", "期初存量*", "期末存量*"];

/// Sends a spreadsheet of these lines.
async fn import(city: &City, path: &str, cookie: &str, lines: &[&[&str]]) -> Answer {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0_u32..).zip(lines) {
        for (column, cell) in (0_u16..).zip(*line) {
            sheet.write_string(row, column, *cell).expect("a cell");
        }
    }
    let file = book.save_to_buffer().expect("a workbook");
    let mut body = b"--edge\r\ncontent-disposition: form-data; name=\"file\"; \
            filename=\"rows.xlsx\"\r\n\r\n"
        .to_vec();
    body.extend(file);
    body.extend(b"\r\n--edge--\r\n");
    let kind = "multipart/form-data; boundary=edge";
    city.send(Method::POST, &format!("{path}/import"), cookie, kind, Body::from(body)).await
}

#[tokio::test]
async fn rows_are_kept_by_who_answers_for_the_division_with_their_history() {
    testkit::on_both(&migrations(), async |store| {
        let city = city(&store, "example").await;
        let division = |code: &str| Jurisdiction::Division(code.into());
        let county = city.cookie("county", Role::CountyOfficer, division("990102")).await;
        let neighbour = city.cookie("neighbour", Role::CountyOfficer, division("990121")).await;
        let inspector = city.cookie("inspector", Role::Inspector, Jurisdiction::Everything).await;
        let rows = format!("{FISCAL}/rows");
        for (who, cookie, wanted) in [
            ("nobody", "", StatusCode::SEE_OTHER),
            ("another county", neighbour.as_str(), StatusCode::FORBIDDEN),
            ("an inspector", &inspector, StatusCode::FORBIDDEN),
        ] {
            assert_eq!(city.post(&rows, cookie, MATTER).await.status, wanted, "{who}");
        }
        let before = city.get(&format!("{FISCAL}?lang=en"), "").await.body;
        assert!(before.contains("No row yet"), "{before}");
        assert_eq!(city.post(&rows, &county, MATTER).await.status, StatusCode::SEE_OTHER);
        let paid = MATTER.replace("paid=0", "paid=1300").replace("reason=", "reason=second+half");
        assert_eq!(city.post(&rows, &county, &paid).await.status, StatusCode::SEE_OTHER);
        assert_eq!(city.post(&rows, &county, &paid).await.status, StatusCode::SEE_OTHER);

        let page = city.get(&format!("{FISCAL}?lang=en"), "").await.body;
        assert!(page.contains("paid more than planned (1300 &gt; 1200.5)"), "{page}");
        assert!(page.contains("Donghu District"), "{page}");
        let key = "Lake%20monitoring%7C990102%7C2026";
        let history = city.get(&format!("{FISCAL}/row?key={key}&lang=en"), "").await.body;
        assert!(history.contains("second half") && history.contains("Paid: 0"), "{history}");
        for (action, wanted) in [("ledger.add", 1), ("ledger.change", 1), ("ledger.remove", 0)] {
            let records = city.audited(action).await;
            assert_eq!(records.len(), wanted, "{action}: the same row again is no change");
        }
        let gone = format!("key={key}&reason=entered+twice");
        let remove = format!("{FISCAL}/remove");
        assert_eq!(city.post(&remove, &neighbour, &gone).await.status, StatusCode::FORBIDDEN);
        assert_eq!(city.post(&remove, &county, &gone).await.status, StatusCode::SEE_OTHER);
        assert_eq!(city.post(&remove, &county, &gone).await.status, StatusCode::NOT_FOUND);
        let history = city.get(&format!("{FISCAL}/row?key={key}&lang=en"), "").await.body;
        assert!(history.contains("taken away") && history.contains("second half"), "{history}");
    })
    .await;
}

#[tokio::test]
async fn a_spreadsheet_is_taken_whole_or_its_wrong_cells_are_named() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, "example").await;
    let bureau = city.cookie("bureau", Role::CountyOfficer, Jurisdiction::Everything).await;
    let works = Jurisdiction::Enterprise("DEMO-9001".into());
    let manager = city.cookie("manager", Role::EnterpriseManager, works).await;
    assert_eq!(city.get(RESOURCES, "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        city.get("/api/v1/ledgers/natural_resources", "").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(city.get(RESOURCES, &manager).await.status, StatusCode::FORBIDDEN);

    let first: [&str; 6] = ["东湖区", "林地", "hm²", "2025", "100", "100"];
    let wrong: [&str; 6] = ["东湖", "林地", "hm²", "2026", "100", "x"];
    let answer = import(&city, RESOURCES, &bureau, &[&HEADS, &first, &wrong]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("本市没有区划“东湖”") && answer.body.contains("写数，如 1234.5"));
    assert!(city.get(RESOURCES, &bureau).await.body.contains("还没有记录"), "none was taken");

    let torn: [&str; 6] = ["东湖区", "林地", "hm²", "2026", "101", "101"];
    let answer = import(&city, RESOURCES, &bureau, &[&HEADS, &first, &torn]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("期初应等于上年期末（本年 101，上年 100）"), "{}", answer.body);
    let answer = import(&city, RESOURCES, &manager, &[&HEADS, &first]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let answer = import(&city, RESOURCES, &bureau, &[&HEADS, &first]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = city.get(RESOURCES, &bureau).await.body;
    assert!(page.contains("林地") && page.contains("东湖区"), "{page}");
    assert_eq!(city.get(&format!("{RESOURCES}?format=xlsx"), &bureau).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_long_ledger_is_read_page_by_page_whatever_its_keys_hold() {
    let test = testkit::sqlite(&migrations()).await;
    let city = city(&test.store, "example").await;
    let bureau = city.cookie("bureau", Role::CountyOfficer, Jurisdiction::Everything).await;
    let names: Vec<String> = (0..101).map(|place| format!("林地 & {place:03}")).collect();
    let mut lines: Vec<[&str; 6]> = vec![HEADS];
    lines.extend(names.iter().map(|name| ["东湖区", name.as_str(), "hm²", "2025", "1", "1"]));
    let lines: Vec<&[&str]> = lines.iter().map(<[&str; 6]>::as_slice).collect();
    let answer = import(&city, RESOURCES, &bureau, &lines).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let first = city.get(RESOURCES, &bureau).await.body;
    assert!(first.contains("林地 &amp; 099") && !first.contains("林地 &amp; 100"), "{first}");
    let (_, rest) = first.split_once("rel=\"next\" href=\"").expect("a next page");
    let (next, _) = rest.split_once('"').expect("an address");
    let last = city.get(&next.replace("&amp;", "&"), &bureau).await.body;
    assert!(last.contains("林地 &amp; 100") && !last.contains("林地 &amp; 099"), "{next}: {last}");
    assert!(!last.contains("rel=\"next\""), "nothing comes after it");
}

#[test]
fn the_ledger_of_the_manual_is_sound() {
    let page = include_str!("../../../../docs/how-to/add-a-ledger.md");
    let (_, rest) = page.split_once("```toml\n").expect("a block");
    let (text, _) = rest.split_once("```").expect("its end");
    let ledger = ledger::Ledger::load("lake_dredging.toml", text);
    let ledger = ledger.unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(
        (ledger.id.as_str(), ledger.columns.len(), ledger.checks.len()),
        ("lake_dredging", 6, 1)
    );
}
