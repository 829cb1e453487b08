//! `lucid evaluate air-feed`: what was published beside what the standard gives.

use std::path::{Path, PathBuf};

use ingest::air_feed::{self, AirRecord};
use standards::air::hj633_air_quality_index::{
    AirQuality, Concentrations, Edition, Item, Method, Report, air_quality_index,
};

use super::explain::Feed;
use crate::commands::files::{self, Csv};
use crate::exit::{Exit, Failure, Outcome};
use crate::terminal::note;

/// What the method reads, gives and rests on.
pub(super) const FEED: Feed = Feed {
    name: "air-feed",
    title: ("与发布的实时 AQI 逐项比对", "published air quality beside the recomputed one"),
    does: (
        "由发布的小时浓度重算 AQI、级别和首要污染物，与发布值逐项比对；o3_24h 一列实为本小时臭氧。",
        "Index, level and primary pollutants from the published hourly concentrations, beside \
         those published; the column o3_24h holds the ozone of the hour.",
    ),
    reads: &[
        ("time_point", "time, 2026-06-01T08:00:00, Beijing time"),
        ("station_code", "text"),
        ("position_name", "text"),
        ("area", "text"),
        ("aqi, quality, primary_pollutant", "as published; empty or — where withheld"),
        ("so2, no2, pm10, pm2_5", "number, ug/m3: means of the hour"),
        ("co", "number, mg/m3: mean of the hour"),
        ("o3_24h", "number, ug/m3: mean of the hour (o3 is the largest hour of the day)"),
    ],
    gives: &HEADER,
    clauses: &[
        "HJ 633-2012 4.4, 6; tables 1 and 2, as the real-time publication applies them",
        "HJ 633-2026 4.2, 5.3; tables 1 and 3",
    ],
    standard: "HJ633",
    example: "time_point,station_code,position_name,area,aqi,quality,primary_pollutant,so2,no2,co,\
              o3,o3_24h,pm10,pm2_5\n\
              2026-06-01T08:00:00,A1,示例站,漳州,84,良,细颗粒物(PM2.5),6,18,0.5,61,58,80,52\n",
};

const HEADER: [&str; 11] = [
    "station",
    "name",
    "area",
    "time",
    "published_aqi",
    "recomputed_aqi",
    "published_level",
    "recomputed_level",
    "published_primary",
    "recomputed_primary",
    "differs",
];

#[derive(Default)]
struct Counts {
    rows: usize,
    published: usize,
    differing: usize,
}

pub(super) fn run(inputs: &[PathBuf], output: Option<&Path>, as_json: bool) -> Outcome {
    let mut table = Csv::new(&HEADER);
    let mut counts = Counts::default();
    for input in inputs {
        let feed = air_feed::read(&files::read(Some(input))?);
        files::report(input, &feed.problems, as_json);
        if feed.records.is_empty() {
            let what = format!("{} holds no record of the publication", input.display());
            return Err(Failure::of_use("feed.empty", what, "See the lines above."));
        }
        for record in &feed.records {
            compare(record, &mut table, &mut counts);
        }
    }
    files::write(output, &table.into_bytes())?;
    note!(
        "{} rows, {} with a published index: {} recomputed alike, {} differ; {} withheld",
        counts.rows,
        counts.published,
        counts.published - counts.differing,
        counts.differing,
        counts.rows - counts.published,
    );
    Ok(if counts.differing == 0 { Exit::Ok } else { Exit::Found })
}

fn compare(record: &AirRecord, table: &mut Csv, counts: &mut Counts) {
    let judged = judge(record);
    let found = judged.as_ref();
    let index = found.and_then(|judged| judged.index.as_ref().ok());
    let index = index.map_or_else(String::new, ToString::to_string);
    let level = found.and_then(AirQuality::category);
    let level = level.map_or_else(String::new, |class| class.name.zh.to_string());
    let primary = found.map_or_else(String::new, |judged| judged.primary.names_in_feed());
    let published = record.aqi.map_or_else(String::new, |index| index.to_string());
    let mut differs = Vec::new();
    if record.aqi.is_some() {
        for (name, left, right) in [
            ("aqi", &published, &index),
            ("level", &record.level, &level),
            ("primary", &record.primary, &primary),
        ] {
            if left != right {
                differs.push(name);
            }
        }
    }
    counts.rows += 1;
    counts.published += usize::from(record.aqi.is_some());
    counts.differing += usize::from(!differs.is_empty());
    table.row([
        &record.station,
        &record.name,
        &record.area,
        &record.published_at.civil.to_string(),
        &published,
        &index,
        &record.level,
        &level,
        &record.primary,
        &primary,
        &differs.join(";"),
    ]);
}

/// The hour as the publisher judges it: under the 2012 edition by the practice of the feed, later
/// by the text in force on that day.
fn judge(record: &AirRecord) -> Option<AirQuality> {
    let begins = record.hour_begins_at()?;
    let day = rulebook::beijing_offset().to_datetime(begins).date();
    let method = match Edition::in_force(day) {
        Ok(Edition::Hj633_2026) => Method::as_written(Edition::Hj633_2026, Report::Hourly),
        // The real-time feed began in 2013 under the trial of the 2012 edition.
        Ok(Edition::Hj633_2012) | Err(_) => Method::PUBLISHED_REAL_TIME_2012,
    };
    let values = &record.concentrations;
    let air = Concentrations::default()
        .with_option(Item::So2Hour, values.so2)
        .with_option(Item::No2Hour, values.no2)
        .with_option(Item::CoHour, values.co)
        .with_option(Item::O3Hour, values.o3)
        .with_option(Item::Pm10Hour, values.pm10)
        .with_option(Item::Pm25Hour, values.pm25);
    Some(air_quality_index(method, &air))
}
