use super::*;
use proptest::prelude::*;
use rulebook::Decimal;

const JSON: &str = "{\"result\": 1, \"thead\": [\"省份\", \"流域\", \"断面名称\", \"监测时间\", \
 \"水质类别\", \"水温<br/><span class='unit'>(℃)</span>\", \"pH<br/>(无量纲)\", \
 \"叶绿素α<br/><span>(mg/L)</span>\", \"总磷\", \"站点情况\"], \"tbody\": [\
 [\"福建省\", \"浙闽片河流\", \"<span title='所在地市:漳州市&#10;所属河流:九龙江'>上坂</span>\", \
 \"04-01 08:00\", \"Ⅳ\", \"<span title='原始值：24.96'>25.0</span>\", \
 \"<span title='极值过滤'>--</span>\", \"*\", \"4E-05\", \"正常\"],\
 [\"福建省\", \"浙闽片河流\", \"浦南\", null, \"\", \"--\", \"--\", \"*\", \"--\", \"停站\"]]}";

fn decimal(text: &str) -> Option<Decimal> {
    text.parse().ok()
}

#[test]
fn cells_with_tooltips_are_taken_apart() {
    let feed = read(JSON.as_bytes(), Dating::of_file_name("raw_2021-04-01.json"));
    assert_eq!(feed.problems, []);
    let [first, second] = feed.records.as_slice() else { panic!("two records") };
    assert_eq!((first.section.as_str(), first.class.as_str()), ("上坂", "Ⅳ"));
    assert_eq!((first.city.as_str(), first.river.as_str()), ("漳州市", "九龙江"));
    assert_eq!(first.measured_at.unwrap().to_string(), "2021-04-01T08:00:00");
    assert_eq!(first.timestamp().unwrap().to_string(), "2021-04-01T00:00:00Z");
    let temperature = first.reading(Indicator::Temperature);
    assert_eq!((temperature.shown, temperature.raw), (decimal("25.0"), decimal("24.96")));
    assert_eq!(temperature.value(), decimal("24.96"), "the raw value is judged");
    assert_eq!(first.reading(Indicator::Ph).state, ReadingState::Filtered);
    assert_eq!(first.reading(Indicator::ChlorophyllA).state, ReadingState::NotMeasured);
    assert_eq!(first.reading(Indicator::TotalPhosphorus).value(), decimal("0.00004"));
    assert_eq!(first.reading(Indicator::TotalNitrogen).state, ReadingState::NotPublished);
    assert_eq!((second.measured_at, second.class.as_str()), (None, ""));
    assert_eq!(second.reading(Indicator::TotalPhosphorus).state, ReadingState::Absent);
}

#[test]
fn the_columns_of_the_crawls_are_read() {
    let table = "snapshot_date,province,city,section,obs_time_mmdd_hhmm,class_published,\
        tp_mg_l,tp_mg_l_raw,tp_mg_l_flag,chla_mg_l\n\
        2021-01-01,福建省,漳州市,上坂,12-31 20:00,劣Ⅴ,0.020,0.0205,,0.001\n\
        2021-01-01,福建省,漳州市,上坂,12-31 24:60,-,--,,极值过滤,x\n";
    let feed = read(table.as_bytes(), Dating::Unknown);
    let [first, second] = feed.records.as_slice() else { panic!("two records") };
    assert_eq!(first.measured_at.unwrap().to_string(), "2020-12-31T20:00:00");
    assert_eq!(first.reading(Indicator::TotalPhosphorus).value(), decimal("0.0205"));
    assert_eq!(first.reading(Indicator::ChlorophyllA).value(), decimal("0.001"));
    assert_eq!(second.class, "");
    assert_eq!(second.reading(Indicator::TotalPhosphorus).state, ReadingState::Filtered);
    let codes: Vec<_> = feed.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["feed.value", "feed.year"]);
}

