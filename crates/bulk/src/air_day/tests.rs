//! Days of stations from hours: the rules against those of the standards in decimals, and files
//! against each other.

use std::path::{Path, PathBuf};

use jiff::civil::date;
use proptest::prelude::*;
use rulebook::{Decimal, round_half_even};
use standards::air::hj663_ambient_air_assessment::{Parameters, daily_maximum_8_hours, daily_mean};

use super::hours::{DayHours, DayRules};
use crate::micro::{self, MISSING};
use crate::{DayDecimals, HourLabel, Refused, Settings, run};

/// A day of hours in tenths, some of them missing.
fn hours(largest: i64) -> impl Strategy<Value = Vec<Option<i64>>> {
    let hour = prop_oneof![6 => (0..=largest).prop_map(Some), 1 => Just(None)];
    prop::collection::vec(hour, 24)
}

fn decimals(tenths: &[Option<i64>]) -> [Option<Decimal>; 24] {
    std::array::from_fn(|hour| tenths[hour].map(|value| Decimal::new(value, 1)))
}

proptest! {
    #[test]
    fn whole_numbers_judge_as_decimals_do(pm25 in hours(9_000), o3 in hours(3_000)) {
        let on = date(2026, 6, 1);
        let parameters = Parameters::in_force(on).expect("an edition");
        let rules = DayRules::in_force(on).expect("an edition");
        let mut day = DayHours::new(0, 0, 2);
        for hour in 0..24 {
            let at = |tenths: &[Option<i64>]| tenths[hour].map_or(MISSING, |value| value * 100_000);
            let values = [MISSING, MISSING, MISSING, at(&pm25), MISSING, at(&o3)];
            prop_assert!(day.add(hour as u8, &values));
        }
        let judged = day.judge(&rules, DayDecimals::Exact);
        let wanted = daily_mean(&decimals(&pm25), &parameters).ok();
        let wanted = wanted.map(|value| round_half_even(value, 6).normalize());
        prop_assert_eq!(micro::to_decimal(judged.values[3]), wanted);
        let limit = Decimal::from(160);
        let wanted = daily_maximum_8_hours(&decimals(&o3), limit, &parameters).ok();
        let wanted = wanted.map(|value| round_half_even(value, 6).normalize());
        prop_assert_eq!(micro::to_decimal(judged.values[5]), wanted);
    }

    #[test]
    fn a_day_in_two_parts_is_the_same_day(cut in 0_usize..24, o3 in hours(3_000)) {
        let (mut whole, mut first, mut second) =
            (DayHours::new(0, 0, 2), DayHours::new(0, 0, 2), DayHours::new(0, 0, 9));
        for (hour, value) in o3.iter().enumerate() {
            let values = [value.map_or(MISSING, |value| value * 100_000); 6];
            whole.add(hour as u8, &values);
            if hour < cut { &mut first } else { &mut second }.add(hour as u8, &values);
        }
        let rules = DayRules::in_force(date(2026, 6, 1)).expect("an edition");
        prop_assert_eq!(first.join(&second), Ok(()));
        let judged = |day: &DayHours| day.judge(&rules, DayDecimals::Printed);
        prop_assert_eq!(judged(&first), judged(&whole));
        if cut < 24 {
            prop_assert!(first.join(&second).is_err());
        }
    }
}

/// A folder with a file of these rows.
fn file(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("it is written");
    (folder, path)
}

fn judged(settings: &Settings, input: &Path, output: &str) -> Result<String, Refused> {
    let result = input.with_file_name(output);
    run(&super::METHOD, settings, &[input.to_owned()], Some(&result), &mut |_, _| {})?;
    Ok(std::fs::read_to_string(&result).unwrap_or_default())
}

/// Two stations, three days, in the order of stations or of time.
fn rows(by_time: bool) -> String {
    let mut rows = Vec::new();
    for station in ["A", "B"] {
        for hour in 0..72_u32 {
            let (day, of_day) = (hour / 24 + 1, hour % 24 + 1);
            let value = (hour * 7 + u32::from(station == "B") * 13) % 90;
            let o3 = if hour % 11 == 0 { String::new() } else { format!("{value}.5") };
            let row = format!("{station},漳州,2026-06-{day:02} {of_day:02}:00,{value},{o3}");
            rows.push((hour, row));
        }
    }
    if by_time {
        rows.sort_by_key(|(hour, _)| *hour);
    }
    let rows: Vec<String> = rows.into_iter().map(|(_, row)| row).collect();
    format!("station,city,time,pm25,o3\n{}\n", rows.join("\n"))
}

