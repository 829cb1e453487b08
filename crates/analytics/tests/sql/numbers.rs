//! What SQL answers is what the portal shows.

use super::city::{City, migrations, now};
use environment::air::{RULE_HOUR, days};
use environment::surface_water::RULE_CLASS;
use jiff::{SignedDuration, Timestamp};
use observations::Row;
use registry::{PointId, PointKind};
use rulebook::{Decimal, Period};
use std::collections::BTreeMap;

/// All there is of a point's hours, as the portal reads them.
async fn hours(city: &City, point: PointId) -> Vec<Row> {
    let from = now() - SignedDuration::from_hours(24 * 30);
    observations::series(&city.store, point, Period::Hour, from..now()).await.expect("rows")
}

fn number(cell: Option<&String>) -> Option<Decimal> {
    cell.map(|text| text.parse::<Decimal>().expect("a number").normalize())
}

#[tokio::test(flavor = "multi_thread")]
async fn days_hours_and_classes_are_those_of_the_portal() {
    testkit::on_both(&migrations(), |store| async move {
        let city = City::new(store).await;
        check_days(&city).await;
        check_hours(&city).await;
        check_classes(&city).await;
        check_series(&city).await;
    })
    .await;
}

/// What SQL says of values before and after they have moved into files.
#[tokio::test(flavor = "multi_thread")]
async fn history_and_recent_values_are_one_table() {
    testkit::on_both(&migrations(), |store| async move {
        let folder = tempfile::tempdir().expect("a folder");
        let objects = store::Objects::in_folder(folder.path()).expect("a place for files");
        let city = City::new(store.with_objects(objects)).await;
        let questions = [
            "SELECT code, factor, period, count(*), sum(value), min(observed_at), \
             max(observed_at), count(DISTINCT day) FROM observation \
             GROUP BY code, factor, period ORDER BY code, factor, period",
            "SELECT code, day, aqi_day(factor, value, observed_at) FROM observation \
             WHERE kind = 'air-station' AND period = 'hour' AND is_usable \
             GROUP BY code, day ORDER BY code, day",
            "SELECT point, observed_at, factor, value, flag, received_at, version, block, packet \
             FROM observation WHERE period = 'hour' AND factor = 'a34004' \
             AND day BETWEEN DATE '2026-02-27' AND DATE '2026-03-01' \
             ORDER BY point, observed_at",
        ];
        let mut before = Vec::new();
        for question in questions {
            before.push(city.rows(question).await);
        }
        let rules = observations::history::Rules { keep_days: [0; 4], ..Default::default() };
        let moved = observations::history::move_closed(&city.store, &rules, now(), &|_| ()).await;
        let moved = moved.expect("it moves");
        assert!(moved.months > 0, "February is closed: {moved:?}");
        for (question, before) in questions.into_iter().zip(before) {
            assert!(!before.is_empty(), "{question}");
            assert_eq!(city.rows(question).await, before, "{question}");
        }
    })
    .await;
}

async fn check_days(city: &City) {
    let asked = city
        .rows(
            "SELECT code, day, aqi_day(factor, value, observed_at), \
             aqi_day_primary(factor, value, observed_at) FROM observation \
             WHERE kind = 'air-station' AND period = 'hour' AND is_usable \
             GROUP BY code, day",
        )
        .await;
    let particles = city
        .rows(
            "SELECT code, day, air_day_value(factor, value, observed_at) FROM observation \
             WHERE kind = 'air-station' AND factor = 'a34004' AND period = 'hour' AND is_usable \
             GROUP BY code, day",
        )
        .await;
    let key = |row: &[Option<String>]| (row[0].clone().unwrap(), row[1].clone().unwrap());
    let asked: BTreeMap<_, _> = asked.into_iter().map(|row| (key(&row), row)).collect();
    let particles: BTreeMap<_, _> = particles.into_iter().map(|row| (key(&row), row)).collect();
    let snapshot = city.registry.snapshot();
    let (mut compared, mut known, mut editions) = (0, 0, std::collections::BTreeSet::new());
    for point in snapshot.points_of(PointKind::AirStation) {
        for day in days(&snapshot, &hours(city, point.id).await) {
            let key = (point.code.clone(), day.date.to_string());
            let Some(row) = asked.get(&key) else {
                assert!(day.index.is_err() || day.index.is_ok_and(|air| air.index.is_err()));
                continue;
            };
            let air = day.index.as_ref().ok();
            let index = air.and_then(|air| air.index.as_ref().ok());
            assert_eq!(row[2], index.map(ToString::to_string), "{key:?}");
            let primary = air.filter(|air| air.index.is_ok()).map(|air| air.primary.symbols("、"));
            assert_eq!(row[3], primary, "{key:?}");
            let pm25 = day.air.get(standards::air::hj633_air_quality_index::Item::Pm25Day);
            let found = particles.get(&key).and_then(|row| number(row[2].as_ref()));
            assert_eq!(found, pm25.map(|value| value.normalize()), "{key:?}");
            compared += 1;
            known += i32::from(index.is_some());
            editions.extend(air.map(|air| air.method.edition()));
        }
    }
    assert_eq!(compared, asked.len(), "a day that the portal does not know");
    assert!(known > 20, "only {known} days have an index");
    assert_eq!(editions.len(), 2, "days of both editions: {editions:?}");
}