#[test]
fn a_time_without_a_year_is_said() {
    let table = "断面名称,监测时间,水质类别,pH(无量纲)\n上坂,04-01 08:00,Ⅱ,7.1\n上坂,*,Ⅻ,*\n,,,\n";
    let feed = read(table.as_bytes(), Dating::Unknown);
    assert_eq!(feed.records.len(), 2);
    assert_eq!(feed.records[0].measured_at, None);
    let codes: Vec<_> = feed.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["feed.year", "feed.class", "feed.section"]);
    let feed = read(table.as_bytes(), Dating::Year(2021));
    assert_eq!(feed.by_time().len(), 1);
}

#[test]
fn a_later_record_revises() {
    let table = "断面名称,监测时间,水质类别,pH\n上坂,04-01 08:00,Ⅱ,7.1\n上坂,04-01 08:00,Ⅱ,7.1\n\
        上坂,04-01 08:00,Ⅲ,7.1\n上坂,*,,*\n上坂,*,,*\n";
    let (feed, revisions) = read(table.as_bytes(), Dating::Year(2021)).settle();
    assert_eq!((feed.records.len(), revisions.len()), (3, 1));
    assert_eq!(feed.records[0].class, "Ⅲ");
    assert_eq!(revisions[0].before.class, "Ⅱ");
}

#[tokio::test]
async fn a_section_of_the_same_name_elsewhere_is_another() {
    let mut city = (*crate::files::example_city().await).clone();
    city.city.code = "350600".into();
    let section = city.points_of(registry::PointKind::WaterSection).next().expect("a section");
    let name = &section.name.zh;
    let table = format!(
        "省份,城市,断面名称,监测时间,水质类别,pH,总磷\n\
         ,,{name},04-01 08:00,Ⅱ,7.1,0.05\n\
         西藏自治区,,{name},04-01 08:00,Ⅱ,7.1,0.05\n\
         ,别处市,{name},04-01 08:00,Ⅱ,7.1,0.05\n\
         ,,{name},*,,*,*\n\
         ,,无名,04-01 08:00,Ⅱ,7.1,0.05\n"
    );
    let placed = place(&read(table.as_bytes(), Dating::Year(2021)), &city);
    let [row] = placed.rows.as_slice() else { panic!("one row, not {}", placed.rows.len()) };
    assert_eq!(row.point, section.id);
    assert_eq!(row.observed_at.to_string(), "2021-04-01T00:00:00Z");
    let known = ["w01001", "w21011"].iter().filter(|code| city.factor_by_code(code).is_some());
    assert_eq!(row.values.len(), known.count());
    assert_eq!(placed.without_time, 1);
    assert_eq!((placed.unknown[name.as_str()], placed.unknown["无名"]), (2, 1));
}

#[test]
fn the_national_publications_are_read_whole() {
    let files = [
        ("cnemc_water_4h_2021-04_fujian.csv.gz", 1_425, 1_328),
        ("cnemc_water_snapshots_2020-05_06_raw_and_rounded.csv.gz", 8_898, 5_979),
        ("cnemc_water_snapshot_2026-02-04_fujian.csv", 46, 46),
        ("raw_publish_2021-04-01.json.gz", 98, 75),
    ];
    for (name, rows, classed) in files {
        let Some(file) = crate::files::shared(&format!("data/water/{name}")) else { return };
        let feed = read(&files::read(&file).unwrap(), Dating::of_file_name(name));
        assert_eq!(feed.problems, [], "{name}");
        assert_eq!(feed.records.len(), rows, "{name}");
        let found = feed.records.iter().filter(|record| !record.class.is_empty()).count();
        assert_eq!(found, classed, "{name}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, Dating::Unknown);
    }

    #[test]
    fn any_damage_to_a_publication_is_survived(
        at in any::<prop::sample::Index>(), with in any::<[u8; 3]>(), name in "\\PC{0,24}",
    ) {
        let mut bytes = JSON.as_bytes().to_vec();
        let place = at.index(bytes.len());
        let end = (place + 3).min(bytes.len());
        bytes.splice(place..end, with);
        let feed = read(&bytes, Dating::of_file_name(&name));
        prop_assert!(feed.records.len() <= 2);
    }
}
