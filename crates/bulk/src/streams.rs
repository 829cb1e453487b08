//! Streams give what files give, to the last digit; what is no whole stream is refused.

use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};

use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float64Array, LargeStringArray,
    RecordBatch, StringArray, StringViewArray, TimestampMicrosecondArray,
};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;

use crate::input::texts;
use crate::{METHODS, Method, Refused, Settings, Values, run, run_stream};

/// A table as a test reads it: titles, then cells.
type Table = Vec<Vec<String>>;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no test fails in it").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn method(name: &str) -> &'static Method {
    METHODS.iter().find(|method| method.name == name).expect("a method of that name")
}

/// A stream of these batches, with its end mark.
fn stream(batches: &[RecordBatch]) -> Vec<u8> {
    let schema = batches.first().expect("a batch").schema();
    let mut writer = StreamWriter::try_new(Vec::new(), &schema).expect("it begins");
    for batch in batches {
        writer.write(batch).expect("it is written");
    }
    writer.finish().expect("it ends");
    writer.into_inner().expect("its bytes")
}

fn judged(
    name: &str,
    bytes: Vec<u8>,
    values: Values,
    settings: &Settings,
) -> Result<Table, Refused> {
    let written = Written::default();
    let from = Box::new(Cursor::new(bytes));
    run_stream(method(name), settings, from, Box::new(written.clone()), values)?;
    let bytes = written.0.lock().expect("no test fails in it").clone();
    assert_eq!(bytes[bytes.len() - 8..], [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], "the end mark");
    let reader = StreamReader::try_new(Cursor::new(bytes), None).expect("a stream");
    let batches: Vec<RecordBatch> = reader.map(|batch| batch.expect("a batch")).collect();
    Ok(if batches.is_empty() { Vec::new() } else { table(&batches) })
}

fn table(batches: &[RecordBatch]) -> Table {
    let titles = batches[0].schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut table = vec![titles];
    for batch in batches {
        let columns: Vec<Vec<String>> = batch.columns().iter().map(texts).collect();
        table
            .extend((0..batch.num_rows()).map(|row| {
                columns.iter().map(|cells| cells[row].clone()).collect::<Vec<String>>()
            }));
    }
    table
}

/// The same through files of this form.
fn of_files(name: &str, batches: &[RecordBatch], form: &str, settings: &Settings) -> Table {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("in.parquet");
    let file = std::fs::File::create(&input).expect("a file");
    let mut writer = ArrowWriter::try_new(file, batches[0].schema(), None).expect("it begins");
    for batch in batches {
        writer.write(batch).expect("it is written");
    }
    writer.close().expect("it ends");
    let output = folder.path().join(format!("out.{form}"));
    run(method(name), settings, &[input], Some(&output), &mut |_, _| {})
        .unwrap_or_else(|refused| panic!("{name}: {refused:?}"));
    if form == "csv" {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).from_path(&output).expect("a table");
        let row = |row: Result<csv::StringRecord, _>| {
            row.expect("a row").iter().map(str::to_owned).collect()
        };
        return reader.records().map(row).collect();
    }
    let file = std::fs::File::open(&output).expect("a result");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet").build();
    let batches: Vec<_> = reader.expect("Parquet").map(|batch| batch.expect("rows")).collect();
    table(&batches)
}

/// A table of texts as one batch.
fn of_text(text: &str) -> RecordBatch {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let titles = reader.headers().expect("titles").clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let column = |place: usize| {
        let cells = rows.iter().map(|row| Some(&row[place]).filter(|cell| !cell.is_empty()));
        Arc::new(cells.collect::<StringArray>()) as ArrayRef
    };
    let columns = titles.iter().enumerate().map(|(place, title)| (title, column(place), true));
    RecordBatch::try_from_iter_with_nullable(columns).expect("a table")
}