fn sorted(table: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = table.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn the_order_of_stations_and_the_number_of_threads_do_not_matter() {
    let (_kept, by_station) = file("hours.csv", &rows(false));
    let (_kept_too, by_time) = file("hours.csv", &rows(true));
    let one = judged(&Settings { workers: 1, ..Settings::default() }, &by_station, "d.csv");
    let one = one.expect("it is judged");
    assert_eq!(one.lines().count(), 7);
    assert!(one.lines().nth(1).is_some_and(|line| line.starts_with("A,漳州,2026-06-01,")), "{one}");
    for workers in [1, 3] {
        let settings = Settings { workers, ..Settings::default() };
        assert_eq!(judged(&settings, &by_station, "d.csv").as_ref(), Ok(&one));
        let other = judged(&settings, &by_time, "d.csv").expect("it is judged");
        assert_eq!(sorted(&other), sorted(&one));
    }
}

#[test]
fn every_form_of_file_gives_the_same_days() {
    let (_kept, csv) = file("hours.csv", &rows(false));
    let wanted = judged(&Settings::default(), &csv, "days.csv").expect("it is judged");
    let gbk = encoding_rs::GB18030.encode(&rows(false).replace("station", "站点")).0.into_owned();
    let packed = csv.with_file_name("hours.csv.gz");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, &gbk).expect("it packs");
    std::fs::write(&packed, packer.finish().expect("it packs")).expect("it is written");
    assert_eq!(judged(&Settings::default(), &packed, "packed.csv").as_ref(), Ok(&wanted));
    // A row method without work of its own copies a table into the other forms.
    for form in ["hours.xlsx", "hours.parquet"] {
        let other = csv.with_file_name(form);
        copy(&rows(false), &other);
        let found = judged(&Settings::default(), &other, "other.csv");
        assert_eq!(found.as_ref(), Ok(&wanted), "{form}");
    }
}

/// Writes a table in the form that its name asks for.
fn copy(table: &str, to: &Path) {
    use crate::output::{Cell, Gives, Output};
    let mut lines = table.lines();
    let titles = lines.next().expect("a header").split(',');
    let columns: Vec<(String, Gives)> = titles
        .map(|title| {
            let is_number = matches!(title, "pm25" | "o3");
            (title.to_owned(), if is_number { Gives::Number } else { Gives::Text })
        })
        .collect();
    let mut output = Output::create(Some(to), &columns).expect("it begins");
    for line in lines {
        let cells: Vec<Cell<'_>> = line
            .split(',')
            .map(|cell| if cell.is_empty() { Cell::None } else { Cell::text(cell) })
            .collect();
        output.row(&cells).expect("it is written");
    }
    output.finish().expect("it ends");
}

/// A cell of a concentration as it may be written, and one that no reader takes.
fn written() -> impl Strategy<Value = String> {
    let plain = prop_oneof![Just("%"), Just("%.5"), Just("%.25"), Just("0%"), Just("")];
    let odd = prop_oneof![Just(" % "), Just("+%"), Just("%."), Just(".%"), Just("%e1"), Just("NA")];
    let form = prop_oneof![20 => plain, 3 => odd, 1 => Just("-%"), 1 => Just("few")];
    (form, 0_u32..900).prop_map(|(form, number)| form.replace('%', &number.to_string()))
}

