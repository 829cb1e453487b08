//! Every city in the repository is in order, and the demonstration in Zhangzhou is what it claims.

use registry::geometry::Boundaries;
use registry::load::{CityFiles, ListedDetail, ListedPoint, read_city};
use registry::{Confidence, DivisionKind, PointKind};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

fn cities() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../cities")
}

fn city(name: &str) -> CityFiles {
    read_city(&cities().join(name)).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn boundaries(city: &CityFiles) -> Boundaries {
    Boundaries::parse(&city.kept_files["geo/boundaries.geojson"]).expect("boundaries")
}

fn of_kind(city: &CityFiles, kind: PointKind) -> impl Iterator<Item = &ListedPoint> {
    city.points.iter().map(|row| &row.what).filter(move |point| point.kind() == kind)
}

#[test]
fn every_city_loads() {
    let mut count = 0;
    for entry in std::fs::read_dir(cities()).expect("the folder of cities") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_dir() {
            let read = city(&entry.file_name().to_string_lossy());
            assert!(!read.divisions.is_empty() && !read.points.is_empty());
            count += 1;
        }
    }
    assert!(count >= 2, "{count} cities");
}

#[test]
fn zhangzhou_has_its_counties_and_zones() {
    let city = city("zhangzhou");
    let current = |kind: DivisionKind| {
        let rows = city.divisions.iter().map(|row| &row.what);
        rows.filter(move |row| row.kind == kind && row.valid_to.is_none()).count()
    };
    assert_eq!(current(DivisionKind::County), 11);
    assert_eq!(current(DivisionKind::DevelopmentZone), 5);
    for (old, new) in [("350625", "350605"), ("350681", "350604")] {
        let row =
            |code: &str| &city.divisions.iter().find(|row| row.what.code == code).unwrap().what;
        let last = row(old).valid_to.expect("ended");
        assert_eq!(last.tomorrow().expect("a day"), row(new).valid_from.expect("began"));
    }
    let boundaries = boundaries(&city);
    for code in boundaries.codes() {
        let middle = boundaries.middle(code).expect("drawn");
        assert_eq!(boundaries.division_at(middle), Some(code));
    }
    let drawn: HashSet<_> = boundaries.codes().map(str::to_owned).collect();
    let counties = city
        .divisions
        .iter()
        .map(|row| &row.what)
        .filter(|row| row.kind == DivisionKind::County && row.valid_to.is_none());
    assert_eq!(drawn, counties.map(|row| row.code.clone()).collect());
}

#[test]
fn the_station_published_far_away_is_flagged() {
    let city = city("zhangzhou");
    let station = of_kind(&city, PointKind::AirStation).find(|point| point.code == "3216A");
    let station = station.expect("listed");
    assert_eq!(station.position, None);
    let note = station.position_note.as_deref().expect("noted");
    assert!(note.contains("114.6622") && note.contains("outside the city"), "{note}");
    let told = |what: &str| city.warnings.iter().any(|warning| warning.what.contains(what));
    assert!(told("114.6622"));
    let control: Vec<_> = of_kind(&city, PointKind::AirStation)
        .filter(|point| {
            matches!(&point.detail, ListedDetail::AirStation { is_control_point: true, .. })
        })
        .map(|point| point.code.as_str())
        .collect();
    assert_eq!(control, ["2075A"]);
}

#[test]
fn warnings_are_of_published_positions_only() {
    let city = city("zhangzhou");
    for warning in &city.warnings {
        assert_eq!(warning.file, "air_stations.csv", "{warning}");
    }
    let unsure =
        of_kind(&city, PointKind::AirStation).filter(|point| point.code.starts_with("LOCAL"));
    for point in unsure {
        assert!(point.position_note.is_some(), "{} says how far to trust it", point.code);
    }
}

#[test]
fn demonstration_outlets_lie_in_their_divisions() {
    for name in ["zhangzhou", "example"] {
        let city = city(name);
        let boundaries = boundaries(&city);
        for outlet in of_kind(&city, PointKind::Outlet) {
            let position = outlet.position.expect("a position");
            let inside = boundaries
                .contains(&outlet.division, position)
                .unwrap_or_else(|| boundaries.division_at(position).is_some());
            assert!(inside, "{} {position:?} lies outside {}", outlet.code, outlet.division);
        }
    }
}

#[test]
fn the_demonstration_says_that_it_is_one() {
    for name in ["zhangzhou", "example"] {
        let city = city(name);
        assert!(city.city.is_demo);
        for row in &city.enterprises {
            assert!(row.what.is_fictitious && row.confidence == Confidence::Fictitious);
            assert!(row.what.code.starts_with("DEMO-"), "{}", row.what.code);
            assert!(row.what.name.zh.starts_with("（演示）"), "{}", row.what.name.zh);
            assert!(row.what.name.en.starts_with("Demo "), "{}", row.what.name.en);
        }
        for row in &city.devices {
            assert_eq!(row.confidence, Confidence::Fictitious, "{}", row.what.mn);
        }
    }
}

#[test]
fn every_outlet_is_measured_and_limited() {
    let city = city("zhangzhou");
    let outlets: Vec<_> = of_kind(&city, PointKind::Outlet).collect();
    assert!((55..=70).contains(&outlets.len()), "{}", outlets.len());
    let mut limited: HashMap<&str, HashSet<&str>> = HashMap::new();
    for row in &city.limits {
        assert!(!row.source.is_empty());
        limited.entry(&row.what.point).or_default().insert(&row.what.factor);
    }
    let mut numbers = HashSet::new();
    for row in &city.devices {
        assert_eq!(row.what.mn.len(), 24);
        assert!(numbers.insert(&row.what.mn), "{} stands twice", row.what.mn);
    }
    for outlet in outlets {
        let device = city.devices.iter().find(|row| row.what.point == outlet.code);
        let device = &device.unwrap_or_else(|| panic!("{} has no device", outlet.code)).what;
        let factors = limited.get(outlet.code.as_str());
        for factor in factors.unwrap_or_else(|| panic!("{} has no limit", outlet.code)) {
            let measured = device.factors.iter().any(|code| code == factor);
            assert!(measured, "{factor} of {} is limited and not measured", outlet.code);
        }
    }
}

#[test]
fn stations_in_operation_have_a_device() {
    let city = city("zhangzhou");
    for kind in [PointKind::AirStation, PointKind::WaterSection] {
        for point in of_kind(&city, kind) {
            let devices = city.devices.iter().filter(|row| row.what.point == point.code).count();
            assert_eq!(devices, usize::from(point.valid_to.is_none()), "{}", point.code);
        }
    }
    assert_eq!(of_kind(&city, PointKind::WaterSection).count(), 9);
    assert_eq!(of_kind(&city, PointKind::AirStation).count(), 27);
}
