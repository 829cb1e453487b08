//! Files of odd forms: what their cells are read as, and what is said of those that are no value.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    Time32MillisecondArray, UInt64Array,
};
use parquet::arrow::ArrowWriter;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use crate::{METHODS, Problem, Settings, run};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn judged(method: &str, input: &Path) -> Result<String, Problem> {
    let method = METHODS.iter().find(|known| known.name == method).expect("a method");
    let output = input.with_file_name("out.csv");
    let done =
        run(method, &Settings::default(), &[input.to_owned()], Some(&output), &mut |_, _| {});
    done.map_err(|refused| refused.problems[0].clone())?;
    Ok(std::fs::read_to_string(output).expect("a result"))
}

fn parquet(folder: &Path, columns: Vec<(&str, ArrayRef)>) -> PathBuf {
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let path = folder.join("in.parquet");
    let file = std::fs::File::create(&path).expect("a file");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("it is written");
    writer.close().expect("it ends");
    path
}

fn texts(cells: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(cells.to_vec()))
}

#[test]
fn cells_of_parquet_are_read_as_what_they_are() {
    let folder = folder();
    let path = parquet(
        folder.path(),
        vec![
            // A code longer than any number that is read, an amount of money, bytes of a text.
            ("section", Arc::new(Int64Array::from(vec![350_600_000_001_234, 7]))),
            (
                "fee",
                Arc::new(
                    Decimal128Array::from(vec![Some(1_234_567_890_123_456_789), None])
                        .with_precision_and_scale(20, 2)
                        .expect("a scale"),
                ),
            ),
            ("water_body", Arc::new(BinaryArray::from(vec![&b"river"[..], b"lake"]))),
            ("TP", Arc::new(Float64Array::from(vec![Some(0.1), None]))),
            ("NH3N", texts(&["0.3", "NA"])),
        ],
    );
    let result = judged("surface-water", &path).expect("it is judged");
    let rows: Vec<&str> = result.lines().collect();
    assert!(
        rows[1].starts_with("350600000001234,12345678901234567.89,river,0.1,0.3,Ⅱ,"),
        "{result}"
    );
    assert!(rows[2].starts_with("7,,lake,,NA,,"), "{result}");
}

#[test]
fn a_cell_of_parquet_that_is_no_value_is_named_by_its_row() {
    let day = texts(&["2026-06-01", "2026-06-02", "2026-06-03"]);
    let good: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0]));
    let cases: Vec<(Vec<(&str, ArrayRef)>, &str)> = vec![
        (
            vec![("date", day.clone()), ("so2", texts(&["1", "", "few"]))],
            "row 4, column so2: \"few\" is no concentration",
        ),
        (
            vec![("date", day.clone()), ("so2", Arc::new(UInt64Array::from(vec![1, u64::MAX, 3])))],
            "row 3, column so2: \"9223372036854775807\" is no concentration",
        ),
        (
            vec![
                ("date", day.clone()),
                ("so2", Arc::new(Float64Array::from(vec![1.0, -2.0, 3.0]))),
            ],
            "row 3, column so2: the concentration is negative",
        ),
        (
            vec![("date", texts(&["2026-06-01", "2026-06-02", "June"])), ("so2", good.clone())],
            "row 4, column date: \"June\" is no day",
        ),
        (
            vec![("date", Arc::new(Int64Array::from(vec![1, 2, 3]))), ("so2", good.clone())],
            "row 2, column date: \"1\" is no day",
        ),
        (
            vec![("date", day), ("so2", Arc::new(Time32MillisecondArray::from(vec![1, 2, 3])))],
            "column so2: the column is of the kind",
        ),
    ];
    for (columns, said) in cases {
        let folder = folder();
        let problem = judged("air-period", &parquet(folder.path(), columns)).expect_err(said);
        assert!(problem.to_string().starts_with(said), "{problem}");
    }
}

#[test]
fn cells_of_a_workbook_are_read_as_what_was_typed() {
    let folder = folder();
    let path = folder.path().join("in.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (place, title) in (0_u16..).zip(["station", "time", "so2"]) {
        sheet.write_string(0, place, title).expect("it is written");
    }
    let form = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    for hour in 0..24_u16 {
        let row = u32::from(hour) + 1;
        let time = ExcelDateTime::from_ymd(2026, 6, 1).and_then(|day| day.and_hms(hour, 0, 0));
        let time = time.expect("a time");
        sheet.write_string(row, 0, "A").expect("it is written");
        sheet.write_datetime_with_format(row, 1, &time, &form).expect("it is written");
        sheet.write_number(row, 2, 0.1 * f64::from(hour)).expect("it is written");
    }
    book.save(&path).expect("it is saved");
    let result = judged("air-day", &path).expect("it is judged");
    // Labelled by their ends: the first hour ends the day before, and 23 are left.
    assert_eq!(result.lines().count(), 3, "{result}");
    assert!(result.contains("A,,2026-06-01,1.2,"), "{result}");
}

#[test]
fn a_formula_that_failed_is_no_missing_value() {
    let folder = folder();
    let path = folder.path().join("in.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "DO").expect("it is written");
    sheet.write_number(1, 0, 7.0).expect("it is written");
    sheet.write_formula(2, 0, Formula::new("=1/0").set_result("#DIV/0!")).expect("it is written");
    book.save(&path).expect("it is saved");
    let problem = judged("surface-water", &path).expect_err("a failed formula");
    assert!(
        problem.to_string().starts_with("row 3, column DO: \"#DIV/0!\" is no number"),
        "{problem}"
    );
}

#[test]
fn the_work_on_a_packed_file_is_told_from_none_to_all() {
    let folder = folder();
    let path = folder.path().join("in.csv.gz");
    let rows: Vec<String> = (0..200_000).map(|row| format!("S{row},{}.5", row % 9)).collect();
    let rows = rows.join("\n");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, format!("section,DO\n{rows}\n").as_bytes())
        .expect("it packs");
    let packed = packer.finish().expect("it packs");
    std::fs::write(&path, &packed).expect("it is written");
    let method = METHODS.iter().find(|known| known.name == "surface-water").expect("a method");
    let output = path.with_file_name("out.csv");
    let mut told = Vec::new();
    let files = [path];
    run(method, &Settings::default(), &files, Some(&output), &mut |done, whole| {
        told.push((done, whole));
    })
    .expect("it is judged");
    assert!(told.is_sorted() && told.iter().all(|(_, whole)| *whole == packed.len() as u64));
    assert_eq!(told.last(), Some(&(packed.len() as u64, packed.len() as u64)));
    assert_eq!(crate::Measure::of(&files), crate::Measure::Bytes);
    assert_eq!(crate::Measure::of(&["a.parquet".into()]), crate::Measure::Rows);
}
