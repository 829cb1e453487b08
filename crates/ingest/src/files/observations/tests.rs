use super::*;
use crate::files::example_city;
use jiff::civil::date;

fn now() -> Timestamp {
    let noon = date(2026, 3, 1).at(12, 0, 0, 0);
    rulebook::beijing_offset().to_timestamp(noon).expect("a time")
}

fn table(lines: &str) -> Table {
    let names: Vec<_> = COLUMNS.iter().map(|column| column.name).collect();
    Table::read(format!("{}\n{lines}", names.join(",")).as_bytes()).expect("a table")
}

/// Kind and code of the first point of the city, and two of its factors.
fn names(city: &Snapshot) -> (String, String, String) {
    let point = city.points().next().expect("a point");
    let mut factors = city.factors().iter().map(|factor| factor.code.clone());
    let place = format!("{},{}", point.kind().as_str(), point.code);
    (place, factors.next().expect("a factor"), factors.next().expect("a second"))
}

#[tokio::test]
async fn lines_of_one_time_make_one_row() {
    let city = example_city().await;
    let (place, one, two) = names(&city);
    let found = read(
        &table(&format!(
            "{place},hour,2026-03-01 08:00,{one},7.10,7,7.2,,,n\n\
             {place},小时,2026/3/1 8:00,{two},0.45\n\
             ,,,,,,,,,,\n\
             {place},day,2026-02-28,{one},,,,12.5,,\n"
        )),
        &city,
        now(),
    );
    assert_eq!(found.problems, []);
    assert_eq!((found.rows.len(), found.good_lines), (2, 3));
    let first = &found.rows[0];
    assert_eq!(first.observed_at.to_string(), "2026-03-01T00:00:00Z");
    assert_eq!(first.values.len(), 2);
    assert_eq!(first.values[0].flag, Some(b'N'));
    assert_eq!(first.values[0].value, "7.10".parse().ok());
    assert!(first.values[0].marks.contains(::observations::Marks::FROM_FILE));
    assert_eq!(found.rows[1].values[0].sum, "12.5".parse().ok());
}

#[tokio::test]
async fn every_wrong_cell_is_named_by_line_and_column() {
    let city = example_city().await;
    let (place, one, _) = names(&city);
    let found = read(
        &table(&format!(
            "{place},hour,2026-03-01 08:30,{one},1\n\
             {place},hour,2026-03-01 13:00,{one},1\n\
             {place},week,2026-03-01 08:00,{one},x,,,,,NN\n\
             outlet,none,hour,2026-03-01 08:00,q99999,1\n\
             {place},hour,2026-03-01 07:00,{one}\n\
             {place},hour,2026-03-01 06:00,{one},1\n\
             {place},hour,2026-03-01 06:00,{one},2\n"
        )),
        &city,
        now(),
    );
    let places: Vec<_> = found
        .problems
        .iter()
        .map(|problem| (problem.line.unwrap_or(0), problem.column.as_deref().unwrap_or("")))
        .collect();
    assert_eq!(
        places,
        [
            (2, "observed_at"),
            (3, "observed_at"),
            (4, "period"),
            (4, "value"),
            (4, "flag"),
            (5, "point"),
            (5, "factor"),
            (6, "value"),
            (8, ""),
        ]
    );
    assert_eq!((found.rows.len(), found.good_lines, found.rejected.len()), (1, 1, 6));
    assert!(found.problems.iter().all(|problem| !problem.cure.is_empty()));
}

#[tokio::test]
async fn a_table_of_other_columns_is_refused() {
    let city = example_city().await;
    let wrong = Table::read("point,factor,valeu,value,value\n".as_bytes()).unwrap();
    let found = read(&wrong, &city, now());
    let whats: Vec<_> = found.problems.iter().map(|problem| problem.what.as_str()).collect();
    assert_eq!(
        whats,
        [
            "there is no column \"valeu\"",
            "the column value stands twice",
            "the column point_kind (点位类型) is missing",
            "the column period (时段) is missing",
            "the column observed_at (时间) is missing",
        ]
    );
    assert_eq!(read(&table(""), &city, now()).problems[0].code, "import.empty");
    assert_eq!(Table::read(b"PK\x03\x04 nothing").unwrap_err().code, "import.table");
}

#[tokio::test]
async fn what_is_written_out_is_read_back() {
    let city = example_city().await;
    let (place, one, two) = names(&city);
    let text = format!(
        "{place},minute,2026-03-01 08:10,{one},7.10,7,7.2,,3.5,N\n\
         {place},minute,2026-03-01 08:10,{two},,,,,,D\n"
    );
    let rows = read(&table(&text), &city, now()).rows;
    let point = city.points().next().unwrap();
    let row = ::observations::Row {
        point: point.id,
        period: rows[0].period,
        observed_at: rows[0].observed_at,
        received_at: now(),
        source: ::observations::Source { block: 1, index: 0 },
        version: 1,
        values: rows[0].values.clone(),
    };
    let lines: Vec<_> = lines_of(point.kind(), &point.code, &row, &city)
        .iter()
        .map(|line| line.join(","))
        .collect();
    assert_eq!(format!("{}\n", lines.join("\n")), text);
}
