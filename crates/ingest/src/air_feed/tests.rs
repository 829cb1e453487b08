use super::*;
use proptest::prelude::*;
use rulebook::Decimal;

const JSON: &str = r#"{"code": 0, "rows": [
 {"StationCode": "2074A", "PositionName": "三中", "Area": "漳州市", "TimePoint": "2018-02-20T07:00:00",
  "Latitude": "24.5", "Longitude": "117.65", "AQI": "61", "Quality": "良",
  "PrimaryPollutant": "颗粒物(PM10)", "SO2": "7", "CO": "0.600", "NO2": 21, "O3": "80",
  "O3_24h": "35", "PM10": 72, "PM2_5": "—", "NO2_24h": "-;", "PM2_5_24h": "-"},
 {"station_code": "2073A", "time_point": "2018-02-20T06:00:00", "aqi": null, "pm2_5": "NA"}]}"#;

const XML: &str = "<?xml version=\"1.0\"?><x:Lives xmlns:x=\"u\"><x:RootResults>\
 <x:AQIDataPublishLive><x:StationCode>2074A</x:StationCode><x:AQI>&mdash;</x:AQI>\
 <x:Area>漳州市&nbsp;</x:Area><x:CO>&mdash</x:CO><x:O3>80</x:O3><x:O3_24h>35</x:O3_24h>\
 <x:PM2_5>&#49;&#x32;</x:PM2_5><x:PM10/><x:Measure>a &unknown; b &lt; c</x:Measure>\
 <x:TimePoint>2018-02-20T07:00:00</x:TimePoint></x:AQIDataPublishLive>\
 </x:RootResults></x:Lives>";

fn decimal(text: &str) -> Option<Decimal> {
    text.parse().ok()
}

#[test]
fn json_gives_each_value_its_true_meaning() {
    let feed = read(JSON.as_bytes());
    assert_eq!(feed.problems, []);
    let [first, second] = feed.records.as_slice() else { panic!("two records") };
    assert_eq!((first.station.as_str(), first.aqi), ("2074A", Some(61)));
    assert_eq!((first.level.as_str(), first.primary.as_str()), ("良", "颗粒物(PM10)"));
    let values = &first.concentrations;
    assert_eq!(values.o3, decimal("35"), "o3_24h is the ozone of this hour");
    assert_eq!(values.o3_largest_hour_of_day, decimal("80"), "o3 is the day's largest hour");
    assert_eq!(values.co, decimal("0.600"));
    assert_eq!((values.no2, values.pm10), (decimal("21"), decimal("72")));
    assert_eq!((values.pm25, values.no2_24h, values.pm25_24h), (None, None, None));
    assert_eq!(second.aqi, None);
    assert_eq!(feed.by_hour().len(), 2, "one response holds two hours");
    assert_eq!(first.hour_begins_at().unwrap().to_string(), "2018-02-19T22:00:00Z");
}

#[test]
fn xml_with_undeclared_entities_is_read() {
    let feed = read(XML.as_bytes());
    assert_eq!(feed.problems, []);
    let [record] = feed.records.as_slice() else { panic!("one record") };
    assert_eq!((record.station.as_str(), record.aqi), ("2074A", None));
    assert_eq!(record.area, "漳州市");
    let values = &record.concentrations;
    assert_eq!((values.co, values.pm10), (None, None));
    assert_eq!((values.pm25, values.o3), (decimal("12"), decimal("35")));
}

#[test]
fn a_table_says_where_it_is_wrong() {
    let table = "\u{feff}timepoint,stationcode,aqi,so2,pm2_5\n\
        2018-02-20T07:00:00,2074A,61,x,12\n\
        yesterday,2074A,61,1,12\n\
        2018-02-20T07:00:00Z,,1,1,1\n\
        2018-02-20T08:00:00Z,2074A,6.5,-1,13,99\n";
    let feed = read(table.as_bytes());
    assert_eq!(feed.records.len(), 2);
    assert_eq!(feed.records[1].concentrations.pm25, decimal("13"));
    let found: Vec<_> = feed
        .problems
        .iter()
        .map(|problem| (problem.code, problem.line.unwrap(), problem.column.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            ("feed.width", 5, None),
            ("feed.value", 2, Some("so2")),
            ("feed.time", 3, Some("TimePoint")),
            ("feed.station", 4, None),
            ("feed.time_zone", 5, Some("TimePoint")),
            ("feed.value", 5, Some("so2")),
            ("feed.value", 5, Some("aqi")),
        ]
    );
    assert_eq!(
        feed.problems[1].to_string(),
        "line 2, column so2: \"x\" is no concentration. Write a decimal number, or leave the cell \
         empty. [feed.value]"
    );
}