proptest! {
    #[test]
    fn lines_are_read_alike_with_and_without_quotation_marks(
        cells in prop::collection::vec((written(), written(), written()), 24),
        end in prop_oneof![Just("\n"), Just("\r\n")],
        mark in prop_oneof![Just(","), Just(";"), Just("\t")],
        is_ended in any::<bool>(),
        gap in 0_usize..40,
    ) {
        let table = |station: &str| {
            let mut lines = vec![["time", "so2", "station", "co(ug/m3)", "o3"].join(mark)];
            for (hour, (so2, co, o3)) in cells.iter().enumerate() {
                let time = format!("2026-06-01 {:02}:00", hour + 1);
                lines.push([time.as_str(), so2, station, co, o3].join(mark));
            }
            // An empty line counts as a row of the file but holds none.
            if gap < lines.len() && gap > 0 {
                lines.insert(gap, String::new());
            }
            lines.join(end) + if is_ended { end } else { "" }
        };
        let (_kept, plain) = file("hours.csv", &table("A"));
        let (_kept_too, quoted) = file("hours.csv", &table("\"A\""));
        let plain = judged(&Settings::default(), &plain, "days.csv");
        let quoted = judged(&Settings::default(), &quoted, "days.csv");
        let said = |found: Result<String, Refused>| found.map_err(|refused| refused.problems);
        prop_assert_eq!(said(plain), said(quoted));
    }
}

#[test]
fn what_is_wrong_is_named_by_row_and_column_and_no_result_is_left() {
    let header = "station,time,so2,co\n";
    for (rows, code, said) in [
        (
            "A,2026-06-01 01:00,few,1\n",
            "row.value",
            "row 2, column so2: \"few\" is no concentration",
        ),
        ("A,2026-06-01 01:00,-1,1\n", "row.value", "column so2: the concentration is negative"),
        ("A,2026-06-01 01:30,1,1\n", "row.value", "column time: the time is no full hour"),
        ("A,yesterday,1,1\n", "row.value", "column time: \"yesterday\" is no full hour"),
        (",2026-06-01 01:00,1,1\n", "row.value", "column station: the cell is empty"),
        ("A,2026-06-01 01:00,1\n", "table.cells", "row 2: the row has 3 cells, the header 4"),
        (
            "A,2026-06-01 01:00,1,1\nA,2026-06-01 01:00,1,1\n",
            "rows.twice",
            "row 3: hour 1 of A on 2026-06-01 is there twice",
        ),
        (
            "A,2026-06-02 01:00,1,1\nA,2026-06-01 01:00,1,1\n",
            "rows.order",
            "row 3: A goes back from 2026-06-02 to 2026-06-01",
        ),
        ("A,2009-06-01 01:00,1,1\n", "method.edition", "in force on 2009-06-01"),
    ] {
        let (_kept, path) = file("hours.csv", &format!("{header}{rows}"));
        let refused = judged(&Settings::default(), &path, "days.csv").expect_err(rows);
        assert_eq!(refused.problems[0].code, code, "{rows}");
        assert!(refused.problems[0].to_string().contains(said), "{}", refused.problems[0]);
        let left: Vec<_> = path.parent().expect("a folder").read_dir().expect("it lists").collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
    let (_kept, path) = file("hours.csv", "station,so2\nA,1\n");
    let refused = judged(&Settings::default(), &path, "days.csv").expect_err("no time");
    assert_eq!(refused.problems[0].code, "columns.missing");
    let (_kept, path) = file("hours.csv", "");
    let refused = judged(&Settings::default(), &path, "days.csv").expect_err("nothing");
    assert_eq!(refused.problems[0].code, "columns.none");
}

#[test]
fn an_hour_is_labelled_by_its_end_or_its_start() {
    let row = |hour: u32| format!("A,2025,6,1,{hour},{}", if hour == 0 { 240 } else { 0 });
    let rows = (0..24).map(row).collect::<Vec<_>>().join("\n");
    let (_kept, path) = file("hours.csv", &format!("station,year,month,day,hour,so2\n{rows}"));
    let by_start = Settings { label: HourLabel::Start, ..Settings::default() };
    let days = judged(&by_start, &path, "days.csv").expect("it is judged");
    assert!(days.contains("A,,2025-06-01,10,"), "{days}");
    let days = judged(&Settings::default(), &path, "days.csv").expect("it is judged");
    // The first label ends the day before, which has that one hour.
    assert!(days.contains("A,,2025-05-31,,") && days.contains("A,,2025-06-01,0,"), "{days}");
}