async fn check_hours(city: &City) {
    let asked = city
        .rows(
            "SELECT v.value, q.aqi FROM verdict v JOIN ( \
               SELECT point, observed_at, aqi_hour(factor, value, observed_at) AS aqi \
               FROM observation WHERE kind = 'air-station' AND period = 'hour' AND is_usable \
               GROUP BY point, observed_at) q \
             ON q.point = v.point AND q.observed_at = v.observed_at WHERE v.rule = 'hj633.hour'",
        )
        .await;
    for row in &asked {
        assert_eq!(number(row[0].as_ref()), number(row[1].as_ref()), "{row:?}");
    }
    let stored = verdicts(city, PointKind::AirStation, RULE_HOUR).await;
    assert!(asked.len() > 500 && asked.len() <= stored, "{} of {stored}", asked.len());
}

async fn check_classes(city: &City) {
    let asked = city
        .rows(
            "SELECT v.level, q.class FROM verdict v JOIN ( \
               SELECT o.point, o.observed_at, \
                 surface_water_class(o.factor, o.value, s.body, o.observed_at) AS class \
               FROM observation o JOIN water_section s ON s.point = o.point \
               WHERE o.kind = 'water-section' AND o.period = 'hour' AND o.is_usable \
               GROUP BY o.point, o.observed_at) q \
             ON q.point = v.point AND q.observed_at = v.observed_at \
             WHERE v.rule = 'gb3838.sample'",
        )
        .await;
    for row in &asked {
        assert_eq!(row[0], row[1], "{row:?}");
    }
    let stored = verdicts(city, PointKind::WaterSection, RULE_CLASS).await;
    assert!(asked.len() > 50 && asked.len() <= stored, "{} of {stored}", asked.len());
}

async fn verdicts(city: &City, kind: PointKind, rule: &str) -> usize {
    let mut count = 0;
    for point in city.registry.snapshot().points_of(kind) {
        let range = Timestamp::UNIX_EPOCH..now();
        let found = evaluation::verdicts(&city.store, point.id, rule, range).await;
        count += found.expect("verdicts").len();
    }
    count
}

