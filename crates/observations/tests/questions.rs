//! The fixed questions over a store of which two months have moved, one value came late and the
//! last month is recent, on both engines: the answers are those of the rows themselves.

use arrow_array::cast::AsArray as _;
use arrow_array::types::Decimal128Type;
use jiff::{SignedDuration, Timestamp};
use observations::history::scan::{
    ExportFormat, Flags, Question, daily_means, exceedances, export, factor_series, percentiles,
};
use observations::history::{self, Rules, Step};
use observations::{Delivery, FactorValue, NewRow, Origin, Recorder, Row, series};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use registry::{FactorId, PointId, PointKind, Registry, Snapshot};
use rulebook::{Decimal, Period, beijing_offset};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use store::Store;

fn instant(hour: i64) -> Timestamp {
    let start: Timestamp = "2025-12-31T16:00:00Z".parse().expect("a time");
    start + SignedDuration::from_hours(hour)
}

fn delivery(rows: Vec<NewRow>) -> Delivery {
    Delivery {
        raw: format!("{rows:?}").into_bytes(),
        received_at: instant(80 * 24),
        origin: Origin { device: None, peer: "test".into() },
        rows,
    }
}

fn row(point: PointId, hour: i64, factors: &[FactorId], digits: i64) -> NewRow {
    let value = |(place, factor): (usize, &FactorId)| FactorValue {
        value: Some(Decimal::new(digits + place as i64 * 100, 1 + (hour % 2) as u32)),
        max: (hour % 3 == 0).then(|| Decimal::new(digits, 0)),
        flag: Some(if hour % 11 == 0 { b'M' } else { b'N' }),
        ..FactorValue::empty(*factor)
    };
    let values = factors.iter().enumerate().map(value).collect();
    NewRow { point, period: Period::Hour, observed_at: instant(hour), values }
}