#[test]
fn every_method_gives_by_stream_what_it_gives_by_file() {
    let settings = Settings::default();
    for method in METHODS {
        let batch = of_text(method.example);
        let rows: Vec<RecordBatch> = (0..batch.num_rows()).map(|row| batch.slice(row, 1)).collect();
        let by_stream = |values| {
            let judged = judged(method.name, stream(&rows), values, &settings);
            judged.unwrap_or_else(|refused| panic!("{}: {refused:?}", method.name))
        };
        let texts = by_stream(Values::Text);
        assert_eq!(texts, of_files(method.name, &rows, "csv", &settings), "{}", method.name);
        let doubles = by_stream(Values::Typed);
        assert_eq!(doubles, of_files(method.name, &rows, "parquet", &settings), "{}", method.name);
        assert!(doubles.len() > 1, "{}", method.name);
    }
}

#[test]
fn columns_that_a_method_must_see_together_are_its_own() {
    for method in METHODS {
        if let crate::Together::By(columns) = method.together {
            for name in columns {
                assert!(method.columns.iter().any(|column| column.name == *name), "{name}");
            }
        }
    }
}

/// Columns of one table in the kinds in which programs hand them over.
fn kinds(cities: &[String], days: &[i32], values: &[Option<i64>], kind: usize) -> RecordBatch {
    let texts = || cities.iter().map(String::as_str);
    let city: ArrayRef = match kind % 5 {
        0 => Arc::new(texts().map(Some).collect::<StringArray>()),
        1 => Arc::new(texts().map(Some).collect::<LargeStringArray>()),
        2 => Arc::new(texts().map(Some).collect::<StringViewArray>()),
        3 => Arc::new(texts().collect::<DictionaryArray<Int8Type>>()),
        _ => Arc::new(texts().collect::<DictionaryArray<Int32Type>>()),
    };
    let micros = days.iter().map(|day| i64::from(*day) * 86_400_000_000);
    let day: ArrayRef = match kind % 3 {
        0 => Arc::new(Date32Array::from(days.to_vec())),
        1 => Arc::new(TimestampMicrosecondArray::from_iter_values(micros)),
        // The start of a Beijing day, as an instant.
        _ => Arc::new(
            TimestampMicrosecondArray::from_iter_values(
                micros.map(|micros| micros - 8 * 3_600_000_000),
            )
            .with_timezone("UTC"),
        ),
    };
    let value: ArrayRef = match kind % 2 {
        0 => Arc::new(
            values
                .iter()
                .map(|value| value.map(|value| value as f64 / 10.0))
                .collect::<Float64Array>(),
        ),
        _ => Arc::new(
            values
                .iter()
                .map(|value| value.map(i128::from))
                .collect::<Decimal128Array>()
                .with_precision_and_scale(12, 1)
                .expect("it fits"),
        ),
    };
    RecordBatch::try_from_iter([("city", city), ("date", day), ("pm25", value)]).expect("a table")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_kind_and_any_cut_gives_the_same(
        rows in prop::collection::vec(
            (0_usize..4, prop::option::weighted(0.9, 0_i64..4_000)), 1..120,
        ),
        kind in 0_usize..30,
        cut in 1_usize..50,
    ) {
        // Days of 2025 from 20089 on, each once a city.
        let cities: Vec<String> = rows.iter().map(|(city, _)| format!("城市{city}")).collect();
        let days: Vec<i32> = (0..rows.len() as i32).map(|day| 20_089 + day).collect();
        let values: Vec<Option<i64>> = rows.iter().map(|(_, value)| *value).collect();
        let of_kind = |kind| kinds(&cities, &days, &values, kind);
        let (plain, whole) = (of_kind(0), of_kind(kind));
        let parts: Vec<RecordBatch> = (0..rows.len())
            .step_by(cut)
            .map(|from| whole.slice(from, cut.min(rows.len() - from)))
            .collect();
        for name in ["air-period", "air-index"] {
            let settings = Settings::default();
            let found = judged(name, stream(&parts), Values::Text, &settings);
            let found = found.expect("it is judged");
            prop_assert!(found.len() > 1);
            // A result of groups does not say in which kinds the table came.
            let file = if name == "air-index" { whole.clone() } else { plain.clone() };
            prop_assert_eq!(found, of_files(name, &[file], "csv", &settings));
        }
    }

    #[test]
    fn a_damaged_stream_ends_in_words(
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        length in any::<prop::sample::Index>(),
    ) {
        let whole = stream(&[of_text(method("air-index").example)]);
        let mut bytes = whole.clone();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        // Whatever comes out, it is an answer or a refusal.
        let _ = judged("air-index", bytes, Values::Text, &Settings::default());
        let cut = whole[..length.index(whole.len())].to_vec();
        let refused = judged("air-index", cut, Values::Text, &Settings::default());
        let refused = refused.expect_err("it is not whole");
        prop_assert!(refused.problems[0].code.starts_with("stream."), "{refused:?}");
    }
}