/// Rows come one by one as they are stored, whatever condition finds them.
async fn check_series(city: &City) {
    let snapshot = city.registry.snapshot();
    let outlet = snapshot
        .points_of(PointKind::Outlet)
        .find(|point| snapshot.devices_of(point.id).next().is_some())
        .expect("an outlet that reports");
    let rows = hours(city, outlet.id).await;
    let values: usize = rows.iter().map(|row| row.values.len()).sum();
    assert!(values > 50, "{values}");
    let code = &outlet.code;
    let asked = city
        .rows(&format!(
            "SELECT observed_at, factor, value, min, max, sum, converted, flag, version, block, \
             packet FROM observation WHERE code = '{code}' AND period = 'hour' \
             ORDER BY observed_at, factor"
        ))
        .await;
    assert_eq!(asked.len(), values);
    let mut expected = Vec::new();
    for row in &rows {
        for value in &row.values {
            let factor = snapshot.factor(value.factor).expect("a factor").code.clone();
            expected.push((row.observed_at, factor, value, row));
        }
    }
    expected.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    for (asked, (at, factor, value, row)) in asked.iter().zip(&expected) {
        let local = rulebook::beijing_offset().to_datetime(*at);
        let local = local.strftime("%Y-%m-%d %H:%M:%S+08:00").to_string();
        assert_eq!(asked[0].as_deref(), Some(local.as_str()));
        assert_eq!(asked[1].as_ref(), Some(factor));
        for (place, number_held) in
            [(2, value.value), (3, value.min), (4, value.max), (5, value.sum), (6, value.converted)]
        {
            let held = number_held.map(|held| held.normalize());
            assert_eq!(number(asked[place].as_ref()), held, "{asked:?}");
        }
        assert_eq!(asked[7], value.flag.map(|flag| char::from(flag).to_string()));
        assert_eq!(asked[8], Some(row.version.to_string()));
        assert_eq!(asked[9], Some(row.source.block.to_string()));
        assert_eq!(asked[10], Some(row.source.index.to_string()));
    }
    // The same hours whether the condition names instants or days of Beijing.
    let day = "2026-03-01";
    let by_day = format!(
        "SELECT count(*) FROM observation WHERE point = {} AND period = 'hour' \
         AND day = DATE '{day}'",
        outlet.id.0
    );
    let by_instant = format!(
        "SELECT count(*) FROM observation WHERE point = {} AND period = 'hour' \
         AND observed_at >= '{day}T00:00:00+08:00' AND observed_at < '{day}T24:00:00+08:00'",
        outlet.id.0
    );
    let by_instant = by_instant.replace(&format!("{day}T24"), "2026-03-02T00");
    let of_day = rows
        .iter()
        .filter(|row| {
            rulebook::beijing_offset().to_datetime(row.observed_at).date().to_string() == day
        })
        .map(|row| row.values.len())
        .sum::<usize>()
        .to_string();
    assert_eq!(city.rows(&by_day).await, [[Some(of_day.clone())]]);
    assert_eq!(city.rows(&by_instant).await, [[Some(of_day)]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_page_and_reference_is_answered() {
    use operations::sql::Engine as _;
    let store = testkit::sqlite(&migrations()).await;
    let city = City::new(store.store.clone()).await;
    let guide = city.engine.guide();
    for example in &guide.examples {
        let rows = city.rows(&example.text).await;
        // The city has neither open alerts in every division nor exceedances in every week.
        let _ = rows;
    }
    for function in &guide.functions {
        city.rows(function.example).await;
    }
    for table in &guide.tables {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let columns = columns.join(", ");
        city.rows(&format!("SELECT {columns} FROM {} LIMIT 3", table.name)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_follow_editions_and_round_as_the_standards_say() {
    let store = testkit::sqlite(&migrations()).await;
    let city = City::new(store.store.clone()).await;
    for (question, answer) in [
        ("SELECT air_index('PM2.5', 75, 'day', DATE '2026-02-28')", Some("100")),
        ("SELECT air_index('PM2.5', 75, 'day', DATE '2026-03-01')", Some("114")),
        ("SELECT air_index('a34004', 75.0, '24h', '2026-03-01')", Some("114")),
        // Half past midnight in Beijing is the day before in Greenwich.
        ("SELECT air_index('PM2.5', 75, 'day', TIMESTAMPTZ '2026-02-28T16:30:00Z')", Some("114")),
        ("SELECT air_index('CO', 1, '8h', DATE '2026-03-01')", None),
        ("SELECT air_index('a01001', 1, 'hour', DATE '2026-03-01')", None),
        ("SELECT air_index('PM2.5', 75, 'day', DATE '2010-01-01')", None),
        ("SELECT air_limit('PM2.5', 'day', 2, DATE '2026-02-28')", Some("75")),
        ("SELECT air_limit('PM2.5', 'day', 2, DATE '2026-03-01')", Some("60")),
        ("SELECT air_class(101, DATE '2026-03-01')", Some("轻度污染")),
        ("SELECT air_level(50, DATE '2026-03-01')", Some("1")),
        ("SELECT round_gbt8170(60.5, 0)", Some("60")),
        ("SELECT round_gbt8170(0.3, 2)", Some("0.30")),
        ("SELECT round_gbt8170(2.675, 2)", Some("2.68")),
        ("SELECT surface_water_class_name(6)", Some("劣Ⅴ")),
        ("SELECT surface_water_item_class('TP', 0.15, 'river', DATE '2026-03-01')", Some("3")),
        ("SELECT surface_water_item_class('TP', 0.15, 'lake', DATE '2026-03-01')", Some("5")),
        ("SELECT beijing_day(TIMESTAMPTZ '2026-11-01T16:30:00Z')", Some("2026-11-02")),
        ("SELECT beijing_hour(TIMESTAMPTZ '2026-11-01T16:30:00Z')", Some("0")),
        ("SELECT beijing(TIMESTAMPTZ '2026-11-01T16:30:00Z')", Some("2026-11-02 00:30:00")),
        (
            "SELECT percentile_hj663(v, 90) FROM (VALUES (10), (20), (30), (40), (50)) AS t(v)",
            Some("46"),
        ),
    ] {
        let found = city.rows(question).await;
        assert_eq!(found, [[answer.map(str::to_owned)]], "{question}");
    }
}

/// Where the reference stands.
const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/sql.md");

#[test]
fn the_reference_tells_what_there_is() {
    let held = std::fs::read_to_string(REFERENCE).expect("the reference is there");
    let (head, _) = held.split_once("## Tables").expect("the reference has tables");
    let expected = format!("{head}{}", analytics::reference());
    if std::env::var_os("LUCID_BLESS").is_some() {
        std::fs::write(REFERENCE, &expected).expect("the reference can be written");
    } else {
        assert_eq!(held, expected, "write it anew with LUCID_BLESS=1");
    }
}
