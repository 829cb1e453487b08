//! The smallest city: loaded, installed twice, read back, on both engines.

use registry::load::{Files, check_city, read_city};
use registry::store::{MIGRATIONS, city_file, city_files, install};
use registry::{LimitBound, PointDetail, PointKind, Registry, RegistryError};
use rulebook::{Decimal, Period};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../cities/example")
}

fn day(text: &str) -> jiff::civil::Date {
    text.parse().expect("a day")
}

#[tokio::test]
async fn installing_twice_changes_nothing_and_everything_comes_back() {
    testkit::on_both(MIGRATIONS, |store| async move {
        assert!(matches!(Registry::open(&store).await, Err(RegistryError::NoCity)));
        let city = read_city(&folder()).expect("the example is in order");
        assert_eq!(city.warnings, []);
        let first = install(&store, &city).await.expect("installed");
        let before = Registry::open(&store).await.expect("opened").snapshot();
        assert_eq!(install(&store, &city).await.expect("installed again"), first);
        let registry = Registry::open(&store).await.expect("opened");
        let after = registry.snapshot();
        let ids = |snapshot: &registry::Snapshot| {
            snapshot.points().map(|point| (point.id, point.code.clone())).collect::<Vec<_>>()
        };
        assert_eq!(ids(&before), ids(&after));
        assert_eq!(after.points().count(), 4);
        assert_eq!((first.outlets, first.devices, first.limits), (2, 4, 6));

        let device = after.device("990100E000000000000000C1").expect("the device");
        assert_eq!(device.password, "123456");
        let point = after.point(device.point).expect("its point");
        assert_eq!(point.code, "DEMO-9001/DW001");
        let PointDetail::Outlet(outlet) = &point.detail else { panic!("no outlet") };
        assert_eq!(after.enterprise(outlet.enterprise).expect("owner").code, "DEMO-9001");
        let codes: Vec<_> = device
            .factors
            .iter()
            .map(|factor| after.factor(*factor).expect("known").code.as_str())
            .collect();
        assert_eq!(codes, ["w01001", "w01018", "w21003", "w00000"]);

        let acid = after.factor_by_code("w01001").expect("pH");
        let limit =
            after.limit(point.id, acid.id, Period::Day, day("2026-01-01")).expect("a limit");
        assert_eq!(limit.bound, LimitBound::Within(Decimal::from(6), Decimal::from(9)));
        assert!(after.limit(point.id, acid.id, Period::Day, day("2001-01-01")).is_none());
        assert!(after.limit(point.id, acid.id, Period::Hour, day("2026-01-01")).is_none());

        let sulphur = after.factor_by_code("a21026").expect("SO2");
        assert_eq!(sulphur.unit_at(PointKind::Outlet), "mg/m³");
        assert_eq!(sulphur.unit_at(PointKind::AirStation), "µg/m³");
        assert_eq!(after.lead_department().expect("leads").code, "eeb");
        let kept: Vec<String> = city.kept_files.keys().cloned().collect();
        assert_eq!(city_files(&store).await.expect("listed"), kept);
        assert!(kept.iter().any(|path| path.starts_with("permits/")), "{kept:?}");
        let drawn = city_file(&store, "geo/boundaries.geojson").await.expect("read");
        assert_eq!(drawn.as_ref(), city.kept_files.get("geo/boundaries.geojson"));
        assert_eq!(city_file(&store, "devices.csv").await.expect("read"), None);
    })
    .await;
}

#[tokio::test]
async fn unknown_factors_are_registered_once_and_kept() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let city = read_city(&folder()).expect("in order");
        install(&store, &city).await.expect("installed");
        let registry = Registry::open(&store).await.expect("opened");
        let (one, two) =
            tokio::join!(registry.factor_or_new("zz9001"), registry.factor_or_new("zz9001"));
        let id = one.expect("registered");
        assert_eq!(two.expect("the same"), id);
        let known = registry.snapshot().factor_by_code("w01018").expect("COD").id;
        assert_eq!(registry.factor_or_new("w01018").await.expect("known"), known);
        assert_ne!(known, id);
        for wrong in ["", "a b", "一", "123456789012345678901"] {
            let refused = registry.factor_or_new(wrong).await.expect_err("refused");
            assert_eq!(refused.code(), "registry.factor_code");
        }
        install(&store, &city).await.expect("installed again");
        registry.reload().await.expect("reloaded");
        let factor = registry.snapshot().factor(id).expect("still there").clone();
        assert_eq!((factor.code.as_str(), factor.is_listed), ("zz9001", false));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_longer_listed_keeps_its_number() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let mut city = read_city(&folder()).expect("in order");
        install(&store, &city).await.expect("installed");
        let registry = Registry::open(&store).await.expect("opened");
        let before = registry.snapshot();
        let code = "DEMO-9001/DW001";
        let gone = before.point_by_code(PointKind::Outlet, code).expect("listed").id;
        city.points.retain(|row| row.what.code != code);
        city.devices.retain(|row| row.what.point != code);
        city.limits.retain(|row| row.what.point != code);
        install(&store, &city).await.expect("installed");
        registry.reload().await.expect("reloaded");
        let after = registry.snapshot();
        assert_eq!(after.point(gone).expect("known for its history").code, code);
        assert!(after.points_of(PointKind::Outlet).all(|point| point.id != gone));
        assert!(after.device("990100E000000000000000C1").is_none());
        assert!(after.limits_of(gone).is_empty());
    })
    .await;
}

