//! The canonical figure, and reading it back from what people download.

use super::*;
use proptest::prelude::*;

struct Air;

impl Publication for Air {
    fn kind(&self) -> PointKind {
        PointKind::AirStation
    }

    fn period(&self) -> Period {
        Period::Hour
    }

    fn rule(&self) -> &'static str {
        "test"
    }

    fn edition(&self) -> u32 {
        1
    }

    fn parts(&self) -> Vec<Part> {
        vec![
            Part::number("aqi", Text::same("AQI")),
            Part::number("a34004", Text::fixed("细颗粒物", "PM2.5")),
            Part {
                name: "class",
                title: Text::fixed("类别", "Class"),
                words: vec![(Text::fixed("优", "good"), Decimal::ONE)],
            },
        ]
    }

    fn values(&self, _: &Snapshot, _: &Row, _: Option<&Verdict>) -> Vec<Option<Decimal>> {
        Vec::new()
    }
}

fn publications() -> Publications {
    Publications::new(vec![Arc::new(Air)])
}

const POINT: &str = "air-station/1001A";

fn figure(aqi: Option<&str>, particles: Option<&str>, class: Option<&str>) -> Figure {
    let number = |text: &str| text.parse().expect("a number");
    Figure {
        point: POINT.into(),
        period: Period::Hour,
        time: "2026-11-29T03:00:00Z".parse().expect("a time"),
        values: [("aqi", aqi), ("a34004", particles), ("class", class)]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.map(number)))
            .collect(),
    }
}

#[test]
fn the_canonical_figure_is_as_documented() {
    let text = figure(Some("57"), Some("12.50"), None).to_text();
    assert_eq!(
        text,
        "{\"period\":\"hour\",\"point\":\"air-station/1001A\",\"time\":\"2026-11-29T03:00:00Z\",\
         \"values\":{\"a34004\":\"12.5\",\"aqi\":\"57\",\"class\":null}}"
    );
    let shorter = figure(Some("57.0"), Some("12.5"), None);
    assert_eq!(figure(Some("57"), Some("12.50"), None).digest(), shorter.digest());
    assert_ne!(figure(Some("58"), Some("12.5"), None).digest(), shorter.digest());
}

#[test]
fn what_people_download_is_read() {
    let whole = figure(Some("57"), Some("12.5"), Some("1"));
    let no_class = figure(Some("57"), Some("12.5"), None);
    let text = whole.to_json().to_string();
    let series = "{\"point\":\"air-station/1001A\",\"period\":\"hour\",\"series\":[\
        {\"code\":\"aqi\",\"points\":[[\"2026-11-29T03:00:00Z\",\"57\",null]]},\
        {\"code\":\"other\",\"points\":[[\"2026-11-29T03:00:00Z\",\"1\",null]]},\
        {\"code\":\"a34004\",\"points\":[[\"2026-11-29T03:00:00Z\",\"12.50\",null]]}]}";
    let table = [
        (text.clone(), &whole),
        (format!("[{text}]"), &whole),
        (format!("{{\"stations\":[{{\"code\":\"1001A\",\"figure\":{text}}}]}}"), &whole),
        (series.to_owned(), &no_class),
        ("\u{feff}时间,AQI,细颗粒物 (µg/m³),类别\n2026-11-29 11:00,57,12.50,优\n".into(), &whole),
        ("Time,PM2.5 (µg/m³),AQI,Class\n2026/11/29 11:00:00,12.5,57,good".into(), &whole),
        ("Time\tAQI\tPM2.5\n2026-11-29 11:00\t57\t12.5\n".into(), &no_class),
        ("2026-11-29 11:00,57,12.5,1".into(), &whole),
        ("2026-11-29 11:00,57,12.5,—".into(), &no_class),
    ];
    for (text, wanted) in table {
        let found = read(&text, &publications(), Some(POINT));
        assert_eq!(found.figures, std::slice::from_ref(wanted), "{text}: {:?}", found.problems);
        assert_eq!(found.problems, []);
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let table = [
        ("", "nothing"),
        ("{\"point\":", "cut short"),
        ("{}", "no published figure"),
        ("[]", "no published figure"),
        ("{\"point\":\"air-station/1001A\",\"period\":\"day\",\"series\":[]}", "the hours"),
        ("Time,AQI\nyesterday,57", "line 2"),
        ("2026-11-29 11:00,57", "4 columns"),
        ("2026-11-29 11:00,57,many,1", "no number"),
    ];
    for (text, wanted) in table {
        let found = read(text, &publications(), Some(POINT));
        assert_eq!(found.figures, [], "{text}");
        assert!(found.problems[0].1.contains(wanted), "{text}: {:?}", found.problems);
    }
    let nameless = read("2026-11-29 11:00,57,12.5,1", &publications(), None);
    assert!(nameless.problems[0].1.contains("choose the station"));
    let stranger = read("2026-11-29 11:00,57,12.5,1", &publications(), Some("outlet/1"));
    assert!(stranger.problems[0].1.contains("no published point"));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,120}") {
        let _ = read(&text, &publications(), Some(POINT));
    }

    #[test]
    fn any_figure_comes_back(
        aqi in -999_i64..99_999, scale in 0_u32..4, is_known in any::<bool>(),
    ) {
        let value = Decimal::new(aqi, scale).to_string();
        let figure = figure(is_known.then_some(&value), Some("1"), None);
        let found = read(&figure.to_text(), &publications(), None);
        prop_assert_eq!(found.figures[0].digest(), figure.digest());
    }
}