#[test]
fn a_later_record_revises_and_a_repeated_one_does_not() {
    let table = "timepoint,stationcode,so2\n2018-02-20T07:00:00,1A,5\n\
        2018-02-20T07:00:00,1A,5\n2018-02-20T07:00:00,1A,6\n2018-02-20T08:00:00,1A,7\n";
    let (feed, revisions) = read(table.as_bytes()).settle();
    let kept: Vec<_> = feed.records.iter().map(|record| record.concentrations.so2).collect();
    assert_eq!(kept, [decimal("6"), decimal("7")]);
    let [revision] = revisions.as_slice() else { panic!("one revision") };
    assert_eq!(revision.before.concentrations.so2, decimal("5"));
    assert_eq!(revision.after.concentrations.so2, decimal("6"));
}

#[test]
fn positions_are_compared_with_the_city() {
    let bounds = [116.8, 23.5, 118.2, 25.3];
    let at = |longitude: &str| PublishedPosition {
        longitude: longitude.parse().unwrap(),
        latitude: "24.5".parse().unwrap(),
    };
    assert!(at("117.65").is_within(bounds));
    assert!(!at("114.6622").is_within(bounds), "published three degrees off");
}

#[tokio::test]
async fn only_stations_of_the_city_are_taken_and_wrong_positions_said() {
    let city = crate::files::example_city().await;
    let station = city.points_of(registry::PointKind::AirStation).next().expect("a station");
    let table = format!(
        "timepoint,stationcode,longitude,latitude,so2,o3,o3_24h,pm2_5\n\
         2018-02-20T07:00:00,{0},0.5,0.5,7,80,35,—\n\
         2018-02-20T07:00:00,9999Z,0.5,0.5,7,80,35,12\n\
         2018-02-20T08:00:00,{0},,,—,,,\n",
        station.code
    );
    let placed = place(&read(table.as_bytes()), &city);
    let [row] = placed.rows.as_slice() else { panic!("one row") };
    assert_eq!((row.point, row.period), (station.id, rulebook::Period::Hour));
    assert_eq!(row.observed_at.to_string(), "2018-02-19T22:00:00Z", "the start of the hour");
    let value = |code: &str| {
        let factor = city.factor_by_code(code).expect("a factor").id;
        row.values.iter().find(|value| value.factor == factor).and_then(|value| value.value)
    };
    assert_eq!((value("a21026"), value("a05024")), (decimal("7"), decimal("35")));
    assert_eq!(row.values.len(), 2);
    assert_eq!(placed.unknown.into_iter().collect::<Vec<_>>(), [("9999Z".to_owned(), 1)]);
    let codes: Vec<_> = placed.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["feed.position_outside"]);
}

#[test]
fn what_is_no_publication_is_said() {
    for text in ["", "a,b\n1,2\n", "[]", "{\"rows\": 3}", "<a><b/></a>"] {
        let feed = read(text.as_bytes());
        assert_eq!(feed.problems[0].code, "feed.empty", "{text:?}");
    }
    let broken = r#"[{"stationcode":"1A","timepoint":"2018-02-20T07:00:00"},{"#;
    assert_eq!(read(broken.as_bytes()).problems[0].code, "feed.json");
}

#[test]
fn the_national_publication_is_read_whole() {
    let Some(file) = crate::files::shared("data/air/cnemc_station_hour_2016_2018.csv.gz") else {
        return;
    };
    let feed = read(&files::read(&file).unwrap());
    assert_eq!(feed.problems, []);
    assert_eq!(feed.records.len(), 4_487);
    assert_eq!(feed.records.iter().filter(|record| record.aqi.is_some()).count(), 4_397);
    assert_eq!(feed.by_hour().len(), 3);
    assert!(feed.settle().1.is_empty());
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_damage_to_a_publication_is_survived(
        which in 0..2_usize, at in any::<prop::sample::Index>(), with in any::<[u8; 3]>(),
    ) {
        let mut bytes = [JSON, XML][which].as_bytes().to_vec();
        let place = at.index(bytes.len());
        let end = (place + 3).min(bytes.len());
        bytes.splice(place..end, with);
        let feed = read(&bytes);
        prop_assert!(feed.records.len() <= 2);
    }
}