/// Seventy days of hours of two stations, the first two months moved, one hour corrected since.
async fn filled(store: &Store) -> (Arc<Snapshot>, Vec<PointId>, Vec<FactorId>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cities/zhangzhou");
    let files = registry::load::read_city(&folder).expect("the city reads");
    registry::store::install(store, &files).await.expect("installed");
    let city = Registry::open(store).await.expect("a registry").snapshot();
    let points: Vec<PointId> =
        city.points_of(PointKind::AirStation).take(2).map(|point| point.id).collect();
    let factors: Vec<FactorId> = city.factors().iter().take(2).map(|factor| factor.id).collect();
    let recorder = Recorder::open(store).await.expect("it opens");
    for day in 0..70 {
        let of_day = (day * 24..day * 24 + 24).filter(|hour| hour % 17 != 5);
        let rows = of_day.flat_map(|hour| {
            let factors = &factors[..if hour % 5 == 0 { 1 } else { 2 }];
            let digits = move |place: i64| (hour * 37 + place * 991) % 700 - 20;
            points
                .iter()
                .zip(0..)
                .map(move |(point, place)| row(*point, hour, factors, digits(place)))
        });
        recorder.submit(delivery(rows.collect())).await.expect("recorded");
    }
    let rules = Rules { keep_days: [0; 4], ..Rules::default() };
    let quiet = |_: Step| ();
    let moved = history::move_closed(store, &rules, instant(66 * 24), &quiet).await;
    assert_eq!(moved.expect("it moves").months, 2);
    let late = row(points[0], 40 * 24, &factors, 9_999);
    recorder.submit(delivery(vec![late])).await.expect("recorded");
    recorder.close().await;
    (city, points, factors)
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_those_of_the_rows() {
    let migrations = [registry::MIGRATIONS, observations::MIGRATIONS].concat();
    testkit::on_both(&migrations, |store| async move {
        let (city, points, factors) = filled(&store).await;
        let range = instant(3 * 24 + 7)..instant(68 * 24 + 3);
        let mut rows: Vec<Row> = Vec::new();
        for point in &points {
            let found = series(&store, *point, Period::Hour, range.clone()).await;
            rows.extend(found.expect("readable"));
        }
        let mut question = Question::all(Period::Hour, range.clone());
        question.flags = Flags::Only(vec![b'N']);

        let mut series_of: BTreeMap<(PointId, FactorId), Vec<Decimal>> = BTreeMap::new();
        let mut days = BTreeMap::new();
        for row in &rows {
            let day = beijing_offset().to_datetime(row.observed_at).date();
            for value in row.values.iter().filter(|value| value.flag == Some(b'N')) {
                let number = value.value.expect("a value");
                series_of.entry((row.point, value.factor)).or_default().push(number);
                let of_day: &mut Vec<Decimal> =
                    days.entry((row.point, value.factor, day)).or_default();
                of_day.push(number);
            }
        }
        let found = daily_means(&store, &question).await.expect("days");
        assert_eq!(found.len(), days.len());
        for (found, ((point, factor, day), numbers)) in found.iter().zip(days) {
            assert_eq!((found.point, found.factor, found.day), (point, factor, day));
            let sum: Decimal = numbers.iter().sum();
            assert_eq!((found.count as usize, found.sum), (numbers.len(), sum));
            assert_eq!(found.mean, sum / Decimal::from(numbers.len()));
        }
        let found = percentiles(&store, &question, &[50, 95]).await.expect("percentiles");
        let limit = Decimal::new(305, 1);
        let over = exceedances(&store, &question, move |_, _| Some(limit)).await.expect("counts");
        assert_eq!((found.len(), over.len()), (series_of.len(), series_of.len()));
        for ((found, over), ((point, factor), numbers)) in found.iter().zip(&over).zip(&series_of) {
            assert_eq!((found.point, found.factor), (*point, *factor));
            for (place, percent) in [(0, 50), (1, 95)] {
                let wanted = standards::air::hj663_ambient_air_assessment::percentile;
                assert_eq!(found.percentiles[place], wanted(numbers, percent).expect("one"));
            }
            let exceeding = numbers.iter().filter(|number| **number > limit).count();
            assert_eq!(over.exceeding as usize, exceeding);
            assert_eq!(Some(&over.largest), numbers.iter().max());
        }
        let one = [factors[1]];
        let found = factor_series(&store, points[0], Period::Hour, Some(&one), range.clone()).await;
        let found = found.expect("a series");
        let wanted: Vec<(Timestamp, FactorValue)> = rows
            .iter()
            .filter(|row| row.point == points[0])
            .filter_map(|row| Some((row.observed_at, *row.factor(factors[1])?)))
            .collect();
        assert_eq!(found[0].values, wanted);
        exported(&store, &city, &question, &rows).await;
        question.flags = Flags::All;
        exported(&store, &city, &question, &rows).await;
    })
    .await;
}

/// What is written can be read again when the writer is gone.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn exported(store: &Store, city: &Snapshot, question: &Question, rows: &[Row]) {
    let mut wanted: Vec<String> = Vec::new();
    let mut sum = Decimal::ZERO;
    for row in rows {
        let point = city.point(row.point).expect("a point");
        let at = beijing_offset().to_datetime(row.observed_at).strftime("%Y-%m-%d %H:%M");
        let is_all = question.flags == Flags::All;
        for value in row.values.iter().filter(|value| is_all || value.flag == Some(b'N')) {
            let flag = char::from(value.flag.expect("a flag"));
            let shown = |number: Option<Decimal>| number.map_or(String::new(), |n| n.to_string());
            let factor = &city.factor(value.factor).expect("a factor").code;
            wanted.push(format!(
                "air-station,{},hour,{at},{factor},{},,{},,,{flag}",
                point.code,
                shown(value.value),
                shown(value.max),
            ));
            sum += value.value.expect("a value");
        }
    }
    wanted.sort();
    let file = Written::default();
    let done = export(store, question, city, ExportFormat::Csv, file.clone()).await.expect("CSV");
    assert_eq!(done.lines as usize, wanted.len());
    let text = String::from_utf8(std::mem::take(&mut file.0.lock().expect("whole"))).expect("text");
    let mut lines: Vec<&str> = text.lines().skip(1).collect();
    lines.sort_unstable();
    assert_eq!(lines, wanted);

    let file = Written::default();
    let done = export(store, question, city, ExportFormat::Parquet, file.clone()).await;
    assert_eq!(done.expect("Parquet").lines as usize, wanted.len());
    let bytes = std::mem::take(&mut *file.0.lock().expect("whole"));
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes));
    let (mut lines, mut total) = (0, Decimal::ZERO);
    for batch in reader.expect("Parquet").build().expect("a reader") {
        let batch = batch.expect("a batch");
        let values = batch.column_by_name("value").expect("values");
        let values = values.as_primitive::<Decimal128Type>();
        lines += batch.num_rows();
        for digits in values.iter().flatten() {
            total +=
                Decimal::from_i128_with_scale(digits, u32::from(values.scale().unsigned_abs()));
        }
    }
    assert_eq!((lines, total), (wanted.len(), sum));

    let file = Written::default();
    let done = export(store, question, city, ExportFormat::Arrow, file.clone()).await;
    assert_eq!(done.expect("Arrow").lines as usize, wanted.len());
    let bytes = std::mem::take(&mut *file.0.lock().expect("whole"));
    let reader = arrow_ipc::reader::FileReader::try_new(std::io::Cursor::new(bytes), None);
    let lines: usize = reader.expect("Arrow").map(|batch| batch.expect("a batch").num_rows()).sum();
    assert_eq!(lines, wanted.len());
}