#[test]
fn what_is_no_stream_is_told_from_one() {
    let said = |bytes: &[u8]| {
        let refused = judged("air-index", bytes.to_vec(), Values::Text, &Settings::default());
        refused.expect_err("it is refused").problems[0].to_string()
    };
    assert!(said(b"").contains("there is nothing on standard input"));
    assert!(said(b"city,so2\nA,1\n").contains("is no Arrow IPC stream"));
    assert!(said(b"PAR1....").contains("a Parquet file"));
    assert!(said(b"ARROW1\0\0").contains("an Arrow file, not a stream"));
    let mut open = stream(&[of_text("date,pm25\n2026-01-01,1\n")]);
    open.truncate(open.len() - 8);
    assert!(said(&open).contains("it ends without its end mark"), "{}", said(&open));
    open.truncate(open.len() - 3);
    assert!(said(&open).contains("in the middle of a message"), "{}", said(&open));
}

#[test]
fn a_wrong_cell_of_a_stream_is_named() {
    let rows: String = (0..10_000).map(|_| "2026-01-01,1\n").collect();
    let table = of_text(&format!("date,pm25\n{rows}2026-01-01,few\n"));
    let refused = judged("air-index", stream(&[table]), Values::Typed, &Settings::default());
    let refused = refused.expect_err("a wrong cell");
    assert_eq!(refused.file.to_str(), Some("standard input"));
    assert!(refused.problems[0].to_string().starts_with("row 10002, column pm25: \"few\""));
    let table = of_text("sity,pm25\nA,1\n");
    let refused = judged("air-period", stream(&[table]), Values::Typed, &Settings::default());
    assert!(refused.expect_err("no day").problems[0].what.contains("there is no column date"));
}

#[test]
fn a_stream_without_rows_gives_one_without_rows() {
    let empty = of_text("date,pm25\n2026-01-01,1\n").slice(0, 0);
    for name in ["air-index", "air-period"] {
        let bytes = stream(std::slice::from_ref(&empty));
        let found = judged(name, bytes, Values::Typed, &Settings::default()).expect("no rows");
        assert!(found.len() <= 1);
    }
}

#[test]
fn a_column_that_would_be_lost_is_refused() {
    let odd: ArrayRef = Arc::new(arrow_array::Time32SecondArray::from(vec![1]));
    let table = of_text("date,pm25\n2026-01-01,1\n");
    let mut columns: Vec<(&str, ArrayRef)> =
        vec![("date", table.column(0).clone()), ("pm25", table.column(1).clone())];
    columns.push(("at", odd));
    let table = RecordBatch::try_from_iter(columns).expect("a table");
    let refused = judged(
        "air-index",
        stream(std::slice::from_ref(&table)),
        Values::Text,
        &Settings::default(),
    );
    let refused = refused.expect_err("a time of day");
    assert_eq!(
        (refused.problems[0].code, refused.problems[0].column.as_deref()),
        ("columns.kind", Some("at"))
    );
    // A method that keeps no columns of the table does not mind.
    judged("air-period", stream(&[table]), Values::Text, &Settings::default()).expect("judged");
}
