//! Periods of cities from days of stations.

use std::path::Path;

use jiff::civil::date;
use proptest::prelude::*;
use rulebook::{Decimal, round_half_even};
use standards::air::Pollutant;
use standards::air::hj663_ambient_air_assessment::{Parameters, city_value};

use super::city_mean;
use crate::micro::{self, MISSING};
use crate::{PeriodKind, Refused, Settings, run};

proptest! {
    #[test]
    fn the_mean_of_a_city_is_that_of_the_standard(
        stations in prop::collection::vec(prop::option::of(0_i64..5_000), 1..12),
    ) {
        let parameters = Parameters::in_force(date(2026, 6, 1)).expect("an edition");
        let exact: Vec<_> =
            stations.iter().map(|value| value.map(|value| Decimal::new(value, 1))).collect();
        let wanted = city_value(&exact, &parameters).ok();
        let wanted = wanted.map(|value| round_half_even(value, 6).normalize());
        let sum: i64 = stations.iter().flatten().map(|value| value * 100_000).sum();
        let counted = stations.iter().flatten().count() as u32;
        let found = city_mean(sum, counted, stations.len() as u32, &parameters);
        prop_assert_eq!(micro::to_decimal(found), wanted);
        prop_assert_eq!(found == MISSING, wanted.is_none());
    }
}

fn judged(settings: &Settings, text: &str, folder: &Path) -> Result<Vec<Vec<String>>, Refused> {
    let (input, output) = (folder.join("days.csv"), folder.join("periods.csv"));
    std::fs::write(&input, text).expect("it is written");
    run(&super::METHOD, settings, &[input], Some(&output), &mut |_, _| {})?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(&output)
        .expect("the result is there");
    Ok(reader
        .records()
        .map(|row| row.expect("it is CSV").iter().map(str::to_owned).collect())
        .collect())
}

fn cell<'table>(table: &'table [Vec<String>], row: usize, column: &str) -> &'table str {
    let place = table[0].iter().position(|title| title == column).expect("a column");
    &table[row][place]
}

/// A year of Puning as published: SO2 6, NO2 12, PM10 51, PM2.5 19, CO 0.9, O3 137, index 2.75.
fn puning() -> String {
    let mut rows = vec!["date,so2,no2,pm10,pm25,co,o3_8h".to_owned()];
    let mut day = date(2025, 1, 1);
    while day.year() == 2025 {
        rows.push(format!("{day},6,12,51,19,0.9,137"));
        day = day.tomorrow().expect("a day");
    }
    rows.join("\n")
}

#[test]
fn a_published_year_comes_out_as_published() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = judged(&Settings::default(), &puning(), folder.path()).expect("it is judged");
    let of = |column| cell(&table, 1, column);
    assert_eq!((of("period"), of("pm25_mean"), of("co_p95")), ("2025", "19", "0.9"));
    assert_eq!((of("index"), of("main"), of("attains")), ("2.75", "O3", "true"));
    assert_eq!((of("aqi_days"), of("good_day_ratio")), ("365", "100.0"));
    assert_eq!((of("limits"), of("because")), ("GB 3095-2012", ""));
}

#[test]
fn a_year_that_attains_may_not_attain_under_the_new_limits() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = Settings {
        on: vec![date(2025, 12, 31), date(2026, 3, 1), date(2031, 1, 1)],
        ..Settings::default()
    };
    let rows = puning().replace(",19,", ",33,");
    let table = judged(&settings, &rows, folder.path()).expect("it is judged");
    let attains = |row| (cell(&table, row, "pm25_attains"), cell(&table, row, "limits"));
    assert_eq!(attains(1), ("true", "GB 3095-2012"));
    assert_eq!(attains(2), ("false", "GB 3095-2026（过渡阶段）"));
    assert_eq!(attains(3), ("false", "GB 3095-2026"));
    assert_eq!(cell(&table, 2, "because"), "PM2.5 年均超 0.10 倍");
}

#[test]
fn months_have_statistics_and_a_short_year_says_why_it_has_no_verdict() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows: Vec<String> = puning().lines().take(60).map(str::to_owned).collect();
    let rows = rows.join("\n");
    let months = Settings { period: PeriodKind::Month, ..Settings::default() };
    let table = judged(&months, &rows, folder.path()).expect("it is judged");
    let periods: Vec<&str> = (1..table.len()).map(|row| cell(&table, row, "period")).collect();
    assert_eq!(periods, ["2025-01", "2025-02"]);
    assert_eq!((cell(&table, 1, "pm25_days"), cell(&table, 1, "pm25_attains")), ("31", ""));
    let table = judged(&Settings::default(), &rows, folder.path()).expect("it is judged");
    assert_eq!(cell(&table, 1, "attains"), "");
    let because = cell(&table, 1, "because");
    assert!(because.contains("PM2.5 全年有效日不足：有 59，需 324"), "{because}");
}

#[test]
fn stations_of_a_city_are_averaged_and_counted_once() {
    let folder = tempfile::tempdir().expect("a folder");
    // Two of four stations are fewer than three quarters.
    let rows = "city,station,date,pm25\n漳州,A,2025-06-01,10\n漳州,B,2025-06-01,20\n\
                漳州,C,2025-06-01,33\n漳州,D,2025-06-02,90\n漳州,A,2025-06-02,90\n";
    let table = judged(&Settings::default(), rows, folder.path()).expect("it is judged");
    assert_eq!((cell(&table, 1, "stations"), cell(&table, 1, "pm25_days")), ("4", "1"));
    assert_eq!(cell(&table, 1, "pm25_mean"), "21");
    let refused =
        judged(&Settings::default(), &format!("{rows}漳州,A,2025-06-02,1\n"), folder.path());
    let refused = refused.expect_err("a row twice");
    assert_eq!(refused.problems[0].code, "rows.twice");
    assert_eq!(refused.problems[0].row, Some(7));
}

#[test]
fn the_days_are_drawn_with_their_limits() {
    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("year.svg");
    let settings = Settings {
        on: vec![date(2025, 12, 31), date(2026, 3, 1)],
        plot: Some((picture.clone(), Pollutant::Pm25)),
        ..Settings::default()
    };
    judged(&settings, &puning(), folder.path()).expect("it is judged");
    let drawn = std::fs::read_to_string(&picture).expect("a picture");
    assert!(drawn.starts_with("<svg ") && drawn.ends_with("</svg>\n"));
    assert_eq!(drawn.matches("<title>").count(), 365);
    assert!(drawn.contains("75 GB 3095-2012") && drawn.contains("60 GB 3095-2026 过渡"));
}