#[tokio::test]
async fn one_store_serves_one_city() {
    testkit::on_both(MIGRATIONS, |store| async move {
        let mut city = read_city(&folder()).expect("in order");
        install(&store, &city).await.expect("installed");
        city.city.key = "elsewhere".to_owned();
        let refused = install(&store, &city).await.expect_err("refused");
        assert_eq!(refused.code(), "registry.other_city");
    })
    .await;
}

fn files() -> Files {
    let mut files = Files::new();
    for name in [
        "city.toml",
        "divisions.csv",
        "departments.csv",
        "factors.csv",
        "enterprises.csv",
        "air_stations.csv",
        "water_sections.csv",
        "outlets.csv",
        "limits.csv",
        "devices.csv",
        "geo/boundaries.geojson",
    ] {
        files.insert(name.to_owned(), std::fs::read(folder().join(name)).expect(name));
    }
    files
}

/// One change of a file, and the line and column of the problem that it must give.
#[track_caller]
fn breaks(file: &str, from: &str, to: &str, line: Option<u64>, column: Option<&str>) {
    let mut files = files();
    let text = String::from_utf8(files[file].clone()).expect("text");
    assert!(text.contains(from), "{from:?} stands in {file}");
    files.insert(file.to_owned(), text.replacen(from, to, 1).into_bytes());
    let problems = check_city("example", &files).expect_err("a problem");
    let found = problems.iter().find(|problem| {
        problem.file == file && problem.line == line && problem.column.as_deref() == column
    });
    let found = found.unwrap_or_else(|| panic!("at {line:?} {column:?}, but: {problems:#?}"));
    assert!(!found.what.is_empty() && !found.cure.is_empty());
}

#[test]
fn problems_say_where() {
    breaks("city.toml", "990100", "99010", None, None);
    breaks("city.toml", "is_demo = true", "is_demo = yes", Some(10), Some("11"));
    breaks("city.toml", "\"eeb\"", "\"nobody\"", None, None);
    breaks("divisions.csv", "990121,", "990102,", Some(5), Some("code"));
    breaks("divisions.csv", "county,990100", "county,990199", Some(4), Some("parent"));
    breaks("divisions.csv", "county", "town", Some(4), Some("kind"));
    breaks("divisions.csv", "name_zh", "name", Some(2), Some("name_zh"));
    breaks("factors.csv", "w01018,", "w01003,", Some(18), Some("code"));
    breaks("enterprises.csv", "990102", "990103", Some(3), Some("division"));
    breaks("enterprises.csv", "yes", "maybe", Some(3), Some("is_fictitious"));
    breaks("air_stations.csv", "-29.8000", "29,8", Some(3), None);
    breaks("air_stations.csv", "-29.8000", "east", Some(3), Some("longitude"));
    breaks("air_stations.csv", "10.2000", "", Some(3), Some("longitude"));
    breaks("water_sections.csv", "river,3", "river,6", Some(3), Some("target_class"));
    breaks("outlets.csv", "DEMO-9002,DA001", "DEMO-9003,DA001", Some(4), Some("enterprise"));
    breaks("limits.csv", "w01018,day", "w01018,minute", Some(3), Some("period"));
    breaks("limits.csv", "w01018", "w99999", Some(3), Some("factor"));
    breaks("limits.csv", ",50,", ",<50,", Some(3), Some("at_most"));
    breaks("limits.csv", "day,6,9", "day,9,6", Some(5), Some("at_least"));
    breaks("limits.csv", "w21003,day", "w01018,day", Some(4), Some("valid_from"));
    breaks("limits.csv", "fictitious permit", "", Some(6), Some("source"));
    breaks("devices.csv", "00B1", "00B-", Some(4), Some("mn"));
    breaks("factors.csv", ",1,µg/m³,0,", ",10,µg/m³,0,", Some(5), Some("decimals"));
    breaks("outlets.csv", "总排口", "\0", Some(3), None);
    breaks("geo/boundaries.geojson", "\"code\"", "\"codes\"", Some(14), None);
}

#[test]
fn a_doubled_mn_is_refused() {
    breaks("devices.csv", "W000000000000000B1", "A000000000000000A1", Some(4), Some("mn"));
}

#[test]
fn a_position_outside_the_city_is_kept_out_and_told() {
    let mut files = files();
    let text = String::from_utf8(files["air_stations.csv"].clone()).expect("text");
    let moved = text.replace("-29.8000", "29.8000").into_bytes();
    files.insert("air_stations.csv".to_owned(), moved);
    let city = check_city("example", &files).expect("no error");
    let station = city.points.iter().find(|row| row.what.code == "9901A").expect("listed");
    assert_eq!(station.what.position, None);
    let note = station.what.position_note.as_deref().expect("noted");
    assert!(note.contains("29.8, 10.2 lies outside the city"), "{note}");
    assert_eq!(city.warnings.len(), 1);
    assert_eq!(
        (city.warnings[0].line, city.warnings[0].file.as_str()),
        (Some(3), "air_stations.csv")
    );
}

#[test]
fn other_encodings_and_missing_files_are_told() {
    let mut files = files();
    files.insert("outlets.csv".to_owned(), b"enterprise,number\n\xc5\xc5\xb7\xc5".to_vec());
    files.remove("limits.csv");
    let problems = check_city("example", &files).expect_err("problems");
    assert!(
        problems.iter().any(|problem| problem.line == Some(2) && problem.cure.contains("UTF-8"))
    );
    assert!(problems.iter().any(|problem| problem.what == "the file is missing"));
    let nowhere = read_city(&folder().join("nowhere")).expect_err("no folder");
    assert!(nowhere[0].to_string().contains("cannot be read"), "{}", nowhere[0]);
}
